// proxy_cache_purge: entries are removed when a request asks for it, one by its key, or all whose keys begin alike
// (a key ending in `*`). What such a purge means holds at once, in all workers; the files go one by one afterwards.

import { closeSync, openSync, readSync } from 'node:fs';
import { diskPath } from '../../core/disk_path.ts';
import type { Log } from '../../core/log.ts';
import { finalize } from '../engine.ts';
import type { HttpRequest } from '../request.ts';
import { type CacheKey, dateIn, hasVary, keyIn } from './cache_file.ts';
import { type FileCache, isPurged, type Purge } from './file_cache.ts';

const NO_CONTENT = 204;
const NOT_FOUND = 404;

/** Answers the request: 204, or 404 where there is nothing to remove. */
export function purge(r: HttpRequest, cache: FileCache, key: CacheKey): void {
  const { error_log: log } = r.loc.core;
  const until = Math.floor(Date.now() / 1000);
  if (key.text.endsWith('*')) {
    purgeAll(cache, { text: key.text.slice(0, -1), exact: false, until }, log);
    finalize(r, NO_CONTENT);
    return;
  }
  const varies = removeEntry(cache, key, log);
  // Its variants have names that say nothing of the key.
  if (varies === 'varies') purgeAll(cache, { text: key.text, exact: true, until }, log);
  finalize(r, varies === 'absent' ? NOT_FOUND : NO_CONTENT);
}

function purgeAll(cache: FileCache, wanted: Purge, log: Log): void {
  cache.startPurge(wanted);
  cache.tell({ purge: wanted, ended: false });
  new Purger(cache, wanted, log).next();
}

function removeEntry(cache: FileCache, key: CacheKey, log: Log): 'absent' | 'removed' | 'varies' {
  const varies = readPart(cache, key.hash, hasVary);
  let found = false;
  cache.index.change(key.hash, (node) => {
    found = node.exists;
    return 'drop';
  });
  const removed = cache.unlink(key.hash, log);
  if (varies === true) return 'varies';
  return found || removed ? 'removed' : 'absent';
}

const bytes = Buffer.allocUnsafe(8192);

/** Shows the beginning of an entry's file. null: it cannot be read; whoever asks for the entry will see. */
function readPart<T>(cache: FileCache, hash: string, look: (bytes: Buffer, n: number) => T): T | null {
  let fd = -1;
  try {
    fd = openSync(diskPath(cache.fileName(hash)), 'r');
    return look(bytes, readSync(fd, bytes, 0, bytes.length, 0));
  } catch {
    return null;
  } finally {
    if (fd !== -1) closeSync(fd);
  }
}

/** So many entries are looked up in the zone together. */
const SLICE = 16;

/** Looks at the entries a few at a time, and removes those that are meant. */
class Purger {
  readonly #cache: FileCache;
  readonly #purge: Purge;
  readonly #log: Log;
  #after: Buffer | null = null;

  constructor(cache: FileCache, wanted: Purge, log: Log) {
    this.#cache = cache;
    this.#purge = wanted;
    this.#log = log;
  }

  readonly next = (): void => {
    const { files, sleep, threshold } = this.#cache.settings.purger;
    const start = performance.now();
    for (let seen = 0; seen < files && performance.now() - start < threshold; seen += SLICE) {
      if (this.#slice()) continue;
      this.#cache.endPurge(this.#purge);
      this.#cache.tell({ purge: this.#purge, ended: true });
      return;
    }
    setTimeout(this.next, sleep).unref();
  };

  /** False: these were the last. */
  #slice(): boolean {
    const hashes: string[] = [];
    this.#after = this.#cache.index.slice(this.#after, (hash, node) => {
      if (node.exists) hashes.push(hash);
      return hashes.length < SLICE;
    });
    for (const hash of hashes) {
      if (readPart(this.#cache, hash, this.#isMeant) !== true) continue;
      this.#cache.index.change(hash, () => 'drop');
      this.#cache.unlink(hash, this.#log);
    }
    return this.#after !== null;
  }

  readonly #isMeant = (bytes: Buffer, n: number): boolean => {
    const key = keyIn(bytes, n);
    return key !== null && isPurged(this.#purge, key, dateIn(bytes));
  };
}
