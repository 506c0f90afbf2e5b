// The clock's texts, each made at most once a second (nginx's cached times): the formats of the logs and of HTTP.

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

interface Second {
  /** Seconds since 1970. */
  readonly at: number;
  /** `Sat, 21 Nov 2026 02:20:01 GMT` */
  readonly http: string;
  /** `2026/11/21 02:20:01` */
  readonly errorLog: string;
  /** `21/Nov/2026:02:20:01 +0000` */
  readonly accessLog: string;
  /** `2026-11-21T02:20:01+00:00` */
  readonly iso8601: string;
  /** `Nov 21 02:20:01`, the day padded with a space */
  readonly syslog: string;
}

/** The texts of httpTime() that were asked for last. */
const httpTimes = new Map<number, string>();
const MOST_KEPT = 1024;

let current = textsOf(0);

/** The texts of the present second. */
export function second(nowMs: number = Date.now()): Second {
  const at = Math.floor(nowMs / 1000);
  if (current.at !== at) current = textsOf(at);
  return current;
}

function textsOf(at: number): Second {
  const date = new Date(at * 1000);
  const year = date.getFullYear();
  const month = MONTHS[date.getMonth()] ?? '';
  const mm = two(date.getMonth() + 1);
  const dd = two(date.getDate());
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const offset = -date.getTimezoneOffset();
  const sign = offset < 0 ? '-' : '+';
  const hours = two(Math.floor(Math.abs(offset) / 60));
  const minutes = two(Math.abs(offset) % 60);
  return {
    at,
    http: httpTime(at),
    errorLog: `${year}/${mm}/${dd} ${time}`,
    accessLog: `${dd}/${month}/${year}:${time} ${sign}${hours}${minutes}`,
    iso8601: `${year}-${mm}-${dd}T${time}${sign}${hours}:${minutes}`,
    syslog: `${month} ${String(date.getDate()).padStart(2)} ${time}`,
  };
}

/** RFC 9110's IMF-fixdate of any moment, in seconds since 1970: those of files come again and again. */
export function httpTime(at: number): string {
  let text = httpTimes.get(at);
  if (text === undefined) {
    text = httpText(at);
    if (httpTimes.size === MOST_KEPT) httpTimes.clear();
    httpTimes.set(at, text);
  }
  return text;
}

function httpText(at: number): string {
  const date = new Date(at * 1000);
  const day = DAYS[date.getUTCDay()] ?? '';
  const month = MONTHS[date.getUTCMonth()] ?? '';
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  const year = String(date.getUTCFullYear()).padStart(4, '0');
  return `${day}, ${two(date.getUTCDate())} ${month} ${year} ${time} GMT`;
}

function two(n: number): string {
  return n < 10 ? `0${n}` : String(n);
}

/** "Thu, 31-Dec-37 23:55:55 GMT"; after 2037 with the whole year, as some clients know no other. */
export function cookieTime(ms: number): string {
  const date = new Date(ms).toUTCString().replace(/^(\w+, \d+) (\w+) (\d+)/, '$1-$2-$3');
  return new Date(ms).getUTCFullYear() > 2037 ? date : date.replace(/-(\d\d)(\d\d) /, '-$2 ');
}
