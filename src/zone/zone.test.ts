import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Room } from './eviction.ts';
import type { ZoneKey } from './keys.ts';
import { temporaryDir, temporaryZone } from './testing.ts';
import { Zone, ZoneError } from './zone.ts';

const TAG = 7;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

interface Put {
  readonly key: ZoneKey;
  readonly value: Uint8Array;
  readonly expires?: number;
  readonly flags?: number;
  readonly room?: Room;
}

function put(zone: Zone, key: ZoneKey, value: string | Uint8Array, more: Partial<Put> = {}): string {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return zone.update(putStep, { key, value: bytes, ...more });
}

function putStep(zone: Zone, { key, value, expires = 0, flags = 0, room = 'evict' }: Put): string {
  zone.locate(key);
  return zone.store(TAG, value, value.length, expires, flags, room);
}

function get(zone: Zone, key: ZoneKey): string | undefined {
  const entry = zone.find(key);
  return entry?.bytes.toString('utf8', entry.start, entry.start + entry.length);
}

function remove(zone: Zone, key: ZoneKey): void {
  zone.update(removeStep, key);
}

function removeStep(zone: Zone, key: ZoneKey): void {
  if (zone.locate(key) !== undefined) zone.discard();
}

function expectAccount(zone: Zone): void {
  const { used, entries } = zone.recount();
  expect(zone.info()).toMatchObject({ used, entries });
}

const long = 'k'.repeat(3000);
const longest = 'l'.repeat(65535);

test.each([
  ['a short value', 'key', 'value'],
  ['an empty value', 'key', ''],
  ['bytes as key', Buffer.from([0, 255, 1]), 'value'],
  ['an empty key', '', 'value'],
  ['a key that is not ASCII', 'schlüssel', 'größe'],
  ['the longest key that is stored as it is', 'k'.repeat(255), 'value'],
  ['the shortest that is not', 'k'.repeat(256), 'value'],
  ['a long key', long, 'value'],
  ['the longest key', longest, 'value'],
  ['a value that fills a page', 'key', 'v'.repeat(4062)],
  ['a value of two chunks', 'key', 'v'.repeat(4073)],
  ['a value of whole chunks', 'key', 'v'.repeat(4072 * 3)],
  ['a large value', 'key', 'ä'.repeat(100_000)],
  ['a large value under a long key', long, 'v'.repeat(100_000)],
])('stores and finds %s', (_name, key, value) => {
  const zone = temporaryZone();
  expect(put(zone, key, value, { flags: 3, expires: Date.now() + 1000 })).toBe('stored');
  expect(get(zone, key)).toBe(value);
  const entry = zone.find(key);
  expect(entry).toMatchObject({ tag: TAG, flags: 3, expires: Date.now() + 1000 });
  expect(zone.keys(0).map(String)).toEqual([String(key)]);
  expectAccount(zone);
  remove(zone, key);
  expect(zone.find(key)).toBeUndefined();
  expect(zone.info()).toMatchObject({ used: 0, entries: 0 });
  expect(zone.recount()).toEqual({ used: 0, entries: 0, parts: 0 });
});

test('a key as text and as its bytes is one key; different long keys are not', () => {
  const zone = temporaryZone();
  put(zone, 'ü', 'text');
  expect(get(zone, Buffer.from('ü'))).toBe('text');
  put(zone, `${long}a`, 'a');
  put(zone, `${long}b`, 'b');
  expect(get(zone, `${long}a`)).toBe('a');
});

test('a value may change to any other', () => {
  const zone = temporaryZone();
  const values = [
    'a',
    'bb',
    'cc',
    'd'.repeat(2000),
    'e'.repeat(4000),
    'f'.repeat(50_000),
    'g'.repeat(60_000),
    'h',
  ];
  for (const before of values) {
    for (const after of values) {
      put(zone, 'key', before, { flags: before.length % 2 });
      put(zone, 'key', after, { expires: after.length % 2 ? Date.now() + 1000 : 0 });
      expect(get(zone, 'key')).toBe(after);
    }
  }
  expect(zone.info().entries).toBe(1);
  expectAccount(zone);
});

