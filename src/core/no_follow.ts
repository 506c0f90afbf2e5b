// Opening files without following symbolic links, or only those of the same owner (disable_symlinks). Each directory of
// the path is opened for itself, and the next one below it: /proc/self/fd stands for openat(2), which Node lacks.

import { closeSync, constants, fstatSync, lstatSync, openSync } from 'node:fs';
import { constants as os } from 'node:os';
import { diskPath } from './disk_path.ts';

const O_PATH = 0o10000000;
const DIRECTORY = O_PATH | constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NONBLOCK;

/**
 * Opens `path` with `flags`. Up to `trusted` characters of it links are followed. Throws what open(2) says; a link that
 * must not be followed is ELOOP, or ENOTDIR within the path, as in nginx.
 */
export function openNoFollow(path: string, flags: number, ownerMayLink: boolean, trusted: number): number {
  const start = trusted > 0 ? path.slice(0, trusted) : '/';
  let at = openSync(diskPath(start), DIRECTORY);
  try {
    const parts = path.slice(Math.max(trusted, 1)).split('/').filter(Boolean);
    const last = path.endsWith('/') ? '.' : (parts.pop() ?? '.');
    for (const part of parts) {
      const next = openAt(at, part, DIRECTORY, ownerMayLink);
      closeSync(at);
      at = next;
    }
    return openAt(at, last, flags, ownerMayLink);
  } finally {
    closeSync(at);
  }
}

function openAt(at: number, name: string, flags: number, ownerMayLink: boolean): number {
  const path = diskPath(`/proc/self/fd/${at}/${name}`);
  if (!ownerMayLink) return openSync(path, flags | constants.O_NOFOLLOW);
  const fd = openSync(path, flags);
  if (fstatSync(fd).uid === lstatSync(path).uid) return fd;
  closeSync(fd);
  throw Object.assign(new Error('ELOOP'), { errno: -os.errno.ELOOP, code: 'ELOOP' });
}
