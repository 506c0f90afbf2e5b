// What happens when upstreams fail: killed, hung, sending garbage, or too much, or too little.

import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { ask, closeAll, deadPort, eventually, gateway, get, peer, TestClient } from './testing.ts';

afterEach(closeAll);

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const LOST = 'upstream prematurely closed connection while reading';

function conf(port: number, settings = ''): string {
  return `server { listen 80; server_tokens off; location / { proxy_pass http://127.0.0.1:${port}; ${settings} } }`;
}

function statusOf(answer: string): string {
  return answer.slice(9, 12);
}

describe('a fault of the only peer', () => {
  test.each([
    ['closes at once', '', '502', `[error] *1 ${LOST} response header from upstream`],
    ['half a head', 'HTTP/1.1 200 OK\r\nA: b', '502', `[error] *1 ${LOST} response header from upstream`],
    [
      'a bad header',
      'HTTP/1.1 200 OK\r\nA b\r\n\r\n',
      '502',
      '[error] *1 upstream sent invalid header: "A\\x20..."',
    ],
    [
      'a NUL',
      'HTTP/1.1 200 OK\r\nA: \0\r\n\r\n',
      '502',
      '[error] *1 upstream sent invalid header: "A: \\x00..."',
    ],
    [
      'two lengths',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      '502',
      'upstream sent duplicate header line: "Content-Length: 2", previous value: "Content-Length: 1" while',
    ],
    [
      'length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      '502',
      'upstream sent "Content-Length" and "Transfer-Encoding" headers at the same time while',
    ],
    [
      'a bad length',
      'HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n',
      '502',
      'invalid "Content-Length" header: "Content-Length: 1x"',
    ],
    [
      'gzip, chunked',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n',
      '502',
      'unknown "Transfer-Encoding": "gzip"',
    ],
    [
      'a large head',
      `HTTP/1.1 200 OK\r\nA: ${'a'.repeat(5000)}\r\n\r\n`,
      '502',
      '[error] *1 upstream sent too big header while',
    ],
    ['no HTTP', 'garbage', 'age', '[error] *1 upstream sent no valid HTTP/1.0 header while reading'],
    [
      'too few bytes',
      'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n12345',
      '200',
      `[error] *1 ${LOST} upstream`,
    ],
    [
      'too many bytes',
      `${OK}!`,
      '200',
      '[warn] *1 upstream sent more data than specified in "Content-Length" header',
    ],
    [
      'half a chunk',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc',
      '200',
      `[error] *1 ${LOST} upstream`,
    ],
    [
      'no chunk',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz',
      '',
      'upstream sent invalid chunked response',
    ],
  ])('%s', async (_name, sent, status, line) => {
    const { port } = await peer((socket) => socket.end(sent, 'latin1'));
    const server = await gateway(conf(port));
    const answer = await ask(server.port, get('/'));
    expect(status === 'age' ? answer.slice(4) : statusOf(answer)).toBe(status);
    expect(server.lines.join('\n')).toContain(line);
  });

  test('no HTTP, which its second piece shows', async () => {
    const { port } = await peer((socket) => {
      socket.write('HT');
      setTimeout(() => socket.end('tp is not what this is'), 50);
    });
    const server = await gateway(conf(port));
    expect(await ask(server.port, get('/'))).toBe('HTtp is not what this is');
  });

  test('a reset', async () => {
    const { port } = await peer((socket) => socket.resetAndDestroy());
    const server = await gateway(conf(port));
    expect(statusOf(await ask(server.port, get('/')))).toBe('502');
    const line = 'recv() failed (104: Connection reset by peer) while reading response header from upstream';
    expect(server.lines.join('\n')).toContain(line);
  });

  test('nobody listens', async () => {
    const server = await gateway(conf(await deadPort()));
    expect(statusOf(await ask(server.port, get('/')))).toBe('502');
    expect(server.lines.join('\n')).toContain(
      'connect() failed (111: Connection refused) while connecting to upstream, client: 127.0.0.1',
    );
  });

  test('a unix socket that is not there', async () => {
    const server = await gateway('server { listen 80; location / { proxy_pass http://unix:/no/such:/; } }');
    expect(statusOf(await ask(server.port, get('/')))).toBe('502');
    expect(server.lines.join('\n')).toContain(
      '[crit] *1 connect() to unix:/no/such failed (2: No such file or directory) while connecting to upstream',
    );
  });

  test('no answer', async () => {
    const { port } = await peer(() => {});
    const server = await gateway(conf(port, 'proxy_read_timeout 50ms;'));
    expect(statusOf(await ask(server.port, get('/')))).toBe('504');
    expect(server.lines.join('\n')).toContain(
      'upstream timed out (110: Connection timed out) while reading response header from upstream',
    );
  });

  test('half an answer, then nothing', async () => {
    const { port } = await peer((socket) =>
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n12345'),
    );
    const server = await gateway(conf(port, 'proxy_read_timeout 50ms;'));
    expect(await ask(server.port, get('/'))).toMatch(/^HTTP\/1.1 200 OK.*\r\n\r\n12345$/s);
    expect(server.lines.join('\n')).toContain(
      'upstream timed out (110: Connection timed out) while reading upstream',
    );
  });
});

