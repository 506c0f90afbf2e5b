// Directives of lua-nginx-module that are not what the others are. Some have no counterpart here yet or never will:
// they are refused with words that say so. Some set what does not exist here, and nothing is missing without it: they
// are checked and have no effect.

import { type Directive, HTTP, LOCATION, LOCATION_IF, SERVER } from '../conf/directive.ts';
import { custom, flag, number } from '../conf/kinds.ts';

const LATER: readonly (readonly [places: number, names: string])[] = [
  [
    HTTP,
    'ssl_session_store_by_ts_block ssl_session_store_by_ts_file ' +
      'ssl_session_fetch_by_ts_block ssl_session_fetch_by_ts_file',
  ],
  [
    HTTP | SERVER,
    'ssl_client_hello_by_ts_block ssl_client_hello_by_ts_file ssl_certificate_by_ts_block ' +
      'ssl_certificate_by_ts_file',
  ],
  [
    LOCATION | LOCATION_IF,
    'proxy_ssl_certificate_by_ts_block proxy_ssl_certificate_by_ts_file proxy_ssl_verify_by_ts_block ' +
      'proxy_ssl_verify_by_ts_file ts_upstream_skip_openssl_default_verify',
  ],
];

const NEVER: readonly (readonly [name: string, why: string])[] = [
  ['ts_package_cpath', 'scripts cannot load modules in C'],
  ['ts_load_resty_core', 'the API needs no library to be loaded'],
];

type Refused = Directive<null, 'unsupported'>;

function refused(places: number, name: string, message: string): Refused {
  return custom<null, 'unsupported'>({
    in: places,
    args: [0, Number.POSITIVE_INFINITY],
    body: name.endsWith('_block') ? 'source' : 'none',
    into: 'unsupported',
    default: null,
    inherit: true,
    parse: (args) => args.failWhole(message),
  });
}

/** Part of the module's table. */
export function unsupportedDirectives(): Readonly<Record<string, Refused>> {
  const directives: Record<string, Refused> = {};
  for (const [places, names] of LATER) {
    for (const name of names.split(' ')) {
      directives[name] = refused(places, name, `"${name}" directive is not supported yet`);
    }
  }
  for (const [name, why] of NEVER) {
    directives[name] = refused(HTTP, name, `"${name}" directive is not supported: ${why}`);
  }
  return directives;
}

export const withoutEffect = {
  /** Node repeats system calls that a signal has interrupted, always. */
  ts_sa_restart: flag({ in: HTTP, default: true }),
  /** V8 gives memory back by itself. */
  ts_malloc_trim: number({ in: HTTP, default: 1000 }),
  /** There are no coroutines to be kept for later use. */
  ts_thread_cache_max_entries: number({ in: HTTP, default: 1024 }),
};
