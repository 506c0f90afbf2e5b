// Where a response goes once it has passed the filters.

import type { Rc } from './rc.ts';
import type { HttpRequest } from './request.ts';

export interface Sink {
  /** Takes the head (r.headersOut). It may wait for the first of the body, to leave with it in one write. */
  head(r: HttpRequest): Rc;
  /**
   * Takes a piece of the body; `last` ends the response. OK: taken. AGAIN: taken, but wait for r.onWritable before
   * giving more. ERROR: the client is gone.
   */
  body(r: HttpRequest, data: string | Buffer, last: boolean): Rc;
  /** Sends what has been taken so far without waiting for more. */
  flush(r: HttpRequest): void;
  /** What is given until the same is called with false may leave together; not where it is sent in packets of its own. */
  gather?(r: HttpRequest, more: boolean): void;
  /** Whether something that was given still waits in memory: until not, its buffers must not be written to. */
  pending(r: HttpRequest): boolean;
  /** An interim response such as 100 or 103; ignored where the protocol has none. */
  interim(r: HttpRequest, status: number, headers: readonly string[]): void;
  /** The response is complete and finalized: log it when it has left, then go on with the connection. */
  end(r: HttpRequest): void;
  /**
   * The request failed where no answer can be given: close the connection (or reset the stream), then log, with the
   * status `rc` if it is one and nothing has been sent.
   */
  terminate(r: HttpRequest, rc: Rc): void;
}
