// Runs what the host sends: segments of blocks, results of operations, pieces of bodies. A visit may be cut off at any
// point, so everything here keeps `mem` true to what is going on.

import {
  ABORT,
  ABORT_INTS,
  ALONE,
  ALONE_INTS,
  ANSWERED,
  ASCII_PIECE,
  BLOCK,
  BODY_FILTER,
  type Boot,
  CHUNK,
  CHUNK_INTS,
  CONTENT,
  DONE,
  DONE_INTS,
  END,
  END_INTS,
  EXIT,
  FINAL,
  HEAD_SENT,
  HEADER_FILTER,
  KEEP_UNDERSCORES,
  LAST,
  LAST_PIECE,
  MAY_WAIT,
  NEXT,
  RAW,
  RESULT,
  RESULT_INTS,
  SET,
  type SegmentStep,
  SLOT,
  START,
  START_INTS,
  SUBREQUEST,
  THROWN,
  TIMER,
  UNREAD_PIECE,
  VALUE,
  WHOLE_PIECE,
} from '../protocol.ts';
import { answerChunk, takeKept } from './arg.ts';
import { commit, int, mem, room, startWriting, take } from './bridge.ts';
import { create, defineProperty, Error_, isPromise, keys, parseJson } from './builtins.ts';
import { signal } from './errors.ts';
import { takeLent } from './location.ts';
import { reportThrown } from './log.ts';
import { makeNgx } from './ngx.ts';
import { asNobody, nobody, setPhase, setTimerOrigin } from './nobody.ts';
import { abortOperations, settleOperation } from './operations.ts';
import {
  type Chunk,
  dirty,
  discard,
  forgetUnsent,
  handOver,
  noteUnsent,
  onDecided,
  Request,
  type Step,
  slots,
  UNDECIDED,
} from './request.ts';
import { afterThreads, stopThreads, threadApi } from './thread.ts';
import { web } from './web/lazy.ts';

const FILTERS = HEADER_FILTER | BODY_FILTER;

const segments = create(null) as Record<number, readonly Step[] | undefined>;
type Block = (ngx: unknown) => unknown;
const blocks = create(null) as Record<number, Block | undefined>;
/** Modules that files loaded later may share, by path. */
const modules = create(null) as Record<string, object | undefined>;

/** What a program of the host's making comes to. */
export interface Program {
  readonly default: readonly (Block | undefined)[];
  readonly modules?: Record<string, object>;
}

/** The blocks of the configuration, and the segments that they make up. */
export function load(program: Program, parts: Boot['segments']): void {
  const made = program.default;
  for (let i = 0; i < made.length; i++) blocks[i] = made[i];
  takeModules(program);
  for (let i = 0; i < parts.length; i++) segments[i] = stepsOf(parts[i] as (typeof parts)[number]);
}

function stepsOf(own: readonly SegmentStep[]): Step[] {
  const steps: Step[] = [];
  for (let k = 0; k < own.length; k++) {
    const { phase, block } = own[k] as SegmentStep;
    steps[k] = { phase, block, run: blocks[block] as Block };
  }
  return steps;
}

function takeModules(program: Program): void {
  const own = program.modules;
  if (own === undefined) return;
  const paths = keys(own);
  for (let i = 0; i < paths.length; i++) {
    const path = paths[i] as string;
    const module = own[path] as object;
    defineProperty(module, '__esModule', { value: true, configurable: true });
    modules[path] = module;
  }
}

/** A handler's file that is loaded while requests are served; its block gets a number of its own. */
export function add(make: (loaded: (path: string) => object) => Program, block: number): void {
  startWriting();
  asNobody();
  mem[BLOCK] = block;
  const program = make((path) => modules[path] as object);
  blocks[block] = program.default[0];
  takeModules(program);
}

/** A segment that the configuration does not know: its files depend on the request. Empty: it is forgotten. */
export function define(segment: number, text: string): void {
  const steps = parseJson(text) as SegmentStep[];
  segments[segment] = steps.length === 0 ? undefined : stepsOf(steps);
}

/**
 * Whose code may go on after the record that was handled last: null for nobody's, and `nobody` where it is not known
 * when it comes to rest.
 */
export let goingOn: Request | null = null;

/** Handles the record at `at`; answers where the next one is. */
export function handle(at: number): number {
  mem[BLOCK] = -1;
  goingOn = nobody;
  setTimerOrigin(null);
  switch (mem[at]) {
    case START:
      goingOn = startSegment(at);
      return at + START_INTS;
    case RESULT:
      goingOn = settleOperation(at);
      return at + RESULT_INTS;
    case END:
      goingOn = null;
      forget(mem[at + 1] as number);
      return at + END_INTS;
    case CHUNK:
      if (((mem[at + 4] as number) & MAY_WAIT) === 0) goingOn = null;
      filterChunk(at);
      return at + CHUNK_INTS;
    case ABORT:
      clientGone(at);
      return at + ABORT_INTS;
    case ALONE:
      runAlone(mem[at + 1] as number, mem[at + 2] as number);
      return at + ALONE_INTS;
    default:
      throw new Error_(`unknown record ${mem[at]}`);
  }
}

