// A request as the guest keeps it while its blocks run: what came with it, what it has said, how it was decided. Scripts
// never see this object, only the Ngx that stands before it.

import {
  BYTES,
  FLUSH,
  PHASE_NAMES,
  type PhaseName,
  type RAW,
  RESPONSE,
  RESPONSE_INTS,
  SEND,
  type TEXT,
  UNSENT,
} from '../protocol.ts';
import { commit, flushOut, int, mem, room } from './bridge.ts';
import { create, isArray, isFiniteNumber, list, trunc } from './builtins.ts';
import { NgxError, signal } from './errors.ts';
import type { Pending } from './operations.ts';

/** One block of a segment, ready to run. */
export interface Step {
  readonly phase: number;
  readonly block: number;
  readonly run: (ngx: unknown) => unknown;
}

/** How a request was decided; see DONE in protocol.ts. */
export const UNDECIDED = -1;

export class Request {
  readonly slot: number;
  /** Of a shadow for filters: the request itself. */
  readonly main: Request | null;
  filter: Request | null = null;
  /** The phase bit of the block that runs or ran last. */
  phase: number;
  steps: readonly Step[] = [];
  step = 0;
  /** Changes with every block that starts: what settles late finds that its block is no longer the one. */
  turn = 0;
  /** Its block has returned a promise. */
  waiting = false;
  /** What it has said while it waits is to be handed over after the visit. */
  unsent = false;
  /** A block of it is on the stack: a decision is carried out when the stack unwinds. */
  running = false;
  /** Forget it after this segment. */
  final = false;
  /** Over: what is left of its code may not touch a request any more. */
  gone = false;
  isSubrequest = false;
  /** ts_transform_underscores_in_response_headers off. */
  keepsUnderscores = false;

  method = '';
  uri = '';
  args = '';
  remoteAddr = '';
  /** The four above are as the host has them. */
  fresh = true;

  /** As set by the script; 0 when it has not. */
  status = 0;
  /** Headers set and not handed over yet: names, and a value, several, or null to remove. */
  names: string[] = [];
  values: (string | readonly string[] | null)[] = [];
  headers = 0;
  /** What the record of them takes. */
  headerInts = 0;
  /** The part of the body that has not been handed over. */
  body = '';
  /** `body` is bytes, one a character. */
  bytes = false;
  /** Something was said: status and headers are fixed. */
  said = false;
  /** The host has the head. */
  headSent = false;
  /** What was handed over may still be under way. */
  handed = false;
  /** Something has been handed over: a failure can no longer become a 500. */
  eof = false;

  decided = UNDECIDED;
  code = 0;
  text = '';
  text2 = '';

  ctx: object | undefined = undefined;
  ngx: unknown = undefined;
  vars: unknown = undefined;
  header: unknown = undefined;
  req: unknown = undefined;
  resp: unknown = undefined;
  socket: unknown = undefined;
  /** The script has the client's connection: nothing is sent but what it sends there. */
  raw = false;
  /** ngx.request. */
  request: unknown = undefined;
  location: unknown = undefined;
  balancer: unknown = undefined;
  thread: unknown = undefined;
  errlog: unknown = undefined;
  upstream: unknown = undefined;
  arg: unknown = undefined;
  chunk: Chunk | null = null;
  /** `chunk` waits for a block, and these for it. */
  filtering = false;
  chunks: Chunk | null = null;
  /** A filter has ended the body, or failed: the pieces that still come are nobody's. */
  bodyEnded = false;
  /** Bytes at the end of a piece that begin a character. */
  kept = '';
  onAbort: (() => unknown) | undefined = undefined;
  /** Something that goes on while it waits is to be told when it is over. */
  onEnd: (() => void) | undefined = undefined;
  /** The operation that it began last of those it waits for; it leads to the others. */
  operations: Pending | null = null;
  /** How many operations its code has asked for that have not come to an end, those included that outlive it. */
  pending = 0;
  /** How many of its light threads run. */
  threads = 0;
  /** Called when the last one has ended. */
  onThreads: (() => void) | null = null;
  /** A thread of it was killed: its code may still be somewhere. */
  killed = false;

  constructor(slot: number, phase: number, main: Request | null) {
    this.slot = slot;
    this.main = main;
    this.phase = phase;
  }
}

/** The requests whose blocks may come back, by slot. */
export const slots = create(null) as Record<number, Request | undefined>;

/** The piece of a body that body filters are looking at. */
export interface Chunk {
  readonly number: number;
  readonly steps: readonly Step[];
  /** Bytes, one a character; text where `kind` says so. */
  raw: string;
  kind: typeof RAW | typeof TEXT;
  /** The host has the bytes, nobody has asked for them. */
  unread: boolean;
  /** All is ASCII; known of what has been read. */
  ascii: boolean;
  /** It ends with a character's end. */
  readonly whole: boolean;
  last: boolean;
  /** `raw` is no longer what the host has. */
  changed: boolean;
  /** Text behind it, which nobody has asked to see with it. */
  appended: string;
  /** As text, once somebody asked; the bytes of a character that the next piece completes are kept back. */
  text: string | undefined;
  /** What the host has, as text; undefined where it is not known, or no text is exactly that. */
  original: string | undefined;
  /** Waits behind it. */
  next: Chunk | null;
}

