// A cache: a directory of files (proxy_cache_path), and the zone that its entries are in.

import { mkdirSync, renameSync, type StatsFs, statfsSync, unlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import { diskPath } from '../../core/disk_path.ts';
import { errnoOf, errorText } from '../../core/errno.ts';
import type { Log } from '../../core/log.ts';
import type { Zone } from '../../zone/zone.ts';
import type { ZonePurpose } from '../../zone/zones.ts';
import { moveFile } from '../move_file.ts';
import { type CacheKey, cacheKey } from './cache_file.ts';
import { CacheIndex, type CacheNode } from './cache_index.ts';
import { LockWaiters } from './lock.ts';
import { isPurged, PurgeList } from './purges.ts';

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
  /** Whether the files of what is purged by a wildcard are looked for. */
  readonly purgerOn: boolean;
  readonly purger: Pace;
}

/** So many files, or so long, at a time; then a pause. */
export interface Pace {
  readonly files: number;
  readonly sleep: number;
  readonly threshold: number;
}

const MAX_KNOWN = 4096;
/** Of so many entries the one that goes is the oldest. */
const SAMPLE = 1024;
const UNKNOWN_BLOCK_SIZE = 512;
const { ENOENT } = constants.errno;

export class FileCache implements ZonePurpose {
  readonly settings: CachePath;
  readonly waiters: LockWaiters;
  #index: CacheIndex | null = null;
  #purges: PurgeList | null = null;
  #blockSize = 0;
  /** Keys that were made last. */
  #known = new Map<string, CacheKey>();
  /** The entries whose use the zone has been told of lately. */
  #touched = new Set<string>();
  #touchedUntil = 0;

  constructor(settings: CachePath) {
    this.settings = settings;
    this.waiters = new LockWaiters(this);
  }

  /** The zone knows files by their hashes: they must be where they were. */
  conflict(before: ZonePurpose): string | null {
    if (!(before instanceof FileCache)) return null;
    const { name, path, levels } = this.settings;
    const { path: previous, levels: previousLevels } = before.settings;
    if (path !== previous) {
      const change = `while previously it used the "${previous}" cache path`;
      return `cache "${name}" uses the "${path}" cache path ${change}`;
    }
    if (levels.join() === previousLevels.join()) return null;
    return `cache "${name}" had previously different levels`;
  }

  /** In a worker. */
  open(zone: Zone, log: Log): void {
    const index: CacheIndex = new CacheIndex(zone, () => this.removeOldest(index, log));
    this.#index = index;
    this.#purges = new PurgeList(index, this.settings.inactive);
  }

  get purges(): PurgeList {
    if (this.#purges === null) throw new Error(`cache "${this.settings.name}" is used before it is open`);
    return this.#purges;
  }

  purged(key: string, date: number): boolean {
    const { all } = this.purges;
    return all.length > 0 && isPurged(all, key, date);
  }

  get index(): CacheIndex {
    if (this.#index === null) throw new Error(`cache "${this.settings.name}" is used before it is open`);
    return this.#index;
  }

  get blockSize(): number {
    if (this.#blockSize === 0) this.#blockSize = fileSystem(this.settings.path)?.bsize ?? UNKNOWN_BLOCK_SIZE;
    return this.#blockSize;
  }

  /** Bytes that are free; what cannot be told is enough. */
  get free(): number {
    const found = fileSystem(this.settings.path);
    return found === null ? Number.POSITIVE_INFINITY : found.bavail * found.bsize;
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
      renameSync(diskPath(from), diskPath(name));
      return;
    } catch (error) {
      if (errnoOf(error) === ENOENT) mkdirSync(diskPath(dirname(name)), { recursive: true, mode: 0o700 });
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

  /** Removes a file that may not be used; others may be about to write the entry's next one. */
  discard(hash: string, log: Log): void {
    this.index.change(hash, (node, found) => {
      node.exists = false;
      node.blocks = 0;
      return found ? 'save' : 'keep';
    });
    this.unlink(hash, log);
  }

  remove(index: CacheIndex, hash: string, log: Log): void {
    let exists = false;
    index.change(hash, (node) => {
      ({ exists } = node);
      return 'drop';
    });
    if (exists) this.unlink(hash, log);
  }
}

function fileSystem(path: string): StatsFs | null {
  try {
    return statfsSync(diskPath(path));
  } catch {
    return null; // who reads or writes there will say why
  }
}
