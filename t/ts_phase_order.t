# Blocks among nginx's own: order, inheritance, subrequests, redirects, error pages, kept connections.

=== order with the rewrite module, access control, try_files and the rest
--- config
location /a {
    set $trace "set";
    if ($arg_if) { set $trace "$trace if"; }
    set_by_ts_block $trace { return ngx.var.trace + " set_by"; }
    rewrite_by_ts_block { ngx.var.trace += " rewrite_by"; }
    set $trace "$trace set2";
    allow all;
    access_by_ts_block { ngx.var.trace += " access_by"; }
    try_files /none @last;
    precontent_by_ts_block { ngx.log(ngx.ERR, "must not run"); }
}
location /if {
    set $trace "set";
    if ($arg_if) { set $trace "$trace if"; content_by_ts_block { ngx.say(ngx.var.trace); } }
    set_by_ts_block $trace { return ngx.var.trace + " set_by"; }
    rewrite_by_ts_block { ngx.var.trace += " rewrite_by"; }
    set $trace "$trace set2";
    content_by_ts_block { ngx.say(ngx.var.trace); }
}
location /b {
    set $trace "";
    auth_basic "b";
    auth_basic_user_file html/users;
    access_by_ts_block { ngx.log(ngx.ERR, "must not run"); }
}
location /c { limit_except POST { deny all; } access_by_ts_block { ngx.ctx.a = "access"; } content_by_ts_block { ngx.say(ngx.ctx.a); } }
location @last { return 200 "$trace\n"; }
--- user_files
>>> users
u:{PLAIN}p
--- request eval
["GET /a", "GET /if?if=1", "GET /b", "POST /c\n", "GET /c"]
--- error_code eval
[200, 200, 401, 200, 403]
--- response_body eval
["set set_by set2 rewrite_by access_by\n", "set if set_by set2 rewrite_by\n", null, "access\n", null]
--- no_error_log
must not run

=== content_by takes the place of static files, index and the like; try_files comes before
--- config
index index.html;
location /dir/ { content_by_ts_block { ngx.say("script ", ngx.var.uri); } }
location /try/ { try_files $uri /fallback; content_by_ts_block { ngx.say("script ", ngx.var.uri); } }
location /fallback { content_by_ts_block { ngx.say("fallback ", ngx.var.uri); } }
location /ret { return 200 "return\n"; content_by_ts_block { ngx.say("script"); } }
--- user_files
>>> dir/index.html
static
>>> try/f.txt
static
--- request eval
["GET /dir/", "GET /try/f.txt", "GET /try/none", "GET /ret"]
--- response_body eval
["script /dir/\n", "script /try/f.txt\n", "fallback /fallback\n", "return\n"]

=== an if in a location: which blocks run
--- config
location /a {
    rewrite_by_ts_block { ngx.ctx.seen = `outer rewrite`; }
    access_by_ts_block { ngx.ctx.seen += `, outer access`; }
    if ($arg_x = 1) {
        access_by_ts_block { ngx.ctx.seen += ", if access"; }
        content_by_ts_block { ngx.say(ngx.ctx.seen, ", if content"); }
    }
    if ($arg_x = 2) {
        rewrite_by_ts_block { ngx.ctx.seen = "if rewrite"; }
        content_by_ts_block { ngx.say(ngx.ctx.seen, ", if content"); }
    }
    content_by_ts_block { ngx.say(ngx.ctx.seen, ", outer content"); }
    header_filter_by_ts_block { ngx.header["X-H"] = "outer"; }
}
--- request eval
["GET /a", "GET /a?x=1", "GET /a?x=2"]
--- response_body eval
["outer rewrite, outer access, outer content\n", "outer rewrite, if access, if content\n", "if rewrite, outer access, if content\n"]
--- response_headers eval
["X-H: outer", "X-H: outer", "X-H: outer"]

=== an if in a server
--- config
set $who nobody;
if ($arg_x = 1) { set_by_ts_block $who { return "by if"; } }
set_by_ts_block $also { return ngx.var.who + "!"; }
location /a { return 200 "$who $also\n"; }
--- request eval
["GET /a", "GET /a?x=1"]
--- response_body eval
["nobody nobody!\n", "by if by if!\n"]

