// ngx.pipe: processes. The worker has them and their streams; whoever starts one takes it along when it ends.

import {
  INIT,
  READ_ALL,
  READ_ANY,
  READ_EXACT,
  READ_LINE,
  SLOT,
  SOCK_PIPE_KILL,
  SOCK_PIPE_READ,
  SOCK_PIPE_SHUTDOWN,
  SOCK_PIPE_SPAWN,
  SOCK_PIPE_TIMEOUTS,
  SOCK_PIPE_WAIT,
  SOCK_PIPE_WRITE,
} from '../protocol.ts';
import { mem } from './bridge.ts';
import { indexOf, isArray, isFiniteNumber, slice, toJson, toText, trunc, typeName } from './builtins.ts';
import { NgxError } from './errors.ts';
import { starterOf } from './nobody.ts';
import type { Request } from './request.ts';
import {
  asBuffer,
  ask,
  asNumber,
  asText,
  type Convert,
  nextSocket,
  noteLoose,
  wait,
} from './socket_calls.ts';
import { asBytes, encodeRaw, rawOf } from './text.ts';

interface Ended {
  readonly ok: boolean;
  readonly reason: 'exit' | 'signal';
  readonly status: number;
}

const TIMEOUTS = ['write_timeout', 'stdout_read_timeout', 'stderr_read_timeout', 'wait_timeout'] as const;
const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_BUFFER_SIZE = 4096;
const MAX_TIMEOUT_MS = 0xffffffff;
const MAX_SIZE = 0x7fffffff;

/** Sets those that are given. */
function takeTimeouts(timeouts: number[], given: readonly unknown[]): void {
  for (let i = 0; i < TIMEOUTS.length; i++) {
    const value = given[i];
    if (value === undefined || value === null) continue;
    const ms = typeof value === 'string' && value !== '' ? +value : value;
    if (typeof ms !== 'number' || !(ms >= 0 && ms <= MAX_TIMEOUT_MS)) {
      throw new NgxError(`bad ${TIMEOUTS[i]} option`);
    }
    timeouts[i] = trunc(ms);
  }
}

const asEnded: Convert<Ended> = (value) => {
  const text = value as string;
  const space = indexOf(text, ' ');
  const status = +slice(text, space + 1);
  return { ok: status === 0, reason: slice(text, 0, space) as Ended['reason'], status };
};

/** Whose method is called; it may be called of anything. */
let self: (proc: Proc) => Proc;

class Proc {
  readonly #r: Request;
  readonly #id: number;
  readonly #pid: number;
  readonly #timeouts: number[];

