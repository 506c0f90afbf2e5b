// `--inspect`: a debugger over the real protocol, from the endpoint that lists isolates to a request that is held.

import { SourceMap } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { get, TestPrefix, until } from '../process/testing.ts';

let prefix: TestPrefix;
let sock: string;
const debuggers: Debugger[] = [];

beforeEach(() => {
  prefix = new TestPrefix();
  sock = prefix.path('sock');
});

afterEach(async () => {
  for (const one of debuggers.splice(0)) one.close();
  await prefix.clean();
});

const CONF = `daemon off; worker_processes 1; error_log logs/error.log notice;
events {}
http {
  ts_cpu_limit 200ms;
  server {
    listen unix:SOCK;
    location / {
      content_by_ts_block {
        const name: string = ngx.var.arg_name ?? "é";
        const text = "hello " + name;
        if (ngx.var.arg_stop) debugger;
        ngx.header["Content-Length"] = text.length;
        ngx.print(text);
      }
    }
    location /any {
      content_by_ts_file $arg_file;
    }
    location /other {
      ts_isolate other;
      content_by_ts_file handler.ts;
    }
  }
}
`;

interface Message {
  readonly id?: number;
  readonly method?: string;
  // biome-ignore lint/suspicious/noExplicitAny: what the protocol sends is looked at by the test
  readonly params?: any;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly result?: any;
}

class Debugger {
  readonly #socket: WebSocket;
  readonly messages: Message[] = [];
  closed: number | null = null;
  #id = 0;

  constructor(url: string) {
    debuggers.push(this);
    this.#socket = new WebSocket(url);
    this.#socket.onmessage = ({ data }) => void this.messages.push(JSON.parse(data as string));
    this.#socket.onclose = ({ code }) => {
      this.closed = code;
    };
  }

  async ask(method: string, params: object = {}): Promise<Message['result']> {
    await until('connection', () => this.#socket.readyState === WebSocket.OPEN);
    const id = ++this.#id;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return (await this.#message(`answer to ${method}`, (message) => message.id === id)).result;
  }

  async event(method: string, test: (params: Message['params']) => boolean = () => true) {
    return (await this.#message(method, (one) => one.method === method && test(one.params))).params;
  }

  async #message(what: string, test: (message: Message) => boolean): Promise<Message> {
    let found: Message | undefined;
    await until(what, () => {
      found = this.messages.find(test);
      return found !== undefined;
    });
    if (found === undefined) throw new Error(what);
    return found;
  }

  /** Whatever it is. */
  say(text: string): void {
    this.#socket.send(text);
  }

  close(): void {
    this.#socket.close();
  }
}

/** The program's source map, and where in the program a line of a file begins. */
function lookUp(sourceMapUrl: string, file: string, line: number) {
  const payload = JSON.parse(Buffer.from(sourceMapUrl.split(',')[1] ?? '', 'base64').toString());
  const map = new SourceMap(payload);
  for (let lineNumber = 0; lineNumber < 200; lineNumber++) {
    for (let columnNumber = 0; columnNumber < 100; columnNumber++) {
      const entry = map.findEntry(lineNumber, columnNumber);
      if (!('originalSource' in entry) || entry.generatedLine !== lineNumber) continue;
      if (entry.originalSource?.endsWith(file) && entry.originalLine === line - 1) {
        return { payload, map, at: { lineNumber, columnNumber } };
      }
    }
  }
  throw new Error(`no ${file}:${line} in the source map`);
}

async function start(conf = CONF): Promise<string> {
  prefix.writeConf(conf.replace('SOCK', sock));
  prefix.write(
    'handler.ts',
    'export default (ngx) => {\n  ngx.header.content_length = 2;\n  ngx.print("ok");\n};\n',
  );
  const text = prefix.read('handler.ts');
  prefix.write('top.ts', `debugger;\n${text}`);
  await prefix.start(...(conf === CONF ? ['--inspect=0'] : []));
  await prefix.logged('debuggers can attach at ');
  const [, address] = /debuggers can attach at (127\.0\.0\.1:\d+)/.exec(prefix.log) ?? [];
  return address ?? '';
}

async function targets(address: string): Promise<Record<string, string>[]> {
  return (await (await fetch(`http://${address}/json/list`)).json()) as Record<string, string>[];
}

test('a breakpoint in nginx.conf holds a request, beyond the limit of its time', async () => {
  const address = await start();
  const list = await targets(address);
  expect(list.map(({ title }) => title?.replace(/\d+\)/, 'PID)'))).toEqual([
    'isolate "main" of worker 0 (PID)',
    'isolate "other" of worker 0 (PID)',
  ]);
  const one = new Debugger(list[0]?.webSocketDebuggerUrl ?? '');
  await one.ask('Runtime.enable');
  await one.ask('Debugger.enable');
  const { url, sourceMapURL } = await one.event(
    'Debugger.scriptParsed',
    (script) => script.url === 'tsresty:blocks',
  );
  const { payload, map, at } = lookUp(sourceMapURL, '/conf/nginx.conf', 10);
  expect(
    payload.sourcesContent[payload.sources.findIndex((file: string) => file.endsWith('/nginx.conf'))],
  ).toContain('const text = "hello " + name;');
  const { locations } = await one.ask('Debugger.setBreakpointByUrl', { url, ...at });
  expect(locations).toHaveLength(1);

  const answer = get(sock, '/?name=you');
  const { callFrames } = await one.event('Debugger.paused');
  const { callFrameId, location } = callFrames[0];
  expect(map.findEntry(location.lineNumber, location.columnNumber)).toMatchObject({ originalLine: 9 });
  expect(await get(sock, '/other')).toBe('ok'); // the worker goes on
  await sleep(400); // twice the limit
  const { result } = await one.ask('Debugger.evaluateOnCallFrame', { callFrameId, expression: 'name + 1' });
  expect(result.value).toBe('you1');
  await one.ask('Debugger.setVariableValue', {
    callFrameId,
    scopeNumber: 0,
    variableName: 'name',
    newValue: { value: 'me' },
  });
  await one.ask('Debugger.resume');
  expect(await answer).toBe('hello me');
  // On a busy machine a visit at the start may have been.
  expect(prefix.log.split('debuggers can attach')[1]).not.toContain('cut off');
});

