// `tsresty run`: a script with all that a timer has in a worker, and a terminal, in a process of its own. The worker's
// configuration is made up from the options, in a directory that is gone afterwards.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { CommandScript } from '../conf/reader.ts';
import { errorText } from '../core/errno.ts';
import { LEVELS, writeStderr } from '../core/log.ts';
import { toLatin1 } from '../core/text.ts';
import { executeAsWorker } from '../process/spawn.ts';

/** As commander gives them. */
export interface RunOptions {
  readonly execute?: readonly string[];
  readonly include?: readonly string[];
  readonly shdict?: readonly string[];
  readonly mainConf?: readonly string[];
  readonly httpConf?: readonly string[];
  readonly errlogLevel: string;
}

/** What a shell sees of a program that a signal has ended. */
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
const SIGPIPE = 141;

/** The exit code. */
export async function run(
  script: string | undefined,
  args: readonly string[],
  options: RunOptions,
  programArguments: readonly string[],
): Promise<number> {
  if (!LEVELS.some((level) => level === options.errlogLevel)) {
    return refuse(`invalid log level "${options.errlogLevel}"`);
  }
  if (script === undefined && options.execute === undefined)
    return refuse('neither a script nor -e is given');
  executeAsWorker(programArguments); // returns where this process can have isolates
  let exitCode: number | null = null;
  let end: (well: boolean) => void = () => {};
  const exited = new Promise<boolean>((done) => {
    end = done;
  });
  const terminal = {
    write(descriptor: number, text: string, bytes: boolean): void {
      const stream = descriptor === 2 ? process.stderr : process.stdout;
      stream.write(text, bytes ? 'latin1' : 'utf8');
      // The event of it comes when the script waits: one that only prints does not.
      if (stream.errored !== null) process.exit(SIGPIPE);
    },
    log(level: string, message: string): void {
      const text = message.replace(/^(?:\[ts\] )?(?:run\((.*?)\)(?=: ))?/, '$1');
      writeStderr(`[${level}] ${text}`, 'tsresty');
    },
    exit(code: number): void {
      exitCode ??= code & 255;
      end(true);
    },
  };
  const command = commandOf(script, args, options, terminal);
  if (typeof command === 'string') return refuse(command);
  const directory = mkdtempSync(join(tmpdir(), 'tsresty-run-'));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  process.on('exit', remove);
  const stops = Object.entries(SIGNALS).map(([signal, code]) => [signal, () => process.exit(code)] as const);
  for (const [signal, stop] of stops) process.on(signal, stop);
  // A loop in the script would keep them from being heard: without us, the system ends the process.
  const ready = (): void => {
    remove();
    for (const [signal, stop] of stops) process.off(signal, stop);
  };
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => process.exit(SIGPIPE));
  // What a script waits for may be something that a worker, which always listens, does not stay for: a name, a timer.
  const alive = setInterval(() => {}, 0x7fffffff);
  const well = await Promise.race([serveCommand(directory, options, command, ready), exited]);
  clearInterval(alive);
  await Promise.all([written(process.stdout), written(process.stderr)]);
  return exitCode ?? (well ? 0 : 1);
}

/** When a reader who is slower than the script has taken all. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((done) => {
    stream.write('', () => done());
  });
}

function refuse(message: string): number {
  writeStderr(`[emerg] ${message}`, 'tsresty');
  return 1;
}

function commandOf(
  script: string | undefined,
  args: readonly string[],
  { execute }: RunOptions,
  terminal: Pick<CommandScript, 'write' | 'exit' | 'log'>,
): CommandScript | string {
  if (execute !== undefined) {
    const given = script === undefined ? args : [script, ...args];
    return { file: resolve('(command line -e)'), text: execute.join('\n'), args: given, ...terminal };
  }
  if (script === undefined || script === '-') {
    return { file: resolve('(stdin)'), text: readFileSync(0, 'utf8'), args, ...terminal };
  }
  try {
    const text = readFileSync(script, 'utf8').replace(/^#!.*/, '');
    const file = toLatin1(resolve(script));
    return { file, text, args, ...terminal };
  } catch (error) {
    return `open() "${script}" failed ${errorText(error)}`;
  }
}

/** False: the script failed, or could not be started. */
async function serveCommand(
  directory: string,
  options: RunOptions,
  command: CommandScript,
  ready: () => void,
): Promise<boolean> {
  const { loadCycle, openFirstLog } = await import('../process/configuration.ts');
  const { serveScript } = await import('../process/run_script.ts');
  mkdirSync(join(directory, 'logs'));
  const confFile = join(directory, 'nginx.conf');
  writeFileSync(confFile, configuration(directory, options));
  const prefix = `${resolve('.')}/`;
  const load = { prefix, confFile, errorLog: '/dev/null', globalDirectives: '', command };
  const cycle = await loadCycle(load, openFirstLog(load, 'notice'));
  return cycle !== null && (await serveScript(cycle, directory, ready));
}

function configuration(directory: string, options: RunOptions): string {
  const { include = [], shdict = [], mainConf = [], httpConf = [], errlogLevel } = options;
  const http = httpConf.join('\n');
  const modules = include.map((one) => resolve(one)).join(';');
  return [
    `daemon off; master_process off; pid ${directory}/logs/nginx.pid; error_log stderr ${errlogLevel};`,
    ...mainConf,
    'events {} http {',
    ...shdict.map((one) => `ts_shared_dict ${one};`),
    modules === '' ? '' : `ts_package_path ${JSON.stringify(`${modules};;`)};`,
    /\bts_cpu_limit\b/.test(http) ? '' : 'ts_cpu_limit 1d;',
    /\baccess_log\b/.test(http) ? '' : 'access_log off;',
    http,
    '}',
    '',
  ].join('\n');
}
