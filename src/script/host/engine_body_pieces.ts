// The pieces of a body between its source and what follows body filters of scripts. All go to the scripts as they come,
// without waiting for the answers to those before; the answers come in their order. Here the bytes stay meanwhile: a
// script asks for those that it looks at, and what it leaves as it is goes on from here.
//
//   add ─ pieces ─ give → scripts ─ answer → next filter

import type { BodyFilter } from '../../http/output.ts';
import { AGAIN, OK, type Rc } from '../../http/rc.ts';
import type { HttpRequest } from '../../http/request.ts';
import { APPENDED, KEPT, REPLACED } from '../protocol.ts';
import type { Actor } from './actor.ts';
import type { ScriptRequest } from './request.ts';

interface Piece {
  readonly data: string | Buffer;
  readonly last: boolean;
  /** The next one follows it in memory. */
  readonly cut: boolean;
  /** What follows is to hand on what it holds back. */
  readonly flush: boolean;
}

export class BodyPieces {
  readonly #r: HttpRequest;
  readonly #pieces: Piece[] = [];
  /** The number of the first one; and of the first that has not been given to the scripts. */
  #first = 0;
  #next = 0;
  #filter: BodyFilter | null = null;
  #gathering = false;
  /** Left as it is, and waiting for what follows it in memory. */
  #unbroken: Buffer | null = null;
  /** The source has given its last piece. */
  complete = false;
  /** The last piece has gone on, perhaps because a filter said so: what its source still gives is dropped. */
  ended = false;

  constructor(r: HttpRequest) {
    this.#r = r;
  }

  /** There are some. */
  get waiting(): boolean {
    return this.#pieces.length > 0;
  }

  /** Scripts have some. */
  get given(): boolean {
    return this.#next > this.#first;
  }

  /** As in nginx, no script sees more bytes of a file at a time than output_buffers says. */
  add(data: string | Buffer, last: boolean, filter: BodyFilter): void {
    this.#filter = filter;
    this.complete = last;
    const most = this.#r.loc.core.output_buffers.size;
    let at = 0;
    if (typeof data !== 'string') {
      for (; data.length - at > most; at += most) {
        this.#pieces.push({ data: data.subarray(at, at + most), last: false, cut: true, flush: false });
      }
    }
    const rest = at === 0 || typeof data === 'string' ? data : data.subarray(at);
    this.#pieces.push({ data: rest, last, cut: false, flush: this.#r.flushing });
  }

  give(actor: Actor, r: ScriptRequest, segment: number): void {
    for (let at = this.#next - this.#first; at < this.#pieces.length; at++) {
      const { data, last } = this.#pieces[at] as Piece;
      actor.chunk(r, segment, this.#next++, data, last);
    }
  }

  /** Bytes, one a character. */
  text(number: number): string {
    const data = this.#pieces[number - this.#first]?.data ?? '';
    return typeof data === 'string' ? data : data.toString('latin1');
  }

  /** What the scripts have made of the first piece goes on. */
  answer(how: number, last: boolean, raw: string, more: boolean): Rc {
    const piece = this.#pieces.shift() as Piece;
    let { data } = piece;
    this.#first++;
    const next = this.#filter as BodyFilter;
    const r = this.#r;
    let rc: Rc;
    const goesOn = more && !last;
    const unbroken = this.#unbroken;
    if (unbroken !== null) {
      this.#unbroken = null;
      if (how === REPLACED) next(r, unbroken, false);
      else data = Buffer.from(unbroken.buffer, unbroken.byteOffset, unbroken.length + data.length);
    }
    if (how === KEPT && goesOn && piece.cut) {
      this.#unbroken = data as Buffer;
      return OK;
    }
    if (!this.#gathering && (goesOn || how === APPENDED)) this.#gather(true);
    if (how === KEPT) {
      rc = next(r, data, last);
    } else if (how === APPENDED && typeof data !== 'string') {
      next(r, data, false);
      rc = next(r, raw, last);
    } else {
      rc = next(r, how === APPENDED ? data + raw : raw, last);
    }
    if (this.#gathering && !goesOn) {
      this.#gather(false);
      if (rc === OK && !last && r.sink.pending(r)) rc = AGAIN;
    }
    if (piece.flush && !last) {
      r.flushing = true;
      next(r, '', false);
      r.flushing = false;
      r.sink.flush(r);
    }
    if (last) {
      this.ended = true;
      this.drop();
    }
    return rc;
  }

  /** What is made of several pieces in one visit leaves together. */
  #gather(on: boolean): void {
    this.#gathering = on;
    this.#r.sink.gather?.(this.#r, on);
  }

  /** Nobody waits for them any more. */
  drop(): void {
    this.#first += this.#pieces.length;
    this.#next = this.#first;
    this.#pieces.length = 0;
    this.#unbroken = null;
  }
}
