// ngx.socket: connections and datagrams of scripts. The worker has the sockets and all that has come in on them; what
// is there already is handed over at once, and everything else settles with a later visit.

import {
  ANSWERED_NOW,
  BEGUN,
  BOUNDARY,
  OP_SOCKET,
  OUTCOME,
  READ_ALL,
  READ_ANY,
  READ_ASCII,
  READ_BOUNDARY,
  READ_EXACT,
  READ_LINE,
  READ_UNTIL,
  SOCK_ADDRESS,
  SOCK_CLOSE,
  SOCK_CONNECT,
  SOCK_DESCRIPTOR,
  SOCK_DROP,
  SOCK_GET_OPTION,
  SOCK_HANDSHAKE,
  SOCK_KEEPALIVE,
  SOCK_RECEIVE,
  SOCK_REQUEST,
  SOCK_REUSED,
  SOCK_SEND,
  SOCK_SESSION,
  SOCK_SET_OPTION,
  SOCK_TAKE,
  SOCK_TIMEOUTS,
  SOCK_UDP_CLOSE,
  SOCK_UDP_PEER,
  SOCK_UDP_RECEIVE,
  SOCK_UDP_SEND,
  SOCK_UDP_TIMEOUT,
  SOCK_UNREAD,
} from '../protocol.ts';
import { callSocket, mem, type Plain } from './bridge.ts';
import {
  asyncIterator,
  charCodeAt,
  deref,
  indexOf,
  isArray,
  isFiniteNumber,
  list,
  Promise_,
  slice,
  toLowerCase,
  trunc,
  typeName,
  WeakRef_,
} from './builtins.ts';
import { NgxError, signal } from './errors.ts';
import { Near, poolCell, type Wanted } from './near.ts';
import { logContext, starterOf } from './nobody.ts';
import { expect, nextOperation, tellSocket } from './operations.ts';
import { type Request, UNDECIDED } from './request.ts';
import { asBytes, bytesOf, encodeRaw, isAscii, rawOf } from './text.ts';

/** What a wait comes to: `boundary` where a read has met the pattern. */
export type Convert<T> = (value: Plain, boundary: boolean) => T;

let lastSocket = 0;

/** Sockets and processes are told apart by numbers. */
export function nextSocket(): number {
  return ++lastSocket;
}

/** The request is still there, and undecided. */
function check(r: Request): void {
  if (r.gone) throw new NgxError('bad request');
  if (r.decided !== UNDECIDED) throw signal;
}

/** A call that is answered at once. */
export function ask(r: Request, what: number, id: number, ...args: Plain[]): Plain {
  check(r);
  const answer = callSocket(r.slot, what, id, 0, ...args);
  if (mem[OUTCOME] !== ANSWERED_NOW) throw failed(answer as string, false);
  return answer;
}

/** Settles a call that does not have to wait, and says whether it does. */
function waits<T>(
  answer: Plain,
  bytes: boolean,
  convert: Convert<T>,
  resolve: (value: T) => void,
  reject: (error: NgxError) => void,
): boolean {
  const outcome = mem[OUTCOME];
  if (outcome === BEGUN) return true;
  if (outcome === ANSWERED_NOW || outcome === BOUNDARY) resolve(convert(answer, outcome === BOUNDARY));
  else reject(failed(answer as string, bytes));
  return false;
}

/** A call that may have to wait. */
export function wait<T>(
  r: Request,
  what: number,
  id: number,
  bytes: boolean,
  convert: Convert<T>,
  ...args: Plain[]
): Promise<T> {
  check(r);
  return new Promise_<T>((resolve, reject) => {
    const operation = nextOperation();
    const answer = callSocket(r.slot, what, id, operation, ...args);
    if (!waits(answer, bytes, convert, resolve, reject)) return;
    expect(r, operation, OP_SOCKET, (ok, value, beside) => {
      if (ok) resolve(convert(value as string, beside === '1'));
      else reject(failure(value as string, beside, bytes));
    });
  });
}

