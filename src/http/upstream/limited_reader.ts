// proxy_limit_rate and its like: what an upstream sends is taken at a rate. A read brings what it brings; of that, the
// exchange gets so much a second, and the connection rests until it has had it all (ngx_event_pipe.c).

import { Timer } from '../../core/timers.ts';
import type { PeerConnection } from './connection.ts';

interface LimitedUser {
  takeLimited(bytes: Buffer): void;
  /** All that came before the end has been taken. */
  endLimited(): void;
}

export class LimitedReader {
  readonly #user: LimitedUser;
  readonly #c: PeerConnection;
  readonly #rate: number;
  readonly #startSecond = second();
  readonly #timer: Timer<LimitedReader>;
  #held: Buffer[] = [];
  #taken = 0;
  #ended = false;
  #closed = false;

  /** `rate`: bytes a second. */
  constructor(user: LimitedUser, c: PeerConnection, rate: number) {
    this.#user = user;
    this.#c = c;
    this.#rate = rate;
    this.#timer = new Timer<LimitedReader>(LimitedReader.#expired, this);
  }

  take(bytes: Buffer): void {
    this.#held.push(Buffer.from(bytes));
    this.#pump();
  }

  end(): void {
    this.#ended = true;
    this.#pump();
  }

  close(): void {
    this.#closed = true;
    this.#held = [];
    this.#timer.clear();
  }

  #pump(): void {
    if (this.#timer.at !== 0) return;
    const first = this.#held[0];
    if (first === undefined) {
      if (this.#ended) this.#user.endLimited();
      return;
    }
    const allowed = this.#rate * (second() - this.#startSecond + 1) - this.#taken;
    if (allowed <= 0) {
      this.#rest(Math.floor((-allowed * 1000) / this.#rate) + 1);
      return;
    }
    const size = Math.min(allowed, first.length);
    if (size === first.length) this.#held.shift();
    else this.#held[0] = first.subarray(size);
    this.#taken += size;
    this.#rest(Math.floor((size * 1000) / this.#rate));
    this.#user.takeLimited(first.subarray(0, size));
    if (!this.#closed) this.#pump();
  }

  /** Nothing is read, and nothing missed, for a while. */
  #rest(ms: number): void {
    if (ms === 0) return;
    this.#timer.set(ms);
    this.#c.pause();
    this.#c.clearTimeout();
  }

  /** Whether bytes wait here: the connection is then paused for that reason. */
  get resting(): boolean {
    return this.#timer.at !== 0 || this.#held.length > 0;
  }

  static #expired(reader: LimitedReader): void {
    reader.#pump();
    if (!reader.#closed && !reader.resting) reader.#c.resume();
  }
}

function second(): number {
  return Math.floor(Date.now() / 1000);
}
