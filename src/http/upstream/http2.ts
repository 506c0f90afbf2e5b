// HTTP/2 towards upstreams (ngx_http_proxy_v2_module.c): one stream at a time on a connection. Frames are taken apart as
// they come; the payload of DATA goes on at once, that of all others is gathered first.

import { logError } from '../log.ts';
import { AGAIN, ERROR, OK, type Rc } from '../rc.ts';
import type { Sender } from './body_sender.ts';
import { type Codec, type Exchange, INVALID_HEAD } from './exchange.ts';
import { HeaderBlock } from './hpack.ts';
import { Http1Codec } from './http1.ts';
import {
  ACK,
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  FRAME_SIZE,
  frameHead,
  GOAWAY,
  HEADERS,
  type Http2Link,
  linkOf,
  MAX_WINDOW,
  number32,
  PADDED,
  PING,
  PRIORITY,
  PUSH_PROMISE,
  RST_STREAM,
  SETTINGS,
  WINDOW_UPDATE,
} from './http2_link.ts';
import { type Http2Request, Http2Sender } from './http2_sender.ts';

const FRAME_HEAD = 9;
const INITIAL_WINDOW_SIZE = 4;
const MOST_CONTROL_FRAMES = 1000;
const EARLY_HINTS = 103;

/** The head of the response is complete. */
const HEAD_COMPLETE = 1;

export type CreateHttp2Request = (u: Exchange) => Http2Request | null;

export class Http2Codec implements Codec {
  readonly #create: CreateHttp2Request;
  /** Answers to HEAD have no body, whatever they say. */
  head = false;
  #request: Http2Request = { block: '', body: null };
  #sender: Http2Sender | null = null;
  /** The head of the frame that is coming in, as far as it has. */
  #frameHead = '';
  #inPayload = false;
  #type = 0;
  #flags = 0;
  #stream = 0;
  /** Of the payload, what is to come. */
  #rest = 0;
  #padding = -1;
  #payload: Buffer[] = [];
  /** Of a header block. */
  #block: Buffer[] = [];
  #blockLength = 0;
  #inBlock = false;
  /** Of a whole response: headers come first, then trailers may. */
  #headDone = false;
  #endStream = false;
  #recvWindow = MAX_WINDOW;
  /** Of the body, what its length says is to come; -1 for unknown. */
  #length = -1;
  #reset = false;
  #goaway = false;
  /** Where the last feed() stopped. */
  #pos = 0;

  constructor(create: CreateHttp2Request) {
    this.#create = create;
  }

  createRequest(u: Exchange): Rc {
    const request = this.#create(u);
    if (request === null) return ERROR;
    this.#request = request;
    return OK;
  }

  newSender(u: Exchange): Sender {
    this.#sender = new Http2Sender(u, () => this.#request);
    return this.#sender;
  }

  reset(interim = false): void {
    this.#headDone = false;
    this.#block = [];
    this.#blockLength = 0;
    if (interim) return;
    this.#frameHead = '';
    this.#inPayload = false;
    this.#payload = [];
    this.#inBlock = false;
    this.#endStream = false;
    this.#recvWindow = MAX_WINDOW;
    this.#reset = false;
    this.#goaway = false;
  }

  parseHead(u: Exchange): Rc {
    if (u.fromCache) return parseKept(u);
    const bytes = Buffer.from(u.text, 'latin1');
    const rc = this.#feed(u, bytes, 0, bytes.length);
    if (rc === HEAD_COMPLETE) {
      u.headEnd = this.#pos;
      if (u.cache !== null) keepHead(u);
      u.keepalive = this.#endStream && this.#mayKeep();
      return OK;
    }
    u.text = '';
    return rc === ERROR ? INVALID_HEAD : AGAIN;
  }

