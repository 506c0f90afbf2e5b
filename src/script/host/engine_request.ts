// A request of the engine as scripts see it: the state that the ts module keeps of it. Also how what blocks decide
// becomes what the engine's phases expect.

import type { Variables } from '../../conf/complex.ts';
import { toLatin1, toText } from '../../core/text.ts';
import { Timer } from '../../core/timers.ts';
import { setContentType } from '../../http/content_type.ts';
import { CLIENT_CLOSED, finalize, releaseBody, resumeHeader, resumeWith } from '../../http/engine.ts';
import { logError } from '../../http/log.ts';
import { type BodyFilter, flushOutput, output, sendHeader } from '../../http/output.ts';
import { AGAIN, DECLINED, ERROR, OK, type Rc } from '../../http/rc.ts';
import { internalRedirect, namedLocation } from '../../http/redirect.ts';
import { HTTP_11, type HttpRequest } from '../../http/request.ts';
import { discardBody } from '../../http/request_body.ts';
import * as p from '../protocol.ts';
import type { Actor } from './actor.ts';
import { type BodyDraft, NO_BODY } from './engine_bodies.ts';
import { BodyPieces } from './engine_body_pieces.ts';
import { BodyPull } from './engine_body_pull.ts';
import { type BalancerCalls, type CallState, engineCall } from './engine_calls.ts';
import { escapeArgs, startCapture } from './engine_capture.ts';
import { setResponseHeader } from './engine_headers.ts';
import { openBody, openRaw } from './engine_socket.ts';
import type { Keeper } from './keeper.ts';
import { LOG_ERR, levelOf } from './log_levels.ts';
import type { Argument, Cancel, Done, Home, RequestStream, ScriptRequest } from './request.ts';
import { type SocketConf, SocketFailure, type SocketSettings } from './socket_settings.ts';

/** What the ts module's configuration says that concerns every visit. */
export interface ScriptSettings {
  readonly useDefaultType: boolean;
  readonly keepsUnderscores: boolean;
  /** What is said to a client of HTTP/1.0 is held until the end, so that its length is known. */
  readonly http10Buffering: boolean;
  /** The location has a body filter of a script, so that the length of a body is not known before it. */
  readonly bodyFiltered: boolean;
  readonly checkClientAbort: boolean;
  /** Log blocks follow when the request is over. */
  readonly logs: boolean;
  readonly sockets: SocketSettings;
  /** How long all of its blocks may take; 0 for any time. */
  readonly wallMs: number;
  /** Changes when the location has outgrown the isolate that it shares. */
  home: Home;
}

/** How much a request may have said to be run again when its isolate dies. */
const MAX_REPEATED = 65_536;

/** Bytes that the worker holds for a request: a body that a script puts together, a response that its client does not take. */
const MAX_WAITING = 64 * 1024 * 1024;

export class EngineRequest implements ScriptRequest, CallState {
  slot = 0;
  lent = 0;
  readonly #r: HttpRequest;
  readonly #variables: Variables;
  settings: ScriptSettings;
  /** The isolate it runs in; null until it does. */
  actor: Actor | null = null;
  /** Where ts_code_cache is off, or a file is named by requests: whose that isolate is. */
  keeper: Keeper | null = null;
  /** The phase bit of the segment that runs. */
  phase = 0;
  /** The steps behind the engine's whose blocks have run together with those of this one. */
  skip = 0;
  /** A value for `set`: see setDone. */
  setDone: ((value: string | undefined) => void) | null = null;
  /** Of balancer blocks: what they choose for. */
  balancer: BalancerCalls | null = null;
  /** ngx.arg of set_by_ts_file. */
  setArguments: readonly string[] = [];
  /** What body filters have, or wait for. */
  #pieces: BodyPieces | null = null;
  /** A flush waits for filters. */
  #flushHeld = false;
  /** The output asked for patience. */
  #blocked = false;
  /** What was said since. */
  #waiting = 0;
  #flushes: Done[] | null = null;
  /** What a script puts together for the request's body. */
  draft: BodyDraft | null = null;
  /** What has been said so far to a client of HTTP/1.0. */
  #whole = '';
  /** Called when the body has been read. */
  #bodyRead: Done | null = null;
  /** What this segment has said so far, in case that it has to be run again. */
  #said = '';
  /** Run for the second time: what it says first must be what it said then. null: in its first run. */
  #repeated: string | null = null;
  #pull: BodyPull | null = null;
  /** The response is a stream. */
  #streamed = false;
  /** Content-Length is what blocks of this location say, not of one that the request has left. */
  #ownLength = false;
  /** Content-Type was removed: it gets no default. */
  #typeless = false;

