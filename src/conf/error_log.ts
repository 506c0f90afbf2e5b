// error_log, in the main block and in those of http and stream, and the `syslog:` parameters that access_log shares.

import { addressText, parseAddress } from '../core/addresses.ts';
import { LEVELS, type Level, Log, type LogSpec } from '../core/log.ts';
import type { SyslogSpec } from '../core/syslog.ts';
import type { Args } from './args.ts';
import type { Reader } from './reader.ts';

const FACILITIES =
  'kern user mail daemon auth intern lpr news uucp clock authpriv ftp ntp audit alert cron ' +
  'local0 local1 local2 local3 local4 local5 local6 local7';
const facilities: readonly string[] = FACILITIES.split(' ');
const severities: readonly string[] = LEVELS;

const LOCAL7 = 23;
const INFO = 6;
const SYSLOG_PORT = 514;
const MAX_TAG = 32;

const mainLogs = {}; // the key under which a Reader keeps it

/** The error log of the main block: what blocks without an error_log of their own inherit. */
export function mainLog(cf: Reader): Log {
  return cf.state(mainLogs, () => new Log());
}

/** One error_log directive: `log` is the block's own, empty before its first. */
export function addErrorLog(args: Args, log: Log): Log {
  log.add(parseErrorLog(args));
  return log;
}

function parseErrorLog(args: Args): LogSpec {
  const target = args.text(1);
  if (target === 'stderr') {
    mainLog(args.cf).stderrUsed = true;
    return { kind: 'stderr', level: parseLevel(args) };
  }
  if (target.startsWith('memory:')) args.failWhole('nginx was built without debug support');
  if (target.startsWith('syslog:'))
    return { kind: 'syslog', syslog: parseSyslog(args), level: parseLevel(args) };
  return { kind: 'file', path: args.cf.fullName(target, 'prefix'), level: parseLevel(args) };
}

/** debug_http and its like, which choose parts of nginx's debugging output, stand for [debug]. */
function parseLevel(args: Args): Level {
  let level: Level | null = null;
  let parts = false;
  for (let i = 2; i <= args.count; i++) {
    const text = args.text(i);
    const found = LEVELS.find((name) => name === text);
    if (found !== undefined) {
      if (level !== null) args.failWhole(`duplicate log level "${text}"`);
      level = found;
    } else if (/^debug_(core|alloc|mutex|event|http|mail|stream)$/.test(text) && (level === null || parts)) {
      level = 'debug';
      parts = true;
    } else {
      args.failWhole(`invalid log level "${text}"`);
    }
  }
  return level ?? 'error';
}

/** The parameters after `syslog:` in the first argument. */
export function parseSyslog(args: Args): SyslogSpec {
  const given = new Map<string, string>();
  for (const parameter of args.text(1).slice('syslog:'.length).split(',')) {
    const [, name, value] = /^(server|facility|severity|tag)=(.*)$/s.exec(parameter) ?? [];
    if (parameter === 'nohostname') given.set('nohostname', '');
    else if (name === undefined || value === undefined)
      args.failWhole(`unknown syslog parameter "${parameter}"`);
    else if (given.has(name)) args.failWhole(`duplicate syslog "${name}"`);
    else given.set(name, name === 'tag' ? checkTag(args, value) : value);
  }
  const server = given.get('server');
  if (server === undefined) return args.failWhole('no syslog server specified');
  return {
    ...parseServer(args, server),
    facility: numberOf(args, facilities, 'facility', given.get('facility')) ?? LOCAL7,
    severity: numberOf(args, severities, 'severity', given.get('severity')) ?? INFO,
    tag: given.get('tag') ?? 'nginx',
    nohostname: given.has('nohostname'),
  };
}

function numberOf(
  args: Args,
  names: readonly string[],
  what: string,
  name: string | undefined,
): number | undefined {
  if (name === undefined) return undefined;
  const number = names.indexOf(name);
  if (number === -1) args.failWhole(`unknown syslog ${what} "${name}"`);
  return number;
}

function checkTag(args: Args, tag: string): string {
  if (tag.length > MAX_TAG) args.failWhole('syslog tag length exceeds 32');
  if (!/^\w*$/.test(tag)) args.failWhole('syslog "tag" only allows alphanumeric characters and underscore');
  return tag;
}

function parseServer(args: Args, text: string): Pick<SyslogSpec, 'server' | 'host' | 'port' | 'path'> {
  const address = parseAddress(text, { defaultPort: SYSLOG_PORT });
  if (typeof address === 'string') return args.failWhole(`${address} in syslog server "${text}"`);
  if (address.kind === 'unix')
    return { server: `unix:${address.host}`, host: '', port: 0, path: address.host };
  const host = address.kind === 'name' ? resolve(args, address.host, text) : address.host;
  return { server: addressText(host, address.port), host, port: address.port, path: null };
}

/** Until the name has been looked up any address will do: all is read again then. */
function resolve(args: Args, host: string, text: string): string {
  const found = args.cf.sources.resolve(host);
  if (found === null) return '0.0.0.0';
  return found[0] ?? args.failWhole(`host not found in syslog server "${text}"`);
}
