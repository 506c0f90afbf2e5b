// ngx.worker, ngx.config: facts about the process.

import { type Boot, CALL_WORKER } from '../protocol.ts';
import { call } from './bridge.ts';
import { freeze, parseJson } from './builtins.ts';

export function workerApi(boot: Boot): object {
  return {
    pid: () => boot.pid,
    pids: () => parseJson(call(CALL_WORKER, 0, 'pids') as string) as number[],
    id: () => boot.workerId,
    count: () => boot.workerCount,
    exiting: () => call(CALL_WORKER, 0, 'exiting') === true,
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
