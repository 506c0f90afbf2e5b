// memcached_pass: responses are values of memcached, under the key in $memcached_key.

import type { Args } from '../../conf/args.ts';
import type { Variable } from '../../conf/complex.ts';
import { type ConfOf, HTTP_ANY } from '../../conf/directive.ts';
import { number } from '../../conf/kinds.ts';
import { setContentType } from '../content_type.ts';
import { defineModule } from '../module.ts';
import { AGAIN, OK, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import { discardBody } from '../request_body.ts';
import {
  connectionDirectives,
  connectionSettings,
  passDirective,
  upstreamNamed,
} from '../upstream/directives.ts';
import { Exchange } from '../upstream/exchange.ts';
import { MemcachedCodec } from '../upstream/memcached.ts';
import {
  FT_ERROR,
  FT_HTTP_404,
  FT_INVALID_HEADER,
  FT_OFF,
  FT_TIMEOUT,
  type UpstreamSettings,
} from '../upstream/settings.ts';
import type { Upstream } from '../upstream/upstreams.ts';

const NEXT_UPSTREAM = {
  error: FT_ERROR,
  timeout: FT_TIMEOUT,
  invalid_response: FT_INVALID_HEADER,
  not_found: FT_HTTP_404,
  off: FT_OFF,
};

interface Pass {
  readonly upstream: Upstream;
  readonly key: Variable;
}

const directives = {
  memcached_pass: passDirective(parsePass),
  memcached_gzip_flag: number({ in: HTTP_ANY, default: 0 }),
  ...connectionDirectives('memcached', NEXT_UPSTREAM),
};

/** mergeConf adds what requests use. */
interface Conf extends ConfOf<typeof directives> {
  readonly settings: UpstreamSettings | null;
}

export const memcached = defineModule({
  name: 'memcached',
  directives,
  mergeConf: (_outer, merged): Conf => ({
    ...merged,
    settings: merged.memcached_pass === null ? null : settingsOf(merged),
  }),
  phases: {
    content: { when: (conf) => conf.memcached_pass !== null, run: passRequest, exclusive: true },
  },
});

function settingsOf(conf: ConfOf<typeof directives>): UpstreamSettings {
  return {
    ...connectionSettings(conf, 'memcached'),
    interceptErrors: true,
    intercept404: true,
    forceRanges: true,
  };
}

function passRequest(r: HttpRequest, baseConf: ConfOf<typeof directives>): Rc {
  if (r.method !== 'GET' && r.method !== 'HEAD') return 405;
  const rc = discardBody(r);
  if (rc !== OK) return rc;
  setContentType(r);
  const { settings, memcached_pass: pass, memcached_gzip_flag: gzipFlag } = baseConf as Conf;
  const { upstream, key } = pass as Pass;
  const codec = new MemcachedCodec(key, gzipFlag);
  new Exchange(r, settings as UpstreamSettings, codec, 'memcached://').start(upstream);
  return AGAIN;
}

function parsePass(args: Args): Pass {
  return {
    upstream: upstreamNamed(args, args.text(1)),
    key: args.cf.variables.reference('memcached_key', args.place()),
  };
}
