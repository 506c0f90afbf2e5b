// What a connection sends: text is gathered until there is a reason to hand it on, large pieces follow one another as
// the socket takes them, and limit_rate is kept. Everything leaves in the order in which it was given.

import type { RawSocket } from '../../core/raw_socket.ts';
import { parseSize } from '../../core/sizes.ts';
import { Timer } from '../../core/timers.ts';
import type { HttpRequest } from '../request.ts';

/**
 * Larger outputs are handed on piece by piece: each piece that leaves starts send_timeout anew. Where the system takes
 * them at once they become longer: 1 MB in pieces of 64 KB costs 1.5 times as much.
 */
const SLICE = 128 * 1024;
const LONG_SLICE = 512 * 1024;
const DEFAULT_SEND_TIMEOUT = 60_000;

export interface Sender {
  /** Whose output it is. */
  readonly request: HttpRequest | null;
  /** All that was given has left. */
  outputLeft(): void;
  /** Nothing of it has left for send_timeout. */
  sendTimedOut(): void;
  /** An exception, where the event loop has entered us. */
  crash(error: unknown): void;
}

export class Outgoing {
  /** Gathered, and not yet handed to the socket. */
  text = '';
  /** The body is sent in chunks. */
  chunked = false;
  /** limit_rate holds for the response. */
  limited = false;
  closed = false;
  readonly #socket: RawSocket;
  readonly #sender: Sender;
  /** The socket has been given more than the system takes: nothing is added until that has left. */
  #blocked = false;
  /** What waits for the socket or for limit_rate; null for nothing. */
  #queue: Buffer[] | null = null;
  /** limit_rate lets nothing out until its timer has expired. */
  #delayed = false;
  /** Of the response, handed to the socket; counted only where limit_rate holds. */
  #sent = 0;
  /** How much of `text` belongs to responses that are complete. */
  #complete = 0;
  #slice = SLICE;
  #sendTimer: Timer<Outgoing> | null = null;
  #rateTimer: Timer<Outgoing> | null = null;

  constructor(socket: RawSocket, sender: Sender) {
    this.#socket = socket;
    this.#sender = sender;
  }

  /** Hands on what has been gathered. */
  flush(): void {
    const { text } = this;
    if (text === '' || this.closed) return;
    if (this.limited || this.#queue !== null || text.length > SLICE) {
      this.#enqueue(null);
      return;
    }
    this.text = '';
    this.#complete = 0;
    this.#socket.write(text);
  }

