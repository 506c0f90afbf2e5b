// Synchronous calls of the API that ask of a request of the engine, or change it.

import { UNKEPT, type Variables } from '../../conf/complex.ts';
import { toLatin1, toText } from '../../core/text.ts';
import { convertSession, sessionConf } from '../../http/modules/encrypted_session.ts';
import type { Rc } from '../../http/rc.ts';
import type { HttpRequest } from '../../http/request.ts';
import { discardBody } from '../../http/request_body.ts';
import { exchangeOf } from '../../http/upstream/of_request.ts';
import * as p from '../protocol.ts';
import { BodyDraft, bodyBytes, bodyRead, setBody, setBodyFile } from './engine_bodies.ts';
import { escapeArgs, parseUriOf } from './engine_capture.ts';
import {
  framingHeaders,
  rawHeader,
  requestHeaders,
  responseHeader,
  responseHeaders,
  setRequestHeader,
} from './engine_headers.ts';
import { type Home, Refusal } from './request.ts';
import { nameOf } from './upstreams.ts';

/** What balancer blocks ask and tell. */
export interface BalancerCalls {
  decided(code: Rc): void;
  call(operation: number, args: readonly unknown[]): string | undefined;
}

/** What calls need beside the request, of the state that scripts have of it. */
export interface CallState {
  readonly settings: { readonly checkClientAbort: boolean };
  readonly home: Home;
  readonly balancer: BalancerCalls | null;
  /** ngx.arg of set_by_ts_file. */
  readonly setArguments: readonly string[];
  /** What a script puts together for the request's body. */
  draft: BodyDraft | null;
  /** What timers keep of it. */
  readonly origin: string;
  /** Gives the response the location's type, where it has none and wants one. */
  chooseType(): void;
}

/** Text from and for the guest is UTF-16, the request's latin1. Throws Refusal. */
export function engineCall(
  state: CallState,
  r: HttpRequest,
  variables: Variables,
  code: number,
  args: readonly unknown[],
): string | number | boolean | undefined {
  switch (code) {
    case p.CALL_VAR_GET:
      return textOrNone(variables.find(toLatin1(String(args[0])))?.look(r));
    case p.CALL_VAR_SET:
      setVariable(r, variables, toLatin1(String(args[0])), args[1]);
      return undefined;
    case p.CALL_SET_ARGUMENT:
      return textOrNone(state.setArguments[Number(args[0]) - 1]);
    case p.CALL_BALANCER:
      if (state.balancer === null) throw new Refusal('no upstream found');
      return state.balancer.call(Number(args[0]), args.slice(1));
    case p.CALL_PARSE_URI:
      return toText(parseUriOf(r, toLatin1(String(args[0]))));
    case p.CALL_SESSION:
      return convertSession(sessionConf(r), args);
    case p.CALL_CAPTURE_GET:
      return Number(args[0]) > 0 ? textOrNone(r.captures?.[Number(args[0])]) : undefined;
    case p.CALL_RESP_STATUS:
      return r.errorStatus !== 0 && !r.headerSent ? r.errorStatus : r.headersOut.status;
    case p.CALL_UPSTREAM_NAME: {
      const upstream = exchangeOf(r)?.upstream ?? null;
      return upstream === null ? undefined : toText(nameOf(upstream));
    }
    case p.CALL_RESP_REASON:
      if (!r.headerSent) r.headersOut.statusLine = `${r.headersOut.status} ${toLatin1(String(args[0]))}`;
      return undefined;
    case p.CALL_BYPASS_IF:
      r.disableNotModified = true;
      return undefined;
    case p.CALL_RESP_HEADER:
      if (args[1] === true) state.chooseType();
      return textOrNone(responseHeader(r, toLatin1(String(args[0]))));
    case p.CALL_RESP_HEADERS:
      if (args[0] === true) state.chooseType();
      return toText((responseHeaders(r) + framingHeaders(r)).slice(1));
    case p.CALL_REQ_HEADERS:
      return toText(requestHeaders(r).join('\0'));
    case p.CALL_REQ_SET_HEADER:
      setRequestHeader(r, toLatin1(String(args[0])), args[1], args[2] === true);
      return undefined;
    case p.CALL_REQ_SET_METHOD:
      r.method = String(args[0]);
      return undefined;
    case p.CALL_REQ_SET_URI:
      r.uri = toLatin1(String(args[0]));
      r.internal = true; // so that it is escaped where it is passed on
      r.validUnparsedUri = false;
      if (args[1] !== true) r.uriChanged = false;
      return undefined;
    case p.CALL_REQ_SET_ARGS:
      r.args = escapeArgs(toLatin1(String(args[0])));
      r.argsSet = true;
      r.validUnparsedUri = false;
      return undefined;
    case p.CALL_REQ_RAW_HEADER:
      return toText(rawHeader(r.main, args[0] !== true));
    case p.CALL_REQ_INFO:
      return info(state, r, String(args[0]));
    case p.CALL_BODY_DATA:
      return bodyText(r, args[0] === true, Number(args[1] ?? 0));
    case p.CALL_BODY_RAW:
      return bodyBytes(r, Number(args[0] ?? 0))?.toString('latin1');
    case p.CALL_BODY_FILE:
      return r.body?.file ?? undefined;
    case p.CALL_BODY_DISCARD:
      discardBody(r);
      return undefined;
    case p.CALL_BODY_SET:
      setBody(r, Buffer.from(String(args[0]), 'latin1'));
      return undefined;
    case p.CALL_BODY_SET_FILE:
      setBodyFile(r, String(args[0]), state.home.common);
      return undefined;
    case p.CALL_BODY_INIT:
      bodyRead(r);
      state.draft = new BodyDraft(typeof args[0] === 'number' ? args[0] : r.loc.core.client_body_buffer_size);
      return undefined;
    case p.CALL_BODY_APPEND:
      if (state.draft === null) throw new Refusal('request_body not initialized');
      state.draft.append(String(args[0]));
      return undefined;
    case p.CALL_BODY_FINISH:
      if (state.draft === null) throw new Refusal('request_body not initialized');
      state.draft.finish(r);
      state.draft = null;
      return undefined;
    default:
      throw new Refusal(`unknown call ${code}`);
  }
}

