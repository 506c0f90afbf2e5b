// `resolve` of a server: its name is looked up again and again, and the upstream's peers follow what it stands for
// (ngx_http_upstream_zone_module.c). One worker does it for all.

import { addressText } from '../../core/addresses.ts';
import type { Log } from '../../core/log.ts';
import { NXDOMAIN, type Resolved, type Resolver } from '../../core/resolver.ts';
import { Timer } from '../../core/timers.ts';
import type { PeerSpec } from './peers.ts';
import type { SharedServers } from './shared_servers.ts';
import {
  resolvedSpec,
  type ServerStore,
  ZoneFull,
  type ZonePeer,
  type ZoneServers,
  type ZoneTemplate,
} from './zone_servers.ts';

const MIN_WAIT_MS = 1000;
const LOWEST_PRIORITY = 65535;

/** One address that a name stands for. */
interface Found {
  readonly host: string;
  readonly port: number;
  /** Of an SRV record: its target. */
  readonly target: string;
  readonly priority: number;
  readonly weight: number;
}

/** What was found out about a name, or about all names of a service. */
interface Findings {
  readonly found: readonly Found[];
  readonly error: string;
  readonly code: number;
  readonly until: number;
}

export class NameWatch {
  readonly #shared: SharedServers;
  /** Its place in the servers' templates. */
  readonly #index: number;
  readonly #template: ZoneTemplate;
  readonly #resolver: Resolver;
  readonly #timeoutMs: number;
  readonly #log: Log;
  readonly #timer = new Timer(lookUp, this as NameWatch);
  #stopped = false;

  constructor(
    shared: SharedServers,
    index: number,
    template: ZoneTemplate,
    { resolver, timeoutMs, log }: { resolver: Resolver; timeoutMs: number; log: Log },
  ) {
    this.#shared = shared;
    this.#index = index;
    this.#template = template;
    this.#resolver = resolver;
    this.#timeoutMs = timeoutMs;
    this.#log = log;
  }

  start(): void {
    this.#timer.set(Math.max(1, this.#template.until - Date.now()));
  }

  stop(): void {
    this.#stopped = true;
    this.#timer.clear();
  }

  lookUp(): void {
    const { host, service } = this.#template;
    const done = (findings: Findings): void => this.#done(findings);
    if (service === '') {
      this.#resolver.resolve(host, this.#timeoutMs, (resolved) => done(ofName(resolved)));
      return;
    }
    const name = service.includes('.') ? `${service}.${host}` : `_${service}._tcp.${host}`;
    this.#resolver.resolveService(name, this.#timeoutMs, (resolved) => this.#targets(resolved, done));
  }

  /** Looks up the addresses of a service's targets. */
  #targets(resolved: Resolved, done: (findings: Findings) => void): void {
    const { services, error, code, until } = resolved;
    if (services.length === 0) {
      done({ found: [], error, code, until });
      return;
    }
    const answers: Resolved[] = [];
    let waiting = services.length;
    for (const [i, { name }] of services.entries()) {
      this.#resolver.resolve(name, this.#timeoutMs, (answer) => {
        answers[i] = answer;
        if (answer.error !== '') {
          const { host, service } = this.#template;
          const what = `while resolving service ${service} of ${host}`;
          this.#log.write('error', `${name} could not be resolved (${answer.error}) ${what}`);
        }
        if (--waiting === 0) done(ofService(resolved, answers));
      });
    }
  }

  #done({ found, error, code, until }: Findings): void {
    if (this.#stopped) return;
    const { host, service } = this.#template;
    if (code !== 0) {
      const what = service === '' ? host : `service ${service} of ${host}`;
      this.#log.write('error', `${what} could not be resolved (${error})`);
      if (code !== NXDOMAIN) {
        this.#timer.set(Math.max(this.#timeoutMs, MIN_WAIT_MS));
        return;
      }
    }
    this.#shared.changeIf((servers, store) => this.#follow(servers, store, found, until));
    this.#timer.set(Math.max(MIN_WAIT_MS, until - Date.now()));
  }

  /** Whether anything is different now. */
  #follow(servers: ZoneServers, store: ServerStore, found: readonly Found[], until: number): boolean {
    const template = servers.templates[this.#index];
    if (template === undefined) return false;
    template.until = until;
    const lowest = Math.min(LOWEST_PRIORITY, ...found.map(({ priority }) => priority));
    const fresh = found.map((one) => ({
      spec: this.#specOf(one),
      backup: template.service === '' ? template.backup : one.priority !== lowest,
    }));
    const old = servers.peers.filter((peer) => peer.template === this.#index);
    let removed = false;
    for (const peer of old) {
      const at = fresh.findIndex(({ spec, backup }) => backup === peer.backup && this.#same(peer, spec));
      if (at !== -1) {
        fresh.splice(at, 1);
        continue;
      }
      store.remove(servers, peer);
      removed = true;
    }
    try {
      for (const { spec, backup } of fresh) {
        store.add(servers, spec, backup, { template: this.#index });
      }
    } catch (e) {
      if (!(e instanceof ZoneFull)) throw e;
      const { upstream } = this.#shared;
      this.#log.write('error', `cannot add new server to upstream "${upstream}", memory exhausted`);
    }
    return removed || fresh.length > 0;
  }

  #specOf({ host, port, target, weight }: Found): PeerSpec {
    return resolvedSpec(this.#template, host, port, target, weight);
  }

  #same(peer: ZonePeer, spec: PeerSpec): boolean {
    if (addressText(peer.host, peer.port) !== addressText(spec.host, spec.port)) return false;
    if (this.#template.service === '') return true;
    return peer.server === spec.server && (this.#template.spec.weight !== 1 || peer.weight === spec.weight);
  }
}

function lookUp(watch: NameWatch): void {
  watch.lookUp();
}

function ofName({ addresses, error, code, until }: Resolved): Findings {
  const found = addresses.map((host) => ({ host, port: 0, target: '', priority: 0, weight: 1 }));
  return { found, error, code, until };
}

function ofService({ services, until }: Resolved, answers: readonly Resolved[]): Findings {
  const found: Found[] = [];
  let earliest = until;
  for (const [i, { name, port, priority, weight }] of services.entries()) {
    const answer = answers[i] as Resolved;
    if (answer.addresses.length > 0) earliest = Math.min(earliest, answer.until);
    for (const host of answer.addresses) found.push({ host, port, target: name, priority, weight });
  }
  if (found.length > 0) return { found, error: '', code: 0, until: earliest };
  // None of them has an address: that one of them is not there counts more than that another failed.
  const failed = answers.find(({ code }) => code === NXDOMAIN) ?? (answers[0] as Resolved);
  return { found, error: failed.error, code: failed.code, until: failed.until };
}
