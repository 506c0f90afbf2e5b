// What the API throws: NgxError for what Lua answers with `nil, err`, and the signal with which ngx.exit and its like
// leave a block.

import { create, defineProperty, Error_, freeze, replace, toUpperCase } from './builtins.ts';

const NOT_WORD = /[^A-Za-z0-9]+/g;
const EDGES = /^_|_$/g;

/** A failed operation. `message` is Lua's error string, `code` the same in SCREAMING_SNAKE. */
export class NgxError extends Error_ {
  declare readonly code: string;

  constructor(message: string, extra?: object) {
    super(message);
    defineProperty(this, 'code', {
      value: toUpperCase(replace(EDGES, replace(NOT_WORD, message, '_'), '')),
      enumerable: true,
      configurable: true,
      writable: true,
    });
    if (extra !== undefined) for (const key in extra) this.#put(key, extra[key as never]);
  }

  #put(key: string, value: unknown): void {
    defineProperty(this, key, { value, enumerable: true, configurable: true, writable: true });
  }
}
defineProperty(NgxError.prototype, 'name', { value: 'NgxError', configurable: true, writable: true });

/**
 * For a promise to resolve to that is to reject with what `make` gives. That is made by then where V8 sees who awaits the
 * promise, so that its stack tells; of an error that a result of the host's is made into it would be empty.
 */
export async function failing(make: () => unknown): Promise<never> {
  await undefined;
  await undefined; // by now the promise has asked for this one
  throw make();
}

/** The client takes nothing of what it is sent: its fault, not the script's. */
export class ClientTimeout extends NgxError {
  constructor() {
    super('timeout');
  }
}

/** Thrown by exit, exec and redirect. Not an Error, without properties: there is nothing to do with it but let it pass. */
export const signal: object = freeze(create(null));
