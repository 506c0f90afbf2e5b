// autoindex: the listing of a directory, in nginx's own layout.

import { lstatSync, readdir, type Stats, statSync } from 'node:fs';
import { constants as os } from 'node:os';
import { type ConfOf, HTTP_ANY } from '../../conf/directive.ts';
import { enumeration, flag } from '../../conf/kinds.ts';
import { diskPath } from '../../core/disk_path.ts';
import { errnoOf, errorText } from '../../core/errno.ts';
import { httpTime } from '../../core/times.ts';
import { finalize } from '../engine.ts';
import { escapeComponent, escapeHtml, escapeJson } from '../escape.ts';
import { logError } from '../log.ts';
import { defineModule } from '../module.ts';
import { directoryFailed } from '../open_file.ts';
import { output, sendHeader } from '../output.ts';
import { mapUriToPath } from '../path.ts';
import { DECLINED, DONE, ERROR, OK, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import { discardBody } from '../request_body.ts';
import { argumentOf } from '../variables.ts';

type Format = 'html' | 'json' | 'jsonp' | 'xml';

const directives = {
  autoindex: flag({ in: HTTP_ANY, default: false }),
  autoindex_format: enumeration<Format>({
    in: HTTP_ANY,
    default: 'html',
    values: { html: 'html', json: 'json', jsonp: 'jsonp', xml: 'xml' },
  }),
  autoindex_localtime: flag({ in: HTTP_ANY, default: false }),
  autoindex_exact_size: flag({ in: HTTP_ANY, default: true }),
};

type Conf = ConfOf<typeof directives>;

export const autoindex = defineModule({
  name: 'autoindex',
  directives,
  phases: { content: { when: (conf) => conf.autoindex, run: listDirectory } },
});

const SLASH = 47;
const { ENOENT, EACCES, ELOOP } = os.errno;

function listDirectory(r: HttpRequest, conf: Conf): Rc {
  if (r.uri.charCodeAt(r.uri.length - 1) !== SLASH) return DECLINED;
  if (r.method !== 'GET' && r.method !== 'HEAD') return DECLINED;
  discardBody(r);
  const mapped = mapUriToPath(r);
  if (mapped === null) return 500;
  const path = mapped.length > 1 ? mapped.slice(0, -1) : mapped;
  let callback = '';
  if (conf.autoindex_format === 'jsonp') {
    callback = argumentOf(r.args, 'callback') ?? '';
    if (!isCallback(r, callback)) return 400;
  }
  readdir(diskPath(path), { encoding: 'buffer' }, (e, names) => {
    if (r.finalized) return;
    finalize(r, e === null ? sendList(r, conf, path, names, callback) : directoryFailed(r, path, e));
  });
  return DONE;
}

function isCallback(r: HttpRequest, name: string): boolean {
  if (name.length > 128) {
    logError(r, 'info', `client sent too long callback name: "${name}"`);
    return false;
  }
  if (/^[A-Za-z0-9_.]*$/.test(name)) return true;
  logError(r, 'info', `client sent invalid callback name: "${name}"`);
  return false;
}

interface Entry {
  readonly name: string;
  readonly type: 'directory' | 'file' | 'other';
  readonly size: number;
  /** Seconds. */
  readonly mtime: number;
}

const TYPES: Readonly<Record<Format, string>> = {
  html: 'text/html',
  json: 'application/json',
  jsonp: 'application/javascript',
  xml: 'text/xml',
};

function sendList(r: HttpRequest, conf: Conf, path: string, names: readonly Buffer[], callback: string): Rc {
  const { headersOut } = r;
  const format = conf.autoindex_format === 'jsonp' && callback === '' ? 'json' : conf.autoindex_format;
  headersOut.status = 200;
  headersOut.contentType = TYPES[format];
  if (format === 'xml') headersOut.charset = 'utf-8';
  const rc = sendHeader(r);
  if (rc === ERROR || rc > OK || r.headerOnly) return rc;
  const entries: Entry[] = [];
  for (const name of names) {
    const entry = entryOf(r, path, name.toString('latin1'));
    if (entry === ERROR) return ERROR;
    if (entry !== null) entries.push(entry);
  }
  entries.sort(compareEntries);
  let text: string;
  if (format === 'html') text = htmlList(r, conf, entries);
  else if (format === 'xml') text = xmlList(entries);
  else text = jsonList(entries, format === 'jsonp' ? callback : null);
  return output(r, text, true) === ERROR ? ERROR : OK;
}

function entryOf(r: HttpRequest, path: string, name: string): Entry | null | typeof ERROR {
  if (name.startsWith('.')) return null;
  const file = `${path}/${name}`;
  let stats: Stats;
  try {
    stats = statSync(diskPath(file));
  } catch (e) {
    const errno = errnoOf(e);
    if (errno !== ENOENT && errno !== ELOOP) {
      logError(r, 'crit', `stat() "${file}" failed ${errorText(e)}`);
      return errno === EACCES ? null : ERROR;
    }
    try {
      stats = lstatSync(diskPath(file)); // a link that leads nowhere is listed all the same
    } catch (error) {
      logError(r, 'crit', `lstat() "${file}" failed ${errorText(error)}`);
      return ERROR;
    }
  }
  const type = stats.isDirectory() ? 'directory' : stats.isFile() ? 'file' : 'other';
  return { name, type, size: stats.size, mtime: Math.floor(stats.mtimeMs / 1000) };
}

/** Directories first; then by bytes. */
function compareEntries(a: Entry, b: Entry): number {
  const directories = Number(b.type === 'directory') - Number(a.type === 'directory');
  if (directories !== 0) return directories;
  return a.name < b.name ? -1 : 1;
}

const NAME_WIDTH = 50;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function htmlList(r: HttpRequest, conf: Conf, entries: readonly Entry[]): string {
  const title = escapeHtml(r.uri);
  const utf8 = r.headersOut.charset.toLowerCase() === 'utf-8';
  const shiftSeconds = conf.autoindex_localtime ? -new Date().getTimezoneOffset() * 60 : 0;
  let text =
    `<html>\r\n<head><title>Index of ${title}</title></head>\r\n<body>\r\n<h1>Index of ${title}</h1>` +
    '<hr><pre><a href="../">../</a>\r\n';
  for (const entry of entries) {
    const slash = entry.type === 'directory' ? '/' : '';
    text += `<a href="${escapeComponent(entry.name)}${slash}">${shownName(entry, utf8)}`;
    text += ` ${dateText(entry.mtime + shiftSeconds)} `;
    text += conf.autoindex_exact_size ? exactSize(entry) : roundSize(entry);
    text += '\r\n';
  }
  return `${text}</pre><hr></body>\r\n</html>\r\n`;
}

/** The name and the end of its link, filled up to the column of the dates. */
function shownName(entry: Entry, utf8: boolean): string {
  const chars = utf8 ? utf8Chars(entry.name) : null;
  const length = chars === null ? entry.name.length : chars.length;
  if (length > NAME_WIDTH) {
    const short = chars === null ? entry.name.slice(0, 47) : chars.slice(0, 47).join('');
    return `${escapeHtml(short)}..&gt;</a>`;
  }
  const slash = entry.type === 'directory' && length < NAME_WIDTH ? '/' : '';
  return `${escapeHtml(entry.name)}${slash}</a>${' '.repeat(NAME_WIDTH - length - slash.length)}`;
}

/** Each character as its bytes; null for what is no UTF-8. */
function utf8Chars(name: string): string[] | null {
  const chars = name.match(
    /[\x20-\x7f]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}/g,
  );
  return chars?.join('') === name ? chars : null;
}

