// gzip: responses are compressed on their way. Each piece is compressed when it comes, as in nginx, with a stream of zlib
// that the next response uses again. postpone_gzipping only says when nginx takes its memory, which is always there here.

import type { Args } from '../../conf/args.ts';
import { type ConfOf, HTTP_ANY, LOCATION_IF } from '../../conf/directive.ts';
import { buffers, flag, number, size, value } from '../../conf/kinds.ts';
import { parseSize } from '../../core/sizes.ts';
import { FINISH, NO_FLUSH, SYNC_FLUSH, ZlibStream, ZlibStreams } from '../../core/zlib_stream.ts';
import { gzipOk } from '../gzip_ok.ts';
import { UNKNOWN } from '../headers.ts';
import { logError } from '../log.ts';
import { defineModule } from '../module.ts';
import type { BodyFilter } from '../output.ts';
import { ERROR, OK, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import { hasType, typeSet } from '../type_set.ts';

const directives = {
  gzip: flag({ in: HTTP_ANY | LOCATION_IF, default: false }),
  gzip_buffers: buffers({ in: HTTP_ANY, default: { number: 32, size: 4096 } }),
  gzip_types: typeSet(HTTP_ANY, ['text/html']),
  gzip_comp_level: number({ in: HTTP_ANY, default: 1, min: 1, max: 9 }),
  /** The exponent of its size. */
  gzip_window: value<number>({ in: HTTP_ANY, default: 15, parse: (args) => exponent(args, 9, 15) }),
  /** zlib's memLevel. */
  gzip_hash: value<number>({ in: HTTP_ANY, default: 8, parse: (args) => exponent(args, 9, 17) - 8 }),
  postpone_gzipping: size({ in: HTTP_ANY, default: 0 }),
  gzip_no_buffer: flag({ in: HTTP_ANY, default: false }),
  gzip_min_length: size({ in: HTTP_ANY, default: 20 }),
};

type Conf = ConfOf<typeof directives>;

export const gzip = defineModule({
  name: 'gzip',
  directives,
  variables: { gzip_ratio: { get: ratio } },
  newCtx: () => new Compression(),
  headerFilter: { when: (conf) => conf.gzip, run: startGzip },
  bodyFilter: { when: (conf) => conf.gzip, passing: true, holds: true, build: buildGzip },
});

class Compression {
  /** null: not begun, or done. */
  stream: ZlibStream | null = null;
  done = false;
  /** What has come out of it and is too little to be sent alone. */
  held = '';
  bytesIn = 0;
  bytesOut = 0;
}

function startGzip(r: HttpRequest, conf: Conf): Rc {
  const { headersOut } = r;
  const { contentLength, status } = headersOut;
  if (status !== 200 && status !== 403 && status !== 404) return OK;
  if (contentLength !== UNKNOWN && contentLength < conf.gzip_min_length) return OK;
  if (r.headerOnly || headersOut.get('content-encoding')) return OK;
  if (!hasType(conf.gzip_types, headersOut.contentType)) return OK;
  r.gzipVary = true;
  if (!gzipOk(r)) return OK;
  gzip.startCtx(r);
  headersOut.add('Content-Encoding', 'gzip');
  headersOut.contentLength = UNKNOWN;
  r.forbidRanges();
  headersOut.weakenEtag();
  return OK;
}

/** Of streams, by their settings. */
const streams = new Map<string, ZlibStreams>();

function streamsOf({
  gzip_comp_level: level,
  gzip_hash: memLevel,
  gzip_window: windowBits,
}: Conf): ZlibStreams {
  const key = `${level} ${windowBits} ${memLevel}`;
  const known = streams.get(key);
  if (known !== undefined) return known;
  const made = new ZlibStreams(() => ZlibStream.gzip(level, windowBits, memLevel));
  streams.set(key, made);
  return made;
}

const ROOM = 64 * 1024;
const NOTHING = Buffer.alloc(0);
/** Text is made bytes here, and what comes out stands here, unless somebody still waits with it. */
const textBytes = Buffer.allocUnsafeSlow(ROOM);
let output = Buffer.allocUnsafeSlow(ROOM);

function buildGzip(conf: Conf, next: BodyFilter): BodyFilter {
  const spare = streamsOf(conf);
  const leastOut = conf.gzip_no_buffer ? 1 : conf.gzip_buffers.size;
  return (r, data, last) => {
    const ctx = gzip.ctx(r);
    if (ctx === undefined || ctx.done || r.headerOnly) return next(r, data, last);
    if (ctx.stream === null) {
      ctx.stream = spare.take();
      if (!last) r.onEnd(() => end(ctx, spare));
    }
    const flush = last ? FINISH : r.flushing ? SYNC_FLUSH : NO_FLUSH;
    const bytes = typeof data === 'string' ? bytesOf(data) : data;
    if (bytes.length === 0 && flush === NO_FLUSH) return OK;
    const rc = compress(r, ctx, ctx.stream, bytes, flush, leastOut, next);
    if (rc === ERROR || last) {
      end(ctx, spare);
      ctx.done = true;
    }
    return rc;
  };
}

function bytesOf(text: string): Buffer {
  if (text === '') return NOTHING;
  if (text.length > ROOM) return Buffer.from(text, 'latin1');
  return textBytes.subarray(0, textBytes.write(text, 'latin1'));
}

function end(ctx: Compression, spare: ZlibStreams): void {
  if (ctx.stream !== null) spare.giveBack(ctx.stream);
  ctx.stream = null;
}

function compress(
  r: HttpRequest,
  ctx: Compression,
  stream: ZlibStream,
  bytes: Buffer,
  flush: number,
  leastOut: number,
  next: BodyFilter,
): Rc {
  const to = bytes.length;
  ctx.bytesIn += to;
  let rc: Rc = OK;
  for (let from = 0; ; from = to - stream.inputLeft) {
    const count = stream.write(flush, bytes, from, to, output);
    if (stream.error !== 0) {
      logError(r, 'alert', `deflate() failed: ${flush}, ${stream.error}`);
      return ERROR;
    }
    ctx.bytesOut += count;
    const full = count === ROOM;
    if (!full && flush === NO_FLUSH && ctx.held.length + count < leastOut) {
      ctx.held += output.toString('latin1', 0, count);
      return rc;
    }
    rc = send(r, ctx, count, flush === FINISH && !full, next);
    if (rc === ERROR || !full) return rc;
  }
}

/** Hands on what is held, and the first `count` bytes of `output` behind it. */
function send(r: HttpRequest, ctx: Compression, count: number, last: boolean, next: BodyFilter): Rc {
  const { held } = ctx;
  ctx.held = '';
  if (held !== '') {
    const rc = next(r, held, last && count === 0);
    if (rc === ERROR || count === 0) return rc;
  }
  if (count === 0 && !last) return OK;
  const rc = next(r, output.subarray(0, count), last);
  if (r.sink.pending(r)) output = Buffer.allocUnsafeSlow(ROOM);
  return rc;
}

function ratio(r: HttpRequest): string | undefined {
  const ctx = gzip.ctx(r);
  if (ctx === undefined || !ctx.done || ctx.bytesOut === 0) return undefined;
  const hundredths = Math.floor((ctx.bytesIn * 100) / ctx.bytesOut);
  const rounded = Math.floor((ctx.bytesIn * 1000) / ctx.bytesOut) % 10 > 4 ? hundredths + 1 : hundredths;
  return `${Math.floor(rounded / 100)}.${String(rounded % 100).padStart(2, '0')}`;
}

/** The exponent of a size, which is a power of two from 2^`least` to 2^`most`. */
function exponent(args: Args, least: number, most: number): number {
  const given = parseSize(args.text(1));
  if (given === -1) args.fail('invalid value');
  for (let bits = least; bits <= most; bits++) if (given === 2 ** bits) return bits;
  const names: string[] = [];
  for (let bits = least; bits <= most; bits++) names.push(bits === 9 ? '512' : `${2 ** (bits - 10)}k`);
  return args.fail(`must be ${names.slice(0, -1).join(', ')}, or ${names.at(-1)}`);
}
