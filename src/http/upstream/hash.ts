// hash KEY: the same key asks the same peer, as Cache::Memcached maps keys (ngx_http_upstream_hash_module.c).

import { crc32Final, crc32Start, crc32Text } from '../../core/crc32.ts';
import { peerAt } from './ip_hash.ts';
import { type Peer, type Peers, RoundRobin, seconds } from './peers.ts';

const MAX_TRIES = 20;

export class Hash extends RoundRobin {
  readonly #key: string;
  /** 32 bits. */
  #hash = 0;
  #rehash = 0;
  #failed = 0;

  constructor(peers: Peers, key: string) {
    super(peers);
    this.#key = key;
  }

  protected override choose(): Peer | null {
    if (this.#failed > MAX_TRIES || this.group.length < 2 || this.#key === '') return super.choose();
    const now = seconds();
    const bound = this.bound(now);
    if (bound !== null) return this.chosen(bound, now);
    for (;;) {
      const crc = crc32Text(crc32Start, this.#rehash === 0 ? '' : String(this.#rehash));
      this.#hash = (this.#hash + ((crc32Final(crc32Text(crc, this.#key)) >>> 16) & 0x7fff)) >>> 0;
      this.#rehash++;
      const peer = peerAt(this.group, this.#hash % this.peers.totalWeight);
      if (this.mayAsk(peer, now)) return this.chosen(peer, now);
      if (++this.#failed > MAX_TRIES) return super.choose();
    }
  }
}
