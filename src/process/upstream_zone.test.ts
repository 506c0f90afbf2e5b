// Upstreams with a zone, in two real workers: what is counted of peers, names that are looked up, health checks,
// changes at run time, and kill -9.

import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { certificateFiles } from '../spec/certificates.ts';
import { Client, clientOfEach, freePort, get, kill, TestPrefix, until } from './testing.ts';

let prefix: TestPrefix;
let port: number;
let closing: (() => void)[];

beforeEach(async () => {
  prefix = new TestPrefix();
  port = await freePort();
  closing = [];
});

afterEach(async () => {
  for (const close of closing) close();
  await prefix.clean();
});

interface Peer {
  readonly port: number;
  /** What /health answers. */
  status: number;
  header: string;
  /** Requests that wait for an answer. */
  readonly held: ServerResponse[];
  answered: number;
}

/** Answers with `name`; requests of /hold wait until their response is ended. */
async function peer(name: string, host = '127.0.0.1', at = 0): Promise<Peer> {
  const held: ServerResponse[] = [];
  const server: Server = createServer((request, response) => {
    if (request.url === '/health') {
      response.writeHead(made.status, { 'X-State': made.header }).end(`state ${made.header}`);
      return;
    }
    made.answered++;
    response.setHeader('Content-Length', name.length);
    if (request.url === '/hold') held.push(response);
    else if (request.url === '/slow') setTimeout(() => response.end(name), 30);
    else response.end(name);
  });
  server.listen(at, host);
  await once(server, 'listening');
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port: own } = server.address() as AddressInfo;
  const made: Peer = { port: own, held, answered: 0, status: 200, header: 'good' };
  return made;
}

async function start(upstream: string, more = '', check = ''): Promise<void> {
  prefix.writeConf(`
    daemon off; worker_processes 2; error_log logs/error.log info; pid logs/nginx.pid; events {}
    http {
      access_log off;
      upstream u { zone u 64k; ${upstream} }
      ${more}
      server {
        listen 127.0.0.1:${port};
        location / { proxy_pass http://u; proxy_next_upstream_tries 3; }
        location = /pid { return 200 $pid; }
        location = /api { upstream_conf; allow 127.0.0.1; deny all; }
        location /checked { proxy_pass http://u; ${check} }
      }
    }`);
  await prefix.start();
  await until('both workers', () => prefix.workers.length === 2);
}

/** A connection to each worker. */
async function clients(): Promise<Map<number, Client>> {
  const found = await clientOfEach(port);
  for (const client of found.values()) closing.push(() => client.close());
  return found;
}

const REFUSED = /^<html>.*502 Bad Gateway/s;

describe('a zone', () => {
  it('max_conns holds for all workers', async () => {
    const a = await peer('a');
    await start(`server 127.0.0.1:${a.port} max_conns=2;`);
    const [one, two] = [...(await clients()).values()] as [Client, Client];
    one.send('GET /hold HTTP/1.1\r\nHost: x\r\n\r\n');
    two.send('GET /hold HTTP/1.1\r\nHost: x\r\n\r\n');
    await until('two requests', () => a.held.length === 2);
    for (let n = 0; n < 6; n++) expect(await get(port)).toMatch(REFUSED);
    expect(a.answered).toBe(2);
    a.held[0]?.end('a');
    a.held[1]?.end('a');
    await one.answer();
    await two.answer();
    await until('room again', async () => (await get(port)) === 'a');
  });

  it('a peer that failed for one worker is left alone by the other', async () => {
    const b = await peer('b');
    await start(`server 127.0.0.1:${await freePort()} fail_timeout=100; server 127.0.0.1:${b.port};`);
    const all = [...(await clients()).values()];
    for (let n = 0; n < 10; n++) for (const client of all) expect((await client.get()).body).toBe('b');
    expect(prefix.count('connect() failed')).toBe(1);
    expect(prefix.count('upstream server temporarily disabled')).toBe(1);
  });

  it('workers take turns as one', async () => {
    const peers = [await peer('a'), await peer('b'), await peer('c')];
    await start(peers.map((one) => `server 127.0.0.1:${one.port};`).join(' '));
    const [one, two] = [...(await clients()).values()] as [Client, Client];
    let names = '';
    for (let n = 0; n < 6; n++) names += (await (n % 2 === 0 ? one : two).get()).body;
    expect(names).toBe('abcabc');
  });

  it('what a killed worker held is free again', async () => {
    const a = await peer('a');
    await start(`server 127.0.0.1:${a.port} max_conns=1;`);
    const [victim, client] = [...(await clients())][0] as [number, Client];
    client.send('GET /hold HTTP/1.1\r\nHost: x\r\n\r\n');
    await until('a request', () => a.held.length === 1);
    expect(await get(port)).toMatch(REFUSED);
    kill(victim, 'SIGKILL');
    await prefix.logged(/exited on signal 9/);
    await until('room again', async () => (await get(port).catch(() => '')) === 'a');
    // And what is counted is exact: one at a time.
    const next = new Client(port);
    closing.push(() => next.close());
    next.send('GET /hold HTTP/1.1\r\nHost: x\r\n\r\n');
    await until('another request', () => a.held.length === 2);
    expect(await get(port)).toMatch(REFUSED);
  });

  it('goes on after workers are killed in the middle of everything', async () => {
    const a = await peer('a');
    const b = await peer('b');
    await start(`server 127.0.0.1:${a.port} max_conns=50; server 127.0.0.1:${b.port} max_conns=50;`);
    let over = false;
    const load = Array.from({ length: 8 }, async () => {
      while (!over) await get(port, '/slow').catch(() => '');
    });
    for (let n = 1; n <= 2; n++) {
      await until('two workers', () => prefix.workers.length === 2);
      kill(prefix.workers[0] as number, 'SIGKILL');
      await until('its end', () => prefix.count(/exited on signal 9/) >= n);
    }
    over = true;
    await Promise.all(load);
    await until('an answer', async () => /^[ab]$/.test(await get(port).catch(() => '')));
    // All 100 places are free: that many requests can be held, and none more.
    const holders = Array.from({ length: 100 }, () => new Client(port));
    for (const holder of holders) {
      closing.push(() => holder.close());
      holder.send('GET /hold HTTP/1.1\r\nHost: x\r\n\r\n');
    }
    await until('all held', () => a.held.length === 50 && b.held.length === 50);
    expect(await get(port)).toMatch(REFUSED);
  });
});

