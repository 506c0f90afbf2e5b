// nginx's command line: single letters, which may be glued together, each value glued to its letter or in the next
// argument. A parser for ordinary options would take other command lines, and have other words for what is wrong.

import { SIGNAL_NAMES, type SignalName } from '../process/signals.ts';
import { inspectorAddress } from '../script/host/inspector_address.ts';

export interface Options {
  readonly help: boolean;
  readonly version: boolean;
  readonly configure: boolean;
  readonly test: boolean;
  readonly dump: boolean;
  readonly quiet: boolean;
  readonly prefix: string | null;
  /** Empty for standard error. */
  readonly errorLog: string | null;
  readonly confFile: string | null;
  readonly globalDirectives: string | null;
  readonly signal: SignalName | null;
  /** Ours: with -t, type errors of scripts too. */
  readonly types: boolean;
  /** Ours: where debuggers may attach. */
  readonly inspect: string | null;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What is missing where a letter has no value. */
const VALUES: Readonly<Record<string, string>> = {
  p: 'directory name',
  e: 'file name',
  c: 'file name',
  g: 'parameter',
  s: 'parameter',
};

const SUBCOMMANDS: ReadonlySet<string> = new Set(['profile', 'run', 'types', 'help']);

/** Whether a command line is one of ours altogether: `tsresty WORD …`. */
export function isSubcommand(word: string | undefined): boolean {
  return word !== undefined && SUBCOMMANDS.has(word);
}

/** The options, or what is wrong with them. */
export function parseOptions(programArguments: readonly string[]): Options | string {
  const options: Mutable<Options> = {
    help: false,
    version: false,
    configure: false,
    test: false,
    dump: false,
    quiet: false,
    prefix: null,
    errorLog: null,
    confFile: null,
    globalDirectives: null,
    signal: null,
    types: false,
    inspect: null,
  };
  for (let i = 0; i < programArguments.length; i++) {
    const argument = programArguments[i] ?? '';
    if (argument === '--types') {
      options.types = true;
      options.test = true;
      continue;
    }
    if (argument === '--inspect' || argument.startsWith('--inspect=')) {
      const inspect = argument.slice('--inspect='.length);
      if (inspectorAddress(inspect) === null) return `invalid address "${inspect}" in option "--inspect"`;
      options.inspect = inspect;
      continue;
    }
    if (!argument.startsWith('-')) return `invalid option: "${argument}"`;
    for (let at = 1; at < argument.length; at++) {
      const letter = argument[at] ?? '';
      const missing = VALUES[letter];
      if (missing === undefined) {
        if (!setFlag(options, letter)) return `invalid option: "${letter}"`;
        continue;
      }
      const value = at + 1 < argument.length ? argument.slice(at + 1) : programArguments[++i];
      if (value === undefined) return `option "-${letter}" requires ${missing}`;
      const fault = setValue(options, letter, value);
      if (fault !== null) return fault;
      break;
    }
  }
  return options;
}

function setFlag(options: Mutable<Options>, letter: string): boolean {
  if (letter === '?' || letter === 'h') options.help = true;
  else if (letter === 'V') options.configure = true;
  else if (letter === 'T') options.dump = true;
  else if (letter === 'q') options.quiet = true;
  else if (letter !== 'v' && letter !== 't') return false;
  options.version ||= '?hvV'.includes(letter);
  options.test ||= 'tT'.includes(letter);
  return true;
}

function setValue(options: Mutable<Options>, letter: string, value: string): string | null {
  if (letter === 'p') options.prefix = value;
  else if (letter === 'e') options.errorLog = value === 'stderr' ? '' : value;
  else if (letter === 'c') options.confFile = value;
  else if (letter === 'g') options.globalDirectives = value;
  else {
    const signal = SIGNAL_NAMES.find((name) => name === value);
    if (signal === undefined) return `invalid option: "-s ${value}"`;
    options.signal = signal;
  }
  return null;
}
