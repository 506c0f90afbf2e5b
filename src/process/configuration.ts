// Putting a configuration into force, in nginx's order: read and check it, open its logs, its zones and its sockets.
// Until all of that has worked nothing of the one before is given up.

import { readFileSync } from 'node:fs';
import { MainFault } from '../conf/core.ts';
import type { LoadOptions } from '../conf/cycle.ts';
import { ConfError } from '../conf/error.ts';
import { diskPath } from '../core/disk_path.ts';
import { Log, writeStderr } from '../core/log.ts';
import {
  beginLogFiles,
  dropLogFiles,
  keepLogFiles,
  LogFileError,
  openLogFiles,
  stderrFile,
} from '../core/log_file.ts';
import { messageOf, traceOf } from '../core/thrown.ts';
import type { MasterZones, ZoneSource } from '../zone/zones.ts';
import { buildCycle, type Cycle, readConfiguration } from './cycle.ts';
import { Fault } from './fault.ts';
import { createPidFile } from './pid_file.ts';
import { connectionsWarning } from './privileges.ts';
import { type MasterSocket, openSockets, tryOpenSockets } from './sockets.ts';
import { createTempPaths } from './temp_paths.ts';

export interface StartOptions extends LoadOptions {
  /** The log until error_log is known, and where there is none: an absolute path, or empty for standard error. */
  readonly errorLog: string;
}

/** nginx's built-in log: where faults go before any configuration is in force. */
export function openFirstLog(options: StartOptions, level: 'notice' | 'info'): Log {
  beginLogFiles();
  const log = new Log();
  log.add(
    options.errorLog === '' ? { kind: 'stderr', level } : { kind: 'file', path: options.errorLog, level },
  );
  log.console = true;
  try {
    openLogFiles();
    keepLogFiles();
    return log;
  } catch (e) {
    dropLogFiles();
    writeStderr(`[alert] could not open error log file: ${messageOf(e)}`);
    const fallback = new Log();
    fallback.add({ kind: 'stderr', level });
    return fallback;
  }
}

/**
 * Reads and checks a configuration; null: it is at fault, which `log` now says. `parsed` is called when there is
 * nothing wrong with the syntax, whatever else may be; `read` ahead of the first line that is logged.
 */
export async function loadCycle(
  options: StartOptions,
  log: Log,
  parsed: () => void = () => {},
  read: (cycle: Cycle) => void = () => {},
): Promise<Cycle | null> {
  try {
    beginLogFiles();
    const cycle = withLog(await readConfiguration(options), options);
    read(cycle);
    for (const alert of cycle.alerts) log.write('alert', alert);
    for (const warning of cycle.warnings) log.write('warn', warning);
    parsed();
    return cycle;
  } catch (e) {
    if (e instanceof ConfError) for (const warning of e.warnings) log.write('warn', warning);
    if (e instanceof MainFault) parsed();
    reportFault(e, log);
    return null;
  }
}

/** The cycle of a configuration that has been read; where no error_log names a file, with the log that nginx adds. */
export function assembleCycle(source: Cycle['source'], options: StartOptions): Cycle {
  beginLogFiles();
  return withLog(buildCycle(source), options);
}

function withLog(cycle: Cycle, options: StartOptions): Cycle {
  const { error_log } = cycle.core;
  if (!error_log.hasFile) {
    const { errorLog } = options;
    error_log.add(
      errorLog === '' ? { kind: 'stderr', level: 'error' } : { kind: 'file', path: errorLog, level: 'error' },
    );
  }
  return cycle;
}

/**
 * Opens what the cycle needs beside what `previous` has; null: something of it is not to be had, which `log` says.
 * The caller then keeps or drops the log files.
 */
export async function openCycle(
  cycle: Cycle,
  previous: readonly MasterSocket[],
  current: Log,
): Promise<MasterSocket[] | null> {
  const { core, sockets } = cycle;
  let log = current;
  try {
    createTempPaths(cycle);
    openLogFiles();
    log = core.error_log; // from here on, as in nginx, the new configuration's
    log.open();
    const specs = sockets.map(({ spec }) => spec);
    const opened = await openSockets(specs, core.worker_processes, previous, log);
    warnOfLimit(cycle);
    return opened;
  } catch (e) {
    reportFault(e, log);
    return null;
  }
}

/** The zones of a cycle; null: one of them is not to be had, which `log` says. */
export function prepareZones(zones: MasterZones, cycle: Cycle, log: Log): ZoneSource[] | null {
  try {
    const conflict = zones.conflict(cycle.zones);
    if (conflict !== null) throw new Fault(conflict);
    return zones.prepare(cycle.zones);
  } catch (e) {
    reportFault(e, log);
    return null;
  }
}

/** `-t`: as openCycle, but leaves nothing behind except, as nginx does, empty log and pid files. */
export function tryOpenCycle(cycle: Cycle, first: Log): boolean {
  const { core, sockets } = cycle;
  let log = first;
  try {
    createPidFile(core.pid, null);
    createTempPaths(cycle);
    openLogFiles();
    log = core.error_log;
    log.console = true;
    tryOpenSockets(
      sockets.map(({ spec }) => spec),
      log,
    );
    warnOfLimit(cycle);
    return true;
  } catch (e) {
    reportFault(e, log);
    return false;
  }
}

function warnOfLimit({ core }: Cycle): void {
  const warning = connectionsWarning(core);
  if (warning !== null) core.error_log.write('warn', warning);
}

/** What is wrong goes to the log in one line; on the terminal an excerpt of the file follows. */
export function reportFault(fault: unknown, log: Log): void {
  if (fault instanceof ConfError) {
    for (const one of fault.all) {
      log.write('emerg', one.line(), fault.program);
      const [, ...excerpt] = one.print(textOf(one)).split('\n');
      if (log.console && excerpt.length > 0) stderrFile.writeNow(`${excerpt.join('\n')}\n`);
    }
  } else if (fault instanceof Fault || fault instanceof LogFileError) {
    log.write('emerg', fault.message);
  } else {
    log.write('alert', traceOf(fault));
  }
}

function textOf({ place }: ConfError): string | undefined {
  if (place === null) return undefined;
  try {
    return readFileSync(diskPath(place.file), 'latin1');
  } catch {
    return undefined; // "command line", or a file that has gone meanwhile: there is no excerpt then
  }
}
