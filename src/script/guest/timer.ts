// ngx.timer, ngx.sleep, setTimeout and setInterval.

import { CALL_REQ_INFO, EXIT_WORKER, OP_SLEEP, OP_TIMER, SLOT, TIMERS_RUNNING } from '../protocol.ts';
import { call, mem } from './bridge.ts';
import { create, indexOf, isFiniteNumber, isPromise, slice, typeName } from './builtins.ts';
import { NgxError, signal } from './errors.ts';
import { ALERT, reportThrown, writeLog } from './log.ts';
import { asNobody, nobody, type Origin, setTimerOrigin, starterOf, timerOrigin } from './nobody.ts';
import { cancel, operate, promise } from './operations.ts';
import { type Request, slots } from './request.ts';
import { delay } from './time.ts';

let maxPending = 1024;
let maxRunning = 256;
let pendingCount = 0;
let runningCount = 0;
let exiting = false;
/** Set while the worker exits, and not begun. */
let lateCount = 0;
/** A timer's function is running; false again when it waits. */
export let onStack = false;

/** Of those that run, the ones that wait; and how many of these may have been cut off when they went on. */
let waiting = 0;
let lost = 0;

/** A visit was cut off: what was running is no more. `continuing`: it may have been the rest of one that had waited. */
export function timerCutOff(continuing: boolean): void {
  if (onStack) runningCount--;
  else if (continuing && lost < waiting) lost++; // V8 has thrown its promises away: its end is never told
  onStack = false;
  showRunning();
}

function showRunning(): void {
  mem[TIMERS_RUNNING] = runningCount - lost + lateCount;
}

export function limitTimers(pending: number, running: number): void {
  maxPending = pending;
  maxRunning = running;
}

/**
 * The worker is about to exit: a timer has to begin at once, if it is to begin at all. One that a request sets which the
 * worker still has runs when that is over: in Lua it is refused, but there a script goes on that does not look.
 */
export function stopTimers(): void {
  exiting = true;
}

export function sleep(r: Request, sec: unknown): Promise<void> {
  const ms = delay(sec, 'sleep duration', 'sleep');
  return promise<void>(starterOf(r), OP_SLEEP, [ms]);
}

type Callback = (premature: boolean, ...args: unknown[]) => unknown;

/** In milliseconds; less than none is none, as in Lua. */
function timerDelay(sec: unknown, call: string): number {
  return delay(typeof sec === 'number' && sec < 0 && isFiniteNumber(sec) ? 0 : sec, 'delay', call);
}

function check(sec: unknown, callback: unknown, call: string): number {
  if (typeof callback !== 'function') throw new NgxError('function expected');
  if ((nobody.phase & EXIT_WORKER) !== 0) {
    throw new NgxError('API disabled in the context of exit_worker_by_ts*');
  }
  const ms = timerDelay(sec, call);
  if (exiting && ms > 0 && mem[SLOT] === 0) throw new NgxError('process exiting');
  if (pendingCount >= maxPending) throw new NgxError('too many pending timers');
  return ms;
}

/** Whose timer it is that the running code sets: a timer's own are its request's too. */
function origin(): Origin {
  if (timerOrigin !== null) return timerOrigin;
  const r = slots[mem[SLOT] as number];
  if (r === undefined || r.gone) return NO_REQUEST;
  const told = call(CALL_REQ_INFO, r.slot, 'origin') as string;
  const comma = indexOf(told, ',');
  return { client: slice(told, comma), conf: +slice(told, 0, comma) };
}

const NO_REQUEST: Origin = { client: '', conf: 0 };

export const timer = {
  at(sec: unknown, callback: unknown, ...args: unknown[]): number {
    const ms = check(sec, callback, 'at');
    const from = origin();
    pendingCount++;
    const late = exiting ? 1 : 0;
    lateCount += late;
    if (exiting) showRunning();
    return operate(nobody, OP_TIMER, [ms, false, false], (_ok, premature) => {
      pendingCount--;
      lateCount -= late;
      run(callback as Callback, premature === true, args, from);
    });
  },

  every(sec: unknown, callback: unknown, ...args: unknown[]): number {
    const ms = check(sec, callback, 'every');
    if (ms === 0) throw new NgxError('delay cannot be zero');
    const from = origin();
    pendingCount++;
    return operate(
      nobody,
      OP_TIMER,
      [ms, true, false],
      (_ok, premature) => run(callback as Callback, premature === true, args, from),
      true,
    );
  },

  running_count(): number {
    return runningCount - lost;
  },

  pending_count(): number {
    return pendingCount;
  },
};

function run(callback: Callback, premature: boolean, args: readonly unknown[], from: Origin): void {
  asNobody();
  setTimerOrigin(from);
  if (runningCount - lost >= maxRunning) {
    writeLog(nobody, ALERT, `${maxRunning} ts_max_running_timers are not enough`);
    showRunning();
    return;
  }
  runningCount++;
  showRunning();
  onStack = true;
  let result: unknown;
  try {
    result = callback(premature, ...args);
  } catch (error) {
    onStack = false;
    runningCount--;
    showRunning();
    if (error !== signal) reportThrown(nobody, error);
    return;
  }
  onStack = false;
  if (isPromise(result)) runLater(result, from);
  else runningCount--;
  showRunning();
}

async function runLater(result: unknown, from: Origin): Promise<void> {
  waiting++;
  try {
    await result;
  } catch (error) {
    asNobody();
    setTimerOrigin(from);
    if (error !== signal) reportThrown(nobody, error);
  }
  waiting--;
  if (lost > waiting) lost = waiting;
  runningCount--;
  showRunning();
}

// The web's timers: the number of an operation is their handle.

const intervals = create(null) as Record<number, true>;

function milliseconds(value: unknown): number {
  const ms = typeof value === 'number' ? value : value === undefined ? 0 : +(value as string);
  return isFiniteNumber(ms) && ms > 0 ? ms : 0;
}

function callable(callback: unknown, what: string): Callback {
  if (typeof callback !== 'function') {
    throw new TypeError(
      `The "callback" argument of ${what} must be of type function. Received ${typeName(callback)}`,
    );
  }
  return callback as Callback;
}

export function setTimeout(callback: unknown, ms?: unknown, ...args: unknown[]): number {
  const run = callable(callback, 'setTimeout') as (...args: unknown[]) => unknown;
  return operate(nobody, OP_SLEEP, [milliseconds(ms)], () => fire(run, args));
}

export function setInterval(callback: unknown, ms?: unknown, ...args: unknown[]): number {
  const run = callable(callback, 'setInterval') as (...args: unknown[]) => unknown;
  const every = milliseconds(ms);
  const id = operate(nobody, OP_TIMER, [Math.max(every, 1), true, true], () => fire(run, args), true);
  intervals[id] = true;
  return id;
}

export function clearTimer(id: unknown): void {
  if (typeof id !== 'number') return;
  delete intervals[id];
  cancel(id);
}

function fire(callback: (...args: unknown[]) => unknown, args: readonly unknown[]): void {
  asNobody();
  try {
    callback(...args);
  } catch (error) {
    reportThrown(nobody, error);
  }
}
