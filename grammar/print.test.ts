// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are nginx's variables

import { describe, expect, test } from 'vitest';
import type { Word } from './ast.ts';
import { parse } from './parse.ts';
import { print } from './print.ts';
import { outline } from './testdata/outline.ts';

function reprint(text: string): string {
  const { directives, error } = parse(text, 'f');
  expect(error).toBeNull();
  return print(directives);
}

describe('layout', () => {
  test.each([
    ['a;', 'a;\n'],
    ['a  b\n c;d;', 'a b c;\nd;\n'],
    ['a{b{c;}d;}', 'a {\n    b {\n        c;\n    }\n    d;\n}\n'],
    ['a{}', 'a {\n}\n'],
    ['x { a_by_ts_block $b{\n  1;\n} }', 'x {\n    a_by_ts_block $b {\n  1;\n}\n}\n'],
    ['# gone\na;', 'a;\n'],
    ['a $ {}', 'a $ {\n}\n'],
  ])('%j', (text, expected) => {
    expect(reprint(text)).toBe(expected);
  });
});

describe('words', () => {
  test.each([
    ['a "b";', 'a "b";\n'],
    ["a 'b';", 'a "b";\n'],
    ['a "";', 'a "";\n'],
    ["a '\"';", "a '\"';\n"],
    ['a "\\"";', "a '\"';\n"],
    ['a "it\'s";', 'a "it\'s";\n'],
    ['a "\'\\"";', 'a "\'\\"";\n'],
    ['a "\\d\\$";', 'a "\\d\\$";\n'],
    ['a "\\\\d";', 'a "\\d";\n'],
    ['a "\\\\t";', 'a "\\\\t";\n'],
    ['a "\\\\";', 'a "\\\\";\n'],
    ['a "\\t\\n";', 'a "\t\n";\n'],
    ['a \\t\\r\\n;', 'a \\t\\r\\n;\n'],
    ['a b\\ c;', 'a b\\ c;\n'],
    ['a b\\;\\{c;', 'a b\\;\\{c;\n'],
    ['a \\"b";', 'a \\"b";\n'],
    ["a \\'b;", "a \\'b;\n"],
    ['a b\\\\;', 'a b\\\\;\n'],
    ['a b\\\\n;', 'a b\\\\n;\n'],
    ['a ${b}{c;}', 'a ${b} {\n    c;\n}\n'],
    ['a \\\\${b};', 'a \\\\${b};\n'],
    ['a b};', 'a b};\n'],
    ['a "b")c;', 'a "b" )c;\n'],
    ['a caf\xe9 "\x00";', 'a caf\xe9 "\x00";\n'],
  ])('%j', (text, expected) => {
    expect(reprint(text)).toBe(expected);
    expect(reprint(expected)).toBe(expected);
  });

  // A program can make words that no text has: quotes then keep at least their value.
  test.each(['', 'a b', 'a;', '{', '}', '#', 'a{', ' ', 'a\\ b c'])('%j unquoted', (text) => {
    const name: Word = { text, quoted: false, line: 1, column: 1 };
    const place = { headLine: 1, headColumn: 1, endLine: 1, endColumn: 1 };
    const printed = print([{ name, args: [name], block: null, source: null, file: 'f', ...place }]);
    const [directive] = parse(printed, 'f').directives;
    expect(directive).toMatchObject({ name: { text, quoted: true }, args: [{ text, quoted: true }] });
  });
});

// What just fitted nginx's buffer has to fit it again.
describe('words of the largest size', () => {
  const a = (count: number): string => 'a'.repeat(count);
  test.each([
    ['before ;', `x ${a(4095)};y;`],
    ['before {', `x ${a(4095)}{y;}`],
    ['before a blank', `x ${a(4094)} z;`],
    ['quoted, before ;', `x "${a(4094)}";y;`],
    ['quoted, before {', `x "${a(4094)}"{y;}`],
    ['quoted, before )', `x "${a(4094)}")z;`],
    ['with a variable at the end', `x ${a(4093)}$ {y;}`],
    ['of escapes', `x ${'\\n'.repeat(2047)}b;y;`],
    ['of covered blanks', `x ${'\\ '.repeat(2047)}b;y;`],
    ['of quoted escapes', `x '${'\\"'.repeat(2047)}';y;`],
  ])('%s', (_, text) => {
    const { directives } = parse(text, 'f');
    expect(parse(text, 'f').error).toBeNull();
    const again = parse(print(directives), 'f');
    expect(again.error).toBeNull();
    expect(outline(again.directives, false)).toBe(outline(directives, false));
  });
});
