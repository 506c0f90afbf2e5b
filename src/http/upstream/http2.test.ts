import type { IncomingHttpHeaders } from 'node:http2';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ask, closeAll, gateway, get } from './testing.ts';
import { bodyOf, frame, OK_HEADERS, peer, post, rawPeer, securePeer } from './testing_http2.ts';
import { Certificates } from './testing_ssl.ts';

afterEach(closeAll);

function conf(port: number, directives = ''): string {
  return `upstream u { server 127.0.0.1:${port}; }
    server { listen 80; location / { proxy_pass http://u; proxy_http_version 2; ${directives} } }`;
}

describe('requests', () => {
  test('their headers', async () => {
    let seen: IncomingHttpHeaders = {};
    const { port } = await peer((stream, headers) => {
      seen = Object.fromEntries(Object.entries(headers));
      stream.respond({ ':status': 200 });
      stream.end('ok');
    });
    const front = await gateway(conf(port, 'proxy_set_header X-Own "$uri"; proxy_set_header Host front;'));
    const answer = await ask(
      front.port,
      get('/a?b', 'X-Client: 1\r\nKeep-Alive: 1\r\nUpgrade: x\r\nTE: trailers\r\n'),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n.*\r\n\r\n2\r\nok\r\n0\r\n\r\n$/s);
    expect(seen).toEqual({
      ':method': 'GET',
      ':scheme': 'http',
      ':path': '/a?b',
      ':authority': 'front',
      'x-own': '/a',
      'x-client': '1',
    });
  });

  test('a body that is larger than the windows', async () => {
    const body = 'x'.repeat(700_000);
    const { port } = await peer(async (stream) => {
      const got = await bodyOf(stream);
      stream.respond({ ':status': 200 });
      stream.end(String(got === body));
    });
    for (const directives of [
      'client_max_body_size 1m;',
      'client_max_body_size 1m; proxy_request_buffering off;',
    ]) {
      const front = await gateway(conf(port, directives));
      expect(await ask(front.port, post(body))).toContain('true');
    }
  });

  test('a body in a file, to a peer whose windows are larger than it', async () => {
    const body = 'x'.repeat(2_000_000);
    const { port } = await peer(
      async (stream) => {
        const got = await bodyOf(stream);
        stream.respond({ ':status': 200 });
        stream.end(String(got === body));
      },
      { settings: { initialWindowSize: 10_000_000 } },
      10_000_000,
    );
    const front = await gateway(conf(port, 'client_max_body_size 2m; client_body_in_file_only clean;'));
    // The peer's windows are known from the first response on.
    expect(await ask(front.port, post(''))).toContain('false');
    expect(await ask(front.port, post(body))).toContain('true');
  });

  test('a body in chunks that is here at once has a length', async () => {
    const { port } = await peer(async (stream, headers) => {
      stream.respond({ ':status': 200 });
      stream.end(`${headers['content-length']} ${await bodyOf(stream)}`);
    });
    const front = await gateway(conf(port, 'proxy_request_buffering off;'));
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n';
    expect(await ask(front.port, `${head}3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`)).toContain('5 abcde');
  });

  test('proxy_set_body, proxy_method, proxy_pass_request_headers', async () => {
    const { port } = await peer(async (stream, headers) => {
      stream.respond({ ':status': 200 });
      stream.end(`${headers[':method']} ${headers['content-length']} ${headers.x} ${await bodyOf(stream)}`);
    });
    const front = await gateway(
      conf(port, 'proxy_set_body "own $uri"; proxy_method PATCH; proxy_pass_request_headers off;'),
    );
    expect(await ask(front.port, get('/a', 'X: 1\r\n'))).toContain('PATCH 6 undefined own /a');
  });
});

