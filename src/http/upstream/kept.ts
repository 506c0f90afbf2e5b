// Bodies that are kept: in the cache, or by proxy_store. They go through a file of their own on the way to the client.

import { cacheSpool, decideCaching, keepBody } from '../cache/serve.ts';
import { createTempFile } from '../temp_file.ts';
import type { Exchange } from './exchange.ts';
import { UNTIL_CLOSE } from './settings.ts';
import { Spool } from './spool.ts';
import { storeBody } from './store.ts';

/** Whether the body that follows is to be kept. */
export function keeps(u: Exchange): boolean {
  if (u.cache !== null) decideCaching(u);
  return u.cacheable || stores(u);
}

function stores({ settings, buffering, response }: Exchange): boolean {
  return settings.store !== null && buffering && response.status === 200;
}

/** null: it could not be made, which is logged. */
export function keptSpool(u: Exchange): Spool | null {
  if (u.cacheable) return cacheSpool(u);
  return Spool.keep(u.r, createTempFile(u.r, u.settings.tempPath), Buffer.alloc(0));
}

/** The body is complete. */
export function keep(u: Exchange, spool: Spool): void {
  const { store } = u.settings;
  if (!u.cacheable) {
    if (store !== null) storeBody(u, store, spool);
    return;
  }
  // Where only the connection tells the end, that of a HEAD may have come without the body that was announced.
  const { contentLength } = u.response;
  const whole = u.left !== UNTIL_CLOSE || contentLength === -1 || spool.length === contentLength;
  if (whole) keepBody(u, spool);
}
