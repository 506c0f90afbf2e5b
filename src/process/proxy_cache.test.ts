// The cache with real processes: workers share it, a restart keeps it, a manager limits it. What becomes of it when they
// are killed is in proxy_cache_kill.test.ts.

import { closeSync, existsSync, openSync, readdirSync, readSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Client, freePort, get, isAlive, kill, TestPrefix, until } from './testing.ts';

let prefix: TestPrefix;
let upstream: Server;
let asked: string[];
/** The worker that asked last. */
let askedBy: number;
let answer: (uri: string, response: ServerResponse) => void;
let port: number;

beforeEach(async () => {
  prefix = new TestPrefix();
  asked = [];
  upstream = createServer((request, response) => {
    const uri = request.url ?? '';
    asked.push(uri);
    askedBy = Number(request.headers['x-pid']);
    response.setHeader('Cache-Control', 'max-age=600');
    answer(uri, response);
  });
  upstream.listen(0, '127.0.0.1');
  await new Promise((done) => upstream.once('listening', done));
  port = await freePort();
  answer = (uri, response) => response.end(`of ${uri}`);
});

afterEach(async () => {
  await prefix.clean();
  upstream.closeAllConnections();
  upstream.close();
});

function conf(path: string, settings = '', workers = 2): string {
  const { port: upstreamPort } = upstream.address() as AddressInfo;
  return `worker_processes ${workers}; daemon off; error_log logs/error.log info; pid logs/nginx.pid;
    events {}
    http {
      access_log off;
      proxy_cache_path cache levels=1:2 keys_zone=z:1m ${path};
      server {
        listen 127.0.0.1:${port} reuseport; # else one worker may take all connections
        proxy_cache z;
        add_header X-Cache $upstream_cache_status;
        add_header X-Pid $pid;
        proxy_set_header X-Pid $pid;
        location = /pid { return 200 $pid; }
        location / { proxy_pass http://127.0.0.1:${upstreamPort}; proxy_cache_valid 200 10m; ${settings} }
      }
    }`;
}

interface Got {
  readonly status: string;
  readonly pid: string;
  readonly body: string;
}

/** A request on a connection of its own, so that any worker may take it. */
async function ask(uri: string): Promise<Got> {
  const response = await fetch(`http://127.0.0.1:${port}${uri}`, { headers: { connection: 'close' } });
  const body = await response.text();
  return {
    status: response.headers.get('x-cache') ?? '',
    pid: response.headers.get('x-pid') ?? '',
    body,
  };
}

/** Starts, and waits for all workers. */
async function started(workers = 2): Promise<void> {
  await prefix.start();
  const pids = new Set<string>();
  await until('workers', async () => {
    try {
      pids.add(await get(port, '/pid'));
    } catch {
      // None of them listens yet.
    }
    return pids.size === workers;
  });
}

function files(directory = prefix.path('cache')): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe('two workers', () => {
  test('share what is cached', async () => {
    prefix.writeConf(conf(''));
    await started();
    expect((await ask('/a')).status).toBe('MISS');
    const pids = new Set<string>();
    await until('both workers', async () => {
      const { pid, status, body } = await ask('/a');
      expect([status, body]).toEqual(['HIT', 'of /a']);
      pids.add(pid);
      return pids.size === 2;
    });
    expect(asked).toEqual(['/a']);
  });

  test('ask the upstream once for fifty requests that come together', async () => {
    prefix.writeConf(
      conf('', 'proxy_cache_lock on; proxy_cache_lock_timeout 10s; proxy_cache_lock_age 10s;'),
    );
    await started();
    let release = (): void => {};
    answer = (uri, response) => {
      release = () => response.end(`of ${uri}`);
    };
    let round = 0;
    await until('requests at both workers', async () => {
      const uri = `/${++round}`;
      asked.length = 0;
      const answers = Array.from({ length: 50 }, () => ask(uri));
      await until('the question', () => asked.length > 0);
      await new Promise((done) => setTimeout(done, 100)); // most have come by now, to one worker or the other
      release();
      const got = await Promise.all(answers);
      expect(asked).toEqual([uri]);
      expect(new Set(got.map(({ body }) => body))).toEqual(new Set([`of ${uri}`]));
      expect(got.filter(({ status }) => status === 'MISS')).toHaveLength(1);
      return new Set(got.map(({ pid }) => pid)).size === 2;
    });
  });

  test('one is killed while it fetches: another one does', async () => {
    prefix.writeConf(
      conf('', 'proxy_cache_lock on; proxy_cache_lock_timeout 10s; proxy_cache_lock_age 60s;'),
    );
    await started();
    answer = () => {};
    const first = ask('/x').catch(() => null);
    await until('the question', () => asked.length === 1);
    const second = Array.from({ length: 8 }, () => ask('/x').catch(() => null));
    answer = (uri, response) => response.end(`of ${uri}`);
    const fetcher = askedBy;
    kill(fetcher, 'SIGKILL');
    await until('its end', () => !isAlive(fetcher));
    await first;
    const got = (await Promise.all(second)).filter((one) => one !== null);
    for (const { body } of got) expect(body).toBe('of /x');
    expect((await ask('/x')).body).toBe('of /x');
    expect(asked.length).toBe(2);
  });
});

