// A compression stream that works at once and is used again and again: zlib itself, below node:zlib's streams. Those work
// on a thread, or (deflateSync) make a stream of 256 KB for each call; 50 KB at level 1 cost 1.3 times as much with them.
//
// _handle is not documented, but has been the same since Node 11; only this file knows of it.

import { constants, createGunzip, createGzip, type Gunzip, type Gzip } from 'node:zlib';

export const NO_FLUSH: number = constants.Z_NO_FLUSH;
export const SYNC_FLUSH: number = constants.Z_SYNC_FLUSH;
export const FINISH: number = constants.Z_FINISH;

interface Handle {
  onerror: (message: string, code: number, name: string) => void;
  writeSync(
    flush: number,
    input: Buffer,
    from: number,
    length: number,
    output: Buffer,
    at: number,
    room: number,
  ): void;
  reset(): void;
}

interface Internals {
  readonly _handle: Handle;
  /** What is left of the output's room, and of the input. */
  readonly _writeState: Uint32Array;
}

/** Of node:zlib's own output, which is not used. */
const LEAST_CHUNK = 64;

export class ZlibStream {
  readonly #stream: Gzip | Gunzip;
  readonly #handle: Handle;
  readonly #left: Uint32Array;
  /** zlib's, negative; 0: all is well. */
  error = 0;

  private constructor(stream: Gzip | Gunzip) {
    const { _handle: handle, _writeState: left } = stream as unknown as Internals;
    this.#stream = stream;
    this.#handle = handle;
    this.#left = left;
    handle.onerror = (_message, code) => {
      this.error = code;
    };
  }

  static gzip(level: number, windowBits: number, memLevel: number): ZlibStream {
    return new ZlibStream(createGzip({ level, windowBits, memLevel, chunkSize: LEAST_CHUNK }));
  }

  static gunzip(): ZlibStream {
    return new ZlibStream(createGunzip({ chunkSize: LEAST_CHUNK }));
  }

  /** Works on input[from, to) as far as `output` has room; answers how much of that is filled. */
  write(flush: number, input: Buffer, from: number, to: number, output: Buffer): number {
    this.#handle.writeSync(flush, input, from, to - from, output, 0, output.length);
    return output.length - (this.#left[0] as number);
  }

  /** How much of the last input is left, for want of room. */
  get inputLeft(): number {
    return this.#left[1] as number;
  }

  /** It begins anew. */
  reset(): void {
    this.error = 0;
    this.#handle.reset();
  }

  close(): void {
    this.#stream.close();
  }
}

const MOST_SPARE = 8;

/** Streams with the same settings that wait for their next use: each takes 256 KB, and more time to make than to reset. */
export class ZlibStreams {
  readonly #make: () => ZlibStream;
  readonly #spare: ZlibStream[] = [];

  constructor(make: () => ZlibStream) {
    this.#make = make;
  }

  take(): ZlibStream {
    return this.#spare.pop() ?? this.#make();
  }

  giveBack(stream: ZlibStream): void {
    if (this.#spare.length < MOST_SPARE && stream.error === 0) {
      stream.reset();
      this.#spare.push(stream);
    } else {
      stream.close();
    }
  }
}
