// A configuration from its files to what the processes run on. The master reads; what it found goes to the workers as
// plain data, and they build the same cycle from it without touching a file.

import { lookup } from 'node:dns/promises';
import { globSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { ConfFile } from '../../grammar/ast.ts';
import { parse, parseParameter } from '../../grammar/parse.ts';
import { diskPath } from '../core/disk_path.ts';
import { errorText } from '../core/errno.ts';
import { toLatin1, toText } from '../core/text.ts';
import type { ConfModule } from './directive.ts';
import { MAIN } from './directive.ts';
import { ConfError, type Place, withWarnings } from './error.ts';
import { type CommandScript, Reader, Scope, type Sources } from './reader.ts';

export interface LoadOptions {
  /** With a slash at its end. */
  readonly prefix: string;
  /** Absolute. */
  readonly confFile: string;
  /** -g: directives before the file's. */
  readonly globalDirectives: string;
  /** `--types`: scripts are to be checked for type errors too. */
  readonly checkTypes?: boolean;
  /** `--inspect`: where debuggers may attach; null where the configuration says. */
  readonly inspect?: string | null;
  readonly command?: CommandScript;
}

const PARAMETER = 'command line'; // as nginx calls it

/** Everything that a worker needs to build the cycle; structured-cloneable. */
export interface ConfSource {
  readonly options: LoadOptions;
  /** By path, in the order read. */
  readonly files: Map<string, ConfFile>;
  /** The texts of those files, latin1: for -T and for excerpts in messages; empty in workers. */
  readonly texts: Map<string, string>;
  readonly globs: Map<string, readonly string[]>;
  readonly hosts: Map<string, readonly string[]>;
  readonly data: Map<string, string>;
  /** What modules prepared in the master, by name. */
  readonly prepared: Map<string, unknown>;
}

/** A configuration that has been read; what the subsystems make of it hangs on its main scope. */
export interface ReadCycle {
  readonly source: ConfSource;
  readonly reader: Reader;
  /** What the main context says, by module. */
  readonly main: Scope;
  readonly warnings: readonly string[];
}

/** Reads everything the configuration names. Throws ConfError. */
export async function readConfiguration(
  options: LoadOptions,
  modules: readonly ConfModule[],
  start: (cf: Reader) => void,
): Promise<ReadCycle> {
  const source: ConfSource = {
    options,
    files: new Map(),
    texts: new Map(),
    globs: new Map(),
    hosts: new Map(),
    data: new Map(),
    prepared: new Map(),
  };
  const unknown = new Set<string>();
  const cycle = build(new DiskSources(source, unknown), source, modules, start);
  if (unknown.size === 0) return cycle;
  // Host names are looked up between two readings, so that a reading itself never waits.
  await Promise.all([...unknown].map(async (host) => source.hosts.set(host, await addressesOf(host))));
  return build(new DiskSources(source, unknown), source, modules, start);
}

/** The cycle of what readConfiguration() found. Synchronous, and the same in every process. */
export function buildCycle(
  source: ConfSource,
  modules: readonly ConfModule[],
  start: (cf: Reader) => void,
): ReadCycle {
  return build(new KnownSources(source), source, modules, start);
}

function build(
  sources: Sources,
  source: ConfSource,
  modules: readonly ConfModule[],
  start: (cf: Reader) => void,
): ReadCycle {
  const reader = new Reader(sources, modules);
  start(reader);
  const scope = new Scope(MAIN, null);
  const { confFile, globalDirectives } = source.options;
  withWarnings(reader.warnings, () => {
    if (globalDirectives !== '') reader.readTree(parameterTree(source, globalDirectives), scope);
    reader.readFile(confFile, scope, null);
  });
  return { source, reader, main: scope, warnings: reader.warnings };
}

/** Parsed once, as the files are: a worker never starts the parser. */
function parameterTree({ files }: ConfSource, globalDirectives: string): ConfFile {
  const tree = files.get(PARAMETER) ?? parseParameter(globalDirectives);
  files.set(PARAMETER, tree);
  return tree;
}

async function addressesOf(host: string): Promise<readonly string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch {
    return []; // said where the name is used: "host not found in …"
  }
}

class KnownSources implements Sources {
  readonly prefix: string;
  readonly confFile: string;
  readonly checkTypes: boolean;
  readonly inspect: string | null;
  readonly command: CommandScript | null;
  protected readonly source: ConfSource;

  constructor(source: ConfSource) {
    this.source = source;
    this.prefix = source.options.prefix;
    this.confFile = source.options.confFile;
    this.checkTypes = source.options.checkTypes === true;
    this.inspect = source.options.inspect ?? null;
    this.command = source.options.command ?? null;
  }

  load(file: string, place: Place | null): ConfFile {
    const known = this.source.files.get(file);
    if (known === undefined) throw new ConfError(`"${file}" was not read by the master process`, place);
    return known;
  }

  glob(pattern: string): readonly string[] {
    return this.source.globs.get(pattern) ?? [pattern];
  }

  resolve(host: string): readonly string[] | null {
    return isIP(host) === 0 ? (this.source.hosts.get(host) ?? null) : [host];
  }

  prepared(module: string): unknown {
    return this.source.prepared.get(module);
  }

  readFile(file: string, place: Place): string {
    const known = this.source.data.get(file);
    if (known === undefined) throw new ConfError(`"${file}" was not read by the master process`, place);
    return known;
  }
}

class DiskSources extends KnownSources {
  readonly #unknown: Set<string>;

  constructor(source: ConfSource, unknown: Set<string>) {
    super(source);
    this.#unknown = unknown;
  }

  override load(file: string, place: Place | null): ConfFile {
    const known = this.source.files.get(file);
    if (known !== undefined) return known;
    const text = read(file, place);
    this.source.texts.set(file, text);
    const tree = parse(text, file);
    this.source.files.set(file, tree);
    return tree;
  }

  override glob(pattern: string): readonly string[] {
    if (!/[*?[]/.test(pattern)) return [pattern];
    const files = globSync(toText(pattern)).map(toLatin1).sort();
    this.source.globs.set(pattern, files);
    return files;
  }

  override resolve(host: string): readonly string[] | null {
    const known = super.resolve(host);
    if (known === null) this.#unknown.add(host);
    return known;
  }

  override readFile(file: string, place: Place): string {
    const text = this.source.data.get(file) ?? read(file, place);
    this.source.data.set(file, text);
    return text;
  }
}

function read(file: string, place: Place | null): string {
  try {
    return readFileSync(diskPath(file), 'latin1');
  } catch (e) {
    throw new ConfError(`open() "${file}" failed ${errorText(e)}`, place);
  }
}
