// ngx.socket.tcp in the worker: one connection, from connect to close or setkeepalive.
//
//   connect: pool ─ idle connection ──────────────────────────→ connected
//              └── (queue for a free place) → resolve → connect ↗

import { isIP } from 'node:net';
import { errorText } from '../../core/errno.ts';
import { Timer } from '../../core/timers.ts';
import { CELL_QUIET, CELL_WRITABLE, READ_UNTIL } from '../protocol.ts';
import { Inlet, NEVER, type Source } from './inlet.ts';
import type { Reader } from './intake.ts';
import { Link, type LinkOwner } from './link.ts';
import { LOG_CRIT, LOG_ERR } from './log_levels.ts';
import type { HostSocket, SocketHome } from './socket_home.ts';
import { resolvePeer } from './socket_peer.ts';
import type { Pool, Waiting } from './socket_pool.ts';
import { failureText, type SocketConf, SocketFailure } from './socket_settings.ts';
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

/** How a connection may fail once it is on its way; all of it happens every day, as does what the network says at once. */
const SAID_LATER = new Set(['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ETIMEDOUT']);
const USUAL = new Set([...SAID_LATER, 'EAGAIN', 'ENETDOWN', 'ENETUNREACH', 'EHOSTDOWN']);

const RECV = 'recv()';
const SEND = 'send()';
const BROKEN_PIPE = '(32: Broken pipe)';

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
  /** Why the connection is of no use any more, and whether the log has it without anybody having asked. */
  #fault: Error | null = null;
  #faultLogged = false;
  #connectTimeout = 0;
  #sendTimeout = 0;
  #logErrors = true;
  /** null: it has not been needed yet. */
  #connectTimer: Timer<TcpSocket> | null = null;
  #sendTimer: Timer<TcpSocket> | null = null;
  #peer = '';
  #queued = false;
  /** What is told of it in the error log where it is no request's, and the settings that it has then. */
  #whose = '';
  #kept: SocketConf | null = null;

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
      const { closed, ended, unread, busy } = this.#inlet;
      if (!ended && link.pending === 0) bits |= CELL_WRITABLE;
      if (!closed && !ended && !unread && !busy) bits |= CELL_QUIET;
    }
    this.#home.show(cell, this.id, bits);
  }

  /** The guest takes nothing for granted any more. */
  hide(): void {
    this.#home.show(this.#cell, this.id, -1);
    this.#cell = 0;
  }

  ofTimer(whose: string, kept: SocketConf | null): void {
    this.#whose = whose;
    this.#kept = kept;
  }

  #conf(): SocketConf {
    return this.#kept ?? this.#home.conf(this.slot);
  }

  setTimeouts(timeouts: Timeouts): void {
    const { settings } = this.#conf();
    this.#connectTimeout = timeouts.connect || settings.connectTimeout;
    this.#sendTimeout = timeouts.send || settings.sendTimeout;
    this.#inlet.timeoutMs = timeouts.read || settings.readTimeout;
    this.#logErrors = settings.logErrors;
  }

  /** What a call needs that is not connect: while there is no connection it says so first, as Lua's does. */
  #checkOpen(open: boolean, reading: boolean, writing: boolean): void {
    if (!open && this.#opening === null) throw new SocketFailure('closed');
    this.#checkBusy(reading, writing);
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
      const size = target.poolSize || this.#conf().settings.poolSize;
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
    resolvePeer(this.#conf(), host, port, (peer, error) => {
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
    const { noDelay } = this.#conf();
    const link = new Link({ host, port, localAddress, localPort, noDelay }, this.#peer, (error) => {
      if (error === null) {
        this.#opening = null;
        this.#adopt(link);
        this.#connected();
        return;
      }
      if (this.#logErrors) this.#logConnect(error);
      this.#connectFailed(failureText(error));
    });
    this.#opening = link;
    this.#setConnectTimer();
  }

  #adopt(link: Link): void {
    this.#link = link;
    this.#peer = link.peer;
    this.#writeClosed = false;
    this.#fault = null;
    this.#faultLogged = false;
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
    if (s.#link !== null) {
      s.#handshakeFailed('timeout');
      return;
    }
    const { host, port } = s.#target as Target;
    if (s.#logErrors) {
      s.#log(
        s.#queued
          ? `ts tcp socket queued connect timed out, when trying to connect to ${host}:${port}`
          : 'ts tcp socket connect timed out',
      );
    }
    s.#connectFailed('timeout');
  }

  // TLS.

  /** The session, as the script keeps it; undefined: the handshake has begun. */
  handshake(operation: number, options: Handshake): string | undefined {
    this.#checkOpen(this.#link !== null && !this.#inlet.closed && !this.#writeClosed, true, true);
    const link = this.#link as Link;
    if (link.secure) return options.keepSession ? link.sessionText : '';
    const { settings } = this.#conf();
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
      if (this.#logErrors) this.#log(error.log, error.critical ? LOG_CRIT : LOG_ERR);
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
    const open = this.#link !== null && !this.#inlet.closed;
    if (!open && this.#opening === null && this.#logErrors && reader.kind !== READ_UNTIL) {
      this.#log('attempt to receive data on a closed socket');
    }
    this.#checkOpen(open, true, false);
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

  readFailed(): void {
    if (this.#fault !== null && !this.#faultLogged) this.#logFault(RECV, errorText(this.#fault));
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
    this.#fault = error;
    const text = failureText(error);
    const { syscall } = error as NodeJS.ErrnoException;
    this.#faultLogged = this.#sending !== 0 || syscall === 'write';
    if (this.#faultLogged) this.#logFault(SEND, errorText(error));
    if (this.#sending === 0 || this.#inlet.busy) this.#inlet.fail(text);
    else this.#inlet.end(); // the error is told once
    if (this.#sending !== 0) this.#sendFailed(text);
    this.#show();
  }

  // Writing.

  /** Bytes that were sent and wait for the peer. */
  get unsent(): number {
    return this.#link?.pending ?? 0;
  }

  /** Bytes sent; undefined: some of them still wait. Operation 0: nobody waits for them. */
  send(operation: number, data: string, utf8: boolean): number | undefined {
    const open = this.#link !== null && !this.#writeClosed;
    if (!open && this.#opening === null && this.#logErrors) {
      this.#log('attempt to send data on a closed socket');
    }
    this.#checkOpen(open, false, true);
    if (data === '') return 0;
    if (this.#fault !== null) throw this.#sendFault();
    const link = this.#link as Link;
    const size = utf8 ? Buffer.byteLength(data) : data.length;
    // Where the peer has closed it, what becomes of the write is not known before.
    if (!this.#inlet.ended && this.#home.hold(link, data, utf8)) return size;
    const left = link.write(data, utf8);
    if (link.fault !== null) {
      this.#writeClosed = true;
      this.#logFault(SEND, errorText(link.fault));
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

  /** The connection has failed before this: whoever asks first is told how. */
  #sendFault(): SocketFailure {
    const text = this.#inlet.takeFault();
    this.#writeClosed = true;
    this.#show();
    if (text === '') this.#logFault(SEND, BROKEN_PIPE);
    else this.#logFault(SEND, errorText(this.#fault));
    return new SocketFailure(text || 'broken pipe');
  }

  #logFault(what: string, text: string): void {
    if (this.#logErrors) this.#home.log(this.slot, `${what} failed ${text}${this.#whose}`);
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
    this.#checkOpen(this.#link !== null && !(this.#inlet.closed && this.#writeClosed), true, true);
    this.#finalize();
    this.#home.forget(this);
  }

  /** undefined: as configured. */
  keep(timeoutMs: number | undefined, size: number | undefined): void {
    const link = this.#link;
    const inlet = this.#inlet;
    this.#checkOpen(link !== null && !inlet.closed && !this.#writeClosed && !inlet.ended, true, true);
    if (inlet.unread) {
      if (!inlet.unasked) throw new SocketFailure('unread data in buffer');
      this.#finalize();
      throw new SocketFailure('connection in dubious state');
    }
    const { settings } = this.#conf();
    const poolSize = size ?? settings.poolSize;
    const { pools, exiting } = this.#home;
    const target = this.#target as Target;
    const { key } = target;
    let pool = pools.find(key);
    if (pool === null && poolSize <= 0) {
      throw new SocketFailure(
        `bad argument #2 to 'setkeepalive' (bad "pool_size" option value: ${poolSize})`,
      );
    }
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
    pool.put(link as Link, timeoutMs ?? settings.keepaliveTimeout, counted);
  }

  get reused(): number {
    if (this.#opening !== null) return 0;
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

  /** What the system says at once names the address; the rest it says later. */
  #logConnect(error: NodeJS.ErrnoException): void {
    const { host, localAddress } = this.#target as Target;
    const { syscall, code = '' } = error;
    if (syscall === 'bind') this.#log(`bind(${localAddress}) failed ${errorText(error)}`, LOG_CRIT);
    else if (!isUnix(host) && SAID_LATER.has(code)) this.#log(`connect() failed ${errorText(error)}`);
    else this.#log(`connect() to ${host} failed ${errorText(error)}`, USUAL.has(code) ? LOG_ERR : LOG_CRIT);
  }

  #log(message: string, level = LOG_ERR): void {
    const upstream = this.#peer === '' ? '' : `, upstream: ${this.#peer}`;
    this.#home.log(this.slot, `${message}${upstream}${this.#whose}`, level);
  }
}

function isUnix(host: string): boolean {
  return host.slice(0, 5).toLowerCase() === 'unix:';
}

/** As lua-nginx-module names it in its log: `localhost:80(127.0.0.1)`. */
function peerText({ host, port }: Target, address: string): string {
  return address.startsWith('/')
    ? `${host}(unix:${address})`
    : `${host}:${port}(${isIP(address) === 6 ? `[${address}]` : address})`;
}
