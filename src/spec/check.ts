// Compares what came back with what a block expects. Each failure knows the line of the .t file that
// holds the expectation.

import type { Response } from './client.ts';
import { valuesOf } from './client.ts';
import { diffText, firstDifference, visible } from './diff.ts';
import { type Block, evaluate, type Section, SpecError, type Value } from './parse.ts';
import type { Expand } from './values.ts';

export interface Failure {
  readonly line: number;
  readonly message: string;
}

export interface CheckContext {
  readonly file: string;
  readonly block: Block;
  readonly expand: Expand;
}

/** Which of several answers is looked at: with more than one, expectations are arrays. */
interface Position {
  readonly index: number;
  readonly count: number;
}

type Report = (line: number, message: string) => void;

export function checkResponse(ctx: CheckContext, response: Response, position: Position): Failure[] {
  const failures: Failure[] = [];
  const report: Report = (line, message) => failures.push({ line, message });
  checkFraming(ctx, response, report);
  checkStatus(ctx, response, position, report);
  checkHeaders(ctx, response, position, report);
  checkBody(ctx, response, position, report);
  return failures;
}

/** A body cut short is told by an expected body too; a broken framing by nothing else. */
function checkFraming(ctx: CheckContext, response: Response, report: Report): void {
  if (response.fault === undefined) return;
  const { sections } = ctx.block;
  const told = sections.has('response_body') || sections.has('response_body_like') || sections.has('abort');
  if (response.truncated && told) return;
  report(ctx.block.line, `malformed response: ${response.fault}`);
}

function checkStatus(ctx: CheckContext, response: Response, position: Position, report: Report): void {
  const like = ctx.block.sections.get('error_code_like');
  if (like !== undefined) {
    const pattern = expectedOf(ctx, like, position);
    if (pattern === undefined || matches(pattern, String(response.status))) return;
    report(like.line, `error_code_like: ${response.status} does not match ${pattern}`);
    return;
  }
  const section = ctx.block.sections.get('error_code');
  const expected = section === undefined ? 200 : expectedOf(ctx, section, position);
  if (expected === undefined || Number(expected) === response.status) return;
  report(section?.line ?? ctx.block.line, `error_code: expected ${Number(expected)}, got ${response.status}`);
}

function checkHeaders(ctx: CheckContext, response: Response, position: Position, report: Report): void {
  const { sections } = ctx.block;
  for (const name of ['response_headers', 'response_headers_like']) {
    const section = sections.get(name);
    const expected = section && expectedOf(ctx, section, position);
    if (section === undefined || expected === undefined) continue;
    String(expected)
      .split('\n')
      .forEach((text, index) => {
        const line = lineOf(section, index);
        const wrong = checkHeader(response, text.trim(), name === 'response_headers_like');
        if (wrong !== undefined) report(line, `${name}: ${wrong}`);
      });
  }
  for (const name of ['raw_response_headers_like', 'raw_response_headers_unlike']) {
    const section = sections.get(name);
    const expected = section && expectedOf(ctx, section, position);
    if (section === undefined || expected === undefined) continue;
    if (matches(expected, response.rawHead) === (name === 'raw_response_headers_like')) continue;
    report(section.line, `${name}: ${describe(expected)}\n${visibleLines(response.rawHead)}`);
  }
}

/** @returns what is wrong with one `Name: value` or `! Name` line */
function checkHeader(response: Response, text: string, isPattern: boolean): string | undefined {
  if (text === '') return undefined;
  const absent = /^!\s*(.*?)\s*:?$/.exec(text);
  if (absent !== null) {
    const values = valuesOf(response.headers, absent[1] ?? '');
    return values.length === 0
      ? undefined
      : `"${absent[1]}" should be absent, got "${visible(`${values.join(', ')}\n`)}"`;
  }
  const colon = text.indexOf(':');
  const name = (colon === -1 ? text : text.slice(0, colon)).trim();
  const expected = colon === -1 ? '' : text.slice(colon + 1).trim();
  const values = valuesOf(response.headers, name);
  const actual = values.join(', ');
  const ok = isPattern ? new RegExp(`^(?:${expected})$`, 's').test(actual) : actual === expected;
  if (ok) return undefined;
  const got = values.length === 0 ? 'none' : `"${visible(`${actual}\n`)}"`;
  return `"${name}" should ${isPattern ? 'match' : 'be'} "${expected}", got ${got}`;
}

