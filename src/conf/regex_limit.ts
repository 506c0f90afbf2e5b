// Expressions with lookaheads or references can only be matched by stepping back, which may take longer than the world
// will last. Those that may take many steps get a time limit, as PCRE has a limit of steps.

import { types } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { type Context, createContext, Script } from 'node:vm';

/** Nothing that takes fewer steps needs a limit: it costs 70 µs. PCRE gives up after as many. */
const MAX_STEPS = 1e7;
const LIMIT_MS = 250;

/** In PCRE's words: its match limit is reached. */
export class RegexFault extends Error {
  constructor(subject: string, source: string) {
    super(`pcre2_match() failed: -47 on "${subject}" using "${source}"`);
    this.stack = this.message; // nothing is wrong with the program
  }
}

/** How long a subject may be that `regex` is matched with without a limit. */
export function harmlessLength(regex: RegExp): number {
  if (isLinear(regex)) return Number.POSITIVE_INFINITY;
  const { repetitions, nested } = repetitionsOf(regex.source);
  if (nested) return Math.floor(Math.log2(MAX_STEPS));
  const starts = regex.source.startsWith('^') ? 0 : 1;
  return Math.floor(MAX_STEPS ** (1 / Math.max(1, repetitions + starts)));
}

/** What a linear search cannot do looks like this, and more. */
const MAY_NOT_BE_LINEAR = /\(\?[=!i-]|\\[1-9k]|\{/;

/** V8 can go on in linear time where it has stepped back too often. */
function isLinear({ source, flags }: RegExp): boolean {
  if (flags === '' && !MAY_NOT_BE_LINEAR.test(source)) return true; // asking V8 takes 30 µs
  setFlagsFromString('--enable-experimental-regexp-engine'); // it refuses the flag `l` else
  try {
    new RegExp(source, `${flags}l`);
    return true;
  } catch {
    return false;
  } finally {
    setFlagsFromString('--no-enable-experimental-regexp-engine');
  }
}

/** Escapes, classes, beginnings and ends of groups, bars and quantifiers. */
const PARTS = /\\.|\[(?:\\.|[^\]\\])*\]|\((?:\?(?:<?[=!]|<\w+>|[-a-z]*:))?|[)|*+?]|\{(\d+)(,?)(\d*)\}/gs;

interface Repetitions {
  /** How many there are that the subject's length alone bounds. */
  readonly repetitions: number;
  /** A group is repeated in which there are others, or alternatives. */
  readonly nested: boolean;
}

function repetitionsOf(source: string): Repetitions {
  let repetitions = 0;
  let nested = false;
  /** By open group: whether it can match one text in several ways. */
  const groups = [false];
  /** Where the group that could has ended. */
  let ended = -1;
  for (const { 0: part, 1: min, 2: comma, 3: max, index } of source.matchAll(PARTS)) {
    const isRepetition =
      part === '*' || part === '+' || (min !== undefined && (comma !== '' || Number(min) > 1));
    if (isRepetition) {
      if (ended === index) nested = true;
      if (min === undefined || (comma !== '' && max === '') || Number(max) > 1) repetitions++;
      groups[groups.length - 1] = true;
    } else if (part === '|' || part === '?') groups[groups.length - 1] = true;
    if (part.startsWith('(')) groups.push(false);
    else if (part === ')' && groups.pop() === true) {
      ended = index + 1;
      groups[groups.length - 1] = true;
    }
  }
  return { repetitions, nested };
}

interface Search {
  readonly script: Script;
  readonly context: Context;
  regex: RegExp;
  subject: string;
  found: RegExpExecArray | null;
}

let search: Search | null = null;

/** As regex.exec(); throws RegexFault, which tells of the expression as `source`, where it takes too long. */
export function execWithinTime(regex: RegExp, subject: string, source: string): RegExpExecArray | null {
  search ??= makeSearch(regex, subject);
  const own = search;
  own.regex = regex;
  own.subject = subject;
  own.found = null;
  try {
    own.script.runInContext(own.context, { timeout: LIMIT_MS });
  } catch (error) {
    // It is of the other context: no instance of our Error.
    if (types.isNativeError(error) && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
      throw new RegexFault(subject, source);
    }
    throw error;
  }
  return own.found;
}

function makeSearch(regex: RegExp, subject: string): Search {
  const context = createContext({
    exec() {
      made.found = made.regex.exec(made.subject);
    },
  });
  const made: Search = { script: new Script('exec()'), context, regex, subject, found: null };
  return made;
}
