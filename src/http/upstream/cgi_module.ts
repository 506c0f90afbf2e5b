// What the modules fastcgi, scgi and uwsgi have in common: most of their directives, and what becomes of a configuration.

import type { Args } from '../../conf/args.ts';
import type { OwnConf } from '../../conf/directive.ts';
import {
  cacheDirectives,
  cacheDirectories,
  checkCache,
  startCaches,
  stopCaches,
} from '../cache/directives.ts';
import type { TempPath } from '../core_values.ts';
import type { HttpMain } from '../main.ts';
import type { WorkerProcess } from '../module.ts';
import type { Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import { unprefixed } from '../unprefixed.ts';
import { CGI_NEXT_UPSTREAM, type CgiPass, CgiSettings } from './cgi.ts';
import { checkSizes, passingDirectives, passingSettings, prefixed } from './directives.ts';
import { paramDirective } from './params.ts';
import type { UpstreamSsl } from './ssl.ts';

/** What such a module says of itself. */
interface CgiSpec {
  /** What is not passed on of a response, unless the configuration says so. */
  readonly hidden: readonly string[];
  /** Where it can speak TLS. */
  readonly ssl?: (conf: object, pass: CgiPass) => UpstreamSsl | null;
  readonly passRequest: (r: HttpRequest, cgi: CgiSettings) => Rc;
}

/** What is read here of a merged configuration, without the module's prefix. */
interface CgiConf {
  readonly pass: CgiPass | null;
  readonly temp_path: TempPath;
}

/** All but …_pass; `own`: as Args.own() of the module. */
export function cgiDirectives<P extends string>(module: P, own: (args: Args) => OwnConf) {
  return {
    ...prefixed(module, { param: paramDirective }),
    ...passingDirectives(module, CGI_NEXT_UPSTREAM),
    ...cacheDirectives(module, own, CGI_NEXT_UPSTREAM),
  };
}

/** For such a module's spec. */
export function cgiModule(module: string, { hidden, ssl, passRequest }: CgiSpec) {
  const confOf = (conf: object): CgiConf => unprefixed(conf, module) as unknown as CgiConf;
  const cgiOf = (conf: object): CgiSettings | null => (conf as { cgi: CgiSettings | null }).cgi;
  return {
    mergeConf<C extends object>(_outer: C | undefined, merged: C, level: number): C {
      checkSizes(merged, module);
      checkCache(merged, module, level, true);
      const { pass } = confOf(merged);
      if (pass === null) return { ...merged, cgi: null };
      const settings = passingSettings(merged, module, hidden, false);
      const secured = ssl === undefined ? settings : { ...settings, ssl: ssl(merged, pass) };
      return { ...merged, cgi: new CgiSettings(merged, module, pass, secured) };
    },
    directories: (conf: object): readonly TempPath[] => [
      ...(cgiOf(conf) === null ? [] : [confOf(conf).temp_path]),
      ...cacheDirectories(conf, module),
    ],
    initWorker: (main: HttpMain, worker: WorkerProcess): void => startCaches(main, worker, module),
    exitWorker: stopCaches,
    phases: {
      content: {
        when: (conf: object): boolean => cgiOf(conf) !== null,
        run: (r: HttpRequest, conf: object): Rc => passRequest(r, cgiOf(conf) as CgiSettings),
        exclusive: true,
      },
    },
  };
}
