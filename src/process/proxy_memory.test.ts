// Bodies that are larger than a worker may grow: they pass through, both ways.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { freePort, residentKb, TestPrefix } from './testing.ts';

const SIZE = 160 * 1024 * 1024;
const PIECE = Buffer.alloc(128 * 1024, 'x');

let prefix: TestPrefix;
let upstream: Server;
let port: number;
let worker: number;

beforeEach(async () => {
  upstream = createServer(serve).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  prefix = new TestPrefix();
  port = await freePort();
  prefix.writeConf(`
    worker_processes 1; daemon off; pid logs/nginx.pid; error_log logs/error.log notice;
    events {}
    http {
      access_log off;
      client_max_body_size 0;
      proxy_max_temp_file_size 0;
      server {
        listen 127.0.0.1:${port};
        proxy_request_buffering off;
        location / { proxy_pass http://127.0.0.1:${(upstream.address() as AddressInfo).port}; }
        location /upgraded {
          proxy_pass http://127.0.0.1:${(upstream.address() as AddressInfo).port};
          proxy_set_header Connection upgrade; proxy_set_header Upgrade $http_upgrade;
        }
        location /unbuffered { proxy_pass http://127.0.0.1:${(upstream.address() as AddressInfo).port}; proxy_buffering off; }
      }
    }`);
  await prefix.start();
  worker = Number(/start worker process (\d+)/.exec(prefix.log)?.[1]);
});

afterEach(async () => {
  upstream.close();
  await prefix.clean();
});

/** Takes SIZE bytes of a POST, gives as many for a GET. */
function serve(socket: Socket): void {
  let head = '';
  let got = 0;
  socket.on('error', () => {});
  socket.on('data', (data) => {
    if (head.endsWith('\r\n\r\n')) {
      got += data.length;
    } else {
      const before = head.length;
      const text = head + data.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      head = end === -1 ? text : text.slice(0, end + 4);
      if (end === -1) return;
      got = data.length - (head.length - before);
      if (head.startsWith('GET')) {
        const upgraded = head.startsWith('GET /upgraded');
        const framed = upgraded ? '101 Upgraded\r\n\r\n' : `200 OK\r\nContent-Length: ${SIZE}\r\n\r\n`;
        socket.write(`HTTP/1.1 ${framed}`);
        send(socket, upgraded);
        return;
      }
    }
    if (got === SIZE) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  });
}

function send(socket: Socket, thenEnd = false): void {
  let left = SIZE;
  const more = (): void => {
    while (left > 0) {
      left -= PIECE.length;
      if (!socket.write(PIECE)) {
        socket.once('drain', more);
        return;
      }
    }
    if (thenEnd) socket.end();
  };
  more();
}

function residentMb(): number {
  return residentKb(worker) / 1024;
}

it.each([
  ['GET', '/', SIZE],
  ['GET', '/unbuffered', SIZE],
  ['GET', '/upgraded', SIZE],
  ['POST', '/', 2],
])('%s %s', { timeout: 60_000 }, async (method, path, expected) => {
  const before = residentMb();
  let most = before;
  let received = 0;
  const socket = connect(port, '127.0.0.1');
  const watch = setInterval(() => {
    most = Math.max(most, residentMb());
  }, 20);
  const length = method === 'POST' ? `Content-Length: ${SIZE}\r\n` : 'Upgrade: x\r\n';
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${length}\r\n`);
  if (method === 'POST') send(socket);
  let head = 0;
  socket.on('data', (data) => {
    if (received === 0) head = data.indexOf('\r\n\r\n') + 4;
    received += data.length;
  });
  await once(socket, 'close');
  clearInterval(watch);
  expect(received - head).toBe(expected);
  expect(Math.max(most, residentMb()) - before).toBeLessThan(50);
});
