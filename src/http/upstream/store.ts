// proxy_store: what an upstream answers is kept as a file, for a location that serves files to find.

import { chmodSync, mkdirSync, utimesSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ComplexValue } from '../../conf/complex.ts';
import { diskPath } from '../../core/disk_path.ts';
import { errorText } from '../../core/errno.ts';
import { parseHttpTime } from '../../core/http_time.ts';
import { logError } from '../log.ts';
import { directoryAccess, moveFile } from '../move_file.ts';
import { mapUriToPath } from '../path.ts';
import type { Exchange } from './exchange.ts';
import type { Spool } from './spool.ts';

export interface StoreSettings {
  /** null: where the uri leads (root, alias). */
  readonly path: ComplexValue | null;
  readonly access: number;
}

/** The body is complete, and the response has said 200. */
export function storeBody(u: Exchange, { path, access }: StoreSettings, spool: Spool): void {
  const { r } = u;
  const { contentLength } = u.response;
  if (contentLength !== -1 && contentLength !== spool.length) return; // of a HEAD
  const to = path === null ? mapUriToPath(r) : path.evaluate(r);
  if (to === null || to === '') return;
  const from = spool.name;
  try {
    const file = diskPath(from);
    chmodSync(file, access);
    const given = u.response.get('last-modified');
    const modified = given === undefined ? -1 : parseHttpTime(given);
    if (modified !== -1) utimesSync(file, modified, modified);
    mkdirSync(diskPath(dirname(to)), { recursive: true, mode: directoryAccess(access) });
    moveFile(from, to, access);
    spool.taken();
  } catch (error) {
    logError(r, 'crit', `rename() "${from}" to "${to}" failed ${errorText(error)}`);
  }
}
