// The directives of caching and storing, which all modules that pass requests to upstreams have under names of their own:
// proxy_cache, fastcgi_cache … A module spreads cacheDirectives() into its table, gives settings from cacheSettings()
// to its exchanges, and starts its caches with startCaches().

import type { Args } from '../../conf/args.ts';
import type { ComplexValue } from '../../conf/complex.ts';
import { type ConfOf, HTTP, HTTP_ANY, type OwnConf } from '../../conf/directive.ts';
import { mainLog } from '../../conf/error_log.ts';
import { bitmask, custom, flag, msec, number, offset, value } from '../../conf/kinds.ts';
import type { Reader } from '../../conf/reader.ts';
import { parseNumber, parseTime } from '../../core/sizes.ts';
import { parseAccess, type TempPath } from '../core_values.ts';
import type { HttpMain } from '../main.ts';
import type { WorkerProcess } from '../module.ts';
import { unprefixed } from '../unprefixed.ts';
import { FT_ERROR, FT_NOLIVE, FT_OFF } from '../upstream/settings.ts';
import type { StoreSettings } from '../upstream/store.ts';
import { declaredZones } from '../zones.ts';
import { parseCachePath } from './cache_path.ts';
import type { FileCache } from './file_cache.ts';
import { CacheLoader } from './loader.ts';
import { CacheManager } from './manager.ts';
import { CachePurger } from './purger.ts';
import type { CacheSettings, CacheValid } from './settings.ts';

/** What the enclosing block says to the module so far. */
type Own = (args: Args) => OwnConf;

type Masks = Readonly<Record<string, number>>;

interface CacheChoice {
  readonly value: ComplexValue;
  readonly caches: ReadonlyMap<string, FileCache>;
  readonly args: Args;
  /** That there is no key has been said. */
  warned: boolean;
}

/** proxy_cache, or proxy_store, of a block that says the other one: off, without having been said. */
const IMPLIED = 'implied';
type Off = 'off' | typeof IMPLIED;

type StoreChoice = Off | { readonly path: ComplexValue | null };

const METHODS: Readonly<Record<string, number>> = { get: 1, head: 2, post: 4 };
const ALWAYS = 3;

const CACHES = {}; // the key under which a Reader keeps them

/** The caches of a module, by their zones' names. */
function cachesOf(cf: Reader, module: string): Map<string, FileCache> {
  const all = cf.state<Map<string, Map<string, FileCache>>>(CACHES, () => new Map());
  let caches = all.get(module);
  if (caches === undefined) {
    caches = new Map();
    all.set(module, caches);
  }
  return caches;
}

function table(module: string, own: Own, useStale: Masks) {
  const predicates = () =>
    custom<readonly ComplexValue[]>({
      in: HTTP_ANY,
      args: [1, Number.POSITIVE_INFINITY],
      default: [],
      inherit: true,
      parse: parsePredicates,
    });
  return {
    cache: custom<CacheChoice | Off>({
      in: HTTP_ANY,
      default: 'off',
      inherit: true,
      parse: (args, seen) => parseCache(args, seen, module, own(args)),
    }),
    cache_path: custom<readonly FileCache[]>({
      in: HTTP,
      args: [2, Number.POSITIVE_INFINITY],
      default: [],
      parse: (args, seen) => [
        ...(seen ?? []),
        parseCachePath(args, zoneKind(module), cachesOf(args.cf, module)),
      ],
    }),
    cache_key: value<ComplexValue | null>({ in: HTTP_ANY, default: null, parse: (args) => args.complex(1) }),
    cache_valid: custom<readonly CacheValid[]>({
      in: HTTP_ANY,
      args: [1, Number.POSITIVE_INFINITY],
      default: [],
      inherit: true,
      parse: parseValid,
    }),
    cache_bypass: predicates(),
    no_cache: predicates(),
    cache_purge: predicates(),
    cache_min_uses: number({ in: HTTP_ANY, default: 1 }),
    cache_max_range_offset: offset({ in: HTTP_ANY, default: Number.POSITIVE_INFINITY }),
    cache_methods: bitmask({ in: HTTP_ANY, default: ALWAYS, values: METHODS }),
    cache_use_stale: bitmask({ in: HTTP_ANY, default: FT_OFF, values: useStale }),
    cache_lock: flag({ in: HTTP_ANY, default: false }),
    cache_lock_timeout: msec({ in: HTTP_ANY, default: 5000 }),
    cache_lock_age: msec({ in: HTTP_ANY, default: 5000 }),
    cache_revalidate: flag({ in: HTTP_ANY, default: false }),
    cache_background_update: flag({ in: HTTP_ANY, default: false }),
    store: custom<StoreChoice>({
      in: HTTP_ANY,
      default: 'off',
      inherit: true,
      parse: (args, seen) => parseStore(args, seen, module, own(args)),
    }),
    store_access: value<number>({ in: HTTP_ANY, args: [1, 3], default: 0o600, parse: parseAccess }),
  };
}

