// An isolate at work. Messages gather in a batch and go in with the next turn's visit, all at once; what the guest wrote
// is decoded and acted on when the visit is over.
//
//   start() chunk() settle() end() → batch ─ setImmediate → pump(text) → records → ScriptRequest, operations
//
// Visits are made on the worker's own thread, where they cost little. From the first that has to be cut off, they are made
// on a thread of their own for a while, so that the next loop holds up this isolate only.

import { isAscii, toLatin1 } from '../../core/text.ts';
import {
  ABORT,
  ABORT_INTS,
  ALONE,
  ALONE_INTS,
  ASCII_PIECE,
  BLOCK,
  CANCEL,
  CANCEL_INTS,
  CAREFUL,
  CHUNK,
  CHUNK_INTS,
  COUNT,
  DONE,
  DONE_INTS,
  END,
  END_INTS,
  FILTERED,
  FILTERED_INTS,
  FINAL,
  FROM_INT,
  FROM_TEXT,
  HANDLED,
  HEAD_SENT,
  IDLE,
  IN_AT,
  INTEGER,
  KEEP_UNDERSCORES,
  LAST_PIECE,
  MAY_WAIT,
  NOTHING_LOST,
  OPERATION,
  OPERATION_INTS,
  OUT_AT,
  OUT_END,
  OUTCOME,
  RESPONSE,
  RESPONSE_INTS,
  RESULT,
  RESULT_INTS,
  SINCE,
  SLOT,
  START,
  START_INTS,
  SUBREQUEST,
  TAIL,
  TEXT,
  THROWN,
  TIMERS_RUNNING,
  UNREAD_PIECE,
  UNSENT,
  WHOLE_PIECE,
} from '../protocol.ts';
import { type Batch, Inbox } from './inbox.ts';
import type { IsolateDoor, Session } from './isolate.ts';
import { Operations, type Operator } from './operations.ts';
import type { ScriptRequest } from './request.ts';
import type { Sockets } from './sockets.ts';
import type { Usage } from './usage.ts';

/** A worker does other things too: after this long, the remaining batches wait for the next turn. */
const TURN_MS = 20;
/**
 * How long the thread of an inspector may take to end. An isolate that is ended under it takes the worker along, or never
 * comes back from it.
 */
const INSPECTOR_ENDS_MS = 200;
/** How much longer than its limit a visit on a thread may take. */
const STUCK_MS = 10_000;
/** How often the heap is looked at, at most. */
const HEAP_LOOK_MS = 500;
/** How long after it was cut off an isolate is visited on a thread. */
const ON_THREAD_MS = 60_000;
/** How long after a rejection that nobody waits for visits are kept apart: of several in one, V8 tells of the first. */
const APART_MS = 10_000;
/** Pauses grow to eight times what the visit took. */
const MAX_OFFENCES = 4;
/** During a pause, so many messages may wait. */
const MAX_WAITING = 16;

/** Pieces of a body up to here go along with the news of them; what is longer is asked for, if anybody wants it. */
const MAX_BROUGHT = 1024;

/** When a visit has lasted so long, no more results are told within it. */
const EARLY_MS = 5;

/** What the guest wrote in the middle of a visit. */
interface Kept {
  readonly ints: Int32Array;
  readonly text: string;
}

/** Results of the operations of `slot` that one call has begun. */
interface Early {
  readonly slot: number;
  readonly most: number;
  count: number;
  readonly ints: number[];
  text: string;
}

interface Start {
  readonly r: ScriptRequest;
  readonly segment: number;
  readonly final: boolean;
}

/** How much an isolate is trusted. */
interface Care {
  /** How long a visit may take, in milliseconds. */
  readonly limitMs: number;
  /** Visits are made on a thread, to begin with. */
  readonly onThread: boolean;
  /** It is given pauses when it is cut off again and again. */
  readonly rests: boolean;
}

/** What an actor tells its owner. */
export interface ActorEvents {
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
  /** A block of init, init_worker or exit_worker has ended. */
  aloneEnded(block: number, ok: boolean): void;
  /** Something that should not be possible. */
  alert(message: string): void;
}