  static {
    self = (proc) => {
      if (typeof proc !== 'object' || proc === null || !(#r in proc)) {
        throw new NgxError('not a process instance');
      }
      return proc;
    };
  }

  constructor(r: Request, id: number, pid: number, timeouts: number[]) {
    this.#r = r;
    this.#id = id;
    this.#pid = pid;
    this.#timeouts = timeouts;
    noteLoose(r, id, this);
  }

  pid(): number {
    return self(this).#pid;
  }

  set_timeouts(write?: unknown, stdoutRead?: unknown, stderrRead?: unknown, waiting?: unknown): void {
    takeTimeouts(self(this).#timeouts, [write, stdoutRead, stderrRead, waiting]);
    try {
      ask(self(this).#r, SOCK_PIPE_TIMEOUTS, self(this).#id, ...self(this).#timeouts);
    } catch (error) {
      if ((error as NgxError).message !== 'closed') throw error; // it has ended: nothing to wait for
    }
  }

  wait(): Promise<Ended> {
    return wait(self(this).#r, SOCK_PIPE_WAIT, self(this).#id, false, asEnded);
  }

  kill(signal: unknown): true {
    if (typeof signal !== 'number') {
      throw new NgxError(`bad signal arg: number expected, got ${toText(signal)}`);
    }
    ask(self(this).#r, SOCK_PIPE_KILL, self(this).#id, isFiniteNumber(signal) ? trunc(signal) : -1);
    return true;
  }

  shutdown(direction: unknown): true {
    if (direction !== 'stdin' && direction !== 'stdout' && direction !== 'stderr') {
      throw new NgxError(`bad shutdown arg: ${toText(direction)}`);
    }
    ask(self(this).#r, SOCK_PIPE_SHUTDOWN, self(this).#id, direction);
    return true;
  }

  write(data: unknown): Promise<number> {
    const text = typeof data === 'string';
    return wait(
      self(this).#r,
      SOCK_PIPE_WRITE,
      self(this).#id,
      false,
      asNumber,
      text ? data : rawData(data, data, true),
      text,
    );
  }

  stdout_read_all(): Promise<string> {
    return self(this).#read(false, READ_ALL, 0, false, asText);
  }

  stdout_read_all_buffer(): Promise<Uint8Array> {
    return self(this).#read(false, READ_ALL, 0, true, asBuffer);
  }

  stdout_read_line(): Promise<string> {
    return self(this).#read(false, READ_LINE, 0, false, asText);
  }

  stdout_read_line_buffer(): Promise<Uint8Array> {
    return self(this).#read(false, READ_LINE, 0, true, asBuffer);
  }

  stdout_read_bytes(len: unknown): Promise<string> {
    return self(this).#read(false, READ_EXACT, lengthOf(len), false, asText);
  }

  stdout_read_bytes_buffer(len: unknown): Promise<Uint8Array> {
    return self(this).#read(false, READ_EXACT, lengthOf(len), true, asBuffer);
  }

  stdout_read_any(max: unknown): Promise<string> {
    return self(this).#read(false, READ_ANY, mostOf(max), false, asText);
  }

  stdout_read_any_buffer(max: unknown): Promise<Uint8Array> {
    return self(this).#read(false, READ_ANY, mostOf(max), true, asBuffer);
  }

  stderr_read_all(): Promise<string> {
    return self(this).#read(true, READ_ALL, 0, false, asText);
  }

  stderr_read_all_buffer(): Promise<Uint8Array> {
    return self(this).#read(true, READ_ALL, 0, true, asBuffer);
  }

  stderr_read_line(): Promise<string> {
    return self(this).#read(true, READ_LINE, 0, false, asText);
  }

  stderr_read_line_buffer(): Promise<Uint8Array> {
    return self(this).#read(true, READ_LINE, 0, true, asBuffer);
  }

  stderr_read_bytes(len: unknown): Promise<string> {
    return self(this).#read(true, READ_EXACT, lengthOf(len), false, asText);
  }

  stderr_read_bytes_buffer(len: unknown): Promise<Uint8Array> {
    return self(this).#read(true, READ_EXACT, lengthOf(len), true, asBuffer);
  }

  stderr_read_any(max: unknown): Promise<string> {
    return self(this).#read(true, READ_ANY, mostOf(max), false, asText);
  }

  stderr_read_any_buffer(max: unknown): Promise<Uint8Array> {
    return self(this).#read(true, READ_ANY, mostOf(max), true, asBuffer);
  }

  async #read<T>(
    fromStderr: boolean,
    kind: number,
    most: number,
    bytes: boolean,
    convert: Convert<T>,
  ): Promise<T> {
    if (kind === READ_EXACT && most === 0) return convert('', false);
    return wait(this.#r, SOCK_PIPE_READ, this.#id, bytes, convert, fromStderr, bytes, most, kind);
  }
}

function numberOf(value: unknown): number {
  const n = typeof value === 'string' && value !== '' ? +value : value;
  return typeof n === 'number' ? n : Number.NaN;
}

function lengthOf(value: unknown): number {
  const n = numberOf(value);
  if (!(n >= 0)) throw new NgxError('bad len argument');
  return n < MAX_SIZE ? trunc(n) : MAX_SIZE;
}

function mostOf(value: unknown): number {
  const n = numberOf(value);
  if (!(n > 0)) throw new NgxError('bad max argument');
  return n < 1 ? 1 : n < MAX_SIZE ? trunc(n) : MAX_SIZE;
}

/** What is written, as bytes one a character. `whole`: for the message. */
function rawData(data: unknown, whole: unknown, outermost: boolean): string {
  if (typeof data === 'string') return encodeRaw(data);
  if (typeof data === 'number') return toText(data);
  const bytes = asBytes(data);
  if (bytes !== undefined) return rawOf(bytes);
  if (isArray(data)) {
    let out = '';
    for (let i = 0; i < data.length; i++) out += rawData(data[i], whole, false);
    return out;
  }
  const where = outermost ? 'data arg' : 'value in the data arg';
  throw new NgxError(`bad ${where}: string, number, or table expected, got ${typeName(data)}`);
}

interface SpawnOptions {
  readonly merge_stderr?: unknown;
  readonly buffer_size?: unknown;
  readonly environ?: unknown;
  readonly [timeout: string]: unknown;
}

function argsOf(args: unknown): string[] {
  if (!isArray(args)) throw new NgxError(`bad args arg: table expected, got ${typeName(args)}`);
  if (args.length === 0) throw new NgxError('bad args arg: non-empty table expected');
  const own: string[] = [];
  for (let i = 0; i < args.length; i++) own[i] = toText(args[i]);
  return own;
}

/** null: the worker's own. */
function environOf(environ: unknown): string[] | null {
  if (environ === undefined || environ === null) return null;
  if (!isArray(environ)) {
    throw new NgxError(`bad environ option: table expected, got ${typeName(environ)}`);
  }
  const own: string[] = [];
  for (let i = 0; i < environ.length; i++) {
    const one: unknown = environ[i];
    const what = `bad value at index ${i} of environ option`;
    if (typeof one !== 'string') throw new NgxError(`${what}: string expected, got ${typeName(one)}`);
    if (indexOf(one, '=', 1) === -1) {
      throw new NgxError(`${what}: 'name=[value]' format expected, got '${one}'`);
    }
    own[i] = one;
  }
  return own.length === 0 ? null : own;
}

function bufferSizeOf(size: unknown): number {
  if (size === undefined || size === null) return DEFAULT_BUFFER_SIZE;
  const n = numberOf(size);
  if (!(n >= 1)) throw new NgxError('bad buffer_size option');
  return n < MAX_SIZE ? trunc(n) : MAX_SIZE;
}

class PipeApi {
  readonly #r: Request;

  constructor(r: Request) {
    this.#r = r;
  }

  spawn(args: unknown, options?: unknown): Proc {
    const r = starterOf(this.#r);
    if (r.phase === INIT && mem[SLOT] === 0) throw new NgxError('API disabled in the current context');
    const own = argsOf(args);
    const given = (options ?? {}) as SpawnOptions;
    const bufferSize = bufferSizeOf(given.buffer_size);
    const environ = environOf(given.environ);
    const timeouts: number[] = [];
    for (let i = 0; i < TIMEOUTS.length; i++) timeouts[i] = DEFAULT_TIMEOUT_MS;
    takeTimeouts(timeouts, [
      given.write_timeout,
      given.stdout_read_timeout,
      given.stderr_read_timeout,
      given.wait_timeout,
    ]);
    const { merge_stderr: merge } = given;
    const mergeStderr = merge !== undefined && merge !== null && merge !== false;
    const id = nextSocket();
    const request = toJson({ args: own, mergeStderr, bufferSize, environ });
    const proc = new Proc(r, id, ask(r, SOCK_PIPE_SPAWN, id, request) as number, timeouts);
    ask(r, SOCK_PIPE_TIMEOUTS, id, ...timeouts);
    return proc;
  }
}

export function pipeApi(r: Request): object {
  return new PipeApi(r);
}
