// A zone: memory of a fixed size that all workers share, holding entries under keys, each with a time of
// expiry, and evicted about in the order of last use when there is no room. What entries mean is up to the
// zone's user (shared dictionaries, limits, upstream state, the cache index).
//
// Updates are exact under concurrency, and whole or absent after kill -9: each happens under the zone's lock,
// as one LMDB transaction or, where a record keeps its length (a counter), by overwriting it where it is,
// which costs a quarter. Nothing holds the lock over several calls of a script: that would be while script
// code runs, up to ts_cpu_limit, and stop all workers, and with overwriting there is little to gain.
//
// Reads take no lock, and each sees the newest state, also within a turn: as cheap as seeing an older one.
//
// SIZE limits the sum of what entries are charged (see entry.ts). The file stays near it: below at first, up
// to a quarter above when entries come and go. When they also change from small to large, or when values
// have sizes near the zone's (whose pages are used again only two transactions after they were freed), it
// can take two or three times SIZE; and some MB more where readers lose the processor in mid-read while
// others write. The map is larger than all that, and growth ends before it does: it is never full.
//
// keys.ts says what records there are.

import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Control } from './control.ts';
import {
  CHUNKS,
  CHUNKS_BYTES,
  chunksCharge,
  Entry,
  HEADER_BYTES,
  INLINE,
  ITEM_HEADER_BYTES,
  ITEM_IN_CHUNKS,
  Item,
  itemCharge,
  LIST,
  LIST_BYTES,
  PART_KEY_BYTES,
  recordCharge,
  WITH_EXPIRES,
  WITH_FLAGS,
  WITH_LONG_KEY,
} from './entry.ts';
import { Eviction, type EvictionOwner, type MayEvict, type Room } from './eviction.ts';
import {
  ENTRY_KEY,
  encodeKey,
  PART_KEY,
  setAfter,
  setHash,
  setKind,
  TRASH_KEY,
  wholeKey,
  type ZoneKey,
} from './keys.ts';
import { Environment, KeyBytes, PAGE_BYTES, PAGE_RECORD_BYTES, RecordBytes } from './lmdb.ts';
import { Parts } from './parts.ts';

export interface ZoneOptions {
  readonly name: string;
  readonly size: number;
  /** The directory of the zone's files. */
  readonly dir: string;
  /** False: the zone must be there, as for a worker, which opens what the master made and keeps open. */
  readonly create?: boolean;
  /** Bytes of plain memory that its processes share beside the entries. */
  readonly block?: number;
  readonly mayEvict?: MayEvict;
}

interface ZoneInfo {
  readonly size: number;
  readonly used: number;
  readonly entries: number;
  /** Memory (or disk) that the zone's file takes. */
  readonly fileBytes: number;
  readonly readers: number;
}

/** How `store` went. */
export type Stored = 'stored' | 'evicted' | 'no memory';

type Step<A, R> = (zone: Zone, argument: A) => R;

/** An error of a zone's user. The message is what the Lua API returns as `err`; the code says the same. */
export class ZoneError extends Error {
  readonly code: string;

  constructor(message: string, code: string = message.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')) {
    super(message);
    this.name = 'ZoneError';
    this.code = code;
  }
}

export const MAX_ZONE_KEY = 65535;

/** The first item of a list stands in the middle of 48 bits. */
const LIST_MIDDLE = 2 ** 47;
/** lmdb takes what overwrites a record through its buffer for keys. */
const MAX_OVERWRITTEN = 2048;
/** LMDB limits the number of pages that a transaction changes. */
const MAX_VALUE = 128 * 1024 * 1024;

const RECLAIMED_PER_WRITE = 32;
const WALK_SLICE = 1024;

const MAP_RESERVE = 16 * 1024 * 1024;
const INSPECT_EVERY = 64;
const INSPECT_ABOVE = 256 * 1024;
/** A snapshot this many transactions old is not that of a process that runs. */
const MAX_LAG = 1000;

export class Zone implements EvictionOwner {
  readonly name: string;
  readonly size: number;
  readonly path: string;
  private readonly environment: Environment;
  private readonly control: Control;

  // The key in use, and what was found under it.
  private readonly key = new KeyBytes();
  private longKey: Buffer | undefined;
  private readonly entry = new Entry();
  private found = false;
  private readonly item = new Item();
  private readonly parts: Parts;
  private readonly eviction: Eviction;

  private readonly record = new RecordBytes(PAGE_RECORD_BYTES + MAX_ZONE_KEY);
  private readonly from = new KeyBytes();
  private readonly to = new KeyBytes();

