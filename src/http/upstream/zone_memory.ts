// What workers share of an upstream's peers: numbers in plain memory, changed under the lock of the zone, which the
// system takes from a process that dies. The servers themselves are in the zone's entries: see zone_servers.ts.
//
//   header   version (changes with the servers), next stamp
//   workers  process, its start, generation: who has the row of that number
//   peers    a slot each: stamp, then what is counted of it (PeerState)
//   rows     connections of each worker to each peer: the sum is the peer's conns. What a killed worker had is known
//            by its row, and taken back by the next one that looks: at its start, or within a second.

import { MOST_PROCESSES, PROCESS_CELLS, ProcessRows } from '../../zone/processes.ts';
import type { Zone } from '../../zone/zone.ts';
import {
  ConfiguredPeer,
  PEER_DOWN,
  PEER_UNHEALTHY,
  type Peer,
  type PeerSpec,
  type PeerState,
} from './peers.ts';

const VERSION = 0;
const NEXT_STAMP = 1;
const HEADER_CELLS = 16;
const PEER_CELLS = 16;
const CELL_BYTES = 8;
const PEERS_AT = HEADER_CELLS + PROCESS_CELLS;
const MIN_PEERS = 256;
const MAX_PEERS = 4096;
const BYTES_PER_PEER = 512;

const STAMP = 0;
const DOWN = 1;
const EFFECTIVE_WEIGHT = 2;
const CURRENT_WEIGHT = 3;
const CONNS = 4;
const FAILS = 5;
const ACCESSED = 6;
const CHECKED = 7;
const STARTED = 8;
const HEADER_TIME = 9;
const RESPONSE_TIME = 10;
const INFLIGHT_TIME = 11;
const INFLIGHT_LAST = 12;
const INFLIGHT_CHANGED = 13;
const INFLIGHT = 14;

/** How many peers a zone of `size` bytes has room for, those of workers that are being replaced among them. */
function peerRoom(size: number): number {
  return Math.max(MIN_PEERS, Math.min(MAX_PEERS, Math.floor(size / BYTES_PER_PEER)));
}

export function blockBytes(size: number): number {
  return (PEERS_AT + peerRoom(size) * PEER_CELLS) * CELL_BYTES + MOST_PROCESSES * peerRoom(size) * 4;
}

export class ZoneMemory {
  readonly zone: Zone;
  readonly cells: Float64Array;
  /** Of all workers, one after the other. */
  readonly rows: Int32Array;
  readonly room: number;
  readonly #workers: ProcessRows;

  /** `size`: as the zone was declared. */
  constructor(zone: Zone, size: number) {
    this.zone = zone;
    this.room = peerRoom(size);
    const { buffer, byteOffset } = zone.block;
    const cells = PEERS_AT + this.room * PEER_CELLS;
    this.cells = new Float64Array(buffer, byteOffset, cells);
    this.#workers = new ProcessRows(this.cells.subarray(HEADER_CELLS, PEERS_AT));
    this.rows = new Int32Array(buffer, byteOffset + cells * CELL_BYTES, MOST_PROCESSES * this.room);
  }

  get version(): number {
    return this.cells[VERSION] as number;
  }

  /** Under the lock: the servers of some upstream are others now. */
  changed(): void {
    this.cells[VERSION] = this.version + 1;
  }

  /** Where this worker's row begins. */
  get row(): number {
    return this.#workers.own * this.room;
  }

  /** Under the lock: takes a row for this process. */
  join(generation: number): void {
    this.reap();
    this.#workers.join(generation, this.zone.name);
  }

  /** Some worker has died without leaving: cheap, without the lock, and to be asked often. */
  someDead(): boolean {
    return this.#workers.someDead();
  }

