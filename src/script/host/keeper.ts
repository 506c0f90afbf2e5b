// Keeps one isolate of a worker alive: starts it, runs init and init_worker in it, replaces it when it dies, and writes
// what happens in it to the error log. While there is none (it dies again and again), requests get 503.

import type { CommandScript } from '../../conf/reader.ts';
import type { LogCapture } from '../../core/log_capture.ts';
import { toLatin1 } from '../../core/text.ts';
import { messageOf, stackOf } from '../../core/thrown.ts';
import type { SharedDict } from '../../zone/shared_dict.ts';
import { type Boot, EXIT_WORKER, INIT, INIT_WORKER, type SegmentStep, THROWN, TIMER } from '../protocol.ts';
import { Actor } from './actor.ts';
import { type CallContext, hostCalls } from './calls.ts';
import type { Compiled, CompiledBlock } from './compile.ts';
import type { DebugMap } from './debug_map.ts';
import type { Destinations } from './destinations.ts';
import { leaveAgent } from './fetch.ts';
import { HandlerFiles } from './handler_files.ts';
import { type CodeCache, cpuMs, IsolateDoor, type Plain, type Session } from './isolate.ts';
import { LOG_ALERT, LOG_ERR } from './log_levels.ts';
import { IsolateMetrics, type Metrics } from './metrics.ts';
import { workerOperator } from './operator.ts';
import { loadPrelude } from './prelude.ts';
import type { Programs } from './programs.ts';
import type { Home, ScriptRequest } from './request.ts';
import type { SocketConf } from './socket_settings.ts';
import { Sockets } from './sockets.ts';
import { type CompileOptions, PROGRAM_NAME } from './source.ts';
import { type Frame, Stacks } from './stack.ts';
import type { ThreadPool, ThreadPools } from './thread_pools.ts';
import { noUsage, type Usage } from './usage.ts';
import { watch } from './watchdog.ts';
import { WorkerThreads } from './worker_threads.ts';

