import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findCompiler } from './check_types.ts';

test('where there is no typescript, what to do is said', () => {
  const nowhere = join(tmpdir(), 'tsresty-nowhere');
  expect(() => findCompiler(nowhere, join(nowhere, 'x.js'))).toThrow(
    `types cannot be checked: the package "typescript" is not installed, run "npm install --prefix ${nowhere} typescript"`,
  );
});
