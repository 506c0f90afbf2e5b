// A connection on Node's own handles, for where connections are many and short. What net.Socket makes of one (two
// streams, an emitter, closures, an object for each write, a buffer for each read) costs more than the connection does:
// 1 KB from an upstream over a connection of its own takes 0.75 of the time without. Whoever needs TLS or a stream takes
// net's.
//
// process.binding() is not documented, but is what net itself has; only this file knows of it.

import { type Server, Socket, type SocketConstructorOpts } from 'node:net';
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';

/** What a connection tells whoever opened it; none of it from within a call. */
export interface RawSocketUser {
  connected(): void;
  /** `n` bytes stand at the start of the buffer that was given. */
  received(n: number): void;
  ended(): void;
  /** The connection is of no use any more. */
  failed(error: NodeJS.ErrnoException): void;
  /** All that was written has been handed to the system, after there was something left. */
  drained(): void;
}

export interface RawSocketOptions {
  /** The local address to bind to; null for any. */
  readonly localAddress: string | null;
  readonly localPort: number;
  readonly keepAlive: boolean;
}

/** Of one end of a connection; empty and 0 where it is a unix socket. */
export interface Address {
  address: string;
  port: number;
}

interface Handle {
  readonly fd: number;
  owner: RawSocket | null;
  onread: () => Buffer | undefined;
  useUserBuffer(buffer: Buffer): void;
  readStart(): number;
  readStop(): number;
  ref(): void;
  unref(): void;
  shutdown(request: Request): number;
  close(): void;
  writeLatin1String(request: Writing, text: string): number;
  writeBuffer(request: Writing, bytes: Buffer): number;
  writev(request: Writing, chunks: readonly (string | Buffer)[], allBuffers: boolean): number;
}

interface TcpHandle extends Handle {
  connect(request: Request, address: string, port: number): number;
  connect6(request: Request, address: string, port: number): number;
  bind(address: string, port: number): number;
  bind6(address: string, port: number, flags: number): number;
  getsockname(into: Address): number;
  getpeername(into: Address): number;
  /** Closes it with RST. */
  reset(): number;
  setNoDelay(on: boolean): number;
  setKeepAlive(on: boolean, seconds: number): number;
}

interface PipeHandle extends Handle {
  connect(request: Request, path: string): number;
}

interface ListeningHandle {
  onconnection: (status: number, client: Handle) => void;
}

interface Request {
  socket: RawSocket | null;
  oncomplete: (this: Request, status: number) => void;
}

interface Writing extends Request {
  /** What is being written: nobody else keeps it. */
  data: unknown;
}

interface Bindings {
  tcp_wrap: {
    TCP: new (type: number) => TcpHandle;
    TCPConnectWrap: new () => Request;
    constants: { SOCKET: number };
  };
  pipe_wrap: {
    Pipe: new (type: number) => PipeHandle;
    PipeConnectWrap: new () => Request;
    constants: { SOCKET: number };
  };
  stream_wrap: {
    WriteWrap: new () => Writing;
    ShutdownWrap: new () => Request;
    kReadBytesOrError: number;
    kBytesWritten: number;
    kLastWriteWasAsync: number;
    streamBaseState: Int32Array;
  };
}

type Binding = <K extends keyof Bindings>(name: K) => Bindings[K];

const binding = (process as unknown as { binding: Binding }).binding;
const { TCP, TCPConnectWrap, constants: TCP_KIND } = binding('tcp_wrap');
const { Pipe, PipeConnectWrap, constants: PIPE_KIND } = binding('pipe_wrap');
const { WriteWrap, ShutdownWrap, kReadBytesOrError, kBytesWritten, kLastWriteWasAsync, streamBaseState } =
  binding('stream_wrap');

const END_OF_FILE = -4095;
const { EADDRINUSE } = constants.errno;

export class RawSocket {
  #user: RawSocketUser;
  readonly #handle: Handle;
  readonly #tcp: TcpHandle | null;
  /** Given, but not yet to the system. */
  #leaving = 0;
  #held = 0;
  writableCorked = 0;
  #corked: (string | Buffer)[] = [];
  #writing = 0;
  #writes = 0;
  #connected = false;
  #paused = false;
  #closed = false;
  /** For the next read, if it is another one. */
  #buffer: Buffer | undefined = undefined;
  /** Why nothing can be written any more. */
  fault: NodeJS.ErrnoException | null = null;

  private constructor(user: RawSocketUser, handle: Handle, tcp: TcpHandle | null) {
    this.#user = user;
    this.#handle = handle;
    this.#tcp = tcp;
    handle.owner = this;
    handle.onread = onRead;
  }

