// A connection that can change hands: from the socket of one request into the pool, and from there to another's.

import { connect, type NetConnectOpts, type Socket } from 'node:net';

/** Who has the connection now. */
export interface LinkOwner {
  received(data: Buffer): void;
  /** The peer will send no more. */
  ended(): void;
  failed(error: Error): void;
  /** What was being written has left. */
  written(): void;
}

/** All connections read into one buffer: what a read brings is copied, which costs less than a buffer for each. */
const shared = Buffer.allocUnsafeSlow(64 * 1024);

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
  #paused = false;

  constructor(socket: Socket, peer: string, noDelay: boolean) {
    this.socket = socket;
    this.peer = peer;
    this.noDelay = noDelay;
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

  /** True: all has left; else written() follows. */
  write(data: string, utf8: boolean): boolean {
    const { socket } = this;
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
    this.owner = null;
    this.socket.destroy();
  }
}
