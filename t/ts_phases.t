# The phases of a request, each as block and as file: order, inheritance, several blocks in one, waiting.

=== content as a block
--- master
--- config
location /a {
    content_by_ts_block {
        ngx.say("hello, ", ngx.var.arg_name);
    }
}
--- request
GET /a?name=you
--- response_body
hello, you
--- response_headers
Content-Type: text/plain
Content-Length: 11

=== content as a file, asynchronous
--- user_files
>>> handler.ts
interface Answer { readonly text: string }
function answer(name: string): Answer {
  return { text: `hello, ${name}` };
}
export default async function (ngx: Ngx): Promise<void> {
  await ngx.sleep(0.001);
  ngx.say(answer(ngx.var.arg_name ?? "nobody").text);
}
--- config
location /a { content_by_ts_file html/handler.ts; }
--- request
GET /a?name=you
--- response_body
hello, you

=== all phases of a request, in order
--- config
server_rewrite_by_ts_block { ngx.ctx.trace = ["server_rewrite"]; }
location /a {
    rewrite_by_ts_block { ngx.ctx.trace.push("rewrite"); }
    access_by_ts_block { ngx.ctx.trace.push("access"); }
    precontent_by_ts_block { ngx.ctx.trace.push("precontent"); }
    content_by_ts_block { ngx.ctx.trace.push("content"); ngx.say("body"); }
    header_filter_by_ts_block {
        ngx.ctx.trace.push("header_filter");
        ngx.header["X-Trace"] = ngx.ctx.trace.join(" ");
    }
    body_filter_by_ts_block { if (ngx.arg[2]) ngx.ctx.trace.push("body_filter"); }
    log_by_ts_block { ngx.log(ngx.NOTICE, "trace: ", ngx.ctx.trace.join(" "), " log"); }
}
--- request
GET /a
--- response_body
body
--- response_headers
X-Trace: server_rewrite rewrite access precontent content header_filter
--- error_log
trace: server_rewrite rewrite access precontent content header_filter body_filter log

=== all phases of a request as files
--- user_files
>>> server_rewrite.ts
export default (ngx: Ngx) => { ngx.ctx.trace = ["server_rewrite"]; };
>>> rewrite.ts
export default (ngx: Ngx) => { ngx.ctx.trace.push(ngx.get_phase()); };
>>> header_filter.ts
export default (ngx: Ngx) => { ngx.header["X-Trace"] = ngx.ctx.trace.join(" "); };
>>> body_filter.ts
export default function (ngx: Ngx): void { ngx.arg[1] = ngx.arg[1].toUpperCase(); }
>>> content.ts
export default function (ngx: Ngx): void { ngx.say("body"); }
>>> log.ts
export default function (ngx: Ngx): void { ngx.log(ngx.NOTICE, "phase ", ngx.get_phase()); }
--- config
server_rewrite_by_ts_file html/server_rewrite.ts;
location /a {
    rewrite_by_ts_file html/rewrite.ts;
    access_by_ts_file html/rewrite.ts;
    precontent_by_ts_file html/rewrite.ts;
    content_by_ts_file html/content.ts;
    header_filter_by_ts_file html/header_filter.ts;
    body_filter_by_ts_file html/body_filter.ts;
    log_by_ts_file html/log.ts;
}
--- request
GET /a
--- response_body
BODY
--- response_headers
X-Trace: server_rewrite rewrite access precontent
--- error_log
phase log

=== get_phase in each of them
--- api: ngx.get_phase
--- config
server_rewrite_by_ts_block { ngx.ctx.seen = ngx.get_phase(); }
location /a {
    rewrite_by_ts_block { ngx.ctx.seen += " " + ngx.get_phase(); }
    access_by_ts_block { ngx.ctx.seen += " " + ngx.get_phase(); }
    precontent_by_ts_block { ngx.ctx.seen += " " + ngx.get_phase(); }
    content_by_ts_block { ngx.ctx.seen += " " + ngx.get_phase(); ngx.print(""); ngx.eof(); }
    header_filter_by_ts_block { ngx.header["X-Seen"] = ngx.ctx.seen + " " + ngx.get_phase(); }
    body_filter_by_ts_block { ngx.ctx.last = ngx.get_phase(); }
    log_by_ts_block { ngx.log(ngx.WARN, ngx.ctx.last, " ", ngx.get_phase()); }
}
--- request
GET /a
--- response_headers
X-Seen: server_rewrite rewrite access precontent content header_filter
--- error_log
body_filter log

