// What bad blocks may not do to others: loops, bombs, throws, rejections, promises that never settle.

import { expect, test } from 'vitest';
import { ANSWERED, NEXT, THROWN } from '../protocol.ts';
import { bench, FakeRequest } from './testing.ts';

// Long enough for a busy machine not to cut off what is well: the limit counts time, not work.
const LIMIT = { cpuLimitMs: 250 };

test('a loop is cut off, and only its request fails', async () => {
  const b = await bench([[['content', 'for (;;) {}']], [['content', 'ngx.say("ok")']]], LIMIT);
  const bad = new FakeRequest();
  const good = [1, 2, 3].map(() => new FakeRequest());
  const { actor } = b.keeper;
  actor?.start(good[0] as FakeRequest, 1, false);
  actor?.start(bad, 0, false);
  actor?.start(good[1] as FakeRequest, 1, false);
  expect((await bad.done).action).toBe(THROWN);
  for (const r of good.slice(0, 2)) expect([(await r.done).action, r.body]).toEqual([ANSWERED, 'ok\n']);
  await b.run(good[2] as FakeRequest, 1);
  expect(good[2]?.body).toBe('ok\n');
  expect(bad.logs[0]?.message).toMatch(/^content_by_ts\(nginx\.conf:10:\d+\): cut off after 250 ms/);
  expect(b.keeper.actor).toBe(actor);
  await b.stop();
});

test.each([
  ['after an await', 'await null; for (;;) {}'],
  ['after a wait', 'await ngx.sleep(0.001); for (;;) {}'],
  ['in a then', 'await Promise.resolve().then(() => { for (;;) {} })'],
  ['in a chain of promises', 'await (function f() { return Promise.resolve().then(f) })()'],
  ['in a regular expression', '/(a+)+(?!a)$/.test("a".repeat(40) + "b")'],
  ['in a getter of what is thrown', 'throw { get message() { for (;;) {} }, toString() { for (;;) {} } }'],
  ['in toString of what is said', 'ngx.say([{ toString() { for (;;) {} } }].join())'],
  ['in finally', 'try { throw 1 } finally { for (;;) {} }'],
  ['in a timer that it started', 'await new Promise(() => setTimeout(() => { for (;;) {} }, 1))'],
])('a loop %s is cut off while others wait', async (_name, text) => {
  const b = await bench(
    [[['content', text]], [['content', 'ngx.say(1); await ngx.sleep(0.05); await null; ngx.say(2)']]],
    LIMIT,
  );
  const { actor } = b.keeper;
  const bad = new FakeRequest();
  const waiting = [1, 2, 3].map(() => new FakeRequest());
  for (const r of waiting) actor?.start(r, 1, false);
  actor?.start(bad, 0, false);
  for (const r of waiting) {
    await r.done;
    expect(r.body).toBe('1\n2\n');
  }
  if (!text.includes('setTimeout')) expect((await bad.done).action).toBe(THROWN);
  expect([...bad.logs.map(({ message }) => message), ...b.logs].join()).toContain('cut off');
  expect(b.keeper.actor).toBe(actor);
  await b.stop();
});

test('requests whose code runs in the same visit as a loop lose nothing', async () => {
  const good = 'ngx.say(1); for (let i = 0; i < 50; i++) await null; await ngx.sleep(0.001); ngx.say(2)';
  const loop = 'await null; await null; for (;;) {}';
  const b = await bench(
    [[['content', good]], [['content', loop]], [['content', 'await ngx.sleep(0.002)']]],
    LIMIT,
  );
  const bad = [new FakeRequest(), new FakeRequest()];
  const others = [0, 0, 2, 0, 2, 0].map((segment) => ({ segment, r: new FakeRequest() }));
  const { actor } = b.keeper;
  for (const [i, { segment, r }] of others.entries()) {
    actor?.start(r, segment, false);
    if (i % 3 === 1) actor?.start(bad[(i - 1) / 3] as FakeRequest, 1, false);
  }
  for (const r of bad) expect((await r.done).action).toBe(THROWN);
  for (const { segment, r } of others) {
    expect((await r.done).action).not.toBe(THROWN);
    if (segment === 0) expect(r.body).toBe('1\n2\n');
  }
  await b.stop();
});

