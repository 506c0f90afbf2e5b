// URL and URLSearchParams. The host parses and edits URLs, by the book; the parameters are kept here.

import { CALL_URL } from '../../protocol.ts';
import { call, type Plain } from '../bridge.ts';
import { charCodeAt, exec, isArray, iterator, parseJson, TypeError_, toText } from '../builtins.ts';
import { decodeRaw, encodeRaw } from '../text.ts';
import { webClass } from './web_class.ts';

type Parts = readonly [
  href: string,
  protocol: string,
  username: string,
  password: string,
  host: string,
  hostname: string,
  port: string,
  pathname: string,
  search: string,
  hash: string,
  origin: string,
];

function ask(href: string, base?: string, part?: string, value?: string): Parts | undefined {
  const answer: Plain = call(CALL_URL, 0, href, base ?? null, part ?? null, value ?? '');
  return typeof answer === 'string' ? (parseJson(answer) as Parts) : undefined;
}

/** Web IDL's USVString. */
function scalar(value: unknown): string {
  return toText(value).toWellFormed();
}

export class URL {
  #parts: Parts;
  #params: URLSearchParams | undefined = undefined;

  constructor(url: unknown, base: unknown = undefined) {
    if (arguments.length === 0) throw new TypeError_('URL: a URL is needed');
    const parts = ask(scalar(url), base === undefined ? undefined : scalar(base));
    if (parts === undefined) throw invalid();
    this.#parts = parts;
  }

  static canParse(url: unknown, base: unknown = undefined): boolean {
    if (arguments.length === 0) throw new TypeError_('URL.canParse: a URL is needed');
    return ask(scalar(url), base === undefined ? undefined : scalar(base)) !== undefined;
  }

  static parse(url: unknown, base: unknown = undefined): URL | null {
    if (arguments.length === 0) throw new TypeError_('URL.parse: a URL is needed');
    return URL.canParse(url, base) ? new URL(url, base) : null;
  }

  #set(part: string, value: unknown): void {
    const parts = ask(this.#parts[0], undefined, part, scalar(value));
    if (parts === undefined) {
      if (part === 'href') throw invalid();
      return;
    }
    this.#parts = parts;
    if (this.#params !== undefined) replaceParams(this.#params, parts[8]);
  }

  get href(): string {
    return this.#parts[0];
  }
  set href(value: unknown) {
    this.#set('href', value);
  }
  get protocol(): string {
    return this.#parts[1];
  }
  set protocol(value: unknown) {
    this.#set('protocol', value);
  }
  get username(): string {
    return this.#parts[2];
  }
  set username(value: unknown) {
    this.#set('username', value);
  }
  get password(): string {
    return this.#parts[3];
  }
  set password(value: unknown) {
    this.#set('password', value);
  }
  get host(): string {
    return this.#parts[4];
  }
  set host(value: unknown) {
    this.#set('host', value);
  }
  get hostname(): string {
    return this.#parts[5];
  }
  set hostname(value: unknown) {
    this.#set('hostname', value);
  }
  get port(): string {
    return this.#parts[6];
  }
  set port(value: unknown) {
    this.#set('port', value);
  }
  get pathname(): string {
    return this.#parts[7];
  }
  set pathname(value: unknown) {
    this.#set('pathname', value);
  }
  get search(): string {
    return this.#parts[8];
  }
  set search(value: unknown) {
    this.#set('search', value);
  }
  get hash(): string {
    return this.#parts[9];
  }
  set hash(value: unknown) {
    this.#set('hash', value);
  }
  get origin(): string {
    return this.#parts[10];
  }

  get searchParams(): URLSearchParams {
    if (this.#params === undefined) {
      this.#params = new URLSearchParams(this.#parts[8]);
      watchParams(this.#params, (search) => {
        const parts = ask(this.#parts[0], undefined, 'search', search);
        if (parts !== undefined) this.#parts = parts;
      });
    }
    return this.#params;
  }

  toString(): string {
    return this.#parts[0];
  }

  toJSON(): string {
    return this.#parts[0];
  }
}

function invalid(): TypeError {
  const error = new TypeError_('Invalid URL');
  Object.defineProperty(error, 'code', { value: 'ERR_INVALID_URL', configurable: true, writable: true });
  return error;
}

let replaceParams: (params: URLSearchParams, search: string) => void;
let watchParams: (params: URLSearchParams, changed: (search: string) => void) => void;

export class URLSearchParams {
  #list: [string, string][] = [];
  #changed: ((search: string) => void) | undefined = undefined;

  static {
    replaceParams = (params, search) => {
      params.#list = parseQuery(search.replace(/^\?/, ''));
    };
    watchParams = (params, changed) => {
      params.#changed = changed;
    };
  }

