import { expect, test } from 'vitest';
import { parseTap } from './tap.ts';

const rows: readonly [name: string, text: string, expected: Partial<ReturnType<typeof parseTap>>][] = [
  ['a plan before', '1..2\nok 1 - a\nok 2 - b\n', { planned: 2, passed: 2, skipped: 0, failed: [] }],
  ['a plan after', 'ok 1\nok 2\n1..2\n', { planned: 2, passed: 2 }],
  ['a failure', '1..2\nnot ok 1 - a b\nok 2\n', { passed: 1, failed: [{ number: 1, title: 'a b' }] }],
  ['no numbers', 'ok - a\nnot ok - b\n', { passed: 1, failed: [{ number: 2, title: 'b' }] }],
  ['a skip', '1..1\nok 1 # skip no inet6\n', { passed: 0, skipped: 1, failed: [] }],
  ['a todo that fails counts', '1..1\nnot ok 1 - x # TODO not yet\n', { passed: 1, failed: [] }],
  ['a todo in capitals with a title', 'ok 1 - x # TODO & SKIP y\n', { passed: 1 }],
  ['everything skipped', '1..0 # SKIP no ssi available\n', { planned: 0, skipAll: 'no ssi available' }],
  ['a bail-out', 'Bail out!  no binary found\n', { planned: undefined, bailOut: 'no binary found' }],
  ['noise', '# ok 1\n  ok 1\nokay 1\n', { passed: 0, failed: [] }],
  ['a number in the title', 'ok 12 - 3 # 4\n', { passed: 1 }],
];

test.for(rows)('%s', ([, text, expected]) => {
  expect(parseTap(text)).toMatchObject(expected);
});
