import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { finalize } from '../engine.ts';
import { output, sendHeader, sendText } from '../output.ts';
import { AGAIN, DONE, ERROR, OK, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import { type TestHandler, type TestServer, testClient, testServer, withoutDate } from './testing.ts';

let held: HttpRequest[] = [];
/** What the last piece given to the sink answered. */
let answered: Rc = OK;

const handlers: Readonly<Record<string, TestHandler>> = {
  hold(r) {
    held.push(r);
    return AGAIN;
  },
  begin(r) {
    r.headersOut.status = 200;
    sendHeader(r);
    held.push(r);
    answered = output(r, 'begun', false);
    return DONE;
  },
  large(r) {
    r.headersOut.status = 200;
    r.headersOut.contentLength = 300_000;
    sendHeader(r);
    answered = output(r, Buffer.alloc(300_000, 'x'), true);
    return OK;
  },
  fail: () => ERROR,
  throw() {
    throw new Error('a fault');
  },
  abort(r) {
    r.onAbort = () => finalize(r, 499);
    return AGAIN;
  },
};

const CONF = `
  client_header_timeout 10s; client_body_timeout 11s; send_timeout 12s; keepalive_timeout 13s;
  lingering_timeout 14s; lingering_time 30s; keepalive_requests 10000;
  server { listen 80;
    location / { return 200 "$uri"; }
    location /hold { test_handler hold; }
    location /begin { test_handler begin; postpone_output 0; }
    location /large { test_handler large; }
    location /rate { test_handler large; limit_rate 100k; }
    location /fail { test_handler fail; }
    location /throw { test_handler throw; }
    location /abort { test_handler abort; }
    location /444 { return 444; }
    location /reset { return 444; reset_timedout_connection on; }
    location /once { return 200 "once"; keepalive_requests 1; }
    location /none { return 200 "none"; keepalive_timeout 0; }
    location /header { return 200 "header"; keepalive_timeout 13s 5; }
    location /min { return 200 "min"; keepalive_min_timeout 4s; }
    location /always { return 200 "always"; lingering_close always; }
    location /off { return 200 "off"; lingering_close off; }
  }`;

const get = (uri: string, headers = ''): string => `GET ${uri} HTTP/1.1\r\nHost: a\r\n${headers}\r\n`;
const post = (uri: string, body: string, headers = ''): string =>
  `POST ${uri} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n${headers}\r\n${body}`;

let server: TestServer;

// One clock for all: the timers of one test may still be set in the next.
beforeAll(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
});

afterAll(() => {
  vi.useRealTimers();
});

beforeEach(() => {
  held = [];
  server = testServer(CONF, handlers);
});

/** The bodies that were answered. */
function bodies(sent: string): string[] {
  return [...sent.matchAll(/\r\n\r\n([^H]*)/g)].map((match) => match[1] as string);
}

describe('requests in a row', () => {
  test('are answered in one write where they came in one', () => {
    const { socket, send } = testClient(server);
    send(get('/1') + get('/2') + get('/3'));
    expect(bodies(socket.sent)).toEqual(['/1', '/2', '/3']);
    expect(socket.writes).toBe(1);
    expect(server.logged.length).toBe(3);
  });

  test('wait for the one before them', () => {
    const { socket, send } = testClient(server);
    send(get('/1') + get('/hold') + get('/3'));
    expect(bodies(socket.sent)).toEqual(['/1']);
    send(get('/4'));
    expect(bodies(socket.sent)).toEqual(['/1']);
    finalize(held[0] as HttpRequest, sendText(held[0] as HttpRequest, 200, 'held'));
    expect(bodies(socket.sent)).toEqual(['/1', 'held', '/3', '/4']);
  });

  test('are not run behind one that ends the connection', () => {
    const { socket, send } = testClient(server);
    send(get('/1') + get('/2', 'Connection: close\r\n') + get('/3'));
    expect(bodies(socket.sent)).toEqual(['/1', '/2']);
    expect(server.logged.length).toBe(2);
  });

  test('what has been answered leaves before the connection is dropped', () => {
    const { socket, send } = testClient(server);
    send(get('/1') + get('/444') + get('/3'));
    expect(bodies(socket.sent)).toEqual(['/1']);
    expect(socket.destroyed).toBe(true);
    expect(server.logged).toEqual(['GET /1 HTTP/1.1 200 2', 'GET /444 HTTP/1.1 444 0']);
  });

  test('are not read in any number while one runs', () => {
    const { socket, send } = testClient(server);
    send(get('/hold'));
    for (let i = 0; i < 5; i++) send(get('/x').repeat(500));
    expect(socket.paused).toBe(true);
    finalize(held[0] as HttpRequest, 404);
    expect(socket.paused).toBe(false);
    expect(server.logged.length).toBe(2501);
  });

  test('wait while the client does not take what it was answered', () => {
    const { socket, send } = testClient(server);
    socket.full = true;
    send(get('/large') + get('/2'));
    expect(server.logged).toEqual([]);
    socket.drain();
    expect(server.logged).toEqual(['GET /large HTTP/1.1 200 300000', 'GET /2 HTTP/1.1 200 2']);
    expect(socket.sent.endsWith('/2')).toBe(true);
  });
});

