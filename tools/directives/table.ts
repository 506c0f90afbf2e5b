// The page of the directives of scripts, docs/ts-directives.md, from the module's own table.

import path from 'node:path';
import {
  type DirectiveTable,
  HTTP,
  LOCATION,
  LOCATION_IF,
  SERVER,
  SERVER_IF,
  UPSTREAM,
} from '../../src/conf/directive.ts';
import { root } from '../paths.ts';
import { FILE_NOTE, NOTES, WITHOUT_EFFECT } from './notes.ts';

export const page: string = path.join(root, 'docs/ts-directives.md');

const PLACES: readonly (readonly [bit: number, name: string])[] = [
  [HTTP, 'http'],
  [SERVER, 'server'],
  [LOCATION, 'location'],
  [SERVER_IF, 'if in server'],
  [LOCATION_IF, 'if in location'],
  [UPSTREAM, 'upstream'],
];

const HEAD = `# The directives of scripts

Those of lua-nginx-module, with \`ts\` for \`lua\`; contexts and inheritance are theirs. Written by
\`tools/run tools/directive_table.ts\` from the module's table.

Several blocks or files of one phase in one place run in the order written. A \`*_by_ts_file\` is found relative to the
prefix. Where its name holds variables (all phases of a request but balancer), it is compiled on first use and kept, up
to 256 files an isolate; one that is not there is 404, one that may not be read 503, one that is wrong 500, as in Lua.
A name without variables is loaded at the start, and has to be there then.

| directive | where | |
| --- | --- | --- |
`;

/** The page, and the directives that nothing is said of. */
export function directivePage(directives: DirectiveTable): { text: string; silent: readonly string[] } {
  const silent: string[] = [];
  const rows: string[] = [];
  const idle: string[] = [];
  const refused: string[] = [];
  for (const [name, { in: places, into }] of Object.entries(directives)) {
    if (into === 'unsupported') {
      refused.push(`\`${name}\``);
      continue;
    }
    const without = WITHOUT_EFFECT[name];
    if (without !== undefined) {
      idle.push(`- \`${name}\`: ${without}\n`);
      continue;
    }
    const note = NOTES[name] ?? (name.endsWith('_by_ts_file') ? FILE_NOTE : undefined);
    if (note === undefined) silent.push(name);
    rows.push(`| \`${name}\` | ${where(places)} | ${(note ?? '').replaceAll('|', '\\|')} |\n`);
  }
  const text =
    `${HEAD}${rows.join('')}\n## Checked, and without effect\n\n${idle.join('')}` +
    `\n## Refused at the start, with the reason\n\n${refused.join(', ')}\n`;
  return { text, silent };
}

function where(places: number): string {
  return PLACES.filter(([bit]) => (places & bit) !== 0)
    .map(([, name]) => name)
    .join(', ');
}
