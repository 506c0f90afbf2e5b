// The headers of a request and of a response.
// A request's stay the bytes they came as, with the offsets of each name and value; a string is cut out when somebody
// asks for it. A response's are a flat list, with the fields that the engine itself decides on beside it.

import { parseHttpTime } from '../core/http_time.ts';

/** Lower-case letters of A-Z; everything else as it is. */
function lower(code: number): number {
  return code >= 65 && code <= 90 ? code | 32 : code;
}

export class HeadersIn {
  /** The header block as it came, latin1, also once a header has been set. */
  raw = '';
  /** Four offsets into `raw` a header: name from, name to, value from, value to. */
  offsets: number[] = [];
  #edited: string[] | null = null;

  get count(): number {
    return this.#edited === null ? this.offsets.length >> 2 : this.#edited.length >> 1;
  }

  name(i: number): string {
    if (this.#edited !== null) return this.#edited[i * 2] ?? '';
    return this.raw.slice(this.offsets[i * 4], this.offsets[i * 4 + 1]);
  }

  value(i: number): string {
    if (this.#edited !== null) return this.#edited[i * 2 + 1] ?? '';
    return this.raw.slice(this.offsets[i * 4 + 2], this.offsets[i * 4 + 3]);
  }

  /** The characters of name(i), without making it. */
  nameLength(i: number): number {
    if (this.#edited !== null) return this.name(i).length;
    return (this.offsets[i * 4 + 1] ?? 0) - (this.offsets[i * 4] ?? 0);
  }

  /** `Name: value`, in one piece where it came so. */
  line(i: number): string {
    const nameEnd = this.offsets[i * 4 + 1] ?? 0;
    if (
      this.#edited === null &&
      this.offsets[i * 4 + 2] === nameEnd + 2 &&
      this.raw.startsWith(': ', nameEnd)
    ) {
      return this.raw.slice(this.offsets[i * 4], this.offsets[i * 4 + 3]);
    }
    return `${this.name(i)}: ${this.value(i)}`;
  }

  /** Whether header `i` is called `name` (given in lower case). `dashes`: `_` in `name` stands for `-`, as in $http_x_y. */
  is(i: number, name: string, dashes = false): boolean {
    if (this.#edited !== null) {
      const own = this.#edited[i * 2] ?? '';
      return own.length === name.length && sameName(own, 0, name, dashes);
    }
    const from = this.offsets[i * 4] ?? 0;
    if ((this.offsets[i * 4 + 1] ?? 0) - from !== name.length) return false;
    return sameName(this.raw, from, name, dashes);
  }

  /** The index of the first header called `name` (lower case) at or after `from`; -1 for none. */
  find(name: string, from = 0): number {
    for (let i = from, n = this.count; i < n; i++) if (this.is(i, name)) return i;
    return -1;
  }

  /** The first header called `name` (lower case). */
  get(name: string): string | undefined {
    const i = this.find(name);
    return i === -1 ? undefined : this.value(i);
  }

  /** All values of `name` (lower case), in the order in which they came. */
  values(name: string): string[] {
    const values: string[] = [];
    for (let i = this.find(name); i !== -1; i = this.find(name, i + 1)) values.push(this.value(i));
    return values;
  }

  /** All values of `name` (lower case) joined; undefined where there is none. */
  joined(name: string, separator = ', ', dashes = false): string | undefined {
    let out: string | undefined;
    for (let i = 0, n = this.count; i < n; i++) {
      if (this.is(i, name, dashes)) out = out === undefined ? this.value(i) : out + separator + this.value(i);
    }
    return out;
  }

  /** Replaces all headers called `name` by those given; none removes it. The first keeps its place. */
  set(name: string, values: readonly string[]): void {
    const edited = this.#edit();
    const wanted = name.toLowerCase();
    const kept: string[] = [];
    let placed = false;
    for (let i = 0; i < edited.length; i += 2) {
      if (edited[i]?.toLowerCase() !== wanted) kept.push(edited[i] ?? '', edited[i + 1] ?? '');
      else if (!placed) {
        placed = true;
        for (const value of values) kept.push(name, value);
      }
    }
    if (!placed) for (const value of values) kept.push(name, value);
    this.#edited = kept;
  }

  #edit(): string[] {
    if (this.#edited === null) {
      const edited: string[] = [];
      for (let i = 0, n = this.count; i < n; i++) edited.push(this.name(i), this.value(i));
      this.#edited = edited;
    }
    return this.#edited;
  }

  /** A copy that can be edited without touching this one (subrequests). */
  clone(): HeadersIn {
    const copy = new HeadersIn();
    copy.raw = this.raw;
    copy.offsets = this.offsets;
    copy.#edited = this.#edited === null ? null : [...this.#edited];
    return copy;
  }
}

function sameName(text: string, from: number, name: string, dashes: boolean): boolean {
  for (let k = 0; k < name.length; k++) {
    const code = lower(text.charCodeAt(from + k));
    const wanted = name.charCodeAt(k);
    if (code !== wanted && !(dashes && wanted === 95 && code === 45)) return false;
  }
  return true;
}

/** Bytes of the body are not known beforehand. */
export const UNKNOWN = -1;

export class HeadersOut {
  status = 0;
  /** "404 Not Found" where an upstream or a script said it; empty for the standard text. */
  statusLine = '';
  contentType = '';
  /** As set by charset; appended to a text content type. */
  charset = '';
  /** Bytes, or UNKNOWN. */
  contentLength = UNKNOWN;
  /** Where the body stands in the whole that contentLength is of (slice). */
  contentOffset = 0;
  /** Milliseconds since 1970, or UNKNOWN: no Last-Modified. */
  lastModified = UNKNOWN;
  /** With its quotes; empty for none. */
  etag = '';
  /** Before which entry of `list` the ETag stands. */
  etagAt = 0;
  /** The Location header; relative ones are made absolute as absolute_redirect says. Empty for none. */
  location = '';
  /** Everything else: name, value, name, value … in the order of the response. */
  list: string[] = [];
  /** Neither list nor writer has this line: an upstream whose line would be passed on has sent none. */
  noServer = false;
  noDate = false;
  /** After the body: name, value …; null where there are none. */
  trailers: string[] | null = null;

  add(name: string, value: string): void {
    this.list.push(name, value);
  }

  /** An ETag that is new comes after what is in `list` so far; another value keeps the place. */
  setEtag(value: string): void {
    if (this.etag === '') this.etagAt = this.list.length;
    this.etag = value;
  }

  /** The first value of `name` in `list`, whatever its case. */
  get(name: string): string | undefined {
    const i = this.#find(name, 0);
    return i === -1 ? undefined : this.list[i + 1];
  }

  /** Replaces all headers called `name`. */
  set(name: string, value: string): void {
    const i = this.#find(name, 0);
    if (i === -1) {
      this.add(name, value);
      return;
    }
    this.list[i + 1] = value;
    this.#removeFrom(name, i + 2);
  }

  remove(name: string): void {
    this.#removeFrom(name, 0);
  }

  #find(name: string, from: number): number {
    const wanted = name.toLowerCase();
    const { list } = this;
    for (let i = from; i < list.length; i += 2) {
      const own = list[i] as string;
      if (own.length === wanted.length && own.toLowerCase() === wanted) return i;
    }
    return -1;
  }

  #removeFrom(name: string, from: number): void {
    for (let i = this.#find(name, from); i !== -1; i = this.#find(name, from)) {
      this.list.splice(i, 2);
      if (i < this.etagAt) this.etagAt -= 2;
    }
  }

