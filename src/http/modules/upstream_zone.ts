// zone of an upstream: all workers count its peers together, names of servers are looked up again and again, and
// servers can be changed at run time. See ../upstream/zone_memory.ts, zone_servers.ts and resolve.ts.

import type { Args } from '../../conf/args.ts';
import { UPSTREAM } from '../../conf/directive.ts';
import { ConfError, type Place } from '../../conf/error.ts';
import { mainLog } from '../../conf/error_log.ts';
import { custom } from '../../conf/kinds.ts';
import type { Reader } from '../../conf/reader.ts';
import { parseSize } from '../../core/sizes.ts';
import type { Zone } from '../../zone/zone.ts';
import type { HttpMain } from '../main.ts';
import { defineModule, type WorkerProcess } from '../module.ts';
import { NameWatch } from '../upstream/resolve.ts';
import { SharedServers } from '../upstream/shared_servers.ts';
import { type Upstream, upstreamOf, upstreamsOf } from '../upstream/upstreams.ts';
import { blockBytes, ZoneMemory } from '../upstream/zone_memory.ts';
import { ServerStore } from '../upstream/zone_servers.ts';
import { declareZone } from '../zones.ts';

const KIND = 'upstream';
const MIN_SIZE = 8 * 4096;
/** Servers are kept as text, of which each configuration in force has its own. */
const STORE_FACTOR = 4;
const REAP_MS = 1000;

export const upstreamZone = defineModule({
  name: 'upstream_zone',
  directives: { zone: custom<string>({ in: UPSTREAM, args: [1, 2], default: '', parse: parseZone }) },
  postConf: declareZones,
  prepare: async (cf) => (sizesOf(cf).size > 0 ? Date.now() : undefined),
  initWorker: openZones,
  exitWorker: leaveZones,
});

interface Declared {
  size: number;
  readonly place: Place;
}

const SIZES = {};

function sizesOf(cf: Reader): Map<string, Declared> {
  return cf.state(SIZES, () => new Map<string, Declared>());
}

/** Said again, as nginx lets it be, the last one counts. */
function parseZone(args: Args): string {
  const name = args.text(1);
  if (name === '') args.failWhole('invalid zone name ""');
  let size = 0;
  if (args.count === 2) {
    size = parseSize(args.text(2));
    if (size === -1) args.failWhole(`invalid zone size "${args.text(2)}"`);
    if (size < MIN_SIZE) args.failWhole(`zone "${name}" is too small`);
  }
  const known = sizesOf(args.cf).get(name);
  if (known === undefined) {
    sizesOf(args.cf).set(name, { size, place: args.place() });
  } else if (known.size !== 0 && size !== 0 && known.size !== size) {
    const conflict = `conflicts with already declared size ${known.size}`;
    args.failWhole(`the size ${size} of shared memory zone "${name}" ${conflict}`);
  } else {
    known.size ||= size;
  }
  upstreamOf(args).zone = name;
  return name;
}

function declareZones(cf: Reader): void {
  for (const [name, { size, place }] of sizesOf(cf)) {
    if (size === 0) throw new ConfError(`zero size shared memory zone "${name}"`, place);
    declareZone(cf, { kind: KIND, name, size: size * STORE_FACTOR, block: blockBytes(size) }, place);
  }
}

/** What a worker does about its zones until it exits. */
class Work {
  readonly memories: ZoneMemory[] = [];
  readonly watches: NameWatch[] = [];
  reaping: NodeJS.Timeout | null = null;
}

const WORK = {};

function workOf({ cf }: HttpMain): Work {
  return cf.state(WORK, () => new Work());
}

function openZones(main: HttpMain, worker: WorkerProcess): void {
  const work = workOf(main);
  const generation = Number(main.cf.sources.prepared('upstream_zone') ?? 0);
  for (const [name, { size }] of sizesOf(main.cf)) {
    const zone = worker.zones.get(KIND)?.get(name);
    if (zone === undefined) continue;
    const memory = new ZoneMemory(zone, size);
    const store = new ServerStore(memory, generation);
    const upstreams = upstreamsOf(main.cf).filter((upstream) => upstream.zone === name);
    zone.update(joinStep, { memory, store, generation, upstreams });
    work.memories.push(memory);
    for (const upstream of upstreams) {
      upstream.shared = new SharedServers(upstream.host, memory, store);
      if (worker.id === 0) watchNames(main, upstream, upstream.shared, work);
    }
  }
  if (work.memories.length === 0) return;
  work.reaping = setInterval(reap, REAP_MS, work);
  work.reaping.unref();
}

interface Joining {
  readonly memory: ZoneMemory;
  readonly store: ServerStore;
  readonly generation: number;
  readonly upstreams: readonly Upstream[];
}

function joinStep(_zone: Zone, { memory, store, generation, upstreams }: Joining): void {
  memory.join(generation);
  for (const upstream of upstreams) store.prepare(upstream.host, upstream);
  store.dropOld();
}

function watchNames(main: HttpMain, upstream: Upstream, shared: SharedServers, work: Work): void {
  const { resolver, resolverTimeoutMs: timeoutMs } = upstream;
  if (resolver === null) return;
  const log = mainLog(main.cf);
  for (const [i, template] of (shared.store.load(upstream.host)?.templates ?? []).entries()) {
    const watch = new NameWatch(shared, i, template, { resolver, timeoutMs, log });
    work.watches.push(watch);
    watch.start();
  }
}

function reap({ memories }: Work): void {
  for (const memory of memories) if (memory.someDead()) memory.zone.update(reapStep, memory);
}

function reapStep(_zone: Zone, memory: ZoneMemory): void {
  memory.reap();
}

function leaveZones(main: HttpMain): void {
  const work = workOf(main);
  if (work.reaping !== null) clearInterval(work.reaping);
  for (const watch of work.watches) watch.stop();
  for (const memory of work.memories) memory.leave();
}
