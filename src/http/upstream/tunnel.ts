// An upgraded connection (101): bytes both ways, until either side has sent its last and the other has been given it.

import { output } from '../output.ts';
import { AGAIN, ERROR, OK, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import { copyOf, free, giveBack } from '../spare_buffers.ts';
import type { Exchange } from './exchange.ts';
import { exchangeOf } from './of_request.ts';

export interface Tunnel {
  fromUpstream(bytes: Buffer, n: number): boolean;
  upstreamDrained(): void;
  upstreamEnded(): void;
  clientReady(): void;
  fromClient(data: Buffer, last: boolean): void;
}

/** Makes u.tunnel; bytes[from, to) came behind the head. */
export function startTunnel(u: Exchange, bytes: Buffer, from: number, to: number): void {
  const { r, c } = u;
  const tunnel = new UpgradedTunnel(u);
  u.tunnel = tunnel; // before anything is read: the client may have sent bytes with its request
  r.keepalive = false;
  r.onWritable = clientWritable;
  r.sink.flush(r);
  if (from < to) tunnel.give(bytes.subarray(from, to));
  if (!u.finished) {
    c?.setTimeout(u.timeouts.readTimeout);
    r.bodyReader?.stream(r, clientData, clientFailed);
  }
}

class UpgradedTunnel implements Tunnel {
  readonly #u: Exchange;
  #clientBlocked = false;
  #upstreamEnded = false;
  #clientEnded = false;

  constructor(u: Exchange) {
    this.#u = u;
  }

  fromUpstream(bytes: Buffer, n: number): boolean {
    return this.give(bytes.subarray(0, n));
  }

  give(bytes: Buffer): boolean {
    const u = this.#u;
    const { r, c } = u;
    const piece = copyOf(bytes, 0, bytes.length);
    const rc = output(r, piece, false);
    if (rc === ERROR) {
      u.finish(ERROR);
      return false;
    }
    r.sink.flush(r);
    c?.setTimeout(u.timeouts.readTimeout);
    this.#clientBlocked = rc === AGAIN;
    if (r.loc.passing && !r.sink.pending(r)) giveBack(piece);
    if (this.#clientBlocked) c?.pause();
    return !this.#clientBlocked;
  }

  clientReady(): void {
    const u = this.#u;
    this.#clientBlocked = false;
    if (this.#upstreamEnded) u.finish(OK);
    else u.c?.resume();
  }

  upstreamEnded(): void {
    this.#upstreamEnded = true;
    if (!this.#clientBlocked) this.#u.finish(OK);
  }

  fromClient(data: Buffer, last: boolean): void {
    const u = this.#u;
    const { c, r } = u;
    if (c === null) return;
    this.#clientEnded ||= last;
    const flushed = data.length === 0 || c.write(data);
    c.setTimeout(flushed ? u.timeouts.readTimeout : u.timeouts.sendTimeout);
    if (!flushed) return;
    free(data);
    if (this.#clientEnded) u.finish(OK);
    else r.bodyReader?.more(r);
  }

  upstreamDrained(): void {
    const u = this.#u;
    u.c?.setTimeout(u.timeouts.readTimeout);
    if (this.#clientEnded) u.finish(OK);
    else u.r.bodyReader?.more(u.r);
  }
}

function clientData(r: HttpRequest, data: Buffer, last: boolean): void {
  exchangeOf(r)?.tunnel?.fromClient(data, last);
}

function clientFailed(r: HttpRequest, _rc: Rc): void {
  exchangeOf(r)?.finish(OK);
}

function clientWritable(r: HttpRequest): void {
  exchangeOf(r)?.clientReady();
}
