// Finds the brace that ends a *_by_ts_block. js-tokens knows JavaScript's strings, templates, comments and regular
// expressions; whether a `/` divides or opens a regular expression it can only guess from the token before, and two
// forms that it does not know (`x! / 2` of TypeScript, `m.default / 2`) are masked, length kept, before it sees them.

import jsTokens from 'js-tokens';

export const UNCLOSED = -1;
/** A single token of several million chars: more than V8's regular expressions can back out of. */
export const TOO_LONG = -2;

// The tokenizer always starts at the beginning of its input and the end of a block is not known before: it gets a
// window, and a larger one where the block did not end in it. Never the rest of the file, that would be quadratic.
const FIRST_WINDOW = 2048;
const GROWTH = 4;

// Keywords after which js-tokens expects an expression, also where they are a property's name.
const KEYWORD = 'await|case|default|delete|do|else|instanceof|new|return|throw|typeof|void|yield';
const PROPERTY = new RegExp(String.raw`(?<=(?<!\.\.)\.\s*)(?:${KEYWORD})(?=\s*/)`, 'g');
const NON_NULL = /(?<=[\w$)\]\x80-\xff][ \t]*)!(?=\s*(?:\/|\+\+|--))/g;

/** The offset of the `}` that ends the source starting at `start`, or UNCLOSED, or TOO_LONG. */
export function sourceEnd(text: string, start: number): number {
  for (let size = FIRST_WINDOW; ; size *= GROWTH) {
    const end = closingBrace(mask(text.slice(start, start + size)));
    if (end >= 0) return start + end;
    if (end === TOO_LONG || start + size >= text.length) return end;
  }
}

/** Why a source has no end, where that can be told: the template or comment that swallows all that follows. */
export function unclosedToken(text: string, start: number): { offset: number; kind: string } | null {
  let offset = start;
  const templates: number[] = [];
  for (const token of jsTokens(mask(text.slice(start)))) {
    if (token.type === 'MultiLineComment' && !token.closed) return { offset, kind: 'comment' };
    if (token.type === 'TemplateHead' || token.type === 'NoSubstitutionTemplate') templates.push(offset);
    if (token.type === 'TemplateTail' || token.type === 'NoSubstitutionTemplate') {
      const begin = templates.pop() ?? offset;
      if (!token.closed) return { offset: begin, kind: 'template literal' };
    }
    offset += token.value.length;
  }
  return null;
}

function mask(window: string): string {
  return window.replace(NON_NULL, ' ').replace(PROPERTY, (keyword) => '_'.repeat(keyword.length));
}

// A token that the window cuts off reaches its end, so a brace that is found is one in the whole text as well.
function closingBrace(window: string): number {
  let depth = 0;
  let offset = 0;
  try {
    for (const token of jsTokens(window)) {
      if (token.type === 'Punctuator') {
        if (token.value === '{') depth++;
        else if (token.value === '}' && depth-- === 0) return offset;
      }
      offset += token.value.length;
    }
  } catch (e) {
    if (e instanceof RangeError) return TOO_LONG;
    throw e;
  }
  return UNCLOSED;
}
