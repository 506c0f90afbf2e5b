// ngx.socket.udp: datagrams of scripts.

import {
  SOCK_ADDRESS,
  SOCK_UDP_CLOSE,
  SOCK_UDP_PEER,
  SOCK_UDP_RECEIVE,
  SOCK_UDP_SEND,
  SOCK_UDP_TIMEOUT,
} from '../protocol.ts';
import { typeName } from './builtins.ts';
import { NgxError } from './errors.ts';
import { confOf, logContext } from './nobody.ts';
import type { Request } from './request.ts';
import { hostOf, integerOf, isUnix, milliseconds, portOf, sendable, UNLIMITED } from './socket_args.ts';
import { asBuffer, ask, asText, type Convert, check, nextSocket, noteLoose, wait } from './socket_calls.ts';

export class UdpSocket {
  readonly #r: Request;
  readonly #id: number;
  #made = false;
  #timeoutMs = 0;
  #localAddress = '';

  constructor(r: Request) {
    this.#r = r;
    this.#id = nextSocket();
    noteLoose(r, this.#id, this);
  }

  async setpeername(host: unknown, port?: unknown): Promise<1> {
    const name = hostOf(host, 'setpeername');
    const number = portOf(port);
    if (number === undefined && !isUnix(name)) {
      throw new NgxError(`bad argument #2 to 'setpeername' (number expected, got ${typeName(port)})`);
    }
    const convert: Convert<1> = () => {
      this.#applyTimeout();
      return 1;
    };
    this.#made = true;
    const r = this.#r;
    const whose = r.slot === 0 ? logContext() : '';
    const address = this.#localAddress;
    return wait(r, SOCK_UDP_PEER, this.#id, false, convert, name, number ?? 0, address, whose, confOf(r));
  }

  bind(address: unknown): true {
    const host = hostOf(address, 'bind');
    ask(this.#r, SOCK_ADDRESS, this.#id, host);
    this.#localAddress = host;
    return true;
  }

  send(data: unknown): 1 {
    ask(this.#r, SOCK_UDP_SEND, this.#id, sendable(data));
    return 1;
  }

  receive(size?: unknown): Promise<string> {
    return wait(this.#r, SOCK_UDP_RECEIVE, this.#id, false, asText, datagramSize(size), false);
  }

  receive_buffer(size?: unknown): Promise<Uint8Array> {
    return wait(this.#r, SOCK_UDP_RECEIVE, this.#id, true, asBuffer, datagramSize(size), true);
  }

  settimeout(ms: unknown): void {
    this.#timeoutMs = milliseconds(ms);
    check(this.#r);
    this.#applyTimeout();
  }

  close(): 1 {
    ask(this.#r, SOCK_UDP_CLOSE, this.#id);
    return 1;
  }

  #applyTimeout(): void {
    if (this.#made) ask(this.#r, SOCK_UDP_TIMEOUT, this.#id, this.#timeoutMs);
  }
}

function datagramSize(size: unknown): number {
  if (size === undefined || size === null) return UNLIMITED;
  const n = integerOf(size, 1, 'receive');
  return n < 0 ? UNLIMITED : n;
}
