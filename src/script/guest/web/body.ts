// Bodies of requests and responses: bytes that are here, bytes that still come from the host, or a script's stream. Only
// who looks at a body as a stream pays for one.

import type { ReadableStream, ReadableStreamDefaultReader } from 'web-streams-polyfill';
import { parseJson, TypeError_, toText } from '../builtins.ts';
import { asBytes, bytesOf, decodeRaw, encodeRaw, rawOf } from '../text.ts';
import { Blob, blobOf, rawOfBlob } from './blob.ts';
import { FormData, parseForm, toMultipart } from './form_data.ts';
import type { Headers } from './headers.ts';
import { chunk } from './lazy.ts';
import { parseQuery, URLSearchParams } from './url.ts';

/** Bytes that are still to come, one a character. */
export interface Coming {
  /** The next piece; null at the end. */
  pull(): Promise<string | null>;
  /** Nobody wants the rest. */
  cancel(reason: unknown): void;
}

/** Bytes one a character, what is still to come, or a script's stream; null for no body. */
export type BodySource = string | Coming | ReadableStream | null;

export function isStream(value: unknown): value is ReadableStream {
  return (
    typeof value === 'object' &&
    value !== null &&
    // Who has not loaded the streams has none.
    'getReader' in value &&
    value instanceof chunk('streams').ReadableStream
  );
}

/** What a body is made from, and the type that goes with it. */
export function extractBody(value: unknown): { source: BodySource; type: string } {
  if (value === undefined || value === null) return { source: null, type: '' };
  if (typeof value === 'string') {
    return { source: encodeRaw(value), type: 'text/plain;charset=UTF-8' };
  }
  const bytes = asBytes(value);
  if (bytes !== undefined) return { source: rawOf(bytes), type: '' };
  if (value instanceof URLSearchParams) {
    return { source: value.toString(), type: 'application/x-www-form-urlencoded;charset=UTF-8' };
  }
  if (value instanceof Blob) return { source: rawOfBlob(value), type: value.type };
  if (value instanceof FormData) {
    const { raw, type } = toMultipart(value);
    return { source: raw, type };
  }
  if (isStream(value)) {
    if (value.locked || chunk('streams').isDisturbed(value)) {
      throw new TypeError_('the stream of a body is locked or has been read from');
    }
    return { source: value, type: '' };
  }
  return { source: encodeRaw(toText(value)), type: 'text/plain;charset=UTF-8' };
}

/** The pieces of a body for one of us, who does not need a stream for it. The body counts as used. */
export let take: (body: Body) => Coming | string | null;
/** What a copy of the body is made from. */
export let share: (body: Body) => BodySource;
export let setSource: (body: Body, source: BodySource) => void;
export let hasBody: (body: Body) => boolean;
/** Its bytes are here, and their text is the same. */
export let markAscii: (body: Body) => void;

export abstract class Body {
  #source: string | Coming | null = null;
  /** Once somebody has asked for it. */
  #stream: ReadableStream | null = null;
  /** Read by a method of ours, without a stream. */
  #used = false;
  #ascii = false;

  static {
    setSource = (body, source) => body.#set(source);
    markAscii = (body) => {
      body.#ascii = true;
    };
    take = (body) => body.#take();
    share = (body) => body.#share();
    hasBody = (body) => body.#source !== null || body.#stream !== null;
  }

  abstract get headers(): Headers;

  #set(source: BodySource): void {
    if (isStream(source)) this.#stream = source;
    else this.#source = source;
  }

  get body(): ReadableStream | null {
    if (this.#stream === null && this.#source !== null) this.#makeStream(this.#source);
    return this.#stream;
  }

  get bodyUsed(): boolean {
    return this.#used || (this.#stream !== null && chunk('streams').isDisturbed(this.#stream));
  }

  #unusable(): boolean {
    return this.bodyUsed || this.#stream?.locked === true;
  }

  #makeStream(source: string | Coming): void {
    const { ReadableStream } = chunk('streams');
    let rest: string | Coming | null = this.#used ? null : source;
    this.#stream = new ReadableStream(
      {
        type: 'bytes',
        async pull(controller) {
          let piece: string | null = null;
          if (typeof rest === 'string') {
            piece = rest;
            rest = null;
          } else if (rest !== null) {
            do piece = await rest.pull();
            while (piece === '');
          }
          if (piece !== null && piece !== '') {
            controller.enqueue(bytesOf(piece));
            return;
          }
          rest = null;
          controller.close();
          controller.byobRequest?.respond(0);
        },
        cancel(reason) {
          if (rest !== null && typeof rest !== 'string') rest.cancel(reason);
          rest = null;
        },
      },
      { highWaterMark: 0 },
    );
    this.#source = null;
    if (this.#used) void this.#stream.cancel();
  }

  #take(): Coming | string | null {
    if (this.#unusable()) throw new TypeError_('Body is unusable: Body has already been read');
    if (this.#stream !== null) return new FromStream(this.#stream);
    this.#used = this.#source !== null;
    return this.#source;
  }

  #share(): BodySource {
    if (this.#unusable()) throw new TypeError_('Body has already been read');
    if (this.#stream === null && (this.#source === null || typeof this.#source === 'string'))
      return this.#source;
    const [mine, other] = (this.body as ReadableStream).tee();
    this.#stream = mine;
    return other;
  }

  async #raw(): Promise<string> {
    const source = this.#take();
    if (source === null || typeof source === 'string') return source ?? '';
    let raw = '';
    for (let piece = await source.pull(); piece !== null; piece = await source.pull()) raw += piece;
    return raw;
  }

  async text(): Promise<string> {
    if (this.#ascii && this.#stream === null) return (this.#take() as string | null) ?? '';
    const text = decodeRaw(await this.#raw());
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  }

  async json(): Promise<unknown> {
    return parseJson(await this.text());
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return bytesOf(await this.#raw()).buffer;
  }

  async bytes(): Promise<Uint8Array> {
    return bytesOf(await this.#raw());
  }

  async blob(): Promise<Blob> {
    const type = this.headers.get('content-type') ?? '';
    return blobOf(await this.#raw(), type);
  }

  async formData(): Promise<FormData> {
    const type = this.headers.get('content-type') ?? '';
    return parseForm(await this.#raw(), type, parseQuery);
  }
}

/** A script's stream as pieces: its chunks have to be bytes. */
class FromStream implements Coming {
  readonly #reader: ReadableStreamDefaultReader;

  constructor(stream: ReadableStream) {
    this.#reader = stream.getReader();
  }

  async pull(): Promise<string | null> {
    const { done, value } = await this.#reader.read();
    if (done) return null;
    if (!(value instanceof Uint8Array)) {
      const error = new TypeError_('a chunk of a body has to be a Uint8Array');
      this.cancel(error);
      throw error;
    }
    return rawOf(value);
  }

  cancel(reason: unknown): void {
    this.#reader.cancel(reason).catch(() => {
      // its own failure to be cancelled: nobody is left to be told
    });
  }
}
