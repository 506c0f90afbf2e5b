// ngx.thread: light threads. A thread is an async function whose end its parent may wait for, and which can be killed:
// the operations that it waits for are stopped, and what is left of its code finds every call of the API closed.
//
// Whose code is running is asked of V8: each thread's function is called by one whose name is the thread's, and a stack
// goes back over every `await`. Only code that nothing awaits (a callback of then() within `new Promise`) has no such
// caller; it counts as its request's own. None of this is done while there are no threads.
//
//   running ── ends ──→ ended (its value is kept) ── waited for ──→ over
//      └───────────── killed ───────────────────────────────────────↑

import { BLOCK, OP_TIMER } from '../protocol.ts';
import { flushOut, mem } from './bridge.ts';
import { apply, create, Error_, hasOwn, list, Promise_, slice } from './builtins.ts';
import { NgxError, signal } from './errors.ts';
import { reportThrown } from './log.ts';
import { contextOf, nobody } from './nobody.ts';
import { cancel, ownOperations } from './operations.ts';
import { onKilled, type Request, UNDECIDED } from './request.ts';

type State = 'running' | 'ended' | 'over';

class Thread {
  readonly id: number;
  readonly r: Request;
  /** The name of the thread or coroutine that spawned it; empty for the request's own code. */
  readonly parent: string;
  state: State = 'running';
  failed = false;
  value: unknown = undefined;
  /** Operations that it waits for, by number. */
  readonly operations = create(null) as Record<number, true>;
  /** Whoever waits for it: called when it has ended. */
  waiter: (() => void) | null = null;
  /** What its parent has. */
  handle: LightThread | null = null;

  constructor(id: number, r: Request, parent: string) {
    this.id = id;
    this.r = r;
    this.parent = parent;
  }
}

/** What scripts hold. */
class LightThread {
  readonly #thread: Thread;

  constructor(thread: Thread) {
    this.#thread = thread;
  }

  static of(value: unknown): Thread | null {
    return typeof value === 'object' && value !== null && #thread in value ? value.#thread : null;
  }
}
Reflect.deleteProperty(LightThread.prototype, 'constructor');

/** The threads whose code may still run, by number. */
const threads = create(null) as Record<number, Thread | undefined>;
let lastThread = 0;
let living = 0;

const THREAD = 'thread#';
const COROUTINE = 'coroutine#';
const MAX_DEPTH = 10_000;

interface CallSite {
  getFunctionName(): string | null;
}

interface Errors {
  stackTraceLimit: number;
  prepareStackTrace?: ((error: unknown, sites: readonly CallSite[]) => unknown) | undefined;
}

function nearest(_error: unknown, sites: readonly CallSite[]): string {
  for (let i = 0; i < sites.length; i++) {
    const name = (sites[i] as CallSite).getFunctionName();
    if (name !== null && (begins(name, THREAD) || begins(name, COROUTINE))) return name;
  }
  return '';
}

function begins(name: string, how: string): boolean {
  return slice(name, 0, how.length) === how;
}

/** The name of the thread, or coroutine, whose code is running; empty where it is neither's. */
export function runner(): string {
  const errors = Error_ as unknown as Errors;
  const { stackTraceLimit } = errors;
  const own = hasOwn(errors, 'prepareStackTrace') ? errors.prepareStackTrace : undefined;
  errors.stackTraceLimit = MAX_DEPTH;
  errors.prepareStackTrace = nearest;
  const name = new Error_().stack as string;
  errors.stackTraceLimit = stackTraceLimit;
  errors.prepareStackTrace = own;
  return name;
}

/** The name of the thread that a coroutine runs for; only asked when there are coroutines. */
let threadOf: ((coroutine: string) => string) | null = null;

/** Who knows coroutines. */
export function onCoroutines(find: (coroutine: string) => string): void {
  threadOf = find;
}

/** The thread whose code is running; null where it is no thread's. A killed one's code comes no further than this. */
function currentThread(): Thread | null {
  return threadOfRunner(runner());
}

function threadOfRunner(name: string): Thread | null {
  return threadNamed(threadOf !== null && begins(name, COROUTINE) ? threadOf(name) : name);
}

/** The name of whose code is running, which is no killed one's; empty where there are neither threads nor coroutines. */
function currentRunner(): string {
  if (living === 0 && threadOf === null) return '';
  const name = runner();
  threadOfRunner(name);
  return name;
}

function threadNamed(name: string): Thread | null {
  if (name === '') return null;
  const thread = threads[+slice(name, THREAD.length)];
  if (thread === undefined) throw signal;
  return thread;
}

export class ThreadApi {
  readonly #r: Request;

  constructor(r: Request) {
    this.#r = r;
  }

