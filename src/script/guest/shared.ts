// ngx.shared.NAME: dictionaries in the zones that all workers share. All calls are synchronous.

import {
  type Boot,
  DICT_ADD,
  DICT_ADD_INFO,
  DICT_CAPACITY,
  DICT_DELETE,
  DICT_EXPIRE,
  DICT_FLUSH_ALL,
  DICT_FLUSH_EXPIRED,
  DICT_FREE_SPACE,
  DICT_GET,
  DICT_GET_BYTES,
  DICT_GET_FLAGS,
  DICT_GET_KEYS,
  DICT_GET_STALE,
  DICT_INCR,
  DICT_INCR_INFO,
  DICT_LLEN,
  DICT_LPOP,
  DICT_LPUSH,
  DICT_REPLACE,
  DICT_REPLACE_INFO,
  DICT_RPOP,
  DICT_RPUSH,
  DICT_SAFE_ADD,
  DICT_SAFE_SET,
  DICT_SET,
  DICT_SET_INFO,
  DICT_TTL,
} from '../protocol.ts';
import { callShared, type Plain } from './bridge.ts';
import { defineProperty, freeze, isFiniteNumber, parseJson, table, typeName } from './builtins.ts';
import { NgxError } from './errors.ts';
import { asBytes, bytesOf } from './text.ts';

type Value = string | number | boolean | Uint8Array | undefined;

/** A key as text; a number counts as its decimal form. */
function keyOf(key: unknown): string {
  if (typeof key === 'string') {
    if (key === '') throw new NgxError('empty key');
    return key;
  }
  if (key === undefined || key === null) throw new NgxError('nil key');
  if (typeof key === 'number' || typeof key === 'boolean') return `${key}`;
  throw new NgxError(`bad key type: ${typeName(key)}`);
}

function plainValue(value: unknown): Plain {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'undefined':
      return value;
    case 'object': {
      if (value === null) return undefined;
      const bytes = asBytes(value);
      if (bytes !== undefined) return bytes;
    }
  }
  throw new NgxError('bad value type');
}

/** Seconds and flags travel as numbers; what is not one is an error of the caller. */
function numberOf(value: unknown, what: string, otherwise: number): number {
  if (value === undefined || value === null) return otherwise;
  const n = typeof value === 'string' ? +value : value;
  if (typeof n !== 'number' || !isFiniteNumber(n)) {
    throw new NgxError(`bad "${what}" argument: number expected, got ${typeName(value)}`);
  }
  return n;
}

/** A number that incr starts with. */
function initialOf(value: unknown, what: string): number {
  const n = typeof value === 'string' && value !== '' ? +value : value;
  if (typeof n !== 'number' || !isFiniteNumber(n)) {
    throw new NgxError(`bad ${what} arg: number expected, got ${typeName(value)}`);
  }
  return n;
}

function exptimeOf(value: unknown): number {
  const exptime = numberOf(value, 'exptime', 0);
  if (exptime < 0) throw new NgxError('bad "exptime" argument');
  return exptime;
}

/** Which dictionary a method is called of; it may be called of anything. */
let idOf: (dict: SharedDict) => number;

class SharedDict {
  readonly #id: number;

  static {
    idOf = (dict) => {
      try {
        return dict.#id;
      } catch {
        throw new NgxError('bad "zone" argument');
      }
    };
  }

  constructor(id: number) {
    this.#id = id;
  }

  get(key: unknown): Value {
    return callShared(DICT_GET, idOf(this), keyOf(key)) as Value;
  }

  get_buffer(key: unknown): Uint8Array | undefined {
    const raw = callShared(DICT_GET_BYTES, idOf(this), keyOf(key));
    return typeof raw === 'string' ? bytesOf(raw) : undefined;
  }

  get_with_flags(key: unknown): unknown {
    return described(callShared(DICT_GET_FLAGS, idOf(this), keyOf(key)));
  }

  get_stale(key: unknown): unknown {
    return described(callShared(DICT_GET_STALE, idOf(this), keyOf(key)));
  }

  set(key: unknown, value: unknown, exptime?: unknown, flags?: unknown): boolean {
    return store(idOf(this), DICT_SET, key, value, exptime, flags) as boolean;
  }

  set_with_info(key: unknown, value: unknown, exptime?: unknown, flags?: unknown): object {
    return parseJson(store(idOf(this), DICT_SET_INFO, key, value, exptime, flags) as string) as object;
  }

  safe_set(key: unknown, value: unknown, exptime?: unknown, flags?: unknown): boolean {
    return store(idOf(this), DICT_SAFE_SET, key, value, exptime, flags) as boolean;
  }

  add(key: unknown, value: unknown, exptime?: unknown, flags?: unknown): boolean {
    return storeNew(idOf(this), DICT_ADD, key, value, exptime, flags) as boolean;
  }

  add_with_info(key: unknown, value: unknown, exptime?: unknown, flags?: unknown): object {
    return parseJson(storeNew(idOf(this), DICT_ADD_INFO, key, value, exptime, flags) as string) as object;
  }

  safe_add(key: unknown, value: unknown, exptime?: unknown, flags?: unknown): boolean {
    return storeNew(idOf(this), DICT_SAFE_ADD, key, value, exptime, flags) as boolean;
  }

  replace(key: unknown, value: unknown, exptime?: unknown, flags?: unknown): boolean {
    return storeNew(idOf(this), DICT_REPLACE, key, value, exptime, flags) as boolean;
  }

