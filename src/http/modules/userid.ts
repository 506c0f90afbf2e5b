// userid: clients are known again by a cookie, made for those that have none.

import type { Args } from '../../conf/args.ts';
import type { Variable } from '../../conf/complex.ts';
import { type ConfOf, HTTP_ANY } from '../../conf/directive.ts';
import { bitmask, number, text, value } from '../../conf/kinds.ts';
import { decodeBase64 } from '../../core/base64.ts';
import { addressBytes } from '../../core/cidr.ts';
import { parseTime } from '../../core/sizes.ts';
import { cookieTime, second } from '../../core/times.ts';
import { logError } from '../log.ts';
import { defineModule } from '../module.ts';
import { OK, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import { cookieIn } from '../variables.ts';

const OFF = 0;
const LOG = 1;
const V1 = 2;
const ON = 3;
const LEVELS: ReadonlyMap<string, number> = new Map([
  ['off', OFF],
  ['log', LOG],
  ['v1', V1],
  ['on', ON],
]);

interface Mode {
  readonly level: number;
  /** $uid_reset */
  readonly reset: Variable | null;
}

const NO_SERVICE = -1;
const FLAGS = {
  off: 1,
  secure: 2,
  httponly: 4,
  'samesite=strict': 8,
  'samesite=lax': 16,
  'samesite=none': 32,
};

const directives = {
  userid: value<Mode>({ in: HTTP_ANY, default: { level: OFF, reset: null }, parse: parseMode }),
  userid_service: number({ in: HTTP_ANY, default: NO_SERVICE }),
  userid_name: text({ in: HTTP_ANY, default: 'uid' }),
  userid_domain: value<string>({ in: HTTP_ANY, default: '', parse: parseDomain }),
  userid_path: value<string>({
    in: HTTP_ANY,
    default: '; path=/',
    parse: (args) => `; path=${args.text(1)}`,
  }),
  /** Seconds; 0 for none. */
  userid_expires: value<number | 'max'>({ in: HTTP_ANY, default: 0, parse: parseExpires }),
  userid_flags: bitmask({ in: HTTP_ANY, args: [1, 3], default: FLAGS.off, values: FLAGS }),
  userid_p3p: value<string>({
    in: HTTP_ANY,
    default: '',
    parse: (args) => (args.text(1) === 'none' ? '' : args.text(1)),
  }),
  /** Empty for none. */
  userid_mark: value<string>({ in: HTTP_ANY, default: '', parse: parseMark }),
};

type Conf = ConfOf<typeof directives>;

/** Sixteen bytes each, the last four of which are not zero; null for none. */
interface Ids {
  got: Buffer | null;
  set: Buffer | null;
  /** The cookie as it came. */
  cookie: string;
  reset: boolean;
}

export const userid = defineModule({
  name: 'userid',
  directives,
  newCtx: (): Ids => ({ got: null, set: null, cookie: '', reset: false }),
  variables: {
    uid_got: { get: gotValue },
    uid_set: { get: setValue },
    uid_reset: { get: () => '', changeable: true },
  },
  headerFilter: { when: (conf) => conf.userid.level >= V1, run: addCookie },
});

const UID_BYTES = 16;
const ENCODED = 22;

function gotValue({ main: r }: HttpRequest): string | undefined {
  const conf = userid.conf(r);
  if (conf.userid.level === OFF) return undefined;
  const { got } = idsOf(r, conf);
  return got === null ? undefined : `${conf.userid_name}=${shown(got)}`;
}

function setValue({ main: r }: HttpRequest): string | undefined {
  const conf = userid.conf(r);
  if (conf.userid.level < V1) return undefined;
  const ids = idsOf(r, conf);
  decide(r, conf, ids);
  return ids.set === null ? undefined : `${conf.userid_name}=${shown(ids.set)}`;
}

/** As four numbers in the machine's order of bytes. */
function shown(id: Buffer): string {
  let text = '';
  for (let at = 0; at < UID_BYTES; at += 4) text += id.readUInt32LE(at).toString(16).padStart(8, '0');
  return text.toUpperCase();
}

function idsOf(r: HttpRequest, conf: Conf): Ids {
  const known = userid.ctx(r);
  if (known !== undefined) return known;
  const ids = userid.startCtx(r);
  for (const line of r.headersIn.values('cookie')) {
    const cookie = cookieIn(line, conf.userid_name.toLowerCase());
    if (cookie === undefined) continue;
    ids.cookie = cookie;
    if (cookie.length < ENCODED) {
      logError(r, 'error', `client sent too short userid cookie "${line}"`);
    } else {
      ids.got = decode(cookie.slice(0, ENCODED));
      if (ids.got === null) logError(r, 'error', `client sent invalid userid cookie "${line}"`);
      else if (ids.got.readUInt32LE(12) === 0) ids.got = null;
    }
    break;
  }
  return ids;
}

function decode(text: string): Buffer | null {
  const bytes = decodeBase64(text);
  if (bytes === null) return null;
  const id = Buffer.alloc(UID_BYTES);
  bytes.copy(id);
  return id;
}

/** What cookie is to be sent, if any. */
function decide(r: HttpRequest, conf: Conf, ids: Ids): void {
  if (ids.set !== null) return;
  if (ids.got !== null) {
    const reset = conf.userid.reset?.read(r) ?? '';
    if (reset === '' || reset === '0') {
      const mark = conf.userid_mark;
      if (mark !== '' && !ids.cookie.startsWith(`${mark}=`, ENCODED)) ids.set = ids.got;
      return;
    }
    ids.reset = true;
    if (reset === 'log') {
      logError(r, 'notice', `userid cookie "${conf.userid_name}=${shown(ids.got)}" was reset`);
    }
  }
  ids.set = makeId(r, conf);
}

const FIRST_V1 = 1;
const FIRST = 0x03030302;
const STEP = 0x100;
/** That two workers make no id that is the same. */
const START = ((Math.floor(((performance.timeOrigin * 1000) % 1e6) / 20) << 16) | process.pid) >>> 0;
let nextV1 = FIRST_V1;
let next = FIRST;

function makeId(r: HttpRequest, conf: Conf): Buffer {
  const { userid_service: service } = conf;
  const id = Buffer.alloc(UID_BYTES);
  if (conf.userid.level === V1) {
    id.writeUInt32LE(service === NO_SERVICE ? 0 : service >>> 0, 0);
    id.writeUInt32LE(second().at, 4);
    id.writeUInt32LE(START, 8);
    id.writeUInt32LE(nextV1, 12);
    nextV1 = (nextV1 + STEP) >>> 0;
    return id;
  }
  // An address of the server's, or the last four bytes of it.
  if (service !== NO_SERVICE) id.writeUInt32BE(service >>> 0, 0);
  else id.write((addressBytes(r.connection.localAddr) ?? '').slice(-4), 0, 'latin1');
  id.writeUInt32BE(second().at, 4);
  id.writeUInt32BE(START, 8);
  id.writeUInt32BE(next, 12);
  next = (next + STEP) >>> 0;
  if (next < FIRST) next = FIRST;
  return id;
}

function addCookie(r: HttpRequest, conf: Conf): Rc {
  if (r !== r.main) return OK;
  const ids = idsOf(r, conf);
  decide(r, conf, ids);
  if (ids.set === null) return OK;
  const { userid_mark: mark, userid_expires: expires, userid_flags: flags } = conf;
  const kept = ids.got !== null && !ids.reset;
  const encoded = kept ? ids.cookie.slice(0, ENCODED) : ids.set.toString('base64').slice(0, ENCODED);
  let text = `${conf.userid_name}=${encoded}${mark === '' ? '=' : mark}=`;
  if (expires === 'max') text += '; expires=Thu, 31-Dec-37 23:55:55 GMT';
  else if (expires !== 0) text += `; expires=${cookieTime((second().at + expires) * 1000)}`;
  text += conf.userid_domain + conf.userid_path;
  for (const [flag, bit] of Object.entries(FLAGS)) {
    if (bit !== FLAGS.off && (flags & bit) !== 0) text += `; ${flag}`;
  }
  r.headersOut.add('Set-Cookie', text);
  if (conf.userid_p3p !== '') r.headersOut.add('P3P', conf.userid_p3p);
  return OK;
}

function parseMode(args: Args): Mode {
  const level = LEVELS.get(args.text(1).toLowerCase());
  if (level === undefined) return args.failWhole(`invalid value "${args.text(1)}"`);
  return { level, reset: args.cf.variables.reference('uid_reset', args.place()) };
}

function parseDomain(args: Args): string {
  return args.text(1) === 'none' ? '' : `; domain=${args.text(1)}`;
}

function parseExpires(args: Args): number | 'max' {
  const text = args.text(1);
  if (text === 'max') return 'max';
  if (text === 'off') return 0;
  const ms = parseTime(text, true);
  return ms === -1 ? args.fail('invalid value') : ms / 1000;
}

function parseMark(args: Args): string {
  const text = args.text(1);
  if (text === 'off') return '';
  if (!/^[\dA-Za-z=]$/.test(text)) args.fail('value must be "off" or a single letter, digit or "="');
  return text;
}
