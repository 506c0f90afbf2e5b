// The directories for temporary files: made, and given to the workers' user, before any worker starts.

import { chmodSync, chownSync, mkdirSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { diskPath } from '../core/disk_path.ts';
import { errnoOf, errorText } from '../core/errno.ts';
import type { Location } from '../http/location.ts';
import type { HttpMain } from '../http/main.ts';
import { tempDirectory } from '../http/temp_file.ts';
import type { Cycle } from './cycle.ts';
import { Fault } from './fault.ts';

const OWNER = 0o700;

export function createTempPaths({ core, http }: Cycle): void {
  if (http === null) return;
  const paths = new Map<string, boolean>();
  addDirectories(http.conf, http, paths);
  for (const server of http.servers) collect(server.location, http, paths);
  for (const path of paths.keys()) createTempPath(path, process.geteuid?.() === 0 ? core.user : null);
}

function collect(location: Location, http: HttpMain, paths: Map<string, boolean>): void {
  addPath(tempDirectory(http.cf.sources.prefix, location.core.client_body_temp_path), false, paths);
  addDirectories(location.conf, http, paths);
  for (const inner of location.inner) collect(inner, http, paths);
}

function addDirectories(
  conf: readonly unknown[],
  { modules, cf }: HttpMain,
  paths: Map<string, boolean>,
): void {
  for (const { directories, slot } of modules) {
    for (const path of directories?.(conf[slot] as never) ?? []) {
      addPath(tempDirectory(cf.sources.prefix, path), path.owned === true, paths);
    }
  }
}

/** Where the configuration names both they have been compared before: one of them is a default. */
function addPath(path: string, owned: boolean, paths: Map<string, boolean>): void {
  if ((paths.get(path) ?? owned) !== owned) {
    throw new Fault(`the same path name "${path}" used by a cache and for temporary files`);
  }
  paths.set(path, owned);
}

/** ngx_create_paths: the directory itself, not those above it. */
function createTempPath(path: string, user: Cycle['core']['user']): void {
  attempt(`mkdir() "${path}" failed`, () => makeDirectory(path));
  if (user === null) return;
  const file = diskPath(path);
  const { uid, mode } = attempt(`stat() "${path}" failed`, () => statSync(file));
  if (uid !== user.uid) attempt(`chown("${path}", ${user.uid}) failed`, () => chownSync(file, user.uid, -1));
  if ((mode & OWNER) !== OWNER) {
    attempt(`chmod() "${path}" failed`, () => chmodSync(file, mode | OWNER));
  }
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(diskPath(path), OWNER);
  } catch (error) {
    if (errnoOf(error) !== constants.errno.EEXIST) throw error;
  }
}

function attempt<T>(message: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new Fault(`${message} ${errorText(error)}`);
  }
}