=== nested locations: own blocks take the place of all that was inherited, block or file
--- user_files
>>> file.ts
export default (ngx: Ngx) => { ngx.ctx.a = `${ngx.ctx.a ?? ""}[file]`; };
--- config
access_by_ts_block { ngx.ctx.a = "[server 1]"; }
access_by_ts_block { ngx.ctx.a += "[server 2]"; }
location /outer {
    content_by_ts_block { ngx.say(ngx.ctx.a); }
    location /outer/file { access_by_ts_file html/file.ts; content_by_ts_block { ngx.say(ngx.ctx.a); } }
    location /outer/both { access_by_ts_file html/file.ts; access_by_ts_block { ngx.ctx.a += "[block]"; } content_by_ts_block { ngx.say(ngx.ctx.a); }
        location /outer/both/in { content_by_ts_block { ngx.say(ngx.ctx.a, "in"); } } }
}
--- request eval
["GET /outer", "GET /outer/file", "GET /outer/both", "GET /outer/both/in"]
--- response_body eval
["[server 1][server 2]\n", "[file]\n", "[file][block]\n", "[file][block]in\n"]

=== rewritten: the blocks of the new location, ctx is kept; set_uri's jump, an error page and exec forget it
--- config
error_page 404 /page;
error_page 403 @named;
rewrite_by_ts_block { ngx.ctx.n = (ngx.ctx.n ?? 0) + 1; }
location /old { rewrite ^ /new last; }
location /jump { rewrite_by_ts_block { ngx.ctx.n = 10; ngx.req.set_uri("/new", true); } }
location /new { content_by_ts_block { ngx.say("new ", ngx.ctx.n, " ", ngx.var.uri); } }
location /none { access_by_ts_block { ngx.ctx.n = 20; ngx.exit(404); } }
location /denied { access_by_ts_block { ngx.ctx.n = 30; ngx.exit(403); } }
location /page { content_by_ts_block { ngx.say("page ", ngx.ctx.n, " ", ngx.status, " ", ngx.var.uri, " ", ngx.req.is_internal()); } }
location @named { content_by_ts_block { ngx.say("named ", ngx.ctx.n, " ", ngx.status, " ", ngx.var.uri); } }
--- request eval
["GET /old", "GET /jump", "GET /none", "GET /denied"]
--- error_code eval
[200, 200, 404, 403]
--- response_body eval
["new 1 /new\n", "new 1 /new\n", "page 1 404 /page true\n", "named 1 403 /denied\n"]

=== error pages of what blocks do: filters run for the page, log once
--- config
error_page 500 502 /page;
location /page { internal; return 200 "page\n"; header_filter_by_ts_block { ngx.header["X-Page"] = ngx.status; } log_by_ts_block { ngx.log(ngx.NOTICE, "logged page ", ngx.status); } }
location /throws { content_by_ts_block { ngx.header["X-Lost"] = "1"; throw new Error("oh"); } header_filter_by_ts_block { ngx.log(ngx.ERR, "must not run"); } log_by_ts_block { ngx.log(ngx.ERR, "must not run"); } }
location /up { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; header_filter_by_ts_block { ngx.log(ngx.ERR, "must not run"); } }
location /recursive { recursive_error_pages on; error_page 404 = /again; access_by_ts_block { ngx.exit(404); } }
location /again { access_by_ts_block { ngx.exit(404); } error_page 404 =200 @end; }
location @end { content_by_ts_block { ngx.say("end"); } }
--- request eval
["GET /throws", "GET /up", "GET /recursive"]
--- error_code eval
[500, 502, 200]
--- response_headers eval
["X-Page: 500", "X-Page: 502", ""]
--- error_log
logged page 500
logged page 502
--- no_error_log
must not run

