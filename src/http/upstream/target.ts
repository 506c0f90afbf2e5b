// What proxy_pass names: a server or an upstream, and the uri that takes the place of the location's.

import type { Args } from '../../conf/args.ts';
import { type Address, parseAddress } from '../../core/addresses.ts';

/** The parts of a URL that requests are passed to. */
export interface Target {
  /** "http://" or "https://" */
  readonly schema: string;
  /** TLS is spoken. */
  readonly secure: boolean;
  /** $proxy_host: what the Host header says unless it is set. */
  readonly hostHeader: string;
  /** $proxy_port */
  readonly port: string;
  /** What takes the place of the location's name; empty: the request's own uri is passed on. */
  readonly uri: string;
  readonly address: Address;
}

const SCHEMES = [
  { schema: 'http://', defaultPort: 80 },
  { schema: 'https://', defaultPort: 443 },
] as const;

/** Parses `http://host:port/uri`. A text: nginx's message. */
export function parseTarget(url: string): Target | string {
  const scheme = SCHEMES.find(({ schema }) => url.slice(0, schema.length).toLowerCase() === schema);
  if (scheme === undefined) return 'invalid URL prefix';
  const { defaultPort } = scheme;
  const secure = defaultPort === 443;
  const schema = url.slice(0, scheme.schema.length);
  const rest = url.slice(schema.length);
  const address = parseAddress(rest, { defaultPort, uriPart: true });
  if (typeof address === 'string') return `${address} in upstream "${rest}"`;
  const { kind, written, port, noPort, uri } = address;
  if (kind === 'unix') return { schema, secure, hostHeader: 'localhost', port: '', uri, address };
  const usual = noPort || port === defaultPort;
  const hostHeader = usual ? written : `${written}:${port}`;
  return { schema, secure, hostHeader, port: String(port), uri, address };
}

/** As parseTarget(), for a directive. */
export function targetOf(args: Args, url: string): Target {
  const target = parseTarget(url);
  return typeof target === 'string' ? args.failWhole(target) : target;
}
