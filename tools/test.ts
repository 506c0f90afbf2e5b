// npm test: builds what changed, then runs all tests; what follows `--` goes to vitest (`npm test -- t/rewrite.t`).

import { spawnSync } from 'node:child_process';
import { WORKER_FLAGS } from '../src/process/worker_flags.ts';
import { build } from './build.ts';
import { node, root } from './paths.ts';

if (!(await build())) process.exit(1);
const vitest = `${root}/node_modules/vitest/vitest.mjs`;
const args = [...WORKER_FLAGS, vitest, 'run', ...process.argv.slice(2)];
const made = spawnSync(node, args, { cwd: root, stdio: 'inherit' });
process.exitCode = made.status ?? 1;
