// hash of an upstream: see ../upstream/hash.ts and consistent_hash.ts.

import type { Args } from '../../conf/args.ts';
import { UPSTREAM } from '../../conf/directive.ts';
import { custom } from '../../conf/kinds.ts';
import { defineModule } from '../module.ts';
import { ConsistentHash } from '../upstream/consistent_hash.ts';
import { Hash } from '../upstream/hash.ts';
import { chooseBy, TAKES_NEITHER } from '../upstream/upstreams.ts';

export const upstreamHash = defineModule({
  name: 'upstream_hash',
  directives: { hash: custom<boolean>({ in: UPSTREAM, args: [1, 2], default: false, parse: parseMethod }) },
});

function parseMethod(args: Args): boolean {
  const key = args.complex(1);
  const consistent = args.text(2) === 'consistent';
  if (consistent) chooseBy(args, (r, peers) => new ConsistentHash(peers, key.evaluate(r)), TAKES_NEITHER);
  else chooseBy(args, (r, peers) => new Hash(peers, key.evaluate(r)), TAKES_NEITHER);
  if (args.count === 2 && !consistent) args.failWhole(`invalid parameter "${args.text(2)}"`);
  return true;
}
