// What has come in on a socket and not been read yet, and the ways in which a script reads it: a line, so many bytes,
// all, whatever there is, or up to a pattern. Matching is done here, over the pieces as they came.

import { READ_ALL, READ_ANY, READ_EXACT, READ_LINE, READ_UNTIL } from '../protocol.ts';

/** Longer patterns are searched by an automaton alone: what a library does with them may take quadratic time. */
const SHORT_PATTERN = 256;
const LINE_FEED = 10;
const RETURN = 13;

/** Bytes in the order in which they came. */
export class Intake {
  /** The piece that is being read, and how far it has been. */
  first: Buffer | null = null;
  at = 0;
  readonly #rest: Buffer[] = [];
  length = 0;

  push(piece: Buffer): void {
    if (piece.length === 0) return;
    this.length += piece.length;
    if (this.first === null) this.first = piece;
    else this.#rest.push(piece);
  }

  /** Takes `n` bytes of the first piece. */
  skip(n: number): void {
    this.at += n;
    this.length -= n;
    if (this.first !== null && this.at === this.first.length) {
      this.first = this.#rest.shift() ?? null;
      this.at = 0;
    }
  }

  /** Joins what is left of the first piece with the second; false where there is none. */
  merge(): boolean {
    const second = this.#rest.shift();
    if (this.first === null || second === undefined) return false;
    this.first = Buffer.concat([this.first.subarray(this.at), second]);
    this.at = 0;
    return true;
  }

  /** Puts pieces before what has not been read. */
  putBack(pieces: readonly Buffer[]): void {
    if (pieces.length === 0) return;
    const left = this.first === null ? [] : [this.first.subarray(this.at)];
    this.length -= left[0]?.length ?? 0;
    this.first = Buffer.concat([...pieces, ...left]);
    this.at = 0;
    this.length += this.first.length;
  }

  /** Takes all, a character a byte. */
  takeAll(): string {
    let text = this.first === null ? '' : this.first.toString('latin1', this.at);
    for (const piece of this.#rest) text += piece.toString('latin1');
    this.clear();
    return text;
  }

  clear(): void {
    this.first = null;
    this.at = 0;
    this.length = 0;
    this.#rest.length = 0;
  }
}

/** One read, from the call to its result. */
export class Reader {
  readonly kind: number;
  /** The result is to be bytes, one a character; else text. */
  readonly bytes: boolean;
  /** How many bytes are still to come (EXACT), or may at most (ANY, UNTIL). */
  rest: number;
  readonly pattern: Pattern | null;
  /** What comes behind goes along with the result. */
  handsOver = false;
  /** The pattern was reached, and is part of what was taken where it is wanted. */
  matched = false;
  /** Taken so far. */
  size = 0;
  readonly #pieces: Buffer[] = [];

  constructor(kind: number, bytes: boolean, most: number, pattern: Pattern | null) {
    this.kind = kind;
    this.bytes = bytes;
    this.rest = most;
    this.pattern = pattern;
  }

  /** Takes what it can use; true when it has all that it wanted. */
  feed(intake: Intake): boolean {
    switch (this.kind) {
      case READ_LINE:
        return this.#line(intake);
      case READ_ALL:
        while (intake.first !== null) this.#take(intake, intake.first.length - intake.at);
        return false;
      case READ_EXACT:
        while (intake.first !== null && this.rest > 0) {
          this.#takeMost(intake, intake.first.length - intake.at);
        }
        return this.rest === 0;
      case READ_ANY:
        if (intake.first === null) return false;
        this.#takeMost(intake, intake.first.length - intake.at);
        return true;
      default:
        return this.#until(intake, this.pattern as Pattern);
    }
  }

