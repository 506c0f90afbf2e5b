// gunzip: compressed responses are unpacked for clients that do not take gzip. A few bytes may unpack to gigabytes: what
// the client does not take yet stays packed.

import { type ConfOf, HTTP_ANY } from '../../conf/directive.ts';
import { buffers, flag } from '../../conf/kinds.ts';
import { FINISH, NO_FLUSH, ZlibStream, ZlibStreams } from '../../core/zlib_stream.ts';
import { bodyFilterDone, finalize } from '../engine.ts';
import { gzipOk } from '../gzip_ok.ts';
import { UNKNOWN } from '../headers.ts';
import { logError } from '../log.ts';
import { defineModule } from '../module.ts';
import type { BodyFilter } from '../output.ts';
import { AGAIN, ERROR, OK, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';

const directives = {
  gunzip: flag({ in: HTTP_ANY, default: false }),
  gunzip_buffers: buffers({ in: HTTP_ANY, default: { number: 32, size: 4096 } }),
};

type Conf = ConfOf<typeof directives>;

export const gunzip = defineModule({
  name: 'gunzip',
  directives,
  newCtx: () => new Unpacking(),
  headerFilter: { when: (conf) => conf.gunzip, run: startGunzip },
  bodyFilter: { when: (conf) => conf.gunzip, passing: true, build: buildGunzip },
});

function startGunzip(r: HttpRequest): Rc {
  const { headersOut } = r;
  if (headersOut.get('content-encoding')?.toLowerCase() !== 'gzip') return OK;
  r.gzipVary = true;
  if (gzipOk(r)) return OK;
  gunzip.startCtx(r);
  headersOut.remove('Content-Encoding');
  headersOut.contentLength = UNKNOWN;
  r.forbidRanges();
  headersOut.weakenEtag();
  return OK;
}

interface Piece {
  readonly bytes: Buffer;
  readonly last: boolean;
}

const streams = new ZlibStreams(() => ZlibStream.gunzip());
const ROOM = 64 * 1024;
/** What has been unpacked stands here, unless somebody still waits with it. */
let output = Buffer.allocUnsafeSlow(ROOM);
/** zlib's Z_BUF_ERROR. */
const EARLY_END = -5;

class Unpacking {
  stream: ZlibStream | null = null;
  done = false;
  /** What waits, packed, for the client; null: the client takes more. */
  waiting: Piece[] | null = null;

  start(r: HttpRequest): ZlibStream {
    this.stream = streams.take();
    r.onEnd(() => this.end());
    return this.stream;
  }

  end(): void {
    if (this.stream !== null) streams.giveBack(this.stream);
    this.stream = null;
    this.waiting = null;
    this.done = true;
  }
}

function buildGunzip(conf: Conf, next: BodyFilter): BodyFilter {
  const { number, size } = conf.gunzip_buffers;
  const room = Math.min(number * size, ROOM);

  return (r, data, last) => {
    const ctx = gunzip.ctx(r);
    if (ctx === undefined || ctx.done || r.headerOnly || (data.length === 0 && !last))
      return next(r, data, last);
    const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : data;
    if (ctx.waiting === null) return unpack(r, ctx, bytes, last);
    ctx.waiting.push({ bytes: Buffer.from(bytes), last });
    return AGAIN;
  };

  /** As much of it as the client takes; the rest waits. */
  function unpack(r: HttpRequest, ctx: Unpacking, bytes: Buffer, last: boolean): Rc {
    const stream = ctx.stream ?? ctx.start(r);
    const flush = last ? FINISH : NO_FLUSH;
    for (let from = 0; ; from = bytes.length - stream.inputLeft) {
      const into = output.subarray(0, room);
      const count = stream.write(flush, bytes, from, bytes.length, into);
      if (stream.error !== 0) {
        logFault(r, flush, stream.error);
        ctx.end();
        return ERROR;
      }
      const full = count === room;
      const ended = last && !full;
      const rc = count > 0 || ended ? next(r, into.subarray(0, count), ended) : OK;
      if (r.sink.pending(r)) output = Buffer.allocUnsafeSlow(ROOM);
      if (ended || rc === ERROR) ctx.end();
      if (!full || rc === ERROR) return rc;
      if (rc === AGAIN && r === r.main) {
        ctx.waiting = [{ bytes: Buffer.from(bytes.subarray(bytes.length - stream.inputLeft)), last }];
        r.filterWritable = goOn;
        return AGAIN;
      }
    }
  }

  /** The client takes more. */
  function goOn(r: HttpRequest): void {
    const ctx = gunzip.ctx(r);
    const pieces = ctx?.waiting;
    r.filterWritable = null;
    if (!ctx || !pieces) return;
    ctx.waiting = null;
    for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) {
      const rc = unpack(r, ctx, piece.bytes, piece.last);
      if (rc === ERROR) {
        finalize(r, ERROR);
        return;
      }
      if (rc !== AGAIN || piece.last) continue;
      ctx.waiting ??= pieces.length === 0 ? null : [];
      ctx.waiting?.push(...pieces);
      if (ctx.waiting !== null) r.filterWritable = goOn;
      return;
    }
    bodyFilterDone(r);
  }
}

function logFault(r: HttpRequest, flush: number, code: number): void {
  const early = code === EARLY_END && flush === FINISH;
  logError(
    r,
    'error',
    early ? `inflate() returned ${code} on response end` : `inflate() failed: ${flush}, ${code}`,
  );
}
