// Where an exchange with an upstream meets the cache: before the upstream is asked, when it has failed, when its head is
// there, and when its body is (the NGX_HTTP_CACHE parts of ngx_http_upstream.c).

import type { ComplexValue } from '../../conf/complex.ts';
import { parseHttpTime } from '../../core/http_time.ts';
import { httpTime } from '../../core/times.ts';
import { finalize } from '../engine.ts';
import { sendOpenFile } from '../file_sender.ts';
import { logError } from '../log.ts';
import { output, sendHeader } from '../output.ts';
import { AGAIN, DECLINED, DONE, ERROR, OK, type Rc } from '../rc.ts';
import { HTTP_09, type HttpRequest } from '../request.ts';
import { subrequest } from '../subrequest.ts';
import { createTempFile, createTempFileFor } from '../temp_file.ts';
import type { Exchange } from '../upstream/exchange.ts';
import { exchangeOf } from '../upstream/of_request.ts';
import { takeHeaders, UpstreamResponse } from '../upstream/response.ts';
import { FT_UPDATING } from '../upstream/settings.ts';
import { Spool } from '../upstream/spool.ts';
import { MAX_BODY_START } from './cache_file.ts';
import type { FileCache } from './file_cache.ts';
import { type Ask, CacheLookup, SCARCE, STALE, UPDATING } from './lookup.ts';
import { purge } from './purge.ts';
import { type CacheSettings, validFor } from './settings.ts';

/** Makes the module's own key. */
type MakeKey = (r: HttpRequest) => string;

const NOT_MODIFIED = 304;
/** No number for nginx from here on. */
const MAX_OFFSET = 2 ** 63;

/** Whether one of the values is something else than empty or "0". */
function anySet(r: HttpRequest, values: readonly ComplexValue[]): boolean {
  for (const value of values) {
    const text = value.evaluate(r);
    if (text !== '' && text !== '0') return true;
  }
  return false;
}

/** Answers from the cache, or asks the upstream through it. */
export function askThroughCache(u: Exchange, settings: CacheSettings, makeKey: MakeKey, ask: Ask): void {
  const { r } = u;
  const purging = settings.purge.length > 0 && anySet(r, settings.purge);
  if (!purging && !settings.methods.includes(r.method)) {
    ask(r, u);
    return;
  }
  const cache = settings.cache ?? chooseCache(r, settings);
  if (cache === null) {
    ask(r, u);
    return;
  }
  if (cache === undefined) {
    finalize(r, 500);
    return;
  }
  const key = cache.key(settings.key === null ? makeKey(r) : settings.key.evaluate(r));
  if (purging) {
    purge(r, cache, key);
    return;
  }
  if (r.method === 'HEAD' && settings.convertHead) u.method = 'GET';
  const { bufferSize } = u.settings;
  if (key.headerStart + 256 > bufferSize) {
    const enough = Math.ceil((key.headerStart + 256) / 1024) * 1024;
    const name = `${settings.module}_buffer_size`;
    const least = `it should be increased to at least ${enough}`;
    logError(r, 'error', `${name} ${bufferSize} is not enough for cache key, ${least}`);
    ask(r, u);
    return;
  }
  u.cacheable = true;
  const c = new CacheLookup(r, settings, cache, key, ask);
  u.cache = c;
  if (settings.bypass.length > 0 && anySet(r, settings.bypass)) {
    u.cacheStatus = 'BYPASS';
    askUpstream(u, c);
    return;
  }
  u.cacheStatus = 'MISS';
  lookUp(u, c);
}

/** null: none; undefined: one that there is not, which is logged. */
function chooseCache(r: HttpRequest, { value, caches }: CacheSettings): FileCache | null | undefined {
  const name = value?.evaluate(r) ?? '';
  if (name === '' || name === 'off') return null;
  const cache = caches.get(name);
  if (cache === undefined) logError(r, 'error', `cache "${name}" not found`);
  return cache;
}

