// Conditional requests: 304 and 412 by If-Modified-Since, If-None-Match, If-Unmodified-Since, If-Match.

import { parseHttpTime } from '../../core/http_time.ts';
import { lastModifiedOf, UNKNOWN } from '../headers.ts';
import { defineModule } from '../module.ts';
import { OK, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';

export const notModified = defineModule({
  name: 'not_modified',
  directives: {},
  headerFilter: { run: testConditions },
});

function testConditions(r: HttpRequest): Rc {
  if (r.headersOut.status !== 200 || r !== r.main || r.disableNotModified) return OK;
  const headers = r.headersIn;
  const ifUnmodifiedSince = headers.get('if-unmodified-since');
  if (ifUnmodifiedSince !== undefined && !isUnmodified(r, ifUnmodifiedSince)) return failed(r);
  const ifMatch = headers.get('if-match');
  if (ifMatch !== undefined && !etagMatches(r.headersOut.etag, ifMatch, false)) return failed(r);
  const ifModifiedSince = headers.get('if-modified-since');
  const ifNoneMatch = headers.get('if-none-match');
  if (ifModifiedSince === undefined && ifNoneMatch === undefined) return OK;
  if (ifModifiedSince !== undefined && isModified(r, ifModifiedSince)) return OK;
  if (ifNoneMatch !== undefined && !etagMatches(r.headersOut.etag, ifNoneMatch, true)) return OK;
  const { headersOut } = r;
  headersOut.status = 304;
  headersOut.statusLine = '';
  headersOut.contentType = '';
  headersOut.contentLength = UNKNOWN;
  headersOut.remove('Content-Encoding');
  r.forbidRanges();
  return OK;
}

function failed(r: HttpRequest): Rc {
  r.headersOut.clear();
  return 412;
}

/** Of the response, in seconds; -1 for unknown. */
function lastModified(r: HttpRequest): number {
  return lastModifiedOf(r.headersOut);
}

function isUnmodified(r: HttpRequest, since: string): boolean {
  const at = lastModified(r);
  return at !== -1 && parseHttpTime(since) >= at;
}

function isModified(r: HttpRequest, since: string): boolean {
  const at = lastModified(r);
  const { if_modified_since: mode } = r.loc.core;
  if (at === -1 || mode === 'off') return true;
  const known = parseHttpTime(since);
  return known !== at && (mode === 'exact' || known < at);
}

/** Whether a list of entity tags holds `etag`; in a weak comparison W/ does not count. */
export function etagMatches(etag: string, tags: string, weak: boolean): boolean {
  if (tags === '*') return true;
  if (etag === '') return false;
  const wanted = weak && etag.length > 2 ? etag.replace(/^W\//, '') : etag;
  for (let at = 0; at < tags.length; ) {
    if (weak && tags.length - at > 2 && tags.startsWith('W/', at)) at += 2;
    if (wanted.length > tags.length - at) return false;
    if (tags.startsWith(wanted, at)) {
      at += wanted.length;
      while (tags[at] === ' ' || tags[at] === '\t') at++;
      if (at === tags.length || tags[at] === ',') return true;
    }
    while (at < tags.length && tags[at] !== ',') at++;
    while (tags[at] === ' ' || tags[at] === '\t' || tags[at] === ',') at++;
  }
  return false;
}
