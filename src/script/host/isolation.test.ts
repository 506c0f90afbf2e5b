// What scripts cannot reach, cannot break, and do not leave behind.

import { expect, test, vi } from 'vitest';
import { ANSWERED } from '../protocol.ts';
import { bench, FakeRequest } from './testing.ts';

async function say(text: string): Promise<string> {
  const b = await bench([[['content', text]]]);
  const r = new FakeRequest();
  await b.run(r);
  await b.stop();
  return r.body + r.logs.map(({ message }) => message).join();
}

test.each(['process', 'Buffer', 'global', 'guest', 'module', 'ivm', 'Deno', 'importScripts', 'WebAssembly'])(
  'there is no %s',
  async (name) => {
    expect(await say(`ngx.say(typeof ${name})`)).toBe('undefined\n');
  },
);

test.each([
  ['the constructor of a function', `ngx.say.constructor('return typeof process + typeof require')()`],
  [
    'an error',
    `(() => { try { null.x } catch (e) { return e.constructor.constructor('return typeof process + typeof require')() } })()`,
  ],
  [
    'an error of the host',
    `(() => { try { ngx.var.x = 1 } catch (e) { return e.constructor.constructor('return typeof process + typeof require')() } })()`,
  ],
  [
    'a promise of the host',
    `ngx.sleep(0).constructor.constructor('return typeof process + typeof require')()`,
  ],
  ['the shared dictionaries', `ngx.shared.constructor === undefined ? 'undefinedundefined' : 'seen'`],
  [
    'the callers of a callback',
    `(() => { let seen = ''; function f() { seen += f.caller === null || f.caller === undefined } try { ngx.re.sub('a', 'a', f) } catch {} return seen === 'false' ? 'seen' : 'undefinedundefined' })()`,
  ],
  [
    'call sites',
    `(() => { const old = Error.prepareStackTrace; Error.prepareStackTrace = (_e, sites) => sites; let seen = ''; ngx.re.sub('a', 'a', () => { for (const s of new Error('x').stack as any) { const t = s.getThis?.(); const f = s.getFunction?.(); if (f && !/^(?:async )?function|=>/.test(String(f))) seen += f; if (t && t !== globalThis) seen += Object.keys(t) } return '' }); Error.prepareStackTrace = old; return seen === '' ? 'undefinedundefined' : seen })()`,
  ],
])('%s leads nowhere', async (_name, expression) => {
  expect(await say(`ngx.say(${expression})`)).toBe('undefinedundefined\n');
});

test('the host is not to be found on any object of the API', async () => {
  const body = await say(`
    const native = (f: any) => typeof f === 'function' && /\\[native code\\]/.test(Function.prototype.toString.call(f));
    function walk(value: any, path: string, seen: Set<unknown>, found: (path: string, value: any) => void): void {
      if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) return;
      seen.add(value);
      found(path, value);
      for (const key of Reflect.ownKeys(value)) {
        let next: unknown;
        try { next = value[key]; } catch { continue; }
        if (next instanceof Promise) next.catch(() => {}); // a getter of a stream, asked for without a stream
        const own = Reflect.getOwnPropertyDescriptor(value, key);
        walk(next, path + '.' + String(key), seen, found);
        walk(own?.get, path + '.' + String(key), seen, found);
      }
      walk(Object.getPrototypeOf(value), path + '.__proto__', seen, found);
    }
    const known = new Set<unknown>();
    const own = ['ngx', 'console', 'URL', 'URLSearchParams', 'TextEncoder', 'TextDecoder', 'atob', 'btoa', 'structuredClone', 'queueMicrotask', 'fetch', 'crypto', 'CryptoKey', 'performance', 'self', 'Headers', 'Request', 'Response', 'Event', 'CustomEvent', 'EventTarget', 'AbortController', 'AbortSignal', 'DOMException', 'setTimeout', 'setInterval', 'clearTimeout', 'clearInterval', 'navigator', 'globalThis',
      'Blob', 'File', 'FormData', 'ErrorEvent', 'PromiseRejectionEvent', 'URLPattern', 'Crypto', 'SubtleCrypto', 'reportError', 'Performance', 'ByteLengthQueuingStrategy', 'CompressionStream', 'CountQueuingStrategy', 'DecompressionStream', 'ReadableByteStreamController', 'ReadableStream', 'ReadableStreamBYOBReader', 'ReadableStreamBYOBRequest', 'ReadableStreamDefaultController', 'ReadableStreamDefaultReader', 'TextDecoderStream', 'TextEncoderStream', 'TransformStream', 'TransformStreamDefaultController', 'WritableStream', 'WritableStreamDefaultController', 'WritableStreamDefaultWriter'];
    for (const name of Object.getOwnPropertyNames(globalThis)) {
      if (!own.includes(name)) walk((globalThis as any)[name], name, known, () => {});
    }
    walk(async function () {}, 'async', known, () => {});
    walk((function* () {})(), 'generator', known, () => {});
    walk([][Symbol.iterator](), 'iterator', known, () => {});
    const found: string[] = [];
    walk({ ngx, globalThis }, '', new Set(), (path, value) => {
      if (native(value) && !known.has(value)) found.push(path);
      if (value instanceof SharedArrayBuffer) found.push(path);
    });
    ngx.say(found.join(' ') || 'nothing');
  `);
  expect(body).toBe('nothing\n');
});

