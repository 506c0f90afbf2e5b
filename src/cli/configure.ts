// The rest of `-V`: test suites and scripts ask it what an nginx was built with, so the arguments of nginx's configure
// are told from the modules that there are.

import { httpModules } from '../http/modules/index.ts';

/** nginx's modules that are built in unless configure is told otherwise; ours have the same names. */
const STANDARD =
  'charset gzip ssi userid access auth_basic mirror autoindex geo map split_clients referer rewrite proxy fastcgi ' +
  'uwsgi scgi grpc memcached limit_conn limit_req empty_gif browser upstream_hash upstream_ip_hash ' +
  'upstream_least_conn upstream_least_time upstream_random upstream_keepalive upstream_zone upstream_sticky tunnel';

const OPTIONAL =
  'ssl v2 v3 realip addition xslt image_filter geoip sub dav flv mp4 gunzip gzip_static auth_request random_index ' +
  'secure_link degradation slice stub_status perl';

export function configureText(): string {
  const built = new Set<string>(httpModules.map(({ name }) => name));
  const flags = [
    ...OPTIONAL.split(' ')
      .filter((name) => built.has(name))
      .map((name) => `--with-http_${name}_module`),
    ...STANDARD.split(' ')
      .filter((name) => !built.has(name))
      .map((name) => `--without-http_${name}_module`),
    ...httpModules.flatMap((module) => module.configureArguments ?? []),
  ];
  const lines = [`built with Node.js ${process.version}`];
  if (built.has('ssl'))
    lines.push(`built with OpenSSL ${process.versions.openssl}`, 'TLS SNI support enabled');
  return `${lines.join('\n')}\nconfigure arguments: ${flags.join(' ')}\n`;
}
