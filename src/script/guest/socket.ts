// ngx.socket: connections of scripts.

import {
  SOCK_ADDRESS,
  SOCK_CLOSE,
  SOCK_CONNECT,
  SOCK_DESCRIPTOR,
  SOCK_GET_OPTION,
  SOCK_HANDSHAKE,
  SOCK_KEEPALIVE,
  SOCK_REUSED,
  SOCK_SEND,
  SOCK_SESSION,
  SOCK_SET_OPTION,
  SOCK_TAKE,
  SOCK_TIMEOUTS,
  SOCK_UNREAD,
} from '../protocol.ts';
import { Promise_, typeName } from './builtins.ts';
import { NgxError } from './errors.ts';
import { Near, poolCell } from './near.ts';
import { confOf, logContext, starterOf } from './nobody.ts';
import { tellSocket } from './operations.ts';
import type { Request } from './request.ts';
import {
  type ConnectOptions,
  hostOf,
  integerOf,
  isUnix,
  milliseconds,
  payload,
  pem,
  poolName,
  poolNumber,
  portOf,
  truthy,
} from './socket_args.ts';
import { ask, asNumber, type Convert, check, nextSocket, noteLoose, wait } from './socket_calls.ts';
import { StreamSocket } from './socket_reads.ts';
import { UdpSocket } from './socket_udp.ts';
import { isAscii } from './text.ts';

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
const one: Convert<1> = () => 1;

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
    // With a timer's connect goes along what it has of a request.
    if (idle && r.slot !== 0 && near.takeIdle(cell)) {
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
      confOf(r),
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
