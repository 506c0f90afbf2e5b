// keepalive and what goes with it: connections to an upstream's servers that wait for the next request.

import type { Args } from '../../conf/args.ts';
import { UPSTREAM } from '../../conf/directive.ts';
import { custom } from '../../conf/kinds.ts';
import { parseNumber, parseTime } from '../../core/sizes.ts';
import type { HttpMain } from '../main.ts';
import { defineModule } from '../module.ts';
import { upstreamOf, upstreamsOf } from '../upstream/upstreams.ts';

export const upstreamKeepalive = defineModule({
  name: 'upstream_keepalive',
  directives: {
    keepalive: custom<number>({ in: UPSTREAM, args: [1, 2], default: 0, parse: parseKeepalive }),
    keepalive_requests: custom<number>({ in: UPSTREAM, default: 0, parse: parseRequests }),
    keepalive_time: custom<number>({ in: UPSTREAM, default: 0, parse: parseMilliseconds }),
    keepalive_timeout: custom<number>({ in: UPSTREAM, default: 0, parse: parseMilliseconds }),
  },
  quitWorker: closePools,
});

function closePools(main: HttpMain): void {
  for (const { keepalive } of upstreamsOf(main.cf)) keepalive?.close();
}

function parseKeepalive(args: Args, seen: number | undefined): number {
  if (seen !== undefined) args.fail('is duplicate');
  const connections = parseNumber(args.text(1));
  if (connections === -1) args.failWhole(`invalid value "${args.text(1)}" in "keepalive" directive`);
  if (args.count === 2 && args.text(2) !== 'local') args.failWhole(`invalid parameter "${args.text(2)}"`);
  const { keepaliveSettings } = upstreamOf(args);
  keepaliveSettings.connections = connections;
  keepaliveSettings.local = args.count === 2;
  return connections;
}

function parseRequests(args: Args, seen: number | undefined): number {
  if (seen !== undefined) args.fail('is duplicate');
  const requests = parseNumber(args.text(1));
  if (requests === -1) args.fail('invalid number');
  upstreamOf(args).keepaliveSettings.requests = requests;
  return requests;
}

function parseMilliseconds(args: Args, seen: number | undefined): number {
  if (seen !== undefined) args.fail('is duplicate');
  const ms = parseTime(args.text(1), false);
  if (ms === -1) args.fail('invalid value');
  const { keepaliveSettings } = upstreamOf(args);
  if (args.name === 'keepalive_time') keepaliveSettings.timeMs = ms;
  else keepaliveSettings.timeoutMs = ms;
  return ms;
}
