// An isolate at work. Messages gather in a batch and go in with the next turn's visit, all at once; what the guest wrote
// is decoded and acted on when the visit is over.
//
//   start() chunk() settle() end() → batch ─ setImmediate → pump(text) → records → ScriptRequest, operations
//
// Visits are made on the worker's own thread, where they cost little. From the first that has to be cut off, they are made
// on a thread of their own for a while, so that the next loop holds up this isolate only.

import { messageOf, stackOf, traceOf } from '../../core/thrown.ts';
import {
  BLOCK,
  CAREFUL,
  COUNT,
  FROM_INT,
  FROM_TEXT,
  HANDLED,
  IDLE,
  IN_AT,
  NOTHING_LOST,
  OUT_AT,
  OUT_END,
  SINCE,
  SLOT,
  TAIL,
  THROWN,
  TIMERS_RUNNING,
  UNSENT,
} from '../protocol.ts';
import { type Care, Conduct } from './conduct.ts';
import { Debugging } from './debugging.ts';
import { type Batch, Inbox } from './inbox.ts';
import type { IsolateDoor, Session } from './isolate.ts';
import { Occupants } from './occupants.ts';
import { Operations, type Operator } from './operations.ts';
import { Outbox, type OutboxEvents } from './outbox.ts';
import type { ScriptRequest } from './request.ts';
import type { Sockets } from './sockets.ts';
import type { Usage } from './usage.ts';

/** A worker does other things too: after this long, the remaining batches wait for the next turn. */
const TURN_MS = 20;
/** How much longer than its limit a visit on a thread may take. */
const STUCK_MS = 10_000;
/** How often the heap is looked at, at most. */
const HEAP_LOOK_MS = 500;
/** During a pause, so many messages may wait. */
const MAX_WAITING = 16;
const LOG_ERR = 4;

/** What an actor tells its owner. */
export interface ActorEvents extends OutboxEvents {
  /** A visit was cut off while `block` (-1: none) ran for `r` (null: nobody). */
  cutOff(r: ScriptRequest | null, block: number, stack: string, limitMs: number): void;
  /** A promise was rejected and nobody waits for it. */
  unhandled(r: ScriptRequest | null, error: unknown): void;
  /** The isolate is gone; `r` was running. `outgrown`: the visit took more memory than it may have. */
  died(why: string, r: ScriptRequest | null, block: number, outgrown: boolean): void;
  /** The isolate died before this request had left any traces: it can be run in another. */
  startElsewhere(r: ScriptRequest, segment: number, final: boolean): void;
  /** A visit on a thread does not end: its isolate goes with the process only. */
  stuck(): void;
}

export class Actor {
  readonly #door: IsolateDoor;
  readonly #mem: Int32Array;
  readonly #events: ActorEvents;
  readonly occupants: Occupants;
  readonly operations: Operations;
  readonly outbox: Outbox;
  sockets: Sockets | null = null;
  readonly #inbox = new Inbox();
  readonly #conduct: Conduct;
  readonly #debugging: Debugging;
  readonly #usage: Usage;
  /** Processor time of this isolate that #usage has already. */
  #cpuSeen = 0;
  #heapSeen = 0;
  #scheduled = false;
  #visiting = false;
  /** The first record of the visit. */
  #from = 0;
  /** What a visit on this thread failed with. */
  #fault: unknown = undefined;
  #whenIdle: (() => void) | null = null;
  #dead = false;
  /** Whether each segment's blocks may wait. */
  readonly #waits: readonly boolean[];

