// The client's body piece by piece, for a script that reads it as a stream: as it comes, or from where it was kept when
// somebody has had it read before.

import { closeSync, openSync, readSync } from 'node:fs';
import { messageOf } from '../../core/thrown.ts';
import { finalize } from '../../http/engine.ts';
import type { Rc } from '../../http/rc.ts';
import type { HttpRequest } from '../../http/request.ts';
import { RAW, TEXT, UNDEFINED } from '../protocol.ts';
import type { Done } from './request.ts';

const FILE_BYTES = 64 * 1024;

export class BodyPull {
  readonly #r: HttpRequest;
  /** Of a body that has been read. */
  #at = 0;
  /** Of one that comes in: waiting for a piece, pieces that came unasked, the end. */
  #done: Done | null = null;
  #streaming = false;
  #last = false;
  #held: Buffer[] = [];

  constructor(r: HttpRequest) {
    this.#r = r;
  }

  pull(done: Done): void {
    const r = this.#r;
    if (this.#streaming) {
      this.#done = done;
      if (this.#held.length > 0 || this.#last) this.#answer();
      else r.bodyReader?.more(r);
    } else if (r.body !== null) {
      this.#fromBody(done);
    } else if (r.bodyReader === null || r.discardBody) {
      done(true, UNDEFINED, '', '');
    } else {
      this.#streaming = true;
      this.#done = done;
      r.bodyReader.stream(
        r,
        (_r, data, last) => this.#take(data, last),
        (request, rc) => this.#failed(request, rc),
      );
    }
  }

  /** Nobody waits any more. */
  drop(): void {
    this.#done = null;
  }

  #take(data: Buffer, last: boolean): void {
    if (data.length > 0) this.#held.push(data);
    if (last) this.#last = true;
    this.#answer();
  }

  #answer(): void {
    const done = this.#done;
    if (done === null) return;
    this.#done = null;
    const raw = this.#held.length === 0 ? '' : Buffer.concat(this.#held).toString('latin1');
    this.#held = [];
    if (raw !== '') done(true, RAW, raw, '');
    else if (this.#last) done(true, UNDEFINED, '', '');
    else this.#done = done;
  }

  #failed(r: HttpRequest, rc: Rc): void {
    this.#last = true;
    this.#done = null;
    finalize(r, rc);
  }

  #fromBody(done: Done): void {
    const { body } = this.#r;
    if (body === null) return;
    if (body.file !== null) {
      this.#fromFile(body.file, done);
      return;
    }
    const piece = body.chunks?.[this.#at++];
    if (piece === undefined) done(true, UNDEFINED, '', '');
    else done(true, RAW, piece.toString('latin1'), '');
  }

  /** As nginx without aio: small reads of a local file, at once. */
  #fromFile(file: string, done: Done): void {
    const buffer = Buffer.allocUnsafe(FILE_BYTES);
    let length: number;
    try {
      const fd = openSync(file, 'r');
      try {
        length = readSync(fd, buffer, 0, FILE_BYTES, this.#at);
      } finally {
        closeSync(fd);
      }
    } catch (error) {
      done(false, TEXT, messageOf(error), '');
      return;
    }
    this.#at += length;
    if (length === 0) done(true, UNDEFINED, '', '');
    else done(true, RAW, buffer.toString('latin1', 0, length), '');
  }
}
