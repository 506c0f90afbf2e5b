// URL and URLSearchParams. The host parses and edits URLs, by the book; the parameters are kept here.

import { CALL_URL } from '../../protocol.ts';
import { call, type Plain } from '../bridge.ts';
import { charCodeAt, isArray, iterator, keys, parseJson, slice, TypeError_, toText } from '../builtins.ts';
import { escapeUri, unescapeUri } from '../encode.ts';

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

export class URL {
  #parts: Parts;
  #params: URLSearchParams | undefined = undefined;

  constructor(url: unknown, base?: unknown) {
    const parts = ask(toText(url), base === undefined ? undefined : toText(base));
    if (parts === undefined) throw new TypeError_('Invalid URL');
    this.#parts = parts;
  }

  static canParse(url: unknown, base?: unknown): boolean {
    return ask(toText(url), base === undefined ? undefined : toText(base)) !== undefined;
  }

  static parse(url: unknown, base?: unknown): URL | null {
    return URL.canParse(url, base) ? new URL(url, base) : null;
  }

  #set(part: string, value: unknown): void {
    const parts = ask(this.#parts[0], undefined, part, toText(value));
    if (parts === undefined) {
      if (part === 'href') throw new TypeError_('Invalid URL');
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

let replaceParams: (params: URLSearchParams, search: string) => void;
let watchParams: (params: URLSearchParams, changed: (search: string) => void) => void;

const SPACE = /%20/g;
const LEFT_ALONE = /[!'()~]/g;

function encode(text: string): string {
  const escaped = escapeUri(text).replace(SPACE, '+');
  return escaped.replace(
    LEFT_ALONE,
    (character) => `%${charCodeAt(character, 0).toString(16).toUpperCase()}`,
  );
}

export class URLSearchParams {
  #list: [string, string][] = [];
  #changed: ((search: string) => void) | undefined = undefined;

  static {
    replaceParams = (params, search) => {
      params.#list = parseQuery(search);
    };
    watchParams = (params, changed) => {
      params.#changed = changed;
    };
  }

  constructor(init?: unknown) {
    if (init === undefined || init === null) return;
    if (typeof init === 'object') {
      if (typeof (init as Iterable<unknown>)[iterator] === 'function') {
        for (const pair of init as Iterable<unknown>) {
          const two = isArray(pair) ? pair : [...(pair as Iterable<unknown>)];
          if (two.length !== 2)
            throw new TypeError_('Each query pair must be an iterable [name, value] tuple');
          this.#list.push([toText(two[0]), toText(two[1])]);
        }
        return;
      }
      for (const name of keys(init)) this.#list.push([name, toText((init as Record<string, unknown>)[name])]);
      return;
    }
    this.#list = parseQuery(toText(init));
  }

  #update(): void {
    const text = this.toString();
    this.#changed?.(text === '' ? '' : `?${text}`);
  }

  get size(): number {
    return this.#list.length;
  }

  append(name: unknown, value: unknown): void {
    this.#list.push([toText(name), toText(value)]);
    this.#update();
  }

  delete(name: unknown, value?: unknown): void {
    const key = toText(name);
    this.#list = this.#list.filter(
      ([own, held]) => own !== key || (value !== undefined && held !== toText(value)),
    );
    this.#update();
  }

  get(name: unknown): string | null {
    const key = toText(name);
    return this.#list.find(([own]) => own === key)?.[1] ?? null;
  }

  getAll(name: unknown): string[] {
    const key = toText(name);
    return this.#list.filter(([own]) => own === key).map(([, value]) => value);
  }

  has(name: unknown, value?: unknown): boolean {
    const key = toText(name);
    return this.#list.some(([own, held]) => own === key && (value === undefined || held === toText(value)));
  }

  set(name: unknown, value: unknown): void {
    const key = toText(name);
    const at = this.#list.findIndex(([own]) => own === key);
    if (at === -1) {
      this.#list.push([key, toText(value)]);
    } else {
      (this.#list[at] as [string, string])[1] = toText(value);
      this.#list = this.#list.filter(([own], i) => own !== key || i === at);
    }
    this.#update();
  }

  sort(): void {
    this.#list.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    this.#update();
  }

  forEach(callback: (value: string, name: string, params: URLSearchParams) => void, self?: unknown): void {
    for (const [name, value] of this.#list) callback.call(self, value, name, this);
  }

  *entries(): Generator<[string, string]> {
    for (const [name, value] of this.#list) yield [name, value];
  }

  *keys(): Generator<string> {
    for (const [name] of this.#list) yield name;
  }

  *values(): Generator<string> {
    for (const [, value] of this.#list) yield value;
  }

  [Symbol.iterator](): Generator<[string, string]> {
    return this.entries();
  }

  toString(): string {
    return this.#list.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
  }
}

function parseQuery(text: string): [string, string][] {
  const list: [string, string][] = [];
  const query = charCodeAt(text, 0) === 63 ? slice(text, 1) : text;
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    list.push(
      equals === -1
        ? [unescapeUri(part), '']
        : [unescapeUri(part.slice(0, equals)), unescapeUri(part.slice(equals + 1))],
    );
  }
  return list;
}
