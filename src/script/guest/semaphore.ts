// ngx.semaphore: lets requests, timers and threads of one isolate wait for each other. Each waiter is an operation of the
// host, so that it goes on in a visit of its own, at the latest when its time is up.

import { OP_SLEEP, OP_WAKE } from '../protocol.ts';
import { floor, list, Promise_ } from './builtins.ts';
import { failing, NgxError } from './errors.ts';
import { currentRequest } from './nobody.ts';
import { onDropped, operate, tell } from './operations.ts';

interface Waiter {
  operation: number;
  /** A resource is kept for it. */
  woken: boolean;
}

class Resources {
  /** Those that nobody has taken, the ones kept for woken waiters included. */
  free: number;
  /** First come, first served. */
  readonly waiters = list<Waiter>();

  constructor(free: number) {
    this.free = free;
  }

  wake(): void {
    let left = this.free;
    for (let i = 0; i < this.waiters.length && left > 0; i++) {
      const waiter = this.waiters[i] as Waiter;
      left--;
      if (waiter.woken) continue;
      waiter.woken = true;
      tell(OP_WAKE, [waiter.operation]);
    }
  }

  remove(waiter: Waiter): void {
    const { waiters } = this;
    let to = 0;
    for (let i = 0; i < waiters.length; i++) {
      const other = waiters[i] as Waiter;
      if (other !== waiter) waiters[to++] = other;
    }
    waiters.length = to;
  }
}

const taken: Promise<boolean> = Promise.resolve(true);

function numberOf(value: unknown): number {
  return typeof value === 'number' || typeof value === 'string' ? +value : Number.NaN;
}

/** Of which semaphore a method is called; it may be called of anything. */
let resourcesOf: (semaphore: Semaphore) => Resources;

/** What ngx.semaphore.new gives. */
class Semaphore {
  readonly #resources: Resources;

  static {
    resourcesOf = (semaphore) => {
      if (typeof semaphore !== 'object' || semaphore === null || !(#resources in semaphore)) {
        throw new NgxError('not a semaphore instance');
      }
      return semaphore.#resources;
    };
  }

  constructor(free: number) {
    this.#resources = new Resources(free);
  }

  /** Adds resources; whoever waits gets them in the order in which they came. */
  post(n?: unknown): boolean {
    const count = n === undefined || n === null ? 1 : numberOf(n);
    if (!(count >= 1)) throw new NgxError('positive number required');
    const resources = resourcesOf(this);
    resources.free += floor(count);
    resources.wake();
    return true;
  }

  /** Takes a resource, waiting for one up to `seconds`. */
  wait(seconds: unknown): Promise<boolean> {
    const ms = numberOf(seconds) * 1000;
    if (!(ms >= 0)) throw new NgxError('no negative number');
    const resources = resourcesOf(this);
    if (resources.free > 0 && resources.waiters.length === 0) {
      resources.free--;
      return taken;
    }
    return new Promise_((resolve) => {
      if (ms === 0) throw new NgxError('timeout');
      const waiter: Waiter = { operation: 0, woken: false };
      waiter.operation = operate(currentRequest(), OP_SLEEP, [ms], () => {
        resources.remove(waiter);
        if (waiter.woken) {
          resources.free--;
          resolve(true);
        } else {
          resolve(failing(() => new NgxError('timeout')));
        }
      });
      onDropped(waiter.operation, () => {
        resources.remove(waiter);
        resources.wake();
      });
      resources.waiters[resources.waiters.length] = waiter;
    });
  }

  /** The resources that are free; negative: how many wait. */
  count(): number {
    const { free, waiters } = resourcesOf(this);
    return free - waiters.length;
  }
}

export const semaphore = {
  new(n?: unknown): Semaphore {
    const free = floor(numberOf(n)) || 0;
    if (free < 0) throw new NgxError('no negative number');
    return new Semaphore(free);
  },
};
