// ngx.worker, ngx.process, ngx.config: facts about the process.

import { type Boot, CALL_WORKER, INIT, INIT_WORKER, SLOT } from '../protocol.ts';
import { call, mem } from './bridge.ts';
import { freeze, parseJson } from './builtins.ts';
import { NgxError } from './errors.ts';
import { nobody } from './nobody.ts';

const DISABLED = 'API disabled in the current context';
const CONNECTIONS = 512;

/** Code that belongs to no request, in one of these phases. */
function startsIn(phases: number): boolean {
  return (nobody.phase & phases) !== 0 && mem[SLOT] === 0;
}

function isAgent({ workerId }: Boot): boolean {
  return workerId === -1;
}

export function workerApi(boot: Boot): object {
  return {
    pid: () => boot.pid,
    pids() {
      if (startsIn(INIT | INIT_WORKER)) throw new NgxError(DISABLED);
      return parseJson(call(CALL_WORKER, 0, 'pids') as string) as number[];
    },
    id: () => (isAgent(boot) ? undefined : boot.workerId),
    count: () => boot.workerCount,
    exiting: () => call(CALL_WORKER, 0, 'exiting') === true,
  };
}

export function processApi(boot: Boot): object {
  return {
    type: () => (isAgent(boot) ? 'privileged agent' : boot.single ? 'single' : 'worker'),
    get_master_pid: () => boot.masterPid,
    signal_graceful_exit() {
      call(CALL_WORKER, 0, 'leave');
    },
    enable_privileged_agent(connections: unknown = CONNECTIONS) {
      if (!startsIn(INIT)) throw new NgxError(DISABLED);
      if (typeof connections !== 'number' || !(connections >= 0)) {
        throw new NgxError("bad 'connections' argument: number expected and greater than 0");
      }
      return call(CALL_WORKER, 0, 'agent', connections) as true;
    },
  };
}

export function configApi(boot: Boot): object {
  return freeze({
    subsystem: 'http',
    debug: false,
    prefix: () => boot.prefix,
    conf_file: boot.confFile,
    nginx_version: 1031005,
    nginx_configure: () => boot.configure,
    ngx_lua_version: 10032,
  });
}
