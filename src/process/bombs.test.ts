// Ways to use up an isolate, its worker or the machine. Each costs at most its own request: tenants in other isolates
// are served, and no worker is lost but where V8 itself gives up, which a worker outlives by being replaced.

import { get } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, TestPrefix, until } from './testing.ts';

const BOMBS: Readonly<Record<string, string>> = {
  arrays: 'const a = []; while (true) a.push(new Array(1e6));',
  'filled arrays': 'const a = []; while (true) a.push(new Array(1e5).fill({}));',
  'objects, nested': 'let o = {}; while (true) o = { o, p: [o] };',
  'property names': 'const o = {}; for (let i = 0; ; i++) o["key" + i] = i;',
  'strings, doubled': 'let s = "x"; while (true) s += s + "y";',
  'strings, flat': 'const a = []; for (let i = 0; ; i++) a.push("é".repeat(1e6 + i).split("").join("-"));',
  join: 'new Array(1e7).fill("x".repeat(1000)).join("");',
  replace: '"a".repeat(1e6).replace(/a/g, "b".repeat(1e6));',
  'typed arrays': 'const a = []; while (true) a.push(new Float64Array(1e6).fill(1));',
  'array buffers': 'const a = []; while (true) a.push(new ArrayBuffer(1e8));',
  'a huge array buffer': 'ngx.say(new Uint8Array(2 ** 33).length);',
  'buffers that grow':
    'const a = []; for (;;) { a.push(new ArrayBuffer(0, { maxByteLength: 1e9 })); a.at(-1).resize(1e8); }',
  'a buffer moved on':
    'let b = new ArrayBuffer(1, { maxByteLength: 2 ** 33 }); for (let n = 1e8; ; n += 1e8) b = b.transfer(n);',
  'many mappings': 'const a = []; for (;;) a.push(new ArrayBuffer(1, { maxByteLength: 2 }));',
  'shared memory that grows':
    'const b = new SharedArrayBuffer(1, { maxByteLength: 2 ** 33 }); for (let n = 1e8; ; n += 1e8) b.grow(n);',
  'shared memory': 'const a = []; while (true) a.push(new SharedArrayBuffer(1e8));',
  BigInt: 'const a = []; for (let n = 3n; ; n = n > 2n ** 100000n ? 3n : n * n) a.push(n);',
  'regular expression': '/(a+)+(?!a)$/.test("a".repeat(50) + "b");',
  recursion: 'const f = () => f() + 1; f();',
  'recursion with handlers': 'const f = () => { try { f(); } catch { f(); } }; f();',
  'promise chain': 'const f = () => Promise.resolve().then(f); await f();',
  'promises, kept': 'const a = []; for (;;) { a.push(new Promise(() => {}).then(() => a)); }',
  'async loop': 'for (;;) await null;',
  'async generators': 'async function* g() { for (;;) yield* g(); } for await (const x of g()) ngx.say(x);',
  thenable: 'const t = { then: (f) => f(t) }; await t;',
  'JSON, nested': 'JSON.parse("[".repeat(5e6));',
  'JSON, wide': 'const a = new Array(1e6).fill("x".repeat(1e3)); JSON.stringify([a, a, a]);',
  'Map and Set': 'const m = new Map(); for (let i = 0; ; i++) m.set(i, new Set([i]));',
  symbols: 'const a = []; for (let i = 0; ; i++) a.push(Symbol.for("s" + i));',
  closures:
    'let f = () => 0; for (;;) { const g = f; const kept = new Array(1000); f = () => g() + kept.length; }',
  'getters that call themselves': 'const o = { get x() { return this.x; } }; ngx.say(o.x);',
  'proxy of a proxy': 'let p = {}; for (;;) p = new Proxy(p, {});',
  'sort that does not end': 'new Array(1e6).fill(0).sort(() => { for (;;); });',
  'waiting for memory': 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);',
  'WebAssembly memory': 'new WebAssembly.Memory({ initial: 65536 });',
  'structured clone': 'const a = []; for (let o = {}; ; o = { o: structuredClone(o) }) a.push(o);',
  'text encoder': 'const a = []; for (;;) a.push(new TextEncoder().encode("é".repeat(1e6)));',
  'output without end': 'for (;;) ngx.print("x".repeat(65536));',
  'one huge output': 'const s = "x".repeat(2 ** 28); for (;;) ngx.print(s, s);',
  'operations without end': 'for (;;) ngx.sleep(1000).catch(() => {});',
  'timers without end': 'for (;;) setTimeout(() => {}, 1e6);',
  'timers of timers': 'const f = () => { for (;;) ngx.timer.at(0, f); }; f();',
  'a huge header': 'ngx.header["X-Big"] = "x".repeat(2 ** 28); ngx.say(1); throw new Error("not sent");',
  'request headers without end': 'for (let i = 0; ; i++) ngx.req.set_header("h" + i, "x".repeat(1e6));',
  'a body that is put together without end':
    'await ngx.req.read_body(); ngx.req.init_body(); for (;;) ngx.req.append_body("x".repeat(1e6));',
  'a pattern of megabytes': 'ngx.re.match("", "a".repeat(5e6));',
  'values without end': 'for (let i = 0; ; i++) ngx.shared.d.set("k" + i, "x".repeat(1000));',
  'hashes without end': 'const s = "x".repeat(1e7); for (;;) ngx.md5(s);',
  'a huge value': 'ngx.shared.d.set("big", "x".repeat(2 ** 28)); throw new Error("stored");',
  'a huge log line': 'for (;;) ngx.log(ngx.DEBUG, "x".repeat(2 ** 24)); ',
  'an error with a huge message': 'throw new Error("x".repeat(2 ** 24));',
  'a block that replaces what the bridge uses':
    'Array.prototype.push = String.prototype.slice = Promise.prototype.then = () => { for (;;); }; for (;;);',
};

