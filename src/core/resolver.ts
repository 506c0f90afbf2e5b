// nginx's resolver: host names looked up at run time by the name servers of `resolver`, in nginx's own way (what it
// caches, when it asks again, whom it asks), which is neither the system's nor that of c-ares.

import { randomInt } from 'node:crypto';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { connect } from 'node:net';
import { normalizeInet6 } from './addresses.ts';
import { A, AAAA, type Answer, parseAnswer, question } from './dns_message.ts';
import { Timer } from './timers.ts';

export interface ResolverSpec {
  readonly servers: readonly { readonly host: string; readonly port: number }[];
  /** How long answers are good; -1: as long as they say. */
  readonly validMs: number;
  readonly ipv4: boolean;
  readonly ipv6: boolean;
}

export interface Resolved {
  readonly addresses: readonly string[];
  /** nginx's number and text, empty where there was none: "3: Host not found". */
  readonly error: string;
}

const RESEND_MS = 5000;
const MAX_CNAMES = 50;
const MAX_KNOWN = 100_000;
const NXDOMAIN = 3;
const TIMED_OUT = '110: Operation timed out';
const ERRORS = ['', 'Format error', 'Server failure', 'Host not found', 'Unimplemented', 'Operation refused'];

interface Known {
  readonly addresses: readonly string[];
  readonly cname: string;
  readonly until: number;
}

interface Family {
  readonly type: number;
  readonly message: Buffer;
  answer: Answer | null;
}

/** Somebody who waits for a name. */
class Waiting {
  readonly done: (resolved: Resolved) => void;
  readonly timer: Timer<Waiting>;
  over = false;
  /** How many names have stood for others on the way. */
  cnames = 0;

  constructor(done: (resolved: Resolved) => void, timeoutMs: number) {
    this.done = done;
    this.timer = new Timer(timedOut, this as Waiting);
    if (timeoutMs > 0) this.timer.set(timeoutMs);
  }

  finish(resolved: Resolved): void {
    if (this.over) return;
    this.over = true;
    this.timer.clear();
    this.done(resolved);
  }
}

function timedOut(waiting: Waiting): void {
  waiting.finish({ addresses: [], error: TIMED_OUT });
}

/** A name that is being asked for. */
class Asking {
  readonly name: string;
  readonly resolver: Resolver;
  readonly families: Family[] = [];
  waiting: Waiting[] = [];
  /** The first error that was answered. */
  code = 0;
  server: number;
  readonly timer: Timer<Asking>;

  constructor(resolver: Resolver, name: string, server: number) {
    this.resolver = resolver;
    this.name = name;
    this.server = server;
    this.timer = new Timer(resend, this as Asking);
  }
}

function resend(asking: Asking): void {
  asking.resolver.resend(asking);
}

export class Resolver {
  readonly #spec: ResolverSpec;
  readonly #sockets: (UdpSocket | null)[];
  readonly #known = new Map<string, Known>();
  readonly #asking = new Map<string, Asking>();
  #next = 0;

  constructor(spec: ResolverSpec) {
    this.#spec = spec;
    this.#sockets = spec.servers.map(() => null);
  }

  /** May call `done` at once. */
  resolve(name: string, timeoutMs: number, done: (resolved: Resolved) => void): void {
    this.#resolve(name.toLowerCase().replace(/\.$/, ''), new Waiting(done, timeoutMs));
  }

