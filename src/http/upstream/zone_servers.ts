// The servers of an upstream with a zone: what the configuration says, what names stand for now, and what was changed
// at run time, in the zone's entries. Each configuration that is in force has its own; a new one takes over from the
// one before it the addresses that it knows, and the changes to servers that it says the same about.

import { SharedDict } from '../../zone/shared_dict.ts';
import type { PeerSpec } from './peers.ts';
import type { ZoneMemory } from './zone_memory.ts';

/** One peer, as all workers know it. */
export interface ZonePeer extends PeerSpec {
  readonly slot: number;
  readonly stamp: number;
  /** Its number in the API. */
  readonly id: number;
  readonly backup: boolean;
  /** The name in `templates` whose address it is; -1: none. */
  readonly template: number;
  /** What the configuration says of it, as text; empty where it does not: it was added, or is a name's address. */
  readonly config: string;
}

/** A server whose name is looked up again and again, and what its peers have in common. */
export interface ZoneTemplate {
  readonly host: string;
  /** Of an SRV record; empty for none. */
  readonly service: string;
  readonly backup: boolean;
  readonly spec: PeerSpec;
  /** When to ask again: milliseconds since 1970. */
  until: number;
}

/** What can be changed of a server at run time. */
export type Changes = Partial<
  Pick<PeerSpec, 'weight' | 'maxConns' | 'maxFails' | 'failTimeout' | 'slowStart' | 'down' | 'route'>
>;

/** A change to a server of the configuration, good as long as that says `config` about it. */
interface Edit {
  readonly name: string;
  readonly backup: boolean;
  readonly config: string;
  /** null: it was removed. */
  changes: Changes | null;
}

export interface ZoneServers {
  peers: ZonePeer[];
  templates: ZoneTemplate[];
  nextId: number;
  edits: Edit[];
  /** A new peer is not asked before a health check has found it well. */
  mandatory: boolean;
}

/** What the configuration says of an upstream's servers. */
interface ConfiguredServers {
  readonly configured: readonly ConfiguredPeer[];
  readonly templates: readonly ZoneTemplate[];
  readonly mandatory: 'no' | 'yes' | 'persistent';
}

/** A peer of the configuration. */
export interface ConfiguredPeer {
  readonly spec: PeerSpec;
  readonly backup: boolean;
}

/** There is no room for another peer. */
export class ZoneFull extends Error {}

export class ServerStore {
  readonly #memory: ZoneMemory;
  readonly #dict: SharedDict;
  readonly generation: number;
  /** Slots that somebody uses, while the lock is held: known once a slot is asked for. */
  #used: Set<number> | null = null;

  constructor(memory: ZoneMemory, generation: number) {
    this.#memory = memory;
    this.#dict = new SharedDict(memory.zone);
    this.generation = generation;
  }

  load(upstream: string, generation = this.generation): ZoneServers | null {
    const text = this.#dict.get(`${generation}/${upstream}`);
    return text === undefined ? null : (JSON.parse(String(text)) as ZoneServers);
  }

  /** Under the lock. */
  save(upstream: string, servers: ZoneServers, generation = this.generation): void {
    try {
      this.#dict.safe_set(`${generation}/${upstream}`, JSON.stringify(servers));
    } catch (e) {
      throw e instanceof Error && e.message === 'no memory' ? new ZoneFull() : e;
    }
    this.#memory.changed();
    this.#used = null;
  }

  /** Under the lock, before anything is changed. */
  begin(): void {
    this.#used = null;
  }

  /** Under the lock: all of one configuration and, as long as workers use it, of the one before. */
  all(): { readonly generation: number; readonly upstream: string; readonly servers: ZoneServers }[] {
    const found = [];
    for (const key of this.#memory.zone.keys(0)) {
      const [, generation, upstream] = /^(\d+)\/(.*)$/s.exec(key.toString('utf8')) ?? [];
      if (generation === undefined || upstream === undefined) continue;
      const servers = this.load(upstream, Number(generation));
      if (servers !== null) found.push({ generation: Number(generation), upstream, servers });
    }
    return found;
  }

  /** Under the lock: the upstream's servers of this configuration; the first worker makes them. */
  prepare(upstream: string, { configured, templates, mandatory }: ConfiguredServers): void {
    if (this.load(upstream) !== null) {
      this.#memory.changed(); // a worker that was killed may have left a change untold
      return;
    }
    this.begin();
    const before = this.all().filter((one) => one.upstream === upstream);
    const last = before.sort((one, other) => other.generation - one.generation)[0]?.servers ?? null;
    const servers: ZoneServers = {
      peers: [],
      templates: [...templates],
      nextId: 0,
      edits: [],
      mandatory: mandatory !== 'no',
    };
    const edits = last?.edits ?? [];
    for (const { spec, backup } of configured) this.#addConfigured(servers, spec, backup, edits);
    for (const peer of last?.peers ?? []) if (isAdded(peer)) this.#addAgain(servers, peer);
    if (last !== null) this.#takeAddresses(servers, last);
    if (last !== null && mandatory === 'persistent') this.#takeHealth(servers, last);
    this.save(upstream, servers);
  }

