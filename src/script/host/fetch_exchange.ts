// One fetch in the worker: its request, where it is redirected to, and its response until the script has it.

import { Readable } from 'node:stream';
import { isAscii, toText } from '../../core/text.ts';
import { BOOLEAN, FETCH_ASCII, FETCH_DECODED, FETCH_MORE, RAW, TEXT, UNDEFINED } from '../protocol.ts';
import { type AgentHttp, AgentRequest } from './fetch_agent.ts';
import { type Decoder, decoderFor } from './fetch_decoder.ts';
import { type PlainHttp, PlainRequest } from './fetch_http1.ts';
import type { Transfer, TransferUser } from './fetch_transfer.ts';
import type { Argument, Done } from './request.ts';

const MAX_REDIRECTS = 20;
/** So much of a response is read ahead. */
const AHEAD_BYTES = 256 * 1024;
/** Of a response that redirects, so much is read to keep its connection. */
const SKIP_BYTES = 64 * 1024;
/** A response that nobody reads for so long is given up, with its connection. */
const UNREAD_MS = 300_000;

/** Of the connection, which is not the script's: Fetch ignores them where a script sets them, too. */
const NOT_SENT = /^(?:connection|expect|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade)$/i;
/** Without a body they say so. */
const EXPECT_BODY = /^(?:POST|PUT|PATCH|QUERY|PROPFIND|PROPPATCH)$/;

/** What requests go by. */
export interface Carriers {
  readonly http: PlainHttp;
  readonly agent: AgentHttp;
  /** Nothing is left of that fetch. */
  over(id: number): void;
}

/** A request body that comes in pieces. */
class Upload extends Readable {
  #taken: Done | null = null;

  send(piece: Buffer | null, done: Done): void {
    if (this.destroyed) {
      done(true, BOOLEAN, '', '');
      return;
    }
    if (this.push(piece) || piece === null) done(true, BOOLEAN, '1', '');
    else this.#taken = done;
  }

  override _read(): void {
    this.#answer('1');
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#answer('');
    callback(error);
  }

  #answer(more: string): void {
    const taken = this.#taken;
    this.#taken = null;
    taken?.(true, BOOLEAN, more, '');
  }
}

export class Exchange implements TransferUser {
  upload: Upload | null;
  readonly #carriers: Carriers;
  readonly #id: number;
  readonly #redirect: string;
  #done: Done | null;
  #method: string;
  #target: URL;
  /** "name NUL value NUL …" */
  #headers: string;
  /** Bytes, one a character. */
  #body: string | null;
  #redirects = 0;
  #closed = false;

  #transfer: Transfer | null = null;
  /** Of a response that redirects: how many bytes have come; -1: this is the one. */
  #skipped = -1;
  #status = 0;
  #statusText = '';
  #answer: readonly string[] = [];
  /** The head has come, and has not been told. */
  #untold = false;
  #decoder: Decoder | null = null;
  /** A character a byte. */
  #pieces = '';
  #ended = false;
  #error: Error | null = null;
  #pull: Done | null = null;
  #unread: NodeJS.Timeout | null = null;

  constructor(carriers: Carriers, id: number, args: readonly Argument[], done: Done) {
    const [, method, url, headers, body, redirect, streamed] = args;
    this.#carriers = carriers;
    this.#id = id;
    this.#done = done;
    this.#method = String(method);
    this.#headers = String(headers ?? '');
    this.#body = body === undefined ? null : String(body);
    this.#redirect = String(redirect);
    this.#target = new URL(String(url));
    this.upload = streamed === true ? new Upload() : null;
  }