test('a file that a request names is known to the debugger as it was written', async () => {
  const address = await start();
  const [main] = await targets(address);
  const one = new Debugger(main?.webSocketDebuggerUrl ?? '');
  await one.ask('Debugger.enable');
  expect(await get(sock, '/any?file=top.ts')).toBe('ok'); // a pause at its top would be the worker's own
  const { sourceMapURL } = await one.event('Debugger.scriptParsed', ({ url }) =>
    url.startsWith('tsresty:file:'),
  );
  expect(lookUp(sourceMapURL, '/top.ts', 4).payload.sourcesContent).toHaveLength(1);
});

test('a debugger that goes away leaves nothing paused; a second one is sent away', async () => {
  const address = await start();
  const [main] = await targets(address);
  const one = new Debugger(main?.webSocketDebuggerUrl ?? '');
  await one.ask('Debugger.enable');
  const two = new Debugger(main?.webSocketDebuggerUrl ?? '');
  await until('refusal', () => two.closed !== null);
  expect(two.closed).toBe(1013);
  const answer = get(sock, '/?name=a&stop=1');
  await one.event('Debugger.paused');
  one.close();
  expect(await answer).toBe('hello a');
  expect(await get(sock, '/?name=x')).toBe('hello x');
  const three = new Debugger(main?.webSocketDebuggerUrl ?? '');
  await three.ask('Runtime.enable');
  const { context } = await three.event(
    'Runtime.executionContextCreated',
    (one) => one.context.name !== 'default',
  );
  const question = { expression: '6 * 7', contextId: context.id };
  expect(await three.ask('Runtime.evaluate', question)).toMatchObject({ result: { value: 42 } });
});

test.each([
  ['never settles', 'new Promise(() => {})'],
  ['settles later', 'new Promise((done) => ngx.timer.at(0.3, done))'],
])('a debugger goes away while the console waits for a promise that %s', async (_what, expression) => {
  const address = await start();
  const [main] = await targets(address);
  const { workers } = prefix;
  for (let i = 0; i < 3; i++) {
    const one = new Debugger(main?.webSocketDebuggerUrl ?? '');
    await one.ask('Runtime.enable');
    const { context } = await one.event(
      'Runtime.executionContextCreated',
      (params) => params.context.name !== 'default',
    );
    void one
      .ask('Runtime.evaluate', { expression, contextId: context.id, awaitPromise: true })
      .catch(() => {});
    await one.ask('Runtime.evaluate', { expression: '1', contextId: context.id });
    one.say('{');
    one.close();
    await until('end', () => one.closed !== null);
    for (let k = 0; k < 100; k++) expect(await get(sock, '/?name=x')).toBe('hello x');
  }
  expect(prefix.workers).toEqual(workers);
  prefix.signal('SIGQUIT');
  await prefix.logged('exited with code 0');
  expect(prefix.log).not.toContain('exited on signal');
});

test('a worker that quits lets go of what is paused', async () => {
  const address = await start();
  const [main] = await targets(address);
  const one = new Debugger(main?.webSocketDebuggerUrl ?? '');
  await one.ask('Debugger.enable');
  const answer = get(sock, '/?name=x&stop=1');
  await one.event('Debugger.paused');
  prefix.signal('SIGQUIT');
  expect(await answer).toBe('hello x');
  await prefix.logged('exited with code 0');
});

test('a worker that is terminated ends by itself, though a debugger is attached', async () => {
  const address = await start();
  for (const target of await targets(address)) {
    await new Debugger(target.webSocketDebuggerUrl ?? '').ask('Debugger.enable');
  }
  prefix.signal('SIGTERM');
  await prefix.logged(/worker process \d+ exited /);
  expect(prefix.log).toContain('exited with code 0');
});

test('only who means this machine is answered', async () => {
  const address = await start(CONF.replace('http {', 'http { ts_inspect 0;'));
  const { createConnection } = await import('node:net');
  const answered = async (host: string): Promise<string> => {
    const [name = '', port] = address.split(':');
    const socket = createConnection(Number(port), name);
    socket.end(`GET /json/list HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    let text = '';
    for await (const data of socket) text += String(data);
    return text.split('\r\n')[0] ?? '';
  };
  expect(await answered('localhost:1')).toBe('HTTP/1.1 200 OK');
  expect(await answered('attacker.example')).toBe('HTTP/1.1 404 Not Found');
});

test.each([
  ['x', 'invalid address "x" in "ts_inspect" directive'],
  ['1.2.3.4:99999', 'invalid address "1.2.3.4:99999"'],
])('ts_inspect %s', async (value, fault) => {
  prefix.writeConf(CONF.replace('http {', `http { ts_inspect ${value};`).replace('SOCK', sock));
  prefix.write('handler.ts', '');
  expect((await prefix.run('-t')).stderr).toContain(fault);
});
