// The upstreams of a configuration: those that an upstream block declares, and those that proxy_pass and its like name
// by an address. Names are looked up when the configuration is read; every address is a peer.

import type { Args } from '../../conf/args.ts';
import { ConfError, type Place } from '../../conf/error.ts';
import type { Reader } from '../../conf/reader.ts';
import { type Address, addressText, parseAddress } from '../../core/addresses.ts';
import type { Resolver } from '../../core/resolver.ts';
import type { CoreConf } from '../core.ts';
import { CORE_SLOT } from '../location.ts';
import type { HttpMain } from '../main.ts';
import type { HttpRequest } from '../request.ts';
import { KeepalivePool, type KeepaliveSettings } from './keepalive.ts';
import { type Balancer, OwnPeer, type Peer, type PeerSpec, Peers, RoundRobin } from './peers.ts';
import type { UpstreamQueue } from './queue.ts';
import type { SharedServers } from './shared_servers.ts';
import { type Sticky, stickyBalancer } from './sticky.ts';
import type { ConfiguredPeer, ZoneTemplate } from './zone_servers.ts';

/** One `server` of an upstream block. */
export interface UpstreamServer extends Omit<PeerSpec, 'name' | 'host' | 'path'> {
  readonly hosts: readonly string[];
  readonly backup: boolean;
  /** Looked up at run time; null: its addresses are `hosts`. */
  readonly resolve: { readonly host: string; readonly service: string } | null;
}

type BalancingMethod = (r: HttpRequest, peers: Peers) => Balancer;

export class Upstream {
  readonly host: string;
  /** In lower case: what it is found by. */
  readonly key: string;
  /** 0 where none was written, and of an upstream block. */
  port: number;
  readonly noPort: boolean;
  /** Declared by an upstream block. */
  declared = false;
  readonly place: Place;
  /** The addresses of one that is not declared, where they need no lookup. */
  readonly hosts: readonly string[] | null;
  servers: readonly UpstreamServer[] = [];
  /** nginx keeps connections of each location unless told otherwise. */
  readonly keepaliveSettings: KeepaliveSettings = {
    connections: 32,
    local: true,
    requests: 1000,
    timeMs: 3_600_000,
    timeoutMs: 60_000,
  };
  zone = '';
  /** How a peer is chosen for a request; null: in turns. */
  method: BalancingMethod | null = null;
  /** It cannot do without servers; where a script chooses, there need be none. */
  needsServers = true;
  /** The method knows of backup servers. */
  takesBackup = true;
  /** What the method does not know of the parameters of a server. */
  takesSlowStart = true;
  sticky: Sticky | null = null;
  queue: UpstreamQueue | null = null;
  /** For names that are looked up at run time: the upstream's own, or that of the http block. */
  resolver: Resolver | null = null;
  /** -1: that of the http block. */
  resolverTimeoutMs = -1;
  /** Peers are asked once a health check has found them well, or were so before a reload. */
  mandatory: 'no' | 'yes' | 'persistent' = 'no';
  /** What the configuration says of an upstream with a zone. */
  configured: readonly ConfiguredPeer[] = [];
  templates: readonly ZoneTemplate[] = [];
  /** Set in workers: the peers are those that all of them share. */
  shared: SharedServers | null = null;
  #peers = new Peers('', [], []);
  /** Connections kept for later requests; null: they are closed. */
  keepalive: KeepalivePool | null = null;

  /** As they are now. */
  get peers(): Peers {
    return this.shared === null ? this.#peers : this.shared.peers;
  }
  set peers(peers: Peers) {
    this.#peers = peers;
  }

  constructor(host: string, port: number, noPort: boolean, hosts: readonly string[] | null, place: Place) {
    this.host = host;
    this.key = host.toLowerCase();
    this.port = port;
    this.noPort = noPort;
    this.hosts = hosts;
    this.place = place;
  }
}

const UPSTREAMS = { name: 'upstreams' };

export function upstreamsOf(cf: Reader): Upstream[] {
  return cf.state<Upstream[]>(UPSTREAMS, () => []);
}

interface Passed {
  readonly upstream: Upstream;
  readonly https: boolean;
}

const passed = new WeakMap<object, Passed>();