  private locked = false;
  private inTransaction = false;
  private run: () => void = doNothing;
  private readonly runWrite: () => void = () => this.runInTransaction();
  private writes = 0;
  private crowded = false;

  constructor(options: ZoneOptions) {
    const { name, size, dir, create = true, block = 0 } = options;
    this.name = name;
    this.size = size;
    this.path = dir;
    if (!isZone(dir)) {
      if (!create) throw new Error(`zone "${name}" is not in "${dir}"`);
      makeZone(dir, size, block);
    }
    this.control = new Control(join(dir, CONTROL_DIR), size, block);
    try {
      this.environment = this.openEnvironment();
    } catch (error) {
      this.control.close();
      throw error;
    }
    this.parts = new Parts(name, this.environment, this.control, this.record);
    this.eviction = new Eviction(this, this.environment, this.control, this.parts, options.mayEvict);
  }

  // Reading.

  /** The live entry under the key; this counts as a use of it. */
  find(key: ZoneKey): Entry | undefined {
    const entry = this.peek(key);
    if (entry === undefined || !this.isLive(entry)) return undefined;
    this.control.touch(entry.slot);
    return entry;
  }

  /** Whatever is under the key, expired or not. */
  peek(key: ZoneKey): Entry | undefined {
    const { control, environment, entry } = this;
    this.longKey = encodeKey(this.key, key);
    for (;;) {
      const { sequence } = control;
      const bytes = environment.get(this.key);
      if (bytes !== undefined) {
        entry.load(bytes, environment.size, this.key.length);
        if (entry.form === CHUNKS) this.loadValue(entry);
      }
      this.release();
      const whole = (sequence & 1) === 0 && sequence === control.sequence;
      if (whole || this.locked) return bytes === undefined ? undefined : entry;
      this.settle();
    }
  }

  isLive(entry: Entry): boolean {
    return !this.isFlushed(entry) && (entry.expires === 0 || entry.expires > Date.now());
  }

  /** flush_all() came after it. */
  isFlushed(entry: Entry): boolean {
    return entry.epoch !== this.control.epoch;
  }

  /** Memory that all processes share; what is written to it under the lock is seen by who has the lock next. */
  get block(): Buffer {
    return this.control.block;
  }

  /** Bytes that are not charged to any entry. */
  free(): number {
    return Math.max(0, this.size - this.control.committed().used);
  }

  /** The keys of live entries, in no particular order, at most `max` (0: all). */
  keys(max: number): Buffer[] {
    const keys: Buffer[] = [];
    this.walk((key, entry) => {
      if (!this.isLive(entry)) return true;
      keys.push(wholeKey(key, entry));
      return max === 0 || keys.length < max;
    });
    return keys;
  }

  /**
   * Shows entries, expired or not, one after the other in an order of its own, until `visit` answers false: those behind
   * `after`, or, for a number from 0 to 1, from that part of the order on. Answers what the next call's `after` may be;
   * null: there are no more.
   */
  slice(after: Buffer | number | null, visit: (key: Buffer, entry: Entry) => boolean): Buffer | null {
    const { from, to } = this;
    const entry = new Entry();
    let last: Buffer | null = null;
    let more = true;
    setKind(from, ENTRY_KEY);
    if (typeof after === 'number') {
      setHash(from, Math.floor(after * 2 ** 32));
    } else if (after !== null) {
      setAfter(from, after);
    }
    setKind(to, ENTRY_KEY + 1);
    const visitRecord = (key: Buffer, bytes: Buffer, size: number): boolean => {
      entry.load(bytes, size, key.length);
      last = key;
      more = visit(wholeKey(key, entry), entry);
      return more;
    };
    this.environment.scan(from, to, visitRecord, this.inTransaction);
    return more ? null : last;
  }

  info(): ZoneInfo {
    const { fileBytes, readers } = this.environment.info();
    const { used, entries } = this.control.committed();
    return { size: this.size, used, entries, fileBytes, readers };
  }

  // Writing.

  /**
   * Runs `step` under the zone's lock; each change that it makes is whole or absent after a kill. It must be
   * short: no other process writes meanwhile.
   */
  update<A, R>(step: Step<A, R>, argument: A): R {
    if (this.locked) return step(this, argument);
    this.lock();
    try {
      return step(this, argument);
    } finally {
      this.unlock();
    }
  }

