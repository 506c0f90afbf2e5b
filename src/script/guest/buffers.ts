// Buffers that can be resized: V8 maps them itself, past what counts against the isolate's limit. So each has a plain
// buffer of its size beside it, which counts, and costs nothing more, since nobody ever touches it.

import {
  apply,
  Buffer_,
  defineProperty,
  getOwnPropertyDescriptor,
  max,
  Proxy_,
  WeakMap_,
  weakMapSet,
} from './builtins.ts';

/** Of a mapping, of which a process cannot have many; and of a byte that it may come to have: addresses are finite too. */
const LEAST = 65_536;
const PER_ADDRESS = 1 / 1024;

const weights = new WeakMap_<object, ArrayBuffer>();

function weightOf(length: number, most: number): ArrayBuffer {
  return new Buffer_(max(length, LEAST, most * PER_ADDRESS));
}

type Maker = ArrayBufferConstructor | SharedArrayBufferConstructor;
type Method = (this: object, length?: number) => object;

/** Makes the global `name` count what its buffers grow to; `resizable` tells which can, `methods` change their size. */
function count(name: string, make: Maker, resizable: string, methods: readonly string[]): void {
  const { prototype } = make;
  const getter = (property: string) => getOwnPropertyDescriptor(prototype, property)?.get as () => unknown;
  const canGrow = getter(resizable);
  const lengthOf = getter('byteLength') as () => number;
  const mostOf = getter('maxByteLength') as () => number;

  for (const method of methods) {
    const native = (prototype as unknown as Record<string, Method>)[method] as Method;
    const counted: Record<string, Method> = {
      [method](length) {
        if (!apply(canGrow, this, [])) return apply(native, this, [length]) as object;
        const size = length === undefined ? (apply(lengthOf, this, []) as number) : +length;
        const weight = weightOf(size, apply(mostOf, this, []) as number);
        const moved = apply(native, this, [size]) as object | undefined;
        weakMapSet(weights, moved ?? this, weight);
        return moved as object;
      },
    };
    defineProperty(prototype, method, { value: counted[method], writable: true, configurable: true });
  }

  const counting = new Proxy_(make, {
    construct(target, [length, options]: [unknown, unknown], newTarget) {
      const given = typeof options === 'object' && options !== null;
      const most = given ? (options as { maxByteLength?: number }).maxByteLength : undefined;
      if (most === undefined) return construct(target, [length], newTarget);
      const size = +(length as number);
      const limit = +most;
      const weight = weightOf(size, limit);
      const buffer = construct(target, [size, { maxByteLength: limit }], newTarget);
      weakMapSet(weights, buffer, weight);
      return buffer;
    },
  });
  const shown = { value: counting, writable: true, configurable: true };
  defineProperty(prototype, 'constructor', shown);
  defineProperty(globalThis, name, shown);
}

const { construct } = Reflect as { construct(make: Maker, args: unknown[], newTarget: unknown): object };

export function countBuffers(): void {
  count('ArrayBuffer', ArrayBuffer, 'resizable', ['resize', 'transfer']);
  count('SharedArrayBuffer', SharedArrayBuffer, 'growable', ['grow']);
}
