// What a process of ours is started with. A value is too large for an argument or a message (a configuration may have
// 10 MB), so it goes through a file without a name whose descriptor the new process inherits: written once, read by
// every worker of the configuration, also by one that replaces another much later.

import { closeSync, fstatSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';

/** Says in the environment of a new process what it is; removed there before anything else runs. */
const ROLE_VARIABLE = 'TSRESTY_PROCESS';

/** The first descriptor after the standard ones is the channel to the process that started this one. */
export const CHANNEL_FD = 3;
export const VALUE_FD = 4;
export const FIRST_SOCKET_FD = 5;

/** The number of the privileged agent, which is a worker that listens nowhere. */
export const AGENT = -1;

/** A worker, or the master that goes on in the background when the first process returns to the shell. */
export interface Role {
  readonly kind: 'worker' | 'master';
  /** $worker id: 0 … worker_processes - 1, or AGENT; 0 for a master. */
  readonly id: number;
  /** See WorkerProcess. */
  readonly careful?: boolean;
  /** The listening sockets, in the order of their descriptors from FIRST_SOCKET_FD on. */
  readonly sockets: readonly string[];
}

export function roleEnvironment(role: Role): Record<string, string> {
  return { [ROLE_VARIABLE]: JSON.stringify(role) };
}

/** The role of this process; null for one that a person or a script has started. */
export function takeRole(): Role | null {
  const text = process.env[ROLE_VARIABLE];
  if (text === undefined) return null;
  delete process.env[ROLE_VARIABLE];
  return JSON.parse(text) as Role;
}

/** A value for other processes, held in memory by the kernel where there is /dev/shm. */
export class SharedValue {
  readonly fd: number;

  constructor(value: unknown) {
    this.fd = anonymousFile();
    let data: Uint8Array = serialize(value);
    while (data.length > 0) data = data.subarray(writeSync(this.fd, data));
  }

  close(): void {
    closeSync(this.fd);
  }
}

/** In the process that inherited it. The position is given, since all readers share one file offset. */
export function readSharedValue(fd: number): unknown {
  const data = Buffer.allocUnsafe(fstatSync(fd).size);
  let at = 0;
  while (at < data.length) {
    const read = readSync(fd, data, at, data.length - at, at);
    if (read === 0) break;
    at += read;
  }
  return deserialize(data);
}

function anonymousFile(): number {
  try {
    return namelessFile('/dev/shm');
  } catch {
    return namelessFile(tmpdir()); // no /dev/shm here, or not for us
  }
}

function namelessFile(directory: string): number {
  const path = join(directory, `tsresty.${process.pid}.${process.hrtime.bigint()}`);
  const fd = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  return fd;
}
