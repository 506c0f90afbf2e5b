// The directives that all modules have that pass requests to upstreams, under names of their own: proxy_read_timeout,
// fastcgi_read_timeout … A module spreads connectionDirectives() or passingDirectives() into its table, and makes its
// exchanges' settings with the function of the same name. Those of caching and storing are in ../cache/directives.ts.

import type { Args } from '../../conf/args.ts';
import type { ComplexValue } from '../../conf/complex.ts';
import {
  type ConfOf,
  type Directive,
  HTTP_ANY,
  LIMIT_EXCEPT,
  LOCATION,
  LOCATION_IF,
} from '../../conf/directive.ts';
import { BlockFault } from '../../conf/error.ts';
import { bitmask, buffers, custom, flag, list, msec, number, size, value } from '../../conf/kinds.ts';
import { type Address, parseAddress } from '../../core/addresses.ts';
import { cacheSettings, storeSettings } from '../cache/directives.ts';
import { parseClientBodyTempPath, parseSizeValue, type TempPath } from '../core_values.ts';
import { Location } from '../location.ts';
import { logError } from '../log.ts';
import type { HttpRequest } from '../request.ts';
import { unprefixed } from '../unprefixed.ts';
import { type LocalAddress, parseLocalAddress } from './local_address.ts';
import { fatesOf } from './response.ts';
import { FT_ERROR, FT_OFF, FT_TIMEOUT, IGNORED_HEADERS, type UpstreamSettings } from './settings.ts';
import { nameUpstream, type Upstream } from './upstreams.ts';

const PAGE = 4096;
const GIGABYTE = 1024 * 1024 * 1024;
const FROM_OTHERS = -1;

type Masks = Readonly<Record<string, number>>;

export type Prefixed<T, P extends string> = { readonly [K in keyof T & string as `${P}_${K}`]: T[K] };

export function prefixed<T extends object, P extends string>(module: P, table: T): Prefixed<T, P> {
  const named = Object.entries(table).map(([name, spec]) => [`${module}_${name}`, spec]);
  return Object.fromEntries(named) as Prefixed<T, P>;
}

function connectionTable(nextUpstream: Masks) {
  return {
    bind: custom<LocalAddress | 'off'>({
      in: HTTP_ANY,
      args: [1, 2],
      default: 'off',
      inherit: true,
      parse: (args, seen) => (seen === undefined ? parseLocalAddress(args) : args.fail('is duplicate')),
    }),
    socket_keepalive: flag({ in: HTTP_ANY, default: false }),
    connect_timeout: msec({ in: HTTP_ANY, default: 60_000 }),
    send_timeout: msec({ in: HTTP_ANY, default: 60_000 }),
    read_timeout: msec({ in: HTTP_ANY, default: 60_000 }),
    buffer_size: size({ in: HTTP_ANY, default: PAGE }),
    next_upstream: bitmask({ in: HTTP_ANY, default: FT_ERROR | FT_TIMEOUT, values: nextUpstream }),
    next_upstream_tries: number({ in: HTTP_ANY, default: 0 }),
    next_upstream_timeout: msec({ in: HTTP_ANY, default: 0 }),
  };
}

/** What becomes of a response's headers, and of those that are errors. */
function responseTable() {
  return {
    pass_header: list<string>({ in: HTTP_ANY, item: (args) => args.text(1).toLowerCase() }),
    hide_header: list<string>({ in: HTTP_ANY, item: (args) => args.text(1).toLowerCase() }),
    ignore_headers: bitmask({ in: HTTP_ANY, default: 0, values: IGNORED_HEADERS }),
    intercept_errors: flag({ in: HTTP_ANY, default: false }),

    // Tuning of sockets: checked, then without effect.
    socket_rcvbuf: size({ in: HTTP_ANY, default: 0 }),
    socket_sndbuf: size({ in: HTTP_ANY, default: 0 }),
  };
}

