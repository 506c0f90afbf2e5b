// random_index: a request for a directory becomes one for any of its files.

import { type Dirent, readdir, statSync } from 'node:fs';
import { constants } from 'node:os';
import { type ConfOf, LOCATION } from '../../conf/directive.ts';
import { flag } from '../../conf/kinds.ts';
import { diskPath } from '../../core/disk_path.ts';
import { errnoOf, errorText } from '../../core/errno.ts';
import { resumeWith } from '../engine.ts';
import { logError } from '../log.ts';
import { defineModule } from '../module.ts';
import { directoryFailed } from '../open_file.ts';
import { mapUriToPath } from '../path.ts';
import { AGAIN, DECLINED, type Rc } from '../rc.ts';
import { internalRedirect } from '../redirect.ts';
import type { HttpRequest } from '../request.ts';

const directives = {
  random_index: flag({ in: LOCATION, default: false }),
};

type Conf = ConfOf<typeof directives>;

export const randomIndex = defineModule({
  name: 'random_index',
  directives,
  phases: { content: { when: (conf: Conf) => conf.random_index, run: findFiles } },
});

const { ENOENT } = constants.errno;
/** Names are bytes. */
const NAMES = { encoding: 'latin1' as BufferEncoding, withFileTypes: true } as const;

function findFiles(r: HttpRequest): Rc {
  const { method, uri } = r;
  if (!uri.endsWith('/')) return DECLINED;
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') return DECLINED;
  const mapped = mapUriToPath(r);
  if (mapped === null) return 500;
  const path = mapped.slice(0, -1);
  readdir(diskPath(path === '' ? '/' : path), NAMES, (fault, entries) => {
    if (r.finalized) return;
    try {
      resumeWith(r, fault === null ? chooseFile(r, path, entries) : directoryFailed(r, path, fault));
    } catch (e) {
      r.connection.crash(e);
    }
  });
  return AGAIN;
}

function chooseFile(r: HttpRequest, path: string, entries: readonly Dirent[]): Rc {
  const names: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const file = entry.isSymbolicLink() ? leadsToFile(r, `${path}/${entry.name}`) : entry.isFile();
    if (file === null) return 500;
    if (file) names.push(entry.name);
  }
  const name = names[Math.floor(Math.random() * names.length)];
  return name === undefined ? DECLINED : internalRedirect(r, r.uri + name, r.args);
}

/** null: that cannot be known, which has been logged. */
function leadsToFile(r: HttpRequest, path: string): boolean | null {
  try {
    return statSync(diskPath(path)).isFile();
  } catch (e) {
    if (errnoOf(e as Error) === ENOENT) return false;
    logError(r, 'crit', `stat() "${path}" failed ${errorText(e as Error)}`);
    return null;
  }
}
