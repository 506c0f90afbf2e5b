import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SharedDict } from './shared_dict.ts';
import { temporaryDict, temporaryZone } from './testing.ts';
import { ZoneError } from './zone.ts';

const START = Date.UTC(2026, 0, 1);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: START });
});
afterEach(() => {
  vi.useRealTimers();
});

function later(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000);
}

function failure(call: () => unknown): ZoneError {
  try {
    call();
  } catch (error) {
    if (error instanceof ZoneError) return error;
    throw error;
  }
  throw new Error('it did not throw');
}

type Script = (dict: SharedDict) => unknown;

// Each row: what a script does with an empty dictionary, and what the last call gives.
const answers: readonly [Script, unknown][] = [
  // get and set
  [(d) => d.get('none'), undefined],
  [(d) => d.set('k', 'value'), true],
  [(d) => [d.set('k', 'value'), d.get('k')], [true, 'value']],
  [(d) => [d.set('k', ''), d.get('k')], [true, '']],
  [(d) => [d.set('k', 'grüße 🎉'), d.get('k')], [true, 'grüße 🎉']],
  [(d) => [d.set('k', 42), d.get('k')], [true, 42]],
  [(d) => [d.set('k', -0.5), d.get('k')], [true, -0.5]],
  [(d) => [d.set('k', Number.NaN), d.get('k')], [true, Number.NaN]],
  [(d) => [d.set('k', 2 ** 53), d.get('k')], [true, 2 ** 53]],
  [(d) => [d.set('k', true), d.get('k')], [true, true]],
  [(d) => [d.set('k', false), d.get('k')], [true, false]],
  [(d) => [d.set('k', Buffer.from('é')), d.get('k')], [true, 'é']],
  [(d) => [d.set('k', new Uint8Array([1, 255]).buffer), d.get_buffer('k')], [true, new Uint8Array([1, 255])]],
  [(d) => [d.set('k', 'é'), d.get_buffer('k')], [true, new Uint8Array([0xc3, 0xa9])]],
  [(d) => [d.set('k', 12), d.get_buffer('k')], [true, new Uint8Array([49, 50])]],
  [(d) => [d.set('k', true), Buffer.from(d.get_buffer('k') ?? []).toString()], [true, 'true']],
  [(d) => d.get_buffer('none'), undefined],
  [(d) => [d.set('k', 'text'), d.set('k', 1), d.get('k')], [true, true, 1]],
  [(d) => [d.set('k', 'v'), d.set('k', undefined), d.get('k')], [true, true, undefined]],
  [(d) => [d.rpush('k', 'v'), d.set('k', 'v'), d.get('k')], [1, true, 'v']],
  [(d) => d.set_with_info('k', 'v'), { ok: true, forcible: false }],
  [(d) => d.safe_set('k', 'v'), true],
  // keys
  [(d) => [d.set(1, 'v'), d.get('1')], [true, 'v']],
  [(d) => [d.set(true, 'v'), d.get('true')], [true, 'v']],
  [(d) => [d.set('ü', 'v'), d.get(Buffer.from('ü'))], [true, 'v']],
  [(d) => [d.set('k'.repeat(65535), 'v'), d.get('k'.repeat(65535))], [true, 'v']],
  // flags
  [(d) => [d.set('k', 'v', 0, 7), d.get_with_flags('k')], [true, { value: 'v', flags: 7 }]],
  [(d) => [d.set('k', 'v'), d.get_with_flags('k')], [true, { value: 'v', flags: 0 }]],
  [(d) => [d.set('k', 'v', 0, 2 ** 32 - 1), d.get_with_flags('k')?.flags], [true, 4294967295]],
  [(d) => d.get_with_flags('none'), undefined],
  // expiry
  [
    (d) => [d.set('k', 'v', 0.5), later(0.499), d.get('k'), later(0.001), d.get('k')],
    [true, undefined, 'v', undefined, undefined],
  ],
  [(d) => [d.set('k', 'v', 0.0005), later(1e9), d.get('k')].pop(), 'v'],
  [(d) => [d.set('k', 'v', 1), d.set('k', 'v'), later(2), d.get('k')].pop(), 'v'],
  [(d) => [d.set('k', 'v', 1, 3), later(2), d.get_stale('k')].pop(), { value: 'v', flags: 3, stale: true }],
  [(d) => [d.set('k', 'v', 1), d.get_stale('k')].pop(), { value: 'v', flags: 0, stale: false }],
  [(d) => d.get_stale('none'), undefined],
  [(d) => [d.set('k', 'v', 1.5), later(0.25), d.ttl('k')].pop(), 1.25],
  [(d) => [d.set('k', 'v'), d.ttl('k')].pop(), 0],
  [
    (d) => [d.set('k', 'v', 1), d.expire('k', 5), later(4), d.get('k'), d.ttl('k')],
    [true, true, undefined, 'v', 1],
  ],
  [(d) => [d.set('k', 'v', 1), d.expire('k', 0), later(4), d.get('k'), d.ttl('k')].slice(3), ['v', 0]],
  [
    (d) => [d.rpush('k', 'v'), d.expire('k', 1), d.ttl('k'), later(1), d.llen('k')],
    [1, true, 1, undefined, 0],
  ],
  [(d) => [d.set('k', 'v', 1), later(3), d.ttl('k')].pop(), -2],
  [(d) => [d.set('k', 'v', 1), d.expire('k', -1), later(4), d.get('k'), d.ttl('k')].slice(3), ['v', 0]],
  [
    (d) => [d.set('k', 'v', 1), later(3), d.get('k'), d.expire('k', 5), d.get('k'), d.ttl('k')].slice(2),
    [undefined, true, 'v', 5],
  ],
  // add and replace
  [(d) => [d.add('k', 1), d.add('k', 2), d.get('k')], [true, false, 1]],
  [(d) => [d.add('k', 1, 1), later(1), d.add('k', 2), d.get('k')], [true, undefined, true, 2]],
  [(d) => [d.safe_add('k', 1), d.safe_add('k', 2)], [true, false]],
  [
    (d) => [d.add_with_info('k', 1), d.add_with_info('k', 2)],
    [
      { ok: true, forcible: false },
      { ok: false, forcible: false },
    ],
  ],
  [(d) => [d.replace('k', 1), d.get('k')], [false, undefined]],
  [
    (d) => [d.set('k', 1), d.replace('k', 'two', 0, 2), d.get_with_flags('k')].slice(1),
    [true, { value: 'two', flags: 2 }],
  ],
  [(d) => [d.set('k', 1, 1), later(1), d.replace('k', 2)].pop(), false],
  [(d) => d.replace_with_info('k', 1), { ok: false, forcible: false }],
  // delete
  [(d) => [d.set('k', 1), d.delete('k'), d.get('k'), d.delete('k')], [true, true, undefined, true]],
  [(d) => [d.rpush('k', 1), d.delete('k'), d.llen('k')], [1, true, 0]],
  // incr
  [(d) => [d.set('k', 5), d.incr('k', 2), d.incr('k', -0.5), d.get('k')], [true, 7, 6.5, 6.5]],
  [(d) => [d.incr('k', 1, 10), d.incr('k', 1, 10)], [11, 12]],
  [
    (d) => [d.incr('k', 1, 0, 1), later(0.5), d.incr('k', 1, 0, 1), d.ttl('k'), later(0.5), d.get('k')],
    [1, undefined, 2, 0.5, undefined, undefined],
  ],
  [(d) => [d.set('k', 5, 1), later(1), d.incr('k', 1, 0)].pop(), 1],
  [(d) => [d.set('k', 'text', 1), later(1), d.incr('k', 1, 0), d.get('k')].slice(2), [1, 1]],
  [(d) => [d.rpush('k', 1), d.expire('k', 1), later(1), d.incr('k', 1, 0), d.get('k')].slice(3), [1, 1]],
  [(d) => [d.set('k', 5, 0, 9), d.incr('k', 1), d.get_with_flags('k')].slice(1), [6, { value: 6, flags: 9 }]],
  [(d) => d.incr_with_info('k', 1, 1), { value: 2, forcible: false }],
  [(d) => d.incr('k', '3' as never, '4' as never), 7],
  // lists
  [(d) => [d.lpush('l', 'b'), d.lpush('l', 'a'), d.rpush('l', 3), d.llen('l')], [1, 2, 3, 3]],
  [
    (d) =>
      [
        d.rpush('l', 'a'),
        d.rpush('l', 2),
        d.rpush('l', 'c'),
        d.lpop('l'),
        d.rpop('l'),
        d.lpop('l'),
        d.lpop('l'),
      ].slice(3),
    ['a', 'c', 2, undefined],
  ],
  [
    (d) => [d.rpush('l', 'a'), d.lpop('l'), d.llen('l'), d.get('l'), d.rpush('l', 'b')],
    [1, 'a', 0, undefined, 1],
  ],
  [(d) => [d.lpop('none'), d.rpop('none'), d.llen('none')], [undefined, undefined, 0]],
  [(d) => [d.rpush('l', Buffer.from('é')), d.lpop('l')], [1, 'é']],
  [(d) => [d.rpush('l', 'x'.repeat(50_000)), (d.lpop('l') as string).length], [1, 50_000]],
  [(d) => [d.set('k', 'v', 1), later(1), d.rpush('k', 1)].pop(), 1],
  [
    (d) =>
      [d.rpush('k', 'old'), d.expire('k', 1), later(1), d.rpush('k', 'new'), d.lpop('k'), d.llen('k')].slice(
        3,
      ),
    [1, 'new', 0],
  ],
  // flush
  [
    (d) => [d.set('a', 1), d.set('b', 2), d.flush_all(), d.get('a'), d.get_stale('b')].slice(3),
    [undefined, { value: 2, flags: 0, stale: true }],
  ],
  [(d) => [d.set('a', 1), d.flush_all(), d.add('a', 2), d.get('a')].slice(2), [true, 2]],
  [(d) => [d.set('a', 1), d.flush_all(), d.incr('a', 2, 0)].pop(), 2],
  [(d) => [d.rpush('a', 1), d.flush_all(), d.llen('a'), d.rpush('a', 2)].slice(2), [0, 1]],
  [
    (d) =>
      [
        d.set('a', 1),
        d.set('b', 1),
        d.set('c', 1),
        d.flush_all(),
        d.flush_expired(2),
        d.flush_expired(),
        d.flush_expired(),
      ].slice(4),
    [2, 1, 0],
  ],
  [(d) => [d.set('a', 1, 1), d.set('b', 1), later(1), d.flush_expired(0), d.get('b')].slice(3), [1, 1]],
  // keys
  [(d) => d.get_keys(), []],
  [
    (d) =>
      [
        d.set('ü', 1),
        d.set('b', 2, 1),
        d.rpush('c', 1),
        d.get_keys().sort(),
        later(1),
        d.get_keys().sort(),
      ].slice(3),
    [['b', 'c', 'ü'], undefined, ['c', 'ü']],
  ],
  [(d) => [d.set('a', 1), d.set('b', 1), d.get_keys(1).length].pop(), 1],
];

