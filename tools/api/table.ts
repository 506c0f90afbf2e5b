// The table of lua-nginx-module's functions in docs/api.md. A function is done when a block of t/ says in its `api`
// section that it shows it, and uses it: nothing else makes it so.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Block, parseSpec } from '../../src/spec/parse.ts';
import { root } from '../paths.ts';
import { HERE, NOT_YET, REFUSED } from './notes.ts';

interface ApiName {
  readonly name: string;
  /** The module that Lua has it from. */
  readonly origin: string;
  readonly kind: string;
}

interface Shown {
  readonly file: string;
  readonly title: string;
}

interface ApiTable {
  readonly text: string;
  /** What is wrong with the blocks that claim to show something. */
  readonly faults: readonly string[];
  readonly counts: Readonly<Record<'done' | 'not' | 'refused', number>>;
}

export const page: string = path.join(root, 'docs/api.md');

export function apiNames(): readonly ApiName[] {
  return JSON.parse(readFileSync(path.join(root, 'tools/api/names.json'), 'utf8')) as ApiName[];
}

/** The spec files, by name. */
export function specs(): ReadonlyMap<string, string> {
  const files = readdirSync(path.join(root, 't')).filter((file) => file.endsWith('.t'));
  return new Map(
    files.sort().map((file) => [`t/${file}`, readFileSync(path.join(root, 't', file), 'latin1')]),
  );
}

export function apiTable(names: readonly ApiName[], files: ReadonlyMap<string, string>): ApiTable {
  const known = new Set(names.map(({ name }) => name));
  const shown = new Map<string, Shown>();
  const faults: string[] = [];
  for (const [file, text] of files) {
    let inherited = '';
    for (const block of parseSpec(file, text)) {
      // A block without a configuration takes over the last one.
      if (block.sections.has('config')) inherited = '';
      const code = inherited + codeOf(block);
      if (block.sections.has('config')) inherited = code;
      for (const name of claims(block)) {
        const fault = faultOf(name, known, code);
        if (fault !== null) faults.push(`${file}:${block.line}: ${fault}`);
        else if (!shown.has(name)) shown.set(name, { file, title: block.title });
      }
    }
  }
  const counts = { done: 0, not: 0, refused: 0 };
  let rows = '';
  for (const { name, origin } of names) {
    const by = shown.get(name);
    const reason = reasonIn(REFUSED, name);
    if (by !== undefined && reason !== undefined) faults.push(`${by.file}: ${name} is said to be refused`);
    const status = by !== undefined ? 'done' : reason !== undefined ? 'refused' : 'not';
    counts[status]++;
    const why = by !== undefined ? `${by.file}: ${by.title}` : (reason ?? reasonIn(NOT_YET, name) ?? '');
    const here = HERE[name] === undefined ? '' : ` (here: \`${HERE[name]}\`)`;
    rows += `| \`${name}\`${here} | ${origin} | ${status} | ${why.replaceAll('|', '\\|')} |\n`;
  }
  return { text: head(counts) + rows, faults, counts };
}

function head({ done, not, refused }: ApiTable['counts']): string {
  return `# Functions of lua-nginx-module and what they are here

<!-- Written by tools/api_table.ts; do not edit. -->

Each function, property and group of constants of the http subsystem, with the block of \`t/\` that shows it. What is
called differently is said; how Lua's conventions turn into TypeScript's is in \`src/script/ngx.d.ts\`.
${done} done, ${not} not yet, ${refused} refused.

| | from | | shown by, or why not |
|---|---|---|---|
`;
}

function claims(block: Block): string[] {
  const text = block.sections.get('api')?.text ?? '';
  return text
    .split(/[,\n]/)
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function codeOf(block: Block): string {
  let code = '';
  for (const { name, text } of block.sections.values()) if (name !== 'api') code += `${text}\n`;
  return code;
}

function faultOf(name: string, known: ReadonlySet<string>, code: string): string | null {
  if (!known.has(name)) return `there is no ${name}`;
  const word = /[\w$]+$/.exec(HERE[name] ?? name)?.[0] ?? '';
  return new RegExp(`\\b${word}\\b`).test(code) ? null : `does not use ${HERE[name] ?? name}`;
}

function reasonIn(table: Readonly<Record<string, string>>, name: string): string | undefined {
  for (const key in table) {
    if (key === name || (/[.:]$/.test(key) && name.startsWith(key))) return table[key];
  }
  return undefined;
}
