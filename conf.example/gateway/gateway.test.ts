// Starts the example as it stands, on free ports, and asks it what its README says.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';

const example = import.meta.dirname;
const launcher = path.resolve(example, '../../bin/tsresty');
const prefix = fs.mkdtempSync(path.join(os.tmpdir(), 'gateway-'));
const children: ChildProcess[] = [];
let base = '';

beforeAll(async () => {
  // The workers may run as another user than the one that made the directory.
  fs.chmodSync(prefix, 0o755);
  for (const part of ['conf', 'ts', 'logs'])
    fs.cpSync(path.join(example, part), path.join(prefix, part), { recursive: true });
  const [port, users, orders] = await Promise.all([freePort(), service('users'), service('orders')]);
  const conf = path.join(prefix, 'conf/nginx.conf');
  const text = fs
    .readFileSync(conf, 'utf8')
    .replace('worker_processes auto', 'worker_processes 2')
    .replace('127.0.0.1:8080', `127.0.0.1:${port}`)
    .replace('127.0.0.1:8081', `127.0.0.1:${users}`)
    .replace('127.0.0.1:8082', `127.0.0.1:${orders}`);
  fs.writeFileSync(conf, text);
  base = `http://127.0.0.1:${port}`;

  const gateway = spawn(launcher, ['-p', `${prefix}/`, '-c', 'conf/nginx.conf', '-g', 'daemon off;'], {
    stdio: 'inherit',
  });
  children.push(gateway);
  while (!(await connects(port))) {
    if (gateway.exitCode !== null) throw new Error(`tsresty ended with ${gateway.exitCode}`);
    await delay(20);
  }
}, 30_000);

