// A worker: builds the cycle from what the master has read and checked, and serves until it is told to stop.

import { ConfError } from '../conf/error.ts';
import { keepLogFiles, openLogFiles, reportLogFaults } from '../core/log_file.ts';
import { messageOf, traceOf } from '../core/thrown.ts';
import { profileScripts } from '../script/ts.ts';
import { openZones, type ZoneSource } from '../zone/zones.ts';
import { deliver, sendUp, type ToWorker } from './channel.ts';
import { assembleCycle, type StartOptions } from './configuration.ts';
import type { Cycle } from './cycle.ts';
import { Fault } from './fault.ts';
import { AGENT, FIRST_SOCKET_FD, type Role, readSharedValue, VALUE_FD } from './handoff.ts';
import { assumeIdentity } from './privileges.ts';
import { Service } from './service.ts';
import { type Action, onSignals } from './signals.ts';

/** The same for all workers of a configuration. */
export interface WorkerValue {
  readonly source: Cycle['source'];
  readonly options: StartOptions;
  readonly zones: readonly ZoneSource[];
  /** There is no terminal. */
  readonly daemonized: boolean;
}

export async function runWorker(role: Role): Promise<void> {
  const agent = role.id === AGENT;
  process.title = `tsresty: ${agent ? 'privileged agent' : 'worker'} process`;
  const { source, options, zones, daemonized } = readSharedValue(VALUE_FD) as WorkerValue;
  const cycle = assembleCycle(source, options);
  openLogFiles();
  keepLogFiles();
  const service = new Service(cycle, openZones(zones), role.id, role.careful === true);
  const { log } = service;
  reportLogFaults((level, message) => log.write(level, message));
  catchFaults(service);
  assumeIdentity(cycle.core, agent ? null : role.id, log);

  let started = false;
  let wanted: 'quit' | 'terminate' | null = null;
  const quit = (): void => {
    if (started) void service.quit();
    else wanted ??= 'quit';
  };
  const terminate = (): void => {
    if (started) void service.terminate();
    else wanted = 'terminate';
  };
  onSignals(
    () => log,
    (action, usual) => loggedAction(action, usual, daemonized),
    (action) => {
      if (action === 'reopen') service.reopen(null);
      else if (action === 'terminate') terminate();
      else quit();
    },
  );
  process.on('message', (message: ToWorker) => {
    if (message.type === 'quit') quit();
    else if (message.type === 'terminate') terminate();
    else if (message.type === 'reopen') service.reopen(null);
    else if (message.type === 'profile') void profile(cycle, message.id, message.milliseconds);
    else deliver(message.topic, message.value, message.from);
  });
  process.on('disconnect', quit); // the master has gone

  const descriptors = new Map(role.sockets.map((key, i) => [key, FIRST_SOCKET_FD + i]));
  try {
    await service.start(descriptors);
  } catch (e) {
    const expected = e instanceof Fault || e instanceof ConfError;
    const message = expected ? messageOf(e) : traceOf(e);
    log.write(expected ? 'emerg' : 'alert', message);
    sendUp({ type: 'failed', message }, () => process.exit(1));
    return;
  }
  started = true;
  sendUp({ type: 'ready' });
  if (!process.connected) quit();
  if (wanted === 'quit') quit();
  if (wanted === 'terminate') terminate();
}

async function profile({ http }: Cycle, id: number, milliseconds: number): Promise<void> {
  const isolates = http === null ? [] : await profileScripts(http, milliseconds);
  sendUp({ type: 'profiled', id, isolates });
}

/** Workers ignore what only a master can do. In the foreground, WINCH says that the terminal's size has changed. */
function loggedAction(action: Action, usual: string, daemonized: boolean): string | null {
  if (action === 'stop accepting') return daemonized ? ', shutting down' : '';
  return action === 'reconfigure' || action === 'change binary' ? null : usual;
}

/** A fault of ours: the state may be damaged, so another worker takes over while this one ends what it has begun. */
function catchFaults(service: Service): void {
  process.on('uncaughtException', (e: unknown) => {
    const text = traceOf(e);
    service.log.write('alert', `uncaught exception: ${text}`);
    if (service.exiting) return;
    sendUp({ type: 'leaving' });
    void service.quit(1);
  });
}
