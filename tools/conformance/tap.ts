// Reads what a test file prints: the part of the Test Anything Protocol that Test::More speaks.

export interface Tap {
  // What the plan announces; undefined where the file ended before it knew.
  planned: number | undefined;
  passed: number;
  // Passed because it was not tried.
  skipped: number;
  failed: FailedAssertion[];
  // The whole file was skipped, and why.
  skipAll: string | undefined;
  bailOut: string | undefined;
}

interface FailedAssertion {
  readonly number: number;
  readonly title: string;
}

const result = /^(not )?ok\b *(\d*)(?: *-? *(.*?))?(?: *# *(skip|todo)\b *(.*))?$/i;

export function parseTap(text: string): Tap {
  const tap: Tap = {
    planned: undefined,
    passed: 0,
    skipped: 0,
    failed: [],
    skipAll: undefined,
    bailOut: undefined,
  };
  let number = 0;
  for (const line of text.split('\n')) {
    const plan = /^1\.\.(\d+)(?: *# *skip\S* *(.*))?/i.exec(line);
    if (plan !== null) {
      tap.planned = Number(plan[1]);
      if (tap.planned === 0) tap.skipAll = plan[2] ?? '';
      continue;
    }
    const bail = /^Bail out!\s*(.*)/.exec(line);
    if (bail !== null) {
      tap.bailOut = bail[1];
      continue;
    }
    const match = result.exec(line);
    if (match === null) continue;
    const [, not, given, title, mark] = match;
    number = given === undefined || given === '' ? number + 1 : Number(given);
    if (mark?.toLowerCase() === 'skip') tap.skipped++;
    else if (not === undefined || mark !== undefined) tap.passed++;
    else tap.failed.push({ number, title: title ?? '' });
  }
  return tap;
}
