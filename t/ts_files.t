# *_by_ts_file: names with variables, files that are not there or are wrong, modules that they share.

=== a file that the request names
--- config
location ~ ^/app/(?<name>[a-z]+)$ { content_by_ts_file html/$name.ts; }
--- user_files
>>> one.ts
export default (ngx: Ngx) => { ngx.say("one for ", ngx.var.uri); };
>>> two.ts
export default async function (ngx: Ngx): Promise<void> { await ngx.sleep(0.001); ngx.say("two"); }
>>> broken.ts
export default function (ngx: Ngx): void { const x = ; }
>>> thrower.ts
export default function (ngx: Ngx): void {
  throw new Error("from the file");
}
>>> plain.ts
export const nothing = 1;
>>> top.ts
const x: { y?: { z: number } } = {};
const bad = x.y!.z;
export default function (ngx: Ngx): void { ngx.say(bad); }
>>> importer.ts
import { absent } from "./absent.ts";
export default function (ngx: Ngx): void { ngx.say(absent); }
>>> looper.ts
for (;;) {}
export default function (ngx: Ngx): void { ngx.say("never"); }
>>> late.ts
ngx.timer.at(0, () => { ngx.log(ngx.NOTICE, "a timer of the file: ", ngx.get_phase()); });
export default function (ngx: Ngx): void { ngx.say(ngx.get_phase()); }
--- request eval
["GET /app/one", "GET /app/two", "GET /app/one", "GET /app/two"]
--- response_body eval
["one for /app/one\n", "two\n", "one for /app/one\n", "two\n"]

=== one that is not there is 404
--- request
GET /app/none
--- error_code: 404
--- response_body_like: 404 Not Found
--- error_log eval
/\[error\] .*failed to load external TypeScript file ".*\/html\/none\.ts": open\(\) failed \(2: No such file or directory\)/

=== one with a mistake is 500, and others go on
--- request eval
["GET /app/broken", "GET /app/one"]
--- error_code eval
[500, 200]
--- error_log eval
/failed to load external TypeScript file ".*\/html\/broken\.ts": .*html\/broken\.ts:1:54: unexpected ";"/

=== one that throws says where
--- request
GET /app/thrower
--- error_code: 500
--- error_log eval
/content_by_ts\(html\/thrower\.ts:2:9\): from the file/

=== one whose default export is no function
--- request
GET /app/plain
--- error_code: 500
--- error_log
is not a function

=== one that throws when it is loaded
--- request eval
["GET /app/top", "GET /app/one"]
--- error_code eval
[500, 200]
--- error_log
Cannot read properties of undefined

=== one whose import is not there
--- request
GET /app/importer
--- error_code: 500
--- error_log
could not resolve "./absent.ts"

=== one that does not come to an end when it is loaded
--- request eval
["GET /app/looper", "GET /app/one"]
--- error_code eval
[500, 200]
--- error_log
failed to load external TypeScript file

=== what it asks for when it is loaded is done
--- request
GET /app/late
--- response_body
content

=== a name that leads nowhere, and a directory
--- config
location /a { content_by_ts_file $arg_name; }
--- request eval
["GET /a?name=", "GET /a?name=html", "GET /a?name=/nowhere/x.ts", "GET /a?name=html/index.html/x.ts"]
--- error_code eval
[500, 500, 404, 404]

=== a file that may not be read
--- config
location /a { content_by_ts_file html/$arg_name.ts; }
--- user_files
>>> secret.ts
export default () => {};
--- init
if (process_is_root()) fs.writeFileSync(root + "/html/secret.ts", "export default (ngx) => { ngx.exit(503); };");
else fs.chmodSync(root + "/html/secret.ts", 0);
function process_is_root() { try { fs.accessSync("/root", fs.constants.W_OK); return true; } catch { return false; } }
--- request
GET /a?name=secret
--- error_code: 503

