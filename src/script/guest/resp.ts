// The response as scripts make it: ngx.status, ngx.header, ngx.print, say, flush, eof, send_headers, ngx.resp.

import {
  ACCESS,
  BODY_FILTER,
  CALL_BYPASS_IF,
  CALL_RESP_HEADER,
  CALL_RESP_HEADERS,
  CALL_RESP_REASON,
  CALL_RESP_STATUS,
  CONTENT,
  FLUSH,
  HEADER_FILTER,
  LAST,
  LOG,
  OP_FLUSH,
  PRECONTENT,
  REWRITE,
  SERVER_REWRITE,
  SET,
  TIMER,
} from '../protocol.ts';
import { call } from './bridge.ts';
import {
  exec,
  indexOf,
  isArray,
  Promise_,
  Proxy_,
  replace,
  split,
  toLowerCase,
  typeName,
} from './builtins.ts';
import { ClientTimeout, failing, NgxError } from './errors.ts';
import { ERR, writeLog } from './log.ts';
import { operate } from './operations.ts';
import { commitState, gate, handOver, integer, noteHeader, noteUnsent, Request } from './request.ts';
import { headerTable } from './tables.ts';
import { byName, Target } from './target.ts';
import { asBytes, encodeRaw, rawOf, textArgument } from './text.ts';
import { REQUEST_PHASES } from './var.ts';

export const OUTPUT_PHASES = SERVER_REWRITE | REWRITE | ACCESS | PRECONTENT | CONTENT;
const HTTP_OK = 200;
const HEADER_PHASES = OUTPUT_PHASES | HEADER_FILTER | BODY_FILTER | LOG;

export function getStatus(r: Request): number {
  gate(r, REQUEST_PHASES);
  if (r.status !== 0) return r.status;
  commitState(r);
  const status = call(CALL_RESP_STATUS, r.slot) as number;
  return status === 0 && r.said ? HTTP_OK : status;
}

export function setStatus(r: Request, value: unknown): void {
  gate(r, OUTPUT_PHASES | HEADER_FILTER | SET | BODY_FILTER | LOG);
  const status = integer(value, 'ngx.status');
  if (status < 0) throw new NgxError(`bad argument to 'ngx.status' (invalid status ${status})`);
  if (r.said || (r.phase & (BODY_FILTER | LOG)) !== 0) {
    writeLog(r, ERR, 'attempt to set ngx.status after sending out response headers');
    return;
  }
  r.status = status;
}

export function headersSent(r: Request): boolean {
  gate(r, SET | OUTPUT_PHASES | HEADER_FILTER | BODY_FILTER | LOG);
  return r.said || (r.phase & (BODY_FILTER | LOG)) !== 0;
}

// ngx.header

const handler = byName(getHeader, setHeader);

export function header(r: Request): object {
  if (r.header === undefined) r.header = new Proxy_(new Target(r), handler);
  return r.header as object;
}

const UNDERSCORES = /_/g;

function headerName(r: Request, name: string): string {
  return r.keepsUnderscores ? name : replace(UNDERSCORES, name, '-');
}

function getHeader(r: Request, key: string): string | string[] | undefined {
  gate(r, HEADER_PHASES);
  const name = headerName(r, key);
  commitState(r);
  return headerValue(call(CALL_RESP_HEADER, r.slot, name, r.said));
}

/** Values come separated by NUL, which no header can hold. */
function headerValue(answer: unknown): string | string[] | undefined {
  if (typeof answer !== 'string') return undefined;
  const values = split(answer, '\0');
  return values.length === 1 ? values[0] : values;
}

export function setHeader(r: Request, key: string, value: unknown): void {
  gate(r, HEADER_PHASES);
  if (r.said || (r.phase & (BODY_FILTER | LOG)) !== 0) {
    writeLog(r, ERR, 'attempt to set ngx.header.HEADER after sending out response headers');
    return;
  }
  const name = clean(headerName(r, key), true);
  if (value === undefined || value === null) {
    noteHeader(r, name, null);
    return;
  }
  if (isArray(value)) {
    const values: string[] = [];
    for (let i = 0; i < value.length; i++) {
      const text = headerText(value[i]);
      if (text !== '') values[values.length] = clean(text, false);
    }
    noteHeader(r, name, values.length === 0 ? null : values);
    return;
  }
  const text = headerText(value);
  if (isLength(name) && exec(LENGTH, text) === null) throw new NgxError('failed to set header');
  noteHeader(r, name, text === '' ? null : clean(text, false)); // as in Lua, there are no headers without a value
}

const LENGTH = /^\d*$/;

function isLength(name: string): boolean {
  return name.length === 14 && toLowerCase(name) === 'content-length';
}

function headerText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return `${value}`;
  throw new NgxError(`invalid header value: ${typeName(value)}`);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is unsafe
