# ngx.req: headers, arguments, body, method, uri.

=== headers: lower case, any spelling, repeated ones as an array
--- api: ngx.req.get_headers
--- config
location /a {
    content_by_ts_block {
        const h = ngx.req.get_headers();
        ngx.say(h["x-one"], "|", h["X-One"], "|", h.x_one, "|", h.X_One, "|", h.absent);
        ngx.say(Array.isArray(h["x-two"]), " ", h["X-Two"].join(","));
        ngx.say(Object.keys(h).includes("X-One"), " ", Object.keys(h).includes("x-one"));
    }
}
--- request
GET /a
--- more_headers
X-One: 1
X-Two: a
x-two: b
--- response_body
1|1|1|1|undefined
true a,b
false true

=== headers raw: names as they came
--- config
location /a {
    content_by_ts_block {
        const h = ngx.req.get_headers(0, true);
        ngx.say(h["X-oNe"], "|", h["x-one"]);
    }
}
--- request
GET /a
--- more_headers
X-oNe: 1
--- response_body
1|undefined

=== more headers than the limit: refused, or cut where one says so
--- config
location /a {
    content_by_ts_block {
        try { ngx.req.get_headers(2); ngx.say("no"); } catch (e) { ngx.say(e.message, " ", e.code); }
        ngx.say(Object.keys(ngx.req.get_headers(2, { truncate: true })).length);
        ngx.say(Object.keys(ngx.req.get_headers(0)).length);
    }
}
--- request
GET /a
--- more_headers
A: 1
B: 2
C: 3
--- response_body
truncated TRUNCATED
2
5

=== set_header, for what follows
--- api: ngx.req.set_header
--- config
location /a {
    rewrite_by_ts_block {
        ngx.req.set_header("X-New", "1");
        ngx.req.set_header("X-Old", ["a", "b"]);
        ngx.req.clear_header("x-gone");
        ngx.req.set_header("X-Number", 42);
    }
    content_by_ts_block {
        const h = ngx.req.get_headers();
        ngx.say(ngx.var.http_x_new, " ", ngx.var.http_x_old, " ", ngx.var.http_x_gone, " ", h["x-number"]);
        ngx.say(h["x-old"].join("+"), " ", h["x-gone"]);
    }
}
--- request
GET /a
--- more_headers
X-Old: was
X-Gone: x
--- response_body
1 a, b undefined 42
a+b undefined

