// queue of an upstream, as in NGINX Plus: see ../upstream/queue.ts.

import type { Args } from '../../conf/args.ts';
import { UPSTREAM } from '../../conf/directive.ts';
import { custom } from '../../conf/kinds.ts';
import { parseNumber, parseTime } from '../../core/sizes.ts';
import { defineModule } from '../module.ts';
import { UpstreamQueue } from '../upstream/queue.ts';
import { upstreamOf } from '../upstream/upstreams.ts';

const DEFAULT_TIMEOUT_MS = 60_000;

export const upstreamQueue = defineModule({
  name: 'upstream_queue',
  directives: { queue: custom<number>({ in: UPSTREAM, args: [1, 2], default: 0, parse: parseQueue }) },
});

function parseQueue(args: Args, seen: number | undefined): number {
  if (seen !== undefined) args.fail('is duplicate');
  const size = parseNumber(args.text(1));
  if (size <= 0) args.failWhole(`invalid value "${args.text(1)}" in "queue" directive`);
  const [, given = ''] = /^timeout=(.*)$/s.exec(args.text(2)) ?? [];
  const timeout = args.count === 1 ? DEFAULT_TIMEOUT_MS : parseTime(given, false);
  if (timeout <= 0) args.failWhole(`invalid parameter "${args.text(2)}"`);
  upstreamOf(args).queue = new UpstreamQueue(size, timeout);
  return size;
}
