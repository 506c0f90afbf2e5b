// Writes docs/api.md: which of lua-nginx-module's functions are done, and the blocks of t/ that show them.

import { writeFileSync } from 'node:fs';
import { apiNames, apiTable, page, specs } from './api/table.ts';

const { text, faults, counts } = apiTable(apiNames(), specs());
for (const fault of faults) process.stderr.write(`${fault}\n`);
writeFileSync(page, text);
process.stdout.write(`${counts.done} done, ${counts.not} not yet, ${counts.refused} refused\n`);
process.exitCode = faults.length === 0 ? 0 : 1;
