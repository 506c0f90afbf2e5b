// tunnel_pass: CONNECT requests become connections to where they say (ngx_http_tunnel_module.c).

import type { Args } from '../../conf/args.ts';
import { type ConfOf, HTTP_ANY, LOCATION, LOCATION_IF, SERVER } from '../../conf/directive.ts';
import { custom, size, value } from '../../conf/kinds.ts';
import { parseAddress } from '../../core/addresses.ts';
import { parseSendLowat } from '../core_values.ts';
import { Location } from '../location.ts';
import { logError } from '../log.ts';
import { defineModule } from '../module.ts';
import { AGAIN, ERROR, OK, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import type { Codec } from '../upstream/codec.ts';
import { connectionDirectives, connectionSettings, mergePass, type Pass } from '../upstream/directives.ts';
import { Exchange } from '../upstream/exchange.ts';
import { FT_ERROR, FT_OFF, FT_TIMEOUT, type UpstreamSettings } from '../upstream/settings.ts';
import { startAt } from '../upstream/start.ts';
import { nameUpstream } from '../upstream/upstreams.ts';

const AS_ASKED = '$host:$request_port';

const directives = {
  tunnel_pass: custom<Pass | null>({
    in: SERVER | LOCATION | LOCATION_IF,
    args: [0, 1],
    default: null,
    parse: parsePass,
    merge: mergePass,
  }),
  ...connectionDirectives('tunnel', { error: FT_ERROR, timeout: FT_TIMEOUT, off: FT_OFF }),

  // Tuning of sockets: checked, then without effect.
  tunnel_socket_rcvbuf: size({ in: HTTP_ANY, default: 0 }),
  tunnel_socket_sndbuf: size({ in: HTTP_ANY, default: 0 }),
  tunnel_send_lowat: value({ in: HTTP_ANY, default: 0, parse: parseSendLowat }),
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
    settings: merged.tunnel_pass === null ? null : connectionSettings(merged, 'tunnel'),
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
