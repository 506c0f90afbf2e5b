# Escaping, encoding, digests, times and constants.

=== escape_uri: what each type leaves
--- api: ngx.escape_uri
--- config
location = /escape-uri {
    content_by_ts_block {
        const t = (...fs) => ngx.say(fs.map((f) => { try { const v = f(); return v instanceof Uint8Array ? `<${v.join()}>` : typeof v === "object" && v !== null ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } }).join(" | "));
        let all = ""; for (let i = 32; i < 128; i++) all += String.fromCharCode(i);

        for (let type = 0; type <= 6; type++) ngx.say(type, " ", ngx.escape_uri(all, type).replace(/[A-Z]{26}|[a-z]{26}|[0-9]{10}/g, "_"));
    }
}
location = /escape-uri-control {
    content_by_ts_block {
        const t = (...fs) => ngx.say(fs.map((f) => { try { const v = f(); return v instanceof Uint8Array ? `<${v.join()}>` : typeof v === "object" && v !== null ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } }).join(" | "));
        t(() => ngx.escape_uri("a\0\t\n\x1f"), () => ngx.escape_uri("ä日😀"), () => ngx.escape_uri("ä", 5), () => ngx.escape_uri(""), () => ngx.escape_uri(12), () => ngx.escape_uri(new Uint8Array([65, 32])));
    }
}
location = /escape-uri-a {
    content_by_ts_block {
        const t = (...fs) => ngx.say(fs.map((f) => { try { const v = f(); return v instanceof Uint8Array ? `<${v.join()}>` : typeof v === "object" && v !== null ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } }).join(" | "));
        t(() => ngx.escape_uri("x", 7), () => ngx.escape_uri("x", -1), () => ngx.escape_uri("x", "2"));
    }
}
location = /unescape-uri {
    content_by_ts_block {
        const t = (...fs) => ngx.say(fs.map((f) => { try { const v = f(); return v instanceof Uint8Array ? `<${v.join()}>` : typeof v === "object" && v !== null ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } }).join(" | "));
        for (const text of ["a%20b", "a+b", "a%2Bb", "%", "%2", "%zz", "%2z", "%41%", "%%20", "%e4%bd%a0", "%E4%BD%A0", "%u4f60", ""]) ngx.print(ngx.unescape_uri(text), "|");
        t(() => ngx.unescape_uri("%00").charCodeAt(0), () => ngx.unescape_uri("%C3%A4%FF").length, () => ngx.unescape_uri("a".repeat(100) + "%41"+"b".repeat(10)).slice(99, 103));
    }
}
location = /encode-args {
    content_by_ts_block {
        const t = (...fs) => ngx.say(fs.map((f) => { try { const v = f(); return v instanceof Uint8Array ? `<${v.join()}>` : typeof v === "object" && v !== null ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } }).join(" | "));
        t(() => ngx.encode_args({}), () => ngx.encode_args({ a: true }), () => ngx.encode_args({ a: false, b: undefined, c: null }), () => ngx.encode_args({ "b r": "c&d=e" }), () => ngx.encode_args({ a: [1, 2] }), () => ngx.encode_args({ a: [] }), () => ngx.encode_args({ a: [true, false, "x"] }), () => ngx.encode_args({ a: "", b: 1.5 }), () => ngx.encode_args({ ä: "日" }));
    }
}
location = /encode-args-what {
    content_by_ts_block {
        const t = (...fs) => ngx.say(fs.map((f) => { try { const v = f(); return v instanceof Uint8Array ? `<${v.join()}>` : typeof v === "object" && v !== null ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } }).join(" | "));
        t(() => ngx.encode_args({ a: {} }), () => ngx.encode_args({ a: [{}] }), () => ngx.encode_args({ a: () => {} }), () => ngx.encode_args("x"), () => ngx.encode_args());
    }
}
location = /decode-args {
    content_by_ts_block {
        const t = (...fs) => ngx.say(fs.map((f) => { try { const v = f(); return v instanceof Uint8Array ? `<${v.join()}>` : typeof v === "object" && v !== null ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } }).join(" | "));
        for (const text of ["", "a", "a=", "=", "=b", "a=b=c", "a&b", "a=1&a=2&a", "&&a=1&&", "a=%20+", "%20=x", "a;b", "a=1&=2", "a%3Db=c", "?a=1", "a[]=1&a[]=2", "a=1&A=2", "%=1", "a=&a="]) ngx.print(JSON.stringify(ngx.decode_args(text)));
        ngx.say();
    }
}
location = /decode-args-limits {
    content_by_ts_block {
        const t = (...fs) => ngx.say(fs.map((f) => { try { const v = f(); return v instanceof Uint8Array ? `<${v.join()}>` : typeof v === "object" && v !== null ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } }).join(" | "));
        const text = Array.from({ length: 110 }, (_, i) => `a${i}=${i}`).join("&");
        const count = (...args) => Object.keys(ngx.decode_args(text, ...args)).length;
        t(() => count(), () => count(undefined, { truncate: true }), () => count(0), () => count(110), () => count(109), () => count(5, { truncate: true }), () => count(-1));
        t(() => ngx.decode_args("__proto__=1&constructor=2").__proto__, () => Object.keys(ngx.decode_args("__proto__=1&constructor=2")).join());
    }
}
location = /encode-base64 {
    content_by_ts_block {
        const t = (...fs) => ngx.say(fs.map((f) => { try { const v = f(); return v instanceof Uint8Array ? `<${v.join()}>` : typeof v === "object" && v !== null ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } }).join(" | "));
        t(() => ngx.encode_base64(""), () => ngx.encode_base64("a"), () => ngx.encode_base64("ab"), () => ngx.encode_base64("abc"), () => ngx.encode_base64("a", true), () => ngx.encode_base64("a", false), () => ngx.encode_base64(12), () => ngx.encode_base64("ä"), () => ngx.encode_base64(new Uint8Array([251, 255])), () => ngx.encode_base64("a", 1));
    }
}
--- request
GET /escape-uri
--- response_body
0 %20!"%23$%25&'()*+,-./_:;<=>%3F@_[\]^_`_{|}~%7F
1 %20!"%23$%25&'()*%2B,-./_:;<=>%3F@_[\]^_`_{|}~%7F
2 %20!%22%23%24%25%26'()*%2B%2C-.%2F_%3A%3B%3C%3D%3E%3F%40_%5B%5C%5D%5E_%60_%7B%7C%7D~%7F
3 %20!%22%23$%25&%27()*+,-./_:;<=>?@_[\]^_`_{|}~%7F
4 %20!%22#$%&%27()*+,-./_:;<=>?@_[\]^_`_{|}~%7F
5 %20!"#$%25&'()*+,-./_:;<=>?@_[\]^_`_{|}~
6 %20!"#$%25&'()*+,-./_:;<=>?@_[\]^_`_{|}~

