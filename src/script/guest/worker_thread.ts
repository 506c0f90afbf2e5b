// ngx.run_worker_thread, from both of its sides: what asks for a function to be run in an isolate that is off the
// worker's thread, and, in such an isolate, what runs it. Values are copied, as JSON.

import { OP_THREAD, TIMER } from '../protocol.ts';
import {
  apply,
  create,
  getPrototypeOf,
  isArray,
  isFiniteNumber,
  isPromise,
  keys,
  Promise_,
  parseJson,
  toJson,
} from './builtins.ts';
import { NgxError, signal } from './errors.ts';
import { currentRequest, setPhase } from './nobody.ts';
import { promise, refuseOperations } from './operations.ts';
import { asBytes, bytesOf, isBytes, rawOf } from './text.ts';

/** As deep as Lua's own copies go. */
const MAX_DEPTH = 100;

// A value as JSON: what JSON has is itself, arrays are marked with LIST, and what JSON has not with another number.
const LIST = 0;
const BYTES = 1;
const NUMBER = 2;
const NOTHING = 3;

type Json = string | number | boolean | null | readonly Json[] | { [key: string]: Json };

function encode(value: unknown, depth: number, where: string): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return isFiniteNumber(value) && !(value === 0 && 1 / value < 0)
        ? value
        : [NUMBER, value === 0 ? '-0' : `${value}`];
    case 'undefined':
      return [NOTHING];
    case 'object':
      return value === null ? null : encodeTable(value, depth, where);
    case 'function':
      return refuse('unsupported Lua type: LUA_TFUNCTION', where);
    default:
      return refuse('unsupported Lua type', where);
  }
}

function encodeTable(value: object, depth: number, where: string): Json {
  if (isBytes(value)) return [BYTES, rawOf(asBytes(value) as Uint8Array)];
  if (depth >= MAX_DEPTH) {
    refuse(`suspicious circular references, table depth exceed max depth: ${MAX_DEPTH}`, where);
  }
  if (isArray(value)) {
    const list: Json[] = [LIST];
    for (let i = 0; i < value.length; i++) list[i + 1] = encode(value[i], depth + 1, where);
    return list;
  }
  const prototype = getPrototypeOf(value) as object | null;
  if (prototype !== null && prototype !== Object.prototype)
    refuse('unsupported Lua type: LUA_TUSERDATA', where);
  const table = create(null) as Record<string, Json>;
  const names = keys(value);
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    const own = (value as Record<string, unknown>)[name];
    if (own !== undefined) table[name] = encode(own, depth + 1, where);
  }
  return table;
}

function refuse(why: string, where: string): never {
  throw new NgxError(`${why} in the ${where}`);
}

/** Changes what it is given, which nobody else has. */
function decode(json: Json): unknown {
  if (typeof json !== 'object' || json === null) return json;
  if (!isArray(json)) {
    const table = json as Record<string, unknown>;
    const names = keys(table);
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string;
      table[name] = decode(table[name] as Json);
    }
    return table;
  }
  switch (json[0]) {
    case BYTES:
      return bytesOf(json[1] as string);
    case NUMBER:
      return +(json[1] as string);
    case NOTHING:
      return undefined;
  }
  const list: unknown[] = [];
  for (let i = 1; i < json.length; i++) list[i - 1] = decode(json[i] as Json);
  return list;
}

/** pool, module, function, arguments. */
export function run_worker_thread(...all: unknown[]): Promise<unknown> {
  if (all.length < 3) throw new NgxError('expecting at least 3 arguments');
  const [pool, module, name] = all;
  if (typeof pool !== 'string') throw new NgxError('threadpool should be a string');
  if (typeof module !== 'string') throw new NgxError('module name should be a string');
  if (typeof name !== 'string') throw new NgxError('function name should be a string');
  const args: Json[] = [LIST];
  for (let i = 3; i < all.length; i++) args[i - 2] = encode(all[i], 0, 'argument');
  return promise(currentRequest(), OP_THREAD, [pool, module, name, toJson(args)], (json) =>
    decode(json as Json),
  );
}

// In the isolate of a thread.

const exported = create(null) as Record<number, Readonly<Record<string, unknown>>>;
/** What a promise of the function has come to. */
let settled = '';

const REFUSED = 'API disabled in the context of ngx.run_worker_thread';

/** Nothing that has to wait is to be had here. */
export function becomeThread(): void {
  setPhase(TIMER);
  refuseOperations(REFUSED);
}

/** What a module exports, by the number that the host has given it. */
export function addModule(program: { readonly default: readonly (() => unknown)[] }, module: number): void {
  exported[module] = (program.default[0] as () => Readonly<Record<string, unknown>>)();
}

/** As JSON, whether it went well and the value, or message and stack; empty: see outcome(). */
export function runTask(module: number, name: string, args: string): string {
  settled = '';
  try {
    const run = exported[module]?.[name];
    if (typeof run !== 'function') throw new NgxError('invalid function');
    const value = apply(run, undefined, decode(parseJson(args) as Json) as unknown[]) as unknown;
    if (!isPromise(value)) return succeeded(value);
    void Promise_.resolve(value).then(
      (late) => {
        settled = succeeded(late);
      },
      (error) => {
        settled = failed(error);
      },
    );
    return '';
  } catch (error) {
    return failed(error);
  }
}

/** After runTask(): what the promise that the function returned has come to. */
export function outcome(): string {
  return settled === '' ? failed(new NgxError('the promise of the function is never settled')) : settled;
}

function succeeded(value: unknown): string {
  try {
    return toJson([true, encode(value, 0, 'return value')]);
  } catch (error) {
    return failed(error);
  }
}

function failed(error: unknown): string {
  if (error === signal) return toJson([false, REFUSED, '']);
  if (error instanceof Error) return toJson([false, `${error.message}`, `${error.stack ?? ''}`]);
  return toJson([false, typeof error === 'string' ? error : 'unknown reason', '']);
}
