// nginx's http core module: the settings that the engine itself reads. The blocks (http, server, location) and what
// names them (listen, server_name) are read by the functions imported here.

import type { ComplexValue } from '../conf/complex.ts';
import { type ConfOf, HTTP, HTTP_ANY, LOCATION, LOCATION_IF, MAIN, SERVER } from '../conf/directive.ts';
import { addErrorLog } from '../conf/error_log.ts';
import {
  bitmask,
  block,
  buffers,
  custom,
  enumeration,
  flag,
  list,
  msec,
  number,
  offset,
  size,
  text,
  value,
} from '../conf/kinds.ts';
import { parseResolver } from '../conf/resolver.ts';
import { Log } from '../core/log.ts';
import type { Resolver } from '../core/resolver.ts';
import {
  type DisableSymlinks,
  type ErrorPage,
  type KeepaliveTimeout,
  parseAio,
  parseAlias,
  parseClientBodyTempPath,
  parseDirectio,
  parseDisableSymlinks,
  parseErrorPage,
  parseKeepaliveTimeout,
  parseOpenFileCache,
  parseRoot,
  parseSendLowat,
  parseSizeValue,
  type Root,
  type TempPath,
} from './core_values.ts';
import { gzipDirectives } from './gzip_ok.ts';
import { readHttp } from './http.ts';
import { type Listen, parseListen } from './listen.ts';
import { CORE_SLOT } from './location.ts';
import type { HttpMain } from './main.ts';
import { defineModule } from './module.ts';
import { readLimitExcept, readLocation, readServer } from './read_blocks.ts';
import { parseServerNames, type ServerName } from './server_names.ts';
import { DEFAULT_TYPES, parseTypes, type Types } from './types.ts';
import { coreVariables } from './variables.ts';

const HTTP_SERVER = HTTP | SERVER;
const MANY = Number.POSITIVE_INFINITY;

