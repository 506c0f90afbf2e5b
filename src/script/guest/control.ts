// ngx.exit, exec, redirect: calls that decide the request and do not return.

import { BALANCER, CALL_PARSE_URI, EXEC, EXIT, HEADER_FILTER, JUMP, TIMER } from '../protocol.ts';
import { call } from './bridge.ts';
import { charCodeAt, indexOf, exec as match, slice, split, typeName } from './builtins.ts';
import { encodeArgs } from './encode.ts';
import { NgxError, signal } from './errors.ts';
import { ERR, writeLog } from './log.ts';
import { timerOrigin } from './nobody.ts';
import { decide, gate, integer, noteHeader, type Request } from './request.ts';
import { getStatus, OUTPUT_PHASES } from './resp.ts';

export function exit(r: Request, status: unknown): never {
  const alone = r.gone && timerOrigin !== null; // a timer's, with the `ngx` of the request that set it
  if (!alone) gate(r, OUTPUT_PHASES | HEADER_FILTER | TIMER | BALANCER);
  let code = integer(status, 'exit');
  if (code === -2 || code === -4) {
    throw new NgxError("bad argument to 'ngx.exit': does not accept NGX_AGAIN or NGX_DONE");
  }
  if (!alone && r.said && code >= 300 && code !== 408 && code !== 499 && code !== 444) {
    const sent = getStatus(r) || 200;
    if (code !== sent) {
      writeLog(
        r,
        ERR,
        `attempt to set status ${code} via ngx.exit after sending out the response status ${sent}`,
      );
    }
    code = 200;
  }
  // A timer's: there is no request to be decided, only its function to be left.
  if (alone || r.slot === 0) throw signal;
  return decide(r, EXIT, code, '', '');
}

const REDIRECTS = [301, 302, 303, 307, 308];

export function redirect(r: Request, to: unknown, status: unknown): never {
  gate(r, OUTPUT_PHASES);
  const uri = uriArgument(to, 'redirect');
  const code = status === undefined ? 302 : integer(status, 'redirect');
  if (!isRedirect(code)) {
    throw new NgxError(
      'only ngx.HTTP_MOVED_TEMPORARILY, ngx.HTTP_MOVED_PERMANENTLY, ngx.HTTP_PERMANENT_REDIRECT, ' +
        'ngx.HTTP_SEE_OTHER, and ngx.HTTP_TEMPORARY_REDIRECT are allowed',
    );
  }
  if (r.said) throw new NgxError('attempt to call ngx.redirect after sending out the headers');
  checkBytes(uri, 'redirect uri');
  noteHeader(r, 'Location', uri);
  return decide(r, EXIT, code, '', '');
}

function isRedirect(code: number): boolean {
  for (let i = 0; i < REDIRECTS.length; i++) if (REDIRECTS[i] === code) return true;
  return false;
}

/** Text, or a number as text. */
export function uriArgument(uri: unknown, what: string, at = 1): string {
  if (typeof uri === 'string') return uri;
  if (typeof uri === 'number') return `${uri}`;
  throw new NgxError(`bad argument #${at} to '${what}' (string expected, got ${typeName(uri)})`);
}

export function exec(r: Request, to: unknown, args: unknown): never {
  gate(r, OUTPUT_PHASES);
  const uri = uriArgument(to, 'exec');
  if (uri === '') throw new NgxError('The uri argument is empty');
  if (r.said) throw new NgxError('attempt to call ngx.exec after sending out response headers');
  const more = argsText(args);
  if (charCodeAt(uri, 0) === 64) {
    const [name, query] = parseUri(r, uri, more);
    return decide(r, EXEC, 0, name, query);
  }
  const [path, query] = parseUri(r, uri, more);
  return decide(r, EXEC, 0, path, query);
}

/** Nothing in it is escaped, or has to be. */
const PLAIN_URI = /^[!-$&->@-~]+(?:\?[!-~]*)?$/;

/** The path of a uri, decoded, and its arguments with `more` added. Throws `unsafe uri` for one that leads upwards. */
export function parseUri(r: Request, uri: string, more: string): [path: string, query: string] {
  let path = uri;
  let own = '';
  if (match(PLAIN_URI, uri) !== null && indexOf(uri, '..') === -1) {
    const question = indexOf(uri, '?');
    if (question !== -1) {
      path = slice(uri, 0, question);
      own = slice(uri, question + 1);
    }
  } else {
    const parts = split(call(CALL_PARSE_URI, r.slot, uri) as string, '\0');
    path = parts[0] as string;
    own = parts[1] as string;
  }
  return [path, own === '' || more === '' ? own + more : `${own}&${more}`];
}

/** The arguments of exec and capture: text as it is, an object encoded. */
export function argsText(args: unknown, at = "#2 to 'exec'"): string {
  if (args === undefined || args === null) return '';
  if (typeof args === 'string' || typeof args === 'number') return `${args}`;
  if (typeof args === 'object') return encodeArgs(args);
  throw new NgxError(`bad argument ${at} (string, number, or table expected, but got ${typeName(args)})`);
}

/** ngx.req.set_uri with `jump`: the location is looked up again. */
export function jump(r: Request): never {
  r.ctx = undefined; // as in Lua; the configuration's own rewrites keep it
  return decide(r, JUMP, 0, '', '');
}

const HEX = '0123456789abcdef';

/** Control characters in a uri end up in a header or a log: refused, as lua-nginx-module does. */
export function checkBytes(text: string, what: string): void {
  for (let i = 0; i < text.length; i++) {
    const code = charCodeAt(text, i);
    if (code < 0x20 || code === 0x7f) {
      throw new NgxError(`unsafe byte "0x${HEX[code >> 4]}${HEX[code & 15]}" in ${what} "${escaped(text)}"`);
    }
  }
}

function escaped(text: string): string {
  let out = '';
  for (let i = 0; i < text.length; i++) {
    const code = charCodeAt(text, i);
    out +=
      code < 0x20 || code === 0x7f || code === 0x22 || code === 0x5c
        ? `\\x${'0123456789ABCDEF'[code >> 4]}${'0123456789ABCDEF'[code & 15]}`
        : slice(text, i, i + 1);
  }
  return out;
}