type Table = ReturnType<typeof table>;
type Prefixed<P extends string> = { readonly [K in keyof Table & string as `${P}_${K}`]: Table[K] };

/**
 * The directives under the names that begin with `module`; `own`: as Args.own() of the module; `useStale`: what may be
 * said of failures, the same as in next_upstream.
 */
export function cacheDirectives<P extends string>(module: P, own: Own, useStale: Masks): Prefixed<P> {
  const named = Object.entries(table(module, own, useStale)).map(([name, spec]) => [
    `${module}_${name}`,
    spec,
  ]);
  return Object.fromEntries(named) as Prefixed<P>;
}

/** Which only the modules have that speak HTTP. */
export const convertHead = flag({ in: HTTP_ANY, default: true });

type Conf = ConfOf<Table>;

function confOf(conf: object, module: string): Conf {
  return unprefixed(conf, module) as unknown as Conf;
}

/** What a location's merged configuration says of caching; null: nothing is cached. */
export function cacheSettings(conf: object, module: string, head: boolean): CacheSettings | null {
  const own = confOf(conf, module);
  const { cache: choice } = own;
  if (typeof choice === 'string') return null;
  const { value: name, caches } = choice;
  const cache = name.constant === null ? null : (caches.get(name.constant) ?? null);
  const methods = own.cache_methods | ALWAYS;
  let useStale = (own.cache_use_stale & FT_OFF) !== 0 ? 0 : own.cache_use_stale;
  if ((useStale & FT_ERROR) !== 0) useStale |= FT_NOLIVE;
  return {
    module,
    cache,
    value: cache === null ? name : null,
    caches,
    key: own.cache_key,
    valid: own.cache_valid,
    bypass: own.cache_bypass,
    noCache: own.no_cache,
    purge: own.cache_purge,
    minUses: own.cache_min_uses,
    methods: Object.keys(METHODS)
      .filter((method) => (methods & (METHODS[method] as number)) !== 0)
      .map((method) => method.toUpperCase()),
    lock: own.cache_lock,
    lockTimeout: own.cache_lock_timeout,
    lockAge: own.cache_lock_age,
    revalidate: own.cache_revalidate,
    convertHead: head,
    maxRangeOffset: own.cache_max_range_offset,
    useStale,
    backgroundUpdate: own.cache_background_update,
  };
}

/** Whether a merged configuration that says where to cache says enough; `keyNeeded`: the module has no key of its own. */
export function checkCache(conf: object, module: string, level: number, keyNeeded: boolean): void {
  const { cache: choice, cache_key: key } = confOf(conf, module);
  if (typeof choice === 'string' || level === HTTP) return;
  const { value: name, caches, args } = choice;
  if (name.constant !== null && !caches.has(name.constant)) {
    const used = declaredZones(args.cf).some((zone) => zone.name === name.constant);
    if (used)
      args.failWhole(`the shared memory zone "${name.constant}" is already declared for a different use`);
    args.failWhole(`"${module}_cache" zone "${name.constant}" is unknown`);
  }
  if (!keyNeeded || key !== null || choice.warned) return;
  choice.warned = true;
  args.warn(`no "${module}_cache_key" for "${module}_cache"`);
}

