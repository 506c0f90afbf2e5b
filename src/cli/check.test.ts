// `-t` and `-t --types`: fifty seeded faults in blocks, files and modules of ten configurations, includes too; each is
// told at its line and column, and nothing else is. `‸` in a text stands where the fault is to be found.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runBinary, TestPrefix } from '../process/testing.ts';

const examples = join(import.meta.dirname, '../../conf.example');

/** Where a fault stands: in nginx.conf, in a file it includes, in one which that includes, in a handler, in a module. */
type Where = 'conf' | 'include' | 'nested' | 'file' | 'module';
type Fault = readonly [where: Where, phase: string, text: string, says: string];

const SYNTAX: readonly Fault[] = [
  ['conf', 'content', ' ngx.say(‸; ', 'unexpected ";"'],
  ['conf', 'access', '\n  if (ngx.var.arg_a ‸{\n    ngx.exit(403);\n  }\n', 'expected ")" but found "{"'],
  ['include', 'rewrite', '\n  const ‸= 1;\n', 'expected identifier but found "="'],
  ['file', 'content', 'export default function (ngx) {\n  return 1 +‸;\n}\n', 'unexpected ";"'],
  ['module', 'content', 'export const a = [1, 2‸;\n', 'expected "]" but found ";"'],

  ['conf', 'log', '\n\n\n   let x: number = ‸;\n', 'unexpected ";"'],
  ['conf', 'header_filter', ' ngx.header["X"] = "a;‸\n', 'unterminated string literal'],
  [
    'include',
    'body_filter',
    '\n\tngx.arg[1] = ngx.arg[1].replace(‸/a(/, "");\n',
    'invalid regular expression: /a(/: Unterminated group',
  ],
  ['nested', 'content', '\n  for (const a in‸) {}\n', ''],
  ['file', 'access', '\n\nexport default async (ngx) => {\n  await ngx.sleep(1)‸);\n};\n', ''],

  ['conf', 'init', ' const é = "ü"; ‸let = 2;', '"let" is a reserved word'],
  ['conf', 'init_worker', '\n  import ‸{ a } from a;\n', ''],
  ['include', 'set', '\n  return "a‸\n  b";\n', 'unterminated string literal'],
  ['nested', 'server_rewrite', '\n  function ‸(a) { return a; }\n', ''],
  ['module', 'rewrite', 'export const f = (a: string‸;\n', ''],

  ['conf', 'content', '\n  const a = { b: 1, ‸; };\n', ''],
  ['conf', 'content', '\n  class ‸{ }\n', ''],
  ['include', 'access', '\n  throw‸\n', ''],
  ['file', 'log', 'const a = `x${`;\nexport default () => a;\n‸', ''],
  ['module', 'content', 'export const x = await‸;\n', ''],

  ['conf', 'content', '\n  const a: ‸= 1;\n', ''],
  ['nested', 'log', '\n  ngx.log(ngx.ERR, "a" ‸"b");\n', ''],
  ['include', 'content', '\n  let a = 1;\n  let ‸a = 2;\n', 'the symbol "a" has already been declared'],
  ['file', 'content', 'export default function (ngx) {\n  ‸break;\n}\n', ''],
  ['module', 'content', '\nexport type A = {‸;\n', ''],
];

