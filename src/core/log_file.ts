// The log files of a process: error_log and access_log name them, all are opened together (before privileges are
// dropped) and reopened together. A reload builds a second set beside the first; files in both stay open.

import { chmodSync, chownSync, closeSync, openSync, statSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { diskPath } from './disk_path.ts';
import { errnoOf, errorText } from './errno.ts';

const FLUSH_AT = 64 * 1024;
/** What is held for a pipe whose reader takes nothing; more than that is lost. */
const MOST_HELD = 1024 * 1024;
const RETRY_MS = 10;
const FAULT_EVERY_MS = 60_000;
const OWNER_RW = 0o600;

/** Takes what cannot be said in the file itself: an open or a write that failed. */
type FaultSink = (level: 'emerg' | 'alert', message: string) => void;

export class LogFile {
  /** Absolute; empty for the standard error stream. */
  readonly path: string;
  fd = -1;
  /** Of the configuration in force, and of the one that is being read. */
  #flushers: (() => void)[] = [];
  #nextFlushers: (() => void)[] = [];
  #pending = '';
  /** A full pipe is tried again when this has expired. */
  #retry: NodeJS.Timeout | null = null;
  /** The disk was full: nothing is tried until then, since each try may be slow. */
  #fullUntil = 0;
  #faultAt = 0;

  constructor(path: string) {
    this.path = path;
  }

  /** `flush` writes out what a buffered access_log holds: called before the file is reopened or closed. */
  beforeReopen(flush: () => void): void {
    this.#nextFlushers.push(flush);
  }

  /** A new configuration is being read: it says anew who buffers lines for this file. */
  begin(): void {
    this.#nextFlushers = [];
  }

  /** It is in force. */
  commit(): void {
    for (const flush of this.#flushers) flush();
    this.#flushers = this.#nextFlushers;
  }

  /** Writes all that is held back, here or in a buffered access_log. */
  flushAll(): void {
    for (const flush of this.#flushers) flush();
    this.flush();
  }

  /** Appends a line, a string of bytes; lines of one turn of the event loop leave in one write. */
  write(line: string): void {
    if (this.#pending === '') schedule(this);
    this.#hold(line);
    if (this.#pending.length >= FLUSH_AT && this.#retry === null) this.flush();
  }

  /** Appends at once: for error lines, which a crash must not take along. */
  writeNow(line: string): void {
    this.#hold(line);
    if (this.#retry === null) this.flush();
  }

  #hold(line: string): void {
    if (this.#pending.length + line.length <= MOST_HELD || this.#retry === null) this.#pending += line;
  }

  writeBytes(data: Uint8Array): void {
    this.writeNow(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1'));
  }

  /** Writes what is pending; keeps what a full pipe does not take. */
  flush(): void {
    if (this.#pending === '') return;
    if (this.fd === -1) {
      if (this.#pending.length >= FLUSH_AT) this.#pending = ''; // nobody has opened it so far
      return;
    }
    const now = Date.now();
    if (now < this.#fullUntil) {
      this.#pending = '';
      return;
    }
    let data = Buffer.from(this.#pending, 'latin1');
    this.#pending = '';
    try {
      while (data.length > 0) data = data.subarray(writeSync(this.fd, data));
    } catch (e) {
      const errno = errnoOf(e);
      if (errno === constants.errno.EAGAIN) {
        this.#pending = data.toString('latin1');
        this.#retryLater();
        return;
      }
      if (errno === constants.errno.ENOSPC) this.#fullUntil = now + 1000;
      if (now - this.#faultAt < FAULT_EVERY_MS) return;
      this.#faultAt = now;
      fault('alert', `write() to "${this.path}" failed ${errorText(e)}`);
    }
  }

  #retryLater(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      this.#retry = null;
      this.flush();
    }, RETRY_MS);
    this.#retry.unref();
  }

  get unwritten(): boolean {
    return this.#pending !== '';
  }

  open(): void {
    this.fd = openForAppend(this.path);
    this.flush();
  }

  /** Opens the path anew; the file now there is given to `owner`, so that workers can open it. */
  reopen(owner: number | null): void {
    if (this.path === '') return;
    this.flushAll();
    let fd = -1;
    try {
      fd = openForAppend(this.path);
    } catch (e) {
      fault('emerg', `open() "${this.path}" failed ${errorText(e)}`);
      return;
    }
    if (owner !== null && !giveTo(this.path, owner)) {
      closeSync(fd);
      return;
    }
    closeOwn(this.fd);
    this.fd = fd;
  }

  close(): void {
    this.flushAll();
    if (this.path !== '') closeOwn(this.fd);
    this.fd = -1;
  }
}

function openForAppend(path: string): number {
  if (path === '') return 2;
  try {
    return openSync(diskPath(path), 'a', 0o644);
  } catch (e) {
    // A socket cannot be opened by name, not even as /dev/stderr; under a supervisor that is what it may be.
    if (errnoOf(e) === constants.errno.ENXIO && path === '/dev/stderr') return 2;
    if (errnoOf(e) === constants.errno.ENXIO && path === '/dev/stdout') return 1;
    throw e;
  }
}

function closeOwn(fd: number): void {
  if (fd > 2) closeSync(fd);
}

function giveTo(path: string, owner: number): boolean {
  try {
    const file = diskPath(path);
    const { uid, mode } = statSync(file);
    if (uid !== owner) chownSync(file, owner, -1);
    if ((mode & OWNER_RW) !== OWNER_RW) chmodSync(file, (mode & 0o7777) | OWNER_RW);
    return true;
  } catch (e) {
    fault('emerg', `chown("${path}", ${owner}) failed ${errorText(e)}`);
    return false;
  }
}

const files = new Map<string, LogFile>();
let committed = new Set<LogFile>();
let building = new Set<LogFile>();
let fault: FaultSink = () => {};

/** Where faults of log files are reported: the main error log. */
export function reportLogFaults(sink: FaultSink): void {
  fault = sink;
}

/** From here on logFile() collects the files of a new configuration. */
export function beginLogFiles(): void {
  building = new Set();
  for (const file of files.values()) file.begin();
}

/** The standard error stream: always open, never reopened. */
export const stderrFile = new LogFile('');
stderrFile.open();

/** The log file of that path, the same object for everyone; not open before openLogFiles(). */
export function logFile(path: string): LogFile {
  let file = files.get(path);
  if (file === undefined) {
    file = new LogFile(path);
    files.set(path, file);
  }
  building.add(file);
  return file;
}

/** nginx's message of a log file that cannot be opened. */
export class LogFileError extends Error {
  override readonly name = 'LogFileError';
}

/** Opens what the new configuration adds. Throws LogFileError. */
export function openLogFiles(): void {
  for (const file of building) {
    if (file.fd !== -1) continue;
    try {
      file.open();
    } catch (e) {
      throw new LogFileError(`open() "${file.path}" failed ${errorText(e)}`);
    }
  }
}

/** The new configuration is in force: closes the files that it does not use. */
export function keepLogFiles(): void {
  for (const file of files.values()) {
    if (building.has(file)) file.commit();
    else drop(file);
  }
  committed = building;
}

/** The new configuration is not used: closes the files that only it would have used. */
export function dropLogFiles(): void {
  for (const file of files.values()) if (!committed.has(file)) drop(file);
  building = committed;
}

function drop(file: LogFile): void {
  file.close();
  files.delete(file.path);
}

export function reopenLogFiles(owner: number | null): void {
  for (const file of committed) file.reopen(owner);
}

const dirty: LogFile[] = [];

function schedule(file: LogFile): void {
  dirty.push(file);
  if (dirty.length === 1) setImmediate(flushDirty);
}

/** Writes out the lines of this turn; ahead of closing a connection, whose client may look for them then. */
export function flushDirty(): void {
  for (const file of dirty.splice(0)) file.flush();
}

/** For exit: nothing written is lost, short of a pipe whose reader takes nothing for a second. */
export function flushLogFiles(): void {
  const patience = Date.now() + 1000;
  for (const file of [stderrFile, ...files.values()]) {
    file.flushAll();
    while (file.unwritten && Date.now() < patience) {
      Atomics.wait(SLEEPER, 0, 0, RETRY_MS);
      file.flush();
    }
  }
}

const SLEEPER = new Int32Array(new SharedArrayBuffer(4));

process.on('exit', flushLogFiles);
