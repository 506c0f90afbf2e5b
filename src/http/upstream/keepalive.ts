// Connections to an upstream's peers that wait for the next request: the last one used is used first, and when there
// is no room the one that has waited longest is closed (ngx_http_upstream_keepalive_module.c).

import type { PeerConnection } from './connection.ts';

export interface KeepaliveLimits {
  requests: number;
  timeoutMs: number;
}

export interface KeepaliveSettings extends KeepaliveLimits {
  connections: number;
  /** A connection serves only requests of the location that opened it. */
  local: boolean;
  timeMs: number;
}

export class KeepalivePool {
  readonly settings: KeepaliveSettings;
  /** The one that has waited longest first. */
  readonly #idle: PeerConnection[] = [];
  #closed = false;

  constructor(settings: KeepaliveSettings) {
    this.settings = settings;
  }

  /** A connection to the peer called `name`; `owner`: the settings of the location that asks. */
  take(name: string, owner: object): PeerConnection | null {
    const idle = this.#idle;
    for (let i = idle.length - 1; i >= 0; i--) {
      const c = idle[i] as PeerConnection;
      if (c.name !== name || (this.settings.local && c.owner !== owner)) continue;
      if (i === idle.length - 1) idle.pop();
      else idle.splice(i, 1);
      return c;
    }
    return null;
  }

  /** Keeps a connection, unless it has served enough; `limits`: those of this connection. */
  keep(c: PeerConnection, owner: object, limits: KeepaliveLimits = this.settings): boolean {
    const { connections, timeMs } = this.settings;
    const { requests, timeoutMs } = limits;
    if (this.#closed || c.requests >= requests || Date.now() - c.startTime > timeMs) return false;
    if (this.#idle.length >= connections) this.#idle.shift()?.close();
    c.owner = owner;
    c.rest(this, timeoutMs);
    this.#idle.push(c);
    return true;
  }

  /** The connection has been closed while it waited. */
  drop(c: PeerConnection): void {
    const at = this.#idle.indexOf(c);
    if (at !== -1) this.#idle.splice(at, 1);
  }

  /** The cycle ends: nothing is kept any more. */
  close(): void {
    this.#closed = true;
    for (const c of this.#idle.splice(0)) c.close();
  }
}
