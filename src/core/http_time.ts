// HTTP's three formats of a date, read as leniently as nginx reads them (ngx_parse_http_time).

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const MONTH_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const RFC822 = /^[^, ]*, *([0-9]{2}) ([A-Z][a-z]{2}) ([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2})/;
const RFC850 = /^[^, ]*, *([0-9]{2})-([A-Z][a-z]{2})-([0-9]{2}) ([0-9]{2}):([0-9]{2}):([0-9]{2})/;
const ASCTIME = /^[^, ]* +([A-Z][a-z]{2}) {1,2}([0-9]{1,2}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) ([0-9]{4})/;

/** Seconds since 1970; -1 for what is no date. */
export function parseHttpTime(text: string): number {
  const rfc822 = RFC822.exec(text);
  if (rfc822 !== null) {
    const [, day = '', month = '', year = '', ...time] = rfc822;
    return seconds(Number(year), month, Number(day), time);
  }
  const rfc850 = RFC850.exec(text);
  if (rfc850 !== null) {
    const [, day = '', month = '', short = '', ...time] = rfc850;
    const year = Number(short);
    return seconds(year + (year < 70 ? 2000 : 1900), month, Number(day), time);
  }
  const asctime = ASCTIME.exec(text);
  if (asctime === null) return -1;
  const [, month = '', day = '', hour = '', minute = '', second = '', year = ''] = asctime;
  return seconds(Number(year), month, Number(day), [hour, minute, second]);
}

function seconds(year: number, name: string, day: number, time: readonly string[]): number {
  const month = MONTHS.indexOf(name) / 3;
  const [hour = 24, minute = 60, second = 60] = time.map(Number);
  if (!Number.isInteger(month) || hour > 23 || minute > 59 || second > 59) return -1;
  if (day > (MONTH_DAYS[month] ?? 0)) return -1;
  if (month === 1 && day === 29 && (year % 4 !== 0 || (year % 100 === 0 && year % 400 !== 0))) return -1;
  return Date.UTC(year, month, day, hour, minute, second) / 1000;
}
