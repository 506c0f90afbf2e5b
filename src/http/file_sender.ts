// Sends a file, or what stands in it from some offset on, as the body of a response whose head has been sent. A small one
// is read at once and leaves together with its head; a large one is read in pieces, as fast as the client takes them.
// What comes from the system's cache is read synchronously, as in nginx: measured on 10 MB, reading on a thread into new
// buffers costs 1.8 times as much.

import { closeSync, read, readSync, type Stats } from 'node:fs';
import { errorText } from '../core/errno.ts';
import { setContentType } from './content_type.ts';
import { finalize } from './engine.ts';
import { logError } from './log.ts';
import { output, sendHeader } from './output.ts';
import { AGAIN, DONE, ERROR, OK, type Rc } from './rc.ts';
import type { HttpRequest } from './request.ts';
import { discardBody } from './request_body.ts';

/** Up to here a file is read in one go. */
const SMALL = 128 * 1024;
/** How much of a large file is read at a time, and of one whose pieces the client takes at once. */
const PIECE = 128 * 1024;
const LONG_PIECE = 512 * 1024;
/** Reading whole pages is quicker than parts of two. */
const PAGE = 4096;

/** A file as a whole response of status 200. Closes it. `encoding`: Content-Encoding, empty for none. */
export function sendFile(r: HttpRequest, path: string, fd: number, stats: Stats, encoding: string): Rc {
  discardBody(r);
  r.action = 'sending response to client';
  const { headersOut } = r;
  const { size, mtimeMs } = stats;
  headersOut.status = 200;
  headersOut.contentLength = size;
  headersOut.lastModified = mtimeMs;
  if (r.loc.core.etag) {
    headersOut.setEtag(`"${Math.floor(mtimeMs / 1000).toString(16)}-${size.toString(16)}"`);
  }
  setContentType(r);
  if (encoding !== '') headersOut.add('Content-Encoding', encoding);
  r.allowRanges = true;
  const rc = sendHeader(r);
  if (rc === ERROR || rc > OK || r.headerOnly || size === 0) {
    closeSync(fd);
    return rc === AGAIN ? OK : rc;
  }
  return sendOpenFile(r, path, fd, 0, size);
}

/** The body is what stands in the file from `start` to `end`. Closes it. */
export function sendOpenFile(r: HttpRequest, path: string, fd: number, start: number, end: number): Rc {
  if (end - start <= SMALL && r.held === null) return sendSmall(r, path, fd, start, end);
  new Sender(r, path, fd, start, end).start();
  return DONE;
}