test('expires to the millisecond, and can be put off', () => {
  const zone = temporaryZone();
  const now = Date.now();
  put(zone, 'key', 'value', { expires: now + 100 });
  put(zone, 'large', 'v'.repeat(10_000), { expires: now + 100 });
  put(zone, 'forever', 'value');
  vi.setSystemTime(now + 99);
  expect(get(zone, 'key')).toBe('value');
  vi.setSystemTime(now + 100);
  expect(get(zone, 'key')).toBeUndefined();
  const stale = zone.peek('key');
  expect(stale && zone.isLive(stale)).toBe(false);

  vi.setSystemTime(now + 50);
  for (const key of ['key', 'large', 'forever']) {
    zone.update((inside) => {
      inside.locate(key);
      inside.setExpires(now + 300);
    }, null);
  }
  vi.setSystemTime(now + 299);
  expect([get(zone, 'key'), get(zone, 'large'), get(zone, 'forever')]).toEqual([
    'value',
    'v'.repeat(10_000),
    'value',
  ]);
  expectAccount(zone);
  vi.setSystemTime(now + 300);
  expect([get(zone, 'key'), get(zone, 'large'), get(zone, 'forever')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(zone.keys(0)).toEqual([]);
  expect(zone.removeExpired(2)).toBe(2);
  expect(zone.removeExpired(0)).toBe(1);
  expect(zone.info()).toMatchObject({ used: 0, entries: 0 });
});

test('flush hides all that is there, and nothing that comes later', () => {
  const zone = temporaryZone();
  for (let i = 0; i < 3000; i++) put(zone, `key${i}`, 'value');
  zone.flush();
  expect(get(zone, 'key1')).toBeUndefined();
  put(zone, 'key2', 'later');
  expect(zone.keys(0).map(String)).toEqual(['key2']);
  expect(zone.removeExpired(0)).toBe(2999);
  expect(get(zone, 'key2')).toBe('later');
  expectAccount(zone);
});

test('all changes of a transaction appear together, or none', () => {
  const zone = temporaryZone();
  put(zone, 'a', '1');
  const change = (inside: Zone, fail: boolean): string => {
    putStep(inside, { key: 'a', value: Buffer.from('2') });
    putStep(inside, { key: 'b', value: Buffer.from('3'.repeat(5000)) });
    if (fail) throw new ZoneError('not found');
    return 'result';
  };
  expect(() => zone.transaction(change, true)).toThrow('not found');
  expect([get(zone, 'a'), get(zone, 'b')]).toEqual(['1', undefined]);
  expectAccount(zone);
  expect(zone.transaction(change, false)).toBe('result');
  expect([get(zone, 'a'), get(zone, 'b')]).toEqual(['2', '3'.repeat(5000)]);
  expectAccount(zone);
});

test('an update that throws keeps what it had done, and frees the lock', () => {
  const zone = temporaryZone();
  const step = (inside: Zone): void => {
    putStep(inside, { key: 'a', value: Buffer.from('1') });
    throw new ZoneError('not found');
  };
  expect(() => zone.update(step, null)).toThrow('not found');
  expect(get(zone, 'a')).toBe('1');
});

test('lists', () => {
  const zone = temporaryZone();
  const push = (atHead: boolean, text: string): number =>
    zone.update((inside) => {
      inside.locate('list');
      return inside.push(atHead, TAG, Buffer.from(text), text.length);
    }, null);
  const pop = (atHead: boolean): string | undefined =>
    zone.update((inside) => {
      if (inside.locate('list') === undefined) return undefined;
      const { bytes, start, length } = inside.pop(atHead);
      return bytes.toString('latin1', start, start + length);
    }, null);
  const large = 'l'.repeat(20_000);
  expect([push(true, 'b'), push(true, 'a'), push(false, large), push(false, '')]).toEqual([1, 2, 3, 4]);
  expect(zone.find('list')).toMatchObject({ isList: true, count: 4 });
  expectAccount(zone);
  expect([pop(true), pop(false), pop(false), pop(true), pop(true)]).toEqual(['a', '', large, 'b', undefined]);
  expect(zone.recount()).toEqual({ used: 0, entries: 0, parts: 0 });
  expect(zone.info()).toMatchObject({ used: 0, entries: 0 });
});

test('a long list goes at once, its room bit by bit', () => {
  const zone = temporaryZone();
  for (const key of ['one', 'two']) {
    zone.transaction((inside) => {
      for (let i = 0; i < 1000; i++) {
        inside.locate(key);
        inside.push(false, TAG, Buffer.from('item'), 4);
      }
    }, null);
  }
  const { used } = zone.info();
  remove(zone, 'one');
  put(zone, 'two', 'no list any more');
  expect(zone.find('one')).toBeUndefined();
  expect(zone.info().used).toBeGreaterThan(used * 0.9);
  expectAccount(zone);
  for (let i = 0; i < 100; i++) put(zone, 'other', 'v'.repeat(i));
  expectAccount(zone);
  expect(zone.recount()).toMatchObject({ entries: 2, parts: 0 });
});

test('a list that is too long for the room left gives it back when it is needed', () => {
  const zone = temporaryZone(256 * 1024);
  let count = 0;
  const push = (inside: Zone): number => {
    inside.locate('list');
    return inside.push(false, TAG, Buffer.from('item'), 4);
  };
  for (let pushed = 1; pushed > 0; ) {
    pushed = zone.update(push, null);
    if (pushed > 0) count = pushed;
  }
  expect(count).toBeGreaterThan(2000);
  expect(put(zone, 'key', 'value', { room: 'expired' })).toBe('no memory');
  remove(zone, 'list');
  expect(put(zone, 'key', 'v'.repeat(100_000), { room: 'expired' })).toBe('stored');
  expectAccount(zone);
});

// What size means: a zone takes as much as its size allows, and never more.
test.each([
  ['1 byte', 1, 64 * 1024, 0.1],
  ['1 byte', 1, 512 * 1024, 0.1],
  ['100 bytes', 100, 512 * 1024, 0.35],
  ['1000 bytes', 1000, 512 * 1024, 0.45],
  ['1500 bytes', 1500, 512 * 1024, 0.45],
  ['2500 bytes', 2500, 512 * 1024, 0.55],
  ['10 KB', 10_000, 512 * 1024, 0.75],
  ['100 KB', 100_000, 1024 * 1024, 0.85],
])('a zone full of values of %s', { timeout: 60_000 }, (_name, length, size, payload) => {
  const zone = temporaryZone(size);
  const value = Buffer.alloc(length, 'v');
  const count = Math.ceil((size / (length + 40)) * 3);
  let evicted = 0;
  for (let i = 0; i < count; i++) {
    const stored = put(zone, `key${i}`, value);
    if (stored === 'evicted') evicted++;
    else expect(stored).toBe('stored');
  }
  const { used, entries, fileBytes } = zone.info();
  expect(evicted).toBeGreaterThan(0);
  expect(used).toBeLessThanOrEqual(size);
  expect(used).toBeGreaterThan(size * 0.9 - length);
  expect(entries * (length + 8)).toBeGreaterThan(size * payload);
  // The documented overhead: a quarter, twice the largest value, and a few pages.
  expect(fileBytes).toBeLessThan(size * 1.25 + 2 * length + 256 * 1024);
  expect(get(zone, `key${count - 1}`)).toHaveLength(length);
  expectAccount(zone);
});

test('a zone in which small values give way to large ones and back', { timeout: 60_000 }, () => {
  const size = 512 * 1024;
  const zone = temporaryZone(size);
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 6000; i++) put(zone, `small${i}`, 'v');
    for (let i = 0; i < 30; i++) put(zone, `large${i}`, 'v'.repeat(50_000));
  }
  expect(zone.info().used).toBeLessThanOrEqual(size);
  expect(zone.info().fileBytes).toBeLessThan(3 * size);
  expectAccount(zone);
});

