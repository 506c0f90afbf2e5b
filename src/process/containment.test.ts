// What may happen to a worker at any moment: scripts that misbehave, and kill -9. Real processes under load.

import { Agent, get } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { freePort, get as getOnce, kill, TestPrefix, until } from './testing.ts';

let prefix: TestPrefix;
let port: number;
let agent: Agent;

beforeEach(async () => {
  prefix = new TestPrefix();
  port = await freePort();
  agent = new Agent({ keepAlive: true });
});

afterEach(async () => {
  agent.destroy();
  await prefix.clean();
});

interface Answered {
  readonly status: number;
  readonly body: string;
}

/** One request; what breaks the connection rejects, as does `patience` running out. */
async function ask(path: string, patience = 20_000): Promise<Answered> {
  return await new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path, agent }, (response) => {
      let body = '';
      response.setEncoding('latin1');
      response.on('data', (text: string) => {
        body += text;
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    request.on('error', reject);
    request.setTimeout(patience, () => request.destroy(new Error('timeout')));
  });
}

/** The same sequence in every run. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % below;
  };
}

/** Runs `task` with the numbers from 0 to count - 1, `width` at a time. */
async function inParallel(count: number, width: number, task: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const run = async (): Promise<void> => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: width }, run));
}

const BAD_BLOCKS = `
  location = /isolated-bomb { ts_isolate risky memory=24m cpu=20s; content_by_ts_block { const a = []; while (true) a.push(new Array(1e6)); } }
  location = /loop { content_by_ts_block { ngx.say("lost"); while (true); } }
  location = /loop-later { content_by_ts_block { await ngx.sleep(0.005); for (;;); } }
  location = /bomb { content_by_ts_block { const a = []; while (true) a.push(new Array(1e6)); } }
  location = /throw { access_by_ts_block { throw new Error("thrown"); } }
  location = /reject { content_by_ts_block { await Promise.reject(new Error("rejected")); } }
  location = /never { ts_check_client_abort on; content_by_ts_block { await new Promise(() => {}); } }`;
const BAD = ['/loop', '/loop-later', '/throw', '/reject', '/never'];
const BOMBS = new Map([
  [40, '/isolated-bomb'],
  [90, '/bomb'],
  [91, '/bomb'],
  [150, '/isolated-bomb'],
  [240, '/bomb'],
]);

