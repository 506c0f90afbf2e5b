// strftime() in the C locale: Node has none.

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
];

/** A moment as a clock somewhere shows it. */
interface Clock {
  /** UTC of it is what the clock shows. */
  readonly shown: Date;
  /** Seconds since 1970. */
  readonly at: number;
  /** Minutes that the clock is ahead of UTC, and its zone's name. */
  readonly offset: number;
  readonly zone: () => string;
}

/** `at` is in seconds since 1970. Conversions that C does not know stay as they are. */
export function strftime(format: string, at: number, gmt: boolean): string {
  const offset = gmt ? 0 : -new Date(at * 1000).getTimezoneOffset();
  const zone = gmt ? () => 'GMT' : () => localZone(at, offset);
  return convert(format, { shown: new Date((at + offset * 60) * 1000), at, offset, zone });
}

const CONVERSION = /%([EO]?)([A-Za-z%+])/g;

function convert(format: string, clock: Clock): string {
  return format.replace(CONVERSION, (all, _modifier, letter: string) => {
    const conversion = CONVERSIONS[letter];
    return conversion === undefined ? all : conversion(clock);
  });
}

const CONVERSIONS: Readonly<Record<string, (clock: Clock) => string>> = {
  a: ({ shown }) => day(shown).slice(0, 3),
  A: ({ shown }) => day(shown),
  b: ({ shown }) => month(shown).slice(0, 3),
  B: ({ shown }) => month(shown),
  c: (clock) => convert('%a %b %e %H:%M:%S %Y', clock),
  C: ({ shown }) => two(Math.floor(shown.getUTCFullYear() / 100)),
  d: ({ shown }) => two(shown.getUTCDate()),
  D: (clock) => convert('%m/%d/%y', clock),
  e: ({ shown }) => String(shown.getUTCDate()).padStart(2),
  F: (clock) => convert('%Y-%m-%d', clock),
  g: ({ shown }) => two(isoWeek(shown).year % 100),
  G: ({ shown }) => String(isoWeek(shown).year),
  h: ({ shown }) => month(shown).slice(0, 3),
  H: ({ shown }) => two(shown.getUTCHours()),
  I: ({ shown }) => two(twelve(shown)),
  j: ({ shown }) => String(dayOfYear(shown) + 1).padStart(3, '0'),
  k: ({ shown }) => String(shown.getUTCHours()).padStart(2),
  l: ({ shown }) => String(twelve(shown)).padStart(2),
  m: ({ shown }) => two(shown.getUTCMonth() + 1),
  M: ({ shown }) => two(shown.getUTCMinutes()),
  n: () => '\n',
  p: ({ shown }) => (shown.getUTCHours() < 12 ? 'AM' : 'PM'),
  P: ({ shown }) => (shown.getUTCHours() < 12 ? 'am' : 'pm'),
  r: (clock) => convert('%I:%M:%S %p', clock),
  R: (clock) => convert('%H:%M', clock),
  s: ({ at }) => String(at),
  S: ({ shown }) => two(shown.getUTCSeconds()),
  t: () => '\t',
  T: (clock) => convert('%H:%M:%S', clock),
  u: ({ shown }) => String(shown.getUTCDay() || 7),
  U: ({ shown }) => two(Math.floor((dayOfYear(shown) + 7 - shown.getUTCDay()) / 7)),
  V: ({ shown }) => two(isoWeek(shown).week),
  w: ({ shown }) => String(shown.getUTCDay()),
  W: ({ shown }) => two(Math.floor((dayOfYear(shown) + 7 - ((shown.getUTCDay() + 6) % 7)) / 7)),
  x: (clock) => convert('%m/%d/%y', clock),
  X: (clock) => convert('%H:%M:%S', clock),
  y: ({ shown }) => two(shown.getUTCFullYear() % 100),
  Y: ({ shown }) => String(shown.getUTCFullYear()),
  z: ({ offset }) => offsetText(offset),
  Z: ({ zone }) => zone(),
  '+': (clock) => convert('%a %b %e %H:%M:%S %Z %Y', clock),
  '%': () => '%',
};

function two(n: number): string {
  return n < 10 ? `0${n}` : String(n);
}

function day(shown: Date): string {
  return DAYS[shown.getUTCDay()] ?? '';
}

function month(shown: Date): string {
  return MONTHS[shown.getUTCMonth()] ?? '';
}

function twelve(shown: Date): number {
  return shown.getUTCHours() % 12 || 12;
}

const DAY_MS = 86_400_000;

/** From 0. */
function dayOfYear(shown: Date): number {
  return Math.floor((shown.getTime() - Date.UTC(shown.getUTCFullYear(), 0, 1)) / DAY_MS);
}

/** The week is that of its Thursday. */
function isoWeek(shown: Date): { year: number; week: number } {
  const thursday = new Date(shown.getTime() + (4 - (shown.getUTCDay() || 7)) * DAY_MS);
  return { year: thursday.getUTCFullYear(), week: Math.floor(dayOfYear(thursday) / 7) + 1 };
}

function offsetText(minutes: number): string {
  const positive = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(positive / 60))}${two(positive % 60)}`;
}

/** "CET", where some part of the English speaking world says so; else "+01", as the tz database has it. */
function localZone(at: number, offset: number): string {
  for (const locale of ['en-US', 'en-GB', 'en-AU', 'en-IN', 'en-ZA']) {
    const parts = new Intl.DateTimeFormat(locale, { timeZoneName: 'short' }).formatToParts(at * 1000);
    const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
    if (/^[A-Z]+$/.test(name)) return name;
  }
  const text = offsetText(offset);
  return text.endsWith('00') ? text.slice(0, 3) : text;
}
