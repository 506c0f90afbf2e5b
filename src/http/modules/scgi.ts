// scgi_pass and its family: requests are passed to SCGI servers.

import type { Args } from '../../conf/args.ts';
import type { ConfOf, OwnConf } from '../../conf/directive.ts';
import {
  cacheDirectives,
  cacheDirectories,
  checkCache,
  startCaches,
  stopCaches,
} from '../cache/directives.ts';
import { defineModule } from '../module.ts';
import type { Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import { CGI_NEXT_UPSTREAM, type CgiPass, CgiSettings, parseCgiPass, passCgi } from '../upstream/cgi.ts';
import { checkSizes, passDirective, passingDirectives, passingSettings } from '../upstream/directives.ts';
import type { Exchange } from '../upstream/exchange.ts';
import { paramDirective } from '../upstream/params.ts';
import { PlainCgiCodec } from '../upstream/plain_cgi.ts';
import { HIDDEN_ACCEL_HEADERS } from '../upstream/settings.ts';

function ownConf(args: Args): OwnConf {
  return args.own(scgi);
}

const directives = {
  scgi_pass: passDirective(parseCgiPass),
  scgi_param: paramDirective,
  ...passingDirectives('scgi', CGI_NEXT_UPSTREAM),
  ...cacheDirectives('scgi', ownConf, CGI_NEXT_UPSTREAM),
};

/** mergeConf adds what requests use. */
interface Conf extends ConfOf<typeof directives> {
  readonly cgi: CgiSettings | null;
}

export const scgi = defineModule({
  name: 'scgi',
  directives,
  mergeConf: (_outer, merged, level): Conf => {
    checkSizes(merged, 'scgi');
    checkCache(merged, 'scgi', level, true);
    return { ...merged, cgi: merged.scgi_pass === null ? null : prepare(merged, merged.scgi_pass) };
  },
  directories: (conf) => [
    ...(conf.scgi_pass === null ? [] : [conf.scgi_temp_path]),
    ...cacheDirectories(conf, 'scgi'),
  ],
  initWorker: (main, worker) => startCaches(main, worker, 'scgi'),
  exitWorker: stopCaches,
  phases: {
    content: { when: (conf) => conf.scgi_pass !== null, run: passRequest, exclusive: true },
  },
});

function prepare(conf: ConfOf<typeof directives>, pass: CgiPass): CgiSettings {
  const settings = passingSettings(conf, 'scgi', ['status', ...HIDDEN_ACCEL_HEADERS], false);
  return new CgiSettings(conf, 'scgi', pass, settings);
}

/** The length of a body in chunks is only known when all of it is here. */
function passRequest(r: HttpRequest, baseConf: ConfOf<typeof directives>): Rc {
  const { cgi } = baseConf as Conf;
  return passCgi(r, new PlainCgiCodec(cgi as CgiSettings, makeHead), 'scgi://', !r.chunked);
}

function makeHead(u: Exchange, cgi: CgiSettings): string {
  let params = `CONTENT_LENGTH\0${Math.max(0, u.r.contentLength)}\0`;
  for (const text of cgi.params(u)) params += `${text}\0`;
  return `${params.length}:${params},`;
}
