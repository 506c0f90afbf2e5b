// Operations that the host carries out while the script waits: the promise stays here, its result comes with a later
// visit. Timers are operations that belong to no request.

import {
  BOOLEAN,
  CANCEL,
  CANCEL_INTS,
  INTEGER,
  JSON_TEXT,
  NUMBER,
  OP_SOCKET,
  OP_TIMER,
  OPERATION,
  OPERATION_INTS,
  RAW,
  SLOT,
  TEXT,
  UNDEFINED,
} from '../protocol.ts';
import {
  begin,
  commit,
  crowded,
  flushOut,
  int,
  mem,
  noteSocketRecord,
  room,
  roomForOperation,
  take,
} from './bridge.ts';
import { Error_, Promise_, parseJson, toText } from './builtins.ts';
import { failing, NgxError } from './errors.ts';
import { type Origin, setTimerOrigin, timerOrigin } from './nobody.ts';
import { type Request, slots } from './request.ts';

/** An argument: text, or bytes one a character. */
interface RawText {
  readonly raw: string;
}
export type Argument = string | number | boolean | undefined | RawText;

/** What an operation comes to: `value`, and what travels beside it. */
type Settle = (ok: boolean, value: unknown, beside: string) => void;

export interface Pending {
  readonly id: number;
  readonly r: Request;
  /** Whose code asked: what follows is its doing, though the operation may be nobody's. Not so with timers. */
  readonly by: Request | undefined;
  /** Whose `pending` counts it. */
  readonly waiter: Request;
  readonly phase: number;
  /** A timer's code asked: see timerOrigin. */
  readonly timer: Origin | null;
  readonly settle: Settle;
  /** Stays after its first result (intervals, streams). */
  readonly lasting: boolean;
  /** Those of the thread that asked for it, by number; null where no thread did. */
  readonly siblings: Record<number, true> | null;
  /** Called when it is given up, by kill or the end of its request. */
  dropped: (() => void) | null;
  /** Another one in its bucket. */
  link: Pending | null;
  /** Its neighbours among those of `r`. */
  before: Pending | null;
  after: Pending | null;
}

type Siblings = (r: Request, code: number) => Record<number, true> | null;
let siblingsOf: Siblings | null = null;

/** Threads are in use: from now on each operation is asked whose it is. */
export function ownOperations(siblings: Siblings): void {
  siblingsOf = siblings;
}

/** Tells of an operation that is given up before it has a result. */
export function onDropped(id: number, dropped: () => void): void {
  const operation = find(id);
  if (operation !== null) operation.dropped = dropped;
}

/** Those under way, by the last bits of their numbers: an object with ever new numbers as keys would cost a microsecond. */
const buckets: (Pending | null)[] = [];
const BUCKETS = 1 << 10;
for (let i = 0; i < BUCKETS; i++) buckets[i] = null;

function find(id: number): Pending | null {
  let operation = buckets[id & (BUCKETS - 1)] as Pending | null;
  while (operation !== null && operation.id !== id) operation = operation.link;
  return operation;
}

let lastOperation = 0;

/** Tells the host something that has no result. */
export function tell(code: number, args: readonly Argument[]): void {
  write(0, 0, code, args);
}

/** Tells the host of a call of a socket, in the order in which they are made. */
export function tellSocket(r: Request, args: readonly Argument[]): void {
  if (crowded()) flushOut();
  write(r.slot, 0, OP_SOCKET, args);
  noteSocketRecord();
}

/** Asks the host for an operation; `settle` is called with what it comes to, unless its request ends before. */
export function operate(
  r: Request,
  code: number,
  args: readonly Argument[],
  settle: Settle,
  lasting = false,
): number {
  const siblings = siblingsOf === null ? null : siblingsOf(r, code);
  const id = nextOperation();
  write(r.slot, id, code, args);
  register(id, r, code, settle, lasting, siblings);
  return id;
}

/** The number of the operation that a synchronous call may turn out to be. */
export function nextOperation(): number {
  lastOperation = (lastOperation + 1) & 0x3fffffff || 1;
  return lastOperation;
}

/** A synchronous call that has to wait: the host has begun it under that number. */
export function expect(r: Request, id: number, code: number, settle: Settle): void {
  register(id, r, code, settle, false, siblingsOf === null ? null : siblingsOf(r, code));
}

function register(
  id: number,
  r: Request,
  code: number,
  settle: Settle,
  lasting: boolean,
  siblings: Record<number, true> | null,
): void {
  const by = code === OP_TIMER ? undefined : slots[mem[SLOT] as number];
  const waiter = r.slot === 0 && by !== undefined ? by : r;
  waiter.pending++;
  const at = id & (BUCKETS - 1);
  const link = buckets[at] as Pending | null;
  const after = r.slot === 0 ? null : r.operations;
  const { phase } = r;
  const operation: Pending = {
    id,
    r,
    by,
    waiter,
    phase,
    timer: timerOrigin,
    settle,
    lasting,
    siblings,
    dropped: null,
    link,
    before: null,
    after,
  };
  buckets[at] = operation;
  if (siblings !== null) siblings[id] = true;
  if (r.slot === 0) return;
  if (after !== null) after.before = operation;
  r.operations = operation;
}

let refusal: string | null = null;

/** From now on nobody carries out any: they throw `message`. */
export function refuseOperations(message: string): void {
  refusal = message;
}

