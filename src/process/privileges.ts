// What a worker runs as: limits, priority, processors, user and group, directory. Limits and processors can only be
// set by another program, so they are set around the worker's start; the rest it does itself before it serves.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { affinityOf, type CoreConf } from '../conf/core.ts';
import { errorText } from '../core/errno.ts';
import type { Log } from '../core/log.ts';
import { toText } from '../core/text.ts';

/** How many files a process may open: Node has raised its soft limit to the hard one. Infinity where nothing says. */
export function openFilesLimit(): number {
  try {
    const limit = /^Max open files +(\w+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
    return limit === undefined || limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit);
  } catch {
    return Number.POSITIVE_INFINITY; // no /proc
  }
}

/** nginx's warning; null where all is well. */
export function connectionsWarning(conf: CoreConf): string | null {
  const { worker_rlimit_nofile: own, worker_connections: connections } = conf;
  const current = openFilesLimit();
  if (connections <= current || connections <= own) return null;
  return `${connections} worker_connections exceed open file resource limit: ${own === -1 ? current : own}`;
}

/** The exit code that tells the master not to try again. */
export const FATAL = 2;

/** Set for a worker whose limits could not be set. */
const LIMIT_FAILED = 'TSRESTY_LIMIT_FAILED';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

/** Lets a shell set the limits, which then becomes the worker: Node has no setrlimit(2). */
export function limited(command: Command, conf: CoreConf): Command {
  const { worker_rlimit_nofile: files, worker_rlimit_core: core } = conf;
  const limits: string[] = [];
  // with several, the failure of each is told
  if (files !== -1) limits.push(`ulimit -n ${files} 2>/dev/null || failed="NOFILE $failed"`);
  if (core !== -1) limits.push(`ulimit -c ${Math.ceil(core / 512)} 2>/dev/null || failed="CORE $failed"`);
  if (limits.length === 0) return command;
  const script = `${limits.join('; ')}; test -z "$failed" || export ${LIMIT_FAILED}="$failed"; exec "$0" "$@"`;
  return { file: '/bin/sh', args: ['-c', script, command.file, ...command.args] };
}

/** In a worker, or a single process: exits where nginx would. */
export function assumeIdentity(conf: CoreConf, worker: number | null, log: Log): void {
  reportLimits(conf, log);
  if (worker !== null) {
    if (conf.worker_priority !== 0) lowerPriority(conf.worker_priority, log);
    const cpus = affinityOf(conf, worker);
    if (cpus !== null && cpus.length > 0) bindToCpus(cpus, log);
    dropPrivileges(conf, log);
  }
  if (conf.working_directory === '') return;
  try {
    process.chdir(toText(conf.working_directory));
  } catch (e) {
    log.write('alert', `chdir("${conf.working_directory}") failed ${errorText(e)}`);
    process.exit(FATAL);
  }
}

function reportLimits(conf: CoreConf, log: Log): void {
  const failed = process.env[LIMIT_FAILED] ?? '';
  delete process.env[LIMIT_FAILED];
  const why = '(1: Operation not permitted)';
  if (failed.includes('NOFILE')) {
    log.write('alert', `setrlimit(RLIMIT_NOFILE, ${conf.worker_rlimit_nofile}) failed ${why}`);
  }
  if (failed.includes('CORE')) {
    log.write('alert', `setrlimit(RLIMIT_CORE, ${conf.worker_rlimit_core}) failed ${why}`);
  }
}

function lowerPriority(priority: number, log: Log): void {
  try {
    setPriority(Math.max(-20, Math.min(19, priority)));
  } catch (e) {
    log.write('alert', `setpriority(${priority}) failed ${errorText(e)}`);
  }
}

function bindToCpus(cpus: readonly number[], log: Log): void {
  const made = spawnSync('taskset', ['-a', '-c', '-p', cpus.join(','), String(process.pid)], {
    encoding: 'latin1',
  });
  if (made.error !== undefined)
    log.write('alert', `sched_setaffinity() failed: taskset ${errorText(made.error)}`);
  else if (made.status !== 0) log.write('alert', `sched_setaffinity() failed: ${made.stderr.trim()}`);
}

function dropPrivileges(conf: CoreConf, log: Log): void {
  const { user } = conf;
  if (process.geteuid?.() !== 0 || user === null) return;
  attempt(`setgid(${user.gid}) failed`, () => process.setgid?.(user.gid));
  try {
    initgroups(user.name, user.gid);
  } catch (e) {
    log.write('emerg', `initgroups(${user.name}, ${user.gid}) failed ${errorText(e)}`);
  }
  attempt(`setuid(${user.uid}) failed`, () => process.setuid?.(user.uid));

  function attempt(what: string, change: () => void): void {
    try {
      change();
    } catch (e) {
      log.write('emerg', `${what} ${errorText(e)}`);
      process.exit(FATAL);
    }
  }
}

// missing in Node's types
const { initgroups } = process as unknown as { initgroups(user: string, group: number): void };

/** `env`: what a process started by us finds in its environment, and nothing else, as in nginx. */
export function environmentOf(conf: CoreConf): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {};
  // Without these the processes that nginx forks, and we execute, might not run at all.
  const needed = Object.keys(process.env).filter((name) => name.startsWith('LD_LIBRARY_PATH'));
  for (const text of [...needed, 'TZ', ...conf.env]) {
    const equals = text.indexOf('=');
    const name = equals === -1 ? text : text.slice(0, equals);
    const value = equals === -1 ? process.env[name] : text.slice(equals + 1);
    if (value !== undefined) environment[name] = value;
  }
  const threads = Math.max(0, ...conf.thread_pool.map((pool) => pool.threads));
  if (threads > 0) environment.UV_THREADPOOL_SIZE = String(Math.min(1024, threads));
  return environment;
}