/** Others have fetched what was waited for, or not. */
function lookUpAgain(c: CacheLookup): void {
  const u = exchangeOf(c.r);
  c.r.onAbort = null;
  if (u !== null) lookUp(u, c);
}

function lookUp(u: Exchange, c: CacheLookup): void {
  const { r } = u;
  let rc = c.open(lookUpAgain);
  if (rc === AGAIN) {
    if (!u.settings.ignoreClientAbort) r.onAbort = waiterGone;
    releaseAtEnd(r, c);
    return;
  }
  if (rc === STALE || rc === UPDATING) {
    const background = r.sub?.options.background === true;
    const mayBeStale = (c.settings.useStale & FT_UPDATING) !== 0 || c.staleUpdating;
    if (mayBeStale && !background && (rc === UPDATING || c.settings.backgroundUpdate)) {
      u.cacheStatus = rc === STALE ? 'STALE' : 'UPDATING';
      rc = rc === STALE ? updateInBackground(r, c) : OK;
    } else {
      c.startAnew();
      u.cacheStatus = 'EXPIRED';
      rc = DECLINED;
    }
  } else if (rc === OK) {
    u.cacheStatus = 'HIT';
  }
  switch (rc) {
    case OK:
      answer(u, c);
      return;
    case SCARCE:
      u.cacheable = false;
      break;
    case DECLINED:
      break;
    case ERROR:
      c.release();
      finalize(r, 500);
      return;
    default:
      u.cacheStatus = 'HIT';
      finalize(r, rc);
      return;
  }
  if (!rangeMayBeCached(u, c)) u.cacheable = false;
  askUpstream(u, c);
}

function answer(u: Exchange, c: CacheLookup): void {
  const { r } = u;
  c.obeyed = false;
  const rc = sendCached(u, c);
  if (rc !== DECLINED) {
    c.release();
    finalize(r, rc);
    return;
  }
  u.fromCache = false;
  u.cacheStatus = 'MISS';
  c.obeyed = true;
  c.startAnew();
  u.response = new UpstreamResponse();
  u.codec.reset();
  u.text = '';
  askUpstream(u, c);
}

function askUpstream(u: Exchange, c: CacheLookup): void {
  // What is stale is kept open: it may have to be answered after all.
  if (u.cacheStatus !== 'EXPIRED') c.closeFile();
  releaseAtEnd(u.r, c);
  c.ask(u.r, u);
}

function releaseAtEnd(r: HttpRequest, c: CacheLookup): void {
  if (c.registered) return;
  c.registered = true;
  r.onEnd(releaseLookup);
}

function releaseLookup(r: HttpRequest): void {
  exchangeOf(r)?.cache?.release();
}

function waiterGone(r: HttpRequest): void {
  logError(r, 'info', 'epoll_wait() reported that client prematurely closed connection');
  finalize(r, 499);
}

/** Another request like this one, whose answer nobody waits for, asks the upstream. */
function updateInBackground(r: HttpRequest, c: CacheLookup): Rc {
  c.letGo(); // the other request takes the entry over
  const sr = subrequest(r, {
    uri: r.uri,
    args: r.args,
    method: r.method,
    capture: false,
    clone: true,
    background: true,
    onDone: () => {},
    prepare(copy) {
      copy.headerOnly = true;
    },
  });
  return sr === null ? ERROR : OK;
}

/** cache_max_range_offset */
function rangeMayBeCached(u: Exchange, c: CacheLookup): boolean {
  const { maxRangeOffset } = c.settings;
  if (!u.cacheable || maxRangeOffset === Number.POSITIVE_INFINITY) return true;
  const range = u.r.headersIn.get('range');
  if (range === undefined) return true;
  if (maxRangeOffset === 0) return false;
  const start = /^bytes= *(-|[0-9]*)/i.exec(range)?.[1];
  if (start === undefined || range.length < 7) return true;
  const offset = Number(start);
  return start !== '-' && (offset < maxRangeOffset || offset >= MAX_OFFSET);
}

