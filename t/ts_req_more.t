# ngx.req and the response's head: what is at the edges.

=== add_header: beside those that came, and several at once
--- api: ngx.req.add_header
--- config
location /up { content_by_ts_block { const h = ngx.req.get_headers(); ngx.say([h["x-a"]].flat().join("|"), " ", h["x-n"]); } }
location /a {
    rewrite_by_ts_block {
        ngx.req.add_header("X-A", "2");
        ngx.req.add_header("x-a", ["3", 4]);
        ngx.req.add_header("X-N", 5);
    }
    proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/up;
}
--- more_headers
X-A: 1
--- request
GET /a
--- response_body
1|2|3|4 5

=== add_header: without a name or a value
--- config
location /a {
    content_by_ts_block {
        for (const args of [[undefined, "x"], ["X-A"], ["X-A", {}]]) {
            try { ngx.req.add_header(...args); ngx.say("no"); } catch (e) { ngx.say(e.message); }
        }
    }
}
--- request
GET /a
--- response_body
bad 'name' argument: string expected, got nil
bad 'value' argument: string or table expected, got nil
bad 'value' argument: string or table expected, got object

=== set_header: a list replaces what came; add_header refuses an empty one
--- config
location /a {
    content_by_ts_block {
        ngx.req.set_header("X-A", ["1", "2"]);
        ngx.say([ngx.req.get_headers()["x-a"]].flat().join("|"));
        try { ngx.req.add_header("X-A", []); } catch (e) { ngx.say(e.message); }
        ngx.req.clear_header("x-A");
        ngx.say(ngx.req.get_headers()["x-a"], " ", ngx.var.http_x_a);
    }
}
--- more_headers
X-A: old
--- request
GET /a
--- response_body
1|2
bad 'value' argument: non-empty table expected
undefined undefined

=== headers that nginx itself reads are changed for it too
--- config
location /a {
    rewrite_by_ts_block {
        ngx.req.set_header("User-Agent", "mine");
        ngx.req.set_header("Cookie", "k=v");
        ngx.req.set_header("Referer", "http://x/");
        ngx.req.set_header("X-Forwarded-For", "10.0.0.1");
    }
    content_by_ts_block {
        const { var: v } = ngx;
        ngx.say(v.http_user_agent, " ", v.cookie_k, " ", v.http_referer, " ", v.proxy_add_x_forwarded_for);
    }
}
--- more_headers
User-Agent: theirs
--- request
GET /a
--- response_body
mine v http://x/ 10.0.0.1, 127.0.0.1

=== Range and If-Modified-Since that are taken away do not count
--- user_files
>>> f.txt
0123456789
--- config
location /f.txt {
    rewrite_by_ts_block { ngx.req.clear_header("Range"); ngx.req.clear_header("If-None-Match"); }
}
--- more_headers
Range: bytes=0-3
If-None-Match: *
--- request
GET /f.txt
--- error_code: 200
--- response_body
0123456789

=== set_uri_args: numbers, tables, nothing
--- config
location /a {
    content_by_ts_block {
        const said = [];
        for (const args of [12, { a: [1, true] }, "x=1&y", {}, ""]) { ngx.req.set_uri_args(args); said.push(ngx.var.args ?? "-"); }
        for (const args of [undefined, null, true, () => {}]) { try { ngx.req.set_uri_args(args); said.push("no"); } catch (e) { said.push(e.message.includes("string, number, or table expected")); } }
        ngx.say(said.join(" | "));
    }
}
--- request
GET /a?old=1
--- response_body
12 | a=1&a | x=1&y |  |  | true | true | true | true

=== get_uri_args after set_uri_args, and of what is no longer there
--- config
location /a {
    content_by_ts_block {
        const before = ngx.req.get_uri_args().a;
        ngx.req.set_uri_args({ b: 2 });
        const { a, b } = ngx.req.get_uri_args();
        ngx.say(before, " ", a, " ", b, " ", ngx.var.arg_b, " ", ngx.var.request_uri);
    }
}
--- request
GET /a?a=1
--- response_body
1 undefined 2 2 /a?a=1

=== get_body_data: at most so many bytes
--- config
location /a {
    content_by_ts_block {
        await ngx.req.read_body();
        ngx.say(ngx.req.get_body_data(3), " ", ngx.req.get_body_data(100), " ", ngx.req.get_body_data(0), " ", ngx.req.get_body_buffer(2).length);
    }
}
--- request
POST /a
hello
--- response_body
hel hello hello 2

=== read_body twice, and of a request without one
--- config
location /a {
    content_by_ts_block {
        await ngx.req.read_body();
        await ngx.req.read_body();
        ngx.say(ngx.req.get_body_data(), " ", ngx.req.get_body_file());
    }
}
--- request eval
["POST /a\nhello", "GET /a"]
--- response_body eval
["hello undefined\n", "undefined undefined\n"]