  replace_with_info(key: unknown, value: unknown, exptime?: unknown, flags?: unknown): object {
    return parseJson(storeNew(idOf(this), DICT_REPLACE_INFO, key, value, exptime, flags) as string) as object;
  }

  delete(key: unknown): void {
    callShared(DICT_DELETE, idOf(this), keyOf(key));
  }

  incr(key: unknown, by: unknown, init?: unknown, initTtl?: unknown): number {
    return incr(idOf(this), DICT_INCR, key, by, init, initTtl) as number;
  }

  incr_with_info(key: unknown, by: unknown, init?: unknown, initTtl?: unknown): object {
    const answer = parseJson(incr(idOf(this), DICT_INCR_INFO, key, by, init, initTtl) as string);
    return answer as object;
  }

  lpush(key: unknown, value: unknown): number {
    return callShared(DICT_LPUSH, idOf(this), keyOf(key), listValue(value)) as number;
  }

  rpush(key: unknown, value: unknown): number {
    return callShared(DICT_RPUSH, idOf(this), keyOf(key), listValue(value)) as number;
  }

  lpop(key: unknown): Value {
    return callShared(DICT_LPOP, idOf(this), keyOf(key)) as Value;
  }

  rpop(key: unknown): Value {
    return callShared(DICT_RPOP, idOf(this), keyOf(key)) as Value;
  }

  llen(key: unknown): number {
    return callShared(DICT_LLEN, idOf(this), keyOf(key)) as number;
  }

  ttl(key: unknown): number {
    return callShared(DICT_TTL, idOf(this), keyOf(key)) as number;
  }

  expire(key: unknown, exptime: unknown): void {
    if (exptime === undefined || exptime === null) throw new NgxError('bad "exptime" argument');
    callShared(DICT_EXPIRE, idOf(this), keyOf(key), numberOf(exptime, 'exptime', 0));
  }

  flush_all(): void {
    callShared(DICT_FLUSH_ALL, idOf(this), undefined);
  }

  flush_expired(max?: unknown): number {
    return callShared(DICT_FLUSH_EXPIRED, idOf(this), numberOf(max, 'max_count', 0)) as number;
  }

  get_keys(max?: unknown): string[] {
    return parseJson(
      callShared(DICT_GET_KEYS, idOf(this), numberOf(max, 'max_count', 1024)) as string,
    ) as string[];
  }

  capacity(): number {
    return callShared(DICT_CAPACITY, idOf(this), undefined) as number;
  }

  free_space(): number {
    return callShared(DICT_FREE_SPACE, idOf(this), undefined) as number;
  }
}

function store(
  id: number,
  operation: number,
  key: unknown,
  value: unknown,
  exptime: unknown,
  flags: unknown,
): Plain {
  const name = keyOf(key);
  const plain = plainValue(value);
  return exptime === undefined && flags === undefined
    ? callShared(operation, id, name, plain)
    : callShared(operation, id, name, plain, exptimeOf(exptime), numberOf(flags, 'flags', 0));
}

function incr(
  id: number,
  operation: number,
  key: unknown,
  by: unknown,
  init: unknown,
  initTtl: unknown,
): Plain {
  const step = typeof by === 'string' ? +by : by;
  if (typeof step !== 'number' || (typeof by === 'string' && !isFiniteNumber(step))) {
    throw new NgxError(
      `bad "value" argument: number expected, got ${by === undefined ? 'nil' : typeName(by)}`,
    );
  }
  const name = keyOf(key);
  if (init === undefined || init === null) {
    if (initTtl !== undefined) throw new NgxError('must provide "init" when providing "init_ttl"');
    return callShared(operation, id, name, step);
  }
  const from = initialOf(init, 'init');
  const ttl = initTtl === undefined || initTtl === null ? 0 : initialOf(initTtl, 'init_ttl');
  if (ttl < 0) throw new NgxError('bad "init_ttl" argument');
  return callShared(operation, id, name, step, from, ttl);
}

function storeNew(
  id: number,
  operation: number,
  key: unknown,
  value: unknown,
  exptime: unknown,
  flags: unknown,
): Plain {
  if (value === undefined || value === null) {
    keyOf(key);
    throw new NgxError('attempt to add or replace nil values');
  }
  return store(id, operation, key, value, exptime, flags);
}

function listValue(value: unknown): Plain {
  const plain = plainValue(value);
  if (plain === undefined || typeof plain === 'boolean') throw new NgxError('bad value type');
  return plain;
}

/** A value with what is known of it, as JSON; undefined where there is none. */
function described(answer: Plain): unknown {
  if (typeof answer !== 'string') return undefined;
  const { number, ...known } = parseJson(answer) as { number?: string; value?: unknown };
  // JSON has no NaN, Infinity and -0.
  if (number !== undefined) known.value = +number;
  return known;
}

/** ngx.shared: the dictionaries that were declared, and nothing else. One that is not for this isolate says so. */
export function sharedDicts({ sharedDicts: names, withheld, isolate }: Boot): object {
  const dicts = table<SharedDict>();
  for (let i = 0; i < withheld.length; i++) {
    const name = withheld[i] as string;
    defineProperty(dicts, name, {
      get() {
        throw new NgxError(`ts_isolate "${isolate}" is not granted ts_shared_dict "${name}" (dicts=${name})`);
      },
    });
  }
  for (let i = 0; i < names.length; i++) {
    defineProperty(dicts, names[i] as string, { value: new SharedDict(i), enumerable: true });
  }
  return freeze(dicts);
}
