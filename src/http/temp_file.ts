// Files for what does not fit into memory: named by a number, in the directories that a *_temp_path's levels make.

import { closeSync, constants, mkdirSync, openSync, unlink, writevSync } from 'node:fs';
import { constants as os } from 'node:os';
import { basename, dirname } from 'node:path';
import { diskPath } from '../core/disk_path.ts';
import { errnoOf, errnoText, errorText } from '../core/errno.ts';
import type { TempPath } from './core_values.ts';
import { logError } from './log.ts';
import type { HttpRequest } from './request.ts';

const { O_CREAT, O_EXCL, O_RDWR } = constants;
const MAX_NUMBER = 2 ** 32;

// Workers share the directory: each starts elsewhere, and a number that is taken is skipped.
let last = Math.floor(Math.random() * MAX_NUMBER);

export interface TempFile {
  readonly fd: number;
  readonly name: string;
}

/** Ten digits, other ones each time. */
export function nextTempNumber(): string {
  last = (last + 1) % MAX_NUMBER;
  return String(last).padStart(10, '0');
}

/** A file that is to replace the one called `name`, in the same directory. As createTempFile(). */
export function createTempFileFor(r: HttpRequest, name: string): TempFile | null {
  return createTempFile(r, { path: dirname(name), levels: [] }, `${basename(name)}.`);
}

/** null: it could not be made, which has been logged. The caller closes and removes it. */
export function createTempFile(r: HttpRequest, where: TempPath, before = ''): TempFile | null {
  const base = tempDirectory(r.server.main.cf.sources.prefix, where);
  let made = '';
  let number = '';
  for (;;) {
    if (made === '') number = nextTempNumber();
    const name = hashedName(base, before + number, where.levels);
    try {
      return { fd: openSync(diskPath(name), O_CREAT | O_EXCL | O_RDWR, 0o600), name };
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === os.errno.EEXIST) {
        made = '';
        continue;
      }
      if (errno === os.errno.ENOENT && made !== name) {
        made = name;
        if (makeDirectory(r, dirname(name))) continue;
        return null;
      }
      logError(r, 'crit', `open() "${name}" failed ${errnoText(errno)}`);
      return null;
    }
  }
}

/** Where the files, or the directories of their levels, are. */
export function tempDirectory(prefix: string, where: TempPath): string {
  return where.byDefault ? prefix + where.path : where.path;
}

/** Throws what writev(2) says. */
export function writeAll(fd: number, pieces: readonly Buffer[]): void {
  let left = pieces;
  while (left.length > 0) {
    let skip = writevSync(fd, left);
    // A disk that is nearly full takes less than it was given.
    const rest: Buffer[] = [];
    for (const piece of left) {
      if (skip < piece.length) rest.push(piece.subarray(skip));
      skip = Math.max(0, skip - piece.length);
    }
    left = rest;
  }
}

export function closeTempFile(r: HttpRequest, fd: number, name: string): void {
  try {
    closeSync(fd);
  } catch (error) {
    logError(r, 'alert', `close() "${name}" failed ${errorText(error)}`);
  }
}

export function removeTempFile(r: HttpRequest, name: string): void {
  unlink(diskPath(name), (error) => {
    if (error !== null) logError(r, 'crit', `unlink() "${name}" failed ${errorText(error)}`);
  });
}

function makeDirectory(r: HttpRequest, directory: string): boolean {
  try {
    mkdirSync(diskPath(directory), { recursive: true, mode: 0o700 });
    return true;
  } catch (error) {
    logError(r, 'crit', `mkdir() "${directory}" failed ${errorText(error)}`);
    return false;
  }
}

/** The last digits of the number name the directories, the last of all first. */
function hashedName(base: string, number: string, levels: readonly number[]): string {
  let directory = base;
  let end = number.length;
  for (const digits of levels) {
    directory += `/${number.slice(end - digits, end)}`;
    end -= digits;
  }
  return `${directory}/${number}`;
}
