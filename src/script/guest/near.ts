// The guest's side of a TCP connection: bytes that were handed over, and what it knows without asking. While a visit on
// the worker's own thread lasts nothing happens to connections: what is told in a record is as good as done.

import {
  CELL_BITS,
  CELL_QUIET,
  CELL_WRITABLE,
  POOL_CELLS,
  POOL_CELLS_AT,
  READ_EXACT,
  READ_LINE,
  READ_UNTIL,
  SINCE,
  SOCKET_CELLS,
  SOCKET_CELLS_AT,
} from '../protocol.ts';
import { mem } from './bridge.ts';
import { indexOf, replace, slice, table } from './builtins.ts';
import { decodeRaw } from './text.ts';

const RETURNS = /\r/g;

/** What a read is to come to. */
export interface Wanted {
  readonly kind: number;
  /** Bytes; of READ_LINE and READ_ALL: 0. */
  readonly most: number;
  /** Of READ_UNTIL: bytes, and whether they are given too. */
  readonly pattern: string;
  readonly inclusive: boolean;
  /** Not as text. */
  readonly bytes: boolean;
}

/** By name. */
const pools = table<number>();
let lastPool = 0;

/** The word of a pool; 0 where there are too many. */
export function poolCell(name: string): number {
  let cell = pools[name];
  if (cell === undefined) {
    if (lastPool === POOL_CELLS) return 0;
    cell = POOL_CELLS_AT + lastPool++;
    pools[name] = cell;
  }
  return cell;
}

const CELL_MASK = (1 << CELL_BITS) - 1;

export class Near {
  readonly #id: number;
  /** Its word, unless another one has it. */
  readonly cell: number;
  /** Bytes, one a character. */
  #ahead = '';
  #ascii = false;

  constructor(id: number) {
    this.#id = id;
    this.cell = SOCKET_CELLS_AT + (id % SOCKET_CELLS);
  }

  get #bits(): number {
    if (mem[SINCE] === 0) return 0;
    const word = mem[this.cell] as number;
    return word >> CELL_BITS === this.#id ? word & CELL_MASK : 0;
  }

  /** Takes an idle connection of a pool, if there is one. */
  takeIdle(pool: number): boolean {
    if (pool === 0 || mem[SINCE] === 0 || mem[this.cell] !== 0) return false;
    const idle = mem[pool] as number;
    if (idle === 0) return false;
    mem[pool] = idle - 1;
    mem[this.cell] = (this.#id << CELL_BITS) | CELL_WRITABLE | CELL_QUIET;
    return true;
  }

  /** It has no connection any more. */
  release(): void {
    this.#ahead = '';
    if (this.#bits !== 0) mem[this.cell] = 0;
  }

  get writable(): boolean {
    return (this.#bits & CELL_WRITABLE) !== 0;
  }

  /** Nothing has come that has not been read. */
  get quiet(): boolean {
    return this.#ahead === '' && (this.#bits & CELL_QUIET) !== 0;
  }

  /** Somebody waits for more. */
  reads(): void {
    mem[this.cell] = (mem[this.cell] as number) & ~CELL_QUIET;
  }

  give(bytes: string, ascii: boolean): void {
    this.#ahead = bytes;
    this.#ascii = ascii;
  }

  /** What was handed over and has not been read: from now on it is not here any more. */
  giveBack(): string {
    const bytes = this.#ahead;
    this.#ahead = '';
    return bytes;
  }

  /** What a read comes to, if all that it wants is here; else undefined. */
  read({ kind, most, pattern, inclusive, bytes }: Wanted): string | undefined {
    const ahead = this.#ahead;
    if (ahead === '') return undefined;
    let size = most;
    let next = most;
    if (kind === READ_EXACT) {
      if (ahead.length < most) return undefined;
    } else if (kind === READ_LINE || kind === READ_UNTIL) {
      const wanted = kind === READ_LINE ? '\n' : pattern;
      const found = indexOf(ahead, wanted);
      if (found === -1 || (kind === READ_UNTIL && found >= most)) return undefined;
      next = found + wanted.length;
      size = inclusive ? next : found;
    } else {
      return undefined;
    }
    this.#ahead = slice(ahead, next);
    const piece = slice(ahead, 0, size);
    const text = bytes || this.#ascii ? piece : decodeRaw(piece);
    return kind === READ_LINE && indexOf(text, '\r') !== -1 ? replace(RETURNS, text, '') : text;
  }
}