=== HEAD, 304 and ranges: header filters run, body filters have what there is
--- config
location /s { content_by_ts_block { ngx.say("12345"); } header_filter_by_ts_block { ngx.header["X-M"] = ngx.req.get_method(); } body_filter_by_ts_block { ngx.ctx.n = (ngx.ctx.n ?? 0) + ngx.arg[1].length; } log_by_ts_block { ngx.log(ngx.NOTICE, "body of ", ngx.var.request_method, ": ", ngx.ctx.n); } }
location / { header_filter_by_ts_block { ngx.header["X-Status"] = ngx.status; } }
--- user_files
>>> f.txt 202001010000.00
0123456789
--- request eval
["HEAD /s", "GET /f.txt", "GET /f.txt", "HEAD /f.txt"]
--- more_headers eval
["", "If-Modified-Since: Wed, 01 Jan 2020 00:00:00 GMT", "Range: bytes=2-4", ""]
--- error_code eval
[200, 304, 206, 200]
--- response_headers eval
["X-M: HEAD", "X-Status: 304", "X-Status: 200", "X-Status: 200\nContent-Length: 11"]
--- response_body eval
["", "", "234", ""]
--- error_log
body of HEAD: 6

=== filters see what nginx's own filters before them have made: a range, no add_header
--- config
add_header X-Conf "$sent_http_x_script";
location / {
    header_filter_by_ts_block { ngx.header["X-Script"] = [ngx.status, ngx.header["X-Conf"] ?? "none", ngx.header["Content-Range"] ?? "none"].join(" "); }
    body_filter_by_ts_block { ngx.arg[1] = ngx.arg[1].replaceAll("3", "X"); }
}
--- user_files
>>> f.txt
0123456789
--- request
GET /f.txt
--- more_headers
Range: bytes=2-4
--- error_code: 206
--- response_headers
X-Script: 200 none none
X-Conf: 200 none none
Content-Range: bytes 2-4/11
--- response_body chomp
2X4

=== the access log has what log blocks set, whether they wait then or not
--- http_config
log_format own "$request_uri $mine";
--- config
set $mine "-";
access_log logs/access.log own;
location /a { return 200 "x"; log_by_ts_block { ngx.var.mine = "by log"; } }
location /wait { return 200 "x"; log_by_ts_block { ngx.var.mine = "before"; await ngx.sleep(0.2); ngx.var.mine = "too late"; } }
location /throws { content_by_ts_block { ngx.say("x"); } log_by_ts_block { ngx.var.mine = "thrown"; throw new Error("in log"); } }
--- request eval
["GET /a", "GET /wait", "GET /throws"]
--- access_log
/a by log
/wait before
/throws thrown
--- error_log
in log

=== pipelined requests whose blocks wait are answered in order
--- config
location /a {
    access_by_ts_block { await ngx.sleep(Number(ngx.var.arg_s)); }
    content_by_ts_block { ngx.say(ngx.var.arg_n, " ", ngx.var.connection_requests); await ngx.sleep(0.005); ngx.say("."); }
    header_filter_by_ts_block { await ngx.sleep(0.002); ngx.header["X-N"] = ngx.var.arg_n; }
    body_filter_by_ts_block { await ngx.sleep(0.001); ngx.arg[1] = ngx.arg[1].toUpperCase(); }
    log_by_ts_block { await ngx.sleep(0.05); ngx.log(ngx.NOTICE, "logged ", ngx.var.arg_n); }
}
--- pipelined_requests eval
["GET /a?n=a&s=0.03", "GET /a?n=b&s=0", "POST /a?n=c&s=0.01\nbody", "GET /a?n=d&s=0"]
--- response_body eval
["A 1\n.\n", "B 2\n.\n", "C 3\n.\n", "D 4\n.\n"]
--- response_headers eval
["X-N: a", "X-N: b", "X-N: c", "X-N: d"]
--- error_log
logged a
logged d

=== log blocks never delay the next request of a connection
--- config
location /a { return 200 "x"; log_by_ts_block { await ngx.sleep(0.8); ngx.log(ngx.NOTICE, "logged late"); } }
--- pipelined_requests eval
["GET /a", "GET /a", "GET /a"]
--- timeout: 0.7
--- response_body eval
["x", "x", "x"]
--- error_log
logged late

