// fetch over plain http: an HTTP/1.1 client on plain sockets. undici, which does all else, costs 30 µs a request more.
// A connection carries one request at a time and is kept for the next one to its origin.

import { lookup } from 'node:dns';
import { isIP } from 'node:net';
import { RawSocket, type RawSocketUser } from '../../core/raw_socket.ts';
import { Timer } from '../../core/timers.ts';
import { Chunked } from '../../http/http1/chunked.ts';
import { HEADER_DONE, header, parseHeaderLine } from '../../http/http1/parse.ts';
import { AGAIN, ERROR, OK, type Rc } from '../../http/rc.ts';
import { HTTP_11 } from '../../http/request.ts';
import { parseStatusLine, statusLine } from '../../http/upstream/http1.ts';
import { UNTIL_CLOSE } from '../../http/upstream/settings.ts';
import type { Destinations } from './destinations.ts';
import type { Transfer, TransferUser } from './fetch_transfer.ts';

// All of these as undici has them.
const MAX_CONNECTIONS = 256;
const MAX_HEAD = 16 * 1024;
const CONNECT_MS = 10_000;
/** Of a name's addresses, all but the last one are given up after this. */
const ATTEMPT_MS = 250;
const SILENCE_MS = 300_000;
const IDLE_MS = 4000;
const MAX_IDLE_MS = 600_000;
/** What a server says of how long it keeps a connection is shortened by this. */
const IDLE_MARGIN_MS = 2000;

const READ_SIZE = 64 * 1024;
/** All connections read into one buffer: what a read brings is used before the next. */
const shared = Buffer.allocUnsafeSlow(READ_SIZE);

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Asked twice they do what they do once. */
const REPEATABLE = /^(?:GET|HEAD|OPTIONS|TRACE|PUT|DELETE)$/;
const SOCKET_OPTIONS = { localAddress: null, localPort: 0, keepAlive: true };

/** One request, from the call to the last byte of its response. */
export class PlainRequest implements Transfer {
  readonly user: TransferUser;
  readonly host: string;
  readonly port: number;
  readonly method: string;
  /** Head and body, a character a byte. */
  readonly text: string;
  connection: Connection | null = null;
  over = false;

  constructor(user: TransferUser, host: string, port: number, method: string, text: string) {
    this.user = user;
    this.host = host;
    this.port = port;
    this.method = method;
    this.text = text;
  }

  pause(): void {
    this.connection?.pause();
  }

  resume(): void {
    this.connection?.resume();
  }

  abort(): void {
    this.over = true;
    this.connection?.close();
  }

  fail(error: Error): void {
    if (this.over) return;
    this.over = true;
    this.user.failed(error);
  }
}

export class PlainHttp {
  readonly destinations: Destinations | null;
  readonly #origins = new Map<string, Origin>();
  /** Nothing is kept any more. */
  left = false;

  /** `destinations`: where to; null: everywhere. */
  constructor(destinations: Destinations | null) {
    this.destinations = destinations;
  }

  send(request: PlainRequest): void {
    const { host, port } = request;
    if (this.destinations?.mayAllow(host, port) === false) {
      request.fail(new Error('permission denied'));
      return;
    }
    const key = `${host}:${port}`;
    let origin = this.#origins.get(key);
    if (origin === undefined) {
      origin = new Origin(this, key, host, port);
      this.#origins.set(key, origin);
    }
    origin.send(request);
  }

