// Subrequests of scripts: ngx.location.capture. Also the check of uris that scripts make up.

import type { Variables } from '../../conf/complex.ts';
import { finalize } from '../../http/engine.ts';
import { logError } from '../../http/log.ts';
import { ERROR } from '../../http/rc.ts';
import type { HttpRequest } from '../../http/request.ts';
import { capturedBody, subrequest } from '../../http/subrequest.ts';
import { TEXT } from '../protocol.ts';
import { lengthHeader } from './engine_bodies.ts';
import { responseHeaders, setRequestHeader } from './engine_headers.ts';
import { type Argument, type Cancel, type Done, Refusal } from './request.ts';
import { toLatin1, toText } from './text.ts';

const ESCAPE = /%(?:([0-9a-f]{2})|[0-9a-f][\s\S]|([^0-9a-f]))/gi;

/** A uri split and decoded as ngx_http_parse_unsafe_uri does: "path NUL arguments". Throws where it leads upwards. */
export function parseUri(uri: string): string {
  const question = uri.indexOf('?');
  const path = (question === -1 ? uri : uri.slice(0, question)).replace(
    ESCAPE,
    (_all, hex: string | undefined, other: string | undefined) =>
      hex === undefined ? (other ?? '') : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  if (path === '' || path.includes('\0') || /(?:^|\/)\.\.(?:\/|$)/.test(path))
    throw new Refusal('unsafe uri');
  return `${path}\0${question === -1 ? '' : uri.slice(question + 1)}`;
}

interface CaptureOptions {
  readonly body: string | null;
  /** The asker's body goes along when there is no other. */
  readonly forward: boolean;
  /** name NUL value NUL … */
  readonly headers: string;
  readonly vars: string;
  readonly mode: string;
}

function prepareCapture(
  sr: HttpRequest,
  r: HttpRequest,
  options: CaptureOptions,
  variables: Variables,
): void {
  if (options.mode !== 'share') {
    sr.vars = options.mode === 'copy' ? r.vars.slice() : new Array(r.server.main.variableCount);
  }
  sr.headersIn = r.headersIn.clone();
  if (options.body !== null) {
    const bytes = Buffer.from(options.body, 'latin1');
    sr.body = { chunks: [bytes], file: null, length: bytes.length };
    lengthHeader(sr, bytes.length);
  } else if (options.forward && r.body !== null) {
    sr.body = r.body;
    sr.contentLength = r.body.length;
  } else {
    sr.body = null;
    sr.headersIn.set('Content-Length', []);
    sr.headersIn.set('Transfer-Encoding', []);
  }
  const headers = options.headers === '' ? [] : toLatin1(options.headers).split('\0');
  for (let i = 0; i < headers.length; i += 2) setRequestHeader(sr, headers[i] ?? '', headers[i + 1], false);
  const vars = options.vars === '' ? [] : toLatin1(options.vars).split('\0');
  for (let i = 0; i < vars.length; i += 2) {
    const variable = variables.find(vars[i] ?? '');
    if (variable?.spec?.changeable === true) variable.write(sr, vars[i + 1] ?? '');
    else
      logError(
        r,
        'error',
        `variable "${vars[i]}" cannot be assigned a value (maybe you forgot to define it first?)`,
      );
  }
}

/** Starts a subrequest; `prepare` sees it before its phases. Cancelled, it is ended where it stands. */
export function startCapture(
  r: HttpRequest,
  args: readonly Argument[],
  variables: Variables,
  done: Done,
  prepare: (sr: HttpRequest, lent: number) => void,
): Cancel | null {
  const [path, method, query, body, headers, vars, mode, forward, lent] = args;
  const options: CaptureOptions = {
    body: body === undefined ? null : String(body),
    forward: forward === true || method === 'PUT' || method === 'POST',
    headers: String(headers ?? ''),
    vars: String(vars ?? ''),
    mode: String(mode ?? ''),
  };
  const sr = subrequest(r, {
    uri: toLatin1(String(path)),
    args: toLatin1(String(query ?? '')),
    method: String(method),
    capture: true,
    prepare: (request) => {
      prepareCapture(request, r, options, variables);
      prepare(request, Number(lent));
    },
    onDone: (request) => {
      const meta = {
        status: request.headersOut.status,
        headers: toText(responseHeaders(request).join('\0')),
        truncated: false,
      };
      done(true, TEXT, JSON.stringify(meta), capturedBody(request).toString('latin1'));
    },
  });
  if (sr !== null) return () => finalize(sr, ERROR);
  done(false, TEXT, 'failed to issue subrequest: -1', '');
  return null;
}
