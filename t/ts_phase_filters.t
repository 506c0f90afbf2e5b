# Header and body filters that wait, change and refuse, over bodies of every kind.

=== a header filter that waits and then refuses: the page's own blocks run, those that were refused do not go on
--- config
error_page 403 /page;
location = /page { content_by_ts_block { await ngx.sleep(0.001); ngx.say("page ", ngx.status); } }
location = /t {
    content_by_ts_block { ngx.say("refused"); await ngx.sleep(5); ngx.log(ngx.ERR, "went on"); }
    header_filter_by_ts_block { await ngx.sleep(0.001); ngx.exit(403); }
}
--- request
GET /t
--- error_code: 403
--- response_body
page 403
--- no_error_log
went on

=== what nginx's own header filters refuse: the page's own blocks run
--- config
error_page 412 /page;
location = /page { access_by_ts_block { await ngx.sleep(0.001); } content_by_ts_block { ngx.say("page ", ngx.status); } }
location = /t { content_by_ts_block { ngx.say("refused"); await ngx.sleep(5); ngx.log(ngx.ERR, "went on"); } }
location = /short { content_by_ts_block { ngx.say("refused"); } }
--- request eval
["GET /t", "GET /short"]
--- more_headers
If-Match: "none"
--- error_code eval
[412, 412]
--- response_body eval
["page 412\n", "page 412\n"]
--- no_error_log
went on
no request found

=== pieces stay in order, however long each of them takes
--- config
location /a {
    content_by_ts_block { for (let i = 0; i < 8; i++) { ngx.print(i, " "); await ngx.flush(true); } ngx.say("end"); }
    header_filter_by_ts_block { await ngx.sleep(0.02); ngx.header["X-Late"] = "yes"; }
    body_filter_by_ts_block { await ngx.sleep(ngx.arg[1].startsWith("0") ? 0.03 : 0); ngx.arg[1] = `<${ngx.arg[1]}>`; }
}
--- request
GET /a
--- response_headers
X-Late: yes
--- response_body_like: ^<0 >.*<7 >.*end

=== a large proxied body, each piece waits
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { content_by_ts_block { for (let i = 0; i < 64; i++) { ngx.print("0123456789abcdef".repeat(1024)); if (i % 8 === 0) await ngx.sleep(0.001); } } } }
--- config
location /buffered { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; header_filter_by_ts_block { ngx.header.content_length = undefined; } body_filter_by_ts_block { await ngx.sleep(0); ngx.arg[1] = ngx.arg[1].replaceAll("f", "F"); } }
location /unbuffered { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_buffering off; header_filter_by_ts_block { await null; ngx.header.content_length = undefined; } body_filter_by_ts_block { await null; ngx.arg[1] = ngx.arg[1].replaceAll("f", "F"); } }
location /count { content_by_ts_block { const r = await ngx.location.capture("/buffered"); ngx.say(r.body.length, " ", r.body.split("F").length, " ", r.body.includes("f")); } }
--- request eval
["GET /buffered", "GET /unbuffered", "GET /count"]
--- response_body eval
["0123456789abcdeF".repeat(65536), "0123456789abcdeF".repeat(65536), "1048576 65537 false\n"]

=== a large static file, and a filter that only looks
--- config
location / { body_filter_by_ts_block { ngx.ctx.n = (ngx.ctx.n ?? 0) + ngx.arg_buffer.length; if (ngx.arg[2]) ngx.log(ngx.NOTICE, "saw ", ngx.ctx.n); } }
--- user_files eval
[["big.bin", "x".repeat(300000)]]
--- request
GET /big.bin
--- response_headers
Content-Length: 300000
--- response_body eval
"x".repeat(300000)
--- error_log
saw 300000

