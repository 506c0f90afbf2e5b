// Subrequests of scripts: ngx.location.capture. Also the check of uris that scripts make up.

import type { Variables } from '../../conf/complex.ts';
import { toLatin1, toText } from '../../core/text.ts';
import { CLIENT_CLOSED, CLOSE, finalize, REQUEST_TIMEOUT } from '../../http/engine.ts';
import { logError } from '../../http/log.ts';
import { sendHeader } from '../../http/output.ts';
import { AGAIN, ERROR, OK, type Rc } from '../../http/rc.ts';
import type { HttpRequest } from '../../http/request.ts';
import { capturedText, subrequest } from '../../http/subrequest.ts';
import { TEXT } from '../protocol.ts';
import { lengthHeader } from './engine_bodies.ts';
import { responseHeaders, setRequestHeader } from './engine_headers.ts';
import { type Argument, type Cancel, type Done, Refusal } from './request.ts';

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
  return `${path}\0${question === -1 ? '' : escapeArgs(uri.slice(question + 1))}`;
}

/** The same for a request, in whose name it is logged when it is unsafe. */
export function parseUriOf(r: HttpRequest, uri: string): string {
  try {
    return parseUri(uri);
  } catch (e) {
    logError(r, 'error', `unsafe URI "${uri}" was detected`);
    throw e;
  }
}

const UNSAFE = /[\0-\x20\x7f]/g;

/** Arguments that scripts give as text: what would end the request line that an upstream gets is escaped. */
export function escapeArgs(args: string): string {
  return args === ''
    ? ''
    : args.replace(UNSAFE, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

const NONE: readonly string[] = [];

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
  sr.headerOnly = sr.method === 'HEAD';
  if (options.body !== null) {
    const bytes = Buffer.from(options.body, 'latin1');
    sr.body = { chunks: [bytes], file: null, length: bytes.length };
    lengthHeader(sr, bytes.length);
  } else if (options.forward && r.body !== null) {
    sr.body = r.body;
    sr.contentLength = r.contentLength;
  } else {
    sr.body = null;
    removeHeader(sr, 'content-length');
    removeHeader(sr, 'transfer-encoding');
  }
  const headers = options.headers === '' ? NONE : toLatin1(options.headers).split('\0');
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    setRequestHeader(sr, name, headers[i + 1], i > 0 && name === headers[i - 2]); // a repeated one is a list
  }
  const vars = options.vars === '' ? NONE : toLatin1(options.vars).split('\0');
  for (let i = 0; i < vars.length; i += 2) {
    const variable = variables.find(vars[i] ?? '');
    variable?.write(sr, vars[i + 1] ?? '');
  }
}

function removeHeader({ headersIn }: HttpRequest, name: string): void {
  if (headersIn.find(name) !== -1) headersIn.set(name, []);
}

/** Whether all variables that a subrequest is to be given can be; what cannot is logged. 0: they can. */
function checkVariables(r: HttpRequest, pairs: string, variables: Variables): Rc {
  if (pairs === '') return OK;
  const vars = toLatin1(pairs).split('\0');
  for (let i = 0; i < vars.length; i += 2) {
    const name = vars[i] ?? '';
    const spec = variables.find(name)?.spec;
    if (spec?.changeable === true) continue;
    if (spec !== undefined && spec !== null) {
      logError(r, 'error', `variable "${name}" not changeable`);
      return 500;
    }
    logError(
      r,
      'error',
      `variable "${name}" cannot be assigned a value (maybe you forgot to define it first?)`,
    );
    return ERROR;
  }
  return OK;
}

/** They close connections, of which a subrequest has none. */
const CLOSING: readonly Rc[] = [REQUEST_TIMEOUT, CLIENT_CLOSED, CLOSE];

/**
 * Ends what comes to a status instead of a response, as lua-nginx-module does: the asker wants the status, not a page, and
 * error_page is not asked either. Its body is not complete.
 */
function withoutPage(sr: HttpRequest, rc: Rc): Rc {
  if (rc < 300 && rc !== 201 && rc !== 204 && rc !== ERROR) return rc;
  if (sr.headerSent || sr.errorStatus !== 0 || CLOSING.includes(rc)) return rc;
  sr.errorStatus = rc === ERROR ? 500 : rc;
  if (rc === ERROR) {
    sr.headersOut.status = 500;
    return ERROR;
  }
  sr.expectTested = true;
  sr.headersOut.contentType = '';
  sr.headersOut.contentLength = -1;
  sr.headersOut.clearValidators();
  sr.forbidRanges();
  if (sendHeader(sr) !== AGAIN) return ERROR;
  sr.onWritable = endWithoutPage; // when the header filters have done
  return OK;
}

function endWithoutPage(sr: HttpRequest): void {
  finalize(sr, ERROR);
}

/** Of what is kept in the worker's memory for an isolate. */
export interface Room {
  hold(bytes: number): boolean;
  letGo(bytes: number): void;
}

/** Starts a subrequest; `prepare` sees it before its phases. Cancelled, it is ended where it stands. */
export function startCapture(
  r: HttpRequest,
  args: readonly Argument[],
  variables: Variables,
  room: Room | null,
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
  const rc = checkVariables(r, options.vars, variables);
  if (rc !== OK) {
    done(false, TEXT, `failed to adjust the subrequest: ${rc}`, '');
    return null;
  }
  let held = 0;
  const sr = subrequest(r, {
    uri: toLatin1(String(path)),
    args: escapeArgs(toLatin1(String(query ?? ''))),
    method: String(method),
    capture: true,
    room: (bytes) => {
      if (room?.hold(bytes) === false) return false;
      held += bytes;
      return true;
    },
    judge: withoutPage,
    prepare: (request) => {
      prepareCapture(request, r, options, variables);
      prepare(request, Number(lent));
    },
    onDone: (request) => {
      room?.letGo(held);
      const { status } = request.headersOut; // 0: it ended before it had one
      const cut = status === 0 || request.errorStatus !== 0 || (request.headerSent && !request.outputDone);
      const truncated = cut && !request.headerOnly;
      const head = `${truncated ? '-' : '+'}${status === 0 ? 500 : status}${responseHeaders(request)}`;
      done(true, TEXT, toText(head), capturedText(request));
    },
  });
  if (sr !== null) return () => finalize(sr, ERROR);
  done(false, TEXT, 'failed to issue subrequest: -1', '');
  return null;
}