=== the phases of a worker: init, init_worker
--- http_config
init_by_ts_block {
    globalThis.seen = [ngx.get_phase()];
}
init_worker_by_ts_block {
    globalThis.seen.push(ngx.get_phase());
}
--- config
location /a { content_by_ts_block { ngx.say(globalThis.seen.join(" ")); } }
--- request
GET /a
--- response_body
init init_worker

=== init and init_worker as files
--- user_files
>>> init.ts
export default function (ngx: Ngx): void { globalThis.seen = [ngx.get_phase()]; }
>>> init_worker.ts
export default async function (ngx: Ngx): Promise<void> {
  await ngx.sleep(0.01);
  globalThis.seen.push(ngx.get_phase());
}
--- http_config
init_by_ts_file html/init.ts;
init_worker_by_ts_file html/init_worker.ts;
--- config
location /a { content_by_ts_block { ngx.say(globalThis.seen.join(" ")); } }
--- request
GET /a
--- response_body
init init_worker

=== a worker waits for what init and init_worker await
--- http_config
init_by_ts_block {
    await ngx.sleep(0.05);
    globalThis.order = "init";
}
init_worker_by_ts_block {
    globalThis.order += " then";
    await ngx.sleep(0.05);
    globalThis.order += " init_worker";
}
--- config
location /a { content_by_ts_block { ngx.say(globalThis.order); } }
--- request
GET /a
--- response_body
init then init_worker

=== await in every phase of a request
--- config
server_rewrite_by_ts_block { await ngx.sleep(0.001); ngx.ctx.n = 1; }
location /a {
    rewrite_by_ts_block { await ngx.sleep(0.001); ngx.ctx.n++; }
    access_by_ts_block { await ngx.sleep(0.001); ngx.ctx.n++; }
    precontent_by_ts_block { await ngx.sleep(0.001); ngx.ctx.n++; }
    content_by_ts_block { await ngx.sleep(0.001); ngx.say(++ngx.ctx.n); }
    header_filter_by_ts_block { await ngx.sleep(0.001); ngx.header["X-N"] = ++ngx.ctx.n; }
    body_filter_by_ts_block { await ngx.sleep(0.001); ngx.ctx.n++; }
    log_by_ts_block { await ngx.sleep(0.001); ngx.log(ngx.NOTICE, "at the end ", ngx.ctx.n >= 7); }
}
--- request
GET /a
--- response_body
5
--- response_headers
X-N: 6
--- error_log
at the end true

=== several blocks in one phase run in the order written
--- config
location /a {
    rewrite_by_ts_block { ngx.ctx.seen = "r1"; }
    rewrite_by_ts_block { await ngx.sleep(0.001); ngx.ctx.seen += " r2"; }
    access_by_ts_block { ngx.ctx.seen += " a1"; }
    access_by_ts_block { ngx.ctx.seen += " a2"; }
    content_by_ts_block { ngx.say(ngx.ctx.seen); await ngx.sleep(0.001); }
    content_by_ts_block { ngx.say("second"); }
    header_filter_by_ts_block { ngx.header["X-Filter"] = "1"; }
    header_filter_by_ts_block { ngx.header["X-Filter"] = ngx.header["X-Filter"] + "2"; }
    body_filter_by_ts_block { ngx.arg[1] = ngx.arg[1].toUpperCase(); }
    body_filter_by_ts_block { ngx.arg[1] = ngx.arg[1].replace("SECOND", "SeCoNd"); }
    log_by_ts_block { ngx.log(ngx.NOTICE, "log one"); }
    log_by_ts_block { ngx.log(ngx.NOTICE, "log two"); }
}
--- request
GET /a
--- response_body
R1 R2 A1 A2
SeCoNd
--- response_headers
X-Filter: 12
--- error_log
log one
log two

