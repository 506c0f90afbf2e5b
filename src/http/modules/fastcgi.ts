// fastcgi_pass and its family: requests are passed to FastCGI servers (PHP-FPM, and their like).

import type { Args } from '../../conf/args.ts';
import { HTTP_ANY, type OwnConf } from '../../conf/directive.ts';
import { flag, list, text, value } from '../../conf/kinds.ts';
import { compileRegex, type Regex } from '../../conf/regex.ts';
import { parseSendLowat } from '../core_values.ts';
import { defineModule } from '../module.ts';
import type { Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import { type CgiSettings, parseCgiPass, passCgi } from '../upstream/cgi.ts';
import { cgiDirectives, cgiModule } from '../upstream/cgi_module.ts';
import { passDirective } from '../upstream/directives.ts';
import { FastcgiCodec } from '../upstream/fastcgi.ts';
import { HIDDEN_ACCEL_HEADERS } from '../upstream/settings.ts';

function ownConf(args: Args): OwnConf {
  return args.own(fastcgi);
}

const directives = {
  fastcgi_pass: passDirective(parseCgiPass),
  fastcgi_index: text({ in: HTTP_ANY, default: '' }),
  fastcgi_split_path_info: value<Regex | null>({ in: HTTP_ANY, default: null, parse: parseSplit }),
  fastcgi_keep_conn: flag({ in: HTTP_ANY, default: false }),
  fastcgi_catch_stderr: list<string>({ in: HTTP_ANY, item: (args) => args.text(1) }),
  ...cgiDirectives('fastcgi', ownConf),
  fastcgi_send_lowat: value({ in: HTTP_ANY, default: 0, parse: parseSendLowat }),
};

export const fastcgi = defineModule({
  name: 'fastcgi',
  directives,
  variables: {
    fastcgi_script_name: { get: scriptName, volatile: true },
    fastcgi_path_info: { get: pathInfo, volatile: true },
  },
  ...cgiModule('fastcgi', { hidden: ['status', ...HIDDEN_ACCEL_HEADERS], passRequest }),
});

function passRequest(r: HttpRequest, cgi: CgiSettings): Rc {
  const { fastcgi_keep_conn: keepConn, fastcgi_catch_stderr: caught } = fastcgi.conf(r);
  return passCgi(r, new FastcgiCodec(cgi, keepConn, caught), 'fastcgi://', true);
}

function scriptName(r: HttpRequest): string {
  const conf = fastcgi.conf(r);
  const found = conf.fastcgi_split_path_info?.exec(r.uri) ?? null;
  const name = found === null ? r.uri : (found[1] ?? '');
  return name.endsWith('/') ? name + conf.fastcgi_index : name;
}

function pathInfo(r: HttpRequest): string {
  return fastcgi.conf(r).fastcgi_split_path_info?.exec(r.uri)?.[2] ?? '';
}

function parseSplit(args: Args): Regex {
  const regex = compileRegex(args.text(1), {}, args.place(args.word(1)));
  if (regex.groups !== 2) args.failWhole(`pattern "${args.text(1)}" must have 2 captures`);
  return regex;
}
