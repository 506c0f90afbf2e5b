// ngx.req.socket in the worker: the body of a request, as it comes, or with `raw` the client's connection itself.

import { Timer } from '../../core/timers.ts';
import { Inlet, InletTimer, type Source } from './inlet.ts';
import type { Reader } from './intake.ts';
import type { RequestStream } from './request.ts';
import type { HostSocket, SocketHome } from './socket_home.ts';
import { SocketFailure } from './socket_settings.ts';
import type { Timeouts } from './tcp_socket.ts';

export class RequestSocket implements HostSocket, Source {
  readonly id: number;
  readonly slot: number;
  next: HostSocket | null = null;
  readonly #home: SocketHome;
  readonly #stream: RequestStream;
  readonly #inlet: Inlet;
  #sending = 0;
  #sent = 0;
  #sendTimeout = 0;
  #writeClosed = false;
  #over = false;
  readonly #sendTimer: Timer<RequestSocket>;
  readonly #readTimer: InletTimer;

  constructor(home: SocketHome, id: number, slot: number, stream: RequestStream) {
    this.#home = home;
    this.id = id;
    this.slot = slot;
    this.#stream = stream;
    this.#inlet = new Inlet(home, this);
    this.#sendTimer = new Timer<RequestSocket>(RequestSocket.#sendExpired, this);
    this.#readTimer = new InletTimer(this.#inlet);
    this.setTimeouts({ connect: 0, send: 0, read: 0 });
  }

  setTimeouts(timeouts: Timeouts): void {
    const { settings } = this.#home.conf(this.slot);
    this.#sendTimeout = timeouts.send || settings.sendTimeout;
    this.#inlet.timeoutMs = timeouts.read || settings.readTimeout;
  }

  get descriptor(): number {
    return this.#stream.descriptor;
  }

  receive(operation: number, reader: Reader): string {
    if (this.#over || this.#inlet.closed) {
      this.#log('attempt to receive data on a closed socket');
      throw new SocketFailure('closed');
    }
    if (this.#inlet.busy) throw new SocketFailure('socket busy reading');
    return this.#inlet.receive(operation, this.slot, reader);
  }

  /** Bytes sent; undefined: some of them still wait. */
  send(operation: number, data: string): number | undefined {
    if (this.#over || this.#writeClosed) {
      this.#log('attempt to send data on a closed socket');
      throw new SocketFailure('closed');
    }
    if (this.#sending !== 0) throw new SocketFailure('socket busy writing');
    if (data === '') return 0;
    const left = this.#stream.send(data, () => this.#written());
    if (left === null) {
      this.#writeClosed = true;
      throw new SocketFailure('closed');
    }
    if (left) return data.length;
    this.#sending = operation;
    this.#sent = data.length;
    this.#sendTimer.set(this.#sendTimeout);
    this.#home.begin(operation, this.slot, () => this.#sendOver());
    return undefined;
  }

  #written(): void {
    if (this.#sending === 0) return;
    const operation = this.#sending;
    this.#sendOver();
    this.#home.finish(operation, true, String(this.#sent), '');
  }

  #sendOver(): void {
    this.#sending = 0;
    this.#sendTimer.clear();
  }

  static #sendExpired(s: RequestSocket): void {
    const operation = s.#sending;
    if (operation === 0) return;
    s.#log('ts tcp socket write timed out');
    s.#sendOver();
    s.#writeClosed = true;
    s.#home.finish(operation, false, 'timeout', '');
  }

  more(): void {
    this.#stream.more(this.#inlet);
  }

  full(): void {}

  readFailed(): void {}

  readTimedOut(): void {
    this.#log('ts tcp socket read timed out');
  }

  wake(ms: number): void {
    this.#readTimer.wake(ms);
  }

  dispose(): void {
    this.#over = true;
    this.#inlet.stop();
    this.#sendOver();
    this.#sendTimer.end();
  }

  #log(message: string): void {
    if (this.#home.conf(this.slot).settings.logErrors) this.#home.log(this.slot, message);
  }
}
