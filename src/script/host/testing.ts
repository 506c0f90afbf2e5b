// For tests: blocks driven through a real isolate for requests that exist only here.

import * as p from '../protocol.ts';
import { compile } from './compile.ts';
import type { Destinations } from './destinations.ts';
import { parseUri } from './engine_capture.ts';
import { Keeper, type KeeperOptions } from './keeper.ts';
import { Metrics } from './metrics.ts';
import { Programs } from './programs.ts';
import { type Argument, type Cancel, type Done, type Home, Refusal, type ScriptRequest } from './request.ts';
import type { SocketConf } from './socket_settings.ts';
import type { Source } from './source.ts';
import { ThreadPools } from './thread_pools.ts';

const SOCKETS: SocketConf = {
  settings: {
    connectTimeout: 1000,
    sendTimeout: 1000,
    readTimeout: 1000,
    keepaliveTimeout: 1000,
    bufferSize: 4096,
    poolSize: 30,
    logErrors: true,
    tls: {
      protocols: ['TLSv1.2', 'TLSv1.3'],
      ciphers: 'DEFAULT',
      verifyDepth: 1,
      trusted: '',
      crl: '',
      certificate: '',
      key: '',
      keyLog: '',
      commands: [],
    },
  },
  resolver: null,
  resolverTimeout: 1000,
  noDelay: true,
};

export interface Outcome {
  readonly action: number;
  readonly code: number;
  readonly text: string;
  readonly text2: string;
}

/** A request without an engine: variables are a table, the response is kept. */
export class FakeRequest implements ScriptRequest {
  slot = 0;
  method = 'GET';
  uri = '/';
  args = '';
  remoteAddr = '127.0.0.1';
  isSubrequest = false;
  headSent = false;
  readonly keepsUnderscores = false;
  lent = 0;
  status = 0;
  readonly headers: Record<string, readonly string[]> = {};
  readonly requestHeaders: [string, string][] = [];
  readonly vars: Record<string, string | undefined> = {};
  body = '';
  readonly chunks: { flags: number; body: string }[] = [];
  readonly logs: { level: number; message: string }[] = [];
  level = 8;
  /** Of the first segment that ended. */
  outcome: Outcome | null = null;
  readonly done: Promise<Outcome>;
  /** What body filters may ask for, by number, and which were asked for. */
  readonly pieces: string[] = [];
  readonly asked: number[] = [];
  filteredChunk: { how: number; last: boolean; raw: string } | null = null;
  onFiltered: (() => void) | null = null;
  #resolve: (outcome: Outcome) => void = () => {};

