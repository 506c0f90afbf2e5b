// Builds what a location's requests walk: its steps, header filters and body filters, only those that it uses.

import { LOCATION_IF } from '../conf/directive.ts';
import type { Location } from './location.ts';
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

/** A phase's handler of one module; `place`: the module's in the list. */
interface PhaseHandler {
  readonly slot: number;
  readonly place: number;
  readonly handler: Handler<unknown>;
}

interface Filter {
  readonly slot: number;
  readonly header: Handler<unknown> | undefined;
  readonly body: BodyFilterSpec<unknown> | undefined;
}

/** For one list of modules: which of them have a part in what is found once, not for each of many thousand locations. */
export class ChainBuilder {
  readonly #handlers: Readonly<Record<Phase, readonly PhaseHandler[]>>;
  readonly #filters: readonly Filter[];

  constructor(modules: readonly AnyHttpModule[]) {
    const handlers = {} as Record<Phase, PhaseHandler[]>;
    for (const phase of PHASES) {
      handlers[phase] = modules.flatMap((module, place) => {
        const handler = module.phases?.[phase] as Handler<unknown> | undefined;
        return handler === undefined ? [] : [{ slot: module.slot, place, handler }];
      });
    }
    this.#handlers = handlers;
    // nginx links filters so that the last of its list runs first.
    this.#filters = modules
      .filter(({ headerFilter, bodyFilter }) => headerFilter !== undefined || bodyFilter !== undefined)
      .map((module): Filter => {
        const header = module.headerFilter as Handler<unknown> | undefined;
        return { slot: module.slot, header, body: module.bodyFilter as BodyFilterSpec<unknown> | undefined };
      })
      .reverse();
  }

  /** The steps before a location is known. */
  serverChain(location: Location): readonly Step[] {
    return joined([...this.#steps(location, 'postRead'), ...this.#steps(location, 'serverRewrite')]);
  }

  /** `outer`: the location around it. An `if` keeps the handler of its content phase, but for one of its own. */
  build(location: Location, outer: Location | null): void {
    const chain: Step[] = [];
    const kept = location.level === LOCATION_IF && outer !== null ? outer.handler : null;
    for (const phase of IN_LOCATION) {
      const steps = this.#steps(location, phase, kept);
      chain.push(...steps);
      // An `if` is entered in the rewrite phase of its outer location, which may have changed the uri.
      if (steps.length === 0 && !(phase === 'rewrite' && location.noname)) continue;
      if (phase === 'rewrite') chain.push(mark(phase, POST_REWRITE));
      if (phase === 'access') chain.push(mark(phase, POST_ACCESS));
    }
    location.chain = joined(chain);
    location.logSteps = this.#steps(location, 'log');
    location.headerFilters = this.#headerFilters(location);
    location.bodyFilter = this.#bodyFilters(location);
  }

  /** `kept`: the content handler of the location around an `if`. */
  #steps(location: Location, phase: Phase, kept: Location['handler'] = null): Step[] {
    const steps: Step[] = [];
    let exclusive: Step | null = null;
    let inherited: Step | null = null;
    for (const { handler, place, slot } of this.#handlers[phase]) {
      const conf = location.conf[slot];
      if (handler.when?.(conf) === false && handler.run !== kept) continue;
      const first = handler.first?.(conf) === true;
      const order = PHASES.indexOf(phase) * 1000 + (first ? 0 : place + 1);
      const step = {
        run: handler.run,
        conf,
        check: CHECKS[phase],
        order,
        join: handler.join as Step['join'],
      };
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

  #headerFilters(location: Location): HeaderStep[] {
    const filters: HeaderStep[] = [];
    for (const { header, slot } of this.#filters) {
      const conf = location.conf[slot];
      if (header !== undefined && header.when?.(conf) !== false) filters.push({ run: header.run, conf });
    }
    return filters;
  }

  #bodyFilters(location: Location): BodyFilter {
    const used: { filter: BodyFilterSpec<unknown>; conf: unknown }[] = [];
    for (const { body, slot } of this.#filters) {
      const conf = location.conf[slot];
      if (body !== undefined && body.when?.(conf) !== false) used.push({ filter: body, conf });
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
}

function mark(phase: Phase, check: number): Step {
  return { run: checkpoint, conf: null, check, order: PHASES.indexOf(phase) * 1000 + 999, join: undefined };
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
