// What a block asks for before its requests: configuration, files, a server of the runner's own.

import * as fs from 'node:fs';
import { runInNewContext } from 'node:vm';
import { certificateFiles } from './certificates.ts';
import type { CheckContext } from './check.ts';
import type { ServerConf } from './conf_file.ts';
import { evaluate, parseTime, SpecError, type Value } from './parse.ts';
import { type Peer, type PeerTls, startPeer } from './peer.ts';
import type { SpecServer, UserFile } from './server.ts';

export function confOf(ctx: CheckContext): ServerConf {
  return {
    master: ctx.block.sections.has('master'),
    main: textOf(ctx, 'main_config'),
    postMain: textOf(ctx, 'post_main_config'),
    http: textOf(ctx, 'http_config'),
    server: textOf(ctx, 'config'),
    serverName: textOf(ctx, 'server_name').trim() || 'localhost',
    logLevel: textOf(ctx, 'log_level').trim() || 'info',
  };
}

function textOf(ctx: CheckContext, name: string): string {
  const section = ctx.block.sections.get(name);
  if (section === undefined) return '';
  const value = ctx.expand(evaluate(ctx.file, section));
  if (typeof value !== 'string') throw new SpecError(ctx.file, section.line, `${name} must be text`);
  return value === '' || value.endsWith('\n') ? value : `${value}\n`;
}

export function timeOf(ctx: CheckContext, name: string): number | undefined {
  const section = ctx.block.sections.get(name);
  if (section === undefined) return undefined;
  const time = parseTime(section.text);
  if (time === undefined)
    throw new SpecError(ctx.file, section.line, `${name}: "${section.text}" is no time`);
  return time;
}

/** What `user_files` and `certificates` say. */
export function userFiles(ctx: CheckContext): UserFile[] {
  const { sections } = ctx.block;
  const certificates = sections.get('certificates');
  const made = certificates === undefined ? [] : certificateFiles(certificates.text);
  return [...writtenFiles(ctx), ...made.map((file) => ({ ...file, modified: undefined }))];
}

/** `tcp_tls: NAME [VERSION] [client=CA]`, of `certificates`. */
function peerTls(ctx: CheckContext): PeerTls | null {
  const section = ctx.block.sections.get('tcp_tls');
  if (section === undefined) return null;
  const files = certificateFiles(ctx.block.sections.get('certificates')?.text ?? '');
  const text = (name: string): string => {
    const file = files.find((made) => made.name === name);
    if (file === undefined) throw new SpecError(ctx.file, section.line, `certificates have no ${name}`);
    return file.text;
  };
  const [name = '', ...words] = section.text.trim().split(/\s+/);
  const client = words.find((word) => word.startsWith('client='))?.slice(7);
  return {
    cert: text(`${name}.crt`),
    key: text(`${name}.key`),
    version: words.find((word) => word.startsWith('TLS')) ?? null,
    clientCa: client === undefined ? null : text(`${client}.crt`),
  };
}

/** `>>> name [[[CC]YY]MMDDhhmm[.ss]]` and text, or an array of `[name, text, date]`. */
function writtenFiles(ctx: CheckContext): UserFile[] {
  const section = ctx.block.sections.get('user_files');
  if (section === undefined) return [];
  const value = ctx.expand(evaluate(ctx.file, section));
  if (Array.isArray(value)) {
    return value.map((item: Value) => {
      if (!Array.isArray(item)) throw new SpecError(ctx.file, section.line, 'user_files: [name, text, date]');
      const [name, text, date] = item;
      return { name: String(name), text: String(text ?? ''), modified: touchDate(ctx, section.line, date) };
    });
  }
  const files: UserFile[] = [];
  const parts = String(value).split(/^>>> *(\S+)(?: +(\S+))?[ \t]*\n/m);
  for (let i = 1; i < parts.length; i += 3) {
    const modified = touchDate(ctx, section.line, parts[i + 1]);
    files.push({ name: parts[i] ?? '', text: parts[i + 2] ?? '', modified });
  }
  return files;
}

/** A date as touch(1) takes it, in GMT. */
function touchDate(ctx: CheckContext, line: number, date: Value | undefined): Date | undefined {
  if (date === undefined || date === null) return undefined;
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d\d))?$/.exec(String(date));
  if (match === null) throw new SpecError(ctx.file, line, `user_files: "${date}" is not CCYYMMDDhhmm[.ss]`);
  const [year, month, day, hour, minute, second] = match.slice(1).map((part) => Number(part ?? 0));
  return new Date(Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second));
}

/** `--- init` is JavaScript with `fs`: links, modes and the like that user_files cannot say. */
export function runInit(ctx: CheckContext, server: SpecServer): void {
  const section = ctx.block.sections.get('init');
  if (section === undefined) return;
  const source = String(ctx.expand(section.text));
  try {
    runInNewContext(
      source,
      { fs, root: server.root, Buffer },
      { filename: ctx.file, lineOffset: section.textLine - 1 },
    );
  } catch (error) {
    throw new SpecError(ctx.file, section.line, `init: ${error}`);
  }
}

export async function openPeer(ctx: CheckContext): Promise<Peer | undefined> {
  for (const protocol of ['tcp', 'udp'] as const) {
    const listen = ctx.block.sections.get(`${protocol}_listen`);
    if (listen === undefined) continue;
    const reply = ctx.block.sections.get(`${protocol}_reply`);
    const query = ctx.block.sections.get(`${protocol}_query`);
    const length = ctx.block.sections.get(`${protocol}_query_len`);
    const expected = query === undefined ? '' : ctx.expand(evaluate(ctx.file, query));
    const wanted = length === undefined ? String(expected).length : Number(length.text);
    return startPeer({
      protocol,
      target: String(ctx.expand(evaluate(ctx.file, listen))).trim(),
      reply: reply && ctx.expand(evaluate(ctx.file, reply)),
      replyDelayMs: timeOf(ctx, `${protocol}_reply_delay`) ?? 0,
      isComplete: (text) => (expected instanceof RegExp ? expected.test(text) : text.length >= wanted),
      keepOpen: ctx.block.sections.has('tcp_no_close'),
      tls: protocol === 'tcp' ? peerTls(ctx) : null,
    });
  }
  return undefined;
}
