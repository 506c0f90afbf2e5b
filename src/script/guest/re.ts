// ngx.re: PCRE's syntax on JavaScript's engine. The host translates a pattern once; what it comes to is kept here.

import { CALL_REGEX, SLOT } from '../protocol.ts';
import { call, mem } from './bridge.ts';
import {
  charCodeAt,
  create,
  exec,
  indexOf,
  isArray,
  iterator,
  Map_,
  mapGet,
  mapSet,
  parseJson,
  RegExp_,
  replace,
  slice,
  toText,
  typeName,
} from './builtins.ts';
import { NgxError } from './errors.ts';
import { ERR, writeLine } from './log.ts';

interface Translated {
  readonly source: string;
  /** The same for subjects that do not end in a line feed: what V8 can do in linear time. */
  readonly plain: string;
  readonly flags: string;
  readonly names: readonly { readonly name: string; readonly group: number }[];
  readonly numbers: readonly (readonly number[])[] | null;
}

interface Compiled {
  /** Finds from lastIndex on; with "y" where the match must start there. */
  readonly regex: RegExp;
  /** The same for subjects that do not end in a line feed. */
  readonly plain: RegExp;
  readonly names: Translated['names'];
  readonly numbers: Translated['numbers'];
  /** A group of the pattern may be the whole match: what begins with \K. */
  readonly restarts: boolean;
  /** Names may be of several groups: each is an array. */
  readonly duplicates: boolean;
  /** The same, telling where groups begin and end, which is slower: made when it is asked for. */
  placing: RegExp | null;
}

let maxCached = 1024;

/** ts_regex_cache_max_entries. */
export function limitPatterns(entries: number): void {
  maxCached = entries;
}

let cache = new Map_<string, Compiled>();
/** A script has asked for a pattern to be kept: option o. */
let kept = false;

const LETTERS = 'imsxajouUJD';

/** What PCRE lets a pattern begin with instead of option u. */
const UNICODE_VERB = /^\(\*UTF8?\)/;

/** Options: i m s x u U D J for the pattern; a anchors; j and o say what is done anyway. */
function compile(pattern: unknown, options: unknown, what: string): Compiled {
  const text = stringArgument(pattern, 2, what);
  const letters = options === undefined || options === null ? '' : stringArgument(options, 3, what);
  const key = `${letters}\0${text}`;
  const known = mapGet(cache, key);
  if (known !== undefined) return known;
  for (let i = 0; i < letters.length; i++) {
    if (indexOf(LETTERS, letters[i] as string) === -1) {
      throw new NgxError(`unknown flag "${letters[i]}" (flags "${letters}")`);
    }
  }
  const verb = exec(UNICODE_VERB, text);
  const own = verb === null ? text : slice(text, verb[0].length);
  const here = slice(own, 0, 2) === '\\G';
  const made = parseJson(
    call(CALL_REGEX, 0, here ? slice(own, 2) : own, verb === null ? letters : `${letters}u`) as string,
  ) as Translated;
  const anchored = here || indexOf(letters, 'a') !== -1;
  const flags = made.flags + (anchored ? 'y' : 'g');
  const regex = new RegExp_(made.source, flags);
  const compiled: Compiled = {
    regex,
    plain: made.plain === made.source ? regex : new RegExp_(made.plain, flags),
    names: made.names,
    numbers: made.numbers,
    restarts: made.numbers !== null && (made.numbers[0] as readonly number[]).length > 1,
    duplicates: indexOf(letters, 'D') !== -1,
    placing: null,
  };
  kept ||= indexOf(letters, 'o') !== -1;
  if (cache.size >= maxCached) cache = new Map_();
  if (maxCached > 0) mapSet(cache, key, compiled);
  return compiled;
}

function stringArgument(value: unknown, at: number, what: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return `${value}`;
  throw new NgxError(`bad argument #${at} to '${what}' (string expected, got ${typeName(value)})`);
}

type Found = RegExpExecArray;

const LINE_FEED = 10;

function run(compiled: Compiled, subject: string, from: number): Found | null {
  const regex = charCodeAt(subject, subject.length - 1) === LINE_FEED ? compiled.regex : compiled.plain;
  regex.lastIndex = from;
  const found = exec(regex, subject);
  if (found === null || !compiled.restarts) return found;
  const whole = found[groupOf(compiled, found, 0)] as string;
  found.index += found[0].length - whole.length;
  found[0] = whole;
  return found;
}

/** Where a group begins and ends in what was found from `from` on. */
function placeOf(
  compiled: Compiled,
  subject: string,
  from: number,
  group: number,
): [number, number] | undefined {
  compiled.placing ??= new RegExp_(compiled.regex.source, `${compiled.regex.flags}d`);
  compiled.placing.lastIndex = from;
  return (exec(compiled.placing, subject) as RegExpExecArray & { indices: RegExpIndicesArray }).indices[
    group
  ];
}

