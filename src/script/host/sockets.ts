// The sockets of an isolate's scripts: who has which, what calls of them come to, and how long they live. One that
// belongs to a request is closed when that ends; what the guest says is not trusted.

import { isIP } from 'node:net';
import { toLatin1 } from '../../core/text.ts';
import * as p from '../protocol.ts';
import type { Actor } from './actor.ts';
import type { Destinations } from './destinations.ts';
import { Pattern, Reader } from './intake.ts';
import type { Plain } from './isolate.ts';
import type { Link } from './link.ts';
import { LOG_ERR } from './log_levels.ts';
import { PipeProcess, type SpawnRequest } from './pipe.ts';
import { lookUp, type Programs } from './programs.ts';
import { type Argument, Refusal } from './request.ts';
import { RequestSocket } from './request_socket.ts';
import type { HostSocket, SocketHome } from './socket_home.ts';
import { getOption, setOption } from './socket_options.ts';
import { Pools } from './socket_pool.ts';
import { type SocketConf, SocketFailure } from './socket_settings.ts';
import { TcpSocket } from './tcp_socket.ts';
import { UdpSocket } from './udp_socket.ts';

/** Sockets that an isolate may have at a time, and processes. */
const MAX_SOCKETS = 16_384;
const MAX_PROCESSES = 1024;
/** To send so much is to be quick. */
const SMALL_SEND = 4096;

/** How the environment makes any program run code of a file, such as that of a request's body. */
const LINKER = 'LD_';

interface SocketsOptions {
  /** Of the http block: for what belongs to no request. */
  readonly conf: SocketConf;
  /** null: everywhere. */
  readonly destinations: Destinations | null;
  readonly programs: Programs;
  /** The isolate's name. */
  readonly isolate: string;
  exiting(): boolean;
  log(level: number, message: string): void;
}

export class Sockets implements SocketHome {
  readonly pools = new Pools();
  readonly #options: SocketsOptions;
  readonly #byId = new Map<number, HostSocket>();
  /** Those that belong to a request, by its slot: the one made last, which leads to the others. */
  readonly #bySlot: (HostSocket | null)[] = [];
  /** Connections that hold what was written in this turn. */
  #holding: Link[] = [];
  #processes = 0;
  readonly #numbers = new Map<object, number>();
  /** By number - 1. */
  readonly #kept: SocketConf[] = [];
  #actor: Actor | null = null;
  #mem: Int32Array = new Int32Array(p.IN_AT);

  constructor(options: SocketsOptions) {
    this.#options = options;
  }

  attach(actor: Actor, mem: Int32Array): void {
    this.#actor = actor;
    this.#mem = mem;
    this.pools.mem = mem;
  }

  get count(): number {
    return this.#byId.size;
  }

  get destinations(): Destinations | null {
    return this.#options.destinations;
  }

  get exiting(): boolean {
    return this.#options.exiting();
  }

  /** The settings of a location, for timers that requests there set: they outlive the requests. */
  confNumber(location: object, r: { readonly socketConf: SocketConf }): number {
    let number = this.#numbers.get(location);
    if (number === undefined) {
      number = this.#kept.push(r.socketConf);
      this.#numbers.set(location, number);
    }
    return number;
  }

  conf(slot: number): SocketConf {
    return this.#actor?.occupants.at(slot)?.socketConf ?? this.#options.conf;
  }