=== set_header without a value removes the header, clear_header of what is not there is no error
--- api: ngx.req.clear_header
--- config
location /a {
    content_by_ts_block {
        ngx.req.clear_header("X-Not-There");
        for (const value of [undefined, null, []]) {
            ngx.req.set_header("X", "old");
            ngx.req.set_header("X", value as never);
            ngx.say(ngx.var.http_x);
        }
        try { ngx.req.set_header("X", {} as never); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- response_body
undefined
undefined
undefined
bad 'value' argument: string or table expected, got object

=== set_header("Host") changes $host
--- config
location /a {
    rewrite_by_ts_block { ngx.req.set_header("Host", "Example.test:81"); }
    content_by_ts_block { ngx.say(ngx.var.host, " ", ngx.var.http_host); }
}
--- request
GET /a
--- response_body
example.test Example.test:81

=== line ends cannot be smuggled into a request header
--- config
location /a {
    content_by_ts_block {
        ngx.req.set_header("X", "a\r\nY: b");
        ngx.req.add_header("X", "c\n");
        ngx.req.set_header("Z: 1\r\nY", ["d", "e\0"]);
        ngx.req.set_header("", "f");
        ngx.say(ngx.var.http_y ?? "none");
        for (const [name, value] of Object.entries(ngx.req.get_headers(0, true)))
            ngx.print([value].flat().map((one) => `${name}: ${one}\r\n`));
        ngx.print("\r\n");
    }
}
--- request
GET /a
--- response_body eval
/^none\n(?!.*\r?\nY)[^]*X: a%0D%0AY: b\r\nX: c%0A\r\nZ%3A%201%0D%0AY: d\r\nZ%3A%201%0D%0AY: e%00\r\n\r\n$/

=== nor into the arguments
--- config
location /a {
    content_by_ts_block {
        ngx.req.set_header("X", "b\tc\0");
        ngx.req.set_uri_args("a=b c\r\nd&é=%20");
        ngx.say(ngx.var.http_x, " ", ngx.var.args);
    }
}
--- request
GET /a
--- response_body
b	c%00 a=b%20c%0D%0Ad&é=%20

=== arguments: text, flags, repeated, empty, escaped
--- api: ngx.req.get_uri_args
--- config
location /a {
    content_by_ts_block {
        const a = ngx.req.get_uri_args();
        ngx.say(a.x, "|", a.flag, "|", a.empty === "", "|", a.two.join(","), "|", a["a b"], "|", a.none);
    }
}
--- request
GET /a?x=1&flag&empty=&two=1&two=2&a%20b=c+d%26
--- response_body
1|true|true|1,2|c d&|undefined

=== arguments: a key of a prototype is only a key
--- config
location /a {
    content_by_ts_block {
        const a = ngx.req.get_uri_args();
        ngx.say(a.__proto__, " ", a.constructor, " ", a.toString);
    }
}
--- request
GET /a?__proto__=1&constructor=2
--- response_body
1 2 undefined

=== more arguments than 100 are refused; 0 is no limit
--- config
location /a {
    content_by_ts_block {
        try { ngx.req.get_uri_args(); ngx.say("no"); } catch (e) { ngx.say(e.message); }
        ngx.say(Object.keys(ngx.req.get_uri_args(0)).length);
        ngx.say(Object.keys(ngx.req.get_uri_args(10, { truncate: true })).length);
        ngx.say(Object.keys(ngx.req.get_uri_args(101)).length);
    }
}
--- request eval
"GET /a?" + Array.from({ length: 101 }, (_, i) => `k${i}=${i}`).join("&")
--- response_body
truncated
101
10
101

=== set_uri_args takes text and tables
--- api: ngx.req.set_uri_args
--- config
location /a {
    content_by_ts_block {
        ngx.req.set_uri_args("a=3&b=hello%20world");
        ngx.say(ngx.var.args);
        ngx.req.set_uri_args({ x: "a b", y: [1, 2], z: true, no: false });
        ngx.say(ngx.var.args, " ", ngx.var.arg_x);
        ngx.req.set_uri_args("");
        ngx.say("[", ngx.var.args ?? "", "]");
    }
}
--- request
GET /a?old=1
--- response_body
a=3&b=hello%20world
x=a%20b&y=1&y=2&z a%20b
[]

=== methods
--- api: ngx.req.get_method, ngx.req.set_method
--- config
location /a {
    rewrite_by_ts_block { if (ngx.var.arg_set) ngx.req.set_method(ngx.HTTP_PUT); }
    content_by_ts_block { ngx.say(ngx.req.get_method(), " ", ngx.var.request_method); }
}
--- request eval
["GET /a", "DELETE /a", "GET /a?set=1"]
--- response_body eval
["GET GET\n", "DELETE DELETE\n", "PUT PUT\n"]

=== an unknown method number
--- config
location /a {
    content_by_ts_block { try { ngx.req.set_method(3); } catch (e) { ngx.say(e.message); } }
}
--- request
GET /a
--- response_body
unsupported HTTP method: 3

=== set_uri without jump changes what follows, not the location
--- api: ngx.req.set_uri
--- config
location /a {
    rewrite_by_ts_block { ngx.req.set_uri("/files/b.txt"); }
}
location /files { return 200 wrong; }
--- user_files
>>> files/b.txt
from the file
--- request
GET /a
--- response_body
from the file

=== set_uri with jump finds a new location, and does not return
--- config
location /a {
    rewrite_by_ts_block { ngx.req.set_uri("/b c", true); ngx.log(ngx.ERR, "came back"); }
}
location /b { content_by_ts_block { ngx.say(ngx.var.uri, " ", ngx.var.request_uri); } }
--- request
GET /a?x=1
--- response_body
/b c /a?x=1
--- no_error_log
came back

=== set_uri with jump in circles ends
--- config
location /a { rewrite_by_ts_block { ngx.req.set_uri("/a", true); } }
--- request
GET /a
--- error_code: 500
--- error_log
rewrite or internal redirection cycle while processing "/a"

=== set_uri refuses what is no uri, and a jump outside of rewrite
--- config
location /a {
    content_by_ts_block {
        for (const args of [[""], ["/a\r\nb"], ["/x", true], [undefined]]) {
            try { (ngx.req.set_uri as Function)(...args); ngx.say("no"); } catch (e) { ngx.say(e.message); }
        }
    }
}
--- request
GET /a
--- response_body
attempt to use zero-length uri
unsafe byte "0x0d" in uri "/a\x0D\x0Ab" (maybe you want to set the 'binary' argument?)
API disabled in the context of content_by_ts*
bad argument #1 to 'set_uri' (string expected, got undefined)

=== facts: version, internal, start time
--- api: ngx.req.http_version, ngx.req.start_time
--- config
location /a {
    content_by_ts_block {
        const t = ngx.req.start_time();
        ngx.say(ngx.req.http_version(), " ", ngx.req.is_internal(), " ", Math.abs(ngx.now() - t) < 5);
    }
}
location /b { rewrite_by_ts_block { ngx.exec("/a"); } }
--- raw_request eval
["GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"]
--- response_body
1.1 false true

=== is_internal after exec
--- api: ngx.req.is_internal
--- config
location /a { content_by_ts_block { ngx.say(ngx.req.is_internal(), " ", ngx.is_subrequest); } }
location /b { rewrite_by_ts_block { ngx.exec("/a"); } }
--- request
GET /b
--- response_body
true false

=== raw_header
--- api: ngx.req.raw_header
--- config
location /a { content_by_ts_block { ngx.print(ngx.req.raw_header(), "--", ngx.req.raw_header(true)); } }
--- raw_request eval
"GET /a?x=1 HTTP/1.1\r\nHost: foo\r\nX-Raw:  two  words\r\nConnection: close\r\n\r\n"
--- response_body eval
"GET /a?x=1 HTTP/1.1\r\nHost: foo\r\nX-Raw:  two  words\r\nConnection: close\r\n\r\n--" +
"Host: foo\r\nX-Raw:  two  words\r\nConnection: close\r\n\r\n"

=== a body is there once it has been read
--- api: ngx.req.read_body, ngx.req.get_body_data
--- config
location /a {
    content_by_ts_block {
        ngx.say(ngx.req.get_body_data() ?? "not yet");
        await ngx.req.read_body();
        ngx.say(ngx.req.get_body_data(), " ", ngx.req.get_body_data(3), " ", ngx.req.get_body_file() ?? "no file");
        ngx.say(ngx.var.request_body);
    }
}
--- request
POST /a
hello, world
--- response_body
not yet
hello, world hel no file
hello, world

=== no body is undefined
--- config
location /a {
    content_by_ts_block { await ngx.req.read_body(); ngx.say(ngx.req.get_body_data() ?? "none"); }
}
--- request
GET /a
--- response_body
none

=== a body in chunks
--- config
location /a {
    content_by_ts_block { await ngx.req.read_body(); ngx.say(ngx.req.get_body_data()); }
}
--- raw_request eval
["POST /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "3\r\n, y\r\n2\r\nou\r\n0\r\n\r\n"]
--- response_body
hello, you

=== a body as bytes
--- config
location /a {
    content_by_ts_block {
        await ngx.req.read_body();
        ngx.say([...ngx.req.get_body_buffer()].join(" "), " ", ngx.req.get_body_buffer(2).length);
    }
}
--- request eval
"POST /a\n\x00\x01\xff\xfe"
--- response_body
0 1 255 254 2

=== a large body is in a file
--- api: ngx.req.get_body_file
--- config
client_body_buffer_size 1k;
client_body_temp_path logs/bodies;
location /a {
    content_by_ts_block {
        await ngx.req.read_body();
        ngx.say(ngx.req.get_body_data() ?? "no data", " ", ngx.req.get_body_file()?.includes("/logs/bodies/"));
    }
}
--- request eval
"POST /a\n" + "x".repeat(500000)
--- response_body
no data true

=== ts_need_request_body reads it before the block
--- config
ts_need_request_body on;
location /a { content_by_ts_block { ngx.say(ngx.req.get_body_data()); } }
--- request
POST /a
early
--- response_body
early

=== post arguments
--- api: ngx.req.get_post_args
--- config
location /a {
    content_by_ts_block {
        await ngx.req.read_body();
        const a = ngx.req.get_post_args();
        ngx.say(a.foo, " ", a.bar.join(","), " ", a.baz);
    }
}
--- request
POST /a
foo=a%20b&bar=1&bar=2&baz
--- response_body
a b 1,2 true

=== post arguments without a body that was read
--- config
location /a {
    content_by_ts_block { try { ngx.req.get_post_args(); } catch (e) { ngx.say(e.message); } }
}
--- request
POST /a
x=1
--- response_body
no request body found; maybe you should turn on ts_need_request_body?

=== set_body_data, for a block and for the upstream
--- api: ngx.req.set_body_data
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { content_by_ts_block {
    await ngx.req.read_body();
    ngx.say(ngx.req.get_method(), " ", ngx.var.content_length, " ", ngx.req.get_body_data());
} } }
--- config
location /a {
    rewrite_by_ts_block { await ngx.req.read_body(); ngx.req.set_body_data("changed: " + ngx.req.get_body_data()); }
    proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;
}
--- request
POST /a
body
--- response_body
POST 13 changed: body

=== set_body_data needs a body that was read
--- config
location /a {
    content_by_ts_block { try { ngx.req.set_body_data("x"); } catch (e) { ngx.say(e.message); } }
}
--- request
POST /a
body
--- response_body
request body not read yet

=== init_body, append_body, finish_body
--- api: ngx.req.init_body, ngx.req.append_body, ngx.req.finish_body
--- config
location /a {
    content_by_ts_block {
        await ngx.req.read_body();
        ngx.req.init_body();
        ngx.req.append_body("one, ");
        ngx.req.append_body(new Uint8Array([116, 119, 111]));
        ngx.req.finish_body();
        ngx.say(ngx.req.get_body_data(), " ", ngx.req.get_headers()["content-length"]);
    }
}
--- request
POST /a
old
--- response_body
one, two 8

=== append_body before init_body
--- config
location /a {
    content_by_ts_block {
        await ngx.req.read_body();
        try { ngx.req.append_body("x"); } catch (e) { ngx.say(e.message); }
    }
}
--- request
POST /a
old
--- response_body
request_body not initialized

=== set_body_file
--- api: ngx.req.set_body_file
--- config
location /a {
    content_by_ts_block {
        await ngx.req.read_body();
        ngx.req.set_body_file(ngx.var.document_root + "/body.txt");
        const res = await ngx.location.capture("/echo", { method: ngx.HTTP_POST, always_forward_body: true });
        ngx.print(res.body);
    }
}
location /echo { proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/real; }
location /real { content_by_ts_block { await ngx.req.read_body(); ngx.print(ngx.req.get_body_data()); } }
--- user_files
>>> body.txt
from a file
--- request
POST /a
x
--- response_body
from a file

=== discard_body
--- api: ngx.req.discard_body
--- config
location /a {
    content_by_ts_block {
        ngx.req.discard_body();
        await ngx.req.read_body();
        ngx.say(ngx.req.get_body_data() ?? "gone");
    }
}
--- pipelined_requests eval
["POST /a\nfirst body", "POST /a\nsecond body"]
--- response_body eval
["gone\n", "gone\n"]

=== a body that is too large is refused before the block sees it
--- config
client_max_body_size 10;
location /a { content_by_ts_block { await ngx.req.read_body(); ngx.say("no"); } }
--- request
POST /a
more than ten bytes
--- error_code: 413

=== a client that stops sending its body: the block is given up
--- config
client_body_timeout 200ms;
location /a {
    content_by_ts_block { await ngx.req.read_body(); ngx.log(ngx.ERR, "went on"); ngx.say("no"); }
    log_by_ts_block { ngx.log(ngx.NOTICE, "ended with ", ngx.var.status); }
}
--- raw_request eval
"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n123"
--- ignore_response
--- error_log
ended with 408
--- no_error_log
went on

=== a post body read in access is proxied whole
--- config
location /a { access_by_ts_block { await ngx.req.read_body(); if (!ngx.req.get_body_data()) ngx.exit(400); } proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/up; }
location /up { content_by_ts_block { await ngx.req.read_body(); ngx.print(ngx.req.get_body_data()); } }
--- request
POST /a
whole body
--- response_body chomp
whole body

=== a body that nobody reads is skipped
--- config
location /a { content_by_ts_block { ngx.say(ngx.var.connection_requests); } }
--- pipelined_requests eval
["POST /a\nunread body", "POST /a\nanother", "GET /a"]
--- response_body eval
["1\n", "2\n", "3\n"]

=== what a script has the worker keep for a request has bounds
--- http_config
ts_cpu_limit 30s;
--- config
location = /bounds {
    content_by_ts_block {
        const bounded = (what) => { try { for (let i = 0; i < 200; i++) what(i); ngx.say("none"); } catch (e) { ngx.say(e.message); } };
        for (let i = 0; i < 6; i++) { ngx.header[`h${i}`] = "x".repeat(3e5); ngx.status; }
        const last = String(ngx.header.h5);
        for (let i = 0; i < 6; i++) ngx.header[`h${i}`] = undefined;
        ngx.say(last);
        await ngx.req.read_body();
        bounded((i) => ngx.req.set_header(`h${i}`, "x".repeat(3e5)));
        bounded(() => ngx.req.add_header("a", "x".repeat(3e5)));
        ngx.req.init_body();
        bounded(() => ngx.req.append_body("x".repeat(1e7)));
        bounded(() => ngx.re.match("", "x".repeat(7e4)));
    }
}
--- request
POST /bounds
x
--- response_body
undefined
no memory
no memory
no memory
pcre2_compile() failed: regular expression is too large
--- error_log
no room for the response header "h5"

=== a limit that is no number is refused, not taken for none
--- config
location /a {
    content_by_ts_block {
        const fails = (f: () => unknown) => { try { return JSON.stringify(f()); } catch (e) { return e.message; } };
        for (const max of ["x", NaN, true] as any[]) {
            ngx.say(fails(() => ngx.req.get_uri_args(max)));
            ngx.say(fails(() => ngx.req.get_headers(max)));
            ngx.say(fails(() => ngx.decode_args("a=1&b=2", max)));
        }
        ngx.say(fails(() => ngx.decode_args("a=1&b=2", -1)));
    }
}
--- request
GET /a?a=1
--- response_body
bad limit (number expected, got string)
bad limit (number expected, got string)
bad limit (number expected, got string)
bad limit (number expected, got NaN)
bad limit (number expected, got NaN)
bad limit (number expected, got NaN)
bad limit (number expected, got boolean)
bad limit (number expected, got boolean)
bad limit (number expected, got boolean)
{"a":"1","b":"2"}

=== set_uri_args says its own name, init_body takes a size of 0
--- config
location /a {
    content_by_ts_block {
        try { ngx.req.set_uri_args(true as any); } catch (e) { ngx.say(e.message); }
        await ngx.req.read_body();
        ngx.req.init_body(0);
        ngx.req.append_body("x");
        ngx.req.finish_body();
        ngx.say(ngx.req.get_body_data(), " ", ngx.req.get_body_file() !== undefined);
        for (const size of [-1, NaN]) try { ngx.req.init_body(size); } catch (e) { ngx.say(e.message); }
    }
}
--- request
POST /a
old
--- response_body
bad argument #1 to 'set_uri_args' (string, number, or table expected, but got boolean)
undefined true
bad size argument: -1
bad argument to 'init_body' (number expected, got NaN)

=== a Content-Length that is no number is refused
--- config
location /t {
    content_by_ts_block {
        try { ngx.req.set_header("Content-Length", "x"); } catch (e) { ngx.say(e.message); }
        ngx.say(ngx.var.content_length, " ", ngx.req.get_headers()["content-length"]);
    }
}
--- request
POST /t
abc
--- response_body
failed to set header
3 3
