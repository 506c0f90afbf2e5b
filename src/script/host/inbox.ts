// Messages on their way into an isolate. They gather in batches, one for each visit.
//
// A message whose code may go on after an `await` closes its batch: V8 throws away the continuations that are queued
// when it cuts off a visit, so no more than one request may have any. Everything else shares its visit.

const BATCH_INTS = 4096;
const BATCH_RECORDS = 256;
const MAX_SPARE = 64;

/** Records for one visit. */
export class Batch {
  readonly ints: number[] = [];
  length = 0;
  text = '';
  count = 0;
  /** Nothing more may be added. */
  closed = false;
  /** Where each record and its text start. */
  readonly at: number[] = [];
  readonly textAt: number[] = [];

  /** Ends the record that was written at `length`. */
  add(ints: number, text: string, closes: boolean): void {
    this.at[this.count] = this.length;
    this.textAt[this.count] = this.text.length;
    this.count++;
    this.length += ints;
    if (text !== '') this.text += text;
    if (closes) this.closed = true;
  }

  hasRoom(ints: number): boolean {
    return !this.closed && this.length + ints <= BATCH_INTS && this.count < BATCH_RECORDS;
  }

  clear(): void {
    this.length = 0;
    this.text = '';
    this.count = 0;
    this.closed = false;
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

  /** Where a record of `ints` is to be written. */
  room(ints: number): Batch {
    if (!this.#open.hasRoom(ints)) this.#turnOver();
    return this.#open;
  }

  /** How many visits there are to be made. */
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

  #turnOver(): void {
    this.#full.push(this.#open);
    this.#open = this.#spare.pop() ?? new Batch();
  }
}
