// What all workers know of a cache's entries, in its zone (keys_zone): how often each was asked for, whether somebody is
// fetching it, what failed, its size and when it will have been unused for too long. Whether an entry is there is the
// file's to say: a hit reads no zone, and writes one only now and then.
//
// An entry is 32 bytes under the 16 of its hash:
//   expire(4) uses(2) error(2) errorUntil(4) blocks(4) fetcher(4) flags(4) fetchUntil(8)
//
// Beside the entries there are the size of all, whether the directory has been read, and what is purged; a number in the
// zone's plain memory says that the latter has changed.

import type { Entry } from '../../zone/entry.ts';
import { exists } from '../../zone/processes.ts';
import type { Zone } from '../../zone/zone.ts';

const RECORD = 32;
const EXISTS = 1;
const MAX_USES = 1023;
const SIZE_KEY = 'size';
const LOADED_KEY = 'loaded';
const PURGES_KEY = 'purges';
/** Bytes of the zone's plain memory. */
export const BLOCK_BYTES = 4;
const MAX_TRIES = 20;
const NEVER = 0;

export class CacheNode {
  /** Seconds: unused since then, it goes. */
  expire = 0;
  uses = 0;
  /** A status that is answered without asking, until `errorUntil`. */
  error = 0;
  errorUntil = 0;
  /** Of the file, in the file system's blocks. */
  blocks = 0;
  /** The process that fetches it, 0 for none; from `fetchUntil` (ms) on, others may (cache_lock_age). */
  fetcher = 0;
  fetchUntil = 0;
  exists = false;

  clear(): void {
    this.expire = 0;
    this.uses = 0;
    this.error = 0;
    this.errorUntil = 0;
    this.blocks = 0;
    this.fetcher = 0;
    this.fetchUntil = 0;
    this.exists = false;
  }

  load({ view, start: at }: Entry): void {
    this.expire = view.getUint32(at, true);
    this.uses = view.getUint16(at + 4, true);
    this.error = view.getUint16(at + 6, true);
    this.errorUntil = view.getUint32(at + 8, true);
    this.blocks = view.getUint32(at + 12, true);
    this.fetcher = view.getUint32(at + 16, true);
    this.exists = (view.getUint32(at + 20, true) & EXISTS) !== 0;
    this.fetchUntil = view.getFloat64(at + 24, true);
  }

  save(to: Buffer): void {
    to.writeUInt32LE(this.expire, 0);
    to.writeUInt16LE(Math.min(this.uses, MAX_USES), 4);
    to.writeUInt16LE(this.error, 6);
    to.writeUInt32LE(this.errorUntil, 8);
    to.writeUInt32LE(this.blocks, 12);
    to.writeUInt32LE(this.fetcher, 16);
    to.writeUInt32LE(this.exists ? EXISTS : 0, 20);
    to.writeDoubleLE(this.fetchUntil, 24);
  }

  /** Whether somebody who is still there fetches it. */
  get fetched(): boolean {
    const { fetcher } = this;
    return fetcher !== 0 && (fetcher === process.pid || exists(fetcher));
  }
}

/** What becomes of an entry that has been looked at. */
export type Verdict = 'keep' | 'save' | 'drop';

type Change = (node: CacheNode, found: boolean) => Verdict;

export class CacheIndex {
  readonly zone: Zone;
  readonly #node = new CacheNode();
  readonly #record = Buffer.alloc(RECORD);
  /** There was no room: makes some, by removing an entry. False: it cannot. */
  readonly #makeRoom: () => boolean;
  #full = false;

  constructor(zone: Zone, makeRoom: () => boolean) {
    this.zone = zone;
    this.#makeRoom = makeRoom;
  }

  /** The entry as it is now, until the next call; null for none. */
  peek(hash: string): CacheNode | null {
    const entry = this.zone.peek(Buffer.from(hash, 'hex'));
    if (entry === undefined || entry.length !== RECORD) return null;
    this.#node.load(entry);
    return this.#node;
  }

