// TextEncoderStream, TextDecoderStream, CompressionStream, DecompressionStream: transform streams with a fixed purpose.

import { type ReadableStream, TransformStream, type WritableStream } from 'web-streams-polyfill';
import { OP_ZLIB, OP_ZLIB_CLOSE } from '../../protocol.ts';
import { charCodeAt, slice, TypeError_, toText } from '../builtins.ts';
import { NgxError } from '../errors.ts';
import { nobody } from '../nobody.ts';
import { promise, tell } from '../operations.ts';
import { asBytes, bytesOf, encodeRaw, rawOf } from '../text.ts';
import { TextDecoder } from './encoding.ts';
import { webClass } from './web_class.ts';

abstract class Pair {
  readonly #transform: TransformStream<unknown, unknown>;

  constructor(transform: TransformStream<unknown, unknown>) {
    this.#transform = transform;
  }

  get readable(): ReadableStream<unknown> {
    return this.#transform.readable;
  }

  get writable(): WritableStream<unknown> {
    return this.#transform.writable;
  }
}

export class TextEncoderStream extends Pair {
  constructor() {
    // Half of a surrogate pair waits for the other.
    let high = '';
    super(
      new TransformStream<unknown, unknown>({
        transform(chunk, controller) {
          let text = high + toText(chunk);
          high = '';
          const last = charCodeAt(text, text.length - 1);
          if (last >= 0xd800 && last < 0xdc00) {
            high = slice(text, -1);
            text = slice(text, 0, -1);
          }
          if (text !== '') controller.enqueue(bytesOf(encodeRaw(text)));
        },
        flush(controller) {
          if (high !== '') controller.enqueue(bytesOf(encodeRaw(high)));
        },
      }),
    );
  }

  get encoding(): string {
    return 'utf-8';
  }
}

export class TextDecoderStream extends Pair {
  readonly #decoder: TextDecoder;

  constructor(label?: unknown, options?: { fatal?: boolean; ignoreBOM?: boolean }) {
    const decoder = new TextDecoder(label, options);
    super(
      new TransformStream<unknown, unknown>({
        transform(chunk, controller) {
          const text = decoder.decode(chunk, { stream: true });
          if (text !== '') controller.enqueue(text);
        },
        flush(controller) {
          const text = decoder.decode();
          if (text !== '') controller.enqueue(text);
        },
      }),
    );
    this.#decoder = decoder;
  }

  get encoding(): string {
    return this.#decoder.encoding;
  }

  get fatal(): boolean {
    return this.#decoder.fatal;
  }

  get ignoreBOM(): boolean {
    return this.#decoder.ignoreBOM;
  }
}

const FORMATS = ['brotli', 'deflate', 'deflate-raw', 'gzip'];

interface Controller {
  enqueue(bytes: Uint8Array): void;
}

/** What the host answers: whether there is more of it, and beside that the bytes. */
async function zlib(id: number, what: string, raw: string | undefined, to: Controller): Promise<void> {
  let piece = raw;
  for (;;) {
    let more = false;
    let out = '';
    try {
      more = await promise<boolean>(
        nobody,
        OP_ZLIB,
        [id, what, piece === undefined ? undefined : { raw: piece }],
        (value, beside) => {
          out = beside;
          return value === true;
        },
      );
    } catch (error) {
      throw error instanceof NgxError ? new TypeError_(error.message) : error;
    }
    if (out !== '') to.enqueue(bytesOf(out));
    if (!more) return;
    piece = '';
  }
}

let lastZlib = 0;

function zlibTransform(format: unknown, direction: string): TransformStream<unknown, unknown> {
  const name = toText(format);
  if (!FORMATS.includes(name)) throw new TypeError_(`Unsupported compression format: '${name}'`);
  const id = ++lastZlib;
  const what = `${direction} ${name}`;
  return new TransformStream<unknown, unknown>({
    transform(chunk, controller) {
      const bytes = asBytes(chunk);
      if (bytes === undefined) throw new TypeError_('a chunk must be an ArrayBuffer or a view of one');
      return bytes.length === 0 ? undefined : zlib(id, what, rawOf(bytes), controller);
    },
    flush(controller) {
      return zlib(id, what, undefined, controller);
    },
    cancel() {
      tell(OP_ZLIB_CLOSE, [id]);
    },
  });
}

export class CompressionStream extends Pair {
  constructor(format: unknown) {
    super(zlibTransform(format, 'compress'));
  }
}

export class DecompressionStream extends Pair {
  constructor(format: unknown) {
    super(zlibTransform(format, 'decompress'));
  }
}

webClass(TextEncoderStream, 'TextEncoderStream');
webClass(TextDecoderStream, 'TextDecoderStream');
webClass(CompressionStream, 'CompressionStream');
webClass(DecompressionStream, 'DecompressionStream');
