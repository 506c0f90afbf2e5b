// The end of a request: what its last answer comes to (ngx_http_finalize_request).

import { output } from './output.ts';
import { AGAIN, DECLINED, DONE, ERROR, OK, type Rc } from './rc.ts';
import { internalRedirect, namedLocation } from './redirect.ts';
import type { HttpRequest } from './request.ts';
import { specialResponse } from './special_response.ts';

/** nginx's own: close the connection without an answer. */
export const CLOSE = 444;
export const CLIENT_CLOSED = 499;
const REQUEST_TIMEOUT = 408;

/**
 * Ends the request with a handler's answer. DONE and AGAIN leave it to its owner. A status becomes an error page or
 * nginx's own; a failure closes the connection.
 */
export function finalize(r: HttpRequest, rc: Rc): void {
  if (rc === DONE || rc === AGAIN || r.finalized) return;
  if (rc === ERROR || rc === REQUEST_TIMEOUT || rc === CLIENT_CLOSED || rc === CLOSE || r.aborted) {
    terminate(r, rc);
    return;
  }
  if (rc >= 300 || rc === 201 || rc === 204) {
    if (r.headerSent) {
      terminate(r, ERROR); // too late for another answer
      return;
    }
    finalize(r, specialResponse(r, rc));
    return;
  }
  if (rc === OK && r.held === null && !r.outputDone && r.headerSent) output(r, '', true);
  if (r.held !== null) return; // a header filter waits: resumeHeader() comes back here
  finish(r, rc === DECLINED ? OK : rc);
}

function finish(r: HttpRequest, rc: Rc): void {
  if (postAction(r)) return;
  r.finalized = true;
  cleanUp(r);
  if (rc === ERROR) r.sink.terminate(r);
  else r.sink.end(r);
}

function terminate(r: HttpRequest, rc: Rc): void {
  if (rc > 0 && r.headersOut.status === 0) r.headersOut.status = rc;
  if (rc !== CLOSE && postAction(r)) return;
  r.finalized = true;
  cleanUp(r);
  r.sink.terminate(r);
}

function cleanUp(r: HttpRequest): void {
  const { cleanups } = r;
  if (cleanups === null) return;
  r.cleanups = null;
  for (let i = cleanups.length - 1; i >= 0; i--) cleanups[i]?.(r);
}

/** Runs post_action once the response is complete; the client sees nothing of it. */
function postAction(r: HttpRequest): boolean {
  const { post_action: target } = r.loc.core;
  if (target === '' || r.parent !== null || (r.postAction && r.uriChanges === 0)) return false;
  r.postAction = true;
  r.headerOnly = true;
  if (target.startsWith('/')) internalRedirect(r, target, '');
  else namedLocation(r, target);
  return true;
}