describe('a client that goes away', () => {
  const first = 'first, '.repeat(1000); // less is not sent before more comes

  test.each(['before the head', 'in the middle of the body'])('%s: the response is cached', async (when) => {
    prefix.writeConf(conf('', '', 1));
    await started(1);
    let goOn = (): void => {};
    answer = (uri, response) => {
      if (when !== 'before the head') response.write(first);
      goOn = () => response.end(`of ${uri}`);
    };
    const client = new Client(port);
    client.answer().catch(() => {});
    const begun = new Promise((done) => client.socket.once('data', done));
    client.send('GET /a HTTP/1.1\r\nHost: x\r\n\r\n');
    await until('the question', () => asked.length === 1);
    if (when !== 'before the head') await begun;
    client.close();
    await prefix.logged('client prematurely closed connection');
    goOn();
    await until('a file', () => files().length === 1);
    const { status, body } = await ask('/a');
    expect([status, body]).toEqual(['HIT', when === 'before the head' ? 'of /a' : `${first}of /a`]);
    expect(asked).toHaveLength(1);
  });

  test('that nobody caches for takes the upstream with it', async () => {
    prefix.writeConf(conf('', 'proxy_no_cache 1;', 1));
    await started(1);
    let gone = false;
    answer = (_uri, response) => {
      response.write(first);
      response.on('close', () => {
        gone = true;
      });
    };
    const client = new Client(port);
    client.answer().catch(() => {});
    client.send('GET /a HTTP/1.1\r\nHost: x\r\n\r\n');
    await new Promise((done) => client.socket.once('data', done));
    client.close();
    await until('the end of the connection', () => gone);
    expect(files()).toEqual([]);
  });
});

describe('a restart', () => {
  test('keeps what is cached, and knows of it, whatever the directory is called', async () => {
    prefix.writeConf(conf('').replace('proxy_cache_path cache', 'proxy_cache_path temp'));
    await started();
    for (const uri of ['/a', '/b', '/c']) await ask(uri);
    const master = prefix.pid();
    prefix.signal('SIGQUIT');
    await until('its end', () => !isAlive(master));
    await started();
    await prefix.logged(/\[notice\].* http file cache: \S+\/temp 0\.012M, bsize: 4096/);
    expect((await ask('/b')).status).toBe('HIT');
    expect(asked).toHaveLength(3);
  });

  test('removes what is no file of a cache', async () => {
    prefix.writeConf(conf(''));
    await started();
    await ask('/a');
    const master = prefix.pid();
    prefix.signal('SIGQUIT');
    await until('its end', () => !isAlive(master));
    const [file = ''] = files();
    writeFileSync(`${file.slice(0, -1)}x`, 'short');
    writeFileSync(`${file.slice(0, -32)}${'0'.repeat(32)}`, 'short');
    await started();
    await prefix.logged('http file cache: ', 2);
    expect(files()).toEqual([file]);
    expect(prefix.count(/\[crit\].* is too small/)).toBe(1);
  });

  test('takes over what nginx has cached', async () => {
    prefix.writeConf(conf(''));
    await started();
    await ask('/a');
    // The layout is nginx's: version, positions and key are where it has them.
    const [file = ''] = files();
    const bytes = Buffer.alloc(1024);
    const fd = openSync(file, 'r');
    const n = readSync(fd, bytes);
    closeSync(fd);
    expect(bytes.readUInt32LE(0)).toBe(5);
    const headerStart = bytes.readUInt16LE(54);
    const bodyStart = bytes.readUInt16LE(56);
    expect(bytes.toString('latin1', 336, headerStart)).toMatch(/^\nKEY: http:\/\/127\.0\.0\.1:\d+\/a\n$/);
    expect(bytes.toString('latin1', headerStart, bodyStart)).toMatch(
      /^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\n$/,
    );
    expect(bytes.toString('latin1', bodyStart, n)).toBe('of /a');
  });
});

