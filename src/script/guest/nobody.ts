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

/**
 * The code that runs is that of ngx.timer: whose request set it, as the error log says it; '' where none did. Kept beside
 * each operation, for what goes on with its result.
 */
export let timerOrigin: string | null = null;

export function setTimerOrigin(origin: string | null): void {
  timerOrigin = origin;
}

/** What stands behind nobody's lines in the error log. */
export function logContext(): string {
  if (timerOrigin !== null) return `, context: ngx.timer${timerOrigin}`;
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
