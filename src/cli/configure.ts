// The rest of `-V`.

import { configureArguments } from '../http/configure_arguments.ts';
import { httpModules } from '../http/modules/index.ts';

export function configureText(): string {
  const lines = [`built with Node.js ${process.version}`];
  if (httpModules.some(({ name }) => name === 'ssl'))
    lines.push(`built with OpenSSL ${process.versions.openssl}`, 'TLS SNI support enabled');
  return `${lines.join('\n')}\nconfigure arguments: ${configureArguments(httpModules)}\n`;
}
