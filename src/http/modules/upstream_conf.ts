// upstream_conf, with the arguments that NGINX Plus had for it: the servers of upstreams with a zone are listed, added,
// removed and changed at run time, for all workers. What was changed outlives a reload: see ../upstream/zone_servers.ts.

import type { Args } from '../../conf/args.ts';
import { type ConfOf, LOCATION } from '../../conf/directive.ts';
import { ConfError, type Place } from '../../conf/error.ts';
import { custom } from '../../conf/kinds.ts';
import type { Reader } from '../../conf/reader.ts';
import { addressText, parseAddress } from '../../core/addresses.ts';
import { parseNumber, parseTime } from '../../core/sizes.ts';
import { Location } from '../location.ts';
import { logError } from '../log.ts';
import type { HttpMain } from '../main.ts';
import { defineModule } from '../module.ts';
import { sendResponse } from '../output.ts';
import type { Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import { PEER_DOWN, PEER_DRAINING, type PeerSpec } from '../upstream/peers.ts';
import type { SharedServers } from '../upstream/shared_servers.ts';
import { type Upstream, upstreamsOf } from '../upstream/upstreams.ts';
import {
  type Changes,
  type ServerStore,
  ZoneFull,
  type ZonePeer,
  type ZoneServers,
} from '../upstream/zone_servers.ts';

const directives = {
  upstream_conf: custom<boolean>({ in: LOCATION, args: [0, 0], default: false, parse: parseUpstreamConf }),
};

type Conf = ConfOf<typeof directives>;

export const upstreamConf = defineModule({
  name: 'upstream_conf',
  directives,
  postConf: checkAccess,
  phases: { content: { when: (conf: Conf) => conf.upstream_conf, run: answer, exclusive: true } },
});

interface Declared {
  readonly location: Location;
  readonly place: Place;
}

const DECLARED = {};

function parseUpstreamConf(args: Args, seen: boolean | undefined): boolean {
  if (seen !== undefined) args.fail('is duplicate');
  const location = args.scope.subject;
  if (!(location instanceof Location)) throw new TypeError('upstream_conf outside of a location');
  args.cf.state<Declared[]>(DECLARED, () => []).push({ location, place: args.place() });
  return true;
}

/** Who may change where requests go must have been named. */
function checkAccess(cf: Reader, main: HttpMain): void {
  const slot = main.modules.find(({ name }) => name === 'access')?.slot ?? -1;
  for (const { location, place } of cf.state<Declared[]>(DECLARED, () => [])) {
    const { rules } = location.conf[slot] as {
      rules: readonly { deny: boolean; cidr: unknown; inet: boolean }[];
    };
    const last = rules.at(-1);
    const closed = last?.deny === true && last.cidr === null && last.inet;
    if (closed && rules.some(({ deny }) => !deny)) continue;
    throw new ConfError('"upstream_conf" requires "allow" and, last, "deny all" in its location', place);
  }
}

/** An answer that is no success. */
class Refused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

function answer(r: HttpRequest): Rc {
  if (r.method !== 'GET' && r.method !== 'HEAD' && r.method !== 'POST') return 405;
  try {
    return sendResponse(r, 200, 'text/plain', Buffer.from(perform(r), 'latin1'));
  } catch (e) {
    const refused = e instanceof ZoneFull ? new Refused(507, 'no room in the zone') : e;
    if (!(refused instanceof Refused)) throw e;
    logError(r, 'error', `upstream_conf: ${refused.message}`);
    return sendResponse(r, refused.status, 'text/plain', Buffer.from(`${refused.message}\n`, 'latin1'));
  }
}

function perform(r: HttpRequest): string {
  const args = argumentsOf(r.args);
  const upstream = upstreamOfArgs(r, args);
  const { shared } = upstream;
  if (shared === null) throw new Refused(400, `upstream "${upstream.host}" is not in shared memory`);
  const verbose = args.has('verbose');
  const changing = args.has('add') || args.has('remove') || changesOf(args) !== null;
  if (changing && r.method === 'HEAD') throw new Refused(405, 'HEAD changes nothing');
  if (args.has('add')) return lines([add(upstream, shared, args)], verbose);
  if (args.has('remove')) {
    const peer = peerOf(shared.servers, args);
    change(shared, args, null);
    return lines(group(shared.servers, peer.backup), verbose);
  }
  if (!changing)
    return lines(args.has('id') ? [peerOf(shared.servers, args)] : listed(shared.servers, args), verbose);
  change(shared, args, changesOf(args));
  return lines([peerOf(shared.servers, args)], verbose);
}

function argumentsOf(text: string): Map<string, string> {
  const args = new Map<string, string>();
  for (const part of text.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = equals === -1 ? part : part.slice(0, equals);
    const value = equals === -1 ? '' : part.slice(equals + 1);
    if (!ARGUMENTS.has(name)) throw new Refused(400, `unknown argument "${name}"`);
    args.set(
      name,
      value.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
    );
  }
  return args;
}

const CHANGES = [
  'weight',
  'max_conns',
  'max_fails',
  'fail_timeout',
  'slow_start',
  'route',
  'down',
  'up',
  'drain',
];
const STATES: Readonly<Record<string, number>> = { down: PEER_DOWN, up: 0, drain: PEER_DRAINING };
const ARGUMENTS: ReadonlySet<string> = new Set([
  ...['upstream', 'backup', 'id', 'verbose', 'add', 'remove', 'server'],
  ...CHANGES,
]);

function upstreamOfArgs(r: HttpRequest, args: Map<string, string>): Upstream {
  const name = args.get('upstream') ?? '';
  if (name === '') throw new Refused(400, 'missing "upstream" argument');
  const found = upstreamsOf(r.server.main.cf).find((one) => one.declared && one.host === name);
  if (found === undefined) throw new Refused(404, `upstream "${name}" not found`);
  return found;
}

function listed(servers: ZoneServers, args: Map<string, string>): readonly ZonePeer[] {
  return group(servers, args.has('backup'));
}

function group({ peers }: ZoneServers, backup: boolean): readonly ZonePeer[] {
  return peers.filter((peer) => peer.backup === backup);
}

function peerOf({ peers }: ZoneServers, args: Map<string, string>): ZonePeer {
  const text = args.get('id');
  if (text === undefined) throw new Refused(400, 'missing "id" argument');
  const peer = peers.find(({ id }) => id === parseNumber(text));
  if (peer === undefined) throw new Refused(404, `server "${text}" not found`);
  return peer;
}

function add(upstream: Upstream, shared: SharedServers, args: Map<string, string>): ZonePeer {
  const server = args.get('server') ?? '';
  const backup = args.has('backup');
  if (server === '') throw new Refused(400, 'missing "server" argument');
  if (backup && !upstream.takesBackup) throw new Refused(400, 'balancing method does not support "backup"');
  const address = parseAddress(server, { defaultPort: 80 });
  if (typeof address === 'string') throw new Refused(400, `${address} in "${server}"`);
  const { kind, host, port } = address;
  if (kind === 'name') throw new Refused(400, `"${server}" is not an address`);
  const spec: PeerSpec = {
    ...{ name: addressText(host, port), server, host, port, path: kind === 'unix' ? host : null },
    ...{ weight: 1, maxConns: 0, maxFails: 1, failTimeout: 10, slowStart: 0, down: 0, route: '' },
    ...changesOf(args),
  };
  const put = (servers: ZoneServers, store: ServerStore): ZonePeer | null => {
    const known = servers.peers.some((one) => one.name === spec.name && one.backup === backup);
    return known ? null : store.add(servers, spec, backup);
  };
  const added = shared.change(put);
  if (added === null) throw new Refused(409, `server "${spec.name}" is there already`);
  shared.changeOthers(put);
  return added;
}

function change(shared: SharedServers, args: Map<string, string>, changes: Changes | null): void {
  const { name, backup } = shared.change((servers, store) => {
    const peer = peerOf(servers, args);
    store.edit(servers, peer, changes);
    return peer;
  });
  shared.changeOthers((servers, store) => {
    const peer = servers.peers.find((one) => one.name === name && one.backup === backup);
    if (peer !== undefined) store.edit(servers, peer, changes);
  });
}

/** null: none is asked for. */
function changesOf(args: Map<string, string>): Changes | null {
  if (!CHANGES.some((name) => args.has(name))) return null;
  const count = (name: string, least: number): number | undefined => {
    const text = args.get(name);
    const n = text === undefined ? least : parseNumber(text);
    if (n < least) throw new Refused(400, `invalid "${name}" argument`);
    return text === undefined ? undefined : n;
  };
  const time = (name: string, inSeconds: boolean): number | undefined => {
    const text = args.get(name);
    if (text === undefined) return undefined;
    const ms = parseTime(text, inSeconds);
    if (ms === -1) throw new Refused(400, `invalid "${name}" argument`);
    return inSeconds ? ms / 1000 : ms;
  };
  const route = args.get('route');
  if (route !== undefined && (route === '' || route.length > 32))
    throw new Refused(400, 'invalid "route" argument');
  const states = ['down', 'up', 'drain'].filter((name) => args.has(name));
  if (states.length > 1) throw new Refused(400, `"${states[0]}" and "${states[1]}" exclude each other`);
  const [state] = states;
  return defined({
    weight: count('weight', 1),
    maxConns: count('max_conns', 0),
    maxFails: count('max_fails', 0),
    failTimeout: time('fail_timeout', true),
    slowStart: time('slow_start', false),
    route,
    down: state === undefined ? undefined : STATES[state],
  });
}

function defined(changes: { readonly [K in keyof Changes]: Changes[K] | undefined }): Changes {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

function lines(peers: readonly ZonePeer[], verbose: boolean): string {
  return peers.map((peer) => line(peer, verbose)).join('');
}

/** As in a configuration; `verbose`: also what is as if it were not said. */
function line(peer: ZonePeer, verbose: boolean): string {
  let text = `server ${peer.name}`;
  const say = (name: string, value: number, usual: number, unit = ''): void => {
    if (verbose || value !== usual) text += ` ${name}=${value}${unit}`;
  };
  say('weight', peer.weight, 1);
  say('max_conns', peer.maxConns, 0);
  say('max_fails', peer.maxFails, 1);
  say('fail_timeout', peer.failTimeout, 10, 's');
  say('slow_start', peer.slowStart / 1000, 0, 's');
  if (peer.route !== '') text += ` route=${peer.route}`;
  if (peer.backup) text += ' backup';
  if (peer.down === PEER_DOWN) text += ' down';
  if (peer.down === PEER_DRAINING) text += ' drain';
  return `${text}; # id=${peer.id}\n`;
}