  #resolve(name: string, waiting: Waiting): void {
    const known = this.#known.get(name);
    if (known !== undefined && known.until > Date.now()) {
      if (known.addresses.length > 0) waiting.finish({ addresses: rotated(known.addresses), error: '' });
      else this.#follow(known.cname, waiting);
      return;
    }
    let asking = this.#asking.get(name);
    if (asking === undefined) {
      const started = this.#ask(name);
      if (started === null) {
        waiting.finish({ addresses: [], error: errorText(NXDOMAIN) });
        return;
      }
      asking = started;
    }
    asking.waiting.push(waiting);
  }

  #follow(cname: string, waiting: Waiting): void {
    if (waiting.over) return;
    if (++waiting.cnames > MAX_CNAMES) waiting.finish({ addresses: [], error: errorText(NXDOMAIN) });
    else this.#resolve(cname, waiting);
  }

  #ask(name: string): Asking | null {
    const asking = new Asking(this, name, this.#next);
    const { ipv4, ipv6, servers } = this.#spec;
    for (const type of [...(ipv4 ? [A] : []), ...(ipv6 ? [AAAA] : [])]) {
      const message = question(randomInt(65536), name, type);
      if (message === null) return null;
      asking.families.push({ type, message, answer: null });
    }
    this.#next = (this.#next + 1) % servers.length;
    this.#asking.set(name, asking);
    this.#send(asking);
    return asking;
  }

  #send(asking: Asking): void {
    asking.timer.set(RESEND_MS);
    const socket = this.#socket(asking.server);
    const { host, port } = this.#server(asking.server);
    for (const { message, answer } of asking.families) {
      // That it could not be sent is as if it were lost: another server is asked in time.
      if (answer === null) socket.send(message, port, host, () => {});
    }
  }

  resend(asking: Asking): void {
    asking.waiting = asking.waiting.filter(({ over }) => !over);
    if (asking.waiting.length === 0) {
      this.#asking.delete(asking.name);
      return;
    }
    asking.server = (asking.server + 1) % this.#spec.servers.length;
    this.#send(asking);
  }

  #server(n: number): ResolverSpec['servers'][number] {
    return this.#spec.servers[n] as ResolverSpec['servers'][number];
  }

  #socket(server: number): UdpSocket {
    const open = this.#sockets[server] ?? null;
    if (open !== null) return open;
    const { host, port } = this.#server(server);
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    this.#sockets[server] = socket;
    socket.unref();
    socket.on('message', (message, from) => {
      if (from.address === host && from.port === port) this.#received(message, server);
    });
    socket.on('error', () => {
      if (this.#sockets[server] === socket) this.#sockets[server] = null;
      socket.close();
    });
    return socket;
  }

  #received(message: Buffer, server: number): void {
    const answer = parseAnswer(message);
    if (answer === null) return;
    const asking = this.#asking.get(answer.name);
    const family = asking?.families.find(({ type }) => type === answer.type);
    if (asking === undefined || family === undefined || family.answer !== null) return;
    if (family.message.readUInt16BE(0) !== answer.id) return;
    if (answer.truncated) {
      this.#askByTcp(family.message, server);
      return;
    }
    family.answer = answer;
    asking.code ||= answer.code;
    if (asking.families.every((one) => one.answer !== null)) this.#finish(asking, answer);
  }

  #askByTcp(message: Buffer, server: number): void {
    const socket = connect(this.#server(server));
    let come: Buffer = Buffer.alloc(0);
    const size = Buffer.alloc(2);
    size.writeUInt16BE(message.length);
    socket.unref();
    socket.setTimeout(RESEND_MS, () => socket.destroy());
    socket.write(Buffer.concat([size, message]));
    socket.on('error', () => socket.destroy());
    socket.on('data', (data: Buffer) => {
      come = Buffer.concat([come, data]);
      if (come.length < 2 || come.length < 2 + come.readUInt16BE(0)) return;
      socket.destroy();
      this.#received(come.subarray(2, 2 + come.readUInt16BE(0)), server);
    });
  }

  /** All have answered: `last` was the last to do so, and its word counts where there are no addresses. */
  #finish(asking: Asking, last: Answer): void {
    const answers = asking.families.map(({ answer }) => answer as Answer);
    const failed = asking.code !== 0;
    const addresses = failed ? [] : answers.flatMap((answer) => answer.addresses.map(normalized));
    const { cname } = last;
    const follows = !failed && addresses.length === 0 && cname !== '';
    // Neither addresses nor a name: it may be that another server knows more.
    if (!failed && addresses.length === 0 && !follows && last.records > 0) return;
    this.#asking.delete(asking.name);
    asking.timer.clear();
    if (addresses.length > 0 || follows) {
      const counted = answers.filter(({ records }) => records > 0);
      this.#keep(asking.name, addresses, cname, Math.min(...counted.map(({ ttl }) => ttl)));
    }
    for (const waiting of asking.waiting) {
      if (addresses.length > 0) waiting.finish({ addresses: rotated(addresses), error: '' });
      else if (follows) this.#follow(cname, waiting);
      else waiting.finish({ addresses: [], error: errorText(asking.code || NXDOMAIN) });
    }
  }

  #keep(name: string, addresses: readonly string[], cname: string, ttl: number): void {
    const { validMs } = this.#spec;
    const ms = validMs === -1 ? ttl * 1000 : validMs;
    if (ms === 0) return;
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(name, { addresses, cname, until: Date.now() + ms });
  }
}

function normalized(address: string): string {
  return address.includes(':') ? (normalizeInet6(address) ?? address) : address;
}

function errorText(code: number): string {
  return `${code}: ${ERRORS[code] ?? 'Unknown error'}`;
}

/** From a random one on, so that they share what is asked. */
function rotated(addresses: readonly string[]): readonly string[] {
  if (addresses.length === 1) return addresses;
  const from = randomInt(addresses.length);
  return [...addresses.slice(from), ...addresses.slice(0, from)];
}
