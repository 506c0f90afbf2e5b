// What few scripts use, globals for the most part: the code is a chunk of its own, compiled in the isolate when one of
// them is first asked for. Until then there is a getter; afterwards a plain property, as of any global.

import type { ChunkName } from '../../protocol.ts';
import { defineProperty, getOwnPropertyDescriptor, keys, table } from '../builtins.ts';

interface Chunks {
  web: typeof import('../chunks/web.ts');
  streams: typeof import('../chunks/streams.ts');
  crypto: typeof import('../chunks/crypto.ts');
  urlpattern: typeof import('../chunks/urlpattern.ts');
  pipe: typeof import('../chunks/pipe.ts');
  coroutine: typeof import('../chunks/coroutine.ts');
}

/** The names of each chunk's globals: what it exports as `globals` has exactly these. */
const NAMES = {
  web: [
    'AbortController',
    'AbortSignal',
    'Blob',
    'CustomEvent',
    'ErrorEvent',
    'Event',
    'EventTarget',
    'File',
    'FormData',
    'Headers',
    'PromiseRejectionEvent',
    'Request',
    'Response',
    'URL',
    'URLSearchParams',
    'fetch',
    'structuredClone',
  ],
  streams: [
    'ByteLengthQueuingStrategy',
    'CompressionStream',
    'CountQueuingStrategy',
    'DecompressionStream',
    'ReadableByteStreamController',
    'ReadableStream',
    'ReadableStreamBYOBReader',
    'ReadableStreamBYOBRequest',
    'ReadableStreamDefaultController',
    'ReadableStreamDefaultReader',
    'TextDecoderStream',
    'TextEncoderStream',
    'TransformStream',
    'TransformStreamDefaultController',
    'WritableStream',
    'WritableStreamDefaultController',
    'WritableStreamDefaultWriter',
  ],
  crypto: ['Crypto', 'CryptoKey', 'SubtleCrypto', 'crypto'],
  urlpattern: ['URLPattern'],
  pipe: [],
  coroutine: ['coroutine'],
} as const satisfies Record<ChunkName, readonly string[]>;

export type GlobalsOf<C extends ChunkName> = Readonly<Record<(typeof NAMES)[C][number], unknown>>;

/** A chunk's program: a function of `require`. */
type Program = (require: (path: string) => unknown) => Chunks[ChunkName];

let fetchProgram: (name: string) => Program;
let makeModules: () => Readonly<Record<string, unknown>>;
let modules: Readonly<Record<string, unknown>> | null = null;
const loaded = table<Chunks[ChunkName]>();
const getters = table<() => unknown>();

/** The chunk that knows what a Response is: null while nobody can have made one. */
export let web: Chunks['web'] | null = null;

export function chunk<C extends ChunkName>(name: C): Chunks[C] {
  let found = loaded[name] as Chunks[C] | undefined;
  if (found === undefined) {
    found = fetchProgram(name)(moduleAt) as Chunks[C];
    loaded[name] = found;
    if (name === 'web') web = found as Chunks['web'];
    settle(name, found.globals);
  }
  return found;
}

/** A module of the guest's program, by a path that ends in its name. */
function moduleAt(path: string): unknown {
  modules ??= makeModules();
  return modules[/([a-z_]+)\.ts$/.exec(path)?.[1] ?? ''];
}

/** Puts the values in the place of those getters that are still there. */
function settle(name: ChunkName, values: Readonly<Record<string, unknown>>): void {
  for (const one of NAMES[name]) {
    const own = getOwnPropertyDescriptor(globalThis, one);
    if (own !== undefined && own.get !== undefined && own.get === getters[one]) define(one, values[one]);
  }
}

function define(name: string, value: unknown): void {
  defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
}

export function defineLazyGlobals(
  program: (name: string) => unknown,
  shared: () => Readonly<Record<string, unknown>>,
): void {
  fetchProgram = program as (name: string) => Program;
  makeModules = shared;
  for (const name of keys(NAMES) as ChunkName[]) {
    for (const one of NAMES[name]) {
      const get = (): unknown => (chunk(name).globals as Readonly<Record<string, unknown>>)[one];
      const set = (value: unknown): void => define(one, value);
      getters[one] = get;
      defineProperty(globalThis, one, { get, set, configurable: true, enumerable: false });
    }
  }
}
