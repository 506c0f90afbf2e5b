// A response that unpacks to much more than a worker may grow by, for a client that is slow to take it.

import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { freePort, residentKb, TestPrefix, until } from './testing.ts';

const PART = 8 * 1024 * 1024;
const PARTS = 16;

let prefix: TestPrefix;
let port: number;
let worker: number;

beforeEach(async () => {
  prefix = new TestPrefix();
  port = await freePort();
  prefix.writeConf(`
    worker_processes 1; daemon off; pid logs/nginx.pid; error_log logs/error.log notice;
    events {}
    http {
      access_log off;
      server {
        listen 127.0.0.1:${port};
        gunzip on;
        location / { root .; gzip_static always; }
      }
    }`);
  const packed = gzipSync(Buffer.alloc(PART, 'x'));
  writeFileSync(prefix.path('bomb.gz'), Buffer.concat(Array(PARTS).fill(packed)));
  await prefix.start();
  worker = Number(/start worker process (\d+)/.exec(prefix.log)?.[1]);
});

afterEach(async () => await prefix.clean());

/** In megabytes. */
function memory(): number {
  return residentKb(worker) / 1024;
}

it('what the client does not take stays packed, and it gets all of it in the end', async () => {
  const before = memory();
  const socket = connect(port, '127.0.0.1');
  let got = 0;
  let end = '';
  let most = 0;
  socket.setEncoding('latin1');
  socket.on('data', (data: string) => {
    if (got % PART > (got + data.length) % PART || got === 0) most = Math.max(most, memory());
    got += data.length;
    end = (end + data).slice(-5);
  });
  socket.write('GET /bomb HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  await until('all of it', () => end === '0\r\n\r\n');
  socket.destroy();
  expect(got).toBeGreaterThan(PART * PARTS);
  expect(most - before).toBeLessThan(60);
});
