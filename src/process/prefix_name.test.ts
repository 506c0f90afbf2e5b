// A prefix, and files in it, whose names are not ASCII: paths are bytes, and Node has its own idea of them. And one that is
// relative.

import { chmodSync, mkdirSync } from 'node:fs';
import { relative } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Client, freePort, TestPrefix } from './testing.ts';

let prefix: TestPrefix;

beforeEach(() => {
  prefix = new TestPrefix('tsresty-é-');
});

afterEach(async () => {
  await prefix.clean();
});

it('has all that is written there', async () => {
  const port = await freePort();
  for (const name of ['conf/ü', 'files']) mkdirSync(prefix.path(name));
  chmodSync(prefix.path('files'), 0o777);
  prefix.write('conf/ü/one.conf', 'location /one { return 200 one; }');
  prefix.write('conf/ü/two.conf', 'location /two { return 200 two; }');
  prefix.write('conf/ü/three.ts', 'export const three = "three";');
  const script = 'import { three } from "./ü/three.ts"; ngx.print(three, ngx.config.prefix());';
  const conf = `
    daemon off; error_log logs/error.log; pid logs/nginx.pid; events {}
    http {
      access_log off;
      proxy_cache_path cache keys_zone=one:1m;
      ts_shared_dict kept 1m;
      server {
        listen unix:${prefix.path('s.sock')};
        include ü/t*.conf;
        include ü/one.conf;
        location /three { content_by_ts_block { ${script} } }
        location /body { client_body_in_file_only clean; proxy_pass http://unix:${prefix.path('s.sock')}:/one; }
        location /store { proxy_store ${prefix.root}/files/é; proxy_pass http://unix:${prefix.path('s.sock')}:/two; }
      }
      server {
        listen 127.0.0.1:${port};
        proxy_cache one;
        proxy_cache_key $uri;
        proxy_cache_valid any 1m;
        location / { proxy_pass http://unix:${prefix.path('s.sock')}; }
        location /status/ { return 200 $upstream_cache_status; }
        location /files/ { root .; }
      }
    }`;
  prefix.writeConf(Buffer.from(conf, 'utf8').toString('latin1'));
  await prefix.start();
  const client = new Client(port);
  try {
    expect((await client.get('/one')).body).toBe('one');
    expect((await client.get('/one')).body).toBe('one');
    expect((await client.get('/two')).body).toBe('two');
    expect(Buffer.from((await client.get('/three')).body, 'latin1').toString()).toBe(`three${prefix.root}/`);
    client.send('POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi');
    expect((await client.answer()).body).toBe('one');
    expect((await client.get('/store')).body).toBe('two');
    expect((await client.get('/files/%C3%A9')).body).toBe('two');
  } finally {
    client.close();
  }
  expect(prefix.log).toBe('');
});

it('may be relative to the directory of who starts it', async () => {
  const port = await freePort();
  mkdirSync(prefix.path('html'));
  prefix.write('html/a.txt', 'a file');
  prefix.writeConf(`
    daemon off; error_log logs/error.log; pid logs/nginx.pid; events {}
    http {
      access_log off;
      proxy_cache_path cache keys_zone=one:1m;
      client_body_temp_path bodies;
      server {
        listen 127.0.0.1:${port};
        location / { }
        location /alias/ { alias html/; }
        location /cached/ {
          proxy_pass http://127.0.0.1:${port}/;
          proxy_cache one; proxy_cache_key $uri; proxy_cache_valid 200 1m;
          add_header X-Cache $upstream_cache_status;
        }
        location /body { client_body_in_file_only clean; proxy_pass http://127.0.0.1:${port}/ok; }
        location /ok { return 200 taken; }
      }
    }`);
  await prefix.start('-p', relative('', prefix.root));
  const client = new Client(port);
  try {
    for (const path of ['/a.txt', '/alias/a.txt', '/cached/a.txt', '/cached/a.txt']) {
      expect((await client.get(path)).body).toBe('a file');
    }
    client.send('POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi');
    expect((await client.answer()).body).toBe('taken');
  } finally {
    client.close();
  }
  expect(prefix.log).toBe('');
});
