// What a command line asks for: to be told something, to test a configuration, to signal a master, or to start one.

import { writeStderr } from '../core/log.ts';
import type { StartOptions } from '../process/configuration.ts';
import type { SignalName } from '../process/signals.ts';
import { isSubcommand, type Options, parseOptions } from './options.ts';
import {
  DEFAULT_CONF_FILE,
  DEFAULT_ERROR_LOG,
  DEFAULT_PREFIX,
  helpText,
  NGINX_VERSION,
  TSRESTY_VERSION,
  versionText,
} from './version.ts';

/** The exit code; null: this process goes on as a master. */
export async function runCommand(programArguments: readonly string[]): Promise<number | null> {
  if (isSubcommand(programArguments[0])) {
    const { runSubcommand } = await import('./subcommands.ts');
    return await runSubcommand(programArguments);
  }
  const options = parseOptions(programArguments);
  if (typeof options === 'string') {
    writeStderr(options);
    return 1;
  }
  if (options.version) {
    await showVersion(options);
    if (!options.test) return 0;
  }
  const startOptions = startOptionsOf(options);
  if (options.test) return await testConfiguration(startOptions, options);
  if (options.signal !== null) return await sendSignal(startOptions, options.signal);
  const { start } = await import('../process/start.ts');
  return await start({
    options: startOptions,
    programArguments,
    versions: [`${TSRESTY_VERSION} (${NGINX_VERSION})`, `built with Node.js ${process.version}`],
  });
}

async function showVersion(options: Options): Promise<void> {
  let text = versionText();
  if (options.help) text += helpText();
  if (options.configure) {
    const { configureText } = await import('./configure.ts');
    text += configureText();
  }
  process.stderr.write(text);
}

/** Relative names stand in the prefix, which itself may be relative to the current directory. */
function startOptionsOf(options: Options): StartOptions {
  const given = bytes(options.prefix ?? DEFAULT_PREFIX);
  const prefix = given === '' || given.endsWith('/') ? given : `${given}/`;
  const errorLog = bytes(options.errorLog ?? DEFAULT_ERROR_LOG);
  return {
    prefix,
    confFile: inPrefix(prefix, bytes(options.confFile ?? DEFAULT_CONF_FILE)),
    errorLog: errorLog === '' ? '' : inPrefix(prefix, errorLog),
    globalDirectives: bytes(options.globalDirectives ?? ''),
    checkTypes: options.types,
    inspect: options.inspect,
  };
}

function inPrefix(prefix: string, path: string): string {
  return path.startsWith('/') ? path : prefix + path;
}

/** As everything of the configuration: a character is a byte. */
function bytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

async function testConfiguration(options: StartOptions, { quiet, dump }: Options): Promise<number> {
  const { loadCycle, openFirstLog, tryOpenCycle } = await import('../process/configuration.ts');
  const { confFile } = options;
  const log = openFirstLog(options, 'info');
  const cycle = await loadCycle(options, log, () => {
    if (!quiet) writeStderr(`the configuration file ${confFile} syntax is ok`);
  });
  if (cycle === null || !tryOpenCycle(cycle, log)) {
    writeStderr(`configuration file ${confFile} test failed`);
    return 1;
  }
  if (!quiet) writeStderr(`configuration file ${confFile} test is successful`);
  if (dump) {
    for (const [file, text] of cycle.source.texts) {
      process.stdout.write(`# configuration file ${file}:\n${text}\n`, 'latin1');
    }
  }
  return 0;
}

async function sendSignal(options: StartOptions, name: SignalName): Promise<number> {
  const { loadCycle, openFirstLog } = await import('../process/configuration.ts');
  const { signalMaster } = await import('../process/signals.ts');
  const log = openFirstLog(options, 'notice');
  const cycle = await loadCycle(options, log);
  return cycle === null ? 1 : signalMaster(name, cycle.core, log);
}
