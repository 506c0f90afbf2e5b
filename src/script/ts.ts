// The *_by_ts directives and ts_* settings: what lua-nginx-module's are to Lua. Phases run their blocks in the worker's
// isolate; a step answers AGAIN and goes on when the visit is over.

import { existsSync } from 'node:fs';
import type { Args } from '../conf/args.ts';
import type { ComplexValue, Variable } from '../conf/complex.ts';
import {
  type ConfOf,
  type Directive,
  HTTP,
  HTTP_ANY,
  LOCATION,
  LOCATION_IF,
  SERVER,
  SERVER_IF,
  UPSTREAM,
} from '../conf/directive.ts';
import { ConfError } from '../conf/error.ts';
import { mainLog } from '../conf/error_log.ts';
import { custom, flag, list, msec, number, parseFlag, text } from '../conf/kinds.ts';
import type { Reader } from '../conf/reader.ts';
import { limitBacktracks } from '../conf/regex.ts';
import { parseSize, parseTime } from '../core/sizes.ts';
import { isCheckpoint } from '../http/chain.ts';
import { type CoreConf, core } from '../http/core.ts';
import { finalize, resume, resumeLog } from '../http/engine.ts';
import type { Location } from '../http/location.ts';
import { logError } from '../http/log.ts';
import type { HttpMain } from '../http/main.ts';
import { defineModule, type Handler, type WorkerProcess } from '../http/module.ts';
import { encryptedSession, type SessionConf } from '../http/modules/encrypted_session.ts';
import { addInstruction, declareVariable } from '../http/modules/rewrite.ts';
import type { BodyFilter } from '../http/output.ts';
import type { Step } from '../http/phases.ts';
import { AGAIN, DECLINED, ERROR, OK, type Rc } from '../http/rc.ts';
import type { HttpRequest } from '../http/request.ts';
import { declareZone } from '../http/zones.ts';
import { SharedDict } from '../zone/shared_dict.ts';
import type { Zones } from '../zone/zones.ts';
import {
  balancerBlocks,
  chooseByBlocks,
  closeBalancerPools,
  parseBalancerKeepalive,
  type ScriptBalancer,
} from './balancer.ts';
import { enter, enterLater, isolateFor, LATER, NOWHERE } from './enter.ts';
import { CheckerFault } from './host/check_types.ts';
import { type Compiled, CompileError } from './host/compile.ts';
import { Destinations } from './host/destinations.ts';
import { EngineRequest, type ScriptSettings } from './host/engine_request.ts';
import { type InspectorAddress, inspectorAddress } from './host/inspector_address.ts';
import type { IsolateProfile } from './host/profile.ts';
import { Programs } from './host/programs.ts';
import type { SocketConf } from './host/socket_settings.ts';
import * as p from './protocol.ts';
import { ScriptFault, ScriptFaults } from './script_fault.ts';
import { type BlockList, type Isolate, Scripts } from './scripts.ts';
import { socketDirectives, socketSettings } from './socket_directives.ts';
import { unsupportedDirectives, withoutEffect } from './unsupported.ts';

const IN_LOCATION = HTTP_ANY | LOCATION_IF;

const ZONE_KIND = 'ts_shared_dict';

const SCRIPTS = {}; // the key under which a Reader keeps them

function scriptsOf(cf: Reader): Scripts {
  return cf.state(SCRIPTS, () => new Scripts());
}

type Blocks = BlockList | null;

interface SharedDictSpec {
  readonly name: string;
  readonly size: number;
}