  constructor(init?: unknown) {
    if (init === undefined) return;
    if ((typeof init === 'object' && init !== null) || typeof init === 'function') {
      const method = (init as Iterable<unknown>)[iterator] as unknown;
      if (method !== undefined && method !== null) {
        if (typeof method !== 'function') throw new TypeError_('URLSearchParams: the init is not iterable');
        for (const pair of init as Iterable<unknown>) {
          if ((typeof pair !== 'object' && typeof pair !== 'function') || pair === null) {
            throw new TypeError_('Each query pair must be an iterable [name, value] tuple');
          }
          const two = isArray(pair) ? pair : [...(pair as Iterable<unknown>)];
          if (two.length !== 2)
            throw new TypeError_('Each query pair must be an iterable [name, value] tuple');
          this.#list.push([scalar(two[0]), scalar(two[1])]);
        }
        return;
      }
      // A name that is there twice once it is made well-formed keeps its place, with the last value.
      const record = new Map<string, string>();
      for (const name of Reflect.ownKeys(init)) {
        if (Object.getOwnPropertyDescriptor(init, name)?.enumerable !== true) continue;
        if (typeof name === 'symbol') throw new TypeError_('URLSearchParams: a name is a symbol');
        record.set(scalar(name), scalar((init as Record<string, unknown>)[name]));
      }
      this.#list = [...record];
      return;
    }
    this.#list = parseQuery(scalar(init).replace(/^\?/, ''));
  }

  #update(): void {
    if (this.#changed === undefined) return;
    const text = this.toString();
    this.#changed(text === '' ? '' : `?${text}`);
  }

  get size(): number {
    return this.#list.length;
  }

  append(name: unknown, value: unknown): void {
    needs(arguments.length, 2, 'append');
    this.#list.push([scalar(name), scalar(value)]);
    this.#update();
  }

  delete(name: unknown, value: unknown = undefined): void {
    needs(arguments.length, 1, 'delete');
    const key = scalar(name);
    const only = value === undefined ? undefined : scalar(value);
    this.#list = this.#list.filter(([own, held]) => own !== key || (only !== undefined && held !== only));
    this.#update();
  }

  get(name: unknown): string | null {
    needs(arguments.length, 1, 'get');
    const key = scalar(name);
    return this.#list.find(([own]) => own === key)?.[1] ?? null;
  }

  getAll(name: unknown): string[] {
    needs(arguments.length, 1, 'getAll');
    const key = scalar(name);
    return this.#list.filter(([own]) => own === key).map(([, value]) => value);
  }

  has(name: unknown, value: unknown = undefined): boolean {
    needs(arguments.length, 1, 'has');
    const key = scalar(name);
    const only = value === undefined ? undefined : scalar(value);
    return this.#list.some(([own, held]) => own === key && (only === undefined || held === only));
  }

  set(name: unknown, value: unknown): void {
    needs(arguments.length, 2, 'set');
    const key = scalar(name);
    const text = scalar(value);
    const at = this.#list.findIndex(([own]) => own === key);
    if (at === -1) {
      this.#list.push([key, text]);
    } else {
      (this.#list[at] as [string, string])[1] = text;
      this.#list = this.#list.filter(([own], i) => own !== key || i === at);
    }
    this.#update();
  }

  sort(): void {
    this.#list.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    this.#update();
  }

  forEach(
    callback: (value: string, name: string, params: URLSearchParams) => void,
    self: unknown = undefined,
  ): void {
    if (typeof callback !== 'function') throw new TypeError_('URLSearchParams.forEach: no function is given');
    for (const [name, value] of this) callback.call(self, value, name, this);
  }

  *entries(): Generator<[string, string]> {
    for (let i = 0; i < this.#list.length; i++) {
      const [name, value] = this.#list[i] as [string, string];
      yield [name, value];
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

  toString(): string {
    let text = '';
    for (const [name, value] of this.#list)
      text += `${text === '' ? '' : '&'}${encode(name)}=${encode(value)}`;
    return text;
  }
}

function needs(given: number, wanted: number, method: string): void {
  if (given < wanted) throw new TypeError_(`URLSearchParams.${method}: too few arguments`);
}

webClass(URL, 'URL');
webClass(URLSearchParams, 'URLSearchParams');

const KEPT = /^[*\-.0-9A-Z_a-z]*$/;
const OTHERS = /[^*\-.0-9A-Z_a-z]/g;

function encode(text: string): string {
  if (exec(KEPT, text) !== null) return text;
  return encodeRaw(text).replace(OTHERS, (byte) =>
    byte === ' ' ? '+' : `%${charCodeAt(byte, 0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

const CODED = /%([0-9A-Fa-f]{2})/g;

function decode(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  if (!spaced.includes('%')) return spaced;
  const raw = encodeRaw(spaced).replace(CODED, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return decodeRaw(raw);
}

/** The pairs of an application/x-www-form-urlencoded text. */
export function parseQuery(text: string): [string, string][] {
  const list: [string, string][] = [];
  for (const part of text.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    list.push(
      equals === -1 ? [decode(part), ''] : [decode(part.slice(0, equals)), decode(part.slice(equals + 1))],
    );
  }
  return list;
}
