// Reads the bodies of requests: for those who want them whole (in memory or in a temporary file), in pieces, or not at
// all. What follows a body in the same bytes goes back to the connection: it is the next request.

import { ftruncateSync } from 'node:fs';
import { errorText } from '../../core/errno.ts';
import { logError } from '../log.ts';
import { DONE, ERROR, OK, type Rc } from '../rc.ts';
import { HTTP_11, type HttpRequest } from '../request.ts';
import type { BodyReader } from '../request_body.ts';
import { free } from '../spare_buffers.ts';
import { closeTempFile, createTempFile, removeTempFile, writeAll } from '../temp_file.ts';
import { Chunked } from './chunked.ts';
import type { Http1Connection } from './connection.ts';

type OnDone = (r: HttpRequest, rc: Rc) => void;
type OnData = (r: HttpRequest, data: Buffer, last: boolean) => void;

// What is done with the body.
/** Nobody has asked for it yet. */
const HELD = 0;
const BUFFERED = 1;
const STREAMED = 2;
const DISCARDED = 3;

export const CLOSED_EARLY = 'client prematurely closed connection';

const EMPTY = Buffer.alloc(0);
const NO_DATA: OnData = () => {};
const NOBODY: OnDone = () => {};

/** A body that is coming in. */
export class Incoming {
  readonly r: HttpRequest;
  readonly c: Http1Connection;
  /** All of it has come, and been taken. */
  complete = false;
  /** It is not what it claims to be: the connection cannot go on behind it. */
  broken = false;
  readonly #chunked: Chunked | null;
  /** Bytes that are to come; of the current chunk, of the body, or without end for a tunnel. */
  #rest: number;
  #mode = HELD;
  /** Came, but is not yet wanted. */
  #held: Buffer[] = [];
  #room = 0;
  #onDone = NOBODY;
  #onData = NO_DATA;
  /** STREAMED: a piece has been given and more() not been called. */
  #busy = false;
  #using = false;
  /** client_body_timeout does not hold: whoever reads it has a time of his own. */
  #untimed = false;
  /** BUFFERED: what is in memory; what has come, framing included, and how much may before it goes to a file. */
  #pieces: Buffer[] = [];
  #inMemory = 0;
  #received = 0;
  #spillAt = 0;
  #length = 0;
  #fd = -1;
  #file: string | null = null;

  constructor(c: Http1Connection, r: HttpRequest, rest: number) {
    this.c = c;
    this.r = r;
    this.#rest = rest;
    this.#chunked = r.chunked && !this.tunnel ? new Chunked() : null;
  }

  get wanted(): boolean {
    return this.#mode !== HELD;
  }

  get tunnel(): boolean {
    return this.#rest === Number.POSITIVE_INFINITY;
  }

  /** A script reads it through a socket: what it leaves is dropped, where another request may follow. */
  get droppable(): boolean {
    return this.#untimed && this.#mode === STREAMED;
  }

  get discarded(): boolean {
    return this.#mode === DISCARDED;
  }

  /** Bytes that came with the head; nginx's buffer would have had `room` for so many. */
  early(data: Buffer, room: number): void {
    this.#held.push(data);
    this.#room = room;
  }

  /** Bytes that stand before all that is held. */
  before(data: Buffer): void {
    this.#held.unshift(data);
  }

  /** What has come of a body that nobody has asked for: somebody else will read it. */
  takeHeld(): Buffer[] {
    const held = this.#held;
    this.#held = [];
    return held;
  }

