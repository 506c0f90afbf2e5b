// add_header, add_trailer, expires.

import type { Args } from '../../conf/args.ts';
import type { ComplexValue } from '../../conf/complex.ts';
import { type ConfOf, HTTP_ANY, LOCATION_IF } from '../../conf/directive.ts';
import { enumeration, list, value } from '../../conf/kinds.ts';
import { parseHttpTime } from '../../core/http_time.ts';
import { parseTime } from '../../core/sizes.ts';
import { httpTime, second } from '../../core/times.ts';
import { UNKNOWN } from '../headers.ts';
import { defineModule } from '../module.ts';
import type { BodyFilter } from '../output.ts';
import { OK, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';

const PLACES = HTTP_ANY | LOCATION_IF;

interface AddedHeader {
  readonly name: string;
  readonly value: ComplexValue;
  readonly always: boolean;
  /** One of those that the engine keeps apart from the others. */
  readonly own: 'Last-Modified' | 'ETag' | null;
}

type Inherit = 'off' | 'on' | 'merge';

const INHERIT = { off: 'off', on: 'on', merge: 'merge' } as const;

type FixedExpires =
  | { readonly kind: 'off' | 'epoch' | 'max' }
  | { readonly kind: 'access' | 'modified' | 'daily'; readonly seconds: number };
type Expires =
  | FixedExpires
  | { readonly kind: 'value'; readonly modified: boolean; readonly value: ComplexValue };

const directives = {
  add_header: list<AddedHeader>({ in: PLACES, args: [2, 3], item: parseHeader }),
  add_trailer: list<AddedHeader>({ in: PLACES, args: [2, 3], item: parseHeader }),
  add_header_inherit: enumeration<Inherit>({ in: PLACES, default: 'on', values: INHERIT }),
  add_trailer_inherit: enumeration<Inherit>({ in: PLACES, default: 'on', values: INHERIT }),
  expires: value<Expires>({ in: PLACES, args: [1, 2], default: { kind: 'off' }, parse: parseExpires }),
};

type Conf = ConfOf<typeof directives>;

export const headers = defineModule({
  name: 'headers',
  directives,
  mergeConf: mergeHeaders,
  headerFilter: { when: hasAny, run: addHeaders },
  bodyFilter: { when: (conf) => conf.add_trailer.length > 0, passing: true, build: buildTrailers },
});

function hasAny(conf: Conf): boolean {
  return conf.add_header.length > 0 || conf.add_trailer.length > 0 || conf.expires.kind !== 'off';
}

// `list` has inherited as "on" says; a block with items of its own is where the three differ.
function mergeHeaders(outer: Conf | undefined, merged: Conf): Conf {
  return {
    ...merged,
    add_header: inherited(outer?.add_header, merged.add_header, merged.add_header_inherit),
    add_trailer: inherited(outer?.add_trailer, merged.add_trailer, merged.add_trailer_inherit),
  };
}

function inherited(
  outer: readonly AddedHeader[] | undefined,
  merged: readonly AddedHeader[],
  inherit: Inherit,
): readonly AddedHeader[] {
  if (outer === undefined || inherit === 'on') return merged;
  if (merged === outer) return inherit === 'off' ? [] : merged;
  return inherit === 'off' ? merged : [...merged, ...outer];
}

const SAFE = [200, 201, 204, 206, 301, 302, 303, 304, 307, 308];

function addHeaders(r: HttpRequest, conf: Conf): Rc {
  if (r !== r.main) return OK;
  const safe = SAFE.includes(r.headersOut.status);
  if (safe && conf.expires.kind !== 'off') setExpires(r, conf.expires);
  for (const header of conf.add_header) {
    if (safe || header.always) addHeader(r, header);
  }
  // An empty list announces trailers: the body must be chunked for them.
  for (const trailer of conf.add_trailer) {
    if (safe || trailer.always) r.headersOut.trailers ??= [];
  }
  return OK;
}

function addHeader(r: HttpRequest, { name, value: source, own }: AddedHeader): void {
  const { headersOut } = r;
  const text = source.evaluate(r);
  if (own === null) {
    if (text !== '') headersOut.add(name, text);
    return;
  }
  headersOut.remove(own);
  if (own === 'ETag') {
    headersOut.setEtag(text);
    return;
  }
  const at = text === '' ? -1 : parseHttpTime(text);
  if (at !== -1 && httpTime(at) === text) {
    headersOut.lastModified = at * 1000;
  } else {
    headersOut.lastModified = UNKNOWN;
    if (text !== '') headersOut.add(name, text);
  }
}

function buildTrailers(conf: Conf, next: BodyFilter): BodyFilter {
  return (r, data, last) => {
    const { trailers } = r.headersOut;
    if (last && trailers !== null && !r.headerOnly && r === r.main) {
      const safe = SAFE.includes(r.headersOut.status);
      for (const trailer of conf.add_trailer) {
        if (!safe && !trailer.always) continue;
        const text = trailer.value.evaluate(r);
        if (text !== '') trailers.push(trailer.name, text);
      }
    }
    return next(r, data, last);
  };
}

const EPOCH = 'Thu, 01 Jan 1970 00:00:01 GMT';
const NEVER = 'Thu, 31 Dec 2037 23:55:55 GMT';

function setExpires(r: HttpRequest, conf: Expires): void {
  const expires = conf.kind === 'value' ? parseExpiresText(conf.value.evaluate(r), conf.modified) : conf;
  if (typeof expires === 'string') return;
  const { headersOut } = r;
  switch (expires.kind) {
    case 'off':
      return;
    case 'epoch':
      headersOut.set('Expires', EPOCH);
      headersOut.set('Cache-Control', 'no-cache');
      return;
    case 'max':
      headersOut.set('Expires', NEVER);
      headersOut.set('Cache-Control', 'max-age=315360000');
      return;
  }
  const now = second().at;
  if (expires.seconds === 0 && expires.kind !== 'daily') {
    headersOut.set('Expires', second().http);
    headersOut.set('Cache-Control', 'max-age=0');
    return;
  }
  let at = now + expires.seconds;
  if (expires.kind === 'daily') at = nextTime(expires.seconds);
  else if (expires.kind === 'modified') at = (lastModified(r) ?? now) + expires.seconds;
  const maxAge = at - now;
  // Of a time in a variable nginx looks at its sign through the age only.
  const past = maxAge < 0 || (conf.kind !== 'value' && expires.seconds < 0);
  headersOut.set('Expires', httpTime(at));
  headersOut.set('Cache-Control', past ? 'no-cache' : `max-age=${maxAge}`);
}

/** In seconds; an upstream's header is as it came. */
function lastModified(r: HttpRequest): number | undefined {
  const { headersOut } = r;
  if (headersOut.lastModified !== UNKNOWN) return Math.floor(headersOut.lastModified / 1000);
  const text = headersOut.get('Last-Modified');
  const at = text === undefined ? -1 : parseHttpTime(text);
  return at === -1 ? undefined : at;
}

/** The next moment at which so many seconds of the local day have passed. */
function nextTime(secondOfDay: number): number {
  const now = new Date();
  const at = new Date(now);
  at.setHours(0, 0, secondOfDay, 0);
  if (at.getTime() - Math.floor(now.getTime() / 1000) * 1000 <= 0) {
    at.setDate(at.getDate() + 1);
    at.setHours(0, 0, secondOfDay, 0);
  }
  return Math.floor(at.getTime() / 1000);
}

function parseExpires(args: Args): Expires {
  const modified = args.count === 2;
  if (modified && args.text(1) !== 'modified') args.fail('invalid value');
  const compiled = args.complex(args.count);
  if (compiled.constant === null) return { kind: 'value', modified, value: compiled };
  const parsed = parseExpiresText(compiled.constant, modified);
  return typeof parsed === 'string' ? args.fail(parsed) : parsed;
}

const DAY = 24 * 60 * 60;

/** The fault as a text. */
function parseExpiresText(text: string, modified: boolean): FixedExpires | string {
  if (!modified && (text === 'epoch' || text === 'max' || text === 'off')) return { kind: text };
  const sign = /^[@+-]/.exec(text)?.[0] ?? '';
  if (sign === '@' && modified) return 'daily time cannot be used with "modified" parameter';
  const ms = parseTime(text.slice(sign.length), true);
  if (ms === -1) return 'invalid value';
  const seconds = ms / 1000;
  if (sign === '@') {
    return seconds > DAY ? 'daily time value must be less than 24 hours' : { kind: 'daily', seconds };
  }
  return { kind: modified ? 'modified' : 'access', seconds: sign === '-' ? -seconds : seconds };
}

function parseHeader(args: Args): AddedHeader {
  const name = args.text(1);
  if (args.count === 3 && args.text(3) !== 'always') args.failWhole(`invalid parameter "${args.text(3)}"`);
  const lower = args.name === 'add_header' ? name.toLowerCase() : '';
  const own = lower === 'last-modified' ? 'Last-Modified' : lower === 'etag' ? 'ETag' : null;
  return { name, value: args.complex(2), always: args.count === 3, own };
}
