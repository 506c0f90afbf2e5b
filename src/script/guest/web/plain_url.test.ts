import { expect, test } from 'vitest';
import { isPlainUrl } from './plain_url.ts';

test.each([
  'http://127.0.0.1:8080/1KB',
  'http://localhost/',
  'https://api.example.com/v1/users/42?expand=a,b&x=%20y',
  'http://a-b.c1/x//y/;p=1/(z)/file.tar.gz',
  "https://h:1/'q'",
  'http://1.a/',
  'http://-a-.b/~u',
  'http://h/?',
  'http://h:65535/?a/../b',
])('%s is plain', (url) => {
  expect(isPlainUrl(url)).toBe(true);
  expect(new URL(url).href).toBe(url);
});

test.each([
  'http://h',
  'HTTP://h/',
  'http://H/',
  'http://h:80/',
  'https://h:443/',
  'http://h:080/',
  'http://h:65536/',
  'http://h:/',
  'http://u@h/',
  'http://u:p@h/',
  'http://h/#f',
  'http://h/a/../b',
  'http://h/a/./b',
  'http://h/%2e%2e/b',
  'http://h/.well-known',
  'http://h/a b',
  'http://h/ä',
  "http://h/?'",
  'http://h/?a#b',
  'http://h/\\b',
  'http://h/a\n',
  ' http://h/',
  'http://1/',
  'http://a.1/',
  'http://a.0x1/',
  'http://256.1.1.1/',
  'http://01.1.1.1/',
  'http://1.2.3/',
  'http://[::1]/',
  'http://xn--a/',
  'http://a.xn--b-c/',
  'http://h./',
  'http:///h',
  'http:/h/',
  'http:h',
  'ftp://h/',
  'file:///etc/passwd',
  '//h/',
  '/p',
  '',
])('%j is for the parser', (url) => {
  expect(isPlainUrl(url)).toBe(false);
});

test('what is put together of such pieces is plain only where the parser leaves it alone', () => {
  const pieces = [
    'http://',
    'https://',
    'h',
    '1',
    '.',
    '-',
    ':80',
    ':443',
    ':7',
    '/',
    '//',
    '..',
    '%2E',
    '%',
    '?',
    "'",
    'x',
  ];
  let seed = 7;
  const next = (n: number): number => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    return (seed >> 8) % n;
  };
  let plain = 0;
  for (let i = 0; i < 20_000; i++) {
    let url = i % 2 === 0 ? 'http://' : 'https://';
    for (let k = next(8); k >= 0; k--) url += pieces[next(pieces.length)];
    if (!isPlainUrl(url)) continue;
    plain++;
    expect(new URL(url).href).toBe(url);
  }
  expect(plain).toBeGreaterThan(100);
});
