# Escaping, encoding, hashing, time, constants and facts.

=== escape_uri
--- config
location /a {
    content_by_ts_block {
        ngx.say(ngx.escape_uri("a b/c?d=e&f+g%ä"));
        ngx.say(ngx.escape_uri("-_.!~*'()AZaz09"));
        ngx.say(ngx.escape_uri("a b/c?d", 0));
        ngx.say(ngx.escape_uri(42), " [", ngx.escape_uri(""), "]");
    }
}
--- request
GET /a
--- response_body
a%20b%2Fc%3Fd%3De%26f%2Bg%25%C3%A4
-_.!~*'()AZaz09
a%20b/c%3Fd
42 []

=== nothing is the empty text, as nil is in Lua
--- config
location /a {
    content_by_ts_block {
        const none: any = undefined;
        ngx.say([ngx.escape_uri(none), ngx.unescape_uri(null as any), ngx.encode_base64(none)].join("|"));
        ngx.say(ngx.md5(none), " ", ngx.crc32_short(none), " ", ngx.crc32_long(none), " ", ngx.sha1_bin(none).length, " ", ngx.md5_bin(none).length);
    }
}
--- request
GET /a
--- response_body
||
d41d8cd98f00b204e9800998ecf8427e 0 0 20 16

=== unescape_uri
--- config
location /a {
    content_by_ts_block {
        ngx.say(ngx.unescape_uri("b%20r56+7"), "|", ngx.unescape_uri("%C3%A4%e2%82%ac"), "|", ngx.unescape_uri("%zz%4"), "|", ngx.unescape_uri("%41%"));
    }
}
--- request
GET /a
--- response_body
b r56 7|ä€|%zz%4|A%

=== encode_args and decode_args
--- config
location /a {
    content_by_ts_block {
        ngx.say(ngx.encode_args({ foo: 3, "b r": "hello world", baz: [32, "x&y"], flag: true, no: false, gone: undefined }));
        const a = ngx.decode_args("foo=3&b%20r=hello+world&baz=32&baz=x%26y&flag&empty=&=nokey");
        ngx.say(a.foo, "|", a["b r"], "|", a.baz.join(), "|", a.flag, "|", a.empty === "", "|", Object.keys(a).length);
        ngx.say("[", ngx.encode_args({}), "]");
        try { ngx.decode_args("a&b&c", 2); } catch (e) { ngx.say(e.message); }
        ngx.say(Object.keys(ngx.decode_args("a&b&c", 2, { truncate: true })).join());
    }
}
--- request
GET /a
--- response_body
foo=3&b%20r=hello%20world&baz=32&baz=x%26y&flag
3|hello world|32,x&y|true|true|5
[]
truncated
a,b

=== base64
--- config
location /a {
    content_by_ts_block {
        ngx.say(ngx.encode_base64("hello"), " ", ngx.encode_base64("hello", true), " ", ngx.encode_base64("ä"), " ", ngx.encode_base64(new Uint8Array([255, 254])));
        ngx.say(ngx.decode_base64("aGVsbG8="), " ", ngx.decode_base64("aGVsbG8"), " ", ngx.decode_base64("w6Q="), " ", ngx.decode_base64("?!"));
        ngx.say([...ngx.decode_base64_buffer("//4=")].join(" "), " [", ngx.encode_base64(""), "]");
    }
}
--- request
GET /a
--- response_body
aGVsbG8= aGVsbG8 w6Q= //4=
hello hello ä undefined
255 254 []

=== base64url
--- config
location /a {
    content_by_ts_block {
        ngx.say(ngx.encode_base64url(new Uint8Array([255, 254, 253])), " ", ngx.encode_base64url("a?b>"));
        ngx.say(ngx.decode_base64url("YT9iPg"), " ", [...ngx.decode_base64url_buffer("__79")].join(" "), " ", ngx.decode_base64url("a+b/"));
    }
}
--- request
GET /a
--- response_body
__79 YT9iPg
a?b> 255 254 253 undefined

