// The peers of an upstream and nginx's default way to choose among them: smooth weighted round robin, with peers that
// failed left out for fail_timeout (ngx_http_upstream_round_robin.c). Without `zone` a worker's peers are its own, and
// what is counted of them are plain fields; with it they are SharedPeers, and each choice happens under the zone's lock.

import { createHash } from 'node:crypto';
import type { Zone } from '../../zone/zone.ts';
import type { Rc } from '../rc.ts';
import type { AttemptState } from './state.ts';

// Why a peer is not to be asked: a bit set.
export const PEER_DOWN = 1;
export const PEER_UNHEALTHY = 2;
/** Only requests that are bound to it, by a cookie or a route. */
export const PEER_DRAINING = 8;

// What became of asking a peer.
export const PEER_OK = 0;
/** The next one is asked, but it is not the peer's failure. */
export const PEER_NEXT = 1;
export const PEER_FAILED = 2;

export interface PeerSpec {
  /** As $upstream_addr shows it: "127.0.0.1:8080", "unix:/path". */
  readonly name: string;
  /** The `server` directive's own words; of an SRV record its target. */
  readonly server: string;
  readonly host: string;
  readonly port: number;
  /** A unix socket; null for TCP. */
  readonly path: string | null;
  readonly weight: number;
  readonly maxConns: number;
  readonly maxFails: number;
  /** Seconds. */
  readonly failTimeout: number;
  /** Milliseconds; 0: a peer that comes back is asked as often as the others at once. */
  readonly slowStart: number;
  readonly down: number;
  /** What binds requests to it; empty: made of its address. */
  readonly route: string;
}

/** What is counted of a peer. Times are seconds, as nginx counts them here, unless their name says milliseconds. */
export interface PeerState {
  down: number;
  effectiveWeight: number;
  currentWeight: number;
  conns: number;
  fails: number;
  accessed: number;
  checked: number;
  /** When it came back; 0: long ago. */
  startedMs: number;
  headerTimeMs: number;
  responseTimeMs: number;
  inflightTimeMs: number;
  inflightLastMs: number;
  inflightChangedMs: number;
  inflight: number;
}

/** One address of an upstream. */
export interface Peer extends Omit<PeerSpec, 'down'>, PeerState {
  /** It has been taken out of the upstream: what was counted of it is no more. */
  readonly gone: boolean;
  /** What binds requests to it; empty until somebody asks: see sidOf(). */
  sid: string;
  /** Of this choice: it has come back so lately that others are asked first. */
  held: boolean;
}

/** What is known of a peer from its configuration. */
export class ConfiguredPeer implements Omit<PeerSpec, 'down'> {
  readonly name: string;
  readonly server: string;
  readonly host: string;
  readonly port: number;
  readonly path: string | null;
  readonly weight: number;
  readonly maxConns: number;
  readonly maxFails: number;
  readonly failTimeout: number;
  readonly slowStart: number;
  readonly route: string;

  constructor(spec: PeerSpec) {
    this.name = spec.name;
    this.server = spec.server;
    this.host = spec.host;
    this.port = spec.port;
    this.path = spec.path;
    this.weight = spec.weight;
    this.maxConns = spec.maxConns;
    this.maxFails = spec.maxFails;
    this.failTimeout = spec.failTimeout;
    this.slowStart = spec.slowStart;
    this.route = spec.route;
  }
}

/** A peer that no other worker knows of. */
export class OwnPeer extends ConfiguredPeer implements Peer {
  readonly gone = false;
  down: number;
  effectiveWeight: number;
  currentWeight = 0;
  conns = 0;
  fails = 0;
  accessed = 0;
  checked = 0;
  startedMs = 0;
  headerTimeMs = 0;
  responseTimeMs = 0;
  inflightTimeMs = 0;
  inflightLastMs = 0;
  inflightChangedMs = 0;
  inflight = 0;
  sid = '';
  held = false;

  constructor(spec: PeerSpec) {
    super(spec);
    this.down = spec.down;
    this.effectiveWeight = spec.weight;
  }
}

/** An upstream's peers. They are others once a zone's servers have changed: see Upstream.peers. */
export class Peers {
  /** The upstream's name: what $upstream_addr shows when no peer is to be had. */
  readonly name: string;
  readonly primary: readonly Peer[];
  readonly backup: readonly Peer[];
  /** One peer alone is always asked, however often it has failed. */
  readonly single: boolean;
  /** How many peers a request may ask. */
  readonly tries: number;
  /** Of the primary peers. */
  readonly totalWeight: number;
  /** Of peers that all workers share. */
  readonly lock: Zone | null;
  /** Some peer has a slow start. */
  readonly slow: boolean;
  /** What a way to choose has made of these peers, for all requests. */
  prepared: unknown = null;

