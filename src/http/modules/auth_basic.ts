// auth_basic: users and passwords from a file, which is looked at for each request, as in nginx, but read only when it
// has changed. Passwords that have been found right are remembered, since hashing them is slow on purpose.

import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { Args } from '../../conf/args.ts';
import type { ComplexValue } from '../../conf/complex.ts';
import { type ConfOf, HTTP_ANY, LIMIT_EXCEPT } from '../../conf/directive.ts';
import { value } from '../../conf/kinds.ts';
import { crypt } from '../../core/crypt.ts';
import { diskPath } from '../../core/disk_path.ts';
import { errorText } from '../../core/errno.ts';
import { basicCredentials } from '../basic_credentials.ts';
import { logError } from '../log.ts';
import { defineModule } from '../module.ts';
import { DECLINED, OK, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';

const NONE: ComplexValue | null = null;

const directives = {
  auth_basic: value<ComplexValue | null>({
    in: HTTP_ANY | LIMIT_EXCEPT,
    default: NONE,
    parse: (args) => args.complex(1),
  }),
  auth_basic_user_file: value<ComplexValue | null>({
    in: HTTP_ANY | LIMIT_EXCEPT,
    default: NONE,
    parse: parseUserFile,
  }),
};

type Conf = ConfOf<typeof directives>;

export const authBasic = defineModule({
  name: 'auth_basic',
  directives,
  phases: { access: { when: isUsed, run: checkPassword } },
});

function isUsed(conf: Conf): boolean {
  return conf.auth_basic !== null && conf.auth_basic.constant !== 'off' && conf.auth_basic_user_file !== null;
}

function checkPassword(r: HttpRequest, conf: Conf): Rc {
  const realm = (conf.auth_basic as ComplexValue).evaluate(r);
  if (realm === 'off') return DECLINED;
  const credentials = basicCredentials(r);
  if (credentials === null) {
    logError(r, 'info', 'no user/password was provided for basic authentication');
    return askPassword(r, realm);
  }
  let path = (conf.auth_basic_user_file as ComplexValue).evaluate(r);
  path = r.server.main.cf.fullName(path, 'conf');
  let users: ReadonlyMap<string, string>;
  try {
    users = usersOf(path);
  } catch (e) {
    const missing = (e as NodeJS.ErrnoException).code === 'ENOENT';
    logError(r, missing ? 'error' : 'crit', `open() "${path}" failed ${errorText(e)}`);
    return missing ? 403 : 500;
  }
  const { user, password } = credentials;
  const known = users.get(user);
  if (known === undefined) {
    logError(r, 'error', `user "${user}" was not found in "${path}"`);
    return askPassword(r, realm);
  }
  const proof = proofOf(known, password);
  if (proven.has(proof)) return OK;
  const hash = crypt(password, known);
  if (hash === null) {
    const method = known.slice(0, known.indexOf('$', 1) + 1);
    logError(r, 'crit', `crypt() failed: method "${method}" of user "${user}" is not supported`);
    return 500;
  }
  if (hash === known) {
    remember(proof);
    return OK;
  }
  logError(r, 'error', `user "${user}": password mismatch`);
  return askPassword(r, realm);
}

function askPassword(r: HttpRequest, realm: string): Rc {
  const toProxy = r.method === 'CONNECT';
  r.headersOut.add(toProxy ? 'Proxy-Authenticate' : 'WWW-Authenticate', `Basic realm="${realm}"`);
  return toProxy ? 407 : 401;
}

interface UserFile {
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly size: number;
  readonly ino: number;
  readonly users: ReadonlyMap<string, string>;
}

const files = new Map<string, UserFile>();
const MOST_FILES = 64;
/** A file that has changed this recently may change again without its times showing it. */
const SETTLED_MS = 2000;

function usersOf(path: string): ReadonlyMap<string, string> {
  const onDisk = diskPath(path);
  const { mtimeMs, ctimeMs, size, ino } = statSync(onDisk);
  const known = files.get(path);
  if (known?.mtimeMs === mtimeMs && known.ctimeMs === ctimeMs && known.size === size && known.ino === ino) {
    return known.users;
  }
  const users = parseUsers(readFileSync(onDisk, 'latin1'));
  if (Date.now() - ctimeMs > SETTLED_MS) {
    if (files.size >= MOST_FILES) files.clear();
    files.set(path, { mtimeMs, ctimeMs, size, ino, users });
  }
  return users;
}

/** `user:hash` lines, a further colon and what follows ignored; the first of a name counts. */
function parseUsers(text: string): ReadonlyMap<string, string> {
  const users = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (line.startsWith('#') || line.startsWith('\r')) continue;
    const colon = line.indexOf(':');
    if (colon === -1) continue;
    const user = line.slice(0, colon);
    if (!users.has(user)) users.set(user, line.slice(colon + 1).replace(/[\r:].*$/s, ''));
  }
  return users;
}

const secret = randomBytes(32);
const proven = new Set<string>();
const MOST_PROVEN = 1000;

function proofOf(known: string, password: string): string {
  return createHmac('sha256', secret).update(`${known}\0${password}`, 'latin1').digest('base64');
}

function remember(proof: string): void {
  if (proven.size >= MOST_PROVEN) proven.clear();
  proven.add(proof);
}

function parseUserFile(args: Args): ComplexValue {
  return args.complex(1);
}
