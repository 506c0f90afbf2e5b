import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { shared } from '../guest/share.ts';
import { CHUNKS } from '../protocol.ts';
import { chunkOptions, loadPrelude, PRELUDE_OPTIONS } from './prelude.ts';

const guest = new URL('../guest', import.meta.url).pathname;

async function inputsOf(entry: string, options: object): Promise<string[]> {
  const built = await build({
    ...options,
    entryPoints: [`${guest}/${entry}.ts`],
    absWorkingDir: guest,
    write: false,
    metafile: true,
  });
  return Object.keys(built.metafile.inputs);
}

test('no module of the program is in a chunk a second time', async () => {
  const main = await inputsOf('main', PRELUDE_OPTIONS);
  for (const name of CHUNKS) {
    const inputs = await inputsOf(`chunks/${name}`, chunkOptions(guest));
    expect(inputs.filter((file) => main.includes(file) && file !== '../protocol.ts')).toEqual([]);
  }
});

test('what chunks import of the program is handed to them', () => {
  const modules = shared() as Readonly<Record<string, object>>;
  const missing: string[] = [];
  for (const name of CHUNKS) {
    const { code } = loadPrelude().chunk(name);
    for (const [, module = '', member = ''] of code.matchAll(/\bimport_([a-z_]+?)\d*\.(\w+)/g)) {
      if (!(member in (modules[module] ?? {}))) missing.push(`${module}.${member}`);
    }
  }
  expect(missing).toEqual([]);
});

test('classes keep their names in the bundles', () => {
  for (const name of CHUNKS)
    expect(loadPrelude().chunk(name).code).not.toMatch(/^\s*var \w+ = class \w+[0-9] /m);
});