function dateText(seconds: number): string {
  const date = new Date(seconds * 1000);
  const month = MONTHS[date.getUTCMonth()] ?? '';
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
  return `${two(date.getUTCDate())}-${month}-${date.getUTCFullYear()} ${time}`;
}

function two(n: number): string {
  return String(n).padStart(2, '0');
}

function exactSize({ type, size }: Entry): string {
  return (type === 'directory' ? '-' : String(size)).padStart(19);
}

const K = 1024;
const M = 1024 * K;
const G = 1024 * M;

function roundSize({ type, size }: Entry): string {
  if (type === 'directory') return '      -';
  if (size >= G) return `${String(Math.floor(size / G + 0.5)).padStart(6)}G`;
  if (size >= M) return `${String(Math.floor(size / M + 0.5)).padStart(6)}M`;
  if (size > 9999) return `${String(Math.floor(size / K + 0.5)).padStart(6)}K`;
  return ` ${String(size).padStart(6)}`;
}

function jsonList(entries: readonly Entry[], callback: string | null): string {
  const items = entries.map(({ name, type, mtime, size }) => {
    const sizeText = type === 'file' ? `, "size":${size}` : '';
    return `\r\n{ "name":"${escapeJson(name)}", "type":"${type}", "mtime":"${httpTime(mtime)}"${sizeText} }`;
  });
  const list = `[${items.join(',')}\r\n]`;
  return callback === null ? list : `/* callback */\r\n${callback}(${list});`;
}

function xmlList(entries: readonly Entry[]): string {
  let text = '<?xml version="1.0"?>\r\n<list>\r\n';
  for (const { name, type, mtime, size } of entries) {
    const at = new Date(mtime * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
    const sizeText = type === 'file' ? ` size="${size}"` : '';
    text += `<${type} mtime="${at}"${sizeText}>${escapeHtml(name)}</${type}>\r\n`;
  }
  return `${text}</list>\r\n`;
}
