// ip_hash of an upstream: see ../upstream/ip_hash.ts.

import type { Args } from '../../conf/args.ts';
import { UPSTREAM } from '../../conf/directive.ts';
import { custom } from '../../conf/kinds.ts';
import { defineModule } from '../module.ts';
import { IpHash } from '../upstream/ip_hash.ts';
import { chooseBy, TAKES_NEITHER } from '../upstream/upstreams.ts';

export const upstreamIpHash = defineModule({
  name: 'upstream_ip_hash',
  directives: {
    ip_hash: custom<boolean>({ in: UPSTREAM, args: [0, 0], default: false, parse: parseMethod }),
  },
});

function parseMethod(args: Args): boolean {
  chooseBy(args, (r, peers) => new IpHash(peers, r.connection.remoteAddr), TAKES_NEITHER);
  return true;
}