  leave(): void {
    if (this.#workers.own === -1) return;
    this.zone.update(leaveStep, this as ZoneMemory);
  }

  /** Under the lock: this process leaves. */
  leaveNow(): void {
    this.free(this.#workers.own);
  }

  /** Under the lock: takes back what dead workers had. */
  reap(): void {
    for (const worker of this.#workers.dead()) this.free(worker);
  }

  /** Under the lock. Sums are made anew: who was killed may have changed only one of the two. */
  free(worker: number): void {
    const { cells, rows, room } = this;
    const row = worker * room;
    for (let slot = 0; slot < room; slot++) {
      const at = PEERS_AT + slot * PEER_CELLS;
      if (cells[at + STAMP] === 0) continue;
      rows[row + slot] = 0;
      const sum = this.#sum(slot);
      if (cells[at + CONNS] === sum) continue;
      cells[at + CONNS] = sum;
      cells[at + INFLIGHT] = 0; // whose they were is not known
      cells[at + INFLIGHT_LAST] = 0;
    }
    rows.fill(0, row, row + room);
    this.#workers.free(worker);
  }

  #sum(slot: number): number {
    let sum = 0;
    for (let at = slot; at < this.rows.length; at += this.room) sum += this.rows[at] as number;
    return sum;
  }

  /** Under the lock: the generations that have workers. */
  generations(): Set<number> {
    return this.#workers.generations();
  }

  /** Under the lock: makes a slot that nobody uses that of a new peer; answers its stamp. */
  allocate(slot: number, weight: number, down: number): number {
    const { cells, rows, room } = this;
    const stamp = (cells[NEXT_STAMP] as number) + 1;
    cells[NEXT_STAMP] = stamp;
    const at = PEERS_AT + slot * PEER_CELLS;
    cells.fill(0, at, at + PEER_CELLS);
    for (let row = slot; row < rows.length; row += room) rows[row] = 0;
    cells[at + STAMP] = stamp;
    cells[at + EFFECTIVE_WEIGHT] = weight;
    cells[at + DOWN] = down;
    return stamp;
  }

  /** Under the lock. */
  unhealthy(slot: number): boolean {
    return ((this.cells[PEERS_AT + slot * PEER_CELLS + DOWN] as number) & PEER_UNHEALTHY) !== 0;
  }

  /** Under the lock. */
  setUnhealthy(slot: number, unhealthy: boolean): void {
    const at = PEERS_AT + slot * PEER_CELLS + DOWN;
    const down = (this.cells[at] as number) & ~PEER_UNHEALTHY;
    this.cells[at] = unhealthy ? down | PEER_UNHEALTHY : down;
  }

  /** Under the lock: the peer's weight has changed. */
  setWeight(slot: number, weight: number): void {
    this.cells[PEERS_AT + slot * PEER_CELLS + EFFECTIVE_WEIGHT] = weight;
  }

  /** Under the lock: the peer's `down` is said anew; what its health checks say stays. */
  setDown(slot: number, down: number): void {
    const at = PEERS_AT + slot * PEER_CELLS + DOWN;
    this.cells[at] = down | ((this.cells[at] as number) & PEER_UNHEALTHY);
  }

  /** Under the lock: who still knows the peer finds it gone. */
  release(slot: number): void {
    this.cells[PEERS_AT + slot * PEER_CELLS + STAMP] = 0;
  }
}

function leaveStep(_zone: Zone, memory: ZoneMemory): void {
  memory.leaveNow();
}

/** A peer that all workers count together. Its numbers are read and written under the lock only. */
export class SharedPeer extends ConfiguredPeer implements Peer, PeerState {
  /** What names it in the API. */
  readonly id: number;
  readonly stamp: number;
  sid = '';
  held = false;
  readonly #cells: Float64Array;
  readonly #at: number;
  readonly #rows: Int32Array;
  readonly #row: number;

  constructor(memory: ZoneMemory, slot: number, stamp: number, id: number, spec: PeerSpec) {
    super(spec);
    this.id = id;
    this.stamp = stamp;
    this.#cells = memory.cells;
    this.#at = PEERS_AT + slot * PEER_CELLS;
    this.#rows = memory.rows;
    this.#row = memory.row + slot;
  }

  /** It is no server of the upstream any more, and its numbers may be another one's. */
  get gone(): boolean {
    return this.#cells[this.#at + STAMP] !== this.stamp;
  }

  get down(): number {
    return this.gone ? PEER_DOWN : (this.#cells[this.#at + DOWN] as number);
  }
  set down(value: number) {
    if (!this.gone) this.#cells[this.#at + DOWN] = value;
  }

  get effectiveWeight(): number {
    return this.#cells[this.#at + EFFECTIVE_WEIGHT] as number;
  }
  set effectiveWeight(value: number) {
    this.#cells[this.#at + EFFECTIVE_WEIGHT] = value;
  }

  get currentWeight(): number {
    return this.#cells[this.#at + CURRENT_WEIGHT] as number;
  }
  set currentWeight(value: number) {
    this.#cells[this.#at + CURRENT_WEIGHT] = value;
  }

  get conns(): number {
    return this.#cells[this.#at + CONNS] as number;
  }
  /** Of this worker: more or fewer by the difference. */
  set conns(value: number) {
    const more = value - this.conns;
    this.#rows[this.#row] = (this.#rows[this.#row] as number) + more;
    this.#cells[this.#at + CONNS] = value;
  }

  get fails(): number {
    return this.#cells[this.#at + FAILS] as number;
  }
  set fails(value: number) {
    this.#cells[this.#at + FAILS] = value;
  }

  get accessed(): number {
    return this.#cells[this.#at + ACCESSED] as number;
  }
  set accessed(value: number) {
    this.#cells[this.#at + ACCESSED] = value;
  }

  get checked(): number {
    return this.#cells[this.#at + CHECKED] as number;
  }
  set checked(value: number) {
    this.#cells[this.#at + CHECKED] = value;
  }

  get startedMs(): number {
    return this.#cells[this.#at + STARTED] as number;
  }
  set startedMs(value: number) {
    this.#cells[this.#at + STARTED] = value;
  }

  get headerTimeMs(): number {
    return this.#cells[this.#at + HEADER_TIME] as number;
  }
  set headerTimeMs(value: number) {
    this.#cells[this.#at + HEADER_TIME] = value;
  }

  get responseTimeMs(): number {
    return this.#cells[this.#at + RESPONSE_TIME] as number;
  }
  set responseTimeMs(value: number) {
    this.#cells[this.#at + RESPONSE_TIME] = value;
  }

  get inflightTimeMs(): number {
    return this.#cells[this.#at + INFLIGHT_TIME] as number;
  }
  set inflightTimeMs(value: number) {
    this.#cells[this.#at + INFLIGHT_TIME] = value;
  }

  get inflightLastMs(): number {
    return this.#cells[this.#at + INFLIGHT_LAST] as number;
  }
  set inflightLastMs(value: number) {
    this.#cells[this.#at + INFLIGHT_LAST] = value;
  }

  get inflightChangedMs(): number {
    return this.#cells[this.#at + INFLIGHT_CHANGED] as number;
  }
  set inflightChangedMs(value: number) {
    this.#cells[this.#at + INFLIGHT_CHANGED] = value;
  }

  get inflight(): number {
    return this.#cells[this.#at + INFLIGHT] as number;
  }
  set inflight(value: number) {
    this.#cells[this.#at + INFLIGHT] = value;
  }
}
