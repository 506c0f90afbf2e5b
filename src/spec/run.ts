// Runs the blocks of one spec file against one server, each of them twice, and says what is wrong.

import { spawnSync } from 'node:child_process';
import {
  type CheckContext,
  checkGrep,
  checkLog,
  checkResponse,
  checkSevere,
  type Failure,
  logComplete,
} from './check.ts';
import { type Exchange, exchange, parseResponse, type Response } from './client.ts';
import { diffText, visible } from './diff.ts';
import { type Block, evaluate, SpecError } from './parse.ts';
import type { Peer } from './peer.ts';
import { buildConversations, type Conversation } from './requests.ts';
import { ServerError, SpecServer, until } from './server.ts';
import { confOf, openPeer, runInit, timeOf, userFiles } from './setup.ts';
import { expanderFor } from './values.ts';

interface RunnerOptions {
  readonly binary: string;
  /** 0: a process that serves itself, whose reload starts no other, unless the block wants a master. */
  readonly workers: number;
  readonly restart: boolean;
  /** Fail where the binary lacks something, do not skip. */
  readonly strict: boolean;
  /** How often each block runs on the same server. */
  readonly repeat: number;
}

/** A block that did not do what it says: `message` begins with FILE.t:LINE. */
class SpecFailure extends Error {
  override readonly name = 'SpecFailure';

  constructor(file: string, failures: readonly Failure[], details: string) {
    const text = failures.map(({ line, message }) => `${file}:${line}: ${message}`).join('\n\n');
    super(`${text}\n${details}`);
    const frames = failures.map(({ line }) => `    at block (${file}:${line}:1)`);
    this.stack = `${this.name}: ${this.message}\n${frames.join('\n')}`;
  }
}

/** A block that the binary cannot run because it has, so far, not what the block needs. */
export class Unsupported extends Error {
  override readonly name = 'Unsupported';
}

/** How tsresty refuses what it does not have yet, and nginx what was not built in. */
const NOT_YET = /^.*\[emerg\] \d+#\d+: (.* (?:is not supported yet|requires ngx_\w+_module))/m;

/** A directive of ours in a configuration: nginx cannot run it. */
const OWN_DIRECTIVE = /(?:^|[\s;{}])(?:ts_[a-z_]+|[a-z_]+_by_ts(?:_block|_file)?)\s/;

/** Only what fails takes so long. */
const DEFAULT_TIMEOUT_MS = 10_000;
const LOG_TIMEOUT_MS = 10_000;
const TAIL_LINES = 40;

export class SpecRunner {
  readonly #file: string;
  readonly #options: RunnerOptions;
  #server: SpecServer | undefined;

  /** @param file the name that failures carry */
  constructor(file: string, options: RunnerOptions) {
    this.#file = file;
    this.#options = options;
  }

