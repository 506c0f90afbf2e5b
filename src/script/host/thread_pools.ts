// The thread pools of a worker: how many tasks of scripts run beside each other, and how many wait. The threads
// themselves are isolated-vm's.

import type { ThreadPool as Spec } from '../../conf/core.ts';

/** As nginx's own default pool. */
const DEFAULT: Spec = { name: 'default', threads: 32, maxQueue: 65_536 };

export class ThreadPool {
  readonly name: string;
  readonly #spec: Spec;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(spec: Spec) {
    this.name = spec.name;
    this.#spec = spec;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** When there is a thread, which leave() gives back. null: too many wait already. */
  enter(): Promise<void> | null {
    if (this.#waiting.length >= this.#spec.maxQueue) return null;
    if (this.#running === this.#spec.threads) return new Promise((go) => this.#waiting.push(go));
    this.#running++;
    return Promise.resolve();
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running--;
    else next();
  }
}

export class ThreadPools {
  readonly #pools: ReadonlyMap<string, ThreadPool>;

  constructor(specs: readonly Spec[]) {
    this.#pools = new Map([DEFAULT, ...specs].map((spec) => [spec.name, new ThreadPool(spec)]));
  }

  get(name: string): ThreadPool | undefined {
    return this.#pools.get(name);
  }
}
