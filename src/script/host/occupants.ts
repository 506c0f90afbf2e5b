// The requests that are in an isolate, each in a slot by whose number the guest knows it.

import type { ScriptRequest } from './request.ts';

/** A segment that was started for a request. */
export interface Start {
  readonly r: ScriptRequest;
  readonly segment: number;
  readonly final: boolean;
}

/** Of requests that are over but for their log blocks: nothing else bounds how many of these wait. */
const MOST_LATE = 4096;

const NONE: readonly ScriptRequest[] = [];

export class Occupants {
  readonly #requests: (ScriptRequest | null)[] = [null];
  readonly #free: number[] = [];
  /** By slot: the guest forgets the request by itself when its segment is done. */
  readonly #final: boolean[] = [];
  /** How many of these are there, and by slot, in which order they came. */
  #late = 0;
  readonly #order: number[] = [];
  #starts = 0;
  /** By slot: how many segments and pieces have no answer yet. */
  readonly #open: number[] = [];
  /** By slot: no segment or piece has been answered yet, and nothing was done that shows outside. */
  readonly #fresh: boolean[] = [];
  /** By slot: the segment that was started last. */
  readonly #segment: number[] = [];
  /** Slots that have become free while a visit is under way, whose records may still name them. */
  readonly #leaving: number[] = [];
  #held = false;
  readonly #left: (slot: number) => void;

  /** `left` is told of every request that goes, but for those that are evicted. */
  constructor(left: (slot: number) => void) {
    this.#left = left;
  }

  /** Nobody is there. */
  get none(): boolean {
    return this.#free.length === this.#requests.length - 1;
  }

  at(slot: number): ScriptRequest | null {
    return this.#requests[slot] ?? null;
  }

  /** A segment is started for `r`. */
  start(r: ScriptRequest, segment: number, final: boolean): void {
    const slot = this.#slotOf(r);
    if (final && !this.isFinal(slot)) this.#late++;
    this.#final[slot] = final;
    this.#order[slot] = ++this.#starts;
    this.#open[slot] = (this.#open[slot] ?? 0) + 1;
    this.#segment[slot] = segment;
  }

  /** When more requests wait in their last segment than may, those that have waited longest. */
  overdue(): readonly ScriptRequest[] {
    if (this.#late <= MOST_LATE) return NONE;
    const late = this.#requests.filter((r) => r !== null && this.isFinal(r.slot)) as ScriptRequest[];
    late.sort((a, b) => (this.#order[a.slot] as number) - (this.#order[b.slot] as number));
    return late.slice(0, MOST_LATE / 2);
  }

  /** A piece of its body is given to `r`. */
  give(r: ScriptRequest): void {
    const slot = this.#slotOf(r);
    this.#open[slot] = (this.#open[slot] ?? 0) + 1;
    this.#fresh[slot] = false;
  }

  /** A segment or piece has its answer. */
  answered(slot: number): void {
    if (this.at(slot) === null) return;
    this.#fresh[slot] = false;
    this.#open[slot] = Math.max(0, (this.#open[slot] ?? 0) - 1);
  }

  /** What the request in `slot` does shows outside the isolate: it is not to be done twice. */
  leftTraces(slot: number): void {
    if (this.at(slot) !== null) this.#fresh[slot] = false;
  }

  /** Whether the request in `slot` does not come back when its segment is done. */
  isFinal(slot: number): boolean {
    return this.#final[slot] === true;
  }

  /** The request in `slot` goes. */
  leave(slot: number): void {
    const r = this.at(slot);
    if (r === null) return;
    this.#requests[slot] = null;
    if (this.#final[slot]) this.#late--;
    this.#final[slot] = false;
    r.slot = 0;
    (this.#held ? this.#leaving : this.#free).push(slot);
    this.#left(slot);
  }

  /** A visit begins: until release() slots are given to nobody else. */
  hold(): void {
    this.#held = true;
  }

  /** The visit is over. */
  release(): void {
    this.#held = false;
    if (this.#leaving.length > 0) this.#free.push(...this.#leaving.splice(0));
  }

  /** The isolate died while `running` ran. What of it can be started again elsewhere, and which requests fail. */
  evict(running: ScriptRequest | null): { readonly again: Start[]; readonly failed: ScriptRequest[] } {
    const again: Start[] = [];
    const failed: ScriptRequest[] = [];
    for (const [slot, r] of this.#requests.entries()) {
      if (r === null || r === undefined) continue;
      r.slot = 0;
      if (this.#open[slot] === 0) continue;
      if (r !== running && this.#open[slot] === 1 && this.#fresh[slot] && r.startOver()) {
        again.push({ r, segment: this.#segment[slot] as number, final: this.#final[slot] as boolean });
      } else {
        failed.push(r);
      }
    }
    return { again, failed };
  }

  #slotOf(r: ScriptRequest): number {
    if (r.slot !== 0) return r.slot;
    const slot = this.#free.pop() ?? this.#requests.length;
    this.#requests[slot] = r;
    this.#open[slot] = 0;
    this.#fresh[slot] = true;
    r.slot = slot;
    return slot;
  }
}