export class Actor {
  readonly #door: IsolateDoor;
  readonly #mem: Int32Array;
  readonly #events: ActorEvents;
  readonly #limitMs: number;
  #rests: boolean;
  /** How often it was cut off, a minute or less apart. */
  #offences = 0;
  /** Ends a pause. */
  #wake: (() => void) | null = null;
  readonly operations: Operations;
  sockets: Sockets | null = null;
  readonly #requests: (ScriptRequest | null)[] = [null];
  readonly #freeSlots: number[] = [];
  /** By slot: the guest forgets the request by itself when its segment is done. */
  readonly #final: boolean[] = [];
  /** By slot: how many segments and pieces have no answer yet. */
  readonly #open: number[] = [];
  readonly #inbox = new Inbox();
  /** By slot: no segment or piece has been answered yet, and nothing was done that shows outside. */
  readonly #fresh: boolean[] = [];
  /** By slot: the segment that was started last. */
  readonly #segment: number[] = [];
  readonly #usage: Usage;
  /** Processor time of this isolate that #usage has already. */
  #cpuSeen = 0;
  #heapSeen = 0;
  /** Segments that came to a good end. */
  served = 0;
  #scheduled = false;
  #visiting = false;
  #onThreadUntil = 0;
  #apartUntil = 0;
  /** The first record of the visit. */
  #from = 0;
  #kept: Kept[] = [];
  /** Where results go that the guest waits for within the visit. */
  #early: Early | null = null;
  /** What a visit on this thread failed with. */
  #fault: unknown = undefined;
  /** Slots that have become free while a visit is under way, whose records may still name them. */
  readonly #leaving: number[] = [];
  #whenIdle: (() => void) | null = null;
  /** When the thread of the last one has ended. */
  #inspectorEnds = 0;
  /** A debugger, or a profiler. */
  #session: Session | null = null;
  #pausesSkipped: (() => void) | null = null;
  #dead = false;
  /** Whether each segment's blocks may wait. */
  readonly #waits: readonly boolean[];

  constructor(
    door: IsolateDoor,
    waits: readonly boolean[],
    { limitMs, onThread, rests }: Care,
    usage: Usage,
    operator: Operator,
    events: ActorEvents,
  ) {
    this.#door = door;
    this.#mem = door.mem;
    this.#waits = waits;
    this.#limitMs = limitMs;
    this.#rests = rests;
    this.#events = events;
    this.#usage = usage;
    usage.heapBytes = 0;
    if (onThread) this.#onThreadUntil = performance.now() + ON_THREAD_MS;
    this.operations = new Operations(this, operator);
  }

  /** It is given a pause, and more wait for its end than are to. */
  get overrun(): boolean {
    return this.#wake !== null && this.#inbox.waiting > MAX_WAITING;
  }

  /** No request has anything in it. */
  get idle(): boolean {
    return this.#freeSlots.length === this.#requests.length - 1;
  }

  /** The block that is running, or ran last; -1 for none. */
  get block(): number {
    return this.#mem[BLOCK] as number;
  }

  /** A turn is under way. */
  get visiting(): boolean {
    return this.#visiting;
  }

  request(slot: number): ScriptRequest | null {
    return this.#requests[slot] ?? null;
  }

  // Messages.