  constructor(r: HttpRequest, variables: Variables, settings: ScriptSettings) {
    this.#r = r;
    this.#variables = variables;
    this.settings = settings;
  }

  get method(): string {
    return this.#r.method;
  }

  get uri(): string {
    return toText(this.#r.uri);
  }

  get args(): string {
    return toText(this.#r.args);
  }

  get remoteAddr(): string {
    return this.#r.connection.remoteAddr;
  }

  get isSubrequest(): boolean {
    return this.#r.parent !== null;
  }

  get headSent(): boolean {
    return this.#r.headerSent && this.#repeated === null;
  }

  get home(): Home {
    return this.settings.home;
  }

  set home(home: Home) {
    this.settings.home = home;
  }

  get keepsUnderscores(): boolean {
    return this.settings.keepsUnderscores;
  }

  // The response.

  setStatus(status: number): void {
    if (this.#r.headerSent) return;
    this.#r.headersOut.status = status;
    // nginx knows no words for it, lua-nginx-module does.
    this.#r.headersOut.statusLine = status === 101 ? '101 Switching Protocols' : '';
    if (this.#r.errorStatus !== 0) this.#r.errorStatus = status;
  }

  setHeader(name: string, values: readonly string[] | null): void {
    const r = this.#r;
    if (r.headerSent) return;
    const lower = name.toLowerCase();
    if (!setResponseHeader(r, name, lower, values)) {
      this.log(LOG_ERR, `[ts] no room for the response header "${name.slice(0, 100)}"`);
      return;
    }
    if (lower === 'content-type') this.#typeless = r.headersOut.contentType === '';
    else if (lower === 'content-length') this.#ownLength = true;
  }

  respond(flags: number, body: string): void {
    const r = this.#r;
    if (r.finalized) return;
    if ((flags & p.STREAM) !== 0 && !this.#watchClient()) return;
    let data = (flags & p.BYTES) !== 0 ? body : toLatin1(body);
    const last = (flags & p.LAST) !== 0;
    if (this.#repeated !== null) {
      const rest = this.#unrepeated(data, last);
      if (rest === null) return;
      data = rest;
    } else if (!last && this.#said.length <= MAX_REPEATED) {
      this.#said += data;
    }
    if (r.httpVersion < HTTP_11 && this.#holdsAll()) {
      if (this.#whole.length + data.length > MAX_WAITING) {
        this.#giveUp('and HTTP/1.0 has no chunks');
        return;
      }
      this.#whole += data;
      if (!last) return;
      data = this.#whole;
    }
    if ((flags & p.SEND) !== 0 && !r.headerSent && r.held === null) {
      if (!this.#sendHead(last ? data.length : -1)) return;
    }
    if (data !== '' || last) {
      if (last) discardBody(r);
      if (this.#blocked && !this.#mayWait(data.length)) return;
      const rc = output(r, data, last);
      if (rc === AGAIN) this.#wait();
      if (rc === ERROR && r.parent !== null) {
        this.release(); // there is no room to keep it for whoever asked
        finalize(r, ERROR);
        return;
      }
    }
    if ((flags & p.FLUSH) !== 0) this.#flush();
  }

  /** False: too much waits for the client already, and the request has been given up. */
  #mayWait(bytes: number): boolean {
    this.#waiting += bytes;
    if (this.#waiting <= MAX_WAITING) return true;
    this.#giveUp('and the client does not take them');
    return false;
  }

  #giveUp(why: string): void {
    this.log(LOG_ERR, `[ts] more than ${MAX_WAITING} bytes were said, ${why}`);
    this.release();
    finalize(this.#r, ERROR);
  }

  /** As a proxied response does, whatever ts_check_client_abort says. False: the client has gone already. */
  #watchClient(): boolean {
    const r = this.#r;
    this.#streamed = true;
    r.onAbort ??= clientLeft;
    if (!r.aborted) return true;
    clientLeft(r);
    return false;
  }

  /** What is said before the length is known waits, for a client that has no chunks. */
  #holdsAll(): boolean {
    const r = this.#r;
    if (r.headerSent || r.held !== null || r.parent !== null || !this.settings.http10Buffering) return false;
    if (this.#streamed) return false;
    return r.headersOut.contentLength === -1;
  }

  /** The part of `data` that the first run has not said. null: it says something else, and is given up. */
  #unrepeated(data: string, last: boolean): string | null {
    const said = this.#repeated as string;
    const common = Math.min(said.length, data.length);
    if (said.slice(0, common) === data.slice(0, common) && !(last && common < said.length)) {
      this.#repeated = said.slice(common);
      return data.slice(common);
    }
    this.log(LOG_ERR, '[ts] run again, the blocks said something else than before');
    this.release();
    finalize(this.#r, ERROR);
    return null;
  }

  startOver(): boolean {
    if (this.keeper !== null) return false; // another isolate may know its segment by another number
    if (this.#r.finalized || this.#repeated !== null || this.#said.length > MAX_REPEATED) return false;
    this.#repeated = this.#said;
    return true;
  }

  /** Now, or when filters that hold the head or some of the body have let it go. */
  #flush(): void {
    const r = this.#r;
    this.#flushHeld = r.held !== null || (this.#pieces?.waiting ?? false);
    if (!this.#flushHeld) flushOutput(r);
  }

  /** Gives the response the location's type, where it has none and wants one. */
  chooseType(): void {
    if (!this.settings.useDefaultType || this.#typeless || this.#r.headersOut.status === 304) return;
    setContentType(this.#r);
  }

  /** False: a filter has refused, and the request has been finalized. */
  #sendHead(length: number): boolean {
    const r = this.#r;
    const { headersOut } = r;
    if (headersOut.status === 0) headersOut.status = 200;
    if (!this.#ownLength) headersOut.contentLength = -1;
    this.chooseType();
    const { status } = headersOut;
    if (length >= 0 && headersOut.contentLength === -1 && status !== 304 && !this.settings.bodyFiltered) {
      headersOut.contentLength = length;
    }
    if (r.method === 'HEAD') r.headerOnly = true;
    const rc = sendHeader(r);
    if (rc === OK || rc === AGAIN) return true;
    this.release(); // an error page may have blocks of its own
    finalize(r, rc);
    return false;
  }

  #wait(): void {
    this.#blocked = true;
    const r = this.#r;
    const { onWritable } = r;
    r.onWritable = (request) => {
      r.onWritable = onWritable;
      this.#blocked = false;
      this.#waiting = 0;
      for (const done of this.#takeFlushes()) done(true, p.UNDEFINED, '', '');
      onWritable?.(request);
    };
  }

  #takeFlushes(): Done[] {
    const flushes = this.#flushes ?? [];
    this.#flushes = null;
    this.#r.onSendTimeout = null;
    return flushes;
  }

  /** The scripts that wait for the client are told, and what they say from here on goes nowhere. */
  #sendTimedOut(): void {
    this.#r.aborted = true;
    for (const done of this.#takeFlushes()) done(false, p.TEXT, 'timeout', '');
  }

  // How segments end.

  ended(filters: boolean, action: number, code: number, text: string, text2: string): void {
    const r = this.#r;
    this.#said = '';
    this.#repeated = null;
    // Who is cut off is not asked which of its blocks it was.
    if (filters || (action === p.THROWN && (r.held !== null || this.filtering))) {
      this.#filtersEnded(action, code);
      return;
    }
    const { phase } = this;
    if (phase === p.LOG) return;
    if (phase === p.SET) {
      this.#setEnded(action, code, text);
      return;
    }
    if (r.finalized) return;
    if (phase === p.BALANCER) {
      this.balancer?.decided(action === p.NEXT ? OK : action === p.EXIT ? code : ERROR);
      return;
    }
    // What comes next may want to know by itself.
    if (this.settings.checkClientAbort && (phase !== p.CONTENT || action === p.EXEC)) r.onAbort = null;
    if (action !== p.JUMP) r.step += this.skip;
    this.skip = 0;
    switch (action) {
      case p.NEXT:
        if (phase === p.CONTENT) this.#endContent();
        else resumeWith(r, phase === p.ACCESS ? OK : DECLINED);
        return;
      case p.ANSWERED:
        finalize(r, OK);
        return;
      case p.EXIT:
        this.#exit(phase, code);
        return;
      case p.EXEC:
        this.#exec(toLatin1(text), escapeArgs(toLatin1(text2)));
        return;
      case p.JUMP:
        r.uriChanged = true;
        resumeWith(r, DECLINED);
        return;
      default:
        finalize(r, r.headerSent ? ERROR : 500);
    }
  }

  /** A content block that said nothing: an empty response. */
  #endContent(): void {
    const r = this.#r;
    if (!r.outputDone) this.respond(p.SEND | p.LAST, '');
    finalize(r, OK);
  }

  #exit(phase: number, code: number): void {
    const r = this.#r;
    if (code === OK || (code === DECLINED && phase !== p.CONTENT)) {
      this.#endContent();
      return;
    }
    if (code < 200) {
      finalize(r, ERROR);
      return;
    }
    const { headersOut } = r;
    if (!r.headerSent && headersOut.status === 0 && code >= 200) headersOut.status = code;
    if (code < 300 && code !== 204) {
      this.#endContent();
      return;
    }
    finalize(r, r.headerSent && code !== 444 && code !== 408 && code !== 499 ? OK : code);
  }

  #exec(uri: string, args: string): void {
    const r = this.#r;
    this.release();
    if (uri.startsWith('@')) {
      if (args !== '') {
        logError(r, 'warn', `query strings ${args} ignored when exec'ing named location ${uri}`);
      }
      finalize(r, namedLocation(r, uri));
      return;
    }
    finalize(r, internalRedirect(r, uri, args));
  }

  #setEnded(action: number, code: number, text: string): void {
    const { setDone } = this;
    this.setDone = null;
    if (action === p.VALUE) setDone?.(code === 0 ? undefined : toLatin1(text));
    else finalize(this.#r, 500);
  }

  #filtersEnded(action: number, code: number): void {
    const r = this.#r;
    if (this.filtering) {
      this.filterFailed();
      return;
    }
    if (r.held === null) return;
    if (action === p.NEXT || (action === p.EXIT && code <= 0 && code !== ERROR)) {
      resumeHeader(r);
      if (this.#flushHeld && !r.finalized) this.#flush();
      return;
    }
    r.held = null;
    r.headersOut.clear();
    this.headFailed = true;
    this.release(); // whoever said what is not sent
    if (action === p.EXIT && code >= 200 && code < 300 && code !== 201 && code !== 204) {
      r.headersOut.status = code;
      this.respond(p.SEND | p.LAST, '');
      finalize(r, OK);
      return;
    }
    finalize(r, action === p.EXIT ? code : 500);
  }

  /** A header filter has failed or refused: it is not asked about the page that is sent instead. */
  headFailed = false;

  // Body filters.

  /** Gives a piece of the body to the blocks; what they make of it goes on to `next`. */
  filter(segment: number, next: BodyFilter, data: string | Buffer, last: boolean): Rc {
    const r = this.#r;
    this.#pieces ??= new BodyPieces(r);
    const pieces = this.#pieces;
    if (pieces.ended) return OK;
    pieces.add(data, last, next);
    r.bodyHeld = true;
    this.filterIn(segment);
    return last ? OK : AGAIN;
  }

  /** `segment`: of body filters; less than 0 where it has to be loaded. */
  filterIn(segment: number): void {
    if (segment >= 0 && this.actor !== null) this.#pieces?.give(this.actor, this, segment);
  }

  /** What was sent cannot be taken back. */
  filterFailed(): void {
    this.#pieces?.drop();
    this.#r.bodyHeld = false;
    finalize(this.#r, ERROR);
  }

  /** Body filters have something. */
  get filtering(): boolean {
    return this.#pieces?.given ?? false;
  }

  piece(number: number): string {
    return this.#pieces?.text(number) ?? '';
  }

  filtered(how: number, last: boolean, raw: string, more: boolean): void {
    const pieces = this.#pieces;
    if (pieces === null || !pieces.given) return;
    const r = this.#r;
    const rc = pieces.answer(how, last, raw, more);
    if (pieces.waiting) return;
    if (this.#flushHeld) this.#flush();
    releaseBody(r);
    if (!pieces.complete && rc !== AGAIN) r.onWritable?.(r);
  }

  // Operations.

  operate(code: number, args: readonly Argument[], done: Done): Cancel | null {
    switch (code) {
      case p.OP_FLUSH:
        if (this.#r.main.aborted) {
          done(false, p.TEXT, p.CLIENT_GONE, '');
        } else if (this.#blocked) {
          this.#flushes ??= [];
          this.#flushes.push(done);
          this.#r.onSendTimeout ??= () => this.#sendTimedOut();
        } else {
          done(true, p.UNDEFINED, '', '');
        }
        return null;
      case p.OP_READ_BODY:
        this.#readBody(done);
        return null;
      case p.OP_BODY_PULL: {
        const pull = this.#pull ?? new BodyPull(this.#r);
        this.#pull = pull;
        pull.pull(done);
        return () => pull.drop();
      }
      case p.OP_CAPTURE:
        return startCapture(
          this.#r,
          args,
          this.#variables,
          this.actor?.operations ?? null,
          done,
          (sr, lent) => {
            if (lent !== 0) this.lend?.(sr, lent);
          },
        );
      default:
        done(false, p.TEXT, 'not supported', '');
        return null;
    }
  }

  get origin(): string {
    const { connection: c, loc } = this.#r;
    const conf = this.actor?.sockets?.confNumber(loc, this) ?? 0;
    return `${conf}, client: ${c.remoteAddr}, server: ${c.listen.text}`;
  }

  get socketConf(): SocketConf {
    const { core } = this.#r.loc;
    return {
      settings: this.settings.sockets,
      resolver: core.resolver,
      resolverTimeout: core.resolver_timeout,
      noDelay: core.tcp_nodelay,
    };
  }

  #rawSocket = false;
  #bodySocket = false;

  openSocket(raw: boolean): RequestStream {
    if (raw) {
      if (this.#rawSocket) throw new SocketFailure('duplicate call');
      if (this.#whole !== '') throw new SocketFailure('http 1.0 buffering');
      const stream = openRaw(this.#r, this.settings.checkClientAbort);
      this.#rawSocket = true;
      return stream;
    }
    if (this.#bodySocket) throw new SocketFailure('request body already exists');
    const stream = openBody(this.#r, this.settings.checkClientAbort);
    this.#bodySocket = true;
    return stream;
  }

  #readBody(done: Done): void {
    const r = this.#r;
    const switched = r.headerSent && r.headersOut.status === 101; // what comes now is the other protocol's
    if (r.body === null && (r.bodyReader === null || r.discardBody || switched)) r.body = NO_BODY;
    if (r.body !== null || r.bodyReader === null) {
      done(true, p.UNDEFINED, '', '');
      return;
    }
    const reading = this.#bodyRead !== null;
    this.#bodyRead = done;
    if (reading) return;
    r.bodyReader.read(r, (request, rc) => {
      const bodyRead = this.#bodyRead;
      this.#bodyRead = null;
      if (rc === OK) bodyRead?.(true, p.UNDEFINED, '', '');
      else finalize(request, rc);
    });
  }

  /** Gives a subrequest the ctx that the guest keeps under a number. */
  lend: ((sr: HttpRequest, lent: number) => void) | null = null;

  /** The isolate that runs its blocks from now on. */
  enter(actor: Actor): void {
    if (this.actor === actor) return;
    if (this.actor === null) {
      if (!this.#r.finalized) {
        this.#r.onEnd(this.#over);
        if (this.settings.wallMs > 0) {
          this.#wall = new Timer<EngineRequest>(tookTooLong, this);
          this.#wall.set(this.settings.wallMs);
        }
      }
    } else {
      this.actor.end(this); // another isolate has taken over, or the location has another
    }
    this.actor = actor;
  }

  #wall: Timer<EngineRequest> | null = null;

  /** @internal */
  outOfTime(): void {
    const r = this.#r;
    if (r.finalized || this.slot === 0) return;
    this.log(LOG_ERR, `[ts] blocks took longer than ${this.settings.wallMs} ms`);
    this.release();
    if (r.held !== null || this.filtering) this.#filtersEnded(p.EXIT, 504);
    else finalize(r, r.headerSent ? ERROR : 504);
  }

  abort(): void {
    if (this.slot === 0) return;
    this.actor?.abort(this);
    if (!this.#r.main.aborted) return; // it may still read
    this.#blocked = false;
    for (const done of this.#takeFlushes()) done(false, p.TEXT, 'client aborted', '');
  }

  /** The request is over: what it left in the isolate is forgotten, unless log blocks are still to run. */
  readonly #over = (): void => {
    this.#wall?.clear();
    if (!this.settings.logs) this.release();
  };

  /** The request goes on without this state. */
  release(): void {
    this.actor?.end(this);
    this.actor = null;
  }

  logEnabled(level: number): boolean {
    return this.#r.loc.core.error_log.enabled(levelOf(level));
  }

  log(level: number, message: string): void {
    logError(this.#r, levelOf(level), toLatin1(message));
  }

  call(code: number, args: readonly unknown[]): string | number | boolean | undefined {
    return engineCall(this, this.#r, this.#variables, code, args);
  }
}

function clientLeft(r: HttpRequest): void {
  logError(r, 'info', 'client prematurely closed connection');
  finalize(r, CLIENT_CLOSED);
}

function tookTooLong(state: EngineRequest): void {
  state.outOfTime();
}
