// nginx's resolver: host names looked up at run time by the name servers of `resolver`, in nginx's own way (what it
// caches, when it asks again, whom it asks), which is neither the system's nor that of c-ares.

import { randomInt } from 'node:crypto';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { connect } from 'node:net';
import { normalizeInet6 } from './addresses.ts';
import { A, AAAA, type Answer, parseAnswer, question, type ServiceRecord, SRV } from './dns_message.ts';
import { Timer } from './timers.ts';

interface ResolverSpec {
  readonly servers: readonly { readonly host: string; readonly port: number }[];
  /** How long answers are good; -1: as long as they say. */
  readonly validMs: number;
  readonly ipv4: boolean;
  readonly ipv6: boolean;
}

export interface Resolved {
  readonly addresses: readonly string[];
  /** Of a service: where it is to be had, by priority. */
  readonly services: readonly ServiceRecord[];
  /** nginx's number and text, empty where there was none: "3: Host not found". */
  readonly error: string;
  /** NXDOMAIN and the like; 0 for none. */
  readonly code: number;
  /** When to ask again: milliseconds since 1970. */
  readonly until: number;
}

const RESEND_MS = 5000;
const MAX_CNAMES = 50;
const MAX_KNOWN = 100_000;
export const NXDOMAIN = 3;
/** Where nothing says how long a failure lasts. */
const FAILURE_MS = 10_000;
const TIMED_OUT = '110: Operation timed out';
const ERRORS = ['', 'Format error', 'Server failure', 'Host not found', 'Unimplemented', 'Operation refused'];

interface Known {
  readonly addresses: readonly string[];
  readonly services: readonly ServiceRecord[];
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
  /** It waits for where a service is to be had. */
  readonly service: boolean;
  readonly done: (resolved: Resolved) => void;
  readonly timer: Timer<Waiting>;
  over = false;
  /** How many names have stood for others on the way. */
  cnames = 0;

  constructor(service: boolean, done: (resolved: Resolved) => void, timeoutMs: number) {
    this.service = service;
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
  waiting.finish({ addresses: [], services: [], error: TIMED_OUT, code: 110, until: Date.now() });
}

/** A name that is being asked for. */
class Asking {
  readonly key: string;
  readonly resolver: Resolver;
  readonly families: Family[] = [];
  waiting: Waiting[] = [];
  /** The first error that was answered. */
  code = 0;
  server: number;
  readonly timer: Timer<Asking>;

  constructor(resolver: Resolver, key: string, server: number) {
    this.resolver = resolver;
    this.key = key;
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
    this.#resolve(plain(name), new Waiting(false, done, timeoutMs));
  }

  /** Where the service called "_http._tcp.example.com" is to be had. */
  resolveService(name: string, timeoutMs: number, done: (resolved: Resolved) => void): void {
    this.#resolve(plain(name), new Waiting(true, done, timeoutMs));
  }

  #resolve(name: string, waiting: Waiting): void {
    const key = keyOf(name, waiting.service);
    const known = this.#known.get(key);
    if (known !== undefined && known.until > Date.now()) {
      const { addresses } = known;
      if (!this.#finishWith(waiting, known, rotated(addresses))) this.#follow(known.cname, waiting);
      return;
    }
    let asking = this.#asking.get(key);
    if (asking === undefined) {
      const started = this.#ask(name, waiting.service);
      if (started === null) {
        waiting.finish(this.#failure(NXDOMAIN));
        return;
      }
      asking = started;
    }
    asking.waiting.push(waiting);
  }

  /** False: only another name is known. */
  #finishWith(waiting: Waiting, { services, until }: Known, addresses: readonly string[]): boolean {
    if (addresses.length === 0 && services.length === 0) return false;
    waiting.finish({ addresses, services, error: '', code: 0, until });
    return true;
  }

  #failure(code: number): Resolved {
    const { validMs } = this.#spec;
    const until = Date.now() + (validMs > 0 ? validMs : FAILURE_MS);
    return { addresses: [], services: [], error: errorText(code), code, until };
  }

  #follow(cname: string, waiting: Waiting): void {
    if (waiting.over) return;
    if (++waiting.cnames > MAX_CNAMES) waiting.finish(this.#failure(NXDOMAIN));
    else this.#resolve(cname, waiting);
  }

  #ask(name: string, service: boolean): Asking | null {
    const asking = new Asking(this, keyOf(name, service), this.#next);
    const { ipv4, ipv6, servers } = this.#spec;
    for (const type of service ? [SRV] : [...(ipv4 ? [A] : []), ...(ipv6 ? [AAAA] : [])]) {
      const message = question(randomInt(65536), name, type);
      if (message === null) return null;
      asking.families.push({ type, message, answer: null });
    }
    this.#next = (this.#next + 1) % servers.length;
    this.#asking.set(asking.key, asking);
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
      this.#asking.delete(asking.key);
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
    const asking = this.#asking.get(keyOf(answer.name, answer.type === SRV));
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
    const services = failed ? [] : answers.flatMap((answer) => answer.services);
    services.sort((one, other) => one.priority - other.priority);
    const { cname } = last;
    const found = addresses.length + services.length > 0;
    const follows = !failed && !found && cname !== '';
    // Neither addresses nor a name: it may be that another server knows more.
    if (!failed && !found && !follows && last.records > 0) return;
    this.#asking.delete(asking.key);
    asking.timer.clear();
    const counted = answers.filter(({ records }) => records > 0);
    const until = this.#until(Math.min(...counted.map(({ ttl }) => ttl)));
    const known = { addresses, services, cname, until };
    if ((found || follows) && until > Date.now()) this.#keep(asking.key, known);
    for (const waiting of asking.waiting) {
      if (found)
        this.#finishWith(waiting, known, addresses); // as they came, as in nginx
      else if (follows) this.#follow(cname, waiting);
      else waiting.finish(this.#failure(asking.code || NXDOMAIN));
    }
  }

  #until(ttl: number): number {
    const { validMs } = this.#spec;
    return Date.now() + (validMs === -1 ? ttl * 1000 : validMs);
  }

  #keep(key: string, known: Known): void {
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(key, known);
  }
}

function plain(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

/** Addresses and services of one name are asked for apart. */
function keyOf(name: string, service: boolean): string {
  return service ? `${name}/` : name;
}

function normalized(address: string): string {
  return address.includes(':') ? (normalizeInet6(address) ?? address) : address;
}

function errorText(code: number): string {
  return `${code}: ${ERRORS[code] ?? 'Unknown error'}`;
}

/** From a random one on, so that they share what is asked. */
function rotated(addresses: readonly string[]): readonly string[] {
  if (addresses.length < 2) return addresses;
  const from = randomInt(addresses.length);
  return [...addresses.slice(from), ...addresses.slice(0, from)];
}
