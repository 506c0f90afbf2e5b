// ngx.now, today, http_time and the like. nginx keeps a cached time; here it is read each time, so update_time does nothing.

import {
  apply,
  Date_,
  exec,
  floor,
  isFiniteNumber,
  min,
  now,
  padStart,
  trunc,
  typeName,
} from './builtins.ts';
import { NgxError } from './errors.ts';

type Part = (d: Date) => number;

function part(method: (this: Date) => number): Part {
  return (d) => apply(method, d, []) as number;
}

const getDate = part(Date_.prototype.getDate);
const getFullYear = part(Date_.prototype.getFullYear);
const getHours = part(Date_.prototype.getHours);
const getMinutes = part(Date_.prototype.getMinutes);
const getMonth = part(Date_.prototype.getMonth);
const getSeconds = part(Date_.prototype.getSeconds);
const getUTCDate = part(Date_.prototype.getUTCDate);
const getUTCDay = part(Date_.prototype.getUTCDay);
const getUTCFullYear = part(Date_.prototype.getUTCFullYear);
const getUTCHours = part(Date_.prototype.getUTCHours);
const getUTCMinutes = part(Date_.prototype.getUTCMinutes);
const getUTCMonth = part(Date_.prototype.getUTCMonth);
const getUTCSeconds = part(Date_.prototype.getUTCSeconds);

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function two(n: number): string {
  return padStart(`${n}`, 2, '0');
}

/** "2026-11-21", of the local day. */
export function today(): string {
  const d = new Date_();
  return `${year(d)}-${two(getMonth(d) + 1)}-${two(getDate(d))}`;
}

function year(d: Date): string {
  return padStart(`${getFullYear(d)}`, 4, '0');
}

export function seconds(): number {
  return floor(now() / 1000);
}

/** Seconds with milliseconds as fraction. */
export function exact(): number {
  return now() / 1000;
}

export function localtime(): string {
  const d = new Date_();
  return `${today()} ${two(getHours(d))}:${two(getMinutes(d))}:${two(getSeconds(d))}`;
}

export function utctime(): string {
  const d = new Date_();
  const y = padStart(`${getUTCFullYear(d)}`, 4, '0');
  return (
    `${y}-${two(getUTCMonth(d) + 1)}-${two(getUTCDate(d))} ` +
    `${two(getUTCHours(d))}:${two(getUTCMinutes(d))}:${two(getUTCSeconds(d))}`
  );
}

/** The end of the year 9999, beyond which nginx writes no dates. */
const LAST_SECOND = 253402300799;

function moment(sec: unknown): Date {
  if (typeof sec !== 'number' || !isFiniteNumber(sec)) throw new NgxError('number argument only');
  return new Date_(sec > 0 ? min(floor(sec), LAST_SECOND) * 1000 : 0);
}

/** "Thu, 18-Nov-10 11:27:35 GMT"; the year in full from 2038 on, as nginx does for old clients. */
export function cookie_time(sec: unknown): string {
  const d = moment(sec);
  const y = getUTCFullYear(d);
  return (
    `${DAYS[getUTCDay(d)]}, ${two(getUTCDate(d))}-${MONTHS[getUTCMonth(d)]}-` +
    `${y > 2037 ? y : two(y % 100)} ${clock(d)} GMT`
  );
}

/** "Thu, 18 Nov 2010 11:27:35 GMT". */
export function http_time(sec: unknown): string {
  const d = moment(sec);
  const y = padStart(`${getUTCFullYear(d)}`, 4, '0');
  return `${DAYS[getUTCDay(d)]}, ${two(getUTCDate(d))} ${MONTHS[getUTCMonth(d)]} ` + `${y} ${clock(d)} GMT`;
}

function clock(d: Date): string {
  return `${two(getUTCHours(d))}:${two(getUTCMinutes(d))}:${two(getUTCSeconds(d))}`;
}

// The three forms of RFC 9110, 5.6.7.
const FORMS = [
  /^[^, ]*, *(?<d>\d\d) (?<m>[A-Za-z]{3}) (?<y>\d{4}) (?<h>\d\d):(?<i>\d\d):(?<s>\d\d)/,
  /^[^, ]*, *(?<d>\d\d)-(?<m>[A-Za-z]{3})-(?<y>\d\d) (?<h>\d\d):(?<i>\d\d):(?<s>\d\d)/,
  /^[^, ]* +(?<m>[A-Za-z]{3}) {1,2}(?<d>\d\d?) (?<h>\d\d):(?<i>\d\d):(?<s>\d\d) (?<y>\d{4})/,
];

/** Seconds since 1970; undefined for what is no HTTP date. */
export function parse_http_time(text: unknown): number | undefined {
  if (typeof text !== 'string') throw new NgxError('string argument only');
  for (let i = 0; i < FORMS.length; i++) {
    const groups = exec(FORMS[i] as RegExp, text)?.groups;
    if (groups !== undefined) return toSeconds(groups);
  }
  return undefined;
}

function toSeconds(groups: Record<string, string | undefined>): number | undefined {
  const month = monthOf(groups.m ?? '');
  let y = +(groups.y ?? '');
  if (groups.y?.length === 2) y += y < 70 ? 2000 : 1900;
  const d = +(groups.d ?? '');
  const h = +(groups.h ?? '');
  const i = +(groups.i ?? '');
  const s = +(groups.s ?? '');
  if (month < 0 || h > 23 || i > 59 || s > 59 || d < 1) return undefined;
  const at = Date_.UTC(y, month, d, h, i, s);
  if (getUTCDate(new Date_(at)) !== d) return undefined;
  return at / 1000;
}

function monthOf(name: string): number {
  for (let i = 0; i < MONTHS.length; i++) if (MONTHS[i] === name) return i;
  return -1;
}

/** Seconds given for a wait, in milliseconds; `call` is that of which they are the first argument. */
export function delay(value: unknown, what: string, call: string): number {
  const sec = typeof value === 'string' && value !== '' ? +value : value;
  if (typeof sec !== 'number' || (typeof value === 'string' && !isFiniteNumber(sec))) {
    throw new NgxError(`bad argument #1 to '${call}' (number expected, got ${typeName(value)})`);
  }
  if (!isFiniteNumber(sec) || sec < 0) throw new NgxError(`invalid ${what} "${sec}"`);
  return trunc(sec * 1000);
}