describe('a kept connection', () => {
  test.each([
    [get('/'), 'keep-alive'],
    [get('/', 'Connection: close\r\n'), 'close'],
    [get('/', 'Connection: TE, Close\r\n'), 'close'],
    ['GET / HTTP/1.0\r\n\r\n', 'close'],
    ['GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n', 'keep-alive'],
    ['GET / HTTP/1.0\r\nConnection: foo,keep-alive\r\n\r\n', 'keep-alive'],
    [get('/once'), 'close'],
    [get('/none'), 'close'],
    [get('/', 'X: a\0\r\n'), 'close'],
  ])('%j: %s', (text, expected) => {
    const { socket, send } = testClient(server);
    send(text);
    expect(/Connection: (.*)\r\n/.exec(socket.sent)?.[1]).toBe(expected);
    expect(socket.ended).toBe(expected === 'close');
  });

  test('may be told for how long', () => {
    const { socket, send } = testClient(server);
    send(get('/header'));
    expect(socket.sent).toContain('Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n');
  });

  test('is closed after keepalive_timeout', () => {
    const { socket, send } = testClient(server);
    send(get('/'));
    vi.advanceTimersByTime(12_900);
    send(get('/'));
    vi.advanceTimersByTime(12_900);
    expect(socket.destroyed).toBe(false);
    vi.advanceTimersByTime(200);
    expect(socket.destroyed).toBe(true);
    expect(server.lines).toEqual([]);
  });

  test('closed by its client is said to be', () => {
    const { socket, send, c } = testClient(server);
    send(get('/'));
    socket.end();
    expect(socket.destroyed).toBe(true);
    expect(server.lines).toEqual([`[info] *${c.id} client 127.0.0.1 closed keepalive connection`]);
  });

  test('is closed when the worker quits, and answers say so', () => {
    const idle = testClient(server);
    idle.send(get('/'));
    const late = testClient(server);
    late.send(get('/'));
    const busy = testClient(server);
    busy.send(get('/hold'));
    const fresh = testClient(server);
    server.owner.quitting = true;
    for (const { c } of [idle, late, busy, fresh]) c.quit();
    vi.advanceTimersByTime(200);
    late.send(get('/')); // had been on its way
    expect(late.socket.sent).toContain('Connection: close');
    expect(idle.socket.destroyed).toBe(false);
    vi.advanceTimersByTime(100);
    expect(idle.socket.destroyed).toBe(true);
    expect(busy.socket.destroyed).toBe(false);
    expect(fresh.socket.destroyed).toBe(false);
    finalize(held[0] as HttpRequest, 404);
    expect(busy.socket.sent).toContain('Connection: close');
    expect(busy.socket.destroyed).toBe(true);
    fresh.send(get('/'));
    expect(fresh.socket.sent).toContain('Connection: close');
    expect(fresh.socket.destroyed).toBe(true);
  });

  test('is kept for keepalive_min_timeout even then', () => {
    const { socket, send, c } = testClient(server);
    send(get('/min'));
    server.owner.quitting = true;
    c.quit();
    expect(socket.destroyed).toBe(false);
    vi.advanceTimersByTime(4100);
    expect(socket.destroyed).toBe(true);
  });

  test('has its whole keepalive_timeout otherwise', () => {
    const { socket, send } = testClient(server);
    send(get('/min'));
    vi.advanceTimersByTime(12_900);
    expect(socket.destroyed).toBe(false);
    vi.advanceTimersByTime(200);
    expect(socket.destroyed).toBe(true);
  });
});

