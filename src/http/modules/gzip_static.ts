// gzip_static: a file with .gz at the end of its name, made beforehand, instead of the file.

import { closeSync } from 'node:fs';
import { type ConfOf, HTTP_ANY } from '../../conf/directive.ts';
import { enumeration } from '../../conf/kinds.ts';
import { sendFile } from '../file_sender.ts';
import { testGzip } from '../gzip_ok.ts';
import { logError } from '../log.ts';
import { defineModule } from '../module.ts';
import { openedInfo, openFailed, openFile } from '../open_file.ts';
import { mapUriToPath } from '../path.ts';
import { DECLINED, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';

const directives = {
  gzip_static: enumeration<'off' | 'on' | 'always'>({
    in: HTTP_ANY,
    default: 'off',
    values: { off: 'off', on: 'on', always: 'always' },
  }),
};

type Conf = ConfOf<typeof directives>;

export const gzipStatic = defineModule({
  name: 'gzip_static',
  directives,
  phases: { content: { when: (conf) => conf.gzip_static !== 'off', run: sendPacked } },
});

function sendPacked(r: HttpRequest, conf: Conf): Rc {
  if ((r.method !== 'GET' && r.method !== 'HEAD') || r.uri.endsWith('/')) return DECLINED;
  const accepted = conf.gzip_static === 'always' || testGzip(r);
  if (!accepted && !r.loc.core.gzip_vary) return DECLINED;
  const file = mapUriToPath(r);
  if (file === null) return 500;
  const path = `${file}.gz`;
  let fd: number;
  try {
    fd = openFile(r, path);
  } catch (e) {
    openFailed(r, path, e, false);
    return DECLINED;
  }
  const stats = openedInfo(r, path, fd);
  if (stats === null) return DECLINED;
  if (conf.gzip_static === 'on') r.gzipVary = true;
  if (accepted && stats.isFile()) return sendFile(r, path, fd, stats, 'gzip');
  closeSync(fd);
  if (!accepted || stats.isDirectory()) return DECLINED;
  logError(r, 'crit', `"${path}" is not a regular file`);
  return 404;
}
