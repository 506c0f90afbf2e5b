// The locations of one level, arranged for lookup: exact names, prefixes longest first, regular expressions in the
// order written.

import { ConfError } from '../conf/error.ts';
import type { Location } from './location.ts';
import { AGAIN, DECLINED, DONE, OK, type Rc } from './rc.ts';
import type { HttpRequest } from './request.ts';

// Up to this many names, trying each is faster than hashing what stands in the uri of a request, each time anew.
const FEW = 12;

/** Locations by the whole uri that leads to them. */
class Whole {
  readonly #uris: string[] = [];
  readonly #locations = new Map<string, Location>();

  has(uri: string): boolean {
    return this.#locations.has(uri);
  }

  set(uri: string, location: Location): void {
    if (!this.has(uri)) this.#uris.push(uri);
    this.#locations.set(uri, location);
  }

  get(uri: string): Location | undefined {
    if (this.#uris.length > FEW) return this.#locations.get(uri);
    for (const own of this.#uris) if (own === uri) return this.#locations.get(own);
    return undefined;
  }
}

export class LocationTree {
  readonly #exact = new Whole();
  readonly #prefixes: Location[] = [];
  readonly #byPrefix = new Map<string, Location>();
  readonly #lengths: number[] = [];
  readonly #regexes: Location[] = [];
  /** Those whose name only lacks the slash at its end in the uri, and that redirect to it. */
  readonly #slashed = new Whole();

  constructor(locations: readonly Location[]) {
    for (const location of locations) {
      this.#add(location);
      if (location.autoRedirect) this.#slashed.set(location.name.slice(0, -1), location);
    }
    this.#prefixes.sort((a, b) => b.name.length - a.name.length);
    for (const { name } of this.#prefixes)
      if (this.#lengths.at(-1) !== name.length) this.#lengths.push(name.length);
  }

  #add(location: Location): void {
    if (location.regex !== null) {
      this.#regexes.push(location);
      return;
    }
    const named = location.exact ? this.#exact : this.#byPrefix;
    if (named.has(location.name))
      throw new ConfError(`duplicate location "${location.name}"`, location.place);
    named.set(location.name, location);
    if (!location.exact) this.#prefixes.push(location);
  }

  /** Sets r.loc. OK: exact or by expression; AGAIN: by prefix; DONE: redirect to the name with a slash. */
  find(r: HttpRequest): Rc {
    let rc = this.#findStatic(r);
    let noregex = false;
    if (rc === AGAIN) {
      ({ noregex } = r.loc);
      rc = r.loc.tree === null ? DECLINED : r.loc.tree.find(r);
    }
    if (rc === OK || rc === DONE) return rc;
    if (!noregex) {
      for (const location of this.#regexes) {
        if (!location.regex?.exec(r, r.uri)) continue;
        r.loc = location;
        location.tree?.find(r);
        return OK;
      }
    }
    return rc;
  }

  #findStatic(r: HttpRequest): Rc {
    const { uri } = r;
    const exact = this.#exact.get(uri);
    if (exact !== undefined) {
      r.loc = exact;
      return OK;
    }
    const found = this.#longest(uri);
    if (found === null || found.name.length < uri.length) {
      const slashed = this.#slashed.get(uri);
      if (slashed !== undefined) {
        r.loc = slashed;
        return DONE;
      }
    }
    if (found === null) return DECLINED;
    r.loc = found;
    return AGAIN;
  }

  #longest(uri: string): Location | null {
    if (this.#prefixes.length <= FEW) {
      for (const location of this.#prefixes) if (uri.startsWith(location.name)) return location;
      return null;
    }
    for (const length of this.#lengths) {
      if (length > uri.length) continue;
      const found = this.#byPrefix.get(uri.slice(0, length));
      if (found !== undefined) return found;
    }
    return null;
  }
}
