# ngx.resp.

=== add_header: beside those that are there
--- api: ngx.resp.add_header
--- config
location /a {
    content_by_ts_block {
        ngx.header["X-A"] = "1";
        ngx.resp.add_header("X-A", "2");
        ngx.resp.add_header("x-a", ["3", 4]);
        ngx.resp.add_header("X-B", true);
        ngx.say(ngx.header["X-A"].join("|"));
    }
}
--- request
GET /a
--- response_headers
X-A: 1, 2, 3, 4
X-B: true
--- response_body
1|2|3|4

=== add_header: a header that there can be one of is replaced
--- config
location /a {
    content_by_ts_block {
        ngx.header["Content-Type"] = "text/a";
        ngx.resp.add_header("content_type", "text/b");
        ngx.resp.add_header("Etag", '"1"');
        ngx.resp.add_header("ETag", '"2"');
        ngx.say("x");
    }
}
--- request
GET /a
--- response_headers
Content-Type: text/b
ETag: "2"

=== add_header: to what a proxied response brought, in the header filter
--- config
location /up { add_header Cache-Control no-store; add_header Set-Cookie a=1; return 200 "up\n"; }
location /a {
    proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/up;
    header_filter_by_ts_block {
        ngx.resp.add_header("Set-Cookie", "b=2");
        ngx.resp.add_header("Cache-Control", "private");
    }
}
--- request
GET /a
--- response_headers
Set-Cookie: a=1, b=2
Cache-Control: no-store, private
--- response_body
up

=== add_header: without a name or a value
--- config
location /a {
    content_by_ts_block {
        const said = [[undefined, "x"], ["X-A"], ["X-A", {}], [7, 8]].map((args) => {
            try { ngx.resp.add_header(...args); return "no"; } catch (e) { return e.message; }
        });
        ngx.say(said.join("\n"));
    }
}
--- request
GET /a
--- response_body
bad 'key' argument: string expected, got undefined
invalid header value
invalid header value: object
no
--- response_headers
7: 8

=== add_header: a line end in the value starts no other header
--- config
location /a { content_by_ts_block { ngx.resp.add_header("X-A", "1\r\nX-Evil: 2"); ngx.say("x"); } }
--- request
GET /a
--- response_headers
X-A: 1%0D%0AX-Evil: 2
! X-Evil

=== add_header after the head has been sent
--- config
location /a { content_by_ts_block { ngx.say("x"); ngx.resp.add_header("X-A", "1"); } }
--- request
GET /a
--- response_headers
! X-A
--- error_log
attempt to set ngx.header.HEADER after sending out response headers

=== set_status: with a reason of one's own
--- api: ngx.resp.set_status
--- config
location /a { content_by_ts_block { ngx.resp.set_status(500, "user defined reason"); ngx.say("x"); } }
--- request
GET /a
--- error_code: 500
--- raw_response_headers_like: HTTP/1\.1 500 user defined reason\r\n
--- response_body
x

=== set_status: a status of one's own, and without a reason
--- config
location /a { content_by_ts_block { ngx.resp.set_status("299", "Mine"); ngx.say(ngx.status); } }
location /b { content_by_ts_block { ngx.resp.set_status(404); ngx.say(ngx.status); } }
location /c { content_by_ts_block { ngx.resp.set_status(200, "Fine"); ngx.status = 201; ngx.say(ngx.status); } }
--- request eval
["GET /a", "GET /b", "GET /c"]
--- error_code eval
[299, 404, 201]
--- raw_response_headers_like eval
["HTTP/1\\.1 299 Mine\r\n", "HTTP/1\\.1 404 Not Found\r\n", "HTTP/1\\.1 201 Created\r\n"]
--- response_body eval
["299\n", "404\n", "201\n"]

=== set_status in a header filter
--- config
location /a {
    return 200 "body\n";
    header_filter_by_ts_block { ngx.resp.set_status(203, "Changed on the way"); }
}
--- request
GET /a
--- error_code: 203
--- raw_response_headers_like: HTTP/1\.1 203 Changed on the way\r\n
--- response_body
body

=== bypass_if_checks: conditions are the script's own
--- api: ngx.resp.bypass_if_checks
--- config
location /a {
    content_by_ts_block {
        ngx.header["ETag"] = '"1"';
        if (ngx.var.arg_bypass) ngx.resp.bypass_if_checks();
        ngx.say("x");
    }
}
--- more_headers
If-None-Match: "1"
--- request eval
["GET /a", "GET /a?bypass=1"]
--- error_code eval
[304, 200]
--- response_body eval
["", "x\n"]

