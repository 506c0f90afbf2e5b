// A zone's control block: memory that all its processes share (a record of an environment of its own, seen
// through the memory map), and the lock under which the zone is written and opened. The block holds what must
// be exact after a kill at any instant, and what a read may change without the lock.
//
//   0  magic, version     4  slot mask    8  size         16  flush epoch    20  clock
//  24  next slot         28  trash       32  hand         36  sequence       40  filled since the last tick
//  48  pending
//  64  generation 0: transaction id, used bytes, entries, next id       96  generation 1: the same
// 128  stamps: for each slot the clock at its last use, 16 bits
//
// The generations are exact because a transaction writes the one that its predecessor did not, before it
// commits. If it is killed before that, its successor gets the same transaction id, finds the generation of
// an id that was never committed, and takes the other.

import { mkdirSync } from 'node:fs';
import { Environment, KeyBytes, RecordBytes } from './lmdb.ts';

const MAGIC = 0x745a4f4e;
const VERSION = 1;
const SEQUENCE = 36;
const FIRST = 64;
const SECOND = 96;
const STAMPS = 128;
/** One slot for so many bytes of the zone. Fewer slots than entries only means that some share a stamp. */
const BYTES_PER_SLOT = 64;
const MIN_SLOTS = 256;
const MAX_SLOTS = 4 * 1024 * 1024;
/** Ticks of the clock while as many bytes are stored as the zone has. */
const TICKS_PER_FILL = 512;

/** The id of a generation that is none. */
const NEVER = Number.POSITIVE_INFINITY;

const BLOCK_KEY = 1;
const USER_BLOCK_KEY = 2;
const MAP_RESERVE = 1024 * 1024;

export class Control {
  /** Of the transaction under way: as its predecessor left them, and then as it changes them. */
  used = 0;
  entries = 0;
  nextId = 1;
  private readonly environment: Environment;
  private readonly view: DataView;
  private readonly sequences: Int32Array;
  private readonly stamps: Uint16Array;
  private readonly slotMask: number;
  private readonly bytesPerTick: number;
  private target = FIRST;
  /** What the zone's user shares as plain memory; empty for none. */
  readonly block: Buffer;

  constructor(dir: string, size: number, blockBytes: number) {
    this.environment = openEnvironment(dir, size, blockBytes);
    try {
      const shared = openBlock(this.environment, size);
      this.view = new DataView(shared.buffer, shared.byteOffset, shared.length);
      this.sequences = new Int32Array(shared.buffer, shared.byteOffset + SEQUENCE, 1);
      this.slotMask = this.view.getUint32(4, true);
      this.stamps = new Uint16Array(shared.buffer, shared.byteOffset + STAMPS, this.slotMask + 1);
      this.bytesPerTick = Math.max(1, size / TICKS_PER_FILL);
      this.block = this.environment.shared(blockKey(USER_BLOCK_KEY)) ?? Buffer.alloc(0);
    } catch (error) {
      this.environment.close();
      throw error;
    }
  }

  /** Makes the block, in a directory that no other process knows yet. */
  static make(dir: string, size: number, blockBytes: number): void {
    mkdirSync(dir, { mode: 0o700 });
    const environment = openEnvironment(dir, size, blockBytes);
    const length = blockLength(size);
    const record = new RecordBytes(length);
    record.view.setUint32(0, MAGIC + VERSION, true);
    record.view.setUint32(4, slotCount(size) - 1, true);
    record.view.setFloat64(8, size, true);
    record.view.setFloat64(FIRST + 24, 1, true);
    record.view.setFloat64(SECOND + 24, 1, true);
    try {
      environment.write(() => {
        environment.put(blockKey(BLOCK_KEY), record, length);
        if (blockBytes > 0)
          environment.put(blockKey(USER_BLOCK_KEY), new RecordBytes(blockBytes), blockBytes);
      });
    } finally {
      environment.close();
    }
  }

  sync(): void {
    this.environment.sync();
  }

  close(): void {
    this.environment.close();
  }

  readerCheck(): number {
    return this.environment.readerCheck();
  }

  /** Waits until no other process writes or opens the zone, and keeps it so. */
  lock(): void {
    this.environment.lock();
  }

  unlock(): void {
    this.environment.unlock();
  }

  /** Odd while a record is being overwritten where it is: who reads meanwhile must read again. */
  get sequence(): number {
    return Atomics.load(this.sequences, 0);
  }

  beginOverwrite(): void {
    Atomics.store(this.sequences, 0, this.sequence | 1);
  }

  endOverwrite(): void {
    Atomics.store(this.sequences, 0, ((this.sequence | 1) + 1) | 0);
  }

  /** The transaction that is being committed, else 0: under the lock anything else means a killed process. */
  get pending(): number {
    return this.view.getFloat64(48, true);
  }
  set pending(transactionId: number) {
    this.view.setFloat64(48, transactionId, true);
  }