/** The JavaScript group that took part for a group of the pattern; -1 for none. */
function groupOf(compiled: Compiled, found: Found, group: number): number {
  if (compiled.numbers === null) return found[group] === undefined ? -1 : group;
  const candidates = compiled.numbers[group] ?? [];
  for (let i = 0; i < candidates.length; i++) {
    const n = candidates[i] as number;
    if (found[n] !== undefined) return n;
  }
  return -1;
}

function groupCount(compiled: Compiled, found: Found): number {
  return compiled.numbers === null ? found.length : compiled.numbers.length;
}

/** m[0] the whole, m[1] … the groups, and the named ones by name. */
interface Captures {
  [group: number]: string | undefined;
  [name: string]: string | string[] | undefined;
}

function capturesOf(compiled: Compiled, found: Found): Captures {
  const captures: Captures = create(null);
  const count = groupCount(compiled, found);
  for (let i = 0; i < count; i++) {
    const n = groupOf(compiled, found, i);
    captures[i] = n === -1 ? undefined : found[n];
  }
  for (let i = 0; i < compiled.names.length; i++) {
    const { name, group } = compiled.names[i] as Translated['names'][number];
    const value = captures[group];
    if (!compiled.duplicates) captures[name] = value;
    else if (value !== undefined) addName(captures, name, value);
  }
  return captures;
}

function addName(captures: Captures, name: string, value: string): void {
  const own = captures[name];
  if (isArray(own)) own[own.length] = value;
  else captures[name] = [value];
}

interface Position {
  pos?: number;
}

/** Where to begin: ctx.pos, counted from 0. */
function start(ctx: unknown, subject: string): number {
  const pos = (ctx as Position | undefined | null)?.pos;
  if (typeof pos !== 'number' || !(pos > 0)) return 0;
  if (pos > subject.length) throw new NgxError('pcre_exec() failed: -33');
  return pos;
}

function match(subject: unknown, pattern: unknown, options?: unknown, ctx?: Position): Captures | undefined {
  const compiled = compile(pattern, options, 'match');
  const text = stringArgument(subject, 1, 'match');
  const found = run(compiled, text, start(ctx, text));
  if (found === null) return undefined;
  if (ctx !== undefined && ctx !== null) ctx.pos = found.index + found[0].length;
  return capturesOf(compiled, found);
}

function find(
  subject: unknown,
  pattern: unknown,
  options?: unknown,
  ctx?: Position,
  nth = 0,
): { from: number; to: number } | undefined {
  const compiled = compile(pattern, options, 'find');
  const text = stringArgument(subject, 1, 'find');
  const from = start(ctx, text);
  const found = run(compiled, text, from);
  if (found === null) return undefined;
  if (typeof nth !== 'number' || !(nth >= 0 && nth < groupCount(compiled, found))) {
    throw new NgxError('nth out of bound');
  }
  const end = found.index + found[0].length;
  if (ctx !== undefined && ctx !== null) ctx.pos = end;
  if (nth === 0) return { from: found.index, to: end };
  const group = groupOf(compiled, found, nth);
  const place = group === -1 ? undefined : placeOf(compiled, text, from, group);
  return place === undefined ? undefined : { from: place[0], to: place[1] };
}

/** Where to look next: behind a match, one further behind an empty one. */
function behind(subject: string, found: Found): number {
  const end = found.index + found[0].length;
  if (found[0].length > 0) return end;
  const code = charCodeAt(subject, end);
  return end + (code >= 0xd800 && code < 0xdc00 ? 2 : 1);
}

class Matches {
  readonly #compiled: Compiled;
  readonly #subject: string;
  #at = 0;

  constructor(compiled: Compiled, subject: string) {
    this.#compiled = compiled;
    this.#subject = subject;
  }

