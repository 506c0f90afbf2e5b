# ts_code_cache off: what has changed takes effect with the next request. Blocks below that have no configuration of
# their own go to the server that is running, with other files.

=== a warning at the start
--- http_config
ts_shared_dict count 1m;
init_by_ts_block { ngx.shared.count.incr("started", 1, 0); }
--- config
ts_code_cache off;
location /a { content_by_ts_file html/a.ts; }
location /named { content_by_ts_file html/$arg_x.ts; }
location /block { content_by_ts_block { import { word } from "../html/lib.ts"; ngx.say("block ", word); } }
location /count { content_by_ts_block { import "../html/lib.ts"; globalThis.n = (globalThis.n ?? 0) + 1; ngx.say(globalThis.n); } }
location /cached { ts_code_cache on; content_by_ts_file html/a.ts; }
location /filtered { return 200 "text"; header_filter_by_ts_file html/filter.ts; body_filter_by_ts_file html/upper.ts; log_by_ts_file html/log.ts; }
location /phases { set_by_ts_file $v html/set.ts; access_by_ts_file html/access.ts; content_by_ts_block { ngx.say(ngx.var.v, " ", ngx.ctx.word); } }
location /all {
    content_by_ts_block {
        ngx.say((await ngx.location.capture_multi([["/a"], ["/named?x=b"], ["/block"]])).map((one) => one.body.trim()).join(", "));
    }
}
--- user_files
>>> a.ts
import { word } from "./lib.ts";
export default (ngx: Ngx) => { ngx.say("a ", word); };
>>> b.ts
import { word } from "./lib.ts";
export default (ngx: Ngx) => { ngx.say("b ", word); };
>>> lib.ts
export const word = "one";
>>> filter.ts
export default (ngx: Ngx) => { ngx.header["X-F"] = "one"; };
>>> upper.ts
export default (ngx: Ngx) => { ngx.arg[1] = ngx.arg[1].toUpperCase(); };
>>> log.ts
export default (ngx: Ngx) => { ngx.log(ngx.NOTICE, "log one"); };
>>> set.ts
export default () => "one";
>>> access.ts
export default (ngx: Ngx) => { ngx.ctx.word = "one"; };
--- request eval
["GET /a", "GET /named?x=b", "GET /block", "GET /cached", "GET /all", "GET /filtered", "GET /phases"]
--- response_body eval
["a one\n", "b one\n", "block one\n", "a one\n", "a one, b one, block one\n", "TEXT", "one one\n"]
--- error_log
[alert]
ts_code_cache is off; this will hurt performance
log one

=== a changed module, in files, named files and blocks; not where the cache is on
--- user_files
>>> a.ts
import { word } from "./lib.ts";
export default (ngx: Ngx) => { ngx.say("a ", word); };
>>> b.ts
import { word } from "./lib.ts";
export default (ngx: Ngx) => { ngx.say("b ", word); };
>>> lib.ts
export const word = "two";
>>> filter.ts
export default (ngx: Ngx) => { ngx.header["X-F"] = "two"; };
>>> upper.ts
export default (ngx: Ngx) => { ngx.arg[1] = ngx.arg[1].replace("e", "E"); };
>>> log.ts
export default (ngx: Ngx) => { ngx.log(ngx.NOTICE, "log two"); };
>>> set.ts
export default () => "two";
>>> access.ts
export default (ngx: Ngx) => { ngx.ctx.word = "two"; };
--- request eval
["GET /filtered", "GET /a", "GET /named?x=b", "GET /block", "GET /cached", "GET /all", "GET /phases"]
--- response_body eval
["tExt", "a two\n", "b two\n", "block two\n", "a one\n", "a two, b two, block two\n", "two two\n"]
--- response_headers eval
["X-F: two", "", "", "", "", "", ""]
--- error_log
log two

=== a changed handler, and a new import
--- user_files
>>> a.ts
import { sum } from "./sum.ts";
export default (ngx: Ngx) => { ngx.say("three ", sum(1, 2)); };
>>> b.ts
export default (ngx: Ngx) => { ngx.say("b alone"); };
>>> lib.ts
export const word = "three";
>>> sum.ts
export const sum = (a: number, b: number): number => a + b;
>>> filter.ts
export default (ngx: Ngx) => { ngx.header["X-F"] = "three"; };
>>> upper.ts
export default () => {};
>>> log.ts
export default () => {};
>>> set.ts
export default () => "three";
>>> access.ts
export default () => {};
--- request eval
["GET /a", "GET /named?x=b", "GET /block", "GET /phases"]
--- response_body eval
["three 3\n", "b alone\n", "block three\n", "three undefined\n"]

=== what nothing has changed in keeps its state; the first files are back
--- request eval
["GET /count", "GET /count", "GET /a", "GET /count"]
--- response_body_like eval
[/^\d+$/, /^[1-9]\d*$/, /a one/, /^([3-9]|\d\d+)$/]