  constructor(fields: Partial<FakeRequest> = {}) {
    Object.assign(this, fields);
    this.done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  call(code: number, args: readonly unknown[]): string | number | boolean | undefined {
    switch (code) {
      case p.CALL_VAR_GET:
        return this.vars[args[0] as string];
      case p.CALL_VAR_SET: {
        const name = args[0] as string;
        if (!(name in this.vars)) throw new Refusal(`variable "${name}" not found for writing`);
        this.vars[name] = args[1] as string | undefined;
        return undefined;
      }
      case p.CALL_REQ_INFO:
        return `0, of a fake's ${String(args[0])}`;
      case p.CALL_RESP_STATUS:
        return this.status;
      case p.CALL_RESP_HEADER:
        return this.headers[(args[0] as string).toLowerCase()]?.join('\0');
      case p.CALL_RESP_HEADERS:
        return Object.entries(this.headers)
          .flatMap(([name, values]) => values.flatMap((value) => [name, value]))
          .join('\0');
      case p.CALL_PARSE_URI:
        return parseUri(String(args[0]));
      case p.CALL_REQ_HEADERS:
        return this.requestHeaders.flat().join('\0');
    }
    throw new Refusal(`no such call: ${code}`);
  }

  home: Home = { actor: null, common: true };

  enter(): void {}

  #again = false;

  startOver(): boolean {
    if (this.#again || this.body !== '') return false;
    this.#again = true;
    return true;
  }

  setStatus(status: number): void {
    this.status = status;
  }

  setHeader(name: string, values: readonly string[] | null): void {
    if (values === null) delete this.headers[name.toLowerCase()];
    else this.headers[name.toLowerCase()] = values;
  }

  respond(flags: number, body: string): void {
    this.chunks.push({ flags, body });
    this.body += body;
    if (flags & p.SEND) this.headSent = true;
  }

  ended(_filters: boolean, action: number, code: number, text: string, text2: string): void {
    this.#resolve({ action, code, text, text2 });
  }

  piece(number: number): string {
    this.asked.push(number);
    return this.pieces[number] ?? '';
  }

  filtered(how: number, last: boolean, raw: string): void {
    this.filteredChunk = { how, last, raw };
    this.onFiltered?.();
  }

  operate(_code: number, _args: readonly Argument[], done: Done): Cancel | null {
    done(false, p.TEXT, 'not supported here', '');
    return null;
  }

  readonly socketConf = null;

  openSocket(): never {
    throw new Refusal('not supported here');
  }

  logEnabled(level: number): boolean {
    return level <= this.level;
  }

  log(level: number, message: string): void {
    this.logs.push({ level, message });
  }
}

export interface Bench {
  readonly keeper: Keeper;
  readonly logs: string[];
  /** Runs segment `index` for `r` and waits for its end. */
  run(r: FakeRequest, index?: number): Promise<Outcome>;
  stop(): Promise<void>;
}

export interface BenchOptions {
  readonly dicts?: KeeperOptions['dicts'];
  readonly destinations?: Destinations;
  readonly common?: boolean;
  readonly cpuLimitMs?: number;
  readonly memoryMb?: number;
  readonly prefix?: string;
  readonly packagePath?: string;
  readonly init?: readonly string[];
}

/** One block: a phase, and its text. */
export type PhaseBlock = readonly [phase: p.PhaseName, text: string];

/** Compiles segments of blocks and starts an isolate with them. */
export async function bench(
  segments: readonly (readonly PhaseBlock[])[],
  options: BenchOptions = {},
): Promise<Bench> {
  const sources: Source[] = [];
  const add = (phase: string, text: string): number =>
    sources.push({
      phase: `${phase}_by_ts`,
      directive: `${phase}_by_ts_block`,
      file: `${options.prefix ?? '/prefix'}/conf/nginx.conf`,
      line: 10 * (sources.length + 1),
      column: 5,
      text,
      path: null,
    }) - 1;
  const init = (options.init ?? []).map((text) => add('init', text));
  const parts = segments.map((blocks) =>
    blocks.map(([phase, text]) => ({ phase: 1 << p.PHASE_NAMES.indexOf(phase), block: add(phase, text) })),
  );
  const prefix = options.prefix ?? '/prefix';
  const compiled = await compile(sources, new Set(sources.keys()), {
    prefix,
    packagePath: options.packagePath ?? '',
  });
  const logs: string[] = [];
  const keeper = new Keeper({
    name: 'main',
    compiled,
    debugMap: () => '',
    command: null,
    segments: parts,
    boot: {
      prefix,
      confFile: 'conf/nginx.conf',
      configure: '',
      workerId: 0,
      workerCount: 1,
      command: null,
      pid: process.pid,
      masterPid: process.ppid,
      single: true,
      maxPendingTimers: 1024,
      maxRunningTimers: 256,
      regexCacheEntries: 1024,
    },
    dicts: options.dicts ?? new Map(),
    compile: { prefix, packagePath: '' },
    memoryMb: options.memoryMb ?? 64,
    cpuLimitMs: options.cpuLimitMs ?? 1000,
    init,
    initWorker: [],
    exitWorker: [],
    outgrown: () => false,
    stuck() {},
    onThread: false,
    metrics: new Metrics({ others: () => 0, publish() {}, subscribe() {} }, () => []),
    threadPools: new ThreadPools([]),
    maxThreadVms: 10,
    common: options.common ?? true,
    capture: null,
    upstream: () => undefined,
    logEnabled: () => true,
    log: (_level, message) => {
      logs.push(message);
    },
    worker: () => false,
    session: () => undefined,
    socketConf: SOCKETS,
    destinations: options.destinations ?? null,
    programs: Programs.none,
    withheld: [],
  });
  await keeper.start();
  return {
    keeper,
    logs,
    run(r, index = 0) {
      const { actor } = keeper;
      r.home = keeper;
      if (actor === null) return Promise.reject(new Error('no isolate'));
      actor.start(r, index, false);
      return r.done.then((outcome) => {
        r.outcome = outcome;
        return outcome;
      });
    },
    stop: () => keeper.stop(),
  };
}
