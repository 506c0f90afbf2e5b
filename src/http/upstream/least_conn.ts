// The peer with the fewest connections for its weight; among several, in turns (ngx_http_upstream_least_conn_module.c).

import { type Peer, RoundRobin, seconds } from './peers.ts';

export class LeastConn extends RoundRobin {
  #least: Peer | null = null;

  protected override choose(): Peer | null {
    const now = seconds();
    const bound = this.bound(now);
    if (bound !== null) return this.chosen(bound, now);
    const { group } = this;
    let best: Peer | null = null;
    let from = 0;
    let many = false;
    for (let i = 0; i < group.length; i++) {
      const peer = group[i] as Peer;
      if (!super.mayAsk(peer, now)) continue;
      const order = best === null ? -1 : peer.conns * best.weight - best.conns * peer.weight;
      if (order < 0) {
        best = peer;
        from = i;
        many = false;
      } else if (order === 0) {
        many = true;
      }
    }
    if (best === null || !many) return best === null ? null : this.chosen(best, now);
    this.#least = best;
    return this.chooseAmong(group, from, now);
  }

  /** In turns among those that have as few as the least one. */
  protected override mayAsk(peer: Peer, now: number): boolean {
    const least = this.#least;
    if (least !== null && peer.conns * least.weight !== least.conns * peer.weight) return false;
    return super.mayAsk(peer, now);
  }
}