describe('a client that is too slow', () => {
  test('with its first byte', () => {
    const { socket, c } = testClient(server);
    vi.advanceTimersByTime(9900);
    expect(socket.destroyed).toBe(false);
    vi.advanceTimersByTime(200);
    expect(socket.destroyed).toBe(true);
    expect(server.lines).toEqual([
      `[info] *${c.id} client timed out (110: Connection timed out) while waiting for request, client: 127.0.0.1, server: 0.0.0.0:80`,
    ]);
    expect(server.logged).toEqual([]);
  });

  test('with its head, however many bytes come', () => {
    const { socket, send, c } = testClient(server);
    vi.advanceTimersByTime(5000);
    send('GET / HT');
    vi.advanceTimersByTime(4900);
    send('TP');
    vi.advanceTimersByTime(200);
    expect(socket.sent).toBe('');
    expect(socket.destroyed).toBe(true);
    expect(socket.wasReset).toBe(false);
    expect(server.logged).toEqual(['GET / HTTP 408 0']);
    expect(server.lines).toEqual([
      `[info] *${c.id} client timed out (110: Connection timed out) while reading client request line, client: 127.0.0.1, server: , request: "GET / HTTP"`,
    ]);
  });

  test('with the head of a later request', () => {
    const { socket, send } = testClient(server);
    send(get('/'));
    vi.advanceTimersByTime(12_000);
    send('G');
    vi.advanceTimersByTime(9900);
    expect(socket.destroyed).toBe(false);
    vi.advanceTimersByTime(200);
    expect(socket.destroyed).toBe(true);
    expect(server.logged.at(-1)).toBe('G 408 0');
  });

  test('with its body: between two pieces of it', () => {
    server = testServer(CONF, {
      ...handlers,
      hold(r) {
        r.bodyReader?.read(r, finalize);
        return DONE;
      },
    });
    const { socket, send } = testClient(server);
    send(post('/hold', 'h'));
    vi.advanceTimersByTime(10_900);
    send('e');
    vi.advanceTimersByTime(10_900);
    expect(socket.destroyed).toBe(false);
    vi.advanceTimersByTime(200);
    expect(socket.destroyed).toBe(true);
    expect(server.logged).toEqual(['POST /hold HTTP/1.1 408 0']);
  });

  test('to take the answer', () => {
    const { socket, send } = testClient(server);
    socket.full = true;
    send(get('/large'));
    vi.advanceTimersByTime(11_900);
    expect(socket.destroyed).toBe(false);
    vi.advanceTimersByTime(200);
    expect(socket.destroyed).toBe(true);
    expect(server.lines[0]).toContain('client timed out (110: Connection timed out)');
    expect(server.logged[0]).toMatch(/^GET \/large HTTP\/1.1 200 /);
  });

  test('but takes it piece by piece', () => {
    const { socket, send } = testClient(server);
    socket.full = true;
    send(get('/large'));
    for (let i = 0; i < 10 && server.logged.length === 0; i++) {
      vi.advanceTimersByTime(11_900);
      socket.drain();
      socket.full = true;
    }
    expect(server.logged).toEqual(['GET /large HTTP/1.1 200 300000']);
    expect(socket.destroyed).toBe(false);
  });
});

describe('the end of a connection', () => {
  test('waits for the client where it may still be sending', () => {
    const { socket, send } = testClient(server);
    send(`${get('/', 'X: a\0\r\n')}more`);
    expect(socket.ended).toBe(true);
    expect(socket.destroyed).toBe(false);
    vi.advanceTimersByTime(13_900);
    send('and more');
    vi.advanceTimersByTime(13_900);
    expect(socket.destroyed).toBe(false);
    vi.advanceTimersByTime(200);
    expect(socket.destroyed).toBe(true);
  });

  test('does not wait longer than lingering_time', () => {
    const { socket, send } = testClient(server);
    send(`${get('/', 'X: a\0\r\n')}more`);
    for (let i = 0; i < 5; i++) {
      vi.advanceTimersByTime(7000);
      send('more');
    }
    expect(socket.destroyed).toBe(true);
  });

  test.each([
    ['/', true],
    ['/always', false],
    ['/off', true],
  ])('%s', (uri, destroyed) => {
    const { socket, send } = testClient(server);
    send(get(uri, 'Connection: close\r\n'));
    expect(socket.ended).toBe(true);
    expect(socket.destroyed).toBe(destroyed);
    socket.end();
    expect(socket.destroyed).toBe(true);
  });

  test('the body that nobody wanted is waited for', () => {
    const { socket, send } = testClient(server);
    send(post('/', 'he'));
    expect(server.logged).toEqual([]);
    send(`llo${get('/2')}`);
    expect(bodies(socket.sent)).toEqual(['/', '/2']);
    expect(server.logged.length).toBe(2);
  });

  test('but not for ever', () => {
    const { socket, send } = testClient(server);
    send(post('/', 'he'));
    vi.advanceTimersByTime(14_100);
    expect(socket.destroyed).toBe(true);
    expect(server.logged).toEqual(['POST / HTTP/1.1 200 1']);
  });

  test('444 and a failed handler close it without an answer', () => {
    for (const uri of ['/444', '/fail']) {
      const { socket, send } = testClient(server);
      send(get(uri));
      expect(socket.sent).toBe('');
      expect(socket.destroyed).toBe(true);
      expect(socket.wasReset).toBe(false);
    }
  });

  test('reset_timedout_connection', () => {
    const { socket, send } = testClient(server);
    send(get('/reset'));
    expect(socket.wasReset).toBe(true);
  });
});

