import { expect, test } from 'vitest';
import { escapeArgs, escapeComponent, escapeHtml, escapeUri, unescapeRedirect } from './escape.ts';

test.each([
  ['/a%20b', '/a%20b'],
  ['/a%41b', '/aAb'],
  ['/a%7eb%7Fc', '/a~b%7Fc'],
  ['/%25%24%26', '/%25%24&'],
  ['/%e2%82%ac', '/%e2%82%ac'],
  ['/a?b=%41', '/a?b=%41'],
  ['/a%3Fb%41', '/a?b%41'],
  ['/%zz', '/zz'],
  ['/%4', '/'],
  ['/%', '/'],
  ['/%4z%41', '/A'],
  ['plain', 'plain'],
])('a redirect to %j goes to %j', (text, expected) => {
  expect(unescapeRedirect(text)).toBe(expected);
});

test('what is escaped where', () => {
  const text = ' "#%&+/:;<=>?@A[]~\x7f\xe9';
  expect(escapeUri(text)).toBe('%20%22%23%25&+/:;%3C=%3E%3F@A[]~%7F%E9');
  expect(escapeArgs(text)).toBe('%20%22%23%25%26%2B/:%3B%3C=%3E%3F@A[]~%7F%E9');
  expect(escapeComponent(text)).toBe('%20%22%23%25%26%2B%2F%3A%3B%3C%3D%3E%3F%40A%5B%5D~%7F%E9');
  expect(escapeHtml('<a href="x">&</a>')).toBe('&lt;a href=&quot;x&quot;&gt;&amp;&lt;/a&gt;');
});
