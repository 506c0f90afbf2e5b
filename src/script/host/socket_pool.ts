// Connections that are kept for later (setkeepalive), by peer or by a name that the script chose. A pool made with a
// backlog also limits how many connections there are: further connects queue until one is free.

import { POOL_CELLS_AT } from '../protocol.ts';
import type { Link, LinkOwner } from './link.ts';
import type { Target } from './tcp_socket.ts';

/** A connect that waits for its turn. */
export interface Waiting {
  /** Its turn has come. */
  proceed(): void;
}

class Idle implements LinkOwner {
  readonly pool: Pool;
  readonly link: Link;

  constructor(pool: Pool, link: Link, timeoutMs: number) {
    this.pool = pool;
    this.link = link;
    if (timeoutMs > 0) link.timer.set(timeoutMs);
    link.owner = this;
    link.resume();
  }

  /** It is no longer idle. */
  leave(): void {
    this.link.timer.clear();
    this.link.owner = null;
  }

  // Whatever comes while nobody has asked: the connection is of no use any more.
  received(): void {
    this.pool.drop(this);
  }

  ended(): void {
    this.pool.drop(this);
  }

  failed(): void {
    this.pool.drop(this);
  }

  written(): void {}

  expired(): void {
    this.pool.drop(this);
  }
}

export class Pool {
  readonly key: string;
  readonly size: number;
  /** How many connects may wait; -1: the number of connections is not limited. */
  readonly backlog: number;
  /** In use, idle and waiting. */
  connections = 0;
  readonly #pools: Pools;
  /** The one used last is the last. */
  readonly #idle: Idle[] = [];
  readonly #waiting: Waiting[] = [];
  target: Target | null = null;
  /** The word that tells the guest how many are idle; 0 for none. */
  #cell = 0;

  constructor(pools: Pools, key: string, size: number, backlog: number) {
    this.#pools = pools;
    this.key = key;
    this.size = size;
    this.backlog = backlog;
  }

  /** Tells the guest from now on how many are idle; whoever takes one of them was to connect to `target`. */
  tell(target: Target): void {
    this.target = target;
    this.#cell = target.poolCell;
    this.#pools.place(this, this.#cell);
    this.#show();
  }

  #show(): void {
    if (this.#cell !== 0) this.#pools.mem[this.#cell] = this.#idle.length;
  }

  /** An idle connection, or null. */
  take(): Link | null {
    const idle = this.#idle.pop();
    this.#show();
    if (idle === undefined) return null;
    idle.leave();
    idle.link.reused++;
    return idle.link;
  }

  /** Keeps a connection; `counted`: it is one of `connections` already. */
  put(link: Link, timeoutMs: number, counted: boolean): void {
    if (this.#idle.length >= this.size) {
      const oldest = this.#idle.shift();
      oldest?.leave();
      oldest?.link.close();
      if (counted) this.connections--;
    } else if (!counted) {
      this.connections++;
    }
    this.#idle.push(new Idle(this, link, timeoutMs));
    this.#show();
    this.#wake();
  }

  /** @internal */
  drop(idle: Idle): void {
    const at = this.#idle.indexOf(idle);
    if (at === -1) return;
    this.#idle.splice(at, 1);
    this.#show();
    idle.leave();
    idle.link.close();
    this.release();
  }

  /** A connection is gone. */
  release(): void {
    this.connections--;
    if (this.connections <= 0) this.#pools.forget(this);
    else this.#wake();
  }

  wait(waiting: Waiting): void {
    this.#waiting.push(waiting);
  }

  /** It waits no longer, and its place is free; false when its turn has come already. */
  giveUp(waiting: Waiting): boolean {
    const at = this.#waiting.indexOf(waiting);
    if (at === -1) return false;
    this.#waiting.splice(at, 1);
    this.connections--;
    return true;
  }

  /** As if their time were over. */
  closeIdle(): void {
    for (const idle of [...this.#idle]) this.drop(idle);
  }

  closeAll(): void {
    for (const idle of this.#idle.splice(0)) {
      idle.leave();
      idle.link.close();
    }
    this.#show();
    this.#waiting.length = 0;
  }

  #wake(): void {
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.connections--; // it is counted anew
    next.proceed();
  }
}

/** The pools of an isolate: tenants do not share connections. */
export class Pools {
  readonly #byKey = new Map<string, Pool>();
  readonly #byCell: (Pool | null)[] = [];
  /** Shared with the guest, which is told of what is idle. */
  mem: Int32Array = new Int32Array(0);

  find(key: string): Pool | null {
    return this.#byKey.get(key) ?? null;
  }

  /** The pool whose word that is. */
  at(cell: number): Pool | null {
    return this.#byCell[cell - POOL_CELLS_AT] ?? null;
  }

  /** @internal */
  place(pool: Pool, cell: number): void {
    if (cell !== 0) this.#byCell[cell - POOL_CELLS_AT] = pool;
  }

  create(key: string, size: number, backlog: number): Pool {
    const pool = new Pool(this, key, size, backlog);
    this.#byKey.set(key, pool);
    return pool;
  }

  /** @internal */
  forget(pool: Pool): void {
    if (this.#byKey.get(pool.key) === pool) this.#byKey.delete(pool.key);
  }

  closeIdle(): void {
    for (const pool of [...this.#byKey.values()]) pool.closeIdle();
  }

  closeAll(): void {
    for (const pool of this.#byKey.values()) pool.closeAll();
    this.#byKey.clear();
  }
}