const directives = {
  // blocks
  http: block<HttpMain | null>({ in: MAIN, args: [0, 0], default: null, parse: readHttp }),
  server: block<null>({ in: HTTP, args: [0, 0], default: null, parse: readServer }),
  location: block<null>({ in: SERVER | LOCATION, args: [1, 2], default: null, parse: readLocation }),
  limit_except: block<null>({ in: LOCATION, args: [1, MANY], default: null, parse: readLimitExcept }),

  // a server's names and addresses
  listen: list<Listen>({ in: SERVER, args: [1, MANY], item: parseListen, local: true }),
  server_name: custom<readonly ServerName[]>({
    in: SERVER,
    args: [1, MANY],
    default: [],
    parse: parseServerNames,
  }),

  // reading requests
  client_header_timeout: msec({ in: HTTP_SERVER, default: 60_000 }),
  client_header_buffer_size: size({ in: HTTP_SERVER, default: 1024 }),
  large_client_header_buffers: buffers({ in: HTTP_SERVER, default: { number: 4, size: 8192 } }),
  max_headers: number({ in: HTTP_SERVER, default: 1000 }),
  ignore_invalid_headers: flag({ in: HTTP_SERVER, default: true }),
  merge_slashes: flag({ in: HTTP_SERVER, default: true }),
  underscores_in_headers: flag({ in: HTTP_SERVER, default: false }),
  client_max_body_size: offset({ in: HTTP_ANY, default: 1024 * 1024 }),
  client_body_buffer_size: size({ in: HTTP_ANY, default: 8 * 1024 }),
  client_body_timeout: msec({ in: HTTP_ANY, default: 60_000 }),
  client_body_temp_path: value<TempPath>({
    in: HTTP_ANY,
    args: [1, 4],
    default: { path: 'client_body_temp', levels: [], byDefault: true },
    parse: parseClientBodyTempPath,
  }),
  client_body_in_file_only: enumeration<'off' | 'on' | 'clean'>({
    in: HTTP_ANY,
    default: 'off',
    values: { off: 'off', on: 'on', clean: 'clean' },
  }),
  client_body_in_single_buffer: flag({ in: HTTP_ANY, default: false }),

  // connections
  send_timeout: msec({ in: HTTP_ANY, default: 60_000 }),
  keepalive_time: msec({ in: HTTP_ANY, default: 3_600_000 }),
  keepalive_timeout: value<KeepaliveTimeout>({
    in: HTTP_ANY,
    args: [1, 2],
    default: { ms: 75_000, headerSeconds: 0 },
    parse: parseKeepaliveTimeout,
  }),
  keepalive_min_timeout: msec({ in: HTTP_ANY, default: 0 }),
  keepalive_requests: number({ in: HTTP_ANY, default: 1000 }),
  keepalive_disable: bitmask({
    in: HTTP_ANY,
    args: [1, 2],
    default: 2,
    values: { none: 1, msie6: 2, safari: 4 },
  }),
  lingering_close: enumeration<'off' | 'on' | 'always'>({
    in: HTTP_ANY,
    default: 'on',
    values: { off: 'off', on: 'on', always: 'always' },
  }),
  lingering_time: msec({ in: HTTP_ANY, default: 30_000 }),
  lingering_timeout: msec({ in: HTTP_ANY, default: 5000 }),
  reset_timedout_connection: flag({ in: HTTP_ANY, default: false }),
  postpone_output: size({ in: HTTP_ANY, default: 1460 }),
  ...gzipDirectives,
  limit_rate: value<ComplexValue | null>({
    in: HTTP_ANY | LOCATION_IF,
    default: null,
    parse: parseSizeValue,
  }),
  limit_rate_after: value<ComplexValue | null>({
    in: HTTP_ANY | LOCATION_IF,
    default: null,
    parse: parseSizeValue,
  }),

  // what a location serves
  root: value<Root, 'root'>({
    in: HTTP_ANY | LOCATION_IF,
    default: { value: null, path: 'html', alias: false, aliasLength: 0, regex: false },
    parse: parseRoot,
  }),
  alias: custom<Root, 'root'>({
    in: LOCATION,
    into: 'root',
    default: { value: null, path: 'html', alias: false, aliasLength: 0, regex: false },
    inherit: true,
    parse: parseAlias,
  }),
  types: block<Types>({
    in: HTTP_ANY,
    args: [0, 0],
    default: DEFAULT_TYPES,
    inherit: true,
    parse: parseTypes,
  }),
  default_type: text({ in: HTTP_ANY, default: 'text/plain' }),
  early_hints: custom<readonly ComplexValue[]>({
    in: HTTP_ANY,
    args: [1, MANY],
    default: [],
    inherit: true,
    parse: (args, seen) => [...(seen ?? []), ...args.texts().map((_text, i) => args.complex(i + 1))],
  }),
  internal: value<boolean>({ in: LOCATION, args: [0, 0], default: false, parse: () => true }),
  auth_delay: msec({ in: HTTP_ANY, default: 0 }),
  satisfy: enumeration<'all' | 'any'>({ in: HTTP_ANY, default: 'all', values: { all: 'all', any: 'any' } }),
  if_modified_since: enumeration<'off' | 'exact' | 'before'>({
    in: HTTP_ANY,
    default: 'exact',
    values: { off: 'off', exact: 'exact', before: 'before' },
  }),
  max_ranges: number({ in: HTTP_ANY, default: Number.MAX_SAFE_INTEGER }),
  chunked_transfer_encoding: flag({ in: HTTP_ANY, default: true }),
  etag: flag({ in: HTTP_ANY, default: true }),
  error_page: list<ErrorPage>({
    in: HTTP_ANY | LOCATION_IF,
    args: [2, MANY],
    item: parseErrorPage,
  }),
  recursive_error_pages: flag({ in: HTTP_ANY, default: false }),
  post_action: text({ in: HTTP_ANY | LOCATION_IF, default: '' }),
  // The http block starts from the main context's log.
  error_log: custom<Log>({
    in: HTTP_ANY,
    args: [1, MANY],
    default: new Log(),
    inherit: true,
    parse: (args, seen) => addErrorLog(args, seen ?? new Log()),
  }),
  log_not_found: flag({ in: HTTP_ANY, default: true }),
  log_subrequest: flag({ in: HTTP_ANY, default: false }),

  // how it names itself
  server_tokens: enumeration<'off' | 'on' | 'build'>({
    in: HTTP_ANY,
    default: 'on',
    values: { off: 'off', on: 'on', build: 'build' },
  }),
  absolute_redirect: flag({ in: HTTP_ANY, default: true }),
  server_name_in_redirect: flag({ in: HTTP_ANY, default: false }),
  port_in_redirect: flag({ in: HTTP_ANY, default: true }),
  msie_padding: flag({ in: HTTP_ANY, default: true }),
  msie_refresh: flag({ in: HTTP_ANY, default: false }),

  disable_symlinks: custom<DisableSymlinks | null>({
    in: HTTP_ANY,
    args: [1, 2],
    default: null,
    inherit: true,
    parse: parseDisableSymlinks,
  }),

  // host names
  resolver: custom<Resolver | null>({
    in: HTTP_ANY,
    args: [1, MANY],
    default: null,
    inherit: true,
    parse: parseResolver,
  }),
  resolver_timeout: msec({ in: HTTP_ANY, default: 30_000 }),

  // Tuning of nginx's memory, system calls and hash tables. There is nothing here for them to tune, and what a client
  // sees does not depend on them: checked, then without effect.
  sendfile: flag({ in: HTTP_ANY | LOCATION_IF, default: false }),
  sendfile_max_chunk: size({ in: HTTP_ANY, default: 2 * 1024 * 1024 }),
  tcp_nopush: flag({ in: HTTP_ANY, default: false }),
  tcp_nodelay: flag({ in: HTTP_ANY, default: true }),
  aio: value({ in: HTTP_ANY, default: 'off', parse: parseAio }),
  aio_write: flag({ in: HTTP_ANY, default: false }),
  directio: value({ in: HTTP_ANY, default: 'off', parse: parseDirectio }),
  directio_alignment: offset({ in: HTTP_ANY, default: 512 }),
  read_ahead: size({ in: HTTP_ANY, default: 0 }),
  output_buffers: buffers({ in: HTTP_ANY, default: { number: 2, size: 32_768 } }),
  send_lowat: value({ in: HTTP_ANY, default: 0, parse: parseSendLowat }),
  subrequest_output_buffer_size: size({ in: HTTP_ANY, default: 4096 }),
  connection_pool_size: size({ in: HTTP_SERVER, default: 512 }),
  request_pool_size: size({ in: HTTP_SERVER, default: 4096 }),
  variables_hash_max_size: number({ in: HTTP, default: 1024 }),
  variables_hash_bucket_size: number({ in: HTTP, default: 64 }),
  server_names_hash_max_size: number({ in: HTTP, default: 512 }),
  server_names_hash_bucket_size: number({ in: HTTP, default: 64 }),
  types_hash_max_size: number({ in: HTTP_ANY, default: 1024 }),
  types_hash_bucket_size: number({ in: HTTP_ANY, default: 64 }),
  open_file_cache: value<readonly string[]>({
    in: HTTP_ANY,
    args: [1, 2],
    default: [],
    parse: parseOpenFileCache,
  }),
  open_file_cache_valid: msec({ in: HTTP_ANY, default: 60_000 }),
  open_file_cache_min_uses: number({ in: HTTP_ANY, default: 1 }),
  open_file_cache_errors: flag({ in: HTTP_ANY, default: false }),
  open_file_cache_events: flag({ in: HTTP_ANY, default: false }),
};

export type CoreConf = ConfOf<typeof directives>;

export const core = defineModule({
  name: 'http_core',
  slot: CORE_SLOT,
  directives,
  variables: coreVariables,
});
