// The directories that a configuration names for its processes to write to (ngx_add_path): temporary files may share
// one, a cache has its own.

import type { Args } from '../conf/args.ts';
import type { Place } from '../conf/error.ts';

interface Named {
  readonly levels: readonly number[];
  readonly place: Place;
  /** It is that of a cache. */
  readonly owned: boolean;
}

const PATHS = {}; // the key under which a Reader keeps them

/** Refuses a directory that is somebody else's, or has other levels for somebody else. */
export function addPath(args: Args, path: string, levels: readonly number[], owned: boolean): void {
  const paths = args.cf.state(PATHS, () => new Map<string, Named>());
  const known = paths.get(path);
  if (known === undefined) {
    paths.set(path, { levels, place: args.place(), owned });
    return;
  }
  const { file, line } = known.place;
  if (owned || known.owned) args.failWhole(`the same path name "${path}" used in ${file}:${line} and`);
  if (known.levels.join() !== levels.join()) {
    args.failWhole(`the same path name "${path}" in ${file}:${line} has the different levels than`);
  }
}
