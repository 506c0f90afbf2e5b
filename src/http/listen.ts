// listen: the addresses of a server, gathered over all servers to what has to be bound and who answers there.

import type { Args } from '../conf/args.ts';
import { ConfError, type Place } from '../conf/error.ts';
import { addressText, parseAddress } from '../core/addresses.ts';
import { parseNumber, parseSize, parseTime } from '../core/sizes.ts';
import type { Server } from './location.ts';
import type { HttpMain } from './main.ts';
import type { HttpRequest } from './request.ts';
import { ServerNames } from './server_names.ts';

/** A socket to be bound. */
export interface ListenSpec {
  /** What it is known by over reloads. */
  readonly key: string;
  readonly host: string;
  readonly port: number;
  /** A unix socket; null for TCP. */
  readonly path: string | null;
  readonly backlog: number;
  readonly reuseport: boolean;
  readonly ipv6only: boolean;
  /** so_keepalive: whether, and the idle time in milliseconds (0: the system's). */
  readonly keepAlive: boolean;
  readonly keepAliveIdleMs: number;
}

/** One address of one listen directive. */
interface ListenOptions extends ListenSpec {
  readonly wildcard: boolean;
  /** Options that only one directive of an address may give, or bind. */
  readonly set: boolean;
  readonly bind: boolean;
  readonly defaultServer: boolean;
  /** A header of PROXY protocol comes before the first request. */
  readonly proxyProtocol: boolean;
  readonly place: Place;
}

/** One listen directive: several addresses where it gives a range of ports. */
export type Listen = readonly ListenOptions[];

/** An address on which requests come in: its servers. */
export class ListenAddress {
  options: ListenOptions;
  /** As nginx writes it: "0.0.0.0:80". */
  readonly text: string;
  default: Server;
  readonly names = new ServerNames();
  readonly servers = new Set<Server>();

  constructor(options: ListenOptions, server: Server) {
    this.options = options;
    this.text = options.key;
    this.default = server;
    this.servers.add(server);
  }

  /** The server for `host`, the default one where none has that name. */
  find(host: string, r: HttpRequest | null): Server {
    if (this.servers.size === 1 && !this.captures) return this.default;
    return this.names.find(host, r) ?? this.default;
  }

  /** What directives have said of proxyProtocol; whether one of them differed from those before it. */
  protocol: boolean | null = null;
  protocolChanged = false;
  /** A name with captures must be matched even where there is only one server. */
  captures = false;
}

/** A bound socket; connections to its different local addresses may belong to different ListenAddresses. */
export interface ListenSocket {
  readonly spec: ListenSpec;
  /** By local address, where a wildcard socket serves several; `any` for all others. */
  readonly byAddress: ReadonlyMap<string, ListenAddress>;
  readonly any: ListenAddress;
}

export function parseListen(args: Args): Listen {
  const text = args.text(1);
  const address = parseAddress(text, { defaultPort: 80, listen: true });
  if (typeof address === 'string') return args.failWhole(`${address} in "${text}" of the "listen" directive`);
  const options = parseOptions(args);
  const hosts = address.kind === 'name' ? args.cf.sources.resolve(address.host) : [address.host];
  if (hosts !== null && hosts.length === 0) {
    return args.failWhole(`host not found in "${text}" of the "listen" directive`);
  }
  const all: ListenOptions[] = [];
  for (const host of hosts ?? []) {
    for (let port = address.port; port <= address.lastPort; port++) {
      const path = address.kind === 'unix' ? host : null;
      const key = addressText(host, port);
      all.push({ ...options, host, port, path, key, wildcard: address.wildcard, place: args.place() });
    }
  }
  return all;
}

type Options = Omit<ListenOptions, 'key' | 'host' | 'port' | 'path' | 'wildcard' | 'place'>;

