import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { FINISH, NO_FLUSH, SYNC_FLUSH, ZlibStream, ZlibStreams } from './zlib_stream.ts';

const ROOM = Buffer.alloc(512);
const NOTHING = Buffer.alloc(0);

/** Gives all of `input` to the stream, and answers all that comes out. */
function run(stream: ZlibStream, flush: number, input: Buffer, room = ROOM): Buffer {
  const out: Buffer[] = [];
  for (let from = 0; ; from = input.length - stream.inputLeft) {
    const count = stream.write(flush, input, from, input.length, room);
    out.push(Buffer.from(room.subarray(0, count)));
    if (stream.error !== 0 || count < room.length) return Buffer.concat(out);
  }
}

const TEXT = Buffer.from(Array.from({ length: 2000 }, (_, i) => `line ${(i * 7919) % 1009}\n`).join(''));

test('what is packed in pieces unpacks to the whole, again and again', () => {
  const streams = new ZlibStreams(() => ZlibStream.gzip(6, 15, 8));
  for (let round = 0; round < 3; round++) {
    const stream = streams.take();
    const first = run(stream, NO_FLUSH, TEXT.subarray(0, 9000));
    const packed = Buffer.concat([
      first,
      run(stream, NO_FLUSH, TEXT.subarray(9000)),
      run(stream, FINISH, NOTHING),
    ]);
    expect(gunzipSync(packed).equals(TEXT)).toBe(true);
    streams.giveBack(stream);
    expect(streams.take()).toBe(stream);
    streams.giveBack(stream);
  }
});

test('a flush gives out all that was given', () => {
  const packing = ZlibStream.gzip(1, 9, 1);
  const unpacking = ZlibStream.gunzip();
  for (const part of ['a', 'b'.repeat(5000), 'c']) {
    const packed = run(packing, SYNC_FLUSH, Buffer.from(part));
    expect(run(unpacking, NO_FLUSH, packed).toString()).toBe(part);
  }
  packing.close();
  unpacking.close();
});

test.each([
  ['no gzip at all', Buffer.from('hello'), -3],
  ['one that ends early', gzipSync(TEXT).subarray(0, 100), -5],
])('%s is a fault, after which the stream is not used again', (_what, input, code) => {
  const streams = new ZlibStreams(() => ZlibStream.gunzip());
  const stream = streams.take();
  run(stream, FINISH, input, Buffer.alloc(64 * 1024));
  expect(stream.error).toBe(code);
  streams.giveBack(stream);
  expect(streams.take()).not.toBe(stream);
});
