// The guest's end of the bridge: shared memory, the texts of a visit, and synchronous calls. Nothing of it is ever
// reachable from a script: the host's functions live in this module's variables only.

import {
  CALL_BEGIN,
  CALL_KEEP,
  CALL_OUT,
  CALL_SOCKET,
  FAULT,
  MEM_INTS,
  OUT_AT,
  OUT_END,
  OUTCOME,
  OVERTIME,
  RESULT_INTS,
  TAIL,
  TAIL_BYTES,
} from '../protocol.ts';
import { Bytes, charCodeAt, Error_, isArray, slice, Words } from './builtins.ts';
import { NgxError } from './errors.ts';

export type Plain = string | number | boolean | null | undefined | Uint8Array;
/** A synchronous call to the host; a long text comes in an array. */
export type HostCall = (code: number, slot: number, ...args: Plain[]) => Plain | [string];
/** A synchronous call to a shared dictionary. */
export type HostShared = (operation: number, dict: number, ...args: Plain[]) => Plain | [string];

export let mem: Int32Array;
let hostCall: HostCall;
let hostShared: HostShared;

let tail: Uint8Array;

export function connect(memory: SharedArrayBuffer, call: HostCall, shared: HostShared): void {
  mem = new Words(memory, 0, MEM_INTS);
  tail = new Bytes(memory, MEM_INTS * 4, TAIL_BYTES);
  hostCall = call;
  hostShared = shared;
}

function answered(answer: Plain | [string]): Plain {
  if (mem[FAULT] !== 0) {
    // What it spends here counts, and so the visit is cut off: nothing that is thrown is as sure.
    while (mem[FAULT] === OVERTIME);
    mem[FAULT] = 0;
    throw new NgxError(typeof answer === 'string' ? answer : 'internal error');
  }
  return isArray(answer) ? answer[0] : (answer as Plain);
}

/** Calls the host; throws NgxError where it refuses. */
export function call(code: number, slot: number, a?: Plain, b?: Plain, c?: Plain, d?: Plain): Plain {
  return answered(
    d !== undefined
      ? hostCall(code, slot, a, b, c, d)
      : c !== undefined
        ? hostCall(code, slot, a, b, c)
        : b !== undefined
          ? hostCall(code, slot, a, b)
          : hostCall(code, slot, a),
  );
}

export function callShared(operation: number, dict: number, ...args: Plain[]): Plain {
  return answered(
    args.length === 1
      ? hostShared(operation, dict, args[0])
      : args.length === 2
        ? hostShared(operation, dict, args[0], args[1])
        : hostShared(operation, dict, args[0], args[1], args[2], args[3]),
  );
}

/** Calls of sockets are among what has been written: those that follow them have to come after. */
let socketsToldOf = false;

export function noteSocketRecord(): void {
  socketsToldOf = true;
}

/** Calls a socket: what, which, the operation that it becomes if it has to wait, arguments. mem[OUTCOME] says which. */
export function callSocket(
  slot: number,
  what: number,
  id: number,
  operation: number,
  ...args: Plain[]
): Plain {
  if (socketsToldOf) flushOut();
  return answered(hostCall(CALL_SOCKET, slot, what, id, operation, ...args));
}

// What comes in.

let inText = '';
let inAt = 0;

export function startReading(text: string | [string], from: number): void {
  inText = typeof text === 'string' ? text : text[0];
  inAt = from;
}

/** The next `length` characters of the visit's text. */
export function take(length: number): string {
  const from = inAt;
  inAt = from + length;
  return slice(inText, from, inAt);
}

// What goes out. Text first, then the ints, then OUT_END: a visit cut off in between leaves the record out.

let outText = '';
let outAt = OUT_AT;

export function startWriting(): void {
  outText = '';
  outAt = OUT_AT;
  mem[OUT_END] = OUT_AT;
  mem[TAIL] = 0;
  socketsToldOf = false;
}

/** In an array, since it may be long. */
export function written(): [string] {
  return [outText];
}

/** Starts a record of `ints`: int() writes them. One that was begun before and not committed is dropped. */
export function room(ints: number): void {
  outAt = mem[OUT_END] as number;
  if (outAt + ints <= MEM_INTS) return;
  flushOut();
  outAt = OUT_AT;
  if (outAt + ints > MEM_INTS) throw new Error_('too much at once');
}

/** What operations leave free, so that however many a block asks for, its end can be told. */
const RESERVED = 4096;

/** The same for an operation. */
export function roomForOperation(ints: number): void {
  outAt = mem[OUT_END] as number;
  if (outAt + ints > MEM_INTS - RESERVED) throw new Error_('too many operations at once');
}

export function int(value: number): void {
  mem[outAt++] = value;
}

/** Texts that are the same string many times over cost the guest nothing, but the worker their length. */
const MAX_TEXT = 8 * 1024 * 1024;

/** Ends a record: from now on the host will see it. */
export function commit(text: string): void {
  outText += text;
  if (text !== '') toTail(text);
  mem[OUT_END] = outAt;
  if (outText.length > MAX_TEXT) flushOut();
}

/** More than this is handed over faster as a string. */
const MAX_SHARED = 512;

function toTail(text: string): void {
  const at = mem[TAIL] as number;
  const { length } = text;
  if (at < 0) return;
  mem[TAIL] = -1;
  if (length > MAX_SHARED || at + length > TAIL_BYTES) return;
  for (let i = 0; i < length; i++) {
    const code = charCodeAt(text, i);
    if (code > 255) return;
    tail[at + i] = code;
  }
  mem[TAIL] = at + length;
}

/** Hands over what does not go through the shared memory; the host acts on it when the visit is over. */
export function keepOut(): void {
  handOut(CALL_KEEP);
}

/** Has the host act on what has been written so far, now. */
export function flushOut(): void {
  if (mem[OUT_END] !== OUT_AT) handOut(CALL_OUT);
}

function handOut(how: number): void {
  const said = outText;
  outText = '';
  call(how, 0, said);
  startWriting();
}

/**
 * Has the host begin the operations whose records have been written and not committed. What is known at once comes back:
 * `settle` is given the place of each result (see RESULT), and may write nothing.
 */
export function begin(slot: number, text: string, settle: (at: number) => void): void {
  const answer = call(CALL_BEGIN, slot, text, outAt) as string;
  const count = mem[OUTCOME] as number;
  const before = inText;
  const beforeAt = inAt;
  inText = answer;
  inAt = 0;
  for (let i = 0; i < count; i++) settle((mem[OUT_END] as number) + i * RESULT_INTS);
  inText = before;
  inAt = beforeAt;
}

/** Whether there is little room left: the visit should end. */
export function crowded(): boolean {
  return outAt > MEM_INTS - 8192;
}
