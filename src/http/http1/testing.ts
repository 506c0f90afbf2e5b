// For the tests beside: servers from a few lines of configuration, with handlers that a test gives by name, and
// connections to them over sockets that are only made up.

import { HTTP_ANY } from '../../conf/directive.ts';
import { text } from '../../conf/kinds.ts';
import type { Address, RawSocket, RawSocketUser } from '../../core/raw_socket.ts';
import { core } from '../core.ts';
import type { ListenAddress } from '../listen.ts';
import type { HttpMain } from '../main.ts';
import { defineModule } from '../module.ts';
import { rewrite } from '../modules/rewrite.ts';
import type { Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import { testHttp } from '../testing.ts';
import { type ConnectionOwner, Http1Connection } from './connection.ts';

export type TestHandler = (r: HttpRequest) => Rc;

let handlers: Readonly<Record<string, TestHandler>> = {};
/** Requests in the order in which they were logged: their status, and what was sent. */
let logged: string[] = [];

const testModule = defineModule({
  name: 'test',
  directives: { test_handler: text({ in: HTTP_ANY, default: '' }) },
  phases: {
    content: {
      when: (conf) => conf.test_handler !== '',
      run: (r, conf) => (handlers[conf.test_handler ?? ''] as TestHandler)(r),
    },
    log: {
      run(r) {
        logged.push(`${r.requestLine} ${r.headersOut.status} ${r.bodyBytesSent}`);
        return 0;
      },
    },
  },
});

const modules = [core, rewrite, testModule];

export interface TestServer {
  readonly main: HttpMain;
  readonly listen: ListenAddress;
  readonly owner: TestOwner;
  /** The error log. */
  readonly lines: string[];
  /** The access log. */
  readonly logged: string[];
}

/** The http block's content; `test_handler NAME;` runs one of `given`. */
export function testServer(conf: string, given: Readonly<Record<string, TestHandler>> = {}): TestServer {
  handlers = given;
  logged = [];
  const { main, listen, lines } = testHttp(conf, modules, '/t/');
  return { main, listen, owner: new TestOwner(), lines, logged };
}

export class TestOwner implements ConnectionOwner {
  quitting = false;
  readonly waiting = new Set<Http1Connection>();
  readonly gone: Http1Connection[] = [];

  reusable(c: Http1Connection, on: boolean): void {
    if (on) this.waiting.add(c);
    else this.waiting.delete(c);
  }

  closed(c: Http1Connection): void {
    this.gone.push(c);
  }
}

/** A socket without a system behind it: it takes everything at once, unless it is told not to. */
export class TestSocket {
  writableLength = 0;
  readonly writableCorked = 0;
  sent = '';
  writes = 0;
  /** shutdown() or destroy() was called. */
  ended = false;
  destroyed = false;
  wasReset = false;
  paused = false;
  localPort = 80;
  /** Takes nothing until drain(). */
  full = false;
  #user: RawSocketUser | null = null;
  #buffer: Buffer = Buffer.alloc(0);

  peer(): Address {
    return { address: '127.0.0.1', port: 1 };
  }

  local(): Address {
    return { address: '127.0.0.1', port: this.localPort };
  }

  open(user: RawSocketUser, buffer: Buffer): void {
    this.#user = user;
    this.#buffer = buffer;
  }

  readInto(buffer: Buffer): void {
    this.#buffer = buffer;
  }

  /** Bytes come from the client. */
  receive(data: Buffer): void {
    for (let at = 0; at < data.length && !this.destroyed; ) {
      const n = data.copy(this.#buffer, 0, at);
      at += n;
      this.#user?.received(n);
    }
  }

  /** The client says that it will send no more. */
  end(): void {
    this.#user?.ended();
  }

  /** The connection breaks. */
  fail(error: Error): void {
    this.#user?.failed(error as NodeJS.ErrnoException);
  }

  write(data: string | Buffer): void {
    if (this.destroyed) return;
    this.sent += typeof data === 'string' ? data : data.toString('latin1');
    if (data.length > 0) this.writes++;
    if (this.full) this.writableLength += data.length;
  }

  drain(): void {
    this.full = false;
    if (this.writableLength === 0) return;
    this.writableLength = 0;
    this.#user?.drained();
  }

  cork(): void {}
  uncork(): void {}

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  shutdown(): void {
    this.ended = true;
  }

  destroy(): void {
    this.ended = true;
    this.destroyed = true;
  }

  reset(): void {
    this.wasReset = true;
    this.destroy();
  }
}

export interface TestClient {
  readonly socket: TestSocket;
  readonly c: Http1Connection;
  send(data: string | Buffer): void;
}

let lastId = 0;

export function testClient(server: TestServer): TestClient {
  const socket = new TestSocket();
  const c = new Http1Connection(++lastId, socket as unknown as RawSocket, server.listen, server.owner);
  return {
    socket,
    c,
    send(data) {
      socket.receive(typeof data === 'string' ? Buffer.from(data, 'latin1') : data);
    },
  };
}

/** All that is answered to `parts`; the date is left out. */
export function answers(server: TestServer, parts: readonly (string | Buffer)[]): string {
  const { socket, send } = testClient(server);
  for (const part of parts) send(part);
  return withoutDate(socket.sent);
}

export function withoutDate(text: string): string {
  return text.replace(/Date: .{29}\r\n/g, '');
}
