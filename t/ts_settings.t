# The ts_* settings: what lua-nginx-module's are to Lua.

=== ts_http10_buffering: a client of HTTP/1.0 gets the length of what was said in pieces
--- config
keepalive_timeout 5s;
location /a { content_by_ts_block { ngx.say("one"); await ngx.sleep(0.01); ngx.say("two"); await ngx.flush(true); ngx.say("three"); } }
location /off { ts_http10_buffering off; content_by_ts_block { ngx.say("one"); await ngx.sleep(0.01); ngx.say("two"); } }
location /own { content_by_ts_block { ngx.header["Content-Length"] = 8; ngx.say("one"); await ngx.sleep(0.01); ngx.say("two"); } }
location /throws { content_by_ts_block { ngx.say("one"); await ngx.sleep(0.01); throw new Error("late"); } }
location /exits { content_by_ts_block { ngx.say("one"); await ngx.sleep(0.01); ngx.exit(200); } }
location /eof { content_by_ts_block { ngx.say("one"); await ngx.sleep(0.01); ngx.eof(); await ngx.sleep(0.01); } }
location /utf8 { content_by_ts_block { ngx.say("é"); await ngx.sleep(0.01); ngx.print(new Uint8Array([255, 10])); } }
location /filtered {
    content_by_ts_block { ngx.say("one"); await ngx.sleep(0.01); ngx.say("two"); }
    header_filter_by_ts_block { ngx.header.content_length = undefined; }
    body_filter_by_ts_block { ngx.arg[1] = ngx.arg[1].toUpperCase(); }
}
--- raw_request eval
"GET /a HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\nGET /a HTTP/1.0\r\n\r\n"
--- response_headers eval
["Content-Length: 14\nConnection: keep-alive\n! Transfer-Encoding", "Content-Length: 14\nConnection: close"]
--- response_body eval
["one\ntwo\nthree\n", "one\ntwo\nthree\n"]

=== ts_http10_buffering off: pieces go out as they come, the connection's end is theirs
--- raw_request eval
"GET /off HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
--- response_headers
! Content-Length
Connection: close
--- response_body
one
two

=== ts_http10_buffering: not where the length is known
--- raw_request eval
"GET /own HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /own HTTP/1.0\r\n\r\n"
--- response_headers eval
["Content-Length: 8\nConnection: keep-alive", "Content-Length: 8"]
--- response_body eval
["one\ntwo\n", "one\ntwo\n"]

=== ts_http10_buffering: what was held is no answer when the block throws
--- raw_request eval
"GET /throws HTTP/1.0\r\n\r\n"
--- error_code: 500
--- response_body_unlike: one
--- error_log
late

=== ts_http10_buffering: exit and eof give out what was held
--- raw_request eval
"GET /exits HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /eof HTTP/1.0\r\n\r\n"
--- response_headers eval
["Content-Length: 4", "Content-Length: 4"]
--- response_body eval
["one\n", "one\n"]

=== ts_http10_buffering: text and bytes, and through filters
--- raw_request eval
"GET /utf8 HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /filtered HTTP/1.0\r\n\r\n"
--- response_headers eval
["Content-Length: 5", "! Content-Length"]
--- response_body eval
["\xc3\xa9\n\xff\n", "ONE\nTWO\n"]

=== ts_http10_buffering does not hold what goes to HTTP/1.1
--- request
GET /a
--- response_headers
Transfer-Encoding: chunked
! Content-Length
--- response_body
one
two
three

=== ts_transform_underscores_in_response_headers
--- http_config
log_by_ts_block { ngx.log(ngx.NOTICE, "reads ", ngx.header.x_my, " ", ngx.header["X-My"]); }
--- config
location /on { content_by_ts_block { ngx.header.X_My = "1"; ngx.say(ngx.header.x_my, " ", ngx.header["X-My"]); } }
location /off {
    ts_transform_underscores_in_response_headers off;
    content_by_ts_block { ngx.header.X_My = "1"; ngx.say(ngx.header.x_my, " ", ngx.header["X-My"]); }
    location /off/filter { content_by_ts_block { ngx.say("x"); } header_filter_by_ts_block { ngx.header.X_My = ngx.header.content_type ?? "none"; } }
}
--- request eval
["GET /on", "GET /off", "GET /off/filter"]
--- response_headers eval
["X-My: 1\n! X_My", "X_My: 1\n! X-My", "X_My: none"]
--- response_body eval
["1 1\n", "1 undefined\n", "x\n"]
--- error_log
reads 1 1
reads 1 undefined