export interface KeeperOptions {
  /** Of ts_isolate; "main" for the one that all others share. */
  readonly name: string;
  readonly compiled: Compiled;
  readonly debugMap: DebugMap;
  /** `tsresty run`. */
  readonly command: CommandScript | null;
  readonly segments: readonly (readonly SegmentStep[])[];
  readonly boot: Omit<Boot, 'segments' | 'sharedDicts' | 'withheld' | 'isolate' | 'thread'>;
  readonly dicts: ReadonlyMap<string, SharedDict>;
  readonly compile: CompileOptions;
  readonly memoryMb: number;
  readonly cpuLimitMs: number;
  /** Blocks of init_by_ts, init_worker_by_ts, exit_worker_by_ts, in order. */
  readonly init: readonly number[];
  readonly initWorker: readonly number[];
  readonly exitWorker: readonly number[];
  readonly metrics: Metrics;
  readonly threadPools: ThreadPools;
  /** How many tasks there may be for threads. */
  readonly maxThreadVms: number;
  /** What has been logged lately, for ngx.errlog; null where it is not kept. */
  readonly capture: LogCapture | null;
  /** A thread of this process will never end: another process is to take over. */
  stuck(): void;
  /** Visits are made on a thread, to begin with. */
  readonly onThread: boolean;
  /** The isolate died of `r`, which needed more memory than there is to have. True: `r` is not coming back to it. */
  outgrown(r: ScriptRequest): boolean;
  /** Of the http block: for sockets that belong to no request. */
  readonly socketConf: SocketConf;
  /** Where its scripts may connect to; null: everywhere. */
  readonly destinations: Destinations | null;
  /** What they may start. */
  readonly programs: Programs;
  /** Not a tenant's. */
  readonly common: boolean;
  /** Dictionaries that there are, but not for this isolate. */
  readonly withheld: readonly string[];
  /** For what belongs to no request. */
  logEnabled(level: number): boolean;
  log(level: number, message: string): void;
  /** What ngx.upstream asks for, as JSON. */
  upstream(args: readonly Plain[]): string | undefined;
  worker(what: string, value?: number): string | boolean;
  /** Encrypts and decrypts with the key of `http`. */
  session(args: readonly Plain[]): string | undefined;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
/** What loading may take more by the clock where the processor was busy with others. */
const PATIENCE = 4;

export class Keeper implements Home {
  readonly #options: KeeperOptions;
  readonly #metrics: IsolateMetrics;
  readonly #stacks: Stacks;
  readonly #cache: CodeCache = new Map();
  readonly #waits: readonly boolean[];
  readonly files: HandlerFiles;
  #actor: Actor | null = null;
  readonly #usage = noUsage();
  #deaths = 0;
  #pausedUntil = 0;
  #closing = false;
  #timersStopped: Promise<void> | undefined = undefined;
  /** Ends the watch on the isolate. */
  #unwatch: (() => void) | null = null;
  readonly #places: readonly string[];
  #sessionGone: (() => void) | null = null;
  /** It has taken too much memory, and may do so again: see Conduct. */
  #onThread: boolean;
  #threads: WorkerThreads | null = null;
  #waiting: { readonly block: number; readonly done: (well: boolean) => void } | null = null;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#metrics = new IsolateMetrics(options.metrics, (message) =>
      options.log(LOG_ERR, `isolate "${options.name}": ${message}`),
    );
    this.#onThread = options.onThread;
    this.#stacks = new Stacks(options.compiled, options.boot.prefix);
    this.#waits = options.segments.map((steps) =>
      steps.some(({ block }) => options.compiled.blocks[block]?.waits !== false),
    );
    const { compiled, segments, cpuLimitMs } = options;
    this.#places = compiled.blocks.map((_, block) => this.#blockName(block));
    const shared = options.compile.shares ? compiled.inputs.map(([path]) => path) : [];
    this.files = new HandlerFiles(
      options.compile,
      this.#stacks,
      shared,
      compiled.blocks.length,
      segments.length,
      Math.max(cpuLimitMs, 1000),
      options.debugMap,
    );
  }

  /** Starts the isolate and runs init and init_worker. */
  async start(): Promise<void> {
    this.#launch();
    await this.#runAlone(this.#options.init, INIT);
    await this.#runAlone(this.#options.initWorker, INIT_WORKER);
  }

  /** The worker quits: connections in pools are of no use any more, and timers run early. */
  quit(): void {
    this.#actor?.sockets?.pools.closeIdle();
    leaveAgent();
    this.#timersStopped = this.#actor?.stopTimers();
  }

  /** No request is left: runs the timers that the last ones have set. When all timers have ended. */
  async quitted(): Promise<void> {
    await this.#timersStopped;
    await this.#actor?.stopTimers();
    await this.#actor?.timersEnded();
  }

  /** Runs exit_worker, and timers that are left; then ends the isolate. */
  async stop(): Promise<void> {
    this.#closing = true;
    await this.#actor?.detach();
    await this.#actor?.stopTimers();
    await this.#runAlone(this.#options.exitWorker, EXIT_WORKER);
    this.#actor?.dispose('the worker exits');
    this.#actor = null;
    this.#threads?.close();
  }

  get common(): boolean {
    return this.#options.common;
  }

  /** The isolate to be used now; null while it may not be started again. */
  get actor(): Actor | null {
    if (this.#actor === null && !this.#closing && performance.now() >= this.#pausedUntil) this.#restart();
    return this.#actor?.overrun ? null : this.#actor;
  }

  /** Runs a block that belongs to no request, once; false: it threw, or was cut off. */
  async run(block: number): Promise<boolean> {
    return await this.#runAlone([block], TIMER);
  }

  /** What it has used so far. */
  get usage(): Usage {
    this.#actor?.look();
    return this.#usage;
  }

  get name(): string {
    return this.#options.name;
  }

  get closed(): boolean {
    return this.#closing;
  }

  /** Where a position (from 1) of one of the programs was written; null for what is not the user's. */
  frame(program: string, line: number, column: number): Frame | null {
    return this.#stacks.frames(`at ${program}:${line}:${column}`)[0] ?? null;
  }

  /** "content_by_ts(nginx.conf:42)"; empty for none. */
  blockName(block: number): string {
    return this.#blockPlace(block).replace(/: $/, '');
  }

  /** Connects to the isolate's inspector; null where that is in use, or there is no isolate. `gone`: it ended. */
  async attach(heard: (message: string) => void, gone: () => void): Promise<Session | null> {
    const session = (await this.actor?.attach(heard)) ?? null;
    if (session !== null) this.#sessionGone = gone;
    return session;
  }

  /** No new requests will come: it ends when the last that it has is over. */
  retire(): void {
    this.#closing = true;
    void this.#actor?.stopTimers();
  }

  /** Whether nothing is left to be done in it. */
  get idle(): boolean {
    return this.#actor === null || this.#actor.occupants.none;
  }

  /** Ends it with what it has. */
  dispose(): void {
    this.#closing = true;
    this.#actor?.dispose('its files have changed');
    this.#actor = null;
    this.#threads?.close();
  }

  /** `patient`: loading was cut off by the clock before. */
  #launch(patient = false): void {
    const options = this.#options;
    const limitMs = Math.max(options.cpuLimitMs, 1000) * (patient ? PATIENCE : 1);
    const cpuFrom = cpuMs();
    const sockets = new Sockets({
      conf: options.socketConf,
      destinations: options.destinations,
      programs: options.programs,
      isolate: options.name,
      exiting: () => options.worker('exiting') === true,
      log: (level, message) => options.log(level, message),
    });
    const context = this.#context(sockets);
    const door = this.#open(context, false);
    const actor = new Actor(
      door,
      this.#waits,
      { limitMs: options.cpuLimitMs, onThread: this.#onThread, rests: !options.common },
      this.#usage,
      workerOperator(this.#metrics, options.destinations, options.common, () => this.#threadsOf()),
      {
        cutOff: (r, block, stack, limitMs) => this.#cutOff(r, block, stack, limitMs),
        unhandled: (r, error) => this.#unhandled(r, error),
        died: (why, r, block, outgrown) => this.#died(why, r, block, outgrown),
        stuck: () => options.stuck(),
        startElsewhere: (r, segment, final) => this.#startElsewhere(r, segment, final),
        aloneEnded: (block, ok) => this.#aloneEnded(block, ok),
        alert: (message) => options.log(LOG_ALERT, message),
      },
    );
    context.actor = actor;
    if (!options.boot.single) {
      this.#unwatch = watch(options.name, door.mem, options.cpuLimitMs, this.#places);
    }
    sockets.attach(actor, door.mem);
    actor.sockets = sockets;
    try {
      door.load(
        { code: options.compiled.code + options.debugMap(options.compiled.map), name: PROGRAM_NAME },
        this.#cache,
        limitMs,
      );
      const isolate = {
        door,
        undisturbed: <T>(act: () => T) => actor.undisturbed(act),
        settled: () => actor.settled(),
        collect: () => actor.collect(),
      };
      this.files.enter(isolate, this.#cache);
    } catch (error) {
      const starved = door.failureOf(error) === 'timeout' && cpuMs() - cpuFrom < limitMs / 2;
      this.#unwatch?.();
      door.dispose();
      if (starved && !patient) {
        this.#launch(true);
        return;
      }
      this.#log(null, LOG_ERR, `failed to load scripts: ${messageOf(error)}`, stackOf(error), true, '');
      this.#pausedUntil = performance.now() + LONGEST_PAUSE_MS;
      return;
    }
    this.#actor = actor;
    actor.collect();
  }

  /** An isolate; `thread`: one for ngx.run_worker_thread. */
  #open(context: CallContext, thread: boolean): IsolateDoor {
    const { boot, segments, dicts, withheld, name, memoryMb } = this.#options;
    const told: Boot = {
      ...boot,
      thread,
      segments: thread ? [] : segments,
      sharedDicts: [...dicts.keys()],
      withheld,
      isolate: name,
    };
    const door = new IsolateDoor(loadPrelude(), hostCalls(context), JSON.stringify(told), memoryMb);
    context.mem = door.mem;
    return door;
  }

  #context(sockets: Sockets | null): CallContext {
    const options = this.#options;
    return {
      actor: null,
      sockets,
      mem: null,
      dicts: [...options.dicts.values()],
      metrics: this.#metrics,
      capture: options.capture,
      logEnabled: (level) => options.logEnabled(level),
      log: (r, level, message, stack, thrown, whose) =>
        this.#log(r, level, message, stack, thrown, whose, sockets === null ? -1 : this.#block),
      logRaw: (r, level, message, whose) => this.#write(r, level, this.#stacks.inText(message) + whose),
      upstream: (args) => options.upstream(args),
      worker: (what, value) => options.worker(what, value),
      session: (args) => options.session(args),
      alert: (message) => options.log(LOG_ALERT, message),
      command: options.command === null ? null : this.#terminal(options.command),
    };
  }

  #threadsOf(): WorkerThreads {
    const { name, threadPools, maxThreadVms, compile, boot, cpuLimitMs, stuck, log } = this.#options;
    this.#threads ??= new WorkerThreads({
      pools: threadPools,
      maxVms: maxThreadVms,
      compile,
      confFile: boot.confFile,
      limitMs: cpuLimitMs,
      stacks: this.#stacks,
      open: () => this.#open(this.#context(null), true),
      stuck: () => {
        log(LOG_ALERT, `a task of isolate "${name}" is stuck: the worker is ended`);
        stuck();
      },
      overflow: (pool: ThreadPool) =>
        log(LOG_ERR, `thread pool "${pool.name}" queue overflow: ${pool.waiting} tasks waiting`),
    });
    return this.#threads;
  }

  #restart(): void {
    this.#launch();
    const actor = this.#actor;
    for (const block of this.#options.init) actor?.runAlone(block, INIT);
    for (const block of this.#options.initWorker) actor?.runAlone(block, INIT_WORKER);
  }

  /** False: one of them failed. */
  async #runAlone(blocks: readonly number[], phase: number): Promise<boolean> {
    let allWell = true;
    for (const block of blocks) {
      const actor = this.#actor;
      if (actor === null) return false;
      const well = await new Promise<boolean>((done) => {
        this.#waiting = { block, done };
        actor.runAlone(block, phase);
        actor.visitNow();
      });
      allWell &&= well;
    }
    return allWell;
  }

  #aloneEnded(block: number, well: boolean): void {
    const waiting = this.#waiting;
    if (waiting === null || waiting.block !== block) return;
    this.#waiting = null;
    waiting.done(well);
  }

  #died(why: string, r: ScriptRequest | null, block: number, outgrown: boolean): void {
    const served = this.#actor !== null && this.#actor.outbox.served > 0;
    this.#sessionGone?.();
    this.#sessionGone = null;
    this.#actor = null;
    this.#unwatch?.();
    this.#waiting?.done(false);
    this.#waiting = null;
    if (this.#closing) return;
    this.#usage.ends++;
    // One that has served is replaced at once, however often; one that dies at its start gets a growing pause.
    this.#deaths = served ? 0 : this.#deaths + 1;
    const pause =
      this.#deaths <= 3 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (this.#deaths - 4), LONGEST_PAUSE_MS);
    this.#pausedUntil = performance.now() + pause;
    const message = `isolate "${this.#options.name}" ended: ${why}${this.#blockName(block)}`;
    if (r === null) this.#options.log(LOG_ALERT, message);
    else r.log(LOG_ALERT, message);
    if (outgrown) this.#onThread = r === null || !this.#options.outgrown(r);
  }

  #startElsewhere(r: ScriptRequest, segment: number, final: boolean): void {
    const { actor } = r.home;
    if (actor === null) {
      r.ended(false, THROWN, 500, '', '');
      return;
    }
    r.enter(actor);
    actor.start(r, segment, final);
  }

  #terminal(command: CommandScript): CommandScript {
    return {
      ...command,
      write: (descriptor, text, bytes) =>
        command.write(descriptor, bytes ? text : this.#stacks.inText(text), bytes),
    };
  }

  #cutOff(r: ScriptRequest | null, block: number, stack: string, limitMs: number): void {
    const frame = this.#stacks.frames(stack)[0];
    const at = frame === undefined ? this.#blockPlace(block) : this.#place(frame, block);
    this.#write(r, LOG_ERR, `${at}cut off after ${limitMs} ms: it did not come to an end`);
    if (r === null) this.#aloneEnded(block, false);
  }

  #unhandled(r: ScriptRequest | null, error: unknown): void {
    this.#log(r, LOG_ERR, `unhandled rejection: ${messageOf(error)}`, stackOf(error), true, '');
  }

  /** The block that is running, or ran last; -1 for none. */
  get #block(): number {
    return this.#actor === null ? -1 : this.#actor.block;
  }

  #log(
    r: ScriptRequest | null,
    level: number,
    message: string,
    stack: string,
    thrown: boolean,
    whose: string,
    block = this.#block,
  ): void {
    const frames = this.#stacks.frames(stack);
    const first = frames[0];
    const at = first === undefined ? this.#blockPlace(block) : this.#place(first, block);
    let text = `[ts] ${at}${this.#stacks.inText(message)}`;
    if (thrown && frames.length > 1) {
      for (const frame of frames) text += `\n    at ${this.#stacks.written(frame)}`;
    }
    this.#write(r, level, text + whose);
  }

  #write(r: ScriptRequest | null, level: number, text: string): void {
    if (r === null) this.#options.log(level, toLatin1(text));
    else r.log(level, text);
  }

  #blockOf(number: number): CompiledBlock | undefined {
    return this.#options.compiled.blocks[number] ?? this.files.block(number);
  }

  /** "content_by_ts(nginx.conf:42:7): ", or "handlers/user.ts:3:1: ". */
  #place(frame: Frame, running: number): string {
    const at = `${this.#stacks.shown(frame.file)}:${frame.line}:${frame.column}`;
    const block = this.#blockOf(frame.block === -1 ? running : frame.block);
    return block === undefined ? `${at}: ` : `${block.phase}(${at}): `;
  }

  #blockPlace(block: number): string {
    const of = this.#blockOf(block);
    return of === undefined ? '' : `${of.phase}(${this.#stacks.shown(of.file)}:${of.line}): `;
  }

  #blockName(block: number): string {
    const of = this.#blockOf(block);
    return of === undefined ? '' : ` in ${of.phase}(${this.#stacks.shown(of.file)}:${of.line})`;
  }
}
