// The kinds of directive: how a value is read, what a second one means, and how it is inherited.

import { parseNumber, parseOffset, parseSize, parseTime } from '../core/sizes.ts';
import type { Args } from './args.ts';
import type { Directive } from './directive.ts';

interface Common<F extends string> {
  readonly in: number;
  readonly into?: F;
  readonly shown?: string;
  readonly args?: readonly [min: number, max: number];
  /** Not inherited by inner blocks. */
  readonly local?: boolean;
}

/** What all directives without a block have, as far as their kind says nothing else. */
function common<F extends string>(spec: Common<F>): Omit<Directive<never, F>, 'parse' | 'merge'> {
  const { into, args = [1, 1], local = false, shown } = spec;
  return { in: spec.in, into, args, body: 'none', local, shown };
}

interface Valued<T, F extends string> extends Common<F> {
  readonly default: T;
  readonly parse: (args: Args) => T;
}

/** One value; a second one in the same block is a fault. */
export function value<T, F extends string = never>(spec: Valued<T, F>): Directive<T, F> {
  return {
    ...common(spec),
    parse(args, seen) {
      if (seen !== undefined) args.fail('is duplicate');
      return spec.parse(args);
    },
    merge(outer, own) {
      if (own !== undefined) return own;
      return spec.local || outer === undefined ? spec.default : outer;
    },
  };
}

interface Simple<T, F extends string> extends Omit<Common<F>, 'args'> {
  readonly default: T;
}

export function flag<F extends string = never>(spec: Simple<boolean, F>): Directive<boolean, F> {
  return value<boolean, F>({ ...spec, parse: parseFlag });
}

export function parseFlag(args: Args): boolean {
  const text = args.text(1).toLowerCase();
  if (text === 'on') return true;
  if (text === 'off') return false;
  return args.failWhole(
    `invalid value "${args.text(1)}" in "${args.name}" directive, it must be "on" or "off"`,
  );
}

export function text<F extends string = never>(spec: Simple<string, F>): Directive<string, F> {
  return value<string, F>({ ...spec, parse: (args) => args.text(1) });
}

interface Ranged<F extends string> extends Simple<number, F> {
  readonly min?: number;
  readonly max?: number;
}

export function number<F extends string = never>(spec: Ranged<F>): Directive<number, F> {
  return value<number, F>({
    ...spec,
    parse(args) {
      const n = parseNumber(args.text(1));
      if (n === -1) args.fail('invalid number');
      const { min = 0, max } = spec;
      if (max !== undefined && (n < min || n > max)) {
        args.failWhole(`value must be between ${min} and ${max}`);
      }
      if (n < min) args.failWhole(`value must be equal to or greater than ${min}`);
      return n;
    },
  });
}

/** Bytes (K, M). */
export function size<F extends string = never>(spec: Simple<number, F>): Directive<number, F> {
  return value<number, F>({ ...spec, parse: (args) => valid(args, parseSize(args.text(1))) });
}

/** Bytes (K, M, G). */
export function offset<F extends string = never>(spec: Simple<number, F>): Directive<number, F> {
  return value<number, F>({ ...spec, parse: (args) => valid(args, parseOffset(args.text(1))) });
}

/** A time, held in milliseconds. */
export function msec<F extends string = never>(spec: Simple<number, F>): Directive<number, F> {
  return value<number, F>({ ...spec, parse: (args) => valid(args, parseTime(args.text(1), false)) });
}

/** A time that cannot be finer than a second; held in milliseconds too. */
export function sec<F extends string = never>(spec: Simple<number, F>): Directive<number, F> {
  return value<number, F>({ ...spec, parse: (args) => valid(args, parseTime(args.text(1), true)) });
}

function valid(args: Args, parsed: number): number {
  if (parsed === -1) args.fail('invalid value');
  return parsed;
}

/** `{ number, size }` as in `output_buffers 2 32k`. */
export interface Buffers {
  readonly number: number;
  readonly size: number;
}

export function buffers<F extends string = never>(spec: Simple<Buffers, F>): Directive<Buffers, F> {
  return value<Buffers, F>({
    ...spec,
    args: [2, 2],
    parse(args) {
      const count = parseNumber(args.text(1));
      const bytes = parseSize(args.text(2));
      if (count <= 0 || bytes <= 0) args.fail('invalid value');
      return { number: count, size: bytes };
    },
  });
}

interface Chosen<T, F extends string> extends Simple<T, F> {
  readonly values: Readonly<Record<string, T>>;
}

interface Mask<F extends string> extends Chosen<number, F> {
  readonly args?: readonly [min: number, max: number];
}

export function enumeration<T, F extends string = never>(spec: Chosen<T, F>): Directive<T, F> {
  return value<T, F>({
    ...spec,
    parse(args) {
      const word = args.text(1).toLowerCase();
      if (!Object.hasOwn(spec.values, word)) args.failWhole(`invalid value "${args.text(1)}"`);
      return spec.values[word] as T;
    },
  });
}

/** Several words, each a bit. A later occurrence in the same block adds to the first, as in nginx. */
export function bitmask<F extends string = never>(spec: Mask<F>): Directive<number, F> {
  return {
    ...common(spec),
    args: spec.args ?? [1, Number.POSITIVE_INFINITY],
    parse(args, seen) {
      let bits = seen ?? 0;
      for (let i = 1; i <= args.count; i++) {
        const word = args.text(i).toLowerCase();
        if (!Object.hasOwn(spec.values, word)) return args.failWhole(`invalid value "${args.text(i)}"`);
        const bit = spec.values[word] as number;
        if ((bits & bit) !== 0) args.warn(`duplicate value "${args.text(i)}"`);
        bits |= bit;
      }
      return bits;
    },
    merge: (outer, own) => own ?? outer ?? spec.default,
  };
}

interface Listed<T, F extends string> extends Common<F> {
  readonly item: (args: Args, seen: readonly T[]) => T;
}

/** Each occurrence adds an item; a block with any item of its own inherits none. */
export function list<T, F extends string = never>(spec: Listed<T, F>): Directive<readonly T[], F> {
  const none: readonly T[] = [];
  return {
    ...common(spec),
    parse(args, seen) {
      const items = (seen ?? []) as T[]; // made here, by this block's first occurrence
      items.push(spec.item(args, items));
      return items;
    },
    merge: (outer, own) => own ?? (spec.local ? none : (outer ?? none)),
  };
}

interface Acting<T, F extends string> extends Omit<Common<F>, 'local'> {
  readonly body?: 'none' | 'block' | 'source';
  readonly parse: (args: Args, seen: T | undefined) => T;
  readonly default: T;
  readonly inherit?: boolean;
  readonly merge?: (outer: T | undefined, own: T | undefined, level: number) => T;
}

/** A directive that fits no other kind: it decides itself what a second one means; by default it is not inherited. */
export function custom<T, F extends string = never>(spec: Acting<T, F>): Directive<T, F> {
  const inherit = spec.inherit ?? false;
  return {
    ...common(spec),
    body: spec.body ?? 'none',
    local: !inherit || spec.merge !== undefined,
    parse: spec.parse,
    merge: spec.merge ?? ((outer, own) => own ?? (inherit && outer !== undefined ? outer : spec.default)),
  };
}

/** A block of directives, or of entries that the module reads itself; nothing is inherited. */
export function block<T, F extends string = never>(spec: Acting<T, F>): Directive<T, F> {
  return custom<T, F>({ ...spec, body: 'block' });
}
