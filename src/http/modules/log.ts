// access_log and log_format: one line a request, made from what the configuration compiled, written when the response
// has left.

import { closeSync, statSync, writeSync } from 'node:fs';
import { constants, gzipSync } from 'node:zlib';
import type { Args } from '../../conf/args.ts';
import type { ComplexValue } from '../../conf/complex.ts';
import { type ConfOf, HTTP, HTTP_ANY, LIMIT_EXCEPT, LOCATION_IF } from '../../conf/directive.ts';
import { mainLog, parseSyslog } from '../../conf/error_log.ts';
import { custom } from '../../conf/kinds.ts';
import type { Reader, Scope } from '../../conf/reader.ts';
import { diskPath } from '../../core/disk_path.ts';
import { errorText } from '../../core/errno.ts';
import { type LogFile, logFile } from '../../core/log_file.ts';
import { LogFileCache, openLog } from '../../core/log_file_cache.ts';
import { parseNumber, parseSize, parseTime } from '../../core/sizes.ts';
import { Syslog } from '../../core/syslog.ts';
import { escapeJson } from '../escape.ts';
import { logError } from '../log.ts';
import { defineModule } from '../module.ts';
import { rootPath } from '../path.ts';
import { OK, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';

interface Format {
  readonly value: ComplexValue;
  readonly show: (value: string | undefined) => string;
}

interface AccessLog {
  readonly format: Format;
  readonly write: (r: HttpRequest, line: string) => void;
  /** Logged only where this is neither empty nor "0"; null: always. */
  readonly condition: ComplexValue | null;
}

interface AccessLogs {
  readonly off: boolean;
  readonly logs: AccessLog[];
}

const directives = {
  log_format: custom<null>({
    in: HTTP,
    args: [2, Number.POSITIVE_INFINITY],
    default: null,
    parse: parseFormat,
  }),
  access_log: custom<AccessLogs>({
    in: HTTP_ANY | LOCATION_IF | LIMIT_EXCEPT,
    args: [1, Number.POSITIVE_INFINITY],
    default: { off: true, logs: [] },
    inherit: true,
    parse: parseAccessLog,
  }),
  open_log_file_cache: custom<LogFileCache | null>({
    in: HTTP_ANY,
    args: [1, 4],
    default: null,
    inherit: true,
    parse: parseOpenLogFileCache,
  }),
};

type Conf = ConfOf<typeof directives>;

export const log = defineModule({
  name: 'log',
  directives,
  postRead: useDefault,
  phases: { log: { when: (conf) => !conf.access_log.off, run: writeLogs } },
});

const COMBINED =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"';

function writeLogs(r: HttpRequest, conf: Conf): Rc {
  for (const { condition, format, write } of conf.access_log.logs) {
    if (condition !== null) {
      const value = condition.evaluate(r);
      if (value === '' || value === '0') continue;
    }
    write(r, format.value.evaluateWith(r, format.show));
  }
  return OK;
}

// Formats

function formats(cf: Reader): Map<string, Format> {
  return cf.state(log, () => new Map());
}

function parseFormat(args: Args): null {
  const name = args.text(1);
  const known = formats(args.cf);
  if (known.has(name) || name === 'combined') args.failWhole(`duplicate "log_format" name "${name}"`);
  let first = 2;
  let show = showEscaped;
  if (args.text(2).startsWith('escape=')) {
    const how = args.text(2).slice('escape='.length);
    if (how === 'json') show = showJson;
    else if (how === 'none') show = showPlain;
    else if (how !== 'default') args.failWhole(`unknown log format escaping "${how}"`);
    first = 3;
  }
  const text = args
    .texts()
    .slice(first - 1)
    .join('');
  const compiled = args.cf.variables.compile(text, args.place());
  const capture = compiled.parts.find((part) => typeof part === 'number');
  if (capture !== undefined) args.failWhole(`unknown "${capture}" variable`); // a log knows no captures
  known.set(name, { value: compiled, show });
  return null;
}

function formatNamed(args: Args, name: string): Format {
  const known = formats(args.cf).get(name) ?? (name === 'combined' ? combined(args.cf) : undefined);
  return known ?? args.failWhole(`unknown log format "${name}"`);
}

function combined(cf: Reader): Format {
  const place = { file: cf.sources.confFile, line: 1, column: 1 };
  const format = { value: cf.variables.compile(COMBINED, place), show: showEscaped };
  formats(cf).set('combined', format);
  return format;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: bytes that would break a line or a terminal
const UNSAFE = /[\x00-\x1f"\\\x7f-\xff]/g;

function showEscaped(value: string | undefined): string {
  if (value === undefined) return '-';
  return value.replace(
    UNSAFE,
    (char) => `\\x${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

function showJson(value: string | undefined): string {
  return value === undefined ? '' : escapeJson(value);
}

function showPlain(value: string | undefined): string {
  return value ?? '';
}

// Targets

interface Options {
  readonly bufferBytes: number;
  readonly flushMs: number;
  /** zlib's level; -1: not compressed. */
  readonly gzip: number;
  readonly condition: ComplexValue | null;
}

function useDefault(cf: Reader, http: Scope): void {
  const own = http.ownConf(log);
  if (own.access_log !== undefined) return;
  const file = logFile(cf.fullName('logs/access.log', 'prefix'));
  const format = formats(cf).get('combined') ?? combined(cf);
  own.access_log = { off: false, logs: [{ format, write: toFile(file), condition: null }] };
}

function parseAccessLog(args: Args, seen: AccessLogs | undefined): AccessLogs {
  const target = args.text(1);
  if (target === 'off') {
    if (args.count > 1) args.failWhole(`invalid parameter "${args.text(2)}"`);
    return { off: true, logs: [] };
  }
  const format = formatNamed(args, args.count >= 2 ? args.text(2) : 'combined');
  const options = parseOptions(args);
  const write = parseTarget(args, target, options);
  const logs = seen?.logs ?? [];
  logs.push({ format, write, condition: options.condition });
  return { off: seen?.off ?? false, logs };
}

function parseOptions(args: Args): Options {
  let bufferBytes = 0;
  let flushMs = 0;
  let gzip = -1;
  let condition: ComplexValue | null = null;
  for (let i = 3; i <= args.count; i++) {
    const word = args.text(i);
    const [, name, given = ''] = /^(buffer|flush|gzip|if)(?:=(.*))?$/s.exec(word) ?? [];
    switch (name) {
      case 'buffer':
        bufferBytes = parseSize(given);
        if (bufferBytes <= 0) args.failWhole(`invalid buffer size "${given}"`);
        break;
      case 'flush':
        flushMs = parseTime(given, false);
        if (flushMs <= 0) args.failWhole(`invalid flush time "${given}"`);
        break;
      case 'gzip':
        gzip = word === 'gzip' ? constants.Z_BEST_SPEED : parseNumber(given);
        if (gzip < 1 || gzip > 9) args.failWhole(`invalid compression level "${given}"`);
        if (bufferBytes === 0) bufferBytes = 64 * 1024;
        break;
      case 'if':
        condition = args.cf.variables.compile(given, args.place());
        break;
      default:
        args.failWhole(`invalid parameter "${word}"`);
    }
  }
  if (flushMs > 0 && bufferBytes === 0)
    args.failWhole(`no buffer is defined for access_log "${args.text(1)}"`);
  return { bufferBytes, flushMs, gzip, condition };
}

function parseTarget(args: Args, target: string, options: Options): AccessLog['write'] {
  const buffered = options.bufferBytes > 0;
  if (target.startsWith('syslog:')) {
    if (buffered) args.failWhole('logs to syslog cannot be buffered');
    const errors = mainLog(args.cf);
    const syslog = new Syslog(parseSyslog(args), (message) => errors.write('error', message));
    return (_r, line) => syslog.send(syslog.spec.severity, line);
  }
  const path = args.complex(1);
  if (path.constant === null) {
    if (buffered) args.failWhole('buffered logs cannot have variables in name');
    return (r, line) => appendTo(r, path.evaluate(r), line);
  }
  const file = logFile(args.cf.fullName(target, 'prefix'));
  const shared = sharedBuffers(args.cf);
  const known = shared.get(file);
  if (!buffered && known === undefined) return toFile(file);
  const buffer = known ?? new LogBuffer(file, options);
  if (!buffered || !buffer.isLike(options)) {
    args.failWhole(`access_log "${target}" already defined with conflicting parameters`);
  }
  shared.set(file, buffer);
  return (_r, line) => buffer.add(line);
}

function toFile(file: LogFile): AccessLog['write'] {
  return (_r, line) => file.write(`${line}\n`);
}

const buffersKey = {};

function sharedBuffers(cf: Reader): Map<LogFile, LogBuffer> {
  return cf.state(buffersKey, () => new Map());
}

/** Lines kept until there are `buffer=` bytes of them, or until the first of them is `flush=` old. */
class LogBuffer {
  readonly #file: LogFile;
  readonly #options: Options;
  #text = '';
  #timer: NodeJS.Timeout | null = null;

  constructor(file: LogFile, options: Options) {
    this.#file = file;
    this.#options = options;
    file.beforeReopen(() => this.flush());
  }

  isLike(options: Options): boolean {
    const own = this.#options;
    return (
      own.bufferBytes === options.bufferBytes && own.flushMs === options.flushMs && own.gzip === options.gzip
    );
  }

  add(line: string): void {
    if (this.#text.length + line.length + 1 > this.#options.bufferBytes) this.flush();
    if (this.#text === '' && this.#options.flushMs > 0) {
      this.#timer = setTimeout(() => this.flush(), this.#options.flushMs);
      this.#timer.unref();
    }
    this.#text += `${line}\n`;
    if (this.#text.length > this.#options.bufferBytes) this.flush();
  }

  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#text === '') return;
    const text = this.#text;
    this.#text = '';
    if (this.#options.gzip === -1) this.#file.writeNow(text);
    else this.#file.writeBytes(gzipSync(Buffer.from(text, 'latin1'), { level: this.#options.gzip }));
  }
}

/** A file whose name has variables: only written where the request's root exists, as nginx checks. */
function appendTo(r: HttpRequest, name: string, line: string): void {
  const root = rootPath(r);
  try {
    if (!statSync(diskPath(root)).isDirectory()) {
      logError(r, 'error', `testing "${root}" existence failed (20: Not a directory)`);
      return;
    }
  } catch (e) {
    logError(r, 'error', `testing "${root}" existence failed ${errorText(e)}`);
    return;
  }
  const path = r.server.main.cf.fullName(name, 'prefix');
  const cache = log.conf(r).open_log_file_cache;
  const write = (fd: number): void => {
    writeSync(fd, `${line}\n`, null, 'latin1');
  };
  try {
    if (cache !== null) {
      cache.use(path, write);
      return;
    }
    const fd = openLog(path);
    write(fd);
    closeSync(fd);
  } catch (e) {
    logError(r, 'crit', `open() "${path}" failed ${errorText(e)}`);
  }
}

function parseOpenLogFileCache(args: Args, seen: LogFileCache | null | undefined): LogFileCache | null {
  if (seen !== undefined) args.fail('is duplicate');
  let max = 0;
  let inactiveMs = 10_000;
  let validMs = 60_000;
  let minUses = 1;
  for (const word of args.texts()) {
    if (word === 'off') return null;
    const [, name, given = ''] = /^(max|inactive|min_uses|valid)=(.*)$/s.exec(word) ?? [];
    const parsed = name === 'inactive' || name === 'valid' ? parseTime(given, true) : parseNumber(given);
    if (name === undefined || parsed < 0 || (parsed === 0 && name !== 'valid')) {
      args.failWhole(`invalid "open_log_file_cache" parameter "${word}"`);
    }
    if (name === 'max') max = parsed;
    else if (name === 'inactive') inactiveMs = parsed;
    else if (name === 'valid') validMs = parsed;
    else minUses = parsed;
  }
  if (max === 0) args.failWhole('"open_log_file_cache" must have "max" parameter');
  return new LogFileCache({ max, inactiveMs, minUses, validMs });
}
