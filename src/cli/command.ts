// What a command line asks for: to be told something, to test a configuration, to signal a master, or to start one.

import { writeStderr } from '../core/log.ts';
import type { StartOptions } from '../process/configuration.ts';
import type { SignalName } from '../process/signals.ts';
import { isSubcommand, type Options, parseOptions } from './options.ts';
import { startOptions } from './start_options.ts';
import { helpText, NGINX, TSRESTY_VERSION, versionText } from './version.ts';

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
  const loadOptions = {
    ...startOptions(options),
    checkTypes: options.types,
    inspect: options.inspect,
  };
  if (options.test) return await testConfiguration(loadOptions, options);
  if (options.signal !== null) return await sendSignal(loadOptions, options.signal);
  const { start } = await import('../process/start.ts');
  return await start({
    options: loadOptions,
    programArguments,
    versions: [`${TSRESTY_VERSION} (${NGINX})`, `built with Node.js ${process.version}`],
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