afterAll(async () => {
  for (const child of children) {
    if (child.exitCode !== null) continue;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  fs.rmSync(prefix, { recursive: true, force: true });
});

async function service(name: string): Promise<string> {
  const child = spawn(process.execPath, [path.join(example, `upstreams/${name}.mjs`), '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [port]: string[] = await once(createInterface(child.stdout), 'line');
  return port ?? '';
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function connects(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => resolve(true));
    socket.on('connect', () => socket.destroy()).on('error', () => resolve(false));
  });
}

async function login(user: string, password: string): Promise<Response> {
  return fetch(`${base}/api/login`, { method: 'POST', body: JSON.stringify({ user, password }) });
}

// Most tests stay far below the limit; the one that reaches it waits until the bucket has leaked.
async function bearer(user = 'ada', password = 'analytical'): Promise<{ Authorization: string }> {
  const { token } = (await (await login(user, password)).json()) as { token: string };
  return { Authorization: `Bearer ${token}` };
}

test('is healthy', async () => {
  const response = await fetch(`${base}/health`);
  expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
  expect(response.headers.get('content-type')).toBe('application/json');
});

test('gives a token for the right password only', async () => {
  const good = await login('ada', 'analytical');
  expect(good.status).toBe(200);
  expect(await good.json()).toEqual({
    token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
    expires_in: 3600,
  });
  const bad = await login('ada', 'guess');
  expect(bad.status).toBe(401);
  expect(await bad.json()).toEqual({
    error: 'a valid token is needed',
    status: 401,
    request_id: expect.stringMatching(/^[0-9a-f]{32}$/),
  });
  expect((await fetch(`${base}/api/login`, { method: 'POST', body: '{' })).status).toBe(400);
  const get = await fetch(`${base}/api/login`);
  expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
});

test('routes to the two services, as the user of the token', async () => {
  const ada = await bearer();
  const users = await fetch(`${base}/api/users`, { headers: ada });
  expect(await users.json()).toHaveLength(2);
  const me = await fetch(`${base}/api/users/me`, { headers: ada });
  expect(await me.json()).toMatchObject({ id: '1', name: 'ada' });

  const grace = await bearer('grace', 'compiler');
  const order = { method: 'POST', headers: grace, body: '{"item":"a ribbon"}' };
  expect((await fetch(`${base}/api/orders`, order)).status).toBe(201);
  const orders = (await (await fetch(`${base}/api/orders`, { headers: grace })).json()) as { item: string }[];
  expect(orders.map((o) => o.item)).toEqual(['a moth', 'a ribbon']);
});

test('does not take another user from the client', async () => {
  const headers = { ...(await bearer()), 'X-User-ID': '2' };
  const me = await fetch(`${base}/api/users/me`, { headers });
  expect(await me.json()).toMatchObject({ name: 'ada' });
});

test('passes the errors of a service on as they are', async () => {
  const response = await fetch(`${base}/api/users/9`, { headers: await bearer() });
  expect([response.status, await response.json()]).toEqual([404, { error: 'no such user', status: 404 }]);
});

test.for([
  ['no token', undefined],
  ['another scheme', 'Basic YTpi'],
  ['not a token', 'Bearer abc'],
  ['unsigned', `Bearer ${segment({ alg: 'none' })}.${segment({ sub: '1', iat: 0, exp: 9e9 })}.`],
  [
    'signed by another',
    `Bearer ${segment({ alg: 'HS256' })}.${segment({ sub: '1', iat: 0, exp: 9e9 })}.AAAA`,
  ],
])('refuses a request with %s', async ([, authorization]) => {
  const headers: Record<string, string> = authorization === undefined ? {} : { Authorization: authorization };
  const response = await fetch(`${base}/api/users`, { headers });
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toBe('Bearer realm="api"');
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(await response.json()).toMatchObject({ status: 401 });
});

function segment(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

test('refuses a token that was changed', async () => {
  const { Authorization } = await bearer();
  const [head, , signature] = Authorization.split('.');
  const forged = `${head}.${segment({ sub: '2', iat: 0, exp: 9e9 })}.${signature}`;
  expect((await fetch(`${base}/api/users/me`, { headers: { Authorization: forged } })).status).toBe(401);
});

test('answers 404 as JSON where nothing is', async () => {
  const outside = await fetch(`${base}/nothing`);
  expect([outside.status, await outside.json()]).toMatchObject([404, { error: 'not found', status: 404 }]);
  const inside = await fetch(`${base}/api/nothing`, { headers: await bearer() });
  expect([inside.status, await inside.json()]).toMatchObject([404, { error: 'not found' }]);
});

test('limits a client to the rate and its burst', async () => {
  const before = await fetch(`${base}/api/nothing`);
  // The tests above have left something in the bucket.
  const free = Number(before.headers.get('x-ratelimit-remaining'));
  expect(free).toBeGreaterThan(25);

  const started = performance.now();
  const statuses = await Promise.all(
    Array.from({ length: 200 }, async () => (await fetch(`${base}/api/nothing`)).status),
  );
  const seconds = (performance.now() - started) / 1000;
  const refused = statuses.filter((status) => status === 429).length;
  expect(refused).toBeGreaterThan(0);
  // All workers share one bucket: what is let through is the burst and what leaked meanwhile, which a tick rounds.
  expect(statuses.length - refused).toBeLessThanOrEqual(51 + 100 * seconds + 2);
  expect(statuses.length - refused).toBeGreaterThanOrEqual(free);

  const response = await fetch(`${base}/api/nothing`);
  expect(response.headers.get('x-ratelimit-limit')).toBe('100');
  if (response.status === 429) expect(await response.json()).toMatchObject({ error: 'too many requests' });
});

test('shows the metrics of all workers', async () => {
  const response = await fetch(`${base}/metrics`);
  expect(response.status).toBe(200);
  const text = await response.text();
  expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
  expect(text).toMatch(/^# TYPE gateway_requests_total counter$/m);
  expect(text).toMatch(/^gateway_requests_total\{route="\/health",method="GET",status="200"\} 1$/m);
  expect(text).toMatch(/^gateway_requests_total\{route="\/api\/users",method="GET",status="401"\} \d+$/m);
  expect(text).toMatch(/^gateway_request_seconds_bucket\{.*le="\+Inf".*\} \d+$/m);
});

test('writes a line of JSON for each request', async () => {
  await fetch(`${base}/logged?a="b"`, { headers: { 'User-Agent': 'x' } });
  const log = path.join(prefix, 'logs/access.log');
  let line: string | undefined;
  while (line === undefined) {
    line = fs
      .readFileSync(log, 'utf8')
      .split('\n')
      .find((l) => l.includes('/logged'));
    await delay(10);
  }
  expect(JSON.parse(line)).toMatchObject({ method: 'GET', status: 404, client: '127.0.0.1' });
  const lines = fs.readFileSync(log, 'utf8').trim().split('\n');
  expect(lines.some((l) => JSON.parse(l).uri === '/health')).toBe(false);
});
