// Whether a client takes gzip, which gzip, gunzip and gzip_static ask alike, and the directives that say so
// (ngx_http_gzip_ok).

import type { Args } from '../conf/args.ts';
import { HTTP_ANY } from '../conf/directive.ts';
import { bitmask, custom, enumeration, flag } from '../conf/kinds.ts';
import { compileRegex, type Regex } from '../conf/regex.ts';
import { parseHttpTime } from '../core/http_time.ts';
import { second } from '../core/times.ts';
import { isOldMsie } from './find_location.ts';
import type { HeadersOut } from './headers.ts';
import { HTTP_10, HTTP_11, type HttpRequest } from './request.ts';

const PROXIED_OFF = 1;
const EXPIRED = 2;
const NO_CACHE = 4;
const NO_STORE = 8;
const PRIVATE = 16;
const NO_LAST_MODIFIED = 32;
const NO_ETAG = 64;
const AUTH = 128;
const ANY = 256;

const PROXIED = {
  off: PROXIED_OFF,
  expired: EXPIRED,
  'no-cache': NO_CACHE,
  'no-store': NO_STORE,
  private: PRIVATE,
  no_last_modified: NO_LAST_MODIFIED,
  no_etag: NO_ETAG,
  auth: AUTH,
  any: ANY,
};

/** Fields that are not set are inherited each on its own. */
interface Disabled {
  readonly agents: readonly Regex[] | undefined;
  readonly msie6: boolean | undefined;
}

const NONE: Disabled = { agents: undefined, msie6: undefined };

/** Of the core module, as in nginx. */
export const gzipDirectives = {
  gzip_vary: flag({ in: HTTP_ANY, default: false }),
  gzip_http_version: enumeration<number>({
    in: HTTP_ANY,
    default: HTTP_11,
    values: { '1.0': HTTP_10, '1.1': HTTP_11 },
  }),
  gzip_proxied: bitmask({ in: HTTP_ANY, default: PROXIED_OFF, values: PROXIED }),
  gzip_disable: custom<Disabled>({
    in: HTTP_ANY,
    args: [1, Number.POSITIVE_INFINITY],
    default: NONE,
    inherit: true,
    parse: parseDisabled,
    merge: mergeDisabled,
  }),
};

function parseDisabled(args: Args, seen: Disabled = NONE): Disabled {
  const agents = [...(seen.agents ?? [])];
  let { msie6 } = seen;
  for (const [i, word] of args.texts().entries()) {
    if (word === 'msie6') msie6 = true;
    else agents.push(compileRegex(word, { caseless: true }, args.place(args.word(i + 1))));
  }
  return { agents, msie6 };
}

function mergeDisabled(outer: Disabled | undefined, own: Disabled | undefined): Disabled {
  if (own === undefined || outer === undefined) return own ?? outer ?? NONE;
  return { agents: own.agents, msie6: own.msie6 ?? outer.msie6 };
}

const NOT_TESTED = 0;
const ACCEPTED = 1;
const DECLINED = 2;

/** As it was found first: a response that changes on its way does not change that. */
export function gzipOk(r: HttpRequest): boolean {
  if (r.gzipOk === NOT_TESTED) r.gzipOk = test(r) ? ACCEPTED : DECLINED;
  return r.gzipOk === ACCEPTED;
}

/** Asks anew, whatever was found before. */
export function testGzip(r: HttpRequest): boolean {
  r.gzipOk = NOT_TESTED;
  return gzipOk(r);
}

function test(r: HttpRequest): boolean {
  if (r !== r.main) return false;
  const { headersIn } = r;
  const accepted = headersIn.get('accept-encoding');
  if (accepted === undefined || !acceptsGzip(accepted)) return false;
  const { gzip_disable: disabled, gzip_http_version: version } = r.loc.core;
  if (disabled.msie6 && isOldMsie(r)) return false;
  if (r.httpVersion < version) return false;
  if (headersIn.find('via') !== -1 && !mayBeProxied(r)) return false;
  if (disabled.agents === undefined || disabled.agents.length === 0) return true;
  const agent = headersIn.get('user-agent');
  return agent === undefined || !disabled.agents.some((regex) => regex.test(agent));
}

const GZIP = /gzip/gi;
/** After the word: nothing more, or a quality that is not zero. */
const QUALITY =
  /^ *(?:$|,|; *(?:$|q=(?:1(?:$|[ ,]|\.0{0,3}(?:$|[ ,]))|0\.(?=\d{0,2}[1-9])\d{1,3}(?:$|[ ,]))))/i;

/** Of the first "gzip" that stands alone only what follows counts. */
function acceptsGzip(text: string): boolean {
  if (text.startsWith('gzip,')) return true;
  let start = 0;
  GZIP.lastIndex = 0;
  for (let match = GZIP.exec(text); match !== null; match = GZIP.exec(text)) {
    const { index } = match;
    const before = text[index - 1];
    if (index === start || before === ',' || before === ' ') return QUALITY.test(text.slice(index + 4));
    start = index + 4;
  }
  return false;
}

function mayBeProxied(r: HttpRequest): boolean {
  const { headersOut } = r;
  const mask = r.loc.core.gzip_proxied;
  if (mask & PROXIED_OFF) return false;
  if (mask & ANY) return true;
  if (mask & AUTH && r.headersIn.find('authorization') !== -1) return true;
  const expires = headersOut.get('expires');
  if (expires !== undefined) return (mask & EXPIRED) !== 0 && hasExpired(headersOut, expires);
  const control = headersOut.get('cache-control');
  if (control !== undefined) {
    if (mask & NO_CACHE && says(headersOut, 'no-cache')) return true;
    if (mask & NO_STORE && says(headersOut, 'no-store')) return true;
    return (mask & PRIVATE) !== 0 && says(headersOut, 'private');
  }
  // An upstream's: as in nginx, the time of a file is none.
  if (mask & NO_LAST_MODIFIED && headersOut.get('last-modified') !== undefined) return false;
  return !(mask & NO_ETAG && headersOut.etag !== '');
}

function hasExpired(headersOut: HeadersOut, expires: string): boolean {
  const at = parseHttpTime(expires);
  const date = headersOut.get('date');
  const now = date === undefined ? second().at : parseHttpTime(date);
  return at !== -1 && now !== -1 && at < now;
}

/** One of the Cache-Control lines has that word, without a value. */
function says({ list }: HeadersOut, word: string): boolean {
  for (let i = 0; i < list.length; i += 2) {
    if (list[i]?.toLowerCase() !== 'cache-control') continue;
    if (
      (list[i + 1] as string)
        .toLowerCase()
        .split(',')
        .some((part) => part.trim() === word)
    )
      return true;
  }
  return false;
}
