// What .ci/run does: npm test, lint and the type check, all three whatever the others say, then one closing line.
// Lint and types count as one test each.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from './paths.ts';

// Beyond this something hangs: the whole is to take under 15 minutes on two cores.
const testLimitMs = 14 * 60_000;

interface Tally {
  readonly passed: number;
  readonly failed: number;
}

async function runTests(): Promise<Tally> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'tsresty-ci-'));
  const report = path.join(directory, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  // Real processes on a machine of others: what fails is tried once more, and the summary names it as "retry x1".
  const made = await npm(['test', '--', '--retry=1', ...reporters], testLimitMs);
  const tally = readReport(report);
  fs.rmSync(directory, { recursive: true });
  // A file that does not load, a hang or a failed build has no test of its own to fail.
  return made || tally.failed > 0 ? tally : { passed: tally.passed, failed: 1 };
}

function readReport(file: string): Tally {
  if (!fs.existsSync(file)) return { passed: 0, failed: 1 };
  const report = JSON.parse(fs.readFileSync(file, 'utf8'));
  return { passed: Number(report.numPassedTests), failed: Number(report.numFailedTests) };
}

async function npm(args: readonly string[], limitMs: number): Promise<boolean> {
  process.stdout.write(`\n> npm ${args.join(' ')}\n`);
  // A process group of its own, so that what hangs goes with all that it started.
  const child = spawn('npm', args, { cwd: root, stdio: 'inherit', detached: true });
  const limit = setTimeout(() => {
    process.stdout.write(`npm ${args[0]} takes longer than ${limitMs / 60_000} minutes\n`);
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }, limitMs);
  const [code] = await once(child, 'exit');
  clearTimeout(limit);
  return code === 0;
}

function one(ok: boolean): Tally {
  return ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

const tallies = [
  await runTests(),
  one(await npm(['run', '--silent', 'lint'], 60_000)),
  one(await npm(['run', '--silent', 'types'], 120_000)),
];
const passed = tallies.reduce((sum, t) => sum + t.passed, 0);
const failed = tallies.reduce((sum, t) => sum + t.failed, 0);
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
