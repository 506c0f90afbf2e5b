// balancer_by_ts: blocks of an upstream choose its peer, each time one is asked. What they do not choose is left to the
// method that the upstream has otherwise, as in lua-nginx-module.

import type { Args } from '../conf/args.ts';
import type { Reader } from '../conf/reader.ts';
import { addressText, parseAddress } from '../core/addresses.ts';
import { parseNumber } from '../core/sizes.ts';
import { toLatin1 } from '../core/text.ts';
import { logError } from '../http/log.ts';
import { DECLINED, ERROR, OK, type Rc } from '../http/rc.ts';
import type { HttpRequest } from '../http/request.ts';
import type { Exchange } from '../http/upstream/exchange.ts';
import { KeepalivePool } from '../http/upstream/keepalive.ts';
import { type LocalAddress, localAddress } from '../http/upstream/local_address.ts';
import { exchangeOf } from '../http/upstream/of_request.ts';
import {
  type Balancer,
  OwnPeer,
  PEER_FAILED,
  type Peer,
  type PeerSeeker,
  type Peers,
  RoundRobin,
} from '../http/upstream/peers.ts';
import type { AttemptState } from '../http/upstream/state.ts';
import { type Upstream, upstreamOf, upstreamsOf } from '../http/upstream/upstreams.ts';
import { Refusal } from './host/request.ts';
import * as p from './protocol.ts';
import type { BlockList } from './scripts.ts';

/** Runs blocks for a request; false: they cannot be run. */
export type RunBalancer = (r: HttpRequest, blocks: BlockList, balancer: ScriptBalancer) => boolean;

/** What an upstream with balancer blocks has beside its peers. */
class Chooser {
  blocks: BlockList;
  /** balancer_keepalive: how many connections of enable_keepalive() are kept. */
  readonly pool = new KeepalivePool({
    connections: 32,
    local: false,
    requests: Number.POSITIVE_INFINITY,
    timeMs: Number.POSITIVE_INFINITY,
    timeoutMs: 60_000,
  });

  constructor(blocks: BlockList) {
    this.blocks = blocks;
  }
}

const choosers = new WeakMap<Upstream, Chooser>();
const sizes = new WeakMap<Upstream, number>();

/** balancer_by_ts_block and _file: `blocks` are all of this upstream's. */
export function chooseByBlocks(args: Args, blocks: BlockList, run: RunBalancer): void {
  const upstream = upstreamOf(args);
  const known = choosers.get(upstream);
  if (known !== undefined) return; // its list has just grown
  const chooser = new Chooser(blocks);
  choosers.set(upstream, chooser);
  const { method } = upstream;
  if (method !== null) args.warn('load balancing method redefined');
  upstream.needsServers = false;
  upstream.takesBackup = false;
  chooser.pool.settings.connections = sizes.get(upstream) ?? 32;
  upstream.method = (r, peers) => {
    const inner = method === null ? new RoundRobin(peers) : method(r, peers);
    return new ScriptBalancer(r, chooser, inner, run);
  };
}

/** balancer_keepalive NUMBER */
export function parseBalancerKeepalive(args: Args, seen: number | undefined): number {
  if (seen !== undefined) args.fail('is duplicate');
  const connections = parseNumber(args.text(1));
  if (connections <= 0) args.failWhole(`invalid value "${args.text(1)}" in "${args.name}" directive`);
  const upstream = upstreamOf(args);
  sizes.set(upstream, connections);
  const chooser = choosers.get(upstream);
  if (chooser !== undefined) chooser.pool.settings.connections = connections;
  return connections;
}

/** The blocks of all upstreams: any isolate may have to run them. */
export function balancerBlocks(cf: Reader): BlockList[] {
  return upstreamsOf(cf).flatMap((upstream) => choosers.get(upstream)?.blocks ?? []);
}

export function closeBalancerPools(cf: Reader): void {
  for (const upstream of upstreamsOf(cf)) choosers.get(upstream)?.pool.close();
}

const BUSY = -3;

export class ScriptBalancer implements Balancer {
  readonly peers: Peers;
  readonly #r: HttpRequest;
  readonly #chooser: Chooser;
  readonly #inner: Balancer;
  readonly #run: RunBalancer;
  #seeker: PeerSeeker | null = null;
  /** The peer that a block has chosen. */
  #own: Peer | null = null;
  #host = '';
  #moreTries = 0;
  #attempts = 0;
  #local: LocalAddress | null = null;
  #keepalive: { readonly requests: number; readonly timeoutMs: number } | null = null;
  /** What became of the peer before. */
  #last: 'failed' | 'next' | null = null;

  constructor(r: HttpRequest, chooser: Chooser, inner: Balancer, run: RunBalancer) {
    this.#r = r;
    this.#chooser = chooser;
    this.#inner = inner;
    this.#run = run;
    this.peers = inner.peers;
    // An upstream without servers counts as one.
    if (inner.peers.primary.length === 0) inner.tries = 1;
  }

  get current(): Peer | null {
    return this.#own ?? this.#inner.current;
  }

  get tries(): number {
    return this.#inner.tries;
  }

  set tries(tries: number) {
    this.#inner.tries = tries;
  }

  next(): Peer | null {
    return this.#inner.next();
  }

