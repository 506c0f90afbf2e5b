// What a worker serves: the subsystems of its cycle, started together and ended together.

import type { WorkerProcess } from '../http/module.ts';
import { type BoundSocket, type ConnectionCounts, startHttp } from '../http/server.ts';
import type { Cycle } from './cycle.ts';
import { Fault } from './fault.ts';

export interface Server {
  connections(): ConnectionCounts;
  /** Accepts no more; resolves when all that has begun is done. */
  quit(): Promise<void>;
  /** Closes connections as they are. */
  stop(): void;
  /** The modules' last work, when no request is left. */
  close(): Promise<void>;
}

/** `descriptors`: the listening sockets by ListenSpec.key. Resolves when all of them listen. */
export async function serve(
  cycle: Cycle,
  descriptors: ReadonlyMap<string, number>,
  worker: WorkerProcess,
): Promise<Server> {
  const { http } = cycle;
  for (const module of http?.modules ?? []) if (http !== null) await module.initWorker?.(http, worker);
  const bound = (worker.agent ? [] : cycle.sockets).map((socket): BoundSocket => {
    const fd = descriptors.get(socket.spec.key);
    if (fd === undefined) throw new Fault(`no socket was inherited for ${socket.spec.key}`);
    return { socket, fd };
  });
  const { error_log: log, worker_connections } = cycle.core;
  const server = await startHttp(bound, { worker_connections, log });
  let quitting = false;
  let stop = (): void => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const quitModules = (): void => {
    if (quitting) return;
    quitting = true;
    for (const module of http?.modules ?? []) if (http !== null) module.quitWorker?.(http);
  };
  return {
    connections: () => server.connections(),
    async quit() {
      const gone = server.quit();
      quitModules();
      await gone;
      const done = http?.modules.map((module) => module.workerQuitted?.(http)) ?? [];
      await Promise.race([Promise.all(done), stopped]);
    },
    stop() {
      server.stop();
      quitModules();
      stop();
    },
    async close() {
      quitModules();
      for (const module of http?.modules ?? []) if (http !== null) await module.exitWorker?.(http);
    },
  };
}
