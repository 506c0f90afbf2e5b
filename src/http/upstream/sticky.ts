// sticky: a client's requests go to the peer that served it before (ngx_http_upstream_sticky_module.c). Which one that
// is says a cookie that we set, a route that the request holds, or a session that was learnt from the upstream.

import { createHash } from 'node:crypto';
import type { ComplexValue, Variable } from '../../conf/complex.ts';
import { cookieTime } from '../../core/times.ts';
import { SharedDict } from '../../zone/shared_dict.ts';
import type { Zone } from '../../zone/zone.ts';
import { logError } from '../log.ts';
import type { HttpRequest } from '../request.ts';
import { type Balancer, type BindableBalancer, PEER_OK, type Peer, type Peers, sidOf } from './peers.ts';
import type { AttemptState } from './state.ts';

export interface StickyCookie {
  readonly name: string;
  readonly domain: ComplexValue | null;
  /** "; path=/a", or empty. */
  readonly path: string;
  /** Seconds; null for none. */
  readonly expires: number | 'max' | null;
  readonly httponly: boolean;
  readonly secure: boolean;
  readonly samesite: ComplexValue | null;
}

export interface StickyLearning {
  readonly create: readonly Variable[];
  readonly zone: string;
  readonly timeoutMs: number;
  /** Once the head of the response has come, not its end. */
  readonly header: boolean;
}

export class Sticky {
  readonly lookup: readonly Variable[];
  readonly cookie: StickyCookie | null;
  readonly learning: StickyLearning | null;
  #sessions: SharedDict | null = null;

  constructor(lookup: readonly Variable[], cookie: StickyCookie | null, learning: StickyLearning | null) {
    this.lookup = lookup;
    this.cookie = cookie;
    this.learning = learning;
  }

  open(zone: Zone): void {
    this.#sessions = new SharedDict(zone);
  }

  /** What the peer of a request's session is known by; empty for none. */
  find(id: string): string {
    return this.learning === null ? id : String(this.#sessions?.get(digest(id)) ?? '');
  }

  /** A session that is known lives on; `create`: one that is not begins. */
  keep(id: string, sid: string, create: boolean): void {
    const { timeoutMs } = this.learning as StickyLearning;
    const key = digest(id);
    if (create) this.#sessions?.set(key, sid, timeoutMs / 1000);
    else this.#sessions?.replace(key, sid, timeoutMs / 1000);
  }
}

function digest(id: string): Buffer {
  return createHash('md5').update(id, 'latin1').digest();
}

/** Another way to choose, bound to the peer that the request belongs to, as long as that may be asked. */
class StickyBalancer implements Balancer {
  readonly #r: HttpRequest;
  readonly #sticky: Sticky;
  readonly #inner: BindableBalancer;
  readonly #id: string;
  /** Where the cookie stands among the response's headers; -1: it is not there yet. */
  #cookieAt = -1;

  constructor(r: HttpRequest, sticky: Sticky, inner: BindableBalancer) {
    this.#r = r;
    this.#sticky = sticky;
    this.#inner = inner;
    this.#id = firstOf(r, sticky.lookup);
  }

  get peers(): Peers {
    return this.#inner.peers;
  }

  get current(): Peer | null {
    return this.#inner.current;
  }

  get tries(): number {
    return this.#inner.tries;
  }
  set tries(tries: number) {
    this.#inner.tries = tries;
  }

  next(): Peer | null {
    const inner = this.#inner;
    inner.hint = this.#id === '' ? '' : this.#sticky.find(this.#id);
    const peer = inner.next();
    const { cookie } = this.#sticky;
    if (peer !== null && cookie !== null) this.#setCookie(cookie, peer);
    return peer;
  }

  answered(attempt: AttemptState): void {
    if (this.#sticky.learning?.header) this.#learn();
    this.#inner.answered(attempt);
  }

  release(outcome: number, attempt: AttemptState): boolean {
    const { learning } = this.#sticky;
    if (outcome === PEER_OK && learning !== null && !learning.header) this.#learn();
    return this.#inner.release(outcome, attempt);
  }

  #learn(): void {
    const peer = this.current;
    if (peer === null) return;
    const created = firstOf(this.#r, (this.#sticky.learning as StickyLearning).create);
    const id = created === '' ? this.#id : created;
    if (id !== '') this.#sticky.keep(id, sidOf(peer), created !== '');
  }

  #setCookie(cookie: StickyCookie, peer: Peer): void {
    const { list } = this.#r.headersOut;
    const value = cookieText(this.#r, cookie, sidOf(peer));
    if (this.#cookieAt !== -1 && list[this.#cookieAt] === 'Set-Cookie') {
      list[this.#cookieAt + 1] = value;
      return;
    }
    this.#cookieAt = list.length;
    list.push('Set-Cookie', value);
  }
}

/** As `inner` chooses; bound to a peer if it can be. */
export function stickyBalancer(r: HttpRequest, sticky: Sticky, inner: Balancer): Balancer {
  if (isBindable(inner)) return new StickyBalancer(r, sticky, inner);
  logError(r, 'warn', 'balancer does not support sticky');
  return inner;
}

function isBindable(balancer: Balancer): balancer is BindableBalancer {
  return 'hint' in balancer;
}

function firstOf(r: HttpRequest, variables: readonly Variable[]): string {
  for (const variable of variables) {
    const value = variable.read(r) ?? '';
    if (value !== '') return value;
  }
  return '';
}

function cookieText(r: HttpRequest, cookie: StickyCookie, sid: string): string {
  let text = `${cookie.name}=${sid}`;
  if (cookie.expires === 'max') {
    text += '; expires=Thu, 31-Dec-37 23:55:55 GMT; max-age=315360000';
  } else if (cookie.expires !== null) {
    text += `; expires=${cookieTime(Date.now() + cookie.expires * 1000)}; max-age=${cookie.expires}`;
  }
  const domain = cookie.domain === null ? '' : cookie.domain.evaluate(r);
  if (domain !== '') text += `; domain=${domain}`;
  if (cookie.httponly) text += '; httponly';
  if (cookie.secure) text += '; secure';
  const samesite = samesiteOf(r, cookie.samesite);
  if (samesite !== '') text += `; samesite=${samesite}`;
  return text + cookie.path;
}

function samesiteOf(r: HttpRequest, value: ComplexValue | null): string {
  if (value === null) return '';
  const given = value.evaluate(r);
  return given === '' || isSamesite(given) ? given : 'strict';
}

export function isSamesite(value: string): boolean {
  return /^(strict|lax|none)$/i.test(value);
}