test.each(
  answers.map(([script, answer]) => [script.toString().replace(/\s+/g, ' '), script, answer] as const),
)('%s', (_text, script, answer) => {
  expect(script(temporaryDict())).toEqual(answer);
});

// Each row: what fails, Lua's message, the code.
const failures: readonly [Script, string, string?][] = [
  [(d) => d.get(undefined as never), 'nil key'],
  [(d) => d.set(null as never, 1), 'nil key'],
  [(d) => d.incr(undefined as never, 1), 'nil key'],
  [(d) => d.get(''), 'empty key'],
  [(d) => d.rpush('', 1), 'empty key'],
  [(d) => d.get(new Uint8Array()), 'empty key'],
  [(d) => d.get('k'.repeat(65536)), 'key too long'],
  [(d) => d.get('ü'.repeat(32768)), 'key too long'],
  [(d) => d.set('k', {} as never), 'bad value type'],
  [(d) => d.set('k', null as never), 'bad value type'],
  [(d) => d.set('k', [1] as never), 'bad value type'],
  [(d) => d.set('k', Symbol('s') as never), 'bad value type'],
  [(d) => d.set('k', (() => 1) as never), 'bad value type'],
  [(d) => d.rpush('k', true as never), 'bad value type'],
  [(d) => d.lpush('k', undefined as never), 'bad value type'],
  [(d) => d.add('k', undefined as never), 'attempt to add or replace nil values'],
  [(d) => d.replace('k', undefined as never), 'attempt to add or replace nil values'],
  [(d) => d.set('k', 1, -1), 'bad "exptime" argument', 'BAD_ARGUMENT'],
  [(d) => d.set('k', 1, 'x' as never), 'bad "exptime" argument', 'BAD_ARGUMENT'],
  [(d) => d.expire('k', undefined as never), 'bad "exptime" argument', 'BAD_ARGUMENT'],
  [(d) => d.incr('k', 1), 'not found'],
  [(d) => [d.set('k', 1, 1), later(1), d.incr('k', 1)], 'not found'],
  [(d) => d.ttl('k'), 'not found'],
  [(d) => [d.set('k', 1, 1), d.flush_all(), d.ttl('k')], 'not found'],
  [(d) => [d.set('k', 1, 1), d.flush_all(), d.expire('k', 1)], 'not found'],
  [(d) => d.expire('k', 1), 'not found'],
  [(d) => [d.set('k', 'text'), d.incr('k', 1)], 'not a number'],
  [(d) => [d.set('k', '12'), d.incr('k', 1, 0)], 'not a number'],
  [(d) => [d.rpush('k', 1), d.incr('k', 1, 0)], 'not a number'],
  [(d) => d.incr('k', 'x' as never), 'bad value arg: number expected, got string', 'BAD_ARGUMENT'],
  [(d) => d.incr('k', 1, 'x' as never), 'bad init arg: number expected, got string', 'BAD_ARGUMENT'],
  [(d) => d.incr('k', 1, 0, {} as never), 'bad init_ttl arg: number expected, got object', 'BAD_ARGUMENT'],
  [(d) => d.incr('k', 1, 0, -1), 'bad "init_ttl" argument', 'BAD_ARGUMENT'],
  [(d) => d.incr('k', 1, undefined, 1), 'must provide "init" when providing "init_ttl"', 'BAD_ARGUMENT'],
  [(d) => d.incr('k', 1, false as never), 'not found'],
  [(d) => [d.set('k', 1), d.rpush('k', 1)], 'value not a list'],
  [(d) => [d.set('k', 1), d.lpop('k')], 'value not a list'],
  [(d) => [d.set('k', 1), d.llen('k')], 'value not a list'],
  [(d) => [d.rpush('k', 1), d.get('k')], 'value is a list'],
  [(d) => [d.rpush('k', 1), d.get_buffer('k')], 'value is a list'],
  [(d) => [d.rpush('k', 1), d.get_stale('k')], 'value is a list'],
  [(d) => d.set('k', 'v'.repeat(2_000_000)), 'no memory'],
  [(d) => d.safe_set('k', 'v'.repeat(2_000_000)), 'no memory'],
  [(d) => d.rpush('k', 'v'.repeat(2_000_000)), 'no memory'],
];