/** "log_by_ts*", "ngx.timer". */
function phaseLabel(phase: number): string {
  const name = phaseName(phase);
  return name === 'timer' ? 'ngx.timer' : `${name}_by_ts*`;
}

export function phaseName(phase: number): PhaseName | 'unknown' {
  for (let i = 0; i < PHASE_NAMES.length; i++) if (phase === 1 << i) return PHASE_NAMES[i] as PhaseName;
  return 'unknown';
}

/** Every call of the API comes through here: is there a request, is it undecided, does the call make sense now? */
export function gate(r: Request, phases: number): void {
  if (r.decided !== UNDECIDED) throw signal;
  if ((r.phase & phases) === 0) refuse(r);
  if (r.gone) throw new NgxError('no request found');
  if (r.killed) checkThread();
}

let checkThread: () => void;

/** Who keeps the code of killed threads from calling anything. */
export function onKilled(check: () => void): void {
  checkThread = check;
}

function refuse(r: Request): never {
  if (r.slot === 0) throw new NgxError('no request found');
  throw new NgxError(`API disabled in the context of ${phaseLabel(r.phase)}`);
}

let concluded: (r: Request) => void;

/** Who carries out a decision that is made while none of the request's blocks is on the stack. */
export function onDecided(carryOut: (r: Request) => void): void {
  concluded = carryOut;
}

/** exit, exec, redirect: the request is decided; the signal unwinds its block. */
export function decide(r: Request, action: number, code: number, text: string, text2: string): never {
  r.decided = action;
  r.code = code;
  r.text = text;
  r.text2 = text2;
  if (!r.running) concluded(r);
  throw signal;
}

/** Notes a header to be set when the response is handed over. */
export function noteHeader(r: Request, name: string, value: string | readonly string[] | null): void {
  const ints = 2 + (isArray(value) ? value.length : 1);
  if (ints > MOST_INTS) throw new NgxError('too many values of a header');
  if (r.headerInts + ints > MOST_INTS) write(r, 0, '');
  r.headerInts += ints;
  const at = r.headers++;
  r.names[at] = name;
  r.values[at] = value;
}

/** Headers that wait to be handed over go in one record. */
const MOST_INTS = 8192;

const unsent = list<Request>();

/** What it has said is to reach the client even if the block does not end with this visit. */
export function noteUnsent(r: Request): void {
  r.unsent = true;
  unsent[unsent.length] = r;
  (mem[UNSENT] as number)++;
}

/** It has been handed over, or will not be. */
export function forgetUnsent(r: Request): void {
  r.unsent = false;
  const left = (mem[UNSENT] as number) - 1;
  mem[UNSENT] = left;
  if (left === 0) unsent.length = 0;
}

/** Hands over what waiting requests have said. */
export function handOverUnsent(): void {
  // The list is emptied when the last one has been handed over.
  for (let i = 0; i < unsent.length; i++) {
    const r = unsent[i] as Request;
    if (r.unsent) handOver(r, FLUSH);
  }
}

/** Hands over what the script has set and said so far. */
export function handOver(r: Request, flags: number): void {
  if (r.unsent) forgetUnsent(r);
  if (r.said) {
    flags |= SEND;
    r.headSent = true;
    r.handed = true;
  }
  if (r.bytes) flags |= BYTES;
  write(r, flags, r.body);
  r.body = '';
  r.bytes = false;
}

/** Tells the host of status and headers before it is asked for something that may depend on them. */
export function commitState(r: Request): void {
  if (r.status === 0 && r.headers === 0) {
    if (r.handed) flushOut();
    r.handed = false;
    return;
  }
  write(r, 0, '');
  flushOut();
}

function write(r: Request, flags: number, body: string): void {
  const count = r.headers;
  room(RESPONSE_INTS + r.headerInts);
  int(RESPONSE);
  int(r.slot);
  int(flags);
  int(r.status);
  int(count);
  int(body.length);
  let text = '';
  for (let i = 0; i < count; i++) {
    const name = r.names[i] as string;
    const value = r.values[i] as string | readonly string[] | null;
    text += name;
    int(name.length);
    if (value === null) {
      int(-1);
    } else if (typeof value === 'string') {
      int(1);
      int(value.length);
      text += value;
    } else {
      int(value.length);
      for (let k = 0; k < value.length; k++) {
        const one = value[k] as string;
        int(one.length);
        text += one;
      }
    }
  }
  commit(text === '' ? body : text + body);
  r.headers = 0;
  r.headerInts = 0;
  r.status = 0;
}

/** Whether there is anything that the host does not know yet. */
export function dirty(r: Request): boolean {
  return r.headers !== 0 || r.status !== 0 || r.body !== '' || (r.said && !r.headSent);
}

/** Forgets what was set and said and not handed over. */
export function discard(r: Request): void {
  r.headers = 0;
  r.headerInts = 0;
  r.status = 0;
  r.body = '';
  r.bytes = false;
  if (!r.headSent) r.said = false;
  if (r.unsent) forgetUnsent(r);
}

/** An HTTP status or one of nginx's codes, as a number. */
export function integer(value: unknown, what: string): number {
  const n = typeof value === 'string' && value !== '' ? +value : value;
  if (typeof n !== 'number' || !isFiniteNumber(n)) {
    const got = value === null ? 'null' : typeof value === 'number' ? value : typeof value;
    throw new NgxError(`bad argument to '${what}' (number expected, got ${got})`);
  }
  return trunc(n);
}
