// The master process: keeps the sockets, the configuration in force and the workers, and obeys signals.
//
//   running ──HUP──▶ running, with workers of the next generation; the old ones quit once these listen
//   running ──WINCH─▶ running without workers (an old binary beside the new one); HUP starts them again
//   running ──QUIT─▶ quitting ──(no worker left)──▶ exit
//   running, quitting ──TERM, INT─▶ terminating ──(no worker left; they are killed after 1.5 s)──▶ exit

import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { type Log, writeStderr } from '../core/log.ts';
import {
  beginLogFiles,
  dropLogFiles,
  flushLogFiles,
  keepLogFiles,
  reopenLogFiles,
  reportLogFaults,
} from '../core/log_file.ts';
import { STUCK_SIGNAL } from '../core/stuck_signal.ts';
import type { IsolateProfile } from '../script/host/profile.ts';
import type { MasterZones, ZoneSource } from '../zone/zones.ts';
import { sendDown, sendUp, type ToMaster } from './channel.ts';
import { loadCycle, openCycle, prepareZones, reportFault, type StartOptions } from './configuration.ts';
import { type ControlAnswer, ControlSocket, type ProfileRequest } from './control.ts';
import type { Cycle } from './cycle.ts';
import { AGENT, SharedValue } from './handoff.ts';
import { createPidFile, oldPidFile, removePidFile, renamePidFile } from './pid_file.ts';
import { FATAL } from './privileges.ts';
import { type Action, onSignals } from './signals.ts';
import { closeAndRemoveSocket, closeSocket, type MasterSocket } from './sockets.ts';
import { spawnNewBinary, spawnWorker } from './spawn.ts';
import type { WorkerValue } from './worker.ts';

/** A worker that lived shorter than this died at its start, as far as the pause before the next is concerned. */
const SHORT_LIFE_MS = 1000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
/** TERM is sent again after this, then after twice as long and so on; past the limit it becomes KILL. */
const TERMINATION_MS = 50;
const TERMINATION_LIMIT_MS = 1000;
const MAINTENANCE_MS = 60_000;
/** A worker that does not listen by then is not waited for. */
const START_LIMIT_MS = 60_000;

interface Profiling {
  readonly worker: Worker;
  readonly done: (isolates: readonly IsolateProfile[]) => void;
}

interface Worker {
  readonly id: number;
  readonly generation: number;
  readonly child: ChildProcess;
  readonly startedAt: number;
  ready: boolean;
  /** Told to quit, or has said that it does: it is not replaced when it exits. */
  leaving: boolean;
}

/** How the workers of one generation come up. */
interface Generation {
  readonly number: number;
  readonly value: SharedValue;
  /** Starts in a row that failed, by worker id. */
  readonly failures: Map<number, number>;
  /** Worker ids of which one was lost to a script: see WorkerProcess. */
  readonly careful: Set<number>;
  /** Worker ids that have neither listened nor failed yet. */
  readonly awaited: Set<number>;
  anyReady: boolean;
  /** A script of init has asked for the privileged agent. */
  hasAgent: boolean;
}

interface MasterParts {
  readonly options: StartOptions;
  readonly cycle: Cycle;
  readonly sockets: MasterSocket[];
  readonly zones: MasterZones;
  /** The program's own arguments, for its title and for SIGUSR2. */
  readonly programArguments: readonly string[];
  /** In the background: WINCH has a meaning, and the terminal is gone. */
  readonly daemonized: boolean;
  /** Has its sockets from another master, by SIGUSR2. */
  readonly inherited: boolean;
}

export class Master {
  readonly #options: StartOptions;
  readonly #programArguments: readonly string[];
  readonly #daemonized: boolean;
  readonly #inherited: boolean;
  readonly #parent = process.ppid;
  #cycle: Cycle;
  #log: Log;
  #sockets: MasterSocket[];
  readonly #zones: MasterZones;
  /** Of the configuration in force. */
  #zoneSources: readonly ZoneSource[];
  /** Of earlier configurations, to be closed when their workers have been told to quit. */
  readonly #unusedSockets: MasterSocket[] = [];
  #generation: Generation;
  readonly #workers = new Set<Worker>();
  #mode: 'running' | 'quitting' | 'terminating' = 'running';
  #hasPidFile = false;
  #reloading = false;
  #reloadAgain = false;
  #newBinary: ChildProcess | null = null;
  #withoutWorkers = false;
  #progress: (() => void)[] = [];
  readonly #control: ControlSocket;
  /** Who waits for a worker's profile, by number. */
  readonly #profiles = new Map<number, Profiling>();
  #lastProfile = 0;

