// The body of a response, from an upstream to a client (ngx_event_pipe.c). What the client does not take at once waits in
// memory, and when proxy_buffers are full, in a temporary file, so that a slow client does not hold the upstream; when
// that is full too, the upstream waits.
//
//   give → piece → client            (it keeps up: nothing is held but the last piece, for what ends the response)
//               → queue → file       (it does not; the file stands before the queue in the order of the body)
//
// A body that is to be kept goes to its file as a whole, and from there, or past it, to the client.

import { finalize } from '../engine.ts';
import { logError } from '../log.ts';
import { flushOutput, output } from '../output.ts';
import { AGAIN, ERROR, OK } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import { copyOf, giveBack } from '../spare_buffers.ts';
import type { Exchange } from './exchange.ts';
import { Spool } from './spool.ts';

/** Content up to this size is handed on as text: it leaves with the head in one write. */
const SMALL = 4096;
const JOINED = 16 * 1024;
/** After so much from a file the other connections have their turn. */
const TURN = 1024 * 1024;

export class Pipe {
  readonly #u: Exchange;
  readonly #r: HttpRequest;
  /** What is held until it is known whether more follows. */
  #piece: string | Buffer = '';
  /** What waits for the client in memory. */
  #queue: (string | Buffer)[] = [];
  #queued = 0;
  /** Given to the client, but still on its way. */
  #lent: Buffer[] = [];
  #spool: Spool | null = null;
  /** All goes to the file. */
  #kept = false;
  /** The client takes no more for now. */
  #blocked = false;
  /** The client wants nothing of it, or has gone. */
  #deaf = false;
  /** The upstream has sent all; a turn has been promised. */
  #ended = false;
  #scheduled = false;
  #closed = false;

  constructor(u: Exchange) {
    this.#u = u;
    this.#r = u.r;
  }

  /** All of the body goes to `spool`, which the caller may use when it has ended. */
  keepIn(spool: Spool): void {
    this.#spool = spool;
    this.#kept = true;
  }

  /** The client is not to get any more. */
  deafen(): void {
    this.#deaf = true;
    this.#blocked = false;
  }

  get kept(): boolean {
    return this.#kept;
  }

  /** Takes bytes[from, to), which are only good until this returns. */
  give(bytes: Buffer, from: number, to: number): void {
    const size = to - from;
    if (size === 0) return;
    const piece = size <= SMALL ? bytes.toString('latin1', from, to) : copyOf(bytes, from, to);
    const before = this.#piece;
    if (before.length === 0) {
      this.#piece = piece;
    } else if (typeof before === 'string' && typeof piece === 'string' && before.length < JOINED) {
      this.#piece = before + piece;
    } else {
      this.handOn();
      this.#piece = piece;
    }
  }

  /** Hands on what has been given, but to a client that does not take it. */
  handOn(): void {
    const piece = this.#piece;
    if (piece.length === 0 || this.#closed) return;
    this.#piece = '';
    if (this.#kept) {
      this.#keep(piece);
    } else if (this.#blocked) {
      this.#queue.push(piece);
      this.#queued += piece.length;
      if (this.#queued >= this.#queueLimit()) this.#toFile();
    } else {
      this.#put(piece);
    }
  }

  /** Whether the upstream is to wait. */
  get full(): boolean {
    return this.#blocked && this.#queued >= this.#queueLimit();
  }

  #queueLimit(): number {
    const { buffering, settings } = this.#u;
    const { buffers, bufferSize } = settings;
    return buffering ? buffers.number * buffers.size : bufferSize;
  }

  #put(piece: string | Buffer): void {
    const r = this.#r;
    const rc = output(r, piece, false);
    if (rc === ERROR) this.#outputFailed();
    else if (rc === AGAIN) this.#blocked = true;
    if (typeof piece !== 'string' && rc !== ERROR) this.#lend(piece);
    if (!this.#u.buffering && rc !== ERROR) flushOutput(r);
  }

  /** `piece` may be used again when it has left, unless a filter has kept it. */
  #lend(piece: Buffer): void {
    const r = this.#r;
    if (r.held !== null || !r.loc.passing || r.parent !== null) return;
    if (r.sink.pending(r)) this.#lent.push(piece);
    else giveBack(piece);
  }