  seek(seeker: PeerSeeker): void {
    this.#seeker = seeker;
    this.#own = null;
    this.#moreTries = 0;
    this.#keepalive = null;
    this.#attempts++;
    const u = exchangeOf(this.#r);
    if (u !== null) u.connecting = null;
    if (!this.#run(this.#r, this.#chooser.blocks, this)) this.#found(ERROR, null);
  }

  /** The blocks have run; `code` is that of ngx.exit. */
  decided(code: Rc): void {
    if (code === BUSY) this.#found(OK, null);
    else if (code === OK) this.#take();
    else this.#found(code === DECLINED || code >= 300 ? code : ERROR, null);
  }

  #found(rc: Rc, peer: Peer | null): void {
    const seeker = this.#seeker;
    this.#seeker = null;
    seeker?.found(rc, peer);
  }

  #take(): void {
    const peer = this.#own;
    const seeker = this.#seeker;
    if (seeker === null) return;
    if (peer !== null) {
      if (this.#moreTries > 0) this.tries += this.#moreTries;
      this.#connectTo(peer);
      this.#found(OK, peer);
      return;
    }
    if (this.peers.primary.length === 0) {
      logError(this.#r, 'error', 'ts balancer: no peer set');
      this.#found(ERROR, null);
      return;
    }
    const chosen = this.#inner.next();
    if (chosen !== null) this.#connectTo(chosen);
    this.#found(OK, chosen);
  }

  #connectTo(peer: Peer): void {
    const u = exchangeOf(this.#r);
    const local = this.#local;
    const keepalive = this.#keepalive;
    const host = this.#own === null ? '' : this.#host;
    if (u === null || (local === null && keepalive === null && host === '')) return;
    u.connecting = {
      pool: keepalive === null ? null : this.#chooser.pool,
      limits: keepalive ?? u.upstream?.keepaliveSettings ?? this.#chooser.pool.settings,
      key: `${peer.name}\0${host}\0${local?.name(this.#r) ?? ''}`,
      local,
      host: host === '' ? null : host,
    };
  }

  answered(attempt: AttemptState): void {
    if (this.#own === null) this.#inner.answered(attempt);
  }

  release(outcome: number, attempt: AttemptState): boolean {
    this.#last = outcome === PEER_FAILED ? 'failed' : 'next';
    if (this.#own === null) return this.#inner.release(outcome, attempt);
    this.#own = null;
    if (this.tries > 0) this.tries--;
    return false;
  }

  /** ngx.balancer's functions. Throws Refusal. */
  call(operation: number, args: readonly unknown[]): string | undefined {
    const u = exchangeOf(this.#r);
    if (u === null) throw new Refusal('no upstream found');
    switch (operation) {
      case p.BALANCER_PEER:
        this.#setPeer(toLatin1(String(args[0])), Number(args[1]), toLatin1(String(args[2] ?? '')));
        return undefined;
      case p.BALANCER_MORE_TRIES:
        return this.#setMoreTries(Number(args[0]), u.settings.nextUpstreamTries);
      case p.BALANCER_LAST_FAILURE:
        return this.#last === null ? undefined : `${this.#last} ${u.states.at(-2)?.status ?? 0}`;
      case p.BALANCER_TIMEOUTS: {
        const [connectTimeout, sendTimeout, readTimeout] = args.map(Number);
        u.timeouts = {
          connectTimeout: connectTimeout || u.timeouts.connectTimeout,
          sendTimeout: sendTimeout || u.timeouts.sendTimeout,
          readTimeout: readTimeout || u.timeouts.readTimeout,
        };
        return undefined;
      }
      case p.BALANCER_KEEPALIVE: {
        if (this.#own === null) throw new Refusal('no current peer set');
        const requests = Number(args[1]) || Number.POSITIVE_INFINITY;
        this.#keepalive = { timeoutMs: Number(args[0]), requests };
        return undefined;
      }
      case p.BALANCER_RECREATE:
        if (u.codec.createRequest(u) !== OK) throw new Refusal('failed to recreate the upstream request');
        return undefined;
      case p.BALANCER_TLS:
        speakTls(u, args[0] === true);
        return undefined;
      default:
        this.#bind(toLatin1(String(args[0])));
        return undefined;
    }
  }

  #setPeer(text: string, port: number, host: string): void {
    const address = parseAddress(text, { defaultPort: port });
    if (typeof address === 'string') throw new Refusal(address);
    const { kind } = address;
    if (kind === 'name') throw new Refusal('no host allowed');
    this.#own = new OwnPeer({
      name: addressText(address.host, address.port),
      server: text,
      host: address.host,
      port: address.port,
      path: kind === 'unix' ? address.host : null,
      weight: 1,
      maxConns: 0,
      maxFails: 0,
      failTimeout: 0,
      slowStart: 0,
      down: 0,
      route: '',
    });
    this.#host = host;
  }

  #setMoreTries(count: number, limit: number): string | undefined {
    const total = this.#attempts + this.tries - 1;
    const reduced = limit > 0 && total + count > limit;
    this.#moreTries = reduced ? limit - total : count;
    return reduced ? 'reduced tries due to limit' : undefined;
  }

  #bind(text: string): void {
    const local = localAddress(text);
    if (local === null) throw new Refusal(`invalid addr ${text}`);
    this.#local = local;
  }
}

function speakTls(u: Exchange, on: boolean): void {
  // The settings of TLS are those of the location, which has them where it may have to speak it.
  if (on && u.settings.ssl === null) {
    throw new Refusal('no TLS settings: proxy_pass has to name https://, or a variable');
  }
  u.secure = on;
  u.schema = u.schema.replace(/^https?:/, on ? 'https:' : 'http:');
}
