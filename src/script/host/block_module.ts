// A block as an ES module: imports at its top stay where they are, the rest becomes the body of a function of `ngx`.
// Lines stay what they are; on one line, text is inserted.

import jsTokens from 'js-tokens';

export interface BlockModule {
  readonly code: string;
  /** Where text was inserted, in the block (line and column from 1), and how much. */
  readonly insertedAt: { readonly line: number; readonly column: number };
  readonly inserted: number;
  /** The block may go on after it has returned: it awaits, or returns what might be a promise. */
  readonly waits: boolean;
}

/** `parameter`: the type of `ngx`, where types are looked at. */
export function blockModule(text: string, parameter = 'Ngx'): BlockModule {
  const at = importsEnd(text);
  const isAsync = /\bawait\b/.test(text);
  const before = text.slice(0, at);
  // An import that ends with its line needs no semicolon of its own.
  const semicolon = at === 0 || before.endsWith(';') ? '' : ';';
  const wrapper = `${semicolon}export default ${isAsync ? 'async ' : ''}function (ngx: ${parameter}) {`;
  const line = before.split('\n').length;
  return {
    code: `${before}${wrapper}${text.slice(at)}\n}`,
    insertedAt: { line, column: at - before.lastIndexOf('\n') },
    inserted: wrapper.length,
    waits: isAsync || MAY_WAIT.test(text),
  };
}

/** A promise may come of it: one is named, or something is returned that is not known to be none. */
const MAY_WAIT = /\b(?:async|Promise|then)\b|\breturn\b(?!\s*(?:;|\}|$|ngx\.(?:exit|exec|redirect)\b))/m;

/** Where the imports at the top of a block end; 0 for none. */
function importsEnd(text: string): number {
  let end = 0;
  let at = 0;
  let state: 'start' | 'import' | 'source' | 'with' = 'start';
  for (const token of jsTokens(text)) {
    const { type, value } = token;
    const from = at;
    at += value.length;
    if (
      type === 'WhiteSpace' ||
      type === 'LineTerminatorSequence' ||
      type === 'SingleLineComment' ||
      type === 'MultiLineComment'
    ) {
      continue;
    }
    if (state === 'source') {
      if (value === ';') {
        end = at;
        state = 'start';
        continue;
      }
      if (value === 'with') {
        state = 'with';
        continue;
      }
      state = 'start';
    }
    if (state === 'with') {
      if (value !== '}') continue;
      end = at;
      state = 'source';
      continue;
    }
    if (state === 'start') {
      if (value !== 'import' || /^\s*[(.]/.test(text.slice(at))) return end;
      state = 'import';
      continue;
    }
    if (type === 'StringLiteral') {
      end = at;
      state = 'source';
    } else if (from > end + 10_000) {
      return end;
    }
  }
  return end;
}
