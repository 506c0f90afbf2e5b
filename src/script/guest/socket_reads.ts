// What scripts read from a stream: so many bytes, a line, all, or up to a pattern.

import {
  OP_SOCKET,
  READ_ALL,
  READ_ANY,
  READ_ASCII,
  READ_BOUNDARY,
  READ_EXACT,
  READ_LINE,
  READ_UNTIL,
  SOCK_RECEIVE,
} from '../protocol.ts';
import { callSocket, type Plain } from './bridge.ts';
import { asyncIterator, charCodeAt, isFiniteNumber, Promise_, slice, trunc, typeName } from './builtins.ts';
import { failing, NgxError } from './errors.ts';
import type { Near, Wanted } from './near.ts';
import { expect, nextOperation, tellSocket } from './operations.ts';
import type { Request } from './request.ts';
import { UNLIMITED } from './socket_args.ts';
import { asBuffer, asText, type Convert, check, failure, wait, waits } from './socket_calls.ts';
import { asBytes, encodeRaw, rawOf } from './text.ts';

/** Reads: what every kind of stream has. */
export class StreamSocket {
  readonly #r: Request;
  readonly #id: number;
  readonly #near: Near | null;

  constructor(r: Request, id: number, near: Near | null) {
    this.#r = r;
    this.#id = id;
    this.#near = near;
  }

  receive(what?: unknown): Promise<string> {
    return this.#receive(what, false, asText);
  }

  receive_buffer(what?: unknown): Promise<Uint8Array> {
    return this.#receive(what, true, asBuffer);
  }

  #receive<T>(what: unknown, bytes: boolean, convert: Convert<T>): Promise<T> {
    let kind = READ_LINE;
    let most = 0;
    if (typeof what === 'string' && what !== '*l') {
      if (what === '*a') {
        kind = READ_ALL;
      } else {
        most = +what;
        if (what === '' || !isFiniteNumber(most)) {
          const shown = what.length === 2 && what[0] === '*' ? '' : `: ${what}`;
          throw new NgxError(`bad argument #1 to 'receive' (bad pattern argument${shown})`);
        }
        kind = READ_EXACT;
      }
    } else if (typeof what === 'number') {
      kind = READ_EXACT;
      most = what;
    } else if (what !== undefined && what !== '*l') {
      throw new NgxError("bad argument #1 to 'receive' (bad argument)");
    }
    if (kind === READ_EXACT) {
      most = trunc(most);
      if (!(most >= 0)) throw new NgxError("bad argument #1 to 'receive' (bad number argument)");
    }
    return this.#read({ kind, most, pattern: '', inclusive: false, bytes }, convert);
  }

  #read<T>(wanted: Wanted, convert: Convert<T>): Promise<T> {
    const near = this.#near;
    if (near !== null) return readNear(this.#r, this.#id, near, wanted, convert);
    const { kind, bytes, most, pattern, inclusive } = wanted;
    return wait(this.#r, SOCK_RECEIVE, this.#id, bytes, convert, kind, bytes, most, pattern, inclusive);
  }

  #readAny<T>(max: unknown, bytes: boolean, convert: Convert<T>): Promise<T> {
    return this.#read({ kind: READ_ANY, most: most(max), pattern: '', inclusive: false, bytes }, convert);
  }

  receiveany(max: unknown): Promise<string> {
    return this.#readAny(max, false, asText);
  }

  receiveany_buffer(max: unknown): Promise<Uint8Array> {
    return this.#readAny(max, true, asBuffer);
  }

  receiveuntil(pattern: unknown, options?: unknown): object {
    return this.#reader(pattern, options, false, asText);
  }

  receiveuntil_buffer(pattern: unknown, options?: unknown): object {
    return this.#reader(pattern, options, true, asBuffer);
  }

  #reader<T>(pattern: unknown, options: unknown, bytes: boolean, convert: Convert<T>): object {
    const read: UntilRead<T> = (converted, most, raw, inclusive) =>
      this.#read({ kind: READ_UNTIL, most, pattern: raw, inclusive, bytes }, converted);
    return reader(this.#r, pattern, options, convert, read);
  }
}

/** Reads at most so many bytes up to a pattern. */
type UntilRead<T> = (convert: Convert<T>, most: number, pattern: string, inclusive: boolean) => Promise<T>;

