// tcpsock:setoption and getoption, as far as Node can: it has no getsockopt, so that only what it has itself set, or
// what every connection begins with, is known.

import type { Link } from './link.ts';
import { SocketFailure } from './socket_settings.ts';

const KEEPALIVE = 'keepalive';
const NODELAY = 'tcp-nodelay';

export function setOption(link: Link, name: string, value: unknown): void {
  const on = value === true || (typeof value === 'number' && value !== 0);
  switch (name) {
    case KEEPALIVE:
      link.setKeepAlive(on);
      return;
    case NODELAY:
      link.setNoDelay(on);
      return;
    default:
      throw new SocketFailure(`unsupported option ${name}`);
  }
}

export function getOption(link: Link, name: string): number {
  switch (name) {
    case KEEPALIVE:
      return link.keepAlive ? 1 : 0;
    case NODELAY:
      return link.noDelay ? 1 : 0;
    default:
      throw new SocketFailure(`unsupported option ${name}`);
  }
}