function sendSmall(r: HttpRequest, path: string, fd: number, start: number, end: number): Rc {
  const size = end - start;
  const buffer = takeBuffer(size);
  let done = 0;
  try {
    while (done < size) {
      const count = readSync(fd, buffer, done, size - done, start + done);
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
    logError(r, 'alert', `read() reported that "${path}" was truncated at ${start + done}`);
    return ERROR;
  }
  const rc = output(r, buffer.length === size ? buffer : buffer.subarray(0, size), true);
  if (!returnBuffer(r, buffer) && r.loc.borrowing)
    r.onEnd(() => void (r.outputDone && returnBuffer(r, buffer, true)));
  return rc === ERROR ? ERROR : OK;
}

// Fresh memory for each piece of a file costs more than reading it, so that buffers are used again: those that the
// system has taken over by the time that the output returns, which is nearly all of them.
const freeBuffers: Buffer[] = [];
const longBuffers: Buffer[] = [];
const MOST_FREE = 64;
const MOST_LONG = 4;
/** Up to here, Node's own pool is as good. */
const POOLED = 4096;

export function takeBuffer(size: number): Buffer {
  if (size <= POOLED) return Buffer.allocUnsafe(size);
  if (size <= PIECE) return freeBuffers.pop() ?? Buffer.allocUnsafeSlow(PIECE);
  return longBuffers.pop() ?? Buffer.allocUnsafeSlow(LONG_PIECE);
}

/** False: something may still wait with the buffer. `late`: filters have had their time with it. */
export function returnBuffer(r: HttpRequest, buffer: Buffer, late = false): boolean {
  const { length } = buffer;
  if (length !== PIECE && length !== LONG_PIECE) return true;
  const { passing, borrowing } = r.loc;
  if (r.held !== null || r.bodyHeld || !(passing || (borrowing && late)) || r.sink.pending(r)) return false;
  reuse(buffer);
  return true;
}

function reuse(buffer: Buffer): void {
  if (buffer.length === LONG_PIECE) {
    if (longBuffers.length < MOST_LONG) longBuffers.push(buffer);
  } else if (freeBuffers.length < MOST_FREE) {
    freeBuffers.push(buffer);
  }
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
  /** The body, in the file. */
  readonly #start: number;
  readonly #last: number;
  /** Where the next read begins, and where the present range ends. */
  #at: number;
  #end: number;
  #range = 0;
  #quick = true;
  #piece = PIECE;
  /** A read is under way, or a turn has been promised. */
  #waiting = false;
  #stopped = false;
  /** What the read that is under way fills. */
  #buffer: Buffer | null = null;
  /** What the output still waits with. */
  #given: Buffer | null = null;

  constructor(r: HttpRequest, path: string, fd: number, start: number, end: number) {
    this.#r = r;
    this.#path = path;
    this.#fd = fd;
    this.#start = start;
    this.#last = end;
    this.#at = start;
    this.#end = end;
    // A range that goes beyond the file is cut out of a body that comes in slices.
    if (r.ranges === null || r.ranges.offset > 0) return;
    if (r.ranges.ranges.some((range) => range.end > end - start)) return;
    r.ranges.cut = true;
    this.#startRange();
  }

  start(): void {
    this.#r.onEnd(() => this.stop());
    this.#r.onWritable = this.resume;
    if (this.#r.held === null) this.send(); // else when filters let the head go: nothing of the file waits in memory
  }

  #startRange(): void {
    const range = this.#r.ranges?.ranges[this.#range];
    this.#at = this.#start + (range?.start ?? 0);
    this.#end = range === undefined ? this.#last : this.#start + range.end;
    const head = this.#r.ranges?.heads?.[this.#range];
    if (head !== undefined) output(this.#r, head, false);
  }

  /** The output can take more. */
  readonly resume = (): void => {
    if (this.#waiting || this.#stopped) return;
    if (this.#given !== null) returnBuffer(this.#r, this.#given, true);
    this.#given = null;
    this.send();
  };

  /** The request has ended; a read that is under way keeps the file open until it is done. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    if (this.#given !== null && this.#r.outputDone) returnBuffer(this.#r, this.#given, true);
    this.#given = null;
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
    this.#buffer = takeBuffer(this.#wanted());
    read(this.#fd, this.#buffer, 0, this.#wanted(), this.#at, this.#onRead);
  }

  readonly #onTurn = (): void => {
    this.#waiting = false;
    this.resume();
  };

  #wanted(): number {
    return Math.min(this.#piece - (this.#at % PAGE), this.#end - this.#at);
  }

  #readNow(): boolean {
    const wanted = this.#wanted();
    const buffer = takeBuffer(wanted);
    const before = performance.now();
    let count: number;
    try {
      count = readSync(this.#fd, buffer, 0, wanted, this.#at);
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
    const more = rangeDone && ranges?.cut && this.#range + 1 < ranges.ranges.length;
    const done = rangeDone && !more;
    const tail = done && ranges?.cut ? ranges.tail : '';
    let rc = output(r, count === buffer.length ? buffer : buffer.subarray(0, count), done && tail === '');
    if (rc !== ERROR && tail !== '') rc = output(r, tail, true);
    this.#piece = rc === OK ? LONG_PIECE : PIECE;
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