  /** Like update, but all that `step` changes becomes visible at once, or, if it throws, nothing. */
  transaction<A, R>(step: Step<A, R>, argument: A): R {
    const call: Call<A, R> = { step, argument, results: [] };
    this.update(runCall<A, R>, call);
    return call.results[0] as R;
  }

  /** Flushes all entries at once. They stay, expired, until something takes their room. */
  flush(): void {
    this.update(flushEntries, this.control);
  }

  /** Removes expired entries, at most `max` (0: all), and says how many it were. */
  removeExpired(max: number): number {
    let removed = 0;
    const expired: Buffer[] = [];
    this.walk(
      (key, entry) => {
        if (!this.isLive(entry)) expired.push(key);
        return max === 0 || removed + expired.length < max;
      },
      () => {
        if (expired.length > 0) removed += this.update(removeExpiredEntries, expired);
        expired.length = 0;
      },
    );
    return removed;
  }

  // Inside update or transaction: locate a key, then change what is there, once.

  /** Makes the key the one that the next change is about, and returns its entry, expired or not. */
  locate(key: ZoneKey): Entry | undefined {
    const { environment, entry } = this;
    this.longKey = encodeKey(this.key, key);
    const bytes = environment.get(this.key);
    this.found = bytes !== undefined;
    if (bytes !== undefined) entry.load(bytes, environment.size, this.key.length);
    this.release();
    return bytes === undefined ? undefined : entry;
  }

  /** Puts a value under the located key, in the place of whatever is there. */
  store(tag: number, value: Uint8Array, length: number, expires: number, flags: number, room: Room): Stored {
    const { entry } = this;
    const header = this.headerLength(expires, flags);
    const inline = header + length <= PAGE_RECORD_BYTES;
    const recordLength = header + (inline ? length : CHUNKS_BYTES);
    const sameLength = this.found && inline && entry.form === INLINE && recordLength === entry.recordLength;
    if (sameLength && recordLength <= MAX_OVERWRITTEN && !this.inTransaction) {
      const at = this.writeHeader(tag, INLINE, entry.slot, expires, flags);
      copyBytes(value, length, this.record.bytes, this.writeLongKey(at));
      this.overwrite(recordLength);
      this.control.touch(entry.slot);
      return 'stored';
    }
    let stored: Stored = 'stored';
    this.write(() => {
      const charge = recordCharge(this.key.length, recordLength) + (inline ? 0 : chunksCharge(length));
      if (this.makeRoomFor(charge, length, room)) {
        this.storeAnew(tag, value, length, expires, flags, inline, charge);
        if (this.eviction.evicted) stored = 'evicted';
      } else {
        stored = 'no memory';
      }
    });
    return stored;
  }

  /** Changes the time at which the located entry expires. */
  setExpires(expires: number): void {
    const { entry, record } = this;
    const at = this.writeHeader(entry.tag, entry.form, entry.slot, expires, entry.flags);
    if (at === entry.headerLength && !this.inTransaction) {
      this.overwrite(at);
      return;
    }
    record.bytes.set(entry.bytes.subarray(entry.headerLength, entry.recordLength), at);
    const recordLength = at + entry.recordLength - entry.headerLength;
    this.write(() => {
      this.environment.put(this.key, record, recordLength);
      this.account(recordCharge(this.key.length, recordLength) - entry.recordCharge, 0, 0);
    });
  }

  /** Removes the located entry. */
  discard(): void {
    if (!this.found) return;
    this.write(() => this.removeEntry(this.key, this.entry));
    this.found = false;
  }

  /**
   * Puts an item at the head (or tail) of the located list, or of a new one where nothing is located, and
   * says how many there are then; 0 when there is no room.
   */
  push(atHead: boolean, tag: number, value: Uint8Array, length: number): number {
    let count = 0;
    this.write(() => {
      count = this.pushItem(atHead, tag, value, length);
    });
    return count;
  }

  /** Takes the item at the head (or tail) of the located list; the list goes with its last item. */
  pop(atHead: boolean): Item {
    this.write(() => this.popItem(atHead));
    return this.item;
  }

  // Keeping.

  /** Frees the reader slots of processes that died; says how many. */
  readerCheck(): number {
    return this.environment.readerCheck() + this.control.readerCheck();
  }

  /** Has what was written reach the disk, for a zone that is to outlive the machine. */
  sync(): void {
    this.environment.sync();
    this.control.sync();
  }

  close(): void {
    this.environment.close();
    this.control.close();
  }