  /** Changes an entry while nobody else does; `change` gets a blank one where there is none. False: there is no room. */
  change(hash: string, change: Change): boolean {
    const key = Buffer.from(hash, 'hex');
    return this.#update((zone) => this.#change(zone, key, change));
  }

  #update(step: (zone: Zone) => void): boolean {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      this.#full = false;
      this.zone.update(step, null);
      if (!this.#full) return true;
      if (!this.#makeRoom()) return false;
    }
    return false;
  }

  #change(zone: Zone, key: Buffer, change: Change): void {
    const node = this.#node;
    const entry = zone.locate(key);
    const found = entry !== undefined && entry.length === RECORD;
    if (found) node.load(entry);
    else node.clear();
    const before = node.blocks;
    const verdict = change(node, found);
    if (verdict === 'keep' || (verdict === 'drop' && !found)) return;
    if (verdict === 'drop') {
      zone.discard();
      this.#resize(zone, -before);
      return;
    }
    node.save(this.#record);
    if (zone.store(0, this.#record, RECORD, NEVER, 0, 'expired') === 'no memory') this.#full = true;
    else this.#resize(zone, node.blocks - before);
  }

  #resize(zone: Zone, by: number): void {
    if (by !== 0) this.#store(zone, SIZE_KEY, Math.max(0, this.#number(zone, SIZE_KEY) + by));
  }

  #number(zone: Zone, key: string): number {
    const entry = zone.locate(key);
    return entry === undefined ? 0 : entry.view.getFloat64(entry.start, true);
  }

  #store(zone: Zone, key: string, value: number): void {
    zone.locate(key);
    this.#record.writeDoubleLE(value, 0);
    zone.store(0, this.#record, 8, NEVER, 0, 'expired');
  }

  /** Of all files together, in blocks: near enough, as a process may be killed while it counts. */
  get size(): number {
    const entry = this.zone.peek(SIZE_KEY);
    return entry === undefined ? 0 : entry.view.getFloat64(entry.start, true);
  }

  set size(blocks: number) {
    this.zone.update((zone) => this.#store(zone, SIZE_KEY, Math.max(0, blocks)), null);
  }

  /** The directory has been read since the zone was made. */
  get loaded(): boolean {
    return this.zone.peek(LOADED_KEY) !== undefined;
  }

  setLoaded(): void {
    this.zone.update((zone) => this.#store(zone, LOADED_KEY, 1), null);
  }

  get purges(): string {
    return textOf(this.zone.peek(PURGES_KEY));
  }

  /** Another number: `purges` has changed. */
  get purgesVersion(): number {
    return this.zone.block.readUInt32LE(0);
  }

  /** Changes `purges` while nobody else does. False: there is no room. */
  changePurges(change: (text: string) => string): boolean {
    return this.#update((zone) => {
      const bytes = Buffer.from(change(textOf(zone.locate(PURGES_KEY))), 'latin1');
      if (zone.store(0, bytes, bytes.length, NEVER, 0, 'expired') === 'no memory') this.#full = true;
      else zone.block.writeUInt32LE((this.purgesVersion + 1) >>> 0, 0);
    });
  }

  /**
   * Shows entries one after the other, those behind `after` in the zone's own order or, for a number from 0 to 1, from
   * that part of it on, until `visit` answers false. Answers where to go on; null: there are no more.
   */
  slice(after: Buffer | number | null, visit: (hash: string, node: CacheNode) => boolean): Buffer | null {
    const node = new CacheNode();
    return this.zone.slice(after, (key, entry) => {
      if (key.length !== 16 || entry.length !== RECORD) return true;
      node.load(entry);
      return visit(key.toString('hex'), node);
    });
  }
}

function textOf(entry: Entry | undefined): string {
  return entry === undefined ? '' : entry.bytes.toString('latin1', entry.start, entry.start + entry.length);
}
