// The scripts of a cycle: blocks and segments as the configuration names them, and, in a worker, the isolates that run
// them. One object per cycle; its numbers are the same in every process that reads the same configuration.

import { readFileSync } from 'node:fs';
import type { ComplexValue } from '../conf/complex.ts';
import type { Place } from '../conf/error.ts';
import type { Reader } from '../conf/reader.ts';
import { diskPath } from '../core/disk_path.ts';
import { captureLines, type Level } from '../core/log.ts';
import { LogCapture } from '../core/log_capture.ts';
import { toText } from '../core/text.ts';
import { configureArguments } from '../http/configure_arguments.ts';
import { MODULES } from '../http/http.ts';
import type { WorkerProcess } from '../http/module.ts';
import { convertSession, type SessionConf } from '../http/modules/encrypted_session.ts';
import type { SharedDict } from '../zone/shared_dict.ts';
import type { Actor } from './host/actor.ts';
import { checkTypes } from './host/check_types.ts';
import { type Compiled, compile } from './host/compile.ts';
import type { DebugMap } from './host/debug_map.ts';
import type { Destinations } from './host/destinations.ts';
import type { Inspector } from './host/inspector.ts';
import type { InspectorAddress } from './host/inspector_address.ts';
import type { Keeper, KeeperOptions } from './host/keeper.ts';
import { levelOf } from './host/log_levels.ts';
import type { Metrics } from './host/metrics.ts';
import { CompileError, isIn, type Mistake } from './host/mistakes.ts';
import { Pids } from './host/pids.ts';
import type { IsolateProfile } from './host/profile.ts';
import { Programs } from './host/programs.ts';
import { type Home, Refusal, type ScriptRequest } from './host/request.ts';
import type { SocketConf } from './host/socket_settings.ts';
import type { CompileOptions, Source } from './host/source.ts';
import { ThreadPools } from './host/thread_pools.ts';
import { upstreamCall } from './host/upstreams.ts';
import type { Usage } from './host/usage.ts';
import { EXIT_WORKER, INIT, INIT_WORKER, type SegmentStep, TIMER } from './protocol.ts';
import { Uncached } from './uncached.ts';

/** The blocks of one phase at one level of the configuration, in the order written. */
export class BlockList {
  readonly scripts: Scripts;
  readonly phase: number;
  readonly segment: number;
  readonly steps: SegmentStep[] = [];
  /** The files of those steps whose names depend on the request; null for the others. */
  readonly files: (VariableFile | null)[] = [];
  /** There is such a step. */
  variable = false;

  constructor(scripts: Scripts, phase: number, segment: number) {
    this.scripts = scripts;
    this.phase = phase;
    this.segment = segment;
  }
}

/** A handler's file that the request names. */
export interface VariableFile {
  readonly source: Source;
  readonly name: ComplexValue;
}

/** An isolate of each worker: ts_isolate, or "main" for all that do not say. 0: as the cycle's defaults say. */
export class Isolate implements Home {
  readonly name: string;
  /** Parameters of ts_isolate, as they were written. */
  readonly said = new Map<string, string>();
  memoryBytes = 0;
  cpuMs = 0;
  /** How long the blocks of a request may take altogether, waiting included; 0 for any time. */
  wallMs = 0;
  /** Where its scripts may connect to; null: everywhere. */
  destinations: Destinations | null = null;
  /** What they may start. */
  programs: Programs = Programs.none;
  /** The dictionaries that it is granted; null: those of an isolate that has none said. */
  dicts: ReadonlySet<string> | null = null;
  grantedAt: Place | null = null;
  /** It has shown that it may hold others up: see Conduct. */
  onThread = false;
  /** Something is run in it, be it only files that requests name. */
  used = false;
  /** The blocks that may run in it. */
  readonly blocks = new Set<number>();
  keeper: Keeper | null = null;
  /** Stands for another one where ts_code_cache is off. */
  readonly cached: Isolate | null;
  /** How it is made anew, in a worker; null for one that is not. */
  uncached: Uncached | null = null;

  constructor(name: string, cached: Isolate | null) {
    this.name = name;
    this.cached = cached;
  }

