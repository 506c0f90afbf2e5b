import { expect, test } from 'vitest';
import { parseUri } from './engine_capture.ts';

test.each([
  ['/a', '/a\0'],
  ['/a?b=c?d', '/a\0b=c?d'],
  ['/a%20b%2fc?x=%20', '/a b/c\0x=%20'],
  ['/..a/b..', '/..a/b..\0'],
  ['/a%zz%4', '/azz%4\0'],
  ['/a%4gb', '/ab\0'],
  ['@name', '@name\0'],
])('%s', (uri, parsed) => {
  expect(parseUri(uri)).toBe(parsed);
});

test.each(['', '?a', '/..', '/a/../b', '../b', '/a%2f%2e%2e', '/a\0b', '/a%00'])('%j is refused', (uri) => {
  expect(() => parseUri(uri)).toThrow('unsafe uri');
});
