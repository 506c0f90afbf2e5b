// How an isolate is treated after what it has done: one whose visits have to be cut off is visited on a thread for a while,
// and pauses where it does so again and again.

/** How long after it was cut off an isolate is visited on a thread. */
const ON_THREAD_MS = 60_000;
/** How long after a rejection that nobody waits for visits are kept apart: of several in one, V8 tells of the first. */
const APART_MS = 10_000;
/** Pauses grow to eight times what the visit took. */
const MAX_OFFENCES = 4;

/** How much an isolate is trusted. */
export interface Care {
  /** How long a visit may take, in milliseconds. */
  readonly limitMs: number;
  /** Visits are made on a thread, to begin with. */
  readonly onThread: boolean;
  /** It is given pauses when it is cut off again and again. */
  readonly rests: boolean;
}

export class Conduct {
  readonly limitMs: number;
  #rests: boolean;
  #onThreadUntil = 0;
  #apartUntil = 0;
  /** How often it was cut off, a minute or less apart. */
  #offences = 0;
  /** Ends a pause. */
  #wake: (() => void) | null = null;

  constructor({ limitMs, onThread, rests }: Care) {
    this.limitMs = limitMs;
    this.#rests = rests;
    if (onThread) this.#onThreadUntil = performance.now() + ON_THREAD_MS;
  }

  /** Whether a visit at `now` is to be made on a thread. */
  onThread(now: number): boolean {
    return now < this.#onThreadUntil;
  }

  /** Whether messages of a visit at `now` are to be kept apart. */
  careful(now: number): boolean {
    return now < this.#apartUntil;
  }

  /** A visit was cut off. */
  offend(): void {
    const now = performance.now();
    this.#offences = this.onThread(now) ? Math.min(this.#offences + 1, MAX_OFFENCES) : 0;
    this.#onThreadUntil = now + ON_THREAD_MS;
  }

  /** A promise was rejected that nobody waits for. */
  reject(): void {
    this.#apartUntil = performance.now() + APART_MS;
  }

  /** Others are to notice nothing of an isolate that keeps a processor busy: it gets an ever smaller part of it. */
  async rest(): Promise<void> {
    if (!this.#rests || this.#offences === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.limitMs * 2 ** (this.#offences - 1));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = null;
  }

  get resting(): boolean {
    return this.#wake !== null;
  }

  /** Ends a pause. */
  wake(): void {
    this.#wake?.();
  }

  /** There are no more pauses. */
  hurry(): void {
    this.#rests = false;
    this.wake();
  }
}
