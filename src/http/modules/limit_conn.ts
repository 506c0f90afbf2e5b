// limit_conn: how many requests with one key are being answered at a time. Each worker has its own count of a key in the
// table that they share, so that what a killed one had is known, and taken back.

import type { Args } from '../../conf/args.ts';
import { type ConfOf, HTTP, HTTP_ANY } from '../../conf/directive.ts';
import { custom, list } from '../../conf/kinds.ts';
import { parseNumber } from '../../core/sizes.ts';
import { PROCESS_CELLS, ProcessRows } from '../../zone/processes.ts';
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
import type { HttpMain } from '../main.ts';
import { defineModule, type WorkerProcess } from '../module.ts';
import { DECLINED, type Rc } from '../rc.ts';
import type { Counted, HttpRequest } from '../request.ts';

const CELL_BYTES = 8;
const KIND: LimitKind = {
  name: 'limit_conn',
  directive: 'limit_conn_zone',
  reserved: PROCESS_CELLS * CELL_BYTES,
  maxKey: 255,
};
const REAP_MS = 1000;

interface Limit {
  readonly zone: LimitZone;
  readonly conn: number;
}

const directives = {
  limit_conn_zone: custom<null>({ in: HTTP, args: [2, 2], default: null, parse: parseZone }),
  limit_conn: list<Limit>({ in: HTTP_ANY, args: [2, 2], item: parseLimit }),
  limit_conn_log_level: limitLogLevel,
  limit_conn_status: limitStatus,
  limit_conn_dry_run: limitDryRun,
};

type Conf = ConfOf<typeof directives>;

/** By HttpRequest.limitConnStatus. */
const STATUSES = [undefined, 'PASSED', 'REJECTED', 'REJECTED_DRY_RUN'];
const PASSED = 1;
const REJECTED = 2;
const REJECTED_DRY_RUN = 3;

export const limitConn = defineModule({
  name: 'limit_conn',
  directives,
  variables: { limit_conn_status: { get: (r) => STATUSES[r.main.limitConnStatus], volatile: true } },
  phases: { preaccess: { when: (conf) => conf.limit_conn.length > 0, run: limitConnections } },
  postConf: (cf) => checkLimitZones(cf, KIND),
  initWorker: joinZones,
  exitWorker: leaveZones,
});

function limitConnections(r: HttpRequest, conf: Conf): Rc {
  const { main } = r;
  if (main.limitConnStatus !== 0) return DECLINED;
  for (const { zone, conn } of conf.limit_conn) {
    const key = limitKeyOf(r, zone, KIND);
    if (key === '') continue;
    main.limitConnStatus = PASSED;
    const cell = countOne(zone, key, conn);
    if (cell > 0) {
      main.counted = new Hold(zone, cell, main.counted);
      continue;
    }
    if (cell === TOO_MANY) {
      const what = conf.limit_conn_dry_run ? 'limiting connections, dry run,' : 'limiting connections';
      logError(r, conf.limit_conn_log_level, `${what} by zone "${zone.name}"`);
    }
    main.counted?.release();
    main.counted = null;
    main.limitConnStatus = conf.limit_conn_dry_run ? REJECTED_DRY_RUN : REJECTED;
    return conf.limit_conn_dry_run ? DECLINED : conf.limit_conn_status;
  }
  return DECLINED;
}

const TOO_MANY = -1;
const NO_ROOM = 0;

/** The cell in which one more is counted; or TOO_MANY, or NO_ROOM. */
function countOne(zone: LimitZone, key: string, most: number): number {
  const { table } = zone;
  const row = rowsOf(zone).own;
  table.lock();
  try {
    const hash = table.hash(key);
    let sum = 0;
    let own = NO_ROOM;
    for (let cell = table.first(hash); cell !== 0; cell = table.next(cell)) {
      if (!table.is(cell, key, hash)) continue;
      sum += table.numbers[table.numbersOf(cell)] as number;
      if (table.mark(cell) === row) own = cell;
    }
    if (sum >= most) return TOO_MANY;
    if (own === NO_ROOM) own = table.add(key, hash, row);
    if (own !== NO_ROOM) add(zone, own, 1);
    return own;
  } finally {
    table.unlock();
  }
}

/** Under the lock. */
function add({ table }: LimitZone, cell: number, more: number): void {
  const at = table.numbersOf(cell);
  const count = (table.numbers[at] as number) + more;
  table.numbers[at] = count;
  if (count === 0) table.remove(cell);
}

/** One that is counted, until its request has been answered and logged. */
class Hold implements Counted {
  readonly #zone: LimitZone;
  readonly #cell: number;
  readonly #next: Counted | null;

  constructor(zone: LimitZone, cell: number, next: Counted | null) {
    this.#zone = zone;
    this.#cell = cell;
    this.#next = next;
  }

  release(): void {
    const { table } = this.#zone;
    table.lock();
    try {
      add(this.#zone, this.#cell, -1);
    } finally {
      table.unlock();
    }
    this.#next?.release();
  }
}

const rows = new WeakMap<LimitZone, ProcessRows>();

function rowsOf(zone: LimitZone): ProcessRows {
  const known = rows.get(zone);
  if (known !== undefined) return known;
  const { buffer, byteOffset } = zone.reserved;
  const made = new ProcessRows(new Float64Array(buffer, byteOffset, PROCESS_CELLS));
  rows.set(zone, made);
  return made;
}

class Work {
  zones: readonly LimitZone[] = [];
  reaping: NodeJS.Timeout | null = null;
}

const WORK = {};

function workOf({ cf }: HttpMain): Work {
  return cf.state(WORK, () => new Work());
}

function joinZones(main: HttpMain, worker: WorkerProcess): void {
  const work = workOf(main);
  work.zones = openLimitZones(main, worker, KIND);
  for (const zone of work.zones) {
    locked(zone, () => {
      takeBack(zone, rowsOf(zone).dead());
      rowsOf(zone).join(0, zone.name);
    });
  }
  if (work.zones.length === 0) return;
  work.reaping = setInterval(reap, REAP_MS, work);
  work.reaping.unref();
}

function reap({ zones }: Work): void {
  for (const zone of zones) {
    if (rowsOf(zone).someDead()) locked(zone, () => takeBack(zone, rowsOf(zone).dead()));
  }
}

function leaveZones(main: HttpMain): void {
  const { reaping, zones } = workOf(main);
  if (reaping !== null) clearInterval(reaping);
  for (const zone of zones) locked(zone, () => takeBack(zone, [rowsOf(zone).own]));
}

function locked({ table }: LimitZone, step: () => void): void {
  table.lock();
  try {
    step();
  } finally {
    table.unlock();
  }
}

/** Under the lock: what the processes of these rows have counted is not any more. */
function takeBack(zone: LimitZone, gone: readonly number[]): void {
  if (gone.length === 0) return;
  const { table } = zone;
  for (let cell = table.oldest; cell !== 0; ) {
    const next = table.newer(cell);
    if (gone.includes(table.mark(cell))) table.remove(cell);
    cell = next;
  }
  for (const row of gone) rowsOf(zone).free(row);
}

function parseZone(args: Args): null {
  readLimitZone(args, KIND, () => false);
  return null;
}

function parseLimit(args: Args, seen: readonly Limit[]): Limit {
  const zone = limitZone(args, KIND, args.text(1));
  if (seen.some((limit) => limit.zone === zone)) args.fail('is duplicate');
  const conn = parseNumber(args.text(2));
  if (conn <= 0) args.failWhole(`invalid number of connections "${args.text(2)}"`);
  if (conn > 65535) args.failWhole('connection limit must be less 65536');
  return { zone, conn };
}