test('a request that a loop of another has cut off in the middle ends', async () => {
  const busy =
    'await Promise.all([ngx.sleep(0.001), (async () => { for (let i = 0; i < 1e5; i++) await null })()])';
  const b = await bench([[['content', busy]], [['content', 'for (;;) {}']], [['content', '']]], LIMIT);
  const torn = new FakeRequest();
  const bad = new FakeRequest();
  b.keeper.actor?.start(torn, 0, false);
  b.keeper.actor?.start(bad, 1, false);
  expect((await bad.done).action).toBe(THROWN);
  while (b.keeper.actor?.operations.count !== 0) await new Promise(setImmediate);
  await b.run(new FakeRequest(), 2);
  const { action } = await torn.done;
  // Where the machine was too busy for both to be in one visit, nothing was lost.
  const said = torn.logs.map(({ message }) => message).join();
  if (action !== NEXT) expect([action, said]).toEqual([THROWN, expect.stringContaining('lost when another')]);
  await b.stop();
});

test.each([
  ['arrays', 'const a = []; while (true) a.push(new Array(1e6))'],
  ['strings', "let s = 'x'; const k = []; while (true) { s += s + Math.random(); k.push(s.split('')) }"],
  ['maps', "const m = new Map(); let i = 0; while (true) m.set(i++, 'v' + i)"],
  ['after an await', 'await null; const a = []; while (true) a.push({ x: [1, 2, 3] })'],
])('a memory bomb of %s ends its isolate, and a new one takes over', async (_name, text) => {
  const b = await bench(
    [[['content', text]], [['content', 'ngx.say(globalThis.n = (globalThis.n ?? 0) + 1)']]],
    { cpuLimitMs: 30_000, memoryMb: 32 },
  );
  const before = b.keeper.actor;
  const one = new FakeRequest();
  await b.run(one, 1);
  const bad = new FakeRequest();
  expect((await b.run(bad)).action).toBe(THROWN);
  const two = new FakeRequest();
  await b.run(two, 1);
  expect([one.body, two.body]).toEqual(['1\n', '1\n']);
  expect(b.keeper.actor).not.toBe(before);
  expect(bad.logs.at(-1)?.message).toMatch(
    /^isolate "main" ended: out of memory in content_by_ts\(nginx\.conf:10\)/,
  );
  await b.stop();
});

test('requests beside a memory bomb: only those that have left traces fail with it', async () => {
  const b = await bench(
    [
      [['content', 'const a = []; while (true) a.push(new Array(1e6))']],
      [['content', 'ngx.say("fine")']],
      [['content', 'ngx.say("ž".repeat(5000))']],
      [['content', 'await ngx.sleep(0.1); ngx.say("late")']],
      [['content', 'ngx.var.seen = "1"; await ngx.sleep(0.1); ngx.say("late")']],
    ],
    { cpuLimitMs: 30_000, memoryMb: 32 },
  );
  const request = (segment: number): FakeRequest => {
    const r = new FakeRequest({ home: b.keeper, vars: { seen: '' } });
    b.keeper.actor?.start(r, segment, false);
    return r;
  };
  const waiting = request(3);
  const traced = request(4);
  await new Promise((resolve) => setTimeout(resolve, 20));
  const beside = [request(1), request(2), request(1)];
  const bad = request(0);
  beside.push(request(1), request(3));

  for (const r of [waiting, ...beside]) expect((await r.done).action).toBe(ANSWERED);
  expect([waiting, ...beside].map(({ body }) => body.slice(0, 5).trim())).toEqual([
    'late',
    'fine',
    'žžžžž',
    'fine',
    'fine',
    'late',
  ]);
  expect((await bad.done).action).toBe(THROWN);
  expect((await traced.done).action).toBe(THROWN);
  expect(bad.logs).toHaveLength(1);
  await b.stop();
});

test('a request is not run a third time', async () => {
  const b = await bench(
    [[['content', 'const a = []; for (;;) { a.push(new Array(1e5)); await ngx.sleep(0); }']]],
    {
      cpuLimitMs: 30_000,
      memoryMb: 32,
    },
  );
  const two = [new FakeRequest({ home: b.keeper }), new FakeRequest({ home: b.keeper })];
  for (const r of two) b.keeper.actor?.start(r, 0, false);
  for (const r of two) expect((await r.done).action).toBe(THROWN);
  await b.stop();
});

