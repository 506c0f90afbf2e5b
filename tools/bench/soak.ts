// npm run bench -- soak: a mixed load of scripts on two workers, for as long as it takes to tell whether memory grows.
// Prints what the workers and their isolates hold, and in the end what is still waited for.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Prefix } from './prefix.ts';
import { freePort, gateway, residentBytes, type Server, start, tsresty } from './servers.ts';

/** Of the load between two looks, and of all of it where --seconds does not say. */
const SLICE_SECONDS = 5;
export const SOAK_SECONDS = 180;
/** How much more workers may hold in the last quarter than in the third. */
const FLAT = 0.03;

const PATHS = ['/hello', '/hello', '/dict', '/sleep', '/socket', '/fetch', '/capture', '/filter', '/timer'];

interface Look {
  readonly requests: number;
  readonly resident: number;
  readonly heap: number;
}

interface Soaked {
  readonly requests: number;
  readonly looks: readonly Look[];
  /** Bytes a request, over the second half: of the workers' memory, and of their isolates'. */
  readonly slope: number;
  readonly heapSlope: number;
  readonly flat: boolean;
  /** Operations, timers and descriptors that are left when the load is over. */
  readonly left: string;
  readonly clean: boolean;
}

export async function soak(prefix: Prefix, seconds: number): Promise<Soaked> {
  const port = await freePort();
  const directory = path.join(prefix.directory, 'tsresty');
  fs.writeFileSync(path.join(directory, 'nginx.conf'), conf(port));
  const script = path.join(prefix.directory, 'soak.lua');
  fs.writeFileSync(script, mixed(port));
  const server = await start(gateway(tsresty, directory, port, '0,1'));
  try {
    const before = await leftovers(server);
    const looks: Look[] = [];
    let requests = 0;
    for (let at = 0; at < seconds; at += SLICE_SECONDS) {
      requests += await load(port, script);
      const { heap } = await leftovers(server);
      const resident = residentBytes(server.workers());
      looks.push({ requests, resident, heap });
      const megabytes = [resident, heap].map((bytes) => (bytes / 2 ** 20).toFixed(1));
      process.stderr.write(
        `soak: ${requests} requests, resident ${megabytes[0]} MB, isolates ${megabytes[1]} MB\n`,
      );
    }
    await delay(8000); // kept connections and timers of the load come to their end
    const after = await leftovers(server);
    const half = looks.slice(Math.floor(looks.length / 2));
    const middle = Math.floor(half.length / 2);
    const [third, fourth] = [meanOf(half.slice(0, middle)), meanOf(half.slice(middle))];
    return {
      requests,
      looks,
      slope: slopeOf(half, ({ resident }) => resident),
      heapSlope: slopeOf(half, ({ heap }) => heap),
      flat: !(fourth - third > FLAT * third),
      left: `${after.operations} operations (${before.operations} before), ${after.timers} timers, ${after.files} descriptors (${before.files} before)`,
      clean: after.operations <= before.operations && after.timers === 0 && after.files <= before.files,
    };
  } finally {
    await server.stop();
  }
}

function meanOf(looks: readonly Look[]): number {
  return looks.reduce((sum, l) => sum + l.resident, 0) / looks.length;
}

/** Least squares: bytes over requests. */
function slopeOf(looks: readonly Look[], bytes: (look: Look) => number): number {
  const n = looks.length;
  const x = looks.reduce((sum, l) => sum + l.requests, 0) / n;
  const y = looks.reduce((sum, l) => sum + bytes(l), 0) / n;
  const above = looks.reduce((sum, l) => sum + (l.requests - x) * (bytes(l) - y), 0);
  const below = looks.reduce((sum, l) => sum + (l.requests - x) ** 2, 0);
  return below === 0 ? 0 : above / below;
}

async function load(port: number, script: string): Promise<number> {
  const url = `http://127.0.0.1:${port}/`;
  const child = spawn('wrk', ['-t1', '-c64', `-d${SLICE_SECONDS}s`, '-s', script, url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    output += text;
  });
  await once(child, 'close');
  const bad = /Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)/.exec(output);
  if (bad !== null) throw new Error(`soak: ${bad[0]}`);
  return Number(/(\d+) requests in/.exec(output)?.[1] ?? 0);
}

interface Leftovers {
  readonly operations: number;
  readonly timers: number;
  readonly heap: number;
  readonly files: number;
}

async function leftovers(server: Server): Promise<Leftovers> {
  const answer = await fetch(`http://127.0.0.1:${server.port}/left`);
  const text = await answer.text();
  const metric = (name: string) =>
    Number(new RegExp(`^${name}{[^}]*} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
  const descriptors = server.workers().map((pid) => fs.readdirSync(`/proc/${pid}/fd`).length);
  return {
    operations: metric('tsresty_isolate_operations'),
    timers: Number(/^timers (\d+)$/m.exec(text)?.[1] ?? Number.NaN),
    heap: metric('tsresty_isolate_heap_bytes'),
    files: descriptors.reduce((sum, n) => sum + n, 0),
  };
}

function mixed(port: number): string {
  return `local paths = { ${PATHS.map((p) => `"${p}"`).join(', ')} }
local n = 0
request = function()
  n = n % #paths + 1
  return "GET " .. paths[n] .. "?n=" .. n .. " HTTP/1.1\\r\\nHost: 127.0.0.1:${port}\\r\\n\\r\\n"
end
`;
}

function conf(port: number): string {
  return `daemon off;
worker_processes 2;
pid nginx.pid;
error_log stderr error;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_requests 100000000;
  client_body_temp_path body_temp;
  ts_shared_dict d 10m;
  server {
    listen 127.0.0.1:${port};
    location /hello { content_by_ts_block { ngx.say("hello"); } }
    location /text { return 200 "some text\\n"; }
    location /dict {
      access_by_ts_block { ngx.ctx.n = ngx.shared.d.incr("n", 1, 0); }
      content_by_ts_block {
        ngx.shared.d.set("k" + (ngx.ctx.n % 5000), ngx.var.args, 1);
        ngx.say(JSON.stringify({ n: ngx.ctx.n, args: ngx.req.get_uri_args() }));
      }
    }
    location /sleep { content_by_ts_block { await ngx.sleep(0.002); ngx.say("awake"); } }
    location /socket { content_by_ts_block {
      const sock = ngx.socket.tcp();
      await sock.connect("127.0.0.1", ${port});
      await sock.send("GET /text HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n");
      await sock.receiveuntil("\\r\\n\\r\\n")();
      ngx.print(await sock.receive(10));
      sock.setkeepalive(1000, 32);
    } }
    location /fetch { content_by_ts_block {
      const response = await fetch("http://127.0.0.1:${port}/text");
      ngx.print(await response.text());
    } }
    location /capture { content_by_ts_block {
      const [a, b] = await ngx.location.capture_multi([["/text"], ["/text"]]);
      ngx.print(a.body, b.body);
    } }
    location /filter {
      return 200 "some text that is changed\\n";
      header_filter_by_ts_block { ngx.header.content_length = undefined; }
      body_filter_by_ts_block { ngx.arg[1] = ngx.arg[1].toUpperCase(); }
    }
    location /timer { content_by_ts_block {
      ngx.timer.at(0.001, () => { globalThis.ngx.shared.d.incr("t", 1, 0); });
      ngx.say(ngx.timer.pending_count() >= 1);
    } }
    location /left { content_by_ts_block {
      ngx.say(await ngx.metrics.metric_data());
      ngx.say("timers ", ngx.timer.pending_count() + ngx.timer.running_count());
    } }
  }
}
`;
}