  hold(link: Link, data: string, utf8: boolean): boolean {
    if (this.#actor?.visiting !== true || !link.hold(data, utf8)) return false;
    this.#holding.push(link);
    return true;
  }

  /** The turn is over. */
  flush(): void {
    if (this.#holding.length === 0) return;
    const holding = this.#holding;
    this.#holding = [];
    for (const link of holding) link.flush();
  }

  begin(operation: number, slot: number, cancel: () => void): void {
    this.#mem[p.OUTCOME] = p.BEGUN;
    this.#actor?.operations.begin(operation, slot, cancel);
  }

  finish(operation: number, ok: boolean, text: string, beside: string): void {
    this.#actor?.operations.finish(operation, ok, p.TEXT, text, beside);
  }

  answered(boundary: boolean): void {
    this.#mem[p.OUTCOME] = boundary ? p.BOUNDARY : p.ANSWERED_NOW;
  }

  log(slot: number, message: string, level = LOG_ERR): void {
    const r = this.#actor?.occupants.at(slot) ?? null;
    if (r === null) this.#options.log(level, message);
    else r.log(level, message);
  }

  forget(socket: HostSocket): void {
    if (this.#byId.get(socket.id) !== socket) return;
    this.#remove(socket);
    let other = this.#bySlot[socket.slot] ?? null;
    if (other === socket) {
      this.#bySlot[socket.slot] = socket.next;
    } else {
      while (other !== null && other.next !== socket) other = other.next;
      if (other !== null) other.next = socket.next;
    }
    socket.next = null;
  }

  /** The request in `slot` is over. */
  endOf(slot: number): void {
    let socket = this.#bySlot[slot] ?? null;
    if (socket === null) return;
    this.#bySlot[slot] = null;
    while (socket !== null) {
      const { next }: HostSocket = socket;
      this.#remove(socket);
      socket.dispose();
      socket = next;
    }
  }

  /** The isolate is over. */
  closeAll(): void {
    for (const socket of this.#byId.values()) socket.dispose();
    this.#byId.clear();
    this.#processes = 0;
    this.#bySlot.length = 0;
    this.pools.closeAll();
  }

  /** CALL_SOCKET: what, id, operation, arguments. */
  call(slot: number, args: readonly Plain[]): Plain {
    this.#mem[p.OUTCOME] = p.ANSWERED_NOW;
    try {
      return this.#answer(slot, args[0] as number, args[1] as number, args[2] as number, args);
    } catch (error) {
      if (!(error instanceof SocketFailure)) throw error;
      this.#mem[p.OUTCOME] = p.FAILED;
      return `${error.message}\0${error.partial}`;
    }
  }

  /** A call that was told in a record: its answer comes later, if anybody waits for one. */
  late(slot: number, args: readonly Argument[]): void {
    if (slot !== 0 && (this.#actor?.occupants.at(slot) ?? null) === null) return; // it has ended meanwhile
    const operation = args[2] as number;
    const answer = this.call(slot, args);
    const outcome = this.#mem[p.OUTCOME];
    if (operation === 0 || outcome === p.BEGUN) return;
    const text = String(answer ?? '');
    if (outcome !== p.FAILED) {
      this.#actor?.settle(operation, true, p.TEXT, text, outcome === p.BOUNDARY ? '1' : '0');
      return;
    }
    const end = text.indexOf('\0');
    this.#actor?.settle(operation, false, p.TEXT, text.slice(0, end), text.slice(end + 1));
  }

  show(cell: number, id: number, bits: number): void {
    if (cell === 0) return;
    const word = this.#mem[cell] as number;
    if (word !== 0 && word >> p.CELL_BITS !== id) return;
    this.#mem[cell] = bits === -1 ? 0 : (id << p.CELL_BITS) | bits;
  }

  #answer(slot: number, what: number, id: number, operation: number, args: readonly Plain[]): Plain {
    switch (what) {
      case p.SOCK_RECEIVE:
        return this.#receive(slot, id, operation, args);
      case p.SOCK_SEND: {
        const socket = this.#find(slot, id);
        const data = String(args[3]);
        const utf8 = args[4] === true;
        this.#checkUnsent(data.length);
        if (socket instanceof TcpSocket) return socket.send(operation, data, utf8);
        if (socket instanceof RequestSocket) return socket.send(operation, utf8 ? toLatin1(data) : data);
        return this.#none(slot, 'send');
      }
      case p.SOCK_CONNECT:
        return this.#connect(slot, id, operation, args);
      case p.SOCK_TAKE:
        this.#take(slot, id, args);
        return undefined;
      case p.SOCK_CLOSE:
        this.#tcp(slot, id).close();
        return 1;
      case p.SOCK_KEEPALIVE:
        this.#tcp(slot, id).keep(args[3] as number | undefined, args[4] as number | undefined);
        return 1;
      case p.SOCK_UNREAD:
        this.#tcp(slot, id).putBack(String(args[3]));
        return undefined;
      case p.SOCK_DESCRIPTOR: {
        const socket = this.#find(slot, id);
        return socket instanceof RequestSocket ? socket.descriptor : this.#tcp(slot, id).link.descriptor;
      }
      case p.SOCK_REUSED:
        return this.#tcp(slot, id).reused;
      case p.SOCK_TIMEOUTS: {
        const socket = this.#find(slot, id);
        if (socket instanceof TcpSocket || socket instanceof RequestSocket) {
          socket.setTimeouts(timeoutsOf(args, 3));
        }
        return undefined;
      }
      case p.SOCK_HANDSHAKE:
        return this.#tcp(slot, id).handshake(operation, {
          session: String(args[3] ?? ''),
          keepSession: args[4] === true,
          serverName: String(args[5] ?? ''),
          verify: args[6] === true,
          ocsp: args[7] === true,
          certificate: String(args[8] ?? ''),
          key: String(args[9] ?? ''),
          trusted: String(args[10] ?? ''),
        });
      case p.SOCK_SESSION:
        return this.#tcp(slot, id).session();
      case p.SOCK_SET_OPTION:
        setOption(this.#tcp(slot, id).link, String(args[3]), args[4]);
        return true;
      case p.SOCK_GET_OPTION:
        return getOption(this.#tcp(slot, id).link, String(args[3]));
      case p.SOCK_ADDRESS:
        if (isIP(String(args[3])) === 0) throw new SocketFailure('bad address');
        return undefined;
      case p.SOCK_REQUEST:
        this.#openRequest(slot, id, args[3] === true);
        return undefined;
      case p.SOCK_UDP_PEER:
        (this.#udp(slot, id) ?? this.#makeUdp(slot, id, String(args[6]), Number(args[7]))).setPeer(
          operation,
          String(args[3]),
          Number(args[4]),
          String(args[5]),
        );
        return undefined;
      case p.SOCK_UDP_SEND:
        (this.#udp(slot, id) ?? this.#none(slot, 'send')).send(String(args[3]));
        return 1;
      case p.SOCK_UDP_RECEIVE:
        return (this.#udp(slot, id) ?? this.#none(slot, 'receive')).receive(
          operation,
          Number(args[3]),
          args[4] === true,
        );
      case p.SOCK_UDP_CLOSE:
        (this.#udp(slot, id) ?? closed()).close();
        return 1;
      case p.SOCK_UDP_TIMEOUT: {
        const socket = this.#find(slot, id);
        if (socket instanceof UdpSocket) socket.setTimeout(Number(args[3]));
        return undefined;
      }
      case p.SOCK_DROP: {
        const socket = this.#find(slot, id);
        if (socket === undefined) return undefined;
        this.forget(socket);
        socket.dispose();
        return undefined;
      }
      case p.SOCK_PIPE_SPAWN:
        return this.#spawn(slot, id, JSON.parse(String(args[3])) as SpawnRequest);
      case p.SOCK_PIPE_TIMEOUTS:
        this.#process(slot, id).setTimeouts(
          Number(args[3]),
          Number(args[4]),
          Number(args[5]),
          Number(args[6]),
        );
        return undefined;
      case p.SOCK_PIPE_READ: {
        const proc = this.#process(slot, id);
        const most = args[6] === p.READ_ANY ? Math.min(Number(args[5]), proc.bufferSize) : Number(args[5]);
        return proc.read(
          operation,
          args[3] === true,
          new Reader(args[6] as number, args[4] === true, most, null),
        );
      }
      case p.SOCK_PIPE_WRITE:
        return this.#process(slot, id).write(operation, String(args[3]), args[4] === true);
      case p.SOCK_PIPE_SHUTDOWN:
        this.#process(slot, id).shutdown(String(args[3]));
        return undefined;
      case p.SOCK_PIPE_WAIT:
        return this.#process(slot, id, 'exited').wait(operation);
      case p.SOCK_PIPE_KILL:
        this.#process(slot, id, 'exited').kill(Number(args[3]));
        return undefined;
      default:
        throw new Refusal(`unknown call of a socket ${what}`);
    }
  }

  #receive(slot: number, id: number, operation: number, args: readonly Plain[]): string {
    const reader = this.#readerOf(slot, args);
    const socket = this.#reading(slot, id, reader.kind);
    if (!(socket instanceof TcpSocket)) return socket.receive(operation, reader);
    const unread = args[8];
    if (typeof unread === 'string' && unread !== '') socket.putBack(unread);
    reader.handsOver = args[9] === true;
    return socket.receive(operation, reader);
  }

  #spawn(slot: number, id: number, request: SpawnRequest): number {
    const [name = ''] = request.args;
    const { programs, isolate } = this.#options;
    const file = programs.find(name);
    if (file === null) {
      const grant = name.includes('/') ? name : (lookUp(name) ?? 'PATH');
      throw new SocketFailure(`ts_isolate "${isolate}" is not granted the program "${name}" (exec=${grant})`);
    }
    if (!programs.all && request.environ?.some((variable) => variable.startsWith(LINKER))) {
      throw new SocketFailure(
        `ts_isolate "${isolate}" is not granted the linker's environment, ${LINKER}* (exec=*)`,
      );
    }
    if (this.#processes >= MAX_PROCESSES) throw new SocketFailure('too many processes');
    const proc = new PipeProcess(this, id, slot, file, request);
    this.#add(proc);
    this.#processes++;
    return proc.pid;
  }

  /** `gone`: how it is said that there is nothing left of it. */
  #process(slot: number, id: number, gone = 'closed'): PipeProcess {
    const socket = this.#find(slot, id);
    if (socket instanceof PipeProcess) return socket;
    throw new SocketFailure(gone);
  }

  #connect(slot: number, id: number, operation: number, args: readonly Plain[]): Plain {
    let socket = this.#find(slot, id);
    if (socket === undefined) {
      socket = new TcpSocket(this, id, slot, cellOf(args[14], p.SOCKET_CELLS_AT, p.SOCKET_CELLS));
      this.#add(socket);
    }
    if (!(socket instanceof TcpSocket)) throw new Refusal('attempt to re-connect a request socket');
    socket.ofTimer(String(args[15]), this.#kept[Number(args[16]) - 1] ?? null);
    socket.setTimeouts(timeoutsOf(args, 10));
    try {
      const connected = socket.connect(operation, {
        host: String(args[3]),
        port: args[4] as number,
        key: String(args[5]),
        poolSize: args[6] as number,
        backlog: args[7] as number,
        localAddress: String(args[8]),
        localPort: args[9] as number,
        // Where not all destinations are allowed each connect is looked at.
        poolCell: this.destinations === null ? cellOf(args[13], p.POOL_CELLS_AT, p.POOL_CELLS) : 0,
      });
      return connected ? 1 : undefined;
    } catch (error) {
      socket.idleForget();
      throw error;
    }
  }

  /** The guest has seen that there is an idle connection. */
  #take(slot: number, id: number, args: readonly Plain[]): void {
    const pool = this.pools.at(args[3] as number);
    if (pool === null || this.#find(slot, id) !== undefined) throw new Refusal('there is no such pool');
    const socket = new TcpSocket(this, id, slot, cellOf(args[4], p.SOCKET_CELLS_AT, p.SOCKET_CELLS));
    this.#add(socket);
    socket.setTimeouts(timeoutsOf(args, 5));
    socket.take(pool);
  }

  #openRequest(slot: number, id: number, raw: boolean): void {
    const r = this.#actor?.occupants.at(slot) ?? null;
    if (r === null) throw new Refusal('no request found');
    this.#add(new RequestSocket(this, id, slot, r.openSocket(raw)));
  }

  #find(slot: number, id: number): HostSocket | undefined {
    const socket = this.#byId.get(id);
    if (socket !== undefined && socket.slot !== slot) throw new Refusal('bad request');
    return socket;
  }

  #remove(socket: HostSocket): void {
    this.#byId.delete(socket.id);
    if (socket instanceof TcpSocket) socket.hide();
    if (socket instanceof PipeProcess) this.#processes--;
  }

  #add(socket: HostSocket): void {
    if (this.#byId.size >= MAX_SOCKETS) throw new SocketFailure('no memory');
    this.#byId.set(socket.id, socket);
    if (socket.slot === 0) return;
    socket.next = this.#bySlot[socket.slot] ?? null;
    this.#bySlot[socket.slot] = socket;
  }

  /** What peers do not take waits in the worker's memory. What is alone may be more. */
  #checkUnsent(bytes: number): void {
    if (bytes < SMALL_SEND) return;
    let unsent = 0;
    for (const socket of this.#byId.values()) if (socket instanceof TcpSocket) unsent += socket.unsent;
    if (unsent > 0 && this.#actor?.operations.isTooMuch(unsent + bytes) === true)
      throw new SocketFailure('no memory');
  }

  #tcp(slot: number, id: number): TcpSocket {
    const socket = this.#find(slot, id);
    if (socket instanceof TcpSocket) return socket;
    throw new SocketFailure('closed');
  }

  #reading(slot: number, id: number, kind: number): TcpSocket | RequestSocket {
    const socket = this.#find(slot, id);
    if (socket instanceof TcpSocket || socket instanceof RequestSocket) return socket;
    if (kind === p.READ_UNTIL) throw new SocketFailure('closed');
    return this.#none(slot, 'receive');
  }

