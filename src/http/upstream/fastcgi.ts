// FastCGI towards upstreams: one request at a time on a connection, in records (ngx_http_fastcgi_module.c). What is in
// the way of a head, the records' own headers and stderr, is taken out of u.text, so that a cache keeps the head alone.

import { logError } from '../log.ts';
import { AGAIN, ERROR, OK, type Rc } from '../rc.ts';
import type { Framing } from './body_sender.ts';
import { type CgiCodec, CgiHead, type CgiSettings } from './cgi.ts';
import { INVALID_HEAD } from './codec.ts';
import type { Exchange } from './exchange.ts';
import { UNTIL_CLOSE } from './settings.ts';

const BEGIN_REQUEST = 1;
const END_REQUEST = 3;
const PARAMS = 4;
const STDIN = 5;
const STDOUT = 6;
const STDERR = 7;

const RESPONDER = '\0\x01';
/** How a record of stdout begins. */
const FIRST_RECORD = String.fromCharCode(1, STDOUT, 0, 1);
const MAX_RECORD = 65_535;

// Where in a record the next byte is: 0 to 7 are its header.
const CONTENT = 8;
const PADDING = 9;

/** That of a response whose length is not to be counted before there is a body (HEAD). */
const UNCOUNTED = -2;

function record(type: number, size: number): string {
  return String.fromCharCode(1, type, 0, 1, size >> 8, size & 255, padding(size), 0);
}

/** Records are as long as a multiple of eight. */
function padding(size: number): number {
  return (8 - (size % 8)) % 8;
}

/** How requests begin that let the connection go, and those that keep it. */
const BEGIN_LAST = `${record(BEGIN_REQUEST, 8)}${RESPONDER}\0\0\0\0\0\0`;
const BEGIN_KEEPING = `${record(BEGIN_REQUEST, 8)}${RESPONDER}\x01\0\0\0\0\0`;
const END_OF_PARAMS = record(PARAMS, 0);

/** The body goes as records of stdin, and an empty one ends it. */
const STDIN_RECORDS: Framing = {
  most: 32 * 1024,
  before: (size) => record(STDIN, size),
  after: (size) => '\0'.repeat(padding(size)),
  end: record(STDIN, 0),
};

function lengthOf(text: string): string {
  const { length } = text;
  if (length < 128) return String.fromCharCode(length);
  return String.fromCharCode((length >> 24) | 128, (length >> 16) & 255, (length >> 8) & 255, length & 255);
}

export class FastcgiCodec implements CgiCodec {
  readonly cgi: CgiSettings;
  /** The connection is to stay for later requests. */
  readonly #keepConn: boolean;
  /** What of stderr makes a response invalid. */
  readonly #caught: readonly string[];
  readonly #lines = new CgiHead();
  /** The response's head, as far as it has come. */
  #head = '';
  // The record that is being read.
  #at = 0;
  #type = 0;
  #length = 0;
  #padding = 0;
  /** Bytes of the body that are to come; -1: who knows. */
  #rest = -1;

  constructor(cgi: CgiSettings, keepConn: boolean, caught: readonly string[]) {
    this.cgi = cgi;
    this.#keepConn = keepConn;
    this.#caught = caught;
  }

  createRequest(u: Exchange): Rc {
    let params = '';
    const collected = this.cgi.params(u);
    for (let i = 0; i < collected.length; i += 2) {
      const name = collected[i] as string;
      const value = collected[i + 1] as string;
      params += lengthOf(name) + lengthOf(value) + name + value;
    }
    const { length } = params;
    if (length > MAX_RECORD) {
      logError(u.r, 'alert', `fastcgi request record is too big: ${length}`);
      return ERROR;
    }
    u.framing = STDIN_RECORDS;
    const begin = this.#keepConn ? BEGIN_KEEPING : BEGIN_LAST;
    u.head = begin + record(PARAMS, length) + params + '\0'.repeat(padding(length)) + END_OF_PARAMS;
    return OK;
  }

  reset(interim = false): void {
    this.#lines.reset();
    this.#head = '';
    if (!interim) this.#at = 0;
  }

