import { afterEach, expect, test } from 'vitest';
import { Client, freePort, get, kill, TestPrefix, until } from './testing.ts';

let prefix: TestPrefix;

afterEach(async () => {
  await prefix.clean();
});

interface Status {
  readonly active: number;
  readonly accepted: number;
  readonly requests: number;
  readonly waiting: number;
}

async function status(port: number): Promise<Status> {
  const numbers = ((await get(port, '/status')).match(/\d+/g) ?? []).map(Number);
  const [active = 0, accepted = 0, , requests = 0, , , waiting = 0] = numbers;
  return { active, accepted, requests, waiting };
}

// Each look at the figures is a connection and a request of its own, and the others' figures are a little old.
test('all workers are counted, also those that are gone', async () => {
  const port = await freePort();
  prefix = new TestPrefix();
  prefix.writeConf(`worker_processes 3; error_log logs/error.log notice; pid logs/nginx.pid;
daemon off; events { }
http { access_log off; server { listen 127.0.0.1:${port}; location /status { stub_status; } } }`);
  await prefix.start();
  const idle = Array.from({ length: 12 }, () => new Client(port));
  await Promise.all(idle.map((client) => client.connected()));
  let before: Status = await status(port);
  await until('twelve that wait', async () => {
    before = await status(port);
    return before.active === 13 && before.waiting === 12 && before.accepted === before.requests + 12;
  });
  for (const client of idle) client.close();
  await until('they are gone', async () => (await status(port)).active === 1);

  const [killed = 0] = prefix.workers;
  kill(killed, 'SIGKILL');
  await until('another in its place', () => !prefix.workers.includes(killed) && prefix.workers.length === 3);
  const old = prefix.workers;
  prefix.signal('SIGHUP');
  await until('a new generation', () => {
    const now = prefix.workers;
    return now.length === 3 && !now.some((pid) => old.includes(pid));
  });
  await until('one connection', async () => (await status(port)).active === 1);
  const after = await status(port);
  expect(after.accepted).toBeGreaterThan(before.accepted);
  expect(after.requests).toBeGreaterThan(before.requests);
});
