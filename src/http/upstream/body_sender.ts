// Sends a request to a peer: its head, and behind it the body, from memory, from a file, or as the client sends it.

import { closeSync, openSync, readSync } from 'node:fs';
import { errorText } from '../../core/errno.ts';
import { logError } from '../log.ts';
import type { Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import type { PeerConnection } from './connection.ts';
import type { Exchange } from './exchange.ts';
import { exchangeOf } from './of_request.ts';

/** A body up to this size leaves with the head in one write. */
const SMALL = 16 * 1024;
const PIECE = 64 * 1024;

export class RequestSender {
  readonly #u: Exchange;
  /** Bytes given to the present connection. */
  sent = 0;
  #fd = -1;
  /** STREAMED: all has come from the client. */
  #complete = false;
  /** STREAMED: the client has been asked for more. */
  #asked = false;

  constructor(u: Exchange) {
    this.#u = u;
  }

  start(c: PeerConnection): void {
    const u = this.#u;
    const { head, r } = u;
    this.sent = head.length;
    if (u.streaming) {
      this.#settle(c.write(head));
      r.bodyReader?.stream(r, clientData, clientFailed);
      if (r.bodyReader === null && !this.#complete) this.#finishStream();
      return;
    }
    const body = u.passBody ? r.body : null;
    if (body === null || body.length === 0) {
      this.#settle(c.write(head));
      return;
    }
    this.sent += body.length;
    if (body.file !== null) {
      this.#startFile(c, head, body.file);
      return;
    }
    const chunks = body.chunks ?? [];
    if (body.length <= SMALL) {
      let text = head;
      for (const chunk of chunks) text += chunk.toString('latin1', 0, chunk.length);
      this.#settle(c.write(text));
      return;
    }
    c.cork();
    c.write(head);
    for (const chunk of chunks) c.write(chunk);
    this.#settle(c.uncork());
  }

  /** All is given to the connection, and has left or not. */
  #settle(flushed: boolean): void {
    const u = this.#u;
    const complete = !u.streaming || this.#complete;
    if (!flushed) u.blocked();
    else if (complete && this.#fd === -1) u.sent();
    else u.c?.clearTimeout();
  }

  drained(c: PeerConnection): void {
    const u = this.#u;
    if (this.#fd !== -1) {
      this.#fill(c);
      return;
    }
    if (!u.streaming || this.#complete) {
      u.sent();
      return;
    }
    c.clearTimeout();
    this.#more();
  }

  #startFile(c: PeerConnection, head: string, name: string): void {
    const u = this.#u;
    try {
      this.#fd = openSync(name, 'r');
    } catch (error) {
      logError(u.r, 'crit', `open() "${name}" failed ${errorText(error)}`);
      u.finish(500);
      return;
    }
    if (c.write(head)) this.#fill(c);
    else u.blocked();
  }

  #fill(c: PeerConnection): void {
    const u = this.#u;
    for (;;) {
      const piece = Buffer.allocUnsafe(PIECE);
      let n: number;
      try {
        n = readSync(this.#fd, piece);
      } catch (error) {
        logError(u.r, 'crit', `read() "${u.r.body?.file}" failed ${errorText(error)}`);
        this.close();
        u.finish(500);
        return;
      }
      if (n === 0) break;
      if (!c.write(n === PIECE ? piece : piece.subarray(0, n))) {
        u.blocked();
        return;
      }
      if (u.finished) return;
    }
    this.close();
    u.sent();
  }

  close(): void {
    if (this.#fd === -1) return;
    closeSync(this.#fd);
    this.#fd = -1;
  }

  fromClient(data: Buffer, last: boolean): void {
    const { c } = this.#u;
    this.#asked = false;
    if (c === null) return;
    this.#complete ||= last;
    const { length } = data;
    let flushed = true;
    if (length > 0) {
      if (this.#u.chunkedBody) {
        const size = `${length.toString(16)}\r\n`;
        this.sent += size.length + length + 2;
        c.cork();
        c.write(size);
        c.write(data);
        c.write(last ? '\r\n0\r\n\r\n' : '\r\n');
        if (last) this.sent += 5;
        flushed = c.uncork();
      } else {
        this.sent += length;
        flushed = c.write(data);
      }
    } else if (last && this.#u.chunkedBody) {
      this.sent += 5;
      flushed = c.write('0\r\n\r\n');
    }
    this.#settle(flushed);
    if (flushed && !this.#complete) this.#more();
  }

  #more(): void {
    const { r } = this.#u;
    if (this.#asked || this.#complete) return;
    this.#asked = true;
    r.bodyReader?.more(r);
  }

  #finishStream(): void {
    this.fromClient(EMPTY, true);
  }
}

const EMPTY = Buffer.alloc(0);

function clientData(r: HttpRequest, data: Buffer, last: boolean): void {
  const u = exchangeOf(r);
  if (u === null || u.finished) return;
  u.sender?.fromClient(data, last);
}

function clientFailed(r: HttpRequest, rc: Rc): void {
  exchangeOf(r)?.finish(rc);
}