describe('the manager', () => {
  test('removes what is unused for too long', async () => {
    prefix.writeConf(conf('inactive=1s'));
    await started();
    await ask('/a');
    expect(files()).toHaveLength(1);
    await until('removal', () => files().length === 0);
    expect((await ask('/a')).status).toBe('MISS');
  });

  test('keeps to max_size, by what was used last, also after its worker has died', async () => {
    answer = (_uri, response) => response.end('x'.repeat(20_000));
    prefix.writeConf(conf('max_size=200k'));
    await started();
    for (let i = 0; i < 20; i++) await ask(`/${i}`);
    await until('fewer', () => sizeOf(files()) < 200 * 1024);
    for (const pid of prefix.workers) kill(pid, 'SIGKILL');
    await prefix.logged(/start worker process/, 4);
    await until('new workers', async () => (await ask('/y').catch(() => null)) !== null);
    for (let i = 20; i < 40; i++) await ask(`/${i}`);
    await until('fewer', () => sizeOf(files()) < 200 * 1024);
    expect(files().length).toBeGreaterThan(2);
  });

  test('makes room where keys_zone is full', async () => {
    prefix.writeConf(conf('').replace('keys_zone=z:1m', 'keys_zone=z:16k'));
    await started();
    for (let i = 0; i < 200; i++) expect((await ask(`/${i}`)).body).toBe(`of /${i}`);
    expect(files().length).toBeLessThan(150);
    expect(files().length).toBeGreaterThan(10);
    expect((await ask('/199')).status).toBe('HIT');
  });
});

describe('a purge by a wildcard', () => {
  const purge = 'proxy_cache_purge $arg_purge; proxy_cache_key $uri;';

  test('is known to all workers at once, and to those that come later; files stay until they are asked for', async () => {
    prefix.writeConf(conf('', purge));
    await started();
    for (const uri of ['/a1', '/a2', '/b']) expect((await ask(uri)).status).toBe('MISS');
    expect((await fetch(`http://127.0.0.1:${port}/a*?purge=1`)).status).toBe(204);
    expect(files()).toHaveLength(3);
    prefix.signal('SIGHUP');
    await prefix.logged(/start worker process/, 4);
    await until('the end of the old', () => prefix.workers.length === 2);
    const renewed = Date.now();
    expect((await ask('/b')).status).toBe('HIT');
    for (const uri of ['/a1', '/a2']) expect((await ask(uri)).status).toBe('MISS');
    // What was cached in the second of the purge counts as cached before it.
    await until('another second', () => Date.now() - renewed > 1000);
    for (const uri of ['/a1', '/a2']) await ask(uri);
    for (let i = 0; i < 6; i++) for (const uri of ['/a1', '/a2']) expect((await ask(uri)).status).toBe('HIT');
  });

  test('is carried out by the purger, though workers die', async () => {
    prefix.writeConf(conf('purger=on purger_files=3 purger_sleep=20ms', purge));
    await started();
    for (let i = 0; i < 40; i++) await ask(`/a${i}`);
    await ask('/b');
    expect((await fetch(`http://127.0.0.1:${port}/a*?purge=1`)).status).toBe(204);
    await until('the first to go', () => files().length < 41);
    for (const pid of prefix.workers) kill(pid, 'SIGKILL');
    await until('all to go', () => files().length === 1);
    expect((await ask('/b')).status).toBe('HIT');
  });
});

function sizeOf(names: readonly string[]): number {
  return names.reduce((sum, name) => sum + (existsSync(name) ? statSync(name).blocks * 512 : 0), 0);
}