function parseOptions(args: Args): Options {
  let backlog = 511;
  let reuseport = false;
  let ipv6only = true;
  let defaultServer = false;
  let set = false;
  let proxyProtocol = false;
  let keepAlive = false;
  let keepAliveIdleMs = 0;
  for (let i = 2; i <= args.count; i++) {
    const word = args.text(i);
    const equals = word.indexOf('=');
    const name = equals === -1 ? word : word.slice(0, equals);
    const given = equals === -1 ? '' : word.slice(equals + 1);
    switch (name) {
      case 'default_server':
      case 'default':
        defaultServer = true;
        continue;
      case 'bind':
      case 'deferred':
        set = true;
        continue;
      case 'backlog':
        backlog = parseNumber(given);
        if (backlog <= 0) args.failWhole(`invalid backlog "${word}"`);
        set = true;
        continue;
      case 'rcvbuf':
      case 'sndbuf':
        if (parseSize(given) === -1) args.failWhole(`invalid ${name} "${word}"`);
        set = true;
        continue;
      case 'fastopen':
        if (parseNumber(given) === -1) args.failWhole(`invalid fastopen "${word}"`);
        set = true;
        continue;
      case 'ipv6only':
        if (given !== 'on' && given !== 'off') args.failWhole(`invalid ipv6only flags "${given.slice(1)}"`);
        ipv6only = given === 'on';
        set = true;
        continue;
      case 'reuseport':
        reuseport = true;
        set = true;
        continue;
      case 'so_keepalive': {
        const parsed = parseKeepalive(given);
        if (parsed === null) return args.failWhole(`invalid so_keepalive value: "${given}"`);
        keepAlive = parsed.on;
        keepAliveIdleMs = parsed.idleMs;
        set = true;
        continue;
      }
      case 'accept_filter':
        args.warn(`accept filters "${word}" are not supported on this platform, ignored`);
        continue;
      case 'ssl':
        args.failWhole('the "ssl" parameter requires ngx_http_ssl_module');
        break;
      case 'http2':
        args.failWhole('the "http2" parameter requires ngx_http_v2_module');
        break;
      case 'quic':
        args.failWhole('the "quic" parameter requires ngx_http_v3_module');
        break;
      case 'proxy_protocol':
        proxyProtocol = true;
        continue;
      default:
        args.failWhole(`invalid parameter "${word}"`);
    }
  }
  const given = { backlog, reuseport, ipv6only, defaultServer, set, bind: set };
  return { ...given, proxyProtocol, keepAlive, keepAliveIdleMs };
}

function parseKeepalive(text: string): { on: boolean; idleMs: number } | null {
  if (text === 'on' || text === 'off') return { on: text === 'on', idleMs: 0 };
  const parts = text.split(':');
  if (parts.length > 3 || parts.every((part) => part === '')) return null;
  const [idle = '', interval = '', count = ''] = parts;
  const idleMs = idle === '' ? 0 : parseTime(idle, true);
  if (idleMs === -1 || (interval !== '' && parseTime(interval, true) === -1)) return null;
  return count !== '' && parseNumber(count) <= 0 ? null : { on: true, idleMs };
}

/** Adds a server's addresses to the cycle's (ngx_http_add_listen). */
export function addListens(main: HttpMain, server: Server, listens: readonly Listen[]): void {
  for (const options of listens.flat()) {
    const known = main.addresses.find((address) => address.options.key === options.key);
    if (known === undefined) main.addresses.push(new ListenAddress(options, server));
    else addServer(main, known, options, server);
  }
}

function addServer(main: HttpMain, address: ListenAddress, options: ListenOptions, server: Server): void {
  if (address.servers.has(server)) {
    throw new ConfError(`a duplicate listen ${address.text}`, options.place);
  }
  address.servers.add(server);
  const before = address.options;
  let { defaultServer } = before;
  if (options.set) {
    if (address.options.set)
      throw new ConfError(`duplicate listen options for ${address.text}`, options.place);
    address.options = options;
  }
  if (options.defaultServer) {
    if (defaultServer) throw new ConfError(`a duplicate default server for ${address.text}`, options.place);
    defaultServer = true;
    address.default = server;
  }
  if (redefined(address, before, options)) {
    main.cf.warn(`protocol options redefined for ${address.text}`, options.place);
  }
  const proxyProtocol = before.proxyProtocol || options.proxyProtocol;
  address.options = { ...address.options, defaultServer, proxyProtocol };
}

/** Whether a directive says otherwise of proxy_protocol than those before it, where they should agree. */
function redefined(address: ListenAddress, before: ListenOptions, own: ListenOptions): boolean {
  const { protocol, protocolChanged } = address;
  if (own.proxyProtocol && !before.proxyProtocol) {
    address.protocol = before.proxyProtocol;
    address.protocolChanged = true;
    return (address.options.set && !own.set) || protocolChanged;
  }
  const removed = before.proxyProtocol && !own.proxyProtocol;
  address.protocol = own.proxyProtocol;
  if (removed) address.protocolChanged = true;
  return (own.set && (removed || protocolChanged)) || (protocol !== null && protocol !== own.proxyProtocol);
}

/** What is to be bound: an address beside a wildcard one of the same port shares its socket, unless it must be bound. */
export function listenSockets(main: HttpMain): ListenSocket[] {
  const sockets: ListenSocket[] = [];
  for (const address of main.addresses) {
    const { options } = address;
    if (!options.wildcard && !options.bind && wildcardFor(main, options) !== undefined) continue;
    const shared = new Map<string, ListenAddress>();
    if (options.wildcard) {
      for (const other of main.addresses) {
        if (other !== address && !other.options.bind && wildcardFor(main, other.options) === address) {
          shared.set(other.options.host, other);
        }
      }
    }
    sockets.push({ spec: options, byAddress: shared, any: address });
  }
  return sockets;
}

function wildcardFor(main: HttpMain, options: ListenOptions): ListenAddress | undefined {
  if (options.path !== null || options.wildcard) return undefined;
  const v6 = options.host.includes(':');
  return main.addresses.find(
    ({ options: other }) =>
      other.wildcard && other.port === options.port && other.path === null && other.host.includes(':') === v6,
  );
}
