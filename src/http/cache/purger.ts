// The cache purger of nginx's commercial version: with purger=on it looks at the entries of a cache again and again, a
// few at a time, and removes the files of what is purged. Without it they go when somebody asks for them, or unused.

import type { Log } from '../../core/log.ts';
import { dateIn, keyIn } from './cache_file.ts';
import type { FileCache } from './file_cache.ts';
import { isPurged, type Purge } from './purges.ts';
import { readStart } from './read_start.ts';

const BETWEEN_LOOKS_MS = 250;
/** So many entries are looked up in the zone together. */
const SLICE = 16;
/** Each hit is compared with all that is purged: more than this is removed in any case. */
const MAX_PURGES = 200;

export class CachePurger {
  readonly #cache: FileCache;
  readonly #log: Log;
  #timer: NodeJS.Timeout | null = null;
  /** What this walk through the entries removes, and where it is. */
  #purges: readonly Purge[] = [];
  #after: Buffer | null = null;

  constructor(cache: FileCache, log: Log) {
    this.#cache = cache;
    this.#log = log;
  }

  start(): void {
    this.#rest(BETWEEN_LOOKS_MS);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #rest(ms: number): void {
    this.#timer = setTimeout(this.#work, ms).unref();
  }

  readonly #work = (): void => {
    const { settings, purges, index } = this.#cache;
    if (this.#purges.length === 0) {
      const wanted = settings.purgerOn || purges.all.length > MAX_PURGES;
      // Before the directory has been read there are files that the zone does not know.
      if (wanted && index.loaded) this.#purges = purges.all;
    }
    const done = this.#purges.length > 0 && this.#walk();
    if (done) {
      purges.remove(this.#purges);
      this.#purges = [];
    }
    this.#rest(this.#purges.length === 0 ? BETWEEN_LOOKS_MS : settings.purger.sleep);
  };

  /** True: all entries have been looked at. */
  #walk(): boolean {
    const { files, threshold } = this.#cache.settings.purger;
    const start = performance.now();
    for (let seen = 0; seen < files && performance.now() - start < threshold; seen += SLICE) {
      if (!this.#slice(Math.min(SLICE, files - seen))) return true;
    }
    return false;
  }

  /** False: these were the last. */
  #slice(most: number): boolean {
    const { index } = this.#cache;
    const hashes: string[] = [];
    this.#after = index.slice(this.#after, (hash, node) => {
      if (node.exists) hashes.push(hash);
      return hashes.length < most;
    });
    for (const hash of hashes) {
      if (readStart(this.#cache, hash, this.#isMeant) === true) this.#cache.discard(hash, this.#log);
    }
    return this.#after !== null;
  }

  readonly #isMeant = (bytes: Buffer, n: number): boolean => {
    const key = keyIn(bytes, n);
    return key !== null && isPurged(this.#purges, key, dateIn(bytes));
  };
}