/** A read of a connection that the guest knows a part of. */
function readNear<T>(r: Request, id: number, near: Near, wanted: Wanted, convert: Convert<T>): Promise<T> {
  check(r);
  const here = near.read(wanted);
  if (here !== undefined) {
    return new Promise_<T>((resolve) => resolve(convert(here, wanted.kind === READ_UNTIL)));
  }
  const given = near.giveBack();
  return new Promise_<T>((resolve, reject) => {
    const { kind, bytes, most, pattern, inclusive } = wanted;
    const operation = nextOperation();
    if (given === '' && near.quiet) {
      near.reads();
      tellSocket(r, [SOCK_RECEIVE, id, operation, kind, bytes, most, pattern, inclusive, undefined, true]);
    } else {
      const args = [kind, bytes, most, pattern, inclusive, given, true] as const;
      const answer = callSocket(r.slot, SOCK_RECEIVE, id, operation, ...args);
      if (!waits(answer, bytes, convert, resolve, reject)) return;
    }
    expect(r, operation, OP_SOCKET, (ok, value, beside) => {
      if (!ok) {
        reject(failure(value as string, beside, bytes));
        return;
      }
      const flags = charCodeAt(beside, 0);
      if (beside.length > 1) near.give(slice(beside, 1), (flags & READ_ASCII) !== 0);
      resolve(convert(value as string, (flags & READ_BOUNDARY) !== 0));
    });
  });
}

function failed(answer: string, bytes: boolean): NgxError {
  const end = indexOf(answer, '\0');
  return failure(slice(answer, 0, end), slice(answer, end + 1), bytes);
}

/** What had been read before it failed goes with the error. */
function failure(message: string, partial: string, bytes: boolean): NgxError {
  return new NgxError(message, { partial: bytes ? bytesOf(partial) : partial });
}

const one: Convert<1> = () => 1;
export const asText: Convert<string> = (value) => value as string;
export const asBuffer: Convert<Uint8Array> = (value) => bytesOf(value as string);
export const asNumber: Convert<number> = (value) => +(value as string);

/** Text, as it is; anything else that send() takes, as bytes one a character. */
function payload(value: unknown): { data: string; text: boolean } {
  return typeof value === 'string' ? { data: value, text: true } : { data: rawOf_(value), text: false };
}

function rawOf_(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return encodeRaw(value);
    case 'number':
    case 'boolean':
    case 'undefined':
      return `${value}`;
  }
  if (value === null) return 'null';
  const bytes = asBytes(value);
  if (bytes !== undefined) return rawOf(bytes);
  if (isArray(value)) {
    let out = '';
    for (let i = 0; i < value.length; i++) {
      const part: unknown = value[i];
      if (part === undefined || part === null || typeof part === 'boolean') {
        throw new NgxError(`bad argument #1 to 'send' (bad data type ${typeName(part)} found)`);
      }
      out += rawOf_(part);
    }
    return out;
  }
  throw new NgxError(
    `bad argument #1 to 'send' (string, number, boolean, nil, or array table expected, got ${typeName(value)})`,
  );
}

/** None given: as configured. */
function milliseconds(value: unknown): number {
  if (value === undefined || value === null) return 0;
  const ms = typeof value === 'string' ? +value : value;
  if (typeof ms !== 'number' || !isFiniteNumber(ms) || ms < 0 || ms > 0x7fffffff) {
    throw new NgxError('bad timeout value');
  }
  return trunc(ms);
}

/** A port as connect takes it; text that is a number will do. */
function portOf(value: unknown): number | undefined {
  const port = typeof value === 'string' && value !== '' ? +value : value;
  if (typeof port !== 'number' || !isFiniteNumber(port)) return undefined;
  if (port < 0 || port > 65535) throw new NgxError(`bad port number: ${trunc(port)}`);
  return trunc(port);
}

function hostOf(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return `${value}`;
  throw new NgxError(`bad argument #1 to '${what}' (string expected, got ${typeName(value)})`);
}

interface ConnectOptions {
  readonly pool?: unknown;
  readonly pool_size?: unknown;
  readonly backlog?: unknown;
}

/** `at`: which argument the options are. */
function badOption(at: number, what: string): NgxError {
  return new NgxError(`bad argument #${at} to 'connect' (bad ${what})`);
}

