// The main block and `events`: processes, their limits and identity, the pid file, the error log.

import { availableParallelism } from 'node:os';
import type { Log } from '../core/log.ts';
import { parseNumber } from '../core/sizes.ts';
import { findGroup, findLocalGroup, findUser } from '../core/users.ts';
import type { Args } from './args.ts';
import { type ConfModule, type ConfOf, EVENTS, MAIN, mergeModule, nextSlot } from './directive.ts';
import { ConfError } from './error.ts';
import { addErrorLog, mainLog } from './error_log.ts';
import { block, custom, enumeration, flag, list, msec, number, offset, text, value } from './kinds.ts';
import { type Reader, Scope } from './reader.ts';

const DEFAULT_CONNECTIONS = 512;
const MAX_CPUS = 1024; // CPU_SETSIZE

interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

export interface ThreadPool {
  readonly name: string;
  readonly threads: number;
  /** Tasks that wait for one. */
  readonly maxQueue: number;
}

/** CPU numbers that each worker may run on; the last set serves all further workers. */
interface CpuAffinity {
  readonly auto: boolean;
  readonly masks: readonly (readonly number[])[];
}

const eventDirectives = {
  worker_connections: value<number>({
    in: EVENTS,
    default: DEFAULT_CONNECTIONS,
    parse(args) {
      const count = parseNumber(args.text(1));
      if (count === -1) args.failWhole(`invalid number "${args.text(1)}"`);
      return count;
    },
  }),
  use: value<string>({ in: EVENTS, default: eventMethod(), parse: parseUse }),
  multi_accept: flag({ in: EVENTS, default: false }),
  accept_mutex: flag({ in: EVENTS, default: false }),
  accept_mutex_delay: msec({ in: EVENTS, default: 500 }),
  worker_aio_requests: number({ in: EVENTS, default: 32 }),
  epoll_events: number({ in: EVENTS, default: 512 }),
  debug_connection: list<string>({ in: EVENTS, item: parseDebugConnection }),
};

type EventsConf = ConfOf<typeof eventDirectives>;

export const events: ConfModule = { name: 'events', slot: nextSlot(), directives: eventDirectives };

const directives = {
  daemon: flag({ in: MAIN, default: true }),
  master_process: flag({ in: MAIN, default: true }),
  timer_resolution: msec({ in: MAIN, default: 0 }),
  pid: text({ in: MAIN, default: 'logs/nginx.pid' }),
  lock_file: text({ in: MAIN, default: 'logs/nginx.lock' }),
  worker_processes: value<number>({ in: MAIN, default: 1, parse: parseWorkerProcesses }),
  debug_points: enumeration<'stop' | 'abort' | null>({
    in: MAIN,
    default: null,
    values: { stop: 'stop', abort: 'abort' },
  }),
  user: custom<User | null>({ in: MAIN, args: [1, 2], default: null, parse: parseUser }),
  worker_priority: custom<number>({ in: MAIN, default: 0, parse: parsePriority }),
  worker_cpu_affinity: value<CpuAffinity | null>({
    in: MAIN,
    args: [1, Number.POSITIVE_INFINITY],
    default: null,
    parse: parseAffinity,
  }),
  worker_rlimit_nofile: number({ in: MAIN, default: -1 }),
  worker_rlimit_core: offset({ in: MAIN, default: -1 }),
  worker_shutdown_timeout: msec({ in: MAIN, default: 0 }),
  working_directory: text({ in: MAIN, default: '' }),
  env: list<string>({ in: MAIN, item: (args) => args.text(1) }),
  load_module: custom<readonly string[]>({ in: MAIN, default: [], parse: parseLoadModule }),
  thread_pool: list<ThreadPool>({ in: MAIN, args: [2, 3], item: parseThreadPool }),
  pcre_jit: flag({ in: MAIN, default: false }),
  error_log: custom<Log | null>({
    in: MAIN,
    args: [1, Number.POSITIVE_INFINITY],
    default: null,
    parse: (args) => addErrorLog(args, mainLog(args.cf)),
  }),
  events: block<EventsConf | null>({ in: MAIN, args: [0, 0], default: null, parse: parseEvents }),
};

