// ngx.var: nginx's variables. A few come with the request; the others are asked for.

import {
  ACCESS,
  BALANCER,
  BODY_FILTER,
  CALL_CAPTURE_GET,
  CALL_VAR_GET,
  CALL_VAR_SET,
  CONTENT,
  HEADER_FILTER,
  LOG,
  PRECONTENT,
  REWRITE,
  SERVER_REWRITE,
  SET,
} from '../protocol.ts';
import { call } from './bridge.ts';
import { charCodeAt, Proxy_, typeName } from './builtins.ts';
import { NgxError } from './errors.ts';
import { commitState, gate, type Request } from './request.ts';
import { byName, Target } from './target.ts';
import { asBytes, decodeRaw, rawOf } from './text.ts';

export const REQUEST_PHASES =
  SET |
  SERVER_REWRITE |
  REWRITE |
  ACCESS |
  PRECONTENT |
  CONTENT |
  HEADER_FILTER |
  BODY_FILTER |
  LOG |
  BALANCER;

const handler = byName(readVariable, writeVariable);

export function variables(r: Request): object {
  if (r.vars === undefined) r.vars = new Proxy_(new Target(r), handler);
  return r.vars as object;
}

/** The value of `$name`; undefined where there is no such variable or it has no value. A number is a capture. */
export function readVariable(r: Request, name: string): string | undefined {
  gate(r, REQUEST_PHASES);
  switch (name) {
    case 'uri':
    case 'document_uri':
      if (r.fresh) return r.uri;
      break;
    case 'args':
    case 'query_string':
      if (r.fresh) return r.args === '' ? undefined : r.args;
      break;
    case 'request_method':
      if (r.fresh && !r.isSubrequest) return r.method; // a subrequest's is that of the main request
      break;
    case 'remote_addr':
      if (r.fresh) return r.remoteAddr;
      break;
  }
  commitState(r);
  const first = name === '' ? 0 : charCodeAt(name, 0);
  const code = first >= 48 && first <= 57 ? CALL_CAPTURE_GET : CALL_VAR_GET;
  return call(code, r.slot, name) as string | undefined;
}

function writeVariable(r: Request, name: string, value: unknown): void {
  gate(r, REQUEST_PHASES);
  let text: string | undefined;
  if (typeof value === 'string') text = value;
  else if (typeof value === 'number' || typeof value === 'boolean') text = `${value}`;
  else if (value !== undefined && value !== null) {
    const bytes = asBytes(value);
    if (bytes === undefined) throw new NgxError(`bad variable value type: ${typeName(value)}`);
    text = decodeRaw(rawOf(bytes));
  }
  r.fresh = false;
  call(CALL_VAR_SET, r.slot, name, text);
}
