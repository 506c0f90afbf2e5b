// The pids of a cycle's workers: each tells the others its own when it starts, and they answer with theirs.

import type { WorkerProcess } from '../../http/module.ts';

const TOPIC = 'ts.pid';

interface Here {
  readonly id: number;
  readonly pid: number;
  /** When it started: a later one has taken an earlier one's place. */
  readonly since: number;
  readonly asks: boolean;
}

export class Pids {
  readonly #worker: WorkerProcess;
  readonly #known = new Map<number, Here>();

  constructor(worker: WorkerProcess) {
    this.#worker = worker;
    worker.subscribe(TOPIC, (value) => this.#hear(value as Here));
    worker.publish(TOPIC, this.#own(true));
  }

  /** By the workers' numbers; the privileged agent is not among them. */
  list(): number[] {
    const { id, count } = this.#worker;
    const pids: number[] = [];
    for (let i = 0; i < count; i++) {
      const pid = i === id ? process.pid : this.#known.get(i)?.pid;
      if (pid !== undefined) pids.push(pid);
    }
    return pids;
  }

  #own(asks: boolean): Here {
    return { id: this.#worker.id, pid: process.pid, since: performance.timeOrigin, asks };
  }

  #hear(here: Here): void {
    const known = this.#known.get(here.id);
    if (known === undefined || known.since <= here.since) this.#known.set(here.id, here);
    if (here.asks && !this.#worker.exiting()) this.#worker.publish(TOPIC, this.#own(false));
  }
}
