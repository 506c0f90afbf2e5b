# The response: status, headers, print, say, flush, eof, send_headers, exit, exec, redirect, a returned Response.

=== say and print take text, numbers, truth values, null, undefined, nested arrays, bytes
--- api: ngx.say, ngx.print
--- config
location /a {
    content_by_ts_block {
        ngx.print("a", 1, 2.5, -3, " ");
        ngx.print(true, false, null, undefined, "\n");
        ngx.say(["x", ["y", 1, [true]], new Uint8Array([122])], "!");
        ngx.say();
        ngx.say(1e21, " ", 0.1 + 0.2);
    }
}
--- request
GET /a
--- response_body
a12.5-3 truefalsenullundefined
xy1truez!

1e+21 0.30000000000000004

=== a plain object cannot be said
--- config
location /a {
    content_by_ts_block {
        for (const value of [{ a: 1 }, () => 1, [{ b: 1 }]]) {
            try { ngx.say(value); ngx.print("no"); } catch (e) { ngx.say(e.message.replace(/ \(.*/, "")); }
        }
    }
}
--- request
GET /a
--- response_body
bad argument #1 to 'say'
bad argument #1 to 'say'
bad argument #1 to 'say'

=== status
--- api: ngx.status
--- config
location /a {
    content_by_ts_block { ngx.status = ngx.HTTP_CREATED; ngx.say(ngx.status); }
    header_filter_by_ts_block { ngx.header["X-Status"] = ngx.status; }
}
--- request
GET /a
--- error_code: 201
--- response_headers
X-Status: 201
--- response_body
201

=== a status of one's own
--- config
location /a { content_by_ts_block { ngx.status = "618"; ngx.say("x"); } }
--- request
GET /a
--- error_code: 618
--- response_body
x

=== status after the head was sent is logged and ignored
--- config
location /a { content_by_ts_block { ngx.say("x"); await ngx.flush(true); ngx.status = 500; } }
--- request
GET /a
--- response_body
x
--- error_log
attempt to set ngx.status after sending out response headers

=== headers: underscores, several values, removal, numbers
--- api: ngx.header.HEADER
--- config
location /a {
    add_header X-Conf conf;
    content_by_ts_block {
        ngx.header.X_My_Header = "blah";
        ngx.header["Set-Cookie"] = ["a=1", "b=2; Path=/"];
        ngx.header["X-Gone"] = "x";
        ngx.header["X-Gone"] = undefined;
        ngx.header["X-Null"] = null;
        ngx.header["X-Empty-List"] = [];
        ngx.header.x_number = 42;
        ngx.header["Content-Type"] = "application/json";
        ngx.say(ngx.header["x-my-header"], " ", ngx.header.content_type, " ", ngx.header["Set-Cookie"].join("+"));
        ngx.say(ngx.header["X-Absent"]);
    }
}
--- request
GET /a
--- response_headers
X-My-Header: blah
Set-Cookie: a=1, b=2; Path=/
! X-Gone
! X-Null
! X-Empty-List
X-Number: 42
Content-Type: application/json
X-Conf: conf
--- response_body
blah application/json a=1+b=2; Path=/
undefined

=== Content-Length set by the script
--- config
location /a { content_by_ts_block { ngx.header.content_length = 3; ngx.print("abc"); } }
--- request
GET /a
--- response_headers
Content-Length: 3
! Transfer-Encoding
--- response_body chomp
abc

=== line ends in a header's value are escaped
--- config
location /a { content_by_ts_block { ngx.header["X-A"] = "a\r\nX-B: b"; ngx.header["X C:"] = "c"; ngx.say("x"); } }
--- request
GET /a
--- response_headers
X-A: a%0D%0AX-B: b
! X-B
X%20C%3A: c

=== a header after the head was sent is logged and ignored
--- config
location /a { content_by_ts_block { ngx.say("x"); await ngx.flush(true); ngx.header["X-Late"] = 1; } }
--- request
GET /a
--- response_headers
! X-Late
--- error_log
attempt to set ngx.header.HEADER after sending out response headers

=== ngx.resp.get_headers
--- config
location /a {
    content_by_ts_block {
        ngx.header["X-One"] = 1;
        ngx.header["X-Two"] = ["a", "b"];
        const h = ngx.resp.get_headers();
        ngx.say(h["x-one"], " ", h["X-Two"].join(","), " ", h.x_one, " ", Object.keys(h).filter((n) => n.startsWith("x-")).join(","));
        ngx.say(Object.keys(ngx.resp.get_headers(0, true)).filter((n) => /^x-/i.test(n)).join(","));
    }
}
--- request
GET /a
--- response_body
1 a,b 1 x-one,x-two
X-One,X-Two

=== headers_sent
--- api: ngx.headers_sent
--- config
location /a {
    content_by_ts_block {
        const before = ngx.headers_sent;
        ngx.send_headers();
        ngx.say(before, " ", ngx.headers_sent);
    }
}
--- request
GET /a
--- response_body
false true

=== flush(true) waits until the client has taken it; pieces come as they are said
--- api: ngx.flush
--- config
location /a {
    content_by_ts_block {
        ngx.say("one");
        await ngx.flush(true);
        ngx.say("two");
        await ngx.flush(true);
    }
}
--- request
GET /a
--- response_headers
Transfer-Encoding: chunked
! Content-Length
--- response_body
one
two

=== what was said before a wait reaches the client without waiting for the end
--- config
location /a {
    content_by_ts_block { for (let i = 0; i < 4; i++) { ngx.say(i); await ngx.sleep(0.3); } }
}
--- request
GET /a
--- timeout: 0.8
--- response_body
0
1
2
3

=== a throw after that closes the connection: what was sent stays
--- config
location /a { ts_http10_buffering off; content_by_ts_block { ngx.say("sent"); await ngx.sleep(0.01); ngx.say("lost"); throw new Error("late"); } }
--- raw_request eval
"GET /a HTTP/1.0\r\n\r\n"
--- response_body
sent
--- error_log
late

=== a short block's output goes with its length, also after a promise that is there already
--- config
location /a { content_by_ts_block { ngx.say("one"); await null; ngx.say("two"); } }
--- request
GET /a
--- response_headers
Content-Length: 8
--- response_body
one
two

=== eof: the answer is complete, the block goes on
--- api: ngx.eof
--- config
location /a {
    content_by_ts_block {
        ngx.say("x");
        ngx.eof();
        try { ngx.say("y"); } catch (e) { ngx.log(ngx.NOTICE, "caught: ", e.message); }
        await ngx.sleep(0.05);
        ngx.log(ngx.NOTICE, "after eof");
    }
}
--- request
GET /a
--- response_body
x
--- error_log
caught: seen eof
after eof

=== HEAD has no body, and the length of one
--- config
location /a { content_by_ts_block { ngx.say("12345"); } }
--- request
HEAD /a
--- response_headers
Content-Length: 6
--- response_body:

=== to an HTTP/1.0 client
--- config
location /a { content_by_ts_block { ngx.say("one"); ngx.say("two"); } }
--- raw_request eval
"GET /a HTTP/1.0\r\nHost: x\r\n\r\n"
--- response_headers
Content-Length: 8
Connection: close
! Transfer-Encoding
--- response_body
one
two

=== a large body
--- config
location /a { content_by_ts_block { for (let i = 0; i < 1000; i++) ngx.print("0123456789".repeat(100)); } }
--- request
GET /a
--- response_headers
Content-Length: 1000000
--- response_body eval
"0123456789".repeat(100000)

=== exit with a status is nginx's page, or error_page's
--- api: ngx.exit
--- config
error_page 403 /denied;
location = /denied { internal; return 200 "denied\n"; }
location /a { content_by_ts_block { ngx.exit(Number(ngx.var.arg_status)); } }
--- request eval
["GET /a?status=404", "GET /a?status=403", "GET /a?status=503"]
--- error_code eval
[404, 403, 503]
--- response_body_like eval
[/<center><h1>404 Not Found/, /^denied$/m, /503 Service Temporarily Unavailable/]

=== exit with 200 after output, and without
--- config
location /a { content_by_ts_block { ngx.say("x"); ngx.exit(200); } }
location /b { content_by_ts_block { ngx.exit(ngx.HTTP_OK); } }
location /c { content_by_ts_block { ngx.exit(204); } }
--- request eval
["GET /a", "GET /b", "GET /c"]
--- error_code eval
[200, 200, 204]
--- response_body eval
["x\n", "", ""]

=== exit ends the block, and the request, wherever it is called
--- config
location /a {
    content_by_ts_block {
        const deep = () => { const inner = () => { ngx.exit(401); }; inner(); ngx.log(ngx.ERR, "came back"); };
        [1].forEach(deep);
        ngx.log(ngx.ERR, "came back");
    }
}
--- request
GET /a
--- error_code: 401
--- no_error_log
came back

=== exit after a wait, from a function that awaits
--- config
location /a {
    content_by_ts_block {
        const check = async () => { await ngx.sleep(0.001); ngx.exit(402); };
        await check();
        ngx.log(ngx.ERR, "came back");
    }
}
--- request
GET /a
--- error_code: 402
--- no_error_log
came back

=== 444 closes the connection without an answer
--- config
location /a { content_by_ts_block { ngx.exit(444); } }
--- request
GET /a
--- ignore_response
--- no_error_log
[error]

=== a status and a body of one's own
--- config
location /a { content_by_ts_block { ngx.status = ngx.HTTP_GONE; ngx.say("This is our own content"); ngx.exit(ngx.HTTP_OK); } }
--- request
GET /a
--- error_code: 410
--- response_body
This is our own content

=== exit with an error status after output keeps what was sent
--- config
location /a { content_by_ts_block { ngx.say("x"); await ngx.flush(true); ngx.exit(500); } }
--- request
GET /a
--- response_body
x
--- error_log
attempt to set status 500 via ngx.exit after sending out the response status 200

=== exit takes a number
--- config
location /a { content_by_ts_block { try { ngx.exit("abc" as never); } catch (e) { ngx.say(e.message); } } }
--- request
GET /a
--- response_body
bad argument to 'exit' (number expected, got string)

=== exit does not take ngx.AGAIN and ngx.DONE
--- config
location /a { content_by_ts_block { for (const c of [ngx.AGAIN, ngx.DONE]) try { ngx.exit(c); } catch (e) { ngx.say(e.message); } } }
--- request
GET /a
--- response_body
bad argument to 'ngx.exit': does not accept NGX_AGAIN or NGX_DONE
bad argument to 'ngx.exit': does not accept NGX_AGAIN or NGX_DONE

=== ngx.exit(ngx.ERROR) is a failure
--- config
location /a { content_by_ts_block { ngx.say("x"); await ngx.flush(true); ngx.exit(ngx.ERROR); } }
--- request
GET /a
--- abort
--- ignore_response

=== ngx.exit(ngx.ERROR) from an access block closes the connection
--- config
location /a { access_by_ts_block { ngx.exit(ngx.ERROR); } content_by_ts_block { ngx.say("no"); } }
--- request
GET /a
--- ignore_response

=== redirect: 302 by default, others on request
--- api: ngx.redirect
--- config
location /a { content_by_ts_block { ngx.redirect("/foo?a=1"); } }
location /b { rewrite_by_ts_block { ngx.redirect("http://example.test/x", 301); } }
location /c { access_by_ts_block { ngx.redirect("/y", ngx.HTTP_SEE_OTHER); } }
location /d { content_by_ts_block { ngx.redirect("/z", 307); } }
location /e { content_by_ts_block { ngx.redirect("/z", 308); } }
--- request eval
["GET /a", "GET /b", "GET /c", "GET /d", "GET /e"]
--- error_code eval
[302, 301, 303, 307, 308]
--- response_headers eval
["Location: /foo?a=1", "Location: http://example.test/x", "Location: /y", "Location: /z", "Location: /z"]

=== redirect: what is no redirect, and after output
--- config
location /a {
    content_by_ts_block {
        try { ngx.redirect("/x", 404); } catch (e) { ngx.log(ngx.NOTICE, "one: ", e.message); }
        try { ngx.redirect("/x\r\nSet-Cookie: a"); } catch (e) { ngx.log(ngx.NOTICE, "two: ", e.message); }
        ngx.say("x");
        try { ngx.redirect("/x"); } catch (e) { ngx.log(ngx.NOTICE, "three: ", e.message); }
    }
}
--- request
GET /a
--- response_body
x
--- error_log
one: only ngx.HTTP_MOVED_TEMPORARILY, ngx.HTTP_MOVED_PERMANENTLY, ngx.HTTP_PERMANENT_REDIRECT, ngx.HTTP_SEE_OTHER, and ngx.HTTP_TEMPORARY_REDIRECT are allowed
two: unsafe byte "0x0d" in redirect uri "/x\x0D\x0ASet-Cookie: a"
three: attempt to call ngx.redirect after sending out the headers

=== exec: an internal redirect with arguments
--- api: ngx.exec
--- config
location /a { content_by_ts_block { ngx.exec("/t", "a=3&b=x y"); ngx.log(ngx.ERR, "came back"); } }
location /b { rewrite_by_ts_block { ngx.exec("/t?c=4", { d: "e f" }); } }
location /c { access_by_ts_block { await ngx.sleep(0.001); ngx.exec("/t"); } }
location /t { internal; content_by_ts_block { ngx.say(ngx.var.uri, " ", ngx.var.args); } }
--- request eval
["GET /a?old=1", "GET /b", "GET /c?old=1"]
--- response_body eval
["/t a=3&b=x%20y\n", "/t c=4&d=e%20f\n", "/t undefined\n"]
--- no_error_log
came back

=== exec: a named location keeps uri and arguments
--- config
location /a { content_by_ts_block { ngx.exec("@n"); } }
location @n { content_by_ts_block { ngx.say(ngx.var.uri, " ", ngx.var.args); } }
--- request
GET /a?x=1
--- response_body
/a x=1

=== exec: arguments for a named location are ignored
--- config
location /a { content_by_ts_block { ngx.exec("@n", "y=2"); } }
location @n { content_by_ts_block { ngx.say(ngx.var.args); } }
--- request
GET /a?x=1
--- response_body
x=1
--- error_log
query strings y=2 ignored when exec'ing named location @n

=== exec: nor those within its name
--- config
location /a { content_by_ts_block { ngx.exec("@named?x=1", { y: 2 }); } }
location @named { return 200 "$uri $args\n"; }
--- request
GET /a?own=1
--- response_body
/a own=1
--- error_log
[warn]
query strings x=1&y=2 ignored when exec'ing named location @named

=== exec: to a static file, an unknown name, and after output
--- config
location /a { content_by_ts_block { ngx.exec("/f.txt"); } }
location /b { content_by_ts_block { ngx.exec("@nowhere"); } }
location /c {
    content_by_ts_block {
        ngx.say("x");
        try { ngx.exec("/a"); } catch (e) { ngx.say(e.message); }
    }
}
--- user_files
>>> f.txt
the file
--- request eval
["GET /a", "GET /b", "GET /c"]
--- error_code eval
[200, 500, 200]
--- response_body eval
["the file\n", null, "x\nattempt to call ngx.exec after sending out response headers\n"]

=== what was said before exec is thrown by neither side: exec comes first
--- config
location /a {
    content_by_ts_block { ngx.status = 201; ngx.header["X-Kept"] = "yes"; ngx.exec("/b"); }
}
location /b { content_by_ts_block { ngx.say("b"); } }
--- request
GET /a
--- response_headers
X-Kept: yes
--- error_code: 201
--- response_body
b

=== a content block returns a Response
--- config
location /a {
    content_by_ts_block {
        return new Response("from a response", { status: 202, headers: { "X-A": "1", "Content-Type": "text/x" } });
    }
}
location /b { content_by_ts_block { return Response.json({ a: [1, 2] }); } }
location /c { content_by_ts_block { await ngx.sleep(0.001); return new Response(null, { status: 204 }); } }
location /d { content_by_ts_block { return new Response(new Uint8Array([104, 105])); } }
--- request eval
["GET /a", "GET /b", "GET /c", "GET /d"]
--- error_code eval
[202, 200, 204, 200]
--- response_headers eval
["X-A: 1\nContent-Type: text/x", "Content-Type: application/json", "! Content-Type", ""]
--- response_body eval
["from a response", '{"a":[1,2]}', "", "hi"]

=== default_type is the type of what has none
--- config
default_type text/x-default;
location /a { content_by_ts_block { ngx.say("x"); } }
location /b { ts_use_default_type off; content_by_ts_block { ngx.say("x"); } }
--- request eval
["GET /a", "GET /b"]
--- response_headers eval
["Content-Type: text/x-default", "! Content-Type"]

=== a header filter refuses the response
--- config
location / { header_filter_by_ts_block { if (ngx.var.uri === "/f.txt") ngx.exit(403); } }
--- user_files
>>> f.txt
secret
--- request
GET /f.txt
--- error_code: 403
--- response_body_like: 403 Forbidden

=== the status is 0 until there is one
--- config
location /a { content_by_ts_block { ngx.exec("/b"); } }
location /b { content_by_ts_block { ngx.say(ngx.status); } }
--- request
GET /a
--- response_body
0

=== several values of Content-Type: the last
--- config
location /a { content_by_ts_block { ngx.header["Cache-Control"] = ["a", "b"]; ngx.header["Content-Type"] = ["text/a", "text/b"]; ngx.say(ngx.header["Content-Type"]); } }
--- request
GET /a
--- response_body
text/b

=== ngx.request is a Request
--- config
location /a { content_by_ts_block { const q = ngx.request; ngx.say(q.method, " ", new URL(q.url).pathname, " ", q.headers.get("x-a"), " ", await q.text()); } }
--- request
POST /a
body
--- more_headers
X-A: 1
--- response_body
POST /a 1 body

=== the status of what was said without one is 200
--- config
location /t {
    content_by_ts_block {
        const before = ngx.status;
        ngx.say("x");
        ngx.say(before, " ", ngx.status);
    }
}
--- request
GET /t
--- response_body
x
0 200

=== Content-Type: the last of several, none where it was removed, its default once something was said
--- config
location /several { content_by_ts_block { ngx.header.content_type = ["a/b", "c/d"]; ngx.say("x"); } }
location /none { content_by_ts_block { ngx.header.content_type = undefined; ngx.say("x"); } }
location /default {
    content_by_ts_block {
        const before = [ngx.header.content_type, ngx.resp.get_headers()["content-type"]];
        ngx.say("x");
        ngx.say([...before, ngx.header.content_type, ngx.resp.get_headers()["content-type"]].join());
    }
}
--- request eval
["GET /several", "GET /none", "GET /default"]
--- response_headers eval
["Content-Type: c/d", "! Content-Type", "Content-Type: text/plain"]
--- response_body eval
["x\n", "x\n", "x\n,,text/plain,text/plain\n"]

=== Last-Modified goes out with whatever status, once
--- config
location /t {
    content_by_ts_block {
        ngx.status = Number(ngx.var.arg_status);
        ngx.header["Last-Modified"] = ["Tue, 02 Jan 2024 03:04:05 GMT", ngx.http_time(0)];
        ngx.say(ngx.header.last_modified, "; ", ngx.var.sent_http_last_modified);
    }
}
--- request eval
["GET /t?status=201", "GET /t?status=404"]
--- error_code eval
[201, 404]
--- response_headers eval
["Last-Modified: Thu, 01 Jan 1970 00:00:00 GMT", "Last-Modified: Thu, 01 Jan 1970 00:00:00 GMT"]
--- response_body eval
["Thu, 01 Jan 1970 00:00:00 GMT; Thu, 01 Jan 1970 00:00:00 GMT\n", "Thu, 01 Jan 1970 00:00:00 GMT; Thu, 01 Jan 1970 00:00:00 GMT\n"]

=== Last-Modified goes out as it was set, also where it is no date
--- config
location /t { content_by_ts_block { ngx.header.last_modified = "lately"; ngx.say(ngx.header.last_modified); } }
--- request
GET /t
--- response_headers
Last-Modified: lately
--- response_body
lately
