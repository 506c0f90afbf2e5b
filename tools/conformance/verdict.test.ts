import { expect, test } from 'vitest';
import { rows, total } from './report.ts';
import type { FileRun } from './run_file.ts';
import { parseTap } from './tap.ts';
import { judge, type Verdict } from './verdict.ts';

const nginx: Verdict = { passed: 3, run: 3, skipped: 0 };

function fileRun(output: string, more: Partial<FileRun> = {}): FileRun {
  const tap = parseTap(output);
  return { name: 'a.t', tap, ms: 1, hang: false, exitCode: 0, output, emerg: undefined, ...more };
}

test('a file that passes has no reason', () => {
  expect(judge(fileRun('1..3\nok 1\nok 2\nok 3\n'), nginx)).toEqual(nginx);
});

test('the first failure is the reason', () => {
  const run = fileRun('1..3\nok 1\nnot ok 2 - two\nnot ok 3 - three\n', { exitCode: 2 });
  expect(judge(run, nginx)).toEqual({
    passed: 1,
    run: 3,
    skipped: 0,
    reason: '2 two (and 1 more)',
    failed: [2, 3],
  });
});

test('a file that ends early says where and with which words', () => {
  const run = fileRun('1..3\nok 1\nCannot do it at lib/x.pm line 3.\n', { exitCode: 255 });
  expect(judge(run, nginx)).toMatchObject({ passed: 1, reason: 'ends after 1 of 3: Cannot do it' });
});

test('a server that does not start passes nothing, and is told by its own message', () => {
  const output =
    "1..3\nok 2 - no alerts\nok 3 - no sanitizer errors\nCan't start nginx at lib/x.pm line 3.\n";
  const run = fileRun(output, { exitCode: 255, emerg: 'unknown directive "x" in nginx.conf:3' });
  expect(judge(run, nginx)).toEqual({
    passed: 0,
    run: 3,
    skipped: 0,
    reason: 'emerg: unknown directive "x" in nginx.conf:3',
  });
});

test('a hang is a failure even when all was said', () => {
  const run = fileRun('1..3\nok 1\nok 2\nok 3\n', { hang: true, exitCode: null });
  expect(judge(run, nginx)).toMatchObject({ passed: 3, hang: true, reason: 'hangs' });
});

test('a missing module is a skip, a server that fails to start in a file that would skip then is not', () => {
  expect(judge(fileRun('1..0 # SKIP no ssi available\n'), nginx)).toMatchObject({ skip: 'no ssi available' });
  const run = fileRun('1..0 # SKIP no inet6 support\n', { emerg: 'invalid port' });
  expect(judge(run, nginx)).toMatchObject({ run: 3, reason: 'emerg: invalid port' });
});

test('groups count what nginx passes, and leave out what is skipped', () => {
  const verdicts = {
    'http_a.t': { passed: 2, run: 3, skipped: 0, reason: 'x' },
    'http_b.t': { passed: 0, run: 0, skipped: 0, skip: 'no ssi available' },
    'access_log.t': { passed: 1, run: 3, skipped: 2 },
  };
  const reference = { 'http_a.t': nginx, 'http_b.t': nginx, 'access_log.t': nginx };
  const groups = rows(verdicts, reference);
  expect(groups).toEqual([
    { name: 'access_log', files: 1, expected: 3, passed: 1, skipped: 2 },
    { name: 'http', files: 2, expected: 6, passed: 2, skipped: 3 },
  ]);
  expect(total(groups)).toEqual({ name: 'all', files: 3, expected: 9, passed: 3, skipped: 5 });
});