=== a block and a file in one phase
--- user_files
>>> two.ts
export default (ngx: Ngx) => { ngx.ctx.seen += " two"; };
--- config
location /a {
    access_by_ts_block { ngx.ctx.seen = "one"; }
    access_by_ts_file html/two.ts;
    access_by_ts_block { ngx.ctx.seen += " three"; }
    content_by_ts_block { ngx.say(ngx.ctx.seen); }
}
--- request
GET /a
--- response_body
one two three

=== exit in an earlier block keeps the later ones of its phase from running
--- config
location /a {
    access_by_ts_block { ngx.exit(403); }
    access_by_ts_block { ngx.log(ngx.ERR, "must not run"); }
    content_by_ts_block { ngx.say("must not run"); }
}
--- request
GET /a
--- error_code: 403
--- no_error_log
must not run

=== ngx.exit(ngx.OK) ends the phase, not the request
--- config
location /a {
    rewrite_by_ts_block { ngx.ctx.seen = "r"; ngx.exit(ngx.OK); ngx.ctx.seen = "wrong"; }
    access_by_ts_block { ngx.ctx.seen += "a"; ngx.exit(ngx.OK); }
    access_by_ts_block { ngx.ctx.seen += "wrong"; }
    content_by_ts_block { ngx.say(ngx.ctx.seen); ngx.exit(ngx.OK); ngx.say("wrong"); }
}
--- request
GET /a
--- response_body
ra

=== locations inherit from server and http, a level with its own blocks does not
--- http_config
access_by_ts_block { ngx.ctx.who = "http"; }
log_by_ts_block { ngx.log(ngx.NOTICE, "logged by http"); }
header_filter_by_ts_block { ngx.header["X-From"] = "http"; }
--- config
header_filter_by_ts_block { ngx.header["X-From"] = "server"; }
location /outer { content_by_ts_block { ngx.say(ngx.ctx.who); } }
location /own {
    access_by_ts_block { ngx.ctx.who = "location"; }
    header_filter_by_ts_block { ngx.header["X-From"] = "location"; }
    content_by_ts_block { ngx.say(ngx.ctx.who); }
}
--- request eval
["GET /outer", "GET /own"]
--- response_body eval
["http\n", "location\n"]
--- response_headers eval
["X-From: server", "X-From: location"]
--- error_log
logged by http

=== a content block is not inherited by nested locations
--- config
location /a {
    content_by_ts_block { ngx.say("outer"); }
    location /a/b { }
}
--- user_files
>>> a/b/f.txt
static
--- request eval
["GET /a/x", "GET /a/b/f.txt"]
--- response_body eval
["outer\n", "static\n"]

=== blocks in if
--- config
location /a {
    set $who default;
    if ($arg_x = 1) {
        set $who one;
        content_by_ts_block { ngx.say("if: ", ngx.var.who); }
    }
    content_by_ts_block { ngx.say("location: ", ngx.var.who); }
}
--- request eval
["GET /a?x=1", "GET /a"]
--- response_body eval
["if: one\n", "location: default\n"]

=== rewrite blocks run after the rewrite module, and see what it set
--- config
location /a {
    set $x 32;
    rewrite_by_ts_block { ngx.var.x = String(Number(ngx.var.x) * 2); }
    set $y "$x";
    content_by_ts_block { ngx.say(ngx.var.x, " ", ngx.var.y); }
}
--- request
GET /a
--- response_body
64 32

=== access blocks: exit with a status, or let pass to static files
--- config
location / {
    access_by_ts_block { if (ngx.var.arg_key !== "secret") ngx.exit(ngx.HTTP_FORBIDDEN); }
}
--- user_files
>>> f.txt
for you
--- request eval
["GET /f.txt?key=secret", "GET /f.txt"]
--- error_code eval
[200, 403]
--- response_body eval
["for you\n", null]

