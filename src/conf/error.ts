// A fault in the configuration. Setters throw it with nginx's phrase only; the reader adds the directive's name,
// the file and the line, and print() gives nginx's line first and then our excerpt.

export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

interface Note {
  readonly text: string;
  readonly place: Place;
}

export class ConfError extends Error {
  override readonly name = 'ConfError';
  readonly place: Place | null;
  readonly notes: readonly Note[];
  /** Where several things are wrong: each by itself. */
  readonly all: readonly ConfError[] = [this];
  /** What had been warned of before. */
  warnings: readonly string[] = [];
  /** Who speaks on the terminal: scripts are nothing that nginx knows. */
  readonly program: 'nginx' | 'tsresty' = 'nginx';

  constructor(message: string, place: Place | null, notes: readonly Note[] = []) {
    super(message);
    this.place = place;
    this.notes = notes;
  }

  /** nginx's line, without the level: `unknown directive "x" in /p/conf/nginx.conf:3`. */
  line(): string {
    if (this.place === null) return this.message;
    const { file, line } = this.place;
    return file === '' ? `${this.message} in command line` : `${this.message} in ${file}:${line}`;
  }

  /** The whole report; `text` is the content of the file at fault where it could be read. */
  print(text: string | undefined): string {
    const lines = [this.line()];
    if (this.place !== null && text !== undefined) lines.push(...excerpt(text, this.place));
    for (const note of this.notes) lines.push(`    note: ${note.text} ${note.place.file}:${note.place.line}`);
    return lines.join('\n');
  }
}

/** A fault that `read` finds has the warnings with it that there are by then. */
export function withWarnings<T>(warnings: readonly string[], read: () => T): T {
  try {
    return read();
  } catch (e) {
    if (e instanceof ConfError) e.warnings = warnings;
    throw e;
  }
}

/** A setter's phrase, e.g. `is duplicate`: the reader turns it into `"x" directive is duplicate in FILE:LINE`. */
export class DirectiveFault extends Error {
  override readonly name = 'DirectiveFault';
}

/** A fault of a block that shows when all of it has been read: the reader adds the place of its closing brace. */
export class BlockFault extends Error {
  override readonly name = 'BlockFault';
}

/** A line that is longer is shown around the place only. */
const LONGEST_LINE = 160;

export function excerpt(text: string, place: Place): string[] {
  const line = text.split('\n')[place.line - 1]?.replace(/\r$/, '');
  if (line === undefined || line.trim() === '') return [];
  const [source, column] = aroundColumn(line, place.column);
  const number = String(place.line);
  const width = Math.max(1, (/^[^\s;{}]+/.exec(source.slice(column - 1))?.[0] ?? ' ').length);
  const indent = source.slice(0, column - 1).replace(/[^\t]/g, ' ');
  return [`    ${number} | ${source}`, `    ${' '.repeat(number.length)} | ${indent}${'^'.repeat(width)}`];
}

function aroundColumn(line: string, column: number): [source: string, column: number] {
  if (line.length <= LONGEST_LINE) return [line, column];
  const from = Math.max(0, Math.min(column - 1 - LONGEST_LINE / 2, line.length - LONGEST_LINE));
  const before = from === 0 ? '' : '... ';
  const after = from + LONGEST_LINE >= line.length ? '' : ' ...';
  return [before + line.slice(from, from + LONGEST_LINE) + after, column - from + before.length];
}