=== checksums and digests
--- config
location /a {
    content_by_ts_block {
        const hex = (bytes: Uint8Array) => [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
        ngx.say(ngx.md5("hello"), " ", ngx.md5(""), " ", ngx.md5("ä"));
        ngx.say(hex(ngx.md5_bin("hello")));
        ngx.say(hex(ngx.sha1_bin("hello")));
        ngx.say(ngx.encode_base64(ngx.hmac_sha1("thisisverysecretstuff", "some string we want to sign")));
        ngx.say(ngx.crc32_short("hello, world"), " ", ngx.crc32_long("hello, world"), " ", ngx.crc32_short(""));
        ngx.say(ngx.md5(new Uint8Array([104, 101, 108, 108, 111])) === ngx.md5("hello"));
    }
}
--- request
GET /a
--- response_body
5d41402abc4b2a76b9719d911017c592 d41d8cd98f00b204e9800998ecf8427e 8419b71c87a225a2c70b50486fbee545
5d41402abc4b2a76b9719d911017c592
aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d
R/pvxzHC4NLtj7S+kXFg/NePTmk=
4289425978 4289425978 0
true

=== quote_sql_str
--- config
location /a {
    content_by_ts_block { ngx.say(ngx.quote_sql_str("a'b\"c\\d\n\r\t\0\x1a\bä")); }
}
--- request
GET /a
--- response_body
'a\'b\"c\\d\n\r\t\0\Z\bä'

=== times in HTTP and cookies
--- config
location /a {
    content_by_ts_block {
        ngx.say(ngx.http_time(1290079655));
        ngx.say(ngx.cookie_time(1290079655));
        ngx.say(ngx.parse_http_time("Thu, 18 Nov 2010 11:27:35 GMT"), " ", ngx.parse_http_time("Thursday, 18-Nov-10 11:27:35 GMT"), " ", ngx.parse_http_time("Thu Nov 18 11:27:35 2010"));
        ngx.say(ngx.parse_http_time("no time"), " ", ngx.parse_http_time("Thu, 31 Feb 2010 11:27:35 GMT"));
        ngx.say(ngx.cookie_time(2147547648));
        try { ngx.http_time("1" as never); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- response_body
Thu, 18 Nov 2010 11:27:35 GMT
Thu, 18-Nov-10 11:27:35 GMT
1290079655 1290079655 1290079655
undefined undefined
Tue, 19-Jan-2038 21:00:48 GMT
number argument only

=== the time now
--- config
location /a {
    content_by_ts_block {
        const day = /^\d{4}-\d\d-\d\d$/, time = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;
        ngx.update_time();
        ngx.say([day.test(ngx.today()), time.test(ngx.localtime()), time.test(ngx.utctime())].join(" "));
        ngx.say([Number.isInteger(ngx.time()), Math.abs(ngx.now() - ngx.time()) < 2, Math.abs(Date.now() / 1000 - ngx.now()) < 1].join(" "));
        ngx.say(ngx.utctime().slice(0, 10) === new Date().toISOString().slice(0, 10));
    }
}
--- request
GET /a
--- response_body
true true true
true true true
true

=== constants
--- config
location /a {
    content_by_ts_block {
        ngx.say([ngx.OK, ngx.ERROR, ngx.AGAIN, ngx.DONE, ngx.DECLINED, ngx.null].map(String).join());
        ngx.say([ngx.STDERR, ngx.EMERG, ngx.ALERT, ngx.CRIT, ngx.ERR, ngx.WARN, ngx.NOTICE, ngx.INFO, ngx.DEBUG].join());
        ngx.say([ngx.HTTP_GET, ngx.HTTP_HEAD, ngx.HTTP_POST, ngx.HTTP_PUT, ngx.HTTP_DELETE, ngx.HTTP_MKCOL, ngx.HTTP_COPY, ngx.HTTP_MOVE,
            ngx.HTTP_OPTIONS, ngx.HTTP_PROPFIND, ngx.HTTP_PROPPATCH, ngx.HTTP_LOCK, ngx.HTTP_UNLOCK, ngx.HTTP_PATCH, ngx.HTTP_TRACE].join());
        ngx.say([ngx.HTTP_CONTINUE, ngx.HTTP_SWITCHING_PROTOCOLS, ngx.HTTP_OK, ngx.HTTP_CREATED, ngx.HTTP_ACCEPTED, ngx.HTTP_NO_CONTENT,
            ngx.HTTP_PARTIAL_CONTENT, ngx.HTTP_SPECIAL_RESPONSE, ngx.HTTP_MOVED_PERMANENTLY, ngx.HTTP_MOVED_TEMPORARILY, ngx.HTTP_SEE_OTHER,
            ngx.HTTP_NOT_MODIFIED, ngx.HTTP_TEMPORARY_REDIRECT, ngx.HTTP_PERMANENT_REDIRECT].join());
        ngx.say([ngx.HTTP_BAD_REQUEST, ngx.HTTP_UNAUTHORIZED, ngx.HTTP_PAYMENT_REQUIRED, ngx.HTTP_FORBIDDEN, ngx.HTTP_NOT_FOUND, ngx.HTTP_NOT_ALLOWED,
            ngx.HTTP_NOT_ACCEPTABLE, ngx.HTTP_REQUEST_TIMEOUT, ngx.HTTP_CONFLICT, ngx.HTTP_GONE, ngx.HTTP_UPGRADE_REQUIRED,
            ngx.HTTP_TOO_MANY_REQUESTS, ngx.HTTP_CLOSE, ngx.HTTP_ILLEGAL].join());
        ngx.say([ngx.HTTP_INTERNAL_SERVER_ERROR, ngx.HTTP_METHOD_NOT_IMPLEMENTED, ngx.HTTP_BAD_GATEWAY, ngx.HTTP_SERVICE_UNAVAILABLE,
            ngx.HTTP_GATEWAY_TIMEOUT, ngx.HTTP_VERSION_NOT_SUPPORTED, ngx.HTTP_INSUFFICIENT_STORAGE].join());
    }
}
--- request
GET /a
--- response_body
0,-1,-2,-4,-5,null
0,1,2,3,4,5,6,7,8
2,4,8,16,32,64,128,256,512,1024,2048,4096,8192,16384,32768
100,101,200,201,202,204,206,300,301,302,303,304,307,308
400,401,402,403,404,405,406,408,409,410,426,429,444,451
500,501,502,503,504,505,507

=== worker and configuration
--- config
location /a {
    set $p $pid;
    content_by_ts_block {
        ngx.say(String(ngx.worker.pid()) === ngx.var.p, " ", ngx.worker.id() >= 0 && ngx.worker.id() < ngx.worker.count(), " ", ngx.worker.exiting());
        ngx.say(ngx.config.subsystem, " ", ngx.config.nginx_version, " ", ngx.config.debug, " ", ngx.config.prefix());
    }
}
--- request
GET /a
--- response_body
true true false
http 1031005 false $TEST_NGINX_SERVER_ROOT/
