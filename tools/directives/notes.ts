// What docs/ts-directives.md says of each directive of scripts; one without a line here fails the test.

const FILE = 'the file of one, an ES module with a default export';

/** By name; `*_by_ts_file` may do without where the block of the phase has a line. */
export const NOTES: Readonly<Record<string, string>> = {
  init_by_ts_block: 'in each isolate of each worker, before init_worker; the start waits for it',
  init_worker_by_ts_block: 'when a worker starts; the start waits for it',
  exit_worker_by_ts_block: 'when a worker ends, after its timers have been run early',
  set_by_ts_block: '`$variable { … }`: the value of a variable, among the directives of the rewrite module',
  set_by_ts_file: '`$variable file arguments…`: arguments are `ngx.arg[1]` …',
  server_rewrite_by_ts_block: 'before a location is looked for',
  rewrite_by_ts_block: 'behind the rewrite module, and not where it has changed the uri',
  access_by_ts_block: 'behind allow, deny and auth_basic; `satisfy any` asks it like them',
  precontent_by_ts_block: 'behind try_files and mirror',
  content_by_ts_block: 'in place of what else would answer',
  header_filter_by_ts_block: 'sees a 304 and what modules have set, not yet add_header',
  body_filter_by_ts_block: 'sees the range that is sent',
  log_by_ts_block:
    'when the response has left; before the access log, as far as the block comes without waiting',
  balancer_by_ts_block: 'chooses the peer, each time one is asked (`ngx.balancer`); may wait',
  balancer_keepalive: 'connections that `ngx.balancer.enable_keepalive` keeps, per worker: 32',
  ts_isolate:
    '`NAME [memory=SIZE] [cpu=TIME] [wall=TIME] [dicts=…] [connect=…] [exec=…]`: the isolate that runs the blocks',
  ts_shared_dict: '`NAME SIZE`: a dictionary that all workers share',
  ts_package_path:
    "where imports are looked for: templates with `?`, or directories, separated by `;`; `$prefix` is the server's",
  ts_cpu_limit: 'one visit of an isolate may take this long (1 s); then the request fails',
  ts_capture_error_log: 'keeps lines of the error log for `ngx.errlog`',
  ts_check_types: '`tsresty -t` and the start check types (off)',
  ts_inspect: 'a debugger may attach (docs/debugging.md)',
  ts_max_pending_timers: '1024; beyond it `ngx.timer` throws `too many pending timers`',
  ts_max_running_timers: '256; beyond it a timer is skipped, with an [alert]',
  ts_regex_match_limit:
    'an expression that has stepped back so often is matched in linear time (50000), where Lua gives up. What has ' +
    'lookaheads, references to groups, counts above 16 or Unicode cannot be, and is cut off by `ts_cpu_limit`',
  ts_regex_cache_max_entries: 'compiled patterns that `ngx.re` keeps in an isolate (1024)',
  ts_worker_thread_vm_pool_size: 'tasks of `ngx.run_worker_thread` that an isolate may have under way (10)',
  rewrite_by_ts_no_postpone: 'rewrite blocks come before the rewrite module (off)',
  access_by_ts_no_postpone: 'access blocks come before allow, deny and auth_basic (off)',
  precontent_by_ts_no_postpone: 'precontent blocks come before try_files and mirror (off)',
  ts_code_cache:
    'off: a changed file or imported module takes effect with the next request, in an isolate that is made anew; ' +
    'what has not changed keeps its state (Lua makes a machine for each request). For development',
  ts_need_request_body: 'the body is read before blocks run (off)',
  ts_check_client_abort: 'a request whose client has gone ends with 499, or `ngx.on_abort` is called (off)',
  ts_use_default_type: 'default_type is the type of what has none (on)',
  ts_http10_buffering: 'what is said to a client of HTTP/1.0 is held until its length is known (on)',
  ts_transform_underscores_in_response_headers: '`ngx.header.a_b` is the header `a-b` (on)',
  ts_socket_log_errors: 'failures of sockets are logged (on)',
  ts_socket_connect_timeout: 'of `ngx.socket` (60s)',
  ts_socket_send_timeout: 'of `ngx.socket` (60s)',
  ts_socket_read_timeout: 'of `ngx.socket` (60s)',
  ts_socket_keepalive_timeout: 'how long a connection waits in its pool (60s)',
  ts_socket_pool_size: 'connections in a pool (30)',
  ts_ssl_protocols: 'of TLS to others (`sslhandshake`, fetch)',
  ts_ssl_ciphers: 'of TLS to others',
  ts_ssl_verify_depth: 'how long a chain of certificates may be (1)',
  ts_ssl_trusted_certificate: 'the authorities that others are checked against',
  ts_ssl_crl: 'revoked certificates',
  ts_ssl_certificate: 'our own, towards others',
  ts_ssl_certificate_key: 'its key',
  ts_ssl_conf_command: "a command of OpenSSL's own, of those that Node lets through",
  ts_ssl_key_log: 'a file for the keys of sessions, for those who debug',
  ts_socket_buffer_size: 'how much is read at once (4k|8k)',
};

/** A phase's `_file`, where the block's line says the rest. */
export const FILE_NOTE = FILE;

/** Checked, and without effect. */
export const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  ts_sa_restart: 'Node repeats system calls that a signal has interrupted, always',
  ts_malloc_trim: 'V8 gives memory back by itself',
  ts_thread_cache_max_entries: 'there are no coroutines to be kept',
  ts_socket_send_lowat: 'Node has no such option of sockets',
};
