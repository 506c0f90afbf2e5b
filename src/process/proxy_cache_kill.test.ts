// Processes of a cache that are killed at any instant: while they fetch, write, renew, remove or load. Every answer is
// whole, and so is every file. TSRESTY_KILLS=200 goes on for minutes.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort, isAlive, kill, TestPrefix, until } from './testing.ts';

const KILLS = Number(process.env.TSRESTY_KILLS ?? 4);
const URIS = 16;
const BODY_START = 56;
const HEADER_BYTES = 336;

let prefix: TestPrefix;
let upstream: Server;
let port: number;

beforeEach(async () => {
  prefix = new TestPrefix();
  upstream = createServer((request, response) => answer(request.url ?? '', request.headers, response));
  upstream.listen(0, '127.0.0.1');
  await new Promise((done) => upstream.once('listening', done));
  port = await freePort();
});

afterEach(async () => {
  await prefix.clean();
  upstream.closeAllConnections();
  upstream.close();
});

function bodyOf(uri: string): string {
  return `${uri}\n`.repeat(500 + 400 * (Number(uri.slice(1)) % 30));
}

/** Short-lived, so that entries are renewed, too; in pieces, so that there is time to be killed in between. */
function answer(uri: string, headers: Record<string, unknown>, response: ServerResponse): void {
  response.setHeader('Cache-Control', 'max-age=1');
  response.setHeader('ETag', '"a"');
  if (headers['if-none-match'] !== undefined) {
    response.statusCode = 304;
    response.end();
    return;
  }
  const text = bodyOf(uri);
  if (Number(uri.slice(1)) % 2 === 0) response.setHeader('Content-Length', text.length);
  response.write(text.slice(0, 2000));
  setImmediate(() => response.end(text.slice(2000)));
}

/** The loader and the manager have much to do. */
function writeConf(): void {
  const { port: upstreamPort } = upstream.address() as AddressInfo;
  const loader = 'loader_files=1 loader_sleep=2ms';
  prefix.writeConf(`worker_processes 2; daemon off; error_log logs/error.log notice; pid logs/nginx.pid;
    events {}
    http {
      access_log off;
      proxy_cache_path cache levels=1:2 keys_zone=z:1m max_size=3m inactive=3s use_temp_path=off ${loader};
      server {
        listen 127.0.0.1:${port} reuseport;
        proxy_cache z; proxy_cache_revalidate on; proxy_cache_lock on; proxy_cache_key $uri;
        location / { proxy_pass http://127.0.0.1:${upstreamPort}; add_header X-Cache $upstream_cache_status; }
      }
    }`);
}

/** What stands in a file under its final name is a whole response, at any time. */
function checkFiles(): number {
  const directory = prefix.path('cache');
  if (!existsSync(directory)) return 0;
  let seen = 0;
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/^[0-9a-f]{32}$/.test(entry.name)) continue;
    let bytes: Buffer;
    try {
      bytes = readFileSync(join(entry.parentPath, entry.name));
    } catch {
      continue; // a process that lives has removed it
    }
    const uri = /KEY: (\S+)\n/.exec(bytes.toString('latin1', HEADER_BYTES, HEADER_BYTES + 100))?.[1] ?? '';
    const body = bytes.toString('latin1', bytes.readUInt16LE(BODY_START));
    if (body !== bodyOf(uri)) throw new Error(`${uri}: a file with ${body.length} bytes of a body`);
    seen++;
  }
  return seen;
}

test('whatever is killed, nothing is served half', { timeout: 60_000 + KILLS * 10_000 }, async () => {
  writeConf();
  await prefix.start();
  let running = true;
  const answers = new Map<string, number>();
  const wrong: string[] = [];
  let n = 0;
  const client = async (): Promise<void> => {
    while (running) {
      const uri = `/${n++ % URIS}`;
      try {
        const response = await fetch(`http://127.0.0.1:${port}${uri}`, { headers: { connection: 'close' } });
        const status = response.headers.get('x-cache') ?? '';
        const body = await response.text();
        if (response.status !== 200 || body !== bodyOf(uri)) {
          wrong.push(`${uri}: ${response.status} ${status}, ${body.length} bytes`);
        }
        answers.set(status, (answers.get(status) ?? 0) + 1);
      } catch {
        await sleep(5); // the connection died with its worker, or there is none
      }
    }
  };
  const total = (): number => [...answers.values()].reduce((sum, one) => sum + one, 0);
  const clients = Array.from({ length: 8 }, client);
  for (let round = 1; round <= KILLS; round++) {
    const before = total();
    await until('answers', () => total() > before + 10);
    await sleep(Math.random() * 50);
    const { workers } = prefix;
    // Every third time the master goes first: its successor loads the files anew, and is killed while it does.
    const master = round % 3 === 0 ? prefix.pid() : 0;
    if (master !== 0) kill(master, 'SIGKILL');
    for (const pid of round % 3 === 1 ? workers.slice(0, 1) : workers) kill(pid, 'SIGKILL');
    await until('their end', () => (master === 0 || !isAlive(master)) && !workers.slice(0, 1).some(isAlive));
    checkFiles();
    if (master !== 0) {
      prefix.write('logs/nginx.pid', '');
      await prefix.start();
    }
  }
  await until('hits of what has been kept', () => (answers.get('HIT') ?? 0) > 20);
  await until('what is renewed', () => (answers.get('REVALIDATED') ?? 0) > 0);
  running = false;
  await Promise.all(clients);
  expect(wrong).toEqual([]);
  expect(checkFiles()).toBeGreaterThan(0);
  expect(prefix.log).not.toMatch(/\[(crit|emerg)\]/);
});
