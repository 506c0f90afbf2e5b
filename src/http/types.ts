// The types block: which media type a file's extension stands for.

import type { Args } from '../conf/args.ts';
import { ConfError } from '../conf/error.ts';

/** Extension, lower case, without the dot → media type. */
export type Types = ReadonlyMap<string, string>;

export const DEFAULT_TYPES: Types = new Map([
  ['html', 'text/html'],
  ['gif', 'image/gif'],
  ['jpg', 'image/jpeg'],
]);

export function parseTypes(args: Args, seen: Types | undefined): Types {
  const types = new Map(seen);
  for (const entry of args.entries()) {
    const type = entry.name.text;
    if (entry.block !== null) throw new ConfError('unexpected "{"', { file: entry.file, ...entry.name });
    for (const word of entry.args) {
      const extension = word.text.toLowerCase();
      if (types.has(extension)) {
        args.cf.warn(
          `duplicate extension "${word.text}", content type: "${type}", previous content type: "${types.get(extension)}"`,
          { file: entry.file, line: entry.endLine, column: word.column },
        );
        continue;
      }
      types.set(extension, type);
    }
  }
  return types;
}
