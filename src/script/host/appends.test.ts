import { expect, test } from 'vitest';
import { sayAppends } from './appends.ts';

test.each([
  ['ngx.arg[1]+=x', 'ngx.arg[-1]=x'],
  ['if (ngx.arg[2]) ngx.arg[1] += globalThis.tail;', 'if (ngx.arg[2]) ngx.arg[-1]=  globalThis.tail;'],
  ["f(); ngx.arg[1] += 'a' + `b` + 1; g();", "f(); ngx.arg[-1]=  'a' + `b` + 1; g();"],
  ['{ ngx.arg[1] = ngx.arg[1] + ngx.ctx.tail }', '{ ngx.arg[-1]=              ngx.ctx.tail }'],
])('%j only adds to the piece', (text, said) => {
  expect(sayAppends(text)).toBe(said);
});

test.each([
  // What is added may look at the piece, or change it.
  'ngx.arg[1] += tail();',
  'ngx.arg[1] += ngx.arg[1];',
  'ngx.arg[1] += await tail;',
  'ngx.arg[1] += (x = 1);',
  // The sum is another one.
  'ngx.arg[1] = ngx.arg[1] + 1 + 2;',
  'ngx.arg[1] += a ? b : c;',
  // Somebody wants what comes of it.
  'const all = ngx.arg[1] += "x";',
  'f(ngx.arg[1] += "x");',
  '() => ngx.arg[1] += "x";',
  // Another `ngx`, or another place.
  'const f = (ngx) => { ngx.arg[1] += "x"; };',
  'ngx.arg[2] += "x";',
  'ngx.arg[1] -= 1;',
  // Lines stay where they are.
  'ngx.arg[1] =\n ngx.arg[1] + "x";',
  '"ngx.arg[1] += x;"; // ngx.arg[1] += x;',
])('%j stays as it is', (text) => {
  expect(sayAppends(text)).toBe(text);
});
