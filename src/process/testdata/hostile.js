// A tenant's file that calls all it finds on ngx and among the globals, with arguments that are made to hurt, in an order
// that `seed` decides. What should not be is written to the error log as "LEAK": see hostile.test.ts.

const { getPrototypeOf, setPrototypeOf, defineProperty, getOwnPropertyDescriptor } = Object;
const { apply, ownKeys, construct } = Reflect;
const call = Function.prototype.call.bind.bind(Function.prototype.call);
const isOf = call(Object.prototype.isPrototypeOf);
const matches = call(RegExp.prototype.test);
const then = call(Promise.prototype.then);
const repeat = call(String.prototype.repeat);
const has = call(Set.prototype.has);
const add = call(Set.prototype.add);
const { Object: O, Error: E, Promise: P, String: S } = globalThis;
const log = globalThis.ngx.log.bind(globalThis.ngx);
const sleep = globalThis.ngx.sleep.bind(globalThis.ngx);
const nothing = () => {};

/** What the host's own code would give away. */
const HOST = /isolated-vm|node:|\/dist\/|\/src\/script\/host|node_modules/;
/** Objects that outlive the request that made them, for others to use. */
const kept = [];

function randomNumbers(seed) {
  let a = (seed * 2654435761) >>> 0;
  return (below) => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** What a call has thrown is of this realm, and says nothing of the host. */
function judge(error, path) {
  if (error === null || (typeof error !== 'object' && typeof error !== 'function')) return;
  let prototype;
  try {
    prototype = getPrototypeOf(error);
  } catch {
    return; // a proxy of ours
  }
  if (prototype === null) return; // the signal of ngx.exit
  if (!isOf(O.prototype, error)) log(4, `LEAK: ${path} throws what is not of this realm`);
  else if (isOf(E.prototype, error) && matches(HOST, `${error.message}${error.stack}`)) {
    log(4, `LEAK: ${path}: ${error.stack}`);
  }
}

function keep(value, random) {
  if (value === null || typeof value !== 'object') return;
  kept[kept.length < 100 ? kept.length : random(100)] = value;
}

/** All that has a name: whose it is, the name, the path. */
function targetsOf(ngx) {
  const targets = [];
  const seen = new Set();
  const walk = (value, path, depth) => {
    if (value === null || (typeof value !== 'object' && typeof value !== 'function') || depth > 4) return;
    if (has(seen, value)) return;
    add(seen, value);
    for (let o = value; o !== null && o !== O.prototype && o !== Function.prototype; o = getPrototypeOf(o)) {
      for (const key of ownKeys(o)) {
        const at = `${path}.${S(key)}`;
        let next;
        try {
          next = value[key];
        } catch (error) {
          judge(error, at);
        }
        if (isOf(P.prototype, next ?? 0)) then(next, nothing, nothing);
        targets.push([value, key, at]);
        if (key !== 'constructor') walk(next, at, depth + 1);
      }
    }
  };
  walk(ngx, 'ngx', 0);
  for (const name of ownKeys(globalThis)) {
    const value = globalThis[name];
    if (matches(/^(Object|Function|globalThis|Reflect|Atomics|eval)$/, S(name)) || value === globalThis) continue;
    targets.push([globalThis, name, S(name)]);
    walk(value, S(name), 3);
    walk(value?.prototype, `${S(name)}.prototype`, 3);
  }
  return targets;
}

function hurtful(random, ngx, targets) {
  const again = () => {
    const [owner, key] = targets[random(targets.length)];
    const value = typeof owner[key] === 'function' ? apply(owner[key], owner, [1, 'x']) : owner[key];
    if (isOf(P.prototype, value ?? 0)) then(value, nothing, nothing);
    return 'again';
  };
  const other = () => hurtful(random, ngx, targets);
  const buffer = new ArrayBuffer(64, { maxByteLength: 1024 });
  const cyclic = { a: [1] };
  cyclic.a.push(cyclic);
  let reads = 0;
  const kinds = [
    () => undefined,
    () => null,
    () => true,
    () => Number.NaN,
    () => -0,
    () => 2 ** 31,
    () => 2 ** 53,
    () => -1,
    () => random(5),
    () => 0.001,
    () => Number.NEGATIVE_INFINITY,
    () => 10n ** 30n,
    () => '',
    () => 'a\0b\r\nc: d\n\n',
    () => '\ud800',
    () => repeat('x', 1 << random(18)),
    () => repeat('\u{1f600}', 3000),
    () => Symbol.iterator,
    () => '127.0.0.1',
    () => Number(ngx.var.server_port),
    () => `http://127.0.0.1:${ngx.var.server_port}/well`,
    () => '/well',
    () => 'k',
    () => ({ method: 2, body: 'x', args: { a: [1, true] }, ctx: {} }),
    () => ({
      get length() {
        return reads++ ? 1e9 : 1;
      },
      get 0() {
        return 'x';
      },
    }),
    () => ({
      toString() {
        throw new TypeError('no text');
      },
    }),
    () => ({ toString: again, valueOf: again }),
    () => ({
      [Symbol.toPrimitive]() {
        ngx.exit(403);
      },
    }),
    () => ({
      get [['timeout', 'headers', 'body', 'method', 'pool', 'signal', 'args', 'max'][random(8)]]() {
        return other();
      },
    }),
    () =>
      new Proxy(
        {},
        {
          get: () => again,
          ownKeys: () => ['a'],
          getOwnPropertyDescriptor: () => ({ get: again, configurable: true, enumerable: true }),
          getPrototypeOf() {
            throw new E('asked for its prototype');
          },
        },
      ),
    () => new Proxy([1, 2], { get: (list, key) => (key === 'length' ? 2 ** random(20) : list[key]) }),
    () => {
      const view = new Uint8Array(buffer, 32, 16);
      if (random(2)) buffer.resize(8);
      else buffer.transfer();
      return random(2) ? view : buffer;
    },
    () => new Uint8Array(new SharedArrayBuffer(64)),
    () => new DataView(new ArrayBuffer(16), 3, 4),
    () => cyclic,
    () => ({
      // biome-ignore lint/suspicious/noThenProperty: that is what it is for
      then(resolve) {
        again();
        resolve({});
      },
    }),
    () => {
      const list = ['a', 'b'];
      defineProperty(list, 0, {
        get() {
          list.length = 0;
          return again();
        },
      });
      return list;
    },
    () => setPrototypeOf(['a', 'b'], null),
    () => new Array(1e4),
    () => again,
    () => async () => again(),
    () =>
      class {
        static x = again;
      },
    () => new Date(Number.NaN),
    () => [other(), other()],
    () => ({ a: other() }),
    () => kept[random(100)],
    () => globalThis.ngx,
  ];
  return kinds[random(kinds.length)]();
}

/** Replaces built-ins that others build upon, until what is returned is called. */
function pollute(random) {
  const fail = {
    configurable: true,
    value() {
      throw new E('polluted');
    },
  };
  const getters = { configurable: true, get: () => undefined, set: nothing };
  const plans = [
    () => ['then', 'get', 'value', 'length', '0', 'done', 'body', 'signal', 'timeout'].map((k) => [O.prototype, k, getters]),
    () => [[P.prototype, 'then', fail], [P.prototype, 'constructor', fail], [P, 'resolve', fail]],
    () => [0, 1, 2].map((i) => [Array.prototype, i, getters]).concat([[Array.prototype, Symbol.iterator, fail]]),
    () => ['stringify', 'parse'].map((k) => [JSON, k, fail]).concat([[RegExp.prototype, 'exec', fail]]),
    () => [P, E, Map, Uint8Array, Response].map((type) => [type, Symbol.hasInstance, fail]),
    () => [[E, 'prepareStackTrace', fail], [E, 'stackTraceLimit', { configurable: true, value: 'x' }]],
    () => ['call', 'apply', 'bind'].map((k) => [Function.prototype, k, fail]),
    () => [Map.prototype, Set.prototype, WeakMap.prototype].flatMap((o) => ['get', 'set', 'has'].map((k) => [o, k, fail])),
  ];
  const undo = [];
  for (const [owner, key, patch] of plans[random(plans.length)]()) {
    const before = getOwnPropertyDescriptor(owner, key);
    try {
      defineProperty(owner, key, patch);
    } catch {
      continue; // it is not to be replaced
    }
    undo[undo.length] = () => (before === undefined ? delete owner[key] : defineProperty(owner, key, before));
  }
  return () => {
    for (let i = 0; i < undo.length; i++) undo[i]();
  };
}

function callOne(random, ngx, targets) {
  const [owner, key, path] = targets[random(targets.length)];
  const args = [];
  for (let i = random(6); i > 0; i--) args[args.length] = hurtful(random, ngx, targets);
  const restore = random(4) === 0 ? pollute(random) : nothing;
  try {
    const callee = owner[key];
    if (typeof callee !== 'function') return undefined;
    const self = random(6) === 0 ? kept[random(100)] : owner;
    const value = random(4) === 0 ? construct(callee, args) : apply(callee, self, args);
    restore();
    keep(value, random);
    if (!isOf(P.prototype, value ?? 0)) return undefined;
    return then(
      value,
      (one) => keep(one, random),
      (error) => judge(error, `${path} later`),
    );
  } catch (error) {
    restore();
    judge(error, path);
    return undefined;
  }
}

let calls = 0;

export default async function hostile(ngx) {
  const random = randomNumbers(Number(ngx.var.arg_seed) * 100 + ++calls);
  const targets = targetsOf(ngx);
  for (let i = 0; i < 40; i++) {
    const promise = callOne(random, ngx, targets);
    if (promise !== undefined && random(4) === 0) await P.race([promise, sleep(0.001)]);
  }
}
