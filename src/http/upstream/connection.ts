// A connection to a peer. It belongs to one exchange at a time, or waits in a keepalive pool.
// All connections of a worker read into one buffer: what a read brings is used, or copied, before the next.

import { connect, type Socket } from 'node:net';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
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

export interface ConnectOptions {
  /** The local address to bind to; null for any. */
  readonly localAddress: string | null;
  readonly localPort: number;
  readonly keepAlive: boolean;
}

/** 1 MB through it costs 0.86 of what it costs through 64 KB. */
const READ_SIZE = 256 * 1024;
const shared = Buffer.allocUnsafeSlow(READ_SIZE);

export class PeerConnection {
  /** What its pool knows it by: the peer's name, unless the exchange says otherwise. */
  name: string;
  /** What was asked for; null without TLS. */
  readonly ssl: SslConnect | null;
  /** The TLS handshake is going on. */
  inHandshake = false;
  readonly socket: Socket;
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
    const onread = { buffer: shared, callback: (n: number, bytes: Uint8Array) => this.#received(n, bytes) };
    const common = { allowHalfOpen: true, onread };
    const to =
      peer.path !== null
        ? { path: peer.path }
        : {
            host: peer.host,
            port: peer.port,
            noDelay: true,
            keepAlive: options.keepAlive,
            autoSelectFamily: false,
            ...(options.localAddress === null ? {} : { localAddress: options.localAddress }),
            ...(options.localPort === 0 ? {} : { localPort: options.localPort }),
          };
    if (ssl === null) {
      this.socket = connect({ ...common, ...to });
      this.socket.on('connect', () => this.user?.connected());
    } else {
      this.socket = this.#secure(ssl, tlsConnect({ ...common, ...to, ...ssl.options }));
    }
    this.socket.on('end', () => this.#ended());
    this.socket.on('error', (error: NodeJS.ErrnoException) => this.#failed(error));
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
    return socket;
  }

  /** Latin1 text or bytes. True: handed to the system; else drained() follows. */
  write(data: string | Buffer): boolean {
    const { socket } = this;
    if (typeof data === 'string') socket.write(data, 'latin1');
    else socket.write(data);
    return this.#flushed();
  }

  /** Most writes leave at once; of the others the end is told: a 'drain' event for each would cost more. */
  #flushed(): boolean {
    const { socket } = this;
    if (socket.writableLength === 0) return true;
    if (this.#flushing || socket.writableCorked > 0) return false;
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
    this.#timer.clear();
    this.#pool?.drop(this);
    this.#pool = null;
    this.user = null;
    // The peer is told of the end (close_notify), unless it is not reading anyway.
    if (this.ssl !== null && !this.inHandshake && this.socket.writableLength === 0) this.socket.destroySoon();
    else this.socket.destroy();
  }

  #received(n: number, bytes: Uint8Array): boolean {
    const { user } = this;
    if (user === null) {
      this.close(); // nobody has asked for anything
      return false;
    }
    if (user.received(bytes as Buffer, n)) return !this.#paused;
    this.#paused = true;
    return false;
  }

  #ended(): void {
    if (this.user === null) this.close();
    else this.user.ended();
  }

  #failed(error: NodeJS.ErrnoException): void {
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
