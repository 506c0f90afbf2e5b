// Internal redirects: to a uri, which is looked up anew, or into a named location.

import { updateLocation } from './find_location.ts';
import { logError } from './log.ts';
import { type Rc, RESTART } from './rc.ts';
import type { HttpRequest } from './request.ts';

/** Sets the request to start again at `uri`: RESTART, or 500 when it has been sent round too often. */
export function internalRedirect(r: HttpRequest, uri: string, args: string): Rc {
  if (--r.uriChanges === 0) {
    logError(r, 'error', `rewrite or internal redirection cycle while internally redirecting to "${uri}"`);
    return 500;
  }
  r.uri = uri;
  r.args = args;
  r.argsSet = false;
  r.ctx = [];
  r.loc = r.server.location;
  updateLocation(r);
  r.internal = true;
  r.gzipOk = 0;
  r.gzipVary = false;
  r.validUnparsedUri = false;
  r.addUriToAlias = false;
  r.uriRewritten = false;
  r.steps = r.server.chain;
  r.step = 0;
  return RESTART;
}

/** Sets the request to go on in the named location `name` ("@x"), the uri as it is: RESTART, or 500. */
export function namedLocation(r: HttpRequest, name: string): Rc {
  if (--r.uriChanges === 0) {
    logError(r, 'error', `rewrite or internal redirection cycle while redirect to named location "${name}"`);
    return 500;
  }
  if (r.uri === '') {
    logError(r, 'error', `empty URI in redirect to named location "${name}"`);
    return 500;
  }
  const location = r.server.named.get(name);
  if (location === undefined) {
    logError(r, 'error', `could not find named location "${name}"`);
    return 500;
  }
  r.internal = true;
  r.uriChanged = false;
  r.ctx = [];
  r.loc = location;
  updateLocation(r);
  r.steps = r.loc.chain;
  r.step = 0;
  return RESTART;
}