=== escape_uri: control characters and what is beyond ASCII
--- request
GET /escape-uri-control
--- response_body
a%00%09%0A%1F | %C3%A4%E6%97%A5%F0%9F%98%80 | ä |  | 12 | A%20

=== escape_uri: a type that is none
--- request
GET /escape-uri-a
--- response_body
"type" 7 out of range | "type" -1 out of range | "type" is not a number

=== unescape_uri: sequences, broken ones, plus signs
--- api: ngx.unescape_uri
--- request
GET /unescape-uri
--- response_body
a b|a b|a+b|%|%2|%zz|%2z|A%|% |你|你|%u4f60||0 | 2 | aAbb

=== encode_args: kinds of values
--- api: ngx.encode_args
--- request
GET /encode-args
--- response_body
 | a |  | b%20r=c%26d%3De | a=1&a=2 |  | a&a=x | a=&b=1.5 | %C3%A4=%E6%97%A5

=== encode_args: what cannot be a value
--- request
GET /encode-args-what
--- response_body
attempt to use object as query arg value | attempt to use object as query arg value | attempt to use function as query arg value | bad argument #1 to 'encode_args' (table expected, got string) | bad argument #1 to 'encode_args' (table expected, got undefined)

=== decode_args: pairs, flags, empty names, repeated ones
--- api: ngx.decode_args
--- request
GET /decode-args
--- response_body
{}{"a":true}{"a":""}{}{}{"a":"b=c"}{"a":true,"b":true}{"a":["1","2",true]}{"a":"1"}{"a":"  "}{" ":"x"}{"a;b":true}{"a":"1"}{"a=b":"c"}{"?a":"1"}{"a[]":["1","2"]}{"a":"1","A":"2"}{"%":"1"}{"a":["",""]}

=== decode_args: limits
--- request
GET /decode-args-limits
--- response_body
truncated | 100 | 110 | 110 | truncated | 5 | 110
1 | __proto__,constructor