test('an isolate that dies again and again is given a pause', async () => {
  const b = await bench([[['content', 'const a = []; while (true) a.push(new Array(1e6))']]], {
    cpuLimitMs: 30_000,
    memoryMb: 16,
  });
  for (let i = 0; i < 4; i++) await b.run(new FakeRequest());
  expect(b.keeper.actor).toBeNull();
  await b.stop();
});

test.each([
  ['a throw', 'throw new TypeError("no")', /TypeError: no$/m],
  ['a throw of a string', 'throw "no"', /: no$/m],
  ['a throw of undefined', 'throw undefined', /: undefined$/m],
  ['a rejection', 'await Promise.reject(new Error("no"))', /: no$/m],
  ['a stack overflow', 'function f(): any { return f() } f()', /Maximum call stack size exceeded/],
  [
    'an error whose properties throw',
    'throw new (class extends Error { get message(): string { throw 1 } })',
    /.*/,
  ],
])('%s is logged with its place and fails its request', async (_name, text, message) => {
  const b = await bench([[['content', `ngx.say("lost");\n${text}`]]]);
  const r = new FakeRequest();
  expect(await b.run(r)).toMatchObject({ action: THROWN, code: 500 });
  expect(r.body).toBe('');
  expect(r.logs[0]?.message).toMatch(/^\[ts\] content_by_ts\(nginx\.conf:1[01](:\d+)?\): /);
  expect(r.logs[0]?.message).toMatch(message);
  await b.stop();
});

test('a rejection that nobody waits for is logged and hurts nobody', async () => {
  const b = await bench([[['content', 'Promise.reject(new Error("lonely")); ngx.say("fine")']]]);
  const r = new FakeRequest();
  expect((await b.run(r)).action).toBe(ANSWERED);
  expect(r.body).toBe('fine\n');
  expect([...b.logs, ...r.logs.map(({ message }) => message)].join()).toMatch(
    /content_by_ts\(nginx\.conf:10:\d+\): unhandled rejection: lonely/,
  );
  await b.stop();
});

test('after the first, every rejection that nobody waits for is logged', async () => {
  const b = await bench([
    [['content', 'Promise.reject(new Error(ngx.var.arg_n)); ngx.say("fine"); await null']],
  ]);
  await b.run(new FakeRequest({ vars: { arg_n: 'one' } }));
  const requests = ['two', 'three', 'four'].map((arg_n) => new FakeRequest({ vars: { arg_n } }));
  await Promise.all(requests.map((r) => b.run(r)));
  for (const r of requests) {
    expect(r.logs.map(({ message }) => message).join()).toContain(`unhandled rejection: ${r.vars.arg_n}`);
  }
  await b.stop();
});

test('a swallowed exit does not bring the request back', async () => {
  const b = await bench([
    [
      [
        'content',
        'try { ngx.exit(403) } catch {} try { ngx.say("x") } catch {} ngx.status = 200; ngx.say("y")',
      ],
    ],
  ]);
  const r = new FakeRequest();
  expect(await b.run(r)).toMatchObject({ action: 1, code: 403 });
  expect(r.body).toBe('');
  await b.stop();
});

test('exit in code that the block does not wait for decides the request', async () => {
  const b = await bench([
    [['content', '(async () => { await ngx.sleep(0.001); ngx.exit(402) })(); await new Promise(() => {})']],
  ]);
  expect(await b.run(new FakeRequest())).toMatchObject({ action: 1, code: 402 });
  await b.stop();
});

