// npm run lint: Biome's formatter and linter, with the rules about who may import whom (biome.json). `-- --write` mends.

import { spawnSync } from 'node:child_process';
import { node, root } from './paths.ts';

const biome = `${root}/node_modules/@biomejs/biome/bin/biome`;
const made = spawnSync(node, [biome, 'check', '--error-on-warnings', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = made.status ?? 1;
