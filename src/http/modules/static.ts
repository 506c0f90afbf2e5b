// Files. A small one is read at once and leaves together with its head; a large one is read in pieces, as fast as the
// client takes them. What comes from the system's cache is read synchronously, as in nginx: measured on 10 MB, reading
// on a thread into new buffers costs 1.8 times as much.

import { closeSync, fstatSync, read, readSync, type Stats } from 'node:fs';
import { constants as os } from 'node:os';
import { errnoOf, errnoText, errorText } from '../../core/errno.ts';
import { setContentType } from '../content_type.ts';
import { finalize } from '../engine.ts';
import { escapeUri } from '../escape.ts';
import { logError } from '../log.ts';
import { defineModule } from '../module.ts';
import { openFile } from '../open_file.ts';
import { output, sendHeader } from '../output.ts';
import { mapUriToPath } from '../path.ts';
import { AGAIN, DECLINED, DONE, ERROR, OK, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import { discardBody } from '../request_body.ts';

export const staticFiles = defineModule({
  name: 'static',
  directives: {},
  newCtx: (): Sending => ({ sender: null }),
  phases: { content: { run: sendFile } },
});

/** The file that is being sent. */
interface Sending {
  sender: Sender | null;
}

/** Up to here a file is read in one go. */
const SMALL = 128 * 1024;
/** How much of a large file is read at a time. */
const PIECE = 128 * 1024;

function sendFile(r: HttpRequest): Rc {
  const { method, uri } = r;
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') return 405;
  if (uri.charCodeAt(uri.length - 1) === SLASH) return DECLINED;
  const path = mapUriToPath(r);
  if (path === null) return 500;
  let fd: number;
  try {
    fd = openFile(r, path);
  } catch (e) {
    return openFailed(r, path, e);
  }
  let stats: Stats;
  try {
    stats = fstatSync(fd);
  } catch (e) {
    closeSync(fd);
    logError(r, 'crit', `fstat() "${path}" failed ${errorText(e)}`);
    return 500;
  }
  if (stats.isFile()) return sendOpened(r, path, fd, stats);
  closeSync(fd);
  if (stats.isDirectory()) return redirectToDirectory(r);
  logError(r, 'crit', `"${path}" is not a regular file`);
  return 404;
}

const SLASH = 47;
const { ENOENT, ENOTDIR, ENAMETOOLONG, EACCES, EMLINK, ELOOP } = os.errno;

function openFailed(r: HttpRequest, path: string, e: unknown): Rc {
  const errno = errnoOf(e);
  const absent = errno === ENOENT || errno === ENOTDIR || errno === ENAMETOOLONG;
  const forbidden = errno === EACCES || errno === EMLINK || errno === ELOOP;
  const rc = absent ? 404 : forbidden ? 403 : 500;
  if (!absent || r.loc.core.log_not_found) {
    logError(r, rc === 500 ? 'crit' : 'error', `open() "${path}" failed ${errnoText(errno)}`);
  }
  return rc;
}

function redirectToDirectory(r: HttpRequest): Rc {
  r.headersOut.location = `${escapeUri(r.uri)}/${r.args === '' ? '' : `?${r.args}`}`;
  return 301;
}

function sendOpened(r: HttpRequest, path: string, fd: number, stats: Stats): Rc {
  if (r.method === 'POST') {
    closeSync(fd);
    return 405;
  }
  discardBody(r);
  r.action = 'sending response to client';
  const { headersOut } = r;
  const { size, mtimeMs } = stats;
  headersOut.status = 200;
  headersOut.contentLength = size;
  headersOut.lastModified = mtimeMs;
  if (r.loc.core.etag) {
    headersOut.etag = `"${Math.floor(mtimeMs / 1000).toString(16)}-${size.toString(16)}"`;
  }
  setContentType(r);
  r.allowRanges = true;
  const rc = sendHeader(r);
  if (rc === ERROR || rc > OK || r.headerOnly || size === 0) {
    closeSync(fd);
    return rc === AGAIN ? OK : rc;
  }
  return size <= SMALL ? sendSmall(r, path, fd, size) : sendLarge(r, path, fd, size);
}

function sendSmall(r: HttpRequest, path: string, fd: number, size: number): Rc {
  const buffer = takeBuffer(size);
  let done = 0;
  try {
    while (done < size) {
      const count = readSync(fd, buffer, done, size - done, done);
      if (count === 0) break;
      done += count;
    }
  } catch (e) {
    logError(r, 'crit', `read() "${path}" failed ${errorText(e)}`);
    return ERROR;
  } finally {
    closeSync(fd);
  }
  if (done < size) {
    logError(r, 'alert', `read() reported that "${path}" was truncated at ${done}`);
    return ERROR;
  }
  const rc = output(r, buffer.length === size ? buffer : buffer.subarray(0, size), true);
  returnBuffer(r, buffer);
  return rc === ERROR ? ERROR : OK;
}

// Fresh memory for each piece of a file costs more than reading it, so that buffers are used again: those that the
// system has taken over by the time that the output returns, which is nearly all of them.
const freeBuffers: Buffer[] = [];
const MOST_FREE = 16;
/** Up to here, Node's own pool is as good. */
const POOLED = 4096;

function takeBuffer(size: number): Buffer {
  if (size <= POOLED) return Buffer.allocUnsafe(size);
  return freeBuffers.pop() ?? Buffer.allocUnsafeSlow(PIECE);
}

/** False: something may still wait with the buffer. */
function returnBuffer(r: HttpRequest, buffer: Buffer): boolean {
  if (buffer.length !== PIECE) return true;
  if (r.held !== null || !r.loc.passing || r.sink.pending(r)) return false;
  if (freeBuffers.length < MOST_FREE) freeBuffers.push(buffer);
  return true;
}

function sendLarge(r: HttpRequest, path: string, fd: number, size: number): Rc {
  const sender = new Sender(r, path, fd, size);
  staticFiles.startCtx(r).sender = sender;
  r.onEnd(stopSending);
  r.onWritable = goOn;
  sender.send();
  return DONE;
}

function stopSending(r: HttpRequest): void {
  staticFiles.ctx(r)?.sender?.stop();
}

function goOn(r: HttpRequest): void {
  staticFiles.ctx(r)?.sender?.resume();
}

/** A read that takes longer has waited for the disk; then the next ones are left to Node's threads. */
const QUICK_MS = 1;
/** After so much the other connections have their turn. */
const TURN = 1024 * 1024;

/**
 * Sends a file, or the ranges of it that are wanted, piece by piece, the next when the output can take it. As long as
 * the file comes from the system's cache it is read at once: that is quicker than asking a thread.
 */
class Sender {
  readonly #r: HttpRequest;
  readonly #path: string;
  readonly #fd: number;
  readonly #size: number;
  /** Where the next read begins, and where the present range ends. */
  #at = 0;
  #end: number;
  #range = 0;
  #quick = true;
  /** A read is under way, or a turn has been promised. */
  #waiting = false;
  #stopped = false;
  /** What the read that is under way fills. */
  #buffer: Buffer | null = null;
  /** What the output still waits with. */
  #given: Buffer | null = null;

  constructor(r: HttpRequest, path: string, fd: number, size: number) {
    this.#r = r;
    this.#path = path;
    this.#fd = fd;
    this.#size = size;
    this.#end = size;
    if (r.ranges === null) return;
    r.ranges.cut = true;
    this.#startRange();
  }

  #startRange(): void {
    const range = this.#r.ranges?.ranges[this.#range];
    this.#at = range?.start ?? 0;
    this.#end = range?.end ?? this.#size;
    const head = this.#r.ranges?.heads?.[this.#range];
    if (head !== undefined) output(this.#r, head, false);
  }

  /** The output can take more. */
  readonly resume = (): void => {
    if (this.#waiting || this.#stopped) return;
    if (this.#given !== null) returnBuffer(this.#r, this.#given);
    this.#given = null;
    this.send();
  };

  /** The request has ended; a read that is under way keeps the file open until it is done. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    if (this.#buffer === null) closeSync(this.#fd);
  }

  /** Sends until the output has enough, the file is slow, or others are to have their turn. */
  send(): void {
    const until = this.#at + TURN;
    while (this.#quick) {
      if (this.#at >= until) {
        this.#waiting = true;
        setImmediate(this.#onTurn);
        return;
      }
      if (!this.#readNow()) return;
    }
    this.#waiting = true;
    this.#buffer = takeBuffer(PIECE);
    read(this.#fd, this.#buffer, 0, this.#wanted(), this.#at, this.#onRead);
  }

  readonly #onTurn = (): void => {
    this.#waiting = false;
    this.resume();
  };

  #wanted(): number {
    return Math.min(PIECE, this.#end - this.#at);
  }

  #readNow(): boolean {
    const buffer = takeBuffer(PIECE);
    const before = performance.now();
    let count: number;
    try {
      count = readSync(this.#fd, buffer, 0, this.#wanted(), this.#at);
    } catch (e) {
      this.#fail(e);
      return false;
    }
    if (performance.now() - before > QUICK_MS) this.#quick = false;
    return this.#give(buffer, count);
  }

  readonly #onRead = (e: Error | null, count: number): void => {
    const buffer = this.#buffer as Buffer;
    this.#waiting = false;
    this.#buffer = null;
    if (this.#stopped) {
      closeSync(this.#fd);
      return;
    }
    this.#quick = true;
    if (e !== null) this.#fail(e);
    else if (this.#give(buffer, count)) this.send();
  };

  #fail(e: unknown): void {
    logError(this.#r, 'crit', `read() "${this.#path}" failed ${errorText(e)}`);
    finalize(this.#r, ERROR);
  }

  /** True: go on. */
  #give(buffer: Buffer, count: number): boolean {
    const r = this.#r;
    if (count === 0) {
      logError(r, 'alert', `read() reported that "${this.#path}" was truncated at ${this.#at}`);
      finalize(r, ERROR);
      return false;
    }
    this.#at += count;
    const rangeDone = this.#at === this.#end;
    const { ranges } = r;
    const more = rangeDone && ranges !== null && this.#range + 1 < ranges.ranges.length;
    const done = rangeDone && !more;
    const tail = done && ranges !== null ? ranges.tail : '';
    let rc = output(r, count === PIECE ? buffer : buffer.subarray(0, count), done && tail === '');
    if (rc !== ERROR && tail !== '') rc = output(r, tail, true);
    if (!returnBuffer(r, buffer)) this.#given = buffer;
    if (rc === ERROR || done) {
      finalize(r, rc === ERROR ? ERROR : OK);
      return false;
    }
    if (rangeDone) {
      this.#range++;
      this.#startRange();
    }
    return rc === OK;
  }
}