  /** Runs a segment for `r`. `final`: the request will not come back. */
  start(r: ScriptRequest, segment: number, final: boolean): void {
    const { method, uri, args, remoteAddr } = r;
    const batch = this.#inbox.room(START_INTS);
    const at = batch.length;
    const { ints } = batch;
    const slot = this.#slotOf(r);
    this.#final[slot] = final;
    this.#open[slot] = (this.#open[slot] ?? 0) + 1;
    this.#segment[slot] = segment;
    ints[at] = START;
    ints[at + 1] = slot;
    ints[at + 2] = segment;
    ints[at + 3] =
      (final ? FINAL : 0) |
      (r.isSubrequest ? SUBREQUEST : 0) |
      (r.headSent ? HEAD_SENT : 0) |
      (r.keepsUnderscores ? KEEP_UNDERSCORES : 0) |
      (this.#waits[segment] !== false ? MAY_WAIT : 0);
    ints[at + 4] = method.length;
    ints[at + 5] = uri.length;
    ints[at + 6] = args.length;
    ints[at + 7] = remoteAddr.length;
    ints[at + 8] = r.lent;
    this.#add(batch, START_INTS, method + uri + args + remoteAddr);
  }

  /** Gives piece `number` of the body to body filters. */
  chunk(r: ScriptRequest, segment: number, number: number, data: string | Buffer, last: boolean): void {
    const batch = this.#inbox.room(CHUNK_INTS);
    const at = batch.length;
    const slot = this.#slotOf(r);
    this.#open[slot] = (this.#open[slot] ?? 0) + 1;
    this.#fresh[slot] = false;
    const unread = data.length > MAX_BROUGHT;
    const raw = unread ? '' : typeof data === 'string' ? data : data.toString('latin1');
    batch.ints[at] = CHUNK;
    batch.ints[at + 1] = slot;
    batch.ints[at + 2] = segment;
    batch.ints[at + 3] = number;
    batch.ints[at + 4] =
      (last ? LAST_PIECE : 0) |
      (unread ? UNREAD_PIECE : isAscii(raw) ? ASCII_PIECE : 0) |
      (last || endsWhole(data) ? WHOLE_PIECE : 0) |
      (this.#waits[segment] !== false ? MAY_WAIT : 0);
    batch.ints[at + 5] = raw.length;
    this.#add(batch, CHUNK_INTS, raw);
  }

  /** An operation has ended. */
  settle(id: number, ok: boolean, kind: number, text: string, beside: string, slot = 0): void {
    if (this.#dead) return;
    const early = this.#early;
    if (early !== null && slot === early.slot && early.count < early.most) {
      early.count++;
      early.ints.push(RESULT, id, ok ? 0 : 1, kind, text.length, beside.length);
      early.text += text + beside;
      return;
    }
    const batch = this.#inbox.room(RESULT_INTS);
    const at = batch.length;
    batch.ints[at] = RESULT;
    batch.ints[at + 1] = id;
    batch.ints[at + 2] = ok ? 0 : 1;
    batch.ints[at + 3] = kind;
    batch.ints[at + 4] = text.length;
    batch.ints[at + 5] = beside.length;
    this.#add(batch, RESULT_INTS, text + beside);
  }

  /** The request is over: whatever it waits for is stopped. */
  end(r: ScriptRequest): void {
    const { slot } = r;
    if (slot === 0 || this.#requests[slot] !== r) return;
    this.#free(slot);
    if (this.#dead) return;
    const batch = this.#inbox.room(END_INTS);
    batch.ints[batch.length] = END;
    batch.ints[batch.length + 1] = slot;
    this.#add(batch, END_INTS, '');
  }

  /** The client has gone away. */
  abort(r: ScriptRequest): void {
    if (r.slot === 0 || this.#dead) return;
    const batch = this.#inbox.room(ABORT_INTS);
    batch.ints[batch.length] = ABORT;
    batch.ints[batch.length + 1] = r.slot;
    this.#add(batch, ABORT_INTS, '');
  }

  /** Runs a block that belongs to no request. */
  runAlone(block: number, phase: number): void {
    const batch = this.#inbox.room(ALONE_INTS);
    const at = batch.length;
    batch.ints[at] = ALONE;
    batch.ints[at + 1] = block;
    batch.ints[at + 2] = phase;
    this.#add(batch, ALONE_INTS, '');
  }

  /** Visits at once, instead of with the next turn. */
  visitNow(): void {
    if (!this.#visiting) this.#turn();
  }

  /** Acts on what modules asked for while they were loaded: timers, above all. */
  collect(): void {
    try {
      this.decode(this.#door.recover(NOTHING_LOST, this.#limitMs));
    } catch (error) {
      this.#fault = error;
      this.#visiting = true;
      void this.#mend(null);
    }
  }

  /** Ends the isolate; requests that are still in it fail. */
  dispose(why: string): void {
    this.#die(why, null, -1);
  }

  /** Runs timers early. */
  async stopTimers(): Promise<void> {
    this.#rests = false;
    this.#wake?.();
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

  /** What the request in `slot` does shows outside the isolate: it is not to be done twice. */
  leftTraces(slot: number): void {
    if (this.request(slot) !== null) this.#fresh[slot] = false;
  }

  /** Connects to the isolate's inspector; null where it has a session already. */
  async attach(heard: (message: string) => void): Promise<Session | null> {
    await this.settled();
    if (this.#session !== null || this.#dead) return null;
    const session = this.#door.connect((message) => {
      if (message.startsWith('{"id":-1,')) this.#pausesSkipped?.();
      else heard(message);
    });
    let open = true;
    this.#session = {
      send: (message) => session.send(message),
      close: () => {
        if (!open) return;
        open = false;
        this.#pausesSkipped?.();
        this.#inspectorEnds = performance.now() + INSPECTOR_ENDS_MS;
        session.close();
      },
    };
    const own = this.#session;
    return {
      send: own.send,
      close: () => {
        if (this.#session === own) this.#session = null;
        own.close();
      },
    };
  }

  /** Sends a debugger away, before the isolate is ended. */
  async detach(): Promise<void> {
    const ends = this.#closeSession();
    if (ends > 0) await new Promise((done) => setTimeout(done, ends));
  }

  /** How long its thread may still take, in milliseconds; 0 or less: it has ended. */
  #closeSession(): number {
    this.#session?.close();
    this.#session = null;
    return this.#inspectorEnds - performance.now();
  }

  /** Does what enters the isolate on this thread, while no visit is under way: a debugger may not pause it there. */
  async undisturbed<T>(act: () => T): Promise<T> {
    const session = this.#session;
    if (session !== null) {
      await new Promise<void>((done) => {
        this.#pausesSkipped = done;
        session.send('{"id":-1,"method":"Debugger.setSkipAllPauses","params":{"skip":true}}');
      });
    }
    await this.settled();
    try {
      return act();
    } finally {
      if (session !== null && this.#session === session) {
        session.send('{"id":-1,"method":"Debugger.setSkipAllPauses","params":{"skip":false}}');
      }
    }
  }

  #slotOf(r: ScriptRequest): number {
    if (r.slot !== 0) return r.slot;
    const slot = this.#freeSlots.pop() ?? this.#requests.length;
    this.#requests[slot] = r;
    this.#open[slot] = 0;
    this.#fresh[slot] = true;
    r.slot = slot;
    return slot;
  }

  #free(slot: number): void {
    const r = this.#requests[slot];
    if (r === null || r === undefined) return;
    this.#requests[slot] = null;
    r.slot = 0;
    (this.#visiting ? this.#leaving : this.#freeSlots).push(slot);
    this.operations.cancelOf(slot);
    this.sockets?.endOf(slot);
  }

  #add(batch: Batch, ints: number, text: string): void {
    batch.add(ints, text);
    this.#schedule();
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
    this.#visiting = true;
    const now = performance.now();
    if (now < this.#onThreadUntil || this.#session !== null) {
      void this.#turnOnThread();
      return;
    }
    this.#mem[SINCE] = now & 0x7fffffff || 1;
    this.#mem[CAREFUL] = now < this.#apartUntil ? 1 : 0;
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

  #endTurn(): void {
    this.#visiting = false;
    this.sockets?.flush();
    this.#mem[SINCE] = 0;
    if (this.#leaving.length > 0) this.#freeSlots.push(...this.#leaving.splice(0));
    this.#whenIdle?.();
    this.#whenIdle = null;
    if (this.#dead) return;
    const now = performance.now();
    if (now > this.#heapSeen + HEAP_LOOK_MS && this.#session === null) {
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
        this.decode(tail >= 0 ? door.tail(tail) : door.said(this.#timeout()));
      }
      if ((mem[UNSENT] as number) > 0 && !this.#dead) this.decode(door.unsent(this.#timeout()));
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
          this.decode(
            tail >= 0 ? door.tail(tail) : await this.#patiently(door.saidOnThread(this.#timeout())),
          );
        }
        if ((mem[UNSENT] as number) > 0 && !this.#dead) {
          this.decode(await this.#patiently(door.unsentOnThread(this.#timeout())));
        }
        return;
      } catch (error) {
        if (!(await this.#survive(error))) return;
      }
    }
  }

  /** What cannot be cut off (see watchdog.ts) holds up nobody here, but the isolate is lost. */
  async #patiently<T>(entry: Promise<T>): Promise<T> {
    if (this.#session !== null) return await entry;
    const timer = setTimeout(() => {
      this.#events.stuck();
      this.#die('it is stuck', this.request(this.#mem[SLOT] as number), this.#mem[BLOCK] as number);
    }, this.#limitMs + STUCK_MS);
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
    const grain = Math.max(1, this.#limitMs >> 3);
    return this.#limitMs + grain - (Math.floor(performance.now()) % grain);
  }

  /** A visit did not come back. True: the isolate goes on. */
  async #survive(error: unknown): Promise<boolean> {
    if (this.#dead) return false;
    const mem = this.#mem;
    const failure = this.#door.failureOf(error);
    const slot = mem[SLOT] as number;
    const block = mem[BLOCK] as number;
    const r = this.request(slot);
    if (failure === 'memory' || failure === 'disposed') {
      this.#salvage();
      if (failure === 'memory')
        this.#die('out of memory', r, block, this.#usage.heapBytes < this.#door.memoryLimit / 2);
      else this.#die('disposed', r, block);
      return false;
    }
    if (failure === 'timeout') {
      const again = performance.now() < this.#onThreadUntil;
      this.#offences = again ? Math.min(this.#offences + 1, MAX_OFFENCES) : 0;
      this.#onThreadUntil = performance.now() + ON_THREAD_MS;
      this.#usage.cutOffs++;
      this.#events.cutOff(r, block, error instanceof Error ? (error.stack ?? '') : '', this.#limitMs);
      if (mem[IDLE] === 0) mem[HANDLED] = (mem[HANDLED] as number) + 1;
      if (!(await this.#recover(slot))) return false;
      if (r !== null && this.request(slot) === r) this.#fail(r);
      if (this.#rests && this.#offences > 0) await this.#rest(this.#limitMs * 2 ** (this.#offences - 1));
      return !this.#dead;
    }
    if (mem[IDLE] === 1) {
      this.#apartUntil = performance.now() + APART_MS;
      // Where several had their turn, it is not known whose it was.
      this.#events.unhandled((mem[HANDLED] as number) - this.#from > 1 ? null : r, error);
      return await this.#recover(NOTHING_LOST);
    }
    this.#events.alert(`the guest failed: ${error instanceof Error ? error.message : String(error)}`);
    mem[HANDLED] = (mem[HANDLED] as number) + 1;
    if (!(await this.#recover(slot))) return false;
    if (r !== null && this.request(slot) === r) this.#fail(r);
    return true;
  }

  /** Others are to notice nothing of an isolate that keeps a processor busy: it gets an ever smaller part of it. */
  async #rest(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = null;
  }

  /** Fetches what a visit that failed had written. What it left in the queue of promises runs here, and may be cut off too. */
  async #recover(slot: number): Promise<boolean> {
    for (let attempt = 0; attempt < 4; attempt++) {
      try {
        this.decode(await this.#patiently(this.#door.recoverOnThread(slot, this.#limitMs)));
        return !this.#dead;
      } catch (error) {
        const failure = this.#door.failureOf(error);
        if (failure === 'memory' || failure === 'disposed') {
          this.#die('out of memory', this.request(slot), this.#mem[BLOCK] as number);
          return false;
        }
        if (failure === 'thrown') this.#events.unhandled(this.request(slot), error);
      }
    }
    this.#die('it does not come to rest', this.request(slot), this.#mem[BLOCK] as number);
    return false;
  }

  /** The request's blocks are given up: 500. */
  #fail(r: ScriptRequest): void {
    this.#free(r.slot);
    this.#guard(() => r.ended(false, THROWN, 500, '', ''));
  }

  #die(why: string, running: ScriptRequest | null, block: number, outgrown = false): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#wake?.();
    this.#whenIdle?.();
    this.#whenIdle = null;
    this.#pausesSkipped?.();
    // Subrequests of scripts end with this: whoever asks for them asks again.
    this.operations.cancelAll();
    this.sockets?.closeAll();
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
    const ends = this.#closeSession();
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
    this.decode(tail >= 0 ? this.#door.tail(tail) : '');
  }

  #alert(error: unknown): void {
    this.#events.alert(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }

  #guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#alert(error);
    }
  }

  /** Begins the operations behind OUT_END, up to `end`; the answer is what CALL_BEGIN says. */
  begin(slot: number, text: string, end: number): string {
    const mem = this.#mem;
    const from = this.#outEnd();
    const early: Early = {
      slot,
      most: Math.floor((mem.length - from) / RESULT_INTS),
      count: 0,
      ints: [],
      text: '',
    };
    // One who asks again and again has the answers with the next visit: others have their turn before.
    const since = mem[SINCE] as number;
    if (since !== 0 && ((performance.now() - since) & 0x7fffffff) < EARLY_MS) this.#early = early;
    const last = Math.min(end, mem.length);
    let textAt = 0;
    for (let at = from; at < last && textAt >= 0; at += OPERATION_INTS + (mem[at + 5] as number) * 2) {
      textAt = this.#operation(mem, at, last, text, textAt);
    }
    this.#early = null;
    for (let i = 0; i < early.ints.length; i++) mem[from + i] = early.ints[i] as number;
    mem[OUTCOME] = early.count;
    return early.text;
  }

  /** Begins the operation of the record at `at`; where its text ends, -1 where that is not to be trusted. */
  #operation(mem: Int32Array, at: number, end: number, text: string, textAt: number): number {
    const slot = mem[at + 1] as number;
    const id = mem[at + 2] as number;
    const code = mem[at + 3] as number;
    const by = mem[at + 4] as number;
    const count = mem[at + 5] as number;
    const from = at + OPERATION_INTS;
    if (count < 0 || from + count * 2 > end) {
      this.#events.alert(`a record of ${count} arguments from the guest`);
      return -1;
    }
    let textEnd = textAt;
    for (let k = from; k < from + count * 2; k += 2) {
      if (mem[k] !== INTEGER) textEnd += mem[k + 1] as number;
    }
    try {
      this.operations.start(id, slot, code, by, mem, from, count, text, textAt);
    } catch (error) {
      this.#alert(error);
    }
    return textEnd;
  }

  // What the guest wrote.

  /** Records that are acted on when the visit is over: they go out together, which wakes up clients once. */
  keep(text: string): void {
    this.#kept.push({ ints: this.#mem.slice(OUT_AT, this.#outEnd()), text });
    this.#mem[OUT_END] = OUT_AT;
    this.#mem[TAIL] = 0;
  }

  #outEnd(): number {
    return Math.min(Math.max(this.#mem[OUT_END] as number, OUT_AT), this.#mem.length);
  }

  /** Acts on the records in the shared memory, and on those that were kept before. */
  decode(text: string): void {
    const end = this.#outEnd();
    while (this.#kept.length > 0 && !this.#dead) {
      const [{ ints, text: before }] = this.#kept.splice(0, 1) as [Kept];
      this.#decode(ints, 0, ints.length, before);
    }
    // The engine may start other things while records are handled, but no visit: they stay as they are.
    if (!this.#dead) this.#decode(this.#mem, OUT_AT, end, text);
  }

  /** Nothing in them is trusted. */
  #decode(mem: Int32Array, from: number, end: number, text: string): void {
    let at = from;
    let textAt = 0;
    while (at < end) {
      const kind = mem[at];
      const slot = mem[at + 1] as number;
      switch (kind) {
        case RESPONSE: {
          const r = this.request(slot);
          const flags = mem[at + 2] as number;
          const status = mem[at + 3] as number;
          const headers = mem[at + 4] as number;
          const bodyLength = mem[at + 5] as number;
          at += RESPONSE_INTS;
          if (r !== null && status !== 0) r.setStatus(status);
          for (let i = 0; i < headers && at < end; i++) {
            const nameLength = mem[at++] as number;
            const values = mem[at++] as number;
            const name = text.slice(textAt, textAt + nameLength);
            textAt += nameLength;
            if (values < 0) {
              if (r !== null) this.#header(r, name, null);
              continue;
            }
            const list: string[] = [];
            for (let k = 0; k < values && at < end; k++) {
              const length = mem[at++] as number;
              list.push(text.slice(textAt, textAt + length));
              textAt += length;
            }
            if (r !== null) this.#header(r, name, list);
          }
          const body = text.slice(textAt, textAt + bodyLength);
          textAt += bodyLength;
          if (r !== null && (flags !== 0 || body !== '')) this.#respond(r, flags, body);
          break;
        }
        case DONE: {
          const lane = mem[at + 2] as number;
          const action = mem[at + 3] as number;
          const code = mem[at + 4] as number;
          const length = mem[at + 5] as number;
          const length2 = mem[at + 6] as number;
          at += DONE_INTS;
          const one = text.slice(textAt, textAt + length);
          textAt += length;
          const two = text.slice(textAt, textAt + length2);
          textAt += length2;
          if (slot !== 0) this.#answered(slot);
          if (action !== THROWN) this.served++;
          if (slot === 0) this.#events.aloneEnded(code, action !== THROWN);
          else this.#ended(this.request(slot), lane === 1, action, code, one, two);
          break;
        }
        case OPERATION: {
          textAt = this.#operation(mem, at, end, text, textAt);
          if (textAt < 0) return;
          at += OPERATION_INTS + (mem[at + 5] as number) * 2;
          break;
        }
        case CANCEL:
          this.operations.cancel(slot);
          at += CANCEL_INTS;
          break;
        case FILTERED: {
          const r = this.request(slot);
          const how = mem[at + 2] as number;
          const last = mem[at + 3] === 1;
          const isText = mem[at + 4] === TEXT;
          const length = mem[at + 5] as number;
          at += FILTERED_INTS;
          const given = text.slice(textAt, textAt + length);
          textAt += length;
          this.#answered(slot);
          const more = at + 1 < end && mem[at] === FILTERED && mem[at + 1] === slot;
          if (r !== null) this.#filtered(r, how, last, isText ? toLatin1(given) : given, more);
          break;
        }
        default:
          this.#events.alert(`unknown record ${kind} from the guest`);
          return;
      }
      if (this.#dead) return;
    }
  }

  #answered(slot: number): void {
    if (this.request(slot) === null) return;
    this.#fresh[slot] = false;
    this.#open[slot] = Math.max(0, (this.#open[slot] ?? 0) - 1);
  }

  #header(r: ScriptRequest, name: string, values: readonly string[] | null): void {
    try {
      r.setHeader(name, values);
    } catch (error) {
      this.#alert(error);
    }
  }

  #respond(r: ScriptRequest, flags: number, body: string): void {
    try {
      r.respond(flags, body);
    } catch (error) {
      this.#alert(error);
    }
  }

  #filtered(r: ScriptRequest, how: number, last: boolean, raw: string, more: boolean): void {
    try {
      r.filtered(how, last, raw, more);
    } catch (error) {
      this.#alert(error);
    }
  }

  #ended(
    r: ScriptRequest | null,
    filters: boolean,
    action: number,
    code: number,
    text: string,
    text2: string,
  ): void {
    if (r === null) return;
    if (!filters && this.#final[r.slot]) this.#free(r.slot);
    try {
      r.ended(filters, action, code, text, text2);
    } catch (error) {
      this.#alert(error);
    }
  }
}

/** Whether no character begins at the end of `data` and goes on behind it: an ASCII one ends it. */
function endsWhole(data: string | Buffer): boolean {
  const at = data.length - 1;
  return at < 0 || ((typeof data === 'string' ? data.charCodeAt(at) : data[at]) as number) < 128;
}

function runTurn(actor: Actor): void {
  actor.turn();
}
