// The suite's files by subject: the first word of a file's name, or the first words where one subject has several.

const longNames = [
  'access_log',
  'auth_basic',
  'auth_delay',
  'auth_request',
  'config_dump',
  'debug_connection',
  'empty_gif',
  'error_log',
  'ignore_invalid_headers',
  'image_filter',
  'large_client_header_buffers',
  'limit_conn',
  'limit_rate',
  'limit_req',
  'merge_slashes',
  'not_modified',
  'post_action',
  'proxy_cache',
  'proxy_h2',
  'proxy_protocol',
  'random_index',
  'secure_link',
  'server_tokens',
  'split_clients',
  'static_location',
  'stream_ssl',
  'stub_status',
  'sub_filter',
  'trailing_dot',
  'try_files',
  'worker_shutdown_timeout',
];

export function groupOf(file: string): string {
  const name = file.replace(/\.t$/, '');
  const long = longNames.find((n) => name === n || name.startsWith(`${n}_`));
  return long ?? name.replace(/_.*/, '');
}
