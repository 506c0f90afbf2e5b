// The peers of an upstream and nginx's default way to choose among them: smooth weighted round robin, with peers that
// failed left out for fail_timeout (ngx_http_upstream_round_robin.c). State is the worker's own.

import type { Rc } from '../rc.ts';

/** One address of an upstream. Times are seconds, as nginx counts them here. */
export class Peer {
  /** As $upstream_addr shows it: "127.0.0.1:8080", "unix:/path". */
  readonly name: string;
  /** The `server` directive's own words. */
  readonly server: string;
  readonly host: string;
  readonly port: number;
  /** A unix socket; null for TCP. */
  readonly path: string | null;
  readonly weight: number;
  readonly maxConns: number;
  readonly maxFails: number;
  readonly failTimeout: number;
  readonly down: boolean;
  effectiveWeight: number;
  currentWeight = 0;
  conns = 0;
  fails = 0;
  accessed = 0;
  checked = 0;

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
    this.down = spec.down;
    this.effectiveWeight = spec.weight;
  }
}

export interface PeerSpec {
  readonly name: string;
  readonly server: string;
  readonly host: string;
  readonly port: number;
  readonly path: string | null;
  readonly weight: number;
  readonly maxConns: number;
  readonly maxFails: number;
  /** Seconds. */
  readonly failTimeout: number;
  readonly down: boolean;
}

/** An upstream's peers. */
export class Peers {
  /** The upstream's name: what $upstream_addr shows when no peer is to be had. */
  readonly name: string;
  readonly primary: readonly Peer[];
  readonly backup: readonly Peer[];
  /** One peer alone is always asked, however often it has failed. */
  readonly single: boolean;
  /** How many peers a request may ask. */
  readonly tries: number;

  constructor(name: string, primary: readonly Peer[], backup: readonly Peer[]) {
    this.name = name;
    this.primary = primary;
    this.backup = backup;
    this.single = primary.length === 1 && backup.length === 0;
    this.tries = [...primary, ...backup].filter((peer) => !peer.down).length;
  }
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
  /** The current peer has been asked. Answers whether its failures have just put it out of use. */
  release(failed: boolean): boolean;
}

export class RoundRobin implements Balancer {
  readonly peers: Peers;
  current: Peer | null = null;
  tries: number;
  /** The primary peers, or the backup ones when none of those is left. */
  protected group: readonly Peer[];
  /** Those of the group that have been asked. */
  protected readonly tried: Peer[] = [];

  constructor(peers: Peers) {
    this.peers = peers;
    this.group = peers.primary;
    this.tries = peers.tries;
  }

  next(): Peer | null {
    let peer = this.peers.single ? theOnly(this.group) : this.choose();
    if (peer === null && this.group === this.peers.primary && this.peers.backup.length > 0) {
      this.group = this.peers.backup;
      this.tried.length = 0;
      peer = this.choose();
    }
    this.current = peer;
    if (peer !== null) peer.conns++;
    return peer;
  }

  /** The best of the group that may be asked; it has then been tried. */
  protected choose(): Peer | null {
    return this.chooseAmong(this.group, 0);
  }

  /** By weights in turn, among those that may be asked from `from` on. */
  protected chooseAmong(group: readonly Peer[], from: number): Peer | null {
    const now = seconds();
    let best: Peer | null = null;
    let total = 0;
    for (let i = from; i < group.length; i++) {
      const peer = group[i] as Peer;
      if (!this.mayAsk(peer, now)) continue;
      peer.currentWeight += peer.effectiveWeight;
      total += peer.effectiveWeight;
      if (peer.effectiveWeight < peer.weight) peer.effectiveWeight++;
      if (best === null || peer.currentWeight > best.currentWeight) best = peer;
    }
    if (best === null) return null;
    best.currentWeight -= total;
    return this.chosen(best, now);
  }

  protected mayAsk(peer: Peer, now: number): boolean {
    return !(this.tried.includes(peer) || peer.down || full(peer) || failing(peer, now));
  }

  protected chosen(peer: Peer, now: number): Peer {
    this.tried.push(peer);
    if (now - peer.checked > peer.failTimeout) peer.checked = now;
    return peer;
  }

  release(failed: boolean): boolean {
    const peer = this.current;
    if (peer === null) return false;
    this.current = null;
    peer.conns--;
    if (this.peers.single) {
      peer.fails = 0;
      this.tries = 0;
      return false;
    }
    if (this.tries > 0) this.tries--;
    if (!failed) {
      if (peer.accessed < peer.checked) peer.fails = 0;
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
}

function theOnly([peer]: readonly Peer[]): Peer | null {
  return peer === undefined || peer.down || full(peer) ? null : peer;
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
