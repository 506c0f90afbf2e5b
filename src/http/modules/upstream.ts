// upstream blocks and their servers; the $upstream_ variables.

import type { Args } from '../../conf/args.ts';
import { HTTP, UPSTREAM } from '../../conf/directive.ts';
import { block, custom } from '../../conf/kinds.ts';
import { Scope } from '../../conf/reader.ts';
import { parseResolver } from '../../conf/resolver.ts';
import { parseNumber, parseTime } from '../../core/sizes.ts';
import { cachedEtag, cachedLastModified } from '../cache/serve.ts';
import { defineModule, type HttpVariable } from '../module.ts';
import type { HttpRequest } from '../request.ts';
import type { Exchange } from '../upstream/exchange.ts';
import { exchangeOf } from '../upstream/of_request.ts';
import { PEER_DOWN, PEER_DRAINING } from '../upstream/peers.ts';
import { setCookieValue } from '../upstream/response.ts';
import type { AttemptState } from '../upstream/state.ts';
import {
  declareUpstream,
  finishUpstreams,
  serverAddresses,
  type UpstreamServer,
  upstreamOf,
} from '../upstream/upstreams.ts';
import { joinedHeader, seconds } from '../variables.ts';

const MAX_ROUTE = 32;

type Servers = readonly UpstreamServer[];

const directives = {
  upstream: block<null>({ in: HTTP, args: [1, 1], default: null, parse: readUpstream }),
  server: custom<Servers, 'servers'>({
    in: UPSTREAM,
    args: [1, Number.POSITIVE_INFINITY],
    into: 'servers',
    default: [],
    parse: (args, seen) => [...(seen ?? []), parseServer(args)],
  }),
  resolver: custom<boolean>({
    in: UPSTREAM,
    args: [1, Number.POSITIVE_INFINITY],
    default: false,
    parse: readResolver,
  }),
  resolver_timeout: custom<boolean>({ in: UPSTREAM, default: false, parse: readResolverTimeout }),
};

export const upstream = defineModule({
  name: 'upstream',
  directives,
  variables: {
    upstream_addr: { get: (r) => listed(r, (state) => state.peer ?? ''), volatile: true },
    upstream_status: {
      get: (r) => listed(r, ({ status }) => (status === 0 ? '-' : String(status))),
      volatile: true,
    },
    upstream_connect_time: { get: (r) => listed(r, (state) => time(state.connectTime)), volatile: true },
    upstream_header_time: { get: (r) => listed(r, (state) => time(state.headerTime)), volatile: true },
    upstream_response_time: { get: (r) => listed(r, (state) => time(state.responseTime)), volatile: true },
    upstream_queue_time: { get: (r) => listed(r, (state) => time(state.queueTime)), volatile: true },
    upstream_last_server_name: { get: lastServerName, volatile: true },
    upstream_response_length: {
      get: (r) => listed(r, (state) => String(state.responseLength)),
      volatile: true,
    },
    upstream_bytes_received: {
      get: (r) => listed(r, (state) => String(state.bytesReceived)),
      volatile: true,
    },
    upstream_bytes_sent: { get: (r) => listed(r, (state) => String(state.bytesSent)), volatile: true },
    upstream_cache_status: { get: (r) => exchangeOf(r)?.cacheStatus || undefined, volatile: true },
    upstream_cache_last_modified: { get: (r) => cacheValue(r, cachedLastModified), volatile: true },
    upstream_cache_etag: { get: (r) => cacheValue(r, cachedEtag), volatile: true },
    upstream_http_: { family: responseHeader },
    upstream_trailer_: { family: responseTrailer },
    upstream_cookie_: { family: responseCookie },
  },
  postConf: finishUpstreams,
});

/** The host of the server that was chosen last, without its port: what a TLS upstream is to be called. */
function lastServerName(r: HttpRequest): string | undefined {
  return exchangeOf(r)?.lastServer.replace(/:\d+$/, '') || undefined;
}

function cacheValue(r: HttpRequest, get: (u: Exchange) => string | undefined): string | undefined {
  const u = exchangeOf(r);
  return u === null ? undefined : get(u);
}

function time(ms: number): string {
  return ms === -1 ? '-' : seconds(ms);
}

