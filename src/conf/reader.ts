// Walks the syntax tree as nginx reads its file: each directive is looked up, checked for its place and its number of
// arguments, and handed to its parser. Faults get nginx's words, file and line here and nowhere else.

import type { ConfFile, Directive as DirectiveNode } from '../../grammar/ast.ts';
import { Args } from './args.ts';
import { Variables } from './complex.ts';
import type { ConfModule, Directive, OwnConf } from './directive.ts';
import { BlockFault, ConfError, DirectiveFault, type Place } from './error.ts';
import { suggestion, unsupported } from './unsupported.ts';

/** A block being read: what its directives have said so far, by module. */
export class Scope {
  readonly context: number;
  readonly parent: Scope | null;
  readonly own: (OwnConf | undefined)[] = [];
  /** What the block configures, for the module that opened it: a server, a location, an upstream. */
  readonly subject: unknown;

  constructor(context: number, parent: Scope | null, subject: unknown = null) {
    this.context = context;
    this.parent = parent;
    this.subject = subject;
  }

  ownConf(module: ConfModule): OwnConf {
    let conf = this.own[module.slot];
    if (conf === undefined) {
      conf = {};
      this.own[module.slot] = conf;
    }
    return conf;
  }
}

/** `tsresty run`: a script that is run once, beside what the configuration has. */
export interface CommandScript {
  /** As it is called in messages. */
  readonly file: string;
  readonly text: string;
  readonly args: readonly string[];
  /** What it has for its output: 1 and 2 as descriptors; bytes come one a character. */
  write(descriptor: number, text: string, bytes: boolean): void;
  exit(code: number): void;
  /** A line that a worker would write to its error log. */
  log(level: string, message: string): void;
}

/** Where files and host names come from: the disk in the master, what the master found in a worker. */
export interface Sources {
  readonly prefix: string;
  readonly confFile: string;
  /** `--types`: scripts are to be checked for type errors too. */
  readonly checkTypes: boolean;
  /** `--inspect`: where debuggers may attach; null where the configuration says. */
  readonly inspect: string | null;
  readonly command: CommandScript | null;
  /** Parses `file`, or answers from what is known; throws ConfError at `place`. */
  load(file: string, place: Place | null): ConfFile;
  /** The files that an include names, in nginx's order; `pattern` is absolute. */
  glob(pattern: string): readonly string[];
  /** The addresses of a host name; null where it has not been looked up yet: the name is then, and all is read again. */
  resolve(host: string): readonly string[] | null;
  /** What a module prepared in the master process; undefined before that has run. */
  prepared(module: string): unknown;
  /** The text of a file that is no configuration but is needed at run time, latin1 (password files are not: they may change). */
  readFile(file: string, place: Place): string;
}

interface Entry {
  readonly module: ConfModule;
  readonly directive: Directive<unknown, string>;
}

export class Reader {
  readonly sources: Sources;
  readonly variables = new Variables();
  readonly warnings: string[] = [];
  /** The same, graver. */
  readonly alerts: string[] = [];
  readonly #table = new Map<string, Entry[]>();
  readonly #states = new Map<object, unknown>();
  #depth = 0;

  constructor(sources: Sources, modules: readonly ConfModule[]) {
    this.sources = sources;
    for (const module of modules) {
      for (const [name, directive] of Object.entries(module.directives)) {
        const entries = this.#table.get(name);
        if (entries === undefined) this.#table.set(name, [{ module, directive }]);
        else entries.push({ module, directive });
      }
    }
  }

