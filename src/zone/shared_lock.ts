// A lock in memory that processes share, for changes that take less than a microsecond: a zone's own lock costs twenty
// times as much (ngx_shmtx.c). It holds the number of the process that has it, so that one which is killed loses it.

import { exists } from './processes.ts';

/** Looks at a lock that is taken, before this process gives up the processor. */
const SPINS = 2000;
const SLEEP_MS = 0.1;

const sleeper = new Int32Array(new SharedArrayBuffer(4));

export class SharedLock {
  readonly #cells: Int32Array;
  readonly #at: number;

  constructor(cells: Int32Array, at: number) {
    this.#cells = cells;
    this.#at = at;
  }

  lock(): void {
    if (Atomics.compareExchange(this.#cells, this.#at, 0, process.pid) !== 0) this.#wait();
  }

  unlock(): void {
    Atomics.store(this.#cells, this.#at, 0);
  }

  #wait(): void {
    const { pid } = process;
    for (;;) {
      for (let i = 0; i < SPINS; i++) {
        if (Atomics.load(this.#cells, this.#at) !== 0) continue;
        if (Atomics.compareExchange(this.#cells, this.#at, 0, pid) === 0) return;
      }
      Atomics.wait(sleeper, 0, 0, SLEEP_MS);
      const owner = Atomics.load(this.#cells, this.#at);
      if (owner === 0 || exists(owner)) continue;
      if (Atomics.compareExchange(this.#cells, this.#at, owner, pid) === owner) return;
    }
  }
}
