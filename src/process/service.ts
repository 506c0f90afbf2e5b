// A process that serves requests: a worker, or the single process of `master_process off`.

import type { Log } from '../core/log.ts';
import { flushLogFiles, reopenLogFiles } from '../core/log_file.ts';
import { traceOf } from '../core/thrown.ts';
import { NO_CONNECTIONS } from '../http/server.ts';
import type { Zones } from '../zone/zones.ts';
import { publish, sendUp, subscribe } from './channel.ts';
import type { Cycle } from './cycle.ts';
import { AGENT } from './handoff.ts';
import { type Server, serve } from './serve.ts';

export class Service {
  readonly cycle: Cycle;
  readonly log: Log;
  #server: Server | null = null;
  #exiting = false;
  #agentEnabled = false;
  #ended = false;
  readonly #id: number;
  readonly #careful: boolean;
  readonly #zones: Zones;

  /** `zones`: those of the cycle; `id`: the worker's number; `careful`: see WorkerProcess. */
  constructor(cycle: Cycle, zones: Zones, id = 0, careful = false) {
    this.cycle = cycle;
    this.#zones = zones;
    this.#id = id;
    this.#careful = careful;
    this.log = cycle.core.error_log;
  }

  /** `descriptors`: the listening sockets by ListenSpec.key. Resolves when all of them listen. */
  async start(descriptors: ReadonlyMap<string, number>): Promise<void> {
    const count = this.cycle.core.master_process ? this.cycle.core.worker_processes : 1;
    const agent = this.#id === AGENT;
    this.#server = await serve(this.cycle, descriptors, {
      id: this.#id,
      count,
      agent,
      others: () => count - (agent || this.#agentEnabled ? 0 : 1),
      enableAgent: (connections) => this.#enableAgent(connections),
      exiting: () => this.#exiting,
      masterPid: this.cycle.core.master_process ? process.ppid : process.pid,
      careful: this.#careful,
      leave: (stuck) => this.#leave(stuck === true),
      zones: this.#zones,
      connections: () => this.#server?.connections() ?? NO_CONNECTIONS,
      threadPools: this.cycle.core.thread_pool,
      publish,
      subscribe,
    });
  }

  get exiting(): boolean {
    return this.#exiting;
  }

  /** Stops accepting, finishes what has begun, then exits. */
  async quit(code = 0): Promise<void> {
    if (this.#exiting) return;
    if (this.#id === AGENT) {
      await this.terminate();
      return;
    }
    this.log.write('notice', 'gracefully shutting down');
    process.title = 'tsresty: worker process is shutting down';
    await this.#drain();
    await this.#exit(code);
  }

  /** As quit, for a process that goes on with another configuration. The sockets are closed when this returns. */
  async retire(): Promise<void> {
    await this.#drain();
    await this.#server?.close();
  }

  #leave(stuck: boolean): void {
    // Exiting, Node would wait for the thread that does not end.
    if (stuck) process.once('exit', () => process.kill(process.pid, 'SIGKILL'));
    if (this.#exiting) return;
    sendUp({ type: 'leaving', stuck });
    void this.quit();
  }

  /** Without a master there is nobody to start it, as in OpenResty. */
  #enableAgent(connections: number): void {
    if (!this.cycle.core.master_process) return;
    this.#agentEnabled = connections > 0;
    sendUp({ type: 'agent', connections });
  }

  async #drain(): Promise<void> {
    this.#exiting = true;
    const timeout = this.cycle.core.worker_shutdown_timeout;
    if (timeout > 0) setTimeout(() => this.#server?.stop(), timeout).unref();
    await this.#server?.quit();
  }

  /** Exits now: connections are closed as they are. */
  async terminate(): Promise<void> {
    this.#exiting = true;
    this.#server?.stop();
    await this.#exit(0);
  }

  reopen(owner: number | null): void {
    this.log.write('notice', 'reopening logs');
    reopenLogFiles(owner);
  }

  async #exit(code: number): Promise<void> {
    if (this.#ended) return; // a TERM has come while QUIT waited
    this.#ended = true;
    if (this.cycle.core.master_process) this.log.write('notice', 'exiting');
    try {
      await this.#server?.close();
    } catch (e) {
      this.log.write('alert', `${traceOf(e)} while exiting`);
    }
    this.log.write('notice', 'exit');
    flushLogFiles();
    process.exit(code);
  }
}