test('requests see nothing of each other', async () => {
  const b = await bench([
    [
      [
        'content',
        `const mine = ngx.var.arg_x;
         ngx.ctx.mine = mine;
         ngx.header["X-Mine"] = mine;
         if (mine === 'slow') await ngx.sleep(0.01);
         ngx.say(mine, ngx.ctx.mine, Object.keys(ngx.ctx).length);`,
      ],
    ],
  ]);
  const requests = ['slow', 'a', 'b', 'slow', 'c'].map((x) => new FakeRequest({ vars: { arg_x: x } }));
  await Promise.all(requests.map((r) => b.run(r)));
  for (const r of requests) {
    const x = r.vars.arg_x;
    expect(r.body).toBe(`${x}${x}1\n`);
    expect(r.headers['x-mine']).toEqual([x]);
  }
  await b.stop();
});

test('the ngx of a request that is over has no request', async () => {
  const b = await bench([
    [['content', 'globalThis.kept = ngx; ngx.say(1)']],
    [
      [
        'content',
        `const kept = (globalThis as any).kept;
         const tried = [];
         for (const f of [() => kept.var.uri, () => kept.req.get_headers(), () => kept.say('x'), () => kept.status,
                          () => kept.header.a, () => { kept.header.a = 1 }, () => kept.exit(500)]) {
           try { f(); tried.push('worked') } catch (e) { tried.push((e as Error).message) }
         }
         await kept.sleep(0);
         ngx.say(new Set(tried).size, ' ', tried[0], ' ', kept.get_phase(), ' ', typeof kept.now())`,
      ],
    ],
  ]);
  const first = new FakeRequest();
  await b.run(first);
  b.keeper.actor?.end(first);
  const second = new FakeRequest();
  await b.run(second, 1);
  expect(second.body).toBe('1 no request found timer number\n');
  await b.stop();
});

test('ngx.ctx is one object for all phases of a request', async () => {
  const b = await bench([
    [
      ['access', 'ngx.ctx.a = 1'],
      ['content', 'ngx.say(ngx.ctx.a)'],
    ],
    [['log', 'ngx.log(ngx.ERR, "a=", ngx.ctx.a)']],
  ]);
  const r = new FakeRequest();
  await b.run(r);
  await b.run(r, 1);
  expect(r.body).toBe('1\n');
  await vi.waitFor(() => expect(r.logs[0]?.message).toContain('a=1'), 10_000);
  await b.stop();
});

// A script may patch any prototype: it changes its own world, and the bridge goes on.
test('patched built-ins do not break the bridge', async () => {
  const b = await bench([
    [
      [
        'content',
        `const fail = () => { throw new Error('patched') };
           const { defineProperty, getOwnPropertyNames } = Object;
           for (const type of [Array, String, Map, Set, WeakMap, RegExp, Number, Boolean, Date, Promise, Int32Array, Uint8Array, ArrayBuffer, Symbol, Function, Object, Error]) {
             for (const owner of [type, type.prototype] as any[]) {
               for (const name of getOwnPropertyNames(owner)) {
                 if (['prototype', 'constructor', 'length', 'name', '__proto__'].includes(name) || name.startsWith('__')) continue;
                 try { if (typeof owner[name] === 'function') defineProperty(owner, name, { value: fail }); } catch {}
               }
             }
           }
           for (const space of [JSON, Math, Reflect] as any[]) {
             for (const name of getOwnPropertyNames(space)) if (typeof space[name] === 'function') space[name] = fail;
           }`,
      ],
    ],
    [
      [
        'content',
        `ngx.header.X_A = ['1', '2'];
           ngx.status = 201;
           ngx.say('uri ', ngx.var.uri, ' ', ngx.var.arg_x, ' ', ngx.req.get_method());
           await ngx.sleep(0.001);
           ngx.say('after');`,
      ],
    ],
    [['content', 'ngx.exit(403)']],
    [['content', 'throw new TypeError("thrown")']],
    [['content', 'ngx.log(ngx.WARN, "logged ", 1); ngx.say(ngx.req.get_uri_args().a)']],
  ]);
  await b.run(new FakeRequest());
  const r = new FakeRequest({ uri: '/u', vars: { arg_x: 'y' } });
  expect((await b.run(r, 1)).action).toBe(ANSWERED);
  expect([r.body, r.status, r.headers]).toEqual(['uri /u y GET\nafter\n', 201, { 'x-a': ['1', '2'] }]);
  expect(await b.run(new FakeRequest(), 2)).toMatchObject({ code: 403 });
  const thrown = new FakeRequest();
  expect(await b.run(thrown, 3)).toMatchObject({ code: 500 });
  expect(thrown.logs[0]?.message).toContain('TypeError: thrown');
  const args = new FakeRequest({ args: 'a=1%202&b' });
  await b.run(args, 4);
  expect([args.body, args.logs[0]?.message]).toEqual(['1 2\n', expect.stringContaining('logged 1')]);
  await b.stop();
});

