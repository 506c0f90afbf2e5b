// nginx's error log: one line for each message, to every target whose level takes it.

import type { LogCapture } from './log_capture.ts';
import { type LogFile, logFile, stderrFile } from './log_file.ts';
import { Syslog, type SyslogSpec } from './syslog.ts';
import { second } from './times.ts';

export const LEVELS = ['emerg', 'alert', 'crit', 'error', 'warn', 'notice', 'info', 'debug'] as const;
/** Also nginx's NGX_LOG_STDERR, which every error log takes and which has no name. */
export type Level = (typeof LEVELS)[number] | '';

const RANKS: Readonly<Record<Level, number>> = {
  '': 0,
  emerg: 1,
  alert: 2,
  crit: 3,
  error: 4,
  warn: 5,
  notice: 6,
  info: 7,
  debug: 8,
};

/** The longest line, its line feed counted (OpenResty's limit; nginx's own is 2048). */
const MAX_LINE = 4096;

/** One error_log directive. */
export type LogSpec = { readonly level: Level } & (
  | { readonly kind: 'stderr' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'syslog'; readonly syslog: SyslogSpec }
);

interface Target {
  readonly rank: number;
  readonly file: LogFile | null;
  readonly syslog: Syslog | null;
}

const PID = `${process.pid}#${process.pid}`;

let capture: LogCapture | null = null;

/** Keeps the lines of all error logs of this process; null ends that. */
export function captureLines(into: LogCapture | null): void {
  capture = into;
}

export class Log {
  readonly #targets: Target[] = [];
  #rank = 0;
  /** Repeats on the standard error stream what is logged at [warn] or above: for the time of the start. */
  console = false;
  /** Of the main log: some error_log of the configuration is the standard error stream, which then stays what it is. */
  stderrUsed = false;

  add(spec: LogSpec): void {
    const target = {
      rank: RANKS[spec.level],
      file: spec.kind === 'file' ? logFile(spec.path) : spec.kind === 'stderr' ? stderrFile : null,
      syslog: spec.kind === 'syslog' ? new Syslog(spec.syslog, this.#syslogFault) : null,
    };
    this.#targets.push(target);
    this.#rank = Math.max(this.#rank, target.rank);
  }

  /** Whether anything was added: a block without an error_log of its own uses the enclosing one. */
  get empty(): boolean {
    return this.#targets.length === 0;
  }

  get hasFile(): boolean {
    return this.#targets.some((target) => target.file !== null);
  }

  /** The descriptor of the first log file, for the standard error stream of processes; -1 where it is not open. */
  get fileDescriptor(): number {
    return this.#targets.find((target) => target.file !== null)?.file?.fd ?? -1;
  }

  enabled(level: Level): boolean {
    return RANKS[level] <= this.#rank;
  }

  /** Connects to syslog servers ahead of the first line. */
  open(): void {
    for (const { syslog } of this.#targets) syslog?.open();
  }

  close(): void {
    for (const { syslog } of this.#targets) syslog?.close();
  }

  /** `message` is a string of bytes; other characters (an exception's text) are written in UTF-8. */
  write(level: Level, message: string, program: 'nginx' | 'tsresty' = 'nginx'): void {
    const rank = RANKS[level];
    if (rank > this.#rank) return;
    this.#write(rank, level, message, null, program);
  }

  #write(rank: number, level: Level, message: string, except: Syslog | null, program = 'nginx'): void {
    const text = bytes(message);
    const line = `${second().errorLog} [${level}] ${PID}: ${text}`.slice(0, MAX_LINE - 1);
    capture?.add(rank, line);
    let onStderr = false;
    for (const { rank: upTo, file, syslog } of this.#targets) {
      if (rank > upTo) continue;
      if (file !== null) {
        file.writeNow(`${line}\n`);
        onStderr ||= file.fd === 2;
      } else if (syslog !== null && syslog !== except) {
        syslog.send(Math.max(0, rank - 1), line);
      }
    }
    if (this.console && rank <= RANKS.warn && !onStderr) writeStderr(`[${level}] ${text}`, program);
  }

  readonly #syslogFault = (message: string, sender: Syslog): void => {
    if (RANKS.error <= this.#rank) this.#write(RANKS.error, 'error', message, sender);
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the range of single bytes
const NOT_BYTES = /[^\x00-\xff]+/g;

function bytes(message: string): string {
  return message.replace(NOT_BYTES, (text) => Buffer.from(text, 'utf8').toString('latin1'));
}

/** nginx's own messages on the terminal: `nginx: MESSAGE`. */
export function writeStderr(message: string, program = 'nginx'): void {
  stderrFile.writeNow(`${program}: ${bytes(message)}\n`);
}
