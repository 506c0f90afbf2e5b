// What V8 does in one piece cannot be cut off: [].includes.call({ length: 2 ** 53 }) takes years. A thread looks whether
// visits on the worker's own thread end. Where one does not, it ends the worker, and the master starts another.

import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { STUCK_SIGNAL } from '../../core/stuck_signal.ts';
import { BLOCK, SINCE } from '../protocol.ts';

/** How much longer than its limit a visit may take: processor time, and time. A busy machine is no reason. */
const GRACE_CPU_MS = 500;
const GRACE_MS = 30_000;
const LOOK_MS = 250;
/**
 * A loop hears of its limit when V8 looks whether it is worth optimising: every 3000 rounds, which are seconds where a
 * round calls a built-in that takes a millisecond. Sooner, but not while a worker starts: that costs it 6 MB.
 */
const ROUNDS_FLAG = '--invocation-count-for-turbofan=300';
const START_MS = 1000;

interface Watched {
  readonly id: number;
  readonly mem: Int32Array;
  readonly name: string;
  readonly limitMs: number;
  /** By block: " in content_by_ts(nginx.conf:5)". */
  readonly places: readonly string[];
  /** When the visit began that was found to be over its limit, and what processor time the worker had used then. */
  overdue: number;
  cpuMs: number;
}

interface Settings {
  /** Milliseconds of process.hrtime() where performance.now() of the worker's own thread is 0. */
  readonly origin: number;
  readonly signal: NodeJS.Signals;
  readonly lookMs: number;
  readonly graceMs: number;
  readonly graceCpuMs: number;
  readonly since: number;
  readonly block: number;
}

let thread: Worker | null = null;
let lastId = 0;

/** Watches the visits that `mem` tells of; call what is returned when the isolate is gone. */
export function watch(name: string, mem: Int32Array, limitMs: number, places: readonly string[]): () => void {
  thread ??= startThread();
  const id = ++lastId;
  const watched: Watched = { id, mem, name, limitMs, places, overdue: 0, cpuMs: 0 };
  thread.postMessage(watched);
  return () => thread?.postMessage(id);
}

function startThread(): Worker {
  const settings: Settings = {
    origin: Number(process.hrtime.bigint() / 1_000_000n) - performance.now(),
    signal: STUCK_SIGNAL,
    lookMs: LOOK_MS,
    graceMs: GRACE_MS,
    graceCpuMs: GRACE_CPU_MS,
    since: SINCE,
    block: BLOCK,
  };
  const started = new Worker(`(${look.toString()})(require)`, {
    eval: true,
    workerData: settings,
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1 },
  });
  started.unref();
  setTimeout(setFlagsFromString, START_MS, ROUNDS_FLAG).unref();
  return started;
}

/** The thread: its text is all that it has. The standard error stream of a worker is the error log. */
function look(load: NodeJS.Require): void {
  const { parentPort, workerData } = load('node:worker_threads') as typeof import('node:worker_threads');
  const { readFileSync, writeSync } = load('node:fs') as typeof import('node:fs');
  const { origin, signal, lookMs, graceMs, graceCpuMs, since, block } = workerData as Settings;
  const { pid } = process;
  const all = new Map<number, Watched>();

  /** Processor time of the worker's own thread, whose id is the process'. */
  const cpuMs = (): number => {
    const stat = readFileSync(`/proc/self/task/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')')).split(' ');
    return (Number(fields[12]) + Number(fields[13])) * 10;
  };

  parentPort?.on('message', (message: Watched | number) => {
    if (typeof message === 'number') all.delete(message);
    else all.set(message.id, message);
  });

  setInterval(() => {
    const now = Number(process.hrtime.bigint() / 1_000_000n) - origin;
    for (const watched of all.values()) {
      const { mem, name, limitMs, places } = watched;
      const start = mem[since] as number;
      const lasted = (Math.floor(now) - start) & 0x7fffffff;
      // What seems to begin in a moment has begun just now.
      if (start === 0 || lasted < limitMs || lasted > 0x40000000) continue;
      if (watched.overdue !== start) {
        watched.overdue = start;
        watched.cpuMs = cpuMs();
      }
      if (lasted < limitMs + graceMs && cpuMs() < watched.cpuMs + graceCpuMs) continue;
      const date = new Date();
      const two = (n: number): string => String(n).padStart(2, '0');
      const day = `${date.getFullYear()}/${two(date.getMonth() + 1)}/${two(date.getDate())}`;
      const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
      const place = places[mem[block] as number] ?? '';
      writeSync(
        2,
        `${day} ${clock} [alert] ${pid}#${pid}: isolate "${name}" is stuck${place}: the worker is ended\n`,
      );
      process.kill(pid, signal);
    }
  }, lookMs);
}