/** Attempts are parted by commas, those before and after an internal redirect by a colon. */
function listed(r: HttpRequest, show: (state: AttemptState) => string): string | undefined {
  const states = exchangeOf(r)?.states ?? [];
  if (states.length === 0) return undefined;
  let text = '';
  for (const [i, state] of states.entries()) {
    if (state.peer === null) {
      text += ' : ';
      continue;
    }
    if (i > 0 && states[i - 1]?.peer !== null) text += ', ';
    text += show(state);
  }
  return text;
}

function responseHeader(suffix: string): HttpVariable {
  const name = suffix.toLowerCase();
  return { get: (r) => joinedHeader(exchangeOf(r)?.response.headers, name), volatile: true };
}

function responseTrailer(suffix: string): HttpVariable {
  const name = suffix.toLowerCase();
  return { get: (r) => joinedHeader(exchangeOf(r)?.response.trailers, name), volatile: true };
}

function responseCookie(suffix: string): HttpVariable {
  const name = suffix.toLowerCase();
  return {
    get(r) {
      const response = exchangeOf(r)?.response;
      return response === undefined ? undefined : setCookieValue(response, name);
    },
    volatile: true,
  };
}

function readUpstream(args: Args): null {
  const declared = declareUpstream(args);
  const scope = new Scope(UPSTREAM, args.scope, declared);
  args.readBlock(scope);
  const own = scope.ownConf(upstream);
  const servers = (own.servers ?? []) as Servers;
  if (servers.length === 0 && declared.needsServers) args.failWhole('no servers are inside upstream');
  declared.servers = servers;
  return null;
}

function readResolver(args: Args): boolean {
  const upstream = upstreamOf(args);
  upstream.resolver = parseResolver(args, upstream.resolver);
  return true;
}

function readResolverTimeout(args: Args, seen: boolean | undefined): boolean {
  if (seen !== undefined) args.fail('is duplicate');
  const ms = parseTime(args.text(1), false);
  if (ms === -1) args.fail('invalid value');
  upstreamOf(args).resolverTimeoutMs = ms;
  return true;
}

function parseServer(args: Args): UpstreamServer {
  let weight = 1;
  let maxConns = 0;
  let maxFails = 1;
  let failTimeout = 10;
  let slowStart = 0;
  let backup = false;
  let down = 0;
  let route = '';
  let resolve = false;
  let service = '';
  for (let i = 2; i <= args.count; i++) {
    const word = args.text(i);
    const equals = word.indexOf('=');
    const name = equals === -1 ? word : word.slice(0, equals + 1);
    const given = word.slice(equals + 1);
    const count = parseNumber(given);
    const invalid = (): never => args.failWhole(`invalid parameter "${word}"`);
    const unsupported = (): never => args.failWhole(`balancing method does not support parameter "${word}"`);
    switch (name) {
      case 'weight=':
        if (count <= 0) invalid();
        weight = count;
        break;
      case 'max_conns=':
        if (count === -1) invalid();
        maxConns = count;
        break;
      case 'max_fails=':
        if (count === -1) invalid();
        maxFails = count;
        break;
      case 'fail_timeout=': {
        const ms = parseTime(given, true);
        if (ms === -1) invalid();
        failTimeout = ms / 1000;
        break;
      }
      case 'backup':
        if (!upstreamOf(args).takesBackup) unsupported();
        backup = true;
        break;
      case 'slow_start=':
        if (!upstreamOf(args).takesSlowStart) unsupported();
        slowStart = parseTime(given, false);
        if (slowStart === -1) invalid();
        break;
      case 'down':
        down = PEER_DOWN;
        break;
      case 'drain':
        down = PEER_DRAINING;
        break;
      case 'route=':
        if (given === '') args.failWhole('route is empty');
        if (given.length > MAX_ROUTE) args.failWhole(`route is longer than ${MAX_ROUTE}`);
        route = given;
        break;
      case 'resolve':
        resolve = true;
        break;
      case 'service=':
        if (given === '') args.failWhole('service is empty');
        service = given;
        break;
      default:
        invalid();
    }
  }
  const server = args.text(1);
  const limits = { weight, maxConns, maxFails, failTimeout, slowStart };
  return { ...serverAddresses(args, { resolve, service }), server, ...limits, down, route, backup };
}