=== get_post_args: limits, and a name of a prototype
--- config
location /a {
    content_by_ts_block {
        await ngx.req.read_body();
        const { __proto__: odd, a } = ngx.req.get_post_args();
        try { ngx.req.get_post_args(2); } catch (e) { ngx.say(e.message); }
        ngx.say(odd, " ", a.join(), " ", Object.keys(ngx.req.get_post_args(2, { truncate: true })).length);
    }
}
--- request
POST /a
a=1&__proto__=p&a=%C3%A4+b
--- response_body
truncated
p 1,ä b 2

=== set_method: what follows sees it
--- config
location /a {
    rewrite_by_ts_block { ngx.req.set_method(ngx.HTTP_PUT); }
    proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/up;
}
location /up { return 200 "$request_method\n"; }
location /bad {
    content_by_ts_block {
        for (const id of [undefined, "GET", 3, -1]) { try { ngx.req.set_method(id); ngx.say("no"); } catch (e) { ngx.say(e.message); } }
    }
}
--- request eval
["GET /a", "GET /bad"]
--- response_body eval
["PUT\n", "bad method number\nbad method number\nunsupported HTTP method: 3\nunsupported HTTP method: -1\n"]

=== set_uri: with arguments in it they are part of the path; binary lets control characters through
--- config
location /a {
    content_by_ts_block {
        ngx.req.set_uri("/x y?z=1");
        ngx.say(ngx.var.uri, " ", ngx.var.args);
        try { ngx.req.set_uri("/a\nb"); } catch (e) { ngx.say(e.message); }
        ngx.req.set_uri("/a\nb", false, true);
        ngx.say(ngx.var.uri.length);
    }
}
--- request
GET /a?q=1
--- response_body
/x y?z=1 q=1
unsafe byte "0x0a" in uri "/a\x0Ab" (maybe you want to set the 'binary' argument?)
4

=== raw_header: with and without the request line
--- config
location /a {
    content_by_ts_block {
        ngx.say(JSON.stringify(ngx.req.raw_header().split("\r\n").slice(0, 2)));
        ngx.say(ngx.req.raw_header(true).startsWith("Host: "), " ", ngx.req.raw_header().endsWith("\r\n\r\n"));
    }
}
--- request
GET /a?b=c
--- response_body
["GET /a?b=c HTTP/1.1","Host: localhost"]
true true

=== send_headers: the head goes, and stays what it was
--- api: ngx.send_headers
--- config
location /a {
    content_by_ts_block {
        ngx.status = 202;
        ngx.header["X-A"] = "1";
        ngx.send_headers();
        ngx.header["X-B"] = "2";
        ngx.say(ngx.headers_sent, " ", ngx.status, " ", ngx.send_headers());
    }
}
--- request
GET /a
--- error_code: 202
--- response_headers
X-A: 1
! X-B
--- response_body
true 202 undefined
--- error_log
attempt to set ngx.header.HEADER after sending out response headers

=== ngx.header: read, several, removed, in whatever spelling
--- config
location /a {
    add_header X-Late yes;
    content_by_ts_block {
        const { header } = ngx;
        header["X-One"] = 1;
        header.x_two = ["a", "b"];
        const seen = [header["x-one"], header.X_Two.join(), header["X-Three"], "X-One" in header, "X-Three" in header];
        header["X-One"] = null;
        delete header["X-Two"];
        seen.push(header["X-One"], header["X-Two"]);
        ngx.say(seen.join(" "));
    }
}
--- request
GET /a
--- response_headers
! X-One
! X-Two
X-Late: yes
--- response_body
1 a,b  true false  

=== the facts of a request
--- config
location /a {
    content_by_ts_block {
        const { req } = ngx;
        ngx.say(req.http_version(), " ", req.get_method(), " ", req.is_internal(), " ", Math.abs(req.start_time() - ngx.now()) < 5, " ", ngx.is_subrequest);
    }
}
--- raw_request eval
"GET /a HTTP/1.0\r\n\r\n"
--- response_body
1 GET false true false

=== a request without a body has an empty one when it has been read
--- config
location /t {
    content_by_ts_block {
        const unread = () => { try { ngx.req.set_body_data("x"); } catch (e) { ngx.say(e.message); } };
        unread();
        await ngx.req.read_body();
        ngx.say(ngx.req.get_body_data(), " ", ngx.var.request_body, " ", JSON.stringify(ngx.req.get_post_args()));
        ngx.req.set_body_data("abc");
        ngx.say(ngx.req.get_body_data(), " ", ngx.var.content_length, " ", (await ngx.location.capture("/echo", { always_forward_body: true })).body);
        ngx.req.init_body();
        ngx.req.append_body("de");
        ngx.req.finish_body();
        ngx.say(ngx.req.get_body_data());
    }
}
location /echo { content_by_ts_block { ngx.print(ngx.req.get_body_data()); } }
--- request
GET /t
--- response_body
request body not read yet
undefined undefined {}
abc 3 abc
de