const directives = {
  ...both('init', HTTP, p.INIT),
  ...both('init_worker', HTTP, p.INIT_WORKER),
  ...both('exit_worker', HTTP, p.EXIT_WORKER),
  ...both('server_rewrite', HTTP | SERVER, p.SERVER_REWRITE),
  ...both('rewrite', IN_LOCATION, p.REWRITE),
  ...both('access', IN_LOCATION, p.ACCESS),
  ...both('precontent', IN_LOCATION, p.PRECONTENT),
  ...both('content', LOCATION | LOCATION_IF, p.CONTENT),
  ...both('header_filter', IN_LOCATION, p.HEADER_FILTER),
  ...both('body_filter', IN_LOCATION, p.BODY_FILTER),
  ...both('log', IN_LOCATION, p.LOG),

  balancer_by_ts_block: custom<Blocks, 'balancer_by_ts'>({
    in: UPSTREAM,
    args: [0, 0],
    body: 'source',
    into: 'balancer_by_ts',
    default: null,
    parse: (args, seen) => balanceBy(args, blockOf(args, 'balancer_by_ts', p.BALANCER, seen)),
  }),
  balancer_by_ts_file: custom<Blocks, 'balancer_by_ts'>({
    in: UPSTREAM,
    into: 'balancer_by_ts',
    default: null,
    parse: (args, seen) => balanceBy(args, add(args, 'balancer_by_ts', p.BALANCER, seen, fileOf(args, 1))),
  }),
  balancer_keepalive: custom<number>({ in: UPSTREAM, default: 0, parse: parseBalancerKeepalive }),

  set_by_ts_block: setBy({
    args: [1, 1],
    body: 'source',
    parse: (args) => blockOf(args, 'set_by_ts', p.SET, null),
  }),
  set_by_ts_file: setBy({
    args: [2, Number.POSITIVE_INFINITY],
    body: 'none',
    parse: (args) => addFile(args, 'set_by_ts', p.SET, null, 2),
  }),

  ...socketDirectives,

  ts_isolate: custom<Isolate | null>({
    in: HTTP_ANY | LOCATION_IF,
    args: [1, 6],
    default: null,
    inherit: true,
    parse: parseIsolate,
  }),
  ts_shared_dict: list<SharedDictSpec>({ in: HTTP, args: [2, 2], item: parseSharedDict }),
  ts_package_path: text({ in: HTTP, default: '' }),
  ts_capture_error_log: custom<number>({ in: HTTP, default: 0, parse: parseCaptureSize }),
  ts_check_types: flag({ in: HTTP, default: false }),
  ts_inspect: custom<InspectorAddress | null>({ in: HTTP, default: null, parse: parseInspect }),
  ts_cpu_limit: msec({ in: HTTP, default: 1000 }),
  ts_max_pending_timers: number({ in: HTTP, default: 1024 }),
  ts_max_running_timers: number({ in: HTTP, default: 256 }),
  ts_worker_thread_vm_pool_size: number({ in: HTTP, default: 10 }),
  ...withoutEffect,
  ts_regex_cache_max_entries: number({ in: HTTP, default: 1024 }),
  ts_regex_match_limit: number({ in: HTTP, default: 0 }),
  rewrite_by_ts_no_postpone: flag({ in: HTTP, default: false }),
  access_by_ts_no_postpone: flag({ in: HTTP, default: false }),
  precontent_by_ts_no_postpone: flag({ in: HTTP, default: false }),
  ts_code_cache: custom<boolean>({ in: IN_LOCATION, default: true, inherit: true, parse: parseCodeCache }),
  ts_need_request_body: flag({ in: IN_LOCATION, default: false }),
  ts_check_client_abort: flag({ in: IN_LOCATION, default: false }),
  ts_use_default_type: flag({ in: IN_LOCATION, default: true }),
  ts_http10_buffering: flag({ in: IN_LOCATION, default: true }),
  ts_transform_underscores_in_response_headers: flag({ in: IN_LOCATION, default: true }),
};

type Conf = ConfOf<typeof directives>;

/** The phase handlers, to tell our steps in a chain. */
const phaseRuns = new Map<unknown, BlockField>();

const all: typeof directives = { ...directives, ...unsupportedDirectives() };

/** By configuration: what requests need of it, made once. */
const settingsOf = new WeakMap<object, ScriptSettings>();

