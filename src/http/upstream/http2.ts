// HTTP/2 towards upstreams (ngx_http_proxy_v2_module.c, ngx_http_grpc_module.c): one stream at a time on a connection.
// Frames are taken apart as they come: content and headers at once, the small rest is gathered first.

import { logError } from '../log.ts';
import { AGAIN, ERROR, OK, type Rc } from '../rc.ts';
import type { Sender } from './client_body.ts';
import { type Codec, INVALID_HEAD } from './codec.ts';
import type { Exchange } from './exchange.ts';
import { HeaderDecoder, type HeaderTaker } from './hpack.ts';
import { Http1Codec } from './http1.ts';
import {
  ACK,
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  FRAME_SIZE,
  faultOfFrame,
  frameHead,
  GOAWAY,
  HEADERS,
  number32,
  PADDED,
  PING,
  prefixOf,
  RST_STREAM,
  SETTINGS,
  WINDOW_UPDATE,
} from './http2_frames.ts';
import { type Http2Link, linkOf, MAX_WINDOW } from './http2_link.ts';
import { type Http2Request, Http2Sender } from './http2_sender.ts';

const FRAME_HEAD = 9;
const INITIAL_WINDOW_SIZE = 4;
const MOST_CONTROL_FRAMES = 1000;
const EARLY_HINTS = 103;

/** The head of the response is complete. */
const HEAD_COMPLETE = 1;

type CreateHttp2Request = (u: Exchange) => Http2Request | null;

export class Http2Codec implements Codec, HeaderTaker<Exchange> {
  readonly #create: CreateHttp2Request;
  /** A response that ends with its head has a length: none. */
  readonly #emptyHasLength: boolean;
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
  /** Of it, what comes before content or headers: the length of the padding, a priority. */
  #prefix = 0;
  #padded = false;
  #padding = 0;
  #payload: Buffer[] = [];
  readonly #decoder = new HeaderDecoder();
  #inBlock = false;
  /** Of a whole response: headers come first, then trailers may. */
  #headDone = false;
  #endStream = false;
  #recvWindow = MAX_WINDOW;
  /** Of the body, what its length says is to come; -1 for unknown. */
  #length = -1;
  #reset = false;
  #goaway = false;
  /** What is to be sent when all that has come has been taken apart: answers to SETTINGS and PINGs among it. */
  #out = '';
  #settings = 0;
  #pings = 0;
  /** Where the last feed() stopped. */
  #pos = 0;
  /** Of u.text. */
  #parsed = 0;

  constructor(create: CreateHttp2Request, emptyHasLength: boolean) {
    this.#create = create;
    this.#emptyHasLength = emptyHasLength;
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
    this.#parsed = 0;
    if (interim) return;
    this.#frameHead = '';
    this.#inPayload = false;
    this.#payload = [];
    this.#inBlock = false;
    this.#endStream = false;
    this.#recvWindow = MAX_WINDOW;
    this.#reset = false;
    this.#goaway = false;
    this.#out = '';
    this.#settings = 0;
    this.#pings = 0;
  }