=== encode_base64
--- api: ngx.encode_base64
--- request
GET /encode-base64
--- response_body
 | YQ== | YWI= | YWJj | YQ | YQ== | MTI= | w6Q= | +/8= | bad no_padding: boolean expected, got number

=== decode_base64: padding does not matter, and ends it
--- api: ngx.decode_base64
--- config
location = /decode-base64 {
    content_by_ts_block {
        const t = (...fs) => ngx.say(fs.map((f) => { try { const v = f(); return v instanceof Uint8Array ? `<${v.join()}>` : typeof v === "object" && v !== null ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } }).join(" | "));
        t(...["", "YQ==", "YQ", "YQ=", "YQ===", "YQ==YQ==", "====", "w6Q="].map((text) => () => ngx.decode_base64(text)));
        t(...["Y", "Y Q==", "YWI\n", "Y-_A", "Ä"].map((text) => () => ngx.decode_base64(text)));
        t(() => ngx.decode_base64(), () => ngx.decode_base64(12), () => ngx.decode_base64_buffer("+/8="), () => ngx.decode_base64_buffer("?"));
    }
}
location = /base64-of {
    content_by_ts_block {
        const t = (...fs) => ngx.say(fs.map((f) => { try { const v = f(); return v instanceof Uint8Array ? `<${v.join()}>` : typeof v === "object" && v !== null ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } }).join(" | "));
        const bytes = new Uint8Array(5000).map((_, i) => (i * 7) & 255);
        const text = ngx.encode_base64(bytes);
        t(() => text.length, () => ngx.decode_base64_buffer(text).every((b, i) => b === bytes[i]), () => ngx.decode_base64(`${text.slice(0, 80)}!`), () => ngx.decode_base64url_buffer(ngx.encode_base64url(bytes)).length);
    }
}
location = /decode-base64mime {
    content_by_ts_block {
        const t = (...fs) => ngx.say(fs.map((f) => { try { const v = f(); return v instanceof Uint8Array ? `<${v.join()}>` : typeof v === "object" && v !== null ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } }).join(" | "));
        t(...["YQ==", "Y\r\nQ = =", "Y?Q", "Y Q=x", "YW-Jj", "", "Y", "?"].map((text) => () => ngx.decode_base64mime(text)), () => ngx.decode_base64mime());
    }
}
location = /base64url {
    content_by_ts_block {
        const t = (...fs) => ngx.say(fs.map((f) => { try { const v = f(); return v instanceof Uint8Array ? `<${v.join()}>` : typeof v === "object" && v !== null ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } }).join(" | "));
        t(() => ngx.encode_base64url(new Uint8Array([255, 254, 63, 62])), () => ngx.encode_base64url(""), () => ngx.decode_base64url("YWI"), () => ngx.decode_base64url("YQ=="), () => ngx.decode_base64url(""), () => ngx.decode_base64url_buffer("__4_Pg"), () => ngx.decode_base64url("a+b/"), () => ngx.decode_base64url("a"), () => ngx.decode_base64url(1));
    }
}
location = /md5-in {
    content_by_ts_block {
        const t = (...fs) => ngx.say(fs.map((f) => { try { const v = f(); return v instanceof Uint8Array ? `<${v.join()}>` : typeof v === "object" && v !== null ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } }).join(" | "));
        t(() => ngx.md5(""), () => ngx.md5("hello"), () => ngx.md5("ä"), () => ngx.md5(12), () => ngx.md5(["he", ["l", new Uint8Array([108])], "o"]), () => ngx.md5_bin("hello").length, () => ngx.md5_bin("")[0], () => ngx.md5({}));
    }
}
location = /sha1-bin {
    content_by_ts_block {
        const t = (...fs) => ngx.say(fs.map((f) => { try { const v = f(); return v instanceof Uint8Array ? `<${v.join()}>` : typeof v === "object" && v !== null ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } }).join(" | "));
        t(() => ngx.encode_base64(ngx.sha1_bin("hello")), () => ngx.sha1_bin("").length, () => ngx.encode_base64(ngx.hmac_sha1("key", "The quick brown fox jumps over the lazy dog")), () => ngx.encode_base64(ngx.hmac_sha1("k".repeat(100), "")), () => ngx.encode_base64(ngx.hmac_sha1(new Uint8Array([0, 255]), "x")) === ngx.encode_base64(ngx.hmac_sha1(new Uint8Array([0, 254]), "x")));
    }
}
location = /crc32 {
    content_by_ts_block {
        const t = (...fs) => ngx.say(fs.map((f) => { try { const v = f(); return v instanceof Uint8Array ? `<${v.join()}>` : typeof v === "object" && v !== null ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } }).join(" | "));
        t(() => ngx.crc32_short("hello"), () => ngx.crc32_long("hello"), () => ngx.crc32_short(""), () => ngx.crc32_long(new Uint8Array([255, 0])), () => ngx.crc32_short("ä"), () => ngx.crc32_long({}));
    }
}
location = /quote-sql {
    content_by_ts_block {
        const t = (...fs) => ngx.say(fs.map((f) => { try { const v = f(); return v instanceof Uint8Array ? `<${v.join()}>` : typeof v === "object" && v !== null ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } }).join(" | "));
        t(() => ngx.quote_sql_str(""), () => ngx.quote_sql_str("a'b\"c\\d\n\r\t\b\x1a$%_"), () => ngx.quote_sql_str("\0"), () => ngx.quote_sql_str(12), () => ngx.quote_sql_str("ä"), () => ngx.quote_sql_str(), () => ngx.quote_sql_str({}));
    }
}
location = /cookie-time {
    content_by_ts_block {
        const t = (...fs) => ngx.say(fs.map((f) => { try { const v = f(); return v instanceof Uint8Array ? `<${v.join()}>` : typeof v === "object" && v !== null ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } }).join(" | "));
        for (const n of [0, 1290079655, 2145916799, 2145916800, 2147483648, 4102444800, 1.9]) ngx.say(ngx.cookie_time(n));
        t(() => ngx.cookie_time("x"), () => ngx.cookie_time("1290079655"), () => ngx.cookie_time());
    }
}
--- request
GET /decode-base64
--- response_body
 | a | a | a | a | a |  | ä