describe('a client that goes away', () => {
  test('is told to the one who wants to know', () => {
    const { socket, send } = testClient(server);
    send(get('/abort'));
    socket.end();
    expect(socket.destroyed).toBe(true);
    expect(server.logged).toEqual(['GET /abort HTTP/1.1 499 0']);
  });

  test('may have closed its side only: it gets its answer', () => {
    const { socket, send } = testClient(server);
    send(get('/hold'));
    socket.end();
    expect(socket.destroyed).toBe(false);
    finalize(held[0] as HttpRequest, sendText(held[0] as HttpRequest, 200, 'held'));
    expect(bodies(socket.sent)).toEqual(['held']);
    expect(socket.destroyed).toBe(true);
    expect(server.logged).toEqual(['GET /hold HTTP/1.1 200 4']);
  });

  test('while its answer waits to be sent', () => {
    const { socket, send } = testClient(server);
    socket.full = true;
    send(get('/large'));
    socket.end();
    expect(socket.destroyed).toBe(true);
    expect(server.lines[0]).toContain('[info]');
    expect(server.lines[0]).toContain('client prematurely closed connection');
    expect(server.logged.length).toBe(1);
  });

  test('by a reset', () => {
    const { socket, send } = testClient(server);
    send(get('/begin'));
    const fault = Object.assign(new Error('read ECONNRESET'), {
      code: 'ECONNRESET',
      errno: -104,
      syscall: 'read',
    });
    socket.fail(fault);
    const r = held[0] as HttpRequest;
    expect(r.aborted).toBe(true);
    expect(output(r, 'more', true)).toBe(ERROR);
    finalize(r, ERROR);
    expect(server.logged).toEqual(['GET /begin HTTP/1.1 200 10']);
    expect(server.owner.gone.length).toBe(1);
  });

  test('and was never there', () => {
    const { socket, c } = testClient(server);
    socket.end();
    expect(socket.destroyed).toBe(true);
    expect(server.lines).toEqual([
      `[info] *${c.id} client closed connection while waiting for request, client: 127.0.0.1, server: 0.0.0.0:80`,
    ]);
  });
});

describe('output', () => {
  test('a handler is told to wait, and when to go on', () => {
    const { socket, send } = testClient(server);
    socket.full = true;
    send(get('/begin'));
    expect(answered).toBe(AGAIN);
    const r = held[0] as HttpRequest;
    let woken = 0;
    r.onWritable = () => woken++;
    socket.drain();
    expect(woken).toBe(1);
    expect(output(r, 'more', false)).toBe(OK);
    finalize(r, OK);
    expect(withoutDate(socket.sent)).toMatch(/\r\n\r\n5\r\nbegun\r\n4\r\nmore\r\n0\r\n\r\n$/);
  });

  test('limit_rate lets out its bytes a second', () => {
    vi.setSystemTime(1_000_000_000_000);
    const { socket, send } = testClient(server);
    send(get('/rate'));
    expect(socket.sent.length).toBe(102_400);
    vi.advanceTimersByTime(900);
    expect(socket.sent.length).toBe(102_400);
    vi.advanceTimersByTime(200);
    expect(socket.sent.length).toBe(204_800);
    vi.advanceTimersByTime(1100);
    expect(server.logged).toEqual(['GET /rate HTTP/1.1 200 300000']);
  });
});

test('a fault of ours fails the request alone', () => {
  const { socket, send } = testClient(server);
  send(get('/1') + get('/throw'));
  expect(bodies(socket.sent)[0]).toBe('/1');
  expect(socket.sent).toContain('HTTP/1.1 500 Internal Server Error');
  expect(server.lines[0]).toMatch(/^\[alert\] .*a fault/s);
  expect(server.logged.length).toBe(2);
});

test('connections that wait are known to their server', () => {
  const { socket, send, c } = testClient(server);
  const { waiting } = server.owner;
  expect(waiting.has(c)).toBe(true);
  send(get('/hold'));
  expect(waiting.has(c)).toBe(false);
  finalize(held[0] as HttpRequest, 404);
  expect(waiting.has(c)).toBe(true);
  socket.end();
  expect(waiting.has(c)).toBe(false);
  expect(server.owner.gone).toEqual([c]);
});
