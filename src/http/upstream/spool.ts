// The temporary file of a response: what the client has not taken yet, or all of a body that is to be kept (a cache,
// proxy_store). It is written to and read from synchronously, which as a rule is only a copy to the system's cache.

import { readSync, writeSync } from 'node:fs';
import { errorText } from '../../core/errno.ts';
import type { TempPath } from '../core_values.ts';
import { logError } from '../log.ts';
import type { HttpRequest } from '../request.ts';
import { borrow } from '../spare_buffers.ts';
import { closeTempFile, createTempFile, removeTempFile, type TempFile } from '../temp_file.ts';

const PIECE = 64 * 1024;

export class Spool {
  readonly #r: HttpRequest;
  readonly #file: TempFile;
  /** Its name still stands in the directory. */
  #named: boolean;
  /** Bytes that stand in front of the body. */
  readonly start: number;
  /** Where the next byte is written, and where the client's next one is. */
  written: number;
  read: number;

  private constructor(r: HttpRequest, file: TempFile, start: number, named: boolean) {
    this.#r = r;
    this.#file = file;
    this.#named = named;
    this.start = start;
    this.written = 0;
    this.read = start;
  }

  /** For what does not fit into memory. null: it failed, which has been logged. */
  static create(r: HttpRequest, where: TempPath): Spool | null {
    const file = createTempFile(r, where);
    if (file === null) return null;
    removeTempFile(r, file.name); // as nginx does, so that nothing is left behind, however this process ends
    return new Spool(r, file, 0, false);
  }

  /** For a body that is to be kept; `head` stands in front of it. null: it failed, which has been logged. */
  static keep(r: HttpRequest, file: TempFile | null, head: Buffer): Spool | null {
    if (file === null) return null;
    const spool = new Spool(r, file, head.length, true);
    if (spool.write(head, head.length)) return spool;
    spool.close();
    return null;
  }

  get name(): string {
    return this.#file.name;
  }

  get fd(): number {
    return this.#file.fd;
  }

  /** Bytes of the body. */
  get length(): number {
    return this.written - this.start;
  }

  get waiting(): boolean {
    return this.read < this.written;
  }

  /** Adds to the file, at most `slice` bytes at a time. False: it failed, which has been logged. */
  write(data: string | Buffer, slice: number): boolean {
    const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : data;
    for (let at = 0; at < bytes.length; ) {
      const size = Math.min(slice, bytes.length - at);
      try {
        const n = writeSync(this.#file.fd, bytes, at, size, this.written);
        at += n;
        this.written += n;
      } catch (error) {
        logError(this.#r, 'crit', `pwrite() "${this.name}" failed ${errorText(error)}`);
        return false;
      }
    }
    return true;
  }

  /** What comes next for the client. null: it failed, which has been logged. */
  next(): Buffer | null {
    const bytes = borrow(Math.min(PIECE, this.written - this.read));
    try {
      const n = readSync(this.#file.fd, bytes, 0, bytes.length, this.read);
      this.read += n;
      return n === bytes.length ? bytes : bytes.subarray(0, n);
    } catch (error) {
      logError(this.#r, 'crit', `pread() "${this.name}" failed ${errorText(error)}`);
      return null;
    }
  }

  /** Somebody else has given the file another name, or removed it. */
  taken(): void {
    this.#named = false;
  }

  close(): void {
    closeTempFile(this.#r, this.#file.fd, this.name);
    if (this.#named) removeTempFile(this.#r, this.name);
    this.#named = false;
  }
}
