// Writes a tree as text that parses to the same tree, positions aside. A word gets no more escapes than it needs: one
// that just fitted nginx's buffer when it was read has to fit it again.

import type { Directive, Word } from './ast.ts';

const INDENT = '    ';
/** From this length on, a blank after the word could be the one char too many for nginx's buffer. */
const NEARLY_TOO_LONG = 4090;

export function print(directives: readonly Directive[]): string {
  const out: string[] = [];
  printAll(directives, '', out);
  return out.join('');
}

function printAll(directives: readonly Directive[], indent: string, out: string[]): void {
  for (const directive of directives) {
    out.push(indent);
    const last = printWords(directive, out);
    if (directive.source !== null) {
      out.push(gap(last, '{'), '{', directive.source.text, '}\n');
    } else if (directive.block !== null) {
      out.push(gap(last, '{'), '{\n');
      printAll(directive.block, indent + INDENT, out);
      out.push(indent, '}\n');
    } else {
      out.push(';\n');
    }
  }
}

function printWords(directive: Directive, out: string[]): string {
  let last = printWord(directive.name);
  out.push(last);
  for (const arg of directive.args) {
    const word = printWord(arg);
    out.push(gap(last, word), word);
    last = word;
  }
  return last;
}

/** What stands between a word and what follows it: nothing where a blank might be too much and none is needed. */
function gap(word: string, next: string): string {
  if (word.length < NEARLY_TOO_LONG) return ' ';
  const glued = /^["']/.test(word) ? /^[){]/ : /^\{/;
  return glued.test(next) && !/\$\{*$/.test(word) ? '' : ' ';
}

function printWord(word: Word): string {
  if (!word.quoted) {
    const bare = printBare(word.text);
    if (bare !== null) return bare;
  }
  const double = printQuoted(word.text, '"');
  const single = printQuoted(word.text, "'");
  return single.length < double.length ? single : double;
}

// Between quotes a backslash is only special before what makes it an escape.
function printQuoted(text: string, quote: '"' | "'"): string {
  const special = quote === '"' ? /\\(?=["'\\trn]|$)|"/g : /\\(?=["'\\trn]|$)|'/g;
  return quote + text.replace(special, '\\$&') + quote;
}

// A backslash that makes an escape of what follows, one that stays with the char it covers, `$` with its braces, the
// controls that have an escape, and what would end the word.
const BARE_PARTS = /\\(?:(?=["'\\trn]|\$\{|$)|.)|\$\{*|[\t\r\n]|[ ;{]/gs;
const CONTROLS: Readonly<Record<string, string>> = { '\t': '\\t', '\r': '\\r', '\n': '\\n' };

/** Null where the text cannot be written without quotes; the parser makes no such word. */
function printBare(text: string): string | null {
  if (/^(?:$|[#}])/.test(text)) return null;
  let possible = true;
  const raw = text.replace(BARE_PARTS, (part) => {
    if (part === '\\') return '\\\\';
    if (part === ' ' || part === ';' || part === '{') possible = false;
    return CONTROLS[part] ?? part;
  });
  if (!possible) return null;
  return /^["']/.test(raw) ? `\\${raw}` : raw;
}
