// The context of code that runs for no request: timers, module bodies, init blocks.

import { INIT, INIT_WORKER, SLOT, TIMER } from '../protocol.ts';
import { mem } from './bridge.ts';
import { signal } from './errors.ts';
import { Request, slots, UNDECIDED } from './request.ts';

export const nobody = new Request(0, INIT, null);

/** Which phase code without a request is in: init and init_worker while the worker starts, then timer. */
export function setPhase(phase: number): void {
  nobody.phase = phase;
}

/** The request of an operation that can do without one. Once it is over, its code goes on as nobody's. */
export function contextOf(r: Request): Request {
  if (r.gone) return nobody;
  if (r.decided !== UNDECIDED) throw signal;
  return r;
}

/** What a timer has of the request that set it. */
export interface Origin {
  /** The client and its address there, as the error log says it. */
  readonly client: string;
  /** The host's number for the settings of the location; 0: those of the http block. */
  readonly conf: number;
}

/** The code that runs is that of ngx.timer. Kept beside each operation, for what goes on with its result. */
export let timerOrigin: Origin | null = null;

export function setTimerOrigin(origin: Origin | null): void {
  timerOrigin = origin;
}

/** The number of the settings that an operation of `r` has; 0: those of `r` itself. */
export function confOf(r: Request): number {
  return r.slot === 0 && timerOrigin !== null ? timerOrigin.conf : 0;
}

/** What stands behind nobody's lines in the error log. */
export function logContext(): string {
  if (timerOrigin !== null) return `, context: ngx.timer${timerOrigin.client}`;
  return nobody.phase === INIT_WORKER ? ', context: init_worker_by_ts*' : '';
}

/** As contextOf, of an operation that a timer begins: its own, also where the ngx is a request's that may end before. */
export function starterOf(r: Request): Request {
  return timerOrigin !== null ? nobody : contextOf(r);
}

/** Runs something that belongs to no request. */
export function asNobody(): void {
  nobody.phase = TIMER;
  mem[SLOT] = 0;
}

/** Whose code is running, for calls that come without an ngx: a request has to be known to be told when it ends. */
export function currentRequest(): Request {
  return contextOf(slots[mem[SLOT] as number] ?? nobody);
}
