// Whom a socket is to talk to: an address as it was given, a path, or one of those that a name stands for.

import { randomInt } from 'node:crypto';
import { parseAddress } from '../../core/addresses.ts';
import type { SocketConf } from './socket_settings.ts';

interface PeerAddress {
  /** A number, or a path. */
  readonly host: string;
  readonly port: number;
}

/** `done` gets an address, or Lua's words for why there is none. May be called at once. */
export function resolvePeer(
  conf: SocketConf,
  host: string,
  port: number,
  done: (peer: PeerAddress | null, error: string) => void,
): void {
  const address = parseAddress(host, { defaultPort: port });
  if (typeof address === 'string') {
    done(null, `failed to parse host name "${host}": ${address}`);
    return;
  }
  if (address.kind !== 'name') {
    done({ host: address.host, port: address.port }, '');
    return;
  }
  if (conf.resolver === null) {
    done(null, `no resolver defined to resolve "${host}"`);
    return;
  }
  conf.resolver.resolve(address.host, conf.resolverTimeout, ({ addresses, error }) => {
    if (error !== '') {
      done(null, `${host} could not be resolved (${error})`);
      return;
    }
    done({ host: addresses[randomInt(addresses.length)] as string, port: address.port }, '');
  });
}
