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
import { type ConnectionCounts, NO_CONNECTIONS } from '../server.ts';
import { declareZone } from '../zones.ts';

type Field = keyof ConnectionCounts;

/** As in a row of sums; those that are kept come first. */
const KEPT_FIELDS: readonly Field[] = ['accepted', 'handled', 'requests'];
const FIELDS: readonly Field[] = [...KEPT_FIELDS, 'active', 'reading', 'writing', 'waiting'];
const KEPT = KEPT_FIELDS.length;
const SUMS = FIELDS.length;

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
    connections_active: counted('active'),
    connections_reading: counted('reading'),
    connections_writing: counted('writing'),
    connections_waiting: counted('waiting'),
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
    const { cells, processes } = this;
    if (cells === null || processes === null || this.worker === null) return;
    const now = this.worker.connections();
    const row = ROWS_AT + processes.own * SUMS;
    FIELDS.forEach((field, i) => {
      cells[row + i] = now[field];
    });
  }

  /** Of those fields, in that order, over all workers. */
  sums(fields: readonly Field[]): number[] {
    const { cells } = this;
    if (cells === null) {
      const now = this.worker?.connections() ?? NO_CONNECTIONS;
      return fields.map((field) => now[field]);
    }
    this.refresh();
    return fields.map((field) => sumIn(cells, FIELDS.indexOf(field)));
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

function sumIn(cells: Float64Array, which: number): number {
  let sum = which < KEPT ? (cells[which] as number) : 0;
  for (let at = ROWS_AT + which; at < CELLS; at += SUMS) sum += cells[at] as number;
  return sum;
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
  counts.processes?.join(0, zone.name);
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

function counted(field: Field): HttpVariable {
  return { get: (r) => String(countsOf(r.server.main.cf).sums([field])[0]), volatile: true };
}

function sendStatus(r: HttpRequest): Rc {
  if (r.method !== 'GET' && r.method !== 'HEAD') return 405;
  const sums = countsOf(r.server.main.cf).sums(FIELDS);
  const [accepted, handled, requests, active, reading, writing, waiting] = sums;
  const text =
    `Active connections: ${active} \n` +
    'server accepts handled requests\n' +
    ` ${accepted} ${handled} ${requests} \n` +
    `Reading: ${reading} Writing: ${writing} Waiting: ${waiting} \n`;
  return sendResponse(r, 200, 'text/plain', text);
}
