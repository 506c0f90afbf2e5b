// Sets of bytes, as classes and escapes of PCRE name them, and how they are written as classes of JavaScript.

export type ByteSet = Uint8Array; // 256 entries, 1 where the byte is in the set

export function setOf(ranges: readonly string[]): ByteSet {
  const set = new Uint8Array(256);
  for (const range of ranges) {
    set.fill(1, range.charCodeAt(0), range.charCodeAt(range.length - 1) + 1);
  }
  return set;
}

export function complement(set: ByteSet): ByteSet {
  return set.map((bit) => 1 - bit);
}

export function add(set: ByteSet, more: ByteSet): void {
  for (let i = 0; i < 256; i++) if (more[i] === 1) set[i] = 1;
}

const DIGIT = setOf(['09']);
const WORD = setOf(['09', 'AZ', 'az', '_']);
const SPACE = setOf(['\t\r', ' ']);
const HORIZONTAL = setOf(['\t', ' ', '\xa0']);
const VERTICAL = setOf(['\n\r', '\x85']);

export const SETS: Readonly<Record<string, ByteSet>> = {
  d: DIGIT,
  D: complement(DIGIT),
  w: WORD,
  W: complement(WORD),
  s: SPACE,
  S: complement(SPACE),
  h: HORIZONTAL,
  H: complement(HORIZONTAL),
  v: VERTICAL,
  V: complement(VERTICAL),
};

export const POSIX: Readonly<Record<string, ByteSet>> = {
  alpha: setOf(['AZ', 'az']),
  lower: setOf(['az']),
  upper: setOf(['AZ']),
  alnum: setOf(['09', 'AZ', 'az']),
  ascii: setOf(['\0\x7f']),
  blank: setOf(['\t', ' ']),
  cntrl: setOf(['\0\x1f', '\x7f']),
  digit: DIGIT,
  graph: setOf(['!~']),
  print: setOf([' ~']),
  punct: setOf(['!/', ':@', '[`', '{~']),
  space: SPACE,
  word: WORD,
  xdigit: setOf(['09', 'AF', 'af']),
};

/** PCRE's name of a property in JavaScript's words. */
export function propertyOf(name: string): string | null {
  const property = name === 'L&' ? 'LC' : name;
  for (const expression of [property, `Script=${property}`]) {
    try {
      new RegExp(`\\p{${expression}}`, 'u');
      return expression;
    } catch {
      // not a property of that kind: the next expression, or null
    }
  }
  return null;
}

export function isLetter(code: number): boolean {
  const lower = code | 32;
  return lower >= 97 && lower <= 122;
}

export function closedUnderCase(set: ByteSet): ByteSet {
  return set.map((bit, code) => (bit === 1 || (isLetter(code) && set[code ^ 32] === 1) ? 1 : 0));
}

export function isClosedUnderCase(set: ByteSet): boolean {
  return set.every((bit, code) => !isLetter(code) || bit === set[code ^ 32]);
}

export function escaped(code: number): string {
  const c = String.fromCodePoint(code);
  if (/[A-Za-z0-9_ !"#%&',:;<=>@`~-]/.test(c)) return c === '-' ? '\\x2d' : c;
  if (code > 32 && code < 127) return `\\${c}`;
  if (code > 0xffff) return `\\u{${code.toString(16)}}`;
  if (code > 255) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\x${code.toString(16).padStart(2, '0')}`;
}

/** The shorter of the two forms is nearly always the one that was meant: such a set holds all that is beyond it too. */
function isNegated(set: ByteSet): boolean {
  return set[255] === 1 && set[0] === 1;
}

/** A class of text that names members beyond the first 256 characters. `negated`: those are what it has not. */
export function wideClass(set: ByteSet, beyond: string, negated: boolean): string {
  const text = classText(set);
  if (negated) return isNegated(set) ? `${text.slice(0, -1)}${beyond}]` : `(?:(?![${beyond}])${text})`;
  return isNegated(set) ? `(?:${text}|[${beyond}])` : `${text.slice(0, -1)}${beyond}]`;
}

export function classText(set: ByteSet): string {
  const negated = isNegated(set);
  const shown = negated ? complement(set) : set;
  let text = '';
  for (let from = 0; from < 256; from++) {
    if (shown[from] !== 1) continue;
    let to = from;
    while (shown[to + 1] === 1) to++;
    text += escaped(from);
    if (to > from + 1) text += '-';
    if (to > from) text += escaped(to);
    from = to;
  }
  return negated ? `[^${text}]` : `[${text}]`;
}
