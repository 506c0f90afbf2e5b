// A table in memory that processes share: keys of any bytes, each with a few numbers, in the order of their use. For
// what every request asks and changes: that costs a fraction of a microsecond, where an entry of a zone costs several.
//
//   header    lock, in doubt, secret of the hash, first free cell, cells in use so far, newest, oldest, next stamp
//   buckets   the first cell of each chain
//   cells     64 bytes: next of the chain, more of the key, newer, older, hash, stamp, two numbers, length, mark,
//             16 bytes of the key; what the key has more is in cells of 4 + 60 bytes
//
// Chains are whole at each instant: a cell is filled before it is linked, and unlinked before it is free. All else is
// made again from them when a process was killed while it had the lock.

import { randomInt } from 'node:crypto';
import { SharedLock } from './shared_lock.ts';

const LOCK = 0;
const IN_DOUBT = 1;
const SECRET = 2;
const FREE = 3;
const USED = 4;
const NEWEST = 5;
const OLDEST = 6;
const NEXT_STAMP = 7;
const HEADER_BYTES = 64;

const CELL_BYTES = 64;
const CELL_INTS = CELL_BYTES / 4;
const NEXT = 0;
const MORE = 1;
const NEWER = 2;
const OLDER = 3;
const HASH = 4;
const STAMP = 5;
const LENGTH = 10;
const MARK = 11;
const NUMBERS_AT = 3;
const KEY_AT = 48;
const KEY_BYTES = CELL_BYTES - KEY_AT;
const MORE_AT = 4;
const MORE_BYTES = CELL_BYTES - MORE_AT;

/** Bytes for as many cells as `size` bytes hold, the first of which is none. */
export function tableBytes(size: number): number {
  return HEADER_BYTES + 4 * 2 ** bucketBits(size) + size;
}

function bucketBits(size: number): number {
  return Math.floor(Math.log2(size / CELL_BYTES));
}

/** All but the constructor and lock() is for who has the lock. */
export class SharedTable {
  readonly #header: Int32Array;
  readonly #lock: SharedLock;
  readonly #buckets: Uint32Array;
  readonly #shift: number;
  readonly #ints: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #room: number;
  /** Two of each cell, at numbersOf(): what they are is for the user to say. */
  readonly numbers: Float64Array;

