// The request's body: read when somebody asks for it, kept in memory up to client_body_buffer_size and in a temporary
// file beyond, or handed on as it comes (proxy_request_buffering off).

import { OK, type Rc } from './rc.ts';
import type { HttpRequest } from './request.ts';

/** A body that has been read. */
export interface RequestBody {
  /** In memory: the pieces in order; null when it is in a file. */
  chunks: Buffer[] | null;
  /** The temporary file that holds it; null when it is in memory. */
  file: string | null;
  /** Bytes. */
  length: number;
}

/** What a protocol offers to read a body with; r.connection's codec sets r.bodyReader. */
export interface BodyReader {
  /** Reads the whole body, then calls `done` with OK or a status (400, 408, 413, 500) or ERROR. May call it at once. */
  read(r: HttpRequest, done: (r: HttpRequest, rc: Rc) => void): void;
  /**
   * Hands pieces on as they come; the reader stops after each until `more()` is called. `untimed`: client_body_timeout
   * does not hold.
   */
  stream(
    r: HttpRequest,
    onData: (r: HttpRequest, data: Buffer, last: boolean) => void,
    onError: (r: HttpRequest, rc: Rc) => void,
    untimed?: boolean,
  ): void;
  more(r: HttpRequest): void;
  /** Reads and drops what is left. OK, or 400: what has come of it is not what it claims to be. */
  discard(r: HttpRequest): Rc;
}

/** Whoever answers without looking at the body leaves it to be read and dropped; of subrequests there is none. */
export function discardBody(r: HttpRequest): Rc {
  if (r !== r.main || r.discardBody || r.body !== null || r.bodyReader === null) return OK;
  return r.bodyReader.discard(r);
}
