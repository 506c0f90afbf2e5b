// docs/api.md says what the blocks of t/ show, and they show what they say.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { apiNames, apiTable, page, specs } from './table.ts';

const { text, faults } = apiTable(apiNames(), specs());

test('every block that claims to show a function uses it', () => {
  expect(faults).toEqual([]);
});

test('docs/api.md is what tools/api_table.ts writes', () => {
  expect(readFileSync(page, 'utf8')).toBe(text);
});

const names = [{ name: 'ngx.a', origin: 'm', kind: 'function' }];

function tableOf(api: string, code: string): ReturnType<typeof apiTable> {
  const block = `=== a title\n--- api: ${api}\n--- config\n${code}\n`;
  return apiTable(names, new Map([['t/x.t', block]]));
}

test('a function is done only where a block shows it', () => {
  expect(apiTable(names, new Map([['t/x.t', '=== a\n--- config\nngx.a();\n']])).counts.done).toBe(0);
  const { counts, text } = tableOf('ngx.a', 'ngx.a();');
  expect(counts.done).toBe(1);
  expect(text).toContain('| `ngx.a` | m | done | t/x.t: a title |');
});

test('a block that does not use what it names, and a name that is none, are faults', () => {
  expect(tableOf('ngx.a', 'ngx.b();').faults).toEqual(['t/x.t:1: does not use ngx.a']);
  expect(tableOf('ngx.b', 'ngx.b();').faults).toEqual(['t/x.t:1: there is no ngx.b']);
});
