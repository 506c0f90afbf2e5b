// What `-v` and `-h` say, and what an installation defaults to.

import packageJson from '../../package.json' with { type: 'json' };
import { NGINX_VERSION } from '../core/version.ts';

export const NGINX = `nginx/${NGINX_VERSION}`;
export const TSRESTY_VERSION = `tsresty/${packageJson.version}`;

export const DEFAULT_PREFIX = '/usr/local/tsresty/';
export const DEFAULT_CONF_FILE = 'conf/nginx.conf';
export const DEFAULT_ERROR_LOG = 'logs/error.log';

export function versionText(): string {
  return `nginx version: ${NGINX}\ntsresty version: ${TSRESTY_VERSION}\n`;
}

export function helpText(): string {
  return `Usage: tsresty [-?hvVtTq] [-s signal] [-p prefix]
               [-e filename] [-c filename] [-g directives] [--types]
               [--inspect[=[host:]port]]
       tsresty help

Options:
  -?,-h         : this help
  -v            : show version and exit
  -V            : show version and configure options then exit
  -t            : test configuration and exit
  -T            : test configuration, dump it and exit
  --types       : test configuration and the types of its scripts, and exit
  --inspect     : let debuggers attach to the isolates of workers (default: 127.0.0.1:9229)
  -q            : suppress non-error messages during configuration testing
  -s signal     : send signal to a master process: stop, quit, reopen, reload
  -p prefix     : set prefix path (default: ${DEFAULT_PREFIX})
  -e filename   : set error log file (default: ${DEFAULT_ERROR_LOG})
  -c filename   : set configuration file (default: ${DEFAULT_CONF_FILE})
  -g directives : set global directives out of configuration file

`;
}
