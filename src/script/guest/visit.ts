// A visit: one call of pump(), which the host cuts off when it takes too long.
//
//   record ─ nothing of it goes on ──────────────────────────────→ next record
//      └──── its request waits ─ microtasks ─ it has come to rest ──↑
//                                    └─────── it has not ──→ end of the visit; the next one takes up the rest
//
// When a visit is cut off, V8 throws away the continuations that are queued, whosever they are. So no record is taken
// up before the request of the last one has ended, or waits for the host and has been silent for a while.

import { CAREFUL, COUNT, FROM_INT, FROM_TEXT, HANDLED, IDLE, RESULT, TAIL } from '../protocol.ts';
import { crowded, keepOut, mem, startReading, startWriting, written } from './bridge.ts';
import { list, now } from './builtins.ts';
import { nobody } from './nobody.ts';
import { waiterOf } from './operations.ts';
import { handOverUnsent, type Request } from './request.ts';
import { forget, giveUp, goingOn, handle } from './run.ts';
import { timerCutOff } from './timer.ts';

/** How long a visit takes on new records, in milliseconds: what is left waits for the next, and others have their turn. */
const VISIT_MS = 20;
/** So many microtasks after a request has begun to wait for the host, its other continuations have come to an end too. */
const SILENT = 8;
/** So many microtasks are given to a request to come to rest. */
const PATIENCE = 256;

let at = 0;
let until = 0;
/** Requests whose code this visit has run before that of others. */
let visited = list<Request>();
/** Those that were visited when the visit was cut off: perhaps they had not come to rest. */
let doubtful = list<Request>();

/** Takes up records until all are handled, or time or room runs out; with promises it does so after it has returned. */
export function pump(text: string | [string]): void {
  startWriting();
  startReading(text, mem[FROM_TEXT] as number);
  if (doubtful.length > 0) endDoubt();
  at = mem[FROM_INT] as number;
  until = now() + VISIT_MS;
  if (visited.length > 0) visited = list();
  takeUp();
}

function takeUp(): void {
  const count = mem[COUNT] as number;
  let handled = mem[HANDLED] as number;
  mem[IDLE] = 0;
  while (handled < count) {
    at = handle(at);
    mem[HANDLED] = ++handled;
    if (goingOn === null || (handled < count && isResultOf(goingOn))) {
      if (full()) break;
      continue;
    }
    if (handled < count && goingOn !== nobody && mem[CAREFUL] === 0) takeUpLater(goingOn);
    break;
  }
  mem[IDLE] = 1;
}

/** The next record is a result for the same request: its code goes on with both. */
function isResultOf(r: Request): boolean {
  return r !== nobody && mem[at] === RESULT && mem[CAREFUL] === 0 && waiterOf(mem[at + 1] as number) === r;
}

/** What the host cannot read by itself is handed over before anything else may end this isolate. */
function full(): boolean {
  if ((mem[TAIL] as number) < 0) keepOut();
  return crowded() || now() > until;
}

async function takeUpLater(r: Request): Promise<void> {
  let silent = 0;
  for (let i = 0; silent < SILENT; i++) {
    if (i === PATIENCE) return;
    await undefined;
    silent = r.gone || !r.waiting || r.pending > 0 ? silent + 1 : 0;
  }
  if (full()) return;
  visited[visited.length] = r;
  takeUp();
}

/** Where a continuation was lost, and with it the way to the end, the request ends here. */
function endDoubt(): void {
  const doubted = doubtful;
  doubtful = list();
  for (let i = 0; i < doubted.length; i++) {
    const r = doubted[i] as Request;
    if (r.gone || !r.waiting) continue;
    if (r.pending === 0) giveUp(r);
    else doubtful[doubtful.length] = r;
  }
}

/** What waiting requests have said so far, after a visit. */
export function sayUnsent(): [string] {
  startWriting();
  handOverUnsent();
  return written();
}

/** What a visit that failed had said. The request `slot` is given up; -1: nobody is. */
export function recover(slot: number): [string] {
  if (slot < 0) return written();
  timerCutOff(slot === 0 && mem[IDLE] === 1);
  for (let i = 0; i < visited.length; i++) doubtful[doubtful.length] = visited[i] as Request;
  visited = list();
  if (slot !== 0) forget(slot);
  return written();
}