  /** `block`: tableBytes(size) bytes, zeros at first. */
  constructor(block: Buffer, size: number) {
    const { buffer, byteOffset } = block;
    const bits = bucketBits(size);
    const cellsAt = byteOffset + HEADER_BYTES + 4 * 2 ** bits;
    this.#header = new Int32Array(buffer, byteOffset, HEADER_BYTES / 4);
    this.#lock = new SharedLock(this.#header, LOCK);
    this.#buckets = new Uint32Array(buffer, byteOffset + HEADER_BYTES, 2 ** bits);
    this.#shift = 32 - bits;
    this.#room = Math.floor(size / CELL_BYTES);
    this.#ints = new Int32Array(buffer, cellsAt, this.#room * CELL_INTS);
    this.#bytes = new Uint8Array(buffer, cellsAt, this.#room * CELL_BYTES);
    this.numbers = new Float64Array(buffer, cellsAt, (this.#room * CELL_BYTES) / 8);
  }

  lock(): void {
    this.#lock.lock();
    const header = this.#header;
    if (header[IN_DOUBT] !== 0) this.#repair();
    if (header[SECRET] === 0) header[SECRET] = randomInt(1, 2 ** 31 - 1);
  }

  unlock(): void {
    this.#lock.unlock();
  }

  /** Of a key, for find() and add(). Keys come from clients: without the secret, they could be made to fall together. */
  hash(key: string): number {
    let hash = this.#header[SECRET] as number;
    for (let i = 0; i < key.length; i++) {
      hash = Math.imul(hash ^ key.charCodeAt(i), 0x5bd1e995);
      hash ^= hash >>> 15;
    }
    return Math.imul(hash, 0x9e3779b1) | 0;
  }

  /** A cell of `key`, whatever its mark; 0 for none. */
  find(key: string, hash: number): number {
    for (let cell = this.first(hash); cell !== 0; cell = this.next(cell)) {
      if (this.is(cell, key, hash)) return cell;
    }
    return 0;
  }

  /** The cells among which those of keys with that hash are: 0 ends them. */
  first(hash: number): number {
    return this.#buckets[hash >>> this.#shift] as number;
  }

  next(cell: number): number {
    return this.#ints[cell * CELL_INTS + NEXT] as number;
  }

  is(cell: number, key: string, hash: number): boolean {
    const at = cell * CELL_INTS;
    if (this.#ints[at + HASH] !== hash || this.#ints[at + LENGTH] !== key.length) return false;
    const bytes = this.#bytes;
    const own = cell * CELL_BYTES + KEY_AT;
    const inline = Math.min(key.length, KEY_BYTES);
    for (let i = 0; i < inline; i++) if (bytes[own + i] !== key.charCodeAt(i)) return false;
    let more = this.#ints[at + MORE] as number;
    for (let from = KEY_BYTES; from < key.length; from += MORE_BYTES) {
      const start = more * CELL_BYTES + MORE_AT - from;
      const to = Math.min(key.length, from + MORE_BYTES);
      for (let i = from; i < to; i++) if (bytes[start + i] !== key.charCodeAt(i)) return false;
      more = this.#ints[more * CELL_INTS + NEXT] as number;
    }
    return true;
  }

  /** Of the user: cells of one key with different marks are different ones. */
  mark(cell: number): number {
    return this.#ints[cell * CELL_INTS + MARK] as number;
  }

  numbersOf(cell: number): number {
    return cell * (CELL_BYTES / 8) + NUMBERS_AT;
  }

  /** A new cell, its numbers 0; 0: there is no room. */
  add(key: string, hash: number, mark = 0): number {
    const header = this.#header;
    header[IN_DOUBT] = 1;
    const cell = this.#takeFor(key);
    if (cell !== 0) {
      const ints = this.#ints;
      const at = cell * CELL_INTS;
      const numbers = this.numbersOf(cell);
      this.numbers[numbers] = 0;
      this.numbers[numbers + 1] = 0;
      ints[at + HASH] = hash;
      ints[at + MARK] = mark;
      ints[at + NEXT] = this.first(hash);
      this.#buckets[hash >>> this.#shift] = cell;
      this.#linkNewest(cell);
    }
    header[IN_DOUBT] = 0;
    return cell;
  }

  /** A cell that has the key; 0: there is no room for all of it. */
  #takeFor(key: string): number {
    const cell = this.#take();
    if (cell === 0 || this.#fill(cell, key)) return cell;
    this.#free(cell);
    return 0;
  }

  /** The key's bytes. */
  #fill(cell: number, key: string): boolean {
    const ints = this.#ints;
    const bytes = this.#bytes;
    const { length } = key;
    const own = cell * CELL_BYTES + KEY_AT;
    const inline = Math.min(length, KEY_BYTES);
    for (let i = 0; i < inline; i++) bytes[own + i] = key.charCodeAt(i);
    ints[cell * CELL_INTS + LENGTH] = length;
    ints[cell * CELL_INTS + MORE] = 0;
    let link = cell * CELL_INTS + MORE;
    for (let from = KEY_BYTES; from < length; from += MORE_BYTES) {
      const more = this.#take();
      if (more === 0) return false;
      ints[more * CELL_INTS + NEXT] = 0;
      ints[link] = more;
      link = more * CELL_INTS + NEXT;
      const start = more * CELL_BYTES + MORE_AT - from;
      const to = Math.min(length, from + MORE_BYTES);
      for (let i = from; i < to; i++) bytes[start + i] = key.charCodeAt(i);
    }
    return true;
  }

  remove(cell: number): void {
    const header = this.#header;
    const ints = this.#ints;
    const hash = ints[cell * CELL_INTS + HASH] as number;
    header[IN_DOUBT] = 1;
    let before = this.first(hash);
    if (before === cell) {
      this.#buckets[hash >>> this.#shift] = this.next(cell);
    } else {
      while (this.next(before) !== cell) before = this.next(before);
      ints[before * CELL_INTS + NEXT] = this.next(cell);
    }
    this.#unlinkUse(cell);
    this.#free(cell);
    header[IN_DOUBT] = 0;
  }

  /** Counts as a use of the cell. */
  touch(cell: number): void {
    const header = this.#header;
    if (header[NEWEST] === cell) return;
    header[IN_DOUBT] = 1;
    this.#unlinkUse(cell);
    this.#linkNewest(cell);
    header[IN_DOUBT] = 0;
  }

  /** The cell whose use is longest ago; 0 for none. */
  get oldest(): number {
    return this.#header[OLDEST] as number;
  }

  /** The next newer one; 0 for none. */
  newer(cell: number): number {
    return this.#ints[cell * CELL_INTS + NEWER] as number;
  }

  #linkNewest(cell: number): void {
    const header = this.#header;
    const ints = this.#ints;
    const at = cell * CELL_INTS;
    const newest = header[NEWEST] as number;
    const stamp = header[NEXT_STAMP] as number;
    header[NEXT_STAMP] = (stamp + 1) | 0;
    ints[at + STAMP] = stamp;
    ints[at + NEWER] = 0;
    ints[at + OLDER] = newest;
    if (newest === 0) header[OLDEST] = cell;
    else ints[newest * CELL_INTS + NEWER] = cell;
    header[NEWEST] = cell;
  }

  #unlinkUse(cell: number): void {
    const header = this.#header;
    const ints = this.#ints;
    const at = cell * CELL_INTS;
    const newer = ints[at + NEWER] as number;
    const older = ints[at + OLDER] as number;
    if (newer === 0) header[NEWEST] = older;
    else ints[newer * CELL_INTS + OLDER] = older;
    if (older === 0) header[OLDEST] = newer;
    else ints[older * CELL_INTS + NEWER] = newer;
  }

