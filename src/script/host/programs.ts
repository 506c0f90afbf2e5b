// Which programs the scripts of an isolate may start: `exec=` of ts_isolate. None unless it says so.

import { accessSync, constants } from 'node:fs';
import { toText } from '../../core/text.ts';

/** Where names are looked up when the environment has no PATH, as execvp does. */
const DEFAULT_PATH = '/bin:/usr/bin';

export class Programs {
  static readonly none: Programs = new Programs([]);
  /** Absolute paths; null: whatever there is. */
  readonly #granted: readonly string[] | null;

  private constructor(granted: readonly string[] | null) {
    this.#granted = granted;
  }

  /** A comma-separated list of absolute paths, "*" for all, or "none"; the text is a directive's, in latin1. */
  static parse(text: string): Programs | null {
    if (text === 'none') return Programs.none;
    if (text === '*') return new Programs(null);
    const paths = toText(text).split(',');
    return paths.every((path) => /^\/./.test(path)) ? new Programs(paths) : null;
  }

  /** Any program: none has to be kept from becoming another. */
  get all(): boolean {
    return this.#granted === null;
  }

  /** The file of a program that may be started; null where it may not. A name without "/" is one of those granted. */
  find(name: string): string | null {
    const granted = this.#granted;
    if (granted === null) return name.includes('/') ? name : (lookUp(name) ?? name);
    if (name.includes('/')) return granted.includes(name) ? name : null;
    return granted.find((path) => path.endsWith(`/${name}`)) ?? null;
  }
}

/** The first executable file of that name in PATH. */
export function lookUp(name: string): string | undefined {
  if (name === '') return undefined;
  for (const directory of (process.env.PATH ?? DEFAULT_PATH).split(':')) {
    const path = `${directory || '.'}/${name}`;
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // The next one, as execvp does.
    }
  }
  return undefined;
}
