// What nginx has not: `tsresty WORD …`. The plain command keeps nginx's own syntax and is not parsed here.

import { Command, CommanderError } from 'commander';
import { writeStderr } from '../core/log.ts';
import { DEFAULT_PREFIX, TSRESTY_VERSION } from './version.ts';

/** The exit code. */
export async function runSubcommand(programArguments: readonly string[]): Promise<number> {
  let code = 0;
  const program = new Command('tsresty')
    .description('Without a command: nginx\'s options, see "tsresty -h".')
    .version(TSRESTY_VERSION)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError: (text) => writeStderr(`[emerg] ${text.trim()}`, 'tsresty') });
  program
    .command('types')
    .description('write a tsconfig.json and the types of scripts into a prefix, for editors and tsc')
    .option('-p, --prefix <directory>', 'the prefix', DEFAULT_PREFIX)
    .action(async ({ prefix }: { prefix: string }) => {
      const { writeTypes } = await import('./types.ts');
      code = writeTypes(prefix);
    });
  try {
    await program.parseAsync(programArguments, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode;
  }
  return code;
}
