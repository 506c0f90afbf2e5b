// The form in which the tests beside it write a tree: a line per directive, a quoted word as a JSON string, each mark
// (`;`, `{`, `}`) followed by its place.

import type { Directive, Word } from '../ast.ts';

/** With places, or, to compare trees of different texts, without. */
export function outline(directives: readonly Directive[], places: boolean, indent = ''): string {
  let out = '';
  for (const directive of directives) {
    const { name, args, block, source } = directive;
    const head = places ? `${directive.headLine}:${directive.headColumn}` : '';
    const end = places ? `${directive.endLine}:${directive.endColumn}` : '';
    const start = places ? `${name.line}:${name.column} ` : '';
    const line = `${indent}${start}${[name, ...args].map(wordOutline).join(' ')}`;
    if (source !== null) out += `${line} {${head} ${JSON.stringify(source.text)} }${end}\n`;
    else if (block === null) out += `${line} ;${head}\n`;
    else out += `${line} {${head}\n${outline(block, places, `${indent}  `)}${indent}}${end}\n`;
  }
  return out;
}

function wordOutline(word: Word): string {
  const json = JSON.stringify(word.text);
  return word.quoted ? json : json.slice(1, -1);
}