  #udp(slot: number, id: number): UdpSocket | null {
    const socket = this.#find(slot, id);
    return socket instanceof UdpSocket ? socket : null;
  }

  #makeUdp(slot: number, id: number, whose: string, conf: number): UdpSocket {
    const made = new UdpSocket(this, id, slot, whose, this.#kept[conf - 1] ?? null);
    this.#add(made);
    return made;
  }

  #readerOf(slot: number, args: readonly Plain[]): Reader {
    const kind = args[3] as number;
    let most = args[5] as number;
    // Lua gives what it has read at a time, and that is a buffer at most.
    if (kind === p.READ_ANY) most = Math.min(most, this.conf(slot).settings.bufferSize);
    const pattern = kind === p.READ_UNTIL ? new Pattern(String(args[6]), args[7] === true) : null;
    return new Reader(kind, args[4] === true, most, pattern);
  }

  /** It was never connected, or has been closed. */
  #none(slot: number, what: string): never {
    if (this.conf(slot).settings.logErrors) this.log(slot, `attempt to ${what} data on a closed socket`);
    throw new SocketFailure('closed');
  }
}

function closed(): never {
  throw new SocketFailure('closed');
}

/** A word of the shared memory, as the guest says; 0 for one that is no such word. */
function cellOf(value: Plain, from: number, count: number): number {
  return typeof value === 'number' && value >= from && value < from + count ? value : 0;
}

function timeoutsOf(args: readonly Plain[], at: number): { connect: number; send: number; read: number } {
  return { connect: args[at] as number, send: args[at + 1] as number, read: args[at + 2] as number };
}
