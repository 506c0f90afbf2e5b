// ngx.socket.tcp in the worker: one connection, from connect to close or setkeepalive.
//
//   connect: pool ─ idle connection ──────────────────────────→ connected
//              └── (queue for a free place) → resolve → connect ↗

import { isIP } from 'node:net';
import { errorText } from '../../core/errno.ts';
import { Timer } from '../../core/timers.ts';
import { CELL_QUIET, CELL_WRITABLE } from '../protocol.ts';
import { Inlet, NEVER, type Source } from './inlet.ts';
import type { Reader } from './intake.ts';
import { Link, type LinkOwner } from './link.ts';
import type { HostSocket, SocketHome } from './socket_home.ts';
import { resolvePeer } from './socket_peer.ts';
import type { Pool, Waiting } from './socket_pool.ts';
import { failureText, SocketFailure } from './socket_settings.ts';
import { type Handshake, secure } from './tls_handshake.ts';

/** Of settimeouts: 0 is as configured. */
export interface Timeouts {
  readonly connect: number;
  readonly send: number;
  readonly read: number;
}

export interface Target {
  /** As the script gave it. */
  readonly host: string;
  readonly port: number;
  /** The name of the pool. */
  readonly key: string;
  /** 0 and -1 where they were not given. */
  readonly poolSize: number;
  readonly backlog: number;
  /** bind(): the local address, empty for any. */
  readonly localAddress: string;
  readonly localPort: number;
  /** Where the guest looks how many connections of the pool are idle. */
  readonly poolCell: number;
}

export class TcpSocket implements HostSocket, LinkOwner, Source, Waiting {
  readonly id: number;
  readonly slot: number;
  /** Where the guest looks what it may take for granted. */
  #cell: number;
  next: HostSocket | null = null;
  readonly #home: SocketHome;
  readonly #inlet: Inlet;
  #link: Link | null = null;
  #target: Target | null = null;
  #pool: Pool | null = null;
  /** What connect, or the handshake, waits for: a place in the pool, the resolver, the peer. */
  #connecting = 0;
  #opening: Link | null = null;
  /** What a send waits for, and its bytes. */
  #sending = 0;
  #sent = 0;
  #writeClosed = false;
  #fault = '';
  #connectTimeout = 0;
  #sendTimeout = 0;
  #logErrors = true;
  /** null: it has not been needed yet. */
  #connectTimer: Timer<TcpSocket> | null = null;
  #sendTimer: Timer<TcpSocket> | null = null;
  #peer = '';
  #queued = false;

  constructor(home: SocketHome, id: number, slot: number, cell: number) {
    this.#home = home;
    this.id = id;
    this.slot = slot;
    this.#cell = cell;
    this.#inlet = new Inlet(home, this);
  }

  /** After whatever may have changed it. */
  #show(): void {
    const cell = this.#cell;
    if (cell === 0) return;
    const link = this.#link;
    let bits = 0;
    if (link !== null && this.#connecting === 0 && this.#sending === 0 && !this.#writeClosed) {
      if (this.#fault === '' && link.pending === 0) bits |= CELL_WRITABLE;
      const { closed, ended, unread, busy } = this.#inlet;
      if (!closed && !ended && !unread && !busy) bits |= CELL_QUIET;
    }
    this.#home.show(cell, this.id, bits);
  }

  /** The guest takes nothing for granted any more. */
  hide(): void {
    this.#home.show(this.#cell, this.id, -1);
    this.#cell = 0;
  }

  setTimeouts(timeouts: Timeouts): void {
    const { settings } = this.#home.conf(this.slot);
    this.#connectTimeout = timeouts.connect || settings.connectTimeout;
    this.#sendTimeout = timeouts.send || settings.sendTimeout;
    this.#inlet.timeoutMs = timeouts.read || settings.readTimeout;
    this.#logErrors = settings.logErrors;
  }