=== one that was discarded, too
--- config
location /t {
    content_by_ts_block {
        ngx.req.discard_body();
        await ngx.req.read_body();
        ngx.say(ngx.req.get_body_data(), JSON.stringify(ngx.req.get_post_args()));
        ngx.req.set_body_data("abc");
        ngx.say(ngx.req.get_body_data());
    }
}
--- request
POST /t
gone
--- response_body
undefined{}
abc

=== set_header: there are no headers without a value, though they may come so
--- config
location /t {
    content_by_ts_block {
        ngx.say(JSON.stringify(ngx.req.get_headers()["x-came"]));
        ngx.req.set_header("X-A", "");
        ngx.req.set_header("X-B", ["", "b", ""]);
        ngx.req.set_header("X-Came", "");
        ngx.req.add_header("X-B", "");
        ngx.say(ngx.var.http_x_a, " ", JSON.stringify(ngx.req.get_headers()["x-b"]), " ", ngx.var.http_x_came);
    }
}
--- more_headers
X-Came:
--- request
GET /t
--- response_body
""
undefined "b" undefined

=== init_body: what grows beyond its size is in a file, which goes to the upstream and then away
--- config
location /t {
    client_body_buffer_size 6;
    access_by_ts_block {
        await ngx.req.read_body();
        const size = ngx.var.arg_size;
        ngx.req.init_body(size === undefined ? undefined : +size);
        for (const piece of ["abc", "def", "g"]) ngx.req.append_body(piece);
        ngx.req.finish_body();
        ngx.var.state = [ngx.req.get_body_data(), typeof ngx.req.get_body_file()].join();
    }
    set $state "";
    proxy_set_header X-State $state;
    proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/up;
}
location /up {
    content_by_ts_block {
        await ngx.req.read_body();
        ngx.print(ngx.req.get_body_data(), " ", ngx.var.http_x_state);
    }
}
--- request eval
["POST /t?size=7\nold", "POST /t?size=6\nold", "POST /t?size=0\nold", "POST /t\nold"]
--- response_body eval
["abcdefg abcdefg,undefined", "abcdefg ,string", "abcdefg ,string", "abcdefg ,string"]

=== numbers do for names of headers and for uris
--- config
location /t {
    content_by_ts_block {
        ngx.req.set_header(5, 6);
        ngx.req.set_uri(7);
        ngx.say(ngx.var.http_5, " ", ngx.var.uri);
        ngx.req.clear_header(5);
        ngx.say(ngx.req.get_headers()["5"]);
    }
}
location /r { content_by_ts_block { ngx.redirect(5 as any); } }
--- request eval
["GET /t", "GET /r"]
--- response_body_like eval
[/^6 7\nundefined\n$/, /302 Found/]
--- response_headers eval
["", "Location: 5"]
--- error_code eval
[200, 302]

=== raw_header is what came, whatever has been set since, in a subrequest too
--- config
location /t {
    content_by_ts_block {
        const before = ngx.req.raw_header();
        ngx.req.set_header("X-A", "2");
        ngx.req.clear_header("Host");
        ngx.req.set_method(ngx.HTTP_PUT);
        ngx.say(ngx.req.raw_header() === before);
        ngx.print((await ngx.location.capture("/sub", { headers: { "X-B": "3" } })).body);
    }
}
location /sub { content_by_ts_block { ngx.print(ngx.req.raw_header()); } }
--- raw_request eval
"GET /t HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX-A:   1 \r\n\r\n"
--- response_body eval
"true\nGET /t HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX-A:   1 \r\n\r\n"

=== raw_header: lines that end in a line feed alone
--- config
location /t { content_by_ts_block { ngx.print(JSON.stringify([ngx.req.raw_header(), ngx.req.raw_header(true)])); } }
--- raw_request eval
"GET /t HTTP/1.1\nHost: h\nConnection: close\nX-A: 1\n\n"
--- response_body eval
JSON.stringify(["GET /t HTTP/1.1\nHost: h\nConnection: close\nX-A: 1\n\n", "Host: h\nConnection: close\nX-A: 1\n\n"])