  #mayKeep(): boolean {
    return this.#sender?.closed === true && !this.#goaway && !this.#inPayload && this.#frameHead === '';
  }

  startBody(u: Exchange): void {
    const { status, contentLength } = u.response;
    this.#length = this.head || status === 204 || status === 304 ? 0 : contentLength;
    u.left = this.#endStream ? 0 : 1;
  }

  body(u: Exchange, bytes: Buffer, from: number, to: number): Rc {
    if (this.#feed(u, bytes, from, to) === ERROR) return ERROR;
    if (!this.#endStream) return OK;
    if (this.#length > 0) return this.#fail(u, 'upstream prematurely closed stream');
    u.left = 0;
    u.keepalive = this.#mayKeep();
    return OK;
  }

  #fail(u: Exchange, message: string): Rc {
    logError(u.r, 'error', message);
    return ERROR;
  }

  /** Takes frames apart, up to the end of the response's head. */
  #feed(u: Exchange, bytes: Buffer, from: number, to: number): Rc {
    let pos = from;
    for (;;) {
      if (!this.#inPayload) {
        const size = Math.min(FRAME_HEAD - this.#frameHead.length, to - pos);
        this.#frameHead += bytes.toString('latin1', pos, pos + size);
        pos += size;
        if (this.#frameHead.length < FRAME_HEAD) break;
        if (this.#startFrame(u) === ERROR) return ERROR;
      }
      const size = Math.min(this.#rest, to - pos);
      this.#rest -= size;
      const done = this.#rest === 0;
      const rc =
        this.#type === DATA
          ? this.#data(u, bytes, pos, pos + size)
          : this.#gather(u, bytes.subarray(pos, pos + size), done);
      pos += size;
      if (rc === ERROR) return ERROR;
      if (!done) break;
      this.#inPayload = false;
      if (rc !== HEAD_COMPLETE) continue;
      this.#pos = pos;
      return rc;
    }
    this.#pos = pos;
    return AGAIN;
  }

  #startFrame(u: Exchange): Rc {
    const head = this.#frameHead;
    const byte = (i: number): number => head.charCodeAt(i);
    this.#frameHead = '';
    this.#inPayload = true;
    this.#rest = (byte(0) << 16) | (byte(1) << 8) | byte(2);
    this.#type = byte(3);
    this.#flags = byte(4);
    this.#stream = (((byte(5) & 0x7f) << 24) | (byte(6) << 16) | (byte(7) << 8) | byte(8)) >>> 0;
    this.#padding = -1;
    this.#payload = [];
    if (this.#rest > FRAME_SIZE) return this.#fail(u, `upstream sent too large http2 frame: ${this.#rest}`);
    const { id } = this;
    const unexpected =
      (this.#type === CONTINUATION) !== this.#inBlock || (this.#type === DATA && !this.#headDone);
    if (unexpected) return this.#fail(u, `upstream sent unexpected http2 frame: ${this.#type}`);
    if (this.#type === DATA && this.#startData(u) === ERROR) return ERROR;
    if (this.#stream !== 0 && this.#stream !== id) {
      return this.#fail(u, `upstream sent frame for unknown stream ${this.#stream}`);
    }
    const allowed = this.#type === RST_STREAM || this.#type === WINDOW_UPDATE;
    if (this.#stream !== 0 && this.#endStream && this.#headDone && !allowed) {
      return this.#fail(u, `upstream sent frame for closed stream ${this.#stream}`);
    }
    return OK;
  }

  get id(): number {
    return this.#sender?.stream ?? 0;
  }

  #startData(u: Exchange): Rc {
    const { c } = u;
    if (c === null) return OK;
    const link = linkOf(c);
    const size = this.#rest;
    if (this.#stream !== this.id) {
      return this.#fail(u, `upstream sent data frame for unknown stream ${this.#stream}`);
    }
    if (size > this.#recvWindow) {
      const what = `received ${size} data frame with window ${this.#recvWindow}`;
      return this.#fail(u, `upstream violated stream flow control, ${what}`);
    }
    if (size > link.recvWindow) {
      const what = `received ${size} data frame with window ${link.recvWindow}`;
      return this.#fail(u, `upstream violated connection flow control, ${what}`);
    }
    this.#recvWindow -= size;
    link.recvWindow -= size;
    if (Math.min(this.#recvWindow, link.recvWindow) < MAX_WINDOW / 4) this.#widen(u, link);
    return OK;
  }

  #widen(u: Exchange, link: Http2Link): void {
    let frames = '';
    for (const [stream, window] of [
      [0, link.recvWindow],
      [this.id, this.#recvWindow],
    ] as const) {
      if (window < MAX_WINDOW)
        frames += frameHead(4, WINDOW_UPDATE, 0, stream) + number32(MAX_WINDOW - window);
    }
    link.recvWindow = MAX_WINDOW;
    this.#recvWindow = MAX_WINDOW;
    u.c?.write(frames);
  }

  /** Some of a DATA frame's payload; #rest is what follows it. */
  #data(u: Exchange, bytes: Buffer, start: number, to: number): Rc {
    let from = start;
    if (this.#padding === -1) {
      this.#padding = 0;
      if ((this.#flags & PADDED) !== 0) {
        if (from === to && this.#rest === 0) return this.#fail(u, 'upstream sent too short http2 frame');
        if (from === to) {
          this.#padding = -1;
          return OK;
        }
        this.#padding = bytes[from++] as number;
        const size = to - from + this.#rest;
        if (this.#padding > size) {
          const message = `upstream sent http2 frame with too long padding: ${this.#padding} in frame ${size}`;
          return this.#fail(u, message);
        }
      }
    }
    // The padding is the end of the payload: of what has come, all but as much of it as is not still to come.
    const end = Math.max(from, to - Math.max(0, this.#padding - this.#rest));
    if (end > from) {
      if (this.#length !== -1) {
        if (end - from > this.#length) {
          return this.#fail(u, 'upstream sent response body larger than indicated content length');
        }
        this.#length -= end - from;
      }
      u.give(bytes, from, end);
    }
    if (this.#rest === 0 && (this.#flags & END_STREAM) !== 0) this.#endStream = true;
    return OK;
  }

  /** Some of any other frame's payload. */
  #gather(u: Exchange, part: Buffer, done: boolean): Rc {
    const known = this.#type === HEADERS || (this.#type >= RST_STREAM && this.#type <= CONTINUATION);
    // What came belongs to a buffer that is used again.
    if (part.length > 0 && known) this.#payload.push(done ? part : Buffer.from(part));
    if (!done || !known) return OK;
    const payload = this.#payload.length === 1 ? (this.#payload[0] as Buffer) : Buffer.concat(this.#payload);
    this.#payload = [];
    switch (this.#type) {
      case HEADERS:
        return this.#headers(u, payload);
      case CONTINUATION:
        return this.#addToBlock(u, payload);
      case RST_STREAM:
        return this.#rstStream(u, payload);
      case SETTINGS:
        return this.#settings(u, payload);
      case PUSH_PROMISE:
        return this.#fail(u, 'upstream sent unexpected push promise frame');
      case PING:
        return this.#ping(u, payload);
      case GOAWAY:
        return this.#takeGoaway(u, payload);
      default:
        return this.#windowUpdate(u, payload);
    }
  }

  #headers(u: Exchange, payload: Buffer): Rc {
    const skipped = ((this.#flags & PADDED) !== 0 ? 1 : 0) + ((this.#flags & PRIORITY) !== 0 ? 5 : 0);
    if (payload.length < skipped) {
      return this.#fail(u, `upstream sent headers frame with invalid length: ${payload.length}`);
    }
    const padding = (this.#flags & PADDED) !== 0 ? (payload[0] as number) : 0;
    if (padding > payload.length - skipped) {
      const size = payload.length - skipped;
      return this.#fail(u, `upstream sent http2 frame with too long padding: ${padding} in frame ${size}`);
    }
    this.#endStream = (this.#flags & END_STREAM) !== 0;
    this.#inBlock = true;
    return this.#addToBlock(u, payload.subarray(skipped, payload.length - padding));
  }

  #addToBlock(u: Exchange, part: Buffer): Rc {
    this.#blockLength += part.length;
    if (this.#blockLength > u.settings.bufferSize) {
      return this.#fail(
        u,
        this.#headDone ? 'upstream sent too big trailers' : 'upstream sent too big header',
      );
    }
    this.#block.push(Buffer.from(part));
    if ((this.#flags & END_HEADERS) === 0) return OK;
    const block = new HeaderBlock(Buffer.concat(this.#block));
    this.#block = [];
    this.#blockLength = 0;
    this.#inBlock = false;
    return this.#headDone ? this.#trailers(u, block) : this.#responseHead(u, block);
  }

  #responseHead(u: Exchange, block: HeaderBlock): Rc {
    const { response } = u;
    const error = block.decode((name, value) => {
      if (name.startsWith(':')) return takeStatus(u, name, value);
      if (response.status === 0) return 'upstream sent no :status header';
      if (!isHeader(name, value)) return `upstream sent invalid header: "${name}: ${value}"`;
      return response.add(u, name, value) ? null : '';
    });
    if (error !== null) return error === '' ? ERROR : this.#fail(u, error);
    if (response.status === 0) return this.#fail(u, 'upstream sent no :status header');
    if (response.status === EARLY_HINTS && this.#endStream) {
      return this.#fail(u, 'upstream prematurely closed stream');
    }
    this.#headDone = true;
    return HEAD_COMPLETE;
  }

  #trailers(u: Exchange, block: HeaderBlock): Rc {
    const error = block.decode((name, value) => {
      if (name.startsWith(':')) return `upstream sent invalid trailer "${name}: ${value}"`;
      if (!isHeader(name, value)) return `upstream sent invalid header: "${name}: ${value}"`;
      u.response.trailers.push(name, value);
      return null;
    });
    if (error !== null) return this.#fail(u, error);
    return this.#endStream ? OK : this.#fail(u, 'upstream sent trailer without end stream flag');
  }

  #rstStream(u: Exchange, payload: Buffer): Rc {
    if (payload.length !== 4) {
      return this.#fail(u, `upstream sent rst stream frame with invalid length: ${payload.length}`);
    }
    const error = payload.readUInt32BE(0);
    if (!this.#headDone || error !== 0 || !this.#endStream) {
      return this.#fail(u, `upstream rejected request with error ${error}`);
    }
    if (this.#reset) return this.#fail(u, `upstream sent frame for closed stream ${this.#stream}`);
    this.#reset = true;
    return OK;
  }

  #takeGoaway(u: Exchange, payload: Buffer): Rc {
    if (this.#stream !== 0) {
      return this.#fail(u, `upstream sent goaway frame with non-zero stream id: ${this.#stream}`);
    }
    if (payload.length < 8) {
      return this.#fail(u, `upstream sent goaway frame with invalid length: ${payload.length}`);
    }
    if ((payload.readUInt32BE(0) & MAX_WINDOW) < this.id) {
      return this.#fail(u, `upstream sent goaway with error ${payload.readUInt32BE(4)}`);
    }
    this.#goaway = true;
    return OK;
  }

  #windowUpdate(u: Exchange, payload: Buffer): Rc {
    const { c } = u;
    const sender = this.#sender;
    if (payload.length !== 4) {
      return this.#fail(u, `upstream sent window update frame with invalid length: ${payload.length}`);
    }
    const more = payload.readUInt32BE(0) & MAX_WINDOW;
    if (more === 0) return this.#fail(u, 'upstream sent zero window update');
    if (c === null || sender === null) return OK;
    const link = linkOf(c);
    if (more > MAX_WINDOW - (this.#stream === 0 ? link.sendWindow : sender.window)) {
      return this.#fail(u, 'upstream sent too large window update');
    }
    if (this.#stream === 0) link.sendWindow += more;
    else sender.window += more;
    sender.windowOpened(c);
    return OK;
  }

  #settings(u: Exchange, payload: Buffer): Rc {
    const { c } = u;
    const sender = this.#sender;
    if (this.#stream !== 0) {
      return this.#fail(u, `upstream sent settings frame with non-zero stream id: ${this.#stream}`);
    }
    if ((this.#flags & ACK) !== 0) {
      if (payload.length === 0) return OK;
      const what = `with ack flag and non-zero length: ${payload.length}`;
      return this.#fail(u, `upstream sent settings frame ${what}`);
    }
    if (payload.length % 6 !== 0) {
      return this.#fail(u, `upstream sent settings frame with invalid length: ${payload.length}`);
    }
    if (c === null || sender === null) return OK;
    const link = linkOf(c);
    if (link.settings++ > MOST_CONTROL_FRAMES) {
      return this.#fail(u, 'upstream sent too many settings frames');
    }
    for (let i = 0; i < payload.length; i += 6) {
      if (payload.readUInt16BE(i) !== INITIAL_WINDOW_SIZE) continue;
      const window = payload.readUInt32BE(i + 2);
      const more = window - link.initialWindow;
      if (window > MAX_WINDOW || more > MAX_WINDOW - Math.max(0, sender.window)) {
        return this.#fail(u, `upstream sent settings frame with too large initial window size: ${window}`);
      }
      link.initialWindow = window;
      sender.window += more;
    }
    c.write(frameHead(0, SETTINGS, ACK, 0));
    sender.windowOpened(c);
    return OK;
  }

  #ping(u: Exchange, payload: Buffer): Rc {
    const { c } = u;
    if (this.#stream !== 0) {
      return this.#fail(u, `upstream sent ping frame with non-zero stream id: ${this.#stream}`);
    }
    if (payload.length !== 8) {
      return this.#fail(u, `upstream sent ping frame with invalid length: ${payload.length}`);
    }
    if ((this.#flags & ACK) !== 0) return this.#fail(u, 'upstream sent ping frame with ack flag');
    if (c === null) return OK;
    if (linkOf(c).pings++ > MOST_CONTROL_FRAMES) return this.#fail(u, 'upstream sent too many ping frames');
    c.write(frameHead(8, PING, ACK, 0) + payload.toString('latin1'));
    return OK;
  }
}

/** A cache keeps the head as HTTP/1 has it: what HTTP/2 makes of it holds for one connection. */
function keepHead(u: Exchange): void {
  const { status, headers } = u.response;
  let head = `HTTP/1.1 ${status}\r\n`;
  for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`;
  head += '\r\n';
  u.text = head + u.text.slice(u.headEnd);
  u.headEnd = head.length;
}

function parseKept(u: Exchange): Rc {
  const rc = new Http1Codec(() => ERROR).parseHead(u);
  u.response.statusLine = '';
  return rc;
}

function takeStatus({ response, state }: Exchange, name: string, value: string): string | null {
  if (name !== ':status') return `upstream sent invalid header "${name}: ${value}"`;
  if (response.status !== 0) return 'upstream sent duplicate :status header';
  if (!/^[0-9]{3}$/.test(value)) return `upstream sent invalid :status "${value}"`;
  const status = Number(value);
  if (status < 200 && status !== EARLY_HINTS) return `upstream sent unexpected :status "${value}"`;
  response.status = status;
  if (state !== null && state.status === 0) state.status = status;
  return null;
}

const BAD_NAME = /^$|[\0-\x20A-Z:\x7f]/;
const BAD_VALUE = /[\0\r\n]/;

function isHeader(name: string, value: string): boolean {
  return !BAD_NAME.test(name) && !BAD_VALUE.test(value);
}
