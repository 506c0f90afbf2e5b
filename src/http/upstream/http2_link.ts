// A connection that speaks HTTP/2: its windows, its streams (one after the other, as nginx has them).

import type { PeerConnection } from './connection.ts';

export const MAX_WINDOW = 0x7f_ff_ff_ff;
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
