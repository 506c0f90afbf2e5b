// What a package replaces or leaves out in browsers, and so here: `"browser": { "fs": false, "./a.js": "./b.js" }` in
// its package.json. esbuild knows of it, but not for what a plugin asks it.

import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** A package that says so. */
interface Package {
  readonly dir: string;
  readonly browser: Readonly<Record<string, unknown>>;
}

/** What stands for a module: nothing, or another, to be looked for from `dir`. */
type Replacement = false | { readonly path: string; readonly dir: string };

export class BrowserFields {
  readonly #packages = new Map<string, Package | null>();

  /** What the package of the file `importer` wants for `specifier`; `resolved` is the file that it means, if any. */
  replacement(specifier: string, importer: string, resolved: string): Replacement | null {
    const own = this.#of(dirname(importer));
    if (own === null) return null;
    const names = [specifier];
    if (specifier.startsWith('.')) {
      const file = resolved === '' ? join(dirname(importer), specifier) : resolved;
      names[0] = `./${relative(own.dir, file)}`;
      names.push(names[0].replace(/\.[cm]?js$/, ''), names[0].replace(/(?:\/index)?\.[cm]?js$/, ''));
    }
    for (const name of names) {
      if (!Object.hasOwn(own.browser, name)) continue;
      const by = own.browser[name];
      if (by === false) return false;
      // A module that stands for itself is only to be taken as it is.
      if (typeof by === 'string' && by !== specifier) return { path: by, dir: own.dir };
    }
    return null;
  }

  /** What a package wants for `file`, its own, where someone else asks for the package. */
  ofEntry(file: string): Replacement | null {
    const own = this.#of(dirname(file));
    return own === null
      ? null
      : this.replacement(`./${relative(own.dir, file)}`, join(own.dir, 'package.json'), file);
  }

  #of(dir: string): Package | null {
    let own = this.#packages.get(dir);
    if (own === undefined) {
      own = read(dir);
      if (own === undefined) own = dirname(dir) === dir ? null : this.#of(dirname(dir));
      this.#packages.set(dir, own);
    }
    return own;
  }
}

/** undefined where there is no package.json with a name: some stand in folders only to say what their files are. */
function read(dir: string): Package | null | undefined {
  let text: string;
  try {
    text = readFileSync(join(dir, 'package.json'), 'utf8');
  } catch {
    return undefined;
  }
  let json: { readonly name?: unknown; readonly browser?: unknown };
  try {
    json = JSON.parse(text);
  } catch {
    return null; // esbuild says what is wrong with it
  }
  if (json.name === undefined) return undefined;
  const { browser } = json;
  if (typeof browser !== 'object' || browser === null) return null;
  return { dir, browser: browser as Readonly<Record<string, unknown>> };
}