  constructor(name: string, primary: readonly Peer[], backup: readonly Peer[], lock: Zone | null = null) {
    this.name = name;
    this.primary = primary;
    this.backup = backup;
    this.lock = lock;
    this.single = primary.length === 1 && backup.length === 0;
    const all = [...primary, ...backup];
    this.tries = all.filter(({ down }) => (down & ~PEER_UNHEALTHY) === 0).length;
    this.slow = all.some(({ slowStart }) => slowStart > 0);
    this.totalWeight = weightOf(primary);
  }
}

function weightOf(peers: readonly Peer[]): number {
  let sum = 0;
  for (const { weight } of peers) sum += weight;
  return sum;
}

/** Who waits for a peer that is not chosen at once. */
export interface PeerSeeker {
  /** OK: with the peer, or null where none is live. Else what the exchange ends with; DECLINED: as if it had failed. */
  found(rc: Rc, peer: Peer | null): void;
}

/** The choices of one request; each way to choose has its own. */
export interface Balancer {
  /** In place of next(), where the choice may take its time. */
  seek?(seeker: PeerSeeker): void;
  readonly peers: Peers;
  /** The peer being asked; null between two. */
  readonly current: Peer | null;
  /** How many more may be asked. */
  tries: number;
  /** The peer to ask next; null: no live upstreams. */
  next(): Peer | null;
  /** The head of the current peer's response has come. */
  answered(attempt: AttemptState): void;
  /** The current peer has been asked. Answers whether its failures have just put it out of use. */
  release(outcome: number, attempt: AttemptState): boolean;
}

/** A balancer that can be bound to a peer. */
export interface BindableBalancer extends Balancer {
  /** What the peer to be asked is known by (sidOf); empty: any. */
  hint: string;
}

export class RoundRobin implements BindableBalancer {
  readonly peers: Peers;
  current: Peer | null = null;
  tries: number;
  hint = '';
  /** The primary peers, or the backup ones when none of those is left. */
  protected group: readonly Peer[];
  /** Those of the group that have been asked: mostly it is one. */
  #firstTried: Peer | null = null;
  #tried: Peer[] | null = null;
  #outcome = PEER_OK;
  #attempt: AttemptState | null = null;

  constructor(peers: Peers) {
    this.peers = peers;
    this.group = peers.primary;
    this.tries = peers.tries;
  }

  next(): Peer | null {
    const { lock } = this.peers;
    const peer = lock === null ? this.pick() : lock.update(pickStep, this as RoundRobin);
    this.current = peer;
    return peer;
  }

  /** Under the lock. */
  pick(): Peer | null {
    let peer = this.#pickFromGroup();
    if (peer === null && this.group === this.peers.primary && this.peers.backup.length > 0) {
      this.group = this.peers.backup;
      this.#firstTried = null;
      this.#tried = null;
      peer = this.#pickFromGroup();
    }
    if (peer === null) {
      this.group = this.peers.primary; // for who has waited in a queue and asks again
      return null;
    }
    peer.conns++;
    this.taken(peer);
    return peer;
  }

