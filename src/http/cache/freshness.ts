// What an upstream says of how long its response may be kept: Cache-Control, Expires, X-Accel-Expires, Set-Cookie, Vary.
// Each header is obeyed as it comes, so that their order counts where nginx lets it count.

import { parseHttpTime } from '../../core/http_time.ts';
import type { Exchange } from '../upstream/exchange.ts';
import {
  IGNORE_ACCEL_EXPIRES,
  IGNORE_CACHE_CONTROL,
  IGNORE_EXPIRES,
  IGNORE_SET_COOKIE,
  IGNORE_VARY,
} from '../upstream/settings.ts';
import { MAX_VARY } from './cache_file.ts';
import type { CacheLookup } from './lookup.ts';

const MAX_TIME = Number.MAX_SAFE_INTEGER;

export function obeyCacheControl(u: Exchange, c: CacheLookup, given: string): void {
  if (!c.obeyed || (u.settings.ignoreHeaders & IGNORE_CACHE_CONTROL) !== 0) return;
  const value = given.toLowerCase();
  if (c.validSec === 0 || !u.response.accelExpires) {
    if (value.includes('no-cache') || value.includes('no-store') || value.includes('private')) {
      u.response.noCache = true;
      return;
    }
    const shared = seconds(value, 's-maxage=');
    const maxAge = shared === NONE ? seconds(value, 'max-age=') : shared;
    if (maxAge === INVALID) {
      u.cacheable = false;
      return;
    }
    if (maxAge === 0) {
      u.response.noCache = true;
      return;
    }
    if (maxAge !== NONE) {
      c.validSec = Math.min(Math.floor(Date.now() / 1000) + maxAge, MAX_TIME);
      u.response.expired = false;
    }
  }
  const whileUpdating = seconds(value, 'stale-while-revalidate=');
  if (whileUpdating === INVALID) {
    u.cacheable = false;
    return;
  }
  if (whileUpdating !== NONE) {
    c.updatingSec = whileUpdating;
    c.errorSec = whileUpdating;
  }
  const ifError = seconds(value, 'stale-if-error=');
  if (ifError === INVALID) u.cacheable = false;
  else if (ifError !== NONE) c.errorSec = ifError;
}

const NONE = -1;
const INVALID = -2;

/** What follows `name` in `value`. */
function seconds(value: string, name: string): number {
  const at = value.indexOf(name);
  if (at === -1) return NONE;
  const text = /^[^,; ]*/.exec(value.slice(at + name.length))?.[0] ?? '';
  return /^[0-9]*$/.test(text) ? Math.min(Number(text), MAX_TIME) : INVALID;
}

export function obeyExpires(u: Exchange, c: CacheLookup, value: string): void {
  if (!c.obeyed || (u.settings.ignoreHeaders & IGNORE_EXPIRES) !== 0 || c.validSec !== 0) return;
  const expires = parseHttpTime(value);
  if (expires < Math.floor(Date.now() / 1000)) u.response.expired = true;
  else c.validSec = expires;
}

export function obeyAccelExpires(u: Exchange, c: CacheLookup, value: string): void {
  u.response.accelExpires = true;
  if (!c.obeyed || (u.settings.ignoreHeaders & IGNORE_ACCEL_EXPIRES) !== 0) return;
  const absolute = value.startsWith('@');
  const text = absolute ? value.slice(1) : value;
  if (!/^[0-9]{1,15}$/.test(text)) return;
  const n = Number(text);
  if (!absolute && n === 0) {
    u.cacheable = false;
    return;
  }
  c.validSec = absolute ? n : Math.floor(Date.now() / 1000) + n;
  u.response.noCache = false;
  u.response.expired = false;
}

export function obeySetCookie(u: Exchange, c: CacheLookup): void {
  if (c.obeyed && (u.settings.ignoreHeaders & IGNORE_SET_COOKIE) === 0) u.cacheable = false;
}

/** `value`: of this Vary header; `all`: of those up to here. Only a header that is a `*` is one, as in nginx. */
export function obeyVary(u: Exchange, c: CacheLookup, value: string, all: string): void {
  if (!c.obeyed || !u.cacheable || (u.settings.ignoreHeaders & IGNORE_VARY) !== 0) return;
  if (value === '*' || all.length > MAX_VARY) u.cacheable = false;
  else c.vary = all;
}
