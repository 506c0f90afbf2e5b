import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { SharedTable, tableBytes } from './table.ts';
import { JobProcess, temporaryZone } from './testing.ts';

const SIZE = 32 * 1024;
/** Cells of that size, but the first, which is none. */
const CELLS = SIZE / 64 - 1;

function blockOf(size = SIZE): Buffer {
  return Buffer.from(new ArrayBuffer(tableBytes(size)));
}

function table(block = blockOf()): SharedTable {
  const made = new SharedTable(block, SIZE);
  made.lock();
  return made;
}

function add(to: SharedTable, key: string, mark = 0): number {
  return to.add(key, to.hash(key), mark);
}

function find(among: SharedTable, key: string): number {
  return among.find(key, among.hash(key));
}

function keysInUse(of: SharedTable, keys: readonly string[]): string[] {
  const found: string[] = [];
  for (let cell = of.oldest; cell !== 0; cell = of.newer(cell)) {
    found.push(keys.find((key) => of.is(cell, key, of.hash(key))) ?? '?');
  }
  return found;
}

test('keys of any bytes and lengths are told apart', () => {
  const keys = ['', 'a', 'b', '\0', '\xff'.repeat(15), 'x'.repeat(16), 'x'.repeat(17), 'x'.repeat(76)];
  keys.push('x'.repeat(77), 'x'.repeat(1000), `${'x'.repeat(999)}y`, `y${'x'.repeat(999)}`);
  const own = table();
  for (const [i, key] of keys.entries()) own.numbers[own.numbersOf(add(own, key))] = i;
  for (const [i, key] of keys.entries()) expect(own.numbers[own.numbersOf(find(own, key))]).toBe(i);
  expect(find(own, 'x'.repeat(998))).toBe(0);
});

test('cells of one key with different marks are different ones', () => {
  const own = table();
  const cells = [add(own, 'a', 1), add(own, 'a', 2)];
  const hash = own.hash('a');
  const marks: number[] = [];
  for (let cell = own.first(hash); cell !== 0; cell = own.next(cell)) marks.push(own.mark(cell));
  expect(marks).toEqual([2, 1]);
  own.remove(cells[1] as number);
  expect(own.mark(find(own, 'a'))).toBe(1);
});

test('the order is that of use', () => {
  const own = table();
  for (const key of ['a', 'b', 'c', 'd']) add(own, key);
  own.touch(find(own, 'b'));
  own.touch(find(own, 'a'));
  own.touch(find(own, 'a'));
  expect(keysInUse(own, ['a', 'b', 'c', 'd'])).toEqual(['c', 'd', 'b', 'a']);
  own.remove(find(own, 'd'));
  expect(keysInUse(own, ['a', 'b', 'c', 'd'])).toEqual(['c', 'b', 'a']);
  expect(find(own, 'd')).toBe(0);
});

test('it says when it is full, and what is removed makes room, as often as one likes', () => {
  const own = table();
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < CELLS; i++) expect(add(own, `key ${i}`)).not.toBe(0);
    expect(add(own, 'more')).toBe(0);
    for (let i = 0; i < CELLS; i++) own.remove(find(own, `key ${i}`));
    expect(own.oldest).toBe(0);
  }
  // A long key that has no room takes none.
  expect(add(own, 'x'.repeat(SIZE))).toBe(0);
  for (let i = 0; i < CELLS; i++) expect(add(own, `key ${i}`)).not.toBe(0);
});

test('another table over the same memory sees the same', () => {
  const block = blockOf();
  const one = table(block);
  add(one, 'a');
  one.unlock();
  const other = table(block);
  expect(find(other, 'a')).not.toBe(0);
});

const { pid: DEAD } = spawnSync('true');
const LOCK = 0;
const IN_DOUBT = 1;
const FREE = 3;
const NEWEST = 5;
const OLDEST = 6;

test('a lock is taken from a process that has died, and what it left in doubt is made good', () => {
  const block = blockOf();
  const own = table(block);
  for (let i = 0; i < CELLS; i++) add(own, `key ${i}`);
  own.touch(find(own, 'key 0'));
  own.remove(find(own, 'key 1'));
  own.remove(find(own, 'key 3'));
  own.unlock();
  const header = new Int32Array(block.buffer, block.byteOffset, 8);
  header.set([DEAD, 1], LOCK);
  header.set([77, 78], NEWEST);
  header[FREE] = 0; // two cells are in no list

  own.lock();
  expect(header[IN_DOUBT]).toBe(0);
  expect(own.oldest).toBe(header[OLDEST]);
  const keys = Array.from({ length: CELLS }, (_, i) => `key ${i}`);
  const order = keys.filter((_, i) => i > 1 && i !== 3);
  expect(keysInUse(own, keys)).toEqual([...order, 'key 0']);
  expect([add(own, 'a'), add(own, 'b')]).not.toContain(0);
  expect(add(own, 'c')).toBe(0);
});

test('processes that are killed again and again while they change it leave it whole', async () => {
  const zone = temporaryZone(SIZE, { block: tableBytes(SIZE) });
  const own = new SharedTable(zone.block, SIZE);
  for (let round = 0; round < 3; round++) {
    const jobs = [new JobProcess('table', zone), new JobProcess('table', zone)];
    for (const job of jobs) await job.untilDone(20);
    for (const job of jobs) await job.kill();
    own.lock();
    const seen: number[] = [];
    for (let cell = own.oldest; cell !== 0; cell = own.newer(cell)) seen.push(cell);
    expect(new Set(seen).size).toBe(seen.length);
    const keys = Array.from({ length: 1000 }, (_, i) => `k${i}`);
    expect(seen.every((cell) => keys.some((key) => own.is(cell, key, own.hash(key))))).toBe(true);
    // Each key is there once: nobody saw it missing while another added it.
    expect(keys.filter((key) => find(own, key) !== 0).length).toBe(seen.length);
    own.unlock();
  }
  own.lock();
  while (own.oldest !== 0) own.remove(own.oldest);
  for (let i = 0; i < CELLS; i++) expect(add(own, `key ${i}`)).not.toBe(0);
  own.unlock();
});
