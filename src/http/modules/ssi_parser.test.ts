import { describe, expect, test } from 'vitest';
import { COMMAND, END, SsiParser } from './ssi_parser.ts';

/** What comes out of a text given in these pieces: literal text as it is, commands as {name a=b}, broken ones as {}. */
function read(pieces: readonly string[]): string {
  const messages: string[] = [];
  const parser = new SsiParser(6, (message) => messages.push(message));
  let out = '';
  for (const piece of pieces) {
    parser.take(piece);
    for (;;) {
      const found = parser.next();
      out += parser.literal;
      if (found === END) break;
      const params = parser.params.map(({ name, value }) => ` ${name}=${value}`).join('');
      out += found === COMMAND ? `{${parser.command}${params}}` : '{}';
    }
  }
  return [out, ...messages].join('\n');
}

const rows: readonly (readonly [text: string, read: string])[] = [
  ['plain <!-- text --> <', 'plain <!-- text --> '],
  ['a<!--#x-->b', 'a{x}b'],
  ['<<!--<!--#  x\r\n\t-->', '<<!--{x}'],
  ['<!--#x a="1"  b=\'2"\' -->', '{x a=1 b=2"}'],
  ['<!--#x a = "\\"\\\\" -->', '{x a=\\"\\\\}'],
  ['<!-- #x --><!-#x--><!--#', '<!-- #x --><!-#x-->'],
  ['<!--#-->-->', '{}\nunexpected ">" symbol in "-" SSI command'],
  ['<!--#x-y-->', '{}\nunexpected "y" symbol in "x" SSI command'],
  ['<!--#x--->-->', '{}\nunexpected "-" symbol in "x" SSI command'],
  ['<!--#x a-->', '{}\nunexpected "-" symbol after "a" parameter in "x" SSI command'],
  ['<!--#x a b-->', '{}\nunexpected "b" symbol after "a" parameter in "x" SSI command'],
  ['<!--#x a=b-->', '{}\nunexpected "b" symbol before value of "a" parameter in "x" SSI command'],
  ['<!--#x a="1"b-->', '{}\nunexpected "b" symbol after "1" value of "a" parameter in "x" SSI command'],
  ['<!--#x a="1234567"-->', '{}\ntoo long "1234567..." value of "a" parameter in "x" SSI command'],
  ['<!--#x a="12345\\"-->', '{}\ntoo long "12345\\"..." value of "a" parameter in "x" SSI command'],
  [`<!--#${'x'.repeat(33)}-->`, `{}\nthe "${'x'.repeat(33)}..." SSI command is too long`],
  [`<!--#x ${'p'.repeat(33)}="1"-->`, `{}\ntoo long "${'p'.repeat(33)}..." parameter in "x" SSI command`],
];

describe('a text', () => {
  test.each(rows)('%j', (text, expected) => {
    expect(read([text])).toBe(expected);
  });

  test.each(rows)('%j, split anywhere', (text, expected) => {
    for (let at = 0; at <= text.length; at++) {
      expect(read([text.slice(0, at), text.slice(at)]), `split at ${at}`).toBe(expected);
    }
    expect(read([...text])).toBe(expected);
  });

  test('bytes that hold no command need not be read', () => {
    const parser = new SsiParser(6, () => {});
    const literal = (text: string): boolean => parser.isLiteral(Buffer.from(text));
    expect([literal('<p>'), literal('<!--'), literal('<'), literal('a<!-b'), literal('<!--#x-->')]).toEqual([
      true,
      false,
      false,
      true,
      false,
    ]);
    parser.take('<!');
    parser.next();
    expect(literal('<p>')).toBe(false);
  });
});
