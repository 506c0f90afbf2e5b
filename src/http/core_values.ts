// Values of the core module's directives that are more than a number or a word.

import type { Args } from '../conf/args.ts';
import type { ComplexValue } from '../conf/complex.ts';
import type { Reader } from '../conf/reader.ts';
import { parseNumber, parseOffset, parseSize, parseTime } from '../core/sizes.ts';
import { Location } from './location.ts';
import { addPath } from './paths.ts';

/** root and alias. */
export interface Root {
  /** Set where the path holds variables; then `path` is unused. */
  readonly value: ComplexValue | null;
  /** With the prefix, where it has not begun with a slash; without a trailing slash for a root. */
  readonly path: string;
  readonly alias: boolean;
  /** How much of the uri an alias stands for. */
  readonly aliasLength: number;
  /** alias in a regular expression location: the path is the whole file name. */
  readonly regex: boolean;
}

/** Where no root says otherwise: html under the prefix. */
export function defaultRoot(cf: Reader): Root {
  return { value: null, path: cf.fullName('html', 'prefix'), alias: false, aliasLength: 0, regex: false };
}

export function parseRoot(args: Args): Root {
  return parsePath(args, false);
}

export function parseAlias(args: Args, seen: Root | undefined): Root {
  if (seen !== undefined) {
    if (seen.alias) args.fail('is duplicate');
    args.failWhole('"alias" directive is duplicate, "root" directive was specified earlier');
  }
  const { subject } = args.scope;
  if (subject instanceof Location && subject.named) {
    args.failWhole('the "alias" directive cannot be used inside the named location');
  }
  return parsePath(args, true);
}

