// tunnel_pass: CONNECT requests become connections to where they say (ngx_http_tunnel_module.c).

import type { Args } from '../../conf/args.ts';
import type { ComplexValue } from '../../conf/complex.ts';
import { type ConfOf, HTTP_ANY, LIMIT_EXCEPT, LOCATION, LOCATION_IF, SERVER } from '../../conf/directive.ts';
import { bitmask, custom, flag, msec, number, size } from '../../conf/kinds.ts';
import { parseAddress } from '../../core/addresses.ts';
import { Location } from '../location.ts';
import { logError } from '../log.ts';
import { defineModule } from '../module.ts';
import { AGAIN, ERROR, OK, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import { type Codec, Exchange } from '../upstream/exchange.ts';
import { type LocalAddress, parseLocalAddress } from '../upstream/local_address.ts';
import { fatesOf } from '../upstream/response.ts';
import { FT_ERROR, FT_OFF, FT_TIMEOUT, type UpstreamSettings } from '../upstream/settings.ts';
import { startAt } from '../upstream/start.ts';
import { nameUpstream, type Upstream } from '../upstream/upstreams.ts';

const PAGE = 4096;
const AS_ASKED = '$host:$request_port';

/** Where tunnel_pass leads: to an upstream, or to what its variables say. */
interface Pass {
  readonly value: ComplexValue | null;
  readonly upstream: Upstream | null;
}

const directives = {
  tunnel_pass: custom<Pass | null>({
    in: SERVER | LOCATION | LOCATION_IF,
    args: [0, 1],
    default: null,
    parse: parsePass,
    merge: (outer, own, level) =>
      own ?? (level === LOCATION_IF || level === LIMIT_EXCEPT ? (outer ?? null) : null),
  }),
  tunnel_bind: custom<LocalAddress | 'off'>({
    in: HTTP_ANY,
    args: [1, 2],
    default: 'off',
    inherit: true,
    parse: (args, seen) => (seen === undefined ? parseLocalAddress(args) : args.fail('is duplicate')),
  }),
  tunnel_socket_keepalive: flag({ in: HTTP_ANY, default: false }),
  tunnel_connect_timeout: msec({ in: HTTP_ANY, default: 60_000 }),
  tunnel_send_timeout: msec({ in: HTTP_ANY, default: 60_000 }),
  tunnel_read_timeout: msec({ in: HTTP_ANY, default: 60_000 }),
  tunnel_buffer_size: size({ in: HTTP_ANY, default: PAGE }),
  tunnel_next_upstream: bitmask({
    in: HTTP_ANY,
    default: FT_ERROR | FT_TIMEOUT,
    values: { error: FT_ERROR, timeout: FT_TIMEOUT, off: FT_OFF },
  }),
  tunnel_next_upstream_tries: number({ in: HTTP_ANY, default: 0 }),
  tunnel_next_upstream_timeout: msec({ in: HTTP_ANY, default: 0 }),

  // Tuning of sockets: checked, then without effect.
  tunnel_socket_rcvbuf: size({ in: HTTP_ANY, default: 0 }),
  tunnel_socket_sndbuf: size({ in: HTTP_ANY, default: 0 }),
  tunnel_send_lowat: size({ in: HTTP_ANY, default: 0 }),
};

/** mergeConf adds what requests use. */
interface Conf extends ConfOf<typeof directives> {
  readonly settings: UpstreamSettings | null;
}

export const tunnel = defineModule({
  name: 'tunnel',
  directives,
  mergeConf: (_outer, merged): Conf => ({
    ...merged,
    settings: merged.tunnel_pass === null ? null : settingsOf(merged),
  }),
  phases: {
    content: { when: (conf) => conf.tunnel_pass !== null, run: passRequest, exclusive: true },
  },
});

function passRequest(r: HttpRequest, baseConf: ConfOf<typeof directives>): Rc {
  if (r.method !== 'CONNECT') return 405;
  const { settings, tunnel_pass: pass } = baseConf as Conf;
  const { value, upstream } = pass as Pass;
  const u = new Exchange(r, settings as UpstreamSettings, new TunnelCodec(), '');
  u.ignoreInput = true;
  if (upstream !== null) {
    u.start(upstream);
    return AGAIN;
  }
  const text = value?.evaluate(r) ?? '';
  const address = parseAddress(text, { defaultPort: 0 });
  if (typeof address === 'string') {
    logError(r, 'info', `${address} in upstream "${text}"`);
    return 500;
  }
  startAt(u, address);
  return AGAIN;
}

/** There is nothing to send, and what comes back is no answer but the other side's own. */
class TunnelCodec implements Codec {
  createRequest(): Rc {
    return OK;
  }

  reset(): void {}

  parseHead(u: Exchange): Rc {
    const { response, state, r } = u;
    response.status = 200;
    response.statusLine = '200 OK';
    if (state !== null) state.status = 200;
    r.keepalive = false;
    u.upgrade = true;
    u.headEnd = 0;
    return OK;
  }

  startBody(): void {}

  body(): Rc {
    return ERROR;
  }
}

function parsePass(args: Args, seen: Pass | null | undefined): Pass {
  if (seen) args.fail('is duplicate');
  allowConnect(args);
  const text = args.count === 0 ? AS_ASKED : args.text(1);
  const value = args.cf.variables.compile(text, args.place());
  if (value.constant === null) return { value, upstream: null };
  const address = parseAddress(text, { defaultPort: 0 });
  if (typeof address === 'string') return args.failWhole(`${address} in upstream "${text}"`);
  return { value: null, upstream: nameUpstream(args, address) };
}

/** The server around the directive takes CONNECT requests, wherever in it they are to be passed. */
function allowConnect(args: Args): void {
  let { scope } = args;
  while (scope.context !== SERVER && scope.parent !== null) scope = scope.parent;
  if (!(scope.subject instanceof Location)) throw new TypeError('tunnel_pass outside of a server');
  scope.subject.allowConnect = true;
}

function settingsOf(conf: ConfOf<typeof directives>): UpstreamSettings {
  const next = conf.tunnel_next_upstream;
  return {
    connectTimeout: conf.tunnel_connect_timeout,
    sendTimeout: conf.tunnel_send_timeout,
    readTimeout: conf.tunnel_read_timeout,
    bufferSize: conf.tunnel_buffer_size,
    buffers: { number: 8, size: conf.tunnel_buffer_size },
    buffering: false,
    maxTempFileSize: 0,
    tempFileWriteSize: 0,
    tempPath: { path: '', levels: [] },
    cache: null,
    store: null,
    ignoreClientAbort: false,
    interceptErrors: false,
    forceRanges: false,
    passTrailers: false,
    passEarlyHints: false,
    limitRate: null,
    socketKeepalive: conf.tunnel_socket_keepalive,
    nextUpstream: (next & FT_OFF) !== 0 ? FT_OFF : next,
    nextUpstreamTries: conf.tunnel_next_upstream_tries,
    nextUpstreamTimeout: conf.tunnel_next_upstream_timeout,
    ignoreHeaders: 0,
    local: conf.tunnel_bind === 'off' ? null : conf.tunnel_bind,
    ssl: null,
    fate: fatesOf([]),
    seen: new Map(),
    rewriteRedirect: null,
    rewriteCookie: null,
  };
}
