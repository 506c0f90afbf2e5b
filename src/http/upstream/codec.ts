// What a protocol towards upstreams has to know: how a request is written, and what comes back.

import type { Rc } from '../rc.ts';
import type { Sender } from './client_body.ts';
import type { Exchange } from './exchange.ts';

/** What parseHead answers beside OK, AGAIN and ERROR. */
export const INVALID_HEAD = -10;

/** A protocol towards upstreams; one object for each exchange. */
export interface Codec {
  /** Makes the request up to its body: u.head. */
  createRequest(u: Exchange): Rc;
  /** Another peer is asked: what the last one has answered is forgotten. `interim`: only the head, another follows. */
  reset(interim?: boolean): void;
  /** How requests are sent, where not as they are in HTTP/1. */
  newSender?(u: Exchange): Sender;
  /** Parses u.text. OK: the head ends at u.headEnd. */
  parseHead(u: Exchange): Rc;
  /** The head is complete: sets u.left, what is to come of the body. */
  startBody(u: Exchange): void;
  /**
   * Takes bytes[from, to) of the body: gives what is content to u.give() and counts u.left down. ERROR: they are
   * none; 502: the body ends before its time.
   */
  body(u: Exchange, bytes: Buffer, from: number, to: number): Rc;
}
