// Time to check a configuration of 10,000 server blocks, about 10 MB, with -t.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { emerg, NotMeasurable } from './servers.ts';

export const servers = 10_000;

export function writeBigConf(directory: string, port: number): string {
  const prefix = path.join(directory, 'big');
  fs.mkdirSync(prefix, { recursive: true });
  const blocks: string[] = [];
  for (let i = 0; i < servers; i++) blocks.push(serverBlock(i, port));
  fs.writeFileSync(
    path.join(prefix, 'nginx.conf'),
    `worker_processes 1; pid nginx.pid; error_log stderr error;
events { worker_connections 512; }
http {
  access_log off;
  client_body_temp_path body_temp;
  proxy_temp_path proxy_temp;
  server_names_hash_max_size 65536;
  server_names_hash_bucket_size 128;
  upstream backend { server 127.0.0.1:${port + 1}; keepalive 16; }
${blocks.join('')}}
`,
  );
  return prefix;
}

function serverBlock(i: number, port: number): string {
  return `  # the site of customer ${i}
  server {
    listen 127.0.0.1:${port};
    server_name customer-${i}.example.com www.customer-${i}.example.com;
    root "/srv/customers/${i}/htdocs";
    index index.html index.htm;
    client_max_body_size ${(i % 16) + 1}m;
    error_page 500 502 503 504 /50x.html;
    location = /50x.html { internal; }
    location / {
      try_files $uri $uri/ =404;
      expires 1h;
      add_header X-Customer "customer-${i}";
    }
    location /api/ {
      proxy_pass http://backend/customers/${i}/;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }
    location ~* \\.(png|jpg|css|js)$ {
      expires 30d;
      access_log off;
    }
    location /old/ { return 301 https://$host/new$request_uri; }
  }
`;
}

export function checkSeconds(binary: string, prefix: string): number {
  const started = performance.now();
  const made = spawnSync(binary, ['-t', '-p', `${prefix}/`, '-c', 'nginx.conf', '-e', 'stderr'], {
    encoding: 'latin1',
  });
  const seconds = (performance.now() - started) / 1000;
  if (made.status !== 0) throw new NotMeasurable(`-t fails: ${emerg(made.stderr)}`);
  return seconds;
}
