// ngx.socket.udp in the worker: datagrams to one peer and from it.

import { createSocket, type Socket } from 'node:dgram';
import { errorText } from '../../core/errno.ts';
import { Timer } from '../../core/timers.ts';
import type { HostSocket, SocketHome } from './socket_home.ts';
import { resolvePeer } from './socket_peer.ts';
import { failureText, type SocketConf, SocketFailure } from './socket_settings.ts';

/** A datagram is read up to here, as in lua-nginx-module (whose documentation says 8192). */
const MAX_DATAGRAM = 65536;
/** What the system would hold of datagrams that nobody reads. */
const MAX_HELD = 128;

export class UdpSocket implements HostSocket {
  readonly id: number;
  readonly slot: number;
  next: HostSocket | null = null;
  readonly #home: SocketHome;
  #socket: Socket | null = null;
  /** What setpeername or receive waits for. */
  #operation = 0;
  #opening = false;
  #size = 0;
  #bytes = false;
  readonly #held: Buffer[] = [];
  #fault: Error | null = null;
  #timeoutMs = 0;
  readonly #timer: Timer<UdpSocket>;
  #peer = '';
  /** What is told of it in the error log where it is no request's. */
  readonly #whose: string;
  /** The settings of a timer's. */
  readonly #kept: SocketConf | null;

  constructor(home: SocketHome, id: number, slot: number, whose: string, kept: SocketConf | null) {
    this.#whose = whose;
    this.#kept = kept;
    this.#home = home;
    this.id = id;
    this.slot = slot;
    this.#timer = new Timer<UdpSocket>(UdpSocket.#expired, this);
  }

  #conf(): SocketConf {
    return this.#kept ?? this.#home.conf(this.slot);
  }

  /** 0: as configured. */
  setTimeout(ms: number): void {
    this.#timeoutMs = ms || this.#conf().settings.readTimeout;
  }

  setPeer(operation: number, host: string, port: number, local: string): void {
    if (this.#operation !== 0) throw new SocketFailure('socket busy');
    this.#close();
    const { destinations } = this.#home;
    if (destinations?.mayAllow(host, port) === false) throw new SocketFailure('permission denied');
    if (/^unix:/i.test(host)) throw new SocketFailure('unix datagram sockets are not supported');
    this.#operation = operation;
    this.#opening = true;
    this.#peer = `${host}:${port}`;
    this.#home.begin(operation, this.slot, () => {
      this.#operation = 0;
      this.#close();
    });
    resolvePeer(this.#conf(), host, port, (peer, error) => {
      if (this.#operation !== operation) return;
      if (peer === null) this.#failed(error);
      else if (destinations?.allows(host, peer.host, port) === false) this.#failed('permission denied');
      else this.#open(peer.host, peer.port, local);
    });
  }

  #open(host: string, port: number, local: string): void {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    this.#socket = socket;
    this.#peer = `${this.#peer}(${host})`;
    socket.on('message', (message: Buffer) => {
      if (this.#socket === socket) this.#received(message);
    });
    socket.on('error', (error: Error) => {
      if (this.#socket === socket) this.#broken(error);
    });
    const connect = (): void => {
      if (this.#socket !== socket) return;
      const connected = (error?: Error): void => {
        if (this.#socket !== socket) return;
        if (error !== undefined) {
          this.#failed(failureText(error));
          return;
        }
        this.#opening = false;
        this.#finish(true, '');
      };
      socket.connect(port, host, connected);
    };
    if (local === '') connect();
    else socket.bind({ address: local }, connect);
  }

  /** Bytes sent. */
  send(data: string): void {
    const socket = this.#socket;
    if (socket === null || this.#opening) throw this.#closed('send');
    if (this.#operation !== 0) throw new SocketFailure('socket busy');
    this.#throwFault('send');
    socket.send(Buffer.from(data, 'latin1'), (error) => {
      if (error !== null && this.#socket === socket) this.#broken(error);
    });
    this.#throwFault('send');
  }

  /** A datagram; undefined: none has come yet. */
  receive(operation: number, size: number, bytes: boolean): string | undefined {
    if (this.#socket === null || this.#opening) throw this.#closed('receive');
    if (this.#operation !== 0) throw new SocketFailure('socket busy');
    this.#size = Math.min(size, MAX_DATAGRAM);
    this.#bytes = bytes;
    const held = this.#held.shift();
    if (held !== undefined) return this.#textOf(held);
    this.#throwFault('recv');
    this.#operation = operation;
    this.#home.begin(operation, this.slot, () => {
      this.#operation = 0;
      this.#timer.clear();
    });
    this.#timer.set(this.#timeoutMs);
    return undefined;
  }

  close(): void {
    if (this.#socket === null) throw new SocketFailure('closed');
    if (this.#operation !== 0) throw new SocketFailure('socket busy');
    this.#close();
    this.#home.forget(this);
  }

  dispose(): void {
    this.#operation = 0;
    this.#close();
  }

  #received(message: Buffer): void {
    if (this.#operation !== 0 && !this.#opening) this.#finish(true, this.#textOf(message));
    else if (this.#held.length < MAX_HELD) this.#held.push(message);
  }

  #textOf(message: Buffer): string {
    return message.toString(this.#bytes ? 'latin1' : 'utf8', 0, this.#size);
  }

  #broken(error: Error): void {
    if (this.#opening) {
      this.#failed(failureText(error));
    } else if (this.#operation !== 0) {
      this.#log(`recv() failed ${errorText(error)}`);
      this.#finish(false, failureText(error));
    } else {
      this.#fault = error;
    }
  }

  #failed(message: string): void {
    this.#close();
    this.#home.forget(this);
    this.#finish(false, message);
  }

  #finish(ok: boolean, text: string): void {
    const operation = this.#operation;
    this.#operation = 0;
    this.#timer.clear();
    if (operation !== 0) this.#home.finish(operation, ok, text, '');
  }

  #throwFault(what: string): void {
    const fault = this.#fault;
    if (fault === null) return;
    this.#fault = null;
    this.#log(`${what}() failed ${errorText(fault)}`);
    throw new SocketFailure(failureText(fault));
  }

  #closed(what: string): SocketFailure {
    this.#log(`attempt to ${what} data on a closed socket`);
    return new SocketFailure('closed');
  }

  #close(): void {
    this.#timer.end();
    const socket = this.#socket;
    this.#socket = null;
    this.#opening = false;
    this.#held.length = 0;
    this.#fault = null;
    socket?.close();
  }

  #log(message: string): void {
    if (!this.#conf().settings.logErrors) return;
    const upstream = this.#peer === '' ? '' : `, upstream: ${this.#peer}`;
    this.#home.log(this.slot, `${message}${upstream}${this.#whose}`);
  }

  static #expired(s: UdpSocket): void {
    if (s.#operation === 0) return;
    s.#log('ts udp socket read timed out');
    s.#finish(false, 'timeout');
  }
}
