// ngx.arg: the piece of the body that body filters look at. ngx.arg[1] is text, decoded across the borders of pieces;
// ngx.arg_buffer the same as bytes; ngx.arg[2] says whether it is the last.

import { BODY_FILTER, CALL_SET_ARGUMENT, RAW, SET, TEXT } from '../protocol.ts';
import { call } from './bridge.ts';
import { Proxy_, slice } from './builtins.ts';
import { NgxError } from './errors.ts';
import { type Chunk, gate, type Request } from './request.ts';
import { closed, Target } from './target.ts';
import { bytesOf, decodeRaw, encodeRaw, incompleteTail, rawData } from './text.ts';

function chunkOf(r: Request): Chunk {
  gate(r, BODY_FILTER);
  if (r.chunk === null) throw new NgxError('no request found');
  return r.chunk;
}

/** The text of a piece. The bytes of a character that the next piece completes wait for it. */
function textOf(r: Request, chunk: Chunk): string {
  if (chunk.text !== undefined) return chunk.text;
  let raw = r.kept + chunk.raw;
  r.kept = '';
  if (!chunk.last) {
    const tail = incompleteTail(raw);
    if (tail > 0) {
      r.kept = slice(raw, raw.length - tail);
      raw = slice(raw, 0, raw.length - tail);
    }
  }
  chunk.text = decodeRaw(raw);
  if (raw !== chunk.raw) {
    chunk.raw = raw;
    chunk.changed = true;
  }
  return chunk.text;
}

function assign(r: Request, chunk: Chunk, value: unknown): void {
  textOf(r, chunk); // what is kept back belongs to later pieces, whatever becomes of this one
  chunk.changed = true;
  if (typeof value === 'string') {
    chunk.raw = value; // the host encodes it
    chunk.kind = TEXT;
    chunk.text = value;
    return;
  }
  chunk.raw = value === undefined || value === null ? '' : rawData(value, 'arg');
  chunk.kind = RAW;
  chunk.text = decodeRaw(chunk.raw);
}

const handler: ProxyHandler<Target> = {
  get(target, key) {
    const r = Target.of(target);
    if (r.phase === SET && typeof key === 'string') return call(CALL_SET_ARGUMENT, r.slot, +key);
    const chunk = chunkOf(r);
    if (key === '1') return textOf(r, chunk);
    if (key === '2') return chunk.last;
    return undefined;
  },
  set(target, key, value) {
    const r = Target.of(target);
    const chunk = chunkOf(r);
    if (key === '1') {
      assign(r, chunk, value);
      return true;
    }
    if (key === '2') {
      chunk.last = value === true;
      chunk.changed = true;
      return true;
    }
    return false;
  },
  has: (_target, key) => key === '1' || key === '2',
  deleteProperty: () => false,
  ...closed,
};

export function arg(r: Request): object {
  gate(r, BODY_FILTER | SET);
  if (r.arg === undefined) r.arg = new Proxy_(new Target(r), handler);
  return r.arg as object;
}

export function argBuffer(r: Request): Uint8Array {
  const { raw, kind } = chunkOf(r);
  return bytesOf(kind === TEXT ? encodeRaw(raw) : raw);
}

export function setArgBuffer(r: Request, value: unknown): void {
  assign(r, chunkOf(r), value);
}