  #addConfigured(servers: ZoneServers, spec: PeerSpec, backup: boolean, edits: readonly Edit[]): void {
    const { name } = spec;
    const config = JSON.stringify(spec);
    const edit = edits.find((one) => one.name === name && one.backup === backup && one.config === config);
    if (edit !== undefined) servers.edits.push(edit);
    if (edit?.changes === null) {
      servers.nextId++;
      return;
    }
    this.add(servers, { ...spec, ...edit?.changes }, backup, { config });
  }

  /** What was added stays, unless the configuration has it now. */
  #addAgain(servers: ZoneServers, peer: ZonePeer): void {
    const { name, backup } = peer;
    if (servers.peers.some((one) => one.name === name && one.backup === backup)) return;
    this.add(servers, specOf(peer), backup);
  }

  /** What names stood for before. */
  #takeAddresses(servers: ZoneServers, last: ZoneServers): void {
    for (const [i, template] of servers.templates.entries()) {
      const { host, service } = template;
      const old = last.templates.findIndex((one) => one.host === host && one.service === service);
      if (old === -1) continue;
      template.until = last.templates[old]?.until ?? 0;
      for (const peer of last.peers) {
        if (peer.template !== old) continue;
        const spec = resolvedSpec(template, peer.host, peer.port, peer.server, peer.weight);
        this.add(servers, spec, service === '' ? template.backup : peer.backup, { template: i });
      }
    }
  }

  #takeHealth(servers: ZoneServers, last: ZoneServers): void {
    for (const { name, slot } of servers.peers) {
      const old = last.peers.find((one) => one.name === name);
      if (old !== undefined && !this.#memory.unhealthy(old.slot)) this.#memory.setUnhealthy(slot, false);
    }
  }

  /** Under the lock. Throws ZoneFull. */
  add(
    servers: ZoneServers,
    spec: PeerSpec,
    backup: boolean,
    { config = '', template = -1 }: { readonly config?: string; readonly template?: number } = {},
  ): ZonePeer {
    const slot = this.#freeSlot(servers);
    const stamp = this.#memory.allocate(slot, spec.weight, spec.down);
    if (servers.mandatory) this.#memory.setUnhealthy(slot, true);
    const id = servers.nextId++;
    const peer: ZonePeer = { ...spec, slot, stamp, id, backup, template, config };
    servers.peers.push(peer);
    return peer;
  }

  /** Under the lock. */
  remove(servers: ZoneServers, peer: ZonePeer): void {
    servers.peers = servers.peers.filter((one) => one !== peer);
    this.#memory.release(peer.slot);
  }

  #freeSlot({ peers }: ZoneServers): number {
    if (this.#used === null) {
      this.#used = new Set(peers.map(({ slot }) => slot));
      for (const { servers } of this.all()) for (const { slot } of servers.peers) this.#used.add(slot);
    }
    for (let slot = 0; slot < this.#memory.room; slot++) {
      if (this.#used.has(slot)) continue;
      this.#used.add(slot);
      return slot;
    }
    throw new ZoneFull();
  }

  /** Under the lock: changes a peer, or removes it. What a name stands for is said anew when it is looked up. */
  edit(servers: ZoneServers, peer: ZonePeer, changes: Changes | null): void {
    const { name, backup, config } = peer;
    const at = servers.peers.indexOf(peer);
    if (changes === null) {
      this.remove(servers, peer);
    } else {
      servers.peers[at] = { ...peer, ...changes };
      if (changes.down !== undefined) this.#memory.setDown(peer.slot, changes.down);
      if (changes.weight !== undefined) this.#memory.setWeight(peer.slot, changes.weight);
    }
    if (config === '') return;
    const known = servers.edits.find((one) => one.name === name && one.backup === backup);
    const all = changes === null ? null : { ...known?.changes, ...changes };
    servers.edits = servers.edits.filter((one) => one !== known);
    servers.edits.push({ name, backup, config, changes: all });
  }

  /** Under the lock: forgets configurations that no worker uses any more. */
  dropOld(): void {
    const used = this.#memory.generations();
    const all = this.all();
    for (const { generation, upstream, servers } of all) {
      if (used.has(generation) || generation === this.generation) continue;
      this.#dict.delete(`${generation}/${upstream}`);
      for (const { slot } of servers.peers) this.#memory.release(slot);
    }
  }
}

/** At run time. */
function isAdded({ config, template }: ZonePeer): boolean {
  return config === '' && template === -1;
}

/** Of a name's peer: what its template says, at an address. */
export function resolvedSpec(
  { spec, service }: ZoneTemplate,
  host: string,
  port: number,
  target: string,
  weight: number,
): PeerSpec {
  const shared = service === '' ? { port: spec.port, server: spec.server } : { port, server: target };
  const own = service !== '' && spec.weight === 1 ? weight : spec.weight;
  const name = host.includes(':') ? `[${host}]:${shared.port}` : `${host}:${shared.port}`;
  return { ...spec, ...shared, name, host, path: null, weight: own };
}

/** Without what only the zone knows of it. */
function specOf(peer: ZonePeer): PeerSpec {
  const { name, server, host, port, path, weight, maxConns } = peer;
  const { maxFails, failTimeout, slowStart, down, route } = peer;
  return {
    ...{ name, server, host, port, path, weight, maxConns },
    ...{ maxFails, failTimeout, slowStart, down, route },
  };
}