export const ts = defineModule({
  name: 'ts',
  directives: all,
  phases: {
    serverRewrite: phase('server_rewrite_by_ts'),
    rewrite: { ...phase('rewrite_by_ts'), first: (conf) => conf.rewrite_by_ts_no_postpone },
    access: { ...phase('access_by_ts'), first: (conf) => conf.access_by_ts_no_postpone },
    precontent: { ...phase('precontent_by_ts'), first: (conf) => conf.precontent_by_ts_no_postpone },
    content: { ...phase('content_by_ts'), exclusive: true },
    log: { when: (conf) => conf.log_by_ts !== null, run: runLog },
  },
  headerFilter: { when: (conf) => conf.header_filter_by_ts !== null, run: filterHeader },
  bodyFilter: { when: (conf) => conf.body_filter_by_ts !== null, build: buildBodyFilter },
  postConf: lookAtLocations,
  prepare,
  initWorker,
  quitWorker,
  exitWorker,
});

// Directives.

/** Their files may depend on the request. */
const NAMED_BY_REQUESTS =
  p.SERVER_REWRITE |
  p.REWRITE |
  p.ACCESS |
  p.PRECONTENT |
  p.CONTENT |
  p.HEADER_FILTER |
  p.BODY_FILTER |
  p.LOG;
const REWRITES = p.SERVER_REWRITE | p.REWRITE;

type PhaseKey = Exclude<p.PhaseName, 'set' | 'timer' | 'balancer'>;
type Pair<N extends string> = {
  readonly [K in `${N}_by_ts_block` | `${N}_by_ts_file`]: Directive<Blocks, `${N}_by_ts`>;
};

/** NAME_by_ts_block and NAME_by_ts_file; a second one of either adds to the first. */
function both<N extends PhaseKey>(name: N, places: number, phase: number): Pair<N> {
  const into = `${name}_by_ts` as const;
  const inherits = phase !== p.CONTENT;
  const block = custom<Blocks, `${N}_by_ts`>({
    in: places,
    args: [0, 0],
    body: 'source',
    into,
    default: null,
    inherit: inherits,
    parse: (args, seen) => blockOf(args, into, phase, seen),
  });
  const file = custom<Blocks, `${N}_by_ts`>({
    in: places,
    into,
    default: null,
    inherit: inherits,
    parse: (args, seen) =>
      NAMED_BY_REQUESTS & phase
        ? addFile(args, into, phase, seen, 1)
        : add(args, into, phase, seen, fileOf(args, 1)),
  });
  return { [`${name}_by_ts_block`]: block, [`${name}_by_ts_file`]: file } as Pair<N>;
}

/** The text between a directive's braces, added to its list. */
function blockOf(args: Args, into: string, phase: number, seen: Blocks | undefined): BlockList {
  const { line, column, text: latin1 } = args.source();
  const code = Buffer.from(latin1, 'latin1').toString('utf8');
  return add(args, into, phase, seen, { line, column, text: code, path: null });
}

/** The file that argument `i` names: once, or where it holds variables by each request. */
function addFile(args: Args, into: string, phase: number, seen: Blocks | undefined, i: number): BlockList {
  const name = args.complex(i);
  if (name.constant !== null) return add(args, into, phase, seen, fileOf(args, i));
  const { line, column } = args.word(i);
  const source = {
    phase: into,
    directive: args.name,
    file: args.node.file,
    line,
    column,
    text: null,
    path: null,
  };
  return scriptsOf(args.cf).addVariable(source, name, phase, seen);
}

function balanceBy(args: Args, blocks: BlockList): BlockList {
  chooseByBlocks(args, blocks, runBalancer);
  return blocks;
}

/** The file that argument `i` names. */
function fileOf(args: Args, i: number): Written {
  const path = args.cf.fullName(args.text(i), 'prefix');
  if (!existsSync(path)) args.failWhole(`open() "${path}" failed (2: No such file or directory)`);
  const { line, column } = args.word(i);
  return { line, column, text: null, path };
}

interface SetBy {
  readonly args: readonly [min: number, max: number];
  readonly body: 'none' | 'source';
  readonly parse: (args: Args) => BlockList;
}