=== growing, shrinking and replacing a body
--- config
location /grow { return 200 "abc"; header_filter_by_ts_block { ngx.header.content_length = undefined; } body_filter_by_ts_block { ngx.arg[1] = ngx.arg[1].repeat(3); } }
location /known { return 200 "abc"; header_filter_by_ts_block { ngx.header.content_length = 6; } body_filter_by_ts_block { ngx.arg[1] += "def"; } }
location /none { return 200 "abc"; header_filter_by_ts_block { ngx.header.content_length = 0; } body_filter_by_ts_block { ngx.arg[1] = ""; } }
location /last { content_by_ts_block { ngx.print("one"); await ngx.flush(true); ngx.print("two"); } body_filter_by_ts_block { if (ngx.arg[2]) ngx.arg[1] += "!"; } }
location /all {
    content_by_ts_block { for (const c of ["{\"a\"", ":[1,", "2]}"]) { ngx.print(c); await ngx.flush(true); } }
    body_filter_by_ts_block {
        ngx.ctx.body = (ngx.ctx.body ?? "") + ngx.arg[1];
        if (ngx.arg[2]) { const data = JSON.parse(ngx.ctx.body); data.a.push(3); ngx.arg[1] = JSON.stringify(data); }
        else ngx.arg[1] = undefined;
    }
}
--- request eval
["GET /grow", "GET /known", "GET /none", "GET /last", "GET /all"]
--- response_body eval
["abcabcabc", "abcdef", "", "onetwo!", '{"a":[1,2,3]}']
--- response_headers eval
["", "Content-Length: 6", "Content-Length: 0", "", ""]

=== an early end: what comes after it is dropped, the connection serves on
--- config
location /a { content_by_ts_block { for (let i = 0; i < 4; i++) { ngx.print(i); await ngx.flush(true); } } body_filter_by_ts_block { await null; if (ngx.arg[1] === "1") { ngx.arg[1] = "."; ngx.arg[2] = true; } } }
--- pipelined_requests eval
["GET /a", "GET /a"]
--- response_body eval
["0.", "0."]

=== several filters in a row, some wait
--- config
location /a {
    return 200 "a";
    header_filter_by_ts_block { ngx.header.content_length = undefined; ngx.header["X-T"] = "1"; }
    header_filter_by_ts_block { await ngx.sleep(0.001); ngx.header["X-T"] += "2"; }
    header_filter_by_ts_block { ngx.header["X-T"] += "3"; }
    body_filter_by_ts_block { ngx.arg[1] += "b"; }
    body_filter_by_ts_block { await ngx.sleep(0.001); ngx.arg[1] += "c"; }
    body_filter_by_ts_block { ngx.arg[1] += "d"; }
}
--- request
GET /a
--- response_headers
X-T: 123
--- response_body chomp
abcd

=== filters read and set what they may
--- config
location /a {
    content_by_ts_block { ngx.header["X-Gone"] = 1; ngx.header["X-Many"] = ["a", "b"]; ngx.status = 202; ngx.say("x"); }
    header_filter_by_ts_block {
        ngx.header["X-Gone"] = null;
        ngx.header["X-Copy"] = (ngx.header["X-Many"] as string[]).join("+");
        ngx.header["Set-Cookie"] = ["a=1", "b=2"];
        ngx.header["X-Sent"] = ngx.headers_sent;
        ngx.header["X-Type"] = ngx.resp.get_headers()["content-type"];
        ngx.header.content_type = "text/x-other";
        ngx.status = ngx.status + 1;
    }
    body_filter_by_ts_block { ngx.ctx.seen = `${ngx.headers_sent} ${ngx.status} ${ngx.header["X-Copy"]}`; }
    log_by_ts_block { ngx.log(ngx.NOTICE, "body filter saw ", ngx.ctx.seen); }
}
--- request
GET /a
--- error_code: 203
--- response_headers
X-Copy: a+b
Set-Cookie: a=1, b=2
X-Sent: false
X-Type: text/plain
Content-Type: text/x-other
! X-Gone
--- error_log
body filter saw true 203 a+b

