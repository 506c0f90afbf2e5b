// structuredClone, for all that the standard says and that is here: primitives and their objects, plain data, dates,
// patterns, collections, errors, buffers and their views, Blob, File, DOMException. Cycles and shared parts are kept.

import { TypeError_ } from '../builtins.ts';
import { Blob, blobOf, File, rawOfBlob } from './blob.ts';
import { DOMException } from './dom_exception.ts';

type Seen = Map<object, unknown>;

export function structuredClone(
  value: unknown,
  options?: { readonly transfer?: Iterable<unknown> },
): unknown {
  if (arguments.length === 0) throw new TypeError_('structuredClone: a value is needed');
  const transfer = options?.transfer === undefined ? [] : [...options.transfer];
  for (const [i, one] of transfer.entries()) {
    if (!(one instanceof ArrayBuffer) || transfer.indexOf(one) !== i) throw uncloneable(one);
    if (one.detached)
      throw new DOMException('An ArrayBuffer is detached and could not be cloned.', 'DataCloneError');
  }
  const seen: Seen = new Map();
  // The new owner's buffers; the old ones are emptied when all has gone well.
  for (const one of transfer as ArrayBuffer[]) seen.set(one, one.slice(0));
  const copy = clone(value, seen);
  for (const one of transfer as ArrayBuffer[]) one.transfer(0);
  return copy;
}

function clone(value: unknown, seen: Seen): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') throw uncloneable(value);
  if (typeof value !== 'object' || value === null) return value;
  const known = seen.get(value);
  if (known !== undefined) return known;
  const keep = <T>(copy: T): T => {
    seen.set(value, copy);
    return copy;
  };
  if (isDate(value)) return keep(new Date(value.getTime()));
  if (value instanceof RegExp) return keep(new RegExp(value.source, value.flags));
  const primitive = primitiveOf(value);
  if (primitive !== undefined) return keep(Object(primitive));
  if (value instanceof ArrayBuffer) return keep(cloneBuffer(value));
  if (ArrayBuffer.isView(value)) return keep(cloneView(value, seen));
  if (value instanceof Map) {
    const copy = keep(new Map());
    for (const [key, one] of [...value]) copy.set(clone(key, seen), clone(one, seen));
    return copy;
  }
  if (value instanceof Set) {
    const copy = keep(new Set());
    for (const one of [...value]) copy.add(clone(one, seen));
    return copy;
  }
  if (value instanceof DOMException) return keep(new DOMException(value.message, value.name));
  if (value instanceof Error) return cloneError(value, keep, seen);
  if (value instanceof File) {
    return keep(new File([value], value.name, { type: value.type, lastModified: value.lastModified }));
  }
  if (value instanceof Blob) return keep(blobOf(rawOfBlob(value), value.type));
  if (isPlatform(value)) throw uncloneable(value);
  const copy = keep((Array.isArray(value) ? new Array(value.length) : {}) as Record<string, unknown>);
  for (const key of Object.keys(value)) {
    // A getter may have taken a later one away.
    if (!Object.hasOwn(value, key)) continue;
    Object.defineProperty(copy, key, {
      value: clone((value as Record<string, unknown>)[key], seen),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return copy;
}

function isDate(value: object): value is Date {
  if (!(value instanceof Date)) return false;
  try {
    Date.prototype.getTime.call(value);
    return true;
  } catch {
    return false; // an object that only has Date's prototype
  }
}

function primitiveOf(value: object): unknown {
  if (value instanceof Boolean || value instanceof Number || value instanceof String) return value.valueOf();
  if (value instanceof BigInt) return value.valueOf();
  if (value instanceof Symbol) throw uncloneable(value);
  return undefined;
}

/** Objects with something behind them that no property shows: what a script or a library makes of classes is plain. */
function isPlatform(value: object): boolean {
  if (
    value instanceof Promise ||
    value instanceof WeakMap ||
    value instanceof WeakSet ||
    value instanceof WeakRef
  ) {
    return true;
  }
  const tag = (value as { readonly [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  if (typeof tag !== 'string') return false;
  const platform = (globalThis as unknown as Record<string, unknown>)[tag];
  return PLATFORM.includes(tag) && typeof platform === 'function' && value instanceof platform;
}

const PLATFORM = [
  'AbortController',
  'AbortSignal',
  'CryptoKey',
  'Event',
  'EventTarget',
  'FormData',
  'Headers',
  'ReadableStream',
  'Request',
  'Response',
  'TransformStream',
  'URL',
  'URLSearchParams',
  'WritableStream',
];

function cloneBuffer(buffer: ArrayBuffer): ArrayBuffer {
  if (buffer.detached)
    throw new DOMException('An ArrayBuffer is detached and could not be cloned.', 'DataCloneError');
  if (!buffer.resizable) return buffer.slice(0);
  const copy = new ArrayBuffer(buffer.byteLength, { maxByteLength: buffer.maxByteLength });
  new Uint8Array(copy).set(new Uint8Array(buffer));
  return copy;
}

type ViewConstructor = new (buffer: unknown, offset: number, length?: number) => ArrayBufferView;

/** Views of one buffer stay views of one buffer. */
function cloneView(view: ArrayBufferView, seen: Seen): ArrayBufferView {
  const buffer = clone(view.buffer, seen);
  const make = constructorOf(view);
  return new make(
    buffer,
    view.byteOffset,
    view instanceof DataView ? view.byteLength : (view as Uint8Array).length,
  );
}

const VIEWS: readonly unknown[] = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  (globalThis as unknown as { Float16Array?: unknown }).Float16Array,
  DataView,
];

function constructorOf(view: ArrayBufferView): ViewConstructor {
  for (const made of VIEWS) {
    if (typeof made === 'function' && view instanceof made) return made as ViewConstructor;
  }
  throw uncloneable(view);
}

const ERRORS = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

function cloneError(error: Error, keep: <T>(copy: T) => T, seen: Seen): Error {
  const name = `${error.name}`;
  const type = Object.hasOwn(ERRORS, name) ? ERRORS[name as keyof typeof ERRORS] : Error;
  const message = Object.getOwnPropertyDescriptor(error, 'message');
  const copy = keep(message !== undefined && 'value' in message ? new type(`${message.value}`) : new type());
  const put = (key: string, value: unknown): void => {
    Object.defineProperty(copy, key, { value, configurable: true, writable: true });
  };
  put('stack', error.stack);
  if (Object.hasOwn(error, 'cause')) put('cause', clone(error.cause, seen));
  if (error instanceof AggregateError) put('errors', clone(error.errors, seen));
  return copy;
}

function uncloneable(value: unknown): DOMException {
  let shown = '#<Object>';
  if (typeof value === 'function' || typeof value === 'symbol') shown = String(value);
  else if (typeof value === 'object' && value !== null) shown = `#<${value.constructor?.name ?? 'Object'}>`;
  return new DOMException(`${shown} could not be cloned.`, 'DataCloneError');
}