=== a mistake is told with each request, and the cached go on
--- user_files
>>> a.ts
export default (ngx: Ngx) => { ngx.say("three" };
>>> lib.ts
export const word = "four";
>>> filter.ts
export default () => {};
>>> upper.ts
export default () => {};
>>> log.ts
export default () => {};
>>> set.ts
export default () => "four";
>>> access.ts
export default () => {};
--- request eval
["GET /a", "GET /a", "GET /cached"]
--- error_code eval
[500, 500, 200]
--- error_log eval
/failed to load scripts: .*html\/a\.ts:1:48: expected "\)" but found "}"/

=== and when it is mended
--- user_files
>>> a.ts
export default (ngx: Ngx) => { ngx.say("mended"); };
>>> lib.ts
export const word = "five";
>>> filter.ts
export default () => {};
>>> upper.ts
export default () => {};
>>> log.ts
export default () => {};
>>> set.ts
export default () => "five";
>>> access.ts
export default () => {};
--- request eval
["GET /a", "GET /block"]
--- response_body eval
["mended\n", "block five\n"]

=== a named file that has gone
--- user_files
>>> a.ts
export default (ngx: Ngx) => { ngx.say("mended"); };
>>> lib.ts
export const word = "six";
>>> filter.ts
export default () => {};
>>> upper.ts
export default () => {};
>>> log.ts
export default () => {};
>>> set.ts
export default () => "six";
>>> access.ts
export default () => {};
--- request eval
["GET /named?x=b", "GET /a"]
--- error_code eval
[404, 200]

=== a fixed file that has gone
--- user_files
>>> b.ts
export default (ngx: Ngx) => { ngx.say("b"); };
>>> lib.ts
export const word = "gone";
>>> filter.ts
export default () => {};
>>> upper.ts
export default () => {};
>>> log.ts
export default () => {};
>>> set.ts
export default () => "gone";
>>> access.ts
export default () => {};
--- request
GET /a
--- error_code: 500
--- error_log eval
/failed to load scripts: content_by_ts_file in .*nginx\.conf:\d+:\d+: open\(\) ".*html\/a\.ts" failed/

=== a request that waits ends in the program that it began with
--- config
ts_code_cache off;
location /slow { content_by_ts_file html/slow.ts; log_by_ts_file html/log.ts; }
location /other { content_by_ts_file html/slow.ts; }
location /isolates { content_by_ts_block { ngx.say("ok"); } }
--- user_files
>>> slow.ts
let ready = false;
export default async (ngx: Ngx) => { ngx.print("old "); await ngx.flush(true); await ngx.sleep(0.4); ngx.say("old ", ngx.get_phase()); };
>>> log.ts
export default (ngx: Ngx) => { ngx.log(ngx.NOTICE, "log of the old: ", ngx.status); };
--- request
GET /slow
--- response_body
old old content
--- error_log
[alert]
log of the old: 200

=== an isolate of its own, with its limits
--- config
ts_code_cache off;
location /a { ts_isolate tenant cpu=100ms; content_by_ts_file html/a.ts; }
--- user_files
>>> a.ts
export default () => { for (;;); };
--- request
GET /a
--- error_code: 500
--- error_log
[alert]
cut off after 100 ms

=== blocks that belong to no request run once for the program, and again for each new one
--- http_config
ts_shared_dict count 1m;
init_worker_by_ts_block { import "../html/lib.ts"; ngx.shared.count.incr("started", 1, 0); }
--- config
ts_code_cache off;
location /a { content_by_ts_block { import { word } from "../html/lib.ts"; ngx.say(word, " ", ngx.shared.count.get("started")); } }
--- user_files
>>> lib.ts
export const word = "one";
--- request eval
["GET /a", "GET /a"]
--- response_body eval
["one 1\n", "one 1\n"]
--- error_log
[alert]

=== and again
--- user_files
>>> lib.ts
export const word = "two";
--- request eval
["GET /a", "GET /a"]
--- response_body eval
["two 2\n", "two 2\n"]

=== only a named file, and what it imports
--- config
ts_code_cache off;
location /named { content_by_ts_file html/$arg_x.ts; }
--- user_files
>>> a.ts
import { word } from "./lib.ts";
export default (ngx: Ngx) => { ngx.say("a ", word); };
>>> lib.ts
export const word = "one";
--- request eval
["GET /named?x=a", "GET /named?x=a"]
--- response_body eval
["a one\n", "a one\n"]
--- error_log
[alert]

=== its import has changed
--- user_files
>>> a.ts
import { word } from "./lib.ts";
export default (ngx: Ngx) => { ngx.say("a ", word); };
>>> lib.ts
export const word = "two";
--- request
GET /named?x=a
--- response_body
a two

=== and itself
--- user_files
>>> a.ts
export default (ngx: Ngx) => { ngx.say("three"); };
--- request
GET /named?x=a
--- response_body
three

=== the common isolate stays what it is: no tenant's
--- http_config
ts_code_cache off;
upstream u { server 127.0.0.1:1; }
--- config
location /a { content_by_ts_block { ngx.say(ngx.upstream.get_upstreams().join()); } }
location /b {
    ts_isolate tenant;
    content_by_ts_block { try { ngx.upstream.get_upstreams(); ngx.say("no"); } catch (e) { ngx.say(e.message); } }
}
--- request eval
["GET /a", "GET /b"]
--- response_body eval
["u\n", "not allowed in an isolate of its own\n"]
--- error_log
[alert]

=== on, off, and what is neither
--- config
ts_code_cache never;
--- must_die
--- error_log
invalid value "never" in "ts_code_cache" directive, it must be "on" or "off"
