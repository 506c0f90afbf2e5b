// Failures of peers in nginx's words, and what they are counted as: what proxy_next_upstream calls them, and the status
// that the client gets where no other peer is asked.

import { constants } from 'node:os';
import { errnoOf, errnoText, errorText } from '../../core/errno.ts';
import { logError } from '../log.ts';
import type { Exchange } from './exchange.ts';
import {
  FT_HTTP_403,
  FT_HTTP_404,
  FT_HTTP_429,
  FT_HTTP_500,
  FT_HTTP_502,
  FT_HTTP_503,
  FT_HTTP_504,
  FT_TIMEOUT,
} from './settings.ts';
import { sslFault } from './ssl_errors.ts';

export const GATEWAY_TIMEOUT = 504;
export const BAD_GATEWAY = 502;

const STATUS_TYPES: Readonly<Record<number, number>> = {
  500: FT_HTTP_500,
  502: FT_HTTP_502,
  503: FT_HTTP_503,
  504: FT_HTTP_504,
  403: FT_HTTP_403,
  404: FT_HTTP_404,
  429: FT_HTTP_429,
};

/** The FT_… bit of a response's status; undefined: it is no failure. */
export function typeOfStatus(status: number): number | undefined {
  return STATUS_TYPES[status];
}

const TYPE_STATUSES: ReadonlyMap<number, number> = new Map([
  [FT_TIMEOUT, GATEWAY_TIMEOUT],
  [FT_HTTP_504, GATEWAY_TIMEOUT],
  [FT_HTTP_500, 500],
  [FT_HTTP_503, 503],
  [FT_HTTP_403, 403],
  [FT_HTTP_404, 404],
  [FT_HTTP_429, 429],
]);

/** What the client is answered after such a failure. */
export function statusOfType(type: number): number {
  return TYPE_STATUSES.get(type) ?? BAD_GATEWAY;
}

/** The connection to the peer cannot be made, or is broken. */
export function logFailure(u: Exchange, error: NodeJS.ErrnoException): void {
  const { r } = u;
  if (u.c?.inHandshake) logSslFault(u, error, 'SSL_do_handshake()');
  else if (!u.requestSent) logConnectFailure(u, error);
  else if (error.code?.startsWith('ERR_SSL_')) logSslFault(u, error, 'SSL_read()');
  else if (error.syscall === 'write') logError(r, 'error', `writev() failed ${errorText(error)}`);
  else {
    if (!u.headerSent) r.action = 'reading response header from upstream';
    logError(r, 'error', `recv() failed ${errorText(error)}`);
  }
}

function logSslFault(u: Exchange, error: NodeJS.ErrnoException, what: string): void {
  const { level, message } = sslFault(error, what);
  logError(u.r, level, message);
}

const { ECONNREFUSED, EACCES, EAGAIN, ECONNRESET, ENETDOWN, ENETUNREACH, EHOSTUNREACH, ETIMEDOUT } =
  constants.errno;
const UNREACHABLE = [ECONNREFUSED, EAGAIN, ECONNRESET, ENETDOWN, ENETUNREACH, EHOSTUNREACH, ETIMEDOUT];

function logConnectFailure({ r, balancer, local }: Exchange, error: NodeJS.ErrnoException): void {
  const peer = balancer?.current;
  const errno = errnoOf(error);
  const text = errno === 0 ? errorText(error) : errnoText(errno);
  if (error.syscall === 'bind') {
    logError(r, 'crit', `bind(${local?.name(r) ?? ''}) failed ${text}`);
    return;
  }
  // A unix socket answers at once, as does a network that is not there; nginx then names the peer.
  const atOnce = peer?.path != null || errno === ENETUNREACH || errno === EACCES;
  const what = atOnce ? `connect() to ${peer?.name}` : 'connect()';
  logError(r, UNREACHABLE.includes(errno) ? 'error' : 'crit', `${what} failed ${text}`);
}
