// A connection that can change hands: from the socket of one request into the pool, and from there to another's.

import { connect, type NetConnectOpts, type Socket } from 'node:net';
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

/** All connections read into one buffer: what a read brings is copied, which costs less than a buffer for each. */
const shared = Buffer.allocUnsafeSlow(64 * 1024);

/** So much may be written without waiting for it to leave. */
const MAX_HELD = 16 * 1024;

/** Starts to connect; once there is a connection, it goes to `connected`. */
export function openLink(
  options: NetConnectOpts & { noDelay?: boolean },
  peer: string,
  connected: (link: Link) => void,
): Socket {
  let link: Link | null = null;
  const onread = {
    buffer: shared,
    callback: (n: number) => link?.take(Buffer.from(shared.subarray(0, n))) ?? true,
  };
  const socket = connect({ ...options, allowHalfOpen: true, onread });
  socket.once('connect', () => {
    link = new Link(socket, peer, options.noDelay === true);
    connected(link);
  });
  return socket;
}

export class Link {
  socket: Socket;
  owner: LinkOwner | null = null;
  /** How often it has come out of the pool. */
  reused = 0;
  /** host:port(address), for the error log. */
  readonly peer: string;
  secure = false;
  keepAlive = false;
  noDelay: boolean;
  /** The TLS session that can be resumed, as the peer gave it last. */
  session: Buffer | null = null;
  /** The name that the peer's certificate was found to be for; a session that is resumed brings none along. */
  verifiedName = '';
  /** Of its owner. It stays with the connection, since those who have it come and go. */
  readonly timer: Timer<Link>;
  #paused = false;
  /** Written in this turn, and still to be handed to the system. */
  #held = '';
  #heldUtf8 = false;

  constructor(socket: Socket, peer: string, noDelay: boolean) {
    this.socket = socket;
    this.peer = peer;
    this.noDelay = noDelay;
    this.timer = new Timer<Link>(expired, this);
    this.#listen(socket);
  }

  /** Bytes have come. False: read no more until resume(). */
  take(data: Buffer): boolean {
    this.owner?.received(data);
    return !this.#paused;
  }

  /** TLS has taken over the connection. */
  upgrade(socket: Socket): void {
    this.socket = socket;
    this.secure = true;
    this.#paused = false;
    this.#listen(socket);
    socket.on('data', (data: Buffer) => this.owner?.received(data));
  }

  #listen(socket: Socket): void {
    socket.on('end', () => {
      if (socket === this.socket) this.owner?.ended();
    });
    socket.on('error', (error: Error) => {
      if (socket === this.socket) this.owner?.failed(error);
    });
    socket.on('close', () => {
      if (socket === this.socket) this.owner?.ended();
    });
  }

  /** The number of its descriptor; Node keeps it in its handle. */
  get descriptor(): number {
    const { _handle: handle } = this.socket as Socket & {
      readonly _handle?: { readonly fd?: number } | null;
    };
    return handle?.fd ?? -1;
  }

  /**
   * Keeps a little until flush(), which comes when all scripts have had their turn: what leaves together wakes its
   * receiver once. False: it has to be written.
   */
  hold(data: string, utf8: boolean): boolean {
    if (this.#held === '') {
      if (data.length > MAX_HELD || this.socket.writableLength > 0 || this.socket.destroyed) return false;
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
    this.socket.write(held, this.#heldUtf8 ? 'utf8' : 'latin1');
  }

  /** True: all has left; else written() follows. */
  write(data: string, utf8: boolean): boolean {
    const { socket } = this;
    this.flush();
    socket.write(data, utf8 ? 'utf8' : 'latin1');
    if (socket.writableLength === 0) return true;
    socket.write('', this.#onWritten); // a callback for each write would cost more
    return false;
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
    this.socket.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.socket.resume();
  }

  close(): void {
    this.flush();
    this.owner = null;
    this.timer.end();
    this.socket.destroy();
  }
}

function expired(link: Link): void {
  link.owner?.expired();
}
