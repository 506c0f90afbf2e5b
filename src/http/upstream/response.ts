// An upstream's response head, and how it becomes the client's: headers that are hidden, obeyed, rewritten or copied.

import {
  obeyAccelExpires,
  obeyCacheControl,
  obeyExpires,
  obeySetCookie,
  obeyVary,
} from '../cache/freshness.ts';
import { logError } from '../log.ts';
import type { Rc } from '../rc.ts';
import { internalRedirect, namedLocation } from '../redirect.ts';
import type { HttpRequest } from '../request.ts';
import type { Exchange } from './exchange.ts';
import {
  IGNORE_BUFFERING,
  IGNORE_CHARSET,
  IGNORE_LIMIT_RATE,
  IGNORE_REDIRECT,
  type UpstreamSettings,
} from './settings.ts';
import { parseUnsafeUri } from './unsafe_uri.ts';

// What a header is; with HIDDEN, it is obeyed but not passed on.
const PLAIN = 0;
const CONTENT_TYPE = 1;
const CONTENT_LENGTH = 2;
const TRANSFER_ENCODING = 3;
const CONNECTION = 4;
const KEEP_ALIVE = 5;
const DATE = 6;
const SERVER = 7;
const LAST_MODIFIED = 8;
const ETAG = 9;
export const LOCATION = 10;
const REFRESH = 11;
const SET_COOKIE = 12;
const ACCEPT_RANGES = 13;
const UPGRADE = 14;
const ACCEL_REDIRECT = 15;
const ACCEL_LIMIT_RATE = 16;
const ACCEL_BUFFERING = 17;
const ACCEL_CHARSET = 18;
const WWW_AUTHENTICATE = 19;
const STATUS = 20;
/** Kept over an X-Accel-Redirect. */
const KEPT = 21;
const EXPIRES = 22;
const ACCEL_EXPIRES = 23;
const CACHE_CONTROL = 24;
const VARY = 25;
const HIDDEN = 64;
const KIND = 63;

const KINDS: Readonly<Record<string, number>> = {
  'content-type': CONTENT_TYPE,
  'content-length': CONTENT_LENGTH,
  'transfer-encoding': TRANSFER_ENCODING,
  connection: CONNECTION,
  'keep-alive': KEEP_ALIVE,
  date: DATE,
  server: SERVER,
  'last-modified': LAST_MODIFIED,
  etag: ETAG,
  location: LOCATION,
  refresh: REFRESH,
  'set-cookie': SET_COOKIE,
  'accept-ranges': ACCEPT_RANGES,
  upgrade: UPGRADE,
  'x-accel-redirect': ACCEL_REDIRECT,
  'x-accel-limit-rate': ACCEL_LIMIT_RATE,
  'x-accel-buffering': ACCEL_BUFFERING,
  'x-accel-charset': ACCEL_CHARSET,
  'www-authenticate': WWW_AUTHENTICATE,
  status: STATUS,
  'content-disposition': KEPT,
  'cache-control': CACHE_CONTROL,
  vary: VARY,
  expires: EXPIRES,
  'x-accel-expires': ACCEL_EXPIRES,
};

// A second one is dropped with a warning.
const ONLY_ONCE =
  (1 << CONTENT_TYPE) |
  (1 << DATE) |
  (1 << SERVER) |
  (1 << LAST_MODIFIED) |
  (1 << ETAG) |
  (1 << LOCATION) |
  (1 << REFRESH) |
  (1 << ACCEL_REDIRECT) |
  (1 << ACCEL_LIMIT_RATE) |
  (1 << STATUS) |
  (1 << EXPIRES) |
  (1 << ACCEL_EXPIRES);

/** The fates of all headers that are not plain: `hidden` are names in lower case. */
export function fatesOf(hidden: Iterable<string>): Map<string, number> {
  const fates = new Map(Object.entries(KINDS));
  for (const name of hidden) fates.set(name, (fates.get(name) ?? PLAIN) | HIDDEN);
  return fates;
}

const MAX_SEEN = 1000;
/** Their headers are only passed on. */
const EARLY_HINTS = 103;

