// Timeouts for connections and requests, which are set far more often than they fire. Setting one is an assignment:
// a timer sits in the bucket of the tick at which it was first due, and moves on when that bucket comes up and the
// timer has been set further since. It fires up to one tick late, never early. A process that has been held up for longer
// reads first what has come meanwhile, as nginx does: it may be what somebody waited for.

const TICK_MS = 16;
const HELD_UP_MS = 2 * TICK_MS;

/** `expired` is a top-level function, called with its subject: no closure per timer. */
export class Timer<T> {
  readonly expired: (subject: T) => void;
  readonly subject: T;
  /** When it is due, in performance.now() milliseconds; 0 when it is not set. */
  at = 0;
  /** The tick of the bucket that holds it, 0 for none, and its place there. */
  tick = 0;
  place = 0;

  constructor(expired: (subject: T) => void, subject: T) {
    this.expired = expired;
    this.subject = subject;
  }

  set(ms: number): void {
    this.at = performance.now() + ms;
    const tick = Math.ceil(this.at / TICK_MS);
    if (this.tick === 0) place(this as Timer<unknown>, tick);
    else if (tick < this.tick) {
      take(this as Timer<unknown>);
      place(this as Timer<unknown>, tick);
    }
  }

  /** It is likely to be set again: it stays in its bucket, which holds it and its subject until that comes up. */
  clear(): void {
    this.at = 0;
  }

  /** It is not needed any more: nothing holds it. A connection that has ended would be held for a minute otherwise. */
  end(): void {
    this.at = 0;
    if (this.tick !== 0) take(this as Timer<unknown>);
  }
}

const buckets = new Map<number, Timer<unknown>[]>();
let nextTick = 0;
let wakeUp: NodeJS.Timeout | null = null;

function place(timer: Timer<unknown>, tick: number): void {
  const bucket = buckets.get(tick);
  timer.tick = tick;
  timer.place = bucket === undefined ? 0 : bucket.length;
  if (bucket === undefined) buckets.set(tick, [timer]);
  else bucket.push(timer);
  if (wakeUp === null || tick < nextTick) schedule(tick);
}

/** Takes a timer out of its bucket; the last one there gets its place. */
function take(timer: Timer<unknown>): void {
  const bucket = buckets.get(timer.tick);
  timer.tick = 0;
  if (bucket?.[timer.place] !== timer) return; // that bucket is being emptied
  const last = bucket.pop() as Timer<unknown>;
  if (last === timer) return;
  bucket[timer.place] = last;
  last.place = timer.place;
}

function schedule(tick: number): void {
  if (wakeUp !== null) clearTimeout(wakeUp);
  nextTick = tick;
  wakeUp = setTimeout(wake, Math.max(1, tick * TICK_MS - performance.now()));
  wakeUp.unref();
}

function wake(): void {
  wakeUp = null;
  if (performance.now() - nextTick * TICK_MS > HELD_UP_MS) setImmediate(fire);
  else fire();
}

function fire(): void {
  const now = performance.now();
  const due: number[] = [];
  for (const tick of buckets.keys()) if (tick * TICK_MS <= now) due.push(tick);
  due.sort((a, b) => a - b);
  for (const tick of due) {
    const bucket = buckets.get(tick) ?? [];
    buckets.delete(tick);
    for (const timer of bucket) settle(timer, tick, now);
  }
  if (buckets.size > 0) schedule(Math.min(...buckets.keys()));
}

// A timer that has been taken out meanwhile names another bucket, or none.
function settle(timer: Timer<unknown>, tick: number, now: number): void {
  if (timer.tick !== tick) return;
  timer.tick = 0;
  if (timer.at === 0) return;
  if (timer.at > now) {
    place(timer, Math.ceil(timer.at / TICK_MS));
    return;
  }
  timer.at = 0;
  timer.expired(timer.subject);
}
