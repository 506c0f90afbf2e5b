// cache_lock: requests that wait until another one has fetched what they want, in this worker or in another. Those of
// this worker are told; for the others the zone is looked at from time to time, once for all that wait for an entry.

import { Timer } from '../../core/timers.ts';
import type { FileCache } from './file_cache.ts';

const LOOK_EVERY_MS = 50;

export interface LockWaiter {
  readonly hash: string;
  /** performance.now() */
  readonly until: number;
  /** It is fetched no more, or it has taken too long. */
  wake(timedOut: boolean): void;
}

export class LockWaiters {
  readonly #cache: FileCache;
  readonly #waiters = new Map<string, Set<LockWaiter>>();
  readonly #timer: Timer<LockWaiters>;

  constructor(cache: FileCache) {
    this.#cache = cache;
    this.#timer = new Timer<LockWaiters>(look, this);
  }

  add(waiter: LockWaiter): void {
    const others = this.#waiters.get(waiter.hash);
    if (others !== undefined) {
      others.add(waiter);
      return;
    }
    if (this.#waiters.size === 0) this.#timer.set(LOOK_EVERY_MS);
    this.#waiters.set(waiter.hash, new Set([waiter]));
  }

  remove(waiter: LockWaiter): void {
    const others = this.#waiters.get(waiter.hash);
    if (others?.delete(waiter) && others.size === 0) this.#waiters.delete(waiter.hash);
  }

  /** This worker has fetched the entry, or given up. */
  released(hash: string): void {
    const waiters = this.#waiters.get(hash);
    if (waiters === undefined) return;
    this.#waiters.delete(hash);
    for (const waiter of waiters) process.nextTick(wakeUp, waiter);
  }

  look(): void {
    const now = performance.now();
    for (const [hash, waiters] of this.#waiters) {
      const node = this.#cache.index.peek(hash);
      if (node === null || node.fetchUntil <= Date.now() || !node.fetched) {
        this.released(hash);
        continue;
      }
      for (const waiter of waiters) {
        if (waiter.until > now) continue;
        this.remove(waiter);
        waiter.wake(true);
      }
    }
    if (this.#waiters.size > 0) this.#timer.set(LOOK_EVERY_MS);
  }
}

function look(waiters: LockWaiters): void {
  waiters.look();
}

function wakeUp(waiter: LockWaiter): void {
  waiter.wake(false);
}