/** set_by_ts: an instruction among those of the rewrite module, in the order written. Its value goes to a variable. */
function setBy(spec: SetBy): Directive<readonly BlockList[], 'set_by_ts'> {
  return custom<readonly BlockList[], 'set_by_ts'>({
    in: SERVER | SERVER_IF | LOCATION | LOCATION_IF,
    args: spec.args,
    body: spec.body,
    into: 'set_by_ts',
    default: [],
    parse(args, seen = []) {
      const variable = declareVariable(args);
      const blocks = spec.parse(args);
      const values: ComplexValue[] = [];
      for (let i = 3; i <= args.count; i++) values.push(args.complex(i));
      addInstruction(args, (r) => runSet(r, blocks, variable, values));
      return [...seen, blocks];
    },
  });
}

interface Written {
  readonly line: number;
  readonly column: number;
  readonly text: string | null;
  readonly path: string | null;
}

function add(args: Args, into: string, phase: number, seen: Blocks | undefined, written: Written): BlockList {
  return scriptsOf(args.cf).add(
    { phase: into, directive: args.name, file: args.node.file, ...written },
    phase,
    seen,
  );
}

/**
 * ts_isolate NAME [memory=SIZE] [cpu=TIME] [wall=TIME] [dicts=NAME,…] [connect=WHERE,…] [exec=PROGRAM,…]: what
 * is said of a name holds wherever it is used.
 */
function parseIsolate(args: Args, seen: Isolate | null | undefined): Isolate {
  if (seen !== undefined) args.fail('is duplicate');
  const isolate = scriptsOf(args.cf).isolate(args.text(1));
  for (let i = 2; i <= args.count; i++) {
    const [, name = '', value = ''] = /^(memory|cpu|wall|dicts|connect|exec)=(.+)$/.exec(args.text(i)) ?? [];
    const known = isolate.said.get(name);
    if (known !== undefined && known !== value) {
      args.failWhole(`"${name}" of ts_isolate "${isolate.name}" is different elsewhere`);
    }
    if (name === 'dicts') isolate.grantedAt = args.place(args.word(i));
    if (!limit(isolate, name, value)) args.failWhole(`invalid parameter "${args.text(i)}"`);
    isolate.said.set(name, value);
  }
  return isolate;
}

/** False: `value` cannot be said of `name`. */
function limit(isolate: Isolate, name: string, value: string): boolean {
  switch (name) {
    case 'memory':
      isolate.memoryBytes = parseSize(value);
      return isolate.memoryBytes > 0;
    case 'cpu':
      isolate.cpuMs = parseTime(value, false);
      return isolate.cpuMs > 0;
    case 'wall':
      isolate.wallMs = parseTime(value, false);
      return isolate.wallMs > 0;
    case 'dicts':
      isolate.dicts = new Set(value === 'none' ? [] : value.split(','));
      return true;
    case 'connect':
      isolate.destinations = Destinations.parse(value);
      return isolate.destinations !== null;
    case 'exec': {
      const programs = Programs.parse(value);
      isolate.programs = programs ?? isolate.programs;
      return programs !== null;
    }
    default:
      return false;
  }
}

function parseSharedDict(args: Args, seen: readonly SharedDictSpec[]): SharedDictSpec {
  const name = args.text(1);
  if (name === '') args.failWhole(`invalid ts shared dict name "${name}"`);
  const size = parseSize(args.text(2));
  if (size <= 8191) args.failWhole(`invalid ts shared dict size "${args.text(2)}"`);
  if (seen.some((other) => other.name === name))
    args.failWhole(`ts_shared_dict "${name}" is already defined`);
  declareZone(args.cf, { name, kind: ZONE_KIND, size }, args.place());
  return { name, size };
}

/** The least that holds a line. */
const MIN_CAPTURE = 4096;

