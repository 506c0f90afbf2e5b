// One request's dealings with an upstream (ngx_http_upstream.c): a peer is chosen, asked, and when it fails the next
// one is; the answer is given to the client with back-pressure. What the bytes mean is the codec's to know, so that
// another protocol only brings another codec.
//
//   start → connect → send → (response head) → body → finish
//              ↑________|____________|  next peer

import { constants } from 'node:os';
import type { TLSSocket } from 'node:tls';
import type { ComplexValue } from '../../conf/complex.ts';
import { errnoText } from '../../core/errno.ts';
import { parseSize } from '../../core/sizes.ts';
import type { CacheLookup } from '../cache/lookup.ts';
import { keepFailure, keepIntercepted, mayServeStale, revalidated, serveStale } from '../cache/serve.ts';
import { finalize } from '../engine.ts';
import { logError } from '../log.ts';
import { flushOutput, sendEarlyHints, sendHeader } from '../output.ts';
import { AGAIN, DECLINED, DONE, ERROR, OK, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import { type Framing, RequestSender } from './body_sender.ts';
import type { Sender } from './client_body.ts';
import { type Codec, INVALID_HEAD } from './codec.ts';
import { type ConnectionUser, type ConnectOptions, PeerConnection } from './connection.ts';
import { BAD_GATEWAY, GATEWAY_TIMEOUT, logFailure, statusOfType, typeOfStatus } from './failures.ts';
import type { KeepaliveLimits, KeepalivePool } from './keepalive.ts';
import { keep, keeps, keptSpool } from './kept.ts';
import { LimitedReader } from './limited_reader.ts';
import type { LocalAddress } from './local_address.ts';
import { exchangeOf } from './of_request.ts';
import { type Balancer, PEER_FAILED, PEER_NEXT, PEER_OK, type Peer, type PeerSeeker } from './peers.ts';
import { Pipe } from './pipe.ts';
import type { Queued } from './queue.ts';
import { hintsOf, interceptError, passTrailers, takeHeaders, UpstreamResponse } from './response.ts';
import {
  FT_ERROR,
  FT_HTTP_403,
  FT_HTTP_404,
  FT_INVALID_HEADER,
  FT_NOLIVE,
  FT_NON_IDEMPOTENT,
  FT_TIMEOUT,
  UNTIL_CLOSE,
  type UpstreamSettings,
} from './settings.ts';
import type { SslConnect, UpstreamSsl } from './ssl.ts';
import { AttemptState } from './state.ts';
import { startTunnel, type Tunnel } from './tunnel.ts';
import { balancerFor, type Upstream } from './upstreams.ts';

const NON_IDEMPOTENT = ['POST', 'LOCK', 'PATCH'];
const CLIENT_CLOSED = 499;
const REQUEST_TIMEOUT = 408;
const EARLY_HINTS = 103;

/** How long an exchange waits; a script may say otherwise than the configuration. */
interface Timeouts {
  readonly connectTimeout: number;
  readonly sendTimeout: number;
  readonly readTimeout: number;
}

/** How a balancer wants the connection to the peer that it has chosen. */
interface Connecting {
  readonly pool: KeepalivePool | null;
  readonly limits: KeepaliveLimits;
  /** What the pool knows the connection by. */
  readonly key: string;
  /** The name that the peer's certificate is to have; null: the upstream's. */
  readonly host: string | null;
  readonly local: LocalAddress | null;
}

export class Exchange implements ConnectionUser, PeerSeeker {
  readonly r: HttpRequest;
  readonly settings: UpstreamSettings;
  readonly codec: Codec;
  /** "http://" */
  schema: string;
  /** TLS is spoken, as settings.ssl says. */
  secure = false;
  /** The protocol that is negotiated with it; empty: none. */
  alpn = '';
  upstream: Upstream | null = null;
  balancer: Balancer | null = null;
  timeouts: Timeouts;
  /** Set by a balancer; null: as the configuration says. */
  connecting: Connecting | null = null;
  c: PeerConnection | null = null;
  /** The connection has served requests before: that it fails says little of the peer. */
  cached = false;
  /** When the first peer was chosen, and this one: milliseconds. */
  peerStart = 0;
  startTime = 0;
  /** Waits in the upstream's queue, or has waited. */
  queued: Queued | null = null;
  /** What the server is called that was chosen last. */
  lastServer = '';
  /** Of all attempts at this request, those before an internal redirect among them. */
  readonly states: AttemptState[];
  state: AttemptState | null = null;

  // The request.
  /** Its head as bytes, and the uri in it. */
  head = '';
  uri = '';
  sender: Sender | null = null;
  requestSent = false;
  bodySent = false;
  /** The body goes on as it comes: no other peer can be asked once it has begun. */
  streaming = false;
  /** The peer answers nothing: what it sends is not for us to read (tunnel_pass). */
  ignoreInput = false;
  /** The client's body is sent; else the head is all. */
  passBody = true;
  /** What marks the pieces of the body; null: it is sent as it is. */
  framing: Framing | null = null;

  // The response.
  response = new UpstreamResponse();
  /** The head as far as it has come. */
  text = '';
  headEnd = 0;
  headerSent = false;
  /** Bytes of the body that are to come at least; UNTIL_CLOSE. 0: it is complete. */
  left = UNTIL_CLOSE;
  keepalive = false;
  upgrade = false;
  buffering: boolean;
  tunnel: Tunnel | null = null;
  /** The request's dealings with the cache; null: it has none. */
  cache: CacheLookup | null = null;
  /** $upstream_cache_status */
  cacheStatus = '';
  /** The response may be cached, as far as is known. */
  cacheable = false;
  /** The response is the cache's. */
  fromCache = false;
  /** What the request is made with in the place of the client's method; empty: that. */
  method = '';
  /** Its response is only fetched to be kept. */
  clientIsGone = false;
  /** The way of the body to the client; null before it begins. */
  pipe: Pipe | null = null;
  #finished = false;
  /** Of all interim responses. */
  #hintsLength = 0;
  /** Set where the response is read at a rate. */
  #limited: LimitedReader | null = null;

  constructor(r: HttpRequest, settings: UpstreamSettings, codec: Codec, schema: string) {
    this.r = r;
    this.settings = settings;
    this.timeouts = settings;
    this.codec = codec;
    this.schema = schema;
    this.buffering = settings.buffering;
    const before = exchangeOf(r);
    this.states = before === null ? [] : before.states;
    if (before !== null) before.finish(DONE);
    if (this.states.length > 0) this.states.push(new AttemptState()); // parts the lists of variables: " : "
    r.upstream = this;
  }

  get finished(): boolean {
    return this.#finished;
  }

  /** Passes the client's body on as it comes. */
  stream(): void {
    this.streaming = true;
    this.sender = this.#newSender();
    this.sender.openStream();
  }

  #newSender(): Sender {
    return this.codec.newSender?.(this) ?? new RequestSender(this);
  }

  /** Asks a peer of `upstream`. The request's body has been read, or is to be streamed. */
  start(upstream: Upstream): void {
    this.upstream = upstream;
    this.startWith(balancerFor(this.r, upstream));
  }

  startWith(balancer: Balancer): void {
    const { settings } = this;
    if (!this.head && !this.prepare()) return;
    this.balancer = balancer;
    this.peerStart = Date.now();
    if (settings.nextUpstreamTries > 0 && balancer.tries > settings.nextUpstreamTries) {
      balancer.tries = settings.nextUpstreamTries;
    }
    this.#connect();
  }

  /** No peer is to be had: the upstream's queue, if it has one, calls connectAgain(). */
  #enterQueue(): boolean {
    const queue = this.upstream?.queue ?? null;
    if (queue === null || !queue.enter(this)) return false;
    this.states.pop();
    this.state = null;
    return true;
  }

  connectAgain(): void {
    this.#connect();
  }

  /** Makes the request, and watches the client. False: it has been finalized. */
  prepare(): boolean {
    const { r } = this;
    r.onEnd(endExchange);
    if (!r.postAction && !this.settings.ignoreClientAbort) r.onAbort = clientGone;
    if (this.codec.createRequest(this) === OK) return true;
    this.finish(500);
    return false;
  }

  #connect(): void {
    const { r } = this;
    const balancer = this.balancer as Balancer;
    r.action = 'connecting to upstream';
    const now = Date.now();
    if (this.state !== null && this.state.responseTime === -1) this.state.responseTime = now - this.startTime;
    const state = new AttemptState();
    state.begin();
    this.state = state;
    this.states.push(state);
    this.startTime = now;
    if (this.queued !== null) state.queueTime = now - this.queued.since;
    if (balancer.seek === undefined) {
      this.#ask(balancer.next());
      return;
    }
    state.peer = '';
    balancer.seek(this);
  }

  found(rc: Rc, peer: Peer | null): void {
    if (this.#finished) return;
    if (rc === OK) {
      this.#ask(peer);
      return;
    }
    const { balancer, state } = this;
    if (state !== null) state.peer = balancer?.peers.name ?? '';
    if (rc === DECLINED && balancer !== null) {
      if (balancer.tries > 0) balancer.tries--;
      this.#next(FT_ERROR);
    } else {
      this.finish(rc === ERROR ? 500 : rc);
    }
  }

  #ask(peer: Peer | null): void {
    const { r } = this;
    const name = peer === null ? (this.balancer as Balancer).peers.name : peer.name;
    if (this.state !== null) this.state.peer = name;
    const separator = peer !== null && peer.path !== null ? ':' : '';
    r.upstreamUrl = this.schema + name + separator + this.uri;
    if (peer !== null) {
      this.queued = null;
      this.lastServer = peer.server;
    }
    if (this.requestSent || this.text !== '') this.#reset();
    if (peer === null) {
      if (this.#enterQueue()) return;
      logError(r, 'error', 'no live upstreams');
      this.#next(FT_NOLIVE);
      return;
    }
    const pool = this.#pool();
    const ssl = this.secure ? this.settings.ssl : null;
    const kept = pool === null ? null : pool.take(this.#key(peer), this.settings);
    this.cached = kept !== null;
    if (kept === null) {
      this.#open(peer, ssl);
      return;
    }
    this.c = kept;
    kept.requests++;
    kept.wake(this);
    this.#send(kept);
  }

  #pool(): KeepalivePool | null {
    return this.connecting?.pool ?? this.upstream?.keepalive ?? null;
  }

  /** What a pool knows connections to `peer` by. */
  #key(peer: Peer): string {
    const { connecting } = this;
    const key = connecting?.key ?? peer.name;
    if (!this.secure) return key + this.alpn;
    // Those that a script keeps serve only who asks for the same name.
    const name = connecting?.pool ? this.settings.ssl?.nameFor(this.r, this.#sslHost) : '';
    return `${key} ssl${name} ${this.alpn}`;
  }

  get #sslHost(): string {
    return this.connecting?.host ?? this.upstream?.host ?? this.balancer?.peers.name ?? '';
  }

  #open(peer: Peer, ssl: UpstreamSsl | null): void {
    let secure: SslConnect | null = null;
    if (ssl !== null) {
      secure = ssl.connect(this.r, peer, this.#sslHost, this.alpn);
      if (secure === null) {
        this.finish(500);
        return;
      }
    }
    const c = new PeerConnection(peer, this, this.#options(), secure);
    c.name = this.#key(peer);
    c.requests++;
    this.c = c;
    c.setTimeout(this.timeouts.connectTimeout);
  }

  #options(): ConnectOptions {
    const { socketKeepalive: keepAlive } = this.settings;
    const { local } = this;
    if (local === null) return keepAlive ? KEEPING_ALIVE : NO_OPTIONS;
    return { ...local.at(this.r), keepAlive };
  }

  /** Where the connection is to come from. */
  get local(): LocalAddress | null {
    return this.connecting?.local ?? this.settings.local;
  }

  #reset(): void {
    this.codec.reset();
    this.response = new UpstreamResponse();
    this.text = '';
    this.#hintsLength = 0;
    this.keepalive = false;
    this.upgrade = false;
    this.requestSent = false;
    this.bodySent = false;
  }

  handshaking(): void {
    this.r.action = 'SSL handshaking to upstream';
  }

  connected(): void {
    const { c } = this;
    if (c === null) return;
    const refusal = c.ssl === null ? null : c.ssl.refusal(c.socket as TLSSocket);
    if (refusal === null) {
      this.#send(c);
      return;
    }
    logError(this.r, 'error', refusal);
    this.#next(FT_ERROR);
  }

  #send(c: PeerConnection): void {
    const { r, state } = this;
    if (state !== null && state.connectTime === -1) state.connectTime = Date.now() - this.startTime;
    r.action = 'sending request to upstream';
    this.requestSent = true;
    this.sender ??= this.#newSender();
    this.sender.start(c);
  }

  /** The request is on its way, body and all. */
  sent(): void {
    if (this.bodySent) return;
    this.bodySent = true;
    if (this.headerSent || this.tunnel !== null) return;
    if (this.ignoreInput) this.#takeHead(NOTHING, 0);
    else this.c?.setTimeout(this.timeouts.readTimeout);
  }

  /** Part of the request waits to be sent. */
  blocked(): void {
    this.c?.setTimeout(this.timeouts.sendTimeout);
  }

  drained(): void {
    const { c } = this;
    if (c === null || !this.requestSent) return;
    if (this.tunnel !== null) this.tunnel.upstreamDrained();
    else if (!this.bodySent) this.sender?.drained(c);
  }

  received(bytes: Buffer, n: number): boolean {
    const { state } = this;
    if (state !== null) state.bytesReceived += n;
    if (this.tunnel !== null) return this.tunnel.fromUpstream(bytes, n);
    if (this.#limited !== null) this.#limited.take(bytes.subarray(0, n));
    else if (this.headerSent) this.#readBody(bytes, 0, n);
    else this.#takeHead(bytes, n);
    // What is said next is of the client, whose body is still on its way.
    if (this.streaming && !this.bodySent) this.r.action = 'sending request to upstream';
    return true;
  }

  #takeHead(bytes: Buffer, n: number): void {
    const { r, settings, c } = this;
    r.action = 'reading response header from upstream';
    let used = Math.min(n, settings.bufferSize - this.text.length);
    this.text += bytes.toString('latin1', 0, used);
    let rc = this.codec.parseHead(this);
    while (rc === OK && this.response.status === EARLY_HINTS) {
      this.#passHints();
      // What follows is the head that is waited for.
      const rest = this.text.slice(this.headEnd);
      const more = Math.min(n - used, settings.bufferSize - rest.length);
      this.text = rest + bytes.toString('latin1', used, used + more);
      used += more;
      this.response = new UpstreamResponse();
      this.codec.reset(true);
      rc = this.codec.parseHead(this);
    }
    // What was no part of the head (FastCGI's stderr) has made room for more of it.
    while (rc === AGAIN && used < n && this.text.length < settings.bufferSize) {
      const more = Math.min(n - used, settings.bufferSize - this.text.length);
      this.text += bytes.toString('latin1', used, used + more);
      used += more;
      rc = this.codec.parseHead(this);
    }
    if (rc === AGAIN) {
      if (this.text.length >= settings.bufferSize) {
        logError(r, 'error', 'upstream sent too big header');
        this.#next(FT_INVALID_HEADER);
      } else if (this.bodySent) {
        c?.setTimeout(this.timeouts.readTimeout);
      }
      return;
    }
    if (rc === INVALID_HEAD) {
      this.#next(FT_INVALID_HEADER);
      return;
    }
    if (rc !== OK) {
      this.finish(500);
      return;
    }
    const early = this.text.length - this.headEnd;
    if (early <= used) {
      this.#headComplete(bytes, used - early, n);
    } else {
      // Without a head (HTTP/0.9), what was read before is body, too.
      const whole = Buffer.concat([
        Buffer.from(this.text.slice(this.headEnd), 'latin1'),
        bytes.subarray(used, n),
      ]);
      this.#headComplete(whole, 0, whole.length);
    }
  }

  #passHints(): void {
    const { r, settings } = this;
    if (!settings.passEarlyHints) return;
    this.#hintsLength += this.headEnd;
    if (this.#hintsLength <= settings.bufferSize) sendEarlyHints(r, hintsOf(this));
    else logError(r, 'info', 'upstream sent too big early hints');
  }

  /** The body's first bytes are bytes[from, to). */
  #headComplete(bytes: Buffer, from: number, to: number): void {
    const { r, state, response } = this;
    if (state !== null) state.headerTime = Date.now() - this.startTime;
    if (response.status >= 300) {
      if (this.#testNext(response.status)) return;
      if (this.cache !== null && revalidated(this)) return;
      if (interceptError(this)) {
        keepIntercepted(this, response.status);
        this.finish(response.status);
        return;
      }
    }
    if (state !== null) this.balancer?.answered(state);
    const redirect = takeHeaders(this);
    if (redirect !== null) {
      this.finish(DECLINED);
      finalize(r, redirect());
      return;
    }
    this.#sendResponse(bytes, from, to);
  }

  #sendResponse(bytes: Buffer, from: number, to: number): void {
    const { r } = this;
    const rc = sendHeader(r);
    if (rc === ERROR || rc > OK || r.postAction) {
      this.finish(rc);
      return;
    }
    this.headerSent = true;
    if (this.upgrade) {
      this.cache?.release();
      r.action = 'proxying upgraded connection';
      if (r !== r.main) {
        logError(r, 'error', 'connection upgrade in subrequest');
        this.finish(ERROR);
        return;
      }
      startTunnel(this, bytes, from, to);
      return;
    }
    const kept = (this.cache !== null || this.settings.store !== null) && keeps(this);
    if (!kept && (r.headerOnly || this.clientIsGone)) {
      if (from < to) this.keepalive = false;
      this.finish(this.clientIsGone ? CLIENT_CLOSED : OK);
      return;
    }
    r.onWritable = clientWritable;
    this.pipe = new Pipe(this);
    if (kept && !this.#keepBody(this.pipe)) return;
    this.codec.startBody(this);
    if (!this.buffering) {
      r.limitRate = 0;
      if (from === to && this.left !== 0) flushOutput(r);
    }
    if (this.settings.limitRate !== null && this.buffering) this.#limit(this.settings.limitRate);
    if (this.buffering) r.action = 'reading upstream';
    if (this.#limited === null) {
      this.#takeBody(bytes, from, to);
      return;
    }
    // As nginx has it: what its buffer would have held with the head is not limited.
    const early = Math.min(to, from + this.settings.bufferSize - this.headEnd);
    this.#takeBody(bytes, from, early);
    if (early < to && !this.#finished) this.#limited.take(bytes.subarray(early, to));
  }

  #keepBody(pipe: Pipe): boolean {
    const spool = keptSpool(this);
    if (spool === null) {
      this.finish(ERROR);
      return false;
    }
    pipe.keepIn(spool);
    if (this.r.headerOnly || this.clientIsGone) pipe.deafen();
    return true;
  }

  #limit(limitRate: ComplexValue): void {
    const { c } = this;
    const rate = parseSize(limitRate.evaluate(this.r));
    if (rate > 0 && c !== null) this.#limited = new LimitedReader(this, c, rate);
  }

  takeLimited(bytes: Buffer): void {
    if (!this.#finished) this.#readBody(bytes, 0, bytes.length);
  }

  endLimited(): void {
    this.#limited = null;
    if (!this.#finished) this.ended();
  }

  #readBody(bytes: Buffer, from: number, to: number): void {
    this.r.action = 'reading upstream';
    this.#takeBody(bytes, from, to);
  }

  #takeBody(bytes: Buffer, from: number, to: number): void {
    if (this.state !== null) this.state.responseLength += to - from;
    const rc = from < to || this.left === 0 ? this.codec.body(this, bytes, from, to) : OK;
    if (rc === ERROR || rc === BAD_GATEWAY) {
      // Without buffering, what came with the fault is lost, as in nginx.
      if (rc === ERROR && !this.buffering) this.finish(rc);
      else this.#bodyFailed(rc);
      return;
    }
    if (this.left === 0) {
      this.finish(OK);
      return;
    }
    const { c, pipe } = this;
    pipe?.handOn();
    if (c === null || this.#finished) return;
    if (pipe?.full) {
      c.pause();
      c.clearTimeout();
    } else if (this.#limited === null || !this.#limited.resting) {
      c.setTimeout(this.timeouts.readTimeout);
    }
  }

  /** Content from the codec; the bytes are only good until this returns. */
  give(bytes: Buffer, from: number, to: number): void {
    this.pipe?.give(bytes, from, to);
  }

  /** The client takes more. */
  clientReady(): void {
    if (this.tunnel !== null) this.tunnel.clientReady();
    else if (!this.#finished) this.pipe?.clientReady();
  }

  /** The client has taken all that waited, or as much as it would. */
  pipeDrained(): void {
    const { c } = this;
    if (!c?.paused || this.pipe?.full || this.#limited?.resting) return;
    c.setTimeout(this.timeouts.readTimeout);
    c.resume();
  }

  ended(): void {
    const { r } = this;
    if (this.tunnel !== null) {
      this.tunnel.upstreamEnded();
      return;
    }
    if (this.c?.inHandshake) {
      logError(r, 'error', 'peer closed connection in SSL handshake');
      this.#next(FT_ERROR);
      return;
    }
    if (this.#limited !== null) {
      this.#limited.end();
      return;
    }
    if (this.headerSent) {
      if (this.left === UNTIL_CLOSE) {
        this.finish(OK);
        return;
      }
      r.action = 'reading upstream';
      logError(r, 'error', 'upstream prematurely closed connection');
      this.#bodyFailed(BAD_GATEWAY);
      return;
    }
    r.action = 'reading response header from upstream';
    logError(r, 'error', 'upstream prematurely closed connection');
    this.#next(FT_ERROR);
  }

  failed(error: NodeJS.ErrnoException): void {
    logFailure(this, error);
    if (this.tunnel !== null) this.tunnel.upstreamEnded();
    else if (this.headerSent) this.#bodyFailed(BAD_GATEWAY);
    else if (error.syscall === 'bind') this.finish(500);
    else this.#next(FT_ERROR);
  }

  timedOut(): void {
    if (this.tunnel === null) {
      if (this.headerSent) this.r.action = 'reading upstream';
      else if (this.bodySent) this.r.action = 'reading response header from upstream';
    }
    this.#timedOut();
  }

  sendTimedOut(): void {
    this.r.action = 'sending request to upstream';
    this.#timedOut();
  }

  #timedOut(): void {
    const { r } = this;
    if (this.headerSent) {
      logError(r, 'error', `upstream timed out ${errnoText(constants.errno.ETIMEDOUT)}`);
      if (this.tunnel !== null) this.finish(GATEWAY_TIMEOUT);
      else this.#bodyFailed(this.buffering ? BAD_GATEWAY : GATEWAY_TIMEOUT);
      return;
    }
    this.#next(FT_TIMEOUT);
  }

  /** The body ends before its time: the client gets what there is, and no proper end. */
  #bodyFailed(rc: Rc = ERROR): void {
    this.pipe?.breakOff();
    this.finish(rc);
  }

  /** Whether another peer is asked because of a response's status. */
  #testNext(status: number): boolean {
    const type = typeOfStatus(status);
    if (type === undefined || this.balancer === null) return false;
    if (this.balancer.tries > 1 && this.#mayAsk(type)) {
      this.#next(type);
      return true;
    }
    if (!mayServeStale(this, type, false)) return false;
    serveStale(this);
    return true;
  }

  #mayAsk(type: number): boolean {
    const { settings, r } = this;
    let wanted = type;
    if (this.requestSent && NON_IDEMPOTENT.includes(r.method)) wanted |= FT_NON_IDEMPOTENT;
    if ((settings.nextUpstream & wanted) !== wanted) return false;
    if (this.requestSent && this.streaming) return false;
    const { nextUpstreamTimeout: limit } = settings;
    return limit === 0 || Date.now() - this.peerStart < limit;
  }

  /** The peer has failed: asks the next one, or gives up. */
  #next(type: number): void {
    const { r, state } = this;
    const balancer = this.balancer as Balancer;
    if (balancer.current !== null) {
      this.#countSent();
      const failed = type !== FT_HTTP_403 && type !== FT_HTTP_404;
      const disabled = balancer.release(failed ? PEER_FAILED : PEER_NEXT, this.state as AttemptState);
      if (disabled) logError(r, 'warn', 'upstream server temporarily disabled');
      this.upstream?.queue?.wake();
    }
    if (type === FT_TIMEOUT) {
      logError(r, 'error', `upstream timed out ${errnoText(constants.errno.ETIMEDOUT)}`);
    }
    if (this.cached && type === FT_ERROR) balancer.tries++;
    if (r.aborted || this.clientIsGone) {
      this.finish(CLIENT_CLOSED);
      return;
    }
    const status = statusOfType(type);
    if (state !== null) state.status = status;
    if (balancer.tries === 0 || !this.#mayAsk(type)) {
      if (mayServeStale(this, type, true)) serveStale(this);
      else this.finish(status);
      return;
    }
    this.c?.close();
    this.c = null;
    this.sender?.close();
    this.#connect();
  }

  #countSent(): void {
    if (this.state !== null && this.sender !== null && this.requestSent)
      this.state.bytesSent = this.sender.sent;
  }

  /**
   * Ends the exchange and, except for DECLINED and DONE, the request with it. The connection is kept or closed first:
   * the request's end may start the next one, which may want it.
   */
  finish(rc: Rc): void {
    if (this.#finished) return;
    const kept = rc === OK && this.pipe !== null ? this.pipe.complete() : null;
    if (this.#finished) return; // what was held could not be kept
    this.#finished = true;
    const { r, state, c } = this;
    if (kept !== null) keep(this, kept);
    if (this.cache !== null) keepFailure(this, rc);
    if (state !== null && state.responseTime === -1) {
      state.responseTime = Date.now() - this.startTime;
      this.#countSent();
    }
    this.c = null;
    this.sender?.close();
    this.#limited?.close();
    if (c !== null) {
      const pool = this.#pool();
      const keep = this.keepalive && this.bodySent && pool !== null && this.balancer?.current !== null;
      if (!keep || c.closed || !pool.keep(c, this.settings, this.connecting?.limits)) c.close();
    }
    if (this.balancer !== null && this.balancer.current !== null) {
      this.balancer.release(PEER_OK, this.state as AttemptState);
      this.upstream?.queue?.wake();
    }
    r.onAbort = null;
    r.onWritable = null;
    if (rc === DECLINED || rc === DONE) return;
    r.action = 'sending to client';
    this.#finishRequest(rc);
  }

  #finishRequest(rc: Rc): void {
    const { r } = this;
    if (!this.headerSent || rc === REQUEST_TIMEOUT || rc === CLIENT_CLOSED || r.headerOnly) {
      finalize(r, rc);
      return;
    }
    if (rc !== OK) {
      if (rc >= 300) {
        r.keepalive = false;
        r.cutShort = true;
        r.sink.flush(r);
      }
      // As in nginx, what is included in another response may end early, and that goes on behind it.
      finalize(r, rc >= 300 && r.postponed !== null && r.parent !== null ? OK : ERROR);
      return;
    }
    if (this.settings.passTrailers) passTrailers(this);
    if (this.pipe === null) finalize(r, OK);
    else this.pipe.end();
  }
}

const NOTHING = Buffer.alloc(0);
const NO_OPTIONS: ConnectOptions = { localAddress: null, localPort: 0, keepAlive: false };
const KEEPING_ALIVE: ConnectOptions = { localAddress: null, localPort: 0, keepAlive: true };

function endExchange(r: HttpRequest): void {
  const u = exchangeOf(r);
  u?.finish(DONE);
  u?.pipe?.close();
}

function clientWritable(r: HttpRequest): void {
  exchangeOf(r)?.clientReady();
}

function clientGone(r: HttpRequest): void {
  const u = exchangeOf(r);
  if (u === null || u.finished || u.clientIsGone) return;
  const what = 'epoll_wait() reported that client prematurely closed connection';
  if (u.cacheable || u.settings.store !== null) {
    if (u.settings.store === null) logError(r, 'info', what);
    u.clientIsGone = true;
    if (u.pipe === null || u.pipe.kept) {
      u.pipe?.deafen();
      return;
    }
  } else {
    logError(r, 'info', u.c === null ? what : `${what}, so upstream connection is closed too`);
  }
  u.finish(CLIENT_CLOSED);
}
