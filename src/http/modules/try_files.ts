// try_files: the first of these files that is there becomes the uri; else the last argument says what is answered.

import type { Args } from '../../conf/args.ts';
import type { ComplexValue } from '../../conf/complex.ts';
import { type ConfOf, LOCATION, SERVER } from '../../conf/directive.ts';
import { value } from '../../conf/kinds.ts';
import { errnoText, isAbsent } from '../../core/errno.ts';
import { parseNumber } from '../../core/sizes.ts';
import { logError } from '../log.ts';
import { defineModule } from '../module.ts';
import { infoOf } from '../open_file.ts';
import { rootPath } from '../path.ts';
import { DECLINED, type Rc } from '../rc.ts';
import { internalRedirect, namedLocation } from '../redirect.ts';
import type { HttpRequest } from '../request.ts';

interface TryFiles {
  readonly files: readonly TryFile[];
  /** Where none is there: a uri, a named location, or, as a number, a status. */
  readonly last: ComplexValue | number;
}

interface TryFile {
  readonly name: ComplexValue;
  readonly directory: boolean;
}

const NONE: TryFiles | null = null;

const directives = {
  try_files: value<TryFiles | null>({
    in: SERVER | LOCATION,
    args: [2, Number.POSITIVE_INFINITY],
    default: NONE,
    local: true,
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
  const { files, last } = conf.try_files as TryFiles;
  const { root } = r.loc.core;
  if (root.alias && r.uriRewritten) {
    logError(r, 'alert', `"alias" cannot be used in location "${r.loc.name}" where URI was rewritten`);
    return 500;
  }
  const base = rootPath(r);
  for (const file of files) {
    const name = nameOf(r, file.name);
    const path = base + name;
    const found = infoOf(r, path);
    if (typeof found === 'number') {
      if (!isAbsent(found)) {
        logError(r, 'crit', `stat() "${path}" failed ${errnoText(found)}`);
      }
      continue;
    }
    if (found.isDirectory() !== file.directory) continue;
    if (!root.alias) {
      r.uri = name;
    } else if (!root.regex) {
      r.uri = r.uri.slice(0, root.aliasLength) + name;
    } else if (!file.directory) {
      r.uri = name;
      r.addUriToAlias = true;
    }
    return DECLINED;
  }
  if (typeof last === 'number') return last;
  const target = nameOf(r, last);
  if (target.startsWith('@')) return namedLocation(r, target);
  const question = target.indexOf('?');
  if (question === -1) return internalRedirect(r, target, '');
  return internalRedirect(r, target.slice(0, question), target.slice(question + 1));
}

/** With an alias, the part of the uri that it stands for is no part of a name made of variables. */
function nameOf(r: HttpRequest, source: ComplexValue): string {
  const name = source.evaluate(r);
  const { root } = r.loc.core;
  if (!root.alias || root.regex || source.constant !== null) return name;
  const prefix = r.uri.slice(0, root.aliasLength);
  return name.startsWith(prefix) ? name.slice(prefix.length) : name;
}

function parseTryFiles(args: Args): TryFiles {
  const files: TryFile[] = [];
  for (let i = 1; i < args.count; i++) {
    const text = args.text(i);
    const directory = text.endsWith('/');
    const name = directory ? text.slice(0, -1) : text;
    files.push({ name: args.cf.variables.compile(name, args.place()), directory });
  }
  const text = args.text(args.count);
  if (!text.startsWith('=')) return { files, last: args.complex(args.count) };
  const status = parseNumber(text.slice(1));
  if (status === -1 || status > 999) args.failWhole(`invalid code "${text}"`);
  return { files, last: status };
}
