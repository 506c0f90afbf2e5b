// The resolver directive.

import { parseAddress } from '../core/addresses.ts';
import { Resolver } from '../core/resolver.ts';
import { parseTime } from '../core/sizes.ts';
import type { Args } from './args.ts';

/** null: no name servers are defined. */
export function parseResolver(args: Args, seen: Resolver | null | undefined): Resolver {
  if (seen) args.fail('is duplicate');
  const servers: { host: string; port: number }[] = [];
  let validMs = -1;
  let ipv4 = true;
  let ipv6 = true;
  for (const word of args.texts()) {
    const [, name = '', given = ''] = /^(valid|ipv4|ipv6|status_zone)=(.*)$/s.exec(word) ?? [];
    const invalid = (): never => args.failWhole(`invalid parameter: ${word}`);
    switch (name) {
      case 'valid':
        validMs = parseTime(given, true);
        if (validMs === -1) invalid();
        break;
      case 'ipv4':
        ipv4 = given === 'on' || (given !== 'off' && invalid());
        break;
      case 'ipv6':
        ipv6 = given === 'on' || (given !== 'off' && invalid());
        break;
      case 'status_zone':
        break;
      default:
        servers.push(...serversAt(args, word));
    }
  }
  if (!ipv4 && !ipv6) args.failWhole('"ipv4" and "ipv6" cannot both be "off"');
  if (servers.length === 0) args.failWhole('no name servers defined');
  return new Resolver({ servers, validMs, ipv4, ipv6 });
}

function serversAt(args: Args, word: string): { host: string; port: number }[] {
  const address = parseAddress(word, { defaultPort: 53 });
  if (typeof address === 'string') return args.failWhole(`${address} in resolver "${word}"`);
  const { kind, host, port } = address;
  if (kind === 'unix') return args.failWhole(`invalid host in resolver "${word}"`);
  if (kind !== 'name') return [{ host, port }];
  const hosts = args.cf.sources.resolve(host);
  if (hosts?.length === 0) args.failWhole(`host not found in resolver "${word}"`);
  // A name that is being looked up: all is read again.
  return (hosts ?? ['0.0.0.0']).map((found) => ({ host: found, port }));
}