  constructor(
    door: IsolateDoor,
    waits: readonly boolean[],
    care: Care,
    usage: Usage,
    operator: Operator,
    events: ActorEvents,
  ) {
    this.#door = door;
    this.#mem = door.mem;
    this.#waits = waits;
    this.#conduct = new Conduct(care);
    this.#debugging = new Debugging(door);
    this.#events = events;
    this.#usage = usage;
    usage.heapBytes = 0;
    this.occupants = new Occupants((slot) => this.#left(slot));
    this.operations = new Operations(this, operator, door.memoryLimit);
    this.outbox = new Outbox(door.mem, this.occupants, this.operations, events);
  }

  /** It is given a pause, and more wait for its end than are to. */
  get overrun(): boolean {
    return this.#conduct.resting && this.#inbox.waiting > MAX_WAITING;
  }

  /** The block that is running, or ran last; -1 for none. */
  get block(): number {
    return this.#mem[BLOCK] as number;
  }

  /** A turn is under way. */
  get visiting(): boolean {
    return this.#visiting;
  }

  // Messages.

  /** Runs a segment for `r`. `final`: the request will not come back. */
  start(r: ScriptRequest, segment: number, final: boolean): void {
    this.occupants.start(r, segment, final);
    if (final) for (const late of this.occupants.overdue()) this.#giveUp(late);
    this.#inbox.start(r, segment, final, this.#waits[segment] !== false);
    this.#schedule();
  }

  /** Gives piece `number` of the body to body filters. */
  chunk(r: ScriptRequest, segment: number, number: number, data: string | Buffer, last: boolean): void {
    this.occupants.give(r);
    this.#inbox.chunk(r.slot, segment, number, data, last, this.#waits[segment] !== false);
    this.#schedule();
  }

  /** An operation has ended. */
  settle(id: number, ok: boolean, kind: number, text: string, beside: string, slot = 0): void {
    if (this.#dead || this.outbox.answer(slot, id, ok, kind, text, beside)) return;
    this.#inbox.result(id, ok, kind, text, beside);
    this.#schedule();
  }

  /** The request is over: whatever it waits for is stopped. */
  end(r: ScriptRequest): void {
    const { slot } = r;
    if (slot === 0 || this.occupants.at(slot) !== r) return;
    this.occupants.leave(slot);
    if (this.#dead) return;
    this.#inbox.end(slot);
    this.#schedule();
  }

  #giveUp(r: ScriptRequest): void {
    r.log(LOG_ERR, '[ts] too many log blocks wait: they are given up');
    this.end(r);
  }

  /** The client has gone away. */
  abort(r: ScriptRequest): void {
    if (r.slot === 0 || this.#dead) return;
    this.#inbox.abort(r.slot);
    this.#schedule();
  }

  /** Runs a block that belongs to no request. */
  runAlone(block: number, phase: number): void {
    this.#inbox.alone(block, phase);
    this.#schedule();
  }

  /** Visits at once, instead of with the next turn. */
  visitNow(): void {
    if (!this.#visiting) this.#turn();
  }

  /** Acts on what modules asked for while they were loaded: timers, above all. */
  collect(): void {
    try {
      this.outbox.decode(this.#door.recover(NOTHING_LOST, this.#conduct.limitMs));
    } catch (error) {
      this.#fault = error;
      this.#begin();
      void this.#mend(null);
    }
  }

  /** Ends the isolate; requests that are still in it fail. */
  dispose(why: string): void {
    this.#die(why, null, -1);
  }

  /** Runs timers early. */
  async stopTimers(): Promise<void> {
    this.#conduct.hurry();
    await this.settled();
    if (this.#dead) return;
    this.#door.stop();
    this.operations.finishTimers();
    this.visitNow();
    await this.settled();
  }

  /** When no function of a timer runs any more, nor waits for anything that can still come. */
  async timersEnded(): Promise<void> {
    while ((this.#mem[TIMERS_RUNNING] as number) > 0 && this.#stirs && !this.#dead) await this.#endOfVisit();
  }

  /** Something is under way that may have its code go on. */
  get #stirs(): boolean {
    return this.#visiting || this.operations.count > 0 || !this.#inbox.empty;
  }

  /** When no visit is under way. */
  async settled(): Promise<void> {
    while (this.#visiting && !this.#dead) await this.#endOfVisit();
  }

  #endOfVisit(): Promise<void> {
    return new Promise((done) => {
      const before = this.#whenIdle;
      this.#whenIdle = () => {
        before?.();
        done();
      };
    });
  }

  /** Connects to the isolate's inspector; null where it has a session already. */
  async attach(heard: (message: string) => void): Promise<Session | null> {
    await this.settled();
    return this.#debugging.active || this.#dead ? null : this.#debugging.open(heard);
  }

  /** Sends a debugger away, before the isolate is ended. */
  async detach(): Promise<void> {
    const ends = this.#debugging.close();
    if (ends > 0) await new Promise((done) => setTimeout(done, ends));
  }

  /** Does what enters the isolate on this thread, while no visit is under way: a debugger may not pause it there. */
  async undisturbed<T>(act: () => T): Promise<T> {
    const pauseAgain = await this.#debugging.skipPauses();
    await this.settled();
    try {
      return act();
    } finally {
      pauseAgain();
    }
  }

  /** The request in `slot` has gone. */
  #left(slot: number): void {
    this.operations.cancelOf(slot);
    this.sockets?.endOf(slot);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(runTurn, this);
  }

  // Visits.

  /** @internal */
  turn(): void {
    this.#scheduled = false;
    this.#turn();
  }

  #turn(): void {
    if (this.#dead || this.#visiting) return;
    this.#begin();
    const now = performance.now();
    if (this.#conduct.onThread(now) || this.#debugging.active) {
      void this.#turnOnThread();
      return;
    }
    this.#mem[SINCE] = now & 0x7fffffff || 1;
    this.#mem[CAREFUL] = this.#conduct.careful(now) ? 1 : 0;
    const until = now + TURN_MS;
    for (let left = this.#inbox.close(); left > 0 && !this.#dead; left--) {
      const batch = this.#inbox.next();
      this.#fill(batch);
      if (!this.#visit(batch)) {
        void this.#mend(batch);
        return;
      }
      this.#inbox.release(batch);
      if (performance.now() > until) break;
    }
    this.#endTurn();
  }

  async #turnOnThread(): Promise<void> {
    this.#mem[SINCE] = 0;
    this.#mem[CAREFUL] = 1;
    for (let left = this.#inbox.close(); left > 0 && !this.#dead; left--) {
      const batch = this.#inbox.next();
      this.#fill(batch);
      await this.#visitOnThread(batch);
      this.sockets?.flush();
      this.#inbox.release(batch);
    }
    this.#endTurn();
  }

  /** A visit with `batch` (null: none) has failed: what is to be saved is saved on a thread, and so are the next visits. */
  async #mend(batch: Batch | null): Promise<void> {
    this.#mem[SINCE] = 0;
    this.#mem[CAREFUL] = 1;
    const goesOn = await this.#survive(this.#fault);
    if (batch !== null) {
      if (goesOn) await this.#visitOnThread(batch);
      this.#inbox.release(batch);
    }
    await this.#turnOnThread();
  }

  #begin(): void {
    this.#visiting = true;
    this.occupants.hold();
  }

  #endTurn(): void {
    this.#visiting = false;
    this.sockets?.flush();
    this.#mem[SINCE] = 0;
    this.occupants.release();
    this.#whenIdle?.();
    this.#whenIdle = null;
    if (this.#dead) return;
    const now = performance.now();
    if (now > this.#heapSeen + HEAP_LOOK_MS && !this.#debugging.active) {
      this.#heapSeen = now;
      try {
        this.look();
      } catch (error) {
        void this.#survive(error); // the last visit was the end of it
        return;
      }
    }
    if (!this.#inbox.empty) this.#schedule();
  }

  /** Brings the figures of its usage up to date, unless a visit is under way. */
  look(): void {
    if (this.#visiting || this.#dead) return;
    this.#usage.operations = this.operations.count;
    this.#usage.heapBytes = this.#door.heapUsed();
    const cpu = this.#door.cpuSeconds();
    this.#usage.cpuSeconds += cpu - this.#cpuSeen;
    this.#cpuSeen = cpu;
  }

  #fill(batch: Batch): void {
    const mem = this.#mem;
    const { ints } = batch;
    for (let i = 0, n = batch.length; i < n; i++) mem[IN_AT + i] = ints[i] as number;
    mem[COUNT] = batch.count;
    mem[HANDLED] = 0;
    mem[SLOT] = 0;
    mem[BLOCK] = -1;
  }

  /** Says where the guest is to begin. False: there is nothing left to do. */
  #aim(batch: Batch): boolean {
    const mem = this.#mem;
    const handled = mem[HANDLED] as number;
    if (handled === batch.count) return false;
    this.#from = handled;
    this.#usage.visits++;
    mem[FROM_INT] = IN_AT + (batch.at[handled] as number);
    mem[FROM_TEXT] = batch.textAt[handled] as number;
    mem[IDLE] = 0;
    return true;
  }

  /** False: it has failed, with #fault. */
  #visit(batch: Batch): boolean {
    const door = this.#door;
    const mem = this.#mem;
    try {
      while (!this.#dead && this.#aim(batch)) {
        door.pump(batch.text, this.#timeout());
        const tail = mem[TAIL] as number;
        this.outbox.decode(tail >= 0 ? door.tail(tail) : door.said(this.#timeout()));
      }
      if ((mem[UNSENT] as number) > 0 && !this.#dead) this.outbox.decode(door.unsent(this.#timeout()));
      return true;
    } catch (error) {
      this.#fault = error;
      return false;
    }
  }

  async #visitOnThread(batch: Batch): Promise<void> {
    const door = this.#door;
    const mem = this.#mem;
    for (;;) {
      try {
        while (!this.#dead && this.#aim(batch)) {
          await this.#patiently(door.pumpOnThread(batch.text, this.#timeout()));
          const tail = mem[TAIL] as number;
          this.outbox.decode(
            tail >= 0 ? door.tail(tail) : await this.#patiently(door.saidOnThread(this.#timeout())),
          );
        }
        if ((mem[UNSENT] as number) > 0 && !this.#dead) {
          this.outbox.decode(await this.#patiently(door.unsentOnThread(this.#timeout())));
        }
        return;
      } catch (error) {
        if (!(await this.#survive(error))) return;
      }
    }
  }

  /** What cannot be cut off (see watchdog.ts) holds up nobody here, but the isolate is lost. */
  async #patiently<T>(entry: Promise<T>): Promise<T> {
    if (this.#debugging.active) return await entry;
    const timer = setTimeout(() => {
      this.#events.stuck();
      this.#die('it is stuck', this.occupants.at(this.#mem[SLOT] as number), this.#mem[BLOCK] as number);
    }, this.#conduct.limitMs + STUCK_MS);
    try {
      return await entry;
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * isolated-vm has a thread wake up for every timeout that was set, when it would have come, even if it was not needed:
   * 4 µs a visit. Ends that fall together share a wake-up, so they are rounded to eighths of the limit.
   */
  #timeout(): number {
    const grain = Math.max(1, this.#conduct.limitMs >> 3);
    return this.#conduct.limitMs + grain - (Math.floor(performance.now()) % grain);
  }

  /** A visit did not come back. True: the isolate goes on. */
  async #survive(error: unknown): Promise<boolean> {
    if (this.#dead) return false;
    const mem = this.#mem;
    const failure = this.#door.failureOf(error);
    const slot = mem[SLOT] as number;
    const block = mem[BLOCK] as number;
    const r = this.occupants.at(slot);
    if (failure === 'memory' || failure === 'disposed') {
      this.#salvage();
      if (failure === 'memory')
        this.#die('out of memory', r, block, this.#usage.heapBytes < this.#door.memoryLimit / 2);
      else this.#die('disposed', r, block);
      return false;
    }
    if (failure === 'timeout') {
      this.#conduct.offend();
      this.#usage.cutOffs++;
      this.#events.cutOff(r, block, stackOf(error), this.#conduct.limitMs);
      if (mem[IDLE] === 0) mem[HANDLED] = (mem[HANDLED] as number) + 1;
      if (!(await this.#recover(slot))) return false;
      if (r !== null && this.occupants.at(slot) === r) this.#fail(r);
      await this.#conduct.rest();
      return !this.#dead;
    }
    if (mem[IDLE] === 1) {
      this.#conduct.reject();
      // Where several had their turn, it is not known whose it was.
      this.#events.unhandled((mem[HANDLED] as number) - this.#from > 1 ? null : r, error);
      return await this.#recover(NOTHING_LOST);
    }
    this.#events.alert(`the guest failed: ${messageOf(error)}`);
    mem[HANDLED] = (mem[HANDLED] as number) + 1;
    if (!(await this.#recover(slot))) return false;
    if (r !== null && this.occupants.at(slot) === r) this.#fail(r);
    return true;
  }

  /** Fetches what a visit that failed had written. What it left in the queue of promises runs here, and may be cut off too. */
  async #recover(slot: number): Promise<boolean> {
    for (let attempt = 0; attempt < 4; attempt++) {
      try {
        this.outbox.decode(await this.#patiently(this.#door.recoverOnThread(slot, this.#conduct.limitMs)));
        return !this.#dead;
      } catch (error) {
        const failure = this.#door.failureOf(error);
        if (failure === 'memory' || failure === 'disposed') {
          this.#die('out of memory', this.occupants.at(slot), this.#mem[BLOCK] as number);
          return false;
        }
        if (failure === 'thrown') this.#events.unhandled(this.occupants.at(slot), error);
      }
    }
    this.#die('it does not come to rest', this.occupants.at(slot), this.#mem[BLOCK] as number);
    return false;
  }

  /** The request's blocks are given up: 500. */
  #fail(r: ScriptRequest): void {
    this.occupants.leave(r.slot);
    this.#guard(() => r.ended(false, THROWN, 500, '', ''));
  }

  #die(why: string, running: ScriptRequest | null, block: number, outgrown = false): void {
    if (this.#dead) return;
    this.#dead = true;
    this.outbox.close();
    this.#conduct.wake();
    this.#whenIdle?.();
    this.#whenIdle = null;
    // Subrequests of scripts end with this: whoever asks for them asks again.
    this.operations.cancelAll();
    this.sockets?.closeAll();
    const { again, failed } = this.occupants.evict(running);
    const ends = this.#debugging.close();
    if (ends <= 0) this.#door.dispose();
    else setTimeout(() => this.#door.dispose(), ends).unref();
    this.#events.died(why, running, block, outgrown);
    for (const r of failed) this.#guard(() => r.ended(false, THROWN, 500, '', ''));
    for (const { r, segment, final } of again) {
      this.#guard(() => this.#events.startElsewhere(r, segment, final));
    }
  }

  /** What the guest had to say before it died is in the shared memory, unless it was much. */
  #salvage(): void {
    const tail = this.#mem[TAIL] as number;
    if (tail < 0) this.#mem[OUT_END] = OUT_AT;
    this.outbox.decode(tail >= 0 ? this.#door.tail(tail) : '');
  }

  #guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#events.alert(traceOf(error));
    }
  }
}

function runTurn(actor: Actor): void {
  actor.turn();
}