test('an answer in pieces of any size is the same answer', async () => {
  const answers = [
    `HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 5\r\n\r\nhello`,
    `HTTP/1.1 404 Nope\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n`,
    `HTTP/1.0 200 OK\n\nhello`,
    `HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`,
  ];
  for (const answer of answers) {
    const results = new Set<string>();
    for (const size of [answer.length, 1, 2, 3, 7, 20]) {
      const { port } = await peer((socket) => void writeInPieces(socket, answer, size));
      const server = await gateway(conf(port));
      results.add(unchunked(await ask(server.port, get('/'))));
      expect(server.lines.filter((line) => line.startsWith('[error]'))).toEqual([]);
    }
    expect([...results]).toHaveLength(1);
  }
});

test('trailers', async () => {
  const body = '2\r\nok\r\n0\r\nA: b\r\nServer: x\r\nC:d\r\n\r\n';
  for (const size of [1000, 1]) {
    const answer = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body}`;
    const { port } = await peer((socket) => void writeInPieces(socket, answer, size));
    const server = await gateway(conf(port, 'proxy_pass_trailers on; add_header X $upstream_trailer_c;'));
    expect(await ask(server.port, get('/'))).toMatch(/\r\n0\r\nA: b\r\nC: d\r\n\r\n$/);
    const without = await gateway(conf(port));
    expect(await ask(without.port, get('/'))).toMatch(/\r\n0\r\n\r\n$/);
  }
});

async function writeInPieces(socket: import('node:net').Socket, text: string, size: number): Promise<void> {
  socket.setNoDelay(true);
  for (let i = 0; i < text.length; i += size) {
    await new Promise((resolve) => socket.write(text.slice(i, i + size), 'latin1', resolve));
    await new Promise((resolve) => setImmediate(resolve));
  }
  socket.end();
}

/** How a body was cut into chunks says nothing. */
function unchunked(answer: string): string {
  const [head = '', body = ''] = answer.split('\r\n\r\n', 2);
  if (!/chunked/.test(head)) return answer;
  const rest = answer.slice(head.length + 4);
  return `${head}\n${rest.replace(/[0-9a-f]+\r\n([^\r]*)\r\n/g, '$1')}${body === '' ? '' : ''}`;
}

describe('other peers', () => {
  async function three(settings = ''): Promise<{ port: number; lines: string[]; bad: () => number }> {
    const killed = await peer((socket) => socket.destroy());
    const good = await peer((socket) => socket.write(OK));
    const dead = await deadPort();
    const servers = [dead, killed.port, good.port].map((port) => `server 127.0.0.1:${port};`).join(' ');
    const { port, lines } = await gateway(
      `upstream u { ${servers} } server { listen 80; location / { proxy_pass http://u; ${settings} } }`,
    );
    return { port, lines, bad: () => killed.received.join('').split('HTTP/1.1').length - 1 };
  }

  test('are asked when one fails', async () => {
    const { port } = await three();
    for (let i = 0; i < 5; i++) expect(statusOf(await ask(port, get('/')))).toBe('200');
  });

  test('are not asked again with what may not be done twice', async () => {
    const { port, bad } = await three();
    const post = 'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx';
    const statuses: string[] = [];
    for (let i = 0; i < 3; i++) statuses.push(statusOf(await ask(port, post)));
    // One met the peer that is killed by requests: it may have done what was asked.
    expect(statuses.sort()).toEqual(['200', '200', '502']);
    expect(bad()).toBe(1);
  });

  test('are asked even then where the configuration allows it', async () => {
    const { port } = await three('proxy_next_upstream error timeout non_idempotent;');
    const post = 'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx';
    for (let i = 0; i < 3; i++) expect(statusOf(await ask(port, post))).toBe('200');
  });

  test('a kept connection that dies with the request on it is replaced', async () => {
    const one = await peer((socket, _text, n) => (n === 2 ? socket.destroy() : socket.write(OK)));
    const { port, lines } = await gateway(
      `upstream u { server 127.0.0.1:${one.port}; } server { listen 80; location / { proxy_pass http://u; } }`,
    );
    expect(statusOf(await ask(port, get('/')))).toBe('200');
    expect(statusOf(await ask(port, get('/')))).toBe('200');
    expect(one.sockets).toHaveLength(2);
    expect(lines.join('\n')).toContain(`${LOST} response header from upstream`);
  });
});