/** Where a location passes its requests, if that is one upstream. */
export function passedTo(location: object): Passed | undefined {
  return passed.get(location);
}

/** The upstream that a directive names by `address`; several may share one. */
export function nameUpstream(args: Args, address: Address): Upstream {
  const upstream = upstreamAt(args, address);
  const { subject } = args.scope;
  const https = /^(https|grpcs):/i.test(args.text(1));
  if (typeof subject === 'object' && subject !== null) passed.set(subject, { upstream, https });
  return upstream;
}

function upstreamAt(args: Args, address: Address): Upstream {
  const key = address.written.toLowerCase();
  for (const known of upstreamsOf(args.cf)) {
    if (known.key !== key) continue;
    if (known.declared && !address.noPort) {
      args.failWhole(`upstream "${known.host}" may not have port ${address.port}`);
    }
    if (known.port !== 0 && address.port !== 0 && known.port !== address.port) continue;
    return known;
  }
  const { written, port, noPort, kind } = address;
  const host = kind === 'unix' ? address.host : written;
  const hosts = kind === 'name' ? null : [address.host];
  const made = new Upstream(host, port, noPort, hosts, args.place());
  upstreamsOf(args.cf).push(made);
  return made;
}

/** The upstream that a block declares; proxy_pass may have named it before. */
export function declareUpstream(args: Args): Upstream {
  const name = args.text(1);
  const key = name.toLowerCase();
  const all = upstreamsOf(args.cf);
  for (const known of all) {
    if (known.key !== key) continue;
    if (known.declared) args.failWhole(`duplicate upstream "${name}"`);
    if (!known.noPort) {
      const message = `upstream "${name}" may not have port ${known.port}`;
      throw new ConfError(message, known.place);
    }
    known.declared = true;
    known.port = 0;
    return known;
  }
  const made = new Upstream(name, 0, true, null, args.place());
  made.declared = true;
  all.push(made);
  return made;
}

/** The upstream whose block a directive stands in. */
export function upstreamOf(args: Args): Upstream {
  const { subject } = args.scope;
  if (!(subject instanceof Upstream)) throw new TypeError(`"${args.name}" outside of an upstream`);
  return subject;
}

/** What a way to choose knows of the parameters of servers. */
interface Takes {
  readonly backup: boolean;
  readonly slowStart: boolean;
}

export const TAKES_ALL: Takes = { backup: true, slowStart: true };
export const TAKES_NEITHER: Takes = { backup: false, slowStart: false };

/** A directive says how peers are chosen; the last one counts. */
export function chooseBy(args: Args, method: BalancingMethod, takes: Takes): void {
  const upstream = upstreamOf(args);
  if (upstream.method !== null) args.warn('load balancing method redefined');
  upstream.method = method;
  upstream.takesBackup = takes.backup;
  upstream.takesSlowStart = takes.slowStart;
}

/** The choices of a request among the peers of `upstream`. */
export function balancerFor(r: HttpRequest, { method, peers, sticky }: Upstream): Balancer {
  const balancer = method === null ? new RoundRobin(peers) : method(r, peers);
  return sticky === null ? balancer : stickyBalancer(r, sticky, balancer);
}

/** At run time: the upstream that a name made of variables means; undefined where it is none of the configuration's. */
export function findUpstream(cf: Reader, host: string, port: number, noPort: boolean): Upstream | undefined {
  const key = host.toLowerCase();
  return upstreamsOf(cf).find(
    (known) => known.key === key && ((known.port === 0 && noPort) || known.port === port),
  );
}

/** All is read: makes the peers. */
export function finishUpstreams(cf: Reader, main: HttpMain): void {
  for (const upstream of upstreamsOf(cf)) {
    if (upstream.declared) finishDeclared(upstream, main.conf[CORE_SLOT] as CoreConf);
    else finishNamed(cf, upstream);
  }
}

