// Sets of media types, as charset_types and its like name them.

import type { Args } from '../conf/args.ts';
import type { Directive } from '../conf/directive.ts';
import { custom } from '../conf/kinds.ts';

type TypeSet = ReadonlySet<string>;

/** `*`: also what has no type. */
const ALL_TYPES: TypeSet = new Set();

/** A directive that names types; text/html is always among them. */
export function typeSet(place: number, defaults: readonly string[]): Directive<TypeSet> {
  return custom<TypeSet>({
    in: place,
    args: [1, Number.POSITIVE_INFINITY],
    default: new Set(defaults),
    inherit: true,
    parse: parseTypes,
  });
}

function parseTypes(args: Args, seen: TypeSet | undefined): TypeSet {
  if (seen === ALL_TYPES) return ALL_TYPES;
  const types = new Set(seen ?? ['text/html']);
  for (const text of args.texts()) {
    if (text === '*') return ALL_TYPES;
    const type = text.toLowerCase();
    if (types.has(type)) args.warn(`duplicate MIME type "${text}"`);
    types.add(type);
  }
  return types;
}

/** Whether a content type, with or without parameters, is in the set. */
export function hasType(types: TypeSet, contentType: string): boolean {
  if (types === ALL_TYPES) return true;
  if (contentType === '') return false;
  const semicolon = contentType.indexOf(';');
  const type = semicolon === -1 ? contentType : contentType.slice(0, semicolon).trimEnd();
  return types.has(type) || types.has(type.toLowerCase());
}
