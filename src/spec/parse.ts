// Reads a *.t file (Test::Nginx's data form) into blocks whose sections know the line they stand on.
// The text is latin1, one char a byte, so that "\xff" in an eval section and UTF-8 typed into the file
// both mean the bytes they name.

import { Script } from 'node:vm';

/** What a section says: text, or whatever its `eval` expression gave. In an array null means: not checked. */
export type Value =
  | string
  | number
  | RegExp
  | Packet
  | ((query: string, tls?: unknown) => Value)
  | readonly Value[]
  | null;

/** One write of a request that is sent in several: `{ value: 'ab', delay_before: 0.1 }` (seconds). */
export interface Packet {
  readonly value: string;
  readonly delay_before?: number;
}

export interface Section {
  readonly name: string;
  /** The line of `--- name`. */
  readonly line: number;
  /** The line the text begins on: the same one for `--- name: text`. */
  readonly textLine: number;
  readonly filters: readonly string[];
  readonly text: string;
}

export interface Block {
  readonly title: string;
  /** The line of `=== title`. */
  readonly line: number;
  readonly sections: ReadonlyMap<string, Section>;
}

/** A spec file that says nothing a server could be asked about: a misspelt section, a bad expression. */
export class SpecError extends Error {
  override readonly name = 'SpecError';
  readonly line: number;
  /** The message without the place. */
  readonly reason: string;

  constructor(file: string, line: number, reason: string) {
    super(`${file}:${line}: ${reason}`);
    this.line = line;
    this.reason = reason;
  }
}

/** Test::Nginx's names; each is implemented. A name that is not here is a typing error. */
const SECTIONS: ReadonlySet<string> = new Set([
  // the server
  'master',
  'main_config',
  'post_main_config',
  'http_config',
  'config',
  'server_name',
  'log_level',
  'user_files',
  'certificates',
  'init',
  // the request
  'request',
  'pipelined_requests',
  'raw_request',
  'more_headers',
  'shutdown',
  'timeout',
  'abort',
  // the answer
  'http09',
  'ignore_response',
  'error_code',
  'error_code_like',
  'response_headers',
  'response_headers_like',
  'raw_response_headers_like',
  'raw_response_headers_unlike',
  'response_body',
  'response_body_like',
  'response_body_unlike',
  // the logs
  'wait',
  'error_log',
  'no_error_log',
  'grep_error_log',
  'grep_error_log_out',
  'access_log',
  'no_access_log',
  'shutdown_error_log',
  'no_shutdown_error_log',
  // a server of the runner's own for the gateway to talk to
  'tcp_listen',
  'tcp_reply',
  'tcp_reply_delay',
  'tcp_query',
  'tcp_query_len',
  'tcp_no_close',
  'tcp_tls',
  'udp_listen',
  'udp_reply',
  'udp_reply_delay',
  'udp_query',
  // the life of the server
  'master',
  'must_die',
  'reload_fails',
  'no_check_leak',
  // the block itself
  'each',
  'api',
  'ONLY',
  'SKIP',
]);

const FILTERS: ReadonlySet<string> = new Set(['eval', 'chomp', 'chop']);

/** What a block without a configuration of its own takes over from the last one that had it. */
const INHERITED = [
  'main_config',
  'post_main_config',
  'http_config',
  'config',
  'server_name',
  'user_files',
  'certificates',
];

const BLOCK_START = /^=== *(?:TEST \d+: *)?(.*?)\s*$/;
const SECTION_START = /^--- +(\w+)(?: +([\w ]+?))?(?: *:(?: +(.*?))?)?\s*$/;

