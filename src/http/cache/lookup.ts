// One request's dealings with the cache (nginx's r->cache): it looks for the file, and takes part in who fetches what is
// missing or stale. The file decides what there is; the zone is only asked where no fresh file was found.

import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { constants as os } from 'node:os';
import { diskPath } from '../../core/disk_path.ts';
import { errnoOf, errorText } from '../../core/errno.ts';
import { returnBuffer, takeBuffer } from '../file_sender.ts';
import { logError } from '../log.ts';
import { AGAIN, DECLINED, ERROR, OK } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import type { Exchange } from '../upstream/exchange.ts';
import {
  type CacheHeader,
  type CacheKey,
  HEADER_BYTES,
  readHeader,
  sameContent,
  writeHeader,
} from './cache_file.ts';
import type { CacheNode, Verdict } from './cache_index.ts';
import type { FileCache } from './file_cache.ts';
import type { LockWaiter } from './lock.ts';
import type { CacheSettings } from './settings.ts';
import { variantOf } from './vary.ts';

// What open() answers beside OK (fresh), AGAIN (wait), DECLINED (ask the upstream), ERROR, and a status that is cached.
export const STALE = -20;
export const UPDATING = -21;
/** Not asked for often enough, or another one is on it: ask the upstream and cache nothing. */
export const SCARCE = -22;

const { ENOENT, ENOTDIR } = os.errno;
/** The first read: a file up to this size is had in one go. */
const FIRST_READ = 32 * 1024;

/** Asks the upstream. */
export type Ask = (r: HttpRequest, u: Exchange) => void;

export class CacheLookup implements CacheHeader, LockWaiter {
  readonly r: HttpRequest;
  readonly settings: CacheSettings;
  readonly cache: FileCache;
  readonly key: CacheKey;
  readonly ask: Ask;
  /** Of the entry: the key's, or that of a variant. */
  hash: string;
  /** It is that of a variant. */
  #secondary = false;

  // What the file's header says, or will say.
  validSec = 0;
  updatingSec = 0;
  errorSec = 0;
  lastModified = -1;
  date = 0;
  bodyStart = 0;
  etag = '';
  vary = '';
  variant = '';

  // The file, while it is open.
  fd = -1;
  name = '';
  /** All of it; -1: longer than what was read. */
  length = 0;
  /** Its beginning, and how much of it. */
  buffer: Buffer | null = null;
  filled = 0;
  /** Identifies what was read. */
  #inode = 0;

  /** A status that is to be answered to others too. */
  error = 0;
  /** This request fetches the entry. */
  fetches = false;
  #fetchUntil = 0;
  #released = false;
  staleUpdating = false;
  staleError = false;
  /** The file is needed when the exchange has ended. */
  keepOpen = false;
  /** release() is called when the request ends. */
  registered = false;

  /** The headers of a response say how long it is valid: it is not the cached one. */
  obeyed = true;

  // Waiting for a lock.
  until = 0;
  #lockTimedOut = false;
  #onWake: ((c: CacheLookup) => void) | null = null;

  constructor(r: HttpRequest, settings: CacheSettings, cache: FileCache, key: CacheKey, ask: Ask) {
    this.r = r;
    this.settings = settings;
    this.cache = cache;
    this.key = key;
    this.hash = key.hash;
    this.ask = ask;
  }

