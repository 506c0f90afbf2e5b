// random of an upstream: see ../upstream/random.ts. least_time as in NGINX Plus.

import type { Args } from '../../conf/args.ts';
import { UPSTREAM } from '../../conf/directive.ts';
import { custom } from '../../conf/kinds.ts';
import { defineModule } from '../module.ts';
import { type Better, Random } from '../upstream/random.ts';
import { chooseBy, TAKES_NEITHER } from '../upstream/upstreams.ts';

const BETTER: ReadonlyMap<string, Better> = new Map([
  ['', 'least_conn'],
  ['least_conn', 'least_conn'],
  ['least_time=header', 'header'],
  ['least_time=last_byte', 'last_byte'],
]);

export const upstreamRandom = defineModule({
  name: 'upstream_random',
  directives: { random: custom<boolean>({ in: UPSTREAM, args: [0, 2], default: false, parse: parseMethod }) },
});

function parseMethod(args: Args): boolean {
  if (args.count > 0 && args.text(1) !== 'two') args.failWhole(`invalid parameter "${args.text(1)}"`);
  const better = BETTER.get(args.text(2));
  if (better === undefined) return args.failWhole(`invalid parameter "${args.text(2)}"`);
  const two = args.count === 0 ? null : better;
  chooseBy(args, (_r, peers) => new Random(peers, two), TAKES_NEITHER);
  return true;
}