function parseCaptureSize(args: Args, seen: number | undefined): number {
  if (seen !== undefined) args.fail('is duplicate');
  const size = parseSize(args.text(1));
  if (size < MIN_CAPTURE) {
    args.failWhole(`invalid capture error log size "${args.text(1)}", minimum size is ${MIN_CAPTURE}`);
  }
  return size;
}

function parseCodeCache(args: Args, seen: boolean | undefined): boolean {
  if (seen !== undefined) args.fail('is duplicate');
  const on = parseFlag(args);
  const { file, line } = args.place();
  if (!on) args.cf.alerts.push(`ts_code_cache is off; this will hurt performance in ${file}:${line}`);
  return on;
}

// The master compiles, once.

async function prepare(cf: Reader, main: HttpMain): Promise<Map<string, Compiled> | undefined> {
  const { ts_package_path: packagePath, ts_check_types } = main.conf[ts.slot] as Conf;
  const { prefix, checkTypes } = cf.sources;
  try {
    const programs = await scriptsOf(cf).compile({ prefix, packagePath }, ts_check_types || checkTypes);
    return programs.size === 0 ? undefined : programs;
  } catch (error) {
    if (error instanceof CheckerFault) throw new ScriptFaults([new ConfError(error.message, null)]);
    if (error instanceof CompileError)
      throw new ScriptFaults(error.mistakes.map((one) => new ScriptFault(one)));
    throw error;
  }
}

function parseInspect(args: Args, seen: InspectorAddress | null | undefined): InspectorAddress | null {
  if (seen !== undefined) args.fail('is duplicate');
  const text = args.text(1);
  if (text === 'off') return null;
  return inspectorAddress(text) ?? args.failWhole(`invalid address "${text}" in "${args.name}" directive`);
}

/** Of `tsresty run`, when the worker has been initialised: false where the script failed. */
export async function runCommandScript(main: HttpMain): Promise<boolean> {
  return await scriptsOf(main.cf).runCommand();
}

/** For `tsresty profile`. */
export async function profileScripts(main: HttpMain, milliseconds: number): Promise<IsolateProfile[]> {
  return await scriptsOf(main.cf).profile(milliseconds);
}

// A worker starts its isolate.

async function initWorker(main: HttpMain, worker: WorkerProcess): Promise<void> {
  const { cf } = main;
  const scripts = scriptsOf(cf);
  const compiled = cf.sources.prepared('ts') as ReadonlyMap<string, Compiled> | undefined;
  if (compiled === undefined) return;
  const conf = main.conf[ts.slot] as Conf;
  if (conf.ts_regex_match_limit > 0) limitBacktracks(conf.ts_regex_match_limit);
  const log = mainLog(cf);
  await scripts.start(cf, {
    compiled,
    prefix: cf.sources.prefix,
    packagePath: conf.ts_package_path,
    worker,
    dicts: openDicts(conf.ts_shared_dict, worker.zones),
    cpuLimitMs: conf.ts_cpu_limit,
    captureBytes: conf.ts_capture_error_log,
    maxPendingTimers: conf.ts_max_pending_timers,
    maxRunningTimers: conf.ts_max_running_timers,
    regexCacheEntries: conf.ts_regex_cache_max_entries,
    maxThreadVms: conf.ts_worker_thread_vm_pool_size,
    socketConf: socketConf(main, conf),
    sessionConf: main.conf[encryptedSession.slot] as SessionConf,
    inspect: cf.sources.inspect === null ? conf.ts_inspect : inspectorAddress(cf.sources.inspect),
    log: (level, message) => {
      if (cf.sources.command === null) log.write(level, message);
      else if (log.enabled(level)) cf.sources.command.log(level, message);
    },
    logEnabled: (level) => log.enabled(level),
  });
}

function quitWorker({ cf }: HttpMain): void {
  closeBalancerPools(cf);
  scriptsOf(cf).quit();
}

async function exitWorker(main: HttpMain): Promise<void> {
  await scriptsOf(main.cf).stop();
}