function most(max: unknown): number {
  const n = typeof max === 'string' && max !== '' ? +max : max;
  if (typeof n !== 'number' || !(n >= 1)) {
    throw new NgxError("bad argument #1 to 'receiveany' (bad max argument)");
  }
  return n < 0x7fffffff ? trunc(n) : 0x7fffffff;
}

/** A function that reads up to the pattern, or with a size at most so many bytes, and at the pattern undefined. */
function reader<T>(
  r: Request,
  pattern: unknown,
  options: unknown,
  convert: Convert<T>,
  readUntil: UntilRead<T>,
): object {
  check(r);
  const raw = typeof pattern === 'number' ? `${pattern}` : patternOf(pattern);
  if (raw === '') throw new NgxError('pattern is empty');
  const inclusive = inclusiveOf(options);
  let atEnd = false;
  const convertPiece = (value: Plain, boundary: boolean, sized: boolean): T => {
    atEnd = sized && boundary;
    return convert(value, boundary);
  };
  const read = (size?: unknown): Promise<T | undefined> => {
    check(r);
    if (atEnd) {
      atEnd = false;
      return new Promise_((resolve) => resolve(undefined));
    }
    const limit = size === undefined || size === null ? 0 : +(size as number);
    if (!isFiniteNumber(limit)) {
      throw new NgxError(`bad argument #1 (number expected, got ${typeName(size)})`);
    }
    const sized = limit >= 1;
    const converted: Convert<T> = (value, boundary) => convertPiece(value, boundary, sized);
    const rest = sized ? trunc(limit) : UNLIMITED;
    return readUntil(converted, rest, raw, inclusive);
  };
  (read as unknown as Record<symbol, unknown>)[asyncIterator] = () => pieces(read);
  return read;
}

/** One piece after the other, until the peer closes the connection. */
async function* pieces<T>(read: () => Promise<T | undefined>): AsyncGenerator<T | undefined> {
  for (;;) {
    let piece: T | undefined;
    try {
      piece = await read();
    } catch (error) {
      const { message, partial } = error as { message: unknown; partial: { length: number } };
      if (message === 'closed' && partial.length === 0) return;
      throw error;
    }
    yield piece;
  }
}

function patternOf(pattern: unknown): string {
  if (typeof pattern === 'string') return encodeRaw(pattern);
  const bytes = asBytes(pattern);
  if (bytes !== undefined) return rawOf(bytes);
  throw new NgxError(`bad argument #1 to 'receiveuntil' (string expected, got ${typeName(pattern)})`);
}

function inclusiveOf(options: unknown): boolean {
  if (options === undefined || options === null) return false;
  const { inclusive } = options as { inclusive?: unknown };
  if (inclusive === undefined || inclusive === null) return false;
  if (typeof inclusive === 'boolean') return inclusive;
  throw new NgxError(`bad "inclusive" option value type: ${typeName(inclusive)}`);
}

/** A read of a connection that the guest knows a part of. */
function readNear<T>(r: Request, id: number, near: Near, wanted: Wanted, convert: Convert<T>): Promise<T> {
  check(r);
  const here = near.read(wanted);
  if (here !== undefined) {
    return new Promise_<T>((resolve) => resolve(convert(here, wanted.kind === READ_UNTIL)));
  }
  const given = near.giveBack();
  return new Promise_<T>((resolve, reject) => {
    const { kind, bytes, most, pattern, inclusive } = wanted;
    const operation = nextOperation();
    if (given === '' && near.quiet) {
      near.reads();
      tellSocket(r, [SOCK_RECEIVE, id, operation, kind, bytes, most, pattern, inclusive, undefined, true]);
    } else {
      const args = [kind, bytes, most, pattern, inclusive, given, true] as const;
      const answer = callSocket(r.slot, SOCK_RECEIVE, id, operation, ...args);
      if (!waits(answer, bytes, convert, resolve, reject)) return;
    }
    expect(r, operation, OP_SOCKET, (ok, value, beside) => {
      if (!ok) {
        resolve(failing(() => failure(value as string, beside, bytes)));
        return;
      }
      const flags = charCodeAt(beside, 0);
      if (beside.length > 1) near.give(slice(beside, 1), (flags & READ_ASCII) !== 0);
      resolve(convert(value as string, (flags & READ_BOUNDARY) !== 0));
    });
  });
}