undefined | undefined | undefined | undefined | undefined
string argument only | string argument only | <251,255> | undefined

=== base64 of many bytes, there and back
--- request
GET /base64-of
--- response_body
6668 | true | undefined | 5000

=== decode_base64mime skips what is not of the alphabet
--- api: ngx.decode_base64mime
--- request
GET /decode-base64mime
--- response_body
a | a | a | a | abc |  | undefined |  | string argument only

=== base64url
--- api: ngx.base64.encode_base64url, ngx.base64.decode_base64url
--- request
GET /base64url
--- response_body
__4_Pg |  | ab | a |  | <255,254,63,62> | undefined | undefined | string argument only

=== md5, in hexadecimal and as bytes
--- api: ngx.md5, ngx.md5_bin
--- request
GET /md5-in
--- response_body
d41d8cd98f00b204e9800998ecf8427e | 5d41402abc4b2a76b9719d911017c592 | 8419b71c87a225a2c70b50486fbee545 | c20ad4d76fe97759aa27a0c99bff6710 | 5d41402abc4b2a76b9719d911017c592 | 16 | 212 | bad argument to 'md5' (string expected, got object)

=== sha1_bin, hmac_sha1
--- api: ngx.sha1_bin, ngx.hmac_sha1
--- request
GET /sha1-bin
--- response_body
qvTGHdzF6KLavt4PO0gs2a6pQ00= | 20 | 3nybhbi3iqa8ino29wqQcBydtNk= | EOZirNlf5pQzMm+EYJ3PrZ5csdE= | false

=== crc32
--- api: ngx.crc32_short, ngx.crc32_long
--- request
GET /crc32
--- response_body
907060870 | 907060870 | 0 | 3539857293 | 1890972035 | bad argument to 'crc32_long' (string expected, got object)

=== quote_sql_str
--- api: ngx.quote_sql_str
--- request
GET /quote-sql
--- response_body
'' | 'a\'b\"c\\d\n\r\t\b\Z$%_' | '\0' | '12' | 'ä' | bad argument #1 to 'quote_sql_str' (string expected, got undefined) | bad argument #1 to 'quote_sql_str' (string expected, got object)

=== cookie_time: the year in two digits up to 2037
--- api: ngx.cookie_time
--- request
GET /cookie-time
--- response_body
Thu, 01-Jan-70 00:00:00 GMT
Thu, 18-Nov-10 11:27:35 GMT
Thu, 31-Dec-37 23:59:59 GMT
Fri, 01-Jan-2038 00:00:00 GMT
Tue, 19-Jan-2038 03:14:08 GMT
Fri, 01-Jan-2100 00:00:00 GMT
Thu, 01-Jan-70 00:00:01 GMT
number argument only | number argument only | number argument only