/** The answer is what the cache has. What finalize() is to be called with; DECLINED: it is no response. */
function sendCached(u: Exchange, c: CacheLookup): Rc {
  const { r } = u;
  u.fromCache = true;
  if (c.key.headerStart === c.bodyStart) {
    r.httpVersion = HTTP_09;
  } else {
    u.text = c.head;
    if (!parseCached(u, c) || !isWhole(u, c)) {
      logError(r, 'crit', `cache file "${c.name}" contains invalid header`);
      return DECLINED;
    }
    const redirect = takeHeaders(u);
    if (redirect !== null) return redirect();
  }
  return sendBody(r, c);
}

/** Headers that do something to the request they are parsed for. */
const ACTING = /\nx-accel-/i;

/** Parses u.text. A head that was parsed before, for a hit as this is one, need not be parsed again. */
function parseCached(u: Exchange, c: CacheLookup): boolean {
  const { text, settings } = u;
  const { key } = c;
  if (!c.obeyed && text === key.parsedHead && settings === key.parsedWith) {
    u.response = key.parsed as UpstreamResponse;
    u.headEnd = text.length;
    return true;
  }
  const { keepalive } = u;
  u.codec.reset();
  u.response = new UpstreamResponse();
  const rc = u.codec.parseHead(u);
  u.keepalive = keepalive;
  if (rc !== OK) return false;
  if (!c.obeyed && !ACTING.test(text)) {
    key.parsedHead = text;
    key.parsed = u.response;
    key.parsedWith = settings;
  }
  return true;
}

/** A file that the system has lost the end of is shorter than its head says. One without a body is that of a HEAD. */
function isWhole({ response, r }: Exchange, c: CacheLookup): boolean {
  const { contentLength, status } = response;
  if (contentLength <= 0 || r.method === 'HEAD' || status === 204 || status === NOT_MODIFIED) return true;
  const length = c.bodyLength();
  return length === contentLength || length === 0;
}

function sendBody(r: HttpRequest, c: CacheLookup): Rc {
  const rc = sendHeader(r);
  if (rc === ERROR || rc > OK || r.headerOnly) return rc === AGAIN ? OK : rc;
  const length = c.bodyLength();
  if (length <= 0) return output(r, '', true) === ERROR ? ERROR : OK;
  const { buffer, bodyStart, fd } = c;
  if (buffer !== null && c.length <= c.filled) {
    const body = buffer.subarray(bodyStart, c.length);
    return output(r, body, true) === ERROR ? ERROR : OK;
  }
  c.fd = -1; // closed by who sends it
  return sendOpenFile(r, c.name, fd, bodyStart, c.length);
}

/** The upstream has failed: whether what is stale is the answer. `type`: FT_… bits; `unreachable`: there is no answer. */
export function mayServeStale(u: Exchange, type: number, unreachable: boolean): boolean {
  const { cache: c } = u;
  if (c === null || u.cacheStatus !== 'EXPIRED') return false;
  return (c.settings.useStale & type) !== 0 || (unreachable && c.staleError);
}

export function serveStale(u: Exchange): void {
  u.cacheStatus = 'STALE';
  sendInstead(u, u.cache as CacheLookup);
}

/** Ends the exchange, and answers what is in the cache. */
function sendInstead(u: Exchange, c: CacheLookup, beforeEnd?: () => void): void {
  const { r } = u;
  c.keepOpen = true;
  u.finish(DONE);
  c.keepOpen = false;
  r.action = 'sending to client';
  const rc = sendCached(u, c);
  c.closeFile();
  beforeEnd?.();
  finalize(r, rc === DECLINED ? 500 : rc);
}

