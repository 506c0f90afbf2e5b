// The syntax tree of a configuration file. Plain objects only: the tree is structured-cloned to worker processes.
// All text is latin1 (one char is one byte); lines and columns count from 1, columns in bytes.

export interface Word {
  /** The value: without quotes, escapes resolved as nginx resolves them (`\x` stays `\x`). */
  readonly text: string;
  readonly quoted: boolean;
  readonly line: number;
  readonly column: number;
}

/** The body of a `*_by_ts_block`, verbatim; the position is that of the first char after the `{`. */
export interface SourceBlock {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

export interface Directive {
  readonly name: Word;
  readonly args: readonly Word[];
  /** What stands between the braces; null when the directive ends with `;` or has a `source`. */
  readonly block: readonly Directive[] | null;
  readonly source: SourceBlock | null;
  readonly file: string;
  /** Of the `;` or the `{` after the words: the line that nginx names when it refuses the directive itself. */
  readonly headLine: number;
  readonly headColumn: number;
  /** Of the `;` or the closing `}`: the line that nginx names when a whole block is wrong. The head's while open. */
  readonly endLine: number;
  readonly endColumn: number;
}

export interface ConfFile {
  readonly file: string;
  /** All directives read before `error`; a block that was still open holds what was read in it. */
  readonly directives: readonly Directive[];
  readonly error: SyntaxFault | null;
}

export interface SyntaxFault {
  /** nginx's words, without ` in FILE:LINE`. */
  readonly message: string;
  readonly line: number;
  readonly column: number;
}