/** For what belongs to no request. */
function socketConf(main: HttpMain, conf: Conf): SocketConf {
  const { resolver, resolver_timeout, tcp_nodelay } = main.conf[core.slot] as CoreConf;
  return {
    settings: socketSettings(conf),
    resolver,
    resolverTimeout: resolver_timeout,
    noDelay: tcp_nodelay,
  };
}

/** In the order of the configuration. */
function openDicts(specs: readonly SharedDictSpec[], zones: Zones): Map<string, SharedDict> {
  const dicts = new Map<string, SharedDict>();
  for (const { name } of specs) {
    const zone = zones.get(ZONE_KIND)?.get(name);
    if (zone !== undefined) dicts.set(name, new SharedDict(zone));
  }
  return dicts;
}

const REQUEST_BLOCKS = [
  'server_rewrite_by_ts',
  'rewrite_by_ts',
  'access_by_ts',
  'precontent_by_ts',
  'content_by_ts',
  'header_filter_by_ts',
  'body_filter_by_ts',
  'log_by_ts',
] as const;

// Requests.

type BlockField = { [K in keyof Conf]: Conf[K] extends Blocks ? K : never }[keyof Conf];

function phase(field: BlockField): Handler<Conf> {
  const run = (r: HttpRequest, conf: Conf): Rc => runPhase(r, conf, conf[field] as BlockList);
  phaseRuns.set(run, field);
  return { when: (conf) => conf[field] !== null, run };
}

function stateOf(r: HttpRequest, conf: Conf): EngineRequest {
  const known = r.ctx[ts.slot] as EngineRequest | undefined;
  const settings = settingsFor(r, conf);
  if (known !== undefined) {
    known.settings = settings;
    return known;
  }
  const state = new EngineRequest(r, r.server.main.cf.variables, settings);
  state.lend = lend;
  r.ctx[ts.slot] = state;
  return state;
}

/** A subrequest's state before it has any blocks to run: with the ctx that its asker gave it. */
function lend(sr: HttpRequest, lent: number): void {
  const conf = sr.server.location.conf[ts.slot] as Conf;
  stateOf(sr, conf).lent = lent;
}

function settingsFor(r: HttpRequest, conf: Conf): ScriptSettings {
  let settings = settingsOf.get(conf);
  if (settings === undefined) {
    settings = {
      useDefaultType: conf.ts_use_default_type,
      keepsUnderscores: !conf.ts_transform_underscores_in_response_headers,
      http10Buffering: conf.ts_http10_buffering,
      bodyFiltered: conf.body_filter_by_ts !== null,
      logs: conf.log_by_ts !== null,
      checkClientAbort: conf.ts_check_client_abort,
      sockets: socketSettings(conf),
      wallMs: conf.ts_isolate?.wallMs ?? 0,
      home: isolateFor(conf, scriptsOf(r.server.main.cf)),
    };
    settingsOf.set(conf, settings);
  }
  return settings;
}

/** Phases of a location that nothing stands between: their blocks run in one visit, from the first one's step on. */
interface Join {
  readonly blocks: BlockList;
  /** From the first step to the last, in the location's chain. */
  readonly steps: number;
}

/** By the step of the first phase. */
const joins = new WeakMap<Step, Join>();

/** dicts= of ts_isolate may come before the dictionaries. */
function checkGrants(cf: Reader, main: HttpMain): void {
  const declared = (main.conf[ts.slot] as Conf).ts_shared_dict.map(({ name }) => name);
  for (const { name, dicts, grantedAt } of scriptsOf(cf).isolates) {
    for (const dict of dicts ?? []) {
      if (declared.includes(dict)) continue;
      throw new ConfError(`ts_isolate "${name}" is granted an unknown ts_shared_dict "${dict}"`, grantedAt);
    }
  }
}

function lookAtLocations(cf: Reader, main: HttpMain): void {
  checkGrants(cf, main);
  const { command } = cf.sources;
  if (command !== null) {
    const { file, text } = command;
    const directive = 'tsresty run';
    scriptsOf(cf).add({ phase: 'run', directive, file, line: 1, column: 1, text, path: null }, p.TIMER, null);
  }
  const balancers = balancerBlocks(cf);
  for (const server of main.servers) lookAt(server.location, balancers);
}

