import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Zone } from '../../zone/zone.ts';
import { PEER_DOWN, PEER_OK, type Peer, type PeerSpec, RoundRobin } from './peers.ts';
import { SharedServers } from './shared_servers.ts';
import { AttemptState } from './state.ts';
import { blockBytes, ZoneMemory } from './zone_memory.ts';
import { ServerStore, type ZoneServers } from './zone_servers.ts';

const SIZE = 64 * 1024;
let dir: string;
let zone: Zone;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tsresty-zone-'));
  zone = new Zone({ name: 'u', size: 4 * SIZE, dir: join(dir, 'zone'), block: blockBytes(SIZE) });
});

afterEach(() => {
  zone.close();
  rmSync(dir, { recursive: true, force: true });
});

function spec(port: number, given: Partial<PeerSpec> = {}): PeerSpec {
  const name = `127.0.0.1:${port}`;
  const limits = { weight: 1, maxConns: 0, maxFails: 1, failTimeout: 10, slowStart: 0, down: 0, route: '' };
  return { name, server: name, host: '127.0.0.1', port, path: null, ...limits, ...given };
}

/** A worker of configuration `generation`. */
function worker(
  generation: number,
  specs: readonly PeerSpec[],
): { memory: ZoneMemory; shared: SharedServers } {
  const memory = new ZoneMemory(zone, SIZE);
  const store = new ServerStore(memory, generation);
  const configured = specs.map((one) => ({ spec: one, backup: false }));
  zone.update(() => {
    memory.join(generation);
    store.prepare('u', { configured, templates: [], mandatory: 'no' });
    store.dropOld();
  }, null);
  return { memory, shared: new SharedServers('u', memory, store) };
}

/** A process that has ended. */
const { pid: DEAD } = spawnSync('true');

/** Makes `memory` that of a process that has ended. */
function kill(memory: ZoneMemory): void {
  memory.cells[memory.cells.indexOf(process.pid, 16 + (memory.row / memory.room) * 3)] = DEAD;
}

function peerOf({ shared }: { shared: SharedServers }, n = 0): Peer {
  return shared.peers.primary[n] as Peer;
}

describe('what workers share of peers', () => {
  it('is one count', () => {
    const [one, two] = [worker(1, [spec(1), spec(2)]), worker(1, [spec(1), spec(2)])];
    const choices = [one, two, one, two].map(({ shared }) => new RoundRobin(shared.peers));
    expect(choices.map((choice) => choice.next()?.port)).toEqual([1, 2, 1, 2]);
    expect(peerOf(one).conns).toBe(2);
    for (const choice of choices) choice.release(PEER_OK, new AttemptState());
    expect([0, 1].map((n) => peerOf(two, n).conns)).toEqual([0, 0]);
  });

  it('is exact after a worker was killed, in the middle of counting too', () => {
    const [one, two] = [worker(1, [spec(1)]), worker(1, [spec(1)])];
    new RoundRobin(one.shared.peers).next();
    new RoundRobin(two.shared.peers).next();
    new RoundRobin(two.shared.peers).next();
    expect(peerOf(one).conns).toBe(3);
    two.memory.rows[two.memory.row] = 0; // it had just taken back what it had, and not told the sum
    kill(two.memory);
    expect(one.memory.someDead()).toBe(true);
    zone.update(() => one.memory.reap(), null);
    expect(peerOf(one).conns).toBe(1);
    expect(one.memory.someDead()).toBe(false);
  });

  it('a worker that leaves takes its connections with it', () => {
    const [one, two] = [worker(1, [spec(1)]), worker(1, [spec(1)])];
    new RoundRobin(two.shared.peers).next();
    two.memory.leave();
    expect(peerOf(one).conns).toBe(0);
  });

  it('a new configuration begins anew; the old one goes with its last worker', () => {
    const old = worker(1, [spec(1), spec(2)]);
    new RoundRobin(old.shared.peers).next();
    const fresh = worker(2, [spec(1)]);
    expect(peerOf(old).conns).toBe(1);
    expect(peerOf(fresh).conns).toBe(0);
    old.memory.leave();
    worker(2, [spec(1)]);
    expect(fresh.shared.store.load('u', 1)).toBeNull();
    expect(fresh.shared.store.load('u', 2)?.peers).toHaveLength(1);
  });

  it('a peer that was removed is no other one, though its place is', () => {
    const { shared } = worker(1, [spec(1), spec(2)]);
    const choice = new RoundRobin(shared.peers);
    const gone = choice.next() as Peer;
    shared.change((servers: ZoneServers, store) => store.remove(servers, servers.peers[0] as never));
    shared.change((servers: ZoneServers, store) => store.add(servers, spec(3), false));
    expect(gone.down).toBe(PEER_DOWN);
    choice.release(PEER_OK, new AttemptState());
    expect(shared.peers.primary.map(({ port, conns }) => [port, conns])).toEqual([
      [2, 0],
      [3, 0],
    ]);
  });

  it('has room for many generations of a few peers, and says when it is full', () => {
    for (let generation = 1; generation < 40; generation++) {
      const { memory } = worker(generation, [spec(1), spec(2)]);
      if (generation % 2 === 0) memory.leave();
      else kill(memory);
    }
    const { shared } = worker(100, [spec(1)]);
    const fill = (): void => {
      for (let port = 2; ; port++) {
        shared.change((servers: ZoneServers, store) => store.add(servers, spec(port), false));
      }
    };
    expect(fill).toThrow();
    expect(shared.peers.primary.length).toBeGreaterThan(100);
  });
});
