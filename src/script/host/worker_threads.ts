// ngx.run_worker_thread of one isolate's scripts: functions that run in isolates of their own, off the worker's thread,
// with the limits of the isolate that asks. An isolate is used again and again, and keeps the modules that it has loaded.

import { messageOf } from '../../core/thrown.ts';
import { JSON_TEXT, TEXT } from '../protocol.ts';
import { compile } from './compile.ts';
import type { IsolateDoor } from './isolate.ts';
import { CompileError } from './mistakes.ts';
import type { Argument, Cancel, Done } from './request.ts';
import type { CompileOptions } from './source.ts';
import type { Stacks } from './stack.ts';
import type { ThreadPool, ThreadPools } from './thread_pools.ts';

/** How much longer than its limit a task may take; then its isolate is lost. */
const STUCK_MS = 10_000;
/** How long a module that cannot be loaded is left alone. */
const RETRY_MS = 1000;
/** What stands for the directive in messages of the compiler. */
const DIRECTIVE = 'run_worker_thread';

interface ThreadOptions {
  readonly pools: ThreadPools;
  /** How many tasks there may be, waiting ones included: each needs an isolate. */
  readonly maxVms: number;
  readonly compile: CompileOptions;
  /** Modules are found as by a block of this file. */
  readonly confFile: string;
  readonly limitMs: number;
  /** Knows from now on what stacks of tasks speak of. */
  readonly stacks: Stacks;
  open(): IsolateDoor;
  /** A thread of this process will never end. */
  stuck(): void;
  /** Too many tasks wait for a thread of it. */
  overflow(pool: ThreadPool): void;
}

interface Module {
  readonly number: number;
  readonly code: string;
  readonly program: string;
}

interface Vm {
  readonly door: IsolateDoor;
  /** Numbers of those that it has loaded. */
  readonly modules: Set<number>;
}

/** What the promise is rejected with, in these words. */
class TaskFailure extends Error {
  override readonly name = 'TaskFailure';
}

export class WorkerThreads {
  readonly #options: ThreadOptions;
  readonly #modules = new Map<string, Promise<Module>>();
  #lastModule = 0;
  readonly #idle: Vm[] = [];
  readonly #busy = new Set<Vm>();
  #tasks = 0;
  #closed = false;

  constructor(options: ThreadOptions) {
    this.#options = options;
  }

  /** Arguments: pool, module, function, arguments as JSON. */
  start(args: readonly Argument[], done: Done): Cancel {
    let wanted = true;
    const run = async (): Promise<void> => {
      try {
        const answer = await this.#work(args.map(String), () => wanted);
        if (wanted) tell(answer, done);
      } catch (error) {
        if (wanted) done(false, TEXT, messageOf(error), '');
      }
    };
    void run();
    return () => {
      wanted = false;
    };
  }

  /** What the guest's runTask() says. Throws TaskFailure. */
  async #work([poolName = '', moduleName = '', name = '', values = '']: string[], wanted: () => boolean) {
    const { pools, maxVms, overflow } = this.#options;
    const pool = pools.get(poolName);
    if (pool === undefined) throw new TaskFailure(`thread pool ${poolName} not found`);
    if (this.#tasks === maxVms) throw new TaskFailure('no available Lua vm');
    this.#tasks++;
    try {
      const module = await this.#module(moduleName);
      const turn = pool.enter();
      if (turn === null) {
        overflow(pool);
        throw new TaskFailure('ngx_thread_task_post failed');
      }
      await turn;
      try {
        return wanted() ? await this.#run(module, name, values) : '';
      } finally {
        pool.leave();
      }
    } finally {
      this.#tasks--;
    }
  }