function poolName(options: ConnectOptions, at: number): string | undefined {
  const { pool } = options;
  if (pool === undefined || pool === null) return undefined;
  if (typeof pool === 'string' || typeof pool === 'number') return `${pool}`;
  throw badOption(at, `"pool" option type: ${typeName(pool)}`);
}

/** `lowest`: below it the value is refused; `absent`: what stands for none. */
function poolNumber(value: unknown, name: string, lowest: number, absent: number, at: number): number {
  if (value === undefined || value === null) return absent;
  const n = typeof value === 'string' && value !== '' ? +value : value;
  if (typeof n !== 'number' || !isFiniteNumber(n)) {
    throw badOption(at, `"${name}" option type: ${typeName(value)}`);
  }
  if (n < lowest) throw badOption(at, `"${name}" option value: ${trunc(n)}`);
  return trunc(n);
}

/** Reads: what every kind of stream has. */
class StreamSocket {
  readonly #r: Request;
  readonly #id: number;
  readonly #near: Near | null;

  constructor(r: Request, id: number, near: Near | null) {
    this.#r = r;
    this.#id = id;
    this.#near = near;
  }

  receive(what?: unknown): Promise<string> {
    return this.#receive(what, false, asText);
  }

  receive_buffer(what?: unknown): Promise<Uint8Array> {
    return this.#receive(what, true, asBuffer);
  }

  #receive<T>(what: unknown, bytes: boolean, convert: Convert<T>): Promise<T> {
    let kind = READ_LINE;
    let most = 0;
    if (typeof what === 'string' && what !== '*l') {
      if (what === '*a') {
        kind = READ_ALL;
      } else {
        most = +what;
        if (what === '' || !isFiniteNumber(most)) {
          const shown = what.length === 2 && what[0] === '*' ? '' : `: ${what}`;
          throw new NgxError(`bad argument #1 to 'receive' (bad pattern argument${shown})`);
        }
        kind = READ_EXACT;
      }
    } else if (typeof what === 'number') {
      kind = READ_EXACT;
      most = what;
    } else if (what !== undefined && what !== '*l') {
      throw new NgxError("bad argument #1 to 'receive' (bad argument)");
    }
    if (kind === READ_EXACT) {
      most = trunc(most);
      if (!(most >= 0)) throw new NgxError("bad argument #1 to 'receive' (bad number argument)");
    }
    return this.#read({ kind, most, pattern: '', inclusive: false, bytes }, convert);
  }

  #read<T>(wanted: Wanted, convert: Convert<T>): Promise<T> {
    const near = this.#near;
    if (near !== null) return readNear(this.#r, this.#id, near, wanted, convert);
    const { kind, bytes, most, pattern, inclusive } = wanted;
    return wait(this.#r, SOCK_RECEIVE, this.#id, bytes, convert, kind, bytes, most, pattern, inclusive);
  }

  #readAny<T>(max: unknown, bytes: boolean, convert: Convert<T>): Promise<T> {
    return this.#read({ kind: READ_ANY, most: most(max), pattern: '', inclusive: false, bytes }, convert);
  }

  receiveany(max: unknown): Promise<string> {
    return this.#readAny(max, false, asText);
  }

  receiveany_buffer(max: unknown): Promise<Uint8Array> {
    return this.#readAny(max, true, asBuffer);
  }

  receiveuntil(pattern: unknown, options?: unknown): object {
    return this.#reader(pattern, options, false, asText);
  }

  receiveuntil_buffer(pattern: unknown, options?: unknown): object {
    return this.#reader(pattern, options, true, asBuffer);
  }

  #reader<T>(pattern: unknown, options: unknown, bytes: boolean, convert: Convert<T>): object {
    const read: UntilRead<T> = (converted, most, raw, inclusive) =>
      this.#read({ kind: READ_UNTIL, most, pattern: raw, inclusive, bytes }, converted);
    return reader(this.#r, pattern, options, convert, read);
  }
}

/** Reads at most so many bytes up to a pattern. */
type UntilRead<T> = (convert: Convert<T>, most: number, pattern: string, inclusive: boolean) => Promise<T>;

function most(max: unknown): number {
  const n = typeof max === 'string' && max !== '' ? +max : max;
  if (typeof n !== 'number' || !(n >= 1)) {
    throw new NgxError("bad argument #1 to 'receiveany' (bad max argument)");
  }
  return n < 0x7fffffff ? trunc(n) : 0x7fffffff;
}

