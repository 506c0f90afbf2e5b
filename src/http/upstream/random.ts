// random: a peer at random, by weights; with `two` the better one of two (ngx_http_upstream_random_module.c).

import { waitAt } from './least_time.ts';
import { type Peer, type Peers, RoundRobin, seconds } from './peers.ts';

const MAX_TRIES = 20;

/** How the better one of two is told: by connections, or by what a request has to wait. */
export type Better = 'least_conn' | 'header' | 'last_byte';

export class Random extends RoundRobin {
  readonly #two: Better | null;
  #failed = 0;

  constructor(peers: Peers, two: Better | null) {
    super(peers);
    this.#two = two;
    peers.prepared ??= startsOf(peers.primary);
  }

  protected override choose(): Peer | null {
    if (this.#failed > MAX_TRIES || this.group.length < 2) return super.choose();
    const now = seconds();
    const bound = this.bound(now);
    if (bound !== null) return this.chosen(bound, now);
    let first: Peer | null = null;
    for (;;) {
      const peer = this.#peek();
      if (peer !== first && this.mayAsk(peer, now)) {
        if (this.#two === null) return this.chosen(peer, now);
        if (first !== null) return this.chosen(this.#better(first, peer, now), now);
        first = peer;
      } else if (++this.#failed > MAX_TRIES) {
        return super.choose();
      }
    }
  }

  #peek(): Peer {
    const starts = this.peers.prepared as readonly number[];
    const at = Math.floor(Math.random() * this.peers.totalWeight);
    let low = 0;
    let high = this.group.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (at < (starts[middle] as number)) high = middle;
      else low = middle;
    }
    return this.group[low] as Peer;
  }

  #better(first: Peer, second: Peer, now: number): Peer {
    if (this.#two === 'least_conn') {
      return second.conns * first.weight > first.conns * second.weight ? first : second;
    }
    const header = this.#two === 'header';
    const one = waitAt(first, header, now) * second.weight;
    return waitAt(second, header, now) * first.weight > one ? first : second;
  }
}

/** Where each peer's share of all weights begins. */
function startsOf(peers: readonly Peer[]): readonly number[] {
  let sum = 0;
  return peers.map(({ weight }) => {
    const start = sum;
    sum += weight;
    return start;
  });
}