function parsePath(args: Args, alias: boolean): Root {
  const text = args.text(1);
  const itself = /\$\{?(document_root|realpath_root)\b/.exec(text);
  if (itself !== null) {
    args.failWhole(`the $${itself[1]} variable cannot be used in the "${args.name}" directive`);
  }
  const { subject } = args.scope;
  const location = subject instanceof Location ? subject : null;
  const compiled = args.complex(1);
  const path = text.startsWith('$') ? text : args.cf.fullName(text, 'prefix');
  return {
    value: compiled.constant === null ? args.cf.variables.compile(path, args.place()) : null,
    path: alias ? path : path.replace(/\/$/, ''),
    alias,
    aliasLength: alias && location !== null ? location.name.length : 0,
    regex: alias && location?.regex !== null && location?.regex !== undefined,
  };
}

export interface KeepaliveTimeout {
  /** 0: connections are not kept. */
  readonly ms: number;
  /** For the Keep-Alive header; 0: none is sent. */
  readonly headerSeconds: number;
}

export function parseKeepaliveTimeout(args: Args): KeepaliveTimeout {
  const ms = parseTime(args.text(1), false);
  if (ms === -1) args.fail('invalid value');
  const header = args.count === 2 ? parseTime(args.text(2), true) : 0;
  if (header === -1) args.fail('invalid value');
  return { ms, headerSeconds: header / 1000 };
}

export interface TempPath {
  readonly path: string;
  /** It is the default, which is below the prefix: all others say where they are. */
  readonly byDefault?: boolean;
  /** Digits of each directory level. */
  readonly levels: readonly number[];
  /** It is a cache's own. */
  readonly owned?: boolean;
}

const MAX_LEVELS_LENGTH = 10;

export function parseClientBodyTempPath(args: Args): TempPath {
  const levels: number[] = [];
  for (let i = 2; i <= args.count; i++) {
    const level = parseNumber(args.text(i));
    if (level <= 0) args.fail('invalid value');
    levels.push(level);
  }
  // Of the directories' names, with their slashes.
  const length = levels.reduce((sum, level) => sum + level + 1, 0);
  if (length > MAX_LEVELS_LENGTH + levels.length) args.fail('invalid value');
  const path = args.cf.fullName(args.text(1).replace(/\/$/, ''), 'prefix');
  addPath(args, path, levels, false);
  return { path, levels };
}

export interface ErrorPage {
  readonly status: number;
  /** The status of the answer: -1 the original one, 0 that of the page, else this. */
  readonly overwrite: number;
  readonly value: ComplexValue;
}

// One directive names several statuses and makes one item of the list for each: the table's `list` kind pushes the
// last, the others are pushed here.
export function parseErrorPage(args: Args, seen: readonly ErrorPage[]): ErrorPage {
  const target = args.text(args.count);
  const before = args.text(args.count - 1);
  let last = args.count - 1;
  let overwrite = -1;
  if (before.startsWith('=')) {
    if (last === 1) args.failWhole(`invalid value "${before}"`);
    overwrite = before === '=' ? 0 : parseNumber(before.slice(1));
    if (overwrite === -1) args.failWhole(`invalid value "${before}"`);
    last--;
  }
  const value = args.cf.variables.compile(target, args.place());
  const pages: ErrorPage[] = [];
  for (let i = 1; i <= last; i++) {
    const status = parseNumber(args.text(i));
    if (status === -1 || status === 499) args.failWhole(`invalid value "${args.text(i)}"`);
    if (status < 300 || status > 599) args.failWhole(`value "${args.text(i)}" must be between 300 and 599`);
    const asBadRequest = overwrite === -1 && status >= 494 && status <= 497;
    pages.push({ status, overwrite: asBadRequest ? 400 : overwrite, value });
  }
  (seen as ErrorPage[]).push(...pages.slice(0, -1));
  return pages.at(-1) as ErrorPage;
}

export interface DisableSymlinks {
  /** A link is followed whose owner is also that of what it leads to. */
  readonly ownerMayLink: boolean;
  /** Links in this part of the path are followed. */
  readonly from: ComplexValue | null;
}

export function parseDisableSymlinks(
  args: Args,
  seen: DisableSymlinks | null | undefined,
): DisableSymlinks | null {
  if (seen !== undefined) args.fail('is duplicate');
  let mode = '';
  let from: ComplexValue | null = null;
  for (let i = 1; i <= args.count; i++) {
    const word = args.text(i);
    if (word === 'off' || word === 'on' || word === 'if_not_owner') mode = word;
    else if (word.startsWith('from=')) from = args.cf.variables.compile(word.slice(5), args.place());
    else args.failWhole(`invalid parameter "${word}"`);
  }
  if (mode === '') {
    args.failWhole('"disable_symlinks" must have "off", "on" or "if_not_owner" parameter');
  }
  if (args.count === 2 && from === null) {
    args.failWhole(`duplicate parameters "${args.text(1)} ${args.text(2)}"`);
  }
  if (mode !== 'off') return { ownerMayLink: mode === 'if_not_owner', from };
  if (from !== null) args.failWhole('"from=" cannot be used with "off" parameter');
  return null;
}

/** send_lowat and its like, of which no system but FreeBSD makes anything. */
export function parseSendLowat(args: Args): number {
  const bytes = parseSize(args.text(1));
  if (bytes === -1) args.fail('invalid value');
  args.warn(`"${args.name}" is not supported, ignored`);
  return 0;
}

/** Bytes, or bytes a second, that may come from variables (ngx_http_set_complex_value_size_slot). */
export function parseSizeValue(args: Args): ComplexValue {
  const compiled = args.complex(1);
  if (compiled.constant !== null && parseSize(compiled.constant) === -1) args.fail('invalid value');
  return compiled;
}

const AIO = /^(?:on|off|threads(?:=.*)?)$/s;

export function parseAio(args: Args): string {
  const text = args.text(1);
  if (!AIO.test(text)) args.fail('invalid value');
  return text;
}

export function parseDirectio(args: Args): string {
  const text = args.text(1);
  if (text !== 'off' && parseOffset(text) === -1) args.fail('invalid value');
  return text;
}

export function parseOpenFileCache(args: Args): readonly string[] {
  const words = args.texts();
  for (const word of words) {
    const [name, text = ''] = word.split(/=(.*)/s);
    const right =
      (name === 'max' && parseNumber(text) > 0) ||
      (name === 'inactive' && parseTime(text, true) !== -1) ||
      word === 'off';
    if (!right) args.failWhole(`invalid "open_file_cache" parameter "${word}"`);
  }
  if (!words.some((word) => word === 'off' || word.startsWith('max='))) {
    args.failWhole('"open_file_cache" must have the "max" parameter');
  }
  return words;
}

const SHIFTS = new Map([
  ['user', 6],
  ['group', 3],
  ['all', 0],
]);
const RIGHTS = new Map([
  ['rw', 6],
  ['r', 4],
]);

/** `user:rw group:r all:r` as the bits of a mode. */
export function parseAccess(args: Args): number {
  let access = 0;
  let user = 0o600;
  for (const word of args.texts()) {
    const [who = '', what = '', ...more] = word.split(':');
    const shift = SHIFTS.get(who);
    const right = more.length === 0 ? RIGHTS.get(what) : undefined;
    if (shift === undefined || right === undefined) return args.failWhole(`invalid value "${word}"`);
    if (who === 'user') user = 0;
    access |= right << shift;
  }
  return access | user;
}