function write(slot: number, id: number, code: number, args: readonly Argument[]): void {
  roomForOperation(OPERATION_INTS + args.length * 2);
  commit(put(slot, id, code, args));
}

/** Writes the ints; its text is the answer. */
function put(slot: number, id: number, code: number, args: readonly Argument[]): string {
  if (refusal !== null) throw new NgxError(refusal);
  int(OPERATION);
  int(slot);
  int(id);
  int(code);
  int(mem[SLOT] as number);
  int(args.length);
  let text = '';
  for (let i = 0; i < args.length; i++) {
    const value = args[i];
    let kind = UNDEFINED;
    let piece = '';
    if (typeof value === 'number' && (value | 0) === value && (value !== 0 || 1 / value > 0)) {
      int(INTEGER);
      int(value);
      continue;
    }
    if (typeof value === 'string') {
      kind = TEXT;
      piece = value;
    } else if (typeof value === 'number') {
      kind = NUMBER;
      piece = toText(value);
    } else if (typeof value === 'boolean') {
      kind = BOOLEAN;
      piece = value ? '1' : '';
    } else if (value !== undefined) {
      kind = RAW;
      piece = value.raw;
    }
    int(kind);
    int(piece.length);
    text += piece;
  }
  return text;
}

/** An operation as a promise of its value. */
export function promise<T>(
  r: Request,
  code: number,
  args: readonly Argument[],
  convert?: Convert<T>,
): Promise<T> {
  return new Promise_<T>((resolve, reject) => {
    operate(r, code, args, (ok, value, beside) => {
      if (!ok) {
        resolve(failing(() => failure(value, beside)));
        return;
      }
      if (convert === undefined) {
        resolve(value as T);
        return;
      }
      try {
        resolve(convert(value, beside));
      } catch (error) {
        reject(error);
      }
    });
  });
}

export type Convert<T> = (value: unknown, beside: string) => T;

/** The error of a failed operation; what is beside the message becomes properties. */
export function failure(value: unknown, beside: string): Error {
  const message = typeof value === 'string' ? value : 'internal error';
  const error = new NgxError(message, beside === '' ? undefined : (parseJson(beside) as object));
  return error;
}

/** No longer interested: the host stops it. */
export function cancel(id: number): void {
  const operation = find(id);
  if (operation === null) return;
  drop(operation);
  room(CANCEL_INTS);
  int(CANCEL);
  int(id);
  commit('');
  operation.dropped?.();
}

/**
 * Asks for several operations of a kind, and has the host begin them before this returns: what needs no waiting is
 * settled with this visit.
 */
export function operateNow(
  r: Request,
  code: number,
  all: readonly (readonly Argument[])[],
  settle: (at: number, ok: boolean, value: unknown, beside: string) => void,
): void {
  let ints = 0;
  for (let i = 0; i < all.length; i++) ints += OPERATION_INTS + (all[i] as readonly Argument[]).length * 2;
  roomForOperation(ints);
  let text = '';
  for (let i = 0; i < all.length; i++) {
    const siblings = siblingsOf === null ? null : siblingsOf(r, code);
    const id = nextOperation();
    text += put(r.slot, id, code, all[i] as readonly Argument[]);
    register(id, r, code, (ok, value, beside) => settle(i, ok, value, beside), false, siblings);
  }
  begin(r.slot, text, settleOperation);
}

/** Takes the result at `at`. Whose code goes on with it; null where nobody waits for it any more. */
export function settleOperation(at: number): Request | null {
  const status = mem[at + 2] as number;
  const kind = mem[at + 3] as number;
  const text = take(mem[at + 4] as number);
  const beside = take(mem[at + 5] as number);
  const operation = find(mem[at + 1] as number);
  if (operation === null) return null;
  if (!operation.lasting) drop(operation);
  const { r, by } = operation;
  mem[SLOT] = by === undefined || by.gone ? r.slot : by.slot;
  setTimerOrigin(operation.timer);
  r.phase = operation.phase;
  operation.settle(status === 0, decodeValue(kind, text), beside);
  return operation.waiter;
}

/** Whose code goes on with the operation; null where there is none any more. */
export function waiterOf(id: number): Request | null {
  return find(id)?.waiter ?? null;
}

/** The request is over: what it waited for never comes. The host knows. */
export function abortOperations(r: Request): void {
  while (r.operations !== null) {
    const operation = r.operations;
    drop(operation);
    operation.dropped?.();
  }
}

function drop(operation: Pending): void {
  const { id, r, link, before, after, siblings } = operation;
  const at = id & (BUCKETS - 1);
  let other = buckets[at] as Pending | null;
  if (other === operation) {
    buckets[at] = link;
  } else {
    while (other !== null && other.link !== operation) other = other.link;
    if (other === null) return; // it has been dropped before
    other.link = link;
  }
  operation.waiter.pending--;
  if (siblings !== null) delete siblings[id];
  if (after !== null) after.before = before;
  if (before !== null) before.after = after;
  else if (r.operations === operation) r.operations = after;
}

function decodeValue(kind: number, text: string): unknown {
  switch (kind) {
    case TEXT:
    case RAW:
      return text;
    case NUMBER:
      return +text;
    case BOOLEAN:
      return text !== '';
    case JSON_TEXT:
      return parseJson(text);
    case UNDEFINED:
      return undefined;
    default:
      throw new Error_(`unknown kind of value ${kind}`);
  }
}
