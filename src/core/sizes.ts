// Numbers with units as nginx.conf writes them. All return -1 for what nginx calls an invalid value.

const DIGITS = /^[0-9]+$/;

/** A plain decimal number. */
export function parseNumber(text: string): number {
  if (!DIGITS.test(text)) return -1;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : -1;
}

/** Bytes with an optional K or M (ngx_parse_size). */
export function parseSize(text: string): number {
  return scaled(text, 'km');
}

/** Bytes with an optional K, M or G (ngx_parse_offset). */
export function parseOffset(text: string): number {
  return scaled(text, 'kmg');
}

function scaled(text: string, units: string): number {
  const power = units.indexOf(text.slice(-1).toLowerCase());
  if (text === '' || power === -1) return parseNumber(text);
  const value = parseNumber(text.slice(0, -1));
  if (value === -1) return -1;
  const bytes = value * 1024 ** (power + 1);
  return Number.isSafeInteger(bytes) ? bytes : -1;
}

const MS = 1;
const SECOND = 1000 * MS;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
// In the order in which nginx wants them: "1d 12h" is a time, "12h 1d" is not. A bare number counts seconds and ends it.
const UNITS: readonly (readonly [unit: string, ms: number])[] = [
  ['y', 365 * DAY],
  ['M', 30 * DAY],
  ['w', 7 * DAY],
  ['d', DAY],
  ['h', HOUR],
  ['m', MINUTE],
  ['s', SECOND],
  ['ms', MS],
  ['', SECOND],
];
// ngx_int_t on the machines that people run, kept inside what a timer can hold.
const MAX_TIME = 2 ** 53 - 1;

/** A time in milliseconds. `inSeconds` is for directives that count seconds: `ms` is then refused (ngx_parse_time). */
export function parseTime(text: string, inSeconds: boolean): number {
  if (text === '') return -1;
  let total = 0;
  let step = 0;
  let rest = text;
  while (rest !== '') {
    const part = /^([0-9]+)(ms|[yMwdhms])?(?: +(?=.)|$|(?=[0-9]))/.exec(rest);
    if (part === null) return -1;
    const unit = part[2] ?? '';
    const at = UNITS.findIndex(([name], i) => i >= step && name === unit);
    const ms = UNITS[at]?.[1];
    if (ms === undefined || (unit === 'ms' && inSeconds)) return -1;
    total += Number(part[1]) * ms;
    if (total > MAX_TIME) return -1;
    step = at + 1;
    rest = rest.slice(part[0].length);
  }
  return total;
}
