// uwsgi_pass and its family: requests are passed to uWSGI's servers, by TCP or TLS.

import type { Args } from '../../conf/args.ts';
import { type ConfOf, HTTP_ANY, type OwnConf } from '../../conf/directive.ts';
import { number, text } from '../../conf/kinds.ts';
import {
  cacheDirectives,
  cacheDirectories,
  checkCache,
  startCaches,
  stopCaches,
} from '../cache/directives.ts';
import { logError } from '../log.ts';
import { defineModule } from '../module.ts';
import type { Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import { CGI_NEXT_UPSTREAM, type CgiPass, CgiSettings, passCgi } from '../upstream/cgi.ts';
import {
  checkSizes,
  parsePass,
  passDirective,
  passingDirectives,
  passingSettings,
} from '../upstream/directives.ts';
import type { Exchange } from '../upstream/exchange.ts';
import { paramDirective, usualParams } from '../upstream/params.ts';
import { PlainCgiCodec } from '../upstream/plain_cgi.ts';
import { HIDDEN_ACCEL_HEADERS } from '../upstream/settings.ts';
import { sslDirectives, sslSettings } from '../upstream/ssl_directives.ts';

const MAX_SIZE = 65_535;

function ownConf(args: Args): OwnConf {
  return args.own(uwsgi);
}

const directives = {
  uwsgi_pass: passDirective(parseUwsgiPass),
  uwsgi_param: paramDirective,
  uwsgi_modifier1: number({ in: HTTP_ANY, default: 0, min: 0, max: 255 }),
  uwsgi_modifier2: number({ in: HTTP_ANY, default: 0, min: 0, max: 255 }),
  uwsgi_string: text({ in: HTTP_ANY, default: '' }),
  ...passingDirectives('uwsgi', CGI_NEXT_UPSTREAM),
  ...sslDirectives('uwsgi'),
  ...cacheDirectives('uwsgi', ownConf, CGI_NEXT_UPSTREAM),
};

/** mergeConf adds what requests use. */
interface Conf extends ConfOf<typeof directives> {
  readonly cgi: CgiSettings | null;
}

export const uwsgi = defineModule({
  name: 'uwsgi',
  directives,
  mergeConf: (_outer, merged, level): Conf => {
    checkSizes(merged, 'uwsgi');
    checkCache(merged, 'uwsgi', level, true);
    return { ...merged, cgi: merged.uwsgi_pass === null ? null : prepare(merged, merged.uwsgi_pass) };
  },
  directories: (conf) => [
    ...(conf.uwsgi_pass === null ? [] : [conf.uwsgi_temp_path]),
    ...cacheDirectories(conf, 'uwsgi'),
  ],
  initWorker: (main, worker) => startCaches(main, worker, 'uwsgi'),
  exitWorker: stopCaches,
  phases: {
    content: { when: (conf) => conf.uwsgi_pass !== null, run: passRequest, exclusive: true },
  },
});

function prepare(conf: ConfOf<typeof directives>, pass: CgiPass): CgiSettings {
  const settings = {
    ...passingSettings(conf, 'uwsgi', HIDDEN_ACCEL_HEADERS, false),
    ssl: pass.secure || pass.value !== null ? sslSettings(conf, 'uwsgi') : null,
  };
  return new CgiSettings(conf, 'uwsgi', pass, settings);
}

const SCHEME = /^s?uwsgi:\/\//i;

function isSecure(scheme: string): boolean {
  return scheme.toLowerCase() === 'suwsgi://';
}

function parseUwsgiPass(args: Args): CgiPass {
  const scheme = SCHEME.exec(args.text(1))?.[0] ?? '';
  const pass = parsePass(args, args.text(1).slice(scheme.length));
  return { ...pass, secure: pass.value === null && isSecure(scheme), usual: usualParams(args) };
}

class UwsgiCodec extends PlainCgiCodec {
  takeScheme(u: Exchange, address: string): string {
    const scheme = SCHEME.exec(address)?.[0] ?? '';
    if (scheme !== '') u.schema = scheme;
    u.secure = isSecure(scheme);
    return address.slice(scheme.length);
  }
}

/** The length of a body in chunks is only known when all of it is here. */
function passRequest(r: HttpRequest, baseConf: ConfOf<typeof directives>): Rc {
  const cgi = (baseConf as Conf).cgi as CgiSettings;
  const schema = cgi.pass.secure ? 'suwsgi://' : 'uwsgi://';
  return passCgi(r, new UwsgiCodec(cgi, makeHead), schema, !r.chunked);
}

function makeHead(u: Exchange, cgi: CgiSettings): string | null {
  const { uwsgi_modifier1: first, uwsgi_modifier2: second, uwsgi_string: string } = uwsgi.conf(u.r);
  let vars = '';
  for (const word of cgi.params(u)) vars += number16(word.length) + word;
  vars += string;
  if (vars.length > MAX_SIZE) {
    logError(u.r, 'alert', `uwsgi request is too big: ${vars.length}`);
    return null;
  }
  return String.fromCharCode(first) + number16(vars.length) + String.fromCharCode(second) + vars;
}

/** The low byte first. */
function number16(n: number): string {
  return String.fromCharCode(n & 255, (n >> 8) & 255);
}