describe('the client', () => {
  test('leaves: the upstream is left too', async () => {
    const hung = await peer(() => {});
    const server = await gateway(conf(hung.port));
    const client = new TestClient(server.port);
    client.socket.write(get('/'));
    await eventually(() => hung.received.some((text) => text.endsWith('\r\n\r\n')));
    const closed = once(hung.sockets[0] as import('node:net').Socket, 'end');
    client.socket.destroy();
    await closed;
    expect(server.lines.join('\n')).toContain(
      'client prematurely closed connection, so upstream connection is closed too',
    );
  });

  describe('that reads nothing', () => {
    const total = 64 * 1024 * 1024;

    /** A peer of a large body, in which each 64 KB have a letter of their own; `written`: what it could get rid of. */
    async function largeBody(): Promise<{ port: number; written: () => number; ended: () => boolean }> {
      let written = 0;
      let ended = false;
      const { port } = await peer((socket) => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        const more = (): void => {
          while (written < total) {
            const letter = String.fromCharCode(97 + ((written >> 16) % 26));
            written += 65536;
            if (!socket.write(letter.repeat(65536))) {
              socket.once('drain', more);
              return;
            }
          }
          socket.end(() => {
            ended = true;
          });
        };
        more();
      });
      return { port, written: () => written, ended: () => ended };
    }

    async function readAll(client: TestClient): Promise<{ bytes: number; wrong: number }> {
      let bytes = 0;
      let wrong = 0;
      let body = -1;
      client.socket.removeAllListeners('data');
      client.socket.on('data', (chunk) => {
        const data = String(chunk);
        bytes += data.length;
        let at = 0;
        if (body === -1) {
          at = data.indexOf('\r\n\r\n') + 4;
          body = 0;
        }
        for (; at < data.length; at += 997, body += 997) {
          if (data.charCodeAt(at) !== 97 + ((body >> 16) % 26)) wrong++;
        }
        body -= at - data.length;
      });
      client.socket.resume();
      await client.end();
      return { bytes, wrong };
    }

    test('is waited for by the upstream, without a temporary file', async () => {
      const { port, written } = await largeBody();
      const server = await gateway(conf(port, 'proxy_max_temp_file_size 0;'));
      const client = new TestClient(server.port);
      client.socket.pause();
      client.socket.write('GET / HTTP/1.0\r\n\r\n');
      let before = -1;
      // It has stopped when nothing has been written for a while.
      while (before !== written() || written() === 0) {
        before = written();
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      expect(written()).toBeLessThan(total / 2);
      const { bytes, wrong } = await readAll(client);
      expect(bytes - total).toBeGreaterThan(0);
      expect(bytes - total).toBeLessThan(500);
      expect(wrong).toBe(0);
      expect(server.lines.join()).not.toContain('temporary file');
    });

    test('holds no upstream: the response goes to a file', async () => {
      const { port, ended } = await largeBody();
      const server = await gateway(conf(port));
      const client = new TestClient(server.port);
      client.socket.pause();
      client.socket.write('GET / HTTP/1.0\r\n\r\n');
      const before = process.memoryUsage().arrayBuffers;
      await eventually(ended);
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(total / 2);
      const warning = server.lines.filter((line) => line.includes('buffered to a temporary file'));
      expect(warning).toHaveLength(1);
      expect(warning[0]).toMatch(
        /^\[warn\] \*1 an upstream response is buffered to a temporary file \S+\/proxy_temp\/\d\/\d\d\/\d{10} while reading upstream, client: /,
      );
      const name = /file (\S+)/.exec(warning[0] as string)?.[1] as string;
      expect(existsSync(name)).toBe(false);
      const { bytes, wrong } = await readAll(client);
      expect(bytes - total).toBeGreaterThan(0);
      expect(bytes - total).toBeLessThan(500);
      expect(wrong).toBe(0);
    });

    test('gets all of it, part of it through a file that is too small', async () => {
      const { port } = await largeBody();
      const server = await gateway(conf(port, 'proxy_max_temp_file_size 1m;'));
      const client = new TestClient(server.port);
      client.socket.pause();
      client.socket.write('GET / HTTP/1.0\r\n\r\n');
      await eventually(() => server.lines.some((line) => line.includes('temporary file')));
      const { bytes, wrong } = await readAll(client);
      expect(bytes - total).toBeGreaterThan(0);
      expect(wrong).toBe(0);
    });

    test('and goes away: the upstream is let go', async () => {
      const { port } = await largeBody();
      const server = await gateway(conf(port));
      const client = new TestClient(server.port);
      client.socket.pause();
      client.socket.write('GET / HTTP/1.0\r\n\r\n');
      await eventually(() => server.lines.some((line) => line.includes('temporary file')));
      client.socket.resetAndDestroy();
      await eventually(() => server.lines.some((line) => line.includes('closed connection')));
    });
  });

  test.each(['on', 'off'])('sends a large body, proxy_request_buffering %s', async (buffering) => {
    const size = 3_000_000;
    const one = await peer((socket) => {
      const check = (): void => {
        const text = one.received[0] as string;
        if (text.length - text.indexOf('\r\n\r\n') - 4 === size) socket.write(OK);
      };
      socket.on('data', check);
      check();
    });
    const server = await gateway(
      `client_max_body_size 10m; ${conf(one.port, `proxy_request_buffering ${buffering};`)}`,
    );
    const body = 'abcdefghij'.repeat(size / 10);
    const head = `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${size}\r\n\r\n`;
    expect(statusOf(await ask(server.port, head + body))).toBe('200');
    expect(one.received[0]?.endsWith(body)).toBe(true);
  });
});

