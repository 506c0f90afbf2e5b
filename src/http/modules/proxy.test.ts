import { afterEach, describe, expect, test } from 'vitest';
import { ask, closeAll, gateway, get, peer } from '../upstream/testing.ts';

afterEach(closeAll);

/** The first line and headers that the upstream got. */
async function sent(locations: (port: number) => string, request: string): Promise<string> {
  const one = await peer((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
  const { port } = await gateway(`server { listen 80; ${locations(one.port)} }`);
  await ask(port, request);
  return (one.received[0] ?? '').replaceAll(String(one.port), 'P');
}

describe('the uri', () => {
  // location, proxy_pass behind the port, request, what is sent
  test.each([
    ['/', '', '/a//b/../%41?x', '/a//b/../%41?x'],
    ['/', '/', '/a/b/../%41?x', '/a/A?x'],
    ['/a/', '/b/', '/a/x', '/b/x'],
    ['/a/', '/b', '/a/x', '/bx'],
    ['/a', '/b/', '/a/x', '/b//x'],
    ['/a', '/', '/ax', '/x'],
    ['/a/', '/b/', '/a/%20%25%3F%23', '/b/%20%25%3F%23'],
    ['/a/', '/b/', '/a/x+y&z', '/b/x+y&z'],
    ['= /a', '/b', '/a?q', '/b?q'],
    ['= /a', '/b?c=d', '/a?q', '/b?c=d?q'],
    ['~ ^/(a)', '', '/a/%41', '/a/%41'],
    ['~ ^/a/(.*)', '/$1', '/a/x', '/x'],
    ['/a', '$request_uri', '/a/%41?x', '/a/%41?x'],
    ['/a', '/$arg_x', '/a?x=1', '/1'],
    ['/a/', '?b', '/a/x', '?bx'],
  ])('location %s { proxy_pass http://…%s; } for %s is %s', async (location, uri, request, expected) => {
    const text = await sent(
      (port) => `location ${location} { proxy_pass http://127.0.0.1:${port}${uri}; }`,
      get(request),
    );
    expect(text.split(' ')[1]).toBe(expected);
  });

  test('after rewrite … break the new one is sent, and nothing replaced', async () => {
    const text = await sent(
      (port) => `location /a/ { rewrite ^/a/(.*) /n/$1 break; proxy_pass http://127.0.0.1:${port}/b/; }`,
      get('/a/%20x?q'),
    );
    expect(text.split(' ')[1]).toBe('/n/%20x?q');
  });

  test('an if block passes to where its location does', async () => {
    const text = await sent(
      (port) => `location /a/ { proxy_pass http://127.0.0.1:${port}/b/; if ($arg_x) { set $y 1; } }`,
      get('/a/c?x=1'),
    );
    expect(text.split(' ')[1]).toBe('/b/c?x=1');
  });

  const NO_URI =
    '"proxy_pass" cannot have URI part in location given by regular expression, or inside named location, or inside ' +
    '"if" statement, or inside "limit_except" block';
  test.each([
    ['location ~ a { proxy_pass http://127.0.0.1/; }', NO_URI],
    ['location @a { proxy_pass http://127.0.0.1/; }', NO_URI],
    ['location / { if ($a) { proxy_pass http://127.0.0.1/b; } }', NO_URI],
    ['location / { limit_except GET { proxy_pass http://127.0.0.1/b; } }', NO_URI],
    ['location / { proxy_pass ftp://127.0.0.1; }', 'invalid URL prefix'],
    ['location / { proxy_pass ftp://127.0.0.1; }', 'invalid URL prefix'],
    ['location / { proxy_pass http://127.0.0.1:99999; }', 'invalid port in upstream "127.0.0.1:99999"'],
    ['location / { proxy_pass http://; }', 'no host in upstream ""'],
    ['location / { proxy_pass http://a; proxy_pass http://b; }', '"proxy_pass" directive is duplicate'],
    [
      'location / { proxy_redirect default; proxy_pass http://127.0.0.1; }',
      '"proxy_redirect default" should be placed after the "proxy_pass" directive',
    ],
    ['location / { proxy_buffers 1 4k; }', 'there must be at least 2 "proxy_buffers"'],
  ])('%s is refused', async (location, message) => {
    await expect(gateway(`server { listen 80; set $a 1; ${location} }`)).rejects.toThrow(message);
  });
});

describe('what is sent', () => {
  test.each([
    [
      '',
      'GET / HTTP/1.1\r\nHost: c\r\nAccept: x\r\nConnection: close\r\nTE: y\r\nKeep-Alive: 1\r\nX_y: 1\r\nX-Y: 2\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: 127.0.0.1:P\r\nAccept: x\r\nX-Y: 2\r\n\r\n',
    ],
    [
      'proxy_http_version 1.0; proxy_set_header Host $host; proxy_set_header X-A "a b"; proxy_set_header Accept "";',
      'GET / HTTP/1.1\r\nHost: c\r\nAccept: x\r\nConnection: close\r\n\r\n',
      'GET / HTTP/1.0\r\nHost: c\r\nX-A: a b\r\n\r\n',
    ],
    [
      'proxy_method PUT; proxy_set_body "<$uri>"; proxy_pass_request_headers off;',
      'POST /u HTTP/1.1\r\nHost: c\r\nConnection: close\r\nContent-Length: 3\r\nA: b\r\n\r\nxyz',
      'PUT /u HTTP/1.1\r\nHost: 127.0.0.1:P\r\nContent-Length: 4\r\n\r\n</u>',
    ],
    [
      '',
      'POST / HTTP/1.1\r\nHost: c\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nxyz\r\n0\r\n\r\n',
      'POST / HTTP/1.1\r\nHost: 127.0.0.1:P\r\nContent-Length: 3\r\n\r\nxyz',
    ],
    [
      'proxy_set_header X-F $proxy_add_x_forwarded_for; proxy_set_header X-P $proxy_host,$proxy_port;',
      'GET / HTTP/1.1\r\nHost: c\r\nConnection: close\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: 127.0.0.1:P\r\nX-F: 1.2.3.4, 127.0.0.1\r\nX-P: 127.0.0.1:P,P\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n',
    ],
  ])('%s', async (settings, request, expected) => {
    const text = await sent(
      (port) => `location / { proxy_pass http://127.0.0.1:${port}; ${settings} }`,
      request,
    );
    expect(text).toBe(expected);
  });
});