/** More than any read may take. */
const UNLIMITED = 0x7fffffff;

/** A function that reads up to the pattern, or with a size at most so many bytes, and at the pattern undefined. */
function reader<T>(
  r: Request,
  pattern: unknown,
  options: unknown,
  convert: Convert<T>,
  readUntil: UntilRead<T>,
): object {
  check(r);
  const raw = typeof pattern === 'number' ? `${pattern}` : patternOf(pattern);
  if (raw === '') throw new NgxError('pattern is empty');
  const inclusive = inclusiveOf(options);
  let atEnd = false;
  const convertPiece = (value: Plain, boundary: boolean, sized: boolean): T => {
    atEnd = sized && boundary;
    return convert(value, boundary);
  };
  const read = (size?: unknown): Promise<T | undefined> => {
    check(r);
    if (atEnd) {
      atEnd = false;
      return new Promise_((resolve) => resolve(undefined));
    }
    const limit = size === undefined || size === null ? 0 : +(size as number);
    if (!isFiniteNumber(limit)) {
      throw new NgxError(`bad argument #1 (number expected, got ${typeName(size)})`);
    }
    const sized = limit >= 1;
    const converted: Convert<T> = (value, boundary) => convertPiece(value, boundary, sized);
    const rest = sized ? trunc(limit) : UNLIMITED;
    return readUntil(converted, rest, raw, inclusive);
  };
  (read as unknown as Record<symbol, unknown>)[asyncIterator] = () => pieces(read);
  return read;
}

/** One piece after the other, until the peer closes the connection. */
async function* pieces<T>(read: () => Promise<T | undefined>): AsyncGenerator<T | undefined> {
  for (;;) {
    let piece: T | undefined;
    try {
      piece = await read();
    } catch (error) {
      const { message, partial } = error as { message: unknown; partial: { length: number } };
      if (message === 'closed' && partial.length === 0) return;
      throw error;
    }
    yield piece;
  }
}

function patternOf(pattern: unknown): string {
  if (typeof pattern === 'string') return encodeRaw(pattern);
  const bytes = asBytes(pattern);
  if (bytes !== undefined) return rawOf(bytes);
  throw new NgxError(`bad argument #1 to 'receiveuntil' (string expected, got ${typeName(pattern)})`);
}

function inclusiveOf(options: unknown): boolean {
  if (options === undefined || options === null) return false;
  const { inclusive } = options as { inclusive?: unknown };
  if (inclusive === undefined || inclusive === null) return false;
  if (typeof inclusive === 'boolean') return inclusive;
  throw new NgxError(`bad "inclusive" option value type: ${typeName(inclusive)}`);
}

/** A TLS session to be resumed; what is in it is nobody's business. */
class SslSession {
  readonly #raw: string;

  constructor(raw: string) {
    this.#raw = raw;
  }

  static rawOf(session: unknown): string {
    return typeof session === 'object' && session !== null && #raw in session ? session.#raw : '';
  }
}

const asSession: Convert<SslSession> = (value) => new SslSession(value as string);
const asTrue: Convert<true> = () => true;

/** What is sent in one piece, and told beside what a visit comes to. */
const SHORT = 2048;

class TcpSocket extends StreamSocket {
  readonly #r: Request;
  readonly #id: number;
  readonly #near: Near;
  #connected = false;
  /** A connect has been tried, and nothing has closed it since. */
  #open = false;
  #connectMs = 0;
  #sendMs = 0;
  #readMs = 0;
  #localAddress = '';
  #localPort = 0;
  #certificate = '';
  #key = '';
  #trusted = '';

  constructor(r: Request) {
    const id = nextSocket();
    const near = new Near(id);
    super(r, id, near);
    this.#r = r;
    this.#id = id;
    this.#near = near;
    noteLoose(r, id, this);
  }