test.each(
  failures.map(([script, ...rest]) => [script.toString().replace(/\s+/g, ' '), script, ...rest] as const),
)('fails: %s', (_text, script, message, code) => {
  const { message: found, code: foundCode } = failure(() => script(temporaryDict()));
  expect(found).toBe(message);
  expect(foundCode).toBe(code ?? message.toUpperCase().replaceAll(/[^A-Z]+/g, '_'));
});

describe('a dictionary that is full', () => {
  function fill(dict: SharedDict): number {
    let count = 0;
    for (; ; count++) {
      try {
        dict.safe_set(`key${count}`, 'value');
      } catch (error) {
        expect((error as ZoneError).code).toBe('NO_MEMORY');
        return count;
      }
    }
  }

  test('evicts for set, add and incr, and says so', () => {
    const dict = temporaryDict(32 * 1024);
    fill(dict);
    expect(dict.set_with_info('a', 'v'.repeat(100))).toEqual({ ok: true, forcible: true });
    expect(dict.add_with_info('b', 'v'.repeat(100))).toEqual({ ok: true, forcible: true });
    expect(dict.incr_with_info(`c${'c'.repeat(100)}`, 1, 0)).toEqual({ value: 1, forcible: true });
    expect(dict.replace_with_info('a', 'v'.repeat(1000))).toEqual({ ok: true, forcible: true });
    expect(dict.set('d', 'v'.repeat(100))).toBe(true);
    expect(dict.get('a')).toBe('v'.repeat(1000));
  });

  test('does not for safe_set, safe_add, lpush and rpush', () => {
    const dict = temporaryDict(32 * 1024);
    const count = fill(dict);
    const value = 'v'.repeat(100);
    const calls = [
      () => dict.safe_set('a', value),
      () => dict.safe_add('a', value),
      () => dict.lpush('a', value),
      () => dict.rpush('a', value),
    ];
    for (const call of calls) expect(failure(call).message).toBe('no memory');
    expect(dict.get_keys(0)).toHaveLength(count);
    expect(dict.safe_add('key0', value)).toBe(false);
    expect(dict.safe_set('key0', 'VALUE')).toBe(true);
  });

  test('uses what has expired first', () => {
    const dict = temporaryDict(32 * 1024);
    const count = fill(dict);
    for (let i = 0; i < count; i += 2) dict.expire(`key${i}`, 1);
    later(1);
    expect(dict.set_with_info('a', 'v'.repeat(100))).toEqual({ ok: true, forcible: false });
    expect(dict.safe_set('b', 'v'.repeat(1000))).toBe(true);
    expect(dict.rpush('c', 'v'.repeat(1000))).toBe(1);
    expect(dict.get('key1')).toBe('value');
  });

  test('tells its capacity and what is free', () => {
    const dict = temporaryDict(128 * 1024);
    expect(dict.capacity()).toBe(128 * 1024);
    expect(dict.free_space()).toBe(128 * 1024);
    dict.set('k', 'v'.repeat(10_000));
    const free = dict.free_space();
    expect(free).toBeLessThan(128 * 1024 - 10_000);
    expect(free).toBeGreaterThan(128 * 1024 - 20_000);
    expect(free % 4096).toBe(0);
    fill(dict);
    expect(dict.free_space()).toBe(0);
  });
});

test('get_keys gives 1024 keys unless told otherwise', () => {
  const dict = temporaryDict(4 * 1024 * 1024);
  const all = Array.from({ length: 3000 }, (_, i) => `key${i}`);
  for (const key of all) dict.set(key, 1);
  expect(dict.get_keys()).toHaveLength(1024);
  expect(dict.get_keys(2000)).toHaveLength(2000);
  expect(new Set(dict.get_keys(0))).toEqual(new Set(all));
});

test('two dictionaries on one zone see each other', () => {
  const zone = temporaryZone();
  const [one, two] = [new SharedDict(zone), new SharedDict(zone)];
  one.set('k', 1);
  expect(two.incr('k', 1)).toBe(2);
  expect(one.get('k')).toBe(2);
  expect(one.name).toBe('test');
});

test('bytes that were read are not changed by what is read later', () => {
  const dict = temporaryDict();
  dict.set('a', 'aaaa');
  dict.set('b', 'bbbb');
  const bytes = dict.get_buffer('a');
  dict.get('b');
  expect(bytes).toEqual(new Uint8Array([97, 97, 97, 97]));
});