function startSegment(at: number): Request | null {
  const slot = mem[at + 1] as number;
  const flags = mem[at + 3] as number;
  const methodLength = mem[at + 4] as number;
  const uriLength = mem[at + 5] as number;
  const argsLength = mem[at + 6] as number;
  const addrLength = mem[at + 7] as number;
  mem[SLOT] = slot;
  const steps = segments[mem[at + 2] as number] as readonly Step[];
  const r = requestFor(slot, (steps[0] as Step).phase, (flags & SUBREQUEST) !== 0);
  r.method = take(methodLength);
  r.uri = take(uriLength);
  r.args = take(argsLength);
  r.remoteAddr = take(addrLength);
  r.steps = steps;
  r.step = 0;
  r.final = (flags & FINAL) !== 0;
  const lent = mem[at + 8] as number;
  if (lent !== 0) r.ctx ??= takeLent(lent);
  r.keepsUnderscores = (flags & KEEP_UNDERSCORES) !== 0;
  r.headSent = (flags & HEAD_SENT) !== 0;
  r.said = r.headSent;
  r.handed = false;
  r.decided = UNDECIDED;
  r.onAbort = undefined;
  runSteps(r);
  return (flags & MAY_WAIT) === 0 ? null : r;
}

/** The request in `slot`; for filters its shadow, since they run while a content block may be waiting. */
function requestFor(slot: number, phase: number, isSubrequest: boolean): Request {
  let main = slots[slot];
  if (main === undefined) {
    main = new Request(slot, phase, null);
    main.isSubrequest = isSubrequest;
    slots[slot] = main;
  }
  if ((phase & FILTERS) === 0) return main;
  if (main.filter === null) {
    main.filter = new Request(slot, phase, main);
    main.filter.isSubrequest = main.isSubrequest;
  }
  return main.filter;
}

/** Runs blocks until one has to wait, decides the request, or all are done. */
function runSteps(r: Request): void {
  const { steps } = r;
  while (r.step < steps.length) {
    const step = steps[r.step] as Step;
    r.phase = step.phase;
    r.turn++;
    mem[BLOCK] = step.block;
    r.running = true;
    r.waiting = false;
    let value: unknown;
    try {
      r.ngx ??= makeNgx(r);
      value = step.run(r.ngx);
    } catch (error) {
      r.running = false;
      if (!leave(r, error)) return;
      continue;
    }
    r.running = false;
    if (isPromise(value)) {
      r.waiting = true;
      if (r.said && !r.unsent && dirty(r)) noteUnsent(r);
      settle(r, r.turn, value);
      return;
    }
    if (!leaveWith(r, value)) return;
  }
  finish(r, NEXT);
}

/** Waits for a block's promise. `await` needs nothing that a script could have replaced. */
async function settle(r: Request, turn: number, promise: unknown): Promise<void> {
  let value: unknown;
  let error: unknown;
  let failed = false;
  try {
    value = await promise;
  } catch (thrown) {
    failed = true;
    error = thrown;
  }
  if (r.gone || r.turn !== turn) return;
  mem[SLOT] = r.slot;
  const step = r.steps[r.step] as Step;
  r.phase = step.phase;
  mem[BLOCK] = step.block; // what the host says of it has no stack that would tell
  if (failed ? leave(r, error) : leaveWith(r, value)) runSteps(r);
}

/** A block has come to its end. True: the next one may run. */
function leaveWith(r: Request, value: unknown): boolean {
  if (r.decided !== UNDECIDED) return carryOut(r);
  if (r.threads > 0) {
    r.waiting = true;
    if (r.said && !r.unsent && dirty(r)) noteUnsent(r);
    settle(r, r.turn, afterThreads(r, value));
    return false;
  }
  if (r.phase === SET) {
    finish(r, VALUE, value === undefined || value === null ? 0 : 1, value);
    return false;
  }
  if (r.phase === CONTENT && web?.isResponse(value)) {
    const { turn } = r;
    let waiting: Promise<void> | null;
    try {
      waiting = web.answerWith(r, value);
    } catch (error) {
      return leave(r, error);
    }
    if (waiting !== null) {
      settle(r, turn, waiting);
      return false;
    }
    if (r.decided !== UNDECIDED) return carryOut(r);
  }
  r.step++;
  if (r.step < r.steps.length && nextPhase(r) !== r.phase) r.onAbort = undefined; // it was its phase's
  if (r.said && r.step < r.steps.length && nextPhase(r) !== r.phase) {
    finish(r, ANSWERED);
    return false;
  }
  return true;
}