  forget(origin: Origin): void {
    if (this.#origins.get(origin.key) === origin) this.#origins.delete(origin.key);
  }

  /** Connections that wait are closed, and the others when they are through. */
  leave(): void {
    this.left = true;
    for (const origin of [...this.#origins.values()]) origin.closeIdle();
  }
}

/** The connections to one address and port, or name and port. */
class Origin {
  readonly client: PlainHttp;
  readonly key: string;
  readonly host: string;
  readonly port: number;
  /** The one used last is the last. */
  readonly #idle: Connection[] = [];
  readonly #waiting: PlainRequest[] = [];
  #open = 0;

  constructor(client: PlainHttp, key: string, host: string, port: number) {
    this.client = client;
    this.key = key;
    this.host = host;
    this.port = port;
  }

  send(request: PlainRequest): void {
    const idle = this.#idle.pop();
    if (idle !== undefined) {
      idle.again(request);
      return;
    }
    if (this.#open >= MAX_CONNECTIONS) {
      this.#waiting.push(request);
      return;
    }
    this.#open++;
    new Connection(this, request).begin();
  }

  /** A connection is free. */
  keep(c: Connection, ms: number): void {
    const next = this.#nextWaiting();
    if (next !== undefined) {
      c.again(next);
    } else if (this.client.left) {
      c.close();
    } else {
      this.#idle.push(c);
      c.rest(ms);
    }
  }

  /** One is no more. */
  closed(c: Connection): void {
    const at = this.#idle.indexOf(c);
    if (at !== -1) this.#idle.splice(at, 1);
    this.#open--;
    const next = this.#nextWaiting();
    if (next !== undefined) this.send(next);
    else if (this.#open === 0) this.client.forget(this);
  }

  closeIdle(): void {
    for (const c of [...this.#idle]) c.close();
  }

  #nextWaiting(): PlainRequest | undefined {
    let next = this.#waiting.shift();
    while (next?.over) next = this.#waiting.shift();
    return next;
  }
}

class Connection implements RawSocketUser {
  readonly #origin: Origin;
  readonly #timer: Timer<Connection>;
  #socket: RawSocket | null = null;
  #request: PlainRequest | null;
  #closed = false;
  #connected = false;
  #reused = false;
  #paused = false;
  /** Those that have not been tried. */
  #addresses: readonly string[] = [];
  #address = '';
  // Of the response.
  #inHead = true;
  /** As much of the head as has come, and up to where it has been read; not kept for longer than that takes. */
  #text = '';
  #pos = 0;
  #status = 0;
  #reason = '';
  #headers: string[] = [];
  #length = -1;
  #coded = false;
  #chunked: Chunked | null = null;
  #keeps = true;
  #keepMs = IDLE_MS;
  #left = 0;

  constructor(origin: Origin, request: PlainRequest) {
    this.#origin = origin;
    this.#request = request;
    request.connection = this;
    this.#timer = new Timer<Connection>(expired, this);
  }

  // Connecting.

  begin(): void {
    const { host } = this.#origin;
    this.#timer.set(CONNECT_MS);
    if (isIP(host) !== 0) {
      this.#openOneOf([host]);
      return;
    }
    lookup(host, { all: true }, (error, found) => {
      if (this.#closed) return;
      if (error !== null) this.#fail(error);
      else this.#openOneOf(found.map(({ address }) => address));
    });
  }

  #openOneOf(addresses: readonly string[]): void {
    const { client, host, port } = this.#origin;
    const { destinations } = client;
    this.#addresses =
      destinations === null ? addresses : addresses.filter((one) => destinations.allows(host, one, port));
    if (this.#addresses.length === 0) this.#fail(new Error('permission denied'));
    else this.#open();
  }

  #open(): void {
    const { port } = this.#origin;
    const [address = '', ...others] = this.#addresses;
    this.#addresses = others;
    this.#address = address;
    this.#timer.set(others.length > 0 ? ATTEMPT_MS : CONNECT_MS);
    this.#socket = RawSocket.connect(this, shared, address, port, SOCKET_OPTIONS);
  }

  #openNext(): void {
    this.#socket?.destroy();
    this.#open();
  }

  connected(): void {
    this.#connected = true;
    this.#send();
  }

  // Requests.

  /** Another request. */
  again(request: PlainRequest): void {
    this.#request = request;
    request.connection = this;
    this.#reused = true;
    this.#socket?.ref();
    this.#send();
  }

  #send(): void {
    const request = this.#request as PlainRequest;
    this.#inHead = true;
    this.#text = '';
    this.#resetHead();
    this.#left = 0;
    this.#timer.set(SILENCE_MS);
    this.#socket?.write(request.text);
  }

  #resetHead(): void {
    this.#pos = 0;
    this.#status = 0;
    this.#headers = [];
    this.#length = -1;
    this.#coded = false;
    this.#chunked = null;
    this.#keeps = true;
    this.#keepMs = IDLE_MS;
  }

  /** Nobody asks anything for now. */
  rest(ms: number): void {
    this.#socket?.unref();
    this.#timer.set(ms);
  }

  pause(): void {
    if (this.#closed || this.#paused) return;
    this.#paused = true;
    this.#timer.clear();
    this.#socket?.pause();
  }

  resume(): void {
    if (this.#closed || !this.#paused) return;
    this.#paused = false;
    this.#timer.set(SILENCE_MS);
    this.#socket?.resume();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#request = null;
    this.#timer.end();
    this.#socket?.destroy();
    this.#origin.closed(this);
  }

  // What comes.

  received(n: number): void {
    const request = this.#request;
    if (request === null) {
      this.close(); // nobody has asked for anything
      return;
    }
    if (!this.#paused) this.#timer.set(SILENCE_MS);
    if (this.#inHead) this.#head(n);
    else this.#body(0, n);
    request.user.settle();
  }

  #head(n: number): void {
    const before = this.#text.length;
    const text = this.#text + shared.toString('latin1', 0, Math.min(n, MAX_HEAD));
    for (;;) {
      const rc = this.#parseHead(text);
      if (rc === ERROR) return;
      if (rc === AGAIN) {
        this.#text = text;
        if (text.length > MAX_HEAD || n > MAX_HEAD) this.#fail(new Error('Headers Overflow Error'));
        return;
      }
      if (this.#status >= 200) break;
      if (this.#status === 101) {
        this.#fail(new Error('bad upgrade'));
        return;
      }
      const next = this.#pos; // an interim response: the one that counts follows
      this.#resetHead();
      this.#pos = next;
    }
    this.#inHead = false;
    this.#text = '';
    const request = this.#request as PlainRequest;
    this.#startBody(request);
    request.user.head(this.#status, this.#headers, this.#reason);
    if (this.#request === request) this.#body(this.#pos - before, n);
  }

  /** OK: it is complete; ERROR: the request has failed. */
  #parseHead(text: string): Rc {
    if (this.#status === 0) {
      const from = this.#pos;
      const rc = parseStatusLine(from === 0 ? text : text.slice(from));
      if (rc === AGAIN) return AGAIN;
      if (rc === ERROR) return this.#wrong('Expected HTTP/');
      this.#status = statusLine.status;
      this.#reason = text.slice(from + statusLine.start + 4, from + statusLine.end);
      this.#keeps = statusLine.version >= HTTP_11;
      this.#pos = from + statusLine.next;
    }
    const plain = text.indexOf('\0', this.#pos) === -1;
    for (;;) {
      const from = this.#pos;
      const rc = parseHeaderLine(text, from, true, plain);
      if (rc === HEADER_DONE) {
        this.#pos = header.next;
        // Somebody may be fooling whoever believes the other one.
        if (!this.#coded || this.#length === -1) return OK;
        return this.#wrong("Content-Length can't be present with Transfer-Encoding");
      }
      if (rc === AGAIN) return AGAIN;
      if (rc !== OK) return this.#wrong('Invalid header');
      this.#pos = header.next;
      const name = text.slice(from, header.nameEnd).toLowerCase();
      if (header.invalid && !TOKEN.test(name)) return this.#wrong('Invalid header name');
      if (!this.#judge(name, text.slice(header.valueStart, header.valueEnd))) return ERROR;
    }
  }

  #judge(name: string, value: string): boolean {
    this.#headers.push(name, value);
    switch (name) {
      case 'content-length':
        if (this.#length !== -1 || !/^[0-9]{1,15}$/.test(value)) {
          this.#wrong('Invalid Content-Length');
          return false;
        }
        this.#length = Number(value);
        return true;
      case 'transfer-encoding':
        this.#coded = true;
        this.#chunked = /(?:^|,)[ \t]*chunked[ \t]*$/i.test(value) ? new Chunked() : null;
        return true;
      case 'connection':
        if (/(?:^|,)[ \t]*close[ \t]*(?:$|,)/i.test(value)) this.#keeps = false;
        else if (/(?:^|,)[ \t]*keep-alive[ \t]*(?:$|,)/i.test(value)) this.#keeps = true;
        return true;
      case 'keep-alive': {
        const seconds = /timeout=(\d+)/.exec(value)?.[1];
        if (seconds !== undefined) {
          this.#keepMs = Math.min(Number(seconds) * 1000 - IDLE_MARGIN_MS, MAX_IDLE_MS);
        }
        return true;
      }
      default:
        return true;
    }
  }

  #wrong(message: string): Rc {
    this.#fail(new Error(message));
    return ERROR;
  }

  #startBody({ method }: PlainRequest): void {
    const status = this.#status;
    if (method === 'HEAD' || status === 204 || status === 304) {
      this.#chunked = null;
      this.#left = 0;
    } else if (this.#chunked !== null) {
      this.#left = 1;
    } else if (this.#coded || this.#length === -1) {
      this.#left = UNTIL_CLOSE;
      this.#keeps = false;
    } else {
      this.#left = this.#length;
    }
  }

  #body(from: number, to: number): void {
    const request = this.#request as PlainRequest;
    if (this.#chunked !== null) {
      this.#chunks(request, this.#chunked, from, to);
      return;
    }
    if (this.#left === UNTIL_CLOSE) {
      if (from < to) request.user.data(shared, from, to);
      return;
    }
    const size = Math.min(this.#left, to - from);
    this.#left -= size;
    if (size > 0) request.user.data(shared, from, from + size);
    if (this.#left === 0 && this.#request === request) this.#complete(from + size === to);
  }

  #chunks(request: PlainRequest, chunked: Chunked, from: number, to: number): void {
    const data = shared.subarray(0, to);
    let pos = from;
    while (this.#request === request) {
      const rc = chunked.parse(data, pos);
      pos = chunked.pos;
      if (rc === AGAIN) return;
      if (rc === ERROR) {
        this.#fail(new Error('Invalid chunked body'));
        return;
      }
      if (rc !== OK) {
        this.#complete(pos === to);
        return;
      }
      const size = Math.min(chunked.size, to - pos);
      request.user.data(shared, pos, pos + size);
      chunked.size -= size;
      pos += size;
    }
  }

  /** `clean`: nothing follows. */
  #complete(clean: boolean): void {
    const request = this.#request as PlainRequest;
    this.#request = null;
    request.connection = null;
    request.over = true;
    this.#headers = [];
    if (this.#paused) this.resume();
    if (clean && this.#keeps && this.#keepMs > 0) this.#origin.keep(this, this.#keepMs);
    else this.close();
    request.user.end();
  }

  ended(): void {
    const request = this.#request;
    if (request === null) this.close();
    else if (!this.#inHead && this.#left === UNTIL_CLOSE) this.#complete(false);
    else this.#fail(new Error('other side closed'));
    request?.user.settle();
  }

  failed(error: NodeJS.ErrnoException): void {
    if (this.#connected) {
      this.#fail(error);
    } else if (this.#addresses.length > 0) {
      this.#openNext();
    } else {
      error.message += ` ${this.#address}:${this.#origin.port}`;
      this.#fail(error);
    }
  }

  drained(): void {}

  /** The server may have closed a connection that was kept while a request was on its way: that is asked again. */
  #fail(error: Error): void {
    const request = this.#request;
    const again = this.#reused && this.#inHead && this.#text === '' && this.#status === 0 && request !== null;
    this.close();
    if (request === null) return;
    request.connection = null;
    if (again && REPEATABLE.test(request.method)) this.#origin.client.send(request);
    else request.fail(error);
  }

  expire(): void {
    if (this.#request === null) {
      this.close();
    } else if (!this.#connected) {
      if (this.#addresses.length > 0) this.#openNext();
      else this.#fail(new Error('Connect Timeout Error'));
    } else {
      this.#reused = false; // it has been asked: once is enough
      this.#fail(new Error(this.#inHead ? 'Headers Timeout Error' : 'Body Timeout Error'));
    }
  }
}

function expired(c: Connection): void {
  c.expire();
}
