// How a request's blocks find the isolate to run in, and their segment there. Mostly both are known; a file that the
// request names may have to be loaded first, and with ts_code_cache off a changed program made anew.

import { resolve } from 'node:path';
import { toLatin1, toText } from '../core/text.ts';
import { messageOf, traceOf } from '../core/thrown.ts';
import { logError } from '../http/log.ts';
import type { HttpRequest } from '../http/request.ts';
import type { EngineRequest } from './host/engine_request.ts';
import { type FileStep, LoadFailure } from './host/handler_files.ts';
import type { Keeper } from './host/keeper.ts';
import { LOG } from './protocol.ts';
import type { BlockList, Isolate, Scripts, VariableFile } from './scripts.ts';

/** What a location's configuration says of it. */
interface Placing {
  readonly ts_isolate: Isolate | null;
  readonly ts_code_cache: boolean;
}

/** In place of a segment: there is no isolate for now. */
export const NOWHERE = -1;
/** In place of a segment: something has to be loaded. See enterLater(). */
export const LATER = -2;

/** The isolate that runs a location's blocks. */
export function isolateFor(conf: Placing, scripts: Scripts): Isolate {
  const isolate = conf.ts_isolate ?? scripts.main;
  return conf.ts_code_cache ? isolate : scripts.uncached(isolate);
}

/** The segment of `blocks` in the isolate that the request has now entered. */
export function enter(r: HttpRequest, conf: Placing, blocks: BlockList, state: EngineRequest): number {
  if (!conf.ts_code_cache || blocks.variable) return enterSlowly(r, blocks, state);
  const { actor } = state.home;
  if (actor === null) return NOWHERE;
  state.enter(actor);
  return blocks.segment;
}

function enterSlowly(r: HttpRequest, blocks: BlockList, state: EngineRequest): number {
  const isolate = state.home as Isolate;
  const entered = keeperOf(state);
  if (entered === null && isolate.uncached?.stale === true) return LATER;
  const keeper = entered ?? isolate.keeper;
  const actor = keeper?.actor ?? null;
  if (keeper === null || actor === null) return NOWHERE;
  const segment = blocks.variable ? keeper.files.segment(stepsOf(r, blocks)) : blocks.segment;
  if (segment === -1) return LATER;
  state.enter(actor);
  state.keeper = keeper;
  return segment;
}

/** Where the request has been before: it stays there although newer ones have come. */
function keeperOf({ keeper, actor }: EngineRequest): Keeper | null {
  return actor !== null && keeper?.actor === actor ? keeper : null;
}

function stepsOf(r: HttpRequest, blocks: BlockList): FileStep[] {
  return blocks.steps.map(({ phase, block }, i) => ({ phase, block, path: pathOf(r, blocks.files[i]) }));
}

/** The path that the request gives a file, as text; null for what is no such file. */
function pathOf(r: HttpRequest, file: VariableFile | null | undefined): string | null {
  if (file === null || file === undefined) return null;
  return resolve(toText(r.server.main.cf.sources.prefix), toText(file.name.evaluate(r)));
}

/** Loads what is missing, then goes on with `go`, or `fail` and a status. */
export function enterLater(
  r: HttpRequest,
  blocks: BlockList,
  state: EngineRequest,
  go: (segment: number) => void,
  fail: (status: number) => void,
): void {
  load(r, blocks, state)
    .then((segment) => {
      // It may be over: only log blocks come after that.
      if (!r.finalized || blocks.phase === LOG) go(segment);
    })
    .catch((error: unknown) => {
      const known = error instanceof LoadFailure;
      const text = known ? messageOf(error) : traceOf(error);
      logError(r, known ? 'error' : 'alert', toLatin1(`[ts] ${text}`));
      fail(known ? error.status : 500);
    });
}

async function load(r: HttpRequest, blocks: BlockList, state: EngineRequest): Promise<number> {
  const isolate = state.home as Isolate;
  if (keeperOf(state) === null && isolate.uncached?.stale === true) {
    const fault = await isolate.uncached.renew();
    if (fault !== '') throw new LoadFailure(`failed to load scripts: ${fault}`, 500);
  }
  const keeper = keeperOf(state) ?? isolate.keeper;
  if (blocks.variable && keeper !== null) {
    for (const file of blocks.files) {
      const path = pathOf(r, file);
      if (file === null || file === undefined || path === null) continue;
      await keeper.files.load({ ...file.source, path });
    }
    await keeper.files.define(stepsOf(r, blocks));
  }
  const segment = enterSlowly(r, blocks, state);
  if (segment < 0) throw new LoadFailure('no isolate to run scripts in', 503);
  return segment;
}