  #take(): number {
    const header = this.#header;
    const free = header[FREE] as number;
    if (free !== 0) {
      header[FREE] = this.#ints[free * CELL_INTS + NEXT] as number;
      return free;
    }
    const fresh = (header[USED] as number) + 1;
    if (fresh >= this.#room) return 0;
    header[USED] = fresh;
    return fresh;
  }

  #free(cell: number): void {
    const header = this.#header;
    const ints = this.#ints;
    let more = ints[cell * CELL_INTS + MORE] as number;
    while (more !== 0) {
      const next = ints[more * CELL_INTS + NEXT] as number;
      ints[more * CELL_INTS + NEXT] = header[FREE] as number;
      header[FREE] = more;
      more = next;
    }
    ints[cell * CELL_INTS + NEXT] = header[FREE] as number;
    header[FREE] = cell;
  }

  #repair(): void {
    const header = this.#header;
    const ints = this.#ints;
    const cells: number[] = [];
    const live = new Set<number>();
    for (const first of this.#buckets) {
      for (let cell = first; cell !== 0; cell = this.next(cell)) {
        cells.push(cell);
        live.add(cell);
        let more = ints[cell * CELL_INTS + MORE] as number;
        for (; more !== 0; more = ints[more * CELL_INTS + NEXT] as number) live.add(more);
      }
    }
    cells.sort((a, b) => ((ints[a * CELL_INTS + STAMP] ?? 0) - (ints[b * CELL_INTS + STAMP] ?? 0)) | 0);
    header[NEWEST] = 0;
    header[OLDEST] = 0;
    for (const cell of cells) this.#linkNewest(cell);
    header[FREE] = 0;
    for (let cell = header[USED] as number; cell > 0; cell--) {
      if (live.has(cell)) continue;
      ints[cell * CELL_INTS + NEXT] = header[FREE] as number;
      header[FREE] = cell;
    }
    header[IN_DOUBT] = 0;
  }
}
