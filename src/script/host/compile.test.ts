import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { blockModule } from './block_module.ts';
import { compile } from './compile.ts';
import type { CompileError } from './mistakes.ts';
import type { Source } from './source.ts';
import { bench, FakeRequest } from './testing.ts';

let prefix: string;

function write(name: string, text: string): string {
  const path = join(prefix, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

beforeAll(() => {
  prefix = mkdtempSync(join(tmpdir(), 'tsresty-compile-'));
  write('conf/lib/count.ts', 'let n = 0;\nexport const next = (): number => ++n;\n');
  write('conf/throws.ts', 'export function fail(): never {\n\n  throw new Error("from a module");\n}\n');
  write('ts/util.ts', 'export const where: string = "package path";\n');
  write('node_modules/plain/package.json', '{"name":"plain","main":"main.js"}');
  write(
    'node_modules/plain/main.js',
    'const { twice } = require("./twice");\nmodule.exports = (x) => twice(x);\n',
  );
  write('node_modules/plain/twice.js', 'exports.twice = (x) => x + x;\n');
  write('node_modules/nodish/package.json', '{"name":"nodish","main":"index.js"}');
  write('node_modules/nodish/index.js', 'module.exports = require("./lib/deep");\n');
  write('node_modules/nodish/lib/deep.js', 'module.exports = require("fs");\n');
  write('handlers/good.ts', 'export default function (ngx: Ngx): void {\n  ngx.say("file");\n}\n');
  write('handlers/none.ts', 'export const x = 1;\n');
  write('handlers/broken.ts', 'export default function () {\n  const = 1;\n}\n');
});

afterAll(() => rmSync(prefix, { recursive: true }));

function block(text: string, line = 42, column = 31): Source {
  return {
    phase: 'content_by_ts',
    directive: 'content_by_ts_block',
    file: join(prefix, 'conf/nginx.conf'),
    line,
    column,
    text,
    path: null,
  };
}

function file(path: string): Source {
  return { ...block(''), directive: 'content_by_ts_file', text: null, path: join(prefix, path) };
}

function compiled(...sources: Source[]) {
  return compile(sources, new Set(sources.keys()), { prefix, packagePath: 'ts/?.ts;;' });
}

async function fault(...sources: Source[]): Promise<CompileError> {
  return await compiled(...sources).then(
    () => {
      throw new Error('it compiled');
    },
    (error) => error,
  );
}

test.each([
  ['on the first line', ' ngx.say(; ', '42:40', 'unexpected ";"'],
  ['on a later line', ' ngx.say(1);\n   ngx.say(;\n', '43:12', 'unexpected ";"'],
  ['behind imports', ' import { next } from "./lib/count.ts"; ngx.say(next(;\n', '42:84', 'unexpected ";"'],
  ['behind characters of several bytes', ' const ä = "€"; let = 1 +;\n', '42:56', 'unexpected ";"'],
  ['of an unclosed string', '\n  ngx.say("a);\n', '43:15', 'unterminated string literal'],
  [
    'behind imports without a semicolon',
    ' import { next } from "./lib/count.ts"\n next(;',
    '43:7',
    'unexpected ";"',
  ],
  ['on the line of such imports', ' import "./lib/count.ts" /**/ f(;', '42:63', 'unexpected ";"'],
])('a mistake %s names the place in nginx.conf', async (_name, text, place, message) => {
  const error = await fault(block(text));
  expect(error.message).toBe(`content_by_ts_block in ${prefix}/conf/nginx.conf:${place}: ${message}`);
  const [line, column] = place.split(':').map(Number);
  expect(error.mistakes[0]?.place).toEqual({ file: `${prefix}/conf/nginx.conf`, line, column });
});

test.each([
  ['with (Math) ngx.say(PI);', '42:31', 'with statements cannot be used in an ECMAScript module'],
  ['let x = 1; delete x;', '42:49', 'delete of a bare identifier cannot be used in an ECMAScript module'],
  [
    '\n  const f = () => { return 010; };',
    '43:28',
    'legacy octal literals cannot be used in an ECMAScript module',
  ],
  ['\n  arguments = [];', '43:3', 'invalid assignment target'],
])('%j is a mistake, as in any module', async (text, place, message) => {
  expect((await fault(block(text))).message).toBe(
    `content_by_ts_block in ${prefix}/conf/nginx.conf:${place}: ${message}`,
  );
});

test.each([
  ['f(); import { next } from "./lib/count.ts";', 43, 'an import stands at the top, before everything else'],
  ['f(); import "./lib/count.ts";', 43, 'an import stands at the top, before everything else'],
  ['f(); export const a = 1;', 36, 'a block exports nothing: what others import stands in a file'],
  [
    'f(); namespace A.B { export const a = 1; }',
    46,
    'a namespace stands at the top level of a module only: put it into a file, and import it',
  ],
  ['f(); const a = namespace B;', 56, 'expected ";" but found "B"'],
])('%j stands where it may not', async (text, column, message) => {
  expect((await fault(block(text))).message).toBe(
    `content_by_ts_block in ${prefix}/conf/nginx.conf:42:${column}: ${message}`,
  );
});

test('blocks, files, modules and packages are strict', async () => {
  write('conf/lib/strict.ts', 'export function self(this: unknown): unknown { return this; }\n');
  write('node_modules/self/index.js', 'exports.self = function () { return this; };\n');
  const b = await bench(
    [
      [
        [
          'content',
          'import * as module from "./lib/strict.ts"; import * as plain from "self";\n' +
            'const { self } = module; const f = plain.self;\n' +
            'ngx.say(typeof this, typeof self(), typeof f());\n  undeclared = 1;',
        ],
      ],
      [['content', 'ngx.say("undeclared" in globalThis);']],
    ],
    { prefix },
  );
  const r = new FakeRequest();
  await b.run(r);
  expect(r.logs[0]?.message.split('\n')[0]).toBe(
    '[ts] content_by_ts(nginx.conf:13:3): ReferenceError: undeclared is not defined',
  );
  const after = new FakeRequest();
  await b.run(after, 1);
  expect(after.body).toBe('false\n');
  await b.stop();
});

// `f.caller` and `f.arguments` of a sloppy function would give it what stands above it on the stack.
test('a callback cannot see who calls it', async () => {
  const b = await bench([
    [
      [
        'content',
        'const seen: unknown[] = [];\n' +
          'const spy = new Function("seen", "return function f() { seen.push(f.caller); return 1; }")(seen);\n' +
          'ngx.re.gsub("a", "a", spy); ngx.log(ngx.INFO, { toJSON: spy }); new Headers([["a", { toString: spy }]]);\n' +
          'ngx.say(seen.length > 1, seen.every((caller) => caller === null));',
      ],
    ],
  ]);
  const r = new FakeRequest();
  await b.run(r);
  expect(r.body).toEqual('truetrue\n');
  await b.stop();
});

test('a mistake in a file names the file, and where its directive stands', async () => {
  const error = await fault(file('handlers/broken.ts'));
  const place = { file: `${prefix}/handlers/broken.ts`, line: 2, column: 9 };
  const message = `content_by_ts_file in ${place.file}:2:9: expected identifier but found "="`;
  const notes = [`content_by_ts_file stands in ${prefix}/conf/nginx.conf:42`];
  expect(error.mistakes).toEqual([{ message, place, notes }]);
});

test('a byte order mark is no column', async () => {
  write('conf/lib/marked.ts', '\ufeffexport const a = ;\nexport const b = ];\n');
  const { mistakes } = await fault(block('import "./lib/marked.ts"; break;'));
  expect(mistakes.map(({ message }) => message).sort()).toEqual([
    `${prefix}/conf/lib/marked.ts:1:18: unexpected ";"`,
    `content_by_ts_block in ${prefix}/conf/nginx.conf:42:57: cannot use "break" here`,
  ]);
});

test('each mistake is told', async () => {
  const error = await fault(block('ngx.say(;'), block('\nlet 1;', 50), file('handlers/broken.ts'));
  expect(error.mistakes.map(({ place }) => place.line).sort()).toEqual([2, 42, 51]);
});

test.each([
  ['const a = 1;\nlet a;', 2, 'the symbol "a" was originally declared in CONF:42:37'],
  ['const f = (a: number, a: number) => a;', 1, 'the name "a" was originally bound in CONF:42:42'],
])('what is wrong with %j has to do with another place', async (text, lines, note) => {
  const [mistake] = (await fault(block(text))).mistakes;
  expect(mistake?.place.line).toBe(42 + lines - 1);
  expect(mistake?.notes).toEqual([note.replace('CONF', join(prefix, 'conf/nginx.conf'))]);
});

test.each([
  ['a module that is not there', 'import { x } from "./none.ts"; x();', 'could not resolve "./none.ts"'],
  ['a package that is not there', '\nimport x from "none"; x();', 'could not resolve "none"'],
  [
    'an export that is not there',
    'import { x } from "./lib/count.ts"; x();',
    'no matching export in "conf/lib/count.ts" for import "x"',
  ],
  [
    'a library that does not exist yet',
    'import { Redis } from "resty:redis"; new Redis();',
    'module "resty:redis" is not supported yet',
  ],
])('importing %s is a mistake', async (_name, text, message) => {
  expect((await fault(block(text))).message).toContain(message);
});

test.each(['https://h/x.ts', 'npm:zod', '//h/x.js'])('%s is no module', async (name) => {
  const error = await fault(block(`import x from "${name}"; x();`));
  expect(error.message).toBe(
    `content_by_ts_block in ${prefix}/conf/nginx.conf:42:45: could not resolve "${name}"`,
  );
  expect(error.mistakes[0]?.notes.join()).not.toContain('npm install');
});

test('a package that does not export a file does not have to be installed', async () => {
  write('node_modules/inner/package.json', '{"name":"inner","exports":{".":"./index.js"}}');
  write('node_modules/inner/index.js', '');
  write('node_modules/inner/deep.js', '');
  const [mistake] = (await fault(block('import "inner/deep.js";'))).mistakes;
  expect(mistake?.message).toContain('could not resolve "inner/deep.js"');
  expect(mistake?.notes).toEqual([
    `the package is there, but has nothing of that name for others: see "exports" in ${prefix}/node_modules/inner/package.json`,
  ]);
});

test('a package that needs Node itself is refused with the chain of imports', async () => {
  const error = await fault(block('import x from "nodish"; ngx.say(x);'));
  expect(error.message).toContain(
    `"fs" is a module of Node's own, which scripts cannot use: content_by_ts_block in ${prefix}/conf/nginx.conf:42` +
      ' → nodish/index.js → nodish/lib/deep.js → "fs"',
  );
  expect((await fault(block('import fs from "node:fs"; fs'))).message).toContain(
    '"node:fs" is a module of Node',
  );
});

test('imports: relative to the configuration, from the package path, from node_modules', async () => {
  const b = await bench(
    [
      [
        [
          'content',
          'import { next } from "./lib/count.ts";\nimport { where } from "util";\nimport plain from "plain";\nngx.say(next(), where, plain("x"));',
        ],
      ],
      [['content', 'import { next } from "./lib/count.ts"; ngx.say(next());']],
    ].map((steps) => steps.map(([phase, text]) => [phase, text] as ['content', string])),
    { prefix, packagePath: 'ts/?.ts;;' },
  );
  const first = new FakeRequest();
  const second = new FakeRequest();
  await b.run(first, 0);
  await b.run(second, 1);
  expect([first.body, second.body]).toEqual(['1package pathxx\n', '2\n']); // one module for both blocks
  await b.stop();
});

test('an error in a module is logged with both places', async () => {
  const b = await bench(
    [[['content', '\n import { fail } from "./throws.ts";\n const f = () => fail();\n f();']]],
    { prefix },
  );
  const r = new FakeRequest();
  await b.run(r);
  expect(r.logs[0]?.message.split('\n')).toEqual([
    '[ts] content_by_ts(throws.ts:3:9): from a module',
    '    at fail (throws.ts:3:9)',
    '    at f (nginx.conf:12:18)',
    '    at (nginx.conf:13:2)',
  ]);
  await b.stop();
});

test('a stack that a script writes into the log has both places, and nothing of ours', async () => {
  const text =
    'import { fail } from "./throws.ts";\nconst f = () => {\n  fail();\n};\ntry {\n  f();\n} catch (e) {\n  ngx.log(ngx.ERR, (e as Error).stack);\n  console.log({ e });\n}\nngx.log(ngx.ERR, "at x (tsresty:a:b:1:2)");';
  const b = await bench([[['content', text]]], { prefix });
  const r = new FakeRequest();
  await b.run(r);
  const stack = [
    'Error: from a module',
    '    at fail (throws.ts:3:9)',
    '    at f (nginx.conf:12:3)',
    '    at (nginx.conf:15:3)',
  ].join('\n');
  const [logged, shown, other] = r.logs.map(({ message }) => message.replace(/^.*?\): /, ''));
  expect(logged).toBe(stack);
  expect(shown).toBe(`{ e: ${stack} }`);
  expect(other).toBe('at x (tsresty:a:b:1:2)');
  await b.stop();
});

test('a program has a place for each source, whether it is wanted or not', async () => {
  const sources = [block('ngx.say(1)'), block('this is nothing ('), file('handlers/good.ts')];
  const program = await compile(sources, new Set([0, 2]), { prefix, packagePath: '' });
  expect(program.blocks).toHaveLength(3);
});

test('a file without a default export fails when it is run', async () => {
  const program = await compiled(file('handlers/none.ts'));
  expect(program.code).toContain('is not a function');
});

test.each([
  ['', 0],
  ['ngx.say(1)', 0],
  ['import "a";', 11],
  ['// c\n import a from "b" ; x', 25],
  ['import type { A } from "a"\nimport {\n b\n} from \'c\'\nx', 50], // behind a semicolon of ours
  ['import a from "b" with { type: "json" }; x', 40],
  ['import("a")', 0],
  ['import.meta.url', 0],
  ['x; import "a";', 0],
])('where the imports of %j end', (text, end) => {
  const module = blockModule(text);
  expect(module.code.indexOf('export default')).toBe(end);
});

test.each([
  ['ngx.say(1)', false],
  ['return ngx.exit(404)', false],
  ['if (x) return; ngx.say(1)', false],
  ['await x', true],
  ['return handler(ngx)', true],
  ['void f().then(g)', true],
  ['(async () => {})()', true],
])('whether %j may wait', (text, waits) => {
  expect(blockModule(text).waits).toBe(waits);
});