=== a header filter that throws: 500 in place of the answer, and the filters are not asked again
--- config
error_page 500 /500;
location /500 { internal; return 500 "my own\n"; }
location /a { content_by_ts_block { ngx.header["X-Lost"] = 1; ngx.say("x"); } header_filter_by_ts_block { throw new Error("in the filter"); } body_filter_by_ts_block { ngx.log(ngx.ERR, "must not run"); } }
location /b { proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/up; header_filter_by_ts_block { await ngx.sleep(0.001); throw new Error("in the late filter"); } }
location /up { return 200 "upstream"; }
location /sub { content_by_ts_block { const r = await ngx.location.capture("/a"); ngx.say(r.status); } }
--- request eval
["GET /a", "GET /b", "GET /sub"]
--- error_code eval
[500, 500, 200]
--- response_body eval
["my own\n", "my own\n", "500\n"]
--- error_log
in the filter
in the late filter
--- no_error_log
must not run

=== a body filter that throws cuts the answer off, at once or later
--- config
location /now { content_by_ts_block { ngx.print("x".repeat(100)); } body_filter_by_ts_block { throw new Error("at once"); } log_by_ts_block { ngx.log(ngx.NOTICE, "log after ", ngx.status); } }
location /late { content_by_ts_block { ngx.print("one"); await ngx.flush(true); ngx.print("two"); } body_filter_by_ts_block { await ngx.sleep(0.001); if (ngx.arg[1] === "two") throw new Error("at the end"); } log_by_ts_block { ngx.log(ngx.NOTICE, "log after late"); } }
location /p { proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/up; body_filter_by_ts_block { throw new Error("proxied"); } }
location /up { return 200 "upstream"; }
location /sub { content_by_ts_block { const r = await ngx.location.capture("/now"); ngx.say("captured ", r.truncated, " ", r.body.length); } }
location /ok { return 200 "ok"; }
--- request eval
["GET /now", "GET /late", "GET /p"]
--- ignore_response
--- error_log
at once
log after 200
at the end
log after late
proxied

=== and the server goes on
--- request
GET /ok
--- response_body chomp
ok

