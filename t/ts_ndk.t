# ndk.set_var: the directives of the set-misc module as functions; and the global print.

=== each of them
--- api: ndk.set_var.DIRECTIVE, ndk.set_var.set_quote_sql_str, ndk.set_var.set_quote_pgsql_str, ndk.set_var.set_quote_json_str
--- config
location /a {
    content_by_ts_block {
        const { set_quote_sql_str: sql, set_quote_pgsql_str: pg, set_quote_json_str: json } = ndk.set_var;
        const text = "a\0\b\t\n\r\x1a\"'$\\ä";
        ngx.say(sql(text), " ", sql(""), " ", sql(12));
        ngx.say(pg(text), " ", pg(""));
        ngx.say(pg(new Uint8Array([0x27, 0xff, 0x41])));
        ngx.say(json("q\"b\\n\n\t\r\f\b\x01ä/"), " ", json(""));
    }
}
--- request
GET /a
--- response_body
'a\0\b\t\n\r\Z\"\'\$\\ä' '' '12'
E'a\0\b\t\n\r\Z\"\'\$\\ä' ''
E'\'\\377A'
"q\"b\\n\n\t\r\f\b\u0001ä/" null

=== uris
--- api: ndk.set_var.set_escape_uri, ndk.set_var.set_unescape_uri
--- config
location /a {
    content_by_ts_block {
        const { set_escape_uri, set_unescape_uri } = ndk.set_var;
        ngx.say(set_escape_uri("a b/c?ä+"), " ", set_unescape_uri("a%20b%2Fc+%C3%A4"));
        ngx.say(set_escape_uri(new Uint8Array([255, 65])), " ", ...ndk.set_var.set_unescape_uri_buffer("%fF%00"));
        for (const text of ["a%zb", "a%4zb", "a%", "a%4", "%%41"]) ngx.print("[", set_unescape_uri(text), "]");
    }
}
--- request
GET /a
--- response_body chomp
a%20b%2Fc%3F%C3%A4%2B a b/c ä
%FFA 2550
[azb][ab][a][a][%41]

=== base 32
--- api: ndk.set_var.set_encode_base32, ndk.set_var.set_decode_base32
--- config
location /a {
    content_by_ts_block {
        const { set_encode_base32: encode, set_decode_base32: decode } = ndk.set_var;
        for (const text of ["", "f", "fo", "foo", "foob", "fooba", "foobar", "ä"]) {
            ngx.say(encode(text), " ", decode(encode(text)) === text);
        }
        ngx.say(decode("cpnmuoj1e8"), " [", decode("c"), "] [", decode("zz"), "]");
    }
}
--- request
GET /a
--- response_body
 true
co====== true
cpng==== true
cpnmu=== true
cpnmuog= true
cpnmuoj1 true
cpnmuoj1e8====== true
oei0==== true
foobar [] []

=== base 64, with "+" and "/" and without
--- api: ndk.set_var.set_encode_base64, ndk.set_var.set_decode_base64, ndk.set_var.set_encode_base64url, ndk.set_var.set_decode_base64url
--- config
location /a {
    content_by_ts_block {
        const v = ndk.set_var;
        ngx.say(v.set_encode_base64("?>ä"), " ", v.set_decode_base64("Pz7DpA=="));
        ngx.say(v.set_encode_base64url("?>ä"), " ", v.set_decode_base64url("Pz7DpA"));
        ngx.say(v.set_encode_base64(new Uint8Array([255, 0])), " ", ...v.set_decode_base64_buffer("/wA="));
        ngx.say(v.set_encode_base64url(new Uint8Array([255, 0])), " ", ...v.set_decode_base64url_buffer("_wA"));
        for (const name of ["set_decode_base64", "set_decode_base64url"]) {
            try { ngx.say(v[name]("?")); } catch (e) { ngx.say(e.message); }
        }
    }
}
--- request
GET /a
--- response_body
Pz7DpA== ?>ä
Pz7DpA ?>ä
/wA= 2550
_wA 2550
calling directive set_decode_base64 failed with code -1
calling directive set_decode_base64url failed with code -1
--- error_log
set_decode_base64: invalid value
set_decode_base64url: invalid value

