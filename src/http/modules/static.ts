// Files. How one is sent is in ../file_sender.ts.

import { closeSync, type Stats } from 'node:fs';
import { escapeUri } from '../escape.ts';
import { sendFile } from '../file_sender.ts';
import { logError } from '../log.ts';
import { defineModule } from '../module.ts';
import { openedInfo, openFailed, openFile } from '../open_file.ts';
import { mapUriToPath } from '../path.ts';
import { DECLINED, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';

export const staticFiles = defineModule({
  name: 'static',
  directives: {},
  phases: { content: { run: serveFile } },
});

function serveFile(r: HttpRequest): Rc {
  const { method, uri } = r;
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') return 405;
  if (uri.charCodeAt(uri.length - 1) === SLASH) return DECLINED;
  const path = mapUriToPath(r);
  return path === null ? 500 : servePath(r, path);
}

function servePath(r: HttpRequest, path: string): Rc {
  let fd: number;
  try {
    fd = openFile(r, path);
  } catch (e) {
    // A script may have put a zero byte into the uri: for the system, and so for nginx, the path ends there.
    const end = path.indexOf('\0');
    return end === -1 ? openFailed(r, path, e, r.loc.core.log_not_found) : servePath(r, path.slice(0, end));
  }
  const stats = openedInfo(r, path, fd);
  if (stats === null) return 500;
  if (stats.isFile()) return sendOpened(r, path, fd, stats);
  closeSync(fd);
  if (stats.isDirectory()) return redirectToDirectory(r);
  logError(r, 'crit', `"${path}" is not a regular file`);
  return 404;
}

const SLASH = 47;

function redirectToDirectory(r: HttpRequest): Rc {
  r.headersOut.location = `${escapeUri(r.uri)}/${r.args === '' ? '' : `?${r.args}`}`;
  return 301;
}

function sendOpened(r: HttpRequest, path: string, fd: number, stats: Stats): Rc {
  if (r.method === 'POST') {
    closeSync(fd);
    return 405;
  }
  return sendFile(r, path, fd, stats, '');
}
