import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Destinations } from './destinations.ts';
import { bench, FakeRequest } from './testing.ts';

let server: Server;
let url: string;
let aborted = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('close', () => {
      if (!response.writableFinished) aborted++;
    });
    request.on('end', () => {
      const path = request.url ?? '';
      if (path === '/slow') return;
      if (path.startsWith('/to/')) {
        response.writeHead(Number(path.slice(4)), { location: '/echo' }).end();
        return;
      }
      if (path === '/loop') {
        response.writeHead(302, { location: '/loop' }).end();
        return;
      }
      if (path === '/empty') {
        response.writeHead(204).end();
        return;
      }
      response.writeHead(path === '/missing' ? 404 : 200, {
        'content-type': 'application/json',
        'set-cookie': ['a=1', 'b=2'],
      });
      const { method, headers } = request;
      response.end(
        JSON.stringify({
          method,
          path,
          x: headers['x-test'],
          type: headers['content-type'],
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function value(expression: string, connect?: string): Promise<unknown> {
  const destinations = connect === undefined ? null : Destinations.parse(connect);
  const b = await bench(
    [[['content', `const url = '${url}'; ngx.log(ngx.WARN, 'value:' + JSON.stringify(${expression}))`]]],
    destinations === null ? {} : { destinations },
  );
  const r = new FakeRequest();
  await b.run(r);
  await b.stop();
  const line = r.logs.map(({ message }) => message).join('\n');
  return line.includes('value:') ? JSON.parse(line.slice(line.indexOf('value:') + 6)) : line;
}

test('a response: status, headers, url, body', async () => {
  const expression = `await (async () => { const r = await fetch(url + '/a?b=1', { headers: { 'X-Test': 'ä' } }); return [r.status, r.ok, r.redirected, r.url.slice(-6), r.headers.get('content-type'), r.headers.getSetCookie(), await r.json(), r.bodyUsed] })()`;
  expect(await value(expression)).toEqual([
    200,
    true,
    false,
    '/a?b=1',
    'application/json',
    ['a=1', 'b=2'],
    { method: 'GET', path: '/a?b=1', x: 'ä', body: '' },
    true,
  ]);
});

test.each([
  ["{ method: 'POST', body: 'hä' }", { method: 'POST', body: 'hä', type: 'text/plain;charset=UTF-8' }],
  ["{ method: 'put', body: new Uint8Array([97]) }", { method: 'PUT', body: 'a' }],
  [
    "{ method: 'POST', body: new URLSearchParams({ a: 'b c' }) }",
    { body: 'a=b+c', type: 'application/x-www-form-urlencoded;charset=UTF-8' },
  ],
])('a body: %s', async (init, seen) => {
  expect(await value(`await (await fetch(url + '/echo', ${init})).json()`)).toMatchObject(seen);
});

test.each([
  [301, 'POST', 'GET', ''],
  [303, 'PUT', 'GET', ''],
  [307, 'POST', 'POST', 'x'],
  [308, 'PUT', 'PUT', 'x'],
])('a redirect %d of %s', async (status, method, then, body) => {
  const expression = `await (async () => { const r = await fetch(url + '/to/${status}', { method: '${method}', body: 'x' }); return [r.redirected, await r.json()] })()`;
  expect(await value(expression)).toMatchObject([true, { method: then, path: '/echo', body }]);
});

test('redirects by hand, and without end', async () => {
  expect(
    await value(
      "await (async () => { const r = await fetch(url + '/to/302', { redirect: 'manual' }); return [r.status, r.headers.get('location')] })()",
    ),
  ).toEqual([302, '/echo']);
  expect(
    await value("await fetch(url + '/loop').catch((e) => [e.name, e.message, e.cause.message])"),
  ).toEqual(['TypeError', 'fetch failed', 'redirect count exceeded']);
  expect(
    await value("await fetch(url + '/to/302', { redirect: 'error' }).catch((e) => e.cause.message)"),
  ).toBe('unexpected redirect');
});

test('what cannot be fetched', async () => {
  expect(
    await value(
      "await fetch('http://127.0.0.1:1/').catch((e) => [e.name, e.message, /ECONNREFUSED/.test(e.cause.message)])",
    ),
  ).toEqual(['TypeError', 'fetch failed', true]);
  expect(await value("await fetch('file:///etc/passwd').catch((e) => e.cause.message)")).toBe(
    'unknown scheme "file:"',
  );
  expect(await value("await fetch('nonsense').catch((e) => e.message)")).toBe(
    'Failed to parse URL from nonsense',
  );
  expect(
    await value("await (async () => { const r = await fetch(url + '/missing'); return [r.ok, r.status] })()"),
  ).toEqual([false, 404]);
  expect(await value("await (await fetch(url + '/empty')).text()")).toBe('');
});

test.each(['https://127.0.0.1:1/', 'https://[::1]:1/'])(
  '%s, where only some may be asked',
  async (target) => {
    const asked = `await fetch('${target}').catch((e) => e.cause.message)`;
    expect(await value(asked, '127.0.0.1,[::1]')).toMatch(/ECONNREFUSED|EADDRNOTAVAIL/);
    expect(await value(asked, '10.0.0.1')).toBe('permission denied');
  },
);

test('a fetch that is aborted ends at the server too', async () => {
  const before = aborted;
  const expression = `await (async () => { const c = new AbortController(); setTimeout(() => c.abort(), 20); return await fetch(url + '/slow', { signal: c.signal }).catch((e) => e.name) })()`;
  expect(await value(expression)).toBe('AbortError');
  await expect.poll(() => aborted).toBe(before + 1);
});

test('what an isolate has left open is closed when it ends', async () => {
  const before = aborted;
  const b = await bench([[['content', `await Promise.race([fetch('${url}/slow'), ngx.sleep(0.05)])`]]]);
  await b.run(new FakeRequest());
  expect(aborted).toBe(before);
  await b.stop();
  await expect.poll(() => aborted).toBe(before + 1);
});

test('a block may return what it fetched', async () => {
  const b = await bench([
    [['content', `return await fetch('${url}/echo')`]],
    [['content', 'return new Response("no", { status: 403, headers: { "X-A": "1" } })']],
  ]);
  const r = new FakeRequest();
  await b.run(r);
  expect(r.status).toBe(200);
  expect(r.headers['set-cookie']).toEqual(['a=1', 'b=2']);
  expect(Object.keys(r.headers).sort()).toEqual(['content-type', 'date', 'set-cookie']);
  expect(JSON.parse(r.body)).toMatchObject({ path: '/echo' });
  const own = new FakeRequest();
  await b.run(own, 1);
  expect([own.status, own.headers['x-a'], own.headers['content-type'], own.body]).toEqual([
    403,
    ['1'],
    ['text/plain;charset=UTF-8'],
    'no',
  ]);
  await b.stop();
});