  parseHead(u: Exchange): Rc {
    if (u.fromCache) return parseKept(u);
    const bytes = Buffer.from(u.text.slice(this.#parsed), 'latin1');
    const rc = this.#feed(u, bytes, 0, bytes.length);
    this.#parsed += this.#pos;
    if (rc === HEAD_COMPLETE) {
      u.headEnd = this.#parsed;
      if (u.cache !== null) keepHead(u);
      u.keepalive = this.#endStream && this.#mayKeep();
      return OK;
    }
    if (rc === ERROR) return INVALID_HEAD;
    if (!this.#inPayload && !this.#inBlock) {
      // There may be many frames before the headers; of these, no more than a buffer.
      this.#parsed = 0;
      u.text = '';
    }
    return AGAIN;
  }

  /** The stream has ended, and the headers that ended it are complete. */
  get #done(): boolean {
    return this.#endStream && !this.#inBlock;
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
    if (!this.#done) return OK;
    if (this.#length > 0) return this.#fail(u, 'upstream prematurely closed stream');
    u.left = 0;
    u.keepalive = this.#mayKeep();
    return OK;
  }

  #fail(u: Exchange, message: string): Rc {
    logError(u.r, 'error', message);
    return ERROR;
  }

  #feed(u: Exchange, bytes: Buffer, from: number, to: number): Rc {
    const rc = this.#takeFrames(u, bytes, from, to);
    if (this.#out === '' || rc === ERROR) return rc;
    u.c?.write(this.#out);
    this.#out = '';
    this.#settings = 0;
    this.#pings = 0;
    return rc;
  }

  /** Takes frames apart, up to the end of the response's head. */
  #takeFrames(u: Exchange, bytes: Buffer, from: number, to: number): Rc {
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
      const rc = this.#takePayload(u, bytes, pos, pos + size);
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

  #takePayload(u: Exchange, bytes: Buffer, from: number, to: number): Rc {
    switch (this.#type) {
      case DATA:
        return this.#data(u, bytes, from, to);
      case HEADERS:
      case CONTINUATION:
        return this.#headers(u, bytes, from, to);
      case RST_STREAM:
      case SETTINGS:
      case PING:
      case GOAWAY:
      case WINDOW_UPDATE:
        return this.#gather(u, bytes, from, to);
      default:
        return OK; // a priority, or what nobody knows
    }
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
    this.#padded = (this.#flags & PADDED) !== 0;
    this.#padding = 0;
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
    if (this.#stream !== 0 && this.#done && this.#headDone && !allowed) {
      return this.#fail(u, `upstream sent frame for closed stream ${this.#stream}`);
    }
    this.#prefix = prefixOf(this.#type, this.#flags);
    const fault = faultOfFrame(this.#type, this.#flags, this.#stream, this.#rest);
    if (fault === null) return OK;
    this.#fail(u, `upstream sent ${fault}`);
    return this.#type === HEADERS ? this.#invalidBlock(u) : ERROR;
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
    if (Math.min(this.#recvWindow, link.recvWindow) < MAX_WINDOW / 4) this.#widen(link);
    return OK;
  }

  #widen(link: Http2Link): void {
    for (const [stream, window] of [
      [0, link.recvWindow],
      [this.id, this.#recvWindow],
    ] as const) {
      if (window < MAX_WINDOW)
        this.#out += frameHead(4, WINDOW_UPDATE, 0, stream) + number32(MAX_WINDOW - window);
    }
    link.recvWindow = MAX_WINDOW;
    this.#recvWindow = MAX_WINDOW;
  }

  /** Reads what stands before content or headers: answers where that ends; -1 where the padding cannot be. */
  #skipPrefix(u: Exchange, bytes: Buffer, from: number, to: number): number {
    let pos = from;
    while (this.#prefix > 0 && pos < to) {
      const byte = bytes[pos++] as number;
      if (this.#padded) this.#padding = byte;
      this.#padded = false;
      if (--this.#prefix > 0) continue;
      const size = to - pos + this.#rest;
      if (this.#padding <= size) continue;
      const message = `upstream sent http2 frame with too long padding: ${this.#padding} in frame ${size}`;
      this.#fail(u, message);
      return -1;
    }
    return pos;
  }

  /** The padding is the end of the payload: where, of what has come, all before it ends. */
  #endOf(from: number, to: number): number {
    return Math.max(from, to - Math.max(0, this.#padding - this.#rest));
  }

  /** Some of a DATA frame's payload; #rest is what follows it. */
  #data(u: Exchange, bytes: Buffer, start: number, to: number): Rc {
    const from = this.#skipPrefix(u, bytes, start, to);
    if (from === -1) return ERROR;
    const end = this.#endOf(from, to);
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

  /** Some of the payload of HEADERS or CONTINUATION. */
  #headers(u: Exchange, bytes: Buffer, start: number, to: number): Rc {
    if (!this.#inBlock) {
      this.#inBlock = true;
      this.#endStream = (this.#flags & END_STREAM) !== 0;
      this.#decoder.start(u.settings.bufferSize);
    }
    const from = this.#skipPrefix(u, bytes, start, to);
    if (from === -1) return this.#invalidBlock(u);
    const fault = this.#decoder.feed(bytes.subarray(from, this.#endOf(from, to)), this, u);
    if (fault !== null) return fault === '' ? ERROR : this.#invalidBlock(u, fault);
    if (this.#rest > 0 || (this.#flags & END_HEADERS) === 0) return OK;
    this.#inBlock = false;
    const truncated = this.#decoder.end();
    if (truncated !== null) return this.#invalidBlock(u, truncated);
    return this.#headDone ? this.#endTrailers(u) : this.#endHead(u);
  }

  /** As nginx does it, in two lines. */
  #invalidBlock(u: Exchange, fault = ''): Rc {
    if (fault !== '') this.#fail(u, fault);
    return this.#fail(u, `upstream sent invalid ${this.#headDone ? 'trailer' : 'header'}`);
  }

  takeHeader(u: Exchange, name: string, value: string): boolean {
    const { response } = u;
    let fault: string | null = null;
    if (this.#headDone) {
      if (name.startsWith(':')) fault = `upstream sent invalid trailer "${name}: ${value}"`;
      else response.trailers.push(name, value);
    } else if (name.startsWith(':')) {
      fault = takeStatus(u, name, value);
    } else if (response.status === 0) {
      fault = 'upstream sent no :status header';
    } else {
      return response.add(u, name, value);
    }
    if (fault !== null) this.#fail(u, fault);
    return fault === null;
  }

  #endHead(u: Exchange): Rc {
    const { response } = u;
    if (response.status === EARLY_HINTS && this.#endStream) {
      return this.#fail(u, 'upstream prematurely closed stream');
    }
    if (this.#emptyHasLength && this.#endStream && response.contentLength === -1) response.contentLength = 0;
    this.#headDone = true;
    return HEAD_COMPLETE;
  }

  #endTrailers(u: Exchange): Rc {
    return this.#endStream ? OK : this.#fail(u, 'upstream sent trailer without end stream flag');
  }

  /** Some of the payload of a frame that is told of as a whole. */
  #gather(u: Exchange, bytes: Buffer, from: number, to: number): Rc {
    const part = bytes.subarray(from, to);
    if (this.#rest > 0) {
      this.#payload.push(Buffer.from(part)); // what came belongs to a buffer that is used again
      return OK;
    }
    const payload = this.#payload.length === 0 ? part : Buffer.concat([...this.#payload, part]);
    this.#payload = [];
    switch (this.#type) {
      case RST_STREAM:
        return this.#rstStream(u, payload);
      case SETTINGS:
        return this.#takeSettings(u, payload);
      case PING:
        return this.#ping(u, payload);
      case GOAWAY:
        return this.#takeGoaway(u, payload);
      default:
        return this.#windowUpdate(u, payload);
    }
  }

  #rstStream(u: Exchange, payload: Buffer): Rc {
    const error = payload.readUInt32BE(0);
    if (!this.#headDone || error !== 0 || !this.#endStream) {
      return this.#fail(u, `upstream rejected request with error ${error}`);
    }
    if (this.#reset) return this.#fail(u, `upstream sent frame for closed stream ${this.#stream}`);
    this.#reset = true;
    return OK;
  }

  #takeGoaway(u: Exchange, payload: Buffer): Rc {
    if ((payload.readUInt32BE(0) & MAX_WINDOW) < this.id) {
      return this.#fail(u, `upstream sent goaway with error ${payload.readUInt32BE(4)}`);
    }
    this.#goaway = true;
    return OK;
  }

  #windowUpdate(u: Exchange, payload: Buffer): Rc {
    const { c } = u;
    const sender = this.#sender;
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

  #takeSettings(u: Exchange, payload: Buffer): Rc {
    const { c } = u;
    const sender = this.#sender;
    if ((this.#flags & ACK) !== 0 || c === null || sender === null) return OK;
    if (this.#settings++ > MOST_CONTROL_FRAMES) {
      return this.#fail(u, 'upstream sent too many settings frames');
    }
    const link = linkOf(c);
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
    this.#out += frameHead(0, SETTINGS, ACK, 0);
    sender.windowOpened(c);
    return OK;
  }

  #ping(u: Exchange, payload: Buffer): Rc {
    if (this.#pings++ > MOST_CONTROL_FRAMES) return this.#fail(u, 'upstream sent too many ping frames');
    this.#out += frameHead(8, PING, ACK, 0) + payload.toString('latin1');
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
