// Writes docs/ts-directives.md.

import { writeFileSync } from 'node:fs';
import { ts } from '../src/script/ts.ts';
import { directivePage, page } from './directives/table.ts';

const { text, silent } = directivePage(ts.directives);
for (const name of silent) process.stderr.write(`nothing is said of ${name}: tools/directives/notes.ts\n`);
writeFileSync(page, text);
process.exitCode = silent.length === 0 ? 0 : 1;