  #pickFromGroup(): Peer | null {
    if (this.peers.single) return this.#theOnly();
    if (!this.peers.slow) return this.choose();
    hold(this.group);
    const peer = this.choose();
    if (peer !== null) return peer;
    for (const one of this.group) one.held = false;
    return this.choose();
  }

  #theOnly(): Peer | null {
    const [peer] = this.group;
    if (peer === undefined) return null;
    if (this.bound(seconds()) !== null) return peer;
    return peer.down !== 0 || full(peer) ? null : peer;
  }

  /** The best of the group that may be asked; it has then been tried. */
  protected choose(): Peer | null {
    const now = seconds();
    const bound = this.bound(now);
    if (bound === null) return this.chooseAmong(this.group, 0, now);
    // A peer that many requests are bound to would fall behind the others for ever.
    if (bound.currentWeight > -(weightOf(this.group) - bound.weight)) {
      bound.currentWeight -= this.#addWeights(now);
    }
    return this.chosen(bound, now);
  }

  #addWeights(now: number): number {
    let total = 0;
    for (const peer of this.group) if (this.mayAsk(peer, now)) total += addWeight(peer);
    return total;
  }

  /** By weights in turn, among those that may be asked from `from` on. */
  protected chooseAmong(group: readonly Peer[], from: number, now: number): Peer | null {
    let best: Peer | null = null;
    let total = 0;
    for (let i = from; i < group.length; i++) {
      const peer = group[i] as Peer;
      if (!this.mayAsk(peer, now)) continue;
      total += addWeight(peer);
      if (best === null || peer.currentWeight > best.currentWeight) best = peer;
    }
    if (best === null) return null;
    best.currentWeight -= total;
    return this.chosen(best, now);
  }

  /** The peer that the request is bound to, if it may be asked. */
  protected bound(now: number): Peer | null {
    if (this.hint === '') return null;
    for (const peer of this.group) {
      if (sidOf(peer) !== this.hint) continue;
      const out = this.wasTried(peer) || (peer.down & ~PEER_DRAINING) !== 0;
      return out || full(peer) || failing(peer, now) ? null : peer;
    }
    return null;
  }

  protected mayAsk(peer: Peer, now: number): boolean {
    if (peer.down !== 0 || peer.held || this.wasTried(peer)) return false;
    return !(full(peer) || failing(peer, now));
  }

  protected wasTried(peer: Peer): boolean {
    return peer === this.#firstTried || this.#tried?.includes(peer) === true;
  }

  protected chosen(peer: Peer, now: number): Peer {
    if (this.#firstTried === null) {
      this.#firstTried = peer;
    } else {
      this.#tried ??= [];
      this.#tried.push(peer);
    }
    if (now - peer.checked > peer.failTimeout) peer.checked = now;
    return peer;
  }

  /** Under the lock: the peer is going to be asked. */
  protected taken(_peer: Peer): void {}

  answered(_attempt: AttemptState): void {}

  release(outcome: number, attempt: AttemptState): boolean {
    if (this.current === null) return false;
    const { lock } = this.peers;
    if (lock === null) return this.give(outcome, attempt);
    this.#outcome = outcome;
    this.#attempt = attempt;
    return lock.update(giveStep, this as RoundRobin);
  }

  /** Under the lock. */
  give(outcome = this.#outcome, attempt = this.#attempt as AttemptState): boolean {
    const peer = this.current as Peer;
    this.current = null;
    if (peer.gone) {
      if (this.tries > 0) this.tries--;
      return false;
    }
    this.left(peer, outcome, attempt);
    peer.conns--;
    if (this.peers.single) {
      if (peer.fails !== 0) peer.fails = 0;
      this.tries = 0;
      return false;
    }
    if (this.tries > 0) this.tries--;
    if (outcome !== PEER_FAILED) {
      if (peer.accessed < peer.checked) alive(peer);
      return false;
    }
    const now = seconds();
    peer.fails++;
    peer.accessed = now;
    peer.checked = now;
    if (peer.maxFails === 0) return false;
    peer.effectiveWeight = Math.max(0, peer.effectiveWeight - Math.floor(peer.weight / peer.maxFails));
    return peer.fails >= peer.maxFails;
  }

  /** Under the lock: the peer has been asked. */
  protected left(_peer: Peer, _outcome: number, _attempt: AttemptState): void {}
}

/** Its share of a choice; what failures have taken of its weight comes back bit by bit. */
function addWeight(peer: Peer): number {
  const { effectiveWeight } = peer;
  peer.currentWeight += effectiveWeight;
  if (effectiveWeight < peer.weight) peer.effectiveWeight = effectiveWeight + 1;
  return effectiveWeight;
}

function pickStep(_zone: Zone, balancer: RoundRobin): Peer | null {
  return balancer.pick();
}

function giveStep(_zone: Zone, balancer: RoundRobin): boolean {
  return balancer.give();
}

/** Its check has passed. */
function alive(peer: Peer): void {
  if (peer.slowStart > 0 && peer.maxFails > 0 && peer.fails >= peer.maxFails) peer.startedMs = Date.now();
  peer.fails = 0;
}

/** Those that have come back lately take part in as many choices as of their slow start has passed. */
function hold(group: readonly Peer[]): void {
  const now = Date.now();
  for (const peer of group) {
    const passed = peer.startedMs === 0 ? peer.slowStart : now - peer.startedMs;
    peer.held = passed < peer.slowStart && Math.random() * peer.slowStart >= passed;
  }
}

/** What a request is bound to a peer by: its route, else the MD5 hash of its address. */
export function sidOf(peer: Peer): string {
  if (peer.sid === '') {
    peer.sid = peer.route === '' ? createHash('md5').update(peer.name, 'latin1').digest('hex') : peer.route;
  }
  return peer.sid;
}

function full(peer: Peer): boolean {
  return peer.maxConns > 0 && peer.conns >= peer.maxConns;
}

function failing(peer: Peer, now: number): boolean {
  return peer.maxFails > 0 && peer.fails >= peer.maxFails && now - peer.checked <= peer.failTimeout;
}

export function seconds(): number {
  return Math.floor(Date.now() / 1000);
}