const TYPE: readonly Fault[] = [
  ['conf', 'content', ' const ‸n: number = ngx.var.uri; ngx.say(n);', 'TS2322'],
  ['conf', 'access', '\n  ngx.‸exitt(403);\n', 'TS2551'],
  ['include', 'rewrite', '\n  ngx.req.set_uri(‸5);\n', 'TS2345'],
  [
    'file',
    'content',
    'import type { Ngx } from "tsresty/ngx";\nexport default (ngx: Ngx) => ngx.say(‸{});\n',
    'TS2345',
  ],
  ['module', 'content', 'export const a: string = "é", ‸b: string = 1;\n', 'TS2322'],

  [
    'conf',
    'log',
    '\n\n  ngx.‸say("too late");\n',
    'TS2349: "ngx.say": API disabled in the context of log_by_ts*',
  ],
  ['conf', 'header_filter', ' ngx.header["X"] = "é"; ngx.‸print("x");', 'TS2349: "ngx.print"'],
  [
    'conf',
    'set',
    '\n  ‸ngx.header["X"] = 1;\n',
    'TS2322: "ngx.header": API disabled in the context of set_by_ts*',
  ],
  ['include', 'body_filter', '\n  let n = "é".length; ‸n = ngx.arg[1];\n', 'TS2322'],
  ['nested', 'content', '\n\tngx.say(‸nothing);\n', 'TS2304'],
  [
    'file',
    'access',
    'import type { Ngx } from "tsresty/ngx";\nexport default (ngx: Ngx, more: string) => more;\n',
    'TS1360',
  ],

  ['conf', 'init', '\n  ngx.‸say();\n', 'TS2349: "ngx.say": API disabled in the context of init_by_ts*'],
  ['conf', 'init_worker', ' ngx.timer.at(‸"1", () => {});', 'TS2345'],
  ['include', 'set', '\n  return ngx.md5(‸true);\n', 'TS2345'],
  [
    'nested',
    'server_rewrite',
    '\n  import { ‸missing } from "../lib/sound.ts";\n  ngx.ctx.a = missing;\n',
    '',
  ],
  ['module', 'rewrite', 'export const f = (‸a) => a;\n', 'TS7006'],

  ['conf', 'content', '\n  const r = await fetch("http://x/");\n  ngx.say(r.‸stauts);\n', 'TS2551'],
  ['conf', 'content', ' const é = ngx.re.match("a", "b"); ngx.say(‸é[0]);', 'TS18048'],
  ['include', 'access', '\n  ngx.shared.d.set("n", 1);\n  ngx.shared.d.‸gett("n");\n', 'TS2551'],
  ['file', 'log', 'export const notDefault = 1;\n', 'TS1192'],
  [
    'module',
    'content',
    'export const f = (ngx: Ngx, log: NgxIn<"log">): number => {\n  log.now();\n  ‸return ngx.now() + "";\n};\n',
    'TS2322',
  ],

  ['conf', 'content', '\n  ‸document.write("x");\n', "TS2584: Cannot find name 'document'.$"],
  ['nested', 'log', '\n  ‸process.exit(1);\n', "TS2591: Cannot find name 'process'.$"],
  ['include', 'content', '\n  import { add } from "./add.ts";\n  ngx.say(add(1, ‸"2"));\n', 'TS2345'],
  [
    'file',
    'content',
    'import { add } from "../conf/more/add.ts";\nexport default () => {\n  ‸add();\n};\n',
    'TS2554',
  ],
  [
    'module',
    'content',
    'import { add } from "../conf/more/add.ts";\nexport const ‸n: string = add(1, 2);\n',
    'TS2322',
  ],
];

interface Expected {
  readonly directive: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly says: string;
}

let prefix: TestPrefix;

beforeEach(() => {
  prefix = new TestPrefix();
});

afterEach(async () => {
  await prefix.clean();
});

function write(name: string, text: string): void {
  mkdirSync(dirname(prefix.path(name)), { recursive: true });
  writeFileSync(prefix.path(name), text);
}