function lookAt(location: Location, balancers: readonly BlockList[]): void {
  noteIsolate(location.conf[ts.slot] as Conf, balancers);
  joinPhases(location);
  for (const inner of location.inner) lookAt(inner, balancers);
}

/** Which blocks may run in which isolate: those of upstreams in any. */
function noteIsolate(conf: Conf, balancers: readonly BlockList[]): void {
  for (const list of balancers) list.scripts.use(isolateFor(conf, list.scripts), list);
  for (const list of [...REQUEST_BLOCKS.map((field) => conf[field]), ...conf.set_by_ts]) {
    list?.scripts.use(isolateFor(conf, list.scripts), list);
  }
}

function joinPhases(location: Location): void {
  const { chain, core } = location;
  for (let from = 0; from < chain.length; from++) {
    const lists: BlockList[] = [];
    let last = from;
    for (let at = from; at < chain.length; at++) {
      const step = chain[at] as Step;
      const blocks = blocksOf(step);
      if (blocks === null) {
        if (isCheckpoint(step)) continue;
        break;
      }
      // `satisfy any` asks each access handler by itself.
      if (blocks.variable || (blocks.phase === p.ACCESS && core.satisfy !== 'all')) break;
      lists.push(blocks);
      last = at;
    }
    const [first] = lists;
    if (first === undefined || lists.length < 2) continue;
    joins.set(chain[from] as Step, { blocks: first.scripts.joined(lists), steps: last - from });
    from = last;
  }
}

/** The blocks that a step runs; null where it is another module's. */
function blocksOf(step: Step): BlockList | null {
  const field = phaseRuns.get(step.run);
  return field === undefined ? null : ((step.conf as Conf)[field] as BlockList);
}

function runPhase(r: HttpRequest, conf: Conf, own: BlockList): Rc {
  if (r.uriChanged && (own.phase & REWRITES) !== 0) return DECLINED; // another location's blocks are to run
  const join = joins.get(r.steps[r.step] as Step);
  // A changed uri has its location looked up behind the rewrite phase; subrequests are not asked for access.
  if (join === undefined || r.uriChanged || r.parent !== null) return enterBlocks(r, conf, own, 0);
  return enterBlocks(r, conf, join.blocks, join.steps);
}

function enterBlocks(r: HttpRequest, conf: Conf, blocks: BlockList, skip: number): Rc {
  if (conf.ts_need_request_body && r.body === null && r.bodyReader !== null && !r.discardBody) {
    r.bodyReader.read(r, (request, rc) => {
      if (rc !== OK) finalize(request, rc);
      else if (start(request, conf, blocks, skip) !== AGAIN) finalize(request, 503);
    });
    return AGAIN;
  }
  return start(r, conf, blocks, skip);
}

/** `skip`: the steps whose blocks run together with this one's. */
function start(r: HttpRequest, conf: Conf, blocks: BlockList, skip: number): Rc {
  const state = stateOf(r, conf);
  const segment = enter(r, conf, blocks, state);
  if (segment >= 0) {
    runIn(r, conf, blocks, state, segment, skip);
    return AGAIN;
  }
  if (segment === LATER) {
    enterLater(
      r,
      blocks,
      state,
      (loaded) => runIn(r, conf, blocks, state, loaded, skip),
      (status) => finalize(r, status),
    );
    return AGAIN;
  }
  logError(r, 'error', NO_ISOLATE);
  return 503;
}

const NO_ISOLATE = 'no isolate to run scripts in';

function runIn(
  r: HttpRequest,
  conf: Conf,
  blocks: BlockList,
  state: EngineRequest,
  segment: number,
  skip: number,
): void {
  state.phase = blocks.phase;
  state.skip = skip;
  if (conf.ts_check_client_abort) r.onAbort = clientGone;
  state.actor?.start(state, segment, isFinal(conf, blocks.phase));
}