=== http_time
--- api: ngx.http_time
--- config
location = /http-time {
    content_by_ts_block {
        const t = (...fs) => ngx.say(fs.map((f) => { try { const v = f(); return v instanceof Uint8Array ? `<${v.join()}>` : typeof v === "object" && v !== null ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } }).join(" | "));
        t(() => ngx.http_time(0), () => ngx.http_time(1290079655), () => ngx.http_time(4102444800), () => ngx.http_time(1.9), () => ngx.http_time(), () => ngx.http_time(NaN), () => ngx.http_time(-1), () => ngx.cookie_time(-86400));
    }
}
location = /parse-http {
    content_by_ts_block {
        const t = (...fs) => ngx.say(fs.map((f) => { try { const v = f(); return v instanceof Uint8Array ? `<${v.join()}>` : typeof v === "object" && v !== null ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } }).join(" | "));
        t(...["Thu, 18 Nov 2010 11:27:35 GMT", "Thu, 18-Nov-10 11:27:35 GMT", "Thursday, 18-Nov-10 11:27:35 GMT", "Thu Nov 18 11:27:35 2010", "Thu Nov  8 11:27:35 2010", "Fri, 18 Nov 2010 11:27:35 GMT", "Thu, 29 Feb 2012 00:00:00 GMT", "Thu, 18-Nov-69 11:27:35 GMT", "Thu, 18-Nov-70 11:27:35 GMT", "Thu, 18 Nov 1969 11:27:35 GMT", "Thu, 18 Nov 2010 11:27:35"].map((text) => () => ngx.parse_http_time(text)));
    }
}
location = /parse-http-time {
    content_by_ts_block {
        const t = (...fs) => ngx.say(fs.map((f) => { try { const v = f(); return v instanceof Uint8Array ? `<${v.join()}>` : typeof v === "object" && v !== null ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } }).join(" | "));
        t(...["18 Nov 2010 11:27:35 GMT", "Thu, 31 Feb 2010 11:27:35 GMT", "Thu, 29 Feb 2011 00:00:00 GMT", "Thu, 18 Nov 2010 24:00:00 GMT", "Thu, 18 Nov 2010 11:27:60 GMT", "Thu, 8 Nov 2010 11:27:35 GMT", "", "abc"].map((text) => () => ngx.parse_http_time(text)), () => ngx.parse_http_time(1));
    }
}
location = /times-there {
    content_by_ts_block {
        const t = (...fs) => ngx.say(fs.map((f) => { try { const v = f(); return v instanceof Uint8Array ? `<${v.join()}>` : typeof v === "object" && v !== null ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } }).join(" | "));
        let wrong = 0;
        for (let n = 0; n < 4e9; n += 86399 * 37) if (ngx.parse_http_time(ngx.http_time(n)) !== n || (n < 2145916800 && ngx.parse_http_time(ngx.cookie_time(n)) !== n)) wrong++;
        ngx.say(wrong);
    }
}
location = /the-time {
    content_by_ts_block {
        const t = (...fs) => ngx.say(fs.map((f) => { try { const v = f(); return v instanceof Uint8Array ? `<${v.join()}>` : typeof v === "object" && v !== null ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } }).join(" | "));
        const at = new Date(ngx.time() * 1000);
        ngx.say(/^\d{4}-\d\d-\d\d$/.test(ngx.today()), " ", ngx.localtime().startsWith(ngx.today()), " ", ngx.utctime().slice(0, 16) === at.toISOString().slice(0, 16).replace("T", " "));
        ngx.say(Math.abs(ngx.now() - Date.now() / 1000) < 1, " ", Number.isInteger(ngx.time()), " ", ngx.update_time());
    }
}
location = /monotonic-time {
    content_by_ts_block {
        const t = (...fs) => ngx.say(fs.map((f) => { try { const v = f(); return v instanceof Uint8Array ? `<${v.join()}>` : typeof v === "object" && v !== null ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } }).join(" | "));
        const from = performance.now();
        await ngx.sleep(0.005);
        const took = performance.now() - from;
        ngx.say(took >= 4 && took < 2000);
    }
}
location = /core-constants {
    content_by_ts_block {
        const t = (...fs) => ngx.say(fs.map((f) => { try { const v = f(); return v instanceof Uint8Array ? `<${v.join()}>` : typeof v === "object" && v !== null ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } }).join(" | "));
        t(() => [ngx.OK, ngx.ERROR, ngx.AGAIN, ngx.DONE, ngx.DECLINED].join(), () => ngx.null, () => JSON.stringify({ a: ngx.null }));
    }
}
location = /constants-of {
    content_by_ts_block {
        const t = (...fs) => ngx.say(fs.map((f) => { try { const v = f(); return v instanceof Uint8Array ? `<${v.join()}>` : typeof v === "object" && v !== null ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } }).join(" | "));
        t(() => ngx.HTTP_GET, () => ["GET", "HEAD", "POST", "PUT", "DELETE", "MKCOL", "COPY", "MOVE", "OPTIONS", "PROPFIND", "PROPPATCH", "LOCK", "UNLOCK", "PATCH", "TRACE"].map((name) => ngx[`HTTP_${name}`]).join());
    }
}
location = /constants-of-statuses {
    content_by_ts_block {
        const t = (...fs) => ngx.say(fs.map((f) => { try { const v = f(); return v instanceof Uint8Array ? `<${v.join()}>` : typeof v === "object" && v !== null ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } }).join(" | "));
        const { HTTP_OK } = ngx;
        t(() => HTTP_OK, () => ["CONTINUE", "SWITCHING_PROTOCOLS", "CREATED", "ACCEPTED", "NO_CONTENT", "PARTIAL_CONTENT", "SPECIAL_RESPONSE", "MOVED_PERMANENTLY", "MOVED_TEMPORARILY", "SEE_OTHER", "NOT_MODIFIED", "TEMPORARY_REDIRECT", "PERMANENT_REDIRECT"].map((name) => ngx[`HTTP_${name}`]).join());
        t(() => ["BAD_REQUEST", "UNAUTHORIZED", "PAYMENT_REQUIRED", "FORBIDDEN", "NOT_FOUND", "NOT_ALLOWED", "NOT_ACCEPTABLE", "REQUEST_TIMEOUT", "CONFLICT", "GONE", "UPGRADE_REQUIRED", "TOO_MANY_REQUESTS", "CLOSE", "ILLEGAL"].map((name) => ngx[`HTTP_${name}`]).join());
        t(() => ["INTERNAL_SERVER_ERROR", "METHOD_NOT_IMPLEMENTED", "NOT_IMPLEMENTED", "BAD_GATEWAY", "SERVICE_UNAVAILABLE", "GATEWAY_TIMEOUT", "VERSION_NOT_SUPPORTED", "INSUFFICIENT_STORAGE"].map((name) => ngx[`HTTP_${name}`]).join());
    }
}
--- request
GET /http-time
--- response_body
Thu, 01 Jan 1970 00:00:00 GMT | Thu, 18 Nov 2010 11:27:35 GMT | Fri, 01 Jan 2100 00:00:00 GMT | Thu, 01 Jan 1970 00:00:01 GMT | number argument only | number argument only | Thu, 01 Jan 1970 00:00:00 GMT | Thu, 01-Jan-70 00:00:00 GMT

