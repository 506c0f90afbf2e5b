// Sockets of an isolate: where it may connect to, and that nothing of them is left when requests and isolates end.

import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Destinations } from './destinations.ts';
import { bench, FakeRequest } from './testing.ts';

const accepted = new Set<Socket>();
let server: Server;
let port = 0;

beforeAll(async () => {
  server = createServer((socket) => {
    accepted.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => accepted.delete(socket));
    socket.on('data', (data) => socket.write(data));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  port = (server.address() as AddressInfo).port;
});

afterAll(() => new Promise((done) => server.close(done)));

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 2000 && !condition(); i++) await new Promise((done) => setTimeout(done, 10));
  expect(condition()).toBe(true);
}

test('an isolate connects where it is allowed to', async () => {
  const b = await bench(
    [
      [
        [
          'content',
          `for (const [host, at] of [['127.0.0.1', ${port}], ['127.0.0.1', 1], ['unix:/tmp/x', undefined]] as const) {
             try { await ngx.socket.connect(host, at as number); ngx.say('connected'); } catch (e) { ngx.say(e.message, ' ', e.code); }
           }
           const udp = ngx.socket.udp();
           try { await udp.setpeername('127.0.0.1', 1); } catch (e) { ngx.say(e.message); }`,
        ],
      ],
    ],
    { destinations: Destinations.parse(`127.0.0.1:${port}`) as Destinations },
  );
  const r = new FakeRequest();
  await b.run(r);
  expect(r.body).toBe(
    'connected\npermission denied PERMISSION_DENIED\npermission denied PERMISSION_DENIED\npermission denied\n',
  );
  await b.stop();
});

test('the end of a request closes its sockets, whatever they are doing', async () => {
  const b = await bench([
    [
      [
        'content',
        `const socks = await Promise.all([1, 2, 3].map(() => ngx.socket.connect('127.0.0.1', ${port})));
         socks[0].receive().catch(() => {});
         socks[1].setkeepalive();
         const queued = { pool: 'q', pool_size: 1, backlog: 1 };
         await ngx.socket.connect('127.0.0.1', ${port}, queued);
         ngx.socket.connect('127.0.0.1', ${port}, queued).catch(() => {});
         const udp = ngx.socket.udp();
         await udp.setpeername('127.0.0.1', ${port});
         udp.receive().catch(() => {});
         ngx.say('ok');`,
      ],
    ],
  ]);
  const r = new FakeRequest();
  await b.run(r);
  const { actor } = b.keeper;
  await until(() => accepted.size === 4);
  expect(actor?.sockets?.count).toBeGreaterThan(0);
  actor?.end(r);
  await until(() => accepted.size === 1); // the one that is kept
  expect(actor?.sockets?.count).toBe(0);
  expect(actor?.operations.count).toBe(0);
  await b.stop();
  await until(() => accepted.size === 0);
});

test('the end of an isolate closes all', async () => {
  const b = await bench([[['content', `await ngx.socket.connect('127.0.0.1', ${port}); ngx.say('ok');`]]]);
  await b.run(new FakeRequest());
  await until(() => accepted.size === 1);
  await b.stop();
  await until(() => accepted.size === 0);
});

test('what nobody can reach any more is closed when others are made', async () => {
  const b = await bench([
    [
      [
        'content',
        `const open = globalThis.ngx.socket;
         for (let i = 0; i < 70; i++) await open.connect('127.0.0.1', ${port});
         const waste: number[][] = [];
         for (let i = 0; i < 300; i++) { waste.push(new Array(50_000).fill(i)); if (waste.length > 20) waste.length = 0; await ngx.sleep(0); }
         for (let i = 0; i < 150; i++) await open.connect('127.0.0.1', ${port});
         ngx.say('ok');`,
      ],
    ],
  ]);
  await b.run(new FakeRequest());
  expect(b.keeper.actor?.sockets?.count).toBeLessThan(215);
  await b.stop();
  await until(() => accepted.size === 0);
});

test('calls that only a broken guest makes are refused, and nothing else happens', async () => {
  const b = await bench([[['content', `await ngx.socket.connect('127.0.0.1', ${port}); ngx.say('ok');`]]]);
  const r = new FakeRequest();
  await b.run(r);
  const { actor } = b.keeper;
  const sockets = actor?.sockets;
  if (actor === null || sockets === null || sockets === undefined) throw new Error('there is no isolate');
  for (let what = -1; what < 30; what++) {
    for (const args of [[], [what, 1], [what, 1, 1, {}, null, 'x'], [what, 999, 5, 'x', 'y', 'z', -1, 2.5]]) {
      try {
        sockets.call(r.slot, [what, ...(args as string[])]);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }
  }
  actor.end(r);
  await b.stop();
  await until(() => accepted.size === 0);
});