  /** Has those who connect to `server`, which listens, come to `accepted`, which is to open() their connections. */
  static accept(server: Server, accepted: (socket: RawSocket) => void): void {
    const { _handle: handle } = server as unknown as { readonly _handle: ListeningHandle };
    handle.onconnection = (status, client) => {
      if (status === 0) accepted(new RawSocket(NOBODY, client, client instanceof TCP ? client : null));
      else server.emit('error', systemError(status, 'accept'));
    };
  }

  /** Of one that was accepted: from now on what comes is read into `buffer`, which must stay. */
  open(user: RawSocketUser, buffer: Buffer): void {
    this.#user = user;
    this.#handle.useUserBuffer(buffer);
    this.#connected = true;
    this.#handle.readStart();
  }

  /** Connects to an address; what comes is read into `buffer`, which must stay. */
  static connect(
    user: RawSocketUser,
    buffer: Buffer,
    host: string,
    port: number,
    { localAddress, localPort, keepAlive }: RawSocketOptions,
  ): RawSocket {
    const handle = new TCP(TCP_KIND.SOCKET);
    const socket = new RawSocket(user, handle, handle);
    handle.useUserBuffer(buffer);
    const six = host.includes(':');
    if (localAddress !== null || localPort !== 0) {
      const error = bind(handle, six, localAddress, localPort);
      if (error !== 0) {
        socket.#failLater(error, 'bind');
        return socket;
      }
    }
    const request = new TCPConnectWrap();
    request.socket = socket;
    request.oncomplete = onConnect;
    const error = six ? handle.connect6(request, host, port) : handle.connect(request, host, port);
    if (error !== 0) socket.#failLater(error, 'connect');
    else if (keepAlive) handle.setKeepAlive(true, 0);
    return socket;
  }

  static connectPath(user: RawSocketUser, buffer: Buffer, path: string): RawSocket {
    const handle = new Pipe(PIPE_KIND.SOCKET);
    const socket = new RawSocket(user, handle, null);
    handle.useUserBuffer(buffer);
    const request = new PipeConnectWrap();
    request.socket = socket;
    request.oncomplete = onConnect;
    const error = handle.connect(request, path);
    if (error) socket.#failLater(error, 'connect'); // Node 24 answers nothing
    return socket;
  }