function finishDeclared(upstream: Upstream, http: CoreConf): void {
  const configured: ConfiguredPeer[] = [];
  const templates: ZoneTemplate[] = [];
  for (const server of upstream.servers) {
    const { resolve, backup } = server;
    for (const host of server.hosts) configured.push({ spec: specAt(server, host), backup });
    if (resolve !== null) templates.push({ ...resolve, backup, spec: specAt(server, ''), until: 0 });
  }
  const of = (backup: boolean): Peer[] =>
    configured.filter((one) => one.backup === backup).map(({ spec }) => new OwnPeer(spec));
  // A name that is still being looked up has no peers yet: all is read again.
  const complete = upstream.servers.every(({ hosts, resolve }) => hosts.length > 0 || resolve !== null);
  const some = [...configured, ...templates].some(({ backup }) => !backup);
  if (complete && !some && upstream.needsServers) {
    throw new ConfError(`no servers in upstream "${upstream.host}"`, upstream.place);
  }
  upstream.configured = configured;
  upstream.templates = templates;
  upstream.resolver ??= http.resolver;
  if (upstream.resolverTimeoutMs === -1) upstream.resolverTimeoutMs = http.resolver_timeout;
  if (templates.length > 0) checkResolving(upstream);
  upstream.peers = new Peers(upstream.host, of(false), of(true));
  const { keepaliveSettings: settings } = upstream;
  if (settings.connections > 0) upstream.keepalive = new KeepalivePool(settings);
}

function checkResolving({ host, place, zone, resolver }: Upstream): void {
  const at = `upstream "${host}" in ${place.file}:${place.line}`;
  if (zone === '') {
    throw new ConfError(`resolving names at run time requires ${at} to be in shared memory`, null);
  }
  if (resolver === null)
    throw new ConfError(`no resolver defined to resolve names at run time in ${at}`, null);
}

function specAt(server: UpstreamServer, host: string): PeerSpec {
  const { port, weight, maxConns, maxFails, failTimeout, slowStart, down, route } = server;
  const address = { name: addressText(host, port), server: server.server, host, port };
  const path = host.startsWith('/') ? host : null;
  return { ...address, path, weight, maxConns, maxFails, failTimeout, slowStart, down, route };
}

function finishNamed(cf: Reader, upstream: Upstream): void {
  const { host, port, place } = upstream;
  if (port === 0 && !host.startsWith('/')) throw new ConfError(`no port in upstream "${host}"`, place);
  const hosts = upstream.hosts ?? cf.sources.resolve(host);
  if (hosts === null) return; // to be looked up, then all is read again
  if (hosts.length === 0) throw new ConfError(`host not found in upstream "${host}"`, place);
  upstream.peers = peersAt(host, hosts, port);
}

/** Equal peers, one for each address, as nginx makes them of what no upstream block declares. */
export function peersAt(name: string, hosts: readonly string[], port: number): Peers {
  const peers = hosts.map(
    (host) => new OwnPeer({ ...PLAIN, ...peerAddress(host, port), port, server: name }),
  );
  return new Peers(name, peers, []);
}

function peerAddress(host: string, port: number): { name: string; host: string; path: string | null } {
  return { name: addressText(host, port), host, path: host.startsWith('/') ? host : null };
}

const PLAIN = {
  weight: 1,
  maxConns: 0,
  maxFails: 1,
  failTimeout: 10,
  slowStart: 0,
  down: 0,
  route: '',
};

/** The addresses of a `server`'s first argument; none while its name is being looked up, or is to be at run time. */
export function serverAddresses(
  args: Args,
  { resolve, service }: { readonly resolve: boolean; readonly service: string },
): Pick<UpstreamServer, 'hosts' | 'port' | 'resolve'> {
  const text = args.text(1);
  if (service !== '' && !resolve) {
    args.failWhole(`service upstream "${text}" requires "resolve" parameter`);
  }
  const address = parseAddress(text, { defaultPort: 80 });
  if (typeof address === 'string') return args.failWhole(`${address} in upstream "${text}"`);
  const { port, kind, host, noPort } = address;
  if (service !== '' && !noPort) args.failWhole(`service upstream "${text}" may not have port`);
  if (service !== '' && kind !== 'name') args.failWhole(`service upstream "${text}" requires domain name`);
  if (kind !== 'name') return { hosts: [host], port, resolve: null };
  if (resolve) return { hosts: [], port, resolve: { host, service } };
  const hosts = args.cf.sources.resolve(host);
  if (hosts?.length === 0) args.failWhole(`host not found in upstream "${text}"`);
  return { hosts: hosts ?? [], port, resolve: null };
}
