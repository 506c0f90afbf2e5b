// Choosing the location of a request, and what happens on entering it (nginx's find-config phase).

import { escapeUri } from './escape.ts';
import type { Location } from './location.ts';
import { logError } from './log.ts';
import { DONE, OK, type Rc } from './rc.ts';
import type { HttpRequest } from './request.ts';
import { discardBody } from './request_body.ts';

/** Sets r.loc for r.uri; DONE: the location's name with a slash is meant. */
export function findLocation(r: HttpRequest): Rc {
  r.loc = r.server.location;
  return r.loc.tree === null ? OK : r.loc.tree.find(r);
}

/** The request's location has changed: what nginx takes over from its configuration. */
export function updateLocation(r: HttpRequest): void {
  const limited = limitedBlock(r);
  if (limited !== null) r.loc = limited;
  if (!r.keepalive) return;
  const { core } = r.loc;
  const c = r.connection;
  if (core.keepalive_timeout.ms === 0) r.keepalive = false;
  else if (c.requests >= core.keepalive_requests) r.keepalive = false;
  else if (r.startTime - c.startTime > core.keepalive_time) r.keepalive = false;
  else if ((core.keepalive_disable & MSIE6) !== 0 && r.method === 'POST' && isOldMsie(r)) r.keepalive = false;
  else if ((core.keepalive_disable & SAFARI) !== 0 && isSafari(r)) r.keepalive = false;
}

// The values of keepalive_disable.
const MSIE6 = 2;
const SAFARI = 4;

/** It waits for some time when the answer to a POST comes over a connection that is kept. */
export function isOldMsie(r: HttpRequest): boolean {
  const agent = r.headersIn.get('user-agent') ?? '';
  const version = /MSIE ([456])\../s.exec(agent)?.[1];
  if (version === undefined || agent.includes('Opera')) return false;
  return version !== '6' || !agent.includes('SV1');
}

/** It may send a POST over a connection that is closed already, and stall. */
function isSafari(r: HttpRequest): boolean {
  const agent = r.headersIn.get('user-agent') ?? '';
  return agent.includes('Safari/') && agent.includes('Mac OS X') && !/Opera|Gecko\/|Chrome\//.test(agent);
}

function limitedBlock(r: HttpRequest): Location | null {
  const { limitExcept, limitExceptMethods } = r.loc;
  return limitExcept !== null && !limitExceptMethods.includes(r.method) ? limitExcept : null;
}

/** Enters the location that was found: OK to go on, or the status that ends the request. */
export function enterLocation(r: HttpRequest, found: Rc): Rc {
  if (!r.internal && r.loc.core.internal) return 404;
  updateLocation(r);
  const { core } = r.loc;
  if (r.contentLength > core.client_max_body_size && core.client_max_body_size !== 0 && !r.discardBody) {
    logError(r, 'error', `client intended to send too large body: ${r.contentLength} bytes`);
    r.expectTested = true;
    discardBody(r);
    return 413;
  }
  if (found === DONE) {
    r.headersOut.location = escapeUri(r.loc.name) + (r.args === '' ? '' : `?${r.args}`);
    return 301;
  }
  return OK;
}
