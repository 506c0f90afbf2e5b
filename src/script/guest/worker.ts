// ngx.worker, ngx.process, ngx.config: facts about the process.

import { type Boot, CALL_WORKER, INIT, INIT_WORKER, SLOT } from '../protocol.ts';
import { call, mem } from './bridge.ts';
import { freeze, parseJson } from './builtins.ts';
import { NgxError } from './errors.ts';
import { nobody } from './nobody.ts';

export function workerApi(boot: Boot): object {
  return {
    pid: () => boot.pid,
    pids() {
      if ((nobody.phase & (INIT | INIT_WORKER)) !== 0 && mem[SLOT] === 0) {
        throw new NgxError('API disabled in the current context');
      }
      return parseJson(call(CALL_WORKER, 0, 'pids') as string) as number[];
    },
    id: () => boot.workerId,
    count: () => boot.workerCount,
    exiting: () => call(CALL_WORKER, 0, 'exiting') === true,
  };
}

export function processApi(boot: Boot): object {
  return {
    type: () => (boot.single ? 'single' : 'worker'),
    get_master_pid: () => boot.masterPid,
    signal_graceful_exit() {
      call(CALL_WORKER, 0, 'leave');
    },
    enable_privileged_agent(): never {
      throw new NgxError('not supported: no process runs scripts with the rights of the master');
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
    nginx_configure: () => '',
    ngx_lua_version: 10032,
  });
}