  parseHead(u: Exchange): Rc {
    if (u.fromCache) {
      const rc = this.#lines.parse(u, u.text);
      u.headEnd = this.#lines.end;
      return rc;
    }
    const whole = this.#parseWhole(u);
    if (whole !== AGAIN) return whole;
    const bytes = Buffer.from(u.text.slice(this.#head.length), 'latin1');
    const to = bytes.length;
    let pos = 0;
    while (pos < to) {
      if (this.#at < CONTENT) {
        pos = this.#takeHeader(u, bytes, pos, to);
        if (pos === -1) return INVALID_HEAD;
        if (this.#at !== CONTENT) break;
        if (!this.#mayBeInHead(u)) return INVALID_HEAD;
        this.#skipEmpty();
      } else if (this.#at === PADDING) {
        pos = this.#skipPadding(pos, to);
      } else if (this.#type === STDERR) {
        const size = this.#takeContent(to - pos);
        pos += size;
        if (this.#tell(u, bytes, pos - size, pos, true)) return INVALID_HEAD;
      } else {
        const size = this.#takeContent(to - pos);
        pos += size;
        this.#head += bytes.toString('latin1', pos - size, pos);
        const rc = this.#lines.parse(u, this.#head);
        if (rc === OK) {
          this.#headComplete(u, bytes.toString('latin1', pos));
          return OK;
        }
        if (rc !== AGAIN) return rc;
      }
    }
    u.text = this.#head;
    return AGAIN;
  }

  /** Most heads stand as a whole in the first record. AGAIN: this one does not, or not yet. */
  #parseWhole(u: Exchange): Rc {
    const { text } = u;
    const begins = this.#at === 0 && this.#head === '' && text.startsWith(FIRST_RECORD);
    if (!begins || text.length <= CONTENT) return AGAIN;
    const length = (text.charCodeAt(4) << 8) | text.charCodeAt(5);
    const end = Math.min(CONTENT + length, text.length);
    if (length === 0) return AGAIN;
    const head = text.slice(CONTENT, end);
    const rc = this.#lines.parse(u, head);
    if (rc !== OK) return rc;
    this.#type = STDOUT;
    this.#length = length;
    this.#padding = text.charCodeAt(6);
    this.#at = CONTENT;
    this.#takeContent(head.length);
    this.#head = head;
    this.#headComplete(u, text.slice(end));
    return OK;
  }

  /** `rest` has not been looked at. */
  #headComplete(u: Exchange, rest: string): void {
    const { end } = this.#lines;
    const surplus = this.#head.length - end;
    if (surplus > 0) {
      this.#at = CONTENT;
      this.#length += surplus;
    }
    u.headEnd = end;
    u.text = this.#head + rest;
  }

  #mayBeInHead({ r }: Exchange): boolean {
    const type = this.#type;
    if (type !== STDOUT && type !== STDERR) {
      logError(r, 'error', `upstream sent unexpected FastCGI record: ${type}`);
      return false;
    }
    if (type === STDERR || this.#length > 0) return true;
    logError(r, 'error', 'upstream prematurely closed FastCGI stdout');
    return false;
  }

  /** Reads a record's header, or what there is of it. Where it ends; -1: it is none, which is logged. */
  #takeHeader({ r }: Exchange, bytes: Buffer, from: number, to: number): number {
    let pos = from;
    while (pos < to && this.#at < CONTENT) {
      const byte = bytes[pos++] as number;
      const fault = this.#headerByte(byte);
      if (fault !== '') {
        logError(r, 'error', `upstream sent ${fault}: ${byte}`);
        return -1;
      }
      this.#at++;
    }
    return pos;
  }

  /** What is wrong with it. */
  #headerByte(byte: number): string {
    switch (this.#at) {
      case 0:
        return byte === 1 ? '' : 'unsupported FastCGI protocol version';
      case 1:
        this.#type = byte;
        return byte === STDOUT || byte === STDERR || byte === END_REQUEST
          ? ''
          : 'invalid FastCGI record type';
      case 2:
        return byte === 0 ? '' : 'unexpected FastCGI request id high byte';
      case 3:
        return byte === 1 ? '' : 'unexpected FastCGI request id low byte';
      case 4:
        this.#length = byte << 8;
        return '';
      case 5:
        this.#length |= byte;
        return '';
      case 6:
        this.#padding = byte;
        return '';
      default:
        return '';
    }
  }

  /** How many of `most` bytes are content; behind the last one comes the padding. */
  #takeContent(most: number): number {
    const size = Math.min(this.#length, most);
    this.#length -= size;
    if (this.#length === 0) this.#at = this.#padding === 0 ? 0 : PADDING;
    return size;
  }

  /** Of a record without content. */
  #skipEmpty(): void {
    if (this.#length === 0) this.#takeContent(0);
  }

  #skipPadding(from: number, to: number): number {
    const size = Math.min(this.#padding, to - from);
    this.#padding -= size;
    if (this.#padding === 0) this.#at = 0;
    return from + size;
  }

  /** Logs what the program says in stderr. True: it makes the response invalid. */
  #tell({ r }: Exchange, bytes: Buffer, from: number, to: number, inHead: boolean): boolean {
    if (from === to) return false;
    const text = bytes.toString('latin1', from, to);
    const message = text[0] + text.slice(1).replace(/[\r\n. ]+$/, '');
    logError(r, 'error', `FastCGI sent in stderr: "${message}"`);
    return inHead && this.#caught.some((caught) => message.includes(caught));
  }

  startBody(u: Exchange): void {
    const { status, contentLength } = u.response;
    if (status === 204 || status === 304) this.#rest = 0;
    else this.#rest = u.r.method === 'HEAD' ? UNCOUNTED : contentLength;
    this.#expect(u);
  }

  /** What has to come before the connection may be closed. */
  #expect(u: Exchange): void {
    u.left = this.#keepConn || this.#rest > 0 ? 1 : UNTIL_CLOSE;
  }

  body(u: Exchange, bytes: Buffer, from: number, to: number): Rc {
    let pos = from;
    while (pos < to) {
      if (this.#at < CONTENT) {
        pos = this.#takeHeader(u, bytes, pos, to);
        if (pos === -1) return ERROR;
        if (this.#at !== CONTENT) break;
        if (!this.#mayGoOn(u)) return 502;
        this.#skipEmpty();
      } else if (this.#at === PADDING) {
        pos = this.#skipPadding(pos, to);
      } else if (this.#type === STDERR) {
        const size = this.#takeContent(to - pos);
        this.#tell(u, bytes, pos, pos + size, false);
        pos += size;
      } else if (this.#type === END_REQUEST) {
        pos += this.#takeContent(to - pos);
      } else {
        const size = this.#takeContent(to - pos);
        if (!this.#give(u, bytes, pos, pos + size)) return OK;
        pos += size;
      }
      if (this.#type === END_REQUEST && this.#at === 0) {
        u.left = 0;
        u.keepalive = this.#keepConn && pos === to;
        return OK;
      }
    }
    this.#expect(u);
    return OK;
  }

  /** False: there is more than there should be, which is logged. */
  #give(u: Exchange, bytes: Buffer, from: number, to: number): boolean {
    if (this.#rest === UNCOUNTED) this.#rest = u.response.contentLength;
    if (this.#rest === -1) {
      u.give(bytes, from, to);
      return true;
    }
    const size = Math.min(to - from, this.#rest);
    u.give(bytes, from, from + size);
    this.#rest -= size;
    if (from + size === to) return true;
    logError(u.r, 'warn', 'upstream sent more data than specified in "Content-Length" header');
    u.left = 0;
    return false;
  }

  /** A record begins. False: one that ends the body before its time, which is logged. */
  #mayGoOn({ r }: Exchange): boolean {
    const ends = this.#type === END_REQUEST;
    const closes = this.#type === STDOUT && this.#length === 0;
    if (this.#rest <= 0 || !(ends || closes)) return true;
    const what = ends ? 'request' : 'stdout';
    logError(r, 'error', `upstream prematurely closed FastCGI ${what}`);
    return false;
  }
}
