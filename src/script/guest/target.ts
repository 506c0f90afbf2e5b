// What a proxy of the API stands before. The request it belongs to is private: no reflection on the proxy reaches it.

import type { Request } from './request.ts';

export class Target {
  readonly #r: Request;

  constructor(r: Request) {
    this.#r = r;
  }

  static of(target: Target): Request {
    return target.#r;
  }
}
// Nothing of ours shows through traps that a handler does not set.
Object.setPrototypeOf(Target.prototype, null);
Reflect.deleteProperty(Target.prototype, 'constructor');

/** For a proxy of values by name, which `read` and `write` know; what is deleted is written as undefined. */
export function byName(
  read: (r: Request, name: string) => unknown,
  write: (r: Request, name: string, value: unknown) => void,
): ProxyHandler<Target> {
  return {
    get: (target, key) => (typeof key === 'string' ? read(Target.of(target), key) : undefined),
    set(target, key, value) {
      if (typeof key !== 'string') return false;
      write(Target.of(target), key, value);
      return true;
    },
    deleteProperty(target, key) {
      if (typeof key !== 'string') return false;
      write(Target.of(target), key, undefined);
      return true;
    },
    has: (target, key) => typeof key === 'string' && read(Target.of(target), key) !== undefined,
    ...closed,
  };
}

/** How an object that stands for names answers whatever is asked of it beside them. */
export const closed = {
  ownKeys: () => [],
  getOwnPropertyDescriptor: () => undefined,
  defineProperty: () => false,
  getPrototypeOf: () => null,
  setPrototypeOf: () => false,
  preventExtensions: () => false,
} as const;