function checkBody(ctx: CheckContext, response: Response, position: Position, report: Report): void {
  const section = ctx.block.sections.get('response_body');
  const expected = section && expectedOf(ctx, section, position);
  if (section !== undefined && expected !== undefined) {
    if (expected instanceof RegExp) {
      if (!matches(expected, response.body)) reportUnlike(section, expected, response, report);
    } else if (response.body !== String(expected)) {
      const index = firstDifference(String(expected), response.body);
      const diff = diffText(String(expected), response.body);
      report(lineOf(section, index), `response_body differs (- expected, + got)\n${diff}`);
    }
  }
  const like = ctx.block.sections.get('response_body_like');
  const pattern = like && expectedOf(ctx, like, position);
  if (like !== undefined && pattern !== undefined && !matches(pattern, response.body)) {
    reportUnlike(like, pattern, response, report);
  }
  const unlike = ctx.block.sections.get('response_body_unlike');
  const refused = unlike && expectedOf(ctx, unlike, position);
  if (unlike !== undefined && refused !== undefined && matches(refused, response.body)) {
    report(unlike.line, `response_body_unlike: ${describe(refused)} matches\n${visibleLines(response.body)}`);
  }
}

function reportUnlike(section: Section, pattern: Value, response: Response, report: Report): void {
  report(
    section.line,
    `${section.name}: ${describe(pattern)} does not match\n${visibleLines(response.body)}`,
  );
}

/** The lines of a log that belong to the block: `error_log` lines must be there, `no_error_log` ones not. */
export function checkLog(
  ctx: CheckContext,
  log: string,
  names: { wanted: string; unwanted: string },
): Failure[] {
  const failures: Failure[] = [];
  const lines = log.split('\n');
  for (const { pattern, line } of patternsOf(ctx, names.wanted)) {
    if (lines.some((text) => isIn(text, pattern))) continue;
    failures.push({ line, message: `${names.wanted}: no line with ${describe(pattern)}` });
  }
  for (const { pattern, line } of patternsOf(ctx, names.unwanted)) {
    const found = lines.find((text) => isIn(text, pattern));
    if (found === undefined) continue;
    failures.push({
      line,
      message: `${names.unwanted}: ${describe(pattern)} is in\n${visible(`${found}\n`)}`,
    });
  }
  return failures;
}

/** Levels that mean a fault of the server itself, unless the block speaks of them. */
export function checkSevere(ctx: CheckContext, log: string): Failure[] {
  const spoken = ['error_log', 'no_error_log'].flatMap((name) => patternsOf(ctx, name));
  const failures: Failure[] = [];
  for (const level of ['[crit]', '[alert]', '[emerg]']) {
    if (spoken.some(({ pattern }) => String(pattern).replaceAll('\\', '').includes(level))) continue;
    const found = log.split('\n').find((text) => text.includes(level));
    if (found !== undefined) {
      failures.push({
        line: ctx.block.line,
        message: `unexpected ${level} in error.log\n${visible(`${found}\n`)}`,
      });
    }
  }
  return failures;
}