=== subrequests: their phases but access, with a ctx of their own; log only where log_subrequest says so
--- config
location /main {
    rewrite_by_ts_block { ngx.ctx.who = "main"; }
    content_by_ts_block {
        const one = await ngx.location.capture("/sub", { ctx: { given: 1 } });
        const two = await ngx.location.capture("/sublog");
        ngx.say(one.body, two.body, ngx.ctx.who, " ", one.header["X-Sub"], " ", one.status);
    }
}
location /sub {
    rewrite_by_ts_block { ngx.ctx.who = "sub"; }
    access_by_ts_block { ngx.log(ngx.ERR, "must not run"); }
    content_by_ts_block { await ngx.sleep(0.001); ngx.status = 202; ngx.say(ngx.ctx.who, " ", ngx.ctx.given, " ", ngx.is_subrequest, " ", ngx.get_phase()); }
    header_filter_by_ts_block { await null; ngx.header["X-Sub"] = "filtered"; }
    body_filter_by_ts_block { await null; ngx.arg[1] = ngx.arg[1].replace("sub", "SUB"); }
    log_by_ts_block { ngx.log(ngx.ERR, "must not run"); }
}
location /sublog { log_subrequest on; content_by_ts_block { ngx.say("sublog"); } log_by_ts_block { ngx.log(ngx.NOTICE, "log of the subrequest ", ngx.is_subrequest); } }
--- request
GET /main
--- response_body
SUB 1 true content
sublog
main filtered 202
--- error_log
log of the subrequest true
--- no_error_log
must not run

=== auth_request-like use: mirrors and their phases
--- config
location /a { mirror /mirrored; content_by_ts_block { ngx.say("original"); } }
location = /mirrored { internal; log_subrequest on; content_by_ts_block { ngx.log(ngx.NOTICE, "mirrored ", ngx.var.request_uri); ngx.exit(204); } }
--- request
GET /a?x
--- response_body
original
--- error_log
mirrored /a?x

=== satisfy any: blocks are asked in turn, also when they wait
--- config
location /a {
    satisfy any;
    access_by_ts_block { await ngx.sleep(0.001); if (ngx.var.arg_one) ngx.exit(ngx.OK); if (ngx.var.arg_bad) ngx.exit(500); ngx.exit(403); }
    deny all;
    content_by_ts_block { ngx.say("in"); }
}
location /end { satisfy any; deny all; access_by_ts_block { await null; } content_by_ts_block { ngx.say("in"); } }
--- request eval
["GET /a?one=1", "GET /a", "GET /a?bad=1", "GET /end"]
--- error_code eval
[200, 403, 500, 200]

=== satisfy all: each has to agree
--- config
location /a { satisfy all; allow all; access_by_ts_block { if (!ngx.var.arg_k) ngx.exit(401); } content_by_ts_block { ngx.say("in"); } }
--- request eval
["GET /a?k=1", "GET /a"]
--- error_code eval
[200, 401]

=== what a proxied location's blocks see
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { add_header X-Up $http_x_added; return 200 "$request_method $request_uri\n"; } }
--- config
location /p {
    rewrite_by_ts_block { ngx.req.set_uri("/changed"); ngx.req.set_uri_args({ a: 1 }); }
    access_by_ts_block { ngx.req.set_header("X-Added", "by access"); ngx.ctx.t = 1; }
    precontent_by_ts_block { ngx.req.set_method(ngx.HTTP_PUT); }
    header_filter_by_ts_block { ngx.header["X-Seen"] = ngx.header["X-Up"] + ", " + ngx.status + ", " + ngx.var.upstream_status; }
    log_by_ts_block { ngx.log(ngx.NOTICE, "upstream ", ngx.var.upstream_status, " ctx ", ngx.ctx.t); }
    proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;
}
--- request
GET /p
--- response_body
PUT /changed?a=1
--- response_headers
X-Seen: by access, 200, 200
--- error_log
upstream 200 ctx 1

=== post_action runs blocks too, after the answer
--- config
location /a { post_action /after; content_by_ts_block { ngx.say("a"); } }
location /after { internal; content_by_ts_block { ngx.log(ngx.NOTICE, "after ", ngx.var.uri); } }
--- request
GET /a
--- response_body
a
--- error_log
after /after