  /** The one that locations share that name none; also what has been set apart from it. */
  get common(): boolean {
    const { name } = this.cached ?? this;
    return name === MAIN || name.startsWith(`${MAIN}:`);
  }

  /** Whether its scripts see a dictionary: the common one's see all, a tenant's those that it is granted. */
  mayUse(dict: string): boolean {
    const { dicts, common } = this.cached ?? this;
    return dicts === null ? common : dicts.has(dict);
  }

  /** null where it is not to be had for now. */
  get actor(): Actor | null {
    return this.keeper === null ? null : this.keeper.actor;
  }
}

/** What the isolates of a worker share. */
interface Shared {
  readonly metrics: Metrics;
  readonly pids: Pids;
  readonly capture: LogCapture | null;
  readonly threadPools: ThreadPools;
}

interface StartOptions {
  readonly compiled: ReadonlyMap<string, Compiled>;
  readonly prefix: string;
  readonly packagePath: string;
  readonly worker: WorkerProcess;
  readonly dicts: ReadonlyMap<string, SharedDict>;
  readonly cpuLimitMs: number;
  /** How much of the error log is kept for ngx.errlog; 0 for none. */
  readonly captureBytes: number;
  readonly maxPendingTimers: number;
  readonly maxRunningTimers: number;
  readonly regexCacheEntries: number;
  readonly maxThreadVms: number;
  readonly socketConf: SocketConf;
  readonly sessionConf: SessionConf;
  /** Where debuggers may attach. */
  readonly inspect: InspectorAddress | null;
  log(level: Level, message: string): void;
  logEnabled(level: Level): boolean;
}

const NOT_FOR_TENANTS = 'not allowed in an isolate of its own';
const MEMORY_BYTES = 128 * 1024 * 1024;
/** The isolate of all that name none. */
const MAIN = 'main';
/** How many locations may get an isolate of their own because they have outgrown the one that all share. */
const MAX_APART = 8;
const LONE_PHASES = [INIT, INIT_WORKER, EXIT_WORKER, TIMER];

/** A configuration is bytes, a program is text: so are the names of its files, and its columns count characters. */
function inCharacters(sources: readonly Source[]): Source[] {
  const files = new Map<string, readonly string[]>();
  return sources.map((source) => {
    let lines = files.get(source.file);
    if (lines === undefined) {
      lines = linesOf(source.file);
      files.set(source.file, lines);
    }
    const before = (lines[source.line - 1] ?? '').slice(0, source.column - 1);
    const path = source.path === null ? null : toText(source.path);
    const column = source.column - before.length + toText(before).length;
    return { ...source, file: toText(source.file), path, column };
  });
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(diskPath(file), 'latin1').split('\n');
  } catch {
    return []; // the command line
  }
}

/** null: there are mistakes, all of which are now in `mistakes`: what is wrong is left out and the rest looked at anew. */
async function compileOrCollect(
  sources: readonly Source[],
  wanted: ReadonlySet<number>,
  options: CompileOptions,
  mistakes: Map<string, Mistake>,
): Promise<Compiled | null> {
  let left = [...wanted];
  for (;;) {
    try {
      const compiled = await compile(sources, new Set(left), options);
      return left.length === wanted.size ? compiled : null;
    } catch (error) {
      if (!(error instanceof CompileError)) throw error;
      for (const mistake of error.mistakes) mistakes.set(mistake.message, mistake);
      const sound = left.filter(
        (i) => !error.mistakes.some(({ place }) => isIn(place, sources[i] as Source)),
      );
      if (sound.length === left.length) return null; // it is in a module that they import
      left = sound;
    }
  }
}

function byPlace({ place: a }: Mistake, { place: b }: Mistake): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}

const SCRIPTS = {}; // the key under which a Reader keeps them

export function scriptsOf(cf: Reader): Scripts {
  return cf.state(SCRIPTS, () => new Scripts());
}

export class Scripts {
  readonly main = new Isolate(MAIN, null);
  readonly #sources: Source[] = [];
  readonly #lists: BlockList[] = [];
  /** Files will be loaded at run time, and are to share modules with the rest. */
  #shares = false;
  readonly #joined = new Map<string, BlockList>();
  readonly #isolates = new Map<string, Isolate>([[MAIN, this.main]]);
  #apart = 0;
  #inspector: Inspector | null = null;