=== variables in every phase
--- config
set $dir html/phases;
server_rewrite_by_ts_file html/phases/$arg_d/server_rewrite.ts;
location /a {
    set_by_ts_file $value html/phases/$arg_d/set.ts one $arg_d;
    rewrite_by_ts_file html/phases/$arg_d/rewrite.ts;
    access_by_ts_file html/phases/$arg_d/access.ts;
    precontent_by_ts_file html/phases/$arg_d/precontent.ts;
    content_by_ts_file html/phases/$arg_d/content.ts;
    header_filter_by_ts_file html/phases/$arg_d/header_filter.ts;
    body_filter_by_ts_file html/phases/$arg_d/body_filter.ts;
    log_by_ts_file html/phases/$arg_d/log.ts;
}
location /nohead { return 200 "x"; header_filter_by_ts_file html/$arg_d.ts; }
location /nobody { return 200 "x"; body_filter_by_ts_file html/$arg_d.ts; }
location /noset { set_by_ts_file $value html/$arg_d.ts; return 200 "x"; }
location /noaccess { access_by_ts_file html/$arg_d.ts; return 200 "x"; }
location /norewrite { rewrite_by_ts_file html/$arg_d.ts; content_by_ts_block { } }
location /nolog { log_by_ts_file html/$arg_d.ts; content_by_ts_block { ngx.say("x"); } }
--- user_files
>>> phases/d1/server_rewrite.ts
export default (ngx: Ngx) => { ngx.ctx.seen = [ngx.get_phase()]; };
>>> phases/d1/set.ts
export default (ngx: Ngx) => `${ngx.arg[1]} ${ngx.arg[2]}`;
>>> phases/d1/rewrite.ts
export default (ngx: Ngx) => { ngx.ctx.seen.push(ngx.get_phase()); };
>>> phases/d1/access.ts
export default async (ngx: Ngx) => { await ngx.sleep(0.001); ngx.ctx.seen.push(ngx.get_phase()); };
>>> phases/d1/precontent.ts
export default (ngx: Ngx) => { ngx.ctx.seen.push(ngx.get_phase()); };
>>> phases/d1/content.ts
export default (ngx: Ngx) => { ngx.say(ngx.ctx.seen.join(" "), " content ", ngx.var.value); };
>>> phases/d1/header_filter.ts
export default async (ngx: Ngx) => { await null; ngx.header.content_length = undefined; ngx.header["X-F"] = ngx.get_phase(); };
>>> phases/d1/body_filter.ts
export default (ngx: Ngx) => { ngx.arg[1] = ngx.arg[1].toUpperCase(); };
>>> phases/d1/log.ts
export default (ngx: Ngx) => { ngx.log(ngx.NOTICE, "logged by ", ngx.get_phase()); };
--- request eval
["GET /a?d=d1", "GET /a?d=d1"]
--- response_body eval
["SERVER_REWRITE REWRITE ACCESS PRECONTENT CONTENT ONE D1\n", "SERVER_REWRITE REWRITE ACCESS PRECONTENT CONTENT ONE D1\n"]
--- response_headers eval
["X-F: header_filter", "X-F: header_filter"]
--- error_log
logged by log

=== files that are not there, in other phases
--- config
location /nohead { return 200 "x"; header_filter_by_ts_file html/$arg_d.ts; }
location /nobody { return 200 "x"; body_filter_by_ts_file html/$arg_d.ts; }
location /noset { set_by_ts_file $value html/$arg_d.ts; return 200 "x"; }
location /noaccess { access_by_ts_file html/$arg_d.ts; content_by_ts_block { ngx.say("x"); } }
location /norewrite { rewrite_by_ts_file html/$arg_d.ts; content_by_ts_block { ngx.say("x"); } }
location /nolog { log_by_ts_file html/$arg_d.ts; content_by_ts_block { ngx.say("x"); } }
location /noprecontent { precontent_by_ts_file html/$arg_d.ts; content_by_ts_block { ngx.say("x"); } }
error_page 404 /404;
location /404 { internal; return 200 "no such thing\n"; }
--- request eval
["GET /nohead", "GET /noset", "GET /noaccess", "GET /norewrite", "GET /nolog", "GET /noprecontent"]
--- error_code eval
[500, 500, 404, 404, 200, 404]
--- response_body eval
[null, null, "no such thing\n", "no such thing\n", "x\n", "no such thing\n"]

=== a body filter that is not there cuts the answer off
--- request
GET /nobody
--- abort
--- ignore_response
--- error_log
failed to load external TypeScript file

=== modules are shared: by files, blocks and handlers of the configuration
--- config
location /block { content_by_ts_block { import { next } from "../html/lib/count.ts"; ngx.print(next(), " "); } }
location /fixed { content_by_ts_file html/app/fixed.ts; }
location ~ ^/app/(?<name>[a-z]+)$ { content_by_ts_file html/app/$name.ts; }
location /all {
    content_by_ts_block {
        const seen = [];
        for (const uri of ["/block", "/app/one", "/app/two", "/fixed", "/app/one", "/block"]) seen.push((await ngx.location.capture(uri)).body);
        const [first] = seen.map(Number);
        ngx.say(seen.map((n) => Number(n) - first).join(" "));
        ngx.say((await ngx.location.capture("/app/kinds")).body);
    }
}
--- user_files
>>> lib/count.ts
import { start } from "./start.ts";
let n = start;
export const next = (): number => ++n;
export default "the default";
>>> lib/start.ts
export const start = 0;
>>> lib/other.ts
let n = 0;
export function other(): number { return ++n; }
>>> lib/old.js
module.exports = { answer: 42 };
>>> app/fixed.ts
import { next } from "../lib/count.ts";
export default (ngx: Ngx) => { ngx.print(next(), " "); };
>>> app/one.ts
import { next } from "../lib/count.ts";
import { other } from "../lib/other.ts";
export default (ngx: Ngx) => { other(); ngx.print(next(), " "); };
>>> app/two.ts
import * as count from "../lib/count.ts";
import { other } from "../lib/other.ts";
export default (ngx: Ngx) => { other(); ngx.print(count.next(), " "); };
>>> app/kinds.ts
import text, { next as again } from "../lib/count.ts";
import { other } from "../lib/other.ts";
import old, { answer } from "../lib/old.js";
export default (ngx: Ngx) => { ngx.print(text, " ", typeof again, " ", other() > 3, " ", old.answer, " ", answer); };
--- request
GET /all
--- response_body
0 1 2 3 4 5
the default function true 42 42

