// try_files: the first of several names that exists takes the uri's place; the last is where the request goes when none
// does.

import { constants } from 'node:os';
import type { Args } from '../../conf/args.ts';
import type { ComplexValue } from '../../conf/complex.ts';
import { type ConfOf, LOCATION, SERVER } from '../../conf/directive.ts';
import { custom } from '../../conf/kinds.ts';
import { errnoText } from '../../core/errno.ts';
import { fileInfo } from '../../core/file_info.ts';
import { parseNumber } from '../../core/sizes.ts';
import { logError } from '../log.ts';
import { defineModule } from '../module.ts';
import { rootPath } from '../path.ts';
import { DECLINED, type Rc } from '../rc.ts';
import { internalRedirect, namedLocation } from '../redirect.ts';
import type { HttpRequest } from '../request.ts';

interface Name {
  readonly value: ComplexValue;
  /** Written with a slash at its end: a directory is meant. */
  readonly directory: boolean;
}

interface TryFiles {
  readonly names: readonly Name[];
  /** Where to go when none exists; or, if `code` is not 0, what to answer. */
  readonly fallback: ComplexValue;
  readonly code: number;
}

const directives = {
  try_files: custom<TryFiles | null>({
    in: SERVER | LOCATION,
    args: [2, Number.POSITIVE_INFINITY],
    default: null,
    parse: parseTryFiles,
  }),
};

type Conf = ConfOf<typeof directives>;

export const tryFiles = defineModule({
  name: 'try_files',
  directives,
  phases: { precontent: { when: (conf) => conf.try_files !== null, run: tryEach } },
});

function tryEach(r: HttpRequest, conf: Conf): Rc {
  if (conf.try_files === null) return DECLINED;
  const { code, fallback, names } = conf.try_files;
  const { root } = r.loc.core;
  const base = rootPath(r);
  for (const { directory, value } of names) {
    let name = value.evaluate(r);
    if (
      value.constant === null &&
      root.alias &&
      !root.regex &&
      name.startsWith(r.uri.slice(0, root.aliasLength))
    ) {
      name = name.slice(root.aliasLength);
    }
    if (!exists(r, base + name, directory)) continue;
    if (!root.alias) r.uri = name;
    else if (!root.regex) r.uri = r.uri.slice(0, root.aliasLength) + name;
    else if (!directory) {
      r.uri = name;
      r.addUriToAlias = true;
    }
    return DECLINED;
  }
  if (code !== 0) return code;
  const target = fallback.evaluate(r);
  if (target.startsWith('@')) return namedLocation(r, target);
  const question = target.indexOf('?');
  if (question === -1) return internalRedirect(r, target, '');
  return internalRedirect(r, target.slice(0, question), target.slice(question + 1));
}

const { ENAMETOOLONG, ENOENT, ENOTDIR } = constants.errno;

function exists(r: HttpRequest, path: string, directory: boolean): boolean {
  const info = fileInfo(path);
  if (typeof info !== 'number') return info.isDirectory() === directory;
  if (info !== ENOENT && info !== ENOTDIR && info !== ENAMETOOLONG) {
    logError(r, 'crit', `stat() "${path}" failed ${errnoText(info)}`);
  }
  return false;
}

function parseTryFiles(args: Args, seen: TryFiles | null | undefined): TryFiles {
  if (seen !== undefined) args.fail('is duplicate');
  const names: Name[] = [];
  for (const text of args.texts().slice(0, -1)) {
    const directory = text.endsWith('/');
    const name = directory ? text.slice(0, -1) : text;
    names.push({ value: args.cf.variables.compile(name, args.place()), directory });
  }
  const last = args.text(args.count);
  const fallback = args.cf.variables.compile(last, args.place());
  if (!last.startsWith('=')) return { names, fallback, code: 0 };
  const code = parseNumber(last.slice(1));
  if (code === -1 || code > 999) args.failWhole(`invalid code "${last}"`);
  return { names, fallback, code };
}
