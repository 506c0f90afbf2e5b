// Lets vitest run *.t files: each becomes a module whose n-th line declares the block that stands on the
// n-th line of the file, so that vitest's own places (and `vitest FILE.t:LINE`) are right without a map.

import { fileURLToPath } from 'node:url';
import { parseSpec } from './parse.ts';

interface VitePlugin {
  readonly name: string;
  readonly enforce: 'pre';
  transform(code: string, id: string): { code: string; map: null } | undefined;
}

export function specFiles(): VitePlugin {
  return { name: 'tsresty-spec', enforce: 'pre', transform };
}

function transform(code: string, id: string): { code: string; map: null } | undefined {
  const file = id.split('?', 1)[0] ?? id;
  if (!file.endsWith('.t')) return undefined;
  const blocks = parseSpec(file, code);
  const lines: string[] = Array.from({ length: code.split('\n').length }, () => '');
  const runtime = JSON.stringify(fileURLToPath(import.meta.resolve('./vitest-blocks.ts')));
  lines[0] = `import { openSpec } from ${runtime}; const declare = openSpec(${JSON.stringify(file)});`;
  blocks.forEach((block, index) => {
    lines[block.line - 1] += `declare(${index});`;
  });
  return { code: lines.join('\n'), map: null };
}
