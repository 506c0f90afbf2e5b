// docs/ts-directives.md says of the directives of scripts what is so.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ts } from '../../src/script/ts.ts';
import { NOTES, WITHOUT_EFFECT } from './notes.ts';
import { directivePage, page } from './table.ts';

const { text } = directivePage(ts.directives);

test('nothing is said of what does not exist', () => {
  const named = [...Object.keys(NOTES), ...Object.keys(WITHOUT_EFFECT)];
  expect(named.filter((name) => !(name in ts.directives))).toEqual([]);
});

test('docs/ts-directives.md says nothing else than tools/directive_table.ts', () => {
  const lines = new Set(text.split('\n'));
  const stale = readFileSync(page, 'utf8').split('\n');
  expect(stale.filter((line) => line.startsWith('|') && !lines.has(line))).toEqual([]);
});
