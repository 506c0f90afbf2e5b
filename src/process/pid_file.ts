// The file that says which process to signal. It appears when the first worker listens, since scripts wait for it
// and then connect.

import {
  accessSync,
  closeSync,
  constants,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { constants as system } from 'node:os';
import { dirname } from 'node:path';
import { diskPath } from '../core/disk_path.ts';
import { errnoOf, errorText } from '../core/errno.ts';
import type { Log } from '../core/log.ts';
import { Fault } from './fault.ts';

/** What the file is called while a new binary runs beside this one. */
export function oldPidFile(path: string): string {
  return `${path}.oldbin`;
}

/** Writes the file; with `pid` null it is only made sure that it can be written (`-t`, as in nginx, creates it). */
export function createPidFile(path: string, pid: number | null): void {
  const { O_CREAT, O_RDWR, O_TRUNC } = constants;
  try {
    const fd = openSync(diskPath(path), O_RDWR | O_CREAT | (pid === null ? 0 : O_TRUNC), 0o644);
    if (pid !== null) writeSync(fd, `${pid}\n`);
    closeSync(fd);
  } catch (e) {
    throw new Fault(`open() "${path}" failed ${errorText(e)}`);
  }
}

/** Whether it can be written, without creating it yet. */
export function testPidFile(path: string): void {
  try {
    closeSync(openSync(diskPath(path), constants.O_RDWR));
  } catch (e) {
    if (errnoOf(e) !== system.errno.ENOENT) throw new Fault(`open() "${path}" failed ${errorText(e)}`);
    try {
      accessSync(diskPath(dirname(path)), constants.W_OK | constants.X_OK);
    } catch (e) {
      throw new Fault(`open() "${path}" failed ${errorText(e)}`);
    }
  }
}

export function removePidFile(path: string, log: Log): void {
  try {
    unlinkSync(diskPath(path));
  } catch (e) {
    log.write('alert', `unlink() "${path}" failed ${errorText(e)}`);
  }
}

/** `when` ends nginx's message: "before executing new binary process …". */
export function renamePidFile(from: string, to: string, log: Log, when: string): boolean {
  try {
    renameSync(diskPath(from), diskPath(to));
    return true;
  } catch (e) {
    log.write('alert', `rename() ${from} to ${to} failed ${when} ${errorText(e)}`);
    return false;
  }
}

/** The pid for `-s`; a Fault says why there is none. */
export function readPidFile(path: string): number {
  let text = '';
  try {
    text = readFileSync(diskPath(path), 'latin1');
  } catch (e) {
    throw new Fault(`open() "${path}" failed ${errorText(e)}`);
  }
  const number = text.slice(0, 22).replace(/[\r\n]+$/, '');
  if (!/^[0-9]+$/.test(number)) throw new Fault(`invalid PID number "${number}" in "${path}"`);
  return Number(number);
}
