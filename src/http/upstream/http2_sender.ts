// Sends a request over HTTP/2: its headers, and behind them the body in frames, as far as the peer's windows let it.

import { closeSync, openSync, readSync } from 'node:fs';
import { diskPath } from '../../core/disk_path.ts';
import { errorText } from '../../core/errno.ts';
import { Timer } from '../../core/timers.ts';
import { logError } from '../log.ts';
import { borrow, free, giveBack } from '../spare_buffers.ts';
import { ClientBody, type Sender } from './client_body.ts';
import type { PeerConnection } from './connection.ts';
import type { Exchange } from './exchange.ts';
import { DATA, END_STREAM, FRAME_SIZE, frameHead, headerFrames } from './http2_frames.ts';
import { type Http2Link, linkOf } from './http2_link.ts';

const PIECE = 64 * 1024;

/** What the codec makes of the request. */
export interface Http2Request {
  /** Its headers, compressed. */
  readonly block: string;
  /** A body of its own (proxy_set_body); null: the client's. */
  readonly body: string | null;
}

export class Http2Sender extends ClientBody implements Sender {
  sent = 0;
  /** The number of the stream. */
  stream = 0;
  /** What the peer lets this stream send. */
  window = 0;
  /** The last frame of the request has been given to the connection. */
  closed = false;
  /** Asked when the request is sent: while a body is streamed it is not there yet. */
  readonly #request: () => Http2Request;
  #link: Http2Link | null = null;
  /** How much of the first piece that is held has been sent. */
  #offset = 0;
  /** Given to the connection, but not yet to the system. */
  #leaving: Buffer[] = [];
  #fd = -1;
  /** Of the connection or the windows. Sending goes on beside the response, which the connection's own timer is for. */
  readonly #timer = new Timer(sendTimedOut, this as Http2Sender);

  constructor(u: Exchange, request: () => Http2Request) {
    super(u);
    this.#request = request;
  }

  start(c: PeerConnection): void {
    const { u } = this;
    const link = linkOf(c);
    this.#link = link;
    this.stream = link.open();
    this.window = link.initialWindow;
    this.closed = false;
    this.open = true;
    this.blocked = false;
    this.#leaving = [];
    c.clearTimeout();
    if (!u.streaming && !this.#takeBody()) return;
    const empty = this.complete && this.heldBytes === 0;
    const head = link.preface(this.stream) + headerFrames(this.#request().block, this.stream, empty);
    this.sent = head.length;
    this.closed = empty;
    c.cork();
    c.write(head);
    this.pass(c);
  }

  /** The body as a whole is here. False: it cannot be had, which ended the request. */
  #takeBody(): boolean {
    const { u } = this;
    const own = this.#request().body;
    const body = u.passBody ? u.r.body : null;
    this.complete = true;
    this.held = [];
    this.#offset = 0;
    if (own !== null) this.held.push(Buffer.from(own, 'latin1'));
    else if (body !== null) this.held.push(...(body.chunks ?? []));
    this.heldBytes = this.held.reduce((bytes, piece) => bytes + piece.length, 0);
    if (own !== null || body === null || body.file === null) return true;
    try {
      this.#fd = openSync(diskPath(body.file), 'r');
    } catch (error) {
      logError(u.r, 'crit', `open() "${body.file}" failed ${errorText(error)}`);
      u.finish(500);
      return false;
    }
    this.complete = body.length === 0;
    return true;
  }

  drained(c: PeerConnection): void {
    this.blocked = false;
    this.#release();
    if (this.closed) {
      this.#timer.clear();
      this.u.sent();
      return;
    }
    c.cork();
    this.pass(c);
  }

  /** The peer lets more be sent. */
  windowOpened(c: PeerConnection): void {
    if (this.closed || this.blocked || !this.open) return;
    c.cork();
    this.pass(c);
  }

  protected override pass(c: PeerConnection): void {
    const { u } = this;
    while (this.#frames(c)) {
      if (!c.uncork()) {
        this.blocked = true;
        this.#timer.set(u.timeouts.sendTimeout);
        return;
      }
      this.#release();
      c.cork();
    }
    this.blocked = !c.uncork();
    if (!this.blocked) this.#release();
    if (u.finished) return;
    if (this.blocked || this.heldBytes > 0) this.#timer.set(u.timeouts.sendTimeout);
    else this.#timer.clear();
    if (!this.closed) this.askForMore();
    else if (!this.blocked) u.sent();
  }

  /** Frames of what is here. True: there is more in the file, for when these have left. */
  #frames(c: PeerConnection): boolean {
    const link = this.#link as Http2Link;
    while (!this.closed) {
      if (this.heldBytes === 0 && this.#fd !== -1) {
        if (c.socket.writableLength > PIECE) return true;
        if (!this.#refill()) return false;
      }
      if (this.heldBytes === 0 && !this.complete) return false;
      const size = Math.min(this.heldBytes, FRAME_SIZE, this.window, link.sendWindow);
      if (size <= 0 && this.heldBytes > 0) return false;
      this.#frame(c, link, Math.max(0, size));
    }
    return false;
  }

  #frame(c: PeerConnection, link: Http2Link, size: number): void {
    let left = size;
    const last = this.complete && size === this.heldBytes;
    c.write(frameHead(size, DATA, last ? END_STREAM : 0, this.stream));
    while (left > 0) {
      const piece = this.held[0] as Buffer;
      const part = Math.min(left, piece.length - this.#offset);
      c.write(part === piece.length ? piece : piece.subarray(this.#offset, this.#offset + part));
      left -= part;
      this.#offset += part;
      if (this.#offset < piece.length) break;
      this.#offset = 0;
      this.held.shift();
      this.#leaving.push(piece);
    }
    this.heldBytes -= size;
    this.window -= size;
    link.sendWindow -= size;
    this.sent += size + 9;
    this.closed = last;
  }

  /** The system has all that was sent. What is in memory as a whole may have to be sent to another peer. */
  #release(): void {
    for (const piece of this.#leaving) {
      giveBack(piece);
      if (this.u.streaming) free(piece);
    }
    this.#leaving.length = 0;
  }

  /** Reads on in the body's file. */
  #refill(): boolean {
    const { u } = this;
    const piece = borrow(PIECE);
    try {
      const n = readSync(this.#fd, piece);
      if (n === 0) {
        this.complete = true;
        this.#closeFile();
        return true;
      }
      this.held.push(piece.subarray(0, n));
      this.heldBytes += n;
      return true;
    } catch (error) {
      logError(u.r, 'crit', `read() "${u.r.body?.file}" failed ${errorText(error)}`);
      this.#closeFile();
      u.finish(500);
      return false;
    }
  }

  timedOut(): void {
    this.u.sendTimedOut();
  }

  close(): void {
    this.open = false;
    this.#timer.clear();
    this.#closeFile();
  }

  #closeFile(): void {
    if (this.#fd === -1) return;
    closeSync(this.#fd);
    this.#fd = -1;
  }
}

function sendTimedOut(sender: Http2Sender): void {
  sender.timedOut();
}
