// What an HTTP module is: a table of directives and variables, phase handlers, filters. See modules/index.ts for the
// list, whose order is the order of handlers and filters.

import type { VariableSpec } from '../conf/complex.ts';
import type { ThreadPool } from '../conf/core.ts';
import { type ConfModule, type ConfOf, type DirectiveTable, nextSlot } from '../conf/directive.ts';
import type { Reader, Scope } from '../conf/reader.ts';
import type { Zones } from '../zone/zones.ts';
import type { TempPath } from './core_values.ts';
import type { HttpMain } from './main.ts';
import type { BodyFilter } from './output.ts';
import type { Phase, Step } from './phases.ts';
import type { Rc } from './rc.ts';
import type { HttpRequest } from './request.ts';
import type { ConnectionCounts } from './server.ts';

/** A variable of a module. `prefix`: the name is the start of a family ("arg_"), and `family` makes each member. */
export interface HttpVariable {
  readonly get: (r: HttpRequest) => string | undefined;
  readonly set?: (r: HttpRequest, value: string) => void;
  readonly changeable?: boolean;
  readonly volatile?: boolean;
}
export interface VariableFamily {
  readonly family: (suffix: string) => HttpVariable;
}

/** What a module may know of the process that serves. */
export interface WorkerProcess {
  /** 0 … count - 1; -1 for the privileged agent. */
  readonly id: number;
  readonly count: number;
  /** It serves no requests, and has the rights of the master. */
  readonly agent: boolean;
  /** How many others `publish` reaches. */
  others(): number;
  /** From init: the master is to start the privileged agent, if it has not. */
  enableAgent(connections: number): void;
  exiting(): boolean;
  /** The process that started it; its own, without a master. */
  readonly masterPid: number;
  /** The one before it was lost to a script: those that run long get a thread from the start. */
  readonly careful: boolean;
  /** Ends what it has begun, then exits; the master starts another at once. `stuck`: since a script cannot be stopped. */
  leave(stuck?: boolean): void;
  /** What declareZone() asked for, by kind and name. */
  readonly zones: Zones;
  /** What it serves now and has served. */
  connections(): ConnectionCounts;
  /** Of the `thread_pool` directives. */
  readonly threadPools: readonly ThreadPool[];
  /** Tells all other workers; `value` must be structured-cloneable. */
  publish(topic: string, value: unknown): void;
  /** What other workers publish; `from` is the pid. */
  subscribe(topic: string, subscriber: (value: unknown, from: number) => void): void;
}

export interface Handler<C> {
  /** Whether a location with this configuration runs the handler; decided once, when chains are built. */
  readonly when?: (conf: C) => boolean;
  readonly run: (r: HttpRequest, conf: C) => Rc;
  /** Whether it comes before all other handlers of its phase, rather than at the place of its module. */
  readonly first?: (conf: C) => boolean;
  /** Of the content phase: the only one where it runs (nginx's clcf->handler: proxy_pass, content_by_ts …). */
  readonly exclusive?: boolean;
  /** Offered the step that follows in the chain; answers one step for both, or null. */
  readonly join?: (own: Step, next: Step) => Step | null;
}

export interface BodyFilterSpec<C> {
  readonly when?: (conf: C) => boolean;
  /** It hands on what it is given before it returns, and keeps nothing of it: whoever gave it may use the memory again. */
  readonly passing?: boolean;
  /** It holds some of the body back until there is more of it, or r.flushing. */
  readonly holds?: boolean;
  /** It includes responses of subrequests (postpone.ts). */
  readonly includes?: boolean;
  /** It may keep what it is given, but not longer than the request lasts. */
  readonly borrowing?: boolean;
  /** Called once for each location that runs it; `next` is what follows in the chain. */
  readonly build: (conf: C, next: BodyFilter) => BodyFilter;
}

