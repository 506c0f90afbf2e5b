// ngx.req.socket: the client's connection, as a script sees it.

import { SOCK_DESCRIPTOR, SOCK_REQUEST, SOCK_SEND, SOCK_TIMEOUTS } from '../protocol.ts';
import type { Request } from './request.ts';
import { milliseconds, payload } from './socket_args.ts';
import { ask, asNumber, nextSocket, wait } from './socket_calls.ts';
import { StreamSocket } from './socket_reads.ts';

/** ngx.req.socket(): the request's body. */
class RequestSocket extends StreamSocket {
  readonly #r: Request;
  readonly #id: number;

  constructor(r: Request, id: number) {
    super(r, id, null);
    this.#r = r;
    this.#id = id;
  }

  settimeout(ms: unknown): void {
    const all = milliseconds(ms);
    this.settimeouts(all, all, all);
  }

  settimeouts(connect: unknown, send: unknown, read: unknown): void {
    ask(this.#r, SOCK_TIMEOUTS, this.#id, milliseconds(connect), milliseconds(send), milliseconds(read));
  }

  getfd(): number {
    return ask(this.#r, SOCK_DESCRIPTOR, this.#id) as number;
  }
}

/** ngx.req.socket(true): the client's connection. */
class RawRequestSocket extends RequestSocket {
  readonly #r: Request;
  readonly #id: number;

  constructor(r: Request, id: number) {
    super(r, id);
    this.#r = r;
    this.#id = id;
  }

  send(data: unknown): Promise<number> {
    const { data: what, text } = payload(data);
    return wait(this.#r, SOCK_SEND, this.#id, false, asNumber, what, text);
  }
}

export function requestSocket(r: Request, raw: boolean): object {
  const id = nextSocket();
  ask(r, SOCK_REQUEST, id, raw);
  return raw ? new RawRequestSocket(r, id) : new RequestSocket(r, id);
}