  /** Ends what runs. */
  close(): void {
    this.#closed = true;
    for (const { door } of [...this.#idle.splice(0), ...this.#busy]) door.dispose();
  }

  /** Compiled once. */
  #module(name: string): Promise<Module> {
    const known = this.#modules.get(name);
    if (known !== undefined) return known;
    const made = this.#compile(name);
    this.#modules.set(name, made);
    // It may be there later, but a compiler is dear.
    made.catch(() => setTimeout(() => this.#modules.delete(name), RETRY_MS).unref());
    return made;
  }

  async #compile(name: string): Promise<Module> {
    const { compile: options, confFile, stacks } = this.#options;
    const source = {
      phase: DIRECTIVE,
      directive: DIRECTIVE,
      file: confFile,
      line: 1,
      column: 1,
      text: `import * as exported from ${JSON.stringify(name)};\nreturn exported;`,
      path: null,
    };
    const number = ++this.#lastModule;
    const program = `tsresty:thread:${number}`;
    try {
      const { code, map } = await compile([source], new Set([0]), options);
      stacks.add(program, map);
      return { number, code, program };
    } catch (error) {
      if (!(error instanceof CompileError)) throw error;
      const own = `${DIRECTIVE} in ${confFile}:`;
      const messages = error.mistakes.map(({ message }) =>
        message.startsWith(own) ? message.slice(own.length).replace(/^\d+:\d+: /, '') : message,
      );
      throw new TaskFailure(messages.join('\n'));
    }
  }

  async #run(module: Module, name: string, values: string): Promise<string> {
    const vm = this.#take(module);
    const { door } = vm;
    const { limitMs } = this.#options;
    let sound = false;
    try {
      if (!vm.modules.has(module.number)) {
        const loading = door.addModuleOnThread(
          { code: module.code, name: module.program },
          module.number,
          limitMs,
        );
        await this.#patiently(loading);
        vm.modules.add(module.number);
      }
      const answer = await this.#patiently(door.runTaskOnThread(module.number, name, values, limitMs));
      sound = true;
      return answer;
    } catch (error) {
      if (error instanceof TaskFailure) throw error;
      const failure = door.failureOf(error);
      sound = failure === 'thrown';
      if (failure === 'memory') throw new TaskFailure('not enough memory');
      if (failure === 'timeout') {
        throw new TaskFailure(`cut off after ${limitMs} ms: it did not come to an end`);
      }
      if (failure === 'disposed') throw new TaskFailure('the isolate is gone');
      const thrown = error as Partial<Error>;
      return JSON.stringify([false, String(thrown.message ?? error), String(thrown.stack ?? '')]);
    } finally {
      this.#busy.delete(vm);
      if (sound && !this.#closed) this.#idle.push(vm);
      else if (!door.disposed) door.dispose();
    }
  }

  /** Preferably one that has the module. */
  #take(module: Module): Vm {
    if (this.#closed) throw new TaskFailure('process exiting');
    const at = this.#idle.findLastIndex(({ modules }) => modules.has(module.number));
    const [vm = { door: this.#options.open(), modules: new Set<number>() }] = this.#idle.splice(at, 1);
    this.#busy.add(vm);
    return vm;
  }

  /** Some of what V8 does in one piece cannot be cut off: the isolate is lost then, and ends with the process. */
  async #patiently<T>(entry: Promise<T>): Promise<T> {
    const { limitMs, stuck } = this.#options;
    let timer: NodeJS.Timeout | null = null;
    const patience = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        stuck();
        reject(new TaskFailure('it is stuck'));
      }, limitMs + STUCK_MS);
    });
    try {
      return await Promise.race([entry, patience]);
    } finally {
      clearTimeout(timer ?? undefined);
    }
  }
}

/** What the guest's runTask() has said. */
function tell(answer: string, done: Done): void {
  const [well, value, stack] = JSON.parse(answer) as [boolean, unknown, string | undefined];
  if (well) done(true, JSON_TEXT, JSON.stringify(value), '');
  else done(false, TEXT, String(value), stack === undefined || stack === '' ? '' : JSON.stringify({ stack }));
}
