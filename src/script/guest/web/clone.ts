// structuredClone for what scripts have: plain data, collections, dates, errors, bytes; cycles are kept.

import { asBytes } from '../text.ts';
import { DOMException } from './dom_exception.ts';

export function structuredClone(value: unknown): unknown {
  return clone(value, new Map());
}

function clone(value: unknown, seen: Map<object, unknown>): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') throw uncloneable(value);
  if (typeof value !== 'object' || value === null) return value;
  const known = seen.get(value);
  if (known !== undefined) return known;
  const keep = <T>(copy: T): T => {
    seen.set(value, copy);
    return copy;
  };
  if (value instanceof Date) return keep(new Date(value.getTime()));
  if (value instanceof RegExp) return keep(new RegExp(value.source, value.flags));
  if (value instanceof Boolean || value instanceof Number || value instanceof String) {
    return keep(Object(value.valueOf()));
  }
  if (value instanceof ArrayBuffer) return keep(value.slice(0));
  if (ArrayBuffer.isView(value)) return keep(cloneView(value));
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
  if (value instanceof Error) return cloneError(value, keep, seen);
  if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet)
    throw uncloneable(value);
  const copy = keep((Array.isArray(value) ? new Array(value.length) : {}) as Record<string, unknown>);
  for (const key of Object.keys(value)) {
    Object.defineProperty(copy, key, {
      value: clone((value as Record<string, unknown>)[key], seen),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return copy;
}

const ERRORS = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

function cloneError(error: Error, keep: <T>(copy: T) => T, seen: Map<object, unknown>): Error {
  const type = Object.hasOwn(ERRORS, error.name) ? ERRORS[error.name as keyof typeof ERRORS] : Error;
  const copy = keep(new type(error.message));
  Object.defineProperty(copy, 'stack', { value: error.stack, configurable: true, writable: true });
  if ('cause' in error) {
    Object.defineProperty(copy, 'cause', {
      value: clone(error.cause, seen),
      configurable: true,
      writable: true,
    });
  }
  return copy;
}

function cloneView(view: ArrayBufferView): ArrayBufferView {
  const bytes = asBytes(view) as Uint8Array;
  const buffer = new ArrayBuffer(bytes.length);
  new Uint8Array(buffer).set(bytes);
  if (view instanceof DataView) return new DataView(buffer);
  return new (view.constructor as Uint8ArrayConstructor)(buffer);
}

function uncloneable(value: unknown): DOMException {
  return new DOMException(
    `${typeof value === 'object' ? '#<Object>' : String(value)} could not be cloned.`,
    'DataCloneError',
  );
}
