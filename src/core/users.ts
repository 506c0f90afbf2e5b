// Users and groups by name, as getpwnam(3) and getgrnam(3) find them: Node asks only for the current user.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The number of a user; null where there is none of that name. */
export function findUser(name: string): number | null {
  return find('passwd', name);
}

export function findGroup(name: string): number | null {
  return find('group', name);
}

/** The first of the groups that the machine's own file has: asking the name service starts a process. */
export function findLocalGroup(names: readonly string[]): number | null {
  const groups = readDatabase('group');
  for (const name of names) {
    const id = idIn(groups, name);
    if (id !== null) return id;
  }
  return null;
}

function find(database: 'passwd' | 'group', name: string): number | null {
  const local = idIn(readDatabase(database), name);
  return local ?? idIn(fromNameService(database, name), name);
}

function idIn(text: string, name: string): number | null {
  for (const line of text.split('\n')) {
    const fields = line.split(':');
    if (fields[0] === name && /^[0-9]+$/.test(fields[2] ?? '')) return Number(fields[2]);
  }
  return null;
}

function readDatabase(database: string): string {
  try {
    return readFileSync(`/etc/${database}`, 'latin1');
  } catch {
    return ''; // there may be none, in a container: the name is then unknown
  }
}

/** LDAP and the like. getent exits with an error where it finds none, and does not exist everywhere. */
function fromNameService(database: string, name: string): string {
  if (name.startsWith('-')) return '';
  try {
    return execFileSync('getent', [database, name], {
      encoding: 'latin1',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return '';
  }
}