describe('responses', () => {
  test('large ones', async () => {
    const body = 'y'.repeat(3_000_000);
    const { port } = await peer((stream) => {
      stream.respond({ ':status': 200, 'content-length': String(body.length) });
      stream.end(body);
    });
    const front = await gateway(conf(port));
    const answer = await ask(front.port, get('/'));
    expect(answer.endsWith(`\r\n\r\n${body}`)).toBe(true);
    expect(front.lines).toEqual([]);
  });

  test('without a body', async () => {
    const { port } = await peer((stream, headers) => {
      const empty = headers[':path'] === '/204';
      stream.respond(
        { ':status': empty ? 204 : 200, 'content-length': empty ? undefined : '9' },
        { endStream: true },
      );
    });
    const front = await gateway(conf(port));
    expect(await ask(front.port, get('/204'))).toMatch(/^HTTP\/1\.1 204 No Content/);
    expect(await ask(front.port, get('/').replace('GET', 'HEAD'))).toMatch(
      /Content-Length: 9\r\n.*\r\n\r\n$/s,
    );
  });

  test('trailers, where they are passed', async () => {
    const { port } = await peer((stream) => {
      stream.respond({ ':status': 200 }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-end': 'z' }));
      stream.end('ok');
    });
    const front = await gateway(
      conf(port, 'proxy_pass_trailers on; add_header X-Seen "$upstream_http_none";'),
    );
    expect(await ask(front.port, get('/'))).toContain('\r\n\r\n2\r\nok\r\n0\r\nx-end: z\r\n\r\n');
  });

  test('early hints go before', async () => {
    const { port } = await peer((stream) => {
      stream.additionalHeaders({ ':status': 103, link: '</a.css>' });
      stream.respond({ ':status': 200 });
      stream.end('ok');
    });
    const front = await gateway(conf(port, 'early_hints 1;'));
    expect(await ask(front.port, get('/'))).toMatch(
      /^HTTP\/1\.1 103 Early Hints\r\nlink: <\/a\.css>\r\n\r\nHTTP\/1\.1 200 OK/,
    );
  });
});

describe('connections', () => {
  test('are kept, and a stream follows the other', async () => {
    const made = await peer((stream) => {
      stream.respond({ ':status': 200 });
      stream.end(String(stream.id));
    });
    const front = await gateway(conf(made.port));
    const answers: string[] = [];
    for (let i = 0; i < 3; i++) answers.push((await ask(front.port, get('/'))).replace(/^.*?\r\n\r\n/s, ''));
    expect(answers).toEqual(['1\r\n1\r\n0\r\n\r\n', '1\r\n3\r\n0\r\n\r\n', '1\r\n5\r\n0\r\n\r\n']);
    expect(made.sessions).toBe(1);
  });

  test('are not after a goaway', async () => {
    const made = await peer((stream) => {
      stream.session?.goaway(0, stream.id);
      stream.respond({ ':status': 200 });
      stream.end('ok');
    });
    const front = await gateway(conf(made.port));
    await ask(front.port, get('/'));
    expect(await ask(front.port, get('/'))).toContain('200 OK');
    expect(made.sessions).toBe(2);
  });

  test('a request that is rejected goes to the next peer', async () => {
    const bad = await peer((stream) => stream.close(7));
    const good = await peer((stream) => {
      stream.respond({ ':status': 200 });
      stream.end('good');
    });
    const front = await gateway(
      `upstream u { server 127.0.0.1:${bad.port}; server 127.0.0.1:${good.port}; }
       server { listen 80; location / { proxy_pass http://u; proxy_http_version 2; proxy_next_upstream invalid_header; } }`,
    );
    expect(await ask(front.port, get('/'))).toContain('good');
    expect(front.lines[0]).toContain(
      '[error] *1 upstream rejected request with error 7 while reading response header',
    );
  });
});

describe('over TLS', () => {
  let certificates: Certificates;
  beforeAll(() => {
    certificates = new Certificates().sign('good', 'good.test');
  });
  afterAll(() => certificates.remove());

  test('h2 is negotiated', async () => {
    const options = { cert: certificates.text('good.crt'), key: certificates.text('good.key') };
    const { port } = await securePeer((stream, headers) => {
      stream.respond({ ':status': 200 });
      stream.end(`${headers[':scheme']}`);
    }, options);
    const front = await gateway(
      `server { listen 80; location / { proxy_pass https://127.0.0.1:${port}; proxy_http_version 2; } }`,
    );
    expect(await ask(front.port, get('/'))).toContain('https');
    expect(front.lines).toEqual([]);
  });
});

describe('frames that no peer may send', () => {
  test.each([
    ['too large', '\0\x40\x01\0\0\0\0\0\x01', 'upstream sent too large http2 frame: 16385'],
    ['data first', frame(0, 0, 1, 'x'), 'upstream sent unexpected http2 frame: 0'],
    ['a continuation of nothing', frame(9, 4, 1, ''), 'upstream sent unexpected http2 frame: 9'],
    ['another stream', frame(1, 4, 3, OK_HEADERS), 'upstream sent frame for unknown stream 3'],
    ['no status', frame(1, 4, 1, '\x90'), 'upstream sent no :status header'],
    ['two', frame(1, 4, 1, '\x88\x88'), 'upstream sent duplicate :status header'],
    ['a bad one', frame(1, 4, 1, '\x08\x0220'), 'upstream sent invalid :status "20"'],
    ['an early one', frame(1, 4, 1, '\x08\x03100'), 'upstream sent unexpected :status "100"'],
    ['a request header', frame(1, 4, 1, '\x88\x82'), 'upstream sent invalid header ":method: GET"'],
    ['capitals', frame(1, 4, 1, '\x88\0\x01A\x01b'), 'upstream sent invalid header: "A: b"'],
    ['a push', frame(5, 4, 1, '\0\0\0\x02'), 'upstream sent unexpected push promise frame'],
    ['goaway', frame(7, 0, 0, '\0\0\0\0\0\0\0\x02'), 'upstream sent goaway with error 2'],
    ['a short goaway', frame(7, 0, 0, '\0'), 'upstream sent goaway frame with invalid length: 1'],
    ['a short reset', frame(3, 0, 1, '\0'), 'upstream sent rst stream frame with invalid length: 1'],
    ['a short ping', frame(6, 0, 0, '\0'), 'upstream sent ping frame with invalid length: 1'],
    ['settings of a stream', frame(4, 0, 1, ''), 'upstream sent settings frame with non-zero stream id: 1'],
    ['odd settings', frame(4, 0, 0, '\0'), 'upstream sent settings frame with invalid length: 1'],
    [
      'a window too large',
      frame(4, 0, 0, '\0\x04\xff\0\0\0'),
      'with too large initial window size: 4278190080',
    ],
    ['a window of none', frame(8, 0, 0, '\0\0\0\0'), 'upstream sent zero window update'],
    ['a window beyond all', frame(8, 0, 0, '\x7f\xff\xff\xff'), 'upstream sent too large window update'],
    [
      'too much padding',
      frame(1, 12, 1, '\x05\x88'),
      'upstream sent http2 frame with too long padding: 5 in frame 1',
    ],
    [
      'a head beyond all',
      frame(1, 4, 1, `${OK_HEADERS}${'\0\x01a\x01b'.repeat(1000)}`),
      'upstream sent too big header',
    ],
    ['nothing', '', 'upstream prematurely closed connection'],
  ])('%s', async (_title, bytes, line) => {
    const front = await gateway(conf(await rawPeer(bytes)));
    expect(await ask(front.port, get('/'))).toContain('502 Bad Gateway');
    expect(front.lines.join('\n')).toContain(`${line} while reading response header from upstream`);
  });

  test.each([
    [
      'more than was promised',
      frame(1, 4, 1, '\x88\x0f\x0d\x011') + frame(0, 1, 1, 'xx'),
      'body larger than indicated',
    ],
    [
      'less',
      frame(1, 4, 1, '\x88\x0f\x0d\x013') + frame(0, 1, 1, 'xx'),
      'upstream prematurely closed stream',
    ],
    ['cut off', frame(1, 4, 1, OK_HEADERS) + frame(0, 0, 1, 'xx'), 'upstream prematurely closed connection'],
    [
      'reset',
      frame(1, 4, 1, OK_HEADERS) + frame(3, 0, 1, '\0\0\0\x02'),
      'upstream rejected request with error 2',
    ],
    [
      'after the end',
      frame(1, 4, 1, OK_HEADERS) + frame(0, 1, 1, 'x') + frame(0, 1, 1, 'y'),
      'for closed stream 1',
    ],
    [
      'an open trailer',
      frame(1, 4, 1, OK_HEADERS) + frame(1, 4, 1, ''),
      'upstream sent trailer without end stream',
    ],
    ['a bad trailer', frame(1, 4, 1, OK_HEADERS) + frame(1, 5, 1, '\0\x01A\x01b'), 'invalid trailer'],
    ['pings', frame(1, 4, 1, OK_HEADERS) + frame(6, 0, 0, '12345678').repeat(1500), 'too many ping frames'],
    ['settings', frame(1, 4, 1, OK_HEADERS) + frame(4, 0, 0, '').repeat(1500), 'too many settings frames'],
  ])('in the body: %s', async (_title, bytes, line) => {
    const front = await gateway(conf(await rawPeer(bytes)));
    const answer = await ask(front.port, get('/'));
    expect(answer).not.toMatch(/0\r\n\r\n$/);
    expect(front.lines.join('\n')).toContain(line);
  });

  test('padding, priorities and frames that nobody knows are passed over', async () => {
    const bytes =
      frame(4, 0, 0, '') +
      frame(0x99, 0, 0, 'what') +
      frame(1, 8 | 32 | 4, 1, `\x02\0\0\0\0\x10${OK_HEADERS}\0\0`) +
      frame(6, 0, 0, '12345678') +
      frame(0, 8, 1, '\x03ab\0\0\0') +
      frame(2, 0, 1, '\0\0\0\0\x10') +
      frame(0, 8 | 1, 1, '\x01c\0');
    const front = await gateway(conf(await rawPeer(bytes)));
    expect(await ask(front.port, get('/'))).toMatch(/\r\n\r\n3\r\nabc\r\n0\r\n\r\n$/);
    expect(front.lines).toEqual([]);
  });
});

test('a response in many pieces is the same response', async () => {
  const bytes =
    frame(4, 0, 0, '') +
    frame(1, 8, 1, '\x02\x88\0\0') +
    frame(9, 4, 1, '\0\x01a\x01b') +
    frame(0, 8, 1, '\x01ok\0') +
    frame(1, 1, 1, '\0\x05x-') +
    frame(9, 4, 1, 'end\x01z');
  const port = await rawPeer(bytes, 1);
  const front = await gateway(conf(port, 'proxy_pass_trailers on;'));
  expect(await ask(front.port, get('/'))).toMatch(
    /\r\na: b\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\nx-end: z\r\n\r\n$/,
  );
  expect(front.lines).toEqual([]);
});
