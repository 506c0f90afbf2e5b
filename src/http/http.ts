// The http block: read as a whole, then merged from the outside in, then turned into what requests walk.

import type { Args } from '../conf/args.ts';
import { HTTP, mergeModule, type OwnConf, SERVER } from '../conf/directive.ts';
import { ConfError } from '../conf/error.ts';
import { mainLog } from '../conf/error_log.ts';
import { type Reader, Scope } from '../conf/reader.ts';
import { ChainBuilder } from './chain.ts';
import type { CoreConf } from './core.ts';
import { defaultRoot } from './core_values.ts';
import { addListens, type Listen } from './listen.ts';
import { CORE_SLOT, type Location, type Server } from './location.ts';
import { LocationTree } from './location_tree.ts';
import { HttpMain } from './main.ts';
import { type AnyHttpModule, variableSpec } from './module.ts';
import type { ServerName } from './server_names.ts';

/** The cycle's modules, in order: put there by the one who starts the reader. */
export const MODULES = { name: 'http modules' };

export function readHttp(args: Args, seen: HttpMain | null | undefined): HttpMain {
  if (seen) args.fail('is duplicate');
  const { cf } = args;
  const modules = cf.state<readonly AnyHttpModule[]>(MODULES, () => []);
  const main = new HttpMain(cf, modules);
  useVariables(cf, modules);
  const scope = new Scope(HTTP, args.scope, main);
  scope.own[CORE_SLOT] = {};
  args.readBlock(scope);
  const own = scope.own[CORE_SLOT];
  if (own !== undefined) {
    own.error_log ??= mainLog(cf);
    own.root ??= defaultRoot(cf);
  }
  for (const module of modules) module.postRead?.(cf, scope);
  mergeMain(main, scope);
  for (const server of main.servers) mergeServer(main, server);
  checkNames(main);
  cf.variables.finish();
  main.variableCount = cf.variables.count;
  const chains = new ChainBuilder(modules);
  for (const server of main.servers) buildServer(chains, server);
  for (const module of modules) module.postConf?.(cf, main);
  return main;
}

function useVariables(cf: Reader, modules: readonly AnyHttpModule[]): void {
  for (const module of modules) {
    for (const [name, variable] of Object.entries(module.variables ?? {})) {
      if ('family' in variable)
        cf.variables.addFamily(name, (suffix) => variableSpec(variable.family(suffix)));
      else cf.variables.addBuiltin(name, variableSpec(variable));
    }
  }
}

function mergeMain(main: HttpMain, scope: Scope): void {
  for (const module of main.modules) {
    main.conf[module.slot] = mergeModule(module, undefined, scope.own[module.slot], HTTP);
  }
}

function mergeServer(main: HttpMain, server: Server): void {
  const own = server.location.scope?.own[CORE_SLOT];
  mergeLocation(main, server.location, main.conf, SERVER);
  const { core } = server.location;
  if (core.large_client_header_buffers.size < core.connection_pool_size) {
    throw new ConfError(
      'the "large_client_header_buffers" size must be equal to or greater than "connection_pool_size"',
      server.location.place,
    );
  }
  server.name = shownName(core.server_name[0]);
  const listens = (own?.listen ?? []) as readonly Listen[];
  if (listens.length > 0) {
    addListens(main, server, listens);
    return;
  }
  const place = server.location.place ?? { file: main.cf.sources.confFile, line: 1, column: 1 };
  const port = process.getuid?.() === 0 ? 80 : 8000;
  const everywhere = { host: '0.0.0.0', port, path: null, key: `0.0.0.0:${port}`, wildcard: true, place };
  const options = { backlog: 511, reuseport: false, ipv6only: true, keepAlive: false, keepAliveIdleMs: 0 };
  const flags = { defaultServer: false, set: false, bind: false, proxyProtocol: false };
  addListens(main, server, [[{ ...everywhere, ...options, ...flags }]]);
}

/** $server_name: a pattern as it was written, ".example.com" without its dot. */
function shownName(first: ServerName | undefined): string {
  if (first === undefined) return '';
  return first.regex === null ? first.name.replace(/^\./, '') : `~${first.name}`;
}

function mergeLocation(main: HttpMain, location: Location, outer: readonly unknown[], level: number): void {
  const { scope } = location;
  for (const module of main.modules) {
    const outerConf = outer[module.slot] as OwnConf | undefined;
    location.conf[module.slot] = mergeModule(module, outerConf, scope?.own[module.slot], level);
  }
  location.core = location.conf[CORE_SLOT] as CoreConf;
  location.scope = null;
  for (const inner of location.inner) mergeLocation(main, inner, location.conf, inner.level);
}

/** The servers of each address, by their names; of two with one name the first is kept. */
function checkNames(main: HttpMain): void {
  for (const address of main.addresses) {
    for (const server of address.servers) {
      for (const name of server.location.core.server_name) {
        if (!address.names.add(name, server)) {
          main.cf.warnings.push(`conflicting server name "${name.name}" on ${address.text}, ignored`);
        }
        address.captures ||= name.regex !== null;
      }
    }
  }
}

function buildServer(chains: ChainBuilder, server: Server): void {
  const named = new Map<string, Location>();
  for (const location of server.location.inner) {
    if (!location.named || location.noname) continue;
    // As in nginx, which refuses other locations of one name: the first is the one that is meant.
    if (!named.has(location.name)) named.set(location.name, location);
  }
  server.named = named;
  buildLocation(chains, server.location);
  server.chain = chains.serverChain(server.location);
}

function buildLocation(chains: ChainBuilder, location: Location, outer: Location | null = null): void {
  const found = location.inner.filter((inner) => !inner.noname && !inner.named);
  location.tree = found.length === 0 ? null : new LocationTree(found);
  chains.build(location, outer);
  for (const inner of location.inner) buildLocation(chains, inner, location);
}
