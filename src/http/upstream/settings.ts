// What the modules that pass requests to upstreams (proxy, and later fastcgi, uwsgi …) have in common in their settings.

import type { ComplexValue } from '../../conf/complex.ts';
import type { Buffers } from '../../conf/kinds.ts';
import type { CacheSettings } from '../cache/settings.ts';
import type { TempPath } from '../core_values.ts';
import type { HttpRequest } from '../request.ts';
import type { LocalAddress } from './local_address.ts';
import type { UpstreamSsl } from './ssl.ts';
import type { StoreSettings } from './store.ts';

// When the next peer is asked: a bit set.
export const FT_ERROR = 2;
export const FT_TIMEOUT = 4;
export const FT_INVALID_HEADER = 8;
export const FT_HTTP_500 = 16;
export const FT_HTTP_502 = 32;
export const FT_HTTP_503 = 64;
export const FT_HTTP_504 = 128;
export const FT_HTTP_403 = 256;
export const FT_HTTP_404 = 512;
export const FT_HTTP_429 = 1024;
export const FT_UPDATING = 2048;
export const FT_NOLIVE = 4096;
export const FT_NON_IDEMPOTENT = 8192;
export const FT_OFF = 16384;

type Names = Readonly<Record<string, number>>;

export const GRPC_NEXT_UPSTREAM: Names = {
  error: FT_ERROR,
  timeout: FT_TIMEOUT,
  invalid_header: FT_INVALID_HEADER,
  non_idempotent: FT_NON_IDEMPOTENT,
  http_500: FT_HTTP_500,
  http_502: FT_HTTP_502,
  http_503: FT_HTTP_503,
  http_504: FT_HTTP_504,
  http_403: FT_HTTP_403,
  http_404: FT_HTTP_404,
  http_429: FT_HTTP_429,
  off: FT_OFF,
};

/** proxy_next_upstream, proxy_cache_use_stale */
export const NEXT_UPSTREAM: Names = { ...GRPC_NEXT_UPSTREAM, updating: FT_UPDATING };

/** Of a response's headers those that are orders to us: none of them goes on to the client unless it is told to. */
export const HIDDEN_ACCEL_HEADERS = [
  'x-accel-expires',
  'x-accel-redirect',
  'x-accel-limit-rate',
  'x-accel-buffering',
  'x-accel-charset',
];

// Headers of a response that are not to be obeyed: a bit set.
export const IGNORE_REDIRECT = 1;
export const IGNORE_ACCEL_EXPIRES = 2;
export const IGNORE_LIMIT_RATE = 4;
export const IGNORE_BUFFERING = 8;
export const IGNORE_CHARSET = 16;
export const IGNORE_EXPIRES = 32;
export const IGNORE_CACHE_CONTROL = 64;
export const IGNORE_SET_COOKIE = 128;
export const IGNORE_VARY = 256;

export const IGNORED_HEADERS: Readonly<Record<string, number>> = {
  'x-accel-redirect': IGNORE_REDIRECT,
  'x-accel-expires': IGNORE_ACCEL_EXPIRES,
  'x-accel-limit-rate': IGNORE_LIMIT_RATE,
  'x-accel-buffering': IGNORE_BUFFERING,
  'x-accel-charset': IGNORE_CHARSET,
  // These only matter to a cache.
  expires: IGNORE_EXPIRES,
  'cache-control': IGNORE_CACHE_CONTROL,
  'set-cookie': IGNORE_SET_COOKIE,
  vary: IGNORE_VARY,
};

/** Of what is to come of a body: it ends with the connection. */
export const UNTIL_CLOSE = -1;

export interface UpstreamSettings {
  readonly connectTimeout: number;
  readonly sendTimeout: number;
  readonly readTimeout: number;
  readonly bufferSize: number;
  readonly buffers: Buffers;
  readonly buffering: boolean;
  /** 0: a response is never buffered to a file. */
  readonly maxTempFileSize: number;
  readonly tempFileWriteSize: number;
  readonly tempPath: TempPath;
  /** null: responses are not cached. */
  readonly cache: CacheSettings | null;
  /** null: responses are not stored (proxy_store). */
  readonly store: StoreSettings | null;
  readonly ignoreClientAbort: boolean;
  readonly interceptErrors: boolean;
  /** error_page, or the usual page, answers a 404. */
  readonly intercept404: boolean;
  readonly forceRanges: boolean;
  readonly passTrailers: boolean;
  /** 103 responses go to the client, where its location has early_hints. */
  readonly passEarlyHints: boolean;
  /** Bytes a second that are read of a response; null: as they come. Only where it is buffered. */
  readonly limitRate: ComplexValue | null;
  readonly socketKeepalive: boolean;
  readonly nextUpstream: number;
  readonly nextUpstreamTries: number;
  readonly nextUpstreamTimeout: number;
  readonly ignoreHeaders: number;
  readonly local: LocalAddress | null;
  /** For https:// and its like; null where no upstream can be one. */
  readonly ssl: UpstreamSsl | null;
  /** What becomes of a response's header, by its name in lower case; see response.ts. */
  readonly fate: ReadonlyMap<string, number>;
  /** The same by the name as it came, filled as names are seen. */
  readonly seen: Map<string, number>;
  /** The names of the headers that came last, in their order: those of the next response are mostly the same. */
  readonly lastNames: string[];
  /** Rewrites the value of Location or Refresh from `prefix` on; null: leave it. */
  readonly rewriteRedirect: ((r: HttpRequest, value: string, prefix: number) => string | null) | null;
  readonly rewriteCookie: ((r: HttpRequest, value: string) => string | null) | null;
}