/** Answers questions for A by `names`, for SRV by `services`. */
class NameServer {
  readonly names = new Map<string, readonly string[]>();
  readonly services = new Map<
    string,
    readonly (readonly [priority: number, port: number, target: string])[]
  >();
  port = 0;
  readonly #socket: UdpSocket = createSocket('udp4');

  async listen(): Promise<void> {
    this.#socket.on('message', (query, from) => {
      this.#socket.send(this.#answer(query), from.port, from.address);
    });
    this.#socket.bind(0, '127.0.0.1');
    await once(this.#socket, 'listening');
    this.port = this.#socket.address().port;
    closing.push(() => this.#socket.close());
  }

  #answer(query: Buffer): Buffer {
    const labels: string[] = [];
    let at = 12;
    for (let size = query[at] as number; size > 0; size = query[at] as number) {
      labels.push(query.toString('latin1', at + 1, at + 1 + size));
      at += 1 + size;
    }
    const name = labels.join('.');
    const type = query.readUInt16BE(at + 1);
    const records = type === 1 ? this.#addresses(name) : type === 33 ? this.#targets(name) : [];
    const known = this.names.has(name) || this.services.has(name);
    const head = Buffer.from(query.subarray(0, at + 5));
    head.writeUInt16BE(known ? 0x8180 : 0x8183, 2);
    head.writeUInt16BE(records.length, 6);
    return Buffer.concat([head, ...records.map((data) => record(type, data))]);
  }

  #addresses(name: string): number[][] {
    return (this.names.get(name) ?? []).map((address) => address.split('.').map(Number));
  }

  #targets(name: string): number[][] {
    return (this.services.get(name) ?? []).map(([priority, to, target]) => [
      ...[0, priority, 0, 1, to >> 8, to & 255],
      ...target.split('.').flatMap((label) => [label.length, ...Buffer.from(label, 'latin1')]),
      0,
    ]);
  }
}

/** Good for a second. */
function record(type: number, data: readonly number[]): Buffer {
  return Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 1, data.length >> 8, data.length & 255, ...data]);
}