  #checkBusy(reading: boolean, writing: boolean): void {
    if (this.#connecting !== 0) throw new SocketFailure('socket busy connecting');
    if (reading && this.#inlet.busy) throw new SocketFailure('socket busy reading');
    if (writing && this.#sending !== 0) throw new SocketFailure('socket busy writing');
  }

  // Connecting.

  /** True: connected, with a connection out of the pool. */
  connect(operation: number, target: Target): boolean {
    this.#checkBusy(true, true);
    this.#finalize();
    this.#target = target;
    if (this.#home.destinations?.mayAllow(target.host, target.port) === false) {
      throw new SocketFailure('permission denied');
    }
    const { pools } = this.#home;
    this.#pool = pools.find(target.key);
    if (this.#pool === null && (target.poolSize > 0 || target.backlog >= 0)) {
      const size = target.poolSize || this.#home.conf(this.slot).settings.poolSize;
      this.#pool = pools.create(target.key, size, target.backlog);
    }
    this.#pool?.tell(target);
    if (this.#takeIdle()) return true;
    const pool = this.#pool;
    if (pool !== null) {
      pool.connections++;
      if (pool.backlog >= 0 && pool.connections > pool.size) {
        if (pool.connections > pool.size + pool.backlog) {
          pool.connections--;
          this.#pool = null;
          throw new SocketFailure('too many waiting connect operations');
        }
        this.#queued = true;
        pool.wait(this);
      }
    }
    this.#connecting = operation;
    this.#home.begin(operation, this.slot, () => this.#cancelConnect());
    if (this.#queued) this.#setConnectTimer();
    else this.#resolve();
    return false;
  }

  /** An idle connection of `pool`, without any more ado. */
  take(pool: Pool): void {
    this.#target = pool.target;
    this.#pool = pool;
    if (!this.#takeIdle()) this.#pool = null;
  }

  #takeIdle(): boolean {
    const link = this.#pool?.take() ?? null;
    if (link === null) return false;
    this.#adopt(link);
    return true;
  }

  /** A place in the pool is free. */
  proceed(): void {
    this.#connectTimer?.clear();
    this.#queued = false;
    if (this.#takeIdle()) {
      this.#connected();
      return;
    }
    if (this.#pool !== null) this.#pool.connections++;
    this.#resolve();
  }

  #setConnectTimer(): void {
    this.#connectTimer ??= new Timer<TcpSocket>(TcpSocket.#connectExpired, this);
    this.#connectTimer.set(this.#connectTimeout);
  }

  #resolve(): void {
    const { host, port } = this.#target as Target;
    const operation = this.#connecting;
    resolvePeer(this.#home.conf(this.slot), host, port, (peer, error) => {
      if (this.#connecting !== operation) return; // it was given up meanwhile
      if (peer === null) this.#connectFailed(error);
      else this.#open(peer.host, peer.port);
    });
  }

  #open(host: string, port: number): void {
    const target = this.#target as Target;
    this.#peer = peerText(target, host);
    if (this.#home.destinations?.allows(target.host, host, port) === false) {
      this.#connectFailed('permission denied');
      return;
    }
    const { localAddress, localPort } = target;
    const { noDelay } = this.#home.conf(this.slot);
    const link = new Link({ host, port, localAddress, localPort, noDelay }, this.#peer, (error) => {
      if (error === null) {
        this.#opening = null;
        this.#adopt(link);
        this.#connected();
        return;
      }
      if (this.#logErrors) this.#log(`connect() failed ${errorText(error)}`);
      this.#connectFailed(failureText(error));
    });
    this.#opening = link;
    this.#setConnectTimer();
  }

  #adopt(link: Link): void {
    this.#link = link;
    this.#peer = link.peer;
    this.#writeClosed = false;
    this.#fault = '';
    this.#inlet.reset();
    link.owner = this;
    this.#show();
  }

  #connected(): void {
    const operation = this.#connecting;
    this.#connecting = 0;
    this.#connectTimer?.clear();
    this.#show();
    this.#home.finish(operation, true, '', '');
  }

