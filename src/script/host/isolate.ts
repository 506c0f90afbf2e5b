// The only door to isolated-vm. An isolate is entered by three functions and leaves by two; nothing of isolated-vm (a
// Reference, an ExternalCopy, the module itself) is ever handed to a script.

import ivm from 'isolated-vm';
import { FAULT, LONG_TEXT, MEM_INTS, OVERTIME, SINCE, TAIL_BYTES } from '../protocol.ts';

export type Plain = string | number | boolean | null | undefined | Uint8Array;

/** What a script may ask of the host at once. Neither throws: a fault is told in the shared memory. */
export interface HostCalls {
  call(code: number, slot: number, ...args: Plain[]): Plain;
  shared(operation: number, dict: number, ...args: Plain[]): Plain;
}

export interface Program {
  readonly code: string;
  /** As it appears in stacks. */
  readonly name: string;
}

/** What an isolate starts with, and what is compiled in it on demand. */
export interface Prelude extends Program {
  chunk(name: string): Program;
}

/** Why an entry did not come back with its answer. */
type Failure = 'timeout' | 'memory' | 'disposed' | 'thrown';

/** V8's code cache of programs, by name: a replacement starts faster than the first. */
export type CodeCache = Map<string, unknown>;

/** Of the guest's own programs, which are the same in every isolate. */
const guestCache: CodeCache = new Map();

let outlives = false;

/**
 * V8's profiler has the system interrupt a thread, and when it stops puts back what was done with such a signal before: for
 * one that is still under way that would be the end of the process.
 */
function outliveProfiler(): void {
  if (outlives) return;
  outlives = true;
  process.on('SIGPROF', () => {});
}

/** A debugger or profiler at an isolate: messages of the Chrome DevTools Protocol, as JSON. */
export interface Session {
  send(message: string): void;
  close(): void;
}

/** Of messages to the inspector once the debugger has left. */
const LAST_ID = -2;

/** They are not to be collected either. */
const keptAsTheyAre = new Set<IsolateDoor>();

/** Of a message to the inspector; null where V8 will refuse it. */
function idOf(message: string): number | null {
  try {
    const { id } = JSON.parse(message) as { readonly id?: unknown };
    return Number.isInteger(id) ? (id as number) : null;
  } catch {
    return null;
  }
}

function endSession(session: ivm.InspectorSession): void {
  session.dispose();
}

/** Less than what makes a visit one that is stuck. */
const LONGEST_WAIT_MS = 5000;

/** isolated-vm never lets go of its callbacks, and so of what they hold: that is only this. */
interface Link {
  calls: HostCalls | null;
  /** A call has come to its end that began then. */
  spent: (began: number) => void;
}

/** Long texts travel in an array: see LONG_TEXT. */
function boxed(answer: Plain): Plain | [string] {
  return typeof answer === 'string' && answer.length >= LONG_TEXT ? [answer] : answer;
}

/** Processor time of this thread. */
export function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function unboxed(answer: unknown): string {
  return (answer as [string])[0];
}

export class IsolateDoor {
  readonly mem: Int32Array;
  /** Bytes. */
  readonly memoryLimit: number;
  readonly #tail: Buffer;
  readonly #isolate: ivm.Isolate;
  readonly #context: ivm.Context;
  readonly #pump: ivm.Reference;
  readonly #said: ivm.Reference;
  readonly #recover: ivm.Reference;
  readonly #unsent: ivm.Reference;
  readonly #load: ivm.Reference;
  readonly #add: ivm.Reference;
  readonly #define: ivm.Reference;
  readonly #stop: ivm.Reference;
  readonly #addModule: ivm.Reference;
  readonly #runTask: ivm.Reference;
  readonly #outcome: ivm.Reference;
  readonly #link: Link;
  /** What the host's own part of an entry has taken, in milliseconds: isolated-vm does not count it. */
  #spent = 0;
  /** Since when the visit lasted as the entry began: see SINCE. */
  #since = 0;
  #most = Infinity;
  /** The processor time of the worker's thread when that was more than it may; 0 before. */
  #cpuFrom = 0;
  /** And on a thread, what it waited for the worker's own: that is not its fault, but comes to an end. */
  #until = Infinity;
  /**
   * Sessions whose debugger has left while V8 still owed it answers, as of a promise that the console waits for: with the
   * session's end V8 would give them to what is no more.
   */
  readonly #waitedFor = new Set<ivm.InspectorSession>();
  /** A debugger may have it wait as long as it likes. */
  #inspected = false;
  readonly #options = { timeout: 0 };
  readonly #copying = { timeout: 0, arguments: { copy: true as const }, result: { copy: true as const } };

