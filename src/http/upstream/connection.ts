// A connection to a peer. It belongs to one exchange at a time, or waits in a keepalive pool.
// All connections of a worker read into one buffer: what a read brings is used, or copied, before the next.

import { type ConnectionOptions, type TLSSocket, connect as tlsConnect } from 'node:tls';
import { RawSocket, type RawSocketOptions, type RawSocketUser } from '../../core/raw_socket.ts';
import { toText } from '../../core/text.ts';
import { Timer } from '../../core/timers.ts';
import type { KeepalivePool } from './keepalive.ts';
import type { Peer } from './peers.ts';
import type { SslConnect } from './ssl.ts';

/** What a connection tells the exchange that it belongs to. */
export interface ConnectionUser {
  /** There is a connection, but the TLS handshake is still to be done. */
  handshaking(): void;
  /** Requests may be sent. */
  connected(): void;
  /** `n` bytes stand at the start of `bytes`, until this returns. False: read no more until resume(). */
  received(bytes: Buffer, n: number): boolean;
  /** The peer will send no more. */
  ended(): void;
  failed(error: NodeJS.ErrnoException): void;
  /** All that was written has been handed to the system. */
  drained(): void;
  timedOut(): void;
}

export type ConnectOptions = RawSocketOptions;

/** 1 MB through it costs 0.86 of what it costs through 64 KB. */
const READ_SIZE = 256 * 1024;
const shared = Buffer.allocUnsafeSlow(READ_SIZE);

export class PeerConnection implements RawSocketUser {
  /** What its pool knows it by: the peer's name, unless the exchange says otherwise. */
  name: string;
  /** What was asked for; null without TLS. */
  readonly ssl: SslConnect | null;
  /** The TLS handshake is going on. */
  inHandshake = false;
  readonly socket: RawSocket | TLSSocket;
  readonly startTime = Date.now();
  requests = 0;
  user: ConnectionUser | null;
  /** Whose requests it serves, where its pool is local. */
  owner: object | null = null;
  closed = false;
  /** What the protocol knows of it beyond one request. */
  link: object | null = null;
  #pool: KeepalivePool | null = null;
  readonly #timer: Timer<PeerConnection>;
  #paused = false;
  /** Something waits in the socket, and its end is awaited. */
  #flushing = false;

  constructor(peer: Peer, user: ConnectionUser, options: ConnectOptions, ssl: SslConnect | null) {
    this.name = peer.name;
    this.ssl = ssl;
    this.user = user;
    this.#timer = new Timer(expired, this as PeerConnection);
    if (ssl !== null) this.socket = this.#secure(ssl, tlsConnect(tlsOptions(this, peer, options, ssl)));
    else if (peer.path !== null) this.socket = RawSocket.connectPath(this, shared, toText(peer.path));
    else this.socket = RawSocket.connect(this, shared, peer.host, peer.port, options);
  }

  #secure(ssl: SslConnect, socket: TLSSocket): TLSSocket {
    socket.on('connect', () => {
      this.inHandshake = true;
      this.user?.handshaking();
    });
    socket.on('secureConnect', () => {
      this.inHandshake = false;
      this.user?.connected();
    });
    socket.on('session', (session) => ssl.keep(session));
    socket.on('end', () => this.ended());
    socket.on('error', (error: NodeJS.ErrnoException) => this.failed(error));
    return socket;
  }

  /** Latin1 text or bytes. True: handed to the system; else drained() follows. */
  write(data: string | Buffer): boolean {
    const { socket } = this;
    if (socket instanceof RawSocket) socket.write(data);
    else if (typeof data === 'string') socket.write(data, 'latin1');
    else socket.write(data);
    return this.#flushed();
  }

  /** Most writes leave at once; of the others the end is told: a 'drain' event for each would cost more. */
  #flushed(): boolean {
    const { socket } = this;
    if (socket.writableLength === 0) return true;
    if (this.#flushing || socket instanceof RawSocket || socket.writableCorked > 0) return false;
    this.#flushing = true;
    socket.write('', (error) => {
      this.#flushing = false;
      if (!error && this.#flushed()) this.user?.drained();
    });
    return false;
  }

  /** Several writes up to uncork() leave together. */
  cork(): void {
    this.socket.cork();
  }

  uncork(): boolean {
    this.socket.uncork();
    return this.#flushed();
  }

  setTimeout(ms: number): void {
    this.#timer.set(ms);
  }

  clearTimeout(): void {
    this.#timer.clear();
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.socket.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.socket.resume();
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Waits in `pool`. */
  rest(pool: KeepalivePool, timeoutMs: number): void {
    this.user = null;
    this.#pool = pool;
    this.resume();
    this.#timer.set(timeoutMs);
    this.socket.unref();
  }

  /** Serves `user` from now on. */
  wake(user: ConnectionUser): void {
    this.user = user;
    this.#pool = null;
    this.#timer.clear();
    this.socket.ref();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#timer.end();
    this.#pool?.drop(this);
    this.#pool = null;
    this.user = null;
    // The peer is told of the end (close_notify), unless it is not reading anyway.
    const { socket } = this;
    if (socket instanceof RawSocket || this.inHandshake || socket.writableLength > 0) socket.destroy();
    else socket.destroySoon();
  }

  connected(): void {
    this.user?.connected();
  }

  drained(): void {
    this.user?.drained();
  }

  received(n: number): void {
    if (!this.take(n, shared)) this.socket.pause();
  }

  /** False: nothing more is to be read for now. */
  take(n: number, bytes: Uint8Array): boolean {
    const { user } = this;
    if (user === null) {
      this.close(); // nobody has asked for anything
      return false;
    }
    if (user.received(bytes as Buffer, n)) return !this.#paused;
    this.#paused = true;
    return false;
  }

  ended(): void {
    if (this.user === null) this.close();
    else this.user.ended();
  }

  failed(error: NodeJS.ErrnoException): void {
    const { user } = this;
    if (user !== null) user.failed(error);
    this.close();
  }

  expire(): void {
    if (this.user === null) this.close();
    else this.user.timedOut();
  }
}

function expired(c: PeerConnection): void {
  c.expire();
}

function tlsOptions(
  c: PeerConnection,
  peer: Peer,
  options: ConnectOptions,
  ssl: SslConnect,
): ConnectionOptions {
  const { localAddress, localPort, keepAlive } = options;
  const onread = { buffer: shared, callback: (n: number, bytes: Uint8Array) => c.take(n, bytes) };
  const common = { allowHalfOpen: true, onread };
  if (peer.path !== null) return { ...common, path: peer.path, ...ssl.options };
  const to = { host: peer.host, port: peer.port, noDelay: true, keepAlive, autoSelectFamily: false };
  const from = {
    ...(localAddress === null ? {} : { localAddress }),
    ...(localPort === 0 ? {} : { localPort }),
  };
  return { ...common, ...to, ...from, ...ssl.options };
}
