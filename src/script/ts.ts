// The *_by_ts directives and ts_* settings: what lua-nginx-module's are to Lua. Phases run their blocks in the worker's
// isolate; a step answers AGAIN and goes on when the visit is over.

import type { ComplexValue, Variable } from '../conf/complex.ts';
import { type ConfOf, HTTP, HTTP_ANY, LOCATION, LOCATION_IF, SERVER } from '../conf/directive.ts';
import { ConfError } from '../conf/error.ts';
import { mainLog } from '../conf/error_log.ts';
import type { Reader } from '../conf/reader.ts';
import { limitBacktracks } from '../conf/regex.ts';
import { toText } from '../core/text.ts';
import { isCheckpoint } from '../http/chain.ts';
import { type CoreConf, core } from '../http/core.ts';
import { finalize, resume, resumeLog } from '../http/engine.ts';
import type { Location } from '../http/location.ts';
import { logError } from '../http/log.ts';
import type { HttpMain } from '../http/main.ts';
import { CtxSlot, defineModule, type Handler, type WorkerProcess } from '../http/module.ts';
import { encryptedSession, type SessionConf } from '../http/modules/encrypted_session.ts';
import type { BodyFilter } from '../http/output.ts';
import type { Step } from '../http/phases.ts';
import { AGAIN, DECLINED, ERROR, OK, type Rc } from '../http/rc.ts';
import type { HttpRequest } from '../http/request.ts';
import { SharedDict } from '../zone/shared_dict.ts';
import type { Zones } from '../zone/zones.ts';
import { balancerBlocks, closeBalancerPools, type ScriptBalancer } from './balancer.ts';
import { type Blocks, balancerDirectives, both, setDirectives } from './block_directives.ts';
import { enter, enterLater, isolateFor, LATER, NOWHERE } from './enter.ts';
import { CheckerFault } from './host/check_types.ts';
import type { Compiled } from './host/compile.ts';
import { EngineRequest, type ScriptSettings } from './host/engine_request.ts';
import { inspectorAddress } from './host/inspector_address.ts';
import { CompileError } from './host/mistakes.ts';
import type { IsolateProfile } from './host/profile.ts';
import type { SocketConf } from './host/socket_settings.ts';
import * as p from './protocol.ts';
import { ScriptFault, ScriptFaults } from './script_fault.ts';
import { type BlockList, scriptsOf } from './scripts.ts';
import { type SharedDictSpec, settingDirectives, ZONE_KIND } from './setting_directives.ts';
import { socketDirectives, socketSettings } from './socket_directives.ts';
import { unsupportedDirectives } from './unsupported.ts';

const IN_LOCATION = HTTP_ANY | LOCATION_IF;

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

  ...balancerDirectives(runBalancer),
  ...setDirectives(runSet),
  ...socketDirectives,
  ...settingDirectives,
};

type Conf = ConfOf<typeof directives>;

/** The phase handlers, to tell our steps in a chain. */
const phaseRuns = new Map<unknown, BlockField>();

const all: typeof directives = { ...directives, ...unsupportedDirectives() };

const REWRITES = p.SERVER_REWRITE | p.REWRITE;

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
  bodyFilter: { when: (conf) => conf.body_filter_by_ts !== null, borrowing: true, build: buildBodyFilter },
  postConf: lookAtLocations,
  prepare,
  initWorker,
  quitWorker,
  workerQuitted,
  exitWorker,
});

// The master compiles, once.

async function prepare(cf: Reader, main: HttpMain): Promise<Map<string, Compiled> | undefined> {
  const { ts_package_path, ts_check_types } = main.conf[ts.slot] as Conf;
  const { checkTypes } = cf.sources;
  const paths = { prefix: toText(cf.sources.prefix), packagePath: packagePath(cf, ts_package_path) };
  try {
    const programs = await scriptsOf(cf).compile(paths, ts_check_types || checkTypes);
    return programs.size === 0 ? undefined : programs;
  } catch (error) {
    if (error instanceof CheckerFault) throw new ScriptFaults([new ConfError(error.message, null)]);
    if (error instanceof CompileError)
      throw new ScriptFaults(error.mistakes.map((one) => new ScriptFault(one)));
    throw error;
  }
}

/** As in lua_package_path, `$prefix` is the server's. */
function packagePath(cf: Reader, templates: string): string {
  return toText(templates).replace(/\$(?:prefix\b|\{prefix\})/g, () =>
    toText(cf.sources.prefix).replace(/\/$/, ''),
  );
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
  const conf = main.conf[ts.slot] as Conf;
  limitBacktracks(conf.ts_regex_match_limit);
  const compiled = cf.sources.prepared('ts') as ReadonlyMap<string, Compiled> | undefined;
  if (compiled === undefined) return;
  const log = mainLog(cf);
  await scripts.start(cf, {
    compiled,
    prefix: toText(cf.sources.prefix),
    packagePath: packagePath(cf, conf.ts_package_path),
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

async function workerQuitted({ cf }: HttpMain): Promise<void> {
  await scriptsOf(cf).quitted();
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

const states = new CtxSlot<EngineRequest>();

function stateOf(r: HttpRequest, conf: Conf): EngineRequest {
  const known = states.get(r);
  const settings = settingsFor(r, conf);
  if (known !== undefined) {
    known.settings = settings;
    return known;
  }
  const state = new EngineRequest(r, r.server.main.cf.variables, settings);
  state.lend = lend;
  states.set(r, state);
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
  states.get(r)?.abort();
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
