// How files are reached on behalf of a request: straight, or as disable_symlinks says.

import { closeSync, constants, fstatSync, openSync, type Stats } from 'node:fs';
import { constants as os } from 'node:os';
import { diskPath } from '../core/disk_path.ts';
import { errnoOf, errorText, isAbsent } from '../core/errno.ts';
import { fileInfo } from '../core/file_info.ts';
import { openNoFollow } from '../core/no_follow.ts';
import type { DisableSymlinks } from './core_values.ts';
import { logError } from './log.ts';
import type { Rc } from './rc.ts';
import type { HttpRequest } from './request.ts';

// Without O_NONBLOCK, opening a FIFO that nobody writes to would stop the worker.
const READ = constants.O_RDONLY | constants.O_NONBLOCK;

/** A descriptor to read from; throws what open(2) says. */
export function openFile(r: HttpRequest, path: string): number {
  const { disable_symlinks: disabled } = r.loc.core;
  if (disabled === null) return openSync(diskPath(path), READ);
  const trusted = trustedPart(r, path, disabled);
  if (trusted === path.length) return openSync(diskPath(path), READ);
  return openNoFollow(path, READ, disabled.ownerMayLink, trusted);
}

/** What stat(2) says of the file, or the number of its error. */
export function infoOf(r: HttpRequest, path: string): Stats | number {
  if (r.loc.core.disable_symlinks === null) return fileInfo(path);
  try {
    const fd = openFile(r, path);
    try {
      return fstatSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch (e) {
    return errnoOf(e) || os.errno.EIO;
  }
}

const { EACCES, ELOOP, EMLINK } = os.errno;

/** What fstat(2) says of an opened file; null: nothing, which has been logged, and the file is closed. */
export function openedInfo(r: HttpRequest, path: string, fd: number): Stats | null {
  try {
    return fstatSync(fd);
  } catch (e) {
    closeSync(fd);
    logError(r, 'crit', `fstat() "${path}" failed ${errorText(e)}`);
    return null;
  }
}

/** What the client is told of a file that openFile() cannot open; logged, one that is not there only if `logAbsent`. */
export function openFailed(r: HttpRequest, path: string, e: unknown, logAbsent: boolean): Rc {
  const errno = errnoOf(e);
  const absent = isAbsent(errno);
  const forbidden = errno === EACCES || errno === EMLINK || errno === ELOOP;
  const rc = absent ? 404 : forbidden ? 403 : 500;
  if (!absent || logAbsent) {
    logError(r, rc === 500 ? 'crit' : 'error', `open() "${path}" failed ${errorText(e)}`);
  }
  return rc;
}

/** What the client is told of a directory that cannot be read; logged. */
export function directoryFailed(r: HttpRequest, path: string, e: unknown): Rc {
  const errno = errnoOf(e);
  const rc = isAbsent(errno) ? 404 : errno === EACCES ? 403 : 500;
  logError(r, rc === 500 ? 'crit' : 'error', `opendir() "${path}" failed ${errorText(e)}`);
  return rc;
}

/** The length of the part of the path in which links are followed: `from=`. */
function trustedPart(r: HttpRequest, path: string, { from }: DisableSymlinks): number {
  const prefix = from?.evaluate(r) ?? '';
  if (prefix === '' || !path.startsWith(prefix)) return 0;
  if (prefix.length === path.length || path[prefix.length] === '/') return prefix.length;
  return prefix.endsWith('/') ? prefix.length - 1 : 0;
}
