// index: a request for a directory becomes one for the first of these files that is there.

import { constants } from 'node:os';
import type { Args } from '../../conf/args.ts';
import type { ComplexValue } from '../../conf/complex.ts';
import { type ConfOf, HTTP_ANY } from '../../conf/directive.ts';
import { custom } from '../../conf/kinds.ts';
import { errnoText } from '../../core/errno.ts';
import { missing } from '../../core/file_info.ts';
import { logError } from '../log.ts';
import { defineModule } from '../module.ts';
import { infoOf } from '../open_file.ts';
import { mapUriToPath } from '../path.ts';
import { DECLINED, OK, type Rc } from '../rc.ts';
import { internalRedirect } from '../redirect.ts';
import type { HttpRequest } from '../request.ts';

type Index = string | ComplexValue;

const DEFAULT: readonly Index[] = ['index.html'];

const directives = {
  index: custom<readonly Index[]>({
    in: HTTP_ANY,
    args: [1, Number.POSITIVE_INFINITY],
    default: DEFAULT,
    inherit: true,
    parse: parseIndex,
  }),
};

type Conf = ConfOf<typeof directives>;

export const index = defineModule({
  name: 'index',
  directives,
  phases: { content: { run: findIndex } },
});

const SLASH = 47;
const { ENOENT, ENOTDIR, ENAMETOOLONG, EACCES, EMLINK, ELOOP } = constants.errno;

function findIndex(r: HttpRequest, conf: Conf): Rc {
  const { uri, method } = r;
  if (uri.charCodeAt(uri.length - 1) !== SLASH) return DECLINED;
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') return DECLINED;
  let directory: string | null = null;
  let tested = false;
  for (const entry of conf.index) {
    const name = typeof entry === 'string' ? entry : entry.evaluate(r);
    if (name.startsWith('/')) return internalRedirect(r, name, r.args);
    directory ??= mapUriToPath(r);
    if (directory === null) return 500;
    const path = directory + name;
    const found = infoOf(r, path);
    if (typeof found !== 'number') return internalRedirect(r, uri + name, r.args);
    const errno = found === ENOENT ? missing(path) : found;
    if (errno === EMLINK || errno === ELOOP) return 403;
    if (errno === ENOTDIR || errno === ENAMETOOLONG || errno === EACCES) return indexError(r, path, errno);
    if (!tested) {
      const rc = testDirectory(r, directory, path);
      if (rc !== OK) return rc;
      tested = true;
    }
    if (errno === ENOENT) continue;
    logError(r, 'crit', `stat() "${path}" failed ${errnoText(errno)}`);
    return 500;
  }
  return DECLINED;
}

function testDirectory(r: HttpRequest, mapped: string, file: string): Rc {
  // An alias need not end in a slash.
  const directory = mapped.length > 1 && mapped.endsWith('/') ? mapped.slice(0, -1) : mapped;
  const found = infoOf(r, directory);
  if (typeof found !== 'number') {
    if (found.isDirectory()) return OK;
    logError(r, 'alert', `"${directory}" is not a directory`);
    return 500;
  }
  if (found === EMLINK || found === ELOOP) return 403;
  if (found === ENOENT) return indexError(r, file, ENOENT);
  if (found === EACCES) return OK; // it can be searched: the first file was looked for in it
  logError(r, 'crit', `stat() "${directory}" failed ${errnoText(found)}`);
  return 500;
}

function indexError(r: HttpRequest, path: string, errno: number): Rc {
  if (errno === EACCES) {
    logError(r, 'error', `"${path}" is forbidden ${errnoText(errno)}`);
    return 403;
  }
  if (r.loc.core.log_not_found) logError(r, 'error', `"${path}" is not found ${errnoText(errno)}`);
  return 404;
}

function parseIndex(args: Args, seen: readonly Index[] | undefined): readonly Index[] {
  const names: Index[] = [...(seen ?? [])];
  for (let i = 1; i <= args.count; i++) {
    const text = args.text(i);
    if (text === '') args.failWhole('index "" in "index" directive is invalid');
    if (text.startsWith('/') && i !== args.count) {
      args.warn('only the last index in "index" directive should be absolute');
    }
    const compiled = args.complex(i);
    names.push(compiled.constant ?? compiled);
  }
  return names;
}