  /** Closes the zone and removes its files. Processes that have it open go on using it. */
  destroy(): void {
    this.close();
    rmSync(this.path, { recursive: true, force: true });
  }

  /** Counts everything anew: what `info` says must be the same. For tests. */
  recount(): { used: number; entries: number; parts: number } {
    this.settle();
    let used = 0;
    let entries = 0;
    let parts = 0;
    setKind(this.from, ENTRY_KEY);
    setKind(this.to, TRASH_KEY + 1);
    const visit = (key: Buffer, _bytes: Buffer, size: number): boolean => {
      if (key[0] === ENTRY_KEY) entries++;
      if (key[0] === PART_KEY) parts++;
      used += recordCharge(key.length, size);
      return true;
    };
    this.environment.scan(this.from, this.to, visit, false);
    return { used, entries, parts };
  }

  /** For removeExpired: removes those of the entries under the keys, as they are stored, that have expired. */
  removeExpiredEntries(keys: readonly Buffer[]): number {
    let removed = 0;
    this.write(() => {
      for (const key of keys) if (this.eviction.removeIfExpired(key)) removed++;
    });
    return removed;
  }

  /** For transaction: does all of `run` in one LMDB transaction. Only under the lock. */
  write(run: () => void): void {
    if (this.inTransaction) {
      run();
      return;
    }
    this.run = run;
    try {
      this.environment.write(this.runWrite);
    } finally {
      this.run = doNothing;
      this.control.pending = 0;
    }
  }

  private runInTransaction(): void {
    const { control } = this;
    const id = this.environment.transactionId();
    control.begin(id);
    this.inTransaction = true;
    try {
      this.run();
      if (control.trash) this.parts.reclaim(RECLAIMED_PER_WRITE);
      if (++this.writes % INSPECT_EVERY === 0) this.inspect(0);
    } finally {
      this.inTransaction = false;
    }
    control.beforeCommit(id);
  }

  private openEnvironment(): Environment {
    this.control.lock();
    try {
      return new Environment(this.path, { mapBytes: mapBytes(this.size) });
    } finally {
      this.control.unlock();
    }
  }

  private lock(): void {
    this.control.lock();
    this.locked = true;
    this.recover();
  }

  private unlock(): void {
    this.locked = false;
    this.found = false;
    this.control.unlock();
  }

  // Whoever had the lock before may have been killed.
  private recover(): void {
    const { control } = this;
    if (control.sequence & 1) control.endOverwrite();
    if (control.pending === 0) return;
    // It may have committed, but not said so to readers: LMDB sees to that when it begins a transaction. Or
    // not committed, but written the account.
    this.environment.write(() => control.forget(this.environment.transactionId()));
    control.pending = 0;
  }

  // Waits for whoever is overwriting a record; or finds that it was killed.
  private settle(): void {
    this.lock();
    this.unlock();
  }

  private release(): void {
    if (!this.inTransaction) this.environment.release();
  }

  private overwrite(length: number): void {
    this.control.beginOverwrite();
    this.environment.overwrite(this.key, this.record, length);
    this.control.endOverwrite();
  }

  /** Looks whether `bytes` more have room in the file. */
  private inspect(bytes: number): void {
    const { environment } = this;
    const { fileBytes, usedBytes, mapBytes } = environment.info();
    // A process that was killed while it read keeps all pages from use that were freed since.
    if (fileBytes > 2 * usedBytes + MAP_RESERVE) this.readerCheck();
    // One that was stopped does as well, and there is no end to it but this.
    const full = fileBytes + bytes > mapBytes - MAP_RESERVE;
    this.crowded = full && environment.oldestSnapshot() < environment.transactionId() - MAX_LAG;
  }

  private isCrowded(): boolean {
    if (this.crowded) this.inspect(0);
    return this.crowded;
  }

  private headerLength(expires: number, flags: number): number {
    let length = HEADER_BYTES;
    if (expires !== 0) length += 8;
    if (flags !== 0) length += 4;
    return this.longKey === undefined ? length : length + 2 + this.longKey.length;
  }

  /** Says where the header ends, without the long key. */
  private writeHeader(tag: number, form: number, slot: number, expires: number, flags: number): number {
    const { view } = this.record;
    let layout = form;
    let at = HEADER_BYTES;
    if (expires !== 0) {
      layout |= WITH_EXPIRES;
      view.setFloat64(at, expires, true);
      at += 8;
    }
    if (flags !== 0) {
      layout |= WITH_FLAGS;
      view.setUint32(at, flags, true);
      at += 4;
    }
    if (this.longKey !== undefined) {
      layout |= WITH_LONG_KEY;
      view.setUint16(at, this.longKey.length, true);
      at += 2;
    }
    view.setUint8(0, tag);
    view.setUint8(1, layout);
    view.setUint32(2, this.control.epoch, true);
    view.setUint32(6, slot, true);
    return at;
  }

