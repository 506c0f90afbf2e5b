// charset: the charset parameter of Content-Type, and recoding by the tables of charset_map.

import type { Args } from '../../conf/args.ts';
import type { Variable } from '../../conf/complex.ts';
import { type ConfOf, HTTP, HTTP_ANY, LOCATION_IF } from '../../conf/directive.ts';
import { ConfError } from '../../conf/error.ts';
import { block, flag, value } from '../../conf/kinds.ts';
import type { Reader } from '../../conf/reader.ts';
import { UNKNOWN } from '../headers.ts';
import type { Location } from '../location.ts';
import { logError } from '../log.ts';
import type { HttpMain } from '../main.ts';
import { defineModule } from '../module.ts';
import type { BodyFilter } from '../output.ts';
import { ERROR, OK, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import { hasType, typeSet } from '../type_set.ts';
import { type CharsetMap, type Recode, readCharsetMap, startRecode } from './charset_map.ts';

/** null: off; a Variable holds the name. */
type Charset = string | Variable | null;

const OFF: Charset = null;
const PLACES = HTTP_ANY | LOCATION_IF;

const directives = {
  charset: value<Charset>({ in: PLACES, default: OFF, parse: parseCharset }),
  source_charset: value<Charset>({ in: PLACES, default: OFF, parse: parseCharset }),
  override_charset: flag({ in: PLACES, default: false }),
  charset_types: typeSet(HTTP_ANY, [
    'text/html',
    'text/xml',
    'text/plain',
    'text/vnd.wap.wml',
    'application/javascript',
    'application/rss+xml',
  ]),
  charset_map: block<null>({ in: HTTP, args: [2, 2], default: null, parse: parseCharsetMap }),
};

type Conf = ConfOf<typeof directives>;

interface Recoding {
  recode: Recode | null;
}

export const charset = defineModule({
  name: 'charset',
  directives,
  newCtx: (): Recoding => ({ recode: null }),
  postConf: checkMaps,
  headerFilter: { run: setCharset },
  bodyFilter: { passing: true, build: buildRecoder },
});

function setCharset(r: HttpRequest, conf: Conf): Rc {
  if (r.parent !== null) return setIncluded(r, conf);
  if (conf.charset === null && r.overrideCharset === '') return OK;
  if (r.headersOut.contentType === '') return OK;
  const given = givenCharset(r);
  const to = wantedCharset(r, conf, given);
  if (to === ERROR) return ERROR;
  return to === null ? OK : setCharsets(r, conf, given, to);
}

/** What is included in a response has its charset. */
function setIncluded(r: HttpRequest, conf: Conf): Rc {
  if (r.sub?.options.capture && r.postponed === null) return OK; // for a script, as it is
  const to = givenCharset(r.main);
  return to === '' ? OK : setCharsets(r, conf, givenCharset(r), to);
}

function setCharsets(r: HttpRequest, conf: Conf, given: string, to: string): Rc {
  const { headersOut } = r;
  let from = given;
  if (given === '') {
    if (conf.source_charset === null) {
      announce(r, to);
      return OK;
    }
    const source = nameOf(r, conf.source_charset);
    if (source === undefined) return ERROR;
    from = source;
  }
  if (from.toLowerCase() === to.toLowerCase()) {
    announce(r, to);
    return OK;
  }
  if (headersOut.get('content-encoding')) return OK;
  const recode = startRecode(maps(r.server.main.cf), from, to);
  if (recode === null) {
    logError(r, 'error', `no "charset_map" between the charsets "${from}" and "${to}"`);
    return OK;
  }
  announce(r, to);
  charset.startCtx(r).recode = recode;
  if (recode.changesLength && r === r.main) headersOut.contentLength = UNKNOWN;
  return OK;
}

/** null: none. */
function wantedCharset(r: HttpRequest, conf: Conf, given: string): string | null | typeof ERROR {
  const { overrideCharset: override } = r;
  if (override !== '') {
    if (known(r.server.main.cf).has(override.toLowerCase())) return override;
    logError(r, 'error', `unknown charset "${override}" to override`);
    return null;
  }
  if (given !== '') {
    if (!conf.override_charset) return null;
  } else if (!hasType(conf.charset_types, r.headersOut.contentType)) {
    return null;
  }
  return nameOf(r, conf.charset) ?? ERROR;
}

const PARAMETER = /; *charset="?([^"; ]*)/i;

/** The charset that the response has already. */
function givenCharset(r: HttpRequest): string {
  const { headersOut } = r;
  return headersOut.charset || (PARAMETER.exec(headersOut.contentType)?.[1] ?? '');
}

function announce(r: HttpRequest, name: string): void {
  if (r !== r.main) return;
  const { headersOut } = r;
  const semicolon = headersOut.contentType.indexOf(';');
  if (semicolon !== -1) headersOut.contentType = headersOut.contentType.slice(0, semicolon);
  const redirect = headersOut.status === 301 || headersOut.status === 302;
  headersOut.charset = redirect ? '' : name;
}

function nameOf(r: HttpRequest, source: Charset): string | undefined {
  return source === null || typeof source === 'string' ? (source ?? '') : source.read(r);
}

function buildRecoder(_conf: Conf, next: BodyFilter): BodyFilter {
  return (r, data, last) => {
    const recode = charset.ctx(r)?.recode;
    if (recode === undefined || recode === null) return next(r, data, last);
    const text = typeof data === 'string' ? data : data.toString('latin1');
    return next(r, recode.convert(text, last), last);
  };
}

function parseCharset(args: Args): Charset {
  const text = args.text(1);
  if (text === 'off' && args.name === 'charset') return null;
  if (text.startsWith('$')) return args.cf.variables.reference(text.slice(1), args.place());
  known(args.cf).add(text.toLowerCase());
  return text;
}

const knownKey = {};

/** The charsets that the configuration names, in lower case: an upstream may choose one of them. */
function known(cf: Reader): Set<string> {
  return cf.state(knownKey, () => new Set());
}

const mapsKey = {};

function maps(cf: Reader): CharsetMap[] {
  return cf.state(mapsKey, () => []);
}

function parseCharsetMap(args: Args): null {
  const map = readCharsetMap(args, maps(args.cf));
  maps(args.cf).push(map);
  known(args.cf).add(map.from).add(map.to);
  return null;
}

/** Two fixed charsets of one place need a map between them. */
function checkMaps(cf: Reader, main: HttpMain): void {
  for (const server of main.servers) checkLocation(cf, server.location);
}

function checkLocation(cf: Reader, location: Location): void {
  const { charset: to, source_charset: from } = location.conf[charset.slot] as Conf;
  if (typeof to === 'string' && typeof from === 'string' && to.toLowerCase() !== from.toLowerCase()) {
    if (startRecode(maps(cf), from, to) === null) {
      throw new ConfError(`no "charset_map" between the charsets "${from}" and "${to}"`, null);
    }
  }
  for (const inner of location.inner) checkLocation(cf, inner);
}
