import { expect, test } from 'vitest';
import { excerpt } from './error.ts';

const long = `${'a '.repeat(150)}wrong ${'b '.repeat(150)}`;

test.each([
  ['a line', 'first\nof several;\nlast', 2, 4, ['    2 | of several;', '      |    ^^^^^^^']],
  ['tabs, and CRLF', '\t a\tb {\r\n', 1, 5, ['    1 | \t a\tb {', '      | \t  \t^']],
  ['nothing to show', 'a\n  \nb', 2, 1, []],
  [
    'the middle of a long line',
    long,
    1,
    301,
    [`    1 | ... ${long.slice(220, 380)} ...`, `      | ${' '.repeat(84)}^^^^^`],
  ],
  ['the start of one', long, 1, 3, [`    1 | ${long.slice(0, 160)} ...`, '      |   ^']],
  ['its end', long, 1, 605, [`    1 | ... ${long.slice(-160)}`, `      | ${' '.repeat(162)}^`]],
])('an excerpt: %s', (_name, text, line, column, lines) => {
  expect(excerpt(text, { file: 'nginx.conf', line, column })).toEqual(lines);
});