  private writeLongKey(at: number): number {
    if (this.longKey === undefined) return at;
    this.record.bytes.set(this.longKey, at);
    return at + this.longKey.length;
  }

  private account(growth: number, entries: number, stored: number): void {
    const { control } = this;
    control.used += growth;
    control.entries += entries;
    if (stored > 0) control.stored(stored);
  }

  private storeAnew(
    tag: number,
    value: Uint8Array,
    length: number,
    expires: number,
    flags: number,
    inline: boolean,
    charge: number,
  ): void {
    const { control, entry, record, found } = this;
    const before = found ? entry.charge : 0;
    if (found && entry.form !== INLINE) this.parts.removeValue(entry);
    const slot = found ? entry.slot : control.newSlot();
    const id = inline ? 0 : this.parts.store(value, length);
    let at = this.writeHeader(tag, inline ? INLINE : CHUNKS, slot, expires, flags);
    if (inline) {
      at = this.writeLongKey(at);
      copyBytes(value, length, record.bytes, at);
      at += length;
    } else {
      record.view.setFloat64(at, id, true);
      record.view.setFloat64(at + 8, length, true);
      at = this.writeLongKey(at + CHUNKS_BYTES);
    }
    this.environment.put(this.key, record, at);
    this.account(charge - before, found ? 0 : 1, charge);
    control.touch(slot);
  }

  private pushItem(atHead: boolean, tag: number, value: Uint8Array, length: number): number {
    const { control, entry, record, found } = this;
    const inline = ITEM_HEADER_BYTES + length <= PAGE_RECORD_BYTES;
    const itemLength = ITEM_HEADER_BYTES + (inline ? length : CHUNKS_BYTES);
    const charge = recordCharge(PART_KEY_BYTES, itemLength) + (inline ? 0 : chunksCharge(length));
    const listLength = this.headerLength(0, 0) + LIST_BYTES;
    const growth = found ? charge : charge + recordCharge(this.key.length, listLength);
    if (length > MAX_VALUE || !this.makeRoom(growth, 'expired')) return 0;

    if (!found) {
      entry.expires = 0;
      entry.flags = 0;
      entry.slot = control.newSlot();
      entry.id = control.nextId++;
      entry.head = LIST_MIDDLE;
      entry.tail = LIST_MIDDLE;
      entry.itemCharge = 0;
    }
    const index = atHead ? --entry.head : entry.tail++;
    entry.itemCharge += charge;
    const id = inline ? 0 : this.parts.store(value, length);
    record.bytes[0] = inline ? tag : tag | ITEM_IN_CHUNKS;
    if (inline) {
      copyBytes(value, length, record.bytes, ITEM_HEADER_BYTES);
    } else {
      record.view.setFloat64(ITEM_HEADER_BYTES, id, true);
      record.view.setFloat64(ITEM_HEADER_BYTES + 8, length, true);
    }
    this.environment.put(this.parts.key(entry.id, index), record, itemLength);
    this.putList();
    this.account(growth, found ? 0 : 1, charge);
    return entry.count;
  }

  private popItem(atHead: boolean): void {
    const { control, environment, entry, item } = this;
    const index = atHead ? entry.head : entry.tail - 1;
    const bytes = environment.get(this.parts.key(entry.id, index));
    if (bytes === undefined) throw new Error(`zone "${this.name}": an item of a list is missing`);
    const charge = itemCharge(bytes, environment.size);
    const tag = bytes[0] as number;
    item.tag = tag & ~ITEM_IN_CHUNKS;
    item.bytes = bytes;
    item.start = ITEM_HEADER_BYTES;
    item.length = environment.size - ITEM_HEADER_BYTES;
    if (tag & ITEM_IN_CHUNKS) {
      const id = bytes.readDoubleLE(ITEM_HEADER_BYTES);
      item.length = bytes.readDoubleLE(ITEM_HEADER_BYTES + 8);
      item.bytes = this.parts.read(id, item.length);
      item.start = 0;
      this.parts.remove(id, item.length);
    } else {
      // What follows may read.
      item.bytes = Buffer.from(bytes.subarray(0, environment.size));
    }
    environment.remove(this.parts.key(entry.id, index));
    control.used -= charge;
    if (entry.count === 1) {
      environment.remove(this.key);
      this.account(-entry.recordCharge, -1, 0);
      return;
    }
    if (atHead) entry.head++;
    else entry.tail--;
    entry.itemCharge -= charge;
    this.putList();
  }

