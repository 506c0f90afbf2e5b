// uwsgi_pass and its family: requests are passed to uWSGI's servers, by TCP or TLS.

import type { Args } from '../../conf/args.ts';
import { HTTP_ANY, type OwnConf } from '../../conf/directive.ts';
import { number, text } from '../../conf/kinds.ts';
import { logError } from '../log.ts';
import { defineModule } from '../module.ts';
import type { Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import { type CgiPass, type CgiSettings, passCgi } from '../upstream/cgi.ts';
import { cgiDirectives, cgiModule } from '../upstream/cgi_module.ts';
import { parsePass, passDirective } from '../upstream/directives.ts';
import type { Exchange } from '../upstream/exchange.ts';
import { usualParams } from '../upstream/params.ts';
import { PlainCgiCodec } from '../upstream/plain_cgi.ts';
import { HIDDEN_ACCEL_HEADERS } from '../upstream/settings.ts';
import type { UpstreamSsl } from '../upstream/ssl.ts';
import { sslDirectives, sslSettings } from '../upstream/ssl_directives.ts';

const MAX_SIZE = 65_535;

function ownConf(args: Args): OwnConf {
  return args.own(uwsgi);
}

const directives = {
  uwsgi_pass: passDirective(parseUwsgiPass),
  uwsgi_modifier1: number({ in: HTTP_ANY, default: 0, min: 0, max: 255 }),
  uwsgi_modifier2: number({ in: HTTP_ANY, default: 0, min: 0, max: 255 }),
  uwsgi_string: text({ in: HTTP_ANY, default: '' }),
  ...cgiDirectives('uwsgi', ownConf),
  ...sslDirectives('uwsgi'),
};

export const uwsgi = defineModule({
  name: 'uwsgi',
  directives,
  ...cgiModule('uwsgi', { hidden: HIDDEN_ACCEL_HEADERS, ssl: sslOf, passRequest }),
});

function sslOf(conf: object, pass: CgiPass): UpstreamSsl | null {
  return pass.secure || pass.value !== null ? sslSettings(conf, 'uwsgi') : null;
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
function passRequest(r: HttpRequest, cgi: CgiSettings): Rc {
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
