// Messages on their way into an isolate. They gather in batches; how many of one a visit takes up, the guest decides.
// protocol.ts has the layout of the records.

import { isAscii } from '../../core/text.ts';
import {
  ABORT,
  ABORT_INTS,
  ALONE,
  ALONE_INTS,
  ASCII_PIECE,
  CHUNK,
  CHUNK_INTS,
  END,
  END_INTS,
  FINAL,
  HEAD_SENT,
  KEEP_UNDERSCORES,
  LAST_PIECE,
  MAY_WAIT,
  RESULT,
  RESULT_INTS,
  START,
  START_INTS,
  SUBREQUEST,
  UNREAD_PIECE,
  WHOLE_PIECE,
} from '../protocol.ts';
import type { ScriptRequest } from './request.ts';

const BATCH_INTS = 4096;
const BATCH_RECORDS = 256;
/** A batch with more text than this takes no more: each of its visits is handed all of it. */
const BATCH_TEXT = 16_384;
const MAX_SPARE = 64;

/** Pieces of a body up to here go along with the news of them; what is longer is asked for, if anybody wants it. */
const MAX_BROUGHT = 1024;

/** Records, and their text. */
export class Batch {
  readonly ints: number[] = [];
  length = 0;
  text = '';
  count = 0;
  /** Where each record and its text start. */
  readonly at: number[] = [];
  readonly textAt: number[] = [];

  /** Ends the record that was written at `length`. */
  add(ints: number, text: string): void {
    this.at[this.count] = this.length;
    this.textAt[this.count] = this.text.length;
    this.count++;
    this.length += ints;
    if (text !== '') this.text += text;
  }

  hasRoom(ints: number): boolean {
    return this.length + ints <= BATCH_INTS && this.count < BATCH_RECORDS && this.text.length <= BATCH_TEXT;
  }

  clear(): void {
    this.length = 0;
    this.text = '';
    this.count = 0;
  }
}

export class Inbox {
  #open = new Batch();
  readonly #full: Batch[] = [];
  readonly #spare: Batch[] = [];

  get empty(): boolean {
    return this.#open.count === 0 && this.#full.length === 0;
  }

  /** How many records wait. */
  get waiting(): number {
    let waiting = this.#open.count;
    for (const { count } of this.#full) waiting += count;
    return waiting;
  }

  /** A segment is to run for `r`. `final`: the request will not come back. */
  start(r: ScriptRequest, segment: number, final: boolean, mayWait: boolean): void {
    const { method, uri, args, remoteAddr } = r;
    const batch = this.#room(START_INTS);
    const at = batch.length;
    const { ints } = batch;
    ints[at] = START;
    ints[at + 1] = r.slot;
    ints[at + 2] = segment;
    ints[at + 3] =
      (final ? FINAL : 0) |
      (r.isSubrequest ? SUBREQUEST : 0) |
      (r.headSent ? HEAD_SENT : 0) |
      (r.keepsUnderscores ? KEEP_UNDERSCORES : 0) |
      (mayWait ? MAY_WAIT : 0);
    ints[at + 4] = method.length;
    ints[at + 5] = uri.length;
    ints[at + 6] = args.length;
    ints[at + 7] = remoteAddr.length;
    ints[at + 8] = r.lent;
    batch.add(START_INTS, method + uri + args + remoteAddr);
  }

  /** Piece `number` of the body of the request in `slot` is there for body filters. */
  chunk(
    slot: number,
    segment: number,
    number: number,
    data: string | Buffer,
    last: boolean,
    mayWait: boolean,
  ): void {
    const batch = this.#room(CHUNK_INTS);
    const at = batch.length;
    const { ints } = batch;
    const unread = data.length > MAX_BROUGHT;
    const raw = unread ? '' : typeof data === 'string' ? data : data.toString('latin1');
    ints[at] = CHUNK;
    ints[at + 1] = slot;
    ints[at + 2] = segment;
    ints[at + 3] = number;
    ints[at + 4] =
      (last ? LAST_PIECE : 0) |
      (unread ? UNREAD_PIECE : isAscii(raw) ? ASCII_PIECE : 0) |
      (last || endsWhole(data) ? WHOLE_PIECE : 0) |
      (mayWait ? MAY_WAIT : 0);
    ints[at + 5] = raw.length;
    batch.add(CHUNK_INTS, raw);
  }

  /** Operation `id` has ended. */
  result(id: number, ok: boolean, kind: number, text: string, beside: string): void {
    const batch = this.#room(RESULT_INTS);
    const at = batch.length;
    const { ints } = batch;
    ints[at] = RESULT;
    ints[at + 1] = id;
    ints[at + 2] = ok ? 0 : 1;
    ints[at + 3] = kind;
    ints[at + 4] = text.length;
    ints[at + 5] = beside.length;
    batch.add(RESULT_INTS, text + beside);
  }

  /** The request in `slot` is over. */
  end(slot: number): void {
    const batch = this.#room(END_INTS);
    const { ints, length } = batch;
    ints[length] = END;
    ints[length + 1] = slot;
    batch.add(END_INTS, '');
  }

  /** The client of the request in `slot` has gone away. */
  abort(slot: number): void {
    const batch = this.#room(ABORT_INTS);
    const { ints, length } = batch;
    ints[length] = ABORT;
    ints[length + 1] = slot;
    batch.add(ABORT_INTS, '');
  }

  /** A block is to run that belongs to no request. */
  alone(block: number, phase: number): void {
    const batch = this.#room(ALONE_INTS);
    const { ints, length } = batch;
    ints[length] = ALONE;
    ints[length + 1] = block;
    ints[length + 2] = phase;
    batch.add(ALONE_INTS, '');
  }

  /** How many batches there are. */
  close(): number {
    if (this.#open.count > 0) this.#turnOver();
    return this.#full.length;
  }

  next(): Batch {
    return this.#full.shift() as Batch;
  }

  /** `batch` is through. */
  release(batch: Batch): void {
    batch.clear();
    if (this.#spare.length < MAX_SPARE) this.#spare.push(batch);
  }

  /** Where a record of `ints` is to be written. */
  #room(ints: number): Batch {
    if (!this.#open.hasRoom(ints)) this.#turnOver();
    return this.#open;
  }

  #turnOver(): void {
    this.#full.push(this.#open);
    this.#open = this.#spare.pop() ?? new Batch();
  }
}

/** Whether no character begins at the end of `data` and goes on behind it: an ASCII one ends it. */
function endsWhole(data: string | Buffer): boolean {
  const at = data.length - 1;
  return at < 0 || ((typeof data === 'string' ? data.charCodeAt(at) : data[at]) as number) < 128;
}
