// `tsresty types`: what an editor needs to know scripts by, written into a prefix.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { writeStderr } from '../core/log.ts';
import { COMPILER_OPTIONS, TYPES_FILE } from '../script/host/check_types.ts';

const DIRECTORY = '.tsresty';
const MARK =
  '// Written by "tsresty types", which may write it anew. Remove this line to keep a file of your own.';

/** The exit code. */
export function writeTypes(directory: string): number {
  const prefix = resolve(directory);
  const config = join(prefix, 'tsconfig.json');
  if (existsSync(config) && !readFileSync(config, 'utf8').startsWith(MARK)) {
    writeStderr(
      `[emerg] "${config}" was not written by "tsresty types" and is left as it is: remove it, or copy from ` +
        'docs/types.md what it lacks',
      'tsresty',
    );
    return 1;
  }
  const types = join(prefix, DIRECTORY);
  mkdirSync(types, { recursive: true });
  const from = dirname(TYPES_FILE);
  for (const name of readdirSync(from).filter((file) => file.endsWith('.d.ts'))) {
    write(join(types, name), readFileSync(join(from, name), 'utf8'));
  }
  write(config, `${MARK}\n${JSON.stringify(configuration(), null, 2)}\n`);
  process.stdout.write(`${config}\n${join(types, basename(TYPES_FILE))}\n`);
  return 0;
}

function configuration(): unknown {
  const types = `./${DIRECTORY}/${basename(TYPES_FILE)}`;
  return {
    compilerOptions: { ...COMPILER_OPTIONS, paths: { 'tsresty/ngx': [types] } },
    include: ['**/*.ts', types],
    exclude: ['**/node_modules'],
  };
}

/** An editor that watches the file has nothing to do where it is the same. */
function write(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  writeFileSync(path, text);
}
