// Two tenants that call whatever there is, in every phase, with arguments made to hurt (testdata/hostile.js), while they
// loop, take too much memory and are replaced. HOSTILE_REQUESTS says how many requests, FUZZ_SEED where they start. What
// must hold: the worker stays, every request ends, others are served, and nothing of the host is seen.

import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { freePort, TestPrefix, until } from './testing.ts';

const COUNT = Number(process.env.HOSTILE_REQUESTS ?? 150);
const SEED = Number(process.env.FUZZ_SEED ?? 1);
const PATIENCE_MS = 40_000;

const PHASES = {
  set: 'set_by_ts_file $v hostile.js; return 200 $v;',
  rewrite: 'rewrite_by_ts_file hostile.js; return 200;',
  access: 'access_by_ts_file hostile.js; content_by_ts_block { ngx.say("content"); }',
  precontent: 'precontent_by_ts_file hostile.js; content_by_ts_block { ngx.say("content"); }',
  content: 'content_by_ts_file hostile.js;',
  header: 'header_filter_by_ts_file hostile.js; return 200 text;',
  body: 'body_filter_by_ts_file hostile.js; content_by_ts_block { ngx.say(1); await ngx.sleep(0.001); ngx.say(2); }',
  log: 'log_by_ts_file hostile.js; return 200 text;',
  balancer: 'proxy_pass http://chosen;',
  bomb: 'content_by_ts_block { fetch("http://127.0.0.1:PORT/well"); ngx.location.capture("/well"); for (const a = []; ; ) a.push(new Array(1e5)); }',
  loop: 'content_by_ts_block { ngx.timer.every(0.01, () => {}); for (;;); }',
};
const TENANTS = ['a', 'b'];

function locations(port: number): string {
  return TENANTS.flatMap((tenant) =>
    Object.entries(PHASES).map(
      ([phase, text]) =>
        `location = /${tenant}/${phase} { ts_isolate ${tenant} memory=32m cpu=250ms wall=1s; ${text.replace('PORT', `${port}`)} }`,
    ),
  ).join('\n');
}

/** How it ended: a status, or the word for a connection that was closed. */
function ask(port: number, path: string): Promise<string> {
  return new Promise((resolve) => {
    const asked = request({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      let body = '';
      response.setEncoding('latin1').on('data', (text: string) => {
        body += text;
      });
      response.on('error', () => resolve('closed'));
      response.on('end', () => resolve(path === '/well' ? body : String(response.statusCode)));
    });
    asked.on('error', () => resolve('closed'));
    asked.setTimeout(PATIENCE_MS, () => {
      resolve('stuck');
      asked.destroy();
    });
    asked.end();
  });
}

it('hostile calls hurt nobody but who makes them', { timeout: 120_000 }, async () => {
  const port = await freePort();
  const prefix = new TestPrefix();
  try {
    prefix.write('conf/hostile.js', readFileSync(join(import.meta.dirname, 'testdata/hostile.js'), 'utf8'));
    prefix.writeConf(`daemon off; worker_processes 1; error_log logs/error.log notice; events {}
      http { access_log off; ts_shared_dict d 1m; ts_socket_log_errors off;
        upstream chosen { server 0.0.0.1; balancer_by_ts_file conf/hostile.js; }
        server { listen 127.0.0.1:${port}; 
          location = /well { content_by_ts_block { await ngx.sleep(0.001); ngx.print("well"); } }
          ${locations(port).replaceAll('hostile.js', 'conf/hostile.js')} } }`);
    const master = await prefix.start();
    await until('answer', async () => (await ask(port, '/well')) === 'well');
    const { workers } = prefix;

    const paths = Array.from({ length: COUNT }, (_, i) => {
      const phases = Object.keys(PHASES);
      return `/${TENANTS[i % 2]}/${phases[(i >> 1) % phases.length]}?seed=${SEED + i}`;
    });
    const wrong: string[] = [];
    let left = paths.length;
    const attack = async (): Promise<void> => {
      for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
        if ((await ask(port, path)) === 'stuck') wrong.push(`${path} is stuck`);
        left--;
      }
    };
    const watch = async (): Promise<void> => {
      while (left > 0) {
        const answer = await ask(port, '/well');
        if (answer !== 'well') wrong.push(`the others got ${answer}`);
      }
    };
    await Promise.all([attack(), attack(), attack(), attack(), watch()]);

    const alerts = prefix.log.split('\n').filter((line) => /\[(?:alert|emerg|crit)\]/.test(line));
    expect(wrong).toEqual([]);
    expect(prefix.workers).toEqual(workers);
    expect(alerts.filter((line) => !/isolate "[ab]" ended: out of memory/.test(line))).toEqual([]);
    expect(prefix.log.split('\n').filter((line) => line.includes('LEAK'))).toEqual([]);
    const exit = new Promise((resolve) => master.once('exit', resolve));
    prefix.signal('SIGQUIT');
    expect(await exit).toBe(0);
  } finally {
    await prefix.clean();
  }
});