=== ts_use_default_type, inherited and not
--- config
default_type text/x-own;
ts_use_default_type off;
location /off { content_by_ts_block { ngx.say("x"); } }
location /on { ts_use_default_type on; content_by_ts_block { ngx.say("x"); } location /on/in { content_by_ts_block { await ngx.sleep(0.001); ngx.say("x"); } } }
location /set { content_by_ts_block { ngx.header.content_type = "a/b"; ngx.say("x"); } }
location /if { if ($arg_x) { ts_use_default_type on; content_by_ts_block { ngx.say("x"); } } content_by_ts_block { ngx.say("x"); } }
--- request eval
["GET /off", "GET /on", "GET /on/in", "GET /set", "GET /if", "GET /if?x=1"]
--- response_headers eval
["! Content-Type", "Content-Type: text/x-own", "Content-Type: text/x-own", "Content-Type: a/b", "! Content-Type", "Content-Type: text/x-own"]

=== ts_need_request_body: in every phase, and for every block of a location
--- config
ts_need_request_body on;
location /content { content_by_ts_block { ngx.say("content ", ngx.req.get_body_data()); } }
location /access { access_by_ts_block { ngx.ctx.b = ngx.req.get_body_data(); } content_by_ts_block { ngx.say("access ", ngx.ctx.b); } }
location /rewrite { rewrite_by_ts_block { ngx.ctx.b = ngx.req.get_post_args().a; } content_by_ts_block { ngx.say("rewrite ", ngx.ctx.b); } }
location /precontent { precontent_by_ts_block { ngx.say("precontent ", ngx.req.get_body_data()); ngx.exit(200); } }
location /off { ts_need_request_body off; content_by_ts_block { ngx.say("off ", ngx.req.get_body_data()); } }
location /file { client_body_in_file_only clean; content_by_ts_block { ngx.say(ngx.req.get_body_data(), " ", typeof ngx.req.get_body_file()); } }
--- request eval
["POST /content\na=1", "POST /access\na=2", "POST /rewrite\na=3", "POST /precontent\na=4", "POST /off\na=5", "POST /file\na=6", "GET /content"]
--- response_body eval
["content a=1\n", "access a=2\n", "rewrite 3\n", "precontent a=4\n", "off undefined\n", "undefined string\n", "content undefined\n"]

=== ts_need_request_body: the body comes after the head, in pieces
--- config
location /a { ts_need_request_body on; access_by_ts_block { ngx.ctx.n = ngx.req.get_body_data().length; } content_by_ts_block { ngx.say(ngx.ctx.n); } }
--- raw_request eval
["POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nConnection: close\r\n\r\n", "01234", "56789"]
--- response_body
10

=== ts_need_request_body: a body that is too large
--- config
client_max_body_size 4;
location /a { ts_need_request_body on; content_by_ts_block { ngx.log(ngx.ERR, "must not run"); } }
--- raw_request eval
"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\n12345\r\n0\r\n\r\n"
--- error_code: 413
--- no_error_log
must not run

=== rewrite_by_ts_no_postpone: before the rewrite module's directives
--- http_config
rewrite_by_ts_no_postpone on;
--- config
location /a {
    set $x "set";
    rewrite_by_ts_block { ngx.ctx.x = String(ngx.var.x); ngx.ctx.n = 1; }
    content_by_ts_block { ngx.say(ngx.ctx.x, " ", ngx.var.x); }
}
location /b {
    if ($arg_go) { return 200 "if\n"; }
    rewrite_by_ts_block { ngx.req.set_uri_args(ngx.var.arg_set === undefined ? "" : "go=1"); }
    content_by_ts_block { ngx.say("content"); }
}
location /c {
    rewrite ^ /d last;
    rewrite_by_ts_block { ngx.exit(418); }
}
location /e {
    if ($arg_x) { set $y 1; content_by_ts_block { ngx.say("if ran ", ngx.ctx.n); } }
    rewrite_by_ts_block { ngx.ctx.n = (ngx.ctx.n ?? 0) + 1; await ngx.sleep(0.001); }
    content_by_ts_block { ngx.say("ran ", ngx.ctx.n); }
}
--- request eval
["GET /a", "GET /b?set=1", "GET /b?go=1", "GET /c", "GET /e?x=1", "GET /e"]
--- error_code eval
[200, 200, 200, 418, 200, 200]
--- response_body eval
[" set\n", "if\n", "content\n", null, "if ran 1\n", "ran 1\n"]

