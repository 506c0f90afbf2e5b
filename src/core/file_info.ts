// stat(2) that answers what went wrong instead of throwing it: on the way to a 404 an exception costs more than the rest.

import { type Stats, statSync } from 'node:fs';
import { constants } from 'node:os';
import { diskPath } from './disk_path.ts';
import { errnoOf } from './errno.ts';

const QUIET = { throwIfNoEntry: false } as const;

/** The file's stats, or the number of the error. Node does not tell a missing file from one below a file: see missing(). */
export function fileInfo(path: string): Stats | number {
  try {
    return statSync(diskPath(path), QUIET) ?? constants.errno.ENOENT;
  } catch (e) {
    return errnoOf(e) || constants.errno.EIO;
  }
}

/** Which of the errors of a missing file it is: that the file is missing, or that a directory of its path is none. */
export function missing(path: string): number {
  try {
    statSync(diskPath(path));
    return constants.errno.ENOENT;
  } catch (e) {
    return errnoOf(e) || constants.errno.EIO;
  }
}
