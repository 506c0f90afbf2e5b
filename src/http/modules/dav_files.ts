// What the methods of WebDAV do to files and directories. Faults are told as nginx tells them: what is done to a whole
// tree goes on behind one.

import {
  chmodSync,
  copyFileSync,
  type Dirent,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  type Stats,
  unlinkSync,
  utimesSync,
} from 'node:fs';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import { diskPath } from '../../core/disk_path.ts';
import { errnoOf, errorText, isAbsent } from '../../core/errno.ts';
import { logError } from '../log.ts';
import { directoryAccess, moveFile } from '../move_file.ts';
import { OK, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';

const { ENOENT, EACCES, EPERM, EEXIST, ENOSPC } = constants.errno;
const FORBIDDEN = 403;
const NOT_FOUND = 404;
const NOT_ALLOWED = 405;
const INSUFFICIENT_STORAGE = 507;

/** Logs what the system says of `call`, and answers with the status for it. */
export function davError(r: HttpRequest, fault: unknown, notFound: Rc, call: string, path: string): Rc {
  const errno = errnoOf(fault);
  let rc: Rc = 500;
  if (isAbsent(errno)) rc = notFound;
  else if (errno === EACCES || errno === EPERM) rc = FORBIDDEN;
  else if (errno === EEXIST) rc = NOT_ALLOWED;
  else if (errno === ENOSPC) rc = INSUFFICIENT_STORAGE;
  const level = rc === 500 || rc === INSUFFICIENT_STORAGE ? 'crit' : 'error';
  logError(r, level, `${call}() "${path}" failed ${errorText(fault)}`);
  return rc;
}

/** Of the file itself, not of what it leads to; or what the system says. */
export function linkInfo(path: string): Stats | Error {
  try {
    return lstatSync(diskPath(path));
  } catch (e) {
    return e as Error;
  }
}

/** A file, or a directory (without the slash) with all that is in it. */
export function deletePath(r: HttpRequest, path: string, isDirectory: boolean): Rc {
  if (isDirectory && !deleteTree(r, path)) return 500;
  return removeOne(r, path, isDirectory, NOT_FOUND);
}

/** A file, or a directory in which nothing is. */
function removeOne(r: HttpRequest, path: string, isDirectory: boolean, notFound: Rc): Rc {
  try {
    if (isDirectory) rmdirSync(diskPath(path));
    else unlinkSync(diskPath(path));
    return OK;
  } catch (e) {
    return davError(r, e, notFound, isDirectory ? 'rmdir' : 'unlink', path);
  }
}

/** False: the directory cannot be read. */
function deleteTree(r: HttpRequest, path: string): boolean {
  const entries = entriesOf(r, path);
  for (const entry of entries ?? []) {
    const inner = `${path}/${entry.name}`;
    const isDirectory = entry.isDirectory();
    if (isDirectory && !deleteTree(r, inner)) return false;
    removeOne(r, inner, isDirectory, 0);
  }
  return entries !== null;
}

const NAMES = { encoding: 'latin1' as BufferEncoding, withFileTypes: true } as const;

function entriesOf(r: HttpRequest, path: string): readonly Dirent[] | null {
  try {
    return readdirSync(diskPath(path), NAMES);
  } catch (e) {
    logError(r, 'crit', `opendir() "${path}" failed ${errorText(e)}`);
    return null;
  }
}

/** A directory, with all that is in it, under another name that is free. */
export function copyTree(r: HttpRequest, from: string, to: string): boolean {
  const entries = entriesOf(r, from);
  for (const entry of entries ?? []) {
    const source = `${from}/${entry.name}`;
    const target = `${to}/${entry.name}`;
    const info = linkInfo(source);
    if (info instanceof Error) {
      davError(r, info, 0, 'stat', source);
    } else if (info.isDirectory()) {
      const failed = makeDirectory(r, target, info.mode & 0o777, 0);
      if (failed === OK && !copyTree(r, source, target)) return false;
      setTimes(r, target, info);
    } else if (info.isFile()) {
      copyFile(r, source, target, info);
    }
  }
  return entries !== null;
}

/** False: it could not be copied, which has been logged. */
export function copyFile(r: HttpRequest, from: string, to: string, info: Stats): boolean {
  try {
    copyFileSync(diskPath(from), diskPath(to));
  } catch (e) {
    logError(r, 'crit', `open() "${to}" failed ${errorText(e)}`);
    return false;
  }
  setTimes(r, to, info);
  return true;
}

function setTimes(r: HttpRequest, path: string, { mtime }: Stats): void {
  try {
    utimesSync(diskPath(path), mtime, mtime);
  } catch (e) {
    logError(r, 'alert', `utimes() "${path}" failed ${errorText(e)}`);
  }
}

/** OK, or the status of what has failed. */
export function makeDirectory(r: HttpRequest, path: string, mode: number, notFound: Rc): Rc {
  try {
    mkdirSync(diskPath(path), { mode });
    return OK;
  } catch (e) {
    return davError(r, e, notFound, 'mkdir', path);
  }
}

/** Whether the directory has its new name: where it cannot, it is to be copied. */
export function renameDirectory(from: string, to: string): boolean {
  try {
    renameSync(diskPath(from), diskPath(to));
    return true;
  } catch {
    return false;
  }
}

interface Renaming {
  /** 0: as it is. */
  readonly access: number;
  /** For directories that are made; -1: none is. */
  readonly pathAccess: number;
  /** Of the change, in seconds; -1: as it is. */
  readonly time: number;
}

/** Gives a file its name. False: it could not be done, which has been logged. */
export function renameFile(r: HttpRequest, from: string, to: string, how: Renaming): boolean {
  const { access, pathAccess, time } = how;
  let call = 'chmod';
  try {
    if (access !== 0) chmodSync(diskPath(from), access);
    call = 'utimes';
    if (time !== -1) utimesSync(diskPath(from), time, time);
    call = 'rename';
    try {
      moveFile(from, to, access === 0 ? 0o600 : access);
    } catch (e) {
      if (errnoOf(e) !== ENOENT || pathAccess === -1) throw e;
      call = 'mkdir';
      mkdirSync(diskPath(dirname(to)), { recursive: true, mode: directoryAccess(pathAccess) });
      call = 'rename';
      moveFile(from, to, access === 0 ? 0o600 : access);
    }
    return true;
  } catch (e) {
    const what = call === 'rename' ? `"${from}" to "${to}"` : `"${call === 'mkdir' ? to : from}"`;
    logError(r, 'crit', `${call}() ${what} failed ${errorText(e)}`);
    return false;
  }
}