  /** It is given up: the next read begins where this one did. */
  giveBack(intake: Intake): void {
    intake.putBack(this.#pieces);
    this.#pieces.length = 0;
  }

  /** What has been taken, in the form that is wanted. */
  text(): string {
    const [only] = this.#pieces;
    if (only === undefined) return '';
    const whole = this.#pieces.length === 1 ? only : Buffer.concat(this.#pieces);
    const text = whole.toString(this.bytes ? 'latin1' : 'utf8');
    return this.kind === READ_LINE ? withoutReturns(text) : text;
  }

  /** It reads until the end. */
  get takesAll(): boolean {
    return this.kind === READ_ALL;
  }

  /** The end has come: what looked like the beginning of the pattern was none. */
  takeBegun(intake: Intake): void {
    if (this.kind !== READ_UNTIL) return;
    while (intake.first !== null) this.#take(intake, intake.first.length - intake.at);
  }

  #line(intake: Intake): boolean {
    while (intake.first !== null) {
      const { first, at } = intake;
      const end = first.indexOf(LINE_FEED, at);
      if (end !== -1) {
        this.#take(intake, end - at);
        intake.skip(1);
        return true;
      }
      this.#take(intake, first.length - at);
    }
    return false;
  }

  #until(intake: Intake, pattern: Pattern): boolean {
    while (intake.first !== null) {
      const { first, at } = intake;
      const found = pattern.find(first, at);
      if (found !== -1 && found - at < this.rest) {
        this.#take(intake, found - at);
        if (pattern.inclusive) this.#take(intake, pattern.bytes.length);
        else intake.skip(pattern.bytes.length);
        this.matched = true;
        return true;
      }
      // The last bytes may be the beginning of the pattern: they stay until it is known.
      const begun = found === -1 ? pattern.begun : 0;
      this.#takeMost(intake, (found === -1 ? first.length : found) - begun - at);
      if (this.rest === 0) return true;
      if (begun > 0 && !intake.merge()) return false;
    }
    return false;
  }

  #takeMost(intake: Intake, available: number): void {
    const size = Math.min(available, this.rest);
    this.rest -= size;
    this.#take(intake, size);
  }

  #take(intake: Intake, size: number): void {
    if (size === 0 || intake.first === null) return;
    const { first, at } = intake;
    this.size += size;
    this.#pieces.push(size === first.length ? first : first.subarray(at, at + size));
    intake.skip(size);
  }
}

/** Carriage returns are no part of a line, wherever they stand: as in Lua. */
function withoutReturns(line: string): string {
  const text = line.charCodeAt(line.length - 1) === RETURN ? line.slice(0, -1) : line;
  return text.includes('\r') ? text.replaceAll('\r', '') : text;
}

/** What receiveuntil looks for. */
export class Pattern {
  readonly bytes: Buffer;
  readonly inclusive: boolean;
  /** After a find() without success: how many bytes at the end are the beginning of the pattern. */
  begun = 0;
  #fallback: Int32Array | null = null;

  constructor(raw: string, inclusive: boolean) {
    this.bytes = Buffer.from(raw, 'latin1');
    this.inclusive = inclusive;
  }

  /** Where the pattern stands in `data` from `at` on; -1: nowhere. */
  find(data: Buffer, at: number): number {
    const { length } = this.bytes;
    if (length > SHORT_PATTERN) return this.#run(data, at);
    const found = data.indexOf(this.bytes, at);
    if (found === -1) this.#run(data, Math.max(at, data.length - length + 1));
    return found;
  }

  /** Knuth, Morris and Pratt's automaton. */
  #run(data: Buffer, from: number): number {
    const { bytes } = this;
    const fallback = this.#table();
    let state = 0;
    for (let i = from; i < data.length; i++) {
      while (state > 0 && data[i] !== bytes[state]) state = fallback[state - 1] as number;
      if (data[i] === bytes[state]) state++;
      if (state === bytes.length) return i + 1 - state;
    }
    this.begun = state;
    return -1;
  }

  #table(): Int32Array {
    if (this.#fallback !== null) return this.#fallback;
    const { bytes } = this;
    const table = new Int32Array(bytes.length);
    let state = 0;
    for (let i = 1; i < bytes.length; i++) {
      while (state > 0 && bytes[i] !== bytes[state]) state = table[state - 1] as number;
      if (bytes[i] === bytes[state]) state++;
      table[i] = state;
    }
    this.#fallback = table;
    return table;
  }
}
