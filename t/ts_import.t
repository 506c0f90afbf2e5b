# Imports of blocks and files: relative, by ts_package_path, from the prefix's node_modules; what cannot be had.

=== relative to the configuration file's directory
--- user_files
>>> lib/greet.ts
import { punctuation } from "./deep/marks.ts";
export const greet = (name: string): string => `hello, ${name}${punctuation}`;
>>> lib/deep/marks.ts
export const punctuation = "!" as const;
--- config
location /a {
    content_by_ts_block {
        import { greet } from "../html/lib/greet.ts";
        ngx.say(greet("you"));
    }
}
--- request
GET /a
--- response_body
hello, you!

=== all forms of an import, several lines, comments before and between
--- user_files
>>> lib.ts
export const a = 1, b = 2;
export type T = number;
export default function d(): number { return 4; }
>>> data.json
{ "from": "json" }
--- config
location /a {
    content_by_ts_block {
        // first a comment with import in it
        import d, {
            a,
            b as c,
        } from "../html/lib.ts";
        /* and another */ import * as all from "../html/lib.ts";
        import type { T } from "../html/lib.ts"
        import data from "../html/data.json" with { type: "json" };
        import "../html/lib.ts";
        const n: T = a + c;
        ngx.say(n, " ", d(), " ", Object.keys(all).join(), " ", data.from);
    }
}
--- request
GET /a
--- response_body
3 4 a,b,default json

=== imports without semicolons
--- user_files
>>> lib.ts
export const a = 1;
export default 2;
--- config
location /a {
    content_by_ts_block {
        import { a } from "../html/lib.ts"
        import b from "../html/lib.ts" // the last one
        ngx.say(a + b)
    }
}
location /b { content_by_ts_block { import "../html/lib.ts"
        [1].forEach((n) => ngx.say(n)) } }
--- request eval
["GET /a", "GET /b"]
--- response_body eval
["3\n", "1\n"]

=== syntax that V8 has not: enums, namespaces of modules, decorators, accessors, parameter properties
--- user_files
>>> lib.ts
export namespace Geo { export const side = 3; export namespace Area { export const of = (n: number) => n * n; } }
export function logged<T, A extends unknown[], R>(call: (this: T, ...args: A) => R, context: ClassMethodDecoratorContext) {
    return function (this: T, ...args: A): R {
        return [context.kind, context.name, call.apply(this, args)] as R;
    };
}
--- config
location /a {
    content_by_ts_block {
        import { Geo, logged } from "../html/lib.ts";
        enum Color { Red = 1, Green }
        const enum Level { Low = 1 << 2 }
        class Box {
            accessor lid = "lid";
            constructor(protected readonly n: number) {}
            @logged twice(): unknown { return this.n * 2; }
        }
        ngx.say([Color[2], Level.Low, Geo.Area.of(Geo.side), new Box(1).lid, new Box(4).twice()].join());
    }
}
--- request
GET /a
--- response_body
Green,4,9,lid,method,twice,8

=== ts_package_path: templates and directories, before node_modules
--- user_files
>>> one/first.ts
export const name = "first of one";
>>> two/second/index.ts
export const name = "second of two";
>>> two/first.ts
export const name = "first of two";
--- http_config
ts_package_path "nowhere/?.ts;$prefix/html/one/?.ts;${prefix}/html/two;;";
--- config
location /a {
    content_by_ts_block {
        import { name as a } from "first";
        import { name as b } from "second";
        ngx.say(a, ", ", b);
    }
}
--- request
GET /a
--- response_body
first of one, second of two

=== an npm package from the prefix's node_modules
--- init eval
const at = "$TEST_NGINX_SERVER_ROOT/node_modules/left-words";
fs.mkdirSync(at + "/lib", { recursive: true });
fs.writeFileSync(at + "/package.json", '{ "name": "left-words", "version": "1.0.0", "main": "lib/index.js" }');
fs.writeFileSync(at + "/lib/index.js", 'const part = require("./part"); exports.words = (s) => part.split(s);');
fs.writeFileSync(at + "/lib/part.js", 'exports.split = (s) => s.split(" ");');
--- config
location /a {
    content_by_ts_block {
        import { words } from "left-words";
        ngx.say(words("from commonjs").join("+"));
    }
}
--- request
GET /a
--- response_body
from+commonjs

=== a scoped package of ES modules with exports
--- init eval
const at = "$TEST_NGINX_SERVER_ROOT/node_modules/@own/thing";
fs.mkdirSync(at, { recursive: true });
fs.writeFileSync(at + "/package.json", JSON.stringify({ name: "@own/thing", type: "module", exports: { ".": "./main.js", "./extra": "./extra.js" } }));
fs.writeFileSync(at + "/main.js", "export const main = 'main';");
fs.writeFileSync(at + "/extra.js", "import { main } from '@own/thing'; export const extra = main + ' extra';");
--- user_files
>>> handler.ts
import { extra } from "@own/thing/extra";
export default (ngx: Ngx) => ngx.say(extra);
--- config
location /a { content_by_ts_file html/handler.ts; }
--- request
GET /a
--- response_body
main extra

