// ngx.req: the request as it came, and changes to it.

import {
  BALANCER,
  BODY_FILTER,
  CALL_BODY_APPEND,
  CALL_BODY_DATA,
  CALL_BODY_DISCARD,
  CALL_BODY_FILE,
  CALL_BODY_FINISH,
  CALL_BODY_INIT,
  CALL_BODY_RAW,
  CALL_BODY_SET,
  CALL_BODY_SET_FILE,
  CALL_REQ_HEADERS,
  CALL_REQ_INFO,
  CALL_REQ_RAW_HEADER,
  CALL_REQ_SET_ARGS,
  CALL_REQ_SET_HEADER,
  CALL_REQ_SET_METHOD,
  CALL_REQ_SET_URI,
  HEADER_FILTER,
  LOG,
  OP_READ_BODY,
  REWRITE,
  SERVER_REWRITE,
  SET,
} from '../protocol.ts';
import { call, flushOut } from './bridge.ts';
import { isArray, typeName } from './builtins.ts';
import { methodName } from './constants.ts';
import { argsText, checkBytes, jump, uriArgument } from './control.ts';
import { decodeArgs } from './encode.ts';
import { NgxError } from './errors.ts';
import { type Convert, promise } from './operations.ts';
import { dirty, gate, handOver, integer, type Request } from './request.ts';
import { clean, OUTPUT_PHASES } from './resp.ts';
import { requestSocket } from './socket_request.ts';
import { headerTable } from './tables.ts';
import { bytesOf, rawData, textArgument } from './text.ts';
import { REQUEST_PHASES } from './var.ts';

const CHANGE_PHASES = SET | OUTPUT_PHASES | HEADER_FILTER | BODY_FILTER | BALANCER;
const BODY_PHASES = SET | OUTPUT_PHASES | BALANCER;

export class Req {
  readonly #r: Request;

  constructor(r: Request) {
    this.#r = r;
  }