  get isolates(): Iterable<Isolate> {
    return this.#isolates.values();
  }

  isolate(name: string): Isolate {
    let isolate = this.#isolates.get(name);
    if (isolate === undefined) {
      isolate = new Isolate(name, null);
      this.#isolates.set(name, isolate);
    }
    return isolate;
  }

  /** The isolate that stands for another one where ts_code_cache is off. */
  uncached(isolate: Isolate): Isolate {
    const name = `${isolate.name}, not cached`;
    let own = this.#isolates.get(name);
    if (own === undefined) {
      own = new Isolate(name, isolate);
      this.#isolates.set(name, own);
    }
    return own;
  }

  /** Adds a file that the request names. */
  addVariable(
    source: Source,
    name: ComplexValue,
    phase: number,
    seen: BlockList | null | undefined,
  ): BlockList {
    const list = seen ?? new BlockList(this, phase, this.#lists.length);
    if (list !== seen) this.#lists.push(list);
    list.files[list.steps.length] = { source, name };
    list.steps.push({ phase, block: -1 });
    list.variable = true;
    this.#shares = true;
    return list;
  }

  /** Adds a block, to the list of its level: `seen` is what that level has had before. */
  add(source: Source, phase: number, seen: BlockList | null | undefined): BlockList {
    const list = seen ?? new BlockList(this, phase, this.#lists.length);
    if (list !== seen) this.#lists.push(list);
    list.steps.push({ phase, block: this.#sources.push(source) - 1 });
    return list;
  }

  /** The blocks of adjacent phases as one list, to be run in one visit. */
  joined(lists: readonly BlockList[]): BlockList {
    const key = lists.map(({ segment }) => segment).join();
    let joined = this.#joined.get(key);
    if (joined === undefined) {
      joined = new BlockList(this, lists.at(-1)?.phase ?? 0, this.#lists.length);
      joined.steps.push(...lists.flatMap(({ steps }) => steps));
      this.#lists.push(joined);
      this.#joined.set(key, joined);
    }
    return joined;
  }

  /** `list` is run in `isolate` somewhere. */
  use(isolate: Isolate, list: BlockList): void {
    for (const { block } of list.steps) if (block !== -1) isolate.blocks.add(block);
    if (list.variable) isolate.used = true;
  }

  /**
   * A program for each isolate that has something to run; blocks that belong to no request are run in each.
   * Throws CompileError with all that is wrong.
   */
  async compile(inBytes: CompileOptions, withTypes: boolean): Promise<Map<string, Compiled>> {
    const programs = new Map<string, Compiled>();
    const sources = inCharacters(this.#sources);
    const options = this.#options(inBytes);
    const mistakes = new Map<string, Mistake>();
    const lone = LONE_PHASES.flatMap((phase) => this.#alone(phase));
    for (const isolate of this.#isolates.values()) {
      const wanted = new Set([...lone, ...isolate.blocks]);
      if (!isolate.used && isolate.blocks.size === 0 && (isolate !== this.main || !this.#startsAlone(lone))) {
        continue;
      }
      const compiled = await compileOrCollect(sources, wanted, options, mistakes);
      if (compiled === null) continue;
      const blocks = compiled.blocks.map((block, i) => ({ ...block, file: this.#sources[i]?.file ?? '' }));
      programs.set(isolate.name, { ...compiled, blocks });
    }
    if (withTypes && sources.length > 0) {
      const known = [...mistakes.values()];
      for (const mistake of await checkTypes(sources, known, options)) mistakes.set(mistake.message, mistake);
    }
    if (mistakes.size > 0) throw new CompileError([...mistakes.values()].sort(byPlace));
    return programs;
  }

  /** The first isolate is there for the blocks that belong to no request, unless another one stands for it. */
  #startsAlone(lone: readonly number[]): boolean {
    return lone.length > 0 && ![...this.#isolates.values()].some(({ cached }) => cached === this.main);
  }

  #options({ prefix, packagePath }: CompileOptions): CompileOptions {
    return { prefix: toText(prefix), packagePath: toText(packagePath), shares: this.#shares };
  }

  async start(cf: Reader, options: StartOptions): Promise<void> {
    const { worker } = options;
    // Only here: the master, which starts no isolate, has no use for isolated-vm, prom-client and undici.
    const { Keeper } = await import('./host/keeper.ts');
    const { Metrics } = await import('./host/metrics.ts');
    const metrics = new Metrics(worker, () => this.#usages());
    const pids = new Pids(worker);
    const capture = options.captureBytes > 0 ? new LogCapture(options.captureBytes) : null;
    captureLines(capture);
    const threadPools = new ThreadPools(worker.threadPools);
    const shared = { metrics, pids, capture, threadPools };
    const inspect = options.inspect === null ? null : await this.#openInspector(options.inspect, options);
    for (const [name, compiled] of options.compiled) {
      const isolate = this.isolate(name);
      if (worker.agent && !isolate.common) continue; // nobody's requests come here: tenants' code has no business here
      const keeperFor = (of: Isolate, from: Compiled): Keeper => {
        const parts = this.#keeperOptions(cf, of, from, shared, options);
        const apart = (own: Isolate): Keeper => keeperFor(own, from);
        const debugMap: DebugMap = (map) => inspect?.debugMap(from, options.prefix, map) ?? '';
        const made = new Keeper({ ...parts, debugMap, outgrown: (r) => this.#moveApart(r, of, apart) });
        inspect?.inspector.add(made);
        return made;
      };
      const keeper = keeperFor(isolate, compiled);
      isolate.keeper = keeper;
      await keeper.start();
      if (isolate.cached === null) continue;
      isolate.uncached = new Uncached({ keeper, compiled }, async () => {
        const made = await this.#compileAgain(isolate, this.#options(options));
        const next = keeperFor(isolate, made);
        await next.start();
        isolate.keeper = next;
        return { keeper: next, compiled: made };
      });
    }
  }

  async #openInspector(address: InspectorAddress, { worker, log }: StartOptions) {
    const { Inspector } = await import('./host/inspector.ts');
    const { debugMap } = await import('./host/debug_map.ts');
    const inspector = new Inspector({
      address,
      workerId: worker.agent ? worker.count : worker.id,
      exiting: () => worker.exiting(),
      log: (message) => log('warn', message),
    });
    this.#inspector = inspector;
    return { inspector, debugMap };
  }

  #compileAgain(isolate: Isolate, options: CompileOptions): Promise<Compiled> {
    const lone = LONE_PHASES.flatMap((phase) => this.#alone(phase));
    return compile(inCharacters(this.#sources), new Set([...lone, ...isolate.blocks]), options);
  }

  /** What the scripts of this worker do meanwhile. */
  async profile(milliseconds: number): Promise<IsolateProfile[]> {
    const { profileIsolate } = await import('./host/profile.ts');
    const keepers = [...this.#isolates.values()]
      .map(({ keeper }) => keeper)
      .filter((keeper) => keeper !== null);
    return await Promise.all([...new Set(keepers)].map((keeper) => profileIsolate(keeper, milliseconds)));
  }

  /** Runs the script of `tsresty run`; false: it failed. */
  async runCommand(): Promise<boolean> {
    const [block] = this.#alone(TIMER);
    if (block === undefined || this.main.keeper === null) return false;
    return await this.main.keeper.run(block);
  }

  *#usages(): Iterable<readonly [string, Usage]> {
    for (const { name, keeper } of this.#isolates.values()) if (keeper !== null) yield [name, keeper.usage];
  }

  /** The worker quits. */
  quit(): void {
    for (const { keeper } of this.#isolates.values()) keeper?.quit();
  }

  /** When nothing is left to be done that quit() has begun. */
  async quitted(): Promise<void> {
    for (const { keeper } of this.#isolates.values()) await keeper?.quitted();
  }

  async stop(): Promise<void> {
    this.#inspector?.close();
    for (const isolate of this.#isolates.values()) {
      await (isolate.uncached ?? isolate.keeper)?.stop();
      isolate.keeper = null;
    }
  }

  /** Gives the location of a request an isolate of its own, since it takes more memory than the one that all share. */
  #moveApart(r: ScriptRequest, from: Isolate, keeper: (of: Isolate) => Keeper): boolean {
    if (from !== this.main || r.home !== from || this.#apart === MAX_APART) return false;
    const own = this.isolate(`main:${++this.#apart}`);
    own.memoryBytes = from.memoryBytes;
    own.cpuMs = from.cpuMs;
    own.dicts = from.dicts;
    own.destinations = from.destinations;
    own.programs = from.programs;
    own.onThread = true;
    own.keeper = keeper(own);
    r.home = own;
    r.log(5, `its location has an isolate of its own from now on: "${own.name}"`);
    return true;
  }

  #keeperOptions(
    cf: Reader,
    isolate: Isolate,
    compiled: Compiled,
    { metrics, pids, capture, threadPools }: Shared,
    options: StartOptions,
  ): Omit<KeeperOptions, 'outgrown' | 'debugMap'> {
    const { worker } = options;
    const { common } = isolate;
    const { memoryBytes, cpuMs, destinations, programs } = isolate.cached ?? isolate;
    return {
      name: isolate.name,
      compiled,
      command: cf.sources.command,
      segments: this.#lists.map(({ steps }) => steps),
      boot: {
        prefix: options.prefix,
        confFile: toText(cf.sources.confFile),
        configure: configureArguments(cf.state(MODULES, () => [])),
        workerId: worker.id,
        workerCount: worker.count,
        command: cf.sources.command?.args ?? null,
        pid: process.pid,
        masterPid: worker.masterPid,
        single: worker.masterPid === process.pid,
        maxPendingTimers: options.maxPendingTimers,
        maxRunningTimers: options.maxRunningTimers,
        regexCacheEntries: options.regexCacheEntries,
      },
      dicts: new Map([...options.dicts].filter(([name]) => isolate.mayUse(name))),
      compile: this.#options(options),
      metrics,
      threadPools,
      maxThreadVms: options.maxThreadVms,
      // What others log is not for tenants.
      capture: common ? capture : null,
      onThread: isolate.onThread || worker.careful,
      stuck: () => worker.leave(true),
      socketConf: options.socketConf,
      common,
      destinations,
      programs,
      withheld: [...options.dicts.keys()].filter((name) => !isolate.mayUse(name)),
      memoryMb: Math.max(8, Math.ceil((memoryBytes || MEMORY_BYTES) / (1024 * 1024))),
      cpuLimitMs: cpuMs || options.cpuLimitMs,
      init: this.#alone(INIT),
      initWorker: this.#alone(INIT_WORKER),
      exitWorker: this.#alone(EXIT_WORKER),
      logEnabled: (level) => options.logEnabled(levelOf(level)),
      log: (level, message) => options.log(levelOf(level), message),
      upstream(args) {
        if (!common) throw new Refusal(NOT_FOR_TENANTS);
        return upstreamCall(cf, args);
      },
      worker: (what, value = 0) => askWorker(what, value, common, worker, pids),
      session: (args) => convertSession(options.sessionConf, args),
    };
  }

  /** The blocks of a phase that belongs to no request. */
  #alone(phase: number): number[] {
    return this.#lists
      .filter((list) => list.phase === phase)
      .flatMap(({ steps }) => steps.map(({ block }) => block));
  }
}

/** Of the guest's ngx.worker and ngx.process. `trusted`: not a tenant's isolate. */
function askWorker(
  what: string,
  value: number,
  trusted: boolean,
  worker: WorkerProcess,
  pids: Pids,
): string | boolean {
  switch (what) {
    case 'exiting':
      return worker.exiting();
    case 'pids':
      return JSON.stringify(pids.list());
    case 'leave':
      if (!trusted) throw new Refusal(NOT_FOR_TENANTS);
      worker.leave();
      return true;
    case 'agent':
      if (trusted) worker.enableAgent(Math.trunc(value)); // init runs in tenants' isolates too, and must not fail there
      return true;
    default:
      throw new Refusal(`unknown question "${what}"`);
  }
}
