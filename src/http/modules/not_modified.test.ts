import { expect, test } from 'vitest';
import { etagMatches } from './not_modified.ts';

test.each([
  ['"a"', '"a"', true, true],
  ['"a"', '*', true, true],
  ['', '*', true, true],
  ['', '"a"', false, false],
  ['"a"', '"b", "a"', true, true],
  ['"a"', '"b","c"', false, false],
  ['"a"', '"a" , "b"', true, true],
  ['"a"', '"a"x', false, false],
  ['"a"', 'W/"a"', true, false],
  ['W/"a"', '"a"', true, false],
  ['W/"a"', 'W/"a"', true, true],
  ['"a"', '"ab"', false, false],
  ['"a"', '', false, false],
])('%j in %j: weak %j, strong %j', (etag, tags, weak, strong) => {
  expect([etagMatches(etag, tags, true), etagMatches(etag, tags, false)]).toEqual([weak, strong]);
});