=== satisfy any: an access block that passes is enough
--- config
location / {
    satisfy any;
    deny all;
    access_by_ts_block { if (ngx.var.arg_key === "secret") ngx.exit(ngx.OK); ngx.exit(ngx.HTTP_FORBIDDEN); }
    content_by_ts_block { ngx.say("in"); }
}
--- request eval
["GET /?key=secret", "GET /"]
--- error_code eval
[200, 403]

=== an access block answers by itself
--- config
location /a {
    access_by_ts_block { ngx.status = 401; ngx.header["WWW-Authenticate"] = "Bearer"; ngx.say("who?"); ngx.exit(401); }
    content_by_ts_block { ngx.say("wrong"); }
}
--- request
GET /a
--- error_code: 401
--- response_headers
WWW-Authenticate: Bearer
--- response_body
who?

=== server_rewrite runs before a location is found, and may change the uri
--- config
server_rewrite_by_ts_block { if (ngx.var.uri === "/old") ngx.req.set_uri("/new", true); }
location /old { content_by_ts_block { ngx.say("old"); } }
location /new { content_by_ts_block { ngx.say("new ", ngx.var.uri); } }
--- request
GET /old
--- response_body
new /new

=== a header filter changes a static file's head and a body filter its text
--- config
location / {
    header_filter_by_ts_block {
        ngx.header["Content-Length"] = undefined;
        ngx.header["X-Was"] = ngx.header["Content-Type"];
        ngx.status = 201;
    }
    body_filter_by_ts_block { ngx.arg[1] = ngx.arg[1].replace(/o/g, "0"); }
}
--- user_files
>>> f.txt
foo boo
--- request
GET /f.txt
--- error_code: 201
--- response_headers
X-Was: text/plain
! Content-Length
--- response_body
f00 b00

=== a body filter may drop pieces and end the body early
--- config
location /a {
    content_by_ts_block {
        ngx.print("one "); await ngx.flush(true);
        ngx.print("two "); await ngx.flush(true);
        ngx.print("three");
    }
    body_filter_by_ts_block {
        if (ngx.arg[1].includes("two")) { ngx.arg[1] = "end"; ngx.arg[2] = true; }
        else if (ngx.arg[1].includes("three")) ngx.arg[1] = undefined;
    }
}
--- request
GET /a
--- response_body chomp
one end

=== log blocks run after the answer, and do not delay it
--- config
location /a {
    content_by_ts_block { ngx.say("done"); }
    log_by_ts_block {
        await ngx.sleep(0.3);
        ngx.log(ngx.NOTICE, "status ", ngx.status, " sent ", Number(ngx.var.bytes_sent) > 0);
    }
}
--- request
GET /a
--- timeout: 0.25
--- response_body
done
--- error_log
status 200 sent true

=== log blocks of what was refused, and of built-in pages
--- config
location /a {
    deny all;
    log_by_ts_block { ngx.log(ngx.NOTICE, "refused with ", ngx.status); }
}
--- request
GET /a
--- error_code: 403
--- error_log
refused with 403

=== a handler may be given inline in http, for all servers
--- http_config
rewrite_by_ts_block { ngx.ctx.greeting = "from http"; }
--- config
location /a { content_by_ts_block { ngx.say(ngx.ctx.greeting); } }
--- request
GET /a
--- response_body
from http

=== a content block that says nothing answers with an empty body
--- config
location /a { content_by_ts_block { } }
--- request
GET /a
--- response_body:
--- response_headers
Content-Length: 0

=== braces, quotes, comments, templates and regexes in a block
--- config
location /a {
    content_by_ts_block {
        // a } in a comment, and an apostrophe: isn't it
        /* another } here */
        const open = "}{", template = `${[1, 2].map((n) => `{${n}}`).join("")}}`;
        const found = /[}"'`]/.exec('x}y');
        ngx.say(open, template, found?.[0], '\'', "# not a comment; $x");
    }
}
--- request
GET /a
--- response_body
}{{1}{2}}}'# not a comment; $x

