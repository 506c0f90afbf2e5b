// A client's HTTP/1 connection: reads heads and bodies, runs one request after the other, writes what they answer, and
// keeps, lingers on or closes the connection afterwards.
//
//   WAITING --first byte--> READING --head complete--> BUSY --response sent--> WAITING | LINGERING | CLOSED

import { constants } from 'node:os';
import { errnoOf, errnoText, errorText } from '../../core/errno.ts';
import { flushDirty } from '../../core/log_file.ts';
import { type ProxyProtocol, readProxyHeader } from '../../core/proxy_protocol.ts';
import type { RawSocket, RawSocketUser } from '../../core/raw_socket.ts';
import { traceOf } from '../../core/thrown.ts';
import { Timer } from '../../core/timers.ts';
import type { ClientAddress, Connection } from '../connection.ts';
import type { CoreConf } from '../core.ts';
import { CLIENT_CLOSED, CLOSE, finalize, logRequest } from '../engine.ts';
import type { ListenAddress } from '../listen.ts';
import { logConnection, logError } from '../log.ts';
import { OK, type Rc } from '../rc.ts';
import { HttpRequest } from '../request.ts';
import { bodyReader, CLOSED_EARLY, Incoming } from './body.ts';
import { Head, noteHead, readHead } from './head.ts';
import { Outgoing, type Sender } from './outgoing.ts';
import { writer } from './writer.ts';

const WAITING = 0;
const READING = 1;
const BUSY = 2;
const LINGERING = 3;
const CLOSED = 4;

/** Of a chunk this size or smaller, all is taken for a head. */
const HEAD_CHUNK = 16 * 1024;
/** All connections read into one buffer: heads become text at once, and small pieces of bodies are copied. */
const READ_SIZE = 64 * 1024;
const shared = Buffer.allocUnsafeSlow(READ_SIZE);
/** While pieces of a body are longer than this, a connection has buffers of its own, and gives them away. */
const LONG_PIECE = 16 * 1024;
/** How much of later requests is held while one is running. */
const MAX_HELD = 64 * 1024;
/** More output than this is not gathered. */
const MAX_GATHERED = 64 * 1024;
const REQUEST_TIMEOUT = 408;
const WAITING_FOR_REQUEST = 'waiting for request';
const READING_PROXY_HEADER = 'reading PROXY protocol';
const { ECONNRESET, ETIMEDOUT } = constants.errno;
const TIMED_OUT = `client timed out ${errnoText(ETIMEDOUT)}`;

/**
 * nginx closes a kept connection at once, and the request that the client was just sending is lost; a reload shall
 * lose none.
 */
const QUIT_GRACE_MS = 250;

/** What a connection needs of the server that accepted it. */
export interface ConnectionOwner {
  /** The worker is to end: answers say "Connection: close". */
  readonly quitting: boolean;
  /** The connection waits for a request, or no longer: such connections are closed first. */
  reusable(c: Http1Connection, on: boolean): void;
  closed(c: Http1Connection): void;
}

export class Http1Connection implements Connection, Sender, RawSocketUser {
  readonly id: number;
  readonly #socket: RawSocket;
  readonly owner: ConnectionOwner;
  readonly listen: ListenAddress;
  readonly startTime = Date.now();
  readonly https = '';
  readonly serverName = null;
  remoteAddr: string;
  remotePort: number;
  replaced: ClientAddress | null = null;
  proxyProtocol: ProxyProtocol | null = null;
  requests = 0;

  // Input. `text` is what has come and belongs to a head that is being read, or to requests behind the one that runs.
  text = '';
  readonly head = new Head();
  request: HttpRequest | null = null;
  incoming: Incoming | null = null;
  /** The client has sent all that it will. */
  eof = false;
  /** After the response, wait for the client to have read it: there may be input that nobody has read. */
  lingering = false;
  /** What the system reads into. */
  #input = shared;
  /** `text` ends with so many bytes of it that end there: a body may follow the head in them. */
  #tailLength = 0;
  #tail = 0;
  #paused = false;

  readonly output: Outgoing;
  /** Requests are being run from what has come: their output is gathered until there is no more to run. */
  advancing = false;
  /** The response is complete, but has not all been sent. */
  #ended = false;
  /** It has been sent; the body that nobody wanted is still coming. */
  #discarding = false;

