// A uri that an upstream names to be served instead: it must not climb out of the root (ngx_http_parse_unsafe_uri).

import { unescapeUri } from '../escape.ts';
import { logError } from '../log.ts';
import type { HttpRequest } from '../request.ts';

/** null: it is unsafe, which has been logged. */
export function parseUnsafeUri(r: HttpRequest, text: string): { uri: string; args: string } | null {
  const question = text.indexOf('?');
  const path = question === -1 ? text : text.slice(0, question);
  const uri = unescapeUri(path);
  if (path === '' || climbs(path) || climbs(uri)) {
    logError(r, 'error', `unsafe URI "${path === '' || climbs(path) ? text : uri}" was detected`);
    return null;
  }
  return { uri, args: question === -1 ? '' : text.slice(question + 1) };
}

function climbs(path: string): boolean {
  return path.includes('\0') || /(^|\/)\.\.(\/|$)/.test(path);
}
