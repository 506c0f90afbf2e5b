// A cache: a directory of files (proxy_cache_path), and the zone that its entries are in.

import { mkdirSync, renameSync, statfsSync, unlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import { diskPath } from '../../core/disk_path.ts';
import { errnoOf, errorText } from '../../core/errno.ts';
import type { Log } from '../../core/log.ts';
import type { Zone } from '../../zone/zone.ts';
import { moveFile } from '../move_file.ts';
import { type CacheKey, cacheKey } from './cache_file.ts';
import { CacheIndex, type CacheNode } from './cache_index.ts';
import { LockWaiters } from './lock.ts';

/** What proxy_cache_path says; times are milliseconds, but for `inactive`. */
export interface CachePath {
  readonly name: string;
  readonly path: string;
  readonly levels: readonly number[];
  /** Seconds. */
  readonly inactive: number;
  readonly maxSize: number;
  readonly minFree: number;
  readonly useTempPath: boolean;
  readonly manager: Pace;
  readonly loader: Pace;
  readonly purger: Pace;
}

/** So many files, or so long, at a time; then a pause. */
export interface Pace {
  readonly files: number;
  readonly sleep: number;
  readonly threshold: number;
}

/** Entries that are being removed: all that were cached up to a time under a key, or under keys that begin alike. */
export interface Purge {
  readonly text: string;
  readonly exact: boolean;
  /** Seconds. */
  readonly until: number;
}

/** What workers tell one another. */
export interface PurgeNews {
  readonly purge: Purge;
  readonly ended: boolean;
}

export function isPurged({ text, exact, until }: Purge, key: string, date: number): boolean {
  return date <= until && (exact ? key === text : key.startsWith(text));
}

const MAX_KNOWN = 4096;
/** Of so many entries the one that goes is the oldest. */
const SAMPLE = 1024;
const { ENOENT } = constants.errno;

export class FileCache {
  readonly settings: CachePath;
  readonly waiters: LockWaiters;
  /** Under way in any worker. */
  purges: Purge[] = [];
  #index: CacheIndex | null = null;
  #blockSize = 0;
  /** Keys that were made last. */
  #known = new Map<string, CacheKey>();
  /** The entries whose use the zone has been told of lately. */
  #touched = new Set<string>();
  #touchedUntil = 0;
  /** Tells the other workers. */
  tell: (news: PurgeNews) => void = () => {};

  constructor(settings: CachePath) {
    this.settings = settings;
    this.waiters = new LockWaiters(this);
  }

  /** In a worker. */
  open(zone: Zone, log: Log): void {
    const index: CacheIndex = new CacheIndex(zone, () => this.removeOldest(index, log));
    this.#index = index;
  }

  get index(): CacheIndex {
    if (this.#index === null) throw new Error(`cache "${this.settings.name}" is used before it is open`);
    return this.#index;
  }

  get blockSize(): number {
    if (this.#blockSize === 0) this.#blockSize = statfsSync(this.settings.path).bsize;
    return this.#blockSize;
  }

  blocksOf(bytes: number): number {
    return Math.ceil(bytes / this.blockSize);
  }

  key(text: string): CacheKey {
    let key = this.#known.get(text);
    if (key === undefined) {
      if (this.#known.size >= MAX_KNOWN) this.#known.clear();
      key = cacheKey(text);
      this.#known.set(text, key);
    }
    return key;
  }

  fileName(hash: string): string {
    let directory = this.settings.path;
    let end = hash.length;
    for (const digits of this.settings.levels) {
      directory += `/${hash.slice(end - digits, end)}`;
      end -= digits;
    }
    return `${directory}/${hash}`;
  }

  /** An entry has been used: whoever wants to remove what is unused is told, but not each time. */
  touch(hash: string, now: number): void {
    const { inactive } = this.settings;
    if (now >= this.#touchedUntil) {
      this.#touched.clear();
      this.#touchedUntil = now + Math.max(1, Math.floor(inactive / 60));
    }
    if (this.#touched.has(hash)) return;
    this.#touched.add(hash);
    const { index } = this;
    index.change(hash, (node) => {
      node.expire = now + inactive;
      if (node.uses < 1) node.uses = 1;
      return 'save';
    });
  }

  /** Gives the finished file its place. Throws what rename(2) says. */
  commit(from: string, hash: string): void {
    const name = this.fileName(hash);
    try {
      renameSync(from, name);
      return;
    } catch (error) {
      if (errnoOf(error) === ENOENT) mkdirSync(dirname(name), { recursive: true, mode: 0o700 });
    }
    moveFile(from, name, 0o600);
  }

  /** Removes a file whose entry is gone. False: there was none. */
  unlink(hash: string, log: Log): boolean {
    const name = this.fileName(hash);
    try {
      unlinkSync(diskPath(name));
      return true;
    } catch (error) {
      if (errnoOf(error) !== ENOENT) log.write('crit', `unlink() "${name}" failed ${errorText(error)}`);
      return false;
    }
  }

  /** Removes the entry that has been unused for the longest time, or one that is about so. False: there is none. */
  removeOldest(index: CacheIndex, log: Log): boolean {
    let oldest = '';
    let expire = Number.POSITIVE_INFINITY;
    let seen = 0;
    const visit = (hash: string, node: CacheNode): boolean => {
      if (node.expire < expire && !node.fetched) {
        oldest = hash;
        expire = node.expire;
      }
      return ++seen < SAMPLE;
    };
    // Entries are in the order of their hashes: neighbours are as good as any others.
    if (index.slice(Math.random(), visit) === null && seen < SAMPLE) index.slice(null, visit);
    if (oldest === '') return false;
    this.remove(index, oldest, log);
    return true;
  }

  remove(index: CacheIndex, hash: string, log: Log): void {
    let exists = false;
    index.change(hash, (node) => {
      ({ exists } = node);
      return 'drop';
    });
    if (exists) this.unlink(hash, log);
  }

  startPurge(purge: Purge): void {
    this.purges.push(purge);
  }

  endPurge({ text, exact, until }: Purge): void {
    this.purges = this.purges.filter(
      (one) => one.text !== text || one.exact !== exact || one.until !== until,
    );
  }

  purged(key: string, date: number): boolean {
    return this.purges.some((purge) => isPurged(purge, key, date));
  }
}
