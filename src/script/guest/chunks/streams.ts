// Streams, when a script first asks for them or looks at a body as a stream.

import {
  ByteLengthQueuingStrategy,
  CountQueuingStrategy,
  ReadableByteStreamController,
  ReadableStream,
  ReadableStreamBYOBReader,
  ReadableStreamBYOBRequest,
  ReadableStreamDefaultController,
  ReadableStreamDefaultReader,
  TransformStream,
  TransformStreamDefaultController,
  WritableStream,
  WritableStreamDefaultController,
  WritableStreamDefaultWriter,
} from 'web-streams-polyfill';
import type { GlobalsOf } from '../web/lazy.ts';
import {
  CompressionStream,
  DecompressionStream,
  TextDecoderStream,
  TextEncoderStream,
} from '../web/transform_streams.ts';

export { ReadableStream };

export const globals = {
  ByteLengthQueuingStrategy,
  CompressionStream,
  CountQueuingStrategy,
  DecompressionStream,
  ReadableByteStreamController,
  ReadableStream,
  ReadableStreamBYOBReader,
  ReadableStreamBYOBRequest,
  ReadableStreamDefaultController,
  ReadableStreamDefaultReader,
  TextDecoderStream,
  TextEncoderStream,
  TransformStream,
  TransformStreamDefaultController,
  WritableStream,
  WritableStreamDefaultController,
  WritableStreamDefaultWriter,
} satisfies GlobalsOf<'streams'>;

/** Whether it has been read from or cancelled: the standard's word for what only its algorithms see. */
export function isDisturbed(stream: ReadableStream): boolean {
  return (stream as unknown as { readonly _disturbed: boolean })._disturbed;
}