=== without it: behind them
--- config
location /a {
    set $x "set";
    rewrite_by_ts_block { ngx.ctx.x = ngx.var.x; }
    content_by_ts_block { ngx.say(ngx.ctx.x); }
}
location /c { rewrite ^ /a last; rewrite_by_ts_block { ngx.exit(418); } }
--- request eval
["GET /a", "GET /c"]
--- response_body eval
["set\n", "set\n"]

=== access_by_ts_no_postpone: before allow, deny and auth_basic
--- http_config
access_by_ts_no_postpone on;
--- config
location /a { deny all; access_by_ts_block { ngx.exit(402); } }
location /b { satisfy any; deny all; access_by_ts_block { await ngx.sleep(0.001); ngx.exit(ngx.OK); } return 200 "in\n"; }
location /c { deny all; access_by_ts_block { ngx.log(ngx.NOTICE, "passed"); } }
location /d { satisfy any; deny all; access_by_ts_block { ngx.exit(ngx.OK); } content_by_ts_block { ngx.say("in"); } }
--- request eval
["GET /a", "GET /c", "GET /d"]
--- error_code eval
[402, 403, 200]
--- error_log
passed

=== without it: behind them
--- config
location /a { deny all; access_by_ts_block { ngx.exit(402); } }
--- request
GET /a
--- error_code: 403

=== precontent_by_ts_no_postpone: before try_files
--- http_config
precontent_by_ts_no_postpone on;
--- config
location /a { try_files /none =404; precontent_by_ts_block { ngx.say("before"); ngx.exit(200); } }
--- request
GET /a
--- response_body
before

=== without it: behind it
--- config
location /a { try_files /none =404; precontent_by_ts_block { ngx.say("before"); ngx.exit(200); } }
--- request
GET /a
--- error_code: 404

=== settings without effect are checked
--- http_config
ts_sa_restart off;
ts_malloc_trim 100;
ts_thread_cache_max_entries 10;
ts_regex_cache_max_entries 2;
ts_max_pending_timers 10;
ts_max_running_timers 10;
--- config
location /a {
    content_by_ts_block {
        const found = ["a+", "b+", "c+", "a+", "b+"].map((p) => ngx.re.match("abc", p, "jo")?.[0]);
        ngx.say(found.join(" "));
    }
}
--- request
GET /a
--- response_body
a b c a b

=== no pattern is kept at all
--- http_config
ts_regex_cache_max_entries 0;
--- config
location /a { content_by_ts_block { ngx.say(["a", "b", "a"].map((p) => ngx.re.match("ab", p, "o")?.[0]).join(" ")); } }
--- request
GET /a
--- response_body
a b a

=== what is no number
--- http_config
ts_malloc_trim often;
--- config
location / { }
--- must_die
--- error_log
"ts_malloc_trim" directive invalid number

=== what is neither on nor off
--- config
ts_http10_buffering maybe;
--- must_die
--- error_log
invalid value "maybe" in "ts_http10_buffering" directive, it must be "on" or "off"

=== a setting twice
--- config
ts_need_request_body on;
ts_need_request_body on;
--- must_die
--- error_log
"ts_need_request_body" directive is duplicate

=== a setting of the http block in a server
--- config
ts_max_pending_timers 3;
--- must_die
--- error_log
"ts_max_pending_timers" directive is not allowed here

=== no_postpone is the http block's
--- config
location / { rewrite_by_ts_no_postpone on; }
--- must_die
--- error_log
"rewrite_by_ts_no_postpone" directive is not allowed here

=== modules in C
--- http_config
ts_package_cpath "/lib/?.so";
--- config
location / { }
--- must_die
--- error_log
"ts_package_cpath" directive is not supported: scripts cannot load modules in C

=== what is Lua's own
--- http_config
ts_load_resty_core off;
--- config
location / { }
--- must_die
--- error_log
"ts_load_resty_core" directive is not supported: the API needs no library to be loaded

=== a client of HTTP/1.0 has not more kept for it than others
--- config
location /a { content_by_ts_block { const piece = "x".repeat(1 << 21); for (let i = 0; i < 40; i++) { ngx.print(piece); await ngx.flush(true); } } }
--- raw_request eval
"GET /a HTTP/1.0\r\n\r\n"
--- ignore_response
--- error_log
more than 67108864 bytes were said, and HTTP/1.0 has no chunks
