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

/** How an object that stands for names answers whatever is asked of it beside them. */
export const closed = {
  ownKeys: () => [],
  getOwnPropertyDescriptor: () => undefined,
  defineProperty: () => false,
  getPrototypeOf: () => null,
  setPrototypeOf: () => false,
  preventExtensions: () => false,
} as const;
