// What nginx has not: `tsresty WORD …`. The plain command keeps nginx's own syntax and is not parsed here.

import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { writeStderr } from '../core/log.ts';
import type { RunOptions } from './run.ts';
import { startOptions } from './start_options.ts';
import { DEFAULT_CONF_FILE, DEFAULT_PREFIX, TSRESTY_VERSION } from './version.ts';

function gather(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function seconds(value: string): number {
  const number = Number(value);
  if (!(number > 0 && number <= 3600))
    throw new InvalidArgumentError('it must be a number above 0, at most 3600');
  return number;
}

function natural(value: string): number {
  if (!/^\d{1,5}$/.test(value)) throw new InvalidArgumentError('it must be a whole number');
  return Number(value);
}

interface ProfileOptions {
  readonly seconds: number;
  readonly worker?: number;
  readonly output: string;
  readonly prefix: string;
  readonly conf: string;
  readonly global: string;
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
    .command('profile')
    .description('profile the scripts of a running server: a .cpuprofile, and a page with a flame graph')
    .option('--seconds <n>', 'how long', seconds, 10)
    .option('--worker <k>', 'only that worker, from 0 on (default: all)', natural)
    .option('-o, --output <file>', 'what to write: FILE.cpuprofile and FILE.html', 'tsresty-profile')
    .option('-p, --prefix <directory>', 'as the server was started with', DEFAULT_PREFIX)
    .option('-c, --conf <file>', 'as the server was started with', DEFAULT_CONF_FILE)
    .option('-g, --global <directives>', 'as the server was started with', '')
    .action(async ({ seconds, worker, output, prefix, conf, global }: ProfileOptions) => {
      const { profile } = await import('./profile.ts');
      const options = startOptions({ prefix, confFile: conf, globalDirectives: global });
      code = await profile(options, seconds, worker ?? null, output);
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