=== a module is loaded once: blocks share its state, requests too
--- main_config
worker_processes 1;
--- user_files
>>> state.ts
export let loads = 0;
export const state = { n: 0 };
loads++;
>>> file.ts
import { state } from "./state.ts";
export default (ngx: Ngx) => { ngx.say("file ", ++state.n > 0); };
--- config
location /reset { content_by_ts_block { import { state } from "../html/state.ts"; state.n = 0; } }
location /a { content_by_ts_block { import { loads, state } from "../html/state.ts"; ngx.say(loads, " ", ++state.n); } }
location /b { content_by_ts_block { import { loads, state } from "../html/state.ts"; ngx.say(loads, " ", ++state.n); } }
location /c { content_by_ts_file html/file.ts; }
--- request eval
["GET /reset", "GET /a", "GET /b", "GET /a", "GET /c"]
--- response_body eval
["", "1 1\n", "1 2\n", "1 3\n", "file true\n"]

=== the global ngx, in a module: all that needs no request
--- http_config
ts_shared_dict d 1m;
--- user_files
>>> lib.ts
export function remember(value: string): string {
  ngx.shared.d.set("k", value);
  return ngx.encode_base64(ngx.shared.d.get("k") as string);
}
export function uri(): string {
  return ngx.var.uri ?? "";
}
--- config
location /a {
    content_by_ts_block {
        import { remember, uri } from "../html/lib.ts";
        ngx.say(remember("x"));
        try { uri(); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- response_body
eA==
no request found

=== modules are told apart by file, not by how they are named
--- user_files
>>> lib.ts
export const id = {};
>>> sub/other.ts
import { id } from "../lib.ts";
export { id };
--- config
location /a {
    content_by_ts_block {
        import { id as a } from "../html/lib.ts";
        import { id as b } from "../html/sub/other.ts";
        ngx.say(a === b);
    }
}
--- request
GET /a
--- response_body
true

=== import() of a module known by name
--- user_files
>>> lazy.ts
export const value = "loaded when asked for";
--- config
location /a { content_by_ts_block { const { value } = await import("../html/lazy.ts"); ngx.say(value); } }
--- request
GET /a
--- response_body
loaded when asked for

=== a file's default export may be an arrow, a class's method, asynchronous
--- user_files
>>> a.ts
export default async (ngx: Ngx) => { await null; ngx.say("arrow"); };
>>> b.ts
class Handler { static readonly name2 = "static"; static run(ngx: Ngx): void { ngx.say(Handler.name2); } }
export default Handler.run;
>>> c.js
export default function (ngx) { ngx.say("javascript"); }
--- config
location /a { content_by_ts_file html/a.ts; }
location /b { content_by_ts_file html/b.ts; }
location /c { content_by_ts_file html/c.js; }
--- request eval
["GET /a", "GET /b", "GET /c"]
--- response_body eval
["arrow\n", "static\n", "javascript\n"]

=== a file without a default export
--- user_files
>>> none.ts
export const handler = 1;
--- config
location /a { content_by_ts_file html/none.ts; }
--- request
GET /a
--- error_code: 500
--- error_log eval
/the default export of .*\/html\/none\.ts is not a function/

=== a file that is not there
--- config
location /a {
    content_by_ts_file html/not-there.ts;
}
--- must_die
--- error_log
html/not-there.ts" failed (2: No such file or directory) in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:5

=== a module that is not there
--- config
location /a {
    content_by_ts_block {
        import { x } from "./no-such.ts";
        ngx.say(x);
    }
}
--- must_die
--- error_log
[emerg]
content_by_ts_block in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:6:27: could not resolve "./no-such.ts"

=== an export that is not there
--- user_files
>>> lib.ts
export const x = 1;
--- config
location /a {
    content_by_ts_block {
        import { y } from "../html/lib.ts";
        ngx.say(y);
    }
}
--- must_die
--- error_log
content_by_ts_block in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:6:18: no matching export in "html/lib.ts" for import "y"

=== a package that needs a module of Node's own
--- init eval
const at = "$TEST_NGINX_SERVER_ROOT/node_modules/reads-files";
fs.mkdirSync(at, { recursive: true });
fs.writeFileSync(at + "/package.json", '{ "name": "reads-files", "main": "index.js" }');
fs.writeFileSync(at + "/index.js", 'const fs = require("fs"); module.exports = () => fs.readFileSync("/etc/passwd");');
--- config
location /a {
    content_by_ts_block {
        import read from "reads-files";
        ngx.say(read());
    }
}
--- must_die
--- error_log eval
/"fs" is a module of Node's own, which scripts cannot use: .*reads-files\/index\.js → "fs"/

=== modules of Node's own
--- config
location /a {
    content_by_ts_block {
        import { readFileSync } from "node:fs";
        ngx.say(readFileSync("/etc/passwd"));
    }
}
--- must_die
--- error_log
"node:fs" is a module of Node's own, which scripts cannot use

=== an error while a module is loaded
--- user_files
>>> bad.ts
const table: Record<string, () => string> = {};
export const value = table.missing();
--- config
location /a { content_by_ts_block { import { value } from "../html/bad.ts"; ngx.say(value); } }
--- request
GET /a
--- error_code: 503
--- error_log
html/bad.ts:2:28
