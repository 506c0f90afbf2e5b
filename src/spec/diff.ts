// Shows how two texts differ, line by line, with what is invisible made visible.

/** Lines with `-` are expected and missing, lines with `+` came instead. */
export function diffText(expected: string, actual: string): string {
  const a = splitLines(expected);
  const b = splitLines(actual);
  // Enough for any answer a spec compares; a larger one is cut before the quadratic table is built.
  if (a.length * b.length > 4_000_000) return `- ${visible(expected, 2000)}\n+ ${visible(actual, 2000)}`;
  const common = commonLengths(a, b);
  const out: string[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const left = a[i];
    const right = b[j];
    if (left !== undefined && left === right) {
      out.push(`  ${visible(left)}`);
      i++;
      j++;
    } else if (left !== undefined && (right === undefined || at(common, i + 1, j) >= at(common, i, j + 1))) {
      out.push(`- ${visible(left)}`);
      i++;
    } else {
      out.push(`+ ${visible(right ?? '')}`);
      j++;
    }
  }
  return around(out).join('\n');
}

/** The index of the first line that differs. */
export function firstDifference(expected: string, actual: string): number {
  const a = splitLines(expected);
  const b = splitLines(actual);
  let i = 0;
  while (i < a.length - 1 && a[i] === b[i]) i++;
  return i;
}

/** Text for a terminal: UTF-8 is shown as such, control characters as escapes; `\n` at a line's end is left out. */
export function visible(bytes: string, max = 400): string {
  const decoded = Buffer.from(bytes, 'latin1').toString('utf8');
  const text = decoded.includes('\ufffd') ? bytes : decoded;
  const ended = text.endsWith('\n');
  let line = ended ? text.slice(0, -1) : text;
  const more = line.length > max ? `… (${line.length} chars)` : '';
  line = line.slice(0, max);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  const odd = text === decoded ? /[\0-\x1f\x7f-\x9f\\]/g : /[\0-\x1f\x7f-\xff\\]/g;
  const shown = line.replace(odd, (char) => ESCAPES[char] ?? hex(char));
  return `${shown}${more}${ended ? '' : '⏹'}`;
}

const ESCAPES: Readonly<Record<string, string>> = { '\r': '\\r', '\n': '\\n', '\t': '\\t', '\\': '\\\\' };

function hex(char: string): string {
  return `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** Each line with its newline, so that a missing one at the end is a difference. */
function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** Lengths of the longest common subsequence of the rests of both lists. */
function commonLengths(a: readonly string[], b: readonly string[]): Uint32Array[] {
  const table = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    const row = table[i];
    if (row === undefined) continue;
    for (let j = b.length - 1; j >= 0; j--) {
      row[j] =
        a[i] === b[j] ? at(table, i + 1, j + 1) + 1 : Math.max(at(table, i + 1, j), at(table, i, j + 1));
    }
  }
  return table;
}

function at(table: readonly Uint32Array[], i: number, j: number): number {
  return table[i]?.[j] ?? 0;
}

/** Only the differences and three lines on either side of them. */
function around(lines: readonly string[]): string[] {
  const keep = lines.map((_, i) =>
    lines.slice(Math.max(0, i - 3), i + 4).some((line) => !line.startsWith(' ')),
  );
  const out: string[] = [];
  lines.forEach((line, i) => {
    if (keep[i]) out.push(line);
    else if (i === 0 || keep[i - 1]) out.push('  …');
  });
  return out.slice(0, 80);
}
