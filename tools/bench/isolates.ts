// What tenants cost: the memory of an isolate in a worker that has many, and how long a tenant's first answer takes.

import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import type { Prefix } from './prefix.ts';
import { median } from './report.ts';
import { freePort, gateway, residentBytes, start, tsresty } from './servers.ts';

export const ISOLATES = 200;

interface Tenants {
  /** Bytes of resident memory. */
  readonly each: number;
  /** Milliseconds to the first answer. */
  readonly first: number;
  readonly slowest: number;
}

export async function measureIsolates(prefix: Prefix): Promise<Tenants> {
  const names = Array.from({ length: ISOLATES }, (_, i) => `t${i}`);
  const few = await measure(prefix, names.slice(0, 1));
  const many = await measure(prefix, names);
  const each = (many.resident - few.resident) / (ISOLATES - 1);
  return { each, first: median(many.times), slowest: Math.max(...many.times) };
}

/** A worker that has answered once for each of the tenants, which have their isolates from its start on. */
async function measure(
  prefix: Prefix,
  names: readonly string[],
): Promise<{ resident: number; times: number[] }> {
  const port = await freePort();
  const directory = path.join(prefix.directory, 'tsresty');
  fs.writeFileSync(path.join(directory, 'nginx.conf'), conf(port, names));
  const server = await start(gateway(tsresty, directory, port, 0));
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  try {
    await ask(agent, port, '/');
    const times: number[] = [];
    for (const name of names) {
      const from = performance.now();
      await ask(agent, port, `/${name}/`);
      times.push(performance.now() - from);
    }
    return { resident: residentBytes(server.workers()), times };
  } finally {
    agent.destroy();
    await server.stop();
  }
}

async function ask(agent: http.Agent, port: number, uri: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const request = http.get({ agent, port, host: '127.0.0.1', path: uri }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`${uri}: ${answer.statusCode}`));
      answer.resume().once('end', resolve);
    });
    request.once('error', reject);
  });
}

function conf(port: number, names: readonly string[]): string {
  const locations = names.map(
    (name) => `location /${name}/ {
      ts_isolate ${name};
      content_by_ts_block { ngx.say("hello from ", ngx.var.uri, " ", JSON.stringify(ngx.req.get_uri_args())); }
    }`,
  );
  return `daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr error;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path body_temp;
  server {
    listen 127.0.0.1:${port};
    location / { return 200; }
    ${locations.join('\n    ')}
  }
}
`;
}
