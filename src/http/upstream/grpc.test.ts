// grpc_pass, against servers on node:http2. What is wrong with frames is in http2.test.ts: the codec is the same.

import { once } from 'node:events';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer as createRawServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ask, closeAll, eventually, gateway, get, onCloseAll, TestClient } from './testing.ts';
import {
  bodyOf,
  frame,
  type Http2Peer,
  OK_HEADERS,
  peer,
  post,
  rawPeer,
  securePeer,
} from './testing_http2.ts';
import { Certificates } from './testing_ssl.ts';

afterEach(closeAll);

function conf(port: number, directives = '', more = ''): string {
  return `upstream u { server 127.0.0.1:${port}; }
    server { listen 80; location / { grpc_pass grpc://u; ${directives} } ${more} }`;
}

/** Answers with trailers, as gRPC servers do. */
function reply(stream: ServerHttp2Stream, body: string, head: Record<string, string> = {}): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...head }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0', 'grpc-message': 'fine' }));
  stream.end(body);
}

/** Tells what it was asked. */
async function echoPeer(): Promise<{ peer: Http2Peer; seen: () => Record<string, unknown> }> {
  let seen: IncomingHttpHeaders = {};
  const made = await peer(async (stream, headers) => {
    seen = headers;
    reply(stream, await bodyOf(stream));
  });
  return { peer: made, seen: () => Object.fromEntries(Object.entries(seen)) };
}

