import { describe, expect, test } from 'vitest';
import type { Reader } from '../../conf/reader.ts';
import { addressBytes } from '../../core/cidr.ts';
import { GeoRanges } from './geo_ranges.ts';

const place = { file: 'geo', line: 1, column: 1 };

function ranges(entries: readonly (readonly [key: string, value: string])[]): {
  find: (address: string) => string;
  warnings: string[];
} {
  const warnings: string[] = [];
  const cf = { warn: (message: string) => warnings.push(message) } as unknown as Reader;
  const all = new GeoRanges();
  for (const [key, value] of entries) all.addEntry(cf, key, value, place);
  return { find: (address) => all.find(addressBytes(address) ?? ''), warnings };
}

test('a range inside another splits it', () => {
  const { find, warnings } = ranges([
    ['default', 'none'],
    ['10.0.0.0-10.0.0.255', 'a'],
    ['10.0.0.16-10.0.0.31', 'b'],
    ['10.0.0.0-10.0.0.7', 'c'],
    ['10.0.0.248-10.0.0.255', 'd'],
  ]);
  expect(warnings).toEqual([]);
  expect(find('9.255.255.255')).toBe('none');
  expect(['10.0.0.0', '10.0.0.7', '10.0.0.8', '10.0.0.15'].map(find)).toEqual(['c', 'c', 'a', 'a']);
  expect(['10.0.0.16', '10.0.0.31', '10.0.0.32', '10.0.0.247'].map(find)).toEqual(['b', 'b', 'a', 'a']);
  expect(['10.0.0.248', '10.0.0.255', '10.0.1.0'].map(find)).toEqual(['d', 'd', 'none']);
});

test('ranges over several upper halves', () => {
  const { find } = ranges([['10.0.255.0-10.3.0.1', 'a']]);
  expect(['10.0.254.255', '10.0.255.0', '10.1.7.7', '10.3.0.1', '10.3.0.2'].map(find)).toEqual([
    '', 'a', 'a', 'a', '',
  ]); // biome-ignore format: beside its addresses
});

test('ranges in any order', () => {
  const { find } = ranges([
    ['10.0.0.30-10.0.0.39', 'c'],
    ['10.0.0.10-10.0.0.19', 'a'],
    ['10.0.0.20-10.0.0.29', 'b'],
  ]);
  expect(['10.0.0.9', '10.0.0.10', '10.0.0.29', '10.0.0.30', '10.0.0.40'].map(find)).toEqual([
    '', 'a', 'b', 'c', '',
  ]); // biome-ignore format: beside its addresses
});

describe('warnings and faults', () => {
  test('a range twice', () => {
    const { find, warnings } = ranges([
      ['10.0.0.0-10.0.0.1', 'a'],
      ['10.0.0.0-10.0.0.1', 'b'],
    ]);
    expect(warnings).toEqual(['duplicate range "10.0.0.0-10.0.0.1", value: "b", old value: "a"']);
    expect(find('10.0.0.1')).toBe('b');
  });

  test('delete', () => {
    const { find, warnings } = ranges([
      ['10.0.0.0-10.0.0.1', 'a'],
      ['delete', '10.0.0.0-10.0.0.1'],
      ['delete', '10.0.0.0-10.0.0.1'],
    ]);
    expect(find('10.0.0.1')).toBe('');
    expect(warnings).toEqual(['no address range "10.0.0.0-10.0.0.1" to delete']);
  });

  test.each([
    [['10.0.0.0-10.0.0.9', '10.0.0.5-10.0.0.14'], 'range "10.0.0.5-10.0.0.14" overlaps "10.0.0.0-10.0.0.9"'],
    [['10.0.0.5-10.0.0.14', '10.0.0.0-10.0.0.9'], 'range "10.0.0.0-10.0.0.9" overlaps "10.0.0.5-10.0.0.14"'],
    [['10.0.0.9-10.0.0.0'], 'invalid range "10.0.0.9-10.0.0.0"'],
    [['10.0.0.9'], 'invalid range "10.0.0.9"'],
    [['10.0.0.0-255.255.255.255'], 'invalid range "10.0.0.0-255.255.255.255"'],
  ])('%j', (keys, message) => {
    expect(() => ranges(keys.map((key) => [key, 'x']))).toThrow(message);
  });
});