=== bypass_if_checks makes no sense in log
--- config
location /a {
    return 200 "x\n";
    log_by_ts_block { try { ngx.resp.bypass_if_checks(); } catch (e) { ngx.log(ngx.ERR, `said: ${e.message}`); } }
}
--- request
GET /a
--- error_log
said: API disabled in the context of log_by_ts*

=== get_headers: names in lower case, as they are when raw, and any spelling finds them
--- api: ngx.resp.get_headers
--- config
location /a {
    content_by_ts_block {
        ngx.header["X-Foo-Bar"] = ["a", "b"];
        const h = ngx.resp.get_headers();
        ngx.say(h["x-foo-bar"].join(), " ", h.X_Foo_Bar.join(), " ", Object.keys(h).includes("X-Foo-Bar"));
        ngx.say(Object.keys(ngx.resp.get_headers(0, true)).includes("X-Foo-Bar"));
    }
}
--- request
GET /a
--- response_body
a,b a,b false
true

=== get_headers: more than the limit
--- config
location /a {
    content_by_ts_block {
        for (let i = 0; i < 120; i++) ngx.header[`X-${i}`] = i;
        try { ngx.resp.get_headers(); ngx.say("no"); } catch (e) { ngx.say(e.message, " ", e.code); }
        ngx.say(Object.keys(ngx.resp.get_headers(undefined, { truncate: true })).length);
        ngx.say(Object.keys(ngx.resp.get_headers(0)).filter((name) => name.startsWith("x-")).length);
        ngx.say(Object.keys(ngx.resp.get_headers(3, { truncate: true })).length);
    }
}
--- request
GET /a
--- response_body
truncated TRUNCATED
100
120
3

=== headers without a value are none
--- config
location /t {
    content_by_ts_block {
        ngx.header["X-A"] = "a";
        ngx.header["X-A"] = "";
        ngx.header["X-B"] = ["", "b"];
        ngx.header["X-C"] = "";
        ngx.say(JSON.stringify([ngx.header["X-A"] ?? null, ngx.header["X-B"], ngx.header["X-C"] ?? null]));
    }
}
--- request
GET /t
--- response_headers
! X-A
X-B: b
! X-C
--- response_body
[null,"b",null]

=== a Response may have some
--- config
location /r { content_by_ts_block { return new Response("r\n", { headers: { "X-A": "" } }); } }
--- request
GET /r
--- raw_response_headers_like: \r\nx-a: \r\n

=== flush: not after the end
--- config
location /t {
    content_by_ts_block {
        ngx.say("all");
        ngx.eof();
        try { await ngx.flush(); } catch (e) { ngx.log(ngx.WARN, "flush: ", e.message); }
    }
}
--- request
GET /t
--- response_body
all
--- error_log
flush: seen eof

=== headers that a response has one of: the last value holds
--- config
location /t {
    content_by_ts_block {
        const names = ["Server", "Date", "Location", "Expires", "Refresh", "ETag"];
        for (const name of names) ngx.header[name] = ["a", "b"];
        ngx.say(names.map((name) => ngx.header[name]).join(" "));
    }
}
--- request
GET /t
--- response_headers
Server: b
Date: b
Location: b
Expires: b
Refresh: b
ETag: b
--- response_body
b b b b b b

=== Server and Date can be taken away, by themselves and from what an upstream sent
--- config
location /t { content_by_ts_block { ngx.header.Server = undefined; ngx.header.Date = null; ngx.say("x"); } }
location /again { content_by_ts_block { ngx.header.Server = undefined; ngx.header.Server = "s"; ngx.say("x"); } }
location /up {
    proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/x;
    header_filter_by_ts_block { ngx.header.Server = ""; ngx.header["Date"] = undefined; }
}
location /x { return 200 "x\n"; }
--- request eval
["GET /t", "GET /again", "GET /up"]
--- response_headers eval
["!Server\n!Date", "Server: s", "!Server\n!Date"]
--- response_body eval
["x\n", "x\n", "x\n"]

=== how the body is framed is not the script's to say, nor is there a header without a name
--- config
location /t {
    content_by_ts_block {
        ngx.header["Transfer-Encoding"] = "chunked";
        ngx.header[""] = "x";
        ngx.say("x");
    }
}
--- request
GET /t
--- response_headers
!Transfer-Encoding
Content-Length: 2
--- response_body
x

=== a 304 has no type and no length of its own; a 101 says what it is
--- config
location /a { content_by_ts_block { ngx.status = 304; ngx.say("x"); } }
location /b { content_by_ts_block { ngx.status = 304; } }
location /c { content_by_ts_block { ngx.status = 304; ngx.header["Content-Type"] = "text/own"; } }
--- request eval
["GET /a", "GET /b", "GET /c"]
--- error_code eval
[304, 304, 304]
--- response_headers eval
["!Content-Type\n!Content-Length", "!Content-Type\n!Content-Length", "Content-Type: text/own\n!Content-Length"]
--- response_body eval
["", "", ""]