export const core: ConfModule = { name: 'core', slot: nextSlot(), directives };

type Directives = ConfOf<typeof directives>;

/** The main block, checked: paths are absolute, the error log exists (its files are not open yet). */
export interface CoreConf extends Omit<Directives, 'error_log' | 'events' | 'load_module'> {
  readonly error_log: Log;
  readonly worker_connections: number;
  readonly events: EventsConf;
}

/** A fault that nginx finds only when the syntax of all files is good. */
export class MainFault extends ConfError {}

/** The main block, once it has been read. */
export function coreConf(cf: Reader, main: Scope): CoreConf {
  const conf = mergeModule(core, undefined, main.own[core.slot], MAIN) as unknown as Directives;
  const affinity = conf.worker_cpu_affinity;
  const masks = affinity?.masks.length ?? 0;
  if (affinity !== null && !affinity.auto && masks !== 1 && masks !== conf.worker_processes) {
    cf.warn(
      'the number of "worker_processes" is not equal to the number of "worker_cpu_affinity" masks, ' +
        'using last mask for remaining worker processes',
      null,
    );
  }
  if (conf.events === null) throw new MainFault('no "events" section in configuration', null);
  return {
    ...conf,
    events: conf.events,
    error_log: mainLog(cf),
    worker_connections: conf.events.worker_connections,
    pid: cf.fullName(conf.pid, 'prefix'),
    lock_file: cf.fullName(conf.lock_file, 'prefix'),
    user: conf.user ?? defaultUser(),
  };
}

/** There must be one connection for each listening socket and one for the channel to the master. */
export function checkConnections(conf: CoreConf, listeningSockets: number): void {
  if (conf.worker_connections >= listeningSockets + 1) return;
  throw new MainFault(
    `${conf.worker_connections} worker_connections are not enough for ${listeningSockets} listening sockets`,
    null,
  );
}

function parseEvents(args: Args, seen: EventsConf | null | undefined): EventsConf {
  if (seen !== undefined) args.fail('is duplicate');
  const scope = new Scope(EVENTS, args.scope);
  args.readBlock(scope);
  return mergeModule(events, undefined, scope.own[events.slot], EVENTS) as unknown as EventsConf;
}

function eventMethod(): string {
  return process.platform === 'linux' ? 'epoll' : 'kqueue';
}

function parseUse(args: Args): string {
  if (args.text(1) !== eventMethod()) args.failWhole(`invalid event type "${args.text(1)}"`);
  return args.text(1);
}

function parseDebugConnection(args: Args): string {
  args.warn(
    '"debug_connection" is ignored, you need to rebuild nginx using --with-debug option to enable it',
  );
  return args.text(1);
}

function parseWorkerProcesses(args: Args): number {
  if (args.text(1) === 'auto') return availableParallelism();
  const count = parseNumber(args.text(1));
  if (count === -1) args.fail('invalid value');
  return count;
}

function parseUser(args: Args, seen: User | null | undefined): User | null {
  if (seen !== undefined && seen !== null) args.fail('is duplicate');
  if (process.geteuid?.() !== 0) {
    args.warn(
      'the "user" directive makes sense only if the master process runs with super-user privileges, ignored',
    );
    return null;
  }
  const name = args.text(1);
  const group = args.count === 2 ? args.text(2) : name;
  const uid = findUser(name) ?? args.failWhole(`getpwnam("${name}") failed`);
  const gid = findGroup(group) ?? args.failWhole(`getgrnam("${group}") failed`);
  return { name, uid, gid };
}

/** As nginx's configure chooses: nobody, with the group of that name or Debian's nogroup. */
function defaultUser(): User | null {
  if (process.geteuid?.() !== 0) return null;
  const uid = findUser('nobody');
  if (uid === null) throw new MainFault('getpwnam("nobody") failed', null);
  const gid = findLocalGroup(['nobody', 'nogroup']) ?? findGroup('nobody');
  if (gid === null) throw new MainFault('getgrnam("nobody") failed', null);
  return { name: 'nobody', uid, gid };
}