/** @param file the name that errors carry */
export function parseSpec(file: string, text: string): Block[] {
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  const blocks: Block[] = [];
  let block: { title: string; line: number; sections: Map<string, Section> } | undefined;
  let section: { name: string; line: number; filters: string[] } | undefined;
  let body: string[] = [];

  const dataLine = lines.indexOf('__DATA__'); // Test::Nginx's own files have Perl before it
  for (let at = dataLine + 1; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const number = at + 1;
    if (line.startsWith('===')) {
      closeSection();
      const title = BLOCK_START.exec(line)?.[1] ?? '';
      if (title === '') throw new SpecError(file, number, 'a block needs a title');
      block = { title, line: number, sections: new Map() };
      blocks.push(block);
    } else if (line.startsWith('---')) {
      closeSection();
      openSection(line, number);
    } else if (section !== undefined) {
      body.push(/^\\(?:---|===|\\)/.test(line) ? line.slice(1) : line);
    } else if (block === undefined && !/^\s*(?:#.*)?$/.test(line)) {
      throw new SpecError(file, number, 'text before the first block: comments begin with "#"');
    }
  }
  closeSection();
  if (blocks.length === 0) throw new SpecError(file, 1, 'no block');
  inherit(file, blocks);
  return blocks.flatMap(oneForEach);

  function openSection(line: string, number: number): void {
    const match = SECTION_START.exec(line);
    const name = match?.[1] ?? '';
    if (block === undefined) throw new SpecError(file, number, 'a section outside of a block');
    if (!SECTIONS.has(name)) throw new SpecError(file, number, `unknown section "${name || line}"`);
    if (block.sections.has(name)) throw new SpecError(file, number, `section "${name}" is duplicate`);
    const filters = match?.[2]?.split(/ +/) ?? [];
    for (const filter of filters) {
      if (!FILTERS.has(filter)) throw new SpecError(file, number, `unknown filter "${filter}"`);
    }
    const inline = match?.[3];
    if (inline !== undefined) {
      block.sections.set(name, { name, line: number, textLine: number, filters, text: inline });
      return;
    }
    section = { name, line: number, filters };
  }

  function closeSection(): void {
    if (section !== undefined && block !== undefined) {
      let first = 0;
      let last = body.length;
      while (first < last && body[first]?.trim() === '') first++;
      while (last > first && body[last - 1]?.trim() === '') last--;
      const own = body.slice(first, last);
      const textLine = section.line + 1 + first;
      const value = own.length === 0 ? '' : `${own.join('\n')}\n`;
      block.sections.set(section.name, { ...section, textLine, text: value });
    }
    section = undefined;
    body = [];
  }
}

function inherit(
  file: string,
  blocks: readonly { line: number; sections: Map<string, Section> | unknown }[],
): void {
  let last: ReadonlyMap<string, Section> | undefined;
  for (const block of blocks) {
    const sections = block.sections as Map<string, Section>;
    if (['main_config', 'http_config', 'config'].some((name) => sections.has(name))) {
      last = new Map(sections);
      continue;
    }
    if (last === undefined) throw new SpecError(file, block.line, 'the first block needs a configuration');
    for (const name of INHERITED) {
      const section = last.get(name);
      if (section !== undefined && !sections.has(name)) sections.set(name, section);
    }
  }
}

/** A block with `each` is several: one for each of its words, which stands where $EACH is. */
function oneForEach(block: Block): Block[] {
  const each = block.sections.get('each');
  if (each === undefined) return [block];
  return each.text
    .trim()
    .split(/\s+/)
    .map((word) => {
      const sections = new Map<string, Section>();
      for (const [name, section] of block.sections) {
        sections.set(name, { ...section, text: section.text.replaceAll('$EACH', word) });
      }
      return { ...block, title: `${block.title}: ${word}`, sections };
    });
}

/** The section's text after its filters. */
export function evaluate(file: string, section: Section): Value {
  let value: Value = section.text;
  for (const filter of section.filters) {
    if (filter === 'eval') value = evaluateJs(file, section, value as string);
    else if (typeof value !== 'string') {
      throw new SpecError(file, section.line, `${filter} needs text, put it before eval`);
    } else if (filter === 'chomp') value = value.replace(/\n$/, '');
    else value = value.slice(0, -1);
  }
  return value;
}

function evaluateJs(file: string, section: Section, source: string): Value {
  let value: unknown;
  try {
    // The parenthesis shares the expression's first line, so that an error names the line of the file.
    const script = new Script(`(${source}\n)`, { filename: file, lineOffset: section.textLine - 1 });
    value = script.runInThisContext();
  } catch (error) {
    const where =
      error instanceof Error ? new RegExp(`${escapeRegExp(file)}:(\\d+)`).exec(error.stack ?? '') : null;
    throw new SpecError(file, Number(where?.[1] ?? section.line), `${section.name} eval: ${error}`);
  }
  return checkValue(file, section, value);
}

function checkValue(file: string, section: Section, value: unknown): Value {
  if (typeof value === 'string') {
    if (/[^\0-\xff]/.test(value)) {
      throw new SpecError(file, section.line, `${section.name}: a char above \\xff is no byte`);
    }
    return value;
  }
  if (value === null || typeof value === 'number' || typeof value === 'function' || value instanceof RegExp)
    return value as Value;
  if (Array.isArray(value)) return value.map((item) => checkValue(file, section, item));
  if (isPacket(value)) return value;
  throw new SpecError(
    file,
    section.line,
    `${section.name}: eval gave ${value}, not text, an array or a RegExp`,
  );
}

export function isPacket(value: unknown): value is Packet {
  return typeof value === 'object' && value !== null && 'value' in value && typeof value.value === 'string';
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** `1.5`, `2s`, `50ms` → milliseconds. */
export function parseTime(text: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*(ms|s)?\s*$/.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * (match[2] === 'ms' ? 1 : 1000);
}
