// Where a configuration is, as the command line says it.

import { toLatin1 } from '../core/text.ts';
import type { StartOptions } from '../process/configuration.ts';
import { DEFAULT_CONF_FILE, DEFAULT_ERROR_LOG, DEFAULT_PREFIX } from './version.ts';

interface Given {
  readonly prefix: string | null;
  readonly confFile: string | null;
  /** Empty for standard error. */
  readonly errorLog?: string | null;
  readonly globalDirectives: string | null;
}

/** Relative names stand in the prefix, which itself may be relative to the current directory. */
export function startOptions(options: Given): StartOptions {
  const given = toLatin1(options.prefix ?? DEFAULT_PREFIX);
  const prefix = given === '' || given.endsWith('/') ? given : `${given}/`;
  const errorLog = toLatin1(options.errorLog ?? DEFAULT_ERROR_LOG);
  return {
    prefix,
    confFile: inPrefix(prefix, toLatin1(options.confFile ?? DEFAULT_CONF_FILE)),
    errorLog: errorLog === '' ? '' : inPrefix(prefix, errorLog),
    globalDirectives: toLatin1(options.globalDirectives ?? ''),
  };
}

function inPrefix(prefix: string, path: string): string {
  return path.startsWith('/') ? path : prefix + path;
}
