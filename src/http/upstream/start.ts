// Where an exchange begins: the upstream that the configuration knows by that name, or an address, or a name to look up.

import type { Address } from '../../core/addresses.ts';
import { logError } from '../log.ts';
import type { Exchange } from './exchange.ts';
import { RoundRobin } from './peers.ts';
import { findUpstream, peersAt } from './upstreams.ts';

/** For an upstream that is only known at run time (ngx_http_upstream_init_request); all else is u.start()'s. */
export function startAt(u: Exchange, address: Address): void {
  const { r } = u;
  const { kind, written, host, port, noPort } = address;
  const upstream = findUpstream(r.server.main.cf, kind === 'unix' ? host : written, port, noPort);
  if (upstream !== undefined) {
    u.start(upstream);
    return;
  }
  if (!u.prepare()) return;
  if (port === 0 && kind !== 'unix') {
    logError(r, 'error', `no port in upstream "${written}"`);
    u.finish(500);
    return;
  }
  if (kind !== 'name') {
    u.startWith(new RoundRobin(peersAt(written, [host], port)));
    return;
  }
  const { resolver, resolver_timeout } = r.loc.core;
  if (resolver === null) {
    logError(r, 'error', `no resolver defined to resolve ${host}`);
    u.finish(502);
    return;
  }
  resolver.resolve(host, resolver_timeout, ({ addresses, error }) => {
    if (u.finished) return;
    if (error !== '') {
      logError(r, 'error', `${host} could not be resolved (${error})`);
      u.finish(502);
      return;
    }
    u.startWith(new RoundRobin(peersAt(host, addresses, port)));
  });
}