it('bad blocks, hit at random under load, fail alone', { timeout: 90_000 }, async () => {
  prefix.writeConf(`worker_processes 1; error_log logs/error.log info; events { worker_connections 256; }
    http { access_log off; ts_cpu_limit 1s; ts_isolate main memory=24m; server { listen 127.0.0.1:${port};
      location = /good { content_by_ts_block { ngx.say("good ", ngx.worker.pid()); } }
      location = /waits { content_by_ts_block { ngx.print("good "); await ngx.sleep(0.01); ngx.say(ngx.worker.pid()); } }
      location = /sub { content_by_ts_block { ngx.print((await ngx.location.capture("/waits")).body); } }
      location = /plain { return 200 "good $pid\\n"; }
      ${BAD_BLOCKS} } }`);
  await prefix.start('-g', 'daemon off;');
  await until('answer', () =>
    ask('/good').then(
      () => true,
      () => false,
    ),
  );
  const { body: expected } = await ask('/good');
  const random = randomNumbers(20_261_121);
  const good = ['/good', '/waits', '/sub', '/plain'];
  const wrong: string[] = [];
  let bad = 0;
  const seen = new Map<string, number>();

  await inParallel(300, 12, async (n) => {
    const isBad = random(18) === 0;
    const path = BOMBS.get(n) ?? (isBad ? BAD[bad++ % BAD.length] : good[random(good.length)]) ?? '';
    seen.set(path, (seen.get(path) ?? 0) + 1);
    const answer = await ask(path, path === '/never' ? 300 : 20_000).catch((error: Error) => error.message);
    const right =
      path === '/never'
        ? answer === 'timeout'
        : typeof answer === 'object' &&
          (good.includes(path) ? answer.status === 200 && answer.body === expected : answer.status === 500);
    if (!right) wrong.push(`${path}: ${JSON.stringify(answer)}`);
  });

  expect(wrong).toEqual([]);
  expect([...seen.keys()].sort()).toEqual([...good, ...BAD, ...new Set(BOMBS.values())].sort());
  expect((await ask('/good')).body).toBe(expected);
  expect(prefix.count(/worker process \d+ exited/)).toBe(0);
  // On a busy machine the time may be over before the memory is: at least one of two.
  expect(prefix.count('isolate "risky" ended: out of memory')).toBeGreaterThanOrEqual(1);
  // The first took the isolate that all share with it, and its location got one of its own.
  expect(prefix.count('isolate "main" ended: out of memory')).toBe(1);
  const ended = prefix.count('isolate "main:1" ended: out of memory');
  expect(ended + prefix.count(/cut off after 1000 ms.*"GET \/bomb /)).toBeGreaterThanOrEqual(1);
});

const WORKERS = 4;
const KILLS = 20;
/** One that is lost before it is this old makes the master pause, longer each time. */
const GROWN_UP_MS = 1000;

it('kill -9 of a random worker, again and again: what was answered has been counted', {
  timeout: 120_000,
}, async () => {
  prefix.writeConf(`worker_processes ${WORKERS}; error_log logs/error.log info; events { worker_connections 256; }
    http { access_log off; ts_shared_dict counters 1m; server { listen 127.0.0.1:${port};
      location = /count { content_by_ts_block {
        const n = ngx.shared.counters.incr("n", 1, 0);
        ngx.shared.counters.set("last-" + n % 100, String(n).repeat(20));
        ngx.say("counted");
      } }
      location = /value { content_by_ts_block {
        const wrong = ngx.shared.counters.get_keys(0).filter((key) => key !== "n" && !/^(\\d+)\\1{19}$/.test(String(ngx.shared.counters.get(key))));
        ngx.say(ngx.shared.counters.get("n"), " ", wrong.length);
      } } } }`);
  await prefix.start('-g', 'daemon off;');
  const seen = new Map<number, number>();
  const grownUp = (): number[] => {
    const now = performance.now();
    return prefix.workers.filter((pid) => {
      if (!seen.has(pid)) seen.set(pid, now);
      return now - (seen.get(pid) ?? now) > GROWN_UP_MS;
    });
  };
  const random = randomNumbers(7);
  let sent = 0;
  let answered = 0;
  let going = true;

  const clients = Array.from({ length: 6 }, async () => {
    while (going) {
      sent++;
      const answer = await ask('/count').catch(() => null);
      if (answer === null) continue; // its worker was killed
      expect(answer).toEqual({ status: 200, body: 'counted\n' });
      answered++;
    }
  });
  for (let i = 0; i < KILLS; i++) {
    const before = answered;
    await until('somebody to kill, and load', () => grownUp().length > 0 && answered >= before + 20);
    const workers = grownUp();
    kill(workers[random(workers.length)] ?? 0, 'SIGKILL');
    await prefix.logged('exited on signal 9', i + 1);
  }
  expect(prefix.count('exited on signal 9')).toBe(KILLS);
  const before = answered;
  await until('all workers again', () => prefix.workers.length === WORKERS && answered > before + 50);
  going = false;
  await Promise.all(clients);

  const [value, wrong] = (await ask('/value')).body.trim().split(' ').map(Number);
  expect(value).toBeGreaterThanOrEqual(answered);
  expect(value).toBeLessThanOrEqual(sent);
  expect(wrong).toBe(0);
});

it('QUIT waits for a task on a thread, TERM does not', { timeout: 60_000 }, async () => {
  prefix.write(
    'conf/task.ts',
    'export function until(key: string) { while (ngx.shared.d.get(key) === undefined); return "done"; }',
  );
  prefix.writeConf(`daemon off; worker_processes 1; error_log logs/error.log notice; events {}
    http { access_log off; ts_shared_dict d 1m; ts_cpu_limit 1h; server { listen 127.0.0.1:${port};
      location = /wait { content_by_ts_block {
        ngx.shared.d.incr("asked", 1, 0);
        ngx.print(await ngx.run_worker_thread("default", "./task.ts", "until", ngx.var.arg_key));
      } }
      location = /set { content_by_ts_block { ngx.header["Content-Length"] = 4; ngx.print(ngx.shared.d.set(ngx.var.arg_key, 1)); } }
      location = /asked { content_by_ts_block { ngx.header["Content-Length"] = 1; ngx.print(ngx.shared.d.get("asked") ?? 0); } } } }`);
  const master = await prefix.start();
  const first = ask('/wait?key=a');
  await until('the task', async () => (await getOnce(port, '/asked')) === '1');
  prefix.signal('SIGHUP'); // the old worker quits; the task goes on in it
  await prefix.logged('gracefully shutting down');
  await getOnce(port, '/set?key=a');
  expect(await first).toEqual({ status: 200, body: 'done' });
  await until('one worker', () => prefix.workers.length === 1);

  const second = ask('/wait?key=b').catch((error: Error) => error.message);
  await until('the task', async () => (await getOnce(port, '/asked')) === '2');
  const exit = new Promise((resolve) => master.once('exit', resolve));
  prefix.signal('SIGTERM');
  expect(await exit).toBe(0);
  expect(await second).toMatch(/socket hang up|ECONNRESET/);
});

it('QUIT does not wait for a timer whose promise nothing can settle any more', async () => {
  prefix.writeConf(`daemon off; worker_processes 1; error_log logs/error.log notice; events {}
    http { access_log off; server { listen 127.0.0.1:${port}; keepalive_timeout 0;
      location = /t { content_by_ts_block {
        await new Promise<void>((begun) => ngx.timer.at(0, () => { begun(); return new Promise(() => {}); }));
        ngx.say("begun");
      } } } }`);
  const master = await prefix.start();
  expect((await ask('/t')).body).toBe('begun\n');
  const exit = new Promise((resolve) => master.once('exit', resolve));
  prefix.signal('SIGQUIT');
  expect(await exit).toBe(0);
});

it('a loop of calls that keep the worker busy costs its request, not the worker', async () => {
  prefix.writeConf(`daemon off; worker_processes 1; error_log logs/error.log notice; events {}
    http { access_log off; server { listen 127.0.0.1:${port};
      location = /busy { ts_isolate tenant; content_by_ts_block {
        for (const text = "x".repeat(5e7); ; ) ngx.md5(text);
      } }
      location = /pid { content_by_ts_block { ngx.print(ngx.worker.pid()); } } } }`);
  await prefix.start();
  await until('answer', async () => (await ask('/pid')).status === 200);
  const { body } = await ask('/pid');
  expect((await ask('/busy')).status).toBe(500);
  expect((await ask('/pid')).body).toBe(body);
});

it('scripts that take long to load by the clock alone, as others have the processor, are loaded', async () => {
  prefix.write(
    'slow.ts',
    'ngx.log(ngx.ERR, "loading"); let n = 0; for (let i = 0; i < 4e7; i++) n += i % 7; export const sum = n;',
  );
  prefix.writeConf(`daemon off; worker_processes 1; error_log logs/error.log notice; events {}
    http { access_log off; ts_cpu_limit 2s; server { listen 127.0.0.1:${port}; keepalive_timeout 0;
      location = /t { content_by_ts_block { import { sum } from "../slow.ts"; ngx.say(sum > 0); } } } }`);
  const started = prefix.start();
  await prefix.logged('loading');
  const [worker = 0] = prefix.workers;
  process.kill(worker, 'SIGSTOP');
  await new Promise((done) => setTimeout(done, 2200));
  process.kill(worker, 'SIGCONT');
  await started;
  expect(await ask('/t')).toEqual({ status: 200, body: 'true\n' });
});