  /** Looks for the entry. `onWake` is called once after AGAIN: then open() is to be called anew. */
  open(onWake: (c: CacheLookup) => void): number {
    const { settings } = this;
    const now = Math.floor(Date.now() / 1000);
    const rc = this.#read(now);
    if (rc === ERROR) return ERROR;
    if (rc === OK) {
      if (this.validSec >= now) {
        this.cache.touch(this.hash, now);
        return OK;
      }
      return this.#stale(now);
    }
    const node = this.cache.index.peek(this.hash);
    if (node !== null && node.error !== 0 && node.errorUntil >= now) return node.error;
    if (settings.minUses > 1 && !this.#usedEnough(now)) return SCARCE;
    return settings.lock ? this.#lock(now, onWake) : DECLINED;
  }

  /** OK: there is a file that can be used, and is open. DECLINED: there is none. */
  #read(now: number): number {
    this.name = this.cache.fileName(this.hash);
    try {
      this.fd = openSync(diskPath(this.name), 'r');
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === ENOENT || errno === ENOTDIR) return DECLINED;
      logError(this.r, 'crit', `open() "${this.name}" failed ${errorText(error)}`);
      return ERROR;
    }
    const buffer = takeBuffer(FIRST_READ);
    this.buffer = buffer;
    try {
      this.filled = readSync(this.fd, buffer, 0, FIRST_READ, 0);
    } catch (error) {
      logError(this.r, 'crit', `read() "${this.name}" failed ${errorText(error)}`);
      this.closeFile();
      return DECLINED;
    }
    this.length = this.filled < FIRST_READ ? this.filled : -1;
    const unusable = readHeader(buffer, this.filled, this.key, this);
    if (unusable !== null) {
      const level = unusable === 'version mismatch' ? 'info' : 'crit';
      logError(this.r, level, `cache file "${this.name}" ${unusable}`);
    } else if (this.bodyStart > this.filled) {
      logError(this.r, 'crit', `cache file "${this.name}" has too long header`);
    } else if (this.vary !== '' && this.#isOther()) {
      return this.#reopen(now);
    } else if (this.cache.purged(this.key.text, this.date)) {
      this.cache.discard(this.hash, this.r.loc.core.error_log);
    } else {
      return OK;
    }
    this.closeFile();
    this.#forget();
    return DECLINED;
  }

  /** The file is the response to a request with other headers. */
  #isOther(): boolean {
    const wanted = variantOf(this.r, this.key.hash, this.vary);
    const other = wanted !== this.variant;
    this.variant = wanted;
    return other;
  }

  #reopen(now: number): number {
    const { variant } = this;
    this.closeFile();
    this.#forget();
    if (this.#secondary) {
      logError(this.r, 'crit', `cache file "${this.name}" has incorrect vary hash`);
      return DECLINED;
    }
    this.#secondary = true;
    this.hash = variant;
    return this.#read(now);
  }

  /** What the header of an unusable file said. */
  #forget(): void {
    this.validSec = 0;
    this.updatingSec = 0;
    this.errorSec = 0;
    this.lastModified = -1;
    this.date = 0;
    this.etag = '';
    this.vary = '';
    this.variant = '';
  }

  #stale(now: number): number {
    this.staleUpdating = this.validSec + this.updatingSec >= now;
    this.staleError = this.validSec + this.errorSec >= now;
    const { ino, size } = fstatSync(this.fd);
    this.#inode = ino;
    this.length = size;
    let rc = UPDATING;
    this.#change((node) => {
      if (node.error !== 0 && node.errorUntil >= now) {
        rc = node.error;
        return 'keep';
      }
      node.expire = now + this.cache.settings.inactive;
      if (!node.exists) {
        node.exists = true;
        node.blocks = this.cache.blocksOf(size);
      }
      if (!node.fetched) {
        this.#take(node, 0);
        rc = STALE;
      }
      return 'save';
    });
    if (rc >= 0) this.closeFile(); // a failure that is cached goes before what is stale
    return rc;
  }

  #take(node: CacheNode, until: number): void {
    node.fetcher = process.pid;
    node.fetchUntil = until;
    this.fetches = true;
    this.#fetchUntil = until;
    this.#released = false;
  }

  #change(change: (node: CacheNode, found: boolean) => Verdict): void {
    if (this.cache.index.change(this.hash, change)) return;
    logError(this.r, 'alert', `could not allocate node in cache keys zone "${this.cache.settings.name}"`);
  }

  #usedEnough(now: number): boolean {
    let enough = false;
    this.#change((node) => {
      node.uses++;
      node.expire = now + this.cache.settings.inactive;
      enough = node.exists || node.uses >= this.settings.minUses;
      return 'save';
    });
    return enough;
  }

  #lock(now: number, onWake: (c: CacheLookup) => void): number {
    const { lockAge, lockTimeout } = this.settings;
    const at = Date.now();
    this.#change((node, found) => {
      if (node.fetched && node.fetchUntil > at) return 'keep';
      if (!found) node.uses = 1;
      node.expire = now + this.cache.settings.inactive;
      this.#take(node, at + lockAge);
      return 'save';
    });
    if (this.fetches) return DECLINED;
    if (lockTimeout === 0 || this.#lockTimedOut) return SCARCE;
    if (this.until === 0) this.until = performance.now() + lockTimeout;
    this.#onWake = onWake;
    this.cache.waiters.add(this);
    return AGAIN;
  }

  wake(timedOut: boolean): void {
    const onWake = this.#onWake;
    this.#onWake = null;
    if (onWake === null) return;
    if (timedOut || performance.now() >= this.until) {
      logError(this.r, 'info', 'cache lock timeout');
      this.#lockTimedOut = true;
    }
    onWake(this);
  }

  get waits(): boolean {
    return this.#onWake !== null;
  }

  /** The head of the cached response, as the upstream sent it. */
  get head(): string {
    return this.buffer === null ? '' : this.buffer.toString('latin1', this.key.headerStart, this.bodyStart);
  }

  /** The length of the body in the file. */
  bodyLength(): number {
    if (this.length === -1) this.length = fstatSync(this.fd).size;
    return this.length - this.bodyStart;
  }

  closeFile(): void {
    if (this.buffer !== null) returnBuffer(this.r, this.buffer);
    this.buffer = null;
    if (this.fd !== -1) closeSync(this.fd);
    this.fd = -1;
  }

  /** The upstream is asked: what it says of its response decides. */
  startAnew(): void {
    this.validSec = 0;
    this.updatingSec = 0;
    this.errorSec = 0;
    this.vary = '';
  }

  /** The file's first part, for a response that is to be cached; its body follows `head`. */
  makeHeader(head: string): Buffer {
    this.bodyStart = this.key.headerStart + head.length;
    if (this.vary !== '') this.variant = variantOf(this.r, this.key.hash, this.vary);
    if (this.#secondary && (this.vary === '' || this.variant !== this.hash)) this.#backToMain();
    const bytes = Buffer.allocUnsafe(this.bodyStart);
    writeHeader(bytes, this.key, this);
    bytes.write(head, this.key.headerStart, 'latin1');
    return bytes;
  }

  /** The response is no variant, or another one than was expected. */
  #backToMain(): void {
    if (this.fetches) this.letGo();
    this.#secondary = false;
    this.hash = this.key.hash;
  }

  /** The file at `from`, `length` bytes long, is the response. False: it could not get its place, which is logged. */
  commit(from: string, length: number): boolean {
    const now = Math.floor(Date.now() / 1000);
    const { cache } = this;
    let rc = true;
    try {
      cache.commit(from, this.hash);
    } catch (error) {
      const to = cache.fileName(this.hash);
      logError(this.r, 'crit', `rename() "${from}" to "${to}" failed ${errorText(error)}`);
      rc = false;
    }
    this.#change((node) => {
      if (rc) {
        node.exists = true;
        node.blocks = cache.blocksOf(length);
        node.uses = Math.max(node.uses, 1);
      }
      node.error = 0;
      node.fetcher = 0;
      node.fetchUntil = 0;
      node.expire = now + cache.settings.inactive;
      return 'save';
    });
    this.#released = true;
    this.fetches = false;
    cache.waiters.released(this.hash);
    return rc;
  }

  /** The upstream has said that what is in the file is still valid. */
  updateHeader(): void {
    let fd = -1;
    try {
      fd = openSync(diskPath(this.name), 'r+');
      const { ino, size } = fstatSync(fd);
      const header = Buffer.alloc(HEADER_BYTES);
      // It may have been replaced meanwhile.
      if (ino !== this.#inode || size !== this.length) return;
      if (readSync(fd, header, 0, HEADER_BYTES, 0) !== HEADER_BYTES) return;
      if (!sameContent(header, this.key, this)) return;
      if (this.vary !== '') this.variant = variantOf(this.r, this.key.hash, this.vary);
      writeHeader(header, this.key, this);
      writeSync(fd, header, 0, HEADER_BYTES, 0);
    } catch (error) {
      if (errnoOf(error) === ENOENT) return;
      logError(this.r, 'crit', `open() "${this.name}" failed ${errorText(error)}`);
    } finally {
      if (fd !== -1) closeSync(fd);
    }
  }

  /** The request caches nothing, or nothing more: others may. */
  release(): void {
    if (this.#onWake !== null) {
      this.#onWake = null;
      this.cache.waiters.remove(this);
    }
    this.closeFile();
    if (this.#released) return;
    this.#released = true;
    this.letGo();
  }

  /** Somebody else may fetch the entry; what failed is known to all. */
  letGo(): void {
    const { error, fetches } = this;
    if (!fetches && error === 0) return;
    const fetchUntil = this.#fetchUntil;
    const now = Math.floor(Date.now() / 1000);
    this.fetches = false;
    this.error = 0;
    this.#change((node, found) => {
      const own = fetches && node.fetcher === process.pid && node.fetchUntil === fetchUntil;
      if (own) {
        node.fetcher = 0;
        node.fetchUntil = 0;
      }
      if (error !== 0) {
        node.error = error;
        node.errorUntil = this.validSec;
        node.expire = now + this.cache.settings.inactive;
      } else if (!found || (!node.exists && this.settings.minUses === 1)) {
        return 'drop';
      }
      return 'save';
    });
    if (fetches) this.cache.waiters.released(this.hash);
  }
}
