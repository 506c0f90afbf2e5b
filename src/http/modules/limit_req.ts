// limit_req: the rate of requests with one key, by the leaky bucket. What of the bucket is full is counted in thousandths
// of a request ("excess"), in a table that all workers share.

import type { Args } from '../../conf/args.ts';
import { type ConfOf, HTTP, HTTP_ANY } from '../../conf/directive.ts';
import { custom, list } from '../../conf/kinds.ts';
import type { Level } from '../../core/log.ts';
import { parseNumber } from '../../core/sizes.ts';
import { Timer } from '../../core/timers.ts';
import type { SharedTable } from '../../zone/table.ts';
import { CLIENT_CLOSED, finalize, resume } from '../engine.ts';
import {
  checkLimitZones,
  type LimitKind,
  type LimitZone,
  limitDryRun,
  limitKeyOf,
  limitLogLevel,
  limitStatus,
  limitZone,
  openLimitZones,
  readLimitZone,
} from '../limit_zone.ts';
import { logError } from '../log.ts';
import { defineModule } from '../module.ts';
import { AGAIN, DECLINED, ERROR, OK, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';

const KIND: LimitKind = { name: 'limit_req', directive: 'limit_req', reserved: 0, maxKey: 65535 };

/** Both in thousandths of a request. */
interface Limit {
  readonly zone: LimitZone;
  readonly burst: number;
  /** Up to here requests are not delayed. */
  readonly delay: number;
}

const directives = {
  limit_req_zone: custom<null>({ in: HTTP, args: [3, 3], default: null, parse: parseZone }),
  limit_req: list<Limit>({ in: HTTP_ANY, args: [1, 3], item: parseLimit }),
  limit_req_log_level: limitLogLevel,
  limit_req_status: limitStatus,
  limit_req_dry_run: limitDryRun,
};

type Conf = ConfOf<typeof directives>;

/** By HttpRequest.limitReqStatus. */
const STATUSES = [undefined, 'PASSED', 'DELAYED', 'REJECTED', 'DELAYED_DRY_RUN', 'REJECTED_DRY_RUN'];
const PASSED = 1;
const DELAYED = 2;
const REJECTED = 3;
const DELAYED_DRY_RUN = 4;
const REJECTED_DRY_RUN = 5;

export const limitReq = defineModule({
  name: 'limit_req',
  directives,
  variables: { limit_req_status: { get: (r) => STATUSES[r.main.limitReqStatus], volatile: true } },
  phases: { preaccess: { when: (conf) => conf.limit_req.length > 0, run: limitRate } },
  postConf: (cf) => checkLimitZones(cf, KIND),
  initWorker: (main, worker) => void openLimitZones(main, worker, KIND),
});

const BUSY = 1;
/** What all processes of the machine count from alike. */
const CLOCK_START = Number(process.hrtime.bigint()) / 1e6 - performance.now();
/** A clock that is further behind has been set back: nginx starts anew then. */
const MAX_BEHIND = -60_000;

const LAST = 0;
const EXCESS = 1;

/** Of the key that was looked up last. */
let excess = 0;
/** The keys, by limit, that are still to be counted; '' for none. */
const uncounted: string[] = [];

function limitRate(r: HttpRequest, conf: Conf): Rc {
  const { main } = r;
  if (main.limitReqStatus !== 0) return DECLINED;
  const limits = conf.limit_req;
  const now = Math.floor(performance.now() + CLOCK_START);
  let rc: Rc = DECLINED;
  let n = 0;
  excess = 0;
  for (; n < limits.length; n++) {
    const limit = limits[n] as Limit;
    uncounted[n] = '';
    rc = ask(r, limit, n, n === limits.length - 1, now, rc);
    if (rc !== AGAIN && rc !== DECLINED) break;
  }
  if (rc === DECLINED) return DECLINED;
  if (rc === BUSY || rc === ERROR) {
    if (rc === BUSY) {
      const what = conf.limit_req_dry_run ? 'limiting requests, dry run' : 'limiting requests';
      const { name } = (limits[n] as Limit).zone;
      logError(r, conf.limit_req_log_level, `${what}, excess: ${decimal(excess)} by zone "${name}"`);
    }
    main.limitReqStatus = conf.limit_req_dry_run ? REJECTED_DRY_RUN : REJECTED;
    return conf.limit_req_dry_run ? DECLINED : conf.limit_req_status;
  }
  if (rc === AGAIN) excess = 0;
  return pass(r, conf, Math.min(n, limits.length - 1), now, rc === AGAIN);
}

/** OK and AGAIN: within the limit, which is counted now, or when all limits have been asked. `rc`: what is so far. */
function ask(r: HttpRequest, limit: Limit, n: number, last: boolean, now: number, rc: Rc): Rc {
  const { zone } = limit;
  const key = limitKeyOf(r, zone, KIND);
  if (key === '') return rc;
  const { table } = zone;
  table.lock();
  try {
    rc = lookUp(table, limit, key, last, now);
  } finally {
    table.unlock();
  }
  if (rc === AGAIN) uncounted[n] = key;
  if (rc === ERROR) {
    r.loc.core.error_log.write('alert', `could not allocate node in limit_req zone "${zone.name}"`);
  }
  return rc;
}

function lookUp(table: SharedTable, limit: Limit, key: string, last: boolean, now: number): Rc {
  const { rate } = limit.zone;
  const { numbers } = table;
  const hash = table.hash(key);
  let cell = table.find(key, hash);
  if (cell !== 0) {
    table.touch(cell);
    const at = table.numbersOf(cell);
    excess = excessNow(numbers, at, rate, now);
    if (excess > limit.burst) return BUSY;
    if (!last) return AGAIN;
    count(numbers, at, now);
    return OK;
  }
  excess = 0;
  expire(table, rate, now, false);
  cell = table.add(key, hash);
  if (cell === 0) {
    expire(table, rate, now, true);
    cell = table.add(key, hash);
    if (cell === 0) return ERROR;
  }
  if (last) numbers[table.numbersOf(cell) + LAST] = now;
  return last ? OK : AGAIN;
}

function since(numbers: Float64Array, at: number, now: number): number {
  const ms = now - (numbers[at + LAST] as number);
  if (ms < MAX_BEHIND) return 1;
  return Math.max(ms, 0);
}

/** With one more request. */
function excessNow(numbers: Float64Array, at: number, rate: number, now: number): number {
  const drained = Math.floor((rate * since(numbers, at, now)) / 1000);
  return Math.max(0, (numbers[at + EXCESS] as number) - drained + 1000);
}

function count(numbers: Float64Array, at: number, now: number): void {
  numbers[at + EXCESS] = excess;
  if (since(numbers, at, now) !== 0) numbers[at + LAST] = now;
}

/** Removes one or two keys that have not been used for a minute and are at zero; the oldest whatever it is, if need be. */
function expire(table: SharedTable, rate: number, now: number, force: boolean): void {
  for (let n = force ? 0 : 1; n < 3; n++) {
    const cell = table.oldest;
    if (cell === 0) return;
    if (n !== 0) {
      const at = table.numbersOf(cell);
      const ms = Math.abs(now - (table.numbers[at + LAST] as number));
      if (ms < 60_000) return;
      if ((table.numbers[at + EXCESS] as number) > Math.floor((rate * ms) / 1000)) return;
    }
    table.remove(cell);
  }
}

/** All limits let the request pass: it is counted in those that have not done so, and waits as the strictest says. */
function pass(r: HttpRequest, conf: Conf, n: number, now: number, all: boolean): Rc {
  const { main } = r;
  const limits = conf.limit_req;
  let limit = limits[n] as Limit;
  let most = excess;
  let delayMs = delayOf(limit, excess);
  for (let i = all ? n : n - 1; i >= 0; i--) {
    const key = uncounted[i] as string;
    if (key === '') continue;
    const other = limits[i] as Limit;
    countLate(other, key, now);
    const ms = delayOf(other, excess);
    if (ms > delayMs) {
      delayMs = ms;
      most = excess;
      limit = other;
    }
  }
  if (delayMs === 0) {
    main.limitReqStatus = PASSED;
    return DECLINED;
  }
  const level = lower(conf.limit_req_log_level);
  const what = conf.limit_req_dry_run ? 'delaying request, dry run' : 'delaying request';
  logError(r, level, `${what}, excess: ${decimal(most)}, by zone "${limit.zone.name}"`);
  main.limitReqStatus = conf.limit_req_dry_run ? DELAYED_DRY_RUN : DELAYED;
  if (conf.limit_req_dry_run) return DECLINED;
  const timer = new Timer(resumeDelayed, r);
  timer.set(delayMs);
  r.onAbort = () => {
    timer.end();
    logError(r, 'info', 'client prematurely closed connection');
    finalize(r, CLIENT_CLOSED);
  };
  return AGAIN;
}

function countLate({ zone }: Limit, key: string, now: number): void {
  const { table, rate } = zone;
  excess = 0;
  table.lock();
  try {
    const cell = table.find(key, table.hash(key));
    if (cell === 0) return; // others needed its room meanwhile
    const at = table.numbersOf(cell);
    excess = excessNow(table.numbers, at, rate, now);
    count(table.numbers, at, now);
  } finally {
    table.unlock();
  }
}

function delayOf({ delay, zone }: Limit, over: number): number {
  return over <= delay ? 0 : Math.floor(((over - delay) * 1000) / zone.rate);
}

function resumeDelayed(r: HttpRequest): void {
  r.onAbort = null;
  resume(r);
}

function lower(level: Level): Level {
  return level === 'error' ? 'warn' : level === 'warn' ? 'notice' : 'info';
}

function decimal(thousandths: number): string {
  return `${Math.floor(thousandths / 1000)}.${String(thousandths % 1000).padStart(3, '0')}`;
}

function parseZone(args: Args): null {
  let rate = 1;
  let scale = 1;
  const zone = readLimitZone(args, KIND, (word) => {
    if (!word.startsWith('rate=')) return false;
    const unit = word.slice(-3);
    if (unit === 'r/s') scale = 1;
    else if (unit === 'r/m') scale = 60;
    rate = parseNumber(word.slice('rate='.length, unit === 'r/s' || unit === 'r/m' ? -3 : undefined));
    if (rate <= 0) args.failWhole(`invalid rate "${word}"`);
    return true;
  });
  zone.rate = Math.floor((rate * 1000) / scale);
  return null;
}

function parseLimit(args: Args, seen: readonly Limit[]): Limit {
  let zone: LimitZone | null = null;
  let burst = 0;
  let delay = 0;
  for (const word of args.texts()) {
    if (word.startsWith('zone=')) {
      zone = limitZone(args, KIND, word.slice('zone='.length));
    } else if (word.startsWith('burst=')) {
      burst = parseNumber(word.slice('burst='.length));
      if (burst <= 0) args.failWhole(`invalid burst value "${word}"`);
    } else if (word.startsWith('delay=')) {
      delay = parseNumber(word.slice('delay='.length));
      if (delay <= 0) args.failWhole(`invalid delay value "${word}"`);
    } else if (word === 'nodelay') {
      delay = Number.POSITIVE_INFINITY;
    } else {
      args.failWhole(`invalid parameter "${word}"`);
    }
  }
  if (zone === null) return args.failWhole(`"${args.name}" must have "zone" parameter`);
  if (seen.some((limit) => limit.zone === zone)) args.fail('is duplicate');
  return { zone, burst: burst * 1000, delay: delay * 1000 };
}
