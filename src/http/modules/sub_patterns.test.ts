import { expect, test } from 'vitest';
import { lowerText, PARTLY, Patterns } from './sub_patterns.ts';

/** As sub_filter does it: the text with `<index>` for each pattern, in pieces of the given lengths. */
function replaced(patterns: Patterns, pieces: readonly string[]): string {
  let out = '';
  let held = '';
  for (const piece of pieces) {
    const text = held + piece;
    let copied = 0;
    let start = patterns.next(text, 0);
    while (start + patterns.shortest <= text.length) {
      const found = patterns.at(text, start, null);
      if (found === PARTLY) break;
      if (found !== null) {
        out += `${text.slice(copied, start)}<${found.index}>`;
        copied = start + found.text.length;
      }
      start = patterns.next(text, found === null ? start + 1 : copied);
    }
    const kept = patterns.tail(text, start);
    out += text.slice(copied, kept);
    held = text.slice(kept);
  }
  return out + held;
}

const patternsOf = (texts: readonly string[]): Patterns =>
  new Patterns(texts.map((text, index) => ({ text, index })));

test.each([
  [['foo'], 'a foo FOO fo', 'a <0> <0> fo'],
  [['abac'], 'abaabac ababac', 'aba<0> ab<0>'],
  [['aab'], 'aaaab', 'aa<0>'],
  [['ab', 'abc'], 'abc', '<0>c'],
  [['abc', 'ab'], 'abcabx', '<0><1>x'],
  // What may still become the first one when the text ends is not looked at again, as in nginx.
  [['abc', 'ab'], 'abcab', '<0>ab'],
  [['ab', 'x', 'cd'], 'xabcdX', '<1><0><2><1>'],
  [['aabb', 'aaabb'], 'aabbaaabbaabb', '<0><1><0>'],
  [['\xc3\xa9'], '\xc3\xa9\xe3\xa9\xc3\x89', '<0>\xe3\xa9\xc3\x89'],
  [['abcdef', 'bc'], 'xabc', 'xabc'],
])('%j in %j', check);

test('longer than a byte can count', () => {
  check(['k'.repeat(300)], `j${'K'.repeat(601)}`, 'j<0><0>K');
});

function check(texts: readonly string[], text: string, expected: string): void {
  const patterns = patternsOf(texts);
  expect(replaced(patterns, [text])).toBe(expected);
  for (let at = 1; at < text.length; at += Math.ceil(text.length / 40)) {
    expect(replaced(patterns, [text.slice(0, at), text.slice(at)])).toBe(expected);
  }
  expect(replaced(patterns, [...text])).toBe(expected);
}

test('no more is held than may be the beginning of a pattern', () => {
  const patterns = patternsOf(['za', 'abc']);
  expect(patterns.tail('xyz', 0)).toBe(2);
  expect(patterns.tail('xyab', 0)).toBe(2);
  expect(patterns.tail('xy', 0)).toBe(2);
});

test('only ASCII letters have a case', () => {
  expect(lowerText('AZ\xc0[')).toBe('az\xc0[');
});
