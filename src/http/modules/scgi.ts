// scgi_pass and its family: requests are passed to SCGI servers.

import type { Args } from '../../conf/args.ts';
import type { OwnConf } from '../../conf/directive.ts';
import { defineModule } from '../module.ts';
import type { Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import { type CgiSettings, parseCgiPass, passCgi } from '../upstream/cgi.ts';
import { cgiDirectives, cgiModule } from '../upstream/cgi_module.ts';
import { passDirective } from '../upstream/directives.ts';
import type { Exchange } from '../upstream/exchange.ts';
import { PlainCgiCodec } from '../upstream/plain_cgi.ts';
import { HIDDEN_ACCEL_HEADERS } from '../upstream/settings.ts';

function ownConf(args: Args): OwnConf {
  return args.own(scgi);
}

const directives = {
  scgi_pass: passDirective(parseCgiPass),
  ...cgiDirectives('scgi', ownConf),
};

export const scgi = defineModule({
  name: 'scgi',
  directives,
  ...cgiModule('scgi', { hidden: ['status', ...HIDDEN_ACCEL_HEADERS], passRequest }),
});

/** The length of a body in chunks is only known when all of it is here. */
function passRequest(r: HttpRequest, cgi: CgiSettings): Rc {
  return passCgi(r, new PlainCgiCodec(cgi, makeHead), 'scgi://', !r.chunked);
}

function makeHead(u: Exchange, cgi: CgiSettings): string {
  let params = `CONTENT_LENGTH\0${Math.max(0, u.r.contentLength)}\0`;
  for (const text of cgi.params(u)) params += `${text}\0`;
  return `${params.length}:${params},`;
}
