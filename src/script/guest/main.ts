// What an isolate starts with: builds the global world of scripts and hands the host the functions that it enters by.
// The value of this program is `start`; everything else stays in its closure.

import type { Boot } from '../protocol.ts';
import { connect, type HostCall, type HostShared, startWriting, written } from './bridge.ts';
import { countBuffers } from './buffers.ts';
import { defineProperty, keys, parseJson } from './builtins.ts';
import { becomeCommand } from './command.ts';
import { printNotice } from './log.ts';
import { metrics } from './metrics.ts';
import { ndk } from './ndk.ts';
import { addToNgx, makeNgx } from './ngx.ts';
import { nobody } from './nobody.ts';
import { limitPatterns, re } from './re.ts';
import { add, define, load, type Program } from './run.ts';
import { semaphore } from './semaphore.ts';
import { shared as modules } from './share.ts';
import { sharedDicts } from './shared.ts';
import { limitTimers, stopTimers, timer } from './timer.ts';
import { pump, recover, sayUnsent } from './visit.ts';
import { makeGlobals } from './web/globals.ts';
import { defineLazyGlobals } from './web/lazy.ts';
import { configApi, processApi, workerApi } from './worker.ts';
import { addModule, becomeThread, outcome, run_worker_thread, runTask } from './worker_thread.ts';

interface Entries {
  readonly pump: (text: string | [string]) => void;
  readonly said: () => [string];
  readonly recover: (slot: number) => [string];
  readonly unsent: () => [string];
  readonly load: (program: Program) => void;
  readonly add: (make: (loaded: (path: string) => object) => Program, block: number) => void;
  readonly define: (segment: number, steps: string) => void;
  readonly stop: () => void;
  readonly addModule: typeof addModule;
  readonly runTask: typeof runTask;
  readonly outcome: typeof outcome;
}

function start(
  memory: SharedArrayBuffer,
  call: HostCall,
  shared: HostShared,
  bootText: string,
  chunk: (name: string) => unknown,
): Entries {
  const boot = parseJson(bootText) as Boot;
  connect(memory, call, shared);
  startWriting();
  addToNgx({
    shared: sharedDicts(boot),
    timer,
    worker: workerApi(boot),
    process: processApi(boot),
    config: configApi(boot),
    metrics,
    re,
    semaphore,
    run_worker_thread,
  });
  limitPatterns(boot.regexCacheEntries);
  limitTimers(boot.maxPendingTimers, boot.maxRunningTimers);
  const ngx = makeNgx(nobody);
  nobody.ngx = ngx;
  defineGlobal('ngx', ngx);
  defineGlobal('print', printNotice);
  defineGlobal('ndk', ndk);
  const globals = makeGlobals();
  for (const name of keys(globals)) defineGlobal(name, globals[name]);
  defineLazyGlobals(chunk, modules);
  if (boot.command !== null) becomeCommand(ngx, boot.command);
  if (boot.thread) becomeThread();
  // Its memory would not count against the isolate's limit: one block could take the whole machine's.
  Reflect.deleteProperty(globalThis, 'WebAssembly');
  countBuffers();

  return {
    pump,
    said: written,
    recover,
    unsent: sayUnsent,
    load: (program) => load(program, boot.segments),
    add,
    define,
    stop: stopTimers,
    addModule,
    runTask,
    outcome,
  };
}

function defineGlobal(name: string, value: unknown): void {
  defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
}

export { start };