describe('an answer before the request has been read', () => {
  const answer = 'HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig';
  test.each([
    ['on', 'keeps the connection', false],
    ['off', 'keeps the connection', false],
    ['on', 'closes it', true],
    ['off', 'closes it', true],
  ])('proxy_request_buffering %s; the upstream %s', async (buffering, _what, closes) => {
    const size = 24_000_000; // more than the system takes in the upstream's place
    const one = await peer((socket) => {
      socket.pause();
      socket.write(answer);
      if (closes) socket.end();
    });
    const server = await gateway(
      `client_max_body_size 0; client_body_buffer_size 30m; upstream u { server 127.0.0.1:${one.port}; }
      server { listen 80; location / { proxy_pass http://u; proxy_request_buffering ${buffering}; } }`,
    );
    const head = `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${size}\r\n\r\n`;
    const text = await ask(server.port, head + 'x'.repeat(size));
    expect(text).toMatch(/^HTTP\/1.1 413 Too Large\r\n.*\r\n\r\nbig$/s);
    // A connection on which half a request stands is of no use for another.
    await ask(server.port, get('/'));
    expect(one.sockets).toHaveLength(2);
  });
});

describe('an upgraded connection', () => {
  const UPGRADE = get('/', 'Upgrade: x\r\n').replace('Connection: close', 'Connection: upgrade');
  const SWITCHING = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n';
  const settings = 'proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;';

  test('passes bytes both ways, and ends with either side', async () => {
    const one = await peer((socket, text) => {
      socket.write(`${SWITCHING}hello`);
      socket.on('data', (data) => socket.write(String(data).toUpperCase()));
      void text;
    });
    const server = await gateway(conf(one.port, settings));
    const client = new TestClient(server.port);
    client.socket.write(UPGRADE);
    await client.until('hello');
    client.socket.write('more');
    await client.until('MORE');
    expect(client.text).toMatch(/^HTTP\/1.1 101 Switching Protocols\r\n.*\r\n\r\nhelloMORE$/s);
    (one.sockets[0] as import('node:net').Socket).end('bye');
    expect(await client.end()).toMatch(/helloMOREbye$/);
  });

  test('is closed towards the upstream when the client has sent its last', async () => {
    const one = await peer((socket) => socket.write(SWITCHING));
    const server = await gateway(conf(one.port, settings));
    const client = new TestClient(server.port);
    client.socket.write(UPGRADE);
    await client.until('\r\n\r\n');
    const closed = once(one.sockets[0] as import('node:net').Socket, 'end');
    client.socket.end('last');
    await closed;
    expect(one.received[0]).toMatch(/\r\n\r\nlast$/);
  });

  test('is not made where the client has not asked', async () => {
    const one = await peer((socket) => socket.end(`${SWITCHING}x`));
    const server = await gateway(conf(one.port));
    expect(statusOf(await ask(server.port, get('/')))).toBe('101');
  });
});