=== statuses: a fraction is cut off, what is below zero refused
--- config
location /a { content_by_ts_block { ngx.status = 201.7; ngx.say("x"); } }
location /b { content_by_ts_block { ngx.exit(404.5); } }
location /c { content_by_ts_block { ngx.status = -1; } }
--- request eval
["GET /a", "GET /b", "GET /c"]
--- error_code eval
[201, 404, 500]
--- error_log
bad argument to 'ngx.status' (invalid status -1)

=== get_headers tells of the connection as well
--- config
location /t { content_by_ts_block { ngx.say(ngx.resp.get_headers().Connection, " ", ngx.resp.get_headers(0, true).connection); } }
location /chunked {
    content_by_ts_block { ngx.say("x"); }
    body_filter_by_ts_block { ngx.log(ngx.WARN, "it is ", ngx.resp.get_headers().transfer_encoding); }
}
--- request eval
["GET /t", "GET /chunked"]
--- more_headers
Connection: close
--- response_body eval
["close close\n", "x\n"]
--- error_log
it is chunked

=== a uri that leads upwards is told of in the error log
--- config
location /t { content_by_ts_block { ngx.exec("/a/../e"); } }
--- request
GET /t
--- error_code: 500
--- error_log eval
["unsafe URI \"/a/../e\" was detected", "unsafe uri"]

=== a Content-Length that is no length is refused
--- config
location /t {
    content_by_ts_block {
        const seen = new Set<string>();
        for (const length of [-5, "x", "1a", 1.5])
            try { ngx.header["Content-Length"] = length as any; } catch (e) { seen.add(e.message); }
        ngx.say([...seen].join(), "; ", ngx.header["Content-Length"]);
    }
}
--- request
GET /t
--- response_body
failed to set header; undefined

=== after exec, and in an error page: the status that it is for, the headers that were set, but no length that was
--- config
error_page 410 /page;
location = /page { content_by_ts_block { ngx.say("page ", ngx.status, " ", ngx.header.x_kept); } }
location = /there { content_by_ts_block { ngx.say("there ", ngx.status, " ", ngx.header.x_kept); } }
location = /t {
    content_by_ts_block {
        ngx.status = 203;
        ngx.header.x_kept = "kept";
        ngx.header.content_length = 3;
        if (ngx.var.arg_exec) ngx.exec("/there");
        ngx.exit(410);
    }
}
--- request eval
["GET /t", "GET /t?exec=1"]
--- error_code eval
[410, 203]
--- response_body eval
["page 410 kept\n", "there 203 kept\n"]
--- response_headers eval
["X-Kept: kept", "X-Kept: kept"]

=== flush: a client that takes nothing for send_timeout is told of to all who wait; what they say then goes nowhere
--- config
location /big {
    send_timeout 100ms;
    content_by_ts_block {
        const piece = (name: string) => async () => {
            ngx.print("x".repeat(8e6));
            try {
                await ngx.flush(true);
                ngx.log(ngx.WARN, name, " went on");
            } catch (e) {
                ngx.log(ngx.WARN, name, " failed: ", e.message);
            }
        };
        await Promise.all([piece("one")(), piece("two")()]);
        ngx.say("more");
        await ngx.flush(true).catch((e) => ngx.log(ngx.WARN, "then: ", e.message));
    }
    log_by_ts_block { ngx.log(ngx.WARN, "over, completed: ", ngx.var.request_completion, "."); globalThis.over(); }
}
location /a {
    content_by_ts_block {
        const over = new Promise<void>((done) => { globalThis.over = done; });
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
        await sock.send("GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n");
        ngx.say(await sock.receive());
        await over;
        sock.close();
    }
}
--- request
GET /a
--- response_body
HTTP/1.1 200 OK
--- error_log eval
[/\[info\] .* client timed out \(110: Connection timed out\)/, "one failed: timeout", "two failed: timeout", "then: nginx output filter error", "over, completed: ."]
--- no_error_log
went on

=== flush: where nobody catches it, a slow client is no error of the script's
--- config
location /big {
    send_timeout 100ms;
    content_by_ts_block { ngx.print("x".repeat(8e6)); await ngx.flush(true); }
    log_by_ts_block { globalThis.over(); }
}
location /a {
    content_by_ts_block {
        const over = new Promise<void>((done) => { globalThis.over = done; });
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
        await sock.send("GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n");
        await over;
        ngx.say("over");
    }
}
--- request
GET /a
--- response_body
over
--- error_log eval
/\[info\] .* content_by_ts\(nginx\.conf:6:\d+\): timeout,/
--- no_error_log
[error]
