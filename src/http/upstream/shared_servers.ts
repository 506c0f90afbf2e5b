// An upstream's peers as a worker sees those that all workers share: made anew whenever the zone's servers change.

import type { Zone } from '../../zone/zone.ts';
import { type Peer, Peers } from './peers.ts';
import { SharedPeer, type ZoneMemory } from './zone_memory.ts';
import type { ServerStore, ZonePeer, ZoneServers } from './zone_servers.ts';

export class SharedServers {
  readonly upstream: string;
  readonly memory: ZoneMemory;
  readonly store: ServerStore;
  #version = -1;
  #peers: Peers;
  #known = new Map<number, SharedPeer>();

  constructor(upstream: string, memory: ZoneMemory, store: ServerStore) {
    this.upstream = upstream;
    this.memory = memory;
    this.store = store;
    this.#peers = new Peers(upstream, [], []);
  }

  get zone(): Zone {
    return this.memory.zone;
  }

  /** As they are now. */
  get peers(): Peers {
    if (this.memory.version !== this.#version) this.zone.update(refreshStep, this as SharedServers);
    return this.#peers;
  }

  /** Under the lock. */
  refresh(): void {
    this.#version = this.memory.version;
    const servers = this.store.load(this.upstream);
    const known = new Map<number, SharedPeer>();
    const primary: Peer[] = [];
    const backup: Peer[] = [];
    for (const peer of servers?.peers ?? []) {
      const shared = this.#peerOf(peer);
      known.set(peer.stamp, shared);
      (peer.backup ? backup : primary).push(shared);
    }
    this.#known = known;
    this.#peers = new Peers(this.upstream, primary, backup, this.zone);
  }

  /** The one that is known already, unless something that all requests see of it has changed. */
  #peerOf(peer: ZonePeer): SharedPeer {
    const known = this.#known.get(peer.stamp);
    if (known !== undefined && sameLimits(known, peer)) return known;
    return new SharedPeer(this.memory, peer.slot, peer.stamp, peer.id, peer);
  }

  /** As they are now, in full. */
  get servers(): ZoneServers {
    return this.zone.update(changeStep<ZoneServers>, { shared: this, change: itself, saves: never });
  }

  /** Changes the servers, for all workers. `change` answers what this does. */
  change<R>(change: (servers: ZoneServers, store: ServerStore) => R): R {
    return this.zone.update(changeStep<R>, { shared: this, change, saves: always });
  }

  /** The same, where `change` answers whether it has changed anything. */
  changeIf(change: (servers: ZoneServers, store: ServerStore) => boolean): void {
    this.zone.update(changeStep<boolean>, { shared: this, change, saves: answered });
  }

  /** Changes also what workers of another configuration use: those that are leaving, or have just come. */
  changeOthers(change: (servers: ZoneServers, store: ServerStore) => void): void {
    this.zone.update(changeOthersStep, { shared: this, change });
  }
}

function refreshStep(_zone: Zone, shared: SharedServers): void {
  shared.refresh();
}

interface Change<R> {
  readonly shared: SharedServers;
  readonly change: (servers: ZoneServers, store: ServerStore) => R;
  readonly saves: (result: R) => boolean;
}

function itself(servers: ZoneServers): ZoneServers {
  return servers;
}

function never(): boolean {
  return false;
}

function always(): boolean {
  return true;
}

function answered(result: boolean): boolean {
  return result;
}

function changeStep<R>(_zone: Zone, { shared, change, saves }: Change<R>): R {
  const { store, upstream } = shared;
  const servers = store.load(upstream);
  if (servers === null) throw new Error(`upstream "${upstream}" is not in zone "${shared.zone.name}"`);
  store.begin();
  const result = change(servers, store);
  if (saves(result)) store.save(upstream, servers);
  return result;
}

function changeOthersStep(_zone: Zone, { shared, change }: Omit<Change<void>, 'saves'>): void {
  const { store, upstream } = shared;
  for (const one of store.all()) {
    if (one.upstream !== upstream || one.generation === store.generation) continue;
    store.begin();
    change(one.servers, store);
    store.save(upstream, one.servers, one.generation);
  }
}

function sameLimits(one: SharedPeer, other: ZonePeer): boolean {
  return (
    one.weight === other.weight &&
    one.maxConns === other.maxConns &&
    one.maxFails === other.maxFails &&
    one.failTimeout === other.failTimeout &&
    one.slowStart === other.slowStart &&
    one.route === other.route
  );
}
