// Builds what a location's requests walk: its steps, header filters and body filters, only those that it uses.

import { LOCATION_IF } from '../conf/directive.ts';
import type { Location } from './location.ts';
import type { HttpMain } from './main.ts';
import type { AnyHttpModule, BodyFilterSpec, Handler } from './module.ts';
import { type BodyFilter, type HeaderStep, toSink } from './output.ts';
import {
  ACCESS,
  CONTENT,
  GENERIC,
  PHASES,
  type Phase,
  POST_ACCESS,
  POST_REWRITE,
  REWRITE,
  type Step,
} from './phases.ts';
import { postpone } from './postpone.ts';
import { DECLINED } from './rc.ts';

const CHECKS: Readonly<Record<Phase, number>> = {
  postRead: GENERIC,
  serverRewrite: REWRITE,
  rewrite: REWRITE,
  preaccess: GENERIC,
  access: ACCESS,
  precontent: GENERIC,
  content: CONTENT,
  log: GENERIC,
};

const IN_LOCATION: readonly Phase[] = ['rewrite', 'preaccess', 'access', 'precontent', 'content'];

const checkpoint = (): number => DECLINED;

/** Whether a step only stands for what the engine does between phases. */
export function isCheckpoint(step: Step): boolean {
  return step.run === checkpoint;
}

/** The steps before a location is known. */
export function buildServerChain(main: HttpMain, location: Location): readonly Step[] {
  return joined([...phaseSteps(main, location, 'postRead'), ...phaseSteps(main, location, 'serverRewrite')]);
}

/** `outer`: the location around it. An `if` keeps the handler of its content phase, but for one of its own. */
export function buildLocationChains(main: HttpMain, location: Location, outer: Location | null): void {
  const chain: Step[] = [];
  const kept = location.level === LOCATION_IF && outer !== null ? outer.handler : null;
  for (const phase of IN_LOCATION) {
    const steps = phaseSteps(main, location, phase, kept);
    chain.push(...steps);
    // An `if` is entered in the rewrite phase of its outer location, which may have changed the uri.
    if (steps.length === 0 && !(phase === 'rewrite' && location.noname)) continue;
    if (phase === 'rewrite') chain.push(mark(phase, POST_REWRITE));
    if (phase === 'access') chain.push(mark(phase, POST_ACCESS));
  }
  location.chain = joined(chain);
  location.logSteps = phaseSteps(main, location, 'log');
  location.headerFilters = headerFilters(main, location);
  location.bodyFilter = bodyFilters(main, location);
}

function mark(phase: Phase, check: number): Step {
  return { run: checkpoint, conf: null, check, order: PHASES.indexOf(phase) * 1000 + 999, join: undefined };
}

/** `kept`: the content handler of the location around an `if`. */
function phaseSteps(
  main: HttpMain,
  location: Location,
  phase: Phase,
  kept: Location['handler'] = null,
): Step[] {
  const steps: Step[] = [];
  let exclusive: Step | null = null;
  let inherited: Step | null = null;
  for (const [place, module] of main.modules.entries()) {
    const handler = module.phases?.[phase] as Handler<unknown> | undefined;
    const conf = location.conf[module.slot];
    if (handler === undefined || (handler.when?.(conf) === false && handler.run !== kept)) continue;
    const first = handler.first?.(conf) === true;
    const order = PHASES.indexOf(phase) * 1000 + (first ? 0 : place + 1);
    const step = { run: handler.run, conf, check: CHECKS[phase], order, join: handler.join as Step['join'] };
    if (handler.exclusive && handler.run === kept) inherited = step;
    else if (handler.exclusive) exclusive = step;
    else if (first) steps.unshift(step);
    else steps.push(step);
  }
  exclusive ??= inherited;
  if (exclusive === null) return steps;
  location.handler = exclusive.run;
  return [exclusive];
}

function joined(steps: readonly Step[]): readonly Step[] {
  const chain: Step[] = [];
  for (const step of steps) {
    const before = chain.at(-1);
    const both = before?.join?.(before, step) ?? null;
    if (both === null) chain.push(step);
    else chain[chain.length - 1] = both;
  }
  return chain;
}

function headerFilters(main: HttpMain, location: Location): HeaderStep[] {
  const filters: HeaderStep[] = [];
  for (const { conf, module } of filterOrder(main, location)) {
    const filter = module.headerFilter as Handler<unknown> | undefined;
    if (filter !== undefined && filter.when?.(conf) !== false) filters.push({ run: filter.run, conf });
  }
  return filters;
}

function bodyFilters(main: HttpMain, location: Location): BodyFilter {
  const used: { filter: BodyFilterSpec<unknown>; conf: unknown }[] = [];
  for (const { conf, module } of filterOrder(main, location)) {
    const filter = module.bodyFilter as BodyFilterSpec<unknown> | undefined;
    if (filter !== undefined && filter.when?.(conf) !== false) used.push({ filter, conf });
  }
  const includes = used.some(({ filter }) => filter.includes);
  let next: BodyFilter = toSink;
  for (const { filter, conf } of used.reverse()) {
    if (filter === postpone.bodyFilter) {
      location.outerFilter = next;
      location.outerPassing = location.passing;
      if (!includes) continue;
    }
    next = filter.build(conf, next);
    if (filter.holds === true) location.holding = true;
    if (filter.passing === true) continue;
    location.passing = false;
    if (filter.borrowing !== true) location.borrowing = false;
  }
  return next;
}

/** nginx links filters so that the last of its list runs first. */
function* filterOrder(
  main: HttpMain,
  location: Location,
): Generator<{ conf: unknown; module: AnyHttpModule }> {
  for (let i = main.modules.length - 1; i >= 0; i--) {
    const module = main.modules[i] as AnyHttpModule;
    if (module.headerFilter !== undefined || module.bodyFilter !== undefined) {
      yield { conf: location.conf[module.slot], module };
    }
  }
}