  /** Bytes from the connection. */
  take(data: Buffer): void {
    if (this.#mode === HELD || this.#busy || this.#held.length > 0) {
      this.#held.push(data);
      if (this.#mode === HELD || this.#busy) this.c.pause();
      return;
    }
    this.#use(data);
    if (!this.complete) this.#wait();
  }

  read(onDone: OnDone): void {
    this.#mode = BUFFERED;
    this.#onDone = onDone;
    const { core } = this.r.loc;
    const size = core.client_body_buffer_size;
    // What nginx reads with the head stays where it is; for the rest it takes a buffer, of all that is missing where
    // that is not much more than the configured size. When a buffer is full, and more to come, all goes to the file.
    const early = Math.min(this.#earlyBytes(), this.#room);
    const missing = this.#rest - early;
    const fits = missing <= this.#room - early || missing < size + Math.floor(size / 4);
    this.#spillAt = this.#chunked === null && fits ? Number.POSITIVE_INFINITY : early + size;
    this.#start();
  }

  stream(onData: OnData, onError: OnDone, untimed: boolean): void {
    this.#mode = STREAMED;
    this.#untimed = untimed;
    this.#onData = onData;
    this.#onDone = onError;
    this.#start();
  }

  more(): void {
    if (!this.#busy) return;
    this.#busy = false;
    if (!this.complete) this.#start();
  }

  /** The rest is read and dropped. */
  discard(): Rc {
    this.#mode = DISCARDED;
    this.#onData = NO_DATA;
    this.#onDone = NOBODY;
    this.#pieces = [];
    this.#busy = false;
    this.r.discardBody = true;
    this.#start();
    return this.broken && !this.c.eof ? 400 : OK;
  }

  /** client_body_timeout has passed. */
  timeout(): void {
    this.#fail(408);
  }

  /** No more will come, for the reason that is to be logged. */
  end(reason: string): void {
    if (this.tunnel) {
      this.#finish(EMPTY, EMPTY);
      return;
    }
    if (this.#mode === DISCARDED) {
      if (reason !== CLOSED_EARLY) logError(this.r, 'info', reason);
      this.complete = true;
      this.broken = true;
      this.c.discarded();
      return;
    }
    logError(this.r, 'info', reason);
    // A script may still answer a client that has only closed its side.
    if (!this.droppable) this.r.aborted = true;
    this.#fail(400);
  }

  #earlyBytes(): number {
    let bytes = 0;
    for (const piece of this.#held) bytes += piece.length;
    return bytes;
  }

  /** Uses what has been held, as far as it is wanted; then more may come. */
  #start(): void {
    if (this.#using) return; // called from within a callback: the loop that called it goes on
    while (!this.complete && !this.#busy) {
      const data = this.#held.shift();
      if (data !== undefined) {
        this.#use(data);
        continue;
      }
      if (this.c.eof) {
        this.end(CLOSED_EARLY);
        return;
      }
      this.c.resume();
      this.#wait();
      return;
    }
  }

  #wait(): void {
    if (this.c.incoming !== this) return; // the request has ended in the middle of its body
    if (this.#mode === DISCARDED) this.c.discardMore();
    else if (this.#mode !== HELD && !this.#busy && !this.#untimed && !this.tunnel) this.c.waitForBody();
  }

  #use(data: Buffer): void {
    this.#using = true;
    if (this.#chunked === null) this.#useCounted(data);
    else this.#useChunked(data, this.#chunked);
    this.#using = false;
  }

  /** What is dropped is not part of $request_length. */
  #count(bytes: number): void {
    this.#received += bytes;
    if (this.#mode !== DISCARDED) this.r.requestLength += bytes;
  }

  #useCounted(data: Buffer): void {
    const size = Math.min(this.#rest, data.length);
    this.#rest -= size;
    this.#count(size);
    const piece = size === data.length ? data : data.subarray(0, size);
    if (this.#rest === 0) this.#finish(piece, data.subarray(size));
    else this.#deliver(piece);
  }

  #useChunked(data: Buffer, chunked: Chunked): void {
    const { r } = this;
    let pos = 0;
    for (;;) {
      const rc = chunked.parse(data, pos);
      if (rc === ERROR) {
        logError(r, 'error', 'client sent invalid chunked body');
        this.#fail(400);
        return;
      }
      this.#count(chunked.pos - pos);
      pos = chunked.pos;
      if (rc === DONE) {
        this.#finish(EMPTY, data.subarray(pos));
        return;
      }
      if (rc !== OK) return;
      if (this.#mode !== DISCARDED && this.#tooLarge(chunked.size)) return;
      const size = Math.min(chunked.size, data.length - pos);
      chunked.size -= size;
      this.#count(size);
      this.#deliver(data.subarray(pos, pos + size));
      pos += size;
      if (this.complete) return;
      if (this.#busy) {
        // The piece that was given is to be used first.
        if (pos < data.length) this.#held.unshift(data.subarray(pos));
        return;
      }
    }
  }

  #tooLarge(chunk: number): boolean {
    const { r } = this;
    const { client_max_body_size: max } = r.loc.core;
    if (max === 0 || chunk <= max - this.#length) return false;
    const message = `client intended to send too large chunked body: ${this.#length}+${chunk} bytes`;
    logError(r, 'error', message);
    this.c.lingering = true;
    this.#fail(413);
    return true;
  }

  #deliver(data: Buffer): void {
    this.#length += data.length;
    if (this.#mode === BUFFERED) {
      this.#pieces.push(data);
      this.#inMemory += data.length;
      if (this.#received >= this.#spillAt) this.#spill();
    } else if (this.#mode === STREAMED) {
      this.#busy = true;
      this.#onData(this.r, data, false);
      if (this.#busy && this.c.incoming === this) {
        this.c.pause();
        this.c.noBodyWaited();
      }
    }
  }

  /** The body ends with `piece`; `behind` is not part of it. */
  #finish(piece: Buffer, behind: Buffer): void {
    const { r, c } = this;
    this.complete = true;
    this.#length += piece.length;
    if (this.#mode === DISCARDED) r.contentLength = 0;
    else if (this.#chunked !== null) r.contentLength = this.#length;
    r.bodyReader = null;
    // Before anyone is told: it may end the request, and then the next one is looked for there.
    c.behindBody(behind, this.#held);
    this.#held = [];
    switch (this.#mode) {
      case BUFFERED:
        if (piece.length > 0) this.#pieces.push(piece);
        this.#inMemory += piece.length;
        this.#finishBuffered();
        break;
      case STREAMED:
        this.#onData(r, piece, true);
        break;
      case DISCARDED:
        r.discardBody = false;
        c.discarded();
        break;
    }
  }

  #finishBuffered(): void {
    const { r } = this;
    const onDone = this.#onDone;
    const only = r.loc.core.client_body_in_file_only !== 'off';
    const inFile = only || this.#fd !== -1 || this.#received > this.#spillAt;
    if (inFile && !this.#spill()) return;
    if (this.#chunked === null && r.contentLength < this.#length) this.#cut(Math.max(r.contentLength, 0));
    r.body = { chunks: inFile ? null : this.#pieces, file: this.#file, length: this.#length };
    this.#pieces = [];
    onDone(r, OK);
  }

  /** A script has set a smaller Content-Length, or removed it: what is beyond is none of the body. */
  #cut(length: number): void {
    this.#length = length;
    if (this.#fd === -1) this.#pieces = [Buffer.concat(this.#pieces, length)];
    else ftruncateSync(this.#fd, length);
  }

  /** Moves what is in memory to the file. */
  #spill(): boolean {
    const { r } = this;
    if (this.#fd === -1 && !this.#openFile()) {
      this.#fail(500);
      return false;
    }
    try {
      writeAll(this.#fd, this.#pieces);
    } catch (error) {
      logError(r, 'crit', `pwritev() "${this.#file}" failed ${errorText(error)}`);
      this.#fail(500);
      return false;
    }
    for (const piece of this.#pieces) free(piece);
    this.#pieces = [];
    this.#inMemory = 0;
    this.#spillAt = this.#received + r.loc.core.client_body_buffer_size;
    return true;
  }

  #openFile(): boolean {
    const { r } = this;
    const { core } = r.loc;
    const made = createTempFile(r, core.client_body_temp_path);
    if (made === null) return false;
    this.#fd = made.fd;
    this.#file = made.name;
    const only = core.client_body_in_file_only;
    const message = `a client request body is buffered to a temporary file ${made.name}`;
    const told = !r.bodyBecomesFile && (only === 'off' || this.#length > 0);
    if (told) logError(r, only === 'off' ? 'warn' : 'notice', message);
    r.onEnd((ended) => {
      closeTempFile(ended, made.fd, made.name);
      if (only !== 'on') removeTempFile(ended, made.name);
    });
    return true;
  }

  #fail(rc: Rc): void {
    const { r } = this;
    const onDone = this.#onDone;
    const discarding = this.#mode === DISCARDED;
    this.broken = true;
    this.complete = true;
    this.#held = [];
    this.#pieces = [];
    r.bodyReader = null;
    r.keepalive = false;
    r.discardBody = false;
    this.c.noBodyWaited();
    if (discarding) this.c.discarded();
    else onDone(r, rc);
  }
}

/** nginx sends "100 Continue" when somebody wants the body, or wants to be rid of it (ngx_http_test_expect). */
function testExpect(r: HttpRequest): void {
  if (r.expectTested || !r.expectContinue || r.httpVersion < HTTP_11) return;
  r.expectTested = true;
  r.expectContinue = false;
  r.sink.interim(r, 100, []);
}

function incomingOf(r: HttpRequest): Incoming | null {
  return (r.connection as Http1Connection).incoming;
}

export const bodyReader: BodyReader = {
  read(r, done) {
    const incoming = incomingOf(r);
    testExpect(r);
    if (incoming === null || incoming.wanted) {
      r.bodyReader = null;
      done(r, OK);
    } else {
      incoming.read(done);
    }
  },

  stream(r, onData, onError, untimed = false) {
    const incoming = incomingOf(r);
    testExpect(r);
    if (incoming === null || incoming.wanted) {
      r.bodyReader = null;
      onData(r, EMPTY, true);
    } else {
      incoming.stream(onData, onError, untimed);
    }
  },

  more(r) {
    incomingOf(r)?.more();
  },

  discard(r) {
    const incoming = incomingOf(r);
    testExpect(r);
    return incoming === null || incoming.wanted ? OK : incoming.discard();
  },
};