  next(): { done: boolean; value: Captures | undefined } {
    if (this.#at > this.#subject.length) return { done: true, value: undefined };
    const found = run(this.#compiled, this.#subject, this.#at);
    if (found === null) {
      this.#at = this.#subject.length + 1;
      return { done: true, value: undefined };
    }
    this.#at = behind(this.#subject, found);
    return { done: false, value: capturesOf(this.#compiled, found) };
  }

  [iterator](): this {
    return this;
  }
}

function gmatch(subject: unknown, pattern: unknown, options?: unknown): Matches {
  return new Matches(compile(pattern, options, 'gmatch'), stringArgument(subject, 1, 'gmatch'));
}

type Replacement = string | ((captures: Captures) => unknown);
type Template = readonly (string | number)[];

const PART = /\$(?:\$|(\d+)|(\w+)|\{(\w+)(\})?|)/g;

/** "$1", "${1}" and "$$" in a replacement. */
function parseTemplate(text: string): Template {
  const parts: (string | number)[] = [];
  let from = 0;
  PART.lastIndex = 0;
  for (let found = exec(PART, text); found !== null; found = exec(PART, text)) {
    parts[parts.length] = slice(text, from, found.index);
    from = found.index + found[0].length;
    const group = found[1] ?? found[3];
    if (found[0] === '$$') parts[parts.length] = '$';
    else if (group !== undefined && replace(DIGITS, group, '') === '' && (found[1] ?? found[4]) !== undefined)
      parts[parts.length] = +group;
    else refuseTemplate(text, found);
  }
  parts[parts.length] = slice(text, from);
  return parts;
}

/** The reason goes to the error log, as lua-nginx-module's does. */
function refuseTemplate(text: string, found: Found): never {
  const name = found[1] ?? found[2] ?? found[3];
  let reason = `invalid capturing variable name found in "${text}"`;
  if (found[3] !== undefined && found[4] === undefined) {
    reason = `the closing bracket in "${found[3]}" variable is missing`;
  } else if (name !== undefined) {
    reason = `attempt to use named capturing variable "${name}" (named captures not supported yet)`;
  }
  writeLine(mem[SLOT] as number, ERR, reason);
  throw new NgxError('failed to compile the replacement template');
}

const DIGITS = /^\d+$/;

function fill(template: Template, captures: Captures): string {
  let out = '';
  for (let i = 0; i < template.length; i++) {
    const part = template[i] as string | number;
    out += typeof part === 'string' ? part : ((captures[part] as string | undefined) ?? '');
  }
  return out;
}

function replacementText(value: unknown, what: string): string {
  if (typeof value !== 'object' && typeof value !== 'function') return toText(value);
  throw new NgxError(
    `bad argument #3 to '${what}' (string or number expected to be returned by the replace function, got ` +
      `${typeName(value)})`,
  );
}

function substitute(
  subject: unknown,
  pattern: unknown,
  replacement: unknown,
  options: unknown,
  what: string,
  all: boolean,
): { result: string; count: number } {
  const compiled = compile(pattern, options, what);
  const text = stringArgument(subject, 1, what);
  if (
    typeof replacement !== 'string' &&
    typeof replacement !== 'function' &&
    typeof replacement !== 'number'
  ) {
    throw new NgxError(
      `bad argument #3 to '${what}' (string, number, or function expected, got ${typeName(replacement)})`,
    );
  }
  const template = typeof replacement === 'function' ? null : parseTemplate(`${replacement}`);
  let result = '';
  let from = 0;
  let count = 0;
  for (let at = 0; at <= text.length; ) {
    const found = run(compiled, text, at);
    if (found === null) break;
    count++;
    const captures = capturesOf(compiled, found);
    result += slice(text, from, found.index);
    result +=
      template === null
        ? replacementText((replacement as (captures: Captures) => unknown)(captures), what)
        : fill(template, captures);
    from = found.index + found[0].length;
    at = behind(text, found);
    if (!all) break;
  }
  return { result: count === 0 ? text : result + slice(text, from), count };
}

function sub(
  subject: unknown,
  pattern: unknown,
  replacement: Replacement,
  options?: unknown,
): { result: string; count: number } {
  return substitute(subject, pattern, replacement, options, 'sub', false);
}

function gsub(
  subject: unknown,
  pattern: unknown,
  replacement: Replacement,
  options?: unknown,
): { result: string; count: number } {
  return substitute(subject, pattern, replacement, options, 'gsub', true);
}

/**
 * The pieces between matches, at most `max` of them; a match's first group stands between its neighbours. Without `max`
 * empty pieces at the end are left out, as Perl does.
 */
function split(
  subject: unknown,
  pattern: unknown,
  options?: unknown,
  ctx?: Position,
  max: unknown = 0,
): string[] {
  const compiled = compile(pattern, options, 'split');
  const text = stringArgument(subject, 1, 'split');
  const most = typeof max === 'number' && max > 0 ? max : Number.POSITIVE_INFINITY;
  const pieces: string[] = [];
  if (ctx !== undefined && ctx !== null && +(ctx.pos ?? 0) >= text.length) return pieces;
  let from = start(ctx, text);
  if (from >= text.length) return pieces;
  let count = 1;
  for (let at = from; count < most && at <= text.length; ) {
    const found = run(compiled, text, at);
    if (found === null) break;
    at = behind(text, found);
    const empty = found[0] === '';
    if (empty && (found.index <= from || found.index >= text.length)) continue;
    pieces[pieces.length] = slice(text, from, found.index);
    count++;
    const group = groupCount(compiled, found) > 1 ? groupOf(compiled, found, 1) : -1;
    if (group !== -1) pieces[pieces.length] = found[group] as string;
    from = found.index + found[0].length;
    if (ctx !== undefined && ctx !== null) ctx.pos = from;
  }
  pieces[pieces.length] = slice(text, from);
  if (most === Number.POSITIVE_INFINITY)
    while (pieces.length > 0 && pieces[pieces.length - 1] === '') pieces.length--;
  return pieces;
}

/** The engine has no stack whose size could be set: what Lua refuses is refused, and nothing else happens. */
function opt(option: unknown, value?: unknown): void {
  if (option !== 'jit_stack_size') throw new NgxError('unrecognized option name');
  if (kept) {
    throw new NgxError(
      'changing jit stack size is not allowed when some regexs have already been compiled and cached',
    );
  }
  if (typeof value !== 'number') {
    throw new NgxError(`bad argument #2 to 'opt' (number expected, got ${typeName(value)})`);
  }
}

export const re = { match, find, gmatch, sub, gsub, split, opt };
