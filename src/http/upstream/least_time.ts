// least_time: the peer at which a request is likely to be answered first, by the average time that the peer has taken
// and how much it has to do (ngx_http_upstream_least_time_module.c).

import type { Zone } from '../../zone/zone.ts';
import { PEER_OK, type Peer, type Peers, RoundRobin, seconds } from './peers.ts';
import type { AttemptState } from './state.ts';

const SLOWEST_MS = 5000;
/** Times that are closer than that are the same. */
const CLUSTER_MS = 20;

interface LeastTimeSettings {
  /** Until the head of the response has come, not its last byte. */
  readonly header: boolean;
  /** Requests that are not answered yet count too. */
  readonly inflight: boolean;
}

export class LeastTime extends RoundRobin {
  readonly #settings: LeastTimeSettings;
  #leastWait = 0;
  #least: Peer | null = null;
  /** The peer counts the request among those that it has not answered. */
  #counted = false;
  #attempt: AttemptState | null = null;

  constructor(peers: Peers, settings: LeastTimeSettings) {
    super(peers);
    this.#settings = settings;
  }

  protected override choose(): Peer | null {
    const now = seconds();
    const bound = this.bound(now);
    if (bound !== null) return this.chosen(bound, now);
    const { group } = this;
    const nowMs = Date.now();
    let best: Peer | null = null;
    let bestWait = 0;
    let from = 0;
    let many = false;
    for (let i = 0; i < group.length; i++) {
      const peer = group[i] as Peer;
      if (!super.mayAsk(peer, now)) continue;
      if (peer.inflight > 0) {
        const each = Math.floor(peer.inflightLastMs / peer.inflight) + nowMs - peer.inflightChangedMs;
        peer.inflightTimeMs = average(peer.inflightTimeMs, each);
      }
      const wait = waitAt(peer, this.#settings.header, now);
      const order = best === null ? -1 : wait * best.weight - bestWait * peer.weight;
      if (order < 0) {
        best = peer;
        bestWait = wait;
        from = i;
        many = false;
      } else if (order === 0) {
        many = true;
      }
    }
    if (best === null || !many) return best === null ? null : this.chosen(best, now);
    this.#least = best;
    this.#leastWait = bestWait;
    return this.chooseAmong(group, from, now);
  }

  /** In turns among those at which the wait is as short as at the best. */
  protected override mayAsk(peer: Peer, now: number): boolean {
    const least = this.#least;
    if (least !== null) {
      const wait = waitAt(peer, this.#settings.header, now);
      if (wait * least.weight !== this.#leastWait * peer.weight) return false;
    }
    return super.mayAsk(peer, now);
  }

  protected override taken(peer: Peer): void {
    if (!this.#settings.inflight || this.peers.single) return;
    const now = Date.now();
    if (peer.inflight > 0) peer.inflightLastMs += (now - peer.inflightChangedMs) * peer.inflight;
    peer.inflightChangedMs = now;
    peer.inflight++;
    this.#counted = true;
  }

  override answered(attempt: AttemptState): void {
    if (!this.#settings.inflight || !this.#settings.header || this.current === null) return;
    const { lock } = this.peers;
    this.#attempt = attempt;
    if (lock === null) this.headCame();
    else lock.update(headCameStep, this as LeastTime);
  }

  headCame(): void {
    const peer = this.current as Peer;
    if (peer.gone) return;
    const { headerTime } = this.#attempt as AttemptState;
    peer.headerTimeMs = average(peer.headerTimeMs, headerTime);
    if (this.#counted) this.#done(peer, headerTime);
  }

  #done(peer: Peer, lastMs: number): void {
    if (peer.inflight <= 1) {
      peer.inflightLastMs = 0;
    } else {
      const now = Date.now();
      peer.inflightLastMs += (now - peer.inflightChangedMs) * peer.inflight - lastMs;
      peer.inflightChangedMs = now;
    }
    peer.inflight = Math.max(0, peer.inflight - 1);
    this.#counted = false;
  }

  protected override left(peer: Peer, outcome: number, attempt: AttemptState): void {
    const { headerTime, responseTime } = attempt;
    if (this.#counted) this.#done(peer, Math.max(responseTime, 0));
    // Only what has worked counts: else those that fail fast would be preferred.
    if (outcome !== PEER_OK || headerTime === -1) return;
    peer.responseTimeMs = average(peer.responseTimeMs, responseTime);
    const { inflight, header } = this.#settings;
    if (!(inflight && header)) peer.headerTimeMs = average(peer.headerTimeMs, headerTime);
  }
}

function headCameStep(_zone: Zone, balancer: LeastTime): void {
  balancer.headCame();
}

/** An exponential moving average. */
function average(before: number, value: number): number {
  return before === 0 ? value : Math.floor(0.5 + value * 0.05 + before * 0.95);
}

/** How long a further request is likely to take at the peer: only good for comparing. */
export function waitAt(peer: Peer, header: boolean, now: number): number {
  let ms = header ? peer.headerTimeMs : peer.responseTimeMs;
  // Now and then slow peers get a chance.
  if (now - peer.checked > peer.failTimeout) {
    ms = Math.floor(ms / 2 ** Math.floor((now - peer.checked) / (peer.failTimeout + 1)));
  }
  if (peer.inflight > 0) ms = Math.max(ms, peer.inflightTimeMs);
  ms = ms > SLOWEST_MS ? SLOWEST_MS : ms + CLUSTER_MS - (ms % CLUSTER_MS);
  return ms * (1 + peer.conns);
}
