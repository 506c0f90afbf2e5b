// Range requests: one filter for the head, which decides, and one for the body, which cuts. In nginx's order they stand
// far from each other, so they are two modules here as there.

import { parseHttpTime } from '../../core/http_time.ts';
import type { HeadersOut } from '../headers.ts';
import { lastModifiedOf, UNKNOWN } from '../headers.ts';
import { logError } from '../log.ts';
import { defineModule } from '../module.ts';
import type { BodyFilter } from '../output.ts';
import { type ByteRange, type ByteRanges, nextBoundary } from '../ranges.ts';
import { ERROR, OK, type Rc } from '../rc.ts';
import { HTTP_10, type HttpRequest } from '../request.ts';

export const rangeHeader = defineModule({
  name: 'range_header',
  directives: {},
  headerFilter: { run: decideRanges },
});

export const rangeBody = defineModule({
  name: 'range_body',
  directives: {},
  bodyFilter: { passing: true, build: buildCutter },
});

const NOT_SATISFIABLE = 416;

function decideRanges(r: HttpRequest): Rc {
  const { headersOut } = r;
  if (
    !r.allowRanges ||
    headersOut.status !== 200 ||
    headersOut.contentLength === UNKNOWN ||
    r !== r.main ||
    r.httpVersion < HTTP_10
  ) {
    return OK;
  }
  const most = r.singleRange ? 1 : r.loc.core.max_ranges;
  if (r.loc.core.max_ranges === 0) return OK;
  const asked = r.headersIn.get('range');
  if (asked !== undefined && /^bytes=./i.test(asked) && isSame(r)) {
    const ranges = parseRanges(asked.slice(6), headersOut.contentLength, r.singleRange ? 1 : most);
    if (ranges === NOT_SATISFIABLE) {
      headersOut.set('Content-Range', `bytes */${headersOut.contentLength}`);
      headersOut.contentLength = UNKNOWN;
      return NOT_SATISFIABLE;
    }
    if (ranges !== null) {
      headersOut.status = 206;
      headersOut.statusLine = '';
      r.ranges = ranges.length === 1 ? single(headersOut, ranges) : multiple(headersOut, ranges);
      return OK;
    }
  }
  headersOut.add('Accept-Ranges', 'bytes');
  return OK;
}

/** If-Range: ranges only of what the client has the rest of. */
function isSame(r: HttpRequest): boolean {
  const ifRange = r.headersIn.get('if-range');
  if (ifRange === undefined) return true;
  if (ifRange.length >= 2 && ifRange.endsWith('"')) return r.headersOut.etag === ifRange;
  const lastModified = lastModifiedOf(r.headersOut);
  return lastModified !== -1 && parseHttpTime(ifRange) === lastModified;
}

const SPEC = /^ *(?:([0-9]+) *- *([0-9]*)|-([0-9]+)) *$/;

/** null: all of it, as if no range had been asked for. */
export function parseRanges(
  text: string,
  length: number,
  most: number,
): ByteRange[] | typeof NOT_SATISFIABLE | null {
  const ranges: ByteRange[] = [];
  let size = 0;
  for (const part of text.split(',')) {
    const spec = SPEC.exec(part);
    if (spec === null) return NOT_SATISFIABLE;
    const [, from, to = '', suffix] = spec;
    let start = Number(from ?? 0);
    let end = to === '' ? length : Number(to) + 1;
    if (suffix !== undefined) {
      start = Math.max(length - Number(suffix), 0);
      end = length;
    }
    if (start > Number.MAX_SAFE_INTEGER || end > Number.MAX_SAFE_INTEGER) return NOT_SATISFIABLE;
    end = Math.min(end, length);
    if (start < end) {
      if (ranges.length === most) return null;
      ranges.push({ start, end });
      size += end - start;
    } else if (start === 0) {
      return null;
    }
  }
  if (ranges.length === 0) return NOT_SATISFIABLE;
  if (ranges.length === 1) return ranges;
  if (size > length) return null;
  // With no limit set, many small ranges must not cost more than the whole would.
  if (most === Number.MAX_SAFE_INTEGER && size + ranges.length * 256 > length + 4096) return null;
  return ranges;
}

function single(headersOut: HeadersOut, ranges: readonly ByteRange[]): ByteRanges {
  const [{ start, end }] = ranges as readonly [ByteRange];
  headersOut.set('Content-Range', `bytes ${start}-${end - 1}/${headersOut.contentLength}`);
  headersOut.contentLength = end - start;
  return { ranges, heads: null, tail: '', offset: headersOut.contentOffset, cut: false };
}

function multiple(headersOut: HeadersOut, ranges: readonly ByteRange[]): ByteRanges {
  const boundary = nextBoundary();
  const { contentType, charset, contentLength: total } = headersOut;
  let type = '';
  if (contentType !== '')
    type = `\r\nContent-Type: ${contentType}${charset === '' ? '' : `; charset=${charset}`}`;
  const heads = ranges.map(
    ({ start, end }) =>
      `\r\n--${boundary}${type}\r\nContent-Range: bytes ${start}-${end - 1}/${total}\r\n\r\n`,
  );
  const tail = `\r\n--${boundary}--\r\n`;
  headersOut.contentType = `multipart/byteranges; boundary=${boundary}`;
  headersOut.charset = '';
  headersOut.contentLength = tail.length;
  for (const [i, { start, end }] of ranges.entries()) {
    headersOut.contentLength += (heads[i] as string).length + end - start;
  }
  headersOut.remove('Content-Range');
  return { ranges, heads, tail, offset: 0, cut: false };
}

function buildCutter(_conf: object, next: BodyFilter): BodyFilter {
  return (r, data, last) => {
    const { ranges } = r;
    if (ranges === null || ranges.cut) return next(r, data, last);
    return ranges.heads === null ? cutOne(r, ranges, data, last, next) : cutMany(r, ranges, data, last, next);
  };
}

function cutOne(r: HttpRequest, cut: ByteRanges, data: string | Buffer, last: boolean, next: BodyFilter): Rc {
  const [{ start, end }] = cut.ranges as readonly [ByteRange];
  const from = cut.offset;
  cut.offset += data.length;
  if (from >= end) return OK; // the last of the range has been sent as the last of the body
  const done = last || cut.offset >= end;
  return next(r, slice(data, start - from, end - from), done);
}

function slice(data: string | Buffer, start: number, end: number): string | Buffer {
  const from = Math.max(start, 0);
  const to = Math.max(Math.min(end, data.length), from);
  if (from === 0 && to === data.length) return data;
  return typeof data === 'string' ? data.slice(from, to) : data.subarray(from, to);
}

// As in nginx, several ranges are cut only out of a body that comes in one piece.
function cutMany(
  r: HttpRequest,
  cut: ByteRanges,
  data: string | Buffer,
  last: boolean,
  next: BodyFilter,
): Rc {
  if (data.length === 0) return next(r, data, last);
  if (cut.offset !== 0 || cut.ranges.some(({ end }) => end > data.length)) {
    logError(r, 'alert', 'range in overlapped buffers');
    return ERROR;
  }
  cut.offset = data.length;
  for (const [i, { start, end }] of cut.ranges.entries()) {
    if (next(r, cut.heads?.[i] ?? '', false) === ERROR) return ERROR;
    if (next(r, slice(data, start, end), false) === ERROR) return ERROR;
  }
  return next(r, cut.tail, true);
}
