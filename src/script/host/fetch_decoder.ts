// Undoes a response's Content-Encoding on its way to a script.

import type { Transform } from 'node:stream';
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib';

// What is cut short is passed on as far as it goes, as browsers do.
const ZLIB = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH };
const BROTLI = {
  flush: constants.BROTLI_OPERATION_FLUSH,
  finishFlush: constants.BROTLI_OPERATION_FLUSH,
};
const MAX_CODINGS = 5;

/** What takes bytes of a body as they come. */
export interface Decoder {
  /** False: wait for "drain". */
  write(chunk: Buffer): boolean;
  end(): void;
  pause(): void;
  resume(): void;
  destroy(): void;
  readonly destroyed: boolean;
  on(event: 'drain', listener: () => void): void;
}

/** null where there is a coding that is not known, or none: the body is passed on as it is. */
export function decoderFor(
  encoding: string,
  onData: (piece: Buffer) => void,
  onEnd: (error: Error | null) => void,
): Decoder | null {
  const codings = encoding
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
  if (codings.length === 0 || codings.length > MAX_CODINGS) return null;
  if (codings.some((coding) => !/^(?:x-gzip|gzip|deflate|br|zstd)$/.test(coding))) return null;
  return new Chain(codings.reverse(), onData, onEnd);
}

/** The stages in the order in which they undo codings; the first is made when its first byte is here. */
class Chain implements Decoder {
  readonly #codings: readonly string[];
  readonly #onData: (piece: Buffer) => void;
  readonly #onEnd: (error: Error | null) => void;
  #stages: Transform[] = [];
  #drain: (() => void) | null = null;
  #paused = false;
  destroyed = false;

  constructor(
    codings: readonly string[],
    onData: (piece: Buffer) => void,
    onEnd: (error: Error | null) => void,
  ) {
    this.#codings = codings;
    this.#onData = onData;
    this.#onEnd = onEnd;
  }

  write(chunk: Buffer): boolean {
    if (this.destroyed || chunk.length === 0) return true;
    if (this.#stages.length === 0) this.#build(chunk[0] as number);
    return this.#stages[0]?.write(chunk) ?? true;
  }

  end(): void {
    if (this.#stages.length === 0) this.#onEnd(null);
    else this.#stages[0]?.end();
  }

  pause(): void {
    this.#paused = true;
    this.#stages.at(-1)?.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#stages.at(-1)?.resume();
  }

  destroy(): void {
    this.destroyed = true;
    for (const stage of this.#stages) stage.destroy();
  }

  on(_event: 'drain', listener: () => void): void {
    this.#drain = listener;
  }

  #build(first: number): void {
    this.#stages = this.#codings.map((coding, i) => stageFor(coding, i === 0 ? first : 0x78));
    for (const [i, stage] of this.#stages.entries()) {
      const next = this.#stages[i + 1];
      if (next !== undefined) stage.pipe(next);
      stage.on('error', (error) => {
        this.destroy();
        this.#onEnd(error);
      });
    }
    this.#stages[0]?.on('drain', () => this.#drain?.());
    this.#stages.at(-1)?.on('data', this.#onData);
    this.#stages.at(-1)?.on('end', () => this.#onEnd(null));
  }
}

/** "deflate" is zlib's format; some servers leave its two bytes of header out. */
function stageFor(coding: string, first: number): Transform {
  if (coding === 'br') return createBrotliDecompress(BROTLI);
  if (coding === 'zstd') return createZstdDecompress();
  if (coding === 'deflate') return (first & 0x0f) === 8 ? createInflate(ZLIB) : createInflateRaw(ZLIB);
  return createGunzip(ZLIB);
}
