// Where things stand in this repository, for the tools.

import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '..');

export const mainEntry = 'src/cli/main.ts';
export const guestEntry = 'src/script/guest/main.ts';

export const node = path.join(root, 'node_modules/node/bin/node');
export const launcher = path.join(root, 'bin/tsresty');