function setVariable(r: HttpRequest, variables: Variables, name: string, value: unknown): void {
  const variable = variables.find(name);
  // A family's member ($arg_x) stands in no table that is written to.
  if (variable === undefined || variable.spec === null || variable.index === UNKEPT) {
    throw new Refusal(
      `variable "${name}" not found for writing; maybe it is a built-in variable that is not changeable or you ` +
        `forgot to use "set $${name} '';" in the config file to define it first`,
    );
  }
  if (variable.spec.changeable !== true) throw new Refusal(`variable "${name}" not changeable`);
  if (value === undefined || value === null) {
    if (variable.spec.set === undefined) r.vars[variable.index] = null;
    else variable.write(r, '');
    if (name === 'args') r.argsSet = false;
    return;
  }
  variable.write(r, toLatin1(String(value)));
}

function bodyText(r: HttpRequest, forArgs: boolean, most: number): string | undefined {
  const { body } = r;
  if (body === null && forArgs) {
    throw new Refusal('no request body found; maybe you should turn on ts_need_request_body?');
  }
  if (forArgs && body?.file) throw new Refusal('request body in temp file not supported');
  return bodyBytes(r, most)?.toString('utf8');
}

function textOrNone(latin1: string | undefined): string | undefined {
  return latin1 === undefined ? undefined : toText(latin1);
}

function info(state: CallState, r: HttpRequest, what: string): string | number | boolean {
  switch (what) {
    case 'internal':
      return r.internal;
    case 'start_time':
      return r.startTime / 1000;
    case 'http_version':
      return r.httpVersion < 1000
        ? r.httpVersion / 10
        : Math.floor(r.httpVersion / 1000) + (r.httpVersion % 1000) / 10;
    case 'method':
      return r.method;
    case 'args':
      return toText(r.args);
    case 'checks_abort':
      return state.settings.checkClientAbort;
    case 'origin':
      return state.origin;
    default:
      throw new Refusal(`unknown question "${what}"`);
  }
}
