// `master_process off`: one process that listens and serves itself, for debugging. As it shares its sockets with
// nobody, a reload has to close and bind them again.

import { deserialize, serialize } from 'node:v8';
import type { Log } from '../core/log.ts';
import { beginLogFiles, dropLogFiles, keepLogFiles, reportLogFaults } from '../core/log_file.ts';
import { messageOf } from '../core/thrown.ts';
import type { MasterZones, ZoneSource } from '../zone/zones.ts';
import { sendUp } from './channel.ts';
import {
  assembleCycle,
  loadCycle,
  openCycle,
  prepareZones,
  reportFault,
  type StartOptions,
} from './configuration.ts';
import type { Cycle } from './cycle.ts';
import { createPidFile, removePidFile } from './pid_file.ts';
import { assumeIdentity } from './privileges.ts';
import { Service } from './service.ts';
import { type Action, onSignals } from './signals.ts';
import { type MasterSocket, removeSocketFile } from './sockets.ts';

export class Single {
  readonly #options: StartOptions;
  #service: Service;
  #sockets: readonly MasterSocket[];
  #hasPidFile = false;
  readonly #zones: MasterZones;
  #zoneSources: readonly ZoneSource[];
  /** How many services finish what they have begun; they still use their zones. */
  #retiring = 0;
  #reloading = false;
  #reloadAgain = false;

  constructor(options: StartOptions, cycle: Cycle, sockets: readonly MasterSocket[], zones: MasterZones) {
    this.#options = options;
    this.#zones = zones;
    this.#zoneSources = zones.prepare(cycle.zones);
    this.#service = new Service(cycle, zones.zones(this.#zoneSources));
    this.#sockets = sockets;
  }

  async run(): Promise<void> {
    const { log } = this.#service;
    process.title = 'tsresty: single process';
    reportLogFaults((level, message) => this.#service.log.write(level, message));
    process.on('uncaughtException', (e) => reportFault(e, this.#service.log));
    process.on('exit', () => this.#leave());
    onSignals(
      () => this.#service.log,
      loggedAction,
      (action) => this.#act(action),
    );
    assumeIdentity(this.#service.cycle.core, null, log);
    try {
      await this.#service.start(descriptorsOf(this.#sockets));
      createPidFile(this.#service.cycle.core.pid, process.pid);
    } catch (e) {
      reportFault(e, log);
      sendUp({ type: 'failed', message: messageOf(e) }, () => process.exit(1));
      return;
    }
    this.#hasPidFile = true;
    log.console = false;
    sendUp({ type: 'running' }, () => process.disconnect?.());
  }

  #act(action: Action): void {
    if (action === 'reconfigure') void this.#reconfigure();
    else if (action === 'reopen') this.#service.reopen(null);
    // as nginx, which without a master does not wait for connections
    else void this.#service.terminate();
  }

  async #reconfigure(): Promise<void> {
    this.#reloadAgain = true; // what is on disk now may be newer than what is being read
    if (this.#reloading) return;
    this.#reloading = true;
    try {
      while (this.#reloadAgain) {
        this.#reloadAgain = false;
        await this.#reload();
      }
    } finally {
      this.#reloading = false;
      this.#dropZones();
    }
  }

  async #reload(): Promise<void> {
    const old = this.#service;
    old.log.write('notice', 'reconfiguring');
    beginLogFiles();
    const read = await loadCycle(this.#options, old.log);
    if (read === null) {
      dropLogFiles();
      return;
    }
    const cycle = asInWorker(read, this.#options);
    const zones = prepareZones(this.#zones, cycle, old.log);
    if (zones === null) {
      dropLogFiles();
      return;
    }
    const before = this.#zoneSources;
    this.#zoneSources = zones;
    void this.#retire(old);
    if (await this.#replace(cycle, old.log)) return;
    dropLogFiles();
    this.#zoneSources = before;
    await this.#replace(asInWorker(old.cycle, this.#options), old.log);
  }

  async #retire(service: Service): Promise<void> {
    this.#removeSocketFiles();
    this.#sockets = [];
    this.#retiring += 1;
    await service.retire();
    this.#retiring -= 1;
    this.#dropZones();
  }

  /** Those that nobody uses any more. */
  #dropZones(): void {
    if (this.#retiring === 0 && !this.#reloading) this.#zones.keep(this.#zoneSources);
  }

  /** False: the sockets are not to be had, which `log` says. */
  async #replace(cycle: Cycle, log: Log): Promise<boolean> {
    const sockets = await openCycle(cycle, [], log);
    if (sockets === null) return false;
    keepLogFiles();
    this.#service = new Service(cycle, this.#zones.zones(this.#zoneSources));
    this.#sockets = sockets;
    try {
      await this.#service.start(descriptorsOf(sockets));
    } catch (e) {
      reportFault(e, this.#service.log);
    }
    return true;
  }

  #removeSocketFiles(): void {
    for (const { path } of this.#sockets) if (path !== null) removeSocketFile(path, this.#service.log);
  }

  #leave(): void {
    const { cycle, log } = this.#service;
    this.#removeSocketFiles();
    if (this.#hasPidFile) removePidFile(cycle.core.pid, log);
    this.#zones.remove();
  }
}

/** The cycle as a worker would get it, so that what works without a master works with one. */
export function asInWorker({ source }: Cycle, options: StartOptions): Cycle {
  return assembleCycle(deserialize(serialize(source)), options);
}

/** From here on the descriptors belong to the servers that listen on them. */
function descriptorsOf(sockets: readonly MasterSocket[]): ReadonlyMap<string, number> {
  return new Map(sockets.map(({ key, handle }) => [key, handle.fd]));
}

function loggedAction(action: Action, usual: string): string | null {
  if (action === 'stop accepting') return ''; // the terminal's size has changed
  return action === 'change binary' ? null : usual;
}
