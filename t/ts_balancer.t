# balancer_by_ts_block and ngx.balancer: which peer is asked, with what, and what if it fails.

=== a block chooses the peer: address and port
--- api: ngx.balancer, ngx.balancer.set_current_peer
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "peer $server_port\n"; }
upstream backend {
    server 0.0.0.1;
    balancer_by_ts_block { ngx.balancer.set_current_peer("127.0.0.1", $TEST_NGINX_RAND_PORT_1); }
}
--- config
location /a { proxy_pass http://backend; add_header X-Up $upstream_addr; }
--- request
GET /a
--- response_body
peer $TEST_NGINX_RAND_PORT_1
--- response_headers
X-Up: 127.0.0.1:$TEST_NGINX_RAND_PORT_1

=== an upstream without servers, the port in the address
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "peer\n"; }
upstream backend {
    balancer_by_ts_block { ngx.balancer.set_current_peer("127.0.0.1:$TEST_NGINX_RAND_PORT_1"); }
}
--- config
location /a { proxy_pass http://backend; }
--- request
GET /a
--- response_body
peer

=== as a file
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "by file\n"; }
upstream backend { balancer_by_ts_file html/choose.ts; }
--- user_files
>>> choose.ts
export default function (ngx: Ngx): void {
  ngx.balancer.set_current_peer("127.0.0.1", ngx.var.arg_port);
}
--- config
location /a { proxy_pass http://backend; }
--- request
GET /a?port=$TEST_NGINX_RAND_PORT_1
--- response_body
by file

=== a block waits before it chooses
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { return 200 "for $arg_name\n"; } }
upstream backend {
    balancer_by_ts_block {
        await ngx.sleep(0.01);
        ngx.balancer.set_current_peer("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
    }
}
--- config
location /a { proxy_pass http://backend; }
--- request eval
["GET /a?name=one", "GET /a?name=two"]
--- response_body eval
["for one\n", "for two\n"]

=== a peer is looked up with fetch
--- http_config
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    location /where { return 200 "127.0.0.1:$TEST_NGINX_RAND_PORT_1"; }
    location / { return 200 "found $uri\n"; }
}
upstream backend {
    balancer_by_ts_block {
        const answer = await fetch("http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/where");
        ngx.balancer.set_current_peer(await answer.text());
    }
}
--- config
location /a { proxy_pass http://backend; }
--- request
GET /a/b
--- response_body
found /a/b

=== a unix socket
--- http_config
server { listen unix:$TEST_NGINX_SERVER_ROOT/peer.sock; return 200 "unix\n"; }
upstream backend { balancer_by_ts_block { ngx.balancer.set_current_peer("unix:$TEST_NGINX_SERVER_ROOT/peer.sock"); } }
--- config
location /a { proxy_pass http://backend; add_header X-Up $upstream_addr; }
--- request
GET /a
--- response_body
unix
--- response_headers
X-Up: unix:$TEST_NGINX_SERVER_ROOT/peer.sock

=== ngx.ctx, variables, headers and arguments of the request are there
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { return 200 "$http_x_who\n"; } }
upstream backend {
    balancer_by_ts_block {
        ngx.ctx.seen.push(ngx.get_phase(), ngx.var.uri, ngx.req.get_method(), ngx.req.get_uri_args().x, ngx.req.get_headers()["x-h"]);
        ngx.var.who = ngx.ctx.seen.join(" ");
        ngx.balancer.set_current_peer("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        ngx.balancer.recreate_request();
    }
}
--- config
location /a {
    set $who nobody;
    access_by_ts_block { ngx.ctx.seen = ["access"]; }
    proxy_set_header X-Who $who;
    proxy_pass http://backend;
    log_by_ts_block { ngx.log(ngx.NOTICE, "log: ", ngx.ctx.seen.length); }
}
--- request
GET /a?x=1
--- more_headers
X-H: 2
--- response_body
access balancer /a GET 1 2
--- error_log
log: 6

=== nothing chosen: the upstream's own servers are asked
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "own\n"; }
upstream backend {
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    balancer_by_ts_block { ngx.log(ngx.NOTICE, "chose nothing"); }
}
--- config
location /a { proxy_pass http://backend; }
--- request
GET /a
--- response_body
own
--- error_log
chose nothing

=== nothing chosen and no servers
--- http_config
upstream backend { balancer_by_ts_block { } }
--- config
location /a { proxy_pass http://backend; }
--- request
GET /a
--- error_code: 500
--- error_log
ts balancer: no peer set while connecting to upstream

=== a block throws
--- http_config
upstream backend { server 127.0.0.1:1; balancer_by_ts_block { throw new Error("bad luck"); } }
--- config
location /a { proxy_pass http://backend; }
--- request
GET /a
--- error_code: 500
--- error_log
[ts] balancer_by_ts(nginx.conf:3:
bad luck

=== a block throws after a wait
--- http_config
upstream backend { server 127.0.0.1:1; balancer_by_ts_block { await ngx.sleep(0.001); null.x; } }
--- config
location /a { proxy_pass http://backend; }
--- request
GET /a
--- error_code: 500
--- error_log
TypeError: Cannot read properties of null

=== exit with a status answers with it, through error_page
--- http_config
upstream backend { balancer_by_ts_block { ngx.exit(Number(ngx.var.arg_s)); } }
--- config
error_page 403 /denied;
location = /denied { internal; return 200 "denied\n"; }
location /a { proxy_pass http://backend; }
--- request eval
["GET /a?s=403", "GET /a?s=503"]
--- error_code eval
[403, 503]
--- response_body_like eval
[/^denied$/m, /503 Service Temporarily Unavailable/]

=== exit with ngx.ERROR is a failure
--- http_config
upstream backend { server 127.0.0.1:1; balancer_by_ts_block { ngx.exit(ngx.ERROR); } }
--- config
location /a { proxy_pass http://backend; }
--- request
GET /a
--- error_code: 500

=== exit with ngx.OK takes the peer that was set
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "ok\n"; }
upstream backend {
    balancer_by_ts_block {
        ngx.balancer.set_current_peer("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        ngx.exit(ngx.OK);
        ngx.balancer.set_current_peer("127.0.0.1", 1);
    }
}
--- config
location /a { proxy_pass http://backend; }
--- request
GET /a
--- response_body
ok

=== a peer that refuses: more tries, and what the block is told
--- api: ngx.balancer.set_more_tries, ngx.balancer.get_last_failure
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "third\n"; }
upstream backend {
    balancer_by_ts_block {
        const ctx = ngx.ctx;
        ctx.n = (ctx.n ?? 0) + 1;
        const failure = ngx.balancer.get_last_failure_with_code();
        ngx.log(ngx.NOTICE, "try ", ctx.n, ": ", ngx.balancer.get_last_failure(), " ", failure?.state, " ", failure?.code);
        if (ctx.n === 1) ngx.balancer.set_more_tries(2);
        ngx.balancer.set_current_peer("127.0.0.1", ctx.n === 3 ? $TEST_NGINX_RAND_PORT_1 : $TEST_NGINX_RAND_PORT_2);
    }
}
--- config
location /a { proxy_pass http://backend; add_header X-Up "$upstream_addr $upstream_status"; }
--- request
GET /a
--- response_body
third
--- response_headers
X-Up: 127.0.0.1:$TEST_NGINX_RAND_PORT_2, 127.0.0.1:$TEST_NGINX_RAND_PORT_2, 127.0.0.1:$TEST_NGINX_RAND_PORT_1 502, 502, 200
--- error_log
try 1: undefined undefined undefined
try 2: failed failed 502
try 3: failed failed 502
connect() failed (111: Connection refused) while connecting to upstream

=== without more tries one failure is the end
--- http_config
upstream backend { balancer_by_ts_block { ngx.balancer.set_current_peer("127.0.0.1", $TEST_NGINX_RAND_PORT_2); } }
--- config
location /a { proxy_pass http://backend; }
--- request
GET /a
--- error_code: 502

=== a 404 that sends to the next peer is "next"
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { if ($http_x_try = 1) { return 404; } return 200 "second\n"; } }
upstream backend {
    balancer_by_ts_block {
        ngx.ctx.n = (ngx.ctx.n ?? 0) + 1;
        if (ngx.ctx.n === 1) ngx.balancer.set_more_tries(1);
        const f = ngx.balancer.get_last_failure_with_code();
        if (f !== undefined) ngx.log(ngx.NOTICE, "last: ", f.state, " ", f.code);
        ngx.req.set_header("X-Try", ngx.ctx.n);
        ngx.balancer.recreate_request();
        ngx.balancer.set_current_peer("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
    }
}
--- config
location /a { proxy_pass http://backend; proxy_next_upstream http_404; }
--- request
GET /a
--- response_body
second
--- error_log
last: next 404

=== proxy_next_upstream_tries limits set_more_tries
--- http_config
upstream backend {
    balancer_by_ts_block {
        ngx.ctx.n = (ngx.ctx.n ?? 0) + 1;
        if (ngx.ctx.n === 1) ngx.log(ngx.NOTICE, "more: ", JSON.stringify(ngx.balancer.set_more_tries_with_info(5)));
        ngx.balancer.set_current_peer("127.0.0.1", $TEST_NGINX_RAND_PORT_2);
    }
}
--- config
location /a { proxy_pass http://backend; proxy_next_upstream_tries 3; log_by_ts_block { ngx.log(ngx.NOTICE, "asked ", ngx.ctx.n); } }
--- request
GET /a
--- error_code: 502
--- error_log
more: {"ok":true,"warning":"reduced tries due to limit"}
asked 3

=== timeouts of the peer
--- api: ngx.balancer.set_timeouts
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { content_by_ts_block { await ngx.sleep(2); ngx.say("late"); } } }
upstream backend {
    balancer_by_ts_block {
        ngx.balancer.set_current_peer("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        ngx.balancer.set_timeouts(1, undefined, 0.05);
    }
}
--- config
location /a { proxy_pass http://backend; }
--- request
GET /a
--- timeout: 1
--- error_code: 504
--- error_log
upstream timed out (110: Connection timed out) while reading response header from upstream

=== bad timeouts
--- http_config
upstream backend {
    server 127.0.0.1:1;
    balancer_by_ts_block {
        for (const times of [[0], [undefined, -1], [1, 1, "x"]]) {
            try { ngx.balancer.set_timeouts(...(times as [])); } catch (e) { ngx.log(ngx.NOTICE, "said: ", e.message); }
        }
        ngx.exit(503);
    }
}
--- config
location /a { proxy_pass http://backend; }
--- request
GET /a
--- error_code: 503
--- error_log
said: bad connect timeout
said: bad send timeout
said: bad read timeout

=== addresses that are none
--- http_config
upstream backend {
    server 127.0.0.1:1;
    balancer_by_ts_block {
        for (const args of [["localhost", 80], ["127.0.0.1:x"], ["[::1", 80], ["127.0.0.1", 70000], [42], ["127.0.0.1", 80, 42], ["unix:"]]) {
            try { ngx.balancer.set_current_peer(...(args as [string])); } catch (e) { ngx.log(ngx.NOTICE, "said: ", e.message); }
        }
        ngx.exit(503);
    }
}
--- config
location /a { proxy_pass http://backend; }
--- request
GET /a
--- error_code: 503
--- grep_error_log eval: /said: [^,]*(?=,? while)/g
--- grep_error_log_out eval
"said: no host allowed\nsaid: invalid port\nsaid: invalid host\nsaid: invalid port\nsaid: no path in the unix domain socket\n"

=== an IPv6 address
--- http_config
server { listen [::1]:$TEST_NGINX_RAND_PORT_1; return 200 "six\n"; }
upstream backend { balancer_by_ts_block { ngx.balancer.set_current_peer("[::1]", $TEST_NGINX_RAND_PORT_1); } }
--- config
location /a { proxy_pass http://backend; add_header X-Up $upstream_addr; }
--- request
GET /a
--- response_body
six
--- response_headers
X-Up: [::1]:$TEST_NGINX_RAND_PORT_1

=== enable_keepalive keeps the connection, as many requests as it says
--- api: ngx.balancer.enable_keepalive
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { return 200 "$connection_requests\n"; } }
upstream backend {
    balancer_keepalive 4;
    balancer_by_ts_block {
        ngx.balancer.set_current_peer("127.0.0.1", $TEST_NGINX_RAND_PORT_1, ngx.var.uri);
        ngx.balancer.enable_keepalive(10, 2);
    }
}
--- config
location / { proxy_pass http://backend; }
location /all {
    content_by_ts_block {
        const key = "/k" + ngx.now();
        const seen = [];
        for (let i = 0; i < 4; i++) seen.push((await ngx.location.capture(key)).body.trim());
        ngx.say(seen.join(" "));
    }
}
--- request
GET /all
--- response_body
1 2 1 2

=== connections are kept by address and host
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { return 200 "$connection_requests\n"; } }
upstream backend {
    balancer_by_ts_block {
        ngx.balancer.set_current_peer("127.0.0.1", $TEST_NGINX_RAND_PORT_1, ngx.var.arg_host);
        ngx.balancer.enable_keepalive();
    }
}
--- config
location / { proxy_pass http://backend; }
location /all {
    content_by_ts_block {
        const t = ngx.now();
        const seen = [];
        for (const host of ["a", "b", "a", "b"]) seen.push((await ngx.location.capture("/x", { args: { host: host + t } })).body.trim());
        ngx.say(seen.join(" "));
    }
}
--- request
GET /all
--- response_body
1 1 2 2

=== a kept connection is closed after its time
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { return 200 "$connection_requests\n"; } }
upstream backend {
    balancer_by_ts_block {
        ngx.balancer.set_current_peer("127.0.0.1", $TEST_NGINX_RAND_PORT_1, ngx.var.args);
        ngx.balancer.enable_keepalive(0.02);
    }
}
--- config
location / { proxy_pass http://backend; }
location /all {
    content_by_ts_block {
        const uri = "/x?" + ngx.now();
        const one = (await ngx.location.capture(uri)).body.trim();
        await ngx.sleep(0.3);
        ngx.say(one, " ", (await ngx.location.capture(uri)).body.trim());
    }
}
--- request
GET /all
--- response_body
1 1

=== enable_keepalive: bad arguments, and before a peer is set
--- http_config
upstream backend {
    server 127.0.0.1:1;
    balancer_by_ts_block {
        const b = ngx.balancer;
        for (const args of [[], [-1], ["x"], [1, -1], [1, "x"]]) {
            try { b.enable_keepalive(...(args as [])); } catch (e) { ngx.log(ngx.NOTICE, "said: ", e.message); }
        }
        ngx.exit(503);
    }
}
--- config
location /a { proxy_pass http://backend; }
--- request
GET /a
--- error_code: 503
--- error_log
said: no current peer set
said: bad argument #1 to 'enable_keepalive' (expected >= 0)
said: bad argument #1 to 'enable_keepalive' (number expected, got string)
said: bad argument #2 to 'enable_keepalive' (expected >= 0)
said: bad argument #2 to 'enable_keepalive' (number expected, got string)

=== recreate_request: the body that the block has set goes out
--- api: ngx.balancer.recreate_request
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { content_by_ts_block { await ngx.req.read_body(); ngx.say(ngx.req.get_method(), " ", ngx.req.get_body_data(), " ", ngx.var.http_content_length); } } }
upstream backend {
    balancer_by_ts_block {
        ngx.req.set_body_data("another body");
        ngx.balancer.recreate_request();
        ngx.balancer.set_current_peer("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
    }
}
--- config
location /a { proxy_pass http://backend; }
--- request
POST /a
body
--- response_body
POST another body 12

=== recreate_request: a body for a request that had none
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { content_by_ts_block { await ngx.req.read_body(); ngx.say(ngx.req.get_method(), " ", ngx.req.get_body_data()); } } }
upstream backend {
    balancer_by_ts_block {
        ngx.req.set_body_data("of the block");
        ngx.balancer.recreate_request();
        ngx.balancer.set_current_peer("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
    }
}
--- config
location /a { proxy_pass http://backend; }
--- request
GET /a
--- response_body
GET of the block

=== the local address
--- api: ngx.balancer.bind_to_local_addr
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "from $remote_addr\n"; }
upstream backend {
    balancer_by_ts_block {
        try { ngx.balancer.bind_to_local_addr("nowhere"); } catch (e) { ngx.log(ngx.NOTICE, "said: ", e.message); }
        ngx.balancer.bind_to_local_addr("127.0.0.2");
        ngx.balancer.set_current_peer("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
    }
}
--- config
location /a { proxy_pass http://backend; }
--- request
GET /a
--- response_body
from 127.0.0.2
--- error_log
said: invalid addr nowhere

=== set_upstream_tls: off is as it is
--- api: ngx.balancer.set_upstream_tls
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "plain\n"; }
upstream backend {
    balancer_by_ts_block {
        ngx.balancer.set_upstream_tls(false);
        ngx.balancer.set_current_peer("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
    }
}
--- config
location /a { proxy_pass http://backend; }
--- request
GET /a
--- response_body
plain

=== enable_keepalive: a connection serves only who asks for the same TLS name
--- certificates
root ca
server by=root name=a.example
--- http_config
upstream backend {
    balancer_by_ts_block {
        ngx.balancer.set_current_peer("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        ngx.balancer.enable_keepalive();
    }
}
--- config
proxy_ssl_server_name on;
proxy_ssl_name $request_id.example;
location /a { proxy_pass https://backend; }
--- request eval
["GET /a", "GET /a"]
--- tcp_tls: server
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_no_close
--- tcp_reply eval: (query, tls) => `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n${tls.servername.length}`
--- response_body eval
["40", "40"]

=== set_upstream_tls: on, with the name that the peer is asked for and checked against
--- certificates
root ca
server by=root name=a.example
--- http_config
upstream backend {
    balancer_by_ts_block {
        ngx.balancer.set_current_peer("127.0.0.1", $TEST_NGINX_RAND_PORT_1, ngx.var.arg_host);
        ngx.balancer.set_upstream_tls(ngx.var.arg_tls !== "0");
    }
}
--- config
proxy_ssl_server_name on;
proxy_ssl_verify on;
proxy_ssl_trusted_certificate $TEST_NGINX_HTML_DIR/root.crt;
location /a { set $up backend; proxy_pass http://$up; }
location /b { proxy_pass https://backend; }
location /c { proxy_pass http://backend; }
--- request
GET /a?host=a.example
--- tcp_tls: server
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval: (query, tls) => `HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nby ${tls.protocol}, name "${tls.servername}"`
--- response_body chomp
by TLSv1.3, name "a.example"

=== set_upstream_tls: another name
--- certificates
root ca
server by=root name=a.example
--- request
GET /b?host=b.example
--- tcp_tls: server
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval: () => ""
--- error_code: 502
--- error_log
does not match

=== set_upstream_tls: not in a location that never speaks it
--- certificates
root ca
--- request
GET /c?host=a.example
--- error_code: 500
--- error_log
no TLS settings: proxy_pass has to name https://, or a variable

=== outside of balancer blocks there is no balancer
--- config
location /a {
    content_by_ts_block {
        for (const f of ["set_current_peer", "set_more_tries", "get_last_failure", "set_timeouts", "enable_keepalive", "recreate_request", "set_upstream_tls", "bind_to_local_addr"]) {
            try { ngx.balancer[f]("127.0.0.1", 80); } catch (e) { ngx.say(e.message); }
        }
    }
}
--- request
GET /a
--- response_body eval
"API disabled in the context of content_by_ts*\n".repeat(8)

=== what a balancer block may not do
--- http_config
upstream backend {
    server 127.0.0.1:1;
    balancer_by_ts_block {
        const calls = {
            say: () => ngx.say("x"), print: () => ngx.print("x"), flush: () => ngx.flush(), eof: () => ngx.eof(),
            exec: () => ngx.exec("/x"), redirect: () => ngx.redirect("/x"), send_headers: () => ngx.send_headers(),
            capture: () => ngx.location.capture("/x"), arg: () => ngx.arg[1], header: () => { ngx.header.x = 1; },
        };
        for (const name in calls) {
            try { calls[name](); ngx.log(ngx.ERR, name, " passed"); } catch (e) { ngx.log(ngx.NOTICE, name, ": ", e.message); }
        }
        ngx.exit(503);
    }
}
--- config
location /a { proxy_pass http://backend; }
--- request
GET /a
--- error_code: 503
--- error_log
say: API disabled in the context of balancer_by_ts*
flush: API disabled in the context of balancer_by_ts*
exec: API disabled in the context of balancer_by_ts*
capture: API disabled in the context of balancer_by_ts*
arg: API disabled in the context of balancer_by_ts*
header: API disabled in the context of balancer_by_ts*
--- no_error_log
passed

=== several blocks run in order
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "ok\n"; }
upstream backend {
    balancer_by_ts_block { ngx.ctx.port = $TEST_NGINX_RAND_PORT_1; }
    balancer_by_ts_block { ngx.balancer.set_current_peer("127.0.0.1", ngx.ctx.port); }
}
--- config
location /a { proxy_pass http://backend; }
--- request
GET /a
--- response_body
ok

=== subrequests, and filters of what a chosen peer answers
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { return 200 "text of $uri\n"; } }
upstream backend { balancer_by_ts_block { await null; ngx.balancer.set_current_peer("127.0.0.1", $TEST_NGINX_RAND_PORT_1); } }
--- config
location /p {
    proxy_pass http://backend;
    header_filter_by_ts_block { ngx.header["Content-Length"] = undefined; ngx.header["X-F"] = "yes"; }
    body_filter_by_ts_block { ngx.arg[1] = ngx.arg[1].toUpperCase(); }
}
location /a { content_by_ts_block { const [x, y] = await ngx.location.capture_multi([["/p/1"], ["/p/2"]]); ngx.print(x.body, y.body, y.header["X-F"]); } }
--- request eval
["GET /a", "GET /p/3"]
--- response_body eval
["TEXT OF /P/1\nTEXT OF /P/2\nyes", "TEXT OF /P/3\n"]

=== an isolate of its own, whose location has no other block
--- http_config
ts_isolate other;
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "ok\n"; }
upstream backend { balancer_by_ts_block { ngx.balancer.set_current_peer("127.0.0.1", $TEST_NGINX_RAND_PORT_1); } }
--- config
location /a { proxy_pass http://backend; }
--- request
GET /a
--- response_body
ok

=== a block that does not come to an end
--- http_config
ts_cpu_limit 100ms;
upstream backend { server 127.0.0.1:1; balancer_by_ts_block { for (;;) {} } }
--- config
location /a { proxy_pass http://backend; }
location /b { content_by_ts_block { ngx.say("serves"); } }
--- request eval
["GET /a", "GET /b"]
--- error_code eval
[500, 200]
--- error_log
balancer_by_ts(nginx.conf:4:
cut off after 100 ms

=== the client leaves while a block waits
--- http_config
upstream backend { server 127.0.0.1:1; balancer_by_ts_block { await ngx.sleep(30); ngx.log(ngx.ERR, "went on"); } }
--- config
location /a { proxy_pass http://backend; access_log logs/access.log combined; log_by_ts_block { ngx.log(ngx.NOTICE, "ended with ", ngx.status); } }
--- request
GET /a
--- timeout: 0.2
--- abort
--- ignore_response
--- error_log
client prematurely closed connection
ended with 499
--- no_error_log
went on

=== after another method a warning is given, and the method is what is left
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "by least_conn\n"; }
upstream backend {
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    least_conn;
    balancer_by_ts_block { }
}
--- config
location /a { proxy_pass http://backend; }
--- request
GET /a
--- response_body
by least_conn
--- error_log
load balancing method redefined

=== without servers and without a balancer
--- http_config
upstream backend { keepalive 3; }
--- config
location /a { proxy_pass http://backend; }
--- must_die
--- error_log
no servers are inside upstream

=== backup servers are not for a balancer
--- http_config
upstream backend { balancer_by_ts_block { } server 127.0.0.1:1 backup; }
--- config
location /a { proxy_pass http://backend; }
--- must_die
--- error_log
balancing method does not support parameter "backup"

=== balancer_keepalive wants a number
--- http_config
upstream backend { balancer_by_ts_block { } balancer_keepalive 0; }
--- config
location /a { proxy_pass http://backend; }
--- must_die
--- error_log
invalid value "0" in "balancer_keepalive" directive

=== a block outside of upstream
--- config
balancer_by_ts_block { }
--- must_die
--- error_log
"balancer_by_ts_block" directive is not allowed here
