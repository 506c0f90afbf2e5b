// The scripts of a cycle: blocks and segments as the configuration names them, and, in a worker, the isolate that runs
// them. One object per cycle; its numbers are the same in every process that reads the same configuration.

import type { Reader } from '../conf/reader.ts';
import { LEVELS, type Level } from '../core/log.ts';
import type { WorkerProcess } from '../http/module.ts';
import type { SharedDict } from '../zone/shared_dict.ts';
import type { Actor } from './host/actor.ts';
import type { Compiled, Source } from './host/compile.ts';
import { Keeper } from './host/keeper.ts';
import { Metrics } from './host/metrics.ts';
import { EXIT_WORKER, INIT, INIT_WORKER, type SegmentStep } from './protocol.ts';

/** The blocks of one phase at one level of the configuration, in the order written. */
export class BlockList {
  readonly scripts: Scripts;
  readonly phase: number;
  readonly segment: number;
  readonly steps: SegmentStep[] = [];

  constructor(scripts: Scripts, phase: number, segment: number) {
    this.scripts = scripts;
    this.phase = phase;
    this.segment = segment;
  }
}

export interface SharedDictSpec {
  readonly name: string;
  readonly size: number;
}

export interface StartOptions {
  readonly compiled: Compiled;
  readonly worker: WorkerProcess;
  readonly dicts: ReadonlyMap<string, SharedDict>;
  readonly cpuLimitMs: number;
  readonly maxPendingTimers: number;
  readonly maxRunningTimers: number;
  log(level: Level, message: string): void;
  logEnabled(level: Level): boolean;
}

const MEMORY_MB = 128;

export class Scripts {
  readonly sources: Source[] = [];
  readonly lists: BlockList[] = [];
  readonly dicts: SharedDictSpec[] = [];
  #keeper: Keeper | null = null;

  /** Adds a block, to the list of its level: `seen` is what that level has had before. */
  add(source: Source, phase: number, seen: BlockList | null | undefined): BlockList {
    const list = seen ?? new BlockList(this, phase, this.lists.length);
    if (list !== seen) this.lists.push(list);
    list.steps.push({ phase, block: this.sources.push(source) - 1 });
    return list;
  }

  get any(): boolean {
    return this.sources.length > 0;
  }

  /** The isolate; null where it is not to be had for now. */
  get actor(): Actor | null {
    return this.#keeper === null ? null : this.#keeper.actor;
  }

  async start(cf: Reader, options: StartOptions): Promise<void> {
    const { worker } = options;
    const rank = (level: number): Level => LEVELS[Math.max(0, level - 1)] ?? 'debug';
    this.#keeper = new Keeper({
      name: 'main',
      compiled: options.compiled,
      segments: this.lists.map(({ steps }) => steps),
      boot: {
        prefix: cf.sources.prefix,
        confFile: cf.sources.confFile,
        workerId: worker.id,
        workerCount: worker.count,
        pid: process.pid,
        maxPendingTimers: options.maxPendingTimers,
        maxRunningTimers: options.maxRunningTimers,
      },
      dicts: options.dicts,
      memoryMb: MEMORY_MB,
      cpuLimitMs: options.cpuLimitMs,
      init: this.#alone(INIT),
      initWorker: this.#alone(INIT_WORKER),
      exitWorker: this.#alone(EXIT_WORKER),
      metrics: new Metrics(worker),
      logEnabled: (level) => options.logEnabled(rank(level)),
      log: (level, message) => options.log(rank(level), message),
      worker: (what) => (what === 'exiting' ? worker.exiting() : JSON.stringify([process.pid])),
    });
    await this.#keeper.start();
  }

  async stop(): Promise<void> {
    await this.#keeper?.stop();
    this.#keeper = null;
  }

  /** The blocks of a phase that belongs to no request. */
  #alone(phase: number): number[] {
    return this.lists
      .filter((list) => list.phase === phase)
      .flatMap(({ steps }) => steps.map(({ block }) => block));
  }
}
