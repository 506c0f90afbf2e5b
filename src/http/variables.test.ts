import { expect, test } from 'vitest';
import { argumentOf, binaryAddress, seconds } from './variables.ts';

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
  ['127.0.0.1', '7f000001'],
  ['::', '00000000000000000000000000000000'],
  ['::1', '00000000000000000000000000000001'],
  ['2001:db8::ff00:42:8329', '20010db8000000000000ff0000428329'],
  ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
  ['::ffff:1.2.3.4', '00000000000000000000ffff01020304'],
  ['fe80::', 'fe800000000000000000000000000000'],
])('bytes of %s', (address, hex) => {
  expect(Buffer.from(binaryAddress(address), 'latin1').toString('hex')).toBe(hex);
});

test('the address of a unix socket is its text', () => {
  expect(binaryAddress('unix:')).toBe('unix:');
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
