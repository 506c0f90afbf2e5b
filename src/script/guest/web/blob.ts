// Blob and File. Bytes are held one a character: a slice costs nothing, and nobody can change them.

import { isArray, iterator, TypeError_, toLowerCase, toText } from '../builtins.ts';
import { asBytes, bytesOf, decodeRaw, encodeRaw, rawOf } from '../text.ts';
import { chunk } from './lazy.ts';
import { webClass } from './web_class.ts';

interface BlobOptions {
  readonly type?: unknown;
  readonly endings?: unknown;
}

export let rawOfBlob: (blob: Blob) => string;
let fromRaw: (raw: string, type: string) => Blob;

const NOT_TYPE = /[^\x20-\x7e]/;
const PIECE = 64 * 1024;

function typeOf(type: unknown): string {
  const text = type === undefined ? '' : toText(type);
  return NOT_TYPE.test(text) ? '' : toLowerCase(text);
}

export class Blob {
  #raw: string;
  readonly #type: string;

  static {
    rawOfBlob = (blob) => blob.#raw;
    fromRaw = (raw, type) => {
      const blob = new Blob([], { type });
      blob.#raw = raw;
      return blob;
    };
  }

  constructor(parts?: unknown, options: BlobOptions = {}) {
    if (options !== null && typeof options !== 'object' && typeof options !== 'function') {
      throw new TypeError_('Blob: the options are not an object');
    }
    const endings = options?.endings === undefined ? 'transparent' : toText(options.endings);
    if (endings !== 'transparent' && endings !== 'native') {
      throw new TypeError_(`Blob: "${endings}" is no kind of endings`);
    }
    this.#raw = parts === undefined ? '' : join(parts, endings === 'native');
    this.#type = typeOf(options?.type);
  }

  get size(): number {
    return this.#raw.length;
  }

  get type(): string {
    return this.#type;
  }

  slice(start?: unknown, end?: unknown, type?: unknown): Blob {
    const size = this.#raw.length;
    const from = start === undefined ? 0 : clamp(start, size);
    const to = end === undefined ? size : clamp(end, size);
    return fromRaw(from < to ? this.#raw.slice(from, to) : '', typeOf(type));
  }

  async text(): Promise<string> {
    return decodeRaw(this.#raw);
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return bytesOf(this.#raw).buffer;
  }

  async bytes(): Promise<Uint8Array> {
    return bytesOf(this.#raw);
  }

  stream(): object {
    const raw = this.#raw;
    let at = 0;
    const { ReadableStream } = chunk('streams');
    return new ReadableStream({
      type: 'bytes',
      pull(controller) {
        if (at < raw.length) controller.enqueue(bytesOf(raw.slice(at, at + PIECE)));
        at += PIECE;
        if (at >= raw.length) {
          controller.close();
          controller.byobRequest?.respond(0);
        }
      },
    });
  }
}

function clamp(value: unknown, size: number): number {
  const n = Math.trunc(Number(value)) || 0;
  return n < 0 ? Math.max(size + n, 0) : Math.min(n, size);
}

function join(parts: unknown, native: boolean): string {
  if ((typeof parts !== 'object' && typeof parts !== 'function') || parts === null) {
    throw new TypeError_('Blob: the parts are not a sequence');
  }
  if (!isArray(parts) && typeof (parts as Iterable<unknown>)[iterator] !== 'function') {
    throw new TypeError_('Blob: the parts are not a sequence');
  }
  let raw = '';
  for (const part of parts as Iterable<unknown>) {
    if (part instanceof Blob) {
      raw += rawOfBlob(part);
      continue;
    }
    const bytes = asBytes(part);
    if (bytes !== undefined) raw += rawOf(bytes);
    else raw += encodeRaw(native ? toText(part).replace(/\r\n?/g, '\n') : toText(part));
  }
  return raw;
}

export class File extends Blob {
  readonly #name: string;
  readonly #lastModified: number;

  constructor(parts: unknown, name: unknown, options: BlobOptions & { lastModified?: unknown } = {}) {
    if (arguments.length < 2) throw new TypeError_('File: parts and a name are needed');
    super(parts, options);
    this.#name = toText(name).toWellFormed();
    const given = options?.lastModified;
    this.#lastModified = given === undefined ? Date.now() : Math.trunc(Number(given)) || 0;
  }

  get name(): string {
    return this.#name;
  }

  get lastModified(): number {
    return this.#lastModified;
  }

  get webkitRelativePath(): string {
    return '';
  }
}
webClass(Blob, 'Blob');
webClass(File, 'File');

export function blobOf(raw: string, type: string): Blob {
  return fromRaw(raw, type);
}