// Mixed at random, as in production: exactly the bad ones fail.
test('good and bad requests, mixed', { timeout: 60_000 }, async () => {
  const good = [
    'ngx.say("good")',
    'await ngx.sleep(0.002); ngx.say("good")',
    'await Promise.all([ngx.sleep(0.001), null, ngx.sleep(0.003)]); ngx.print("go"); await null; ngx.say("od")',
  ];
  const bad = [
    'for (;;) {}',
    'await ngx.sleep(0.001); for (;;) {}',
    'throw new Error("bad")',
    'await null; throw new Error("bad")',
    'Promise.resolve().then(() => { for (;;) {} }); await new Promise(() => {})',
  ];
  const never = 'await new Promise(() => {})';
  const b = await bench(
    [...good, ...bad, never].map((text) => [['content', text] as const]),
    { cpuLimitMs: 250 },
  );
  let seed = 12345;
  const random = (n: number): number => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    return (seed >> 8) % n;
  };
  const runs: Promise<void>[] = [];
  for (let i = 0; i < 300; i++) {
    const kind = random(40);
    const r = new FakeRequest();
    const index =
      kind === 0
        ? good.length + random(bad.length)
        : kind === 1
          ? good.length + bad.length
          : random(good.length);
    const outcome = b.run(r, index);
    if (index < good.length) {
      runs.push(
        outcome.then(({ action }) => {
          expect([action, r.body]).toEqual([ANSWERED, 'good\n']);
        }),
      );
    } else if (index < good.length + bad.length) {
      runs.push(outcome.then(({ action }) => expect(action).toBe(THROWN)));
    }
    if (random(8) === 0) await new Promise(setImmediate);
  }
  const { actor } = b.keeper;
  await Promise.all(runs);
  expect(b.keeper.actor).toBe(actor);
  await b.stop();
});

test('a tenant that loops again and again gets pauses, in which no more than a few may wait', async () => {
  const b = await bench([[['content', 'for (;;);']], [['content', 'ngx.say("fine")']]], {
    cpuLimitMs: 20,
    common: false,
  });
  const loop = (): FakeRequest => {
    const r = new FakeRequest({ home: b.keeper });
    b.keeper.actor?.start(r, 0, false);
    return r;
  };
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    const began = performance.now();
    await loop().done;
    times.push(performance.now() - began);
  }
  // The third waits until the pause that the second has brought about is over, and so on: 20, 40, 80 ms.
  expect(times[4]).toBeGreaterThan(80);

  const [first] = Array.from({ length: 18 }, loop);
  expect(b.keeper.actor).toBeNull();
  await b.stop();
  expect((await first?.done)?.action).toBe(THROWN);
});

test.each([
  ['operations', 'try { for (;;) setTimeout(() => {}, 1e6) } catch (e) { ngx.log(ngx.WARN, e.message) }'],
  ['headers', 'for (let i = 0; i < 20; i++) ngx.header["X-" + i] = Array.from({ length: 8000 }, () => "v")'],
  [
    'values of a header',
    'try { ngx.header.x = Array.from({ length: 80000 }, () => "v") } catch (e) { ngx.log(ngx.WARN, e.message) }',
  ],
])('a block with more %s than there is room for comes to its end', async (name, text) => {
  for (const before of ['', 'await ngx.sleep(0.001);']) {
    const b = await bench([[['content', `${before} ${text}; ngx.say("end")`]]]);
    const r = new FakeRequest();
    b.keeper.actor?.start(r, 0, false);
    expect([(await r.done).action, r.body, b.logs]).toEqual([ANSWERED, 'end\n', []]);
    if (name !== 'headers')
      expect(r.logs[0]?.message).toMatch(/too many (?:operations at once|values of a header)$/);
    await b.stop();
  }
});

test('requests whose log blocks never come to an end are given up when they are too many', async () => {
  const b = await bench([[['log', 'await new Promise(() => {})']]]);
  const requests = Array.from({ length: 4097 }, () => new FakeRequest());
  for (const r of requests) b.keeper.actor?.start(r, 0, true);
  await b.keeper.actor?.settled();
  expect(requests.map(({ slot }) => slot !== 0)).toEqual(requests.map((_, i) => i >= 2048));
  expect(requests[0]?.logs[0]?.message).toBe('[ts] too many log blocks wait: they are given up');
  await b.stop();
});

test('what is said goes to the worker before it is too much at once', async () => {
  const text =
    'for (let i = 0; i < 4; i++) { ngx.print("x".repeat(3e6)); ngx.flush(); ngx.log(ngx.WARN, i) }';
  const b = await bench([[['content', text]]]);
  const logsAt: number[] = [];
  class Said extends FakeRequest {
    override respond(flags: number, body: string): void {
      logsAt.push(this.logs.length);
      super.respond(flags, body);
    }
  }
  const r = new Said();
  expect((await b.run(r)).action).toBe(ANSWERED);
  expect([r.body.length, logsAt.slice(0, 4)]).toEqual([12_000_000, [2, 2, 2, 4]]);
  await b.stop();
});
