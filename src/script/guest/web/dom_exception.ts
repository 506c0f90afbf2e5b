// DOMException: what web APIs throw.

import { defineProperty, Error_ } from '../builtins.ts';

const CODES: Readonly<Record<string, number>> = {
  IndexSizeError: 1,
  InvalidCharacterError: 5,
  NotFoundError: 8,
  NotSupportedError: 9,
  InvalidStateError: 11,
  SyntaxError: 12,
  InvalidAccessError: 15,
  TypeMismatchError: 17,
  NetworkError: 19,
  AbortError: 20,
  QuotaExceededError: 22,
  TimeoutError: 23,
  DataCloneError: 25,
};

export class DOMException extends Error_ {
  readonly #name: string;

  constructor(message = '', name = 'Error') {
    super(message);
    this.#name = name;
  }

  override get name(): string {
    return this.#name;
  }

  get code(): number {
    return CODES[this.#name] ?? 0;
  }
}
defineProperty(DOMException.prototype, 'name', { enumerable: false });
