// From the text of a configuration file to its tree. Chevrotain checks which token may stand where, without recovery:
// nginx stops at the first fault, and whoever walks the tree must meet the directives before it first. So actions put
// a directive into the tree as soon as its words are read, and a fault leaves all that stands before it there.

import {
  EmbeddedActionsParser,
  EOF,
  type IParserErrorMessageProvider,
  type IToken,
  type ParserMethod,
  type TokenType,
} from 'chevrotain';
import type { ConfFile, Directive, SourceBlock, SyntaxFault, Word } from './ast.ts';
import {
  type ConfToken,
  Fault,
  LeftBrace,
  Lexer,
  RightBrace,
  Semicolon,
  Source,
  tokenTypes,
  WordToken,
} from './lexer.ts';

let parser: ConfParser | undefined;

/** Reads a configuration file; never throws. `text` is latin1. */
export function parse(text: string, file: string): ConfFile {
  parser ??= new ConfParser();
  return parser.read(new Lexer(text, false), file);
}

/** Reads the directives of the -g option, in which no block may stand. */
export function parseParameter(text: string): ConfFile {
  parser ??= new ConfParser();
  return parser.read(new Lexer(text, true), '');
}

/** A directive that may still be open. */
interface Reading extends Directive {
  block: Directive[] | null;
  source: SourceBlock | null;
  endLine: number;
  endColumn: number;
}

// nginx names what it found, not what it would have accepted. Where a directive is cut off by the end of the file the
// lexer says so, hence an EOF token that comes up here stands where a block should have ended.
const phrases: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ actual }) => phrase(actual),
  buildNotAllInputParsedMessage: ({ firstRedundant }) => phrase(firstRedundant),
  buildNoViableAltMessage: ({ actual }) => phrase(actual[0]),
  buildEarlyExitMessage: ({ actual }) => phrase(actual[0]),
};

function phrase(found: IToken | undefined): string {
  if (found === undefined || found.tokenType === EOF) return 'unexpected end of file, expecting "}"';
  return found.tokenType === Fault ? found.image : `unexpected "${found.image}"`;
}

/** Before the first token, and after the last one. */
const NOTHING = new Lexer('', false);
const NO_WORD: Word = { text: '', quoted: false, line: 1, column: 1 };

class ConfParser extends EmbeddedActionsParser {
  #lexer = NOTHING;
  #next: ConfToken | null = null;
  #last: ConfToken | null = null;
  #consumed = 0;
  #file = '';
  /** The words of the directive being read. */
  #words: Word[] = [];
  /** The block being read, or the file. */
  #into: Directive[] = [];

  constructor() {
    super(tokenTypes, { maxLookahead: 1, recoveryEnabled: false, errorMessageProvider: phrases });
    this.performSelfAnalysis();
  }

  read(lexer: Lexer, file: string): ConfFile {
    this.reset();
    this.#lexer = lexer;
    this.#next = null;
    this.#file = file;
    const directives: Directive[] = [];
    this.#into = directives;
    this.file();
    const error = this.#fault();
    this.#lexer = NOTHING; // neither the text nor the tree is kept
    this.#into = [];
    return { file, directives, error };
  }

  #fault(): SyntaxFault | null {
    const [fault] = this.errors;
    if (fault === undefined) return null;
    const { startLine = 1, startColumn = 1 } = fault.token;
    return { message: fault.message, line: startLine, column: startColumn };
  }

  readonly file: ParserMethod<[], void> = this.RULE('file', () => {
    this.MANY(() => this.SUBRULE(this.directive));
  });

  readonly directive: ParserMethod<[], void> = this.RULE('directive', () => {
    this.#words = [];
    this.AT_LEAST_ONE(() => {
      this.#words.push(toWord(this.#take(WordToken)));
    });
    this.OR([{ ALT: () => this.#add(this.#take(Semicolon)) }, { ALT: () => this.SUBRULE(this.block) }]);
  });

  readonly block: ParserMethod<[], void> = this.RULE('block', () => {
    const outer = this.#into;
    const directive = this.#add(this.#take(LeftBrace));
    this.OR([
      {
        ALT: () => {
          directive.source = toSource(this.#take(Source));
        },
      },
      {
        ALT: () => {
          directive.block = [];
          this.#into = directive.block;
          this.MANY(() => this.SUBRULE(this.directive));
        },
      },
    ]);
    const end = this.#take(RightBrace);
    directive.endLine = end.startLine;
    directive.endColumn = end.startColumn;
    this.#into = outer;
  });

  /** Puts the directive whose words have been read into the tree; `end` is its `;` or `{`. */
  #add(end: ConfToken): Reading {
    const [name = NO_WORD, ...args] = this.#words;
    const directive: Reading = {
      name,
      args,
      block: null,
      source: null,
      file: this.#file,
      headLine: end.startLine,
      headColumn: end.startColumn,
      endLine: end.startLine,
      endColumn: end.startColumn,
    };
    this.#into.push(directive);
    return directive;
  }

  // All tokens are the lexer's, so they are its own kind.
  #take(type: TokenType): ConfToken {
    return this.CONSUME(type) as ConfToken;
  }

  // What follows are the methods by which Chevrotain reads its array of tokens: they make them when asked instead.

  protected override LA_FAST(howMuch: number): IToken {
    return this.LA(howMuch);
  }

  protected override LA(howMuch: number): IToken {
    if (howMuch === 0 && this.#last !== null) return this.#last;
    this.#next ??= this.#lexer.next();
    return this.#next;
  }

  consumeToken(): void {
    this.#last = this.#next;
    this.#next = null;
    this.#consumed++;
  }

  getLexerPosition(): number {
    return this.#consumed;
  }

  moveToTerminatedState(): void {
    this.#next = NOTHING.next();
  }
}

function toWord(token: ConfToken): Word {
  return { text: token.image, quoted: token.quoted, line: token.startLine, column: token.startColumn };
}

function toSource(token: ConfToken): SourceBlock {
  return { text: token.image, line: token.startLine, column: token.startColumn };
}
