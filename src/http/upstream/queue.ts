// queue: requests for which no peer is to be had wait, in the order in which they came, until one is.

import { Timer } from '../../core/timers.ts';
import { logError } from '../log.ts';
import type { Exchange } from './exchange.ts';

/** That a peer is free may be known to another worker only, or follow from time alone. */
const POLL_MS = 50;
const WAITING = 'waiting in upstream queue';

/** An exchange that waits. Times are milliseconds. */
export interface Queued {
  readonly since: number;
  /** It has waited long enough. */
  over: boolean;
}

export class UpstreamQueue {
  readonly #size: number;
  readonly #timeoutMs: number;
  readonly #waiting: Exchange[] = [];
  readonly #timer = new Timer(poll, this as UpstreamQueue);
  #waking = false;

  constructor(size: number, timeoutMs: number) {
    this.#size = size;
    this.#timeoutMs = timeoutMs;
  }

  /** False: it is not to wait, or not any longer. */
  enter(u: Exchange): boolean {
    const { queued } = u;
    if (queued !== null) {
      if (queued.over) return false;
      u.r.action = WAITING;
      this.#waiting.unshift(u);
      return true;
    }
    if (this.#waiting.length >= this.#size) {
      logError(u.r, 'error', 'upstream queue is full');
      return false;
    }
    u.queued = { since: Date.now(), over: false };
    u.r.action = WAITING;
    this.#waiting.push(u);
    this.#timer.set(POLL_MS);
    return true;
  }

  /** A peer may be free now. */
  wake(): void {
    if (this.#waiting.length === 0 || this.#waking) return;
    this.#waking = true;
    setImmediate(wakeNow, this);
  }

  serve(): void {
    this.#waking = false;
    this.#expire();
    // As long as the first one does not have to wait on.
    for (let u = this.#waiting[0]; u !== undefined; u = this.#waiting[0]) {
      this.#waiting.shift();
      if (!u.finished) u.connectAgain();
      if (this.#waiting[0] === u) break;
    }
    if (this.#waiting.length > 0) this.#timer.set(POLL_MS);
  }

  #expire(): void {
    const before = Date.now() - this.#timeoutMs;
    for (let u = this.#waiting[0]; u !== undefined; u = this.#waiting[0]) {
      const { queued } = u;
      if (!u.finished && queued !== null && queued.since > before) break;
      this.#waiting.shift();
      if (u.finished || queued === null) continue;
      queued.over = true;
      logError(u.r, 'error', 'upstream queue timed out');
      u.connectAgain();
    }
  }
}

function poll(queue: UpstreamQueue): void {
  queue.serve();
}

function wakeNow(queue: UpstreamQueue): void {
  queue.serve();
}
