// health_check: peers are asked at intervals, and those that do not answer as they must are left out, by all workers.
// One worker asks. The requests are node:http's, loaded for the first check: they have nothing to do with any client's.

import type { Agent, IncomingMessage } from 'node:http';
import { errorText } from '../../core/errno.ts';
import type { Log } from '../../core/log.ts';
import { Timer } from '../../core/timers.ts';
import type { Zone } from '../../zone/zone.ts';
import type { HttpRequest } from '../request.ts';
import type { Match } from './match.ts';
import { PEER_DOWN, PEER_UNHEALTHY } from './peers.ts';
import { UpstreamResponse } from './response.ts';
import type { SharedServers } from './shared_servers.ts';
import type { SharedPeer } from './zone_memory.ts';

const MAX_BODY = 256 * 1024;
const ANY_CERTIFICATE = { rejectUnauthorized: false };

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
}

/** What a check knows of a peer. */
interface Known {
  fails: number;
  passes: number;
  unhealthy: boolean;
  busy: boolean;
}

/** What came back. */
interface Outcome {
  /** What was wrong; null: nothing. */
  readonly failure: string | null;
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
  readonly #http: typeof import('node:http') | typeof import('node:https');
  readonly #agent: Agent;
  #stopped = false;

  constructor(all: HealthChecks, settings: HealthCheckSettings, context: CheckContext) {
    this.#all = all;
    this.#settings = settings;
    this.#context = context;
    const keepAlive = settings.keepaliveMs > 0;
    const timeout = keepAlive ? { timeout: settings.keepaliveMs } : {};
    this.#http = process.getBuiltinModule(settings.https ? 'node:https' : 'node:http');
    this.#agent = new this.#http.Agent({ keepAlive, ...timeout, ...(settings.https ? ANY_CERTIFICATE : {}) });
  }

  start(): void {
    this.round();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer.clear();
    for (const delay of this.#delays) clearTimeout(delay);
    this.#agent.destroy();
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
    const { uri, port, https, intervalMs } = this.#settings;
    const address =
      peer.path === null ? { host: peer.host, port: port || peer.port } : { socketPath: peer.path };
    const host = this.#all.shared.upstream;
    const request = this.#http.request({
      ...address,
      path: uri,
      agent: this.#agent,
      headers: { Host: host },
      ...(https ? { servername: host } : {}),
    });
    let over = false;
    const done = (failure: string | null): void => {
      if (over) return;
      over = true;
      known.busy = false;
      request.destroy();
      if (!this.#stopped) this.#take(peer, known, { failure });
    };
    // A check that is still under way when the next is due has failed.
    request.setTimeout(intervalMs, () => done('waiting for the response'));
    request.on('socket', (socket) => socket.unref());
    request.on('error', (e) => done(`connecting to upstream ${errorText(e)}`.trim()));
    request.on('response', (response) => this.#read(response, done));
    request.end();
  }

  #read(response: IncomingMessage, done: (failure: string | null) => void): void {
    let body = '';
    const end = (): void => done(this.#judge(response, body));
    response.setEncoding('latin1');
    response.on('data', (text: string) => {
      body += text;
      if (body.length > MAX_BODY) end();
    });
    response.on('end', end);
    response.on('error', (e) => done(`reading the response ${errorText(e)}`.trim()));
  }

  #judge({ statusCode = 0, rawHeaders }: IncomingMessage, body: string): string | null {
    const failure = this.#settings.match.failure(statusCode, rawHeaders, body, () => {
      const response = new UpstreamResponse();
      response.status = statusCode;
      response.headers.push(...rawHeaders);
      return this.#context.requestWith(response);
    });
    return failure === null ? null : `checking ${failure}`;
  }

  #take(peer: SharedPeer, known: Known, { failure }: Outcome): void {
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
    const { upstream } = this.#all.shared;
    const what = unhealthy ? `unhealthy while ${failure}` : 'healthy';
    const which = `health check "${this.#settings.match.name}" of peer ${peer.name} in upstream "${upstream}"`;
    this.#context.log.write(unhealthy ? 'warn' : 'notice', `peer is ${what}, ${which}`);
    this.#all.settle(peer);
  }
}

function round(check: HealthCheck): void {
  check.round();
}