  opened(status: number): void {
    if (this.#closed) return;
    if (status !== 0) {
      this.#user.failed(systemError(status, 'connect'));
      return;
    }
    this.#connected = true;
    if (!this.#paused) this.#handle.readStart();
    this.#user.connected();
  }

  read(n: number): Buffer | undefined {
    if (this.#closed || n === 0) return undefined;
    if (n > 0) this.#user.received(n);
    else if (n === END_OF_FILE) this.#user.ended();
    else this.#user.failed(systemError(n, 'read'));
    const next = this.#buffer;
    this.#buffer = undefined;
    return next;
  }

  /** From within received(): what comes next is read into `buffer`, which must stay. */
  readInto(buffer: Buffer): void {
    this.#buffer = buffer;
  }

  local(): Address {
    const into = { address: '', port: 0 };
    if (!this.#closed) this.#tcp?.getsockname(into);
    return into;
  }

  peer(): Address {
    const into = { address: '', port: 0 };
    if (!this.#closed) this.#tcp?.getpeername(into);
    return into;
  }

  /** Bytes that were given, but not to the system. */
  get writableLength(): number {
    return this.#leaving + this.#held;
  }

  pause(): void {
    this.#paused = true;
    if (this.#connected && !this.#closed) this.#handle.readStop();
  }

  resume(): void {
    this.#paused = false;
    if (this.#connected && !this.#closed) this.#handle.readStart();
  }

  /** Text is latin1. What the system does not take at once leaves later, and drained() tells of it. */
  write(data: string | Buffer): void {
    if (this.#closed || data.length === 0) return;
    if (this.writableCorked > 0) {
      this.#corked.push(data);
      this.#held += data.length;
      return;
    }
    this.#startWriting();
    const request = writing;
    request.socket = this;
    const error =
      typeof data === 'string'
        ? this.#handle.writeLatin1String(request, data)
        : this.#handle.writeBuffer(request, data);
    this.#written(request, error, data);
  }

  /** What is written up to uncork() leaves together. */
  cork(): void {
    this.writableCorked++;
  }

  uncork(): void {
    if (--this.writableCorked > 0 || this.#corked.length === 0 || this.#closed) return;
    const chunks = this.#corked;
    this.#corked = [];
    this.#held = 0;
    const [first = ''] = chunks;
    if (chunks.length === 1) {
      this.write(first);
      return;
    }
    if (chunks.every(isText)) {
      this.write(chunks.join(''));
      return;
    }
    this.#startWriting();
    const all: (string | Buffer)[] = [];
    for (const chunk of chunks) all.push(chunk, 'latin1');
    const request = writing;
    request.socket = this;
    this.#written(request, this.#handle.writev(request, all, false), all);
  }

  /** Without it the second write decides for no delay. */
  setNoDelay(on: boolean): void {
    this.#writes = 2;
    if (!this.#closed) this.#tcp?.setNoDelay(on);
  }

  /** `seconds`: how long nothing may come before the other side is asked; 0 leaves it to the system. */
  setKeepAlive(on: boolean, seconds = 0): void {
    if (!this.#closed) this.#tcp?.setKeepAlive(on, seconds);
  }

  /** The number of its descriptor. */
  get descriptor(): number {
    return this.#handle.fd;
  }

  /** The connection as a socket of net's: this one tells nothing any more. */
  toSocket(): Socket {
    this.#closed = true;
    this.#handle.owner = null;
    this.#handle.readStop(); // whoever reads from now on starts anew
    const options = { handle: this.#handle, allowHalfOpen: true };
    return new Socket(options as unknown as SocketConstructorOpts);
  }

  /** The first write leaves at once anyway: only those who write again pay for it. */
  #startWriting(): void {
    if (++this.#writes === 2) this.#tcp?.setNoDelay(true);
  }

  #written(request: Writing, error: number, data: unknown): void {
    if (error !== 0) {
      this.fault = systemError(error, 'write');
      this.#failLater(error, 'write');
    } else if (streamBaseState[kLastWriteWasAsync] !== 0) {
      request.data = data;
      writing = newWriting();
      this.#writing++;
      this.#leaving += streamBaseState[kBytesWritten] as number;
    }
  }

  left(status: number): void {
    if (this.#closed) return;
    if (status !== 0) {
      this.#user.failed(systemError(status, 'write'));
      return;
    }
    if (--this.#writing > 0) return;
    this.#leaving = 0;
    this.#user.drained();
  }

  ref(): void {
    if (!this.#closed) this.#handle.ref();
  }

  unref(): void {
    if (!this.#closed) this.#handle.unref();
  }

  /** Says that nothing more will be written, when all that was has left. */
  shutdown(): void {
    if (this.#closed) return;
    const request = new ShutdownWrap();
    request.oncomplete = onShutdown;
    this.#handle.shutdown(request);
  }

  destroy(): void {
    if (this.#leave()) this.#handle.close();
  }

  /** As destroy(), and lets the other side know by a RST. */
  reset(): void {
    if (!this.#leave()) return;
    if (this.#tcp === null) this.#handle.close();
    else this.#tcp.reset();
  }

  #leave(): boolean {
    if (this.#closed) return false;
    this.#closed = true;
    this.#corked.length = 0;
    this.#handle.owner = null;
    return true;
  }

  #failLater(errno: number, syscall: string): void {
    process.nextTick(fail, this, errno, syscall);
  }

  fail(errno: number, syscall: string): void {
    if (!this.#closed) this.#user.failed(systemError(errno, syscall));
  }
}

const NOBODY: RawSocketUser = {
  connected() {},
  received() {},
  ended() {},
  failed() {},
  drained() {},
};

/** What the next write is begun with: one that the system takes at once does not use it up. */
let writing = newWriting();

function newWriting(): Writing {
  const request = new WriteWrap();
  request.socket = null;
  request.data = null;
  request.oncomplete = onWritten;
  return request;
}

/** A port that is in use is only told of later, and another one taken instead: as net does, we look. */
function bind(handle: TcpHandle, six: boolean, address: string | null, port: number): number {
  const error = six ? handle.bind6(address ?? '::', port, 0) : handle.bind(address ?? '0.0.0.0', port);
  if (error !== 0 || port === 0) return error;
  const bound = { address: '', port: 0 };
  return handle.getsockname(bound) || (bound.port === port ? 0 : -EADDRINUSE);
}

function isText(data: string | Buffer): boolean {
  return typeof data === 'string';
}

function onConnect(this: Request, status: number): void {
  this.socket?.opened(status);
}

function onRead(this: Handle): Buffer | undefined {
  return this.owner?.read(streamBaseState[kReadBytesOrError] as number);
}

/** What comes of it, reading will tell. */
function onShutdown(): void {}

function onWritten(this: Request, status: number): void {
  this.socket?.left(status);
}

function fail(socket: RawSocket, errno: number, syscall: string): void {
  socket.fail(errno, syscall);
}

function systemError(errno: number, syscall: string): NodeJS.ErrnoException {
  const code = getSystemErrorName(errno);
  return Object.assign(new Error(`${syscall} ${code}`), { errno, code, syscall });
}