  private putList(): void {
    const { entry, record } = this;
    const { view } = record;
    const at = this.writeHeader(0, LIST, entry.slot, entry.expires, entry.flags);
    view.setFloat64(at, entry.id, true);
    view.setFloat64(at + 8, entry.head, true);
    view.setFloat64(at + 16, entry.tail, true);
    view.setFloat64(at + 24, entry.itemCharge, true);
    this.environment.put(this.key, record, this.writeLongKey(at + LIST_BYTES));
    this.control.touch(entry.slot);
  }

  private loadValue(entry: Entry): void {
    entry.bytes = this.parts.read(entry.id, entry.length);
    entry.start = 0;
  }

  /** @internal */
  isLocated(key: KeyBytes): boolean {
    return this.found && key.equals(this.key);
  }

  /** @internal */
  removeEntry(key: KeyBytes, entry: Entry): void {
    this.environment.remove(key);
    this.account(-entry.charge, -1, 0);
    if (entry.form !== INLINE) this.parts.removeValue(entry);
  }

  private makeRoomFor(charge: number, length: number, room: Room): boolean {
    if (length > INSPECT_ABOVE) this.inspect(2 * length);
    const growth = this.found ? charge - this.entry.charge : charge;
    if (growth <= 0) {
      this.eviction.evicted = false;
      return !this.isCrowded();
    }
    return charge <= this.size && length <= MAX_VALUE && this.makeRoom(growth, room);
  }

  private makeRoom(growth: number, room: Room): boolean {
    return !this.isCrowded() && this.eviction.makeRoom(this.size - growth, room);
  }

  /** Visits all entries in slices, each a snapshot of its own, so that no page waits long to be used again. */
  private walk(visit: (key: Buffer, entry: Entry) => boolean, afterSlice: () => void = doNothing): void {
    const { from, to } = this;
    const entry = new Entry();
    let last: Buffer | undefined;
    let visited = 0;
    let more = true;
    const visitRecord = (key: Buffer, bytes: Buffer, size: number): boolean => {
      entry.load(bytes, size, key.length);
      last = key;
      more = visit(key, entry);
      return more && ++visited < WALK_SLICE;
    };
    do {
      visited = 0;
      if (last === undefined) setKind(from, ENTRY_KEY);
      else setAfter(from, last);
      setKind(to, ENTRY_KEY + 1);
      this.environment.scan(from, to, visitRecord, this.inTransaction);
      afterSlice();
    } while (more && visited === WALK_SLICE);
  }
}

interface Call<A, R> {
  readonly step: Step<A, R>;
  readonly argument: A;
  readonly results: R[];
}

function runCall<A, R>(zone: Zone, { step, argument, results }: Call<A, R>): void {
  zone.write(() => {
    results.push(step(zone, argument));
  });
}

function flushEntries(_zone: Zone, control: Control): void {
  control.flush();
}

function removeExpiredEntries(zone: Zone, keys: readonly Buffer[]): number {
  return zone.removeExpiredEntries(keys);
}

function doNothing(): void {}

const SHORT_BYTES = 32;

function copyBytes(from: Uint8Array, length: number, to: Buffer, at: number): void {
  if (length <= SHORT_BYTES) {
    for (let i = 0; i < length; i++) to[at + i] = from[i] as number;
  } else {
    to.set(from.length === length ? from : from.subarray(0, length), at);
  }
}

const CONTROL_DIR = 'control';

function isZone(dir: string): boolean {
  return existsSync(join(dir, 'data.mdb'));
}

/** Makes an empty zone, whole at once: if two processes do, one of them makes the zone of both. */
function makeZone(dir: string, size: number, block: number): void {
  mkdirSync(dirname(dir), { recursive: true });
  const made = mkdtempSync(`${dir}.`);
  try {
    Control.make(join(made, CONTROL_DIR), size, block);
    new Environment(made, { mapBytes: mapBytes(size) }).close();
    renameSync(made, dir);
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    if (!isZone(dir)) throw error;
  }
}

function mapBytes(size: number): number {
  return Math.ceil((4 * size + 4 * MAP_RESERVE) / PAGE_BYTES) * PAGE_BYTES;
}
