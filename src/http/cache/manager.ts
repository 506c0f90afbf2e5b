// Keeps a cache within its limits: inactive, max_size, min_free. One worker does it, a few files at a time beside its
// requests; when it dies, its successor does. It walks through the zone, as nginx's manager walks along its queue: what
// is unused for too long goes, and the sizes are added up anew, should a process have been killed while it counted.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../core/log.ts';
import { traceOf } from '../../core/thrown.ts';
import type { FileCache } from './file_cache.ts';

/** Entries that are looked at together. */
const SLICE = 1024;
const MOST_BETWEEN_WALKS_S = 10;
const BETWEEN_LOOKS_MS = 1000;

export class CacheManager {
  readonly #cache: FileCache;
  readonly #log: Log;
  readonly #end = new AbortController();
  /** Since the last pause. */
  #files = 0;
  #since = 0;

  constructor(cache: FileCache, log: Log) {
    this.#cache = cache;
    this.#log = log;
  }

  start(): void {
    void this.#run();
  }

  stop(): void {
    this.#end.abort();
  }

  async #run(): Promise<void> {
    let nextWalk = 0;
    while (!this.#end.signal.aborted) {
      try {
        this.#since = performance.now();
        this.#files = 0;
        const now = seconds();
        if (now >= nextWalk) {
          const expire = await this.#walk();
          const most = Math.min(MOST_BETWEEN_WALKS_S, this.#cache.settings.inactive);
          nextWalk = now + Math.max(1, Math.min(expire - now, most));
        }
        await this.#shrink();
        await this.#sleep(BETWEEN_LOOKS_MS);
      } catch (error) {
        if (this.#end.signal.aborted) return;
        this.#log.write('alert', `cache manager failed: ${traceOf(error)}`);
        await sleep(MOST_BETWEEN_WALKS_S * 1000, null, { ref: false });
      }
    }
  }

  async #sleep(ms: number): Promise<void> {
    await sleep(ms, null, { ref: false, signal: this.#end.signal });
  }

  /** Files have been dealt with: it may be time for a pause. */
  async #counted(files: number): Promise<void> {
    const { manager } = this.#cache.settings;
    this.#files += files;
    if (this.#files < manager.files && performance.now() - this.#since < manager.threshold) return;
    await this.#sleep(manager.sleep);
    this.#files = 0;
    this.#since = performance.now();
  }

  /** Removes what is unused for too long; answers when the next entry will be, in seconds. */
  async #walk(): Promise<number> {
    const cache = this.#cache;
    const { index } = cache;
    const sizeBefore = index.size;
    let blocks = 0;
    let expire = Number.POSITIVE_INFINITY;
    let after: Buffer | null = null;
    do {
      const now = seconds();
      const unused: string[] = [];
      let seen = 0;
      after = index.slice(after, (hash, node) => {
        if (node.expire <= now && !node.fetched) {
          unused.push(hash);
        } else {
          expire = Math.min(expire, node.expire);
          blocks += node.blocks;
        }
        return ++seen < SLICE;
      });
      for (const hash of unused) {
        if (this.#removeUnused(hash, now)) await this.#counted(1);
      }
      if (after !== null) await this.#counted(this.#cache.settings.manager.files); // a slice is work enough
    } while (after !== null);
    index.size += blocks - sizeBefore; // what has come and gone meanwhile is counted, roughly
    return expire;
  }

  /** It may have been used since it was looked at. */
  #removeUnused(hash: string, now: number): boolean {
    let removed = false;
    let exists = false;
    this.#cache.index.change(hash, (node, found) => {
      removed = found && node.expire <= now;
      ({ exists } = node);
      return removed ? 'drop' : 'keep';
    });
    if (removed && exists) this.#cache.unlink(hash, this.#log);
    return removed;
  }

  async #shrink(): Promise<void> {
    while (this.#isTooLarge()) {
      if (!this.#cache.removeOldest(this.#cache.index, this.#log)) return;
      await this.#counted(1);
    }
  }

  #isTooLarge(): boolean {
    const { maxSize, minFree } = this.#cache.settings;
    const { index, blockSize } = this.#cache;
    const { size } = index;
    if (size > 0 && size >= Math.floor(maxSize / blockSize)) return true;
    return minFree > 0 && this.#cache.free <= minFree;
  }
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}