  /** @returns why the block cannot be run here, if so */
  whyNot(block: Block): string | undefined {
    if (isOurs(this.#options.binary)) return undefined;
    const texts = ['main_config', 'http_config', 'config'].map(
      (name) => block.sections.get(name)?.text ?? '',
    );
    return texts.some((text) => OWN_DIRECTIVE.test(text))
      ? 'uses directives that nginx does not have'
      : undefined;
  }

  /** @throws Unsupported, SpecFailure */
  async run(block: Block): Promise<void> {
    this.#server ??= await SpecServer.create(serverOptions(this.#options));
    const server = this.#server;
    const ctx: CheckContext = { file: this.#file, block, expand: expanderFor(server) };
    const logFrom = block.sections.has('must_die') ? 0 : server.size('error.log'); // it gets a log of its own
    try {
      if (block.sections.has('must_die')) await this.#runDying(ctx, server);
      else await this.#runLiving(ctx, server, logFrom);
    } catch (error) {
      const reason = NOT_YET.exec(server.read('error.log', logFrom))?.[1];
      if (reason !== undefined && !this.#options.strict) throw new Unsupported(reason);
      if (error instanceof ServerError) {
        throw new SpecFailure(
          this.#file,
          [{ line: block.line, message: error.message }],
          tail(server, logFrom),
        );
      }
      if (error instanceof SpecError) {
        throw new SpecFailure(this.#file, [{ line: error.line, message: error.reason }], '');
      }
      throw error;
    }
  }

  async dispose(): Promise<void> {
    await this.#server?.dispose();
    this.#server = undefined;
  }

  async #runDying(ctx: CheckContext, server: SpecServer): Promise<void> {
    const section = ctx.block.sections.get('must_die');
    server.writeFiles(userFiles(ctx));
    runInit(ctx, server);
    const peer = await openPeer(ctx);
    let code: number | string;
    try {
      code = await server.expectDeath(confOf(ctx));
    } finally {
      await peer?.close();
    }
    const failures: Failure[] = [];
    const expected = section === undefined ? '' : String(evaluate(this.#file, section)).trim();
    if (expected === '' ? code === 0 : String(code) !== expected) {
      const message = `must_die: exit code is ${code}, not ${expected || 'an error'}`;
      failures.push({ line: section?.line ?? ctx.block.line, message });
    }
    const log = server.read('error.log', 0);
    failures.push(...checkLog(ctx, log, { wanted: 'error_log', unwanted: 'no_error_log' }));
    failures.push(...checkGrep(ctx, log, 0));
    if (failures.length > 0) {
      throw new SpecFailure(this.#file, failures, `\nstderr:\n${indent(server.output)}\n${tail(server, 0)}`);
    }
  }

  async #runLiving(ctx: CheckContext, server: SpecServer, loadFrom: number): Promise<void> {
    const { block } = ctx;
    server.writeFiles(userFiles(ctx));
    runInit(ctx, server);
    // Before the configuration is loaded, for init_worker blocks, unless the one that was listens on the port.
    let peer = await openPeer(ctx).catch(portInUse);
    try {
      if (block.sections.has('reload_fails')) await server.loadRefused(confOf(ctx));
      else await server.load(confOf(ctx));
      peer ??= await openPeer(ctx);
      await this.#runRepeatedly(ctx, server, peer, loadFrom);
      await this.#checkShutdown(ctx, server);
    } finally {
      await peer?.close();
    }
  }

  async #runRepeatedly(
    ctx: CheckContext,
    server: SpecServer,
    peer: Peer | undefined,
    loadFrom: number,
  ): Promise<void> {
    const { block } = ctx;
    const loadLog = server.readErrors(loadFrom);
    for (let run = 0; run < this.#options.repeat; run++) {
      const from = { error: server.size('error.log'), access: server.size('access.log') };
      const trace: string[] = [];
      peer?.reset();
      const failures = await this.#converse(ctx, server, trace);
      failures.push(...(await checkLogs(ctx, server, run, loadLog, from)));
      await until(LOG_TIMEOUT_MS, () => checkPeer(ctx, peer).length === 0);
      failures.push(...checkPeer(ctx, peer));
      if (!server.alive) failures.push({ line: block.line, message: 'the server has died' });
      if (failures.length > 0) {
        const which = run === 0 ? '' : `\n(run ${run + 1} on the same server; the one before was right)`;
        throw new SpecFailure(
          this.#file,
          failures,
          `${which}\n${trace.at(-1) ?? ''}\n${tail(server, loadFrom)}`,
        );
      }
    }
  }

  async #converse(ctx: CheckContext, server: SpecServer, trace: string[]): Promise<Failure[]> {
    const failures: Failure[] = [];
    const conversations = buildConversations(this.#file, ctx.block, ctx.expand);
    for (const [index, conversation] of conversations.entries()) {
      const result = await exchange({
        host: '127.0.0.1',
        port: server.port,
        writes: conversation.writes,
        timeoutMs: timeOf(ctx, 'timeout') ?? DEFAULT_TIMEOUT_MS,
        shutdown: ctx.block.sections.has('shutdown'),
      });
      trace.push(describeExchange(conversation, result));
      failures.push(...checkEnding(ctx, result));
      if (ctx.block.sections.has('ignore_response')) continue;
      const position = { index, count: conversations.length };
      failures.push(...this.#checkAnswers(ctx, conversation, result, position));
      if (failures.length > 0) break;
    }
    return failures;
  }

  #checkAnswers(
    ctx: CheckContext,
    conversation: Conversation,
    result: Exchange,
    position: { index: number; count: number },
  ): Failure[] {
    const { block } = ctx;
    if (block.sections.has('http09')) {
      return checkResponse(ctx, plainBody(result.bytes), position);
    }
    const answers = answerCount(ctx);
    if (answers === undefined) {
      const response = parseResponse(result.bytes, 0, conversation.methods[0] === 'HEAD');
      if (response === undefined) return [{ line: block.line, message: noResponse(result, 0) }];
      const failures = checkResponse(ctx, response, position);
      return [...failures, ...checkLeft(ctx, result.bytes, response.end)];
    }
    const failures: Failure[] = [];
    let at = 0;
    let request = 0;
    for (let index = 0; index < answers; index++) {
      const isHead = conversation.methods[request] === 'HEAD';
      const response = parseResponse(result.bytes, at, isHead);
      if (response === undefined) {
        failures.push({ line: block.line, message: noResponse(result, index) });
        return failures;
      }
      const found = checkResponse(ctx, response, { index, count: answers });
      failures.push(...found.map((f) => ({ line: f.line, message: `${f.message}\n(answer ${index + 1})` })));
      at = response.end;
      if (response.status >= 200) request++; // 100 Continue comes before the answer itself
    }
    return [...failures, ...checkLeft(ctx, result.bytes, at)];
  }

  async #checkShutdown(ctx: CheckContext, server: SpecServer): Promise<void> {
    const { sections } = ctx.block;
    if (!sections.has('shutdown_error_log') && !sections.has('no_shutdown_error_log')) return;
    const from = server.size('error.log');
    await server.stop('SIGQUIT');
    const log = server.read('error.log', from);
    const names = { wanted: 'shutdown_error_log', unwanted: 'no_shutdown_error_log' };
    const failures = checkLog(ctx, log, names);
    if (failures.length > 0) throw new SpecFailure(this.#file, failures, tail(server, from));
  }
}

/** nginx without a master is not made for reloads. */
function serverOptions(options: RunnerOptions): RunnerOptions {
  return isOurs(options.binary) ? options : { ...options, workers: Math.max(1, options.workers) };
}

const ours = new Map<string, boolean>();

/** nginx serves as the oracle: it runs only the blocks that use no directive of ours. */
function isOurs(binary: string): boolean {
  let known = ours.get(binary);
  if (known === undefined) {
    const version = spawnSync(binary, ['-V'], { encoding: 'latin1' });
    known = !/nginx version/.test(version.stderr ?? '') || /tsresty/.test(version.stderr + version.stdout);
    ours.set(binary, known);
  }
  return known;
}

function portInUse(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'EADDRINUSE') throw error;
  return undefined;
}

function checkPeer(ctx: CheckContext, peer: Peer | undefined): Failure[] {
  const section = ctx.block.sections.get('tcp_query') ?? ctx.block.sections.get('udp_query');
  if (section === undefined || peer === undefined) return [];
  const expected = ctx.expand(evaluate(ctx.file, section));
  const actual = peer.query();
  if (expected instanceof RegExp ? expected.test(actual) : actual === String(expected)) return [];
  const diff = diffText(String(expected), actual);
  return [{ line: section.line, message: `${section.name} differs (- expected, + got)\n${diff}` }];
}

function checkEnding(ctx: CheckContext, result: Exchange): Failure[] {
  const { sections, line } = ctx.block;
  if (result.ending === 'timeout' && !sections.has('abort')) {
    return [
      { line, message: 'the client timed out: the connection was neither answered to its end nor closed' },
    ];
  }
  if (result.ending === 'refused') return [{ line, message: 'connection refused' }];
  return [];
}

async function checkLogs(
  ctx: CheckContext,
  server: SpecServer,
  run: number,
  loadLog: string,
  from: { error: number; access: number },
): Promise<Failure[]> {
  const wait = timeOf(ctx, 'wait');
  if (wait !== undefined) await new Promise((resolve) => setTimeout(resolve, wait));
  const errors = (): string => `${loadLog}\n${server.readErrors(from.error)}`;
  await until(LOG_TIMEOUT_MS, () => logComplete(ctx, errors(), 'error_log'));
  await until(LOG_TIMEOUT_MS, () => checkGrep(ctx, errors(), run).length === 0);
  await until(LOG_TIMEOUT_MS, () => logComplete(ctx, server.read('access.log', from.access), 'access_log'));
  const log = errors();
  return [
    ...checkLog(ctx, log, { wanted: 'error_log', unwanted: 'no_error_log' }),
    ...checkSevere(ctx, log),
    ...checkGrep(ctx, log, run),
    ...checkAccessLog(ctx, server.read('access.log', from.access)),
  ];
}

function checkAccessLog(ctx: CheckContext, log: string): Failure[] {
  const failures = checkLog(ctx, log, { wanted: 'access_log', unwanted: 'no_access_log' });
  return failures.map(({ line, message }) => ({ line, message: `${message}\naccess.log:\n${indent(log)}` }));
}

/** How many answers one connection must bring; undefined: one, and its expectations are no arrays. */
function answerCount(ctx: CheckContext): number | undefined {
  const { sections } = ctx.block;
  const pipelined = sections.get('pipelined_requests');
  if (pipelined !== undefined) {
    const value = evaluate(ctx.file, pipelined);
    return Array.isArray(value) ? value.length : undefined;
  }
  if (!sections.has('raw_request')) return undefined;
  // A raw request may be several: the expectations that are arrays say how many answers it gets.
  for (const name of ANSWER_SECTIONS) {
    const section = sections.get(name);
    const value = section && evaluate(ctx.file, section);
    if (Array.isArray(value)) return value.length;
  }
  return undefined;
}

const ANSWER_SECTIONS = [
  'error_code',
  'error_code_like',
  'response_body',
  'response_body_like',
  'response_body_unlike',
  'response_headers',
  'response_headers_like',
  'raw_response_headers_like',
  'raw_response_headers_unlike',
];

function checkLeft(ctx: CheckContext, bytes: string, end: number): Failure[] {
  if (end >= bytes.length) return [];
  const message = `unexpected bytes after the last answer\n  ${visible(bytes.slice(end))}`;
  return [{ line: ctx.block.line, message }];
}

function plainBody(bytes: string): Response {
  const fault = bytes.startsWith('HTTP/') ? 'a status line, where HTTP/0.9 has none' : undefined;
  const common = { rawHead: '', headers: [], trailers: [], truncated: false, end: bytes.length };
  return { ...common, status: 200, body: bytes, fault };
}

function noResponse(result: Exchange, index: number): string {
  const which = index === 0 ? 'no response' : `no response to request ${index + 1}`;
  return `${which}: the connection was ${result.ending}`;
}

function describeExchange(conversation: Conversation, result: Exchange): string {
  const sent = conversation.writes.map((write) => write.bytes).join('');
  return `sent:\n${indent(sent)}\nreceived (${result.ending}):\n${indent(result.bytes)}`;
}

function indent(bytes: string): string {
  const lines = bytes.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const shown = lines.slice(0, TAIL_LINES).map((line) => `    ${visible(line)}`);
  if (lines.length > TAIL_LINES) shown.push(`    … (${bytes.length} bytes)`);
  return shown.join('\n');
}

function tail(server: SpecServer, from: number): string {
  const lines = server.readErrors(from).trimEnd().split('\n').slice(-TAIL_LINES);
  return `error.log:\n${lines.map((line) => `    ${visible(`${line}\n`, 1000)}`).join('\n')}`;
}