  /** Starts an isolate with `prelude`, whose value is a function of the shared memory, the calls and `boot`. */
  constructor(prelude: Prelude, calls: HostCalls, boot: string, memoryMb: number) {
    // Without onCatastrophicError: where V8 gives up it ends the process, and the master starts another. With it,
    // isolated-vm would suspend this thread, which is the worker's own.
    this.memoryLimit = memoryMb * 1024 * 1024;
    // An inspector that nobody uses costs nothing, and has to be there from the start (tsresty profile).
    this.#isolate = new ivm.Isolate({ memoryLimit: memoryMb, inspector: true });
    this.#context = this.#isolate.createContextSync({ inspector: true });
    const shared = new SharedArrayBuffer(MEM_INTS * 4 + TAIL_BYTES);
    this.mem = new Int32Array(shared, 0, MEM_INTS);
    this.#tail = Buffer.from(shared, MEM_INTS * 4, TAIL_BYTES);
    const start = this.#run(prelude, guestCache, 0);
    const link: Link = { calls, spent: (began) => this.#spend(began) };
    this.#link = link;
    const entries = start.applySync(
      undefined,
      [
        new ivm.ExternalCopy(shared).copyInto({ release: true }),
        new ivm.Callback((code: number, slot: number, ...args: Plain[]) => {
          const began = performance.now();
          const answer = link.calls?.call(code, slot | 0, ...args);
          link.spent(began);
          return boxed(answer);
        }),
        new ivm.Callback((operation: number, dict: number, ...args: Plain[]) => {
          const began = performance.now();
          const answer = link.calls?.shared(operation, dict | 0, ...args);
          link.spent(began);
          return boxed(answer);
        }),
        boot,
        // Within a visit: the isolate is entered a second time, on the same thread.
        new ivm.Callback((name: string) =>
          this.#run(prelude.chunk(name), guestCache, 0).derefInto({ release: true }),
        ),
      ],
      { result: { reference: true } },
    ) as ivm.Reference<Record<string, unknown>>;
    const entry = (name: string) => entries.getSync(name, { reference: true }) as ivm.Reference;
    this.#pump = entry('pump');
    this.#said = entry('said');
    this.#recover = entry('recover');
    this.#unsent = entry('unsent');
    this.#load = entry('load');
    this.#add = entry('add');
    this.#define = entry('define');
    this.#stop = entry('stop');
    this.#addModule = entry('addModule');
    this.#runTask = entry('runTask');
    this.#outcome = entry('outcome');
  }

  get disposed(): boolean {
    return this.#isolate.isDisposed;
  }

  /** Bytes of heap in use, and of what hangs on it. */
  heapUsed(): number {
    const heap = this.#isolate.getHeapStatisticsSync();
    return heap.used_heap_size + heap.externally_allocated_size;
  }

  /** Processor time it has used. */
  cpuSeconds(): number {
    return Number(this.#isolate.cpuTime) / 1e9;
  }

  /** Runs a file's program, whose value makes block number `block`. */
  add(program: Program, block: number, cache: CodeCache, timeoutMs: number): void {
    const make = this.#run(program, cache, timeoutMs);
    this.#add.applySync(undefined, [make.derefInto({ release: true }), block], this.#limit(timeoutMs));
  }

  /** The blocks of a segment, as JSON; none: it is forgotten. */
  define(segment: number, steps: string): void {
    this.#define.applySync(undefined, [segment, steps], this.#limit(1000));
  }

  /** Runs the user's program, whose value is the array of blocks. */
  load(program: Program, cache: CodeCache, timeoutMs: number): void {
    const blocks = this.#run(program, cache, timeoutMs);
    this.#load.applySync(undefined, [blocks.derefInto({ release: true })], this.#limit(timeoutMs));
  }

  /** One visit. Throws what failureOf() tells apart. */
  pump(text: string, timeoutMs: number): void {
    if (text.length < LONG_TEXT) this.#pump.applySync(undefined, [text], this.#limit(timeoutMs));
    else this.#pump.applySync(undefined, [[text]], this.#copied(timeoutMs));
  }

  /** The text that the guest has left in the shared memory: `length` bytes. */
  tail(length: number): string {
    return this.#tail.toString('latin1', 0, length);
  }

  /** The text that the guest could not leave in the shared memory. */
  said(timeoutMs: number): string {
    return unboxed(this.#said.applySync(undefined, [], this.#copied(timeoutMs)));
  }

  /** After a visit that was cut off: what it had said; the request `slot` is given up. */
  recover(slot: number, timeoutMs: number): string {
    return unboxed(this.#recover.applySync(undefined, [slot], this.#copied(timeoutMs)));
  }

  /**
   * Connects to V8's inspector. While it is used all visits have to be on a thread, since an isolate that is paused
   * keeps its own; now there may be none under way.
   */
  connect(heard: (message: string) => void): Session {
    outliveProfiler();
    let session: ivm.InspectorSession | null = null;
    // V8 wants this thread to hold the isolate: so it is done in a call that the isolate makes.
    const connected = new ivm.Callback(() => {
      session = this.#isolate.createInspectorSession();
    });
    const enter = this.#isolate.compileScriptSync('(connected) => connected()');
    const entry = enter.runSync(this.#context, { reference: true }) as ivm.Reference;
    entry.applySync(undefined, [connected]);
    entry.release();
    enter.release();
    const made = session as ivm.InspectorSession | null;
    if (made === null) throw new Error('no inspector session');
    this.#inspected = true;
    // Not from within the notification: what is asked of the isolate there may get lost.
    made.onNotification = (message) => void setImmediate(heard, message);
    const unanswered = new Set<number>();
    let left = false;
    made.onResponse = (id, message) => {
      unanswered.delete(id);
      if (!left) setImmediate(heard, message);
      else if (unanswered.size === 0 && this.#waitedFor.delete(made)) setImmediate(endSession, made);
    };
    const send = (message: string): void => {
      if (this.#isolate.isDisposed) return;
      const id = idOf(message);
      if (id !== null) unanswered.add(id);
      made.dispatchProtocolMessage(message);
    };
    return {
      send,
      close: () => {
        this.#inspected = false;
        left = true;
        if (this.#isolate.isDisposed) return;
        if (unanswered.size === 0) {
          made.dispose();
          return;
        }
        this.#waitedFor.add(made);
        for (const method of ['Debugger.disable', 'Runtime.disable'])
          send(JSON.stringify({ id: LAST_ID, method }));
      },
    };
  }

  /** What waiting requests have said. */
  unsent(timeoutMs: number): string {
    return unboxed(this.#unsent.applySync(undefined, [], this.#copied(timeoutMs)));
  }

  // The same on a thread: 60 µs more a visit, and nobody else waits for one that takes long.

  async pumpOnThread(text: string, timeoutMs: number): Promise<void> {
    await this.#pump.apply(undefined, [[text]], this.#copied(timeoutMs));
  }

  async saidOnThread(timeoutMs: number): Promise<string> {
    return unboxed(await this.#said.apply(undefined, [], this.#copied(timeoutMs)));
  }

  async recoverOnThread(slot: number, timeoutMs: number): Promise<string> {
    return unboxed(await this.#recover.apply(undefined, [slot], this.#copied(timeoutMs)));
  }

  async unsentOnThread(timeoutMs: number): Promise<string> {
    return unboxed(await this.#unsent.apply(undefined, [], this.#copied(timeoutMs)));
  }

  /** Runs a module's program, whose only block gives what it exports: it is number `module`. */
  async addModuleOnThread(program: Program, module: number, timeoutMs: number): Promise<void> {
    const script = await this.#isolate.compileScript(program.code, { filename: program.name });
    const value = (await script.run(this.#context, { reference: true, timeout: timeoutMs })) as ivm.Reference;
    script.release();
    await this.#addModule.apply(
      undefined,
      [value.derefInto({ release: true }), module],
      this.#limit(timeoutMs),
    );
  }

  /** Calls a function of a module: see guest/worker_thread.ts. */
  async runTaskOnThread(module: number, name: string, args: string, timeoutMs: number): Promise<string> {
    const options = { ...this.#limit(timeoutMs) };
    const text = (await this.#runTask.apply(undefined, [module, name, args], options)) as string;
    return text === '' ? ((await this.#outcome.apply(undefined, [], options)) as string) : text;
  }

  stop(): void {
    this.#stop.applySync(undefined, [], this.#limit(1000));
  }

  failureOf(error: unknown): Failure {
    const message = error instanceof Error ? error.message : '';
    if (message === 'Isolate was disposed during execution due to memory limit') return 'memory';
    if (this.#isolate.isDisposed) return 'disposed';
    if (message === 'Script execution timed out.') return 'timeout';
    return 'thrown';
  }

  dispose(): void {
    this.#link.calls = null;
    this.#link.spent = () => {};
    // One that owes answers would take the process along: it is left as it is.
    if (this.#waitedFor.size > 0) keptAsTheyAre.add(this);
    else if (!this.#isolate.isDisposed) this.#isolate.dispose();
  }

  /**
   * The guest is held where it is once calls have taken as long as the entry may, and half of that in processor time
   * after it (a busy machine is no reason): what it spends there is counted.
   */
  #spend(began: number): void {
    const now = performance.now();
    const { mem } = this;
    this.#spent += now - began;
    // The watchdog looks at the guest's own part: of the host's, the end is near.
    if (mem[SINCE] !== 0) mem[SINCE] = (this.#since + this.#spent) & 0x7fffffff || 1;
    if (this.#spent <= this.#most && now <= this.#until) return;
    if (this.#inspected) return;
    if (now <= this.#until) {
      const cpu = cpuMs();
      if (this.#cpuFrom === 0) this.#cpuFrom = cpu;
      if (cpu - this.#cpuFrom <= this.#most / 2) return;
    }
    mem[FAULT] = OVERTIME;
    if (mem[SINCE] !== 0) mem[SINCE] = now & 0x7fffffff || 1; // it is not stuck: its end is near
  }

  #begin(timeoutMs: number): void {
    this.#spent = 0;
    this.#since = this.mem[SINCE] as number;
    this.#cpuFrom = 0;
    this.#most = timeoutMs;
    this.#until = performance.now() + timeoutMs + LONGEST_WAIT_MS;
    this.mem[FAULT] = 0;
  }

  #limit(timeoutMs: number): { timeout: number } {
    this.#begin(timeoutMs);
    this.#options.timeout = timeoutMs;
    return this.#options;
  }

  #copied(timeoutMs: number): ivm.ReferenceApplyOptions {
    this.#begin(timeoutMs);
    this.#copying.timeout = timeoutMs;
    return this.#copying;
  }

  #run(program: Program, cache: CodeCache, timeoutMs: number): ivm.Reference {
    const cached = cache.get(program.name) as ivm.ExternalCopy<ArrayBuffer> | undefined;
    const script = this.#isolate.compileScriptSync(
      program.code,
      cached === undefined
        ? { filename: program.name, produceCachedData: true }
        : { filename: program.name, cachedData: cached },
    ) as ivm.Script & { cachedData?: ivm.ExternalCopy<ArrayBuffer> };
    if (cached === undefined && script.cachedData !== undefined) cache.set(program.name, script.cachedData);
    if (timeoutMs > 0) this.#begin(timeoutMs);
    const value = script.runSync(this.#context, { reference: true, timeout: timeoutMs }) as ivm.Reference;
    script.release();
    return value;
  }
}
