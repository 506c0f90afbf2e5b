// docs/conformance.md and the table on the terminal, from the verdicts.

import { groupOf } from './groups.ts';
import { isFailure, type Verdict, type Verdicts } from './verdict.ts';

// One row: assertions, as far as nginx itself passes them.
interface Row {
  name: string;
  files: number;
  expected: number;
  passed: number;
  skipped: number;
}

export function rows(verdicts: Verdicts, reference: Verdicts): Row[] {
  const groups = new Map<string, Row>();
  for (const file of Object.keys(verdicts).sort()) {
    const name = groupOf(file);
    const row = groups.get(name) ?? { name, files: 0, expected: 0, passed: 0, skipped: 0 };
    groups.set(name, row);
    addFile(row, verdicts[file], reference[file]);
  }
  return [...groups.values()];
}

function addFile(row: Row, verdict: Verdict | undefined, reference: Verdict | undefined): void {
  row.files++;
  if (verdict === undefined) return;
  const expected = reference?.passed ?? verdict.run - verdict.skipped;
  const passed = Math.min(verdict.passed, expected);
  const left = expected - passed;
  row.expected += expected;
  row.passed += passed;
  row.skipped +=
    verdict.skip === undefined
      ? Math.min(left, Math.max(0, verdict.skipped - (reference?.skipped ?? 0)))
      : left;
}

export function total(groups: readonly Row[]): Row {
  const sum = { name: 'all', files: 0, expected: 0, passed: 0, skipped: 0 };
  for (const row of groups) {
    sum.files += row.files;
    sum.expected += row.expected;
    sum.passed += row.passed;
    sum.skipped += row.skipped;
  }
  return sum;
}

export function table(groups: readonly Row[]): string {
  const lines = [
    '| group | files | nginx passes | passed | failed | skipped | of what is not skipped |',
    '|---|---:|---:|---:|---:|---:|---:|',
  ];
  for (const row of [...groups.filter((g) => g.expected > 0), total(groups)]) {
    const tried = row.expected - row.skipped;
    const share = tried === 0 ? '–' : `${((100 * row.passed) / tried).toFixed(1)} %`;
    const failed = tried - row.passed;
    lines.push(
      `| ${row.name} | ${row.files} | ${row.expected} | ${row.passed} | ${failed} | ${row.skipped} | ${share} |`,
    );
  }
  return lines.join('\n');
}

export function page(verdicts: Verdicts, reference: Verdicts, about: string): string {
  const files = Object.keys(verdicts).sort();
  const failing = files.filter((f) => verdicts[f] !== undefined && isFailure(verdicts[f]));
  return `# Conformance

${about}
Written by \`npm run conformance\`; [conformance-howto.md](conformance-howto.md) says how to run it.

An assertion counts where nginx itself passes it; groups of which nginx passes nothing here are left out. Skipped is
what a file leaves out because \`-V\` does not name the module that it needs.

${table(rows(verdicts, reference))}

## Files that fail

${failing.map((f) => failureLine(f, verdicts[f])).join('\n') || 'None.'}

## Files that are skipped

${skipLines(verdicts, reference).join('\n') || 'None.'}
`;
}

function failureLine(file: string, verdict: Verdict | undefined): string {
  if (verdict === undefined) return '';
  return `- ${file} (${verdict.passed}/${verdict.run}): ${plain(verdict.reason ?? '')}`;
}

function skipLines(verdicts: Verdicts, reference: Verdicts): string[] {
  const byReason = new Map<string, string[]>();
  for (const file of Object.keys(verdicts).sort()) {
    const skip = verdicts[file]?.skip;
    if (skip === undefined) continue;
    const who = reference[file]?.skip === undefined ? skip : `${skip} (nginx's run too)`;
    byReason.set(who, [...(byReason.get(who) ?? []), file]);
  }
  return [...byReason].map(([reason, files]) => `- ${plain(reason)}: ${files.join(', ')}`);
}

// A message is shown as it is, not as Markdown.
function plain(text: string): string {
  return text.replaceAll(/[\\`*_<>|[\]]/g, '\\$&');
}