describe('bombs', () => {
  const prefix = new TestPrefix();
  let port = 0;

  beforeAll(async () => {
    port = await freePort();
    const names = Object.keys(BOMBS);
    const locations = names.map(
      (name, i) => `location = /${i} { ts_isolate bad; content_by_ts_block { ${BOMBS[name]} } }\n`,
    );
    prefix.writeConf(`worker_processes 1; error_log logs/error.log notice; events { worker_connections 64; }
      http { access_log off; ts_shared_dict d 1m; server { listen 127.0.0.1:${port}; ts_isolate bad memory=24m cpu=300ms;
        location = /first { content_by_ts_block { ngx.say("good"); } }
        location = /good { ts_isolate good; content_by_ts_block { await ngx.sleep(0.001); ngx.say("good"); } }
        ${locations.join('')} } }`);
    await prefix.start('-g', 'daemon off;');
    await until('answer', async () => (await ask('/good')) === '200 good\n');
  });
  afterAll(() => prefix.clean());

  /** "STATUS BODY", or what happened to the connection. */
  async function ask(path: string): Promise<string> {
    return await new Promise((resolve) => {
      const request = get({ host: '127.0.0.1', port, path, agent: false }, (response) => {
        let body = '';
        response.on('data', (data: Buffer) => {
          if (body.length < 100) body += data.toString('latin1');
        });
        response.on('error', () => resolve('closed'));
        response.on('end', () => resolve(`${response.statusCode} ${body}`));
      });
      request.on('error', ({ message }) => resolve(message));
    });
  }

  it.each(Object.keys(BOMBS).map((name, i) => [name, i] as const))(
    '%s',
    { timeout: 90_000 },
    async (_, i) => {
      const [worker] = prefix.workers;
      // An isolate that has served is replaced at once when it dies: the bomb before this one makes nobody wait.
      await until('an isolate', async () => (await ask('/first')) === '200 good\n');
      const bomb = ask(`/${i}`);
      const beside: string[] = [];
      let over = false;
      void bomb.then(() => {
        over = true;
      });
      do beside.push(await ask('/good'));
      while (!over);

      expect(await bomb).toMatch(/^(?:500 |closed|socket hang up|aborted)/);
      expect(new Set(beside)).toEqual(new Set(['200 good\n']));
      expect(await ask('/good')).toBe('200 good\n');
      expect(prefix.workers).toEqual([worker]);
    },
  );
});

describe('what V8 cannot stop', () => {
  const prefix = new TestPrefix();
  let port = 0;

  beforeAll(async () => {
    port = await freePort();
    prefix.writeConf(`worker_processes 1; error_log logs/error.log notice; events { worker_connections 64; }
      http { access_log off; server { listen 127.0.0.1:${port}; ts_isolate bad memory=24m cpu=300ms;
        location = /good { ts_isolate good; content_by_ts_block { ngx.say("good"); } }
        location = /array { content_by_ts_block { new Array(2 ** 31).fill(0); } }
        location = /length { content_by_ts_block { [].includes.call({ length: 2 ** 53 - 1 }, 1); } }
        location = /age { ts_isolate good; content_by_ts_block { ngx.say(performance.now()); } }
        location = /search { ts_isolate search cpu=300ms; content_by_ts_block { const t = new Float64Array(6e5); for (;;) t.indexOf(1); } } } }`);
    await prefix.start('-g', 'daemon off;');
    await until('answer', async () => (await text('/good')) === 'good\n');
  });
  afterAll(() => prefix.clean());

  /** On a connection of its own: one that is kept may be of the worker that has just ended. */
  async function text(path: string): Promise<string> {
    return await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } }).then(
      async (response) => await response.text(),
      (error: Error) => `failed: ${error.cause}`,
    );
  }

  it('is not a loop of what takes a while: that hears of its limit', { timeout: 60_000 }, async () => {
    const [worker] = prefix.workers;
    await until('a worker that is no longer starting', async () => Number(await text('/age')) > 2000);
    expect(await text('/search')).toContain('500 Internal Server Error');
    expect(prefix.log).toMatch(/content_by_ts\(nginx\.conf:7\b.* cut off after 300 ms/);
    expect(prefix.workers).toEqual([worker]);
  });

  it('takes the worker with it, and another takes over at once', { timeout: 60_000 }, async () => {
    const [worker] = prefix.workers;
    expect(await text('/length')).toMatch(/^failed/);
    const fell = performance.now();
    expect(await text('/good')).toBe('good\n');
    expect(performance.now() - fell).toBeLessThan(15_000); // a quarter of a second where nothing else runs
    expect(prefix.workers).not.toContain(worker);
    expect(prefix.log).toMatch(
      /\[alert\] (\d+)#\1: isolate "bad" is stuck in content_by_ts\(nginx\.conf:5\): the worker is ended/,
    );
  });

  it('holds up nobody in the worker that follows', { timeout: 90_000 }, async () => {
    const [worker] = prefix.workers;
    const array = text('/array');
    let answers = 0;
    let over = false;
    void array.then(() => {
      over = true;
    });
    while (!over) {
      expect(await text('/good')).toBe('good\n');
      answers++;
    }
    expect(answers).toBeGreaterThan(20); // of thousands; who waits for the array gets one
    await until('another worker', () => prefix.workers.length === 1 && prefix.workers[0] !== worker);
  });
});
