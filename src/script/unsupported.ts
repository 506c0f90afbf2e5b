// Directives of lua-nginx-module that have no counterpart here yet: refused with words that say so, never as unknown.

import { type Directive, HTTP, HTTP_ANY, LOCATION, LOCATION_IF, SERVER } from '../conf/directive.ts';
import { custom } from '../conf/kinds.ts';

const PLACES: readonly (readonly [places: number, names: string])[] = [
  [
    HTTP,
    'ts_load_resty_core ts_thread_cache_max_entries ts_capture_error_log ts_sa_restart ' +
      'ts_regex_cache_max_entries ts_regex_match_limit ts_package_cpath precontent_by_ts_no_postpone ' +
      'rewrite_by_ts_no_postpone access_by_ts_no_postpone ssl_session_store_by_ts_block ' +
      'ssl_session_store_by_ts_file ssl_session_fetch_by_ts_block ssl_session_fetch_by_ts_file ' +
      'ts_malloc_trim ts_worker_thread_vm_pool_size',
  ],
  [
    HTTP_ANY | LOCATION_IF,
    'ts_socket_log_errors ts_socket_keepalive_timeout ts_socket_connect_timeout ts_socket_send_timeout ' +
      'ts_socket_send_lowat ts_socket_buffer_size ts_socket_pool_size ts_socket_read_timeout',
  ],
  [
    HTTP_ANY,
    'ts_ssl_protocols ts_ssl_ciphers ts_ssl_verify_depth ts_ssl_certificate ts_ssl_certificate_key ' +
      'ts_ssl_trusted_certificate ts_ssl_crl ts_ssl_key_log ts_ssl_conf_command',
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

type Refused = Directive<null, 'unsupported'>;

/** Part of the module's table. */
export function unsupportedDirectives(): Readonly<Record<string, Refused>> {
  const directives: Record<string, Refused> = {};
  for (const [places, names] of PLACES) {
    for (const name of names.split(' ')) {
      directives[name] = custom<null, 'unsupported'>({
        in: places,
        args: [0, Number.POSITIVE_INFINITY],
        body: name.endsWith('_block') ? 'source' : 'none',
        into: 'unsupported',
        default: null,
        inherit: true,
        parse: (args) => args.failWhole(`"${name}" directive is not supported yet`),
      });
    }
  }
  return directives;
}