test('what instanceof is told does not break the bridge', async () => {
  const b = await bench([
    [
      [
        'content',
        `const fail = { value: () => { throw new Error('patched') } };
         for (const name of Object.getOwnPropertyNames(globalThis)) {
           const type = (globalThis as any)[name];
           if (typeof type === 'function') try { Object.defineProperty(type, Symbol.hasInstance, fail) } catch {}
         }`,
      ],
    ],
    [['content', 'await ngx.sleep(0.001); ngx.log(ngx.WARN, { a: [1] }, "logged"); ngx.say("after")']],
    [['content', 'return new Response("answered")']],
    [['content', 'throw new TypeError("thrown")']],
    [['content', 'return new Proxy({}, { getPrototypeOf() { throw new Error("asked") } })']],
    [['content', 'ngx.print(new Uint8Array([97]), await new Response("b").text()); await Promise.reject(1)']],
  ]);
  const outcomes: string[] = [];
  for (let i = 0; i < 6; i++) {
    const r = new FakeRequest();
    const { action, code } = await b.run(r, i);
    outcomes.push(
      [action, code, r.body, ...r.logs.map(({ message }) => message.replace(/^.*?: /, ''))].join(' '),
    );
  }
  expect([outcomes, b.logs]).toEqual([
    [
      '0 0 ',
      '5 0 after\n { a: [ 1 ] }logged',
      '5 0 answered',
      '3 500  TypeError: thrown',
      '0 0 ',
      '3 500  1',
    ],
    [],
  ]);
  await b.stop();
});

test('setters on prototypes are told of nothing that is not of the script', async () => {
  const trap = `
    const seen: unknown[] = [];
    const put = Object.defineProperty;
    for (const prototype of [Array.prototype, Object.prototype]) for (let i = 0; i < 8; i++) put(prototype, i, {
      configurable: true,
      set(value) {
        if (typeof value === 'object' && value !== null) seen[seen.length + 100] = Reflect.ownKeys(value).join();
        put(this, i, { __proto__: null, value, writable: true, configurable: true, enumerable: true } as object);
      },
    });
    try {
      const thread = ngx.thread.spawn(async () => await ngx.sleep(0.001));
      await ngx.thread.wait(thread);
      const semaphore = ngx.semaphore.new(0);
      setTimeout(() => semaphore.post(1), 1);
      await semaphore.wait(1);
      await ngx.sleep(0.002);
    } finally {
      for (const prototype of [Array.prototype, Object.prototype] as any[]) for (let i = 0; i < 8; i++) delete prototype[i];
    }
    ngx.say('seen: ', seen.filter((names) => /slot|woken|ref|phase/.test(String(names))).join('; '));`;
  const b = await bench([
    [['content', trap]],
    [['content', 'ngx.say(1); await ngx.sleep(0.001); for (let i = 0; i < 3; i++) await null; ngx.say(2)']],
  ]);
  const r = new FakeRequest();
  const others = [1, 2, 3].map(() => new FakeRequest());
  const { actor } = b.keeper;
  actor?.start(r, 0, false);
  for (const other of others) actor?.start(other, 1, false);
  for (const other of others) {
    await other.done;
    expect(other.body).toBe('1\n2\n');
  }
  await r.done;
  expect(r.body).toBe('seen: \n');
  await b.stop();
});