  /** Entries of another epoch were flushed. */
  get epoch(): number {
    return this.view.getUint32(16, true);
  }

  /** Says that there may be trash to reclaim. A hint: the trash itself is in the environment. */
  get trash(): boolean {
    return this.view.getUint32(28, true) !== 0;
  }
  set trash(present: boolean) {
    this.view.setUint32(28, present ? 1 : 0, true);
  }

  /** Where in the order of hashes the next sweep for expired entries starts. */
  get hand(): number {
    return this.view.getUint32(32, true);
  }
  set hand(hash: number) {
    this.view.setUint32(32, hash, true);
  }

  touch(slot: number): void {
    const at = slot & this.slotMask;
    const clock = this.view.getUint32(20, true) & 0xffff;
    // The cache line is shared by all processors: written only when it changes.
    if (this.stamps[at] !== clock) this.stamps[at] = clock;
  }

  /** How long ago the slot was used, in ticks. */
  age(slot: number): number {
    return (this.view.getUint32(20, true) - (this.stamps[slot & this.slotMask] ?? 0)) & 0xffff;
  }

  /** As last committed, or about to be; for reading without the lock. */
  committed(): { used: number; entries: number } {
    const first = finite(this.view.getFloat64(FIRST, true));
    const newest = first > finite(this.view.getFloat64(SECOND, true)) ? FIRST : SECOND;
    return {
      used: this.view.getFloat64(newest + 8, true),
      entries: this.view.getFloat64(newest + 16, true),
    };
  }

  // What follows happens under the lock only.

  begin(transactionId: number): void {
    const first = this.view.getFloat64(FIRST, true);
    const second = this.view.getFloat64(SECOND, true);
    const takeFirst = first < transactionId && (second >= transactionId || first > second);
    const source = takeFirst ? FIRST : SECOND;
    this.target = takeFirst ? SECOND : FIRST;
    this.used = this.view.getFloat64(source + 8, true);
    this.entries = this.view.getFloat64(source + 16, true);
    this.nextId = this.view.getFloat64(source + 24, true);
  }

  /** Forgets what was written for transactions from this one on: they were never committed. */
  forget(transactionId: number): void {
    for (const at of [FIRST, SECOND]) {
      if (this.view.getFloat64(at, true) >= transactionId) this.view.setFloat64(at, NEVER, true);
    }
  }

  beforeCommit(transactionId: number): void {
    const at = this.target;
    // While it is half written it must not pass for any transaction's.
    this.view.setFloat64(at, NEVER, true);
    this.view.setFloat64(at + 8, this.used, true);
    this.view.setFloat64(at + 16, this.entries, true);
    this.view.setFloat64(at + 24, this.nextId, true);
    this.view.setFloat64(at, transactionId, true);
    this.pending = transactionId;
  }

  newSlot(): number {
    const slot = this.view.getUint32(24, true);
    this.view.setUint32(24, (slot + 1) >>> 0, true);
    return slot & this.slotMask;
  }

  /** Moves the clock on: ages are measured in bytes stored, not in time. */
  stored(bytes: number): void {
    const filled = this.view.getFloat64(40, true) + bytes;
    if (filled < this.bytesPerTick) {
      this.view.setFloat64(40, filled, true);
      return;
    }
    this.view.setFloat64(40, filled % this.bytesPerTick, true);
    const ticks = Math.floor(filled / this.bytesPerTick);
    this.view.setUint32(20, (this.view.getUint32(20, true) + ticks) >>> 0, true);
  }

  flush(): void {
    this.view.setUint32(16, (this.epoch + 1) >>> 0, true);
  }
}

function openEnvironment(dir: string, size: number, blockBytes: number): Environment {
  const mapBytes = 2 * (blockLength(size) + blockBytes) + MAP_RESERVE;
  return new Environment(dir, { mapBytes, writable: true });
}

function openBlock(environment: Environment, size: number): Buffer {
  const shared = environment.shared(blockKey(BLOCK_KEY));
  if (shared === undefined || shared.length < STAMPS || shared.readUInt32LE(0) !== MAGIC + VERSION) {
    throw new Error(`"${environment.path}" is not a zone of this version`);
  }
  const found = shared.readDoubleLE(8);
  if (found !== size) throw new Error(`"${environment.path}" is a zone of ${found} bytes, not ${size}`);
  return shared;
}

function blockKey(which: number): KeyBytes {
  const key = new KeyBytes();
  key.bytes[0] = which;
  key.length = 1;
  return key;
}

function blockLength(size: number): number {
  return STAMPS + slotCount(size) * 2;
}

function finite(id: number): number {
  return id === NEVER ? -1 : id;
}

function slotCount(size: number): number {
  let slots = MIN_SLOTS;
  while (slots < MAX_SLOTS && slots * 2 * BYTES_PER_SLOT <= size) slots *= 2;
  return slots;
}