  constructor(parts: MasterParts) {
    this.#options = parts.options;
    this.#programArguments = parts.programArguments;
    this.#daemonized = parts.daemonized || parts.inherited;
    this.#inherited = parts.inherited;
    this.#cycle = parts.cycle;
    this.#log = parts.cycle.core.error_log;
    this.#sockets = parts.sockets;
    this.#zones = parts.zones;
    this.#zoneSources = parts.zones.prepare(parts.cycle.zones);
    this.#generation = this.#newGeneration(1);
    this.#control = new ControlSocket(
      (request) => this.#profile(request),
      (message) => this.#log.write('notice', message),
    );
  }

  run(): void {
    process.title = `tsresty: master process ${['tsresty', ...this.#programArguments].join(' ')}`;
    reportLogFaults((level, message) => this.#log.write(level, message));
    onSignals(
      () => this.#log,
      (action, usual) => this.#signalText(action, usual),
      (action) => this.#act(action),
      (action) => this.#ignored(action),
    );
    process.on('uncaughtException', (e) => reportFault(e, this.#log)); // workers go on; so must their master
    setInterval(() => this.#maintain(), MAINTENANCE_MS); // also keeps a master without workers alive
    this.#startWorkers();
  }

  #maintain(): void {
    this.#zones.maintain();
  }

  // Signals

  #signalText(action: Action, usual: string): string | null {
    if (action === 'stop accepting' && !this.#daemonized) return ''; // the terminal's size has changed
    if (action !== 'change binary') return usual;
    const alone = this.#newBinary === null && !(this.#inherited && process.ppid === this.#parent);
    return alone ? usual : null;
  }

  #ignored(action: Action): void {
    if (action !== 'change binary') return;
    const advice = "you should shutdown or terminate before either old or new binary's process";
    this.#log.write('crit', `the changing binary signal is ignored: ${advice}`);
  }

  #act(action: Action): void {
    if (action === 'terminate') this.#terminate();
    else if (action === 'quit') this.#quit();
    else if (this.#mode !== 'running') return;
    else if (action === 'reconfigure') void this.#reconfigure();
    else if (action === 'reopen') this.#reopen();
    else if (action === 'change binary') this.#changeBinary();
    else this.#stopAccepting();
  }

  #terminate(): void {
    if (this.#mode === 'terminating') return;
    this.#mode = 'terminating';
    this.#signalWorkers(TERMINATION_MS);
    this.#exitWhenAlone();
  }

  #signalWorkers(delayMs: number): void {
    for (const { child } of this.#workers) {
      if (delayMs > TERMINATION_LIMIT_MS) child.kill('SIGKILL');
      else if (delayMs === TERMINATION_MS) sendDown(child, { type: 'terminate' });
      else child.kill('SIGTERM'); // it may not have got as far as reading its channel
    }
    setTimeout(() => this.#signalWorkers(delayMs * 2), delayMs).unref();
  }

  #quit(): void {
    if (this.#mode !== 'running') return;
    this.#mode = 'quitting';
    for (const worker of this.#workers) this.#dismiss(worker);
    this.#closeSockets();
    this.#exitWhenAlone();
  }

  #reopen(): void {
    this.#log.write('notice', 'reopening logs');
    reopenLogFiles(this.#cycle.core.user?.uid ?? null);
    for (const { child } of this.#workers) sendDown(child, { type: 'reopen' });
  }

  #stopAccepting(): void {
    this.#withoutWorkers = true;
    for (const worker of this.#workers) this.#dismiss(worker);
  }

  #changeBinary(): void {
    const { pid } = this.#cycle.core;
    const name = process.argv[1] ?? '';
    this.#log.write('notice', 'changing binary');
    const old = oldPidFile(pid);
    if (!renamePidFile(pid, old, this.#log, `before executing new binary process "${name}"`)) return;
    const child = spawnNewBinary(this.#cycle.core, this.#sockets, this.#programArguments);
    this.#newBinary = child;
    this.#log.write('notice', `start new binary process ${child.pid ?? -1}`);
    child.on('error', (e) =>
      this.#log.write('alert', `execve() failed while executing new binary process: ${e.message}`),
    );
    child.on('close', (code, signal) => {
      this.#logExit('new binary process', child.pid ?? -1, code, signal);
      this.#newBinary = null;
      renamePidFile(old, pid, this.#log, `after the new binary process "${name}" exited`);
      if (this.#withoutWorkers && this.#mode === 'running') this.#startAgain();
    });
  }

  /** After WINCH. */
  #startAgain(): void {
    this.#withoutWorkers = false;
    this.#generation.value.close();
    this.#generation = this.#newGeneration(this.#generation.number + 1);
    this.#startWorkers();
  }

  // Reload

  async #reconfigure(): Promise<void> {
    if (this.#reloading) {
      this.#reloadAgain = true; // what is on disk now may be newer than what is being read
      this.#madeProgress();
      return;
    }
    this.#reloading = true;
    do {
      this.#reloadAgain = false;
      if (this.#newBinary !== null && this.#withoutWorkers) this.#startAgain();
      else await this.#reload();
    } while (this.#reloadAgain && this.#mode === 'running');
    this.#reloading = false;
  }

  async #reload(): Promise<void> {
    this.#log.write('notice', 'reconfiguring');
    beginLogFiles();
    const cycle = await loadCycle(this.#options, this.#log);
    const zones = cycle === null ? null : prepareZones(this.#zones, cycle, this.#log);
    const sockets =
      zones === null || cycle === null ? null : await openCycle(cycle, this.#sockets, this.#log);
    if (cycle === null || zones === null || sockets === null || !this.#movePidFile(cycle.core.pid)) {
      this.#zones.keep(this.#zoneSources);
      dropLogFiles();
      return;
    }
    this.#replaceSockets(sockets);
    if (this.#mode !== 'running') return;
    keepLogFiles();
    if (this.#log !== cycle.core.error_log) this.#log.close();
    this.#cycle = cycle;
    this.#zoneSources = zones;
    this.#log = cycle.core.error_log;
    this.#withoutWorkers = false;
    const old = [...this.#workers];
    const oldValue = this.#generation.value;
    this.#generation = this.#newGeneration(this.#generation.number + 1);
    this.#startWorkers();
    oldValue.close();
    await this.#generationUp();
    if (!this.#generation.anyReady) return; // what was in force serves on, until a better configuration comes
    for (const worker of old) this.#dismiss(worker);
    this.#zones.keep(zones);
    for (const socket of this.#unusedSockets.splice(0)) this.#dropSocket(socket);
  }

  /** false: it cannot be created, so the configuration is not taken. */
  #movePidFile(path: string): boolean {
    const old = this.#cycle.core.pid;
    if (path === old) return true;
    try {
      createPidFile(path, process.pid);
    } catch (e) {
      reportFault(e, this.#log);
      return false;
    }
    removePidFile(this.#pidFile(old), this.#log);
    this.#control.open(path);
    return true;
  }

  #replaceSockets(sockets: MasterSocket[]): void {
    const kept = new Set(sockets.map(({ handle }) => handle));
    this.#unusedSockets.push(...this.#sockets.filter(({ handle }) => !kept.has(handle)));
    this.#sockets = sockets;
  }

  #dropSocket(socket: MasterSocket): void {
    if (socket.path === null) {
      closeSocket(socket);
      return;
    }
    this.#log.write('warn', `deleting socket ${socket.path}`);
    closeAndRemoveSocket(socket, this.#log);
  }

  /** Until each worker of the generation has listened or failed once, and at least one listens. */
  async #generationUp(): Promise<void> {
    const generation = this.#generation;
    while (this.#mode === 'running' && (generation.awaited.size > 0 || !generation.anyReady)) {
      if (generation.awaited.size === 0 && this.#reloadAgain) return; // the next configuration may be a better one
      await new Promise<void>((resolve) => this.#progress.push(resolve));
    }
  }

  #madeProgress(): void {
    for (const resolve of this.#progress.splice(0)) resolve();
  }

  // Workers

  #newGeneration(number: number): Generation {
    const source = { ...this.#cycle.source, texts: new Map() };
    const value: WorkerValue = {
      source,
      options: this.#options,
      zones: this.#zoneSources,
      daemonized: this.#daemonized,
    };
    const ids = Array.from({ length: this.#cycle.core.worker_processes }, (_, id) => id);
    return {
      number,
      value: new SharedValue(value),
      failures: new Map(ids.map((id) => [id, 0])),
      careful: new Set(),
      awaited: new Set(ids),
      anyReady: false,
      hasAgent: false,
    };
  }

  #startWorkers(): void {
    this.#log.write('notice', 'start worker processes');
    for (const id of this.#generation.failures.keys()) this.#startWorker(id, this.#generation);
  }

  #startWorker(id: number, generation: Generation): void {
    if (this.#mode !== 'running' || generation !== this.#generation || this.#withoutWorkers) return;
    const child = spawnWorker(
      this.#cycle.core,
      id,
      generation.value,
      this.#sockets,
      generation.careful.has(id),
    );
    const worker: Worker = {
      id,
      generation: generation.number,
      child,
      startedAt: performance.now(),
      ready: false,
      leaving: false,
    };
    this.#workers.add(worker);
    setTimeout(() => this.#settled(worker), START_LIMIT_MS).unref();
    if (child.pid !== undefined) this.#log.write('notice', `start ${nameOf(worker)} ${child.pid}`);
    child.on('message', (message: ToMaster) => this.#hear(worker, message));
    child.on('error', (e) => {
      this.#log.write('alert', `fork() failed while spawning "${nameOf(worker)}": ${e.message}`);
      if (child.pid === undefined) this.#gone(worker, null, null);
    });
    child.on('exit', (code, signal) => this.#gone(worker, code, signal));
  }

  #hear(worker: Worker, message: ToMaster): void {
    if (message.type === 'ready') {
      worker.ready = true;
      this.#listens(worker);
    } else if (message.type === 'leaving') {
      if (message.stuck === true) this.#beCareful(worker);
      if (!worker.leaving) this.#replace(worker);
      worker.leaving = true;
    } else if (message.type === 'failed') {
      if (!this.#hasPidFile && worker.id !== AGENT) this.#failedToStart(message.message);
    } else if (message.type === 'agent') {
      this.#startAgent(worker, message.connections);
    } else if (message.type === 'profiled') {
      this.#profiles.get(message.id)?.done(message.isolates);
    } else if (message.type === 'publish') {
      const { topic, value } = message;
      const from = worker.child.pid ?? -1;
      for (const other of this.#workers) {
        if (other !== worker) sendDown(other.child, { type: 'published', topic, from, value });
      }
    }
  }

  /** Asked for by each worker of a generation, and by the agent itself. */
  #startAgent({ generation: number }: Worker, connections: number): void {
    const generation = this.#generation;
    if (number !== generation.number || generation.hasAgent) return;
    generation.hasAgent = true;
    if (connections > 0) this.#startWorker(AGENT, generation);
    else {
      const why = `${connections} worker_connection is not enough`;
      this.#log.write('alert', `${why}, privileged agent process cannot be spawned`);
    }
  }

  /** What workers' scripts do, from now on, for `tsresty profile`. */
  async #profile({ worker: id, milliseconds }: ProfileRequest): Promise<ControlAnswer> {
    const asked = [...this.#workers].filter(
      (one) => one.ready && !one.leaving && one.id !== AGENT && (id === null || one.id === id),
    );
    if (asked.length === 0) return { fault: id === null ? 'no worker runs' : `there is no worker ${id}` };
    const workers = asked.map(async (worker) => {
      const number = ++this.#lastProfile;
      const isolates = await new Promise<readonly IsolateProfile[]>((done) => {
        this.#profiles.set(number, { worker, done });
        sendDown(worker.child, { type: 'profile', id: number, milliseconds });
      });
      this.#profiles.delete(number);
      return { worker: worker.id, pid: worker.child.pid ?? -1, isolates };
    });
    return { workers: await Promise.all(workers) };
  }

  #listens(worker: Worker): void {
    if (worker.generation !== this.#generation.number || worker.id === AGENT) return;
    this.#generation.anyReady = true;
    this.#isUp();
    this.#settled(worker);
  }

  /** It listens, has died, or hangs: nobody waits for it any longer. */
  #settled(worker: Worker): void {
    if (worker.generation === this.#generation.number) this.#generation.awaited.delete(worker.id);
    this.#madeProgress();
  }

  /** The very first worker cannot listen, or a script of the configuration cannot be run: nginx would not start. */
  #failedToStart(message: string): void {
    if (this.#mode !== 'running') return;
    if (this.#log.console) writeStderr(`[emerg] ${message}`);
    sendUp({ type: 'failed', message });
    process.exitCode = 1;
    this.#terminate();
  }

  /** The first worker listens, or has died: from now on there is something to connect to, or to signal. */
  #isUp(): void {
    if (this.#hasPidFile || this.#mode !== 'running') return;
    this.#hasPidFile = true;
    this.#log.console = false;
    try {
      this.#control.open(this.#cycle.core.pid);
      createPidFile(this.#cycle.core.pid, process.pid);
    } catch (e) {
      reportFault(e, this.#log);
    }
    sendUp({ type: 'running' }, () => {
      process.disconnect?.();
    });
  }

  #gone(worker: Worker, code: number | null, signal: NodeJS.Signals | null): void {
    if (!this.#workers.delete(worker)) return;
    for (const profiling of this.#profiles.values()) if (profiling.worker === worker) profiling.done([]);
    const pid = worker.child.pid ?? -1;
    this.#logExit(nameOf(worker), pid, code, signal);
    this.#zones.maintain();
    this.#settled(worker);
    if (signal === STUCK_SIGNAL) this.#beCareful(worker);
    if (this.#mode !== 'running') {
      this.#exitWhenAlone();
      return;
    }
    if (!worker.leaving && code === FATAL) {
      this.#log.write(
        'alert',
        `${nameOf(worker)} ${pid} exited with fatal code ${FATAL} and cannot be respawned`,
      );
    } else if (!worker.leaving) {
      this.#replace(worker);
    }
    if (worker.id !== AGENT) this.#isUp();
  }

  /** A script has taken the worker with it: its followers mind their scripts more. */
  #beCareful(worker: Worker): void {
    if (worker.generation === this.#generation.number) this.#generation.careful.add(worker.id);
  }

  /** At once, unless it has just been started for the same reason. */
  #replace(worker: Worker): void {
    const generation = this.#generation;
    if (worker.generation !== generation.number) return;
    const shortLived = !worker.ready || performance.now() - worker.startedAt < SHORT_LIFE_MS;
    const failures = shortLived ? (generation.failures.get(worker.id) ?? 0) + 1 : 0;
    generation.failures.set(worker.id, failures);
    const pause = pauseAfter(failures);
    if (pause === 0) this.#startWorker(worker.id, generation);
    else setTimeout(() => this.#startWorker(worker.id, generation), pause).unref();
  }

  #dismiss(worker: Worker): void {
    if (worker.leaving) return;
    worker.leaving = true;
    sendDown(worker.child, { type: 'quit' });
  }

  #logExit(what: string, pid: number, code: number | null, signal: NodeJS.Signals | null): void {
    this.#log.write('notice', `signal ${constants.signals.SIGCHLD} (SIGCHLD) received from ${pid}`);
    if (signal === null) {
      this.#log.write('notice', `${what} ${pid} exited with code ${code ?? -1}`);
      return;
    }
    // One that we ended before it had got as far as handling the signal is nothing to be alarmed about.
    const expected = this.#mode === 'terminating' && signal === 'SIGTERM';
    const text = `${what} ${pid} exited on signal ${constants.signals[signal]}`;
    this.#log.write(expected ? 'notice' : 'alert', text);
  }

  // Exit

  #exitWhenAlone(): void {
    if (this.#mode === 'running' || this.#workers.size > 0) return;
    this.#closeSockets();
    this.#control.close();
    if (this.#hasPidFile) removePidFile(this.#pidFile(this.#cycle.core.pid), this.#log);
    this.#log.write('notice', 'exit');
    this.#zones.remove();
    flushLogFiles();
    process.exit();
  }

  #pidFile(path: string): string {
    return this.#newBinary === null ? path : oldPidFile(path);
  }

  /** The files of Unix sockets stay where another master goes on with them. */
  #closeSockets(): void {
    const shared = this.#newBinary !== null || (this.#inherited && process.ppid === this.#parent);
    for (const socket of this.#sockets.splice(0)) {
      if (socket.path === null) closeSocket(socket);
      else if (!shared) closeAndRemoveSocket(socket, this.#log);
    }
  }
}

function nameOf({ id }: Worker): string {
  return id === AGENT ? 'privileged agent process' : 'worker process';
}

/** Milliseconds before the next start, after so many that failed in a row. */
export function pauseAfter(failures: number): number {
  return failures < 2 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 2));
}