  #state = WAITING;
  readonly #timer: Timer<Http1Connection>;
  /** A request has been answered, and the client may send another. */
  #kept = false;
  #keepalive: CoreConf | null = null;
  /** May be closed when the worker quits: keepalive_min_timeout has passed. */
  #idle = false;
  /** When lingering_time ends, in performance.now() milliseconds. */
  #lingerUntil = 0;
  #timedOut = false;
  #localAddr = '';
  #localPort = 0;
  /** For the error log, before there is a request. */
  #action = WAITING_FOR_REQUEST;
  /** The neighbours in the server's list of reusable connections. */
  before: Http1Connection | null = null;
  after: Http1Connection | null = null;

  constructor(id: number, socket: RawSocket, listen: ListenAddress, owner: ConnectionOwner) {
    this.id = id;
    this.#socket = socket;
    this.listen = listen;
    this.owner = owner;
    const { address, port } = socket.peer();
    this.remoteAddr = address === '' ? 'unix:' : address;
    this.remotePort = port;
    this.output = new Outgoing(socket, this);
    this.#timer = new Timer<Http1Connection>(Http1Connection.#expired, this);
    if (listen.options.proxyProtocol) this.#action = READING_PROXY_HEADER;
    this.#timer.set(listen.default.location.core.client_header_timeout);
    owner.reusable(this, true);
    socket.open(this, shared);
  }

