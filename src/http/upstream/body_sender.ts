// Sends a request to a peer: its head, and behind it the body, from memory, from a file, or as the client sends it.

import { closeSync, openSync, readSync } from 'node:fs';
import { diskPath } from '../../core/disk_path.ts';
import { errorText } from '../../core/errno.ts';
import { logError } from '../log.ts';
import { borrow, free, giveBack } from '../spare_buffers.ts';
import { ClientBody, type Sender } from './client_body.ts';
import type { PeerConnection } from './connection.ts';

/** A body up to this size leaves with the head in one write. */
const SMALL = 16 * 1024;
/** How much of a file is read at a time, and after how much the other connections have their turn. */
const PIECE = 256 * 1024;
const TURN = 1024 * 1024;

/** How the pieces of a body are marked. */
export interface Framing {
  /** The longest piece. */
  readonly most: number;
  before(size: number): string;
  after(size: number): string;
  readonly end: string;
}

/** HTTP/1.1's chunks. */
export const CHUNKED: Framing = {
  most: Number.POSITIVE_INFINITY,
  before: (size) => `${size.toString(16)}\r\n`,
  after: () => '\r\n',
  end: '0\r\n\r\n',
};

export class RequestSender extends ClientBody implements Sender {
  sent = 0;
  #fd = -1;
  /** Given to the connection, but not yet to the system. */
  readonly #leaving: Buffer[] = [];

  start(c: PeerConnection): void {
    const { u } = this;
    const { head, r, framing } = u;
    this.sent = head.length;
    this.#leaving.length = 0;
    if (u.streaming) {
      this.open = true;
      c.cork();
      c.write(head);
      this.pass(c);
      return;
    }
    const body = u.passBody ? r.body : null;
    if (body === null || body.length === 0) {
      const all = framing === null ? head : head + framing.end;
      this.sent = all.length;
      this.#settle(all === '' || c.write(all));
      return;
    }
    if (framing === null) this.sent += body.length;
    if (body.file !== null) {
      this.#startFile(c, head, body.file);
      return;
    }
    const chunks = body.chunks ?? [];
    if (framing !== null) {
      c.cork();
      c.write(head);
      for (const chunk of chunks) this.#framed(c, framing, chunk);
      this.#text(c, framing.end);
      this.#settle(c.uncork());
      return;
    }
    if (body.length <= SMALL) {
      let text = head;
      for (const chunk of chunks) text += chunk.toString('latin1');
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
    if (flushed) this.u.sent();
    else this.u.blocked();
  }

  drained(c: PeerConnection): void {
    if (this.#fd !== -1) this.#fillOn(c);
    else if (this.u.streaming) this.#passed(c, true);
    else this.u.sent();
  }

  #startFile(c: PeerConnection, head: string, name: string): void {
    const { u } = this;
    try {
      this.#fd = openSync(diskPath(name), 'r');
    } catch (error) {
      logError(u.r, 'crit', `open() "${name}" failed ${errorText(error)}`);
      u.finish(500);
      return;
    }
    if (c.write(head)) this.#fill(c);
    else u.blocked();
  }

  #framed(c: PeerConnection, framing: Framing, bytes: Buffer): void {
    for (let from = 0; from < bytes.length; from += framing.most) {
      const piece = bytes.subarray(from, from + framing.most);
      this.#text(c, framing.before(piece.length));
      c.write(piece);
      this.sent += piece.length;
      this.#text(c, framing.after(piece.length));
    }
  }

  #fillOn(c: PeerConnection): void {
    for (const piece of this.#leaving) giveBack(piece);
    this.#leaving.length = 0;
    this.#fill(c);
  }

  #fill(c: PeerConnection): void {
    const { u } = this;
    const { framing } = u;
    for (let turn = 0; turn < TURN; turn += PIECE) {
      const bytes = this.#readPiece();
      if (bytes === null) return;
      if (bytes.length === 0) {
        this.#endFile(c);
        return;
      }
      if (framing !== null) {
        c.cork();
        this.#framed(c, framing, bytes);
      }
      if (!(framing === null ? c.write(bytes) : c.uncork())) {
        this.#leaving.push(bytes);
        u.blocked();
        return;
      }
      giveBack(bytes);
      if (u.finished) return;
    }
    setImmediate(fillOn, this, c);
  }

  /** The others have had their turn. */
  onTurn(c: PeerConnection): void {
    if (this.#fd !== -1 && this.u.c === c) this.#fill(c);
  }

  /** null: the file cannot be read, which ended the request. */
  #readPiece(): Buffer | null {
    const { u } = this;
    const piece = borrow(PIECE);
    try {
      const n = readSync(this.#fd, piece);
      return n === PIECE ? piece : piece.subarray(0, n);
    } catch (error) {
      logError(u.r, 'crit', `read() "${u.r.body?.file}" failed ${errorText(error)}`);
      this.close();
      u.finish(500);
      return null;
    }
  }

  #endFile(c: PeerConnection): void {
    const { u } = this;
    const { framing } = u;
    this.close();
    if (framing === null) {
      u.sent();
      return;
    }
    this.sent += framing.end.length;
    this.#settle(c.write(framing.end));
  }

  close(): void {
    if (this.#fd === -1) return;
    closeSync(this.#fd);
    this.#fd = -1;
  }

  protected override pass(c: PeerConnection): void {
    const { framing } = this.u;
    const size = this.heldBytes;
    if (size > 0) {
      if (framing !== null && size > framing.most) {
        for (const piece of this.held) this.#framed(c, framing, piece);
      } else {
        if (framing !== null) this.#text(c, framing.before(size));
        for (const piece of this.held) c.write(piece);
        this.sent += size;
        if (framing !== null) this.#text(c, framing.after(size));
      }
      this.#leaving.push(...this.held);
    }
    this.held = [];
    this.heldBytes = 0;
    if (this.complete && framing !== null) this.#text(c, framing.end);
    this.#passed(c, c.uncork());
  }

  #text(c: PeerConnection, text: string): void {
    this.sent += text.length;
    c.write(text);
  }

  #passed(c: PeerConnection, flushed: boolean): void {
    const { u } = this;
    this.blocked = !flushed;
    if (!flushed) {
      u.blocked();
      return;
    }
    for (const piece of this.#leaving) free(piece);
    this.#leaving.length = 0;
    if (this.heldBytes > 0) {
      c.cork();
      this.pass(c);
      return;
    }
    if (this.complete) {
      u.sent();
      return;
    }
    c.clearTimeout();
    this.askForMore();
  }
}

function fillOn(sender: RequestSender, c: PeerConnection): void {
  sender.onTurn(c);
}
