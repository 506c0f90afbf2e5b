// Judges a run against what nginx itself does with the same file.

import type { FileRun } from './run_file.ts';

// What nginx.json and docs/conformance.json hold of a file.
export interface Verdict {
  readonly passed: number;
  readonly run: number;
  readonly skipped: number;
  // The whole file was skipped for this reason.
  readonly skip?: string;
  // Why it is not as good as nginx.
  readonly reason?: string;
  readonly failed?: readonly number[];
  readonly hang?: true;
}

export type Verdicts = Readonly<Record<string, Verdict>>;

export function judge(run: FileRun, reference: Verdict | undefined): Verdict {
  const { tap } = run;
  if (tap.skipAll !== undefined) {
    const skip = tap.skipAll;
    // Some files also skip themselves when the server does not start: nginx's does.
    if (reference === undefined || reference.skip !== undefined || /^no \S+ available$/.test(skip)) {
      return { passed: 0, run: 0, skipped: 0, skip };
    }
    return { passed: 0, run: reference.run, skipped: 0, reason: reasonNotToStart(run, skip) };
  }

  // Its closing look into an empty log passes all the same.
  if (/^Can't start nginx/m.test(run.output)) {
    const total = tap.planned ?? reference?.run ?? 0;
    return { passed: 0, run: total, skipped: 0, reason: reasonNotToStart(run, "can't start nginx") };
  }

  const planned = tap.planned ?? reference?.run ?? 0;
  const total = Math.max(planned, tap.passed + tap.skipped + tap.failed.length);
  const verdict = { passed: tap.passed, run: total, skipped: tap.skipped };
  const bad = tap.failed.length > 0 || tap.passed + tap.skipped < total || run.hang || run.exitCode !== 0;
  if (!bad) return verdict;
  return {
    ...verdict,
    reason: reasonFor(run, total),
    ...(tap.failed.length > 0 ? { failed: tap.failed.map((f) => f.number) } : {}),
    ...(run.hang ? { hang: true as const } : {}),
  };
}

function reasonNotToStart(run: FileRun, words: string): string {
  return run.emerg === undefined ? `does not start: ${words}` : `emerg: ${run.emerg}`;
}

function reasonFor(run: FileRun, total: number): string {
  const { tap } = run;
  const seen = tap.passed + tap.skipped + tap.failed.length;
  if (tap.bailOut !== undefined) return `bail-out: ${tap.bailOut}`;
  const first = tap.failed[0];
  const parts: string[] = [];
  if (run.hang) parts.push('hangs');
  if (first !== undefined) parts.push(`${first.number} ${first.title}${more(tap.failed.length)}`);
  if (!run.hang && seen < total) parts.push(`ends after ${seen} of ${total}${lastWords(run)}`);
  if (parts.length === 0) parts.push(`exit code ${run.exitCode}${lastWords(run)}`);
  return parts.join('; ');
}

function more(failures: number): string {
  return failures === 1 ? '' : ` (and ${failures - 1} more)`;
}

function lastWords(run: FileRun): string {
  const died = /^(?!#)(.+) at \S+ line \d+[.,]/m.exec(run.output);
  return died?.[1] === undefined ? '' : `: ${died[1]}`;
}

export function isFailure(verdict: Verdict): boolean {
  return verdict.reason !== undefined;
}
