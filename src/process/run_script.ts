// A worker that serves nothing but the one script of `tsresty run`.

import { openLogFiles } from '../core/log_file.ts';
import { NO_CONNECTIONS } from '../http/server.ts';
import { runCommandScript } from '../script/ts.ts';
import { MasterZones } from '../zone/zones.ts';
import type { Cycle } from './cycle.ts';
import { serve } from './serve.ts';

/** False: the script failed. `ready`: from now on nothing is looked for in `directory`. */
export async function serveScript(cycle: Cycle, directory: string, ready: () => void): Promise<boolean> {
  const { http, core } = cycle;
  if (http === null) return false;
  openLogFiles();
  core.error_log.open();
  const zones = new MasterZones({ prefix: directory });
  process.on('exit', () => zones.unlink());
  const server = await serve(cycle, new Map(), {
    id: 0,
    count: 1,
    agent: false,
    others: () => 0,
    enableAgent() {},
    exiting: () => false,
    masterPid: process.pid,
    careful: false,
    leave() {},
    connections: () => NO_CONNECTIONS,
    zones: zones.zones(zones.prepare(cycle.zones)),
    threadPools: core.thread_pool,
    publish() {},
    subscribe() {},
  });
  zones.unlink();
  ready();
  const well = await runCommandScript(http);
  await server.close();
  return well;
}
