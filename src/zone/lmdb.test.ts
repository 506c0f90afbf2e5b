// Guards what lmdb.ts relies on beyond what the package documents: a new version of it must pass these.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Environment, KeyBytes, PAGE_RECORD_BYTES, RecordBytes } from './lmdb.ts';
import { temporaryDir } from './testing.ts';

function open(name: string, writable = false): Environment {
  const path = join(temporaryDir(), name);
  mkdirSync(path);
  const environment = new Environment(path, { mapBytes: 16 * 1024 * 1024, writable });
  onTestFinished(() => environment.close());
  return environment;
}

function keyOf(text: string): KeyBytes {
  const key = new KeyBytes();
  key.set(Buffer.from(text));
  return key;
}

function recordOf(text: string): RecordBytes {
  const record = new RecordBytes(text.length);
  record.bytes.write(text);
  return record;
}

function put(environment: Environment, key: string, value: string): void {
  environment.write(() => environment.put(keyOf(key), recordOf(value), value.length));
}

function get(environment: Environment, key: string): string | undefined {
  const bytes = environment.get(keyOf(key));
  const text = bytes?.toString('latin1', 0, environment.size);
  environment.release();
  return text;
}

test('only the first bytes of a record count', () => {
  const environment = open('e');
  environment.write(() => environment.put(keyOf('k'), recordOf('abcdef'), 3));
  expect(get(environment, 'k')).toBe('abc');
});

test('a read sees what was written a moment ago, in the same turn', () => {
  const environment = open('e');
  for (let i = 0; i < 100; i++) {
    put(environment, 'k', `value ${i}`);
    expect(get(environment, 'k')).toBe(`value ${i}`);
  }
  expect(get(environment, 'other')).toBeUndefined();
});

test('released snapshots let pages be used again', () => {
  const environment = open('e');
  for (let i = 0; i < 100; i++) {
    put(environment, `k${i % 10}`, 'v'.repeat(1000));
    get(environment, 'k1');
  }
  const { fileBytes } = environment.info();
  for (let i = 0; i < 1000; i++) {
    put(environment, `k${i % 10}`, 'v'.repeat(1000));
    get(environment, 'k1');
  }
  expect(environment.info().fileBytes).toBe(fileBytes);
});

test('a transaction that throws leaves nothing', () => {
  const environment = open('e');
  put(environment, 'k', 'before');
  const fail = (): void => {
    environment.put(keyOf('k'), recordOf('after'), 5);
    throw new Error('no');
  };
  expect(() => environment.write(fail)).toThrow('no');
  expect(get(environment, 'k')).toBe('before');
  put(environment, 'k', 'later');
  expect(get(environment, 'k')).toBe('later');
});

test('transactions that change nothing have no number of their own', () => {
  const environment = open('e');
  put(environment, 'k', 'v');
  const ids: number[] = [];
  const note = (): void => void ids.push(environment.transactionId());
  environment.write(note);
  environment.write(note);
  environment.lock();
  note();
  environment.unlock();
  expect(new Set(ids).size).toBe(1);
});

test('a record is overwritten where it is', () => {
  const environment = open('e');
  put(environment, 'k', 'abcdef');
  const { fileBytes } = environment.info();
  for (let i = 0; i < 100; i++) environment.overwrite(keyOf('k'), recordOf('ABC'), 3);
  expect(get(environment, 'k')).toBe('ABCdef');
  expect(environment.info().fileBytes).toBe(fileBytes);
});

test('a shared record is memory of the map itself', () => {
  const environment = open('e', true);
  put(environment, 'block', 'x'.repeat(100_000));
  const shared = environment.shared(keyOf('block')) as Buffer;
  expect(shared.length).toBe(100_000);
  shared.write('written');
  expect(get(environment, 'block')?.slice(0, 9)).toBe('writtenxx');
  expect(environment.shared(keyOf('none'))).toBeUndefined();
});

test('a record of PAGE_RECORD_BYTES has one page of its own, a longer one two', () => {
  const environment = open('e');
  put(environment, 'a', 'small');
  const { usedBytes } = environment.info();
  put(environment, 'b', 'x'.repeat(PAGE_RECORD_BYTES));
  expect(environment.info().usedBytes - usedBytes).toBe(4096);
  put(environment, 'c', 'x'.repeat(PAGE_RECORD_BYTES + 1));
  expect(environment.info().usedBytes - usedBytes).toBe(3 * 4096);
});

test('a scan sees records in the order of keys, within and outside a transaction', () => {
  const environment = open('e');
  for (const key of ['b', 'a', 'c', 'd']) put(environment, key, key.toUpperCase());
  const seen: string[] = [];
  const visit = (key: Buffer, bytes: Buffer, size: number): boolean => {
    seen.push(`${key}=${bytes.toString('latin1', 0, size)}`);
    return seen.length !== 5;
  };
  environment.scan(keyOf('a'), keyOf('d'), visit, false);
  expect(seen).toEqual(['a=A', 'b=B', 'c=C']);
  environment.write(() => environment.scan(keyOf('b'), keyOf('e'), visit, true));
  expect(seen.slice(3)).toEqual(['b=B', 'c=C']);
});

test('a path is open once in a process', () => {
  const environment = open('e');
  expect(() => new Environment(environment.path, { mapBytes: 1024 * 1024 })).toThrow('is already open');
  environment.close();
  new Environment(environment.path, { mapBytes: 16 * 1024 * 1024 }).close();
});

test('what cannot be opened is refused, since a failing open can crash', () => {
  const options = { mapBytes: 1024 * 1024 };
  expect(() => new Environment('/does/not/exist', options)).toThrow('ENOENT');
  expect(() => new Environment('/', { mapBytes: 2 ** 50 })).toThrow('are too many');
});
