import { mkdtempSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LogFileCache } from './log_file_cache.ts';

let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'log-cache-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

function writeTo(cache: LogFileCache, name: string): void {
  cache.use(join(directory, name), (fd) => writeSync(fd, 'x'));
}

function read(name: string): string {
  return readFileSync(join(directory, name), 'latin1');
}

test('a file used often enough stays open, also when it is renamed', () => {
  const cache = new LogFileCache({ max: 2, inactiveMs: 60_000, minUses: 2, validMs: 60_000 });
  writeTo(cache, 'a');
  renameSync(join(directory, 'a'), join(directory, 'old'));
  writeTo(cache, 'a'); // the second use: opened anew, and kept
  renameSync(join(directory, 'a'), join(directory, 'kept'));
  writeTo(cache, 'a');
  expect(read('old')).toBe('x');
  expect(read('kept')).toBe('xx');
  cache.close();
});

test('the longest unused makes room', () => {
  const cache = new LogFileCache({ max: 2, inactiveMs: 60_000, minUses: 1, validMs: 60_000 });
  writeTo(cache, 'a');
  writeTo(cache, 'b');
  writeTo(cache, 'a');
  writeTo(cache, 'c'); // instead of b
  for (const name of ['a', 'b']) renameSync(join(directory, name), join(directory, `${name}-old`));
  writeTo(cache, 'a');
  writeTo(cache, 'b');
  expect(read('a-old')).toBe('xxx');
  expect(read('b')).toBe('x');
  cache.close();
});

test('after `valid` a file that was replaced is opened anew', () => {
  const cache = new LogFileCache({ max: 2, inactiveMs: 60_000, minUses: 1, validMs: -1 });
  writeTo(cache, 'a');
  renameSync(join(directory, 'a'), join(directory, 'old'));
  writeTo(cache, 'a');
  expect(read('a')).toBe('x');
  cache.close();
});
