// The search of sub_filter: several patterns at once, whatever the case of ASCII letters, in text that comes in pieces.
// As in the Boyer-Moore-Horspool search, the character where the shortest pattern would end says how far to go on.

interface Pattern {
  /** In lower case, not empty. */
  readonly text: string;
  /** Its place among those of the configuration: the first of them that matches somewhere wins. */
  readonly index: number;
}

/** What at() answers where a pattern may begin that is not all there yet. */
export const PARTLY: Pattern = { text: '', index: -1 };

export class Patterns {
  readonly all: readonly Pattern[];
  /** The length of the shortest. */
  readonly shortest: number;
  /** By character: how far the next place is where a pattern's character of that distance could be this one. */
  readonly #shift: Uint8Array;
  /** By the character where the shortest would end: the patterns that have it there. */
  readonly #having = new Map<number, Pattern[]>();

  constructor(all: readonly Pattern[]) {
    this.all = all;
    this.shortest = Math.min(...all.map(({ text }) => text.length));
    const most = Math.min(this.shortest, 255);
    this.#shift = new Uint8Array(256).fill(most);
    const last = this.shortest - 1;
    for (const pattern of all) {
      for (let distance = most - 1; distance >= 0; distance--) {
        const code = pattern.text.charCodeAt(last - distance);
        this.#limit(code, distance);
        if (isLower(code)) this.#limit(code - 32, distance);
      }
      const code = pattern.text.charCodeAt(last);
      const having = this.#having.get(code);
      if (having === undefined) this.#having.set(code, [pattern]);
      else having.push(pattern);
    }
  }

  #limit(code: number, distance: number): void {
    if ((this.#shift[code] as number) > distance) this.#shift[code] = distance;
  }

  /** The first place from `start` on where a pattern may begin; beyond those that are examined where there is none. */
  next(text: string, start: number): number {
    const shift = this.#shift;
    const { length } = text;
    const last = this.shortest - 1;
    let at = start + last;
    while (at < length) {
      const distance = shift[text.charCodeAt(at)] as number;
      if (distance === 0) break;
      at += distance;
    }
    return at - last;
  }

  /** The pattern that begins at `start`. `spent`: by index, those that are not looked for. */
  at(text: string, start: number, spent: readonly boolean[] | null): Pattern | null {
    const having = this.#having.get(lower(text.charCodeAt(start + this.shortest - 1)));
    if (having === undefined) return null;
    for (const pattern of having) {
      if (spent?.[pattern.index]) continue;
      if (begins(text, start, pattern.text)) {
        return text.length - start < pattern.text.length ? PARTLY : pattern;
      }
    }
    return null;
  }

  /** From where on the text may be the beginning of a pattern. */
  tail(text: string, start: number): number {
    let at = start;
    while (at < text.length && !this.all.some((pattern) => begins(text, at, pattern.text))) at++;
    return Math.min(at, text.length);
  }
}

/** Whether the text from `start` is as the pattern, as far as there is text. */
function begins(text: string, start: number, pattern: string): boolean {
  const length = Math.min(text.length - start, pattern.length);
  for (let i = 0; i < length; i++) {
    if (lower(text.charCodeAt(start + i)) !== pattern.charCodeAt(i)) return false;
  }
  return true;
}

function isLower(code: number): boolean {
  return code >= 97 && code <= 122;
}

function lower(code: number): number {
  return code >= 65 && code <= 90 ? code + 32 : code;
}

/** Of ASCII letters alone: the text is bytes. */
export function lowerText(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