/** The client went away while blocks run: they may have asked to be told; else the request ends. */
function clientGone(r: HttpRequest): void {
  logError(r, 'info', 'client prematurely closed connection');
  (r.ctx[ts.slot] as EngineRequest | undefined)?.abort();
}

/** Whether nothing of this request will be run after the content blocks. */
function isFinal(conf: Conf, phase: number): boolean {
  return (
    phase === p.CONTENT &&
    conf.log_by_ts === null &&
    conf.header_filter_by_ts === null &&
    conf.body_filter_by_ts === null
  );
}

function runSet(r: HttpRequest, blocks: BlockList, variable: Variable, values: readonly ComplexValue[]): Rc {
  const conf = r.loc.conf[ts.slot] as Conf;
  const state = stateOf(r, conf);
  const segment = enter(r, conf, blocks, state);
  if (segment === NOWHERE) return 503;
  state.setArguments = values.map((value) => value.evaluate(r));
  state.setDone = (value) => {
    variable.write(r, value ?? '');
    resume(r);
  };
  const run = (number: number): void => {
    state.phase = p.SET;
    state.actor?.start(state, number, false);
  };
  if (segment === LATER) enterLater(r, blocks, state, run, () => finalize(r, 500));
  else run(segment);
  return AGAIN;
}

function runBalancer(r: HttpRequest, blocks: BlockList, balancer: ScriptBalancer): boolean {
  const conf = r.loc.conf[ts.slot] as Conf;
  const state = stateOf(r, conf);
  const segment = enter(r, conf, blocks, state);
  if (segment === NOWHERE) {
    logError(r, 'error', NO_ISOLATE);
    return false;
  }
  state.balancer = balancer;
  const run = (number: number): void => {
    state.phase = p.BALANCER;
    state.actor?.start(state, number, false);
  };
  if (segment === LATER) enterLater(r, blocks, state, run, () => balancer.decided(ERROR));
  else run(segment);
  return true;
}

function runLog(r: HttpRequest, conf: Conf): Rc {
  const blocks = conf.log_by_ts as BlockList;
  const state = stateOf(r, conf);
  const segment = enter(r, conf, blocks, state);
  if (segment >= 0) logIn(state, segment);
  else if (segment === LATER)
    enterLater(
      r,
      blocks,
      state,
      (number) => logIn(state, number),
      () => {},
    );
  // What a block sets before it waits is for the access log too: it is written after the visit.
  if (r.step === r.loc.logSteps.length) return OK;
  setImmediate(resumeLog, r);
  return AGAIN;
}

function logIn(state: EngineRequest, segment: number): void {
  state.phase = p.LOG;
  state.actor?.start(state, segment, true);
}

function filterHeader(r: HttpRequest, conf: Conf): Rc {
  const blocks = conf.header_filter_by_ts as BlockList;
  const state = stateOf(r, conf);
  if (state.headFailed) return OK;
  if (conf.ts_check_client_abort) r.onAbort ??= clientGone;
  const segment = enter(r, conf, blocks, state);
  if (segment === NOWHERE) return OK;
  if (segment >= 0) state.actor?.start(state, segment, false);
  else {
    const run = (number: number): void => state.actor?.start(state, number, false);
    enterLater(r, blocks, state, run, () => state.ended(true, p.THROWN, 500, '', ''));
  }
  return AGAIN;
}

function buildBodyFilter(conf: Conf, next: BodyFilter): BodyFilter {
  const blocks = conf.body_filter_by_ts as BlockList;
  return function filterBody(r, data, last) {
    const state = stateOf(r, conf);
    const segment = enter(r, conf, blocks, state);
    if (segment === NOWHERE) return next(r, data, last);
    const rc = state.filter(segment, next, data, last);
    if (segment === LATER) {
      const run = (number: number): void => state.filterIn(number);
      enterLater(r, blocks, state, run, () => state.filterFailed());
    }
    return rc;
  };
}