/** What becomes of a header, by its name as it came. */
function fateOf(settings: UpstreamSettings, name: string): number {
  const { seen } = settings;
  let fate = seen.get(name);
  if (fate === undefined) {
    fate = settings.fate.get(name.toLowerCase()) ?? PLAIN;
    if (seen.size < MAX_SEEN) seen.set(name, fate);
  }
  return fate;
}

/** -1: not a number that off_t can hold. */
function parseLength(text: string): number {
  if (!/^[0-9]{1,19}$/.test(text)) return -1;
  const length = Number(text);
  return length >= 2 ** 63 ? -1 : length;
}

export class UpstreamResponse {
  status = 0;
  /** "200 OK" */
  statusLine = '';
  /** Name, value, name, value …, as they came. */
  readonly headers: string[] = [];
  readonly fates: number[] = [];
  readonly trailers: string[] = [];
  contentLength = -1;
  chunked = false;
  connectionClose = false;
  redirect: string | null = null;
  /** Server and Date that it has not sent are not the gateway's to add, where they are not hidden. */
  ownLines = false;
  /** It may not be cached, by Cache-Control, or Expires; a later header may say otherwise. */
  noCache = false;
  expired = false;
  /** X-Accel-Expires has come. */
  accelExpires = false;
  #seen = 0;
  #contentLength: string | null = null;
  #transferEncoding: string | null = null;