test('without leave to evict, only what has expired gives way', () => {
  const zone = temporaryZone(64 * 1024);
  let count = 0;
  while (put(zone, `key${count}`, 'value', { room: 'expired' }) === 'stored') count++;
  expect(put(zone, 'more', 'value', { room: 'expired' })).toBe('no memory');
  expect(zone.find('more')).toBeUndefined();
  expect(zone.info().entries).toBe(count);
  expect(put(zone, 'more', 'value')).toBe('evicted');

  remove(zone, 'more');
  const soon = Date.now() + 10;
  for (let i = 0; i < 20; i++) {
    zone.update((inside) => inside.locate(`key${i}`) !== undefined && inside.setExpires(soon), null);
  }
  vi.setSystemTime(soon);
  expect(put(zone, 'more', 'value', { room: 'expired' })).toBe('stored');
  expect(get(zone, `key${count - 1}`)).toBe('value');
  expectAccount(zone);
});

test('what has expired goes before what has not', () => {
  const zone = temporaryZone(64 * 1024);
  const soon = Date.now() + 10;
  for (let i = 0; zone.free() > 1000; i++) put(zone, `key${i}`, 'value', { expires: i % 2 ? soon : 0 });
  vi.setSystemTime(soon);
  const before = zone.info().entries;
  const evicted: string[] = [];
  for (let i = 0; i < before / 4; i++) evicted.push(put(zone, `new${i}`, 'value', { expires: soon + 1e6 }));
  expect(evicted.filter((stored) => stored === 'evicted').length).toBeLessThan(before / 16);
});

