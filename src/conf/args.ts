// One directive as its parser sees it: the words, the block it stands in, and ways to refuse it.

import type { Directive as DirectiveNode, SourceBlock, Word } from '../../grammar/ast.ts';
import type { ComplexValue } from './complex.ts';
import type { ConfModule, OwnConf } from './directive.ts';
import { ConfError, DirectiveFault, type Place } from './error.ts';
import type { Reader, Scope } from './reader.ts';

export class Args {
  readonly cf: Reader;
  readonly node: DirectiveNode;
  /** The block in which the directive stands. */
  readonly scope: Scope;

  constructor(cf: Reader, node: DirectiveNode, scope: Scope) {
    this.cf = cf;
    this.node = node;
    this.scope = scope;
  }

  get name(): string {
    return this.node.name.text;
  }

  /** The number of arguments, the name not counted. */
  get count(): number {
    return this.node.args.length;
  }

  /** Argument `i` (1 is the first, 0 the name); the empty string where there is none. */
  text(i: number): string {
    return i === 0 ? this.node.name.text : (this.node.args[i - 1]?.text ?? '');
  }

  word(i: number): Word {
    return i === 0 ? this.node.name : (this.node.args[i - 1] ?? this.node.name);
  }

  /** All arguments, without the name. */
  texts(): string[] {
    return this.node.args.map((word) => word.text);
  }

  source(): SourceBlock {
    if (this.node.source === null) throw new TypeError(`"${this.name}" is not declared with body: 'source'`);
    return this.node.source;
  }

  /** Refuses with `"x" directive PHRASE`. */
  fail(phrase: string): never {
    throw new DirectiveFault(phrase);
  }

  /** Refuses with a message of its own. */
  failWhole(message: string, at: Word = this.node.name): never {
    throw new ConfError(message, this.place(at));
  }

  warn(message: string): void {
    this.cf.warn(message, this.place(this.node.name));
  }

  /** The line is the one that nginx names: where the directive's words end. */
  place(word: Word = this.node.name): Place {
    const { file, headLine, headColumn } = this.node;
    return { file, line: headLine, column: word.line === headLine ? word.column : headColumn };
  }

  /** Argument `i` with its variables compiled. */
  complex(i: number): ComplexValue {
    return this.cf.variables.compile(this.text(i), this.place(this.word(i)));
  }

  /** Reads the directives of this directive's block into `scope`. */
  readBlock(scope: Scope): void {
    this.cf.readBlock(this.node, scope);
  }

  /** The entries of a block that the module reads itself (map, types), includes resolved. */
  entries(): Generator<DirectiveNode> {
    return this.cf.entries(this.node);
  }

  /** What `module` has been told so far in the enclosing block. */
  own(module: ConfModule): OwnConf {
    return this.scope.ownConf(module);
  }
}