function parsePriority(args: Args, seen: number | undefined): number {
  if (seen !== undefined && seen !== 0) args.fail('is duplicate');
  const [, sign, digits] = /^([-+]?)(.*)$/s.exec(args.text(1)) ?? [];
  const magnitude = parseNumber(digits ?? '');
  if (magnitude === -1) args.fail('invalid number');
  return sign === '-' ? -magnitude : magnitude;
}

function parseAffinity(args: Args): CpuAffinity {
  const auto = args.text(1) === 'auto';
  if (!auto) return { auto, masks: args.texts().map((mask) => parseMask(args, mask)) };
  if (args.count > 2) args.failWhole('invalid number of arguments in "worker_cpu_affinity" directive');
  const all = Array.from({ length: Math.min(availableParallelism(), MAX_CPUS) }, (_, cpu) => cpu);
  return { auto, masks: [args.count === 2 ? parseMask(args, args.text(2)) : all] };
}

/** `0101`: CPU 0 stands last. */
function parseMask(args: Args, mask: string): readonly number[] {
  if (mask.length > MAX_CPUS) {
    args.failWhole(`"worker_cpu_affinity" supports up to ${MAX_CPUS} CPUs only`);
  }
  const wrong = [...mask].reverse().find((digit) => !' 01'.includes(digit));
  if (wrong !== undefined) args.failWhole(`invalid character "${wrong}" in "worker_cpu_affinity"`);
  const digits = [...mask.replaceAll(' ', '')].reverse();
  return digits.flatMap((digit, cpu) => (digit === '1' ? [cpu] : []));
}

/** The worker's CPUs; null for any. */
export function affinityOf(conf: CoreConf, worker: number): readonly number[] | null {
  const affinity = conf.worker_cpu_affinity;
  if (affinity === null) return null;
  if (!affinity.auto) return affinity.masks[worker] ?? affinity.masks.at(-1) ?? null;
  const cpus = affinity.masks[0] ?? [];
  const cpu = cpus[worker % Math.max(1, cpus.length)];
  return cpu === undefined ? null : [cpu];
}

/**
 * nginx's shared objects cannot be loaded. A configuration that names one of nginx's is taken, since what tsresty
 * has of it is built in, and its directives are refused where it has not; others are refused here.
 */
function parseLoadModule(args: Args, seen: readonly string[] | undefined): readonly string[] {
  if (args.scope.own[core.slot]?.events !== undefined) args.fail('is specified too late');
  const path = args.cf.fullName(args.text(1), 'prefix');
  const name = /(?:^|\/)((?:ngx|ndk)_[\w-]+)\.so$/.exec(path)?.[1];
  if (name === undefined) {
    args.failWhole(
      `dlopen() "${path}" failed (tsresty cannot load modules, only some of nginx's are built in)`,
    );
  }
  args.warn(`"${name}" is not loaded, tsresty uses what it has built in of it`);
  return [...(seen ?? []), name];
}

/** For ngx.run_worker_thread; and workers read files on Node's threads, as many as the largest pool has. */
function parseThreadPool(args: Args, seen: readonly ThreadPool[]): ThreadPool {
  const name = args.text(1);
  if (seen.some((pool) => pool.name === name)) args.failWhole(`duplicate thread pool "${name}"`);
  let threads = 0;
  let maxQueue = 65_536;
  for (let i = 2; i <= args.count; i++) {
    const [, key, text] = /^(threads|max_queue)=(.*)$/s.exec(args.text(i)) ?? [];
    if (key === undefined || text === undefined) continue; // as nginx does
    const number = parseNumber(text);
    if (number === -1 || (key === 'threads' && number === 0)) {
      args.failWhole(`invalid ${key} value "${args.text(i)}"`);
    }
    if (key === 'threads') threads = number;
    else maxQueue = number;
  }
  if (threads === 0) args.failWhole('"thread_pool" must have "threads" parameter');
  return { name, threads, maxQueue };
}