/** `grep_error_log`: all matches of a pattern, one a line, compared with `grep_error_log_out`. */
export function checkGrep(ctx: CheckContext, log: string, run: number): Failure[] {
  const grep = ctx.block.sections.get('grep_error_log');
  if (grep === undefined) return [];
  const out = ctx.block.sections.get('grep_error_log_out');
  if (out === undefined) throw new SpecError(ctx.file, grep.line, 'grep_error_log needs grep_error_log_out');
  const value = ctx.expand(evaluate(ctx.file, grep));
  const pattern =
    value instanceof RegExp
      ? new RegExp(value.source, value.flags.replace(/[gy]/g, ''))
      : chomp(String(value));
  let actual = '';
  for (const line of log.split('\n')) {
    const found =
      pattern instanceof RegExp ? pattern.exec(line)?.[0] : line.includes(pattern) ? pattern : undefined;
    if (found !== undefined) actual += `${found}\n`;
  }
  const all = ctx.expand(evaluate(ctx.file, out));
  const expected = Array.isArray(all) ? (all[run] ?? '') : all;
  if (expected instanceof RegExp ? matches(expected, actual) : String(expected) === actual) return [];
  const diff = diffText(String(expected), actual);
  return [{ line: out.line, message: `grep_error_log_out differs (- expected, + got)\n${diff}` }];
}

/** True when all wanted lines have been written, so that there is nothing more to wait for. */
export function logComplete(ctx: CheckContext, log: string, wanted: string): boolean {
  const lines = log.split('\n');
  return patternsOf(ctx, wanted).every(({ pattern }) => lines.some((text) => isIn(text, pattern)));
}

interface LinePattern {
  readonly pattern: string | RegExp;
  readonly line: number;
}

function patternsOf(ctx: CheckContext, name: string): LinePattern[] {
  const section = ctx.block.sections.get(name);
  if (section === undefined) return [];
  const value = ctx.expand(evaluate(ctx.file, section));
  if (Array.isArray(value)) {
    return value.map((pattern) => ({
      pattern: pattern instanceof RegExp ? pattern : chomp(String(pattern)),
      line: section.line,
    }));
  }
  if (value instanceof RegExp) return [{ pattern: value, line: section.line }];
  return String(value)
    .split('\n')
    .map((pattern, index) => ({ pattern, line: lineOf(section, index) }))
    .filter(({ pattern }) => pattern !== '');
}

function isIn(text: string, pattern: string | RegExp): boolean {
  return pattern instanceof RegExp ? pattern.test(text) : text.includes(pattern);
}

/** The expectation for one of the answers; undefined where the array says null. */
function expectedOf(ctx: CheckContext, section: Section, position: Position): Value | undefined {
  const value = ctx.expand(evaluate(ctx.file, section));
  if (Array.isArray(value)) {
    if (value.length !== position.count) {
      const text = `${section.name} has ${value.length} elements for ${position.count} answers`;
      throw new SpecError(ctx.file, section.line, text);
    }
    return value[position.index] ?? undefined;
  }
  if (position.count > 1) {
    throw new SpecError(
      ctx.file,
      section.line,
      `${section.name} must be an array: there are several answers`,
    );
  }
  return value ?? undefined;
}

/** As in Perl, `$` also matches before a newline that ends the text. */
function matches(pattern: Value, text: string): boolean {
  const regexp =
    pattern instanceof RegExp
      ? new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''))
      : new RegExp(chomp(String(pattern)), 's');
  return regexp.test(text) || (text.endsWith('\n') && regexp.test(text.slice(0, -1)));
}

function chomp(text: string): string {
  return text.replace(/\n$/, '');
}

/** The line of the file on which the n-th line of a section's text stands. */
function lineOf(section: Section, index: number): number {
  return section.filters.includes('eval') ? section.line : section.textLine + index;
}

function describe(pattern: Value): string {
  return pattern instanceof RegExp ? String(pattern) : JSON.stringify(chomp(String(pattern)));
}

function visibleLines(text: string): string {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? ['⏹'];
  const more = lines.length > 40 ? [`… (${lines.length} lines)`] : [];
  return [...lines.slice(0, 40).map((line) => `  ${visible(line)}`), ...more].join('\n');
}
