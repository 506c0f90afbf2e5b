// Long texts cross the border of an isolate, both ways and on every road: the worker does not grow by them.

import { afterEach, beforeEach, expect, it } from 'vitest';
import { Client, freePort, residentKb, TestPrefix } from './testing.ts';

const LENGTH = 30_000;
const BODY = 'x'.repeat(LENGTH);
/** Warm-up, and then what is looked at: 60 MB of texts. */
const REQUESTS = [300, 2000] as const;
const MAX_GROWTH_KB = 30 * 1024;

let prefix: TestPrefix;
let port: number;

beforeEach(async () => {
  prefix = new TestPrefix();
  port = await freePort();
  prefix.writeConf(`
    worker_processes 1; daemon off; pid logs/nginx.pid; error_log logs/error.log notice;
    events {}
    http {
      access_log off; client_body_buffer_size 64k; keepalive_requests 10000;
      ts_shared_dict d 1m;
      server {
        listen 127.0.0.1:${port};
        location /body { content_by_ts_block {
          await ngx.req.read_body();
          ngx.header.Content_Length = ${LENGTH};
          ngx.print(ngx.req.get_body_data());
        } }
        location /call { content_by_ts_block {
          ngx.shared.d.set('text', 'y'.repeat(${LENGTH} - 1) + ngx.var.request_id[0]);
          const text = ngx.shared.d.get('text');
          ngx.header.Content_Length = text.length;
          ngx.print(text);
        } }
      }
    }`);
  await prefix.start();
});

afterEach(() => prefix.clean());

it.each([
  ['/body', `POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: ${LENGTH}\r\n\r\n${BODY}`],
  ['/call', 'GET /call HTTP/1.1\r\nHost: x\r\n\r\n'],
])('%s', { timeout: 60_000 }, async (_path, request) => {
  const client = new Client(port);
  const [worker = 0] = prefix.workers;
  const resident: number[] = [];
  for (const requests of REQUESTS) {
    for (let i = 0; i < requests; i++) {
      client.send(request);
      expect((await client.answer()).body).toHaveLength(LENGTH);
    }
    resident.push(residentKb(worker));
  }
  client.close();
  const [before = 0, after = 0] = resident;
  expect(after - before).toBeLessThan(MAX_GROWTH_KB);
});
