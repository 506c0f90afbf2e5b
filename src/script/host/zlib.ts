// Compression streams of scripts: node:zlib, one object for each, fed by operations. What comes out of one piece is
// handed over in parts, so that a few bytes which unpack to gigabytes do not fill the worker's memory.

import {
  createBrotliCompress,
  createBrotliDecompress,
  createDeflate,
  createDeflateRaw,
  createGunzip,
  createGzip,
  createInflate,
  createInflateRaw,
} from 'node:zlib';
import { BOOLEAN, TEXT } from '../protocol.ts';
import type { Argument, Cancel, Done } from './request.ts';

const nothing: Cancel = () => {};

type Zlib = ReturnType<typeof createGzip> | ReturnType<typeof createBrotliCompress>;

const MAKERS: Readonly<Record<string, () => Zlib>> = {
  'compress gzip': () => createGzip(),
  'compress deflate': () => createDeflate(),
  'compress deflate-raw': () => createDeflateRaw(),
  'compress brotli': () => createBrotliCompress(),
  'decompress gzip': () => createGunzip(),
  'decompress deflate': () => createInflate(),
  'decompress deflate-raw': () => createInflateRaw(),
  'decompress brotli': () => createBrotliDecompress(),
};

/** Each takes memory of the worker's, which no isolate's limit counts: beyond this the one idle longest is given up. */
const MOST_OPEN = 256;

interface Open {
  readonly zlib: Zlib;
  /** Bytes given to it. */
  given: number;
  /** It has taken all that it was given. */
  idle: boolean;
  /** It has been given all. */
  ending: boolean;
  ended: boolean;
  error: Error | null;
  /** Looks whether there is something to hand over. */
  wake: (() => void) | null;
}

export class ZlibStreams {
  /** In the order in which they were used last. */
  readonly #open = new Map<number, Open>();
  /** The guest counts up. */
  #last = 0;

  /** Has `done` told what has come out (beside), and whether there is more of it. Arguments: number, what to do, bytes (undefined: the end; '': only the rest of the last). */
  feed(args: readonly Argument[], done: Done): Cancel {
    const id = Number(args[0]);
    const known = this.#open.get(id);
    if (known === undefined && id <= this.#last) {
      done(false, TEXT, 'the stream was given up: too many were open', '');
      return nothing;
    }
    const own = known ?? this.#start(id, String(args[1]));
    this.#open.delete(id);
    this.#open.set(id, own);
    const { zlib } = own;
    const piece = args[2];
    if (piece === undefined) {
      own.ending = true;
      zlib.end();
    } else if (piece !== '') {
      const bytes = Buffer.from(String(piece), 'latin1');
      own.given += bytes.length;
      own.idle = false;
      zlib.write(bytes, () => {
        own.idle = true;
        own.wake?.();
      });
    }
    own.wake = () => this.#answer(id, own, done);
    own.wake();
    return () => this.close(id); // what it was given and has not taken would stay
  }

  close(id: number): void {
    const own = this.#open.get(id);
    if (own === undefined) return;
    this.#open.delete(id);
    own.zlib.destroy();
  }

  closeAll(): void {
    for (const id of this.#open.keys()) this.close(id);
  }

  #start(id: number, what: string): Open {
    const make = MAKERS[what];
    if (make === undefined) throw new Error(`unknown compression "${what}"`);
    this.#last = id;
    if (this.#open.size >= MOST_OPEN) this.#giveOneUp();
    const zlib = make();
    const own: Open = { zlib, given: 0, idle: true, ending: false, ended: false, error: null, wake: null };
    const wake = (): void => own.wake?.();
    zlib.on('readable', wake);
    zlib.on('end', () => {
      own.ended = true;
      own.wake?.();
    });
    zlib.on('error', (error) => {
      own.error = error;
      own.wake?.();
    });
    this.#open.set(id, own);
    return own;
  }

  #giveOneUp(): void {
    for (const [id, { wake }] of this.#open) {
      if (wake !== null) continue;
      this.close(id);
      return;
    }
  }

  #answer(id: number, own: Open, done: Done): void {
    const { zlib } = own;
    const fail = (message: string): void => {
      own.wake = null;
      this.close(id);
      done(false, TEXT, message, '');
    };
    if (own.error !== null) {
      fail(own.error.message);
      return;
    }
    const bytes = zlib.read() as Buffer | null;
    const over = own.ended || zlib.readableEnded;
    const fed = !own.ending && own.idle && zlib.readableLength === 0;
    if (bytes === null && !over && !fed) return;
    // Bytes behind the end of what is compressed are an error in the standard; node:zlib drops them.
    if (over && zlib.bytesWritten < own.given) {
      fail('Trailing junk found after the end of the compressed stream');
      return;
    }
    if (over && own.ending) this.close(id);
    own.wake = null;
    done(true, BOOLEAN, over || fed ? '' : '1', bytes === null ? '' : bytes.toString('latin1'));
  }
}