function nextPhase(r: Request): number {
  return (r.steps[r.step] as Step).phase;
}

/** A block threw. True: the next one may run. */
function leave(r: Request, error: unknown): boolean {
  if (r.decided !== UNDECIDED) return carryOut(r);
  if (r.threads > 0) stopThreads(r);
  reportThrown(r, error);
  if (!r.headSent) discard(r);
  finish(r, THROWN, 500);
  return false;
}

/** Does what exit, exec or redirect decided. True: only this phase was ended, the next one may run. */
function carryOut(r: Request): boolean {
  const { decided, code } = r;
  if (r.threads > 0) stopThreads(r);
  if (decided === EXIT && (code === 0 || code === -5) && r.phase !== CONTENT && !r.said) {
    const { phase } = r;
    r.decided = UNDECIDED;
    while (r.step < r.steps.length && nextPhase(r) === phase) r.step++;
    return true;
  }
  finish(r, decided, code);
  return false;
}

/** ngx.exit and its like, called where no block of the request is on the stack: nothing unwinds, so it is done here. */
async function carryOutLater(r: Request): Promise<void> {
  const { turn } = r;
  await undefined;
  if (r.gone || r.turn !== turn || r.decided === UNDECIDED) return;
  mem[SLOT] = r.slot;
  r.turn++;
  if (carryOut(r)) runSteps(r);
}

onDecided(carryOutLater);

/** A request that nothing will bring to its end any more. */
export function giveUp(r: Request): void {
  mem[SLOT] = r.slot;
  if (r.threads > 0) stopThreads(r);
  reportThrown(r, new Error_('what it waited for was lost when another request was cut off'));
  if (!r.headSent) discard(r);
  finish(r, THROWN, 500);
}

/** Tells the host how the segment ended. */
function finish(r: Request, action: number, code = 0, value: unknown = undefined): void {
  const cut = action === EXIT && cutsOff(code, r.phase);
  const last = (action === NEXT || action === EXIT || action === ANSWERED) && r.said && !r.eof && !cut;
  r.waiting = false;
  if (cut) discard(r);
  if (last || (dirty(r) && action !== THROWN)) handOver(r, last ? LAST : 0);
  if (last) r.eof = true;
  r.turn++;
  let { text, text2 } = r;
  if (action === VALUE) {
    text = code === 0 ? '' : textOf(value);
    text2 = '';
  }
  if (action === NEXT && r.said) action = ANSWERED;
  room(DONE_INTS);
  int(DONE);
  int(r.slot);
  int(r.main === null ? 0 : 1);
  int(action);
  int(code);
  int(text.length);
  int(text2.length);
  commit(text + text2);
  if (r.final) forget(r.slot);
}

/** Exits that close the connection: what was not sent is not to be sent. */
function cutsOff(code: number, phase: number): boolean {
  if (code < 0) return code !== -5 || phase === CONTENT;
  return code === 444 || code === 408 || code === 499 || (code > 0 && code < 200);
}

function textOf(value: unknown): string {
  try {
    return `${value as string}`;
  } catch {
    return '';
  }
}

/** The request in `slot` is over. */
export function forget(slot: number): void {
  const r = slots[slot];
  if (r === undefined) return;
  slots[slot] = undefined;
  end(r);
  if (r.filter !== null) end(r.filter);
}

function end(r: Request): void {
  r.gone = true;
  if (r.unsent) forgetUnsent(r);
  r.turn++;
  if (r.operations !== null) abortOperations(r);
  if (r.threads > 0) stopThreads(r);
  const { onEnd } = r;
  if (onEnd === undefined) return;
  r.onEnd = undefined;
  mem[SLOT] = 0;
  try {
    onEnd();
  } catch (error) {
    reportThrown(nobody, error);
  }
}

/** A block of init, init_worker or exit_worker. Its end is told as a request's of slot 0, its number as the code. */
function runAlone(block: number, phase: number): void {
  setPhase(phase);
  mem[SLOT] = 0;
  mem[BLOCK] = block;
  try {
    const value = (blocks[block] as Block)(nobody.ngx);
    if (isPromise(value)) {
      endAloneLater(block, value);
      return;
    }
  } catch (error) {
    if (error !== signal) reportThrown(nobody, error);
    endAlone(block, THROWN);
    return;
  }
  endAlone(block, NEXT);
}

