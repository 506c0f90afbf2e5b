// proxy_cache_purge: entries are removed when a request asks for it, one by its key, or all whose keys begin alike
// (a key ending in `*`). Of a single one the file goes at once; what else is purged is known to all workers from then
// on, and its files go as purger.ts has it.

import { finalize } from '../engine.ts';
import { logError } from '../log.ts';
import type { HttpRequest } from '../request.ts';
import { type CacheKey, hasVary } from './cache_file.ts';
import type { FileCache } from './file_cache.ts';
import type { Purge } from './purges.ts';
import { readStart } from './read_start.ts';

const NO_CONTENT = 204;
const NOT_FOUND = 404;

/** Answers the request: 204, or 404 where there is nothing to remove. */
export function purge(r: HttpRequest, cache: FileCache, key: CacheKey): void {
  const until = Math.floor(Date.now() / 1000);
  if (key.text.endsWith('*')) {
    finalize(r, purgeAll(r, cache, { text: key.text.slice(0, -1), exact: false, until }));
    return;
  }
  // Of variants the names say nothing of the key.
  const varies = readStart(cache, key.hash, hasVary) === true;
  const removed = removeEntry(r, cache, key);
  if (varies) finalize(r, purgeAll(r, cache, { text: key.text, exact: true, until }));
  else finalize(r, removed ? NO_CONTENT : NOT_FOUND);
}

function purgeAll(r: HttpRequest, cache: FileCache, wanted: Purge): number {
  if (cache.purges.add(wanted)) return NO_CONTENT;
  logError(r, 'alert', `could not remember what is purged in cache keys zone "${cache.settings.name}"`);
  return 500;
}

function removeEntry(r: HttpRequest, cache: FileCache, key: CacheKey): boolean {
  let found = false;
  cache.index.change(key.hash, (node) => {
    found = node.exists;
    return 'drop';
  });
  const removed = cache.unlink(key.hash, r.loc.core.error_log);
  return found || removed;
}
