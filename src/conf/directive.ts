// What a module says of its directives: where each may stand, how many arguments it takes, what its value is and how
// it is inherited. The type of a merged configuration (ConfOf) follows from the parsers in the table.

import type { Args } from './args.ts';

/** Where a directive may stand: a bit set, as in nginx's ngx_command_t. */
export const MAIN = 1;
export const EVENTS = 2;
export const HTTP = 4;
export const SERVER = 8;
export const LOCATION = 16;
export const SERVER_IF = 32;
export const LOCATION_IF = 64;
export const LIMIT_EXCEPT = 128;
export const UPSTREAM = 256;
export const HTTP_ANY = HTTP | SERVER | LOCATION;

/** Follows the directive: `;`, `{ directives }`, `{ entries of its own }`, or `{ TypeScript }`. */
export type Body = 'none' | 'block' | 'source';

export interface Directive<T, F extends string = never> {
  readonly in: number;
  readonly args: readonly [min: number, max: number];
  readonly body: Body;
  /** The conf field, where it is not the directive's own name. */
  readonly into?: F | undefined;
  /** `seen`: the value from an earlier occurrence in the same block. */
  readonly parse: (args: Args, seen: T | undefined) => T;
  /** `level`: the context of `own`; see LOCATION_IF for what an `if` block inherits. */
  readonly merge: (outer: T | undefined, own: T | undefined, level: number) => T;
  /** Not inherited: a block without its own value cannot share its parent's merged configuration. */
  readonly local: boolean;
  /** As the reference documentation shows it. */
  readonly shown?: string | undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: a table holds directives of every value type
export type DirectiveTable = Readonly<Record<string, Directive<any, any>>>;

export type ConfOf<D extends DirectiveTable> = {
  // biome-ignore lint/suspicious/noExplicitAny: matches each directive's own types
  readonly [K in keyof D as D[K] extends Directive<any, infer F>
    ? [F] extends [never]
      ? K
      : F
    : never]: // biome-ignore lint/suspicious/noExplicitAny: matches each directive's own types
  D[K] extends Directive<infer T, any> ? T : never;
};

/** The part of a module that the configuration reader needs; http and stream add theirs. */
export interface ConfModule {
  readonly name: string;
  /** Where this module's configuration stands in a Scope and in a location's `conf`. */
  readonly slot: number;
  readonly directives: DirectiveTable;
  // biome-ignore lint/suspicious/noExplicitAny: the module's own ConfOf
  readonly mergeConf?: ((outer: any, own: any, level: number) => any) | undefined;
}

let slots = 0;

/** A place in every conf array; the number says nothing about order. */
export function nextSlot(): number {
  return slots++;
}

export function slotCount(): number {
  return slots;
}

export type OwnConf = Record<string, unknown>;

/** Merges what a block says itself with the enclosing block's merged configuration. */
export function mergeModule(
  module: ConfModule,
  outer: OwnConf | undefined,
  own: OwnConf | undefined,
  level: number,
): OwnConf {
  if (own === undefined && outer !== undefined && !hasLocals(module, outer)) return outer;
  const merged: OwnConf = {};
  for (const [name, directive] of Object.entries(module.directives)) {
    const field: string = directive.into ?? name;
    if (field in merged) continue;
    merged[field] = directive.merge(outer?.[field], own?.[field], level);
  }
  return module.mergeConf === undefined ? merged : module.mergeConf(outer, merged, level);
}

function hasLocals(module: ConfModule, outer: OwnConf): boolean {
  if (module.mergeConf !== undefined) return true;
  for (const [name, directive] of Object.entries(module.directives)) {
    if (directive.local && outer[directive.into ?? name] !== directive.merge(undefined, undefined, MAIN))
      return true;
  }
  return false;
}
