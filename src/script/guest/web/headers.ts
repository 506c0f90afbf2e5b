// Headers, of fetch. Names and values are bytes, one a character, as the standard has them.

import {
  create,
  exec,
  isArray,
  iterator,
  keys,
  replace,
  split,
  TypeError_,
  toLowerCase,
  toText,
} from '../builtins.ts';
import { webClass } from './web_class.ts';

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const AROUND = /^[\t\n\r ]+|[\t\n\r ]+$/g;
const BAD_VALUE = /[\0\r\n]/;
const NOT_BYTES = /[^\0-\xff]/;

/** Web IDL's ByteString. */
export function byteString(value: unknown, what: string): string {
  const text = toText(value);
  if (exec(NOT_BYTES, text) !== null) {
    throw new TypeError_(`${what}: "${text}" has a character greater than 255`);
  }
  return text;
}

function nameOf(name: unknown): string {
  const text = byteString(name, 'Headers');
  if (exec(TOKEN, text) === null) throw new TypeError_(`Headers: "${text}" is an invalid header name`);
  return toLowerCase(text);
}

function checkedValue(value: unknown): string {
  const text = replace(AROUND, byteString(value, 'Headers'), '');
  if (exec(BAD_VALUE, text) !== null) throw new TypeError_(`Headers: "${text}" is an invalid header value`);
  return text;
}

/** Makes them unchangeable for scripts: those of a response that came, of a redirect. */
export let freezeHeaders: (headers: Headers) => void;
/** The body that they came with has been decoded: what they say of its coding and length is true no longer. */
export let markDecoded: (headers: Headers) => void;
export let saysDecoded: (headers: Headers) => boolean;
/** By name in lower case, as they are kept: not to be changed. */
export let valuesOf: (headers: Headers) => Readonly<Record<string, readonly string[]>>;
/** From what headersToText() makes. */
export let headersFromText: (text: string) => Headers;

export class Headers {
  /** By name in lower case, in the order first set; null until somebody looks, where they came as text. */
  #table: Record<string, string[]> | null = null;
  #text = '';
  #frozen = false;
  /** The coding of a fetched body that has been undone; until a script says another. */
  #decoded = false;
  /** What iterating gives, until something changes. */
  #pairs: [string, string][] | null = null;

  static {
    freezeHeaders = (headers) => {
      headers.#frozen = true;
    };
    markDecoded = (headers) => {
      headers.#decoded = true;
    };
    saysDecoded = (headers) => headers.#decoded;
    valuesOf = (headers) => headers.#values;
    headersFromText = (text) => {
      const headers = new Headers();
      headers.#text = text;
      return headers;
    };
  }

  constructor(init?: unknown) {
    if (init === undefined) return;
    if (init instanceof Headers) {
      for (const name of keys(init.#values)) this.#values[name] = [...(init.#values[name] as string[])];
      this.#decoded = init.#decoded;
      return;
    }
    if ((typeof init !== 'object' && typeof init !== 'function') || init === null) {
      throw new TypeError_('Headers: the init is not an object');
    }
    if (typeof (init as Iterable<unknown>)[iterator] === 'function') {
      for (const pair of init as Iterable<unknown>) {
        if (typeof pair !== 'object' || pair === null)
          throw new TypeError_('Headers: a header is not a pair');
        const two = isArray(pair) ? pair : [...(pair as Iterable<unknown>)];
        if (two.length !== 2) throw new TypeError_('Headers: each header must be a name and a value');
        this.append(two[0], two[1]);
      }
      return;
    }
    for (const name of Reflect.ownKeys(init)) {
      if (Object.getOwnPropertyDescriptor(init, name)?.enumerable !== true) continue;
      if (typeof name === 'symbol') throw new TypeError_('Headers: a name is a symbol');
      this.append(name, (init as Record<string, unknown>)[name]);
    }
  }

  get #values(): Record<string, string[]> {
    if (this.#table !== null) return this.#table;
    const table = create(null) as Record<string, string[]>;
    this.#table = table;
    const parts = this.#text === '' ? [] : split(this.#text, '\0');
    this.#text = '';
    for (let i = 0; i + 1 < parts.length; i += 2) add(table, nameOf(parts[i]), checkedValue(parts[i + 1]));
    return table;
  }

  append(name: unknown, value: unknown): void {
    if (arguments.length < 2) throw new TypeError_('Headers.append: two arguments are needed');
    const key = nameOf(name);
    const text = checkedValue(value);
    this.#change(key);
    add(this.#values, key, text);
  }

  delete(name: unknown): void {
    if (arguments.length < 1) throw new TypeError_('Headers.delete: an argument is needed');
    const key = nameOf(name);
    this.#change(key);
    delete this.#values[key];
  }

  get(name: unknown): string | null {
    if (arguments.length < 1) throw new TypeError_('Headers.get: an argument is needed');
    const list = this.#values[nameOf(name)];
    return list === undefined ? null : list.join(', ');
  }

  getSetCookie(): string[] {
    return [...(this.#values['set-cookie'] ?? [])];
  }

  has(name: unknown): boolean {
    if (arguments.length < 1) throw new TypeError_('Headers.has: an argument is needed');
    return this.#values[nameOf(name)] !== undefined;
  }

  set(name: unknown, value: unknown): void {
    if (arguments.length < 2) throw new TypeError_('Headers.set: two arguments are needed');
    const key = nameOf(name);
    const text = checkedValue(value);
    this.#change(key);
    this.#values[key] = [text];
  }

  #change(name: string): void {
    if (this.#frozen) throw new TypeError_('Headers: these cannot be changed');
    this.#pairs = null;
    if (name === 'content-encoding') this.#decoded = false;
  }

  forEach(
    callback: (value: string, name: string, headers: Headers) => void,
    self: unknown = undefined,
  ): void {
    if (typeof callback !== 'function')
      throw new TypeError_('Headers.forEach: the callback is not a function');
    for (const [name, value] of this) callback.call(self, value, name, this);
  }

  *entries(): Generator<[string, string]> {
    // Looked at anew for each, as the standard has it: what is changed meanwhile shows.
    for (let i = 0; ; i++) {
      this.#pairs ??= this.#sorted();
      const pair = this.#pairs[i];
      if (pair === undefined) return;
      yield [pair[0], pair[1]];
    }
  }

  #sorted(): [string, string][] {
    const pairs: [string, string][] = [];
    for (const name of keys(this.#values).sort()) {
      const list = this.#values[name] as string[];
      if (name === 'set-cookie') for (const value of list) pairs.push([name, value]);
      else pairs.push([name, list.join(', ')]);
    }
    return pairs;
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
webClass(Headers, 'Headers');

/** "name NUL value NUL …" as the bridge carries headers. */
export function headersToText(headers: Headers): string {
  const values = valuesOf(headers);
  let text = '';
  for (const name of keys(values)) {
    const list = values[name] as readonly string[];
    if (name !== 'set-cookie') text += `\0${name}\0${list.length === 1 ? list[0] : list.join(', ')}`;
    else for (const cookie of list) text += `\0set-cookie\0${cookie}`;
  }
  return text.slice(1);
}

function add(table: Record<string, string[]>, name: string, value: string): void {
  const list = table[name];
  if (list === undefined) table[name] = [value];
  else list.push(value);
}
