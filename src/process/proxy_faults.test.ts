// Upstreams that are killed, hung, slowed, or send garbage, while the gateway is under load: one peer stays healthy.
// TSRESTY_FAULT_SECONDS=60 has a fault every second for a minute.

import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { freePort, residentKb, TestPrefix } from './testing.ts';

const SECONDS = Number(process.env.TSRESTY_FAULT_SECONDS ?? 6);
const FAULT_MS = SECONDS >= 60 ? 1000 : 600;

const BODY = 'x'.repeat(2000);
const OK = `HTTP/1.1 200 OK\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;

/** What a faulty peer does with a request that has come, and the line that nginx would log. */
interface Fault {
  readonly answer: (socket: Socket) => void;
  readonly logged: RegExp;
}

const FAULTS: Readonly<Record<string, Fault>> = {
  killed: { answer: (socket) => socket.destroy(), logged: /connect\(\) failed \(111: Connection refused\)/ },
  reset: {
    answer: (socket) => socket.resetAndDestroy(),
    logged: /recv\(\) failed \(104: Connection reset by peer\) while reading response header from upstream/,
  },
  closing: {
    answer: (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Le'),
    logged: /upstream prematurely closed connection while reading response header from upstream/,
  },
  hung: {
    answer() {},
    logged: /upstream timed out \(110: Connection timed out\) while reading response header from upstream/,
  },
  slow: {
    answer(socket) {
      socket.write(OK.slice(0, 500));
      setTimeout(() => socket.write(OK.slice(500)), 50);
    },
    logged: /(?:)/,
  },
  garbage: {
    answer: (socket) => socket.write('HTTP/1.1 200 OK\r\nA\0b: c\r\n\r\n'),
    logged: /sent invalid header: "A\\x00/,
  },
  oversize: {
    answer: (socket) => socket.write(`HTTP/1.1 200 OK\r\nA: ${'x'.repeat(9000)}\r\n\r\n`),
    logged: /upstream sent too big header while reading response header from upstream/,
  },
  truncated: {
    answer: (socket) => socket.end(OK.slice(0, -100)),
    logged: /upstream prematurely closed connection while reading upstream/,
  },
};

class FaultyPeer {
  readonly port: number;
  fault: Fault | null = null;
  readonly posted: string[];
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;

  constructor(port: number, posted: string[]) {
    this.port = port;
    this.posted = posted;
  }

  async listen(): Promise<void> {
    if (this.#server !== null) return;
    const server = createServer((socket) => this.#serve(socket));
    server.listen(this.port, '127.0.0.1');
    this.#server = server;
    await once(server, 'listening');
  }

  close(): void {
    this.#server?.close();
    this.#server = null;
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {});
    let text = '';
    socket.on('data', (data) => {
      text += data.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
        const id = /^POST \/(\d+)/.exec(text)?.[1];
        if (id !== undefined) this.posted.push(id);
        text = text.slice(end + 4);
        if (this.fault === null) socket.write(OK);
        else this.fault.answer(socket);
      }
    });
  }
}

let prefix: TestPrefix;
const peers: FaultyPeer[] = [];

afterEach(async () => {
  for (const peer of peers.splice(0)) peer.close();
  await prefix.clean();
});

interface Answered {
  readonly status: number;
  readonly whole: boolean;
}

function ask(port: number, agent: Agent, method: string, path: string): Promise<Answered> {
  return new Promise((resolve) => {
    let size = 0;
    let status = 0;
    const client = request({ host: '127.0.0.1', port, agent, method, path }, (response) => {
      status = response.statusCode ?? 0;
      response.on('data', (data: Buffer) => {
        size += data.length;
      });
      response.on('error', () => {});
      response.on('close', () =>
        resolve({ status, whole: response.complete && (status !== 200 || size === BODY.length) }),
      );
    });
    client.on('error', () => resolve({ status, whole: false }));
    client.end();
  });
}

/** Whether this process, which is the upstreams too, was held up lately: then no peer was healthy. */
class Stalls {
  #last = 0;
  #tick = Date.now();
  readonly #timer = setInterval(() => this.#look(), 20);

  #look(): void {
    const now = Date.now();
    if (now - this.#tick > 250) this.#last = now;
    this.#tick = now;
  }

  get lately(): boolean {
    this.#look();
    return Date.now() - this.#last < 2000;
  }

  end(): void {
    clearInterval(this.#timer);
  }
}

function residentMb(pid: number): number {
  return residentKb(pid) / 1024;
}

it('hides the faults of upstreams from clients', { timeout: SECONDS * 1000 + 20_000 }, async () => {
  prefix = new TestPrefix();
  const posted: string[] = [];
  for (let i = 0; i < 4; i++) {
    const peer = new FaultyPeer(await freePort(), posted);
    await peer.listen();
    peers.push(peer);
  }
  const port = await freePort();
  // One of those that fail is left out for a while, the others are asked again and again.
  const servers = peers.map(
    ({ port }, i) => `server 127.0.0.1:${port} max_fails=${i === 0 ? 1 : 0} fail_timeout=1s;`,
  );
  prefix.writeConf(`
    env NODE_OPTIONS=--max-old-space-size=48; # V8 would let garbage stand: what leaks must show
    worker_processes 1; daemon off; pid logs/nginx.pid; error_log logs/error.log info;
    events {}
    http {
      access_log off;
      upstream peers { ${servers.join(' ')} keepalive 8; }
      server {
        listen 127.0.0.1:${port};
        proxy_next_upstream error timeout invalid_header;
        proxy_connect_timeout 700ms;
        proxy_read_timeout 700ms;
        location / { proxy_pass http://peers; proxy_set_header Connection ""; }
      }
    }`);
  await prefix.start();
  const worker = Number(/start worker process (\d+)/.exec(prefix.log)?.[1]);

  const agent = new Agent({ keepAlive: true });
  const bad: string[] = [];
  let truncating = 0;
  let good = 0;
  let stopped = false;
  const stalls = new Stalls();
  let posts = 0;
  const getting = async (): Promise<void> => {
    while (!stopped) {
      const { status, whole } = await ask(port, agent, 'GET', '/');
      if (status === 200 && whole) good++;
      else if (Date.now() - truncating > 3000 && !stalls.lately) bad.push(`${status} ${whole}`);
    }
  };
  const posting = async (): Promise<void> => {
    while (!stopped) {
      await ask(port, agent, 'POST', `/${++posts}`);
      await sleep(5);
    }
  };
  const load = [...Array.from({ length: 12 }, getting), posting(), posting()];

  await sleep(500);
  const before = residentMb(worker);
  const names = Object.keys(FAULTS);
  for (let n = 0; n * FAULT_MS < SECONDS * 1000 || n < names.length; n++) {
    const name = names[n % names.length] as string;
    const fault = FAULTS[name] as Fault;
    if (name === 'truncated') truncating = Number.MAX_SAFE_INTEGER; // a head that has gone out cannot be taken back
    for (const [i, peer] of peers.entries()) {
      // All but one have some fault at any time.
      peer.fault = i === peers.length - 1 ? null : fault;
      if (name === 'killed' && i < peers.length - 1) peer.close();
      else await peer.listen();
    }
    await sleep(FAULT_MS);
    if (name === 'truncated') truncating = Date.now();
  }
  stopped = true;
  for (const peer of peers) {
    peer.fault = null;
    await peer.listen();
  }
  await Promise.all(load);
  agent.destroy();
  stalls.end();

  expect(bad.length === 0 ? '' : `${bad[0]}\n${prefix.log.slice(0, 6000)}`).toBe('');
  expect(good).toBeGreaterThan(200);
  expect(new Set(posted).size).toBe(posted.length);
  expect(posted.length).toBeGreaterThan(20);
  for (const [name, { logged }] of Object.entries(FAULTS)) expect(prefix.log, name).toMatch(logged);
  expect(prefix.log).not.toMatch(/\[(alert|emerg|crit)\]/);
  expect(residentMb(worker) - before).toBeLessThan(60);
});