  spawn(run: unknown, ...args: unknown[]): LightThread {
    const r = contextOf(this.#r);
    if (typeof run !== 'function') throw new NgxError("bad argument #1 to 'spawn' (function expected)");
    const thread = new Thread(++lastThread, r, currentRunner());
    threads[thread.id] = thread;
    living++;
    r.threads++;
    ownOperations(operationsOf);
    const handle = new LightThread(thread);
    thread.handle = handle;
    const name = `${THREAD}${thread.id}`;
    const named = {
      async [name]() {
        const value = attempt(thread, run as () => unknown, args);
        return thread.state === 'running' ? await value : undefined;
      },
    };
    end(thread, (named[name] as () => Promise<unknown>)());
    if (r.decided !== UNDECIDED) throw signal;
    return handle;
  }

  wait(...given: unknown[]): Promise<unknown> {
    const r = contextOf(this.#r);
    if (given.length === 0) throw new NgxError('at least one coroutine should be specified');
    const own = currentRunner();
    const awaited = list<Thread>();
    for (let i = 0; i < given.length; i++) {
      const thread = LightThread.of(given[i]);
      if (thread === null) throw new NgxError('attempt to wait on a coroutine that is not a user thread');
      if (thread.parent !== own || thread.r !== r) {
        throw new NgxError('only the parent coroutine can wait on the thread');
      }
      awaited[i] = thread;
    }
    return first(awaited);
  }

  kill(given: unknown): boolean {
    const r = contextOf(this.#r);
    const thread = LightThread.of(given);
    if (thread === null) throw new NgxError('not user thread');
    const own = currentRunner();
    if (thread.parent !== own || thread.r !== r) throw new NgxError('killer not parent');
    if (thread.state === 'ended') {
      thread.state = 'over';
      throw new NgxError('already terminated');
    }
    if (thread.state === 'over') throw new NgxError('already waited or killed');
    stop(thread);
    flushOut(); // what it waited for is stopped when this returns
    return true;
  }
}

/** The value of the first that has ended, or its error. */
function first(awaited: readonly Thread[]): Promise<unknown> {
  return new Promise_((resolve, reject) => {
    const take = (thread: Thread): void => {
      thread.state = 'over';
      if (thread.failed) reject(thread.value);
      else resolve(thread.value);
    };
    for (let i = 0; i < awaited.length; i++) {
      const thread = awaited[i] as Thread;
      if (thread.state === 'over') throw new NgxError('already waited or killed');
      if (thread.state === 'ended') {
        take(thread);
        return;
      }
    }
    for (let i = 0; i < awaited.length; i++) {
      const thread = awaited[i] as Thread;
      thread.waiter = () => {
        for (let k = 0; k < awaited.length; k++) (awaited[k] as Thread).waiter = null;
        take(thread);
      };
    }
  });
}

/** Calls a thread's function: the thread may have ended with that. */
function attempt(thread: Thread, run: () => unknown, args: readonly unknown[]): unknown {
  try {
    const value = apply(run, undefined, args);
    if (typeof value !== 'object' || value === null) conclude(thread, false, value);
    return value;
  } catch (error) {
    conclude(thread, true, error);
    return undefined;
  }
}

/** Awaits a thread's function. */
async function end(thread: Thread, running: Promise<unknown>): Promise<void> {
  try {
    conclude(thread, false, await running);
  } catch (error) {
    const { r } = thread;
    mem[BLOCK] = r.steps[r.step]?.block ?? -1;
    conclude(thread, true, error);
  }
}

function conclude(thread: Thread, failed: boolean, value: unknown): void {
  if (thread.state !== 'running') return;
  thread.failed = failed;
  thread.value = value;
  if (failed && value !== signal) reportThrown(thread.r, value, 'user thread aborted: ');
  thread.state = 'ended';
  thread.waiter?.();
  leave(thread);
}

function stop(thread: Thread): void {
  thread.state = 'over';
  for (const id in thread.operations) cancel(+id);
  thread.r.killed = true;
  leave(thread);
}

function leave(thread: Thread): void {
  const { r } = thread;
  delete threads[thread.id];
  living--;
  r.threads--;
  if (r.threads > 0 || r.onThreads === null) return;
  const go = r.onThreads;
  r.onThreads = null;
  go();
}

/** Resolves to `value` when all threads of `r` have ended. */
export function afterThreads(r: Request, value: unknown): Promise<unknown> {
  return new Promise_((resolve) => {
    r.onThreads = () => resolve(value);
  });
}

/** The request's blocks have been decided: their threads go no further. */
export function stopThreads(r: Request): void {
  r.onThreads = null;
  for (const id in threads) {
    const thread = threads[+id] as Thread;
    if (thread.r === r) stop(thread);
  }
}

/** Where an operation that begins is noted, if a thread's code asks for it. Timers outlive whoever sets them. */
function operationsOf(r: Request, code: number): Record<number, true> | null {
  if (code === OP_TIMER || (r === nobody ? living === 0 : r.threads === 0 && !r.killed)) return null;
  return currentThread()?.operations ?? null;
}

onKilled(currentThread);

/** Of what ngx.thread.spawn gave, in Lua's words; undefined for anything else. */
export function threadStatus(value: unknown): 'running' | 'zombie' | 'dead' | undefined {
  const thread = LightThread.of(value);
  if (thread === null) return undefined;
  if (thread.state === 'running') return 'running';
  return thread.state === 'ended' ? 'zombie' : 'dead';
}

/** The thread of that name, as scripts have it. */
export function threadHandle(name: string): object | undefined {
  return threadNamed(name)?.handle ?? undefined;
}

export function threadApi(r: Request): ThreadApi {
  if (r.thread === undefined) r.thread = new ThreadApi(r);
  return r.thread as ThreadApi;
}
