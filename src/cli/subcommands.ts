// What nginx has not: `tsresty WORD …`. The plain command keeps nginx's own syntax and is not parsed here.

import { Command, CommanderError } from 'commander';
import { writeStderr } from '../core/log.ts';
import type { RunOptions } from './run.ts';
import { DEFAULT_PREFIX, TSRESTY_VERSION } from './version.ts';

function gather(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

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
  program
    .command('run')
    .description("run a script once, as a timer would, with a terminal: as OpenResty's resty")
    .argument('[script]', 'the file; - for standard input')
    .argument('[args...]', 'what the script finds in arg')
    .option('-e, --execute <code>', 'code to run instead of a file; may be repeated', gather)
    .option('-I, --include <directory>', 'where modules are looked for, too; may be repeated', gather)
    .option('--shdict <name size>', 'a dictionary in ngx.shared; may be repeated', gather)
    .option('--main-conf <directives>', 'directives for the main context; may be repeated', gather)
    .option('--http-conf <directives>', 'directives for the http context; may be repeated', gather)
    .option('--errlog-level <level>', 'from which level on messages go to standard error', 'warn')
    .passThroughOptions()
    .action(async (script: string | undefined, args: readonly string[], options: RunOptions) => {
      const { run } = await import('./run.ts');
      code = await run(script, args, options, programArguments);
    });
  try {
    await program.parseAsync(programArguments, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode;
  }
  return code;
}
