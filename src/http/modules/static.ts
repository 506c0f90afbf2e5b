// Files. A small one is read at once and leaves together with its head; a large one is read in pieces, as fast as the
// client takes them.

import { closeSync, constants, fstatSync, openSync, read, readSync, type Stats } from 'node:fs';
import { constants as os } from 'node:os';
import { diskPath } from '../../core/disk_path.ts';
import { errnoOf, errnoText, errorText } from '../../core/errno.ts';
import { setContentType } from '../content_type.ts';
import { finalize } from '../engine.ts';
import { escapeUri } from '../escape.ts';
import { logError } from '../log.ts';
import { defineModule } from '../module.ts';
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

// Without O_NONBLOCK, opening a FIFO that nobody writes to would stop the worker.
const READ = constants.O_RDONLY | constants.O_NONBLOCK;

function sendFile(r: HttpRequest): Rc {
  const { method, uri } = r;
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') return 405;
  if (uri.charCodeAt(uri.length - 1) === SLASH) return DECLINED;
  const path = mapUriToPath(r);
  if (path === null) return 500;
  let fd: number;
  try {
    fd = openSync(diskPath(path), READ);
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
  const data = Buffer.allocUnsafe(size);
  let done = 0;
  try {
    while (done < size) {
      const count = readSync(fd, data, done, size - done, done);
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
  return output(r, data, true) === ERROR ? ERROR : OK;
}

function sendLarge(r: HttpRequest, path: string, fd: number, size: number): Rc {
  const sender = new Sender(r, path, fd, size);
  staticFiles.startCtx(r).sender = sender;
  r.onEnd(stopSending);
  r.onWritable = goOn;
  sender.next();
  return DONE;
}

function stopSending(r: HttpRequest): void {
  staticFiles.ctx(r)?.sender?.stop();
}

function goOn(r: HttpRequest): void {
  staticFiles.ctx(r)?.sender?.resume();
}

/**
 * Sends a file, or the ranges of it that are wanted, piece by piece: one read at a time, the next when the output can
 * take it.
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
  #reading = false;
  #stopped = false;
  #piece: Buffer | null = null;

  constructor(r: HttpRequest, path: string, fd: number, size: number) {
    this.#r = r;
    this.#path = path;
    this.#fd = fd;
    this.#size = size;
    this.#end = size;
    const { ranges } = r;
    if (ranges === null) return;
    ranges.cut = true;
    this.#startRange();
  }

  #startRange(): void {
    const range = this.#r.ranges?.ranges[this.#range];
    this.#at = range?.start ?? 0;
    this.#end = range?.end ?? this.#size;
    const head = this.#r.ranges?.heads?.[this.#range];
    if (head !== undefined) output(this.#r, head, false);
  }

  next(): void {
    this.#reading = true;
    const length = Math.min(PIECE, this.#end - this.#at);
    this.#piece = Buffer.allocUnsafeSlow(length);
    read(this.#fd, this.#piece, 0, length, this.#at, this.#onRead);
  }

  /** The output can take more. */
  resume(): void {
    if (!this.#reading && !this.#stopped) this.next();
  }

  /** The request has ended; a read that is under way keeps the file open until it is done. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    if (!this.#reading) closeSync(this.#fd);
  }

  readonly #onRead = (e: Error | null, count: number): void => {
    this.#reading = false;
    const r = this.#r;
    if (this.#stopped) {
      closeSync(this.#fd);
      return;
    }
    if (e !== null || count === 0) {
      if (e !== null) logError(r, 'crit', `read() "${this.#path}" failed ${errorText(e)}`);
      else logError(r, 'alert', `read() reported that "${this.#path}" was truncated at ${this.#at}`);
      finalize(r, ERROR);
      return;
    }
    this.#at += count;
    const piece = this.#piece as Buffer;
    this.#piece = null;
    this.#give(count === piece.length ? piece : piece.subarray(0, count));
  };

  #give(data: Buffer): void {
    const r = this.#r;
    const rangeDone = this.#at === this.#end;
    const { ranges } = r;
    const more = rangeDone && ranges !== null && this.#range + 1 < ranges.ranges.length;
    const tail = rangeDone && !more && ranges !== null ? ranges.tail : '';
    let rc = output(r, data, rangeDone && !more && tail === '');
    if (rc === OK && tail !== '') rc = output(r, tail, true);
    else if (rc === AGAIN && tail !== '') rc = output(r, tail, true);
    if (rc === ERROR) {
      finalize(r, ERROR);
      return;
    }
    if (rangeDone && !more) {
      finalize(r, OK);
      return;
    }
    if (rangeDone) {
      this.#range++;
      this.#startRange();
    }
    if (rc === OK) this.next();
  }
}
