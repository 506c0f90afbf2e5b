// For tests: the http block of a few lines of configuration, whose error log is lines in memory.

import { parse } from '../../grammar/parse.ts';
import { buildCycle } from '../conf/cycle.ts';
import { MODULES } from './http.ts';
import { type ListenAddress, listenSockets } from './listen.ts';
import { CORE_SLOT } from './location.ts';
import type { HttpMain } from './main.ts';
import type { AnyHttpModule } from './module.ts';

export interface TestHttp {
  readonly main: HttpMain;
  /** Its first one. */
  readonly listen: ListenAddress;
  /** The error log. */
  readonly lines: string[];
}

/** `data`: files by their paths. */
export function testHttp(
  conf: string,
  modules: readonly AnyHttpModule[],
  prefix: string,
  data: Map<string, string> = new Map(),
): TestHttp {
  const confFile = '/t/nginx.conf';
  const source = {
    options: { prefix, confFile, globalDirectives: '' },
    files: new Map([[confFile, parse(`http { ${conf} }`, confFile)]]),
    texts: new Map(),
    globs: new Map(),
    hosts: new Map(),
    data,
    prepared: new Map(),
  };
  const cycle = buildCycle(source, modules, (cf) => cf.state(MODULES, () => modules));
  const main = cycle.main.own[CORE_SLOT]?.http as HttpMain;
  const lines: string[] = [];
  const log = {
    enabled: (level: string) => level !== 'debug',
    write: (level: string, message: string) => lines.push(`[${level}] ${message}`),
  };
  for (const server of main.servers) Object.assign(server.location.core.error_log, log);
  const listen = listenSockets(main)[0]?.any;
  if (listen === undefined) throw new Error('no server listens');
  return { main, listen, lines };
}
