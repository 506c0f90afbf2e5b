// Messages on their way into an isolate. They gather in batches; how many of one a visit takes up, the guest decides.

const BATCH_INTS = 4096;
const BATCH_RECORDS = 256;
/** A batch with more text than this takes no more: each of its visits is handed all of it. */
const BATCH_TEXT = 16_384;
const MAX_SPARE = 64;

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

  /** Where a record of `ints` is to be written. */
  room(ints: number): Batch {
    if (!this.#open.hasRoom(ints)) this.#turnOver();
    return this.#open;
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

  #turnOver(): void {
    this.#full.push(this.#open);
    this.#open = this.#spare.pop() ?? new Batch();
  }
}
