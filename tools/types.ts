// npm run types: the type check of everything; nothing is emitted, esbuild and Node only strip the types.

import { spawnSync } from 'node:child_process';
import { node, root } from './paths.ts';

const tsc = `${root}/node_modules/typescript/bin/tsc`;
const made = spawnSync(node, [tsc, '--noEmit', '-p', '.', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = made.status ?? 1;