=== endless loops in each phase fail their request, and no other
--- http_config
ts_cpu_limit 80ms;
--- config
location /set { set_by_ts_block $x { for (;;); } return 200 "x"; }
location /rewrite { rewrite_by_ts_block { for (;;); } content_by_ts_block { } }
location /access { access_by_ts_block { await null; for (;;); } content_by_ts_block { } }
location /header { return 200 "x"; header_filter_by_ts_block { for (;;); } }
location /late { return 200 "x"; header_filter_by_ts_block { await ngx.sleep(0.001); for (;;); } }
location /log { return 200 "logged"; log_by_ts_block { for (;;); } }
location /ok { return 200 "ok"; header_filter_by_ts_block { ngx.header["X-Ok"] = "1"; } }
--- request eval
["GET /set", "GET /rewrite", "GET /access", "GET /header", "GET /late", "GET /log", "GET /ok"]
--- error_code eval
[500, 500, 500, 500, 500, 200, 200]
--- error_log
set_by_ts(nginx.conf:5:
rewrite_by_ts(nginx.conf:6:
access_by_ts(nginx.conf:7:
header_filter_by_ts(nginx.conf:8:
header_filter_by_ts(nginx.conf:9:
log_by_ts(nginx.conf:10:
cut off after 80 ms

=== an endless loop in a body filter cuts the answer off
--- http_config
ts_cpu_limit 80ms;
--- config
location /body { content_by_ts_block { ngx.print("one"); await ngx.flush(true); ngx.print("two"); } body_filter_by_ts_block { if (ngx.arg[1] === "two") for (;;); } }
location /ok { return 200 "ok"; body_filter_by_ts_block { ngx.arg[1] = "OK"; } }
--- request
GET /body
--- ignore_response
--- error_log
body_filter_by_ts(nginx.conf:
cut off after 80 ms

=== and others go on
--- request eval
["GET /ok", "GET /ok"]
--- response_body eval
["OK", "OK"]

=== a filter that never settles holds its answer until the client has gone
--- config
location /a { ts_check_client_abort on; return 200 "x"; header_filter_by_ts_block { await new Promise(() => {}); } log_by_ts_block { ngx.log(ngx.NOTICE, "ended"); } }
--- request
GET /a
--- timeout: 0.15
--- abort
--- ignore_response
--- error_log
client prematurely closed connection
ended

=== subrequests in filters
--- config
location /a { return 200 "main"; header_filter_by_ts_block { ngx.header["X-Sub"] = (await ngx.location.capture("/s")).body; ngx.header.content_length = undefined; } body_filter_by_ts_block { if (ngx.arg[2]) ngx.arg[1] += " " + (await ngx.location.capture("/s")).body; } }
location /s { return 200 "sub"; }
--- request
GET /a
--- response_headers
X-Sub: sub
--- response_body chomp
main sub

=== a body filter that returns ngx.ERROR cuts the response off, at once or after a wait, and that is no error of its own
--- config
location /now { content_by_ts_block { ngx.print("one "); await ngx.flush(true); await ngx.sleep(0.02); ngx.print("two"); }
    body_filter_by_ts_block { if (ngx.arg[1].includes("two")) return ngx.ERROR; } }
location /later { content_by_ts_block { ngx.print("one "); await ngx.flush(true); await ngx.sleep(0.02); ngx.print("two"); }
    body_filter_by_ts_block { await ngx.sleep(0.001); if (ngx.arg[1].includes("two")) return ngx.ERROR; } }
location /thread { content_by_ts_block { ngx.print("one "); await ngx.flush(true); await ngx.sleep(0.02); ngx.print("two"); }
    body_filter_by_ts_block { ngx.thread.spawn(() => ngx.sleep(0.001)); if (ngx.arg[1].includes("two")) return ngx.ERROR; } }
location /others { return 200 "whole"; body_filter_by_ts_block { return 403; } }
location /a {
    content_by_ts_block {
        for (const uri of ["/now", "/later", "/thread", "/others"]) {
            const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
            await sock.send(`GET ${uri} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
            const answer = await sock.receive("*a");
            ngx.say(uri, " ", JSON.stringify(answer.slice(answer.indexOf("\r\n\r\n") + 4)));
        }
    }
}
--- request
GET /a
--- response_body
/now "4\r\none \r\n"
/later "4\r\none \r\n"
/thread "4\r\none \r\n"
/others "whole"
--- no_error_log
[error]

=== what a piece cannot be, and what is true at its end
--- config
location /bad { content_by_ts_block { ngx.print("x"); } body_filter_by_ts_block {
    for (const value of [true, () => {}, { a: 1 }]) {
        try { ngx.arg[1] = value as never; } catch (e) { ngx.log(ngx.WARN, e.message); }
    }
    ngx.arg[1] = [1, ["b", 2.5]];
    ngx.arg[2] = 1 as never;
} }
--- request
GET /bad
--- response_body chomp
1b2.5
--- error_log
bad chunk data type: boolean
bad chunk data type: function
bad chunk data type: object

=== text is decoded across the borders of pieces, bytes are not touched
--- config
location /a { content_by_ts_block { const bytes = new TextEncoder().encode("äöü€"); for (const b of bytes) { ngx.print(new Uint8Array([b])); await ngx.flush(true); } } body_filter_by_ts_block { ngx.arg[1] = ngx.arg[1].toUpperCase(); } }
location /b { content_by_ts_block { ngx.print(new Uint8Array([0xff, 0x00, 0x80])); } body_filter_by_ts_block { const b = ngx.arg_buffer; for (let i = 0; i < b.length; i++) b[i] ^= 0xff; ngx.arg_buffer = b; } }
location /c { content_by_ts_block { ngx.print(new Uint8Array([0xff, 0xfe])); } body_filter_by_ts_block { if (ngx.arg[2]) ngx.ctx.end = true; } }
--- request eval
["GET /a", "GET /b", "GET /c"]
--- response_body eval
["\xc3\x84\xc3\x96\xc3\x9c\xe2\x82\xac", "\x00\xff\x7f", "\xff\xfe"]

=== filters of a response without a body, and of one that is upgraded from nothing
--- config
location /204 { return 204; header_filter_by_ts_block { ngx.header["X-F"] = ngx.status; } body_filter_by_ts_block { ngx.ctx.n = 1; } }
location /301 { return 301 /x; header_filter_by_ts_block { ngx.header["X-F"] = ngx.header.location; } body_filter_by_ts_block { ngx.arg[1] = ngx.arg[1].replace("Moved", "Went"); } }
location /empty { content_by_ts_block { } header_filter_by_ts_block { ngx.header["X-F"] = ngx.header.content_length ?? "none"; } body_filter_by_ts_block { if (ngx.arg[2]) ngx.arg[1] = ""; } }
--- request eval
["GET /204", "GET /301", "GET /empty"]
--- error_code eval
[204, 301, 200]
--- response_headers eval
["X-F: 204", "X-F: /x", "X-F: none"]
--- response_body_like eval
[/^$/, /Went Permanently/, /^$/]

=== text that a body filter gives goes out as UTF-8, after bytes of any kind
--- config
location / {
  content_by_ts_block { ngx.print("plain "); await ngx.flush(true); ngx.print("gr\u00fcn "); await ngx.flush(true); ngx.print("end"); }
  body_filter_by_ts_block { ngx.arg[1] = "<" + ngx.arg[1] + ">\u20ac"; }
  body_filter_by_ts_block { ngx.ctx.n = (ngx.ctx.n ?? 0) + ngx.arg_buffer.length; if (ngx.arg[2]) ngx.arg[1] += ngx.ctx.n; }
}
--- request
GET /
--- response_body chomp
<plain >€<grün >€<end>€30

=== a file comes in the pieces that output_buffers says, and what a filter adds to one follows it
--- config
location /default { rewrite ^ /50k.bin break; header_filter_by_ts_block { ngx.header.content_length = undefined; } body_filter_by_ts_block { ngx.arg[1] = `${ngx.arg[1].length} ${ngx.arg[2]}\n`; } }
location /set { rewrite ^ /50k.bin break; output_buffers 1 20k; header_filter_by_ts_block { ngx.header.content_length = undefined; } body_filter_by_ts_block { ngx.arg[1] = `${ngx.arg[1].length} ${ngx.arg[2]}\n`; } }
location /add { rewrite ^ /50k.bin break; header_filter_by_ts_block { ngx.header.content_length = undefined; } body_filter_by_ts_block { ngx.arg[1] += ngx.arg[2] ? "end\n" : "\n"; } }
location /utf8 { rewrite ^ /utf8.txt break; output_buffers 1 1025; header_filter_by_ts_block { ngx.header.content_length = undefined; } body_filter_by_ts_block { ngx.arg[1] += "ß"; } }
location /last { rewrite ^ /utf8.txt break; output_buffers 1 1025; header_filter_by_ts_block { ngx.header.content_length = undefined; } body_filter_by_ts_block { if (ngx.arg[2]) ngx.arg[1] = ngx.arg[1].slice(-2); } }
location /end { rewrite ^ /50k.bin break; header_filter_by_ts_block { ngx.header.content_length = undefined; } body_filter_by_ts_block { ngx.log(ngx.NOTICE, "end asked"); ngx.arg[1] = "all"; ngx.arg[2] = true; } }
location /sub { content_by_ts_block { for (const one of ["/default", "/add", "/end"]) { const { body } = await ngx.location.capture(one); ngx.say(body.length); } } }
--- user_files eval
[["50k.bin", "x".repeat(50000)], ["utf8.txt", "é".repeat(1500)]]
--- request eval
["GET /default", "GET /set", "GET /add", "GET /utf8", "GET /last", "GET /end", "GET /sub"]
--- response_body eval
["32768 false\n17232 true\n", "20480 false\n20480 false\n9040 true\n", "x".repeat(32768) + "\n" + "x".repeat(17232) + "end\n", "é".repeat(512) + "ß" + "é".repeat(513) + "ß" + "é".repeat(475) + "ß", "é".repeat(1025) + "éé", "all", "23\n50005\n3\n"]
--- grep_error_log: end asked
--- grep_error_log_out
end asked
end asked

=== of several pieces that are there at once, a filter fails at the first
--- config
location /throw { rewrite ^ /50k.bin break; body_filter_by_ts_block { ngx.log(ngx.NOTICE, "asked once"); throw new Error("at the first piece"); } }
location /loop { rewrite ^ /50k.bin break; body_filter_by_ts_block { ngx.log(ngx.NOTICE, "asked before the loop"); for (;;) ; } }
--- http_config
ts_cpu_limit 150ms;
--- user_files eval
[["50k.bin", "x".repeat(50000)]]
--- request eval
["GET /throw", "GET /loop"]
--- ignore_response
--- error_log
at the first piece
--- grep_error_log eval: /asked once|asked before the loop/g
--- grep_error_log_out
asked once
asked before the loop

=== what is only added to a piece, read afterwards, by other filters, or thrown away
--- http_config
init_by_ts_block { globalThis.tail = "é…"; }
--- config
default_type text/plain;
header_filter_by_ts_block { ngx.header.content_length = undefined; }
location /twice { return 200 "abc"; body_filter_by_ts_block { ngx.arg[1] += 1 + 2; ngx.arg[1] = ngx.arg[1] + globalThis.tail; } }
location /read { return 200 "abc"; body_filter_by_ts_block { ngx.arg[1] += globalThis.tail; ngx.arg[1] += `${ngx.arg[1].length}`; } }
location /bytes { return 200 "abc"; body_filter_by_ts_block { ngx.arg[1] += globalThis.tail; const bytes = ngx.arg_buffer; ngx.arg[1] += bytes.length; } }
location /dropped { return 200 "abc"; body_filter_by_ts_block { ngx.arg[1] += globalThis.tail; ngx.arg[1] = "def"; } }
location /after { return 200 "abc"; body_filter_by_ts_block { ngx.arg[1] = "def"; ngx.arg[1] += globalThis.tail; } }
location /next {
    return 200 "abc";
    body_filter_by_ts_block { ngx.arg[1] += globalThis.tail; }
    body_filter_by_ts_block { await null; ngx.arg[1] = ngx.arg[1].toUpperCase(); }
    body_filter_by_ts_block { ngx.arg[1] += "!"; }
}
location /value { return 200 "abc"; body_filter_by_ts_block { const object = { valueOf: () => 7, toString: () => "no" }; ngx.arg[1] += object; ngx.arg[1] += null; } }
--- request eval
["GET /twice", "GET /read", "GET /bytes", "GET /dropped", "GET /after", "GET /next", "GET /value"]
--- response_body eval
["abc3é…", "abcé…5", "abcé…8", "def", "defé…", "ABCÉ…!", "abc7null"]

=== a character that the next piece completes comes before what is added there, behind the piece that ends it
--- config
location / {
    content_by_ts_block {
        ngx.print(new Uint8Array([0x61, 0xc3]));
        await ngx.flush(true);
        ngx.print(new Uint8Array([0xa9, 0x62]));
        await ngx.flush(true);
        ngx.print("c");
    }
    body_filter_by_ts_block { ngx.arg[1] += "|"; }
}
--- request
GET /
--- response_body: a|éb|c|

=== a large piece that is only added to passes by as it is, whatever its bytes are
--- config
location / {
    header_filter_by_ts_block { ngx.header.content_length = undefined; }
    body_filter_by_ts_block { if (ngx.arg[2]) ngx.arg[1] += ngx.ctx.tail; }
    rewrite_by_ts_block { ngx.ctx.tail = "é".repeat(600); }
}
--- user_files eval
[["big.bin", "x\xff".repeat(25000) + "y"]]
--- request
GET /big.bin
--- response_body eval
"x\xff".repeat(25000) + "y" + "\xc3\xa9".repeat(600)

=== what a filter adds leaves with its piece where limit_rate holds too, and the connection serves on
--- config
location / {
    limit_rate 50m;
    header_filter_by_ts_block { ngx.header.content_length = undefined; }
    body_filter_by_ts_block { if (ngx.arg[2]) ngx.arg[1] += "!"; }
}
--- user_files eval
[["f.txt", "x".repeat(50000)]]
--- pipelined_requests eval
["GET /f.txt", "GET /f.txt"]
--- response_body eval
["x".repeat(50000) + "!", "x".repeat(50000) + "!"]