=== TypeScript's own syntax in a block
--- config
location /a {
    content_by_ts_block {
        interface Point { x: number; y?: number }
        enum Color { Red = 1, Blue }
        const p: Point = { x: 1 } satisfies Point;
        const f = <T,>(value: T): T => value;
        const n = f<number>(p.x as number)!;
        abstract class A { constructor(protected readonly v: number) {} abstract get(): number }
        class B extends A { override get(): number { return this.v * 2; } }
        ngx.say(n, " ", Color.Blue, " ", new B(21).get(), " ", p.y ?? "none");
    }
}
--- request
GET /a
--- response_body
1 2 42 none

=== filters of a proxied response, also where it is captured
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { return 200 "upstream"; } }
--- config
location /a { content_by_ts_block { ngx.say((await ngx.location.capture("/p")).body); } }
location /p { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; body_filter_by_ts_block { ngx.arg[1] = ngx.arg[1].toUpperCase(); } header_filter_by_ts_block { ngx.header.content_length = null; } }
--- request eval
["GET /a", "GET /p"]
--- response_body eval
["UPSTREAM\n", "UPSTREAM"]

=== filters of a built-in error page
--- config
location /a { deny all; header_filter_by_ts_block { await ngx.sleep(0.001); ngx.header["X-F"] = ngx.status; } body_filter_by_ts_block { ngx.arg[1] = ngx.arg[1].replace("Forbidden", "Verboten"); } }
--- request
GET /a
--- error_code: 403
--- response_headers
X-F: 403
--- response_body_like: 403 Verboten

=== a header filter before the range filter
--- config
location / { header_filter_by_ts_block { ngx.header["X-Len"] = ngx.header.content_length; } }
--- user_files
>>> f.txt
0123456789
--- request
GET /f.txt
--- more_headers
Range: bytes=2-4
--- error_code: 206
--- response_body chomp
234

=== a header set in rewrite stays where another module answers
--- config
location /a { rewrite_by_ts_block { ngx.header["X-R"] = "set in rewrite"; } proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/up; }
location /up { return 200 "up"; }
--- request
GET /a
--- response_headers
X-R: set in rewrite
--- response_body chomp
up

=== an if keeps the content block of its location, unless it has a handler of its own
--- config
location /in { if ($arg_a) { } content_by_ts_block { ngx.say("block"); } }
location /before { content_by_ts_block { ngx.say("block"); } if ($arg_a) { set $x 1; } }
location /phases {
    if ($arg_a) { set $x 1; }
    rewrite_by_ts_block { ngx.ctx.seen = "rewrite"; }
    access_by_ts_block { ngx.ctx.seen += " access"; }
    content_by_ts_block { ngx.say(ngx.ctx.seen); }
    header_filter_by_ts_block { ngx.header.Foo = "bar"; }
}
location /own { content_by_ts_block { ngx.say("outer"); } if ($arg_a) { content_by_ts_block { ngx.say("own"); } } }
location /passed { proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/up; if ($arg_a) { content_by_ts_block { ngx.say("own"); } } }
location /outer { content_by_ts_block { ngx.say("outer"); } location /outer/inner { return 200 "inner\n"; } }
location /up { return 200 "up\n"; }
--- request eval
["GET /in?a=1", "GET /in", "GET /before?a=1", "GET /phases?a=1", "GET /own?a=1", "GET /own", "GET /passed?a=1", "GET /passed", "GET /outer/inner"]
--- response_body eval
["block\n", "block\n", "block\n", "rewrite access\n", "own\n", "outer\n", "own\n", "up\n", "inner\n"]

=== a handler of its own in an if, in a location with a content block
--- config
location /t {
    content_by_ts_block { ngx.say("outer"); }
    if ($arg_a) { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
}
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "passed\n"; }
--- request eval
["GET /t?a=1", "GET /t"]
--- response_body eval
["passed\n", "outer\n"]
