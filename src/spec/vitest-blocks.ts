// What a *.t file calls after vitest-plugin.ts has turned it into a module: declares its blocks as tests.

import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { afterAll, test } from 'vitest';
import { type Block, parseSpec, parseTime } from './parse.ts';
import { SpecRunner, Unsupported } from './run.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');
const TEST_TIMEOUT_MS = 90_000;

export function openSpec(path: string): (index: number) => void {
  const file = relative(process.cwd(), path);
  const blocks = parseSpec(file, readFileSync(path, 'latin1'));
  const runner = new SpecRunner(file, {
    binary: resolve(process.env.TSRESTY_BINARY ?? `${REPOSITORY}/bin/tsresty`),
    workers: Number(process.env.TSRESTY_SPEC_WORKERS ?? 0),
    strict: process.env.TSRESTY_SPEC_STRICT === '1',
    restart: process.env.TSRESTY_SPEC_RESTART === '1',
    repeat: 2,
  });
  afterAll(() => runner.dispose());
  return (index) => {
    const block = blocks[index];
    if (block !== undefined) declare(runner, block);
  };
}

function declare(runner: SpecRunner, block: Block): void {
  const { sections } = block;
  const declareTest = sections.has('SKIP') ? test.skip : sections.has('ONLY') ? test.only : test;
  declareTest(Buffer.from(block.title, 'latin1').toString(), { timeout: timeoutOf(block) }, async (ctx) => {
    const why = runner.whyNot(block);
    if (why !== undefined) ctx.skip(why);
    try {
      await runner.run(block);
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      ctx.skip(error.message);
    }
  });
}

/** Beside what the block itself waits for, twice, there is time for a start and its reports. */
function timeoutOf(block: Block): number {
  const waits = ['timeout', 'wait'].map((name) => parseTime(block.sections.get(name)?.text ?? '0') ?? 0);
  return TEST_TIMEOUT_MS + waits.reduce((sum, ms) => sum + 4 * ms, 0);
}
