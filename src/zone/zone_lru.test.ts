import { expect, test } from 'vitest';
import { SharedDict } from './shared_dict.ts';
import { temporaryZone } from './testing.ts';

const SIZE = 256 * 1024;

test.each([
  { name: 'Zipf 0.8', exponent: 0.8, drift: 0 },
  { name: 'Zipf 1.0', exponent: 1, drift: 0 },
  { name: 'Zipf 0.9, of which the popular ones change', exponent: 0.9, drift: 50 },
])('eviction keeps within two points of exact LRU: $name', { timeout: 60_000 }, ({ exponent, drift }) => {
  const zone = temporaryZone(SIZE);
  const dict = new SharedDict(zone);
  const random = generator(20260921);
  const next = zipf(20_000, exponent, random);
  const keys = Array.from({ length: 60_000 }, (_, i) => `key:${next() + (drift && Math.floor(i / drift))}`);

  for (let i = 0; zone.free() > 200; i++) dict.set(`fill:${i}`, 'value');
  const capacity = zone.info().entries;
  let hits = 0;
  for (const key of keys) {
    if (dict.get(key) === 'value') hits++;
    else dict.set(key, 'value');
  }
  const exact = hitsOfLru(keys, capacity);
  expect(capacity).toBeGreaterThan(2000);
  expect((100 * (exact - hits)) / keys.length).toBeLessThan(2);
});

test('what is used by other means than get stays as well', () => {
  const zone = temporaryZone(64 * 1024);
  const dict = new SharedDict(zone);
  dict.set('counted', 1);
  dict.rpush('list', 'a');
  dict.set('written', 'x');
  dict.set('unused', 'x');
  for (let i = 0; i < 20_000; i++) {
    dict.set(`key:${i}`, 'value');
    if (i % 50 === 0) {
      dict.incr('counted', 1);
      dict.llen('list');
      dict.set('written', 'y');
    }
  }
  expect(dict.get('counted')).toBe(401);
  expect(dict.llen('list')).toBe(1);
  expect(dict.get('written')).toBe('y');
  expect(dict.get('unused')).toBeUndefined();
});

function hitsOfLru(keys: readonly string[], capacity: number): number {
  const lru = new Set<string>();
  let hits = 0;
  for (const key of keys) {
    if (lru.delete(key)) hits++;
    else if (lru.size === capacity) lru.delete(lru.values().next().value as string);
    lru.add(key);
  }
  return hits;
}

function zipf(count: number, exponent: number, random: () => number): () => number {
  const sums: number[] = [];
  let sum = 0;
  for (let i = 1; i <= count; i++) {
    sum += i ** -exponent;
    sums.push(sum);
  }
  return () => {
    const wanted = random() * sum;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] as number) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
