// The commands of ssi, as a table: what they take, where they may stand, what they do.

import { ConfError } from '../../conf/error.ts';
import { compileRegex, type Regex } from '../../conf/regex.ts';
import { escapeHtml, escapeHtmlUri } from '../escape.ts';
import { output, sendHeader } from '../output.ts';
import { include } from '../postpone.ts';
import { AGAIN, ERROR, OK, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import { capturedText } from '../subrequest.ts';
import { parseUnsafeUri } from '../upstream/unsafe_uri.ts';
import type { Page } from './ssi_page.ts';
import type { Param } from './ssi_parser.ts';

/** The command is wrong, which has been reported. */
export const FAILED = 1;

type Values = Readonly<Record<string, string | undefined>>;

interface Command {
  /** OK, FAILED, ERROR, or AGAIN: the page waits for a subrequest. */
  readonly run: (page: Page, values: Values) => Rc;
  /** Whether each of them must be there. */
  readonly params: Readonly<Record<string, boolean>>;
  /** Of an if, which must not be behind its else; or of one in any state. */
  readonly inside?: 'if' | 'any';
  /** It has an effect in a block, too. */
  readonly inBlock?: boolean;
  /** What is before it goes out first. */
  readonly flush?: boolean;
}

const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  [
    'include',
    {
      run: runInclude,
      params: { virtual: false, file: false, wait: false, set: false, stub: false },
      flush: true,
    },
  ],
  ['echo', { run: runEcho, params: { var: true, default: false, encoding: false } }],
  ['config', { run: runConfig, params: { errmsg: false, timefmt: false } }],
  ['set', { run: runSet, params: { var: true, value: true } }],
  ['if', { run: runIf, params: { expr: true } }],
  ['elif', { run: runElif, params: { expr: true }, inside: 'if' }],
  ['else', { run: runElse, params: {}, inside: 'if' }],
  ['endif', { run: runEndif, params: {}, inside: 'any' }],
  ['block', { run: runBlock, params: { name: true } }],
  ['endblock', { run: runEndblock, params: {}, inBlock: true }],
]);

const MOST_PARAMS = 16;

/** Runs the command that the page's parser has found. */
export function runCommand(page: Page): Rc {
  const { command: name, params } = page.parser;
  const command = COMMANDS.get(name);
  if (command === undefined) return page.active ? failed(page, `invalid SSI command: "${name}"`) : OK;
  if (!page.active && !command.inBlock) {
    if (page.inBlock) {
      page.addToBlock(textOf(name, params));
      return OK;
    }
    if (command.inside === undefined) return OK;
  }
  const { inside } = command;
  if (inside !== undefined && (page.conditional === null || (inside === 'if' && page.conditional === 'else')))
    return failed(page, `invalid context of SSI command: "${name}"`);
  const values = valuesOf(page, name, params, command);
  if (values === null) return FAILED;
  if (command.flush && page.flush() === ERROR) return ERROR;
  return command.run(page, values);
}

function failed(page: Page, message: string): typeof FAILED {
  page.report(message);
  return FAILED;
}

function textOf(name: string, params: readonly Param[]): string {
  return `<!--#${name}${params.map((param) => ` ${param.name}="${param.value}"`).join('')} -->`;
}

function valuesOf(page: Page, name: string, params: readonly Param[], command: Command): Values | null {
  const wrong = (message: string): null => {
    page.report(message);
    return null;
  };
  if (params.length > MOST_PARAMS) return wrong(`too many SSI command parameters: "${name}"`);
  const values: Record<string, string> = {};
  for (const param of params) {
    if (!Object.hasOwn(command.params, param.name))
      return wrong(`invalid parameter name: "${param.name}" in "${name}" SSI command`);
    if (Object.hasOwn(values, param.name))
      return wrong(`duplicate "${param.name}" parameter in "${name}" SSI command`);
    values[param.name] = param.value;
  }
  for (const [param, mandatory] of Object.entries(command.params)) {
    if (mandatory && values[param] === undefined)
      return wrong(`mandatory "${param}" parameter is absent in "${name}" SSI command`);
  }
  return values;
}

// include

function runInclude(page: Page, { virtual, file, wait, set, stub }: Values): Rc {
  const { r } = page;
  if (virtual !== undefined && file !== undefined)
    return failed(page, `inclusion may be either virtual="${virtual}" or file="${file}"`);
  const wanted = virtual ?? file;
  if (wanted === undefined) return failed(page, 'no parameter in "include" SSI command');
  if (set !== undefined && stub !== undefined)
    return failed(page, '"set" and "stub" cannot be used together in "include" SSI command');
  let waits = file !== undefined || set !== undefined;
  if (wait !== undefined) {
    if (virtual === undefined) return failed(page, `"wait" cannot be used with file="${file}"`);
    const lower = wait.toLowerCase();
    if (lower !== 'yes' && lower !== 'no')
      return failed(page, `invalid value "${wait}" in the "wait" parameter`);
    if (lower === 'yes') waits = true;
  }
  const evaluated = page.evaluate(wanted);
  if (evaluated === null) return FAILED;
  const target = parseUnsafeUri(r, absolute(r, wanted, evaluated));
  if (target === null) return FAILED;
  const judge =
    stub !== undefined ? stubJudge(page, stub) : set !== undefined ? setJudge(page, set) : undefined;
  if (judge === null) return failed(page, `"stub"="${stub}" for "include" not found`);
  const inMemory = set !== undefined;
  if (include(r, { ...target, inMemory, ...(judge === undefined ? null : { judge }) }) === null)
    return FAILED;
  return waits ? AGAIN : OK;
}