test('a value larger than the zone evicts nothing', () => {
  const zone = temporaryZone(64 * 1024);
  for (let i = 0; i < 100; i++) put(zone, `key${i}`, 'value');
  expect(put(zone, 'large', 'v'.repeat(64 * 1024))).toBe('no memory');
  expect(zone.info().entries).toBe(100);
  expect(put(zone, 'large', 'v'.repeat(60_000))).toBe('evicted');
  expect(get(zone, 'large')).toHaveLength(60_000);
  expect(put(zone, 'large', 'v'.repeat(60_001))).toBe('stored');
});

test('an entry is not evicted against the will of its user', () => {
  const kept = new Set(['key3', 'key5']);
  const zone = temporaryZone(64 * 1024, { mayEvict: (_entry, key) => !kept.has(key.toString('latin1', 6)) });
  for (let i = 0; i < 3000; i++) put(zone, `key${i}`, 'value');
  expect([get(zone, 'key3'), get(zone, 'key4'), get(zone, 'key5')]).toEqual(['value', undefined, 'value']);

  const none = temporaryZone(64 * 1024, { mayEvict: () => false });
  let last = '';
  for (let i = 0; i < 1050; i++) last = put(none, `key${i}`, 'value');
  expect(last).toBe('no memory');
  expect(get(none, 'key0')).toBe('value');
});

test('any sequence of changes gives what a map gives, and a right account', { timeout: 60_000 }, () => {
  const zone = temporaryZone(4 * 1024 * 1024);
  const model = new Map<string, string>();
  for (let i = 0; i < 6000; i++) {
    const key = `key${Math.floor(Math.random() * 300)}`.repeat(Math.random() < 0.05 ? 60 : 1);
    const kind = Math.random();
    const length =
      kind < 0.7 ? Math.random() * 100 : kind < 0.95 ? Math.random() * 3000 : Math.random() * 20_000;
    if (Math.random() < 0.25) {
      remove(zone, key);
      model.delete(key);
    } else {
      const value = String.fromCharCode(97 + (i % 26)).repeat(length);
      put(zone, key, value, { flags: i % 3 === 0 ? i : 0, expires: i % 5 === 0 ? Date.now() + 1e9 : 0 });
      model.set(key, value);
    }
    if (get(zone, key) !== model.get(key)) expect.fail(`after ${i} changes, under ${key}`);
  }
  expect(zone.keys(0).map(String).sort()).toEqual([...model.keys()].sort());
  for (const [key, value] of model) expect(get(zone, key)).toBe(value);
  expectAccount(zone);
});

test('keeps what it holds when it is closed and opened again', () => {
  const dir = join(temporaryDir(), 'zone');
  const options = { name: 'zone', size: 128 * 1024, dir };
  const first = new Zone(options);
  put(first, 'key', 'value');
  put(first, 'large', 'v'.repeat(20_000));
  const { used } = first.info();
  first.close();
  const second = new Zone({ ...options, create: false });
  expect(get(second, 'key')).toBe('value');
  expect(get(second, 'large')).toHaveLength(20_000);
  expect(second.info()).toMatchObject({ used, entries: 2 });
  put(second, 'key', 'other value');
  expectAccount(second);
  expect(() => new Zone(options)).toThrow('already open');
  second.close();
  expect(() => new Zone({ ...options, size: 256 * 1024 })).toThrow('is a zone of 131072 bytes, not 262144');
  new Zone(options).destroy();
  expect(existsSync(dir)).toBe(false);
  expect(() => new Zone({ ...options, create: false })).toThrow(`zone "zone" is not in "${dir}"`);
});
