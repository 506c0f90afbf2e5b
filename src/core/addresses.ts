// Addresses as nginx.conf writes them: `80`, `*:80`, `127.0.0.1:8000-8010`, `[::1]:80`, `unix:/path`, `name:80/uri`.
// The faults are nginx's phrases, returned as text: the caller adds where it stands.

import { isIPv4, isIPv6, SocketAddress } from 'node:net';

export interface Address {
  readonly kind: 'inet' | 'inet6' | 'unix' | 'name';
  /** What to connect or bind to: a normalized number, a path, or a name to be resolved. */
  readonly host: string;
  /** The host as it was written: with brackets, not normalized. */
  readonly written: string;
  readonly port: number;
  /** The end of a range of ports (listen only), otherwise the port. */
  readonly lastPort: number;
  /** No port was written: `port` is the default. */
  readonly noPort: boolean;
  /** Any address: `*`, `0.0.0.0`, `[::]`, or only a port. */
  readonly wildcard: boolean;
  /** From the slash or the question mark on (after the second colon for unix:); empty where there is none. */
  readonly uri: string;
}

interface AddressRules {
  readonly defaultPort: number;
  /** Of a listen directive: a bare port, `*` and ranges of ports are good. */
  readonly listen?: boolean;
  /** A URI may follow (proxy_pass). */
  readonly uriPart?: boolean;
}

const MAX_UNIX_PATH = 107; // sizeof(sun_path) without the terminating zero

/** ngx_parse_url, without resolving names. */
export function parseAddress(text: string, rules: AddressRules): Address | string {
  if (/^unix:/i.test(text)) return parseUnix(text.slice(5), rules);
  if (text.startsWith('[')) return parseInet6(text, rules);
  return parseInet(text, rules);
}

/** As nginx writes an address with its port: `127.0.0.1:80`, `[::1]:80`, `unix:/path`. */
export function addressText(host: string, port: number): string {
  if (host.startsWith('/')) return `unix:${host}`;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function parseUnix(rest: string, rules: AddressRules): Address | string {
  const colon = rules.uriPart ? rest.indexOf(':') : -1;
  const path = colon === -1 ? rest : rest.slice(0, colon);
  if (path === '') return 'no path in the unix domain socket';
  if (path.length > MAX_UNIX_PATH) return 'too long path in the unix domain socket';
  return {
    kind: 'unix',
    host: path,
    written: path,
    port: 0,
    lastPort: 0,
    noPort: true,
    wildcard: false,
    uri: colon === -1 ? '' : rest.slice(colon + 1),
  };
}

function parseInet6(text: string, rules: AddressRules): Address | string {
  const close = text.indexOf(']');
  if (close === -1) return 'invalid host';
  const slash = text.indexOf('/', close);
  if (slash !== -1 && (rules.listen || !rules.uriPart)) return 'invalid host';
  const end = slash === -1 ? text.length : slash;
  const ports = parsePorts(text.slice(close + 1, end), rules);
  if (typeof ports === 'string') return ports;
  const host = text.slice(1, close);
  if (host === '') return 'no host';
  const normal = normalizeInet6(host);
  if (normal === null) return 'invalid IPv6 address';
  return {
    kind: 'inet6',
    host: normal,
    written: text.slice(0, close + 1),
    ...ports,
    wildcard: normal === '::',
    uri: text.slice(end),
  };
}

/** One spelling for each address; null for what is none. */
export function normalizeInet6(text: string): string | null {
  if (!isIPv6(text) || text.includes('%')) return null;
  return new SocketAddress({ address: text, family: 'ipv6' }).address;
}

function parseInet(text: string, rules: AddressRules): Address | string {
  const uriAt = text.search(/[/?]/);
  if (uriAt !== -1 && (rules.listen || !rules.uriPart)) return 'invalid host';
  const end = uriAt === -1 ? text.length : uriAt;
  const colonAt = text.indexOf(':');
  const colon = colonAt === -1 || colonAt > end ? end : colonAt;
  if (colon === end && rules.listen) {
    const only = parsePortOnly(text.slice(0, end), rules);
    if (only !== null) return only;
  }
  const ports = parsePorts(text.slice(colon, end), rules);
  if (typeof ports === 'string') return ports;
  const written = text.slice(0, colon);
  if (written === '') return 'no host';
  const any = rules.listen === true && written === '*';
  const host = any ? '0.0.0.0' : written;
  return {
    kind: isIPv4(host) ? 'inet' : 'name',
    host,
    written,
    ...ports,
    wildcard: host === '0.0.0.0',
    uri: text.slice(end),
  };
}

interface Ports {
  readonly port: number;
  readonly lastPort: number;
  readonly noPort: boolean;
}

/** What follows the host: nothing, or a colon and a port, or, to listen on, a range. */
function parsePorts(text: string, rules: AddressRules): Ports | string {
  if (text === '') return { port: rules.defaultPort, lastPort: rules.defaultPort, noPort: true };
  if (!text.startsWith(':')) return 'invalid host';
  return parseRange(text.slice(1), rules.listen === true);
}

function parseRange(text: string, ranges: boolean): Ports | string {
  const dash = ranges ? text.indexOf('-') : -1;
  const port = portNumber(dash === -1 ? text : text.slice(0, dash));
  const lastPort = dash === -1 ? port : portNumber(text.slice(dash + 1));
  if (port === -1 || lastPort === -1) return 'invalid port';
  if (port > lastPort) return 'invalid port range';
  return { port, lastPort, noPort: false };
}

/** `listen 80` and `listen 8000-8010`; null where the text is a host. */
function parsePortOnly(text: string, rules: AddressRules): Address | string | null {
  if (!/^[0-9]+(-[0-9]+)?$/.test(text)) return null;
  const ports = parseRange(text, rules.listen === true);
  if (typeof ports === 'string') return ports;
  return { kind: 'inet', host: '0.0.0.0', written: '', ...ports, wildcard: true, uri: '' };
}

function portNumber(text: string): number {
  const port = /^[0-9]+$/.test(text) ? Number(text) : -1;
  return port >= 1 && port <= 65535 ? port : -1;
}