=== a block and a named file in one phase
--- config
location /a {
    access_by_ts_block { ngx.ctx.seen = "block"; }
    access_by_ts_file html/$arg_x.ts;
    access_by_ts_block { ngx.ctx.seen += " block"; }
    content_by_ts_block { ngx.say(ngx.ctx.seen); }
}
--- user_files
>>> one.ts
export default (ngx: Ngx) => { ngx.ctx.seen += " one"; };
>>> two.ts
export default (ngx: Ngx) => { ngx.ctx.seen += " two"; };
--- request eval
["GET /a?x=one", "GET /a?x=two", "GET /a?x=one"]
--- response_body eval
["block one block\n", "block two block\n", "block one block\n"]

=== only named files, in an isolate of their own
--- config
location /a { ts_isolate tenant; content_by_ts_file html/$arg_x.ts; }
--- user_files
>>> one.ts
export default (ngx: Ngx) => { ngx.say("one"); };
--- request
GET /a?x=one
--- response_body
one

=== an isolate that is replaced has its files again
--- config
location /a { ts_isolate frail memory=16m cpu=20s; content_by_ts_file html/$arg_x.ts; }
--- user_files
>>> one.ts
export default (ngx: Ngx) => { ngx.say("one"); };
>>> bomb.ts
export default (ngx: Ngx) => { const all: number[][] = []; for (;;) all.push(new Array(100000).fill(1)); };
--- request eval
["GET /a?x=one", "GET /a?x=bomb", "GET /a?x=one"]
--- error_code eval
[200, 500, 200]
--- error_log
[alert]
isolate "frail" ended: out of memory

=== many at once of a file that is not loaded yet
--- config
location /all { content_by_ts_block { const all = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => ngx.location.capture(`/a?x=${n % 2 ? "one" : "two"}`))); ngx.say(all.map((one) => one.body.trim()).join(" ")); } }
location /a { content_by_ts_file html/$arg_x.ts; }
--- user_files
>>> one.ts
export default (ngx: Ngx) => { ngx.say("one"); };
>>> two.ts
export default (ngx: Ngx) => { ngx.say("two"); };
--- request
GET /all
--- response_body
one two one two one two

=== a fixed file that is not there is a fault of the configuration
--- config
location /a { content_by_ts_file html/none.ts; }
--- must_die
--- error_log
html/none.ts" failed (2: No such file or directory)

=== files of a worker's phases have no request: a dollar is a letter of the name
--- http_config
init_by_ts_file html/$x.ts;
--- config
location /a { content_by_ts_block { ngx.say(globalThis.started); } }
--- user_files
>>> $x.ts
export default () => { globalThis.started = "yes"; };
--- request
GET /a
--- response_body
yes

=== an absolute path
--- config
location /a { content_by_ts_file $document_root/$arg_x.ts; }
location /b { content_by_ts_file $TEST_NGINX_SERVER_ROOT/html/one.ts; }
--- user_files
>>> one.ts
export default (ngx: Ngx) => { ngx.say("one"); };
--- request eval
["GET /a?x=one", "GET /b"]
--- response_body eval
["one\n", "one\n"]

=== the client leaves while its file is loaded
--- config
location /a { content_by_ts_file html/$arg_x.ts; }
location /ok { content_by_ts_block { ngx.say("ok"); } }
--- user_files
>>> slow.ts
await 1;
export default (ngx: Ngx) => { ngx.say("one"); };
--- request
GET /a?x=slow
--- error_code: 500
--- error_log
failed to load external TypeScript file

=== a module cannot wait at its top level
--- config
location /a { content_by_ts_file html/waits.ts; }
--- user_files
>>> waits.ts
const rows = await Promise.resolve([1]);
export default (ngx: Ngx) => ngx.say(rows.length);
--- must_die
--- error_log eval
/html\/waits\.ts:1:14: "await" at the top level of a module is not supported: wait in the handler, or in init_by_ts/
