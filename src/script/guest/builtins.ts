// The built-ins that the bridge and the API use, taken before any user code runs: a script that patches a prototype
// changes its own world, not the bridge. Methods become functions of their receiver.

const { bind, call } = Function.prototype;

type Method<T, A extends unknown[], R> = (this: T, ...args: A) => R;

function uncurry<T, A extends unknown[], R>(method: Method<T, A, R>): (self: T, ...args: A) => R {
  return Reflect.apply(bind, call, [method]) as (self: T, ...args: A) => R;
}

const string = String.prototype;
export const slice = uncurry(string.slice as Method<string, [from: number, to?: number], string>);
export const charCodeAt = uncurry(string.charCodeAt as Method<string, [index: number], number>);
export const indexOf = uncurry(string.indexOf as Method<string, [what: string, from?: number], number>);
export const toLowerCase = uncurry(string.toLowerCase as Method<string, [], string>);
export const toUpperCase = uncurry(string.toUpperCase as Method<string, [], string>);
export const padStart = uncurry(string.padStart as Method<string, [length: number, fill?: string], string>);
const stringSplit = uncurry(string.split as Method<string, [separator: string], string[]>);

export const exec = uncurry(RegExp.prototype.exec as Method<RegExp, [text: string], RegExpExecArray | null>);
export const replace = uncurry(
  RegExp.prototype[Symbol.replace] as Method<
    RegExp,
    [text: string, by: string | ((...args: never[]) => string)],
    string
  >,
);

const array = Array.prototype;
export const includes = uncurry(array.includes as Method<readonly unknown[], [what: unknown], boolean>);
export const join = uncurry(array.join as Method<readonly unknown[], [separator: string], string>);

export const fromCharCode = String.fromCharCode;
export const { apply, ownKeys, get: reflectGet } = Reflect;
export const {
  create,
  freeze,
  keys,
  defineProperty,
  defineProperties,
  getPrototypeOf,
  setPrototypeOf,
  hasOwn,
  getOwnPropertyDescriptor,
} = Object;
export const { isArray } = Array;
export const { isView } = ArrayBuffer;
export const { floor, min, max, trunc, random } = Math;
export const { isInteger, isFinite: isFiniteNumber } = Number;
export const { parse: parseJson, stringify: toJson } = JSON;
export const now = Date.now;
export const toText = String;
export const Bytes = Uint8Array;
export const Words = Int32Array;
export const Buffer_ = ArrayBuffer;
export const Promise_ = Promise;
export const Error_ = Error;
export const { captureStackTrace } = Error as unknown as { captureStackTrace: (error: object) => void };
export const TypeError_ = TypeError;
export const AggregateError_ = AggregateError;
export const Proxy_ = Proxy;
export const RegExp_ = RegExp;
export const Map_ = Map;
export const Set_ = Set;
export const WeakMap_ = WeakMap;
export const Date_ = Date;
export const iterator: typeof Symbol.iterator = Symbol.iterator;
export const asyncIterator: typeof Symbol.asyncIterator = Symbol.asyncIterator;
export const WeakRef_ = WeakRef;
export const deref = uncurry(WeakRef.prototype.deref as Method<WeakRef<object>, [], object | undefined>);

const map = Map.prototype as Map<unknown, unknown>;
export const mapGet = uncurry(map.get) as <K, V>(map: Map<K, V>, key: K) => V | undefined;
export const mapSet = uncurry(map.set) as <K, V>(map: Map<K, V>, key: K, value: V) => Map<K, V>;
export const mapDelete = uncurry(map.delete) as <K, V>(map: Map<K, V>, key: K) => boolean;
export const mapHas = uncurry(map.has) as <K, V>(map: Map<K, V>, key: K) => boolean;

export const weakMapSet = uncurry(WeakMap.prototype.set) as <V>(
  map: WeakMap<object, V>,
  key: object,
  value: V,
) => WeakMap<object, V>;

/** An array without prototype: a setter on Array.prototype is not told what is put in. Only to be read by index. */
export function list<T>(): T[] {
  return setPrototypeOf([], null) as T[];
}

/** An object without prototype, as a table by key: nothing of Object.prototype shows through. */
export function table<T>(): Record<string | number, T> {
  return create(null);
}

// instanceof asks the constructor first, which a script could have it answer anything.
const hasInstance = Function.prototype[Symbol.hasInstance];

export function keepInstanceOf(type: object): void {
  defineProperty(type, Symbol.hasInstance, { value: hasInstance });
}

for (const type of [
  Promise,
  Error,
  AggregateError,
  ArrayBuffer,
  Uint8Array,
  DataView,
  Map,
  Set,
  Date,
  RegExp,
]) {
  keepInstanceOf(type);
}

/** Whether it is to be waited for. A proxy may throw where it is asked for its prototype: it is none. */
export function isPromise(value: unknown): value is Promise<unknown> {
  if (typeof value !== 'object' || value === null) return false;
  try {
    return value instanceof Promise_;
  } catch {
    return false;
  }
}

/** Splits at a separator, into an array that is read by index. */
export function split(text: string, separator: string): string[] {
  return stringSplit(text, separator);
}

/** What `typeof` says, with null and arrays told apart, for messages. */
export function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (isArray(value)) return 'array';
  return typeof value;
}
