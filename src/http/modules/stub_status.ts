// stub_status: how many connections and requests there are and have been, over all workers.
// Nothing is counted for it: a worker looks at its connections when it is asked, and leaves what it has seen where the
// others can read it (ten times in a second). A worker that goes leaves its sums to all.

import { type ConfOf, LOCATION, SERVER } from '../../conf/directive.ts';
import { value } from '../../conf/kinds.ts';
import type { Reader } from '../../conf/reader.ts';
import { MOST_PROCESSES, PROCESS_CELLS, ProcessRows } from '../../zone/processes.ts';
import type { Zone } from '../../zone/zone.ts';
import type { HttpMain } from '../main.ts';
import { defineModule, type HttpVariable, type WorkerProcess } from '../module.ts';
import { sendResponse } from '../output.ts';
import type { Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import type { ConnectionCounts } from '../server.ts';
import { declareZone } from '../zones.ts';

// In a row of sums; those that are kept come first.
const ACCEPTED = 0;
const HANDLED = 1;
const REQUESTS = 2;
const KEPT = 3;
const ACTIVE = 3;
const READING = 4;
const WRITING = 5;
const WAITING = 6;
const SUMS = 7;

const directives = {
  stub_status: value<boolean>({
    in: SERVER | LOCATION,
    args: [0, 1],
    default: false,
    local: true,
    parse(args) {
      countsOf(args.cf).wanted = true;
      return true;
    },
  }),
};

type Conf = ConfOf<typeof directives>;

export const stubStatus = defineModule({
  name: 'stub_status',
  directives,
  variables: {
    connections_active: counted(ACTIVE),
    connections_reading: counted(READING),
    connections_writing: counted(WRITING),
    connections_waiting: counted(WAITING),
  },
  postConf: askForZone,
  initWorker: joinZone,
  exitWorker: leaveZone,
  phases: { content: { when: (conf: Conf) => conf.stub_status, run: sendStatus, exclusive: true } },
});

const KIND = 'stub_status';
const ZONE = 'nginx:stub_status';
const STORE_SIZE = 64 * 1024;
/** Cells: a row of what all that have gone have left, the processes, a row for each of them. */
const ROWS_AT = SUMS + PROCESS_CELLS;
const CELLS = ROWS_AT + MOST_PROCESSES * SUMS;
const CELL_BYTES = 8;
const REFRESH_MS = 100;

/** Where the sums are found. */
class Counts {
  wanted = false;
  /** What this worker has now; null before it serves. */
  worker: WorkerProcess | null = null;
  cells: Float64Array | null = null;
  processes: ProcessRows | null = null;
  zone: Zone | null = null;
  refreshing: NodeJS.Timeout | null = null;

  /** Writes this worker's row. */
  refresh(): void {
    const now = this.worker?.connections();
    if (this.cells === null || this.processes === null || now === undefined) return;
    const row = ROWS_AT + this.processes.own * SUMS;
    for (let i = 0; i < SUMS; i++) this.cells[row + i] = countIn(now, i);
  }

  sum(which: number): number {
    const { cells } = this;
    if (cells === null) return this.worker === null ? 0 : countIn(this.worker.connections(), which);
    this.refresh();
    let sum = which < KEPT ? (cells[which] as number) : 0;
    for (let at = ROWS_AT + which; at < CELLS; at += SUMS) sum += cells[at] as number;
    return sum;
  }

  /** Under the lock: who has gone leaves what is kept. */
  fold(row: number): void {
    const { cells, processes } = this;
    if (cells === null || processes === null) return;
    const at = ROWS_AT + row * SUMS;
    for (let i = 0; i < KEPT; i++) cells[i] = (cells[i] as number) + (cells[at + i] as number);
    cells.fill(0, at, at + SUMS);
    processes.free(row);
  }
}

function countIn(counts: ConnectionCounts, which: number): number {
  switch (which) {
    case ACCEPTED:
      return counts.accepted;
    case HANDLED:
      return counts.handled;
    case REQUESTS:
      return counts.requests;
    case ACTIVE:
      return counts.active;
    case READING:
      return counts.reading;
    case WRITING:
      return counts.writing;
    default:
      return counts.waiting;
  }
}

const COUNTS = {};

function countsOf(cf: Reader): Counts {
  return cf.state(COUNTS, () => new Counts());
}

const VARIABLES = ['active', 'reading', 'writing', 'waiting'];

function askForZone(cf: Reader): void {
  const counts = countsOf(cf);
  if (VARIABLES.some((name) => cf.variables.isUsed(`connections_${name}`))) counts.wanted = true;
  if (!counts.wanted) return;
  const place = { file: cf.sources.confFile, line: 1, column: 1 };
  declareZone(cf, { kind: KIND, name: ZONE, size: STORE_SIZE, block: CELLS * CELL_BYTES }, place);
}

function joinZone({ cf }: HttpMain, worker: WorkerProcess): void {
  const counts = countsOf(cf);
  counts.worker = worker;
  const zone = worker.zones.get(KIND)?.get(ZONE);
  if (zone === undefined) return;
  const { buffer, byteOffset } = zone.block;
  counts.zone = zone;
  counts.cells = new Float64Array(buffer, byteOffset, CELLS);
  counts.processes = new ProcessRows(counts.cells.subarray(SUMS, ROWS_AT));
  zone.update(joinStep, counts);
  counts.refreshing = setInterval(refresh, REFRESH_MS, counts);
  counts.refreshing.unref();
}

function joinStep(zone: Zone, counts: Counts): void {
  for (const row of counts.processes?.dead() ?? []) counts.fold(row);
  if (counts.processes?.join(0) === true) return;
  throw new Error(`more than ${MOST_PROCESSES} processes share zone "${zone.name}"`);
}

function refresh(counts: Counts): void {
  counts.refresh();
}

function leaveZone({ cf }: HttpMain): void {
  const counts = countsOf(cf);
  if (counts.zone === null || counts.processes === null) return;
  if (counts.refreshing !== null) clearInterval(counts.refreshing);
  counts.refresh();
  counts.zone.update(leaveStep, counts);
  counts.cells = null;
}

function leaveStep(_zone: Zone, counts: Counts): void {
  if (counts.processes !== null) counts.fold(counts.processes.own);
}

function counted(which: number): HttpVariable {
  return { get: (r) => String(countsOf(r.server.main.cf).sum(which)), volatile: true };
}

function sendStatus(r: HttpRequest): Rc {
  if (r.method !== 'GET' && r.method !== 'HEAD') return 405;
  const counts = countsOf(r.server.main.cf);
  const n = Array.from({ length: SUMS }, (_, which) => counts.sum(which));
  const text =
    `Active connections: ${n[ACTIVE]} \n` +
    'server accepts handled requests\n' +
    ` ${n[ACCEPTED]} ${n[HANDLED]} ${n[REQUESTS]} \n` +
    `Reading: ${n[READING]} Writing: ${n[WRITING]} Waiting: ${n[WAITING]} \n`;
  return sendResponse(r, 200, 'text/plain', text);
}