describe('requests', () => {
  test('say what nginx says', async () => {
    const { peer: made, seen } = await echoPeer();
    const front = await gateway(conf(made.port));
    const headers =
      'TE: gzip, Trailers\r\nX-Client: 1\r\nKeep-Alive: 1\r\nUpgrade: x\r\nProxy-Connection: y\r\n';
    const head = `POST /a%2fb?c HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n${headers}\r\n`;
    await ask(front.port, `${head}ok`);
    expect(seen()).toEqual({
      ':method': 'POST',
      ':scheme': 'http',
      ':path': '/a%2fb?c',
      ':authority': 'u',
      'content-length': '2',
      te: 'trailers',
      'x-client': '1',
    });
  });

  test('headers that are set take the place of the usual ones', async () => {
    const { peer: made, seen } = await echoPeer();
    const set =
      'grpc_set_header Host front.$request_method; grpc_set_header X-Own 1; grpc_set_header Content-Length "";';
    const front = await gateway(conf(made.port, `${set} grpc_set_header TE "";`));
    await ask(front.port, post('body', '/x').replace('\r\n\r\n', '\r\nTE: trailers\r\nx-own: 2\r\n\r\n'));
    expect(seen()).toEqual({
      ':method': 'POST',
      ':scheme': 'http',
      ':path': '/x',
      ':authority': 'front.POST',
      'x-own': '1',
    });
  });

  test.each([
    ['PUT', '/', '', '/'],
    ['FOO', '/a b'.replace(' ', '%20'), '', '/a%20b'],
    ['GET', '/old/x?y', 'rewrite ^/old(.*) /new%$1 break;', '/new%25/x?y'],
  ])('%s %s', async (method, uri, directives, path) => {
    const { peer: made, seen } = await echoPeer();
    const front = await gateway(conf(made.port, directives));
    await ask(front.port, get(uri).replace('GET', method));
    expect(seen()).toMatchObject({ ':method': method, ':path': path });
  });

  test('a body goes on as it comes, and the answer beside it', async () => {
    const { port } = await peer((stream) => {
      stream.respond({ ':status': 200 });
      stream.setEncoding('latin1').on('data', (data) => stream.write(`<${data}>`));
      stream.on('end', () => stream.end('end'));
    });
    const front = await gateway(conf(port));
    const client = new TestClient(front.port);
    client.socket.write(
      'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n',
    );
    await client.until('chunked\r\nConnection: close\r\n\r\n');
    for (const piece of ['one', 'two']) {
      client.socket.write(`3\r\n${piece}\r\n`);
      await client.until(`<${piece}>`);
    }
    client.socket.write('0\r\n\r\n');
    expect(await client.end()).toMatch(/5\r\n<one>\r\n5\r\n<two>\r\n3\r\nend\r\n0\r\n\r\n$/);
    expect(front.lines).toEqual([]);
  });

  test('a body in chunks that come together is one frame', async () => {
    let sent = '';
    const server = createRawServer((socket) => {
      socket.on('error', () => {});
      socket.setEncoding('latin1').on('data', (data) => {
        sent += data;
        if (sent.endsWith(frame(0, 1, 1, 'abcde'))) socket.end(frame(1, 5, 1, OK_HEADERS), 'latin1');
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onCloseAll(() => server.close());
    const front = await gateway(conf((server.address() as AddressInfo).port));
    const client = new TestClient(front.port);
    client.socket.write(
      'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n',
    );
    await eventually(() => sent.includes('/'));
    client.socket.write('3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n');
    expect(await client.end()).toContain('200 OK');
  });

  test('a large body', async () => {
    const body = 'x'.repeat(700_000);
    const { peer: made } = await echoPeer();
    const front = await gateway(conf(made.port, 'client_max_body_size 1m;'));
    const answer = await ask(front.port, post(body));
    expect(answer.replace(/\r\n[0-9a-f]+\r\n/g, '')).toContain(body);
  });

  test('a client that breaks off takes the request with it', async () => {
    let closed = false;
    const { port } = await peer((stream) => {
      stream.session?.on('close', () => {
        closed = true;
      });
      stream.respond({ ':status': 200 });
    });
    const front = await gateway(conf(port));
    const client = new TestClient(front.port);
    client.socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n');
    await client.until('\r\n\r\n');
    client.socket.end('ab');
    await client.end();
    await eventually(() => closed);
    expect(front.lines[0]).toContain(
      '[info] *1 client prematurely closed connection while sending request to upstream',
    );
  });
});

describe('responses', () => {
  test('trailers follow the body; those of HTTP/1.0 are dropped', async () => {
    const { port } = await peer((stream) => reply(stream, 'hello', { server: 'peer', 'x-a': 'b' }));
    const front = await gateway(conf(port, 'grpc_hide_header grpc-message; grpc_pass_header Server;'));
    const answer = await ask(front.port, get('/'));
    expect(answer).toContain('Content-Type: application/grpc\r\n');
    expect(answer).toContain('\r\nserver: peer\r\n');
    expect(answer).toMatch(/\r\nx-a: b\r\n\r\n5\r\nhello\r\n0\r\ngrpc-status: 0\r\n\r\n$/);
    expect(await ask(front.port, 'GET / HTTP/1.0\r\n\r\n')).toMatch(/\r\n\r\nhello$/);
  });

  test('without trailers, where a length is given', async () => {
    const { port } = await peer((stream) => reply(stream, 'hello', { 'content-length': '5' }));
    const front = await gateway(conf(port));
    expect(await ask(front.port, get('/'))).toMatch(/\r\nContent-Length: 5\r\n.*\r\n\r\nhello$/s);
  });

  test.each([
    ['GET', 200, /\r\nContent-Length: 0\r\n/],
    ['HEAD', 200, /\r\nContent-Length: 0\r\n/],
    ['GET', 204, /^HTTP\/1\.1 204 No Content\r\n(?!.*Content-Length)/s],
  ])('to %s, %d that ends with its head', async (method, status, head) => {
    const { port } = await peer((stream) => {
      stream.respond({ ':status': status, 'grpc-status': '12' }, { endStream: true });
    });
    const front = await gateway(conf(port));
    const answer = await ask(front.port, get('/').replace('GET', method));
    expect(answer).toMatch(head);
    expect(answer).toMatch(/\r\ngrpc-status: 12\r\n\r\n$/);
  });

  test('variables of a response', async () => {
    const { port } = await peer((stream) => reply(stream, 'x'));
    const shown = 'add_header X-Seen "$grpc_internal_trailers|$upstream_status|$upstream_http_content_type";';
    const front = await gateway(conf(port, `${shown} add_trailer X-Status $upstream_trailer_grpc_status;`));
    const answer = await ask(front.port, get('/', 'TE: trailers\r\n'));
    expect(answer).toContain('X-Seen: trailers|200|application/grpc\r\n');
    expect(answer).toContain('0\r\ngrpc-status: 0\r\ngrpc-message: fine\r\nX-Status: 0\r\n\r\n');
    expect(await ask(front.port, get('/'))).toContain('X-Seen: |200|application/grpc\r\n');
  });

  test('early hints', async () => {
    const { port } = await peer((stream) => {
      stream.additionalHeaders({ ':status': 103, link: '</a>' });
      reply(stream, 'x');
    });
    const front = await gateway(conf(port, 'early_hints 1;'));
    expect(await ask(front.port, get('/'))).toMatch(
      /^HTTP\/1\.1 103 Early Hints\r\nlink: <\/a>\r\n\r\nHTTP\/1\.1 200/,
    );
  });

  test('errors may be intercepted, X-Accel-Redirect obeyed or not', async () => {
    const { port } = await peer((stream, { ':path': path }) => {
      if (path === '/redirect') reply(stream, 'x', { 'x-accel-redirect': '/other' });
      else {
        stream.respond({ ':status': 404 });
        stream.end('page');
      }
    });
    const other = 'location /other { return 200 "other"; }';
    const own = await gateway(conf(port, 'grpc_intercept_errors on; error_page 404 =200 /other;', other));
    expect(await ask(own.port, get('/'))).toMatch(/200 OK.*other$/s);
    expect(await ask(own.port, get('/redirect'))).toMatch(/other$/);
    const plain = await gateway(conf(port, 'grpc_ignore_headers X-Accel-Redirect;', other));
    expect(await ask(plain.port, get('/'))).toMatch(/404 Not Found.*page/s);
    expect(await ask(plain.port, get('/redirect'))).toContain('x\r\n0\r\n');
  });

  test('what comes with a fault is lost', async () => {
    const bytes = frame(1, 4, 1, OK_HEADERS) + frame(0, 0, 1, 'part') + frame(3, 0, 1, '\0\0\0\x02');
    const front = await gateway(conf(await rawPeer(bytes)));
    expect(await ask(front.port, get('/'))).toBe('');
    expect(front.lines[0]).toContain(
      'upstream rejected request with error 2 while reading response header from upstream',
    );
  });
});

describe('upstreams', () => {
  test.each([
    ['an address', (port: number) => `127.0.0.1:${port}`, (port: number) => `127.0.0.1:${port}`],
    [
      'a scheme in capitals',
      (port: number) => `GRPC://127.0.0.1:${port}`,
      (port: number) => `127.0.0.1:${port}`,
    ],
    ['variables', (port: number) => `$\{scheme_of}127.0.0.1:${port}`, (port: number) => `127.0.0.1:${port}`],
    ['variables that name an upstream', () => '$name', () => 'u'],
  ])('%s', async (_title, pass, authority) => {
    const { peer: made, seen } = await echoPeer();
    const front = await gateway(`upstream u { server 127.0.0.1:${made.port}; }
      map x $scheme_of { default grpc://; } map x $name { default u; }
      server { listen 80; location / { grpc_pass ${pass(made.port)}; } }`);
    expect(await ask(front.port, get('/'))).toContain('200 OK');
    expect(seen()[':authority']).toBe(authority(made.port));
  });

  test('the next one is asked, but not with a body that has begun to go', async () => {
    const bad = await peer((stream) => stream.close(7));
    const good = await peer((stream) => reply(stream, 'good'));
    const next = 'grpc_next_upstream invalid_header error non_idempotent;';
    const front = await gateway(
      `upstream u { server 127.0.0.1:${bad.port} max_fails=0; server 127.0.0.1:${good.port} backup; }
       server { listen 80; location / { grpc_pass u; ${next} } }`,
    );
    expect(await ask(front.port, get('/'))).toContain('good');
    expect(front.lines[0]).toContain('upstream rejected request with error 7 while reading response header');
    expect(front.lines[0]).toMatch(/upstream: "grpc:\/\/127\.0\.0\.1:\d+", host/);
    const client = new TestClient(front.port);
    client.socket.write('POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 9\r\n\r\nabc');
    expect(await client.end()).toMatch(/^HTTP\/1\.1 502 /);
  });

  test('connections are kept, with an end for each stream', async () => {
    const made = await peer((stream) => reply(stream, String(stream.id)));
    const front = await gateway(conf(made.port));
    for (const id of [1, 3, 5]) expect(await ask(front.port, get('/'))).toContain(`1\r\n${id}\r\n`);
    expect(made.sessions).toBe(1);
  });

  test('timeouts', async () => {
    const { port } = await peer((stream, { ':path': path }) => {
      if (path === '/begun') {
        stream.respond({ ':status': 200 });
        stream.write('part');
      }
    });
    const front = await gateway(conf(port, 'grpc_read_timeout 50ms;'));
    expect(await ask(front.port, get('/'))).toContain('504 Gateway Time-out');
    expect(await ask(front.port, get('/begun'))).toMatch(/4\r\npart\r\n$/);
    expect(front.lines[0]).toContain('timed out (110: Connection timed out) while reading response header');
    expect(front.lines[1]).toContain('timed out (110: Connection timed out) while reading upstream');
  });

  test('a peer that opens no window is waited for as long as grpc_send_timeout', async () => {
    const { port } = await peer(() => {}, { settings: { initialWindowSize: 0 } });
    const front = await gateway(conf(port, 'grpc_send_timeout 50ms;'));
    expect(await ask(front.port, post('x'.repeat(70_000)))).toContain('504 Gateway Time-out');
    expect(front.lines[0]).toContain(
      'timed out (110: Connection timed out) while sending request to upstream',
    );
  });

  test('a client that sends slowly does not keep a peer that says nothing', async () => {
    const { port } = await peer((stream) => stream.respond({ ':status': 200 }));
    const front = await gateway(conf(port, 'grpc_read_timeout 200ms;'));
    const client = new TestClient(front.port);
    client.socket.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
    await client.until('\r\n\r\n');
    const sending = setInterval(() => client.socket.write('1\r\nx\r\n'), 20);
    await client.end();
    clearInterval(sending);
    expect(front.lines[0]).toContain('timed out (110: Connection timed out) while reading upstream');
  });
});

describe('over TLS', () => {
  let certificates: Certificates;
  beforeAll(() => {
    certificates = new Certificates().sign('good', 'good.test');
  });
  afterAll(() => certificates.remove());

  test.each(['', '$empty'])('grpcs:// %s', async (variable) => {
    const options = { cert: certificates.text('good.crt'), key: certificates.text('good.key') };
    const { port } = await securePeer(
      (stream, headers) => reply(stream, `${headers[':scheme']} ${headers[':authority']}`),
      options,
    );
    const front = await gateway(
      `map x $empty { default ""; }
       server { listen 80; location / { grpc_pass grpcs://127.0.0.1:${port}${variable}; } }`,
    );
    expect(await ask(front.port, get('/'))).toContain(`https 127.0.0.1:${port}`);
    expect(front.lines).toEqual([]);
  });

  test('of which a certificate may be wanted', async () => {
    const options = { cert: certificates.text('good.crt'), key: certificates.text('good.key') };
    const { port } = await securePeer((stream) => reply(stream, 'secret'), options);
    const pass = (name: string): string =>
      `server { listen 80; location / { grpc_pass grpcs://127.0.0.1:${port};
         grpc_ssl_verify on; grpc_ssl_name ${name}; grpc_ssl_trusted_certificate ca.crt; } }`;
    const data = { 'ca.crt': certificates.text('root.crt') };
    const good = await gateway(pass('good.test'), data);
    expect(await ask(good.port, get('/'))).toContain('secret');
    const bad = await gateway(pass('bad.test'), data);
    expect(await ask(bad.port, get('/'))).toContain('502 Bad Gateway');
    expect(bad.lines[0]).toContain('upstream SSL certificate does not match "bad.test"');
  });
});