  #connectFailed(message: string): void {
    const operation = this.#connecting;
    this.#connecting = 0;
    this.#closeOpening();
    this.#releasePlace();
    this.#home.forget(this);
    this.#home.finish(operation, false, message, '');
  }

  #cancelConnect(): void {
    this.#connecting = 0;
    this.#closeOpening();
    this.#releasePlace();
  }

  #closeOpening(): void {
    this.#connectTimer?.end();
    this.#opening?.close();
    this.#opening = null;
  }

  #releasePlace(): void {
    const pool = this.#pool;
    this.#pool = null;
    if (pool === null) return;
    if (!this.#queued) pool.release();
    else pool.giveUp(this);
    this.#queued = false;
  }

  static #connectExpired(s: TcpSocket): void {
    if (s.#connecting === 0) return;
    const { host, port } = s.#target as Target;
    if (s.#logErrors) {
      s.#log(
        s.#queued
          ? `ts tcp socket queued connect timed out, when trying to connect to ${host}:${port}`
          : 'ts tcp socket connect timed out, when connecting to',
      );
    }
    if (s.#link === null) s.#connectFailed('timeout');
    else s.#handshakeFailed('timeout');
  }

  // TLS.

  /** The session, as the script keeps it; undefined: the handshake has begun. */
  handshake(operation: number, options: Handshake): string | undefined {
    const link = this.#link;
    if (link === null || this.#inlet.closed || this.#writeClosed) throw new SocketFailure('closed');
    this.#checkBusy(true, true);
    if (link.secure) return options.keepSession ? link.sessionText : '';
    const { settings } = this.#home.conf(this.slot);
    this.#connecting = operation;
    this.#show();
    this.#home.begin(operation, this.slot, () => {
      this.#connecting = 0;
      this.#finalize();
    });
    this.#setConnectTimer();
    secure(link, settings.tls, options, (error) => {
      if (this.#connecting !== operation) return;
      if (error === null) {
        this.#connectTimer?.clear();
        this.#connecting = 0;
        this.#show();
        const session = options.keepSession ? link.sessionText : '';
        this.#home.finish(operation, true, session, '');
        return;
      }
      if (this.#logErrors && error.log !== '') this.#log(error.log);
      this.#handshakeFailed(error.message);
    });
    return undefined;
  }

  #handshakeFailed(message: string): void {
    const operation = this.#connecting;
    this.#connecting = 0;
    this.#finalize();
    this.#home.finish(operation, false, message, '');
  }

  /** The TLS session to be resumed another time. */
  session(): string {
    const link = this.#link;
    if (link === null || (this.#inlet.closed && this.#writeClosed)) throw new SocketFailure('closed');
    if (link.session === null) throw new SocketFailure('no session');
    return link.sessionText;
  }

  // Reading.

  receive(operation: number, reader: Reader): string {
    if (this.#link === null || this.#inlet.closed) {
      if (this.#logErrors) this.#log('attempt to receive data on a closed socket');
      throw new SocketFailure('closed');
    }
    this.#checkBusy(true, false);
    try {
      return this.#inlet.receive(operation, this.slot, reader);
    } finally {
      this.#show();
    }
  }

  /** Bytes that were handed over to the guest come back. */
  putBack(raw: string): void {
    if (this.#link === null) return;
    this.#inlet.putBack(raw);
    this.#show();
  }

  more(): void {
    this.#link?.resume();
  }

  full(): void {
    this.#link?.pause();
  }

  readTimedOut(): void {
    if (this.#logErrors) this.#log('ts tcp socket read timed out');
  }

  wake(ms: number): void {
    if (ms === NEVER) this.#link?.timer.clear();
    else this.#link?.timer.set(ms);
  }

  /** A read has waited long enough. */
  expired(): void {
    this.#inlet.expired();
    this.#show();
  }

  received(data: Buffer): void {
    this.#inlet.push(data);
    this.#show();
  }

  ended(): void {
    this.#inlet.end();
    this.#show();
  }

  failed(error: Error): void {
    this.#fault = failureText(error);
    if (this.#sending !== 0) this.#sendFailed(this.#fault);
    this.#inlet.fail(this.#fault);
    this.#show();
  }

  // Writing.

  /** Bytes sent; undefined: some of them still wait. Operation 0: nobody waits for them. */
  send(operation: number, data: string, utf8: boolean): number | undefined {
    const link = this.#link;
    if (link === null || this.#writeClosed) {
      if (this.#logErrors) this.#log('attempt to send data on a closed socket');
      throw new SocketFailure('closed');
    }
    this.#checkBusy(false, true);
    if (data === '') return 0;
    if (this.#fault !== '') {
      this.#writeClosed = true;
      this.#show();
      throw new SocketFailure('broken pipe');
    }
    const size = utf8 ? Buffer.byteLength(data) : data.length;
    if (this.#home.hold(link, data, utf8)) return size;
    const left = link.write(data, utf8);
    if (link.fault !== null) {
      this.#writeClosed = true;
      this.#show();
      throw new SocketFailure(failureText(link.fault));
    }
    if (left || operation === 0) {
      if (!left) this.#show();
      return size;
    }
    this.#sending = operation;
    this.#sent = size;
    this.#sendTimer ??= new Timer<TcpSocket>(TcpSocket.#sendExpired, this);
    this.#sendTimer.set(this.#sendTimeout);
    this.#show();
    this.#home.begin(operation, this.slot, () => this.#sendOver());
    return undefined;
  }

  written(): void {
    if (this.#link === null || this.#link.pending > 0) return;
    const operation = this.#sending;
    this.#sendOver();
    if (operation !== 0) this.#home.finish(operation, true, String(this.#sent), '');
  }

  #sendFailed(message: string): void {
    const operation = this.#sending;
    this.#sendOver();
    this.#writeClosed = true;
    this.#home.finish(operation, false, message, '');
  }

  #sendOver(): void {
    this.#sending = 0;
    this.#sendTimer?.end();
    this.#show();
  }

  static #sendExpired(s: TcpSocket): void {
    if (s.#sending === 0) return;
    if (s.#logErrors) s.#log('ts tcp socket write timed out');
    s.#sendFailed('timeout');
  }

  // The end.

  close(): void {
    if (this.#link === null || (this.#inlet.closed && this.#writeClosed)) throw new SocketFailure('closed');
    this.#checkBusy(true, true);
    this.#finalize();
    this.#home.forget(this);
  }

  /** -1: as configured. */
  keep(timeoutMs: number, size: number): void {
    const link = this.#link;
    const inlet = this.#inlet;
    if (link === null || inlet.closed || this.#writeClosed || inlet.ended) throw new SocketFailure('closed');
    this.#checkBusy(true, true);
    if (inlet.unread) {
      if (!inlet.unasked) throw new SocketFailure('unread data in buffer');
      this.#finalize();
      throw new SocketFailure('connection in dubious state');
    }
    const { settings } = this.#home.conf(this.slot);
    const poolSize = size === -1 ? settings.poolSize : size;
    const { pools, exiting } = this.#home;
    const target = this.#target as Target;
    const { key } = target;
    let pool = pools.find(key);
    if (pool === null && poolSize <= 0) throw new SocketFailure(`bad "pool_size" option value: ${poolSize}`);
    if (exiting) {
      this.#finalize();
      this.#home.forget(this);
      return;
    }
    if (pool === null) {
      pool = pools.create(key, poolSize, -1);
      pool.tell(target);
    }
    const counted = this.#pool !== null;
    this.#inlet.stop();
    this.#connectTimer?.end();
    this.#link = null;
    this.#pool = null;
    this.#home.forget(this);
    pool.put(link, timeoutMs === -1 ? settings.keepaliveTimeout : timeoutMs, counted);
  }

  get reused(): number {
    if (this.#link === null || (this.#inlet.closed && this.#writeClosed)) throw new SocketFailure('closed');
    return this.#link.reused;
  }

  /** The connection, for its options. */
  get link(): Link {
    if (this.#link === null) throw new SocketFailure('closed');
    return this.#link;
  }

  /** A connect has failed at once: nothing of it is left, unless another is under way. */
  idleForget(): void {
    if (this.#connecting === 0 && this.#link === null) this.#home.forget(this);
  }

  dispose(): void {
    this.#connecting = 0;
    this.#closeOpening();
    this.#sendOver();
    this.#finalize();
  }

  #finalize(): void {
    this.#connectTimer?.end();
    this.#inlet.stop();
    this.#writeClosed = true;
    const link = this.#link;
    this.#link = null;
    this.#show();
    link?.close();
    this.#releasePlace();
  }

  #log(message: string): void {
    const upstream = this.#peer === '' ? '' : `, upstream: ${this.#peer}`;
    this.#home.log(this.slot, `${message}${upstream}`);
  }
}

/** As lua-nginx-module names it in its log: `localhost:80(127.0.0.1)`. */
function peerText({ host, port }: Target, address: string): string {
  return address.startsWith('/')
    ? host
    : `${host}:${port}(${isIP(address) === 6 ? `[${address}]` : address})`;
}