  /** Something that one cycle has once: `key` is the module, or any object, that owns it. */
  state<T>(key: object, create: () => T): T {
    if (!this.#states.has(key)) this.#states.set(key, create());
    return this.#states.get(key) as T;
  }

  warn(message: string, place: Place | null): void {
    this.warnings.push(place === null ? message : `${message} in ${place.file}:${place.line}`);
  }

  /** Relative to the prefix or, for includes and what stands beside them, to the directory of nginx.conf. */
  fullName(path: string, base: 'prefix' | 'conf'): string {
    if (path.startsWith('/')) return path;
    if (base === 'prefix') return this.sources.prefix + path;
    return this.sources.confFile.slice(0, this.sources.confFile.lastIndexOf('/') + 1) + path;
  }

  readFile(file: string, scope: Scope, place: Place | null): void {
    this.readTree(this.#enter(file, place), scope);
    this.#depth--;
  }

  #enter(file: string, place: Place | null): ConfFile {
    if (++this.#depth > 64) throw new ConfError(`too many nested includes of "${file}"`, place);
    return this.sources.load(file, place);
  }

  readTree(tree: ConfFile, scope: Scope): void {
    this.#readAll(tree.directives, scope);
    if (tree.error !== null) throw new ConfError(tree.error.message, { file: tree.file, ...tree.error });
  }

  readBlock(node: DirectiveNode, scope: Scope): void {
    this.#readAll(node.block ?? [], scope);
  }

  entries(node: DirectiveNode): Generator<DirectiveNode> {
    return this.#entries(node.block ?? []);
  }

  *#entries(nodes: readonly DirectiveNode[]): Generator<DirectiveNode> {
    for (const entry of nodes) {
      if (entry.name.text === 'include' && entry.args.length === 1) yield* this.#included(entry);
      else yield entry;
    }
  }

  *#included(entry: DirectiveNode): Generator<DirectiveNode> {
    const place = placeOf(entry);
    for (const file of this.includes(entry.args[0]?.text ?? '')) {
      const tree = this.#enter(file, place);
      yield* this.#entries(tree.directives);
      if (tree.error !== null) throw new ConfError(tree.error.message, { file, ...tree.error });
      this.#depth--;
    }
  }

  includes(pattern: string): readonly string[] {
    return this.sources.glob(this.fullName(pattern, 'conf'));
  }

  #readAll(nodes: readonly DirectiveNode[], scope: Scope): void {
    for (const node of nodes) this.#read(node, scope);
  }

  #read(node: DirectiveNode, scope: Scope): void {
    const name = node.name.text;
    if (name === 'include') {
      this.#include(node, scope);
      return;
    }
    const entries = this.#table.get(name);
    if (entries === undefined) throw new ConfError(this.#unknown(name), placeOf(node));
    const entry = entries.find(({ directive }) => (directive.in & scope.context) !== 0);
    if (entry === undefined) throw new ConfError(`"${name}" directive is not allowed here`, placeOf(node));
    checkForm(node, entry.directive);
    const own = scope.ownConf(entry.module);
    const field = entry.directive.into ?? name;
    try {
      own[field] = entry.directive.parse(new Args(this, node, scope), own[field]);
    } catch (e) {
      if (e instanceof DirectiveFault) throw new ConfError(`"${name}" directive ${e.message}`, placeOf(node));
      if (e instanceof BlockFault) throw new ConfError(e.message, endOf(node));
      throw e;
    }
  }

  /** Allowed in every block: the files' directives stand in its place. */
  #include(node: DirectiveNode, scope: Scope): void {
    checkForm(node, INCLUDE);
    const place = placeOf(node);
    for (const file of this.includes(node.args[0]?.text ?? '')) this.readFile(file, scope, place);
  }

  #unknown(name: string): string {
    if (unsupported.has(name)) return `"${name}" directive of nginx is not supported yet`;
    const near = suggestion(name, this.#table.keys());
    return near === null
      ? `unknown directive "${name}"`
      : `unknown directive "${name}", did you mean "${near}"?`;
  }
}

const INCLUDE = { body: 'none', args: [1, 1] } as const;

function checkForm(node: DirectiveNode, directive: Pick<Directive<unknown>, 'body' | 'args'>): void {
  const name = node.name.text;
  const opened = node.block !== null || node.source !== null;
  if (directive.body === 'none' && opened) {
    throw new ConfError(`directive "${name}" is not terminated by ";"`, placeOf(node));
  }
  if (directive.body !== 'none' && !opened) {
    throw new ConfError(`directive "${name}" has no opening "{"`, placeOf(node));
  }
  const [min, max] = directive.args;
  if (node.args.length < min || node.args.length > max) {
    throw new ConfError(`invalid number of arguments in "${name}" directive`, placeOf(node));
  }
}

/** nginx names the line on which it had read the whole directive: that of the `;` or the `{`. */
function placeOf(node: DirectiveNode): Place {
  const { name, headLine: line } = node;
  return { file: node.file, line, column: name.line === line ? name.column : node.headColumn };
}

function endOf({ file, endLine: line, endColumn: column }: DirectiveNode): Place {
  return { file, line, column };
}