function passingTable(module: string, nextUpstream: Masks) {
  return {
    ...connectionTable(nextUpstream),
    ...responseTable(),
    pass_request_headers: flag({ in: HTTP_ANY, default: true }),
    pass_request_body: flag({ in: HTTP_ANY, default: true }),
    request_buffering: flag({ in: HTTP_ANY, default: true }),
    ignore_client_abort: flag({ in: HTTP_ANY, default: false }),
    buffering: flag({ in: HTTP_ANY, default: true }),
    buffers: buffers({ in: HTTP_ANY, default: { number: 8, size: PAGE } }),
    busy_buffers_size: size({ in: HTTP_ANY, default: FROM_OTHERS }),
    limit_rate: value<ComplexValue | null>({
      in: HTTP_ANY,
      default: null,
      parse: parseSizeValue,
    }),
    max_temp_file_size: size({ in: HTTP_ANY, default: FROM_OTHERS }),
    temp_file_write_size: size({ in: HTTP_ANY, default: FROM_OTHERS }),
    temp_path: value<TempPath>({
      in: HTTP_ANY,
      args: [1, 4],
      default: { path: `${module}_temp`, levels: [1, 2], byDefault: true },
      parse: parseClientBodyTempPath,
    }),
    force_ranges: flag({ in: HTTP_ANY, default: false }),
  };
}

/** What there is to say of connections, and of when another peer is asked. */
export function connectionDirectives<P extends string>(
  module: P,
  nextUpstream: Masks,
): Prefixed<ReturnType<typeof connectionTable>, P> {
  return prefixed(module, connectionTable(nextUpstream));
}

/** What there is to say of responses. */
export function responseDirectives<P extends string>(
  module: P,
): Prefixed<ReturnType<typeof responseTable>, P> {
  return prefixed(module, responseTable());
}

/** Both, and what else modules have that pass requests on and may buffer, cache or store the responses. */
export function passingDirectives<P extends string>(
  module: P,
  nextUpstream: Masks,
): Prefixed<ReturnType<typeof passingTable>, P> {
  return prefixed(module, passingTable(module, nextUpstream));
}

type Connection = ConfOf<ReturnType<typeof connectionTable>>;
type Responses = ConfOf<ReturnType<typeof responseTable>>;
type Passing = ConfOf<ReturnType<typeof passingTable>>;

/** Of a module that answers what comes as it comes, and neither caches nor stores it. */
export function connectionSettings(conf: object, module: string): UpstreamSettings {
  const own = unprefixed(conf, module) as unknown as Connection;
  const next = own.next_upstream;
  return {
    connectTimeout: own.connect_timeout,
    sendTimeout: own.send_timeout,
    readTimeout: own.read_timeout,
    bufferSize: own.buffer_size,
    buffers: { number: 1, size: own.buffer_size },
    buffering: false,
    maxTempFileSize: 0,
    tempFileWriteSize: 0,
    tempPath: { path: '', levels: [] },
    cache: null,
    store: null,
    ignoreClientAbort: false,
    interceptErrors: false,
    intercept404: false,
    forceRanges: false,
    passTrailers: false,
    passEarlyHints: false,
    limitRate: null,
    socketKeepalive: own.socket_keepalive,
    nextUpstream: (next & FT_OFF) !== 0 ? FT_OFF : next,
    nextUpstreamTries: own.next_upstream_tries,
    nextUpstreamTimeout: own.next_upstream_timeout,
    ignoreHeaders: 0,
    local: own.bind === 'off' ? null : own.bind,
    ssl: null,
    fate: fatesOf([]),
    seen: new Map(),
    lastNames: [],
    rewriteRedirect: null,
    rewriteCookie: null,
  };
}

/** `hidden`: what is not passed on of a response, unless the configuration says so. */
export function responseSettings(conf: object, module: string, hidden: readonly string[]): UpstreamSettings {
  const own = unprefixed(conf, module) as unknown as Responses;
  const hides = new Set([...hidden, ...own.hide_header]);
  for (const name of own.pass_header) hides.delete(name);
  return {
    ...connectionSettings(conf, module),
    interceptErrors: own.intercept_errors,
    ignoreHeaders: own.ignore_headers,
    fate: fatesOf(hides),
  };
}