=== parse_http_time: the three forms
--- api: ngx.parse_http_time
--- request
GET /parse-http
--- response_body
1290079655 | 1290079655 | 1290079655 | 1290079655 | 1289215655 | 1290079655 | 1330473600 | 3151999655 | 27775655 | -3760345 | 1290079655

=== parse_http_time: what is no time
--- request
GET /parse-http-time
--- response_body
undefined | undefined | undefined | undefined | undefined | undefined | undefined | undefined | string argument only

=== times there and back
--- request
GET /times-there
--- response_body
0

=== the time now, in its forms
--- api: ngx.today, ngx.time, ngx.now, ngx.localtime, ngx.utctime, ngx.update_time
--- request
GET /the-time
--- response_body
true true true
true true undefined

=== monotonic time
--- api: resty.core.time.monotonic_msec, resty.core.time.monotonic_time
--- request
GET /monotonic-time
--- response_body
true

=== core constants
--- api: Core constants
--- request
GET /core-constants
--- response_body
0,-1,-2,-4,-5 | null | {"a":null}

=== constants of methods
--- api: HTTP method constants
--- request
GET /constants-of
--- response_body
2 | 2,4,8,16,32,64,128,256,512,1024,2048,4096,8192,16384,32768

=== constants of statuses
--- api: HTTP status constants
--- request
GET /constants-of-statuses
--- response_body
200 | 100,101,201,202,204,206,300,301,302,303,304,307,308
400,401,402,403,404,405,406,408,409,410,426,429,444,451
500,501,501,502,503,504,505,507