  /** Hands on the responses that are complete. */
  flushComplete(): void {
    if (this.#complete === 0) return;
    const rest = this.text.slice(this.#complete);
    this.text = this.text.slice(0, this.#complete);
    this.flush();
    this.text += rest;
  }

  /** Hands on what has been gathered, and `data` behind it. */
  write(data: Buffer): void {
    if (this.closed) return;
    if (this.limited || this.#queue !== null || data.length > SLICE) {
      this.#enqueue(data);
    } else {
      this.flush();
      this.#socket.write(data);
    }
  }

  /** What is given from here to uncork() leaves in one system call, if the system takes it. */
  cork(): void {
    this.#socket.cork();
  }

  uncork(): void {
    this.#socket.uncork();
    // What the system takes at once, nobody is told of.
    if (this.#blocked && this.#socket.writableLength === 0) process.nextTick(drain, this);
  }

  /** The socket has handed on all that it was given. */
  drained(): void {
    if (!this.#blocked || this.closed) return;
    this.#blocked = false;
    this.#sendTimer?.clear();
    this.#goOn();
  }

  /** Whether more should wait for outputLeft(). */
  backedUp(): boolean {
    const { writableCorked, writableLength } = this.#socket;
    if (!this.#blocked && writableCorked === 0 && writableLength > 0) this.#block();
    return this.#blocked || this.#queue !== null;
  }

  /** All that was gathered belongs to responses that will not be taken back. */
  complete(): void {
    this.#complete = this.text.length;
  }

  /** Takes back what has been gathered of a response that will not be completed: so many bytes. */
  dropIncomplete(): number {
    const dropped = this.text.length - this.#complete;
    this.text = this.text.slice(0, this.#complete);
    return dropped;
  }

  /** Bytes that were given, but not to the system. */
  unsent(): number {
    let bytes = this.#socket.writableLength;
    for (const data of this.#queue ?? []) bytes += data.length;
    return bytes;
  }

  /** limit_rate held for the response that has been sent. */
  endLimit(): void {
    this.limited = false;
    this.#delayed = false;
    this.#sent = 0;
    this.#rateTimer?.clear();
  }

  close(): void {
    this.closed = true;
    this.#queue = null;
    this.#sendTimer?.end();
    this.#rateTimer?.end();
  }

  #enqueue(data: Buffer | null): void {
    this.#queue ??= [];
    if (this.text !== '') this.#queue.push(Buffer.from(this.text, 'latin1'));
    if (data !== null) this.#queue.push(data);
    this.text = '';
    this.#complete = 0;
    this.#pump();
  }

  /** Gives the socket what waits, as far as it and limit_rate take it. */
  #pump(): void {
    const queue = this.#queue;
    if (queue === null) return;
    let allowed = this.limited ? this.#allowance() : Number.POSITIVE_INFINITY;
    const before = this.#sent;
    for (let piece = queue[0]; piece !== undefined && !this.#blocked && allowed > 0; piece = queue[0]) {
      const size = Math.min(piece.length, this.#slice, allowed);
      allowed -= size;
      if (size < piece.length) queue[0] = piece.subarray(size);
      else queue.shift();
      this.#socket.write(size < piece.length ? piece.subarray(0, size) : piece);
      this.#sent += size;
      if (this.#socket.writableLength > 0) this.#block();
      else if (size === this.#slice) this.#slice = LONG_SLICE;
    }
    if (queue.length === 0) this.#queue = null;
    if (this.limited) this.#delay(before);
  }

  /** Bytes that limit_rate lets out now; none: the timer is set for when it does (ngx_http_write_filter). */
  #allowance(): number {
    const r = this.#sender.request;
    if (r === null || r.limitRate <= 0) return Number.POSITIVE_INFINITY;
    if (this.#delayed) return 0;
    if (r.limitRateAfter === -1) r.limitRateAfter = sizeOf(r.loc.core.limit_rate_after?.evaluate(r));
    const seconds = Math.floor(Date.now() / 1000) - Math.floor(r.startTime / 1000) + 1;
    const limit = r.limitRate * seconds - (this.#sent - r.limitRateAfter);
    if (limit > 0) return limit;
    this.#delayFor(Math.floor((-limit * 1000) / r.limitRate) + 1);
    return 0;
  }

  /** What has been sent since `before` takes its time at limit_rate: until then no more is. */
  #delay(before: number): void {
    const r = this.#sender.request;
    if (r === null || r.limitRate <= 0) return;
    const counted = Math.max(0, this.#sent - r.limitRateAfter) - Math.max(0, before - r.limitRateAfter);
    const ms = Math.floor((counted * 1000) / r.limitRate);
    if (ms > 0) this.#delayFor(ms);
  }

  #delayFor(ms: number): void {
    this.#delayed = true;
    this.#rateTimer ??= new Timer<Outgoing>(Outgoing.#rateExpired, this);
    this.#rateTimer.set(ms);
  }

  #block(): void {
    this.#blocked = true;
    this.#slice = SLICE;
    this.#sendTimer ??= new Timer<Outgoing>(Outgoing.#sendExpired, this);
    this.#sendTimer.set(this.#sender.request?.loc.core.send_timeout ?? DEFAULT_SEND_TIMEOUT);
  }

  /** Some has left: more of it, or the next thing to do. */
  #goOn(): void {
    try {
      this.#pump();
      if (!this.#blocked && this.#queue === null) this.#sender.outputLeft();
    } catch (error) {
      this.#sender.crash(error);
    }
  }

  static #rateExpired(outgoing: Outgoing): void {
    outgoing.#delayed = false;
    if (!outgoing.closed) outgoing.#goOn();
  }

  static #sendExpired(outgoing: Outgoing): void {
    if (!outgoing.closed) outgoing.#sender.sendTimedOut();
  }
}

function drain(outgoing: Outgoing): void {
  outgoing.drained();
}

function sizeOf(text: string | undefined): number {
  return text === undefined ? 0 : Math.max(0, parseSize(text));
}
