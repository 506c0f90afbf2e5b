// From the command line to a running master: checks the configuration and binds its sockets in the process that was
// started, so that every fault is told on the terminal, then goes on here or, with `daemon on`, in the background.

import { closeSync } from 'node:fs';
import { release, type } from 'node:os';
import { resolve } from 'node:path';
import type { Log } from '../core/log.ts';
import { writeStderr } from '../core/log.ts';
import { dropLogFiles, keepLogFiles, openLogFiles } from '../core/log_file.ts';
import { toText } from '../core/text.ts';
import { messageOf } from '../core/thrown.ts';
import { MasterZones } from '../zone/zones.ts';
import { sendUp, type ToStarter } from './channel.ts';
import {
  assembleCycle,
  loadCycle,
  openCycle,
  openFirstLog,
  reportFault,
  type StartOptions,
} from './configuration.ts';
import type { Cycle } from './cycle.ts';
import { FIRST_SOCKET_FD, readSharedValue, SharedValue, VALUE_FD } from './handoff.ts';
import { Master } from './master.ts';
import { testPidFile } from './pid_file.ts';
import { openFilesLimit } from './privileges.ts';
import { asInWorker, Single } from './single.ts';
import {
  adoptSockets,
  closeSocket,
  type HandedSocket,
  handedSocket,
  inheritSockets,
  type MasterSocket,
} from './sockets.ts';
import { executeAsWorker, spawnMaster } from './spawn.ts';

/** What the process in the background goes on with. */
interface MasterValue {
  readonly source: Cycle['source'];
  readonly options: StartOptions;
  readonly programArguments: readonly string[];
  readonly sockets: readonly HandedSocket[];
}

export interface Program {
  readonly options: StartOptions;
  /** As given on the command line: for the title, and for SIGUSR2. */
  readonly programArguments: readonly string[];
  /** `nginx/1.31.5` and our own version, for the log. */
  readonly versions: readonly string[];
}

/** Starts from the command line: the exit code, or null where this process is now the one that runs. */
export async function start(program: Program): Promise<number | null> {
  const { options, programArguments } = program;
  const first = openFirstLog(options, 'notice');
  // Who is executed anew reads the configuration again, and then says what there is to say of it.
  const cycle = await loadCycle(options, first, undefined, ({ core }) => {
    if (!core.daemon && !core.master_process) executeAsWorker(programArguments);
  });
  if (cycle === null) return 1;
  const { core } = cycle;
  const inheritance = takeInheritance(first);
  const sockets = await openFirstCycle(cycle, inheritance ?? [], first);
  if (sockets === null) return 1;
  logStart(program, cycle);
  if (core.daemon && inheritance === null) return await daemonize(cycle, sockets, program);
  await run(cycle, sockets, program, inheritance === null ? 'started' : 'inherited');
  return null;
}

/** The process in the background. */
export async function startDaemon(): Promise<void> {
  process.umask(0);
  const { source, options, programArguments, sockets } = readSharedValue(VALUE_FD) as MasterValue;
  closeSync(VALUE_FD);
  const cycle = assembleCycle(source, options);
  openLogFiles();
  cycle.core.error_log.open();
  const program = { options, programArguments, versions: [] };
  await run(cycle, adoptSockets(sockets, FIRST_SOCKET_FD), program, 'daemon');
}

async function run(
  cycle: Cycle,
  sockets: MasterSocket[],
  { options, programArguments }: Program,
  how: 'started' | 'inherited' | 'daemon',
): Promise<void> {
  keepLogFiles();
  const { user, master_process, error_log } = cycle.core;
  const zones = new MasterZones({
    prefix: resolve(toText(options.prefix)),
    user,
    warn: (message) => error_log.write('warn', message),
  });
  try {
    if (!master_process) {
      const own = asInWorker(cycle, options);
      openLogFiles();
      own.core.error_log.open();
      own.core.error_log.console = error_log.console;
      keepLogFiles();
      await new Single(options, own, sockets, zones).run();
      return;
    }
    const daemonized = how === 'daemon';
    const inherited = how === 'inherited';
    new Master({ options, cycle, sockets, zones, programArguments, daemonized, inherited }).run();
  } catch (e) {
    reportFault(e, error_log);
    zones.remove();
    const message = messageOf(e);
    sendUp({ type: 'failed', message }, () => process.exit(1));
  }
}

/** The sockets of the master that has executed us on SIGUSR2; null: there is none. */
function takeInheritance(log: Log): MasterSocket[] | null {
  const { NGINX: variable } = process.env;
  if (variable === undefined) return null;
  delete process.env.NGINX;
  return inheritSockets(variable, log);
}

async function openFirstCycle(
  cycle: Cycle,
  inherited: readonly MasterSocket[],
  first: Log,
): Promise<MasterSocket[] | null> {
  const log = cycle.core.error_log;
  log.console = true;
  const sockets = await openCycle(cycle, inherited, first);
  if (sockets === null) {
    dropLogFiles();
    return null;
  }
  try {
    testPidFile(cycle.core.pid);
  } catch (e) {
    reportFault(e, log);
    for (const socket of sockets) closeSocket(socket);
    dropLogFiles();
    return null;
  }
  const used = new Set(sockets.map(({ handle }) => handle));
  for (const socket of inherited) if (!used.has(socket.handle)) closeSocket(socket);
  return sockets;
}

function logStart({ versions }: Program, { core }: Cycle): void {
  const log = core.error_log;
  log.write('notice', `using the "${core.events.use}" event method`);
  for (const version of versions) log.write('notice', version);
  log.write('notice', `OS: ${type()} ${release()}`);
  const limit = openFilesLimit();
  log.write('notice', `getrlimit(RLIMIT_NOFILE): ${limit}:${limit}`);
}

/** nginx returns at once; this waits until the first worker listens, since then all is known to be well. */
async function daemonize(cycle: Cycle, sockets: MasterSocket[], program: Program): Promise<number> {
  const { options, programArguments } = program;
  const value: MasterValue = {
    source: { ...cycle.source, texts: new Map() },
    options,
    programArguments,
    sockets: sockets.map(handedSocket),
  };
  const shared = new SharedValue(value);
  const child = spawnMaster(cycle.core, shared, sockets, programArguments);
  return await new Promise<number>((exit) => {
    child.on('message', (message: ToStarter) => {
      if (message.type === 'failed') writeStderr(`[emerg] ${message.message}`);
      exit(message.type === 'failed' ? 1 : 0);
    });
    child.on('error', (e) => {
      reportFault(e, cycle.core.error_log);
      exit(1);
    });
    child.on('exit', () => exit(1)); // its log says why
  });
}
