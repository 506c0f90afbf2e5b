// Timeouts for connections and requests, which are set far more often than they fire. Setting one is an assignment:
// a timer sits in the bucket of the tick at which it was first due, and moves on when that bucket comes up and the
// timer has been set further since. It fires up to one tick late, never early.

const TICK_MS = 16;

/** `expired` is a top-level function, called with its subject: no closure per timer. */
export class Timer<T> {
  readonly expired: (subject: T) => void;
  readonly subject: T;
  /** When it is due, in performance.now() milliseconds; 0 when it is not set. */
  at = 0;
  /** The tick of the bucket that holds it, 0 for none. */
  tick = 0;

  constructor(expired: (subject: T) => void, subject: T) {
    this.expired = expired;
    this.subject = subject;
  }

  set(ms: number): void {
    this.at = performance.now() + ms;
    const tick = Math.ceil(this.at / TICK_MS);
    if (this.tick === 0 || tick < this.tick) place(this as Timer<unknown>, tick);
  }

  clear(): void {
    this.at = 0;
  }
}

const buckets = new Map<number, Timer<unknown>[]>();
let nextTick = 0;
let wakeUp: NodeJS.Timeout | null = null;

function place(timer: Timer<unknown>, tick: number): void {
  timer.tick = tick;
  const bucket = buckets.get(tick);
  if (bucket === undefined) buckets.set(tick, [timer]);
  else bucket.push(timer);
  if (wakeUp === null || tick < nextTick) schedule(tick);
}

function schedule(tick: number): void {
  if (wakeUp !== null) clearTimeout(wakeUp);
  nextTick = tick;
  wakeUp = setTimeout(fire, Math.max(1, tick * TICK_MS - performance.now()));
  wakeUp.unref();
}

function fire(): void {
  wakeUp = null;
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

// A timer that was set earlier than its bucket stands in two buckets; only the one it names counts.
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