/** The same of storing. */
export function storeSettings(conf: object, module: string): StoreSettings | null {
  const { store, store_access: access } = confOf(conf, module);
  return typeof store === 'string' ? null : { path: store.path, access };
}

/** Directories that the workers need. */
export function cacheDirectories(conf: object, module: string): readonly TempPath[] {
  return confOf(conf, module).cache_path.map(({ settings }) => ({
    path: settings.path,
    levels: [],
    owned: true,
  }));
}

/** Of nginx these are processes of their own. */
const processes: (CacheManager | CachePurger)[] = [];

/** In each worker. */
export function startCaches(main: HttpMain, worker: WorkerProcess, module: string): void {
  for (const [name, cache] of cachesOf(main.cf, module)) {
    const zone = worker.zones.get(zoneKind(module))?.get(name);
    if (zone === undefined) throw new Error(`the zone of cache "${name}" is missing`);
    const log = mainLog(main.cf);
    cache.open(zone, log);
    if (worker.id !== 0) continue;
    const manager = new CacheManager(cache, log);
    const purger = new CachePurger(cache, log);
    processes.push(manager, purger);
    manager.start();
    purger.start();
    void new CacheLoader(cache, log, worker.exiting).load();
  }
}

export function stopCaches(): void {
  for (const one of processes.splice(0)) one.stop();
}

function zoneKind(module: string): string {
  return `${module}_cache`;
}

function isOn(choice: unknown): boolean {
  return typeof choice === 'object' && choice !== null;
}

function parseCache(
  args: Args,
  seen: CacheChoice | Off | undefined,
  module: string,
  own: OwnConf,
): CacheChoice | Off {
  if (seen !== undefined && seen !== IMPLIED) args.fail('is duplicate');
  if (args.text(1) === 'off') return 'off';
  const store = `${module}_store`;
  if (isOn(own[store])) args.fail(`is incompatible with "${store}"`);
  own[store] ??= IMPLIED;
  return { value: args.complex(1), caches: cachesOf(args.cf, module), args, warned: false };
}

function parseStore(args: Args, seen: StoreChoice | undefined, module: string, own: OwnConf): StoreChoice {
  if (seen !== undefined && seen !== IMPLIED) args.fail('is duplicate');
  const text = args.text(1);
  if (text === 'off') return 'off';
  if (text === '') args.failWhole('empty path');
  const cache = `${module}_cache`;
  if (isOn(own[cache])) args.fail(`is incompatible with "${cache}"`);
  own[cache] ??= IMPLIED;
  return { path: text === 'on' ? null : args.complex(1) };
}

function parsePredicates(args: Args, seen: readonly ComplexValue[] | undefined): readonly ComplexValue[] {
  const values = [...(seen ?? [])];
  for (let i = 1; i <= args.count; i++) values.push(args.complex(i));
  return values;
}

const USUAL = [200, 301, 302];

function parseValid(args: Args, seen: readonly CacheValid[] | undefined): readonly CacheValid[] {
  const ms = parseTime(args.text(args.count), true);
  if (ms === -1) args.failWhole(`invalid time value "${args.text(args.count)}"`);
  const seconds = ms / 1000;
  const statuses =
    args.count === 1
      ? USUAL
      : args
          .texts()
          .slice(0, -1)
          .map((text) => statusOf(args, text));
  return [...(seen ?? []), ...statuses.map((status) => ({ status, seconds }))];
}

function statusOf(args: Args, text: string): number {
  if (text === 'any') return 0;
  const status = parseNumber(text);
  if (status < 100 || status > 599) args.failWhole(`invalid status "${text}"`);
  return status;
}