=== constants of log levels
--- api: Nginx log level constants
--- config
location = /constants-of {
    content_by_ts_block {
        const t = (...fs) => ngx.say(fs.map((f) => { try { const v = f(); return v instanceof Uint8Array ? `<${v.join()}>` : typeof v === "object" && v !== null ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } }).join(" | "));
        t(() => ngx.ERR, () => ["STDERR", "EMERG", "ALERT", "CRIT", "ERR", "WARN", "NOTICE", "INFO", "DEBUG"].map((name) => ngx[name]).join());
    }
}
location = /functions-of {
    content_by_ts_block {
        const t = (...fs) => ngx.say(fs.map((f) => { try { const v = f(); return v instanceof Uint8Array ? `<${v.join()}>` : typeof v === "object" && v !== null ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } }).join(" | "));
        const { md5, escape_uri, time, encode_args } = ngx;
        t(() => md5("x").length, () => escape_uri(" "), () => Number.isInteger(time()), () => encode_args({ a: 1 }));
    }
}
--- request
GET /constants-of
--- response_body
4 | 0,1,2,3,4,5,6,7,8

=== functions of ngx work taken out of it
--- request
GET /functions-of
--- response_body
32 | %20 | true | a=1

=== they need no request: in init_worker, in modules, in timers
--- http_config
ts_shared_dict d 1m;
init_worker_by_ts_block {
    ngx.shared.d.set("init", [ngx.md5("a").slice(0, 4), ngx.escape_uri("b c"), ngx.encode_base64("x"), ngx.crc32_short("y"), ngx.re.match("z9", "[0-9]")[0], ngx.OK].join(" "));
}
--- user_files
>>> ../conf/m.ts
export const at = ngx.encode_args({ from: "module", ok: ngx.HTTP_OK });
--- config
location /a {
    content_by_ts_block {
        import { at } from "./m.ts";
        let timer;
        ngx.timer.at(0, () => { timer = ngx.quote_sql_str("timer") + ngx.cookie_time(0).slice(0, 3); });
        while (timer === undefined) await ngx.sleep(0.001);
        ngx.say(ngx.shared.d.get("init"), "; ", at, "; ", timer);
    }
}
--- request
GET /a
--- response_body
0cc1 b%20c eA== 4225443349 9 0; from=module&ok=200; 'timer'Thu

=== what encodes and hashes takes truth values as Lua does
--- config
location /t {
    content_by_ts_block {
        ngx.say(ngx.md5(true as any) === ngx.md5("true"), " ", ngx.encode_base64(true as any), " ", ngx.crc32_long(true as any));
        ngx.say(ngx.md5(false as any) === ngx.md5(""), " [", ngx.encode_base64url(false as any), "]");
        ngx.say(ngx.escape_uri("a b+", 1.5));
    }
}
--- request
GET /t
--- response_body
true dHJ1ZQ== 4261170317
true []
a%20b%2B

=== dates beyond the year 9999 are its last second
--- config
location /t { content_by_ts_block { ngx.say(ngx.http_time(1e15), "; ", ngx.cookie_time(2 ** 53)); } }
--- request
GET /t
--- response_body
Fri, 31 Dec 9999 23:59:59 GMT; Fri, 31-Dec-9999 23:59:59 GMT

=== parse_http_time: spaces behind the day's name may be many or none, there are none before it
--- config
location = /t {
    content_by_ts_block {
        for (const text of ["Fri,01 Mar 2024 08:09:10 GMT", "Fri,   01 Mar 2024 08:09:10 GMT", "Friday,01-Mar-24 08:09:10 GMT", "Fri   Mar 01 08:09:10 2024", " Fri, 01 Mar 2024 08:09:10 GMT", " Fri Mar 01 08:09:10 2024", "Fri Mar   1 08:09:10 2024"]) ngx.print(ngx.parse_http_time(text), " ");
    }
}
--- request
GET /t
--- response_body chop
1709280550 1709280550 1709280550 1709280550 undefined undefined undefined 
