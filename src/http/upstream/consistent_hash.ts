// hash KEY consistent: few keys move when peers come and go (ketama; ngx_http_upstream_hash_module.c, compatible with
// Cache::Memcached::Fast). Each server has 160 points for each unit of its weight; a key belongs to the next point.

import { crc32Byte, crc32Final, crc32Start, crc32Text } from '../../core/crc32.ts';
import { type Peer, type Peers, RoundRobin, seconds } from './peers.ts';

const POINTS = 160;
const MAX_TRIES = 20;

interface Ring {
  /** In ascending order. */
  readonly hashes: Uint32Array;
  /** The server of each point. */
  readonly servers: readonly string[];
}

export class ConsistentHash extends RoundRobin {
  readonly #key: string;
  readonly #ring: Ring;
  /** The point that the choice has come to. */
  #point: number;
  #failed = 0;
  /** Whose peers may be asked; null: those of all. */
  #server: string | null = null;

  constructor(peers: Peers, key: string) {
    super(peers);
    this.#key = key;
    peers.prepared ??= makeRing(peers.primary);
    this.#ring = peers.prepared as Ring;
    this.#point = findPoint(this.#ring.hashes, crc32Final(crc32Text(crc32Start, key)));
  }

  protected override choose(): Peer | null {
    if (this.#failed > MAX_TRIES || this.#key === '') return super.choose();
    if (this.group.length === 0) return null;
    const now = seconds();
    const bound = this.bound(now);
    if (bound !== null) return this.chosen(bound, now);
    const { servers } = this.#ring;
    for (;;) {
      // A server may have several addresses.
      this.#server = servers[this.#point % servers.length] as string;
      const peer = this.chooseAmong(this.group, 0, now);
      this.#server = null;
      if (peer !== null) return peer;
      this.#point++;
      if (++this.#failed > MAX_TRIES) return super.choose();
    }
  }

  protected override mayAsk(peer: Peer, now: number): boolean {
    return (this.#server === null || peer.server === this.#server) && super.mayAsk(peer, now);
  }
}

function makeRing(peers: readonly Peer[]): Ring {
  // A hash and the number of its peer in one number: sorting keeps equal hashes in the order of peers.
  const points: number[] = [];
  for (const [i, { server, weight }] of peers.entries()) {
    let crc = crc32Start;
    const [host, port] = hostAndPort(server);
    crc = crc32Text(crc32Byte(crc32Text(crc, host), 0), port);
    let previous = 0;
    for (let n = weight * POINTS; n > 0; n--) {
      let state = crc;
      for (let shift = 0; shift < 32; shift += 8) state = crc32Byte(state, (previous >>> shift) & 0xff);
      previous = crc32Final(state);
      points.push(previous * peers.length + i);
    }
  }
  const sorted = Float64Array.from(points).sort();
  const hashes: number[] = [];
  const servers: string[] = [];
  for (const point of sorted) {
    const hash = Math.floor(point / peers.length);
    if (hashes.at(-1) === hash) continue;
    hashes.push(hash);
    servers.push((peers[point % peers.length] as Peer).server);
  }
  return { hashes: Uint32Array.from(hashes), servers };
}

function hostAndPort(server: string): readonly [host: string, port: string] {
  if (/^unix:/i.test(server)) return [server.slice(5), ''];
  const [, host, port] = /^(.*):([0-9]*)$/s.exec(server) ?? [];
  return host === undefined || port === undefined ? [server, ''] : [host, port];
}

/** The first point at or after `hash`; past the last one where there is none. */
function findPoint(hashes: Uint32Array, hash: number): number {
  let low = 0;
  let high = hashes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const found = hashes[middle] as number;
    if (hash === found) return middle;
    if (hash > found) low = middle + 1;
    else high = middle;
  }
  return low;
}
