// Calls to the worker, which has the sockets and all that has come in on them: what is there already is handed over at
// once, and everything else settles with a later visit.

import { ANSWERED_NOW, BEGUN, BOUNDARY, OP_SOCKET, OUTCOME, SOCK_DROP } from '../protocol.ts';
import { callSocket, mem, type Plain } from './bridge.ts';
import { deref, indexOf, list, Promise_, slice, WeakRef_ } from './builtins.ts';
import { failing, NgxError, signal } from './errors.ts';
import { expect, nextOperation } from './operations.ts';
import { type Request, UNDECIDED } from './request.ts';
import { bytesOf } from './text.ts';

/** What a wait comes to: `boundary` where a read has met the pattern. */
export type Convert<T> = (value: Plain, boundary: boolean) => T;

let lastSocket = 0;

/** Sockets and processes are told apart by numbers. */
export function nextSocket(): number {
  return ++lastSocket;
}

/** The request is still there, and undecided. */
export function check(r: Request): void {
  if (r.gone) throw new NgxError('bad request');
  if (r.decided !== UNDECIDED) throw signal;
}

/** A call that is answered at once. */
export function ask(r: Request, what: number, id: number, ...args: Plain[]): Plain {
  check(r);
  const answer = callSocket(r.slot, what, id, 0, ...args);
  if (mem[OUTCOME] !== ANSWERED_NOW) throw failed(answer as string, false);
  return answer;
}

/** Settles a call that does not have to wait, and says whether it does. */
export function waits<T>(
  answer: Plain,
  bytes: boolean,
  convert: Convert<T>,
  resolve: (value: T) => void,
  reject: (error: NgxError) => void,
): boolean {
  const outcome = mem[OUTCOME];
  if (outcome === BEGUN) return true;
  if (outcome === ANSWERED_NOW || outcome === BOUNDARY) resolve(convert(answer, outcome === BOUNDARY));
  else reject(failed(answer as string, bytes));
  return false;
}

/** A call that may have to wait. */
export function wait<T>(
  r: Request,
  what: number,
  id: number,
  bytes: boolean,
  convert: Convert<T>,
  ...args: Plain[]
): Promise<T> {
  check(r);
  return new Promise_<T>((resolve, reject) => {
    const operation = nextOperation();
    const answer = callSocket(r.slot, what, id, operation, ...args);
    if (!waits(answer, bytes, convert, resolve, reject)) return;
    expect(r, operation, OP_SOCKET, (ok, value, beside) => {
      if (ok) resolve(convert(value as string, beside === '1'));
      else resolve(failing(() => failure(value as string, beside, bytes)));
    });
  });
}

function failed(answer: string, bytes: boolean): NgxError {
  const end = indexOf(answer, '\0');
  return failure(slice(answer, 0, end), slice(answer, end + 1), bytes);
}

/** What had been read before it failed goes with the error. */
export function failure(message: string, partial: string, bytes: boolean): NgxError {
  return new NgxError(message, { partial: bytes ? bytesOf(partial) : partial });
}

export const asText: Convert<string> = (value) => value as string;
export const asBuffer: Convert<Uint8Array> = (value) => bytesOf(value as string);
export const asNumber: Convert<number> = (value) => +(value as string);

// Sockets that belong to no request live until they are closed, or until nobody can reach them any more.

let loose = list<{ readonly id: number; readonly ref: WeakRef<object> }>();
let sweepAt = 64;

export function noteLoose(r: Request, id: number, socket: object): void {
  if (r.slot !== 0) return;
  if (loose.length >= sweepAt) {
    const kept: typeof loose = list();
    for (let i = 0; i < loose.length; i++) {
      const entry = loose[i] as (typeof loose)[number];
      if (deref(entry.ref) === undefined) callSocket(0, SOCK_DROP, entry.id, 0);
      else kept[kept.length] = entry;
    }
    loose = kept;
    sweepAt = kept.length < 32 ? 64 : kept.length * 2;
  }
  loose[loose.length] = { id, ref: new WeakRef_(socket) };
}