=== hexadecimal
--- api: ndk.set_var.set_encode_hex, ndk.set_var.set_decode_hex
--- config
location /a {
    content_by_ts_block {
        const { set_encode_hex, set_decode_hex } = ndk.set_var;
        ngx.say(set_encode_hex("aä\n"), " ", set_decode_hex("61C3a4"));
        for (const text of ["6", "6g", "__"]) {
            try { ngx.say(set_decode_hex(text)); } catch (e) { ngx.say(e.message); }
        }
    }
}
--- request
GET /a
--- response_body
61c3a40a aä
calling directive set_decode_hex failed with code -1
calling directive set_decode_hex failed with code -1
calling directive set_decode_hex failed with code -1

=== digests
--- api: ndk.set_var.set_md5, ndk.set_var.set_sha1
--- config
location /a {
    content_by_ts_block {
        ngx.say(ndk.set_var.set_md5("hello"), " ", ndk.set_var.set_sha1("hello"), " ", ndk.set_var.set_md5());
    }
}
--- request
GET /a
--- response_body
5d41402abc4b2a76b9719d911017c592 aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d d41d8cd98f00b204e9800998ecf8427e

=== random text
--- api: ndk.set_var.set_secure_random_alphanum, ndk.set_var.set_secure_random_lcalpha
--- config
location /a {
    content_by_ts_block {
        const { set_secure_random_alphanum: alphanum, set_secure_random_lcalpha: lower } = ndk.set_var;
        ngx.say(/^[a-zA-Z0-9]{64}$/.test(alphanum(64)), " ", /^[a-z]{20}$/.test(lower("20")), " ", alphanum(32) !== alphanum(32));
        const seen = new Set();
        for (let i = 0; i < 100; i++) for (const c of alphanum(64)) seen.add(c);
        ngx.say(seen.size);
        for (const n of [0, 65, "1e1", "x", undefined]) try { alphanum(n); ngx.say("no"); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- response_body
true true true
62
calling directive set_secure_random_alphanum failed with code -1
calling directive set_secure_random_alphanum failed with code -1
calling directive set_secure_random_alphanum failed with code -1
calling directive set_secure_random_alphanum failed with code -1
calling directive set_secure_random_alphanum failed with code -1

=== set_local_today
--- api: ndk.set_var.set_local_today
--- config
location /a { content_by_ts_block { ngx.say(ndk.set_var.set_local_today() === ngx.today()); } }
--- request
GET /a
--- response_body
true

=== no such directive
--- config
location /a {
    content_by_ts_block {
        for (const name of ["set_nothing", "toString", "__proto__"]) {
            try { ndk.set_var[name]("x"); ngx.say("no"); } catch (e) { ngx.say(e.message); }
        }
        try { ndk.set_var.set_md5 = 1; } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- response_body
ndk.set_var: directive "set_nothing" not found or does not use ndk_set_var_value
ndk.set_var: directive "toString" not found or does not use ndk_set_var_value
ndk.set_var: directive "__proto__" not found or does not use ndk_set_var_value
not allowed

=== print: a notice for whoever's code is running
--- api: print
--- log_level: notice
--- config
location /a { content_by_ts_block { print("x ", 1, " ", true, " ", undefined, " ", null); ngx.say("ok"); } }
--- request
GET /a
--- response_body
ok
--- error_log eval
/\[notice\] \d+#\d+: \*\d+ \[ts\] content_by_ts\(nginx\.conf:\d+:\d+\): x 1 true undefined null, client:/

=== print where there is no request
--- log_level: notice
--- http_config
init_worker_by_ts_block { print("from init_worker"); }
--- config
location /a { return 204; }
--- request
GET /a
--- error_code: 204
--- error_log eval
/\[notice\] \d+#\d+: \[ts\] init_worker_by_ts\(nginx\.conf:\d+:\d+\): from init_worker/
