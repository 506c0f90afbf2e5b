// A connection that can change hands: from the socket of one request into the pool, and from there to another's.

import type { Socket } from 'node:net';

/** Who has the connection now. */
export interface LinkOwner {
  received(data: Buffer): void;
  /** The peer will send no more. */
  ended(): void;
  failed(error: Error): void;
  /** What was being written has left. */
  written(): void;
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

  /** TLS has taken over the connection. */
  upgrade(socket: Socket): void {
    this.socket = socket;
    this.secure = true;
    this.#paused = false;
    this.#listen(socket);
  }

  #listen(socket: Socket): void {
    socket.on('data', (data: Buffer) => {
      if (socket === this.socket) this.owner?.received(data);
    });
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

  readonly onWritten = (): void => {
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
