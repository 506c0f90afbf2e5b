// zone of an upstream. It is accepted, but each worker keeps its own count of connections and failures, as without one:
// where that shows, with max_conns, the configuration gets a warning.

import type { Args } from '../../conf/args.ts';
import { UPSTREAM } from '../../conf/directive.ts';
import { custom } from '../../conf/kinds.ts';
import { parseSize } from '../../core/sizes.ts';
import { defineModule } from '../module.ts';
import { upstreamOf } from '../upstream/upstreams.ts';

const MIN_SIZE = 8 * 4096;

export const upstreamZone = defineModule({
  name: 'upstream_zone',
  directives: { zone: custom<string>({ in: UPSTREAM, args: [1, 2], default: '', parse: parseZone }) },
});

function parseZone(args: Args, seen: string | undefined): string {
  if (seen !== undefined) args.fail('is duplicate');
  const name = args.text(1);
  if (name === '') args.failWhole('invalid zone name ""');
  if (args.count === 2) {
    const size = parseSize(args.text(2));
    if (size === -1) args.failWhole(`invalid zone size "${args.text(2)}"`);
    if (size < MIN_SIZE) args.failWhole(`zone "${name}" is too small`);
  }
  upstreamOf(args).zone = name;
  return name;
}
