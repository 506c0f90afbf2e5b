// One command runs the unit tests beside the sources and the spec files of t/.

import { defineConfig } from 'vitest/config';
import { WORKER_FLAGS } from './src/process/worker_flags.ts';
import { specFiles } from './src/spec/vitest-plugin.ts';

export default defineConfig({
  plugins: [specFiles()],
  test: {
    projects: [
      { extends: true, test: { name: 'unit', include: ['{grammar,src,tools,conf.example}/**/*.test.ts'] } },
      // What a spec file looks at is in processes of its own: its worker can go on to the next.
      { extends: true, test: { name: 'spec', include: ['t/**/*.t'], isolate: false } },
    ],
    pool: 'forks',
    execArgv: [...WORKER_FLAGS],
    maxWorkers: 3, // on two cores: tests also wait
    // Only what hangs takes so long, also on a machine that does ten other things.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    includeTaskLocation: true,
  },
});
