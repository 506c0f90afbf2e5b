import { expect, test } from 'vitest';
import { parseRanges } from './range.ts';

const ALL = Number.MAX_SAFE_INTEGER;

// Of 1000 bytes; 416: not satisfiable, null: all of them.
test.each([
  ['0-0', [[0, 1]]],
  ['0-99', [[0, 100]]],
  ['990-', [[990, 1000]]],
  ['-10', [[990, 1000]]],
  ['-2000', [[0, 1000]]],
  ['0-5000', [[0, 1000]]],
  [' 5 - 6 ', [[5, 7]]],
  ['0-0,-1', [[0, 1], [999, 1000]]], // biome-ignore format: a table
  ['0-9, 20-29', [[0, 10], [20, 30]]], // biome-ignore format: a table
  ['1000-', 416],
  ['-0', 416],
  ['5-4', 416],
  ['1000-,5-6', [[5, 7]]],
  ['a-b', 416],
  ['', 416],
  ['0-1,', 416],
  ['5', 416],
  ['--5', 416],
  ['0-999,0-999', null],
  ['99999999999999999999-', 416],
] as const)('%j', (text, expected) => {
  const ranges = parseRanges(text, 1000, ALL);
  const shown = Array.isArray(ranges) ? ranges.map(({ start, end }) => [start, end]) : ranges;
  expect(shown).toEqual(expected);
});

test('more than max_ranges: the whole', () => {
  expect(parseRanges('0-0,2-2', 1000, 1)).toBeNull();
  expect(parseRanges('0-0,2-2', 1000, 2)).toHaveLength(2);
});

test('with no limit, many small ranges must pay', () => {
  const many = Array.from({ length: 30 }, (_, i) => `${i * 2}-${i * 2}`).join(',');
  expect(parseRanges(many, 1000, ALL)).toBeNull();
  expect(parseRanges(many, 1000, 100)).toHaveLength(30);
});

test('of nothing, the last bytes are all of it', () => {
  expect(parseRanges('-5', 0, ALL)).toBeNull();
  expect(parseRanges('0-', 0, ALL)).toBeNull();
});
