// The client's body on its way to a peer, as it comes: what has come and not yet been sent is held, up to a limit at which
// the client waits. How it is sent is what its two kinds know, HTTP/1's and HTTP/2's.

import type { Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import type { PeerConnection } from './connection.ts';
import type { Exchange } from './exchange.ts';
import { exchangeOf } from './of_request.ts';

/** How much is held. */
const MAX_HELD = 64 * 1024;

/** Gives a request to a connection. */
export interface Sender {
  /** Bytes given to the present connection. */
  readonly sent: number;
  /** Starts to take the body from the client. One that is here already, as a whole, is not passed on in pieces. */
  openStream(): void;
  start(c: PeerConnection): void;
  /** The connection takes more. */
  drained(c: PeerConnection): void;
  fromClient(data: Buffer, last: boolean): void;
  close(): void;
}

export abstract class ClientBody {
  protected readonly u: Exchange;
  protected held: Buffer[] = [];
  protected heldBytes = 0;
  /** No more of the body will come. */
  protected complete = false;
  /** The head has been sent: pieces may follow. */
  protected open = false;
  /** The connection takes no more for now. */
  protected blocked = false;
  /** A piece has come and the next not been asked for. */
  #waiting = false;
  #scheduled = false;

  constructor(u: Exchange) {
    this.u = u;
  }

  openStream(): void {
    const { u } = this;
    const { r } = u;
    r.bodyReader?.stream(r, clientData, clientFailed);
    if (!this.complete || u.finished) return;
    u.streaming = false;
    r.body = { chunks: this.held, file: null, length: this.heldBytes };
    this.held = [];
  }

  fromClient(data: Buffer, last: boolean): void {
    this.#waiting = !last;
    this.complete ||= last;
    if (data.length > 0) this.held.push(data);
    this.heldBytes += data.length;
    // What has come together leaves together, its end among it.
    if (this.open && !this.blocked && !this.#scheduled) {
      this.#scheduled = true;
      process.nextTick(passHeld, this);
    }
    this.askForMore();
  }

  protected askForMore(): void {
    if (!this.#waiting || this.heldBytes >= MAX_HELD) return;
    const { r } = this.u;
    this.#waiting = false;
    r.bodyReader?.more(r);
  }

  passHeld(): void {
    this.#scheduled = false;
    const { c, finished } = this.u;
    if (c === null || finished || this.blocked || !this.open) return;
    c.cork();
    this.pass(c);
  }

  /** Sends what is held, as far as it may be sent; the connection is corked. */
  protected abstract pass(c: PeerConnection): void;
}

function passHeld(body: ClientBody): void {
  body.passHeld();
}

function clientData(r: HttpRequest, data: Buffer, last: boolean): void {
  const u = exchangeOf(r);
  if (u !== null && !u.finished) u.sender?.fromClient(data, last);
}

function clientFailed(r: HttpRequest, rc: Rc): void {
  exchangeOf(r)?.finish(rc);
}
