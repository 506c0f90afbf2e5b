// Error-log lines of requests and connections: the message, what was going on, and whose request it was.

import type { Level, Log } from '../core/log.ts';
import type { Connection } from './connection.ts';
import type { HttpRequest } from './request.ts';

/** Writes to the error_log of the request's location, if it takes this level. */
export function logError(r: HttpRequest, level: Level, message: string): void {
  const log = r.loc.core.error_log;
  if (log.enabled(level)) log.write(level, `*${r.connection.id} ${message}${context(r)}`);
}

/** For what happens outside of any request. */
export function logConnection(log: Log, c: Connection, level: Level, message: string, action: string): void {
  if (!log.enabled(level)) return;
  const doing = action === '' ? '' : ` while ${action}`;
  log.write(level, `*${c.id} ${message}${doing}, client: ${c.remoteAddr}, server: ${c.listen.text}`);
}

/** nginx's tail: ` while ACTION, client: A, server: S, request: "R", subrequest: …, upstream: …, host: …, referrer: …`. */
function context(r: HttpRequest): string {
  const { main } = r;
  let tail = r.action === '' ? '' : ` while ${r.action}`;
  tail += `, client: ${r.connection.remoteAddr}, server: ${r.server.name}`;
  if (main.requestLine !== '') tail += `, request: "${main.requestLine}"`;
  if (r !== main) tail += `, subrequest: "${r.uri}"`;
  if (r.upstreamUrl !== '') tail += `, upstream: "${r.upstreamUrl}"`;
  const host = main.headersIn.get('host');
  if (host !== undefined) tail += `, host: "${host}"`;
  const referrer = main.headersIn.get('referer');
  if (referrer !== undefined) tail += `, referrer: "${referrer}"`;
  return tail;
}