  /** As in nginx the header has to come whole, in the first piece, and to fit in client_header_buffer_size. */
  #readProxyHeader(n: number): void {
    const { client_header_buffer_size: size, error_log: log } = this.listen.default.location.core;
    const header = readProxyHeader(this.#input.toString('latin1', 0, Math.min(n, size)));
    if (typeof header === 'string') {
      if (header !== '') logConnection(log, this, 'error', header, this.#action);
      this.close();
      return;
    }
    this.proxyProtocol = header.proxied;
    this.#action = WAITING_FOR_REQUEST;
    if (header.end < n) this.#take(header.end, n);
  }

  get closed(): boolean {
    return this.output.closed;
  }

  /** As stub_status has it: lingering is waiting, too. */
  get activity(): 'reading' | 'writing' | 'waiting' {
    if (this.#state === READING) return 'reading';
    return this.#state === BUSY ? 'writing' : 'waiting';
  }

  get localAddr(): string {
    if (this.#localAddr === '') this.#findLocal();
    return this.#localAddr;
  }

  get localPort(): number {
    if (this.#localAddr === '') this.#findLocal();
    return this.#localPort;
  }

  #findLocal(): void {
    const { options } = this.listen;
    if (options.path !== null) {
      this.#localAddr = `unix:${options.path}`;
      return;
    }
    const { address, port } = this.#socket.local();
    this.#localAddr = address === '' ? options.host : address;
    this.#localPort = address === '' ? options.port : port;
  }

  // What the socket says.

  /** It was when it came. */
  connected(): void {}

  received(n: number): void {
    const input = this.#input;
    try {
      if (this.#action === READING_PROXY_HEADER) this.#readProxyHeader(n);
      else this.#take(0, n);
    } catch (error) {
      this.crash(error);
    }
    const long = n > LONG_PIECE && this.incoming !== null && !this.incoming.complete;
    this.#input = long ? Buffer.allocUnsafeSlow(READ_SIZE) : shared;
    if (this.#input !== input) this.#socket.readInto(this.#input);
  }

  /** What stands in the input between `from` and `to`. */
  #take(from: number, to: number): void {
    switch (this.#state) {
      case WAITING:
        this.owner.reusable(this, false);
        if (this.#kept) this.#timer.clear();
        this.#read(from, to);
        break;
      case READING:
        this.#read(from, to);
        break;
      case BUSY:
        if (this.incoming === null || this.incoming.complete) this.#hold(from, to);
        else this.incoming.take(this.#bytes(from, to));
        break;
      case LINGERING:
        this.#linger();
        break;
    }
  }

  /** Bytes of the input for somebody who keeps them. */
  #bytes(from: number, to: number): Buffer {
    const input = this.#input;
    if (input !== shared && to - from > LONG_PIECE) return input.subarray(from, to);
    const bytes = Buffer.allocUnsafe(to - from);
    input.copy(bytes, 0, from, to);
    return bytes;
  }

  ended(): void {
    this.eof = true;
    try {
      this.#clientGone(null);
    } catch (error) {
      this.crash(error);
    }
  }

  failed(error: Error): void {
    this.#socket.destroy();
    if (this.#state === CLOSED) return;
    const seen = this.eof;
    this.eof = true;
    this.output.close();
    if (this.request !== null) this.request.aborted = true;
    try {
      if (!seen || this.#state === BUSY) this.#clientGone(error);
      else this.close();
    } catch (fault) {
      this.crash(fault);
    }
  }

  drained(): void {
    this.output.drained();
  }

  /** The client has closed its side (`error` null) or the connection is broken. */
  #clientGone(error: Error | null): void {
    const r = this.request;
    switch (this.#state) {
      case WAITING:
        this.#logClosed(error);
        this.close();
        break;
      case READING:
        if (r === null) break;
        noteHead(this, r);
        logError(r, 'info', error === null ? CLOSED_EARLY : systemFault(error));
        r.aborted = true;
        finalize(r, 400);
        break;
      case BUSY:
        if (r !== null) this.#abort(r, error);
        break;
      case LINGERING:
        this.close();
        break;
    }
  }

  #abort(r: HttpRequest, error: Error | null): void {
    const { incoming } = this;
    const active = r.postponed?.response.active ?? r;
    if (incoming !== null && !incoming.complete && incoming.wanted) {
      incoming.end(error === null ? CLOSED_EARLY : systemFault(error));
    } else if (r.finalized) {
      // All is sent: finish() sees the eof.
      if (!this.#ended || (r.background > 0 && !this.output.backedUp())) return;
      logError(r, 'info', closedEarly(error));
      this.terminate(r);
    } else if (active.onAbort !== null) {
      active.onAbort(active);
    } else if (this.output.backedUp()) {
      logError(r, 'info', closedEarly(error));
      finalize(r, CLIENT_CLOSED);
    }
  }

  #logClosed(error: Error | null): void {
    const { error_log: log } = this.#keepalive ?? this.listen.default.location.core;
    if (this.#kept && (error === null || errnoOf(error) === ECONNRESET)) {
      const reason = error === null ? '' : ` ${errorText(error)}`;
      log.write('info', `*${this.id} client ${this.remoteAddr} closed keepalive connection${reason}`);
    } else if (error !== null) {
      logConnection(log, this, 'info', systemFault(error), this.#kept ? 'keepalive' : this.#action);
    } else {
      logConnection(log, this, 'info', 'client closed connection', this.#action);
    }
  }

  /** A fault of ours: the request fails, and if that fails too, the connection. */
  crash(error: unknown): void {
    const r = this.request;
    const text = traceOf(error);
    this.advancing = false;
    if (r === null) {
      logConnection(this.listen.default.location.core.error_log, this, 'alert', text, '');
      this.close();
      return;
    }
    logError(r, 'alert', text);
    try {
      r.keepalive = false;
      if (r.finalized) this.terminate(r);
      else finalize(r, 500);
      this.output.flush();
    } catch (second) {
      logError(r, 'alert', String(second));
      this.close();
    }
  }

  // Heads.

  #read(from: number, to: number): void {
    if (to - from <= HEAD_CHUNK) {
      this.#readText(from, to);
      return;
    }
    // Most of it is a body: that is not to be decoded.
    const end = this.#input.subarray(from, to).indexOf('\r\n\r\n');
    const cut = from + (end === -1 ? HEAD_CHUNK : end + 4);
    this.#readText(from, cut);
    if (cut < to && !this.closed) this.#take(cut, to);
  }

  #readText(from: number, to: number): void {
    const text = this.#input.toString('latin1', from, to);
    this.text = this.text === '' ? text : this.text + text;
    this.#tail = to;
    this.#tailLength = to - from;
    this.#advance(false);
    this.#tailLength = 0;
  }

  /** Runs what has come: requests one after the other, as long as their heads are complete and they answer at once. */
  #advance(pipelined: boolean): void {
    if (this.advancing) return;
    let behind = pipelined;
    this.advancing = true;
    while (this.text !== '' && (this.#state === WAITING || this.#state === READING)) {
      if (!readHead(this, this.request ?? this.#createRequest(behind))) break;
      behind = true;
    }
    this.advancing = false;
    // With subrequests, more is about to come: as in nginx, postpone_output holds for all of it together.
    if (this.request !== null && this.request.postponed !== null) this.output.flushComplete();
    else if (this.output.text !== '') this.output.flush();
    if (this.#state === READING) {
      if (this.#timer.at === 0) this.#timer.set((this.request as HttpRequest).loc.core.client_header_timeout);
    } else if (this.#state === WAITING) {
      this.#waitForRequest();
    }
  }

  #createRequest(pipelined: boolean): HttpRequest {
    this.requests++;
    this.#state = READING;
    const server = this.listen.default;
    const r = new HttpRequest(this, writer, server, null, null);
    r.pipelined = pipelined;
    r.action = pipelined ? 'reading client pipelined request line' : 'reading client request line';
    this.request = r;
    if (this.head.bufferEnd <= 0) {
      this.head.bufferEnd = server.location.core.client_header_buffer_size;
      this.head.largeBuffers = 0;
    }
    return r;
  }

  /** Finds the server that `name` stands for. */
  chooseServer(r: HttpRequest, name: string): void {
    const server = this.listen.find(name, r);
    r.server = server;
    r.loc = server.location;
  }

  /** The head has been refused: what stands behind it cannot be trusted to be a request. */
  refused(): void {
    this.#state = BUSY;
    this.#timer.clear();
    if (this.head.pos < this.text.length) this.lingering = true;
    this.text = '';
  }

  /** The head is complete; what stands behind it is the body, or the next request. */
  started(r: HttpRequest): void {
    this.#state = BUSY;
    this.#timer.clear();
    const { head, text } = this;
    const used = head.pos;
    const hasBody = r.chunked || r.contentLength > 0;
    this.text = used === text.length ? '' : text.slice(used);
    head.pos = 0;
    head.block = 0;
    head.lineStart = -1;
    head.count = 0;
    head.connectionType = 0;
    head.seen = 0;
    this.lingering = hasBody;
    if (hasBody || r.expectContinue) r.bodyReader = bodyReader;
    if (hasBody) {
      this.incoming = new Incoming(this, r, r.chunked ? 0 : r.contentLength);
      if (this.text !== '') this.incoming.early(this.#bytesOfText(), head.bufferEnd - used);
      this.text = '';
      head.bufferEnd = 0;
    } else if (this.text === '') {
      head.bufferEnd = 0;
    } else {
      head.bufferEnd -= used;
      if (head.largeBuffers > 1) head.largeBuffers = 1;
    }
  }

  #bytesOfText(): Buffer {
    const { length } = this.text;
    if (length <= this.#tailLength) return this.#bytes(this.#tail - length, this.#tail);
    return Buffer.from(this.text, 'latin1');
  }

  /** Keeps what comes behind the request that is running. */
  #hold(from: number, to: number): void {
    this.text += this.#input.toString('latin1', from, to);
    if (this.text.length > MAX_HELD) this.pause();
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket.resume();
  }

  // Bodies: what Incoming tells.

  waitForBody(): void {
    const r = this.request;
    if (r !== null) this.#timer.set(r.loc.core.client_body_timeout);
  }

  noBodyWaited(): void {
    this.#timer.clear();
  }

  /** The body has ended; `behind` and `more` are what came after it. */
  behindBody(behind: Buffer, more: readonly Buffer[]): void {
    this.#timer.clear();
    if (behind.length > 0) this.text += behind.toString('latin1');
    for (const data of more) this.text += data.toString('latin1');
    this.resume();
  }

  /** The unwanted body has been dropped, all of it or all that came. */
  discarded(): void {
    this.lingering = false;
    if (!this.#discarding) return;
    this.#discarding = false;
    this.#timer.clear();
    if (this.request !== null) this.#finish(this.request);
  }

  /** More of an unwanted body is to come. */
  discardMore(): void {
    if (!this.#discarding || this.request === null) return;
    const left = this.#lingerUntil - performance.now();
    if (left <= 0) this.terminate(this.request);
    else this.#timer.set(Math.min(left, this.request.loc.core.lingering_timeout));
  }

  /** Behind a 101: all that comes from now on is the other protocol's, read as a body that ends with the connection. */
  openTunnel(r: HttpRequest): void {
    const early = this.#bytesOfText();
    r.keepalive = false;
    r.bodyReader = bodyReader;
    this.incoming = new Incoming(this, r, Number.POSITIVE_INFINITY);
    this.text = '';
    if (early.length > 0) this.incoming.early(early, 0);
  }

  get descriptor(): number {
    return this.#socket.descriptor;
  }

  takeOver(r: HttpRequest): boolean {
    const { incoming } = this;
    if (incoming !== null && !incoming.complete && incoming.wanted) return false;
    const held = incoming === null || incoming.complete ? [] : incoming.takeHeld();
    this.openTunnel(r);
    for (const data of held.reverse()) this.incoming?.before(data);
    this.output.chunked = false;
    this.lingering = true;
    return true;
  }

  // What Outgoing tells.

  outputLeft(): void {
    const r = this.request;
    if (r === null) return;
    if (this.#ended) {
      this.#finish(r);
      return;
    }
    const active = r.postponed?.response.active ?? r;
    if (active.filterWritable !== null) active.filterWritable(active);
    else active.onWritable?.(active);
  }

  sendTimedOut(): void {
    const r = this.request;
    if (r === null) {
      this.close();
      return;
    }
    try {
      logError(r, 'info', TIMED_OUT);
      this.#timedOut = true;
      if (r.finalized) this.terminate(r);
      else if (r.onSendTimeout !== null) r.onSendTimeout(r);
      else finalize(r, REQUEST_TIMEOUT);
    } catch (error) {
      this.crash(error);
    }
  }

  // The end of a request.

  /** The response is complete. */
  end(r: HttpRequest): void {
    if (this.closed) {
      this.terminate(r);
      return;
    }
    const { background } = r;
    if (
      !this.advancing ||
      !r.keepalive ||
      background > 0 ||
      this.incoming !== null ||
      this.output.text.length > MAX_GATHERED
    )
      this.output.flush();
    this.output.complete();
    if (this.output.backedUp()) this.#ended = true;
    else this.#finish(r);
  }

  /** Of `r`, a subrequest that its connection waits for. */
  backgroundDone(r: HttpRequest): void {
    if (this.request === r && this.#ended && !this.output.backedUp()) this.#finish(r);
  }

  /** It has been sent. */
  #finish(r: HttpRequest): void {
    this.#ended = true;
    if (r.background > 0) return;
    if (this.incoming !== null && !this.#dropBody(r, this.incoming)) return;
    this.#ended = false;
    logRequest(r);
    if (this.replaced !== null) this.#restoreAddress(this.replaced);
    this.request = null;
    this.incoming = null;
    if (this.output.limited) this.output.endLimit();
    const { core } = r.loc;
    if (this.eof || this.closed) {
      this.output.flush();
      this.close();
    } else if (this.#mayKeep(r, core)) {
      this.#state = WAITING;
      this.#kept = true;
      this.#keepalive = core;
      if (this.advancing) return;
      this.resume();
      this.#advance(true);
    } else if (core.lingering_close === 'always' || (core.lingering_close === 'on' && this.#hasUnread())) {
      this.#startLingering(core);
    } else {
      this.output.flush(); // it was held for the next response, which does not come
      this.close();
    }
  }

  #restoreAddress({ addr, port }: ClientAddress): void {
    this.remoteAddr = addr;
    this.remotePort = port;
    this.replaced = null;
  }

  #mayKeep(r: HttpRequest, core: CoreConf): boolean {
    if (!r.keepalive) return false;
    return core.keepalive_min_timeout > 0 || (!this.owner.quitting && core.keepalive_timeout.ms > 0);
  }

  #hasUnread(): boolean {
    return this.lingering || this.text !== '';
  }

  /** False: the body is still to come before the request can be finished. */
  #dropBody(r: HttpRequest, incoming: Incoming): boolean {
    if (incoming.tunnel) return true;
    if (!incoming.complete && (!incoming.wanted || (incoming.droppable && r.keepalive))) incoming.discard();
    if (incoming.complete) return true;
    if (!incoming.discarded) {
      r.keepalive = false; // somebody has stopped in the middle of it
      this.lingering = true;
      return true;
    }
    this.#discarding = true;
    this.#lingerUntil = performance.now() + r.loc.core.lingering_time;
    this.#timer.set(r.loc.core.lingering_timeout);
    this.resume();
    return false;
  }

  /** The request cannot be answered, or not to its end. */
  terminate(r: HttpRequest, rc: Rc = OK): void {
    if (r.headersOut.status === CLOSE) this.#timedOut = true;
    const dropped = this.output.dropIncomplete();
    this.output.flush();
    const unsent = dropped + this.output.unsent();
    r.bodyBytesSent = Math.max(0, r.bodyBytesSent - unsent);
    r.bytesSent = Math.max(0, r.bytesSent - unsent);
    if (rc > 0 && r.bytesSent === 0) r.headersOut.status = rc;
    this.request = null;
    r.finalized = true;
    logRequest(r);
    this.#close(r.loc.core);
  }

  #waitForRequest(): void {
    const core = this.#keepalive;
    if (core === null) return;
    const { keepalive_min_timeout: min, keepalive_timeout: timeout } = core;
    this.#idle = min === 0;
    this.#timer.set(min > 0 && timeout.ms > min ? min : timeout.ms);
    if (this.#idle) this.owner.reusable(this, true);
  }

  #startLingering(core: CoreConf): void {
    this.output.flush();
    this.#state = LINGERING;
    this.text = '';
    this.#keepalive = core;
    this.#lingerUntil = performance.now() + core.lingering_time;
    flushDirty();
    this.#socket.shutdown();
    this.#timer.set(core.lingering_timeout);
    this.owner.reusable(this, true);
    this.resume();
  }

  #linger(): void {
    const left = this.#lingerUntil - performance.now();
    if (left <= 0) this.close();
    else this.#timer.set(Math.min(left, this.#keepalive?.lingering_timeout ?? left));
  }

  /** Closes the connection where no request is running. */
  close(): void {
    this.#close(null);
  }

  #close(core: CoreConf | null): void {
    if (this.#state === CLOSED) return;
    if (this.#state === WAITING || this.#state === LINGERING) this.owner.reusable(this, false);
    this.#state = CLOSED;
    this.output.close();
    this.#timer.end();
    this.text = '';
    this.incoming = null;
    flushDirty();
    if (this.#timedOut && core?.reset_timedout_connection && this.listen.options.path === null) {
      this.#socket.reset();
    } else {
      this.#socket.destroy();
    }
    this.owner.closed(this);
  }

  /** The worker quits: what waits for a request is closed, but not before one that is on its way may have come. */
  quit(): void {
    if (this.#state === WAITING && this.#idle) this.#timer.set(QUIT_GRACE_MS);
  }

  /** The worker stops at once. */
  stop(): void {
    this.#state = CLOSED;
    this.output.close();
    if (this.request !== null) this.request.aborted = true;
    this.#socket.destroy();
  }

  // Timers.

  static #expired(c: Http1Connection): void {
    try {
      c.#onTimeout();
    } catch (error) {
      c.crash(error);
    }
  }

  #onTimeout(): void {
    const r = this.request;
    switch (this.#state) {
      case WAITING:
        this.#onIdleTimeout();
        break;
      case READING:
        if (r === null) break;
        noteHead(this, r);
        logError(r, 'info', TIMED_OUT);
        this.#timedOut = true;
        r.headersOut.status = REQUEST_TIMEOUT;
        this.terminate(r);
        break;
      case BUSY:
        if (r === null) break;
        this.#timedOut = true;
        if (this.#discarding) this.terminate(r);
        else this.incoming?.timeout();
        break;
      case LINGERING:
        this.close();
        break;
    }
  }

  #onIdleTimeout(): void {
    const core = this.#keepalive;
    if (!this.#kept || core === null) {
      const { error_log: log } = this.listen.default.location.core;
      logConnection(log, this, 'info', TIMED_OUT, this.#action);
      this.close();
    } else if (
      !this.#idle &&
      !this.owner.quitting &&
      core.keepalive_timeout.ms > core.keepalive_min_timeout
    ) {
      this.#idle = true;
      this.owner.reusable(this, true);
      this.#timer.set(core.keepalive_timeout.ms - core.keepalive_min_timeout);
    } else {
      this.close();
    }
  }
}

function closedEarly(error: Error | null): string {
  if (error === null) return CLOSED_EARLY;
  return errnoOf(error) === ECONNRESET ? `${CLOSED_EARLY} ${errorText(error)}` : systemFault(error);
}

/** Node's names of the system calls are not nginx's. */
function systemFault(error: Error): string {
  const { syscall } = error as NodeJS.ErrnoException;
  return `${syscall === 'read' ? 'recv' : 'send'}() failed ${errnoText(errnoOf(error))}`;
}
