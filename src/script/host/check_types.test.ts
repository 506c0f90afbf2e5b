import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { COMPILER_OPTIONS, findCompiler, TYPES_FILE } from './check_types.ts';

test('the types of scripts are sound, and need neither Node nor a DOM', { timeout: 60_000 }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'tsresty-sound-'));
  const options = { ...COMPILER_OPTIONS, skipLibCheck: false, exactOptionalPropertyTypes: true };
  writeFileSync(
    join(directory, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: options, files: [TYPES_FILE] }),
  );
  const tsc = findCompiler(directory);
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', directory, '--pretty', 'false'], {
    encoding: 'utf8',
  });
  rmSync(directory, { recursive: true });
  expect(stdout).toBe('');
});

test('where there is no typescript, what to do is said', () => {
  const nowhere = join(tmpdir(), 'tsresty-nowhere');
  expect(() => findCompiler(nowhere, join(nowhere, 'x.js'))).toThrow(
    `types cannot be checked: the package "typescript" is not installed, run "npm install --prefix ${nowhere} typescript"`,
  );
});
