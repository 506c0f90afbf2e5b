// What an nginx with the same modules was configured with: test suites and scripts ask for it.

import type { AnyHttpModule } from './module.ts';

/** nginx's modules that are built in unless configure is told otherwise; ours have the same names. */
const STANDARD =
  'charset gzip ssi userid access auth_basic mirror autoindex geo map split_clients referer rewrite proxy fastcgi ' +
  'uwsgi scgi grpc memcached limit_conn limit_req empty_gif browser upstream_hash upstream_ip_hash ' +
  'upstream_least_conn upstream_least_time upstream_random upstream_keepalive upstream_zone upstream_sticky tunnel';

const OPTIONAL =
  'ssl v2 v3 realip addition xslt image_filter geoip sub dav flv mp4 gunzip gzip_static auth_request random_index ' +
  'secure_link degradation slice stub_status perl';

export function configureArguments(modules: readonly AnyHttpModule[]): string {
  const built = new Set<string>(modules.map(({ name }) => name));
  return [
    ...OPTIONAL.split(' ')
      .filter((name) => built.has(name))
      .map((name) => `--with-http_${name}_module`),
    ...STANDARD.split(' ')
      .filter((name) => !built.has(name))
      .map((name) => `--without-http_${name}_module`),
    ...modules.flatMap((module) => module.configureArguments ?? []),
  ].join(' ');
}