  async connect(host: unknown, port?: unknown, options?: unknown): Promise<1> {
    const name = hostOf(host, 'connect');
    let given = options;
    let number: number | undefined;
    let at = 3;
    if (typeof port === 'object' && port !== null && options === undefined) {
      given = port;
      at = 2;
    } else number = portOf(port);
    if (typeof given !== 'object' || given === null) given = {};
    const { pool_size, backlog } = given as ConnectOptions;
    const size = poolNumber(pool_size, 'pool_size', 1, 0, at);
    const queue = poolNumber(backlog, 'backlog', 0, -1, at);
    const pool = poolName(given as ConnectOptions, at);
    if (number === undefined && !isUnix(name)) throw new NgxError('missing the port number');
    const key = pool ?? (number === undefined ? name : `${name}:${number}`);
    this.#connected = true;
    const near = this.#near;
    const r = this.#r;
    check(r);
    const idle = !this.#open;
    this.#open = true;
    near.giveBack();
    const cell = poolCell(key);
    if (idle && near.takeIdle(cell)) {
      const ms = this.#readMs;
      tellSocket(r, [SOCK_TAKE, this.#id, 0, cell, near.cell, this.#connectMs, this.#sendMs, ms]);
      return 1;
    }
    return wait(
      r,
      SOCK_CONNECT,
      this.#id,
      false,
      one,
      name,
      number ?? 0,
      key,
      size,
      queue,
      this.#localAddress,
      this.#localPort,
      this.#connectMs,
      this.#sendMs,
      this.#readMs,
      cell,
      near.cell,
      r.slot === 0 ? logContext() : '',
    );
  }

  bind(address: unknown, port?: unknown): true {
    const host = hostOf(address, 'bind');
    let number = 0;
    if (port !== undefined) {
      const given = portOf(port);
      if (given === undefined) {
        throw new NgxError(`expecting port to be anumber but got type: ${typeName(port)}`);
      }
      number = given;
    }
    ask(this.#r, SOCK_ADDRESS, this.#id, host);
    this.#localAddress = host;
    this.#localPort = number;
    return true;
  }

  send(data: unknown): Promise<number> {
    const { data: what, text } = payload(data);
    const { length } = what;
    if (length > 0 && length <= SHORT && this.#near.writable && isAscii(what)) {
      check(this.#r);
      tellSocket(this.#r, [SOCK_SEND, this.#id, 0, what, text]);
      return new Promise_((resolve) => resolve(length));
    }
    return wait(this.#r, SOCK_SEND, this.#id, false, asNumber, what, text);
  }

  settimeout(ms: unknown): void {
    const all = milliseconds(ms);
    this.settimeouts(all, all, all);
  }

  settimeouts(connect: unknown, send: unknown, read: unknown): void {
    this.#connectMs = milliseconds(connect);
    this.#sendMs = milliseconds(send);
    this.#readMs = milliseconds(read);
    check(this.#r);
    if (!this.#connected) return;
    tellSocket(this.#r, [SOCK_TIMEOUTS, this.#id, 0, this.#connectMs, this.#sendMs, this.#readMs]);
  }

  sslhandshake(
    reused?: unknown,
    serverName?: unknown,
    verify?: unknown,
    ocsp?: unknown,
  ): Promise<SslSession | true> {
    this.#needConnect();
    this.#returnUnread();
    const wanted = reused !== false;
    return wait<SslSession | true>(
      this.#r,
      SOCK_HANDSHAKE,
      this.#id,
      false,
      wanted ? asSession : asTrue,
      SslSession.rawOf(reused),
      wanted,
      typeof serverName === 'string' ? serverName : '',
      truthy(verify),
      truthy(ocsp),
      this.#certificate,
      this.#key,
      this.#trusted,
    );
  }

  getsslsession(): SslSession {
    this.#needConnect();
    return new SslSession(ask(this.#r, SOCK_SESSION, this.#id) as string);
  }

  setclientcert(certificate?: unknown, key?: unknown): true {
    check(this.#r);
    const none = certificate === undefined || certificate === null;
    if (none !== (key === undefined || key === null)) {
      throw new NgxError('client certificate must be supplied with corresponding private key');
    }
    this.#certificate = none ? '' : pem(certificate, 'cert');
    this.#key = none ? '' : pem(key, 'pkey');
    return true;
  }

  settrustedstore(store?: unknown): true {
    check(this.#r);
    this.#trusted = store === undefined || store === null ? '' : pem(store, 'store');
    return true;
  }

  setkeepalive(timeout?: unknown, size?: unknown): 1 {
    const ms = timeout === undefined || timeout === null ? undefined : integerOf(timeout, 1, 'setkeepalive');
    const count = size === undefined || size === null ? undefined : integerOf(size, 2, 'setkeepalive');
    check(this.#r);
    const near = this.#near;
    if (near.quiet && count !== undefined && count > 0) {
      tellSocket(this.#r, [SOCK_KEEPALIVE, this.#id, 0, ms, count]);
    } else {
      this.#returnUnread();
      ask(this.#r, SOCK_KEEPALIVE, this.#id, ms, count);
    }
    this.#left();
    return 1;
  }

  /** It has no connection any more. */
  #left(): void {
    this.#near.release();
    this.#open = false;
  }

  /** The host has the whole say again. */
  #returnUnread(): void {
    const bytes = this.#near.giveBack();
    if (bytes !== '') ask(this.#r, SOCK_UNREAD, this.#id, bytes);
  }

  /** The descriptor's number in the worker: there is nothing that a script could do with it but tell it. */
  getfd(): number {
    this.#needConnect();
    return ask(this.#r, SOCK_DESCRIPTOR, this.#id) as number;
  }

  getreusedtimes(): number {
    return ask(this.#r, SOCK_REUSED, this.#id) as number;
  }

  setoption(option?: unknown, value?: unknown): true {
    if (option === undefined) throw new NgxError('missing the "option" argument');
    if (value === undefined) throw new NgxError('missing the "value" argument');
    this.#needConnect();
    const plain = typeof value === 'boolean' ? value : integerOf(value, 2, 'setoption');
    ask(this.#r, SOCK_SET_OPTION, this.#id, `${option as string}`, plain);
    return true;
  }

  getoption(option?: unknown): number {
    this.#needConnect();
    if (option === undefined) throw new NgxError('missing the "option" argument');
    return ask(this.#r, SOCK_GET_OPTION, this.#id, `${option as string}`) as number;
  }

  close(): 1 {
    check(this.#r);
    if (this.#near.quiet) tellSocket(this.#r, [SOCK_CLOSE, this.#id, 0]);
    else ask(this.#r, SOCK_CLOSE, this.#id);
    this.#left();
    return 1;
  }

  #needConnect(): void {
    check(this.#r);
    if (!this.#connected) throw new NgxError('socket is never created nor connected');
  }
}

function truthy(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false;
}

function integerOf(value: unknown, at: number, call: string): number {
  const n = typeof value === 'string' && value !== '' ? +value : value;
  if (typeof n !== 'number' || !isFiniteNumber(n)) {
    throw new NgxError(`bad argument #${at} to '${call}' (number expected, got ${typeName(value)})`);
  }
  return trunc(n);
}

function pem(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  const bytes = asBytes(value);
  if (bytes !== undefined) return rawOf(bytes);
  throw new NgxError(`bad ${what} arg: string expected, got ${typeName(value)}`);
}

function isUnix(host: string): boolean {
  return toLowerCase(slice(host, 0, 5)) === 'unix:';
}

// Sockets that belong to no request live until they are closed, or until nobody can reach them any more.

let loose = list<{ readonly id: number; readonly ref: WeakRef<object> }>();
let sweepAt = 64;

export function noteLoose(r: Request, id: number, socket: object): void {
  if (r.slot !== 0) return;
  if (loose.length >= sweepAt) {
    const kept: typeof loose = list();
    for (let i = 0; i < loose.length; i++) {
      const entry = loose[i] as (typeof loose)[number];
      if (deref(entry.ref) === undefined) callSocket(0, SOCK_DROP, entry.id, 0);
      else kept[kept.length] = entry;
    }
    loose = kept;
    sweepAt = kept.length < 32 ? 64 : kept.length * 2;
  }
  loose[loose.length] = { id, ref: new WeakRef_(socket) };
}

/** ngx.req.socket(): the request's body. */
class RequestSocket extends StreamSocket {
  readonly #r: Request;
  readonly #id: number;

  constructor(r: Request, id: number) {
    super(r, id, null);
    this.#r = r;
    this.#id = id;
  }

  settimeout(ms: unknown): void {
    const all = milliseconds(ms);
    this.settimeouts(all, all, all);
  }

  settimeouts(connect: unknown, send: unknown, read: unknown): void {
    ask(this.#r, SOCK_TIMEOUTS, this.#id, milliseconds(connect), milliseconds(send), milliseconds(read));
  }

  getfd(): number {
    return ask(this.#r, SOCK_DESCRIPTOR, this.#id) as number;
  }
}

/** ngx.req.socket(true): the client's connection. */
class RawRequestSocket extends RequestSocket {
  readonly #r: Request;
  readonly #id: number;

  constructor(r: Request, id: number) {
    super(r, id);
    this.#r = r;
    this.#id = id;
  }

  send(data: unknown): Promise<number> {
    const { data: what, text } = payload(data);
    return wait(this.#r, SOCK_SEND, this.#id, false, asNumber, what, text);
  }
}

export function requestSocket(r: Request, raw: boolean): object {
  const id = nextSocket();
  ask(r, SOCK_REQUEST, id, raw);
  return raw ? new RawRequestSocket(r, id) : new RequestSocket(r, id);
}

class UdpSocket {
  readonly #r: Request;
  readonly #id: number;
  #made = false;
  #timeoutMs = 0;
  #localAddress = '';

  constructor(r: Request) {
    this.#r = r;
    this.#id = nextSocket();
    noteLoose(r, this.#id, this);
  }

  async setpeername(host: unknown, port?: unknown): Promise<1> {
    const name = hostOf(host, 'setpeername');
    const number = portOf(port);
    if (number === undefined && !isUnix(name)) {
      throw new NgxError(`bad argument #2 to 'setpeername' (number expected, got ${typeName(port)})`);
    }
    const convert: Convert<1> = () => {
      this.#applyTimeout();
      return 1;
    };
    this.#made = true;
    const whose = this.#r.slot === 0 ? logContext() : '';
    const address = this.#localAddress;
    return wait(this.#r, SOCK_UDP_PEER, this.#id, false, convert, name, number ?? 0, address, whose);
  }

  bind(address: unknown): true {
    const host = hostOf(address, 'bind');
    ask(this.#r, SOCK_ADDRESS, this.#id, host);
    this.#localAddress = host;
    return true;
  }

  send(data: unknown): 1 {
    ask(this.#r, SOCK_UDP_SEND, this.#id, rawOf_(data));
    return 1;
  }

  receive(size?: unknown): Promise<string> {
    return wait(this.#r, SOCK_UDP_RECEIVE, this.#id, false, asText, datagramSize(size), false);
  }

  receive_buffer(size?: unknown): Promise<Uint8Array> {
    return wait(this.#r, SOCK_UDP_RECEIVE, this.#id, true, asBuffer, datagramSize(size), true);
  }

  settimeout(ms: unknown): void {
    this.#timeoutMs = milliseconds(ms);
    check(this.#r);
    this.#applyTimeout();
  }

  close(): 1 {
    ask(this.#r, SOCK_UDP_CLOSE, this.#id);
    return 1;
  }

  #applyTimeout(): void {
    if (this.#made) ask(this.#r, SOCK_UDP_TIMEOUT, this.#id, this.#timeoutMs);
  }
}

function datagramSize(size: unknown): number {
  if (size === undefined || size === null) return UNLIMITED;
  const n = integerOf(size, 1, 'receive');
  return n < 0 ? UNLIMITED : n;
}

class SocketApi {
  readonly #r: Request;

  constructor(r: Request) {
    this.#r = r;
  }

  tcp(): TcpSocket {
    return new TcpSocket(starterOf(this.#r));
  }

  stream(): TcpSocket {
    return new TcpSocket(starterOf(this.#r));
  }

  udp(): UdpSocket {
    return new UdpSocket(starterOf(this.#r));
  }

  async connect(host: unknown, port?: unknown, options?: unknown): Promise<TcpSocket> {
    const socket = new TcpSocket(starterOf(this.#r));
    await socket.connect(host, port, options);
    return socket;
  }
}

export function socketApi(r: Request): object {
  if (r.socket === undefined) r.socket = new SocketApi(r);
  return r.socket as SocketApi;
}
