// Internal redirects: to a uri, which is looked up anew, or into a named location.

import { finalize } from './finalize.ts';
import { updateLocation } from './find_location.ts';
import { logError } from './log.ts';
import { runPhases, startPhases } from './phases.ts';
import { DONE, type Rc } from './rc.ts';
import type { HttpRequest } from './request.ts';

/** Starts the request again at `uri`. Always DONE: the phases have run on when it returns. */
export function internalRedirect(r: HttpRequest, uri: string, args: string): Rc {
  if (--r.uriChanges === 0) {
    logError(r, 'error', `rewrite or internal redirection cycle while internally redirecting to "${uri}"`);
    finalize(r, 500);
    return DONE;
  }
  r.uri = uri;
  r.args = args;
  r.ctx = [];
  r.loc = r.server.location;
  updateLocation(r);
  r.internal = true;
  r.validUnparsedUri = false;
  r.addUriToAlias = false;
  r.uriRewritten = false;
  startPhases(r);
  return DONE;
}

/** Goes on in the named location `name` ("@x"), the uri as it is. Always DONE. */
export function namedLocation(r: HttpRequest, name: string): Rc {
  if (--r.uriChanges === 0) {
    logError(r, 'error', `rewrite or internal redirection cycle while redirect to named location "${name}"`);
    finalize(r, 500);
    return DONE;
  }
  const location = r.server.named.get(name);
  if (r.uri === '') {
    logError(r, 'error', `empty URI in redirect to named location "${name}"`);
    finalize(r, 500);
  } else if (location === undefined) {
    logError(r, 'error', `could not find named location "${name}"`);
    finalize(r, 500);
  } else {
    r.internal = true;
    r.uriChanged = false;
    r.ctx = [];
    r.loc = location;
    updateLocation(r);
    r.steps = r.loc.chain;
    r.step = 0;
    runPhases(r);
  }
  return DONE;
}
