// least_conn of an upstream: see ../upstream/least_conn.ts.

import type { Args } from '../../conf/args.ts';
import { UPSTREAM } from '../../conf/directive.ts';
import { custom } from '../../conf/kinds.ts';
import { defineModule } from '../module.ts';
import { LeastConn } from '../upstream/least_conn.ts';
import { chooseBy, TAKES_ALL } from '../upstream/upstreams.ts';

export const upstreamLeastConn = defineModule({
  name: 'upstream_least_conn',
  directives: {
    least_conn: custom<boolean>({ in: UPSTREAM, args: [0, 0], default: false, parse: parseMethod }),
  },
});

function parseMethod(args: Args): boolean {
  chooseBy(args, (_r, peers) => new LeastConn(peers), TAKES_ALL);
  return true;
}
