// Tables of headers and arguments: repeated names become arrays, and a limit guards against floods.

import {
  create,
  defineProperty,
  hasOwn,
  isArray,
  isFiniteNumber,
  Proxy_,
  replace,
  split,
  toLowerCase,
  typeName,
} from './builtins.ts';
import { NgxError } from './errors.ts';

export interface Limit {
  /** Take what fits instead of throwing `truncated`. */
  truncate?: boolean;
}

const UNDERSCORES = /_/g;

/** A table of headers from "name NUL value NUL …". Beyond `max` it throws `truncated`, unless told to truncate. */
export function headerTable(list: string, max: unknown, raw: boolean, options: unknown): object {
  const out = create(raw ? null : anySpelling) as Record<string, string | string[]>;
  if (list === '') return out;
  const parts = split(list, '\0');
  const take = limited(parts.length >> 1, max, options);
  for (let i = 0; i < take; i++) {
    const own = parts[i * 2] as string;
    const value = parts[i * 2 + 1] as string;
    const name = raw ? own : toLowerCase(own);
    // The prototype is asked, and told, of what is not there yet: it would say the same, at length.
    if (raw || hasOwn(out, name)) addTo(out, name, value);
    else defineProperty(out, name, { value, enumerable: true, configurable: true, writable: true });
  }
  return out;
}

/** How many headers or arguments to take, as the caller has it: 100 where it does not say. */
export function atMost(max: unknown): number {
  if (max === undefined || max === null) return 100;
  if (typeof max === 'number' && isFiniteNumber(max)) return max;
  throw new NgxError(`bad limit (number expected, got ${typeof max === 'number' ? max : typeName(max)})`);
}

/** How many of `count` may be taken; a limit of 0 is none. */
function limited(count: number, max: unknown, options: unknown): number {
  const most = atMost(max);
  if (most <= 0 || count <= most) return count;
  if ((options as Limit | undefined)?.truncate !== true) throw new NgxError('truncated');
  return most;
}

export function addTo<T>(out: Record<string, T | T[]>, key: string, value: T): void {
  const seen = out[key];
  if (seen === undefined) out[key] = value;
  else if (isArray(seen)) (seen as T[])[(seen as T[]).length] = value;
  else out[key] = [seen, value];
}

/** The prototype of header tables: finds a header by any spelling, `headers.Content_Type`, `headers["Content-Type"]`. */
const anySpelling = new Proxy_(create(null), {
  get(_target, key, receiver: object) {
    if (typeof key !== 'string') return undefined;
    const name = toLowerCase(replace(UNDERSCORES, key, '-'));
    return name === key ? undefined : (receiver as Record<string, unknown>)[name];
  },
  set(_target, key, value, receiver: object) {
    Object.defineProperty(receiver, key, { value, enumerable: true, configurable: true, writable: true });
    return true;
  },
  getPrototypeOf: () => null,
  setPrototypeOf: () => false,
  defineProperty: () => false,
});
