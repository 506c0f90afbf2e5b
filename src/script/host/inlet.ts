// The reading side of a socket: what has come in, and the one read that may be waiting for more.

import { isAscii } from '../../core/text.ts';
import { Timer } from '../../core/timers.ts';
import { READ_ASCII, READ_BOUNDARY } from '../protocol.ts';
import { Intake, type Reader } from './intake.ts';
import type { SocketHome } from './socket_home.ts';
import { SocketFailure } from './socket_settings.ts';

/** More than this waits in the system until somebody reads. */
const HIGH = 64 * 1024;
/** One read may hold this much: it is the worker's memory, not the isolate's. */
const MAX_READ = 64 * 1024 * 1024;

/** So much of what comes behind a result goes along with it. */
const MAX_HANDED_OVER = 4096;

export const NEVER = -1;

/** Where the bytes come from. */
export interface Source {
  /** Bytes are wanted. */
  more(): void;
  /** There are enough for now. */
  full(): void;
  /** For the error log. */
  readTimedOut(): void;
  readFailed(): void;
  /** The inlet's expired() is to be called so many milliseconds from now, or NEVER. */
  wake(ms: number): void;
}

export class Inlet {
  timeoutMs = 0;
  /** A read has met the end or an error: nothing can be read any more. */
  closed = false;
  /** Bytes came while nobody had asked for any since. */
  unasked = false;
  readonly #home: SocketHome;
  readonly #source: Source;
  readonly #intake = new Intake();
  #reader: Reader | null = null;
  #operation = 0;
  #ended = false;
  #fault = '';

  constructor(home: SocketHome, source: Source) {
    this.#home = home;
    this.#source = source;
  }

  get busy(): boolean {
    return this.#reader !== null;
  }

  get unread(): boolean {
    return this.#intake.length > 0;
  }

  /** No more will come. */
  get ended(): boolean {
    return this.#ended || this.#fault !== '';
  }

  /** A new connection. */
  reset(): void {
    this.stop();
    this.closed = false;
    this.unasked = false;
    this.#ended = false;
    this.#fault = '';
    this.#intake.clear();
  }

  /** The connection is gone. */
  stop(): void {
    if (this.#reader !== null) this.#source.wake(NEVER);
    this.#reader = null;
    this.closed = true;
  }

  /** What `reader` wants, if it has come; else the operation is begun. */
  receive(operation: number, slot: number, reader: Reader): string {
    let done = reader.feed(this.#intake);
    if (!done && !this.ended) {
      this.#source.more(); // some sources have it at hand
      done = reader.feed(this.#intake);
    }
    this.unasked = false;
    if (done || this.ended) {
      if (!done && !this.#complete(reader)) throw this.#endOf(reader);
      if (this.#intake.length <= HIGH) this.#source.more();
      this.#home.answered(reader.matched);
      return reader.text();
    }
    this.#reader = reader;
    this.#operation = operation;
    this.#home.begin(operation, slot, () => {
      this.#source.wake(NEVER);
      this.#reader = null;
      reader.giveBack(this.#intake);
    });
    this.#source.wake(this.timeoutMs);
    this.#source.more();
    return '';
  }

  push(data: Buffer): void {
    if (this.#intake.length === 0 && this.#reader === null) this.unasked = true;
    this.#intake.push(data);
    const reader = this.#reader;
    if (reader === null) {
      if (this.#intake.length > HIGH) this.#source.full();
    } else if (reader.feed(this.#intake)) {
      this.#finish(reader);
    } else if (reader.size > MAX_READ) {
      this.#fail('no memory', '');
    } else {
      this.#source.wake(this.timeoutMs);
      this.#source.more();
    }
  }

  end(): void {
    if (this.ended) return;
    this.#ended = true;
    this.#settle();
  }

  fail(message: string): void {
    if (this.ended) return;
    this.#fault = message;
    this.#settle();
  }

  /** What has failed, if no reader has been told: none will be. */
  takeFault(): string {
    const fault = this.#fault;
    if (this.closed || fault === '') return '';
    this.#fault = '';
    this.#ended = true;
    return fault;
  }

  #settle(): void {
    const reader = this.#reader;
    if (reader === null) return;
    if (this.#complete(reader)) {
      this.#finish(reader);
      return;
    }
    const { message, partial } = this.#endOf(reader);
    this.#fail(message, partial);
  }

  /** The end is what it waits for. */
  #complete(reader: Reader): boolean {
    return this.#fault === '' && reader.takesAll;
  }

  #endOf(reader: Reader): SocketFailure {
    this.closed = true;
    const message = this.#fault === '' ? 'closed' : this.#fault;
    if (this.#fault !== '') this.#source.readFailed();
    reader.takeBegun(this.#intake);
    return new SocketFailure(message, reader.text());
  }

  #finish(reader: Reader): void {
    this.#source.wake(NEVER);
    this.#reader = null;
    if (this.#intake.length > HIGH) this.#source.full();
    this.#home.finish(this.#operation, true, reader.text(), this.#beside(reader));
  }

  #beside(reader: Reader): string {
    if (!reader.handsOver) return reader.matched ? '1' : '';
    const rest = this.#intake.length <= MAX_HANDED_OVER ? this.#intake.takeAll() : '';
    const flags = (reader.matched ? READ_BOUNDARY : 0) | (isAscii(rest) ? READ_ASCII : 0);
    return `${flags}${rest}`;
  }

  /** Bytes that were handed over come back. */
  putBack(raw: string): void {
    this.#intake.putBack([Buffer.from(raw, 'latin1')]);
    this.unasked = false;
  }

  #fail(message: string, partial: string): void {
    this.#source.wake(NEVER);
    this.#reader = null;
    this.closed = message !== 'timeout';
    this.#home.finish(this.#operation, false, message, partial);
  }

  expired(): void {
    const reader = this.#reader;
    if (reader === null) return;
    this.#source.readTimedOut();
    this.#fail('timeout', reader.text());
  }
}

/** The timer of an inlet whose source has no better one. */
export class InletTimer {
  readonly #timer: Timer<Inlet>;

  constructor(inlet: Inlet) {
    this.#timer = new Timer<Inlet>(expired, inlet);
  }

  wake(ms: number): void {
    if (ms === NEVER) this.#timer.end();
    else this.#timer.set(ms);
  }
}

function expired(inlet: Inlet): void {
  inlet.expired();
}