/** A path that does not begin with a slash is one from where the page is. */
function absolute(r: HttpRequest, written: string, uri: string): string {
  if (uri.startsWith('/') || (uri === '' && written.includes('$'))) return uri;
  return r.uri.slice(0, r.uri.lastIndexOf('/') + 1) + uri;
}

type Judge = (sr: HttpRequest, rc: Rc) => Rc;

/** The block stands for a response that is empty, or an error. */
function stubJudge(page: Page, name: string): Judge | null {
  const block = page.shared.blocks.find((candidate) => candidate.name === name);
  if (block === undefined) return null;
  return (sr, rc) => {
    if (rc === ERROR || sr.aborted || sr.postponed?.given) return rc;
    if (!sr.headerSent) {
      sr.headersOut.contentType = page.r.headersOut.contentType;
      if (sendHeader(sr) === ERROR) return ERROR;
    }
    return output(sr, block.text, false) === ERROR ? ERROR : OK;
  };
}

function setJudge(page: Page, name: string): Judge {
  const lower = name.toLowerCase();
  if (!page.shared.variables.has(lower)) page.set(lower, '');
  return (sr, rc) => {
    if (sr.headerSent && sr.headersOut.status < 300) page.set(lower, capturedText(sr));
    return rc;
  };
}

// echo, config, set

const ENCODINGS = ['none', 'url', 'entity'];

function runEcho(page: Page, values: Values): Rc {
  const value = page.variable((values.var ?? '').toLowerCase()) ?? values.default ?? '(none)';
  if (value === '') return OK;
  const { encoding } = values;
  if (encoding !== undefined) {
    if (ENCODINGS.includes(encoding)) page.encoding = encoding;
    else page.report(`unknown encoding "${encoding}" in the "echo" command`);
  }
  if (page.encoding === 'url') page.out += escapeHtmlUri(value);
  else page.out += page.encoding === 'entity' ? escapeHtml(value) : value;
  return OK;
}

function runConfig(page: Page, { errmsg, timefmt }: Values): Rc {
  if (timefmt !== undefined) page.timeFormat = timefmt;
  if (errmsg !== undefined) page.errorMessage = errmsg;
  return OK;
}

function runSet(page: Page, values: Values): Rc {
  const value = page.evaluate(values.value ?? '');
  if (value === null) return FAILED;
  page.set((values.var ?? '').toLowerCase(), value);
  return OK;
}

// if

function runIf(page: Page, values: Values): Rc {
  if (page.conditional !== null) return failed(page, 'the "if" command inside the "if" command');
  return runElif(page, values);
}

function runElif(page: Page, { expr = '' }: Values): Rc {
  if (page.chosen) {
    page.active = false;
    return OK;
  }
  const holds = evaluateCondition(page, expr);
  if (holds === null) return FAILED;
  page.active = holds;
  if (holds) page.chosen = true;
  page.conditional = 'if';
  return OK;
}

function runElse(page: Page): Rc {
  page.active = !page.chosen;
  page.conditional = 'else';
  return OK;
}

function runEndif(page: Page): Rc {
  page.active = true;
  page.chosen = false;
  page.conditional = null;
  return OK;
}

const CONDITION = /^([A-Za-z0-9${}_"']*) *(?:(!?=) *([\s\S]*))?$/;

/** null: it is wrong, which has been reported. */
function evaluateCondition(page: Page, expr: string): boolean | null {
  const parts = CONDITION.exec(expr);
  const left = page.evaluate(/^[A-Za-z0-9${}_"']*/.exec(expr)?.[0].toLowerCase() ?? '');
  if (left === null) return null;
  const [, , sign, written = ''] = parts ?? [];
  if (parts === null) return invalid(page, expr);
  if (sign === undefined) return left !== '';
  const equal =
    written.length > 1 && written.startsWith('/')
      ? matches(page, expr, left, written)
      : same(page, left, written);
  return equal === null ? null : equal === (sign === '=');
}

function invalid(page: Page, expr: string): null {
  page.report(`invalid expression in "${expr}"`);
  return null;
}

function same(page: Page, left: string, written: string): boolean | null {
  const right = page.evaluate(written.startsWith('\\/') ? written.slice(1) : written);
  return right === null ? null : left === right;
}

function matches(page: Page, expr: string, left: string, written: string): boolean | null {
  if (!written.endsWith('/')) return invalid(page, expr);
  const pattern = page.evaluate(written.slice(1, -1));
  if (pattern === null) return null;
  const regex = regexOf(page, pattern);
  return regex === null ? null : page.match(regex, left);
}

/** Pages say the same again and again. */
const regexes = new Map<string, Regex>();
const MOST_REGEXES = 100;

function regexOf(page: Page, pattern: string): Regex | null {
  const known = regexes.get(pattern);
  if (known !== undefined) return known;
  try {
    const regex = compileRegex(pattern, {}, { file: '', line: 0, column: 0 });
    if (regexes.size === MOST_REGEXES) regexes.clear();
    regexes.set(pattern, regex);
    return regex;
  } catch (e) {
    if (!(e instanceof ConfError)) throw e;
    page.report(e.message);
    return null;
  }
}

// block

function runBlock(page: Page, { name = '' }: Values): Rc {
  page.shared.blocks.push({ name, text: '' });
  page.active = false;
  page.inBlock = true;
  return OK;
}

function runEndblock(page: Page): Rc {
  page.active = true;
  page.inBlock = false;
  return OK;
}
