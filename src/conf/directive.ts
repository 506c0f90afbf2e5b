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
type Body = 'none' | 'block' | 'source';

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
  /** Merged anew in every block: not inherited, or not always. Else a block without a value has its parent's. */
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

export type OwnConf = Record<string, unknown>;

/** A module's fields, each once, as merging wants them. */
interface Fields {
  readonly inherited: readonly Field[];
  /** Those that are merged anew in every block: the others are the enclosing block's unless it says them itself. */
  readonly local: readonly Field[];
}

interface Field {
  readonly name: string;
  readonly merge: (outer: unknown, own: unknown, level: number) => unknown;
  /** The value of a local field where nobody has set it. */
  readonly blank: unknown;
}

const fieldsOf = new WeakMap<ConfModule, Fields>();

function fields(module: ConfModule): Fields {
  const known = fieldsOf.get(module);
  if (known !== undefined) return known;
  const seen = new Set<string>();
  const inherited: Field[] = [];
  const local: Field[] = [];
  for (const [directive, spec] of Object.entries(module.directives)) {
    const name: string = spec.into ?? directive;
    if (seen.has(name)) continue;
    seen.add(name);
    const { merge } = spec;
    const field = { name, merge, blank: spec.local ? merge(undefined, undefined, MAIN) : undefined };
    if (spec.local) local.push(field);
    else inherited.push(field);
  }
  const made = { inherited, local };
  fieldsOf.set(module, made);
  return made;
}

/** Of blocks that say nothing of a module: what they have, by their level and by what is around them. */
const silent = new Map<number, WeakMap<OwnConf, OwnConf>>();

/**
 * Merges what a block says itself with the enclosing block's merged configuration. All blocks of one level that add
 * nothing to the same one share a configuration, with it or among themselves: most blocks do, in most modules.
 */
export function mergeModule(
  module: ConfModule,
  outer: OwnConf | undefined,
  own: OwnConf | undefined,
  level: number,
): OwnConf {
  if (own !== undefined || outer === undefined) return mergeFields(module, outer, own, level);
  let known = silent.get(level);
  if (known === undefined) {
    known = new WeakMap();
    silent.set(level, known);
  }
  let merged = known.get(outer);
  if (merged === undefined) {
    const unchanged = module.mergeConf === undefined && isBlank(module, outer);
    merged = unchanged ? outer : mergeFields(module, outer, undefined, level);
    known.set(outer, merged);
  }
  return merged;
}

function isBlank(module: ConfModule, conf: OwnConf): boolean {
  return fields(module).local.every(({ blank, name }) => conf[name] === blank);
}

/** Most blocks set few of a module's fields: only those and the local ones are merged, the rest is copied. */
function mergeFields(
  module: ConfModule,
  outer: OwnConf | undefined,
  own: OwnConf | undefined,
  level: number,
): OwnConf {
  const { inherited, local } = fields(module);
  const merged: OwnConf = { ...outer };
  for (const { merge, name } of local) merged[name] = merge(outer?.[name], own?.[name], level);
  for (const { merge, name } of inherited) {
    const value = own?.[name];
    if (value !== undefined || outer === undefined) merged[name] = merge(outer?.[name], value, level);
  }
  const made = module.mergeConf === undefined ? merged : module.mergeConf(outer, merged, level);
  // Fields that are set one by one make a hash table of an object, which is slower to read; its copy is none.
  return outer === undefined ? { ...made } : made;
}
