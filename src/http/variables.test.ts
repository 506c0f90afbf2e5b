import { expect, test } from 'vitest';
import { argumentOf, seconds } from './variables.ts';

test.each([
  ['a=1&b=2', 'b', '2'],
  ['ab=1&b=2', 'b', '2'],
  ['B=2', 'b', '2'],
  ['b&b=3', 'b', '3'],
  ['b=', 'b', ''],
  ['a=b=c', 'a', 'b=c'],
  ['a=1', 'b', undefined],
  ['=1', 'b', undefined],
])('argument of %j called %j', (args, name, value) => {
  expect(argumentOf(args, name)).toBe(value);
});

test.each([
  [0, '0.000'],
  [7, '0.007'],
  [42, '0.042'],
  [1999.9, '1.999'],
  [-5, '0.000'],
])('%d ms', (ms, text) => {
  expect(seconds(ms)).toBe(text);
});
