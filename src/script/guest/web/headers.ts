// Headers, of fetch.

import {
  create,
  isArray,
  iterator,
  keys,
  split,
  TypeError_,
  toLowerCase,
  toText,
  trim,
} from '../builtins.ts';

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const BAD_VALUE = /[\0\r\n]/;

function nameOf(name: unknown): string {
  const text = toText(name);
  if (!TOKEN.test(text)) throw new TypeError_(`Headers: "${text}" is an invalid header name`);
  return toLowerCase(text);
}

function checkValue(value: unknown): string {
  const text = trim(toText(value));
  if (BAD_VALUE.test(text)) throw new TypeError_(`Headers: "${text}" is an invalid header value`);
  return text;
}

export class Headers {
  /** By name in lower case, in the order first set. */
  readonly #values = create(null) as Record<string, string[]>;

  constructor(init?: unknown) {
    if (init === undefined || init === null) return;
    if (init instanceof Headers) {
      for (const name of keys(init.#values)) this.#values[name] = [...(init.#values[name] as string[])];
      return;
    }
    if (typeof init !== 'object') throw new TypeError_('Headers: the init is not an object');
    if (typeof (init as Iterable<unknown>)[iterator] === 'function') {
      for (const pair of init as Iterable<unknown>) {
        const two = isArray(pair) ? pair : [...(pair as Iterable<unknown>)];
        if (two.length !== 2) throw new TypeError_('Headers: each header must be a name and a value');
        this.append(two[0], two[1]);
      }
      return;
    }
    for (const name of keys(init)) this.append(name, (init as Record<string, unknown>)[name]);
  }

  append(name: unknown, value: unknown): void {
    const key = nameOf(name);
    const list = this.#values[key];
    if (list === undefined) this.#values[key] = [checkValue(value)];
    else list.push(checkValue(value));
  }

  delete(name: unknown): void {
    delete this.#values[nameOf(name)];
  }

  get(name: unknown): string | null {
    const list = this.#values[nameOf(name)];
    return list === undefined ? null : list.join(', ');
  }

  getSetCookie(): string[] {
    return [...(this.#values['set-cookie'] ?? [])];
  }

  has(name: unknown): boolean {
    return this.#values[nameOf(name)] !== undefined;
  }

  set(name: unknown, value: unknown): void {
    this.#values[nameOf(name)] = [checkValue(value)];
  }

  forEach(callback: (value: string, name: string, headers: Headers) => void, self?: unknown): void {
    for (const [name, value] of this) callback.call(self, value, name, this);
  }

  *entries(): Generator<[string, string]> {
    for (const name of keys(this.#values).sort()) {
      const list = this.#values[name] as string[];
      if (name === 'set-cookie') for (const value of list) yield [name, value];
      else yield [name, list.join(', ')];
    }
  }

  *keys(): Generator<string> {
    for (const [name] of this.entries()) yield name;
  }

  *values(): Generator<string> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): Generator<[string, string]> {
    return this.entries();
  }
}

/** "name NUL value NUL …" as the bridge carries headers. */
export function headersToText(headers: Headers): string {
  const parts: string[] = [];
  for (const [name, value] of headers) parts.push(name, value);
  return parts.join('\0');
}

export function headersFromText(text: string): Headers {
  const headers = new Headers();
  const parts = text === '' ? [] : split(text, '\0');
  for (let i = 0; i + 1 < parts.length; i += 2) headers.append(parts[i], parts[i + 1]);
  return headers;
}