async function endAloneLater(block: number, promise: unknown): Promise<void> {
  try {
    await promise;
  } catch (error) {
    if (error !== signal) reportThrown(nobody, error);
    endAlone(block, THROWN);
    return;
  }
  endAlone(block, NEXT);
}

function endAlone(block: number, action: number): void {
  setPhase(TIMER);
  room(DONE_INTS);
  int(DONE);
  int(0);
  int(0);
  int(action);
  int(block);
  int(0);
  int(0);
  commit('');
}

function clientGone(at: number): void {
  const r = slots[mem[at + 1] as number];
  if (r === undefined) return;
  mem[SLOT] = r.slot;
  if (r.onAbort === undefined) {
    finish(r, EXIT, 499);
    return;
  }
  const callback = r.onAbort;
  r.onAbort = undefined;
  try {
    threadApi(r).spawn(callback); // the block ends when it has ended too, as in Lua
  } catch (error) {
    if (error !== signal) reportThrown(r, error);
  }
}

function filterChunk(at: number): void {
  const slot = mem[at + 1] as number;
  const number = mem[at + 3] as number;
  const flags = mem[at + 4] as number;
  const raw = take(mem[at + 5] as number);
  mem[SLOT] = slot;
  if (number > 0 && slots[slot] === undefined) return; // given up at a piece before this one
  const r = requestFor(slot, BODY_FILTER, false);
  const chunk: Chunk = {
    number,
    steps: segments[mem[at + 2] as number] as readonly Step[],
    raw,
    kind: RAW,
    unread: (flags & UNREAD_PIECE) !== 0,
    ascii: (flags & ASCII_PIECE) !== 0,
    whole: (flags & WHOLE_PIECE) !== 0,
    last: (flags & LAST_PIECE) !== 0,
    changed: false,
    appended: '',
    text: undefined,
    original: undefined,
    next: null,
  };
  if (r.filtering) queueChunk(r, chunk);
  else startFilters(r, chunk);
}

function queueChunk(r: Request, chunk: Chunk): void {
  let before = r.chunks;
  if (before === null) {
    r.chunks = chunk;
    return;
  }
  while (before.next !== null) before = before.next;
  before.next = chunk;
}

function startFilters(r: Request, chunk: Chunk): void {
  r.chunk = chunk;
  r.decided = UNDECIDED;
  if (r.bodyEnded) answerChunk(r, chunk);
  else filterWith(r, chunk, 0);
}

/** What a body filter may return: ngx.ERROR. */
const ERROR = -1;

/** Body filters: each block may wait, the chunk waits with it, and those behind it for their turn. */
function filterWith(r: Request, chunk: Chunk, from: number): void {
  const { steps } = chunk;
  for (let i = from; i < steps.length; i++) {
    const step = steps[i] as Step;
    r.phase = BODY_FILTER;
    r.turn++;
    mem[BLOCK] = step.block;
    let value: unknown;
    r.running = true;
    try {
      if (r.kept !== '') takeKept(r, chunk);
      r.ngx ??= makeNgx(r);
      value = step.run(r.ngx);
    } catch (error) {
      r.running = false;
      filterFailed(r, error);
      return;
    }
    r.running = false;
    if (isPromise(value)) {
      filterLater(r, chunk, i, value);
      return;
    }
    if (r.threads > 0) {
      filterLater(r, chunk, i, afterThreads(r, value));
      return;
    }
    if (value === ERROR) {
      cutBody(r);
      return;
    }
  }
  if (chunk.last) r.bodyEnded = true;
  answerChunk(r, chunk);
}

async function filterLater(r: Request, chunk: Chunk, at: number, promise: unknown): Promise<void> {
  r.filtering = true;
  let value: unknown;
  try {
    value = await promise;
    if (r.threads > 0) await afterThreads(r, undefined);
  } catch (error) {
    mem[BLOCK] = (chunk.steps[at] as Step).block;
    if (!r.gone) filterFailed(r, error);
    return;
  }
  if (r.gone) return;
  mem[SLOT] = r.slot;
  if (value === ERROR) {
    cutBody(r);
    return;
  }
  r.filtering = false;
  filterWith(r, chunk, at + 1);
  while (!r.filtering && r.chunks !== null) {
    const next = r.chunks;
    r.chunks = next.next;
    startFilters(r, next);
  }
}

function filterFailed(r: Request, error: unknown): void {
  mem[SLOT] = r.slot;
  reportThrown(r, error);
  cutBody(r);
}

/** The response is not completed: what a body filter's `return ngx.ERROR` asks for. */
function cutBody(r: Request): void {
  r.bodyEnded = true;
  if (r.threads > 0) stopThreads(r);
  finish(r, THROWN, 500);
}