  /** Takes a header line. False: the response is invalid, which has been logged. */
  add(u: Exchange, name: string, value: string): boolean {
    const fate = fateOf(u.settings, name);
    const kind = fate & KIND;
    if (kind !== PLAIN && this.status !== EARLY_HINTS) {
      const bit = 1 << kind;
      if ((ONLY_ONCE & this.#seen & bit) !== 0) {
        logError(u.r, 'warn', `${this.#duplicate(name, value, kind)}, ignored`);
        return true;
      }
      this.#seen |= bit;
      if (!this.#obey(u, kind, name, value)) return false;
    }
    this.headers.push(name, value);
    this.fates.push(fate);
    return true;
  }

  #duplicate(name: string, value: string, kind: number): string {
    const at = this.fates.findIndex((fate) => (fate & KIND) === kind);
    const previous = `${this.headers[at * 2]}: ${this.headers[at * 2 + 1]}`;
    return `upstream sent duplicate header line: "${name}: ${value}", previous value: "${previous}"`;
  }

  #obey(u: Exchange, kind: number, name: string, value: string): boolean {
    const { settings, r } = u;
    switch (kind) {
      case CONTENT_LENGTH:
        if (this.#contentLength !== null) return invalid(u, this.#duplicate(name, value, kind));
        if (this.#transferEncoding !== null) return invalid(u, BOTH);
        this.#contentLength = value;
        this.contentLength = parseLength(value);
        if (this.contentLength === -1) {
          return invalid(u, `upstream sent invalid "Content-Length" header: "${name}: ${value}"`);
        }
        return true;
      case TRANSFER_ENCODING:
        if (this.#transferEncoding !== null) return invalid(u, this.#duplicate(name, value, kind));
        if (this.#contentLength !== null) return invalid(u, BOTH);
        this.#transferEncoding = value;
        if (value.toLowerCase() !== 'chunked') {
          return invalid(u, `upstream sent unknown "Transfer-Encoding": "${value}"`);
        }
        this.chunked = true;
        return true;
      case CONNECTION:
        if (/close/i.test(value)) this.connectionClose = true;
        return true;
      case ACCEL_REDIRECT:
        if ((settings.ignoreHeaders & IGNORE_REDIRECT) === 0) this.redirect = value;
        return true;
      case ACCEL_LIMIT_RATE:
        if ((settings.ignoreHeaders & IGNORE_LIMIT_RATE) === 0 && /^[0-9]+$/.test(value)) {
          r.limitRate = Number(value);
        }
        return true;
      case ACCEL_BUFFERING:
        if ((settings.ignoreHeaders & IGNORE_BUFFERING) !== 0) return true;
        if (/^no$/i.test(value)) u.buffering = false;
        else if (/^yes$/i.test(value)) u.buffering = true;
        return true;
      case ACCEL_CHARSET:
        if ((settings.ignoreHeaders & IGNORE_CHARSET) === 0) r.overrideCharset = value;
        return true;
      case CACHE_CONTROL:
        if (u.cache !== null) obeyCacheControl(u, u.cache, value);
        return true;
      case EXPIRES:
        if (u.cache !== null) obeyExpires(u, u.cache, value);
        return true;
      case ACCEL_EXPIRES:
        if (u.cache !== null) obeyAccelExpires(u, u.cache, value);
        return true;
      case SET_COOKIE:
        if (u.cache !== null) obeySetCookie(u, u.cache);
        return true;
      case VARY:
        if (u.cache !== null) obeyVary(u, u.cache, value, this.#allOf(VARY, value));
        return true;
      default:
        return true;
    }
  }

  /** The values of all headers of this kind, `last` among them. */
  #allOf(kind: number, last: string): string {
    const { headers, fates } = this;
    let all = '';
    for (let i = 0; i < fates.length; i++) {
      if (((fates[i] as number) & KIND) === kind) all += `${headers[i * 2 + 1]}, `;
    }
    return all + last;
  }

  has(kind: number): boolean {
    return (this.#seen & (1 << kind)) !== 0;
  }

  /** The first value of the header called `name` (lower case). */
  get(name: string): string | undefined {
    const { headers } = this;
    for (let i = 0; i < headers.length; i += 2) if (headers[i]?.toLowerCase() === name) return headers[i + 1];
    return undefined;
  }
}

const BOTH = 'upstream sent "Content-Length" and "Transfer-Encoding" headers at the same time';

function invalid(u: Exchange, message: string): false {
  logError(u.r, 'error', message);
  return false;
}

/**
 * The response's headers become the client's. Where the upstream wants another uri to be served instead, answers how
 * to go there, once the exchange has ended.
 */
export function takeHeaders(u: Exchange): (() => Rc) | null {
  const { response } = u;
  if (response.noCache || response.expired) u.cacheable = false;
  if (response.redirect !== null) {
    const target = response.redirect;
    return () => redirectTo(u, target);
  }
  const { r } = u;
  const { headersOut } = r;
  const { headers, fates } = response;
  for (let i = 0; i < fates.length; i++) {
    const fate = fates[i] as number;
    if (fate === PLAIN) headersOut.list.push(headers[i * 2] as string, headers[i * 2 + 1] as string);
    else if ((fate & HIDDEN) === 0) copy(u, fate, headers[i * 2] as string, headers[i * 2 + 1] as string);
  }
  if (response.ownLines) withoutMissing(u);
  headersOut.status = response.status;
  headersOut.statusLine = response.statusLine;
  headersOut.contentLength = response.contentLength;
  r.disableNotModified = !u.cacheable;
  if (u.settings.forceRanges) {
    r.allowRanges = true;
    r.singleRange = !u.fromCache;
  }
  return null;
}

function withoutMissing({ r, response, settings }: Exchange): void {
  const { fate } = settings;
  if (!response.has(SERVER)) r.headersOut.noServer = ((fate.get('server') ?? PLAIN) & HIDDEN) === 0;
  if (!response.has(DATE)) r.headersOut.noDate = ((fate.get('date') ?? PLAIN) & HIDDEN) === 0;
}

/** What of an interim response (103) the client is told: name, value … */
export function hintsOf({ response }: Exchange): readonly string[] {
  const { headers, fates } = response;
  const hints: string[] = [];
  for (let i = 0; i < fates.length; i++) {
    if (((fates[i] as number) & HIDDEN) === 0)
      hints.push(headers[i * 2] as string, headers[i * 2 + 1] as string);
  }
  return hints;
}

/** The response's trailers become the client's, but for those that are hidden. */
export function passTrailers({ r, response, settings }: Exchange): void {
  const { trailers } = response;
  for (let i = 0; i < trailers.length; i += 2) {
    const name = trailers[i] as string;
    if ((fateOf(settings, name) & HIDDEN) !== 0) continue;
    r.headersOut.trailers ??= [];
    r.headersOut.trailers.push(name, trailers[i + 1] as string);
  }
}

function copy(u: Exchange, kind: number, name: string, value: string): void {
  const { r, settings } = u;
  const { headersOut } = r;
  switch (kind) {
    case CONTENT_LENGTH:
    case TRANSFER_ENCODING:
    case CONNECTION:
    case KEEP_ALIVE:
      return;
    case CONTENT_TYPE:
      setContentType(r, value);
      return;
    case ETAG:
      headersOut.setEtag(value);
      return;
    case LOCATION: {
      const rewritten = settings.rewriteRedirect?.(r, value, 0) ?? null;
      // Only one that has been rewritten is made absolute.
      if (rewritten?.startsWith('/')) headersOut.location = rewritten;
      else headersOut.add(name, rewritten ?? value);
      return;
    }
    case REFRESH: {
      const at = value.search(/url=/i);
      const rewritten = at === -1 ? null : settings.rewriteRedirect?.(r, value, at + 4);
      headersOut.add(name, rewritten ?? value);
      return;
    }
    case SET_COOKIE:
      headersOut.add(name, settings.rewriteCookie?.(r, value) ?? value);
      return;
    case ACCEPT_RANGES:
      if (settings.forceRanges) return;
      if (u.fromCache || u.cacheable) {
        r.allowRanges = true;
        r.singleRange = !u.fromCache;
      } else {
        headersOut.add(name, value);
      }
      return;
    case UPGRADE:
      if (r.httpVersion < 2000) headersOut.add(name, value);
      return;
    default:
      headersOut.add(name, value);
  }
}

const CHARSET = /^([^;]*?(?:;(?! *charset=)[^;]*)*?); *charset="?(.*?)"?$/i;

function setContentType(r: HttpRequest, value: string): void {
  const { headersOut } = r;
  headersOut.contentType = value;
  if (!value.includes(';')) return;
  const parts = CHARSET.exec(value);
  if (parts === null) return;
  headersOut.contentType = parts[1] as string;
  headersOut.charset = parts[2] as string;
}

const OVER_REDIRECT = [CONTENT_TYPE, SET_COOKIE, KEPT, CACHE_CONTROL, EXPIRES, ACCEPT_RANGES];

function redirectTo(u: Exchange, target: string): Rc {
  const { r, response } = u;
  const { headers, fates } = response;
  for (let i = 0; i < fates.length; i++) {
    const kind = (fates[i] as number) & KIND;
    if (OVER_REDIRECT.includes(kind)) {
      copy(u, kind, headers[i * 2] as string, headers[i * 2 + 1] as string);
    }
  }
  if (target.startsWith('@')) return namedLocation(r, target);
  const parsed = parseUnsafeUri(r, target);
  if (parsed === null) return 404;
  if (r.method !== 'HEAD') r.method = 'GET';
  return internalRedirect(r, parsed.uri, parsed.args);
}

/** Whether error_page is to answer in the upstream's place. */
export function interceptError(u: Exchange): boolean {
  const { r, response, settings } = u;
  if (settings.intercept404 && response.status === 404) return true;
  if (!settings.interceptErrors) return false;
  if (!r.loc.core.error_page.some((page) => page.status === response.status)) return false;
  if (response.status === 401) {
    for (let i = 0; i < response.fates.length; i++) {
      if (((response.fates[i] as number) & KIND) !== WWW_AUTHENTICATE) continue;
      r.headersOut.add(response.headers[i * 2] as string, response.headers[i * 2 + 1] as string);
    }
  }
  return true;
}

/** The value of a cookie that the upstream has set (ngx_http_parse_set_cookie_lines). */
export function setCookieValue(response: UpstreamResponse, name: string): string | undefined {
  const { headers, fates } = response;
  for (let i = 0; i < fates.length; i++) {
    if (((fates[i] as number) & KIND) !== SET_COOKIE) continue;
    const value = headers[i * 2 + 1] as string;
    if (value.slice(0, name.length).toLowerCase() !== name) continue;
    const rest = /^ *= *([^;]*)/.exec(value.slice(name.length));
    if (rest !== null) return rest[1];
  }
  return undefined;
}