=== a header that is set anew is spelled as the client did
--- config
location /t {
    access_by_ts_block { ngx.req.set_header("x-CAME", ["2", "3"]); ngx.req.set_header("x-new", "4"); }
    proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/up;
}
location /up { content_by_ts_block { ngx.print(ngx.req.raw_header(true).replaceAll("\r\n", "|")); } }
--- more_headers
X-Came: 1
--- request
GET /t
--- response_body_like eval
/\|X-Came: 2\|X-Came: 3\|.*x-new: 4\|/

=== Host: $host follows, without port and in lower case, also where the configuration uses it
--- config
location = /t {
    set $own $host;
    content_by_ts_block {
        ngx.say(ngx.var.own, " ", ngx.var.host);
        ngx.req.set_header("Host", "Shop.Example:8443");
        ngx.say(ngx.var.host, " ", ngx.var.http_host);
        ngx.req.clear_header("host");
        ngx.say(ngx.var.host, " ", ngx.var.http_host);
    }
}
--- request
GET /t
--- response_body
localhost localhost
shop.example Shop.Example:8443
localhost undefined

=== Content-Length: set before the body is read, it is so long, and without there is none; the next request is not touched
--- config
location = /cut {
    rewrite_by_ts_block { ngx.req.set_header("Content-Length", 4); }
    content_by_ts_block { await ngx.req.read_body(); ngx.say(ngx.var.content_length, " ", ngx.req.get_body_data()); }
}
location = /file {
    client_body_in_file_only clean;
    access_by_ts_block { ngx.req.set_header("content-length", "5"); }
    proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/echo;
}
location = /none {
    access_by_ts_block { ngx.req.clear_header("Content-Length"); }
    content_by_ts_block { await ngx.req.read_body(); ngx.say(ngx.req.get_body_data(), " ", ngx.var.content_length); }
}
location = /echo { content_by_ts_block { await ngx.req.read_body(); ngx.say(ngx.req.get_body_data(), " ", ngx.var.content_length); } }
--- raw_request eval
["POST /cut HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n0123456789",
 "POST /file HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n0123456789",
 "POST /none HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\nConnection: close\r\n\r\n0123456789"]
--- response_body eval
["4 0123\n", "01234 5\n", "undefined undefined\n"]

=== set_uri: its second and third argument are truth values
--- config
location = /t {
    rewrite_by_ts_block {
        const said: string[] = [];
        for (const args of [["/u", 1], ["/u", "yes"], ["/u", false, "binary"]]) {
            try { (ngx.req.set_uri as any)(...args); said.push("taken"); } catch (e) { said.push(e.message); }
        }
        ngx.say(said.join("\n"));
    }
}
--- request
GET /t
--- response_body
bad argument #2 to 'set_uri' (boolean expected, got number)
bad argument #2 to 'set_uri' (boolean expected, got string)
bad argument #3 to 'set_uri' (boolean expected, got string)

=== arguments are made of names and values, not of a list
--- config
location = /t {
    content_by_ts_block {
        const tries = [() => ngx.encode_args(["x"] as any), () => ngx.req.set_uri_args(["x"] as any), () => ngx.exec("/u", ["x"] as any), () => ngx.location.capture("/u", { args: ["x"] as any })];
        const said: string[] = [];
        for (const one of tries) {
            try { await one(); } catch (e) { said.push(e.message); }
        }
        ngx.say(said.join("\n"));
    }
}
--- request
GET /t
--- response_body
attempt to use a non-string key in the "args" option table
attempt to use a non-string key in the "args" option table
attempt to use a non-string key in the "args" option table
attempt to use a non-string key in the "args" option table

=== an empty body of the script's is none; one that outgrows the buffer is told of
--- config
location = /t {
    content_by_ts_block {
        await ngx.req.read_body();
        ngx.req.set_body_data("");
        ngx.say(ngx.req.get_body_data(), " ", ngx.var.request_body, " ", ngx.var.http_content_length);
        ngx.req.init_body(3);
        ngx.req.append_body("four");
        ngx.req.finish_body();
        ngx.say(ngx.req.get_body_data(), " ", ngx.var.request_body, " ", ngx.var.http_content_length);
    }
}
--- request
POST /t
something
--- response_body
undefined undefined 0
undefined undefined 4
--- error_log
[warn]
a client request body is buffered to a temporary file

=== set_uri with any bytes: none of them reaches the header of a redirect as it is
--- config
location /a {
    rewrite_by_ts_block {
        ngx.req.set_uri(ngx.unescape_uri(ngx.var.arg_to), true, true);
    }
}
--- request eval
["GET /a?to=%00%0a%0dX-Bad:1", "GET /a?to=/no%0d%0aX-Bad:1"]
--- error_code eval
[301, 404]
--- raw_response_headers_like eval
[/\r\nLocation: %00%0A%0DX-Bad:1\/\?to=%00%0a%0dX-Bad:1(\r\n|$)/, /404/]