/** Writes a configuration with these faults, and says where they are. */
function seed(faults: readonly Fault[]): Expected[] {
  const files = new Map<string, string>();
  const main = { http: 'ts_shared_dict d 1m;\n', server: '' };
  const expected: Omit<Expected, 'line' | 'column' | 'file'>[] = [];
  for (const [j, [where, phase, text, says]] of faults.entries()) {
    const marked = text.replace('‸', `‸${j}‸`);
    let directive = `${phase}_by_ts_block`;
    const variable = phase === 'set' ? ` $v${j}` : '';
    let body = `${directive}${variable} {${marked}}\n`;
    if (where === 'file') {
      directive = `${phase}_by_ts_file`;
      files.set(`handlers/h${j}.ts`, marked);
      const at = marked === text ? `‸${j}‸` : '';
      body = `${directive}${variable} ${at}handlers/h${j}.ts;\n`;
    } else if (where === 'module') {
      files.set(`handlers/m${j}.ts`, marked);
      body = `${directive}${variable} {\n import * as m from "../handlers/m${j}.ts"; ngx.log(7, String(m));\n}\n`;
      directive = '';
    }
    const level = phase.startsWith('init') ? 'http' : 'server';
    if (level === 'server' && phase !== 'server_rewrite') body = `location /é${j} { ${body} }\n`;
    if (where === 'include' || where === 'nested') {
      files.set(`conf/more/i${j}.conf`, `# é\n${body}`);
      if (where === 'nested') files.set(`conf/n${j}.conf`, `include more/i${j}.conf;\n`);
      body = where === 'nested' ? `include n${j}.conf;\n` : `include more/i${j}.conf;\n`;
    }
    main[level] += body;
    expected.push({ directive, says });
  }
  files.set(
    'conf/nginx.conf',
    `events {}\nhttp {\n${main.http}server {\nlisten unix:${prefix.root}/sock;\n${main.server}}\n}\n`,
  );
  files.set('conf/more/add.ts', 'export const add = (a: number, b: number): number => a + b;\n');
  files.set('conf/lib/sound.ts', 'export const sound = 1;\n');
  const places: Expected[] = [];
  for (const [file, text] of files) {
    let plain = '';
    for (const [i, piece] of text.split('‸').entries()) {
      if (i % 2 === 0) {
        plain += piece;
        continue;
      }
      const lines = plain.split('\n');
      const column = (lines.at(-1) ?? '').length + 1;
      const known = expected[Number(piece)];
      if (known !== undefined) places.push({ ...known, file: prefix.path(file), line: lines.length, column });
    }
    write(file, plain);
  }
  return places;
}

/** What was said, without the excerpts. */
function faultsIn(stderr: string): string[] {
  return Buffer.from(stderr, 'latin1')
    .toString('utf8')
    .split('\n')
    .filter((line) => /^\S/.test(line));
}

async function expectFaults(expected: readonly Expected[], ...options: readonly string[]): Promise<void> {
  const { code, stderr } = await prefix.run('-t', ...options);
  const said = faultsIn(stderr);
  expect(said.at(-1)).toBe(`nginx: configuration file ${prefix.path('conf/nginx.conf')} test failed`);
  expect(code).toBe(1);
  const told = said.slice(0, -1).sort();
  const wanted = expected
    .map(({ directive, file, line, column }) => {
      const where = directive === '' ? '' : `${directive} in `;
      return `tsresty: [emerg] ${where}${file}:${line}:${column}: `;
    })
    .sort();
  expect(told.map((line) => /^.*?:\d+:\d+: /.exec(line)?.[0])).toEqual(wanted);
  for (const { file, line, says } of expected) {
    const message = told.find((one) => one.includes(`${file}:${line}:`)) ?? '';
    if (says.endsWith('$')) expect(message.endsWith(says.slice(0, -1))).toBe(true);
    else expect(message).toContain(`: ${says}`);
  }
}

describe.each([0, 5, 10, 15, 20])('faults %i and the next four', (from) => {
  test('of syntax', async () => {
    const expected = seed(SYNTAX.slice(from, from + 5));
    await expectFaults(expected);
  });

  test('of types', async () => {
    const expected = seed(TYPE.slice(from, from + 5));
    await expectFaults(expected, '--types');
  });
});

test('a fault of syntax does not hide those of types elsewhere', async () => {
  const [inBlock, , , inFile, inModule] = SYNTAX;
  const [type, , , file] = TYPE;
  const faults = [inBlock, type, inFile, file, inModule].filter((fault) => fault !== undefined);
  expect(faults).toHaveLength(5);
  await expectFaults(seed(faults), '--types');
});

