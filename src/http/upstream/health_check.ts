// health_check: peers are asked at intervals, and those that do not answer as they must are left out, by all workers.
// One worker asks.

import type { Log } from '../../core/log.ts';
import { Timer } from '../../core/timers.ts';
import type { Zone } from '../../zone/zone.ts';
import type { HttpRequest } from '../request.ts';
import { GrpcProbe } from './health_grpc.ts';
import { HttpProbe } from './health_http.ts';
import type { Match } from './match.ts';
import { PEER_DOWN, PEER_UNHEALTHY } from './peers.ts';
import type { UpstreamResponse } from './response.ts';
import type { SharedServers } from './shared_servers.ts';
import type { SharedPeer } from './zone_memory.ts';

/** type=grpc: which service is asked for, and the grpc-status that is good beside 0. */
export interface GrpcCheck {
  readonly service: string;
  readonly status: number;
}

export interface HealthCheckSettings {
  readonly intervalMs: number;
  readonly jitterMs: number;
  readonly fails: number;
  readonly passes: number;
  readonly uri: string;
  /** 0: the peer's own. */
  readonly port: number;
  readonly mandatory: boolean;
  readonly persistent: boolean;
  /** How long a connection serves checks; 0: one. */
  readonly keepaliveMs: number;
  readonly match: Match;
  readonly https: boolean;
  /** null: HTTP requests. */
  readonly grpc: GrpcCheck | null;
}

/** Asks peers in one protocol. */
export interface Probe {
  /** Tells what was wrong, once; null: nothing. */
  ask(peer: SharedPeer, done: (failure: string | null) => void): void;
  close(): void;
}

/** What a check knows of a peer. */
interface Known {
  fails: number;
  passes: number;
  unhealthy: boolean;
  busy: boolean;
}

export interface CheckContext {
  readonly log: Log;
  /** For variables of a match block: a request with the response as its upstream's. */
  readonly requestWith: (response: UpstreamResponse) => HttpRequest;
}

/** All checks of one upstream. */
export class HealthChecks {
  readonly shared: SharedServers;
  readonly checks: HealthCheck[] = [];

  constructor(shared: SharedServers) {
    this.shared = shared;
  }

  add(settings: HealthCheckSettings, context: CheckContext): void {
    this.checks.push(new HealthCheck(this, settings, context));
  }

  start(): void {
    for (const check of this.checks) check.start();
  }

  stop(): void {
    for (const check of this.checks) check.stop();
  }

  /** Some check has changed its mind about the peer. */
  settle(peer: SharedPeer): void {
    const unhealthy = this.checks.some((check) => check.finds(peer));
    this.shared.zone.update(settleStep, { peer, unhealthy });
  }
}

function settleStep(_zone: Zone, { peer, unhealthy }: { peer: SharedPeer; unhealthy: boolean }): void {
  const { down } = peer;
  if (peer.gone || ((down & PEER_UNHEALTHY) !== 0) === unhealthy) return;
  peer.down = unhealthy ? down | PEER_UNHEALTHY : down & ~PEER_UNHEALTHY;
  if (unhealthy) return;
  peer.fails = 0;
  if (peer.slowStart > 0) peer.startedMs = Date.now();
}

class HealthCheck {
  readonly #all: HealthChecks;
  readonly #settings: HealthCheckSettings;
  readonly #context: CheckContext;
  /** By stamp. */
  #known = new Map<number, Known>();
  readonly #timer = new Timer(round, this as HealthCheck);
  readonly #delays = new Set<NodeJS.Timeout>();
  readonly #probe: Probe;
  #stopped = false;

  constructor(all: HealthChecks, settings: HealthCheckSettings, context: CheckContext) {
    this.#all = all;
    this.#settings = settings;
    this.#context = context;
    const { upstream } = all.shared;
    this.#probe =
      settings.grpc === null
        ? new HttpProbe(settings, upstream, context)
        : new GrpcProbe(settings, upstream, settings.grpc);
  }

  start(): void {
    this.round();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer.clear();
    for (const delay of this.#delays) clearTimeout(delay);
    this.#probe.close();
  }

  finds(peer: SharedPeer): boolean {
    return this.#known.get(peer.stamp)?.unhealthy ?? false;
  }

  /** Asks each peer once. */
  round(): void {
    if (this.#stopped) return;
    const { primary, backup } = this.#all.shared.peers;
    const known = new Map<number, Known>();
    for (const peer of [...primary, ...backup] as SharedPeer[]) {
      const one = this.#known.get(peer.stamp) ?? this.#first(peer);
      known.set(peer.stamp, one);
      if (one.busy || (peer.down & PEER_DOWN) !== 0) continue;
      one.busy = true;
      this.#soon(() => this.#ask(peer, one));
    }
    this.#known = known;
    this.#timer.set(this.#settings.intervalMs);
  }

  #first(peer: SharedPeer): Known {
    const unhealthy = (peer.down & PEER_UNHEALTHY) !== 0;
    return { fails: 0, passes: 0, unhealthy, busy: false };
  }

  #soon(ask: () => void): void {
    const { jitterMs } = this.#settings;
    if (jitterMs === 0) {
      ask();
      return;
    }
    const delay = setTimeout(() => {
      this.#delays.delete(delay);
      ask();
    }, Math.random() * jitterMs);
    this.#delays.add(delay.unref());
  }

  #ask(peer: SharedPeer, known: Known): void {
    this.#probe.ask(peer, (failure) => {
      known.busy = false;
      if (!this.#stopped) this.#take(peer, known, failure);
    });
  }

  #take(peer: SharedPeer, known: Known, failure: string | null): void {
    const { fails, passes, mandatory } = this.#settings;
    // What nothing is known of yet, the first answer decides.
    const first = mandatory && known.fails + known.passes === 0;
    if (failure === null) {
      known.fails = 0;
      known.passes++;
    } else {
      known.passes = 0;
      known.fails++;
    }
    const unhealthy = failure !== null && (known.fails >= fails || known.unhealthy);
    const healthy = failure === null && (known.passes >= passes || first || !known.unhealthy);
    if ((known.unhealthy && !healthy) || (!known.unhealthy && !unhealthy)) return;
    known.unhealthy = unhealthy;
    this.#all.settle(peer); // before it is logged: whoever reads that may count on it
    const { upstream } = this.#all.shared;
    const what = unhealthy ? `unhealthy while ${failure}` : 'healthy';
    const which = `health check "${this.#settings.match.name}" of peer ${peer.name} in upstream "${upstream}"`;
    this.#context.log.write(unhealthy ? 'warn' : 'notice', `peer is ${what}, ${which}`);
  }
}

function round(check: HealthCheck): void {
  check.round();
}