  /** Nothing tells one state of the body from another. */
  clearValidators(): void {
    this.lastModified = UNKNOWN;
    this.remove('Last-Modified'); // an upstream's
    this.etag = '';
  }

  /** The body is made anew each time, perhaps of other parts: what of its state may be told as that of its source. */
  loosenValidators(keepsLastModified: boolean): void {
    if (keepsLastModified) this.weakenEtag();
    else this.clearValidators();
  }

  /** The tag no longer stands for every byte of the body (ngx_http_weak_etag). */
  weakenEtag(): void {
    if (this.etag.startsWith('W/') && this.etag.length > 2) return;
    this.etag = this.etag.startsWith('"') ? `W/${this.etag}` : '';
  }

  /** Forgets what a handler has set, for an error page or an internal redirect (ngx_http_clean_header). */
  clear(): void {
    this.status = 0;
    this.statusLine = '';
    this.contentType = '';
    this.charset = '';
    this.contentLength = UNKNOWN;
    this.contentOffset = 0;
    this.lastModified = UNKNOWN;
    this.etag = '';
    this.etagAt = 0;
    this.location = '';
    this.list = [];
    this.noServer = false;
    this.noDate = false;
    this.trailers = null;
  }
}

/** When the response was modified, in seconds; -1: it does not say. An upstream's header stands in the list. */
export function lastModifiedOf(headersOut: HeadersOut): number {
  const { lastModified } = headersOut;
  if (lastModified !== UNKNOWN) return Math.floor(lastModified / 1000);
  const given = headersOut.get('last-modified');
  return given === undefined ? -1 : parseHttpTime(given);
}
