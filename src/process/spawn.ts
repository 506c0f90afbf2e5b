// Starting the processes of ours: this program again, in a role that it learns from its environment.

import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import type { CoreConf } from '../conf/core.ts';
import {
  AGENT,
  CHANNEL_FD,
  FIRST_SOCKET_FD,
  type Role,
  roleEnvironment,
  type SharedValue,
  VALUE_FD,
} from './handoff.ts';
import { type Command, environmentOf, limited } from './privileges.ts';
import type { MasterSocket } from './sockets.ts';
import { WORKER_FLAGS } from './worker_flags.ts';

const MASTER_FLAGS: readonly string[] = [];

/** This program as a command, with `arguments`. */
function thisProgram(flags: readonly string[], programArguments: readonly string[]): Command {
  return { file: process.execPath, args: [...flags, process.argv[1] ?? '', ...programArguments] };
}

/** Becomes this program anew where it was not started with what a worker needs: it will serve requests itself. */
export function executeAsWorker(programArguments: readonly string[]): void {
  if (WORKER_FLAGS.every((flag) => process.execArgv.includes(flag))) return;
  const { file, args } = thisProgram(WORKER_FLAGS, programArguments);
  process.execve?.(file, [file, ...args], process.env);
}

export function spawnWorker(
  conf: CoreConf,
  id: number,
  value: SharedValue,
  sockets: readonly MasterSocket[],
  careful: boolean,
): ChildProcess {
  const own = id === AGENT ? [] : sockets.filter(({ worker }) => worker === null || worker === id);
  const role: Role = { kind: 'worker', id, careful, sockets: own.map(({ key }) => key) };
  // The title is written over the arguments, so they must leave room for the longest.
  const command = limited(thisProgram(WORKER_FLAGS, ['worker process is shutting down']), conf);
  return spawn(command.file, command.args, {
    stdio: stdioOf(conf, 'inherit', value, own),
    env: { ...environmentOf(conf), ...roleEnvironment(role) },
    serialization: 'advanced',
  });
}

/** The master that goes on in the background, in a session of its own. */
export function spawnMaster(
  conf: CoreConf,
  value: SharedValue,
  sockets: readonly MasterSocket[],
  programArguments: readonly string[],
): ChildProcess {
  const role: Role = { kind: 'master', id: 0, sockets: sockets.map(({ key }) => key) };
  const flags = conf.master_process ? MASTER_FLAGS : WORKER_FLAGS;
  const command = thisProgram(flags, programArguments);
  return spawn(command.file, command.args, {
    stdio: stdioOf(conf, 'ignore', value, sockets),
    env: { ...process.env, ...roleEnvironment(role) },
    detached: true,
    serialization: 'advanced',
  });
}

/** What Node itself says when it dies belongs in the error log, unless that is the standard error stream anyway. */
function stdioOf(
  conf: CoreConf,
  stdout: 'inherit' | 'ignore',
  value: SharedValue,
  sockets: readonly MasterSocket[],
): StdioOptions {
  const { stderrUsed, fileDescriptor } = conf.error_log;
  const stdio: StdioOptions = [
    'ignore',
    stdout,
    stderrUsed || fileDescriptor === -1 ? 'inherit' : fileDescriptor,
  ];
  stdio[CHANNEL_FD] = 'ipc';
  stdio[VALUE_FD] = value.fd;
  for (const [i, socket] of sockets.entries()) stdio[FIRST_SOCKET_FD + i] = socket.handle.fd;
  return stdio;
}

const FIRST_INHERITED_FD = 3;

/** SIGUSR2: the program that is now at our path, in our place but with the sockets that we have (the variable NGINX). */
export function spawnNewBinary(
  conf: CoreConf,
  sockets: readonly MasterSocket[],
  programArguments: readonly string[],
): ChildProcess {
  const stdio: StdioOptions = ['ignore', 'inherit', 'inherit', ...sockets.map(({ handle }) => handle.fd)];
  const numbers = sockets.map((_, i) => `${FIRST_INHERITED_FD + i};`).join('');
  const command = thisProgram(process.execArgv, programArguments);
  return spawn(command.file, command.args, { stdio, env: { ...environmentOf(conf), NGINX: numbers } });
}
