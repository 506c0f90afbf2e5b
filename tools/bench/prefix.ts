// Writes the configurations that are measured, and the files and bodies they need, under one directory.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { root } from '../paths.ts';
import type { Row, Script } from './rows.ts';

export interface Prefix {
  readonly directory: string;
  // The wrk script that posts 20 KB of JSON.
  readonly post: string;
  // The one that posts 1 MB.
  readonly postMegabyte: string;
}

const sizes: Readonly<Record<string, number>> = {
  '1KB': 1e3,
  '50KB': 5e4,
  '100KB': 1e5,
  '1MB': 1e6,
  '10MB': 1e7,
};
export const luaModules = ['ndk_http_module.so', 'ngx_http_lua_module.so'].map(
  (m) => `/usr/lib/nginx/modules/${m}`,
);

// 50 KB of HTML as a list of goods has it, which packs to a seventh.
function page(): string {
  let text = '';
  for (let i = 0; text.length < 5e4; i++) {
    const price = (i * 37) % 991;
    text += `<li class="item n${i % 17}"><a href="/goods/${(i * 7919) % 1000}">Number ${i} costs ${price} euro</a></li>\n`;
  }
  return text;
}

export function makePrefix(directory: string): Prefix {
  for (const name of ['files', 'nginx', 'tsresty', 'upstream']) fs.mkdirSync(path.join(directory, name));
  for (const [name, bytes] of Object.entries(sizes)) {
    fs.writeFileSync(path.join(directory, 'files', name), Buffer.alloc(bytes, 'The quick brown fox. '));
  }
  fs.writeFileSync(path.join(directory, 'files', 'page.html'), page());
  for (const side of ['nginx', 'tsresty', 'upstream']) {
    fs.symlinkSync('../files', path.join(directory, side, 'files'));
  }
  fs.copyFileSync(path.join(root, 'tools/bench/script/heavy.lua'), path.join(directory, 'nginx/heavy.lua'));
  fs.copyFileSync(path.join(root, 'tools/bench/script/heavy.ts'), path.join(directory, 'tsresty/heavy.ts'));
  const post = path.join(directory, 'post.lua');
  fs.writeFileSync(post, postScript(document()));
  const postMegabyte = path.join(directory, 'post_megabyte.lua');
  fs.writeFileSync(postMegabyte, `wrk.method = "POST"\nwrk.body = string.rep("x", ${sizes['1MB']})\n`);
  makeCertificate(directory);
  return { directory, post, postMegabyte };
}

// About 20 KB, with something to escape.
function document(): string {
  const items = Array.from({ length: 90 }, (_, i) => ({
    id: i + 1,
    name: `Item <${i + 1}> & "more"`,
    description: `Described in some words, with an ampersand & a quote ', number ${i * 7919}: ${'lorem ipsum '.repeat(5)}`,
    price: ((i * 37) % 100) + 0.95,
    stock: i % 9,
    tags: ['alpha', `tag-${i % 5}`, 'o<mega'],
  }));
  return JSON.stringify({ title: 'A document & its items', items });
}

function postScript(body: string): string {
  return `wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\nwrk.body = [==[${body}]==]\n`;
}

function makeCertificate(directory: string): void {
  const files = ['-keyout', path.join(directory, 'key.pem'), '-out', path.join(directory, 'cert.pem')];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const made = spawnSync('openssl', [
    'req',
    '-x509',
    '-subj',
    '/CN=localhost',
    '-days',
    '2',
    ...key,
    ...files,
  ]);
  if (made.error !== undefined) throw made.error;
}

// Returns the prefix of a side, its nginx.conf written for this row and port.
export function writeConf(
  p: Prefix,
  side: 'nginx' | 'tsresty',
  row: Row,
  port: number,
  upstream: number,
): string {
  const script = side === 'nginx' ? row.lua : row.ts;
  const modules = side === 'nginx' && row.lua !== undefined ? luaModules : [];
  const prefix = path.join(p.directory, side);
  const conf = confText(p, row, script, modules, port, upstream)
    .replaceAll('$prefix', prefix)
    .replaceAll('$upstream_port', String(upstream));
  fs.writeFileSync(path.join(prefix, 'nginx.conf'), conf);
  return prefix;
}

function confText(
  p: Prefix,
  row: Row,
  script: Script | undefined,
  modules: readonly string[],
  port: number,
  upstream: number,
): string {
  const tls = row.tls
    ? `ssl_certificate ${p.directory}/cert.pem;\n    ssl_certificate_key ${p.directory}/key.pem;`
    : '';
  return `${modules.map((m) => `load_module ${m};\n`).join('')}daemon off;
worker_processes 1;
worker_rlimit_nofile 20000;
pid nginx.pid;
error_log stderr error;
events { worker_connections 15000; }
http {
  access_log off;
  keepalive_requests 100000000;
  keepalive_timeout 600s;
  types { text/plain txt; }
  client_body_temp_path body_temp;
  ${row.http ?? ''}
  ${script?.http ?? ''}
  ${row.upstream ? `proxy_temp_path proxy_temp;\n  upstream upstream_1 { server 127.0.0.1:${upstream}; keepalive 64; }` : ''}
  server {
    listen 127.0.0.1:${port}${row.tls ? ' ssl' : ''};
    ${tls}
    ${row.server}
    ${script?.server ?? ''}
  }
}
`;
}

// What the proxies stand before: nginx, whoever is measured.
export function writeUpstream(p: Prefix, port: number): string {
  const prefix = path.join(p.directory, 'upstream');
  fs.writeFileSync(
    path.join(prefix, 'nginx.conf'),
    `daemon off; worker_processes 1; pid nginx.pid; error_log stderr error;
events { worker_connections 4096; }
http {
  access_log off; sendfile on; keepalive_requests 100000000;
  client_body_temp_path body_temp;
  server { listen 127.0.0.1:${port}; location / { root files; } }
}
`,
  );
  return prefix;
}
