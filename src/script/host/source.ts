// Scripts as a configuration has them, before they are compiled, and what the program calls them.

import { isAbsolute } from 'node:path';
import type { BlockModule } from './block_module.ts';

/** A `*_by_ts_block`, or the file of a `*_by_ts_file`. */
export interface Source {
  /** content_by_ts */
  readonly phase: string;
  /** The directive, for messages: content_by_ts_block. */
  readonly directive: string;
  readonly file: string;
  /** Of the first character after the brace, or of the file's name. */
  readonly line: number;
  readonly column: number;
  /** Text of a block; null for a file. */
  readonly text: string | null;
  /** The file of a `*_by_ts_file`, absolute. */
  readonly path: string | null;
}

export interface CompileOptions {
  readonly prefix: string;
  /** ts_package_path: templates with `?`, or directories, separated by `;`. */
  readonly packagePath: string;
  /** Files may be loaded later that import the same modules: the program hands them out. */
  readonly shares?: boolean;
}

/** The module that gathers all blocks and handlers; a block's own is `ts-block:NUMBER`. */
export const ENTRY = 'ts-entry';
export const BLOCK = 'ts-block';
/** The first line of the program is ours. It makes all of it strict: esbuild leaves that to whoever runs modules. */
export const PROGRAM_NAME = 'tsresty:blocks';

/** What one program is made of. */
export interface Job {
  readonly sources: readonly Source[];
  readonly wanted: ReadonlySet<number>;
  readonly modules: readonly (BlockModule | null)[];
  readonly options: CompileOptions;
  /** Modules that the program hands out. */
  readonly shared: readonly string[];
  /** Modules that are in the isolate already. */
  readonly loaded: ReadonlySet<string>;
}

/** Not a path: the name of a package, or of what ts_package_path leads to. */
export function isBare(path: string): boolean {
  return !path.startsWith('.') && !isAbsolute(path);
}
