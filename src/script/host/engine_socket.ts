// ngx.req.socket for the engine's requests: the body in pieces as somebody asks for them, or the client's connection.

import { ERROR } from '../../http/rc.ts';
import { HTTP_20, type HttpRequest } from '../../http/request.ts';
import { Refusal, type RequestStream, type StreamReader } from './request.ts';
import { SocketFailure } from './socket_settings.ts';

/** `checksAbort`: ts_check_client_abort. */
export function openBody(r: HttpRequest, checksAbort: boolean): RequestStream {
  checkRequest(r);
  if (r.body !== null) throw new SocketFailure('request body already exists');
  if (r.discardBody) throw new SocketFailure('request body discarded');
  if (r.bodyReader === null || (r.contentLength <= 0 && !r.chunked)) throw new SocketFailure('no body');
  return new BodyStream(r, false, checksAbort);
}

/** Nothing but what is sent through it leaves from now on. */
export function openRaw(r: HttpRequest, checksAbort: boolean): RequestStream {
  checkRequest(r);
  const { connection } = r;
  if (connection.takeOver === undefined) throw new Refusal('http v2 not supported yet');
  if (r.sink.pending(r)) throw new SocketFailure('pending data to write');
  if (!connection.takeOver(r)) {
    throw new SocketFailure('pending request body reading in some other thread');
  }
  r.headerSent = true;
  r.headerOnly = false;
  return new BodyStream(r, true, checksAbort);
}

function checkRequest(r: HttpRequest): void {
  if (r !== r.main) throw new Refusal('attempt to read the request body in a subrequest');
  if (r.httpVersion >= HTTP_20) throw new Refusal('http v2 not supported yet');
}

class BodyStream implements RequestStream {
  readonly #r: HttpRequest;
  readonly #raw: boolean;
  readonly #checksAbort: boolean;
  #started = false;

  constructor(r: HttpRequest, raw: boolean, checksAbort: boolean) {
    this.#r = r;
    this.#raw = raw;
    this.#checksAbort = checksAbort;
  }

  get descriptor(): number {
    return this.#r.connection.descriptor ?? -1;
  }

  more(reader: StreamReader): void {
    const r = this.#r;
    if (this.#started) {
      r.bodyReader?.more(r);
      return;
    }
    this.#started = true;
    r.bodyReader?.stream(
      r,
      (_r, data, last) => {
        if (data.length > 0) reader.push(data);
        if (!last) return;
        if (this.#raw && this.#checksAbort) this.#gone(reader);
        else reader.end();
      },
      () => this.#gone(reader),
      true,
    );
  }

  /** The client has gone: a read that waits is told so, and without one the script is, if it wants to know. */
  #gone(reader: StreamReader): void {
    const { busy } = reader;
    reader.fail('client aborted');
    if (!busy && this.#checksAbort) this.#r.onAbort?.(this.#r);
  }

  send(data: string, written: () => void): boolean | null {
    const r = this.#r;
    if (!this.#raw) throw new Refusal('attempt to write to request sockets');
    if (r.finalized || r.aborted) return null;
    const rc = r.sink.body(r, data, false);
    if (rc === ERROR) return null;
    r.sink.flush(r);
    if (!r.sink.pending(r)) return true;
    r.onWritable = (request) => {
      request.onWritable = null;
      written();
    };
    return false;
  }
}
