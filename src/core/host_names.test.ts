import { expect, test } from 'vitest';
import { HostNames } from './host_names.ts';
import { murmurHash2 } from './murmur_hash.ts';

test('exact, then the longest head, then the longest tail', () => {
  const names = new HostNames<string>();
  for (const name of ['a.example.com', '*.example.com', '*.com', '.example.org', 'www.*', 'www.a.*']) {
    expect(names.add(name, name)).toBe('added');
  }
  const rows = [
    ['a.example.com', 'a.example.com'],
    ['b.example.com', '*.example.com'],
    ['c.b.example.com', '*.example.com'],
    ['example.com', '*.com'],
    ['com', undefined],
    ['example.org', '.example.org'],
    ['x.example.org', '.example.org'],
    ['www.net', 'www.*'],
    ['www.a.net', 'www.a.*'],
    ['www.a.b.net', 'www.a.*'],
    ['www', undefined],
    ['www.example.com', '*.example.com'],
  ] as const;
  for (const [host, expected] of rows) expect([host, names.find(host)]).toEqual([host, expected]);
});

test('names that are there already or are no names', () => {
  const names = new HostNames<number>();
  expect(names.add('.example.com', 1)).toBe('added');
  expect(names.add('EXAMPLE.com', 2)).toBe('conflict');
  expect(names.add('*.example.com', 2)).toBe('conflict');
  for (const name of ['*.*', 'a*.com', 'a..com', '*', '**']) expect(names.add(name, 3)).toBe('invalid');
});

// The values are those of nginx's C function.
test.each([
  ['', 0],
  ['a', 0x92685f5e],
  ['ab', 0x1aa14063],
  ['abc', 0x13577c9b],
  ['abcd', 0x26873021],
  ['\xff\xff\xff\xff\xff', 0xb8d4fcc3],
  ['127.0.0.1AAA', 0xb5fc5e4b],
])('murmurHash2(%j)', (text, expected) => {
  expect(murmurHash2(text)).toBe(expected);
});
