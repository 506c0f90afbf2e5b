// The ngx that a block gets, and the global one. Its methods are one line each: what they do stands in the family's file.
// The request behind it is private, so no reflection reaches it.

import { CALL_REQ_INFO, INIT } from '../protocol.ts';
import { arg, argBuffer, setArgBuffer } from './arg.ts';
import { balancerApi } from './balancer.ts';
import { call } from './bridge.ts';
import { defineProperty, keys, typeName } from './builtins.ts';
import { constants } from './constants.ts';
import * as control from './control.ts';
import * as encode from './encode.ts';
import { type ErrlogApi, errlogApi } from './errlog.ts';
import { NgxError } from './errors.ts';
import { location } from './location.ts';
import { log } from './log.ts';
import { contextOf } from './nobody.ts';
import * as req from './req.ts';
import { gate, phaseName, type Request } from './request.ts';
import * as resp from './resp.ts';
import { socketApi } from './socket.ts';
import { type ThreadApi, threadApi } from './thread.ts';
import * as time from './time.ts';
import { onStack as inTimer, sleep } from './timer.ts';
import { type UpstreamApi, upstreamApi } from './upstream.ts';
import { REQUEST_PHASES, variables } from './var.ts';
import { chunk } from './web/lazy.ts';

class Ngx {
  readonly #r: Request;

  constructor(r: Request) {
    this.#r = r;
  }

  get var(): object {
    return variables(this.#r);
  }

  get ctx(): object {
    const r = owner(this.#r);
    r.ctx ??= {};
    return r.ctx;
  }

  set ctx(value: unknown) {
    if (typeof value !== 'object' || value === null) {
      throw new NgxError(`ctx should be a table while getting a ${typeName(value)}`);
    }
    owner(this.#r).ctx = value;
  }

  /** `table`: becomes the ctx if there is none yet. */
  get_ctx_table(table?: unknown): object {
    if (table !== undefined && table !== null && owner(this.#r).ctx === undefined) this.ctx = table;
    return this.ctx;
  }

  get status(): number {
    return resp.getStatus(this.#r);
  }

  set status(value: unknown) {
    resp.setStatus(this.#r, value);
  }

  get header(): object {
    return resp.header(this.#r);
  }

  get req(): req.Req {
    return req.req(this.#r);
  }

  get request(): object {
    return chunk('web').incomingRequest(this.#r);
  }

  get resp(): object {
    return resp.respApi(this.#r);
  }

  get socket(): object {
    return socketApi(this.#r);
  }

  get location(): object {
    return location(this.#r);
  }

  get pipe(): object {
    return chunk('pipe').pipeApi(this.#r);
  }

  get balancer(): object {
    return balancerApi(this.#r);
  }

  get upstream(): UpstreamApi {
    return upstreamApi(this.#r);
  }

  get errlog(): ErrlogApi {
    return errlogApi(this.#r);
  }

  get thread(): ThreadApi {
    return threadApi(this.#r);
  }

  get arg(): object {
    return arg(this.#r);
  }

  get arg_buffer(): Uint8Array {
    return argBuffer(this.#r);
  }

  set arg_buffer(value: unknown) {
    setArgBuffer(this.#r, value);
  }

  on_abort(callback: unknown): void {
    gate(this.#r, resp.OUTPUT_PHASES);
    if (typeof callback !== 'function') throw new NgxError('function expected');
    if (this.#r.onAbort !== undefined) throw new NgxError('duplicate call');
    if (call(CALL_REQ_INFO, this.#r.slot, 'checks_abort') !== true) {
      throw new NgxError('ts_check_client_abort is off');
    }
    this.#r.onAbort = callback as () => unknown;
  }

  get headers_sent(): boolean {
    return resp.headersSent(this.#r);
  }

  get is_subrequest(): boolean {
    gate(this.#r, REQUEST_PHASES);
    return this.#r.isSubrequest;
  }

  get_phase(): string {
    const r = this.#r;
    return r.gone || inTimer ? 'timer' : phaseName(r.phase);
  }

  print(...args: unknown[]): void {
    resp.print(this.#r, args, false);
  }

  say(...args: unknown[]): void {
    resp.print(this.#r, args, true);
  }

  flush(wait?: unknown): Promise<void> {
    return resp.flush(this.#r, wait);
  }

  eof(): void {
    resp.eof(this.#r);
  }

  send_headers(): void {
    resp.sendHeaders(this.#r);
  }

  /** A status that is undefined, a constant misspelt for one, is not the same as none. */
  exit(...given: unknown[]): never {
    return control.exit(this.#r, given.length === 0 ? 0 : given[0]);
  }

  exec(uri: unknown, args?: unknown): never {
    return control.exec(this.#r, uri, args);
  }

  redirect(uri: unknown, status?: unknown): never {
    return control.redirect(this.#r, uri, status);
  }

  log(level: unknown, ...args: unknown[]): void {
    log(contextOf(this.#r), level, args);
  }

  sleep(sec: unknown): Promise<void> {
    return sleep(this.#r, sec);
  }
}

/** Who keeps the ctx: filters share their request's; a timer's code has one of its own that nobody else sees. */
function owner(r: Request): Request {
  if (r.gone || r.slot === 0) {
    if (!r.gone && r.phase === INIT) throw new NgxError('no request found');
    return r;
  }
  return r.main ?? r;
}

/** Puts what needs no request, and is the same for all, on the prototype. */
export function addToNgx(members: object): void {
  const names = keys(members);
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    defineProperty(Ngx.prototype, name, {
      value: (members as Record<string, unknown>)[name],
      writable: true,
      configurable: true,
      enumerable: true,
    });
  }
}

addToNgx(constants);
addToNgx({
  today: time.today,
  time: time.seconds,
  now: time.exact,
  update_time() {},
  localtime: time.localtime,
  utctime: time.utctime,
  cookie_time: time.cookie_time,
  http_time: time.http_time,
  parse_http_time: time.parse_http_time,
  escape_uri: encode.escape_uri,
  unescape_uri: encode.unescape_uri,
  encode_args: encode.encode_args,
  decode_args: encode.decode_args,
  encode_base64: encode.encode_base64,
  decode_base64: encode.decode_base64,
  decode_base64_buffer: encode.decode_base64_buffer,
  decode_base64mime: encode.decode_base64mime,
  encode_base64url: encode.encode_base64url,
  decode_base64url: encode.decode_base64url,
  decode_base64url_buffer: encode.decode_base64url_buffer,
  md5: encode.md5,
  md5_bin: encode.md5_bin,
  sha1_bin: encode.sha1_bin,
  hmac_sha1: encode.hmac_sha1,
  crc32_short: encode.crc32_short,
  crc32_long: encode.crc32_long,
  quote_sql_str: encode.quote_sql_str,
});

export function makeNgx(r: Request): Ngx {
  return new Ngx(r);
}