  /** Sends the request to where it is to go now. */
  go(): void {
    if (this.#closed) return;
    this.#skipped = -1;
    const target = this.#target;
    const { protocol } = target;
    if (protocol !== 'http:' && protocol !== 'https:') {
      this.close(new Error(`unknown scheme "${protocol}"`));
    } else if (protocol === 'http:' && this.upload === null) {
      const host = target.hostname.startsWith('[') ? target.hostname.slice(1, -1) : target.hostname;
      const port = target.port === '' ? 80 : Number(target.port);
      const request = new PlainRequest(this, host, port, this.#method, this.#requestText());
      this.#transfer = request;
      this.#carriers.http.send(request);
    } else {
      const request = new AgentRequest(this);
      this.#transfer = request;
      const headers = sendable(this.#headers, this.upload !== null);
      const body = this.upload ?? (this.#body === null ? null : Buffer.from(this.#body, 'latin1'));
      void this.#carriers.agent.send(request, target, this.#method, headers, body);
    }
  }

  #requestText(): string {
    const { pathname, search, host } = this.#target;
    const { lines, namesHost } = headLines(this.#headers);
    const body = this.#body ?? '';
    const length = body !== '' || EXPECT_BODY.test(this.#method) ? `content-length: ${body.length}\r\n` : '';
    const first = `${this.#method} ${pathname}${search} HTTP/1.1\r\n`;
    return `${first}${namesHost ? '' : `host: ${host}\r\n`}connection: keep-alive\r\n${lines}${length}\r\n${body}`;
  }

  head(status: number, headers: readonly string[], statusText: string): void {
    const location = only(headers, 'location');
    if (REDIRECTS.includes(status) && location !== null && this.#redirect !== 'manual') {
      this.#skipped = 0;
      this.#moveOn(status, location);
      return;
    }
    const encoding = only(headers, 'content-encoding');
    const nothingComes = this.#method === 'HEAD' || status === 204 || status === 205 || status === 304;
    if (encoding !== null && !nothingComes) {
      this.#decoder = decoderFor(
        encoding,
        (piece) => this.#keep(piece.toString('latin1')),
        (error) => this.#finish(error),
      );
      this.#decoder?.on('drain', () => this.#transfer?.resume());
    }
    this.#status = status;
    this.#statusText = statusText;
    this.#answer = headers;
    this.#untold = true;
  }

  /** Tells the script of the head, and what has come with it. */
  settle(): void {
    const done = this.#done;
    if (!this.#untold || done === null) return;
    this.#untold = false;
    if (this.#error !== null && this.#pieces === '') {
      this.#fail(this.#error);
      return;
    }
    this.#done = null;
    const more = !this.#ended || this.#error !== null;
    if (!more) this.#drop();
    const body = this.#take();
    const flags =
      (more ? FETCH_MORE : 0) |
      (this.#decoder !== null ? FETCH_DECODED : 0) |
      (!more && isAscii(body) ? FETCH_ASCII : 0);
    const url = this.#redirects > 0 ? this.#target.href : '';
    const headers = this.#answer.join('\0');
    done(true, TEXT, `${this.#status}\0${flags}\0${url}\0${this.#statusText}\0${headers}`, body);
  }

  #moveOn(status: number, location: string): void {
    const refusal = this.#redirectTo(status, location);
    if (refusal === null) this.#redirects++;
    else this.close(new Error(refusal));
  }

  /** What is asked next, and where; or why not. */
  #redirectTo(status: number, location: string): string | null {
    const from = this.#target;
    if (this.#redirect === 'error') return 'unexpected redirect';
    if (this.#redirects === MAX_REDIRECTS) return 'redirect count exceeded';
    let next: URL;
    try {
      next = new URL(toText(location), from);
    } catch {
      return 'invalid redirect URL';
    }
    if (next.hash === '') next.hash = from.hash;
    if (status === 303 ? this.#method !== 'HEAD' : status <= 302 && this.#method === 'POST') {
      this.#method = 'GET';
      this.#body = null;
      this.upload?.destroy();
      this.upload = null;
      this.#headers = without(listOf(this.#headers), /^content-/).join('\0');
    } else if (this.upload !== null) {
      return 'a body that is a stream cannot be sent again to where it is redirected';
    }
    // Credentials are for the origin that they were given for.
    if (next.origin !== from.origin) {
      const ofOrigin = /^(?:authorization|cookie|proxy-authorization|host)$/;
      this.#headers = without(listOf(this.#headers), ofOrigin).join('\0');
    }
    this.#target = next;
    return null;
  }

  data(bytes: Buffer, from: number, to: number): void {
    if (this.#skipped >= 0) {
      this.#skipped += to - from;
      if (this.#skipped <= SKIP_BYTES) return;
      this.#transfer?.abort();
      this.go();
    } else if (this.#decoder !== null) {
      if (!this.#decoder.write(Buffer.from(bytes.subarray(from, to)))) this.#transfer?.pause();
    } else {
      this.#keep(bytes.toString('latin1', from, to));
    }
  }

  end(): void {
    if (this.#skipped >= 0) this.go();
    else if (this.#decoder !== null) this.#decoder.end();
    else this.#finish(null);
  }

  failed(error: Error): void {
    if (this.#skipped >= 0) {
      this.go();
      return;
    }
    if (this.#decoder !== null && !this.#decoder.destroyed) this.#decoder.destroy();
    this.#finish(error);
  }

  #keep(piece: string): void {
    if (piece === '') return;
    this.#pieces += piece;
    if (this.#pull !== null) {
      this.#answerPull();
    } else if (this.#pieces.length >= AHEAD_BYTES) {
      if (this.#decoder !== null) this.#decoder.pause();
      else this.#transfer?.pause();
      this.#unread ??= setTimeout(giveUp, UNREAD_MS, this).unref();
    }
  }

  #finish(error: Error | null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.upload?.destroy();
    if (this.#done !== null && error !== null) this.#fail(error);
    else if (this.#pull !== null) this.#answerPull();
  }

  pull(done: Done): void {
    this.#pull = done;
    if (this.#pieces !== '' || this.#ended) this.#answerPull();
  }

  dropPull(): void {
    this.#pull = null;
  }

  #answerPull(): void {
    const done = this.#pull;
    this.#pull = null;
    if (done === null) return;
    if (this.#pieces !== '') {
      const raw = this.#take();
      if (this.#unread !== null) clearTimeout(this.#unread);
      this.#unread = null;
      if (this.#decoder !== null) this.#decoder.resume();
      else if (!this.#ended) this.#transfer?.resume();
      done(true, RAW, raw, '');
      return;
    }
    this.#drop();
    if (this.#error !== null) done(false, TEXT, reason(this.#error), '');
    else done(true, UNDEFINED, '', '');
  }

  #take(): string {
    const pieces = this.#pieces;
    this.#pieces = '';
    return pieces;
  }

  #fail(error: Error): void {
    const done = this.#done;
    this.#done = null;
    this.#drop();
    done?.(false, TEXT, reason(error), '');
  }

  #drop(): void {
    if (this.#unread !== null) clearTimeout(this.#unread);
    this.#unread = null;
    this.#carriers.over(this.#id);
  }

  /** Gives it up, for that reason. */
  close(error: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#pieces = '';
    this.#transfer?.abort();
    this.#decoder?.destroy();
    this.#finish(error);
    this.upload?.destroy();
    this.#drop();
  }
}

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

function giveUp(exchange: Exchange): void {
  exchange.close(new Error('the body was not read for too long'));
}

/** The value of the only header of that name; null where there is none, or several. */
function only(headers: readonly string[], name: string): string | null {
  let value: string | null = null;
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i] !== name) continue;
    if (value !== null) return null;
    value = headers[i + 1] ?? '';
  }
  return value;
}

function listOf(text: string): string[] {
  return text === '' ? [] : text.split('\0');
}

/** The length of a body that is here is known better here. */
function sendable(text: string, streamed: boolean): string[] {
  const kept = without(listOf(text), NOT_SENT);
  return streamed ? kept : without(kept, /^content-length$/);
}

interface HeadLines {
  readonly text: string;
  readonly lines: string;
  readonly namesHost: boolean;
}

/** The last one: requests of a script are much alike. */
let lastLines: HeadLines = { text: '', lines: '', namesHost: false };

function headLines(text: string): HeadLines {
  if (text === lastLines.text) return lastLines;
  const list = sendable(text, false);
  let lines = '';
  let namesHost = false;
  for (let i = 0; i < list.length; i += 2) {
    lines += `${list[i]}: ${list[i + 1]}\r\n`;
    if (list[i] === 'host') namesHost = true;
  }
  lastLines = { text, lines, namesHost };
  return lastLines;
}

function without(headers: readonly string[], names: RegExp): string[] {
  const kept: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    if (!names.test((headers[i] ?? '').toLowerCase())) kept.push(headers[i] ?? '', headers[i + 1] ?? '');
  }
  return kept;
}

function reason(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
