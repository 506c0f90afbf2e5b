// A cycle: one configuration as a process runs it. The list of all modules is put together here.

import { type CoreConf, checkConnections, core, coreConf, events } from '../conf/core.ts';
import {
  buildCycle as buildTree,
  type ConfSource,
  type LoadOptions,
  type ReadCycle,
  readConfiguration as readTree,
} from '../conf/cycle.ts';
import type { ConfModule } from '../conf/directive.ts';
import { withWarnings } from '../conf/error.ts';
import type { Reader } from '../conf/reader.ts';
import { MODULES } from '../http/http.ts';
import { type ListenSocket, listenSockets } from '../http/listen.ts';
import { CORE_SLOT } from '../http/location.ts';
import type { HttpMain } from '../http/main.ts';
import type { AnyHttpModule } from '../http/module.ts';
import { httpModules as nginxModules } from '../http/modules/index.ts';
import { declaredZones } from '../http/zones.ts';
import { ts } from '../script/ts.ts';
import type { ZoneSpec } from '../zone/zones.ts';

// Scripts come last in each phase, and see responses first.
/** Where lua-nginx-module has its filters: behind not_modified's and the body's of range, before all others. */
const place = nginxModules.findIndex(({ name }) => name === 'headers') + 1;
const httpModules: readonly AnyHttpModule[] = nginxModules.toSpliced(place, 0, ts);
const modules: readonly ConfModule[] = [core, events, ...httpModules];

export interface Cycle {
  readonly source: ConfSource;
  readonly core: CoreConf;
  /** null: the configuration has no http block. */
  readonly http: HttpMain | null;
  readonly sockets: readonly ListenSocket[];
  readonly zones: readonly ZoneSpec[];
  readonly warnings: readonly string[];
  readonly alerts: readonly string[];
}

/** In the master: reads and checks everything, and prepares what takes long. Throws ConfError. */
export async function readConfiguration(options: LoadOptions): Promise<Cycle> {
  const cycle = assemble(await readTree(options, modules, start));
  const { http, source } = cycle;
  if (http === null) return cycle;
  for (const module of http.modules) {
    const result = await module.prepare?.(http.cf, http);
    if (result !== undefined) source.prepared.set(module.name, result);
  }
  return cycle;
}

/** In every process: the cycle of what the master read. */
export function buildCycle(source: ConfSource): Cycle {
  return assemble(buildTree(source, modules, start));
}

function assemble({ main, reader, source, warnings }: ReadCycle): Cycle {
  return withWarnings(warnings, () => {
    const conf = coreConf(reader, main);
    const http = (main.own[CORE_SLOT]?.http ?? null) as HttpMain | null;
    const sockets = http === null ? [] : listenSockets(http);
    checkConnections(conf, sockets.length);
    return {
      source,
      core: conf,
      http,
      sockets,
      zones: declaredZones(reader),
      warnings,
      alerts: reader.alerts,
    };
  });
}

function start(cf: Reader): void {
  cf.state(MODULES, () => httpModules);
}
