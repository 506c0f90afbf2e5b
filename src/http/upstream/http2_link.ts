// A connection that speaks HTTP/2: its windows, its streams (one after the other, as nginx has them), and its frames.

import type { PeerConnection } from './connection.ts';

export const DATA = 0;
export const HEADERS = 1;
export const RST_STREAM = 3;
export const SETTINGS = 4;
export const PUSH_PROMISE = 5;
export const PING = 6;
export const GOAWAY = 7;
export const WINDOW_UPDATE = 8;
export const CONTINUATION = 9;

export const END_STREAM = 1;
export const ACK = 1;
export const END_HEADERS = 4;
export const PADDED = 8;
export const PRIORITY = 32;

export const MAX_WINDOW = 0x7f_ff_ff_ff;
export const FRAME_SIZE = 16_384;
const DEFAULT_WINDOW = 65_535;

/** The preface, then: no dynamic table, no pushes, and windows as large as can be. */
const PREFACE =
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' +
  '\0\0\x12\x04\0\0\0\0\0' +
  '\0\x01\0\0\0\0' +
  '\0\x02\0\0\0\0' +
  '\0\x04\x7f\xff\xff\xff' +
  '\0\0\x04\x08\0\0\0\0\0\x7f\xff\0\0';

export class Http2Link {
  /** What the peer lets a new stream send, and what of it is left for all streams. */
  initialWindow = DEFAULT_WINDOW;
  sendWindow = DEFAULT_WINDOW;
  recvWindow = MAX_WINDOW;
  settings = 0;
  pings = 0;
  #lastStream = -1;

  /** A new stream; its number. */
  open(): number {
    this.#lastStream += 2;
    return this.#lastStream;
  }

  /** What goes before a stream's first frame. */
  preface(stream: number): string {
    return stream === 1 ? PREFACE : '';
  }
}

/** The link of a connection, made when it is used first. */
export function linkOf(c: PeerConnection): Http2Link {
  if (c.link instanceof Http2Link) return c.link;
  const link = new Http2Link();
  c.link = link;
  return link;
}

export function frameHead(length: number, type: number, flags: number, stream: number): string {
  return String.fromCharCode(length >> 16, (length >> 8) & 255, length & 255, type, flags) + number32(stream);
}

export function number32(n: number): string {
  return String.fromCharCode((n >>> 24) & 255, (n >> 16) & 255, (n >> 8) & 255, n & 255);
}

/** A header block in as many frames as it takes. */
export function headerFrames(block: string, stream: number, endStream: boolean): string {
  let text = '';
  for (let from = 0; from < block.length; from += FRAME_SIZE) {
    const part = block.slice(from, from + FRAME_SIZE);
    const last = from + FRAME_SIZE >= block.length ? END_HEADERS : 0;
    const ends = from === 0 && endStream ? END_STREAM : 0;
    text += frameHead(part.length, from === 0 ? HEADERS : CONTINUATION, last | ends, stream) + part;
  }
  return text;
}
