// limit_req and limit_conn in two real workers: what they count together, and kill -9.

import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
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

async function start(http: string, server: string): Promise<void> {
  prefix.writeConf(`
    daemon off; worker_processes 2; error_log logs/error.log info; pid logs/nginx.pid; events {}
    http {
      access_log off;
      ${http}
      server { listen 127.0.0.1:${port}; location = /pid { return 200 $pid; } ${server} }
    }`);
  await prefix.start();
  await until('both workers', () => prefix.workers.length === 2);
}

/** A connection to each worker, by its number. */
async function clients(): Promise<Map<number, Client>> {
  const found = await clientOfEach(port);
  for (const client of found.values()) closing.push(() => client.close());
  return found;
}

/** Holds requests until their response is ended. */
async function holder(): Promise<{ at: number; held: ServerResponse[] }> {
  const held: ServerResponse[] = [];
  const server = createServer((_request, response) => held.push(response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { at: (server.address() as AddressInfo).port, held };
}

test('workers count requests together', async () => {
  await start('limit_req_zone all zone=z:32k rate=1r/m;', 'location / { limit_req zone=z burst=9 nodelay; }');
  const both = [...(await clients()).values()];
  const codes: string[] = [];
  for (let i = 0; i < 12; i++) {
    const client = both[i % 2] as Client;
    codes.push((await client.get('/x')).body.includes('404') ? 'passed' : 'refused');
  }
  expect(codes).toEqual([...Array(10).fill('passed'), 'refused', 'refused']);
});

test('workers count connections together; those of a worker that is killed are not any more', async () => {
  const { at, held } = await holder();
  await start(
    'limit_conn_zone all zone=z:32k;',
    `location / { limit_conn z 2; proxy_pass http://127.0.0.1:${at}; } location = /a { limit_conn z 2; }`,
  );
  const both = await clients();
  for (const client of both.values()) {
    client.socket.on('error', () => {});
    client.send('GET /hold HTTP/1.1\r\nHost: x\r\n\r\n');
  }
  await until('two are held', () => held.length === 2);
  expect(await get(port, '/a')).toContain('503');

  const [victim = 0] = both.keys();
  kill(victim, 'SIGKILL');
  await until('one is given back', async () => (await get(port, '/a')).includes('404'));

  // Of the other one only its own is left.
  const one = new Client(port);
  closing.push(() => one.close());
  one.send('GET /hold HTTP/1.1\r\nHost: x\r\n\r\n');
  await until('it is held too', () => held.length === 3);
  expect(await get(port, '/a')).toContain('503');
  for (const response of held) response.end();
  await one.answer();
  await until('all are given back', async () => (await get(port, '/a')).includes('404'));
});

test('a reload with the same zone keeps what it has counted', async () => {
  const { at, held } = await holder();
  const server = `location / { limit_conn z 1; proxy_pass http://127.0.0.1:${at}; }`;
  await start('limit_conn_zone all zone=z:32k;', `${server} location = /a { limit_conn z 1; }`);
  const client = new Client(port);
  closing.push(() => client.close());
  client.send('GET /hold HTTP/1.1\r\nHost: x\r\n\r\n');
  await until('it is held', () => held.length === 1);
  prefix.signal('SIGHUP');
  await prefix.logged(/start worker process \d+/, 4);
  await prefix.logged('gracefully shutting down', 2);
  expect(await get(port, '/a')).toContain('503');
  held[0]?.end();
  await client.answer();
  await until('it is given back', async () => (await get(port, '/a')).includes('404'));
});
