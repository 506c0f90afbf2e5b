// The same client asks the same peer: by the first three numbers of an IPv4 address, or a whole IPv6 address
// (ngx_http_upstream_ip_hash_module.c).

import { addressBytes } from '../../core/cidr.ts';
import { type Peer, type Peers, RoundRobin, seconds } from './peers.ts';

const MAX_TRIES = 20;
const IPV4_BYTES = 4;
const USED_OF_IPV4 = 3;
/** Of clients without an address (unix sockets). */
const NO_ADDRESS = '\0\0\0';

export class IpHash extends RoundRobin {
  readonly #key: string;
  #hash = 89;
  #rehashed = 0;

  constructor(peers: Peers, client: string) {
    super(peers);
    const bytes = addressBytes(client) ?? NO_ADDRESS;
    this.#key = bytes.length === IPV4_BYTES ? bytes.slice(0, USED_OF_IPV4) : bytes;
  }

  protected override choose(): Peer | null {
    if (this.#rehashed > MAX_TRIES || this.group !== this.peers.primary || this.group.length < 2) {
      return super.choose();
    }
    const now = seconds();
    const bound = this.bound(now);
    if (bound !== null) return this.chosen(bound, now);
    let hash = this.#hash;
    for (;;) {
      for (let i = 0; i < this.#key.length; i++) hash = (hash * 113 + this.#key.charCodeAt(i)) % 6271;
      const peer = peerAt(this.group, hash % this.peers.totalWeight);
      if (this.mayAsk(peer, now)) {
        this.#hash = hash;
        return this.chosen(peer, now);
      }
      if (++this.#rehashed > MAX_TRIES) return super.choose();
    }
  }
}

/** The peer in whose share of all weights `weight` falls. */
export function peerAt(group: readonly Peer[], weight: number): Peer {
  let left = weight;
  let i = 0;
  for (; left >= (group[i] as Peer).weight; i++) left -= (group[i] as Peer).weight;
  return group[i] as Peer;
}
