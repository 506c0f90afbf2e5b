// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are scripts
import { describe, expect, test } from 'vitest';
import { sourceEnd, TOO_LONG, UNCLOSED } from './source.ts';

// Each is followed by ` } } }` : the first of these must be the one that ends it.
const sources: readonly string[] = [
  '',
  'const a = {};',
  'if (a) { b(); } else { c(); }',
  // strings and templates
  `"}" + '}'`,
  '"\\"}"',
  "'\\\\' + '}'",
  '"\\\n}"',
  '`}`',
  '`\\`}`',
  '`a${b}c`',
  '`${`}${"}"}`}`',
  '`${{ a: { b: 1 } }.a}` + `}`',
  '`${f(() => { return `}`; })}`',
  '`$`, `$}`, `\\${`',
  'tag`${a}}`',
  // comments
  '// }\n',
  '/* } */',
  '/* } \n // } \n **/',
  "// it's\n",
  '/** @param {string} a */',
  'a /* " */ + b',
  // regular expressions
  '/}/',
  '/[/}]/.test(a)',
  '/\\/}/',
  '/"/',
  "a.replace(/'/g, '}')",
  'return /}/',
  'return !/}/.test(a)',
  'if (a) /}/.test(b)',
  'const f = () => /}/;',
  'a = b\n/c/d', // two divisions
  'x = { a: 1 } / 2',
  'f(/[{]/, /[}]/)',
  'case_: /}/.test(a)',
  'typeof /}/',
  '[/}/, /{/u]',
  'a ? /}/ : /{/',
  '/[\\]}]/',
  '/(?<n>[{}])/gu',
  '{ a(); } /}/.test(b)',
  // divisions
  'a / b / c',
  'a++ / 2; "}"',
  'f() / 2 + "/"',
  'a[0] / 2',
  '1 / 2',
  '`1` / 2',
  'this / 2',
  '(a) / 2 /* } */',
  // TypeScript
  'const a: Map<string, Array<{ b: number }>> = new Map<string, { c: string }[]>();',
  'type A<T> = T extends { a: infer U } ? { b: U } : never;',
  'function f<T extends {}>(a: T): { b: T } { return { b: a }; }',
  'interface A { b(c: { d: string }): void }',
  'const a = <T,>(b: T): T => b; "}"',
  'const a = b as unknown as { c: string };',
  'const a = { b: 1 } satisfies Record<string, number>;',
  'enum A { B = "}" }',
  'namespace A { export const b = 1; }',
  'class A<B> extends C<D> { #e = 1; static { this.f = /}/; } get g() { return this.#e / 2; } }',
  'let a!: number;',
  'a! / 2',
  'a! / 2; b / c',
  'f()! / 2',
  'a[0]! /\n 2',
  'a!++ / 2',
  '\xc3\xa9! / 2',
  'a != /}/',
  'a !== b / 2',
  'm.default / 2',
  'm?.delete / 2; n / "}".length',
  'm\n  .return / 2',
  'f(...await /}/)',
  'switch (a) { case /}/: break; default: { b(); } }',
  'declare const a: `${string}}`;',
  'a?.[0] ?? { b: a?.5:1 }',
  '@a({ b: 1 }) class C {}',
  'import type { a } from "b";\nimport { c } from "d";',
  'async function* f() { for await (const a of b) { yield /}/; } }',
  // what is no TypeScript at all must not do harm either
  '@ # \\ \x00 \xff',
  '[(',
  "'unclosed\n",
  '0x 1_ 08n',
];

test.each(sources)('%j', (source) => {
  expect(sourceEnd(`{${source} } } }`, 1)).toBe(source.length + 2);
});

describe('the window', () => {
  // A token that stands across the end of the first window, at each of its offsets.
  test.each([
    '"}"',
    '`}${"}"}}`',
    '/* } */',
    '/[}]/',
    '// }\n',
    'a! / 2',
    'm.default / 2',
    '({})',
    '\\u0041',
  ])('across %j', (token) => {
    for (let cut = 0; cut <= token.length + 4; cut++) {
      const source = `${';'.repeat(2048 - 1 - cut)} ${token} `;
      expect(sourceEnd(`${source}} }`, 0)).toBe(source.length);
    }
  });

  test('grows to the end of the text', () => {
    const source = '({ a: "}" });\n'.repeat(10_000);
    expect(sourceEnd(`${source}}`, 0)).toBe(source.length);
    expect(sourceEnd(source, 0)).toBe(UNCLOSED);
  });
});

test.each(['', '{', '"}', '`}', '`${}', '/* }', '// }', '/}', '{ } {'])('%j has no end', (source) => {
  expect(sourceEnd(source, 0)).toBe(UNCLOSED);
});

test('a token beyond what a regular expression can match is no crash', () => {
  expect(sourceEnd(`/*${'* '.repeat(5_000_000)}*/ }`, 0)).toBe(TOO_LONG);
});