const UNSAFE_VALUE = /[\0-\x08\x0a-\x1f\x7f]/g;
const UNSAFE_NAME = /[^!#$%&'*+\-.^_`|~0-9A-Za-z]/g;
const HEX = '0123456789ABCDEF';

/** Line ends in a header would start another: they are escaped, as lua-nginx-module does. */
export function clean(text: string, isName: boolean): string {
  return replace(isName ? UNSAFE_NAME : UNSAFE_VALUE, text, escapeByte as (...args: never[]) => string);
}

function escapeByte(character: string): string {
  const raw = encodeRaw(character);
  let out = '';
  for (let i = 0; i < raw.length; i++) {
    const code = raw.charCodeAt(i);
    out += `%${HEX[code >> 4]}${HEX[code & 15]}`;
  }
  return out;
}

class Resp {
  readonly #r: Request;

  constructor(r: Request) {
    this.#r = r;
  }

  /** Names in lower case, unless `raw`; a repeated one is an array. */
  get_headers(max?: unknown, raw?: unknown, options?: unknown): object {
    const r = this.#r;
    gate(r, REQUEST_PHASES);
    commitState(r);
    const own = typeof raw === 'object' ? raw : options;
    return headerTable(call(CALL_RESP_HEADERS, r.slot, r.said) as string, max, raw === true, own);
  }

  add_header(name: unknown, value: unknown): void {
    addHeader(this.#r, name, value);
  }

  /** With a reason phrase of one's own. */
  set_status(status: unknown, reason?: unknown): void {
    const r = this.#r;
    setStatus(r, status);
    if (reason === undefined || reason === null || r.status === 0) return;
    const line = clean(textArgument(reason, 'set_status', 2), false);
    commitState(r);
    call(CALL_RESP_REASON, r.slot, line);
  }

  /** The request's If-None-Match, If-Modified-Since … are left to the script. */
  bypass_if_checks(): void {
    gate(this.#r, HEADER_PHASES & ~LOG);
    call(CALL_BYPASS_IF, this.#r.slot);
  }
}

/** Headers that a response can have one of: a second one takes the first one's place. */
const SINGLE =
  ' server date content-encoding location refresh last-modified content-range accept-ranges www-authenticate ' +
  'expires etag content-length content-type ';

function addHeader(r: Request, name: unknown, value: unknown): void {
  gate(r, HEADER_PHASES);
  const key = typeof name === 'number' ? `${name}` : name;
  if (typeof key !== 'string')
    throw new NgxError(`bad 'key' argument: string expected, got ${typeName(key)}`);
  if (value === undefined || value === null) throw new NgxError('invalid header value');
  if (indexOf(SINGLE, ` ${toLowerCase(headerName(r, key))} `) !== -1 || headersSent(r)) {
    setHeader(r, key, value);
    return;
  }
  const before = getHeader(r, key);
  const values: unknown[] = before === undefined ? [] : isArray(before) ? before : [before];
  if (isArray(value)) for (let i = 0; i < value.length; i++) values[values.length] = value[i];
  else values[values.length] = value;
  setHeader(r, key, values);
}

export function respApi(r: Request): Resp {
  if (r.resp === undefined) r.resp = new Resp(r);
  return r.resp as Resp;
}

// Output.

const RAW_TAKEN = 'raw request socket acquired';

function checkOutput(r: Request): void {
  if (r.raw) throw new NgxError(RAW_TAKEN);
  if (r.eof) throw new NgxError('seen eof');
}

export function print(r: Request, args: readonly unknown[], line: boolean): void {
  gate(r, OUTPUT_PHASES);
  checkOutput(r);
  r.said = true;
  if (r.waiting && !r.unsent) noteUnsent(r);
  if (args.length === 1 && typeof args[0] === 'string' && !r.bytes) {
    r.body += line ? `${args[0]}\n` : args[0];
    return;
  }
  for (let i = 0; i < args.length; i++) put(r, args[i], i + 1, line ? 'say' : 'print');
  if (line) r.body += '\n';
}

/** What print and say would send, where there is no request to send it to. */
export function printed(args: readonly unknown[], line: boolean): { text: string; bytes: boolean } {
  const r = new Request(0, TIMER, null);
  for (let i = 0; i < args.length; i++) put(r, args[i], i + 1, line ? 'say' : 'print');
  return { text: line ? `${r.body}\n` : r.body, bytes: r.bytes };
}

function put(r: Request, value: unknown, at: number, what: string): void {
  switch (typeof value) {
    case 'string':
      r.body += r.bytes ? encodeRaw(value) : value;
      return;
    case 'number':
    case 'boolean':
    case 'bigint':
      r.body += `${value}`;
      return;
    case 'undefined':
      r.body += 'undefined';
      return;
    case 'object': {
      if (value === null) {
        r.body += 'null';
        return;
      }
      const bytes = asBytes(value);
      if (bytes !== undefined) {
        putRaw(r, rawOf(bytes));
        return;
      }
      if (isArray(value)) {
        for (let i = 0; i < value.length; i++) put(r, value[i], at, what);
        return;
      }
    }
  }
  throw new NgxError(
    `bad argument #${at} to '${what}' (string, number, boolean, nil, ngx.null, or array table expected, ` +
      `but got ${typeName(value)})`,
  );
}

/** Adds bytes to the body: from here on it is held as bytes. */
export function putRaw(r: Request, raw: string): void {
  if (!r.bytes) {
    r.body = encodeRaw(r.body);
    r.bytes = true;
  }
  r.body += raw;
}

export function sendHeaders(r: Request): void {
  gate(r, OUTPUT_PHASES);
  if (r.said) return;
  r.said = true;
  handOver(r, 0);
}

export function flush(r: Request, wait: unknown): Promise<void> {
  gate(r, OUTPUT_PHASES);
  checkOutput(r);
  if (r.said || r.headSent) handOver(r, FLUSH);
  return wait === true ? whenTaken(r) : done;
}

function whenTaken(r: Request): Promise<void> {
  return new Promise_<void>((resolve) => {
    operate(r, OP_FLUSH, [], (ok, value) => {
      if (ok) resolve();
      else
        resolve(failing(() => (value === 'timeout' ? new ClientTimeout() : new NgxError(value as string))));
    });
  });
}

export function eof(r: Request): void {
  gate(r, OUTPUT_PHASES);
  checkOutput(r);
  r.said = true;
  handOver(r, LAST);
  r.eof = true;
}

const done: Promise<void> = Promise.resolve();