  is_internal(): boolean {
    gate(this.#r, REQUEST_PHASES);
    return call(CALL_REQ_INFO, this.#r.slot, 'internal') === true;
  }

  start_time(): number {
    gate(this.#r, REQUEST_PHASES);
    return call(CALL_REQ_INFO, this.#r.slot, 'start_time') as number;
  }

  http_version(): number {
    gate(this.#r, REQUEST_PHASES);
    return call(CALL_REQ_INFO, this.#r.slot, 'http_version') as number;
  }

  raw_header(noRequestLine?: unknown): string {
    gate(this.#r, REQUEST_PHASES);
    return call(CALL_REQ_RAW_HEADER, this.#r.slot, noRequestLine === true) as string;
  }

  get_method(): string {
    gate(this.#r, REQUEST_PHASES);
    return this.#r.fresh ? this.#r.method : (call(CALL_REQ_INFO, this.#r.slot, 'method') as string);
  }

  set_method(id: unknown): void {
    gate(this.#r, CHANGE_PHASES);
    if (typeof id !== 'number') throw new NgxError('bad method number');
    const name = methodName(id);
    if (name === undefined) throw new NgxError(`unsupported HTTP method: ${id}`);
    this.#r.fresh = false;
    call(CALL_REQ_SET_METHOD, this.#r.slot, name);
  }

  set_uri(to: unknown, jumps?: unknown, binary?: unknown): void {
    gate(this.#r, CHANGE_PHASES);
    const uri = uriArgument(to, 'set_uri');
    if (uri === '') throw new NgxError('attempt to use zero-length uri');
    flagArgument(jumps, 2);
    flagArgument(binary, 3);
    if (binary !== true) {
      try {
        checkBytes(uri, 'uri');
      } catch (error) {
        throw new NgxError(`${(error as Error).message} (maybe you want to set the 'binary' argument?)`);
      }
    }
    if (jumps === true) gate(this.#r, REWRITE | SERVER_REWRITE);
    this.#r.fresh = false;
    call(CALL_REQ_SET_URI, this.#r.slot, uri, jumps === true);
    if (jumps === true) jump(this.#r);
  }

  set_uri_args(args: unknown): void {
    gate(this.#r, CHANGE_PHASES);
    const at = "#1 to 'set_uri_args'";
    if (args === undefined || args === null) {
      throw new NgxError(`bad argument ${at} (string, number, or table expected, but got nil)`);
    }
    this.#r.fresh = false;
    call(CALL_REQ_SET_ARGS, this.#r.slot, argsText(args, at));
  }

  get_uri_args(max?: unknown, options?: unknown): object {
    const r = this.#r;
    gate(r, REQUEST_PHASES);
    const args = r.fresh ? r.args : (call(CALL_REQ_INFO, r.slot, 'args') as string);
    return decodeArgs(args, max, options);
  }

  get_post_args(max?: unknown, options?: unknown): object {
    gate(this.#r, OUTPUT_PHASES | HEADER_FILTER | BODY_FILTER | LOG);
    const body = call(CALL_BODY_DATA, this.#r.slot, true);
    return decodeArgs(typeof body === 'string' ? body : '', max, options);
  }

  get_headers(max?: unknown, raw?: unknown, options?: unknown): object {
    gate(this.#r, REQUEST_PHASES);
    const own = typeof raw === 'object' ? raw : options;
    return headerTable(call(CALL_REQ_HEADERS, this.#r.slot) as string, max, raw === true, own);
  }

  set_header(name: unknown, value: unknown): void {
    gate(this.#r, CHANGE_PHASES);
    const header = headerName(name);
    const values = isArray(value) ? value : value === undefined || value === null ? [] : [value];
    let list = '';
    for (let i = 0; i < values.length; i++) {
      const text = headerText(values[i]);
      if (text !== '') list += list === '' ? text : `\0${text}`;
    }
    // As in Lua, there are no headers without a value.
    if (list === '') call(CALL_REQ_SET_HEADER, this.#r.slot, header);
    else call(CALL_REQ_SET_HEADER, this.#r.slot, header, list);
  }

  add_header(name: unknown, value: unknown): void {
    gate(this.#r, CHANGE_PHASES);
    const header = headerName(name);
    const values = isArray(value) ? value : [value];
    if (values.length === 0) throw new NgxError("bad 'value' argument: non-empty table expected");
    for (let i = 0; i < values.length; i++) {
      const text = headerText(values[i]);
      if (text !== '') call(CALL_REQ_SET_HEADER, this.#r.slot, header, text, true);
    }
  }

  clear_header(name: unknown): void {
    gate(this.#r, CHANGE_PHASES);
    call(CALL_REQ_SET_HEADER, this.#r.slot, headerName(name));
  }

  read_body(): Promise<void> {
    gate(this.#r, BODY_PHASES);
    return promise<void>(this.#r, OP_READ_BODY, [], nothing);
  }

  discard_body(): void {
    gate(this.#r, BODY_PHASES);
    call(CALL_BODY_DISCARD, this.#r.slot);
  }

  get_body_data(maxBytes?: unknown): string | undefined {
    gate(this.#r, BODY_PHASES | HEADER_FILTER | BODY_FILTER | LOG);
    return call(CALL_BODY_DATA, this.#r.slot, false, limit(maxBytes)) as string | undefined;
  }

  get_body_buffer(maxBytes?: unknown): Uint8Array | undefined {
    gate(this.#r, BODY_PHASES | HEADER_FILTER | BODY_FILTER | LOG);
    const raw = call(CALL_BODY_RAW, this.#r.slot, limit(maxBytes));
    return typeof raw === 'string' ? bytesOf(raw) : undefined;
  }

  get_body_file(): string | undefined {
    gate(this.#r, BODY_PHASES);
    return call(CALL_BODY_FILE, this.#r.slot) as string | undefined;
  }

  set_body_data(data: unknown): void {
    gate(this.#r, BODY_PHASES);
    call(CALL_BODY_SET, this.#r.slot, rawData(data, 'set_body_data'));
  }

  set_body_file(file: unknown, autoClean?: unknown): void {
    gate(this.#r, BODY_PHASES);
    call(CALL_BODY_SET_FILE, this.#r.slot, textArgument(file, 'set_body_file'), autoClean === true);
  }

  socket(raw?: unknown): object {
    const r = this.#r;
    gate(r, OUTPUT_PHASES);
    const whole = raw !== undefined && raw !== null && raw !== false;
    if (r.isSubrequest) throw new NgxError('attempt to read the request body in a subrequest');
    if (!whole) return requestSocket(r, false);
    if (dirty(r)) handOver(r, 0);
    flushOut();
    const socket = requestSocket(r, true);
    r.raw = true;
    r.said = true;
    r.headSent = true;
    return socket;
  }

  init_body(size?: unknown): void {
    gate(this.#r, BODY_PHASES);
    const bytes = size === undefined || size === null ? undefined : integer(size, 'init_body');
    if (bytes !== undefined && bytes < 0) throw new NgxError(`bad size argument: ${bytes}`);
    call(CALL_BODY_INIT, this.#r.slot, bytes);
  }

  append_body(data: unknown): void {
    gate(this.#r, BODY_PHASES);
    call(CALL_BODY_APPEND, this.#r.slot, rawData(data, 'append_body'));
  }

  finish_body(): void {
    gate(this.#r, BODY_PHASES);
    call(CALL_BODY_FINISH, this.#r.slot);
  }
}

const nothing: Convert<void> = () => undefined;

function limit(maxBytes: unknown): number {
  return typeof maxBytes === 'number' && maxBytes > 0 ? maxBytes : 0;
}

function nil(value: unknown): string {
  return value === undefined ? 'nil' : typeName(value);
}

function headerName(name: unknown): string {
  if (typeof name === 'string') return clean(name, true);
  if (typeof name === 'number') return `${name}`;
  throw new NgxError(`bad 'name' argument: string expected, got ${nil(name)}`);
}

function headerText(value: unknown): string {
  if (typeof value === 'string') return clean(value, false);
  if (typeof value === 'number' || typeof value === 'boolean') return `${value}`;
  throw new NgxError(`bad 'value' argument: string or table expected, got ${nil(value)}`);
}

export function req(r: Request): Req {
  if (r.req === undefined) r.req = new Req(r);
  return r.req as Req;
}

/** Of set_uri. */
function flagArgument(value: unknown, at: number): void {
  if (value === undefined || value === null || typeof value === 'boolean') return;
  throw new NgxError(`bad argument #${at} to 'set_uri' (boolean expected, got ${typeName(value)})`);
}
