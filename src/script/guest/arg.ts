// ngx.arg: the piece of the body that body filters look at. ngx.arg[1] is text, decoded across the borders of pieces;
// ngx.arg_buffer the same as bytes; ngx.arg[2] says whether it is the last.

import {
  APPENDED,
  BODY_FILTER,
  CALL_PIECE,
  CALL_SET_ARGUMENT,
  FILTERED,
  FILTERED_INTS,
  KEPT,
  LONG_TEXT,
  OUTCOME,
  RAW,
  REPLACED,
  SET,
  TEXT,
} from '../protocol.ts';
import { call, commit, int, mem, room } from './bridge.ts';
import { isArray, Proxy_, slice, typeName } from './builtins.ts';
import { NgxError } from './errors.ts';
import { type Chunk, gate, type Request } from './request.ts';
import { closed, Target } from './target.ts';
import { asBytes, bytesOf, decodeRaw, encodeRaw, incompleteTail, malformed, rawData } from './text.ts';

function chunkOf(r: Request): Chunk {
  gate(r, BODY_FILTER);
  if (r.chunk === null) throw new NgxError('no request found');
  return r.chunk;
}

/** The bytes of a piece, or what has been made of them. */
function rawOfChunk(r: Request, chunk: Chunk): string {
  if (chunk.appended !== '') textOf(r, chunk);
  if (chunk.unread) {
    chunk.unread = false;
    chunk.raw = call(CALL_PIECE, r.slot, chunk.number) as string;
    chunk.ascii = mem[OUTCOME] === 1;
  }
  return chunk.raw;
}

/** The text of a piece. The bytes of a character that the next piece completes wait for it. */
function textOf(r: Request, chunk: Chunk): string {
  const { appended } = chunk;
  if (appended !== '') {
    chunk.appended = '';
    assign(chunk, textOf(r, chunk) + appended);
  }
  if (chunk.text !== undefined) return chunk.text;
  let raw = rawOfChunk(r, chunk);
  if (chunk.ascii && r.kept === '') {
    chunk.text = raw;
    chunk.original = raw;
    return raw;
  }
  raw = r.kept + raw;
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
  } else if (!malformed) {
    chunk.original = chunk.text;
  }
  return chunk.text;
}

/** Text is to go out in the order of its characters: what was kept back goes with this piece, whoever looks at it. */
export function takeKept(r: Request, chunk: Chunk): void {
  if (r.kept !== '') textOf(r, chunk);
}

function rawChunk(value: unknown): string {
  if (typeof value !== 'number' && (typeof value !== 'object' || !(isArray(value) || asBytes(value)))) {
    throw new NgxError(`bad chunk data type: ${typeName(value)}`);
  }
  return rawData(value, 'arg');
}

function assign(chunk: Chunk, value: unknown): void {
  chunk.unread = false;
  chunk.changed = true;
  chunk.appended = '';
  if (typeof value === 'string') {
    chunk.raw = value; // the host encodes it
    chunk.kind = TEXT;
    chunk.text = value;
    return;
  }
  chunk.raw = value === undefined || value === null ? '' : rawChunk(value);
  chunk.kind = RAW;
  chunk.text = decodeRaw(chunk.raw);
}

/** Adds text; the piece itself is looked at only where a character goes on from it, or to it, in the next. */
function append(r: Request, chunk: Chunk, value: unknown): void {
  if (chunk.text === undefined && !chunk.changed && chunk.whole && r.kept === '') {
    chunk.appended += value as string;
  } else {
    assign(chunk, textOf(r, chunk) + (value as string));
  }
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
      // What is kept back belongs to later pieces, whatever becomes of this one.
      if (!chunk.whole) textOf(r, chunk);
      assign(chunk, value);
      return true;
    }
    if (key === '-1') {
      append(r, chunk, value);
      return true;
    }
    if (key === '2') {
      chunk.last = value !== undefined && value !== null && value !== false;
      return true;
    }
    throw new NgxError(`bad index: ${String(key)}`);
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
  const chunk = chunkOf(r);
  const raw = rawOfChunk(r, chunk);
  return bytesOf(chunk.kind === TEXT ? encodeRaw(raw) : raw);
}

/** Bytes are of this piece alone: unless somebody has asked for its text, nothing of it is kept back. */
export function setArgBuffer(r: Request, value: unknown): void {
  assign(chunkOf(r), value);
}

/** Tells the host what has become of the piece: of what it has already, only what was added. */
export function answerChunk(r: Request, chunk: Chunk): void {
  const { original, raw } = chunk;
  let { kind } = chunk;
  let how = KEPT;
  let text = '';
  if (chunk.changed) {
    how = REPLACED;
    text = raw;
    if (
      original !== undefined &&
      chunk.kind === TEXT &&
      original.length >= LONG_TEXT &&
      begins(raw, original)
    ) {
      how = APPENDED;
      text = slice(raw, original.length);
    }
  } else if (chunk.appended !== '') {
    how = APPENDED;
    text = chunk.appended;
    kind = TEXT;
  }
  room(FILTERED_INTS);
  int(FILTERED);
  int(r.slot);
  int(how);
  int(chunk.last ? 1 : 0);
  int(kind);
  int(text.length);
  commit(text);
}

/** Compared as a whole: quicker than startsWith, which goes by characters. */
function begins(text: string, start: string): boolean {
  return text.length >= start.length && slice(text, 0, start.length) === start;
}
