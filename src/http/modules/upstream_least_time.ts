// least_time of an upstream: see ../upstream/least_time.ts.

import type { Args } from '../../conf/args.ts';
import { UPSTREAM } from '../../conf/directive.ts';
import { custom } from '../../conf/kinds.ts';
import { defineModule } from '../module.ts';
import { LeastTime } from '../upstream/least_time.ts';
import { chooseBy, TAKES_ALL } from '../upstream/upstreams.ts';

export const upstreamLeastTime = defineModule({
  name: 'upstream_least_time',
  directives: {
    least_time: custom<boolean>({ in: UPSTREAM, args: [1, 2], default: false, parse: parseMethod }),
  },
});

function parseMethod(args: Args, seen: boolean | undefined): boolean {
  const inflight = args.text(2) === 'inflight';
  const mode = args.text(1).toLowerCase();
  if (args.count === 2 && !inflight) args.failWhole(`invalid parameter "${args.text(2)}"`);
  if (seen !== undefined) args.fail('is duplicate');
  if (mode !== 'header' && mode !== 'last_byte') args.failWhole(`invalid value "${args.text(1)}"`);
  const settings = { header: mode === 'header', inflight };
  chooseBy(args, (_r, peers) => new LeastTime(peers, settings), TAKES_ALL);
  return true;
}