test.each(readdirSync(examples))('nothing is said of the example %s', async (name) => {
  cpSync(join(examples, name), prefix.root, { recursive: true });
  const { code, stderr } = await prefix.run('-tq', '--types');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('ts_check_types: a configuration with type errors is not started', async () => {
  const [fault] = seed(TYPE.slice(0, 1));
  prefix.writeConf(prefix.read('conf/nginx.conf').replace('http {', 'http { ts_check_types on;'));
  const { code, stderr } = await prefix.run();
  expect(code).toBe(1);
  expect(stderr).toContain(`content_by_ts_block in ${fault?.file}:${fault?.line}:`);
  expect(prefix.log).toContain('TS2322');
});

test('a thousand lines of blocks', async () => {
  const lines = Array.from({ length: 50 }, (_, i) => `  const a${i}: number = Number(ngx.var.arg_a);\n`);
  const block = (i: number): string => `location /${i} { content_by_ts_block {\n${lines.join('')}} }\n`;
  const blocks = Array.from({ length: 20 }, (_, i) => block(i));
  prefix.writeConf(`events {}\nhttp { server { listen unix:${prefix.root}/sock;\n${blocks.join('')} } }`);
  // The processor's time, since others may be using it too: the shell tells what its children took.
  const binary = join(import.meta.dirname, '../../bin/tsresty');
  const script = '"$0" -tq --types -p "$1" && times';
  const { status, stdout } = spawnSync('sh', ['-c', script, binary, prefix.root], { encoding: 'utf8' });
  expect(status).toBe(0);
  const children = stdout.split('\n')[1] ?? '';
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(([, m, s]) => Number(m) * 60 + Number(s));
  expect(seconds).toHaveLength(2);
  expect((seconds[0] ?? 0) + (seconds[1] ?? 0)).toBeLessThan(3);
});

test('a tsconfig.json of the prefix is respected', async () => {
  write('handlers/h.ts', 'export default (ngx) => ngx.say("x");\n');
  const location = 'location / { content_by_ts_file handlers/h.ts; }';
  prefix.writeConf(`events {}\nhttp { server { listen unix:${prefix.root}/sock; ${location} } }`);
  expect((await prefix.run('-tq', '--types')).stderr).toContain('TS7006');
  write('tsconfig.json', '{ "compilerOptions": { "strict": false, "types": [] } }');
  expect(await prefix.run('-tq', '--types')).toEqual({ code: 0, stdout: '', stderr: '' });
});

describe('tsresty types', () => {
  const types = async () => await runBinary('types', '-p', prefix.root);

  test('lets an editor and tsc know what scripts are', async () => {
    write(
      'handlers/h.ts',
      'import type { Ngx } from "tsresty/ngx";\nexport default (ngx: Ngx) => ngx.sya("x");\n',
    );
    expect((await types()).code).toBe(0);
    const tsc = join(import.meta.dirname, '../../node_modules/.bin/tsc');
    const { stdout } = spawnSync(tsc, ['-p', prefix.root, '--pretty', 'false'], { encoding: 'utf8' });
    expect(stdout.trim().split('\n')).toEqual([
      expect.stringContaining("h.ts(2,34): error TS2339: Property 'sya'"),
    ]);
  });

  test('may be said again', async () => {
    await types();
    const before = prefix.read('tsconfig.json');
    expect(before).toContain('tsresty types');
    expect((await types()).code).toBe(0);
    expect(prefix.read('tsconfig.json')).toBe(before);
  });

  test('leaves a tsconfig.json of somebody else alone', async () => {
    write('tsconfig.json', '{}');
    const { code, stderr } = await types();
    expect(code).toBe(1);
    expect(stderr).toContain(
      `tsresty: [emerg] "${prefix.path('tsconfig.json')}" was not written by "tsresty types"`,
    );
    expect(prefix.read('tsconfig.json')).toBe('{}');
  });
});