export function passingSettings(
  conf: object,
  module: string,
  hidden: readonly string[],
  convertHead: boolean,
): UpstreamSettings {
  const own = unprefixed(conf, module) as unknown as Passing;
  return {
    ...responseSettings(conf, module, hidden),
    buffers: own.buffers,
    buffering: own.buffering,
    maxTempFileSize: own.max_temp_file_size === FROM_OTHERS ? GIGABYTE : own.max_temp_file_size,
    tempFileWriteSize:
      own.temp_file_write_size === FROM_OTHERS
        ? 2 * Math.max(own.buffer_size, own.buffers.size)
        : own.temp_file_write_size,
    tempPath: own.temp_path,
    cache: cacheSettings(conf, module, convertHead),
    store: storeSettings(conf, module),
    ignoreClientAbort: own.ignore_client_abort,
    forceRanges: own.force_ranges,
    limitRate: own.limit_rate,
  };
}

/** Whether the sizes of a merged configuration go together. */
export function checkSizes(conf: object, module: string): void {
  const own = unprefixed(conf, module) as unknown as Passing;
  const { number: count, size: one } = own.buffers;
  const named = (name: string): string => `"${module}_${name}"`;
  if (count < 2) throw new BlockFault(`there must be at least 2 ${named('buffers')}`);
  const largest = Math.max(own.buffer_size, one);
  const busy = own.busy_buffers_size === FROM_OTHERS ? 2 * largest : own.busy_buffers_size;
  const atLeast = `must be equal to or greater than the maximum of the value of ${named('buffer_size')} and`;
  const oneOf = `one of the ${named('buffers')}`;
  if (busy < largest) throw new BlockFault(`${named('busy_buffers_size')} ${atLeast} ${oneOf}`);
  if (busy > (count - 1) * one) {
    const most = `must be less than the size of all ${named('buffers')} minus one buffer`;
    throw new BlockFault(`${named('busy_buffers_size')} ${most}`);
  }
  const { temp_file_write_size: written, max_temp_file_size: most } = own;
  if (written !== FROM_OTHERS && written < largest) {
    throw new BlockFault(`${named('temp_file_write_size')} ${atLeast} ${oneOf}`);
  }
  if (most > 0 && most < largest) {
    const either = 'must be equal to zero to disable temporary files usage or';
    throw new BlockFault(`${named('max_temp_file_size')} ${either} ${atLeast} ${oneOf}`);
  }
}

/** Where fastcgi_pass and its like lead: to an upstream, or to what variables say. */
export interface Pass {
  readonly value: ComplexValue | null;
  readonly upstream: Upstream | null;
}

/** A block without a name of its own passes to where its location does. */
export function mergePass<T>(
  outer: T | null | undefined,
  own: T | null | undefined,
  level: number,
): T | null {
  return own ?? (level === LOCATION_IF || level === LIMIT_EXCEPT ? (outer ?? null) : null);
}

/** fastcgi_pass and its like. */
export function passDirective<T extends object>(parse: (args: Args) => T): Directive<T | null> {
  return custom<T | null>({
    in: LOCATION | LOCATION_IF,
    default: null,
    parse(args, seen) {
      if (seen) args.fail('is duplicate');
      const location = args.scope.subject;
      if (location instanceof Location && location.name.endsWith('/')) location.autoRedirect = true;
      return parse(args);
    },
    merge: mergePass,
  });
}

/** The address of an upstream. */
export function addressAt(args: Args, text: string): Address {
  const address = parseAddress(text, { defaultPort: 0 });
  return typeof address === 'string' ? args.failWhole(`${address} in upstream "${text}"`) : address;
}

/** The upstream at the address `text`. */
export function upstreamNamed(args: Args, text: string): Upstream {
  return nameUpstream(args, addressAt(args, text));
}

/** `address`: the argument, but for a scheme. */
export function parsePass(args: Args, address: string): Pass {
  const compiled = args.complex(1);
  if (compiled.constant === null) return { value: compiled, upstream: null };
  return { value: null, upstream: upstreamNamed(args, address) };
}

/** The address that variables have led to; null: it is none, which is logged. */
export function addressOf(r: HttpRequest, text: string): Address | null {
  const address = parseAddress(text, { defaultPort: 0 });
  if (typeof address !== 'string') return address;
  logError(r, 'error', `${address} in upstream "${text}"`);
  return null;
}