describe('resolve', () => {
  it('follows what a name stands for, in all workers, without a reload', async () => {
    const dns = new NameServer();
    await dns.listen();
    const a = await peer('a', '127.0.0.1');
    await peer('b', '127.0.0.2', a.port);
    dns.names.set('u.test', ['127.0.0.1']);
    await start(`resolver 127.0.0.1:${dns.port} ipv6=off valid=1s; server u.test:${a.port} resolve;`);
    const all = [...(await clients()).values()];
    const answers = async (wanted: string): Promise<void> => {
      for (const client of all) await until(wanted, async () => (await client.get()).body === wanted);
    };
    await answers('a');
    dns.names.set('u.test', ['127.0.0.2']);
    await answers('b');
    dns.names.delete('u.test');
    await until('nobody', async () => REFUSED.test((await (all[0] as Client).get()).body));
    dns.names.set('u.test', ['127.0.0.1', '127.0.0.2']);
    await answers('a');
    await answers('b');
    expect(prefix.count('u.test could not be resolved (3: Host not found)')).toBeGreaterThan(0);
  });

  it('service: SRV records, those of higher priority first', async () => {
    const dns = new NameServer();
    await dns.listen();
    const a = await peer('a');
    const b = await peer('b');
    dns.names.set('one.test', ['127.0.0.1']);
    dns.services.set('_http._tcp.u.test', [
      [5, a.port, 'one.test'],
      [9, b.port, 'one.test'],
    ]);
    await start(`resolver 127.0.0.1:${dns.port} ipv6=off; server u.test service=http resolve max_fails=0;`);
    await until('the first', async () => (await get(port)) === 'a');
    for (let n = 0; n < 4; n++) expect(await get(port)).toBe('a');
    dns.services.set('_http._tcp.u.test', [[9, b.port, 'one.test']]);
    await until('the other', async () => (await get(port)) === 'b');
  });

  it('a reload starts from what is known', async () => {
    const dns = new NameServer();
    await dns.listen();
    const a = await peer('a');
    dns.names.set('u.test', ['127.0.0.1']);
    await start(`resolver 127.0.0.1:${dns.port} ipv6=off valid=1h; server u.test:${a.port} resolve;`);
    await until('an answer', async () => (await get(port)) === 'a');
    dns.names.delete('u.test');
    await reload();
    for (let n = 0; n < 4; n++) expect(await get(port)).toBe('a');
  });
});

async function reload(): Promise<void> {
  const old = prefix.workers;
  prefix.signal('SIGHUP');
  await until('new workers only', () => old.every((pid) => !prefix.workers.includes(pid)));
}

/** Who answers requests at all workers, each once. */
async function answering(count: number): Promise<string> {
  const names = new Set<string>();
  for (let n = 0; n < count * 4; n++) names.add(await get(port));
  return [...names].sort().join('');
}

describe('upstream_conf', () => {
  it('lists, adds, changes and removes servers for all workers, also after a reload', async () => {
    const [a, b, c] = [await peer('a'), await peer('b'), await peer('c')];
    await start(`server 127.0.0.1:${a.port}; server 127.0.0.1:${b.port} weight=2;`);
    const at = ({ port: own }: Peer): string => `server 127.0.0.1:${own}`;
    expect(await get(port, '/api?upstream=u')).toBe(`${at(a)}; # id=0\n${at(b)} weight=2; # id=1\n`);
    const added = await get(port, `/api?upstream=u&add=&server=127.0.0.1:${c.port}&max_conns=7`);
    expect(added).toBe(`${at(c)} max_conns=7; # id=2\n`);
    expect(await answering(3)).toBe('abc');
    expect(await get(port, '/api?upstream=u&id=0&down=')).toBe(`${at(a)} down; # id=0\n`);
    expect(await answering(3)).toBe('bc');
    expect(await get(port, '/api?upstream=u&id=1&remove=')).toBe(
      `${at(a)} down; # id=0\n${at(c)} max_conns=7; # id=2\n`,
    );
    expect(await answering(3)).toBe('c');
    await reload();
    expect(await get(port, '/api?upstream=u')).toBe(`${at(a)} down; # id=0\n${at(c)} max_conns=7; # id=2\n`);
    expect(await answering(3)).toBe('c');
    expect(await get(port, '/api?upstream=u&id=0&up=&weight=3')).toBe(`${at(a)} weight=3; # id=0\n`);
    expect(await answering(3)).toBe('ac');
    const verbose = `${at(c)} weight=1 max_conns=7 max_fails=1 fail_timeout=10s slow_start=0s; # id=2\n`;
    expect(await get(port, '/api?upstream=u&id=2&verbose=')).toBe(verbose);
  });

  it('what the configuration says anew counts', async () => {
    const [a, b] = [await peer('a'), await peer('b')];
    await start(`server 127.0.0.1:${a.port}; server 127.0.0.1:${b.port};`);
    await get(port, '/api?upstream=u&id=0&down=');
    expect(await answering(2)).toBe('b');
    prefix.writeConf(prefix.read('conf/nginx.conf').replace(`${a.port};`, `${a.port} weight=2;`));
    await reload();
    expect(await answering(2)).toBe('ab');
  });

  it('adds no more than there is room for', async () => {
    const a = await peer('a');
    await start(`server 127.0.0.1:${a.port};`);
    const client = new Client(port);
    closing.push(() => client.close());
    let added = 0;
    let body = '';
    for (; added < 300; added++) {
      body = (await client.get(`/api?upstream=u&add=&server=127.0.0.1:${10000 + added}&down=`)).body;
      if (!body.startsWith('server ')) break;
    }
    expect(added).toBeGreaterThan(50);
    expect(body).toBe('no room in the zone\n');
    expect(await answering(1)).toBe('a');
  });
});

