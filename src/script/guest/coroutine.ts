// The global `coroutine`: functions that stop at a yield until somebody resumes them. They are async functions, plain
// ones or generators; a call that waits within one holds up nobody but whoever resumed it.
//
// Who yields is asked of V8, as ngx.thread does: each coroutine's function is called by one whose name is the coroutine's,
// and a stack goes back over every `await`.

import { OP_SLEEP } from '../protocol.ts';
import { apply, asyncIterator, create, deref, hasOwn, iterator, Promise_, WeakRef_ } from './builtins.ts';
import { NgxError } from './errors.ts';
import { nobody } from './nobody.ts';
import { operate } from './operations.ts';
import { onCoroutines, runner, threadHandle, threadStatus } from './thread.ts';

type Status = 'suspended' | 'running' | 'dead';
type Run = (...args: unknown[]) => unknown;

class State {
  readonly name: string;
  readonly run: Run;
  status: Status = 'suspended';
  handle: Coroutine | null = null;
  /** Who resumed it last: a coroutine, and the name of the thread that this runs for. */
  resumer: State | null = null;
  thread = '';
  /** Those that it has resumed and waits for. */
  resumed = 0;
  /** Goes on after a yield; null before it has begun. */
  wake: ((value: unknown) => void) | null = null;
  /** Of the resume that waits for it. */
  resolve: (value: unknown) => void = () => {};
  reject: (error: unknown) => void = () => {};

  constructor(name: string, run: Run) {
    this.name = name;
    this.run = run;
  }
}

/** What scripts hold. */
class Coroutine {
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
    state.handle = this;
  }

  static of(value: unknown): State | null {
    return typeof value === 'object' && value !== null && #state in value ? value.#state : null;
  }
}
Reflect.deleteProperty(Coroutine.prototype, 'constructor');

/** Those that may run, by name: whoever runs holds its own, and one that nobody can resume any more is forgotten. */
const states = create(null) as Record<string, WeakRef<State> | undefined>;
let last = 0;
let noted = 0;
let sweepAt = 64;

function note(state: State): void {
  if (noted >= sweepAt) {
    for (const name in states) if (deref(states[name] as WeakRef<State>) === undefined) drop(name);
    sweepAt = noted < 32 ? 64 : noted * 2;
  }
  states[state.name] = new WeakRef_(state);
  noted++;
}

function drop(name: string): void {
  delete states[name];
  noted--;
}

function find(name: string): State | null {
  const ref = states[name];
  return ref === undefined ? null : ((deref(ref) as State | undefined) ?? null);
}

onCoroutines((name) => find(name)?.thread ?? '');

function statusOf(state: State): Status | 'normal' {
  return state.status === 'running' && state.resumed > 0 ? 'normal' : state.status;
}

/** Several values are an array, one is itself. */
function pack(values: readonly unknown[]): unknown {
  return values.length > 1 ? values : values[0];
}

function make(run: unknown, what: string): State {
  if (typeof run !== 'function') throw new NgxError(`bad argument #1 to '${what}' (function expected)`);
  const state = new State(`coroutine#${++last}`, run as Run);
  new Coroutine(state);
  return state;
}

function resume(state: State, args: readonly unknown[]): Promise<unknown> {
  return new Promise_((resolve, reject) => {
    if (state.status !== 'suspended') throw new NgxError(`cannot resume ${statusOf(state)} coroutine`);
    const by = runner();
    const resumer = find(by);
    if (resumer !== null) resumer.resumed++;
    state.resumer = resumer;
    state.thread = resumer === null ? by : resumer.thread;
    state.status = 'running';
    state.resolve = resolve;
    state.reject = reject;
    const { wake } = state;
    if (wake !== null) {
      state.wake = null;
      wake(pack(args));
      return;
    }
    note(state);
    const { name } = state;
    const named = {
      async [name]() {
        const made = apply(state.run, undefined, args);
        return isGenerator(made) ? await iterate(state, made) : await made;
      },
    };
    end(state, (named[name] as () => Promise<unknown>)());
  });
}

async function end(state: State, running: Promise<unknown>): Promise<void> {
  try {
    const value = await running;
    leave(state, 'dead');
    state.resolve(value);
  } catch (error) {
    leave(state, 'dead');
    state.reject(error);
  }
  drop(state.name);
}

function leave(state: State, status: Status): void {
  state.status = status;
  const { resumer } = state;
  state.resumer = null;
  if (resumer !== null) resumer.resumed--;
}

function stopAt(state: State, values: readonly unknown[]): Promise<unknown> {
  return new Promise_((wake) => {
    if (state.status !== 'running') throw new NgxError(`cannot yield from a ${state.status} coroutine`);
    leave(state, 'suspended');
    state.wake = wake;
    state.resolve(pack(values));
  });
}

type Steps = Generator<unknown, unknown, unknown> | AsyncGenerator<unknown, unknown, unknown>;

/** What a generator function returns, not just anything that can be iterated over. */
function isGenerator(value: unknown): value is Steps {
  if (typeof value !== 'object' || value === null || hasOwn(value, 'next')) return false;
  const one = value as { readonly next?: unknown; readonly throw?: unknown } & Record<symbol, unknown>;
  return (
    typeof one.next === 'function' &&
    typeof one.throw === 'function' &&
    (one[iterator] ?? one[asyncIterator]) !== undefined
  );
}

/** A generator's own `yield` is the coroutine's. */
async function iterate(state: State, steps: Steps): Promise<unknown> {
  let step = await steps.next();
  while (step.done !== true) step = await steps.next(await stopAt(state, [step.value]));
  return step.value;
}

/** Of the code that runs for no coroutine: what else is ready has its turn. */
function giveWay(): Promise<unknown> {
  return new Promise_((resolve) => {
    operate(nobody, OP_SLEEP, [0], () => resolve(undefined));
  });
}

export const coroutine = {
  create(run: unknown): Coroutine {
    return make(run, 'create').handle as Coroutine;
  },

  wrap(run: unknown): (...args: unknown[]) => Promise<unknown> {
    const state = make(run, 'wrap');
    return (...args) => resume(state, args);
  },

  resume(given: unknown, ...args: unknown[]): Promise<unknown> {
    const state = Coroutine.of(given);
    if (state !== null) return resume(state, args);
    const thread = threadStatus(given);
    if (thread === undefined) throw new NgxError("bad argument #1 to 'resume' (coroutine expected)");
    return new Promise_(() => {
      throw new NgxError(`cannot resume ${thread} coroutine`);
    });
  },

  yield(...values: unknown[]): Promise<unknown> {
    const state = find(runner());
    return state === null ? giveWay() : stopAt(state, values);
  },

  /** Undefined in the request's own code. */
  running(): object | undefined {
    const name = runner();
    const state = find(name);
    return state === null ? threadHandle(name) : (state.handle as Coroutine);
  },

  status(given: unknown): string {
    const state = Coroutine.of(given);
    if (state !== null) return statusOf(state);
    const thread = threadStatus(given);
    if (thread === undefined) throw new NgxError("bad argument #1 to 'status' (coroutine expected)");
    return thread;
  },
};