interface HttpModuleSpec<D extends DirectiveTable, X> {
  readonly name: string;
  /** Only for the core module, whose slot the engine knows. */
  readonly slot?: number;
  readonly directives: D;
  readonly variables?: Readonly<Record<string, HttpVariable | VariableFamily>>;
  /** Per-request state. */
  readonly newCtx?: () => X;
  /** After each directive has been merged: fields that are inherited as a group, or depend on others. */
  readonly mergeConf?: (outer: ConfOf<D> | undefined, merged: ConfOf<D>, level: number) => ConfOf<D>;
  readonly phases?: { readonly [P in Phase]?: Handler<NoInfer<ConfOf<D>>> };
  readonly headerFilter?: Handler<NoInfer<ConfOf<D>>>;
  readonly bodyFilter?: BodyFilterSpec<NoInfer<ConfOf<D>>>;
  /** The http block has been read: before variables are checked and configurations merged. */
  readonly postRead?: (cf: Reader, http: Scope) => void;
  /** Directories that are to be there, and the workers' own, before these start. */
  readonly directories?: (conf: NoInfer<ConfOf<D>>) => readonly TempPath[];
  /** All is merged. */
  readonly postConf?: (cf: Reader, main: HttpMain) => void;
  /** In the master, once the configuration is good: slow preparation. Its result (structured-cloneable) is prepared(cf). */
  readonly prepare?: (cf: Reader, main: HttpMain) => Promise<unknown>;
  /** In each worker before it serves. */
  readonly initWorker?: (main: HttpMain, worker: WorkerProcess) => Promise<void> | void;
  /** It accepts no more: what is kept for later requests is given up. */
  readonly quitWorker?: (main: HttpMain) => void;
  /** No request is left: when what it does besides is done. */
  readonly workerQuitted?: (main: HttpMain) => Promise<void>;
  /** No request is left. */
  readonly exitWorker?: (main: HttpMain) => Promise<void> | void;
  /** configure-style arguments for -V. */
  readonly configureArguments?: readonly string[];
}

// biome-ignore lint/suspicious/noExplicitAny: the list holds modules of every configuration type
export type AnyHttpModule = HttpModule<any, any>;

interface HttpModule<D extends DirectiveTable, X>
  extends Omit<HttpModuleSpec<D, X>, 'mergeConf' | 'slot'>,
    ConfModule {
  readonly directives: D;
  readonly slot: number;
  // biome-ignore lint/suspicious/noExplicitAny: as in ConfModule
  readonly mergeConf?: ((outer: any, own: any, level: number) => any) | undefined;
  /** This module's configuration where the request is now. */
  conf(r: HttpRequest): ConfOf<D>;
  /** This module's state of the request; undefined until startCtx. */
  ctx(r: HttpRequest): X | undefined;
  startCtx(r: HttpRequest): X;
}

let ctxSlots = 0;

/**
 * What a module keeps of a request. It gets its place in `r.ctx` with the first request that has any: few modules do, and
 * the array of each request stays short.
 */
export class CtxSlot<X> {
  #at = -1;

  get(r: HttpRequest): X | undefined {
    return this.#at === -1 ? undefined : (r.ctx[this.#at] as X | undefined);
  }

  set(r: HttpRequest, ctx: X | undefined): void {
    if (this.#at === -1) this.#at = ctxSlots++;
    r.ctx[this.#at] = ctx;
  }
}

export function defineModule<D extends DirectiveTable, X = never>(
  spec: HttpModuleSpec<D, X>,
): HttpModule<D, X> {
  const slot = spec.slot ?? nextSlot();
  const ctxs = new CtxSlot<X>();
  return {
    ...spec,
    slot,
    conf: (r) => r.loc.conf[slot] as ConfOf<D>,
    ctx: (r) => ctxs.get(r),
    startCtx(r) {
      if (spec.newCtx === undefined) throw new TypeError(`module "${spec.name}" has no newCtx`);
      const ctx = spec.newCtx();
      ctxs.set(r, ctx);
      return ctx;
    },
  } as HttpModule<D, X>;
}

/** Getters are written for HttpRequest; the variables of http are only ever read with one. */
export function variableSpec(variable: HttpVariable): VariableSpec {
  return variable as unknown as VariableSpec;
}