describe('health_check', () => {
  const MATCH =
    'match good { status 200-299; header X-State ~ ^g; body ~ "state go+d"; require $upstream_http_x_state; }';

  it('leaves out who does not answer as it must, for all workers', async () => {
    const [a, b] = [await peer('a'), await peer('b')];
    await start(
      `server 127.0.0.1:${a.port}; server 127.0.0.1:${b.port};`,
      MATCH,
      'health_check interval=300ms uri=/health match=good fails=2 passes=2;',
    );
    expect(await answering(2)).toBe('ab');
    a.status = 500;
    await prefix.logged(
      `peer is unhealthy while checking status code, health check "good" of peer 127.0.0.1:${a.port}`,
    );
    expect(await answering(2)).toBe('b');
    a.status = 200;
    await prefix.logged('peer is healthy');
    expect(await answering(2)).toBe('ab');
    b.header = 'bad';
    await prefix.logged('peer is unhealthy while checking header');
    expect(await answering(2)).toBe('a');
  });

  it('mandatory: a server is asked once it is known to be well; persistent: also after a reload', async () => {
    const a = await peer('a');
    a.status = 503;
    await start(
      `server 127.0.0.1:${a.port};`,
      '',
      'health_check interval=500ms uri=/health mandatory persistent;',
    );
    expect(await get(port)).toMatch(REFUSED);
    a.status = 200;
    await prefix.logged('peer is healthy');
    expect(await answering(1)).toBe('a');
    await reload();
    expect(await answering(1)).toBe('a');
    expect(prefix.count('peer is healthy')).toBe(1);
  });

  it('who does not listen is unhealthy; the worker that checks is replaced', async () => {
    const a = await peer('a');
    const dead = await freePort();
    await start(
      `server 127.0.0.1:${dead}; server 127.0.0.1:${a.port};`,
      '',
      'health_check interval=500ms uri=/health;',
    );
    await prefix.logged(
      `peer is unhealthy while connecting to upstream (111: Connection refused), health check ""`,
    );
    for (const pid of prefix.workers) kill(pid, 'SIGKILL');
    await prefix.logged(/exited on signal 9/, 2);
    await until('new workers', async () => (await get(port).catch(() => '')) === 'a');
    const before = prefix.count('connect() failed');
    for (let n = 0; n < 8; n++) expect(await get(port)).toBe('a');
    expect(prefix.count('connect() failed')).toBe(before);
    await peer('b', '127.0.0.1', dead);
    await prefix.logged(`peer is healthy, health check "" of peer 127.0.0.1:${dead} in upstream "u"`);
    expect(await answering(2)).toBe('ab');
  });

  it('to servers behind https it speaks TLS', async () => {
    const files = new Map(certificateFiles('own ca').map(({ name, text }) => [name, text]));
    let status = 503;
    const server = createHttpsServer(
      { key: files.get('own.key'), cert: files.get('own.crt') },
      (_request, response) => {
        response.writeHead(status).end();
      },
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(() => server.close().closeAllConnections());
    const { port: own } = server.address() as AddressInfo;
    prefix.writeConf(`
      daemon off; error_log logs/error.log info; pid logs/nginx.pid; events {}
      http {
        access_log off;
        upstream u { zone u 64k; server 127.0.0.1:${own}; }
        server {
          listen 127.0.0.1:${port};
          location / { proxy_pass https://u; health_check interval=500ms keepalive_time=10s; }
        }
      }`);
    await prefix.start();
    await prefix.logged('peer is unhealthy while checking status code');
    status = 200;
    await prefix.logged('peer is healthy');
  });

  it('type=grpc: by the protocol of gRPC', async () => {
    let serving = 1;
    const server = createHttp2Server();
    server.on('stream', (stream: ServerHttp2Stream, headers) => {
      const body = headers[':path'] === '/' ? Buffer.from('a') : Buffer.from([0, 0, 0, 0, 2, 8, serving]);
      stream.respond({ ':status': 200, 'content-length': body.length }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(body);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(() => server.close());
    const { port: own } = server.address() as AddressInfo;
    prefix.writeConf(`
      daemon off; error_log logs/error.log info; pid logs/nginx.pid; events {}
      http {
        access_log off;
        upstream u { zone u 64k; server 127.0.0.1:${own}; }
        server {
          listen 127.0.0.1:${port};
          location / { grpc_pass u; health_check interval=500ms mandatory type=grpc grpc_service=a; }
        }
      }`);
    await prefix.start();
    await prefix.logged('peer is healthy');
    expect(await get(port)).toBe('a');
    serving = 2;
    await prefix.logged('peer is unhealthy while checking gRPC serving status');
    expect(await get(port)).toMatch(REFUSED);
  });
});
