# Text is UTF-8: in and out, in headers, arguments, bodies and logs; bytes stay bytes where one asks for them.

=== text goes out as UTF-8, counted in bytes
--- config
location /a { content_by_ts_block { ngx.say("äöü€😀"); } }
--- request
GET /a
--- response_headers
Content-Length: 14
--- response_body
äöü€😀

=== text and bytes in one response
--- config
location /a { content_by_ts_block { ngx.print("ä", new Uint8Array([0, 255]), "ö", new Uint8Array([195, 182]).buffer); } }
--- request
GET /a
--- response_body eval
"\xc3\xa4\x00\xff\xc3\xb6\xc3\xb6"

=== a text in pieces may split a surrogate pair only by mistake
--- config
location /a { content_by_ts_block { ngx.print("\ud83d", "|", "😀"); } }
--- request
GET /a
--- response_body eval
"\xef\xbf\xbd|\xf0\x9f\x98\x80"

=== arguments and uri
--- config
location / {
    content_by_ts_block {
        ngx.say(ngx.var.uri, " ", ngx.var.arg_x, " ", ngx.req.get_uri_args().x, " ", ngx.req.get_uri_args()["ö"], " ", ngx.var.uri.length);
    }
}
--- request
GET /%C3%A4/%E2%82%AC?x=%C3%BC&%C3%B6=1
--- response_body
/ä/€ %C3%BC ü 1 4

=== what is no UTF-8 becomes U+FFFD in text, and stays in bytes
--- config
location /a {
    content_by_ts_block {
        await ngx.req.read_body();
        ngx.say([...ngx.req.get_body_data()].map((c) => c.codePointAt(0).toString(16)).join(" "));
        ngx.say([...ngx.req.get_body_buffer()].join(" "));
    }
}
--- request eval
"POST /a\n\xc3\xa4\xff\xc3"
--- response_body
e4 fffd fffd
195 164 255 195

=== headers in and out
--- config
location /a {
    content_by_ts_block {
        ngx.header["X-Out"] = "hinaus: " + ngx.req.get_headers()["x-in"];
        ngx.say(ngx.var.http_x_in.length, " ", ngx.var.http_x_in);
    }
}
--- request
GET /a
--- more_headers
X-In: größe
--- response_headers
X-Out: hinaus: größe
--- response_body
5 größe

=== variables
--- config
location /a {
    set $x "ä";
    content_by_ts_block { ngx.say(ngx.var.x, ngx.var.x.length); ngx.var.x = "€😀"; ngx.say(ngx.var.x); }
    add_header X-X $x;
}
--- request
GET /a
--- response_body
ä1
€😀

=== a body is echoed byte by byte
--- config
location /a {
    content_by_ts_block { await ngx.req.read_body(); ngx.print(ngx.req.get_body_buffer()); }
}
--- request eval
"POST /a\n" + Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join("")
--- response_body eval
Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join("")

=== a body filter sees whole characters, however the pieces fall
--- config
location /a {
    content_by_ts_block {
        for (const byte of new TextEncoder().encode("aä€😀z")) { ngx.print(new Uint8Array([byte])); await ngx.flush(true); }
    }
    body_filter_by_ts_block { ngx.arg[1] = ngx.arg[1].replace(/[^a-z]/gu, (c) => `<${c}>`); }
}
--- request
GET /a
--- response_body chomp
a<ä><€><😀>z

=== a body filter that looks at bytes gets the pieces as they are
--- config
location /a {
    content_by_ts_block { ngx.print(new Uint8Array([195])); await ngx.flush(true); ngx.print(new Uint8Array([164, 255])); }
    body_filter_by_ts_block { ngx.arg_buffer = ngx.arg_buffer.map((b) => b ^ 1); }
}
--- request
GET /a
--- response_body eval
"\xc2\xa5\xfe"

=== what a body filter leaves alone is left alone
--- config
location / { body_filter_by_ts_block { ngx.arg[1]; ngx.arg[2]; } }
--- user_files eval
[["f.bin", "\xc3\xa4\n\xe2\x82\xac"]]
--- request
GET /f.bin
--- response_body eval
"\xc3\xa4\n\xe2\x82\xac"

=== captured bodies
--- config
location /a {
    content_by_ts_block {
        const res = await ngx.location.capture("/s", { method: ngx.HTTP_POST, body: "größe" });
        ngx.say(res.body, " ", res.body.length, " ", res.body_buffer.length);
    }
}
location /s { content_by_ts_block { await ngx.req.read_body(); ngx.print(ngx.req.get_body_data().length, ngx.req.get_body_data()); } }
--- request
GET /a
--- response_body
5größe 6 8

=== log lines
--- config
location /a { content_by_ts_block { ngx.log(ngx.NOTICE, "größe: €"); throw new Error("fürchterlich"); } }
--- request
GET /a
--- error_code: 500
--- error_log
größe: €
fürchterlich

=== hashes, escapes and base64 are of the UTF-8 bytes
--- config
location /a { content_by_ts_block { ngx.say(ngx.md5("€") === ngx.md5(new Uint8Array([0xe2, 0x82, 0xac])), " ", ngx.escape_uri("€"), " ", ngx.encode_base64("€")); } }
--- request
GET /a
--- response_body
true %E2%82%AC 4oKs

=== log lines of code that belongs to no request
--- config
location /a { content_by_ts_block { ngx.timer.at(0, () => ngx.log(ngx.WARN, "größe ohne")); ngx.say("ok"); } }
--- request
GET /a
--- response_body
ok
--- error_log
größe ohne