  #outputFailed(): void {
    if (this.#kept && !this.#ended) this.deafen();
    else if (this.#ended) finalize(this.#r, ERROR);
    else this.#u.finish(ERROR);
  }

  #keep(piece: string | Buffer): void {
    const spool = this.#spool as Spool;
    const direct = !this.#blocked && !spool.waiting;
    if (!spool.write(piece, piece.length)) {
      this.#u.finish(ERROR);
      return;
    }
    if (this.#deaf || direct) spool.read = spool.written;
    if (direct && !this.#deaf) this.#put(piece);
    else if (typeof piece !== 'string') giveBack(piece);
  }

  /** Moves what waits in memory to a file, as far as proxy_max_temp_file_size lets it. */
  #toFile(): void {
    const u = this.#u;
    const { maxTempFileSize, tempFileWriteSize, tempPath } = u.settings;
    if (!u.buffering || maxTempFileSize === 0) return;
    while (this.#queue.length > 0) {
      const piece = this.#queue[0] as string | Buffer;
      const room = maxTempFileSize - (this.#spool?.written ?? 0);
      if (room <= 0) return;
      if (this.#spool === null) {
        this.#spool = Spool.create(this.#r, tempPath);
        if (this.#spool === null) break;
        logError(this.#r, 'warn', `an upstream response is buffered to a temporary file ${this.#spool.name}`);
      }
      const part = piece.length <= room ? piece : piece.slice(0, room);
      if (!this.#spool.write(part, tempFileWriteSize)) break;
      this.#queued -= part.length;
      if (part.length < piece.length) {
        this.#queue[0] = piece.slice(room);
        continue;
      }
      this.#queue.shift();
      if (typeof piece !== 'string') giveBack(piece);
    }
    if (this.#queue.length > 0) u.finish(ERROR);
  }

  /** The client takes more. */
  clientReady(): void {
    if (this.#scheduled || this.#closed) return;
    this.#r.action = 'sending to client';
    this.#blocked = false;
    if (this.#lent.length > 0 && !this.#r.sink.pending(this.#r)) {
      for (const piece of this.#lent) giveBack(piece);
      this.#lent = [];
    }
    if (!this.#drain()) return;
    if (this.#ended) this.#last();
    else this.#u.pipeDrained();
  }

  /** Gives the client what waits. False: it did not take all, or will have it later. */
  #drain(): boolean {
    for (let given = 0; !this.#blocked; ) {
      const piece = this.#next();
      if (piece === null) return !this.#closed;
      this.#put(piece);
      if (this.#closed) return false;
      given += piece.length;
      if (given >= TURN && !this.#blocked && this.#spool?.waiting) {
        this.#scheduled = true;
        setImmediate(goOn, this);
        return false;
      }
    }
    if (this.#ended) return false;
    this.#u.pipeDrained();
    return false;
  }

  /** null: there is none, or it is not to be had, which ended the request. */
  #next(): string | Buffer | null {
    const spool = this.#spool;
    if (spool?.waiting && !this.#deaf) {
      const bytes = spool.next();
      if (bytes === null || bytes.length === 0) {
        if (this.#ended) finalize(this.#r, ERROR);
        else this.#u.finish(ERROR);
        return null;
      }
      return bytes;
    }
    const piece = this.#queue.shift();
    if (piece === undefined) return null;
    this.#queued -= piece.length;
    return piece;
  }

  onTurn(): void {
    this.#scheduled = false;
    if (!this.#closed) this.clientReady();
  }

  /** Of a body that is to be kept, what is held goes to the file, which is the answer; null: it is not kept. */
  complete(): Spool | null {
    if (this.#kept) this.handOn();
    return this.#kept && !this.#u.finished ? this.#spool : null;
  }

  /** The upstream has sent all. What is left goes to the client, and the request ends then. */
  end(): void {
    this.#ended = true;
    if (this.#deaf) {
      finalize(this.#r, this.#r.headerOnly ? OK : ERROR);
      return;
    }
    if (this.#spool === null || !this.#spool.waiting) {
      this.#last();
      return;
    }
    this.#r.onWritable = clientWritable(this);
    if (!this.#blocked) this.clientReady();
  }

  /** What is held in memory goes out as it is: it is no more than what the buffers allow. */
  #last(): void {
    const r = this.#r;
    for (const piece of this.#queue) if (output(r, piece, false) === ERROR) break;
    this.#queue = [];
    r.onWritable = null;
    finalize(r, output(r, this.#piece, true) === ERROR ? ERROR : OK);
  }

  /** The body has ended before its time: the client gets what it takes of what there is. */
  breakOff(): void {
    this.handOn();
    if (this.#deaf || this.#closed) return;
    const spool = this.#spool;
    while (spool?.waiting && !this.#blocked) {
      const bytes = spool.next();
      if (bytes === null || output(this.#r, bytes, false) !== OK) return;
    }
    if (spool?.waiting) return;
    for (const piece of this.#queue.splice(0)) output(this.#r, piece, false);
  }

  /** The request has ended. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#spool?.close();
    this.#spool = null;
  }
}

function goOn(pipe: Pipe): void {
  pipe.onTurn();
}

function clientWritable(pipe: Pipe): () => void {
  return () => pipe.clientReady();
}
