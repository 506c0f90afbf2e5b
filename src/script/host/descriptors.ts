// Descriptors that a process started by a script would inherit. What Node opens closes by itself when a program is
// executed; LMDB's files, which hold the dictionaries of all, and what this process was given from outside do not. In
// the new process each of those is the null device.

import { openSync, readdirSync, readFileSync } from 'node:fs';
import { environmentsOpened } from '../../zone/lmdb.ts';

const CLOSES = 0o2000000; // O_CLOEXEC
const FIRST = 3;

let seen = -1;
let nullDevice = -1;
let hidden: readonly (number | 'ignore')[] = [];

/** For `stdio` of spawn, behind the three streams. Looks again when something has been opened that stays open. */
export function hideInherited(): readonly (number | 'ignore')[] {
  const opened = environmentsOpened();
  if (opened === seen) return hidden;
  if (nullDevice === -1) nullDevice = openSync('/dev/null', 'r+');
  const left: number[] = [];
  for (const name of readdirSync('/proc/self/fd')) {
    const descriptor = Number(name);
    if (descriptor >= FIRST && inherited(descriptor)) left.push(descriptor);
  }
  hidden = Array.from({ length: Math.max(FIRST - 1, ...left) - FIRST + 1 }, (_, i) =>
    left.includes(i + FIRST) ? nullDevice : 'ignore',
  );
  seen = opened;
  return hidden;
}

function inherited(descriptor: number): boolean {
  try {
    const [, flags = '0'] =
      /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1')) ?? [];
    return (Number.parseInt(flags, 8) & CLOSES) === 0;
  } catch {
    return false; // that of the directory, which is closed again
  }
}
