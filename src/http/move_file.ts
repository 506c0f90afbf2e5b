// Gives a finished file its name, also on another file system (ngx_ext_rename_file).

import { chmodSync, copyFileSync, renameSync, rmSync, unlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { diskPath } from '../core/disk_path.ts';
import { errnoOf } from '../core/errno.ts';
import { nextTempNumber } from './temp_file.ts';

/** Whoever opens `to` finds what was there before, or all of the new. Throws what the system says. */
export function moveFile(from: string, to: string, mode: number): void {
  try {
    renameSync(diskPath(from), diskPath(to));
    return;
  } catch (error) {
    if (errnoOf(error) !== constants.errno.EXDEV) throw error;
  }
  const copy = diskPath(`${to}.${nextTempNumber()}`);
  try {
    copyFileSync(diskPath(from), copy);
    chmodSync(copy, mode);
    renameSync(copy, diskPath(to));
  } catch (error) {
    rmSync(copy, { force: true });
    throw error;
  }
  unlinkSync(diskPath(from));
}

/** Who may read may enter (ngx_dir_access). */
export function directoryAccess(access: number): number {
  let mode = access;
  for (const shift of [0, 3, 6]) if ((access & (4 << shift)) !== 0) mode |= 1 << shift;
  return mode;
}
