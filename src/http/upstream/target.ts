// What proxy_pass names: a server or an upstream, and the uri that takes the place of the location's.

import type { Args } from '../../conf/args.ts';
import { type Address, parseAddress } from '../../core/addresses.ts';

/** The parts of a URL that requests are passed to. */
export interface Target {
  /** "http://" */
  readonly schema: string;
  /** $proxy_host: what the Host header says unless it is set. */
  readonly hostHeader: string;
  /** $proxy_port */
  readonly port: string;
  /** What takes the place of the location's name; empty: the request's own uri is passed on. */
  readonly uri: string;
  readonly address: Address;
}

export const HTTPS_UNSUPPORTED = 'https upstreams are not supported yet';

/** Parses `http://host:port/uri`. A text: nginx's message. */
export function parseTarget(url: string): Target | string {
  if (/^https:\/\//i.test(url)) return HTTPS_UNSUPPORTED;
  if (!/^http:\/\//i.test(url)) return 'invalid URL prefix';
  const rest = url.slice(7);
  const address = parseAddress(rest, { defaultPort: 80, uriPart: true });
  if (typeof address === 'string') return `${address} in upstream "${rest}"`;
  const { kind, written, port, noPort, uri } = address;
  const schema = url.slice(0, 7);
  if (kind === 'unix') return { schema, hostHeader: 'localhost', port: '', uri, address };
  const usual = noPort || port === 80;
  const hostHeader = usual ? written : `${written}:${port}`;
  return { schema, hostHeader, port: String(port), uri, address };
}

/** As parseTarget(), for a directive. */
export function targetOf(args: Args, url: string): Target {
  const target = parseTarget(url);
  return typeof target === 'string' ? args.failWhole(target) : target;
}