/** A 304 has come. True: it was about what is in the cache, which is the answer. */
export function revalidated(u: Exchange): boolean {
  const { cache: c, response } = u;
  if (c === null || response.status !== NOT_MODIFIED || u.cacheStatus !== 'EXPIRED') return false;
  if (!c.settings.revalidate) return false;
  // What the 304 says of its validity goes before what the response in the cache says.
  const { validSec, updatingSec, errorSec } = c;
  u.cacheStatus = 'REVALIDATED';
  sendInstead(u, c, () => {
    if (validSec !== 0) {
      c.validSec = validSec;
      c.updatingSec = updatingSec;
      c.errorSec = errorSec;
    }
    const now = Math.floor(Date.now() / 1000);
    const seconds = c.validSec === 0 ? validFor(c.settings.valid, u.response.status) : 0;
    if (seconds > 0) c.validSec = now + seconds;
    if (c.validSec === 0) return;
    c.date = now;
    c.updateHeader();
  });
  return true;
}

/** error_page is to answer in the place of a response with this status: others may be answered the same. */
export function keepIntercepted(u: Exchange, status: number): void {
  const { cache: c } = u;
  if (c === null) return;
  if (u.response.noCache || u.response.expired) u.cacheable = false;
  if (u.cacheable) keepError(c, status);
  c.release();
}

/** The exchange has come to nothing. */
export function keepFailure(u: Exchange, rc: Rc): void {
  const { cache: c } = u;
  if (c === null) return;
  // A head that has come is no failure, whatever becomes of its body.
  if (u.cacheable && !u.headerSent && (rc === 502 || rc === 504)) {
    c.validSec = 0;
    keepError(c, rc);
  }
  if (c.keepOpen) c.letGo();
  else c.release();
}

function keepError(c: CacheLookup, status: number): void {
  if (c.validSec === 0) {
    const seconds = validFor(c.settings.valid, status);
    if (seconds > 0) c.validSec = Math.floor(Date.now() / 1000) + seconds;
  }
  if (c.validSec !== 0) c.error = status;
}

/** The head has been sent, the body follows: decides whether it is cached. */
export function decideCaching(u: Exchange): void {
  const { r, cache: c, response } = u;
  if (c === null) return;
  c.closeFile();
  if (!u.buffering || anySet(r, c.settings.noCache)) u.cacheable = false;
  if (u.cacheable) {
    const now = Math.floor(Date.now() / 1000);
    if (c.validSec === 0) {
      const seconds = validFor(c.settings.valid, response.status);
      if (seconds > 0) c.validSec = now + seconds;
    }
    c.date = now;
    if (c.validSec === 0 || c.key.headerStart + u.headEnd > MAX_BODY_START) u.cacheable = false;
  }
  if (!u.cacheable) {
    c.release();
    return;
  }
  const whole = response.status === 200 || response.status === 206;
  const modified = whole ? response.get('last-modified') : undefined;
  c.lastModified = modified === undefined ? -1 : parseHttpTime(modified);
  c.etag = whole ? (response.get('etag') ?? '') : '';
}

/** Where the body goes; null: it could not be made, which is logged. */
export function cacheSpool(u: Exchange): Spool | null {
  const { r } = u;
  const c = u.cache as CacheLookup;
  const header = c.makeHeader(u.text.slice(0, u.headEnd));
  const file = c.cache.settings.useTempPath
    ? createTempFile(r, u.settings.tempPath)
    : createTempFileFor(r, c.cache.fileName(c.hash));
  return Spool.keep(r, file, header);
}

/** The body is complete. */
export function keepBody(u: Exchange, spool: Spool): void {
  if (u.cache?.commit(spool.name, spool.written)) spool.taken();
}

/** $upstream_cache_last_modified: of the response that is asked about. */
export function cachedLastModified({ cache: c, cacheStatus }: Exchange): string | undefined {
  if (c === null || !c.settings.revalidate || cacheStatus !== 'EXPIRED' || c.lastModified === -1)
    return undefined;
  return httpTime(c.lastModified);
}

export function cachedEtag({ cache: c, cacheStatus }: Exchange): string | undefined {
  if (c === null || !c.settings.revalidate || cacheStatus !== 'EXPIRED' || c.etag === '') return undefined;
  return c.etag;
}
