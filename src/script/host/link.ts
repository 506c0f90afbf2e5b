// A connection that can change hands: from the socket of one request into the pool, and from there to another's.

import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { RawSocket, type RawSocketUser } from '../../core/raw_socket.ts';
import { isAscii } from '../../core/text.ts';
import { Timer } from '../../core/timers.ts';

/** Who has the connection now. */
export interface LinkOwner {
  received(data: Buffer): void;
  /** The peer will send no more. */
  ended(): void;
  failed(error: Error): void;
  /** What was being written has left. */
  written(): void;
  /** The timer of the link has come. */
  expired(): void;
}

interface LinkTarget {
  /** An address, or a path. */
  readonly host: string;
  readonly port: number;
  /** Empty and 0 for any. */
  readonly localAddress: string;
  readonly localPort: number;
  readonly noDelay: boolean;
}

/** All connections read into one buffer: what a read brings is copied, which costs less than a buffer for each. */
const shared = Buffer.allocUnsafeSlow(64 * 1024);

/** So much may be written without waiting for it to leave. */
const MAX_HELD = 16 * 1024;

export class Link implements RawSocketUser {
  #raw: RawSocket | null = null;
  #tls: TLSSocket | null = null;
  owner: LinkOwner | null = null;
  /** How often it has come out of the pool. */
  reused = 0;
  /** host:port(address), for the error log. */
  readonly peer: string;
  keepAlive = false;
  noDelay: boolean;
  /** The TLS session that can be resumed, as the peer gave it last. */
  session: Buffer | null = null;
  /** The name that the peer's certificate was found to be for; a session that is resumed brings none along. */
  verifiedName = '';
  /** Of its owner. It stays with the connection, since those who have it come and go. */
  readonly timer: Timer<Link>;
  /** Who is told of the connection; null once there is one. */
  #opened: ((error: Error | null) => void) | null;
  #paused = false;
  /** Written in this turn, and still to be handed to the system. */
  #held = '';
  #heldUtf8 = false;

  /** Starts to connect; `opened` is told what comes of it, unless it is closed before. */
  constructor(target: LinkTarget, peer: string, opened: (error: Error | null) => void) {
    const { host, port, localAddress, localPort, noDelay } = target;
    this.peer = peer;
    this.noDelay = noDelay;
    this.timer = new Timer<Link>(expired, this);
    this.#opened = opened;
    const local = { localAddress: localAddress === '' ? null : localAddress, localPort, keepAlive: false };
    this.#raw = host.startsWith('/')
      ? RawSocket.connectPath(this, shared, host)
      : RawSocket.connect(this, shared, host, port, local);
  }

  get secure(): boolean {
    return this.#tls !== null;
  }

  // What the connection tells.

  connected(): void {
    const opened = this.#opened;
    this.#opened = null;
    this.#raw?.setNoDelay(this.noDelay);
    opened?.(null);
  }

  failed(error: Error): void {
    const opened = this.#opened;
    this.#opened = null;
    if (opened !== null) opened(error);
    else this.owner?.failed(error);
  }

  received(n: number): void {
    const { owner } = this;
    if (owner === null) return;
    const data = Buffer.allocUnsafe(n);
    shared.copy(data, 0, 0, n);
    owner.received(data);
  }

  ended(): void {
    this.owner?.ended();
  }

  drained(): void {
    this.owner?.written();
  }

  /** TLS takes over the connection: `secure` makes its socket. */
  upgrade(secure: (socket: Socket) => TLSSocket): TLSSocket {
    this.flush();
    const raw = this.#raw as RawSocket;
    this.#raw = null;
    const tls = secure(raw.toSocket());
    this.#tls = tls;
    this.#paused = false;
    tls.on('data', (data: Buffer) => this.owner?.received(data));
    tls.on('end', () => this.owner?.ended());
    tls.on('error', (error: Error) => this.owner?.failed(error));
    tls.on('close', () => this.owner?.ended());
    return tls;
  }

  /** The number of its descriptor; Node keeps it in its handle. */
  get descriptor(): number {
    if (this.#raw !== null) return this.#raw.descriptor;
    const { _handle: handle } = this.#tls as Socket & {
      readonly _handle?: { readonly fd?: number } | null;
    };
    return handle?.fd ?? -1;
  }

  setKeepAlive(on: boolean): void {
    (this.#raw ?? this.#tls)?.setKeepAlive(on);
    this.keepAlive = on;
  }

  setNoDelay(on: boolean): void {
    (this.#raw ?? this.#tls)?.setNoDelay(on);
    this.noDelay = on;
  }

  /** Bytes that were written, but not handed to the system. */
  get pending(): number {
    return (this.#raw ?? this.#tls)?.writableLength ?? 0;
  }

  /** Why nothing can be written any more. */
  get fault(): Error | null {
    return this.#raw !== null ? this.#raw.fault : (this.#tls?.errored ?? null);
  }

  /**
   * Keeps a little until flush(), which comes when all scripts have had their turn: what leaves together wakes its
   * receiver once. False: it has to be written.
   */
  hold(data: string, utf8: boolean): boolean {
    if (this.#held === '') {
      if (data.length > MAX_HELD || this.pending > 0 || this.#tls?.destroyed === true) return false;
      this.#held = data;
      this.#heldUtf8 = utf8;
      return true;
    }
    if (utf8 !== this.#heldUtf8 || this.#held.length + data.length > MAX_HELD) return false;
    this.#held += data;
    return true;
  }

  flush(): void {
    const held = this.#held;
    if (held === '') return;
    this.#held = '';
    this.#write(held, this.#heldUtf8);
  }

  /** True: all has left; else written() follows. */
  write(data: string, utf8: boolean): boolean {
    this.flush();
    this.#write(data, utf8);
    return this.pending === 0;
  }

  #write(data: string, utf8: boolean): void {
    const raw = this.#raw;
    if (raw !== null) {
      raw.write(utf8 && !isAscii(data) ? Buffer.from(data, 'utf8') : data);
      return;
    }
    const tls = this.#tls as TLSSocket;
    tls.write(data, utf8 ? 'utf8' : 'latin1');
    if (tls.writableLength > 0) tls.write('', this.#onWritten); // a callback for each write would cost more
  }

  readonly #onWritten = (): void => {
    this.owner?.written();
  };

  /** The session as scripts keep it, a character a byte; empty for none. */
  get sessionText(): string {
    return this.session === null ? '' : `${this.verifiedName}\0${this.session.toString('latin1')}`;
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    (this.#raw ?? this.#tls)?.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    (this.#raw ?? this.#tls)?.resume();
  }

  close(): void {
    this.flush();
    this.owner = null;
    this.timer.end();
    this.#opened = null;
    (this.#raw ?? this.#tls)?.destroy();
  }
}

function expired(link: Link): void {
  link.owner?.expired();
}
