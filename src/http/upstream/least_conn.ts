// The peer with the fewest connections for its weight; among several, in turns (ngx_http_upstream_least_conn_module.c).

import { type Peer, RoundRobin, seconds } from './peers.ts';

export class LeastConn extends RoundRobin {
  protected override choose(): Peer | null {
    const now = seconds();
    let best: Peer | null = null;
    let many = false;
    for (const peer of this.group) {
      if (!this.mayAsk(peer, now)) continue;
      const order = best === null ? -1 : peer.conns * best.weight - best.conns * peer.weight;
      if (order < 0) {
        best = peer;
        many = false;
      } else if (order === 0) {
        many = true;
      }
    }
    if (best === null) return null;
    if (!many) return this.chosen(best, now);
    const { conns, weight } = best;
    const equal = this.group.filter((peer) => peer.conns * weight === conns * peer.weight);
    return this.chooseAmong(equal, 0);
  }
}
