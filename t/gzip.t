# gzip: what is compressed, for whom, and what it makes of the head. That it unpacks again, a proxy with gunzip says.

=== a file, and what unpacks it
--- config
default_type text/html;
location / { gzip on; gzip_vary on; root html; }
location /un/ { gunzip on; proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/; proxy_set_header Accept-Encoding gzip; proxy_http_version 1.1; proxy_set_header Connection close; }
location /text { gzip on; gzip_types text/plain; default_type text/plain; alias html/a.html; }
location /plain { gzip on; default_type text/plain; root html; }
location /all { gzip on; gzip_types *; default_type x/y; alias html/a.html; }
location /403 { gzip on; return 403; }
location /404 { gzip on; }
location /500 { gzip on; return 500; }
location /level { gzip on; gzip_comp_level 9; gzip_window 512; gzip_hash 512; gzip_buffers 2 1k; postpone_gzipping 1k; alias html/big.html; }
location /min { gzip on; gzip_min_length 1k; alias html/a.html; }
location /if { alias html/a.html; if ($arg_z) { gzip on; } }
location /10 { gzip on; gzip_http_version 1.0; alias html/a.html; }
location /ratio { gzip on; alias html/big.html; add_trailer X-Ratio $gzip_ratio; access_log logs/ratio.log; }
location /sub { gzip on; sub_filter hello goodbye; alias html/a.html; }
location /px { gzip on; proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/plain; proxy_set_header Accept-Encoding ""; default_type text/html; }
location /unbuffered { gzip on; proxy_buffering off; proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/plain.html; proxy_set_header Accept-Encoding ""; }
location = /plain.html { alias html/big.html; }
--- user_files eval
[["a.html", "hello hello hello hello hello\n"], ["plain", "text"], ["19.html", "x".repeat(19)], ["20.html", "x".repeat(20)],
 ["big.html", Array.from({ length: 20000 }, (_, i) => `line ${i * 7919 % 10007}\n`).join("")]]
--- request
GET /a.html
--- more_headers
Accept-Encoding: gzip
--- raw_response_headers_like eval
"^HTTP/1\\.1 200 OK\\r\\nServer: .*\\r\\nDate: .*\\r\\nContent-Type: text/html\\r\\nLast-Modified: .*\\r\\nTransfer-Encoding: chunked\\r\\nConnection: close\\r\\nVary: Accept-Encoding\\r\\nETag: W/\"[0-9a-f]+-1e\"\\r\\nContent-Encoding: gzip\\r\\n"
--- response_body_like eval
"^\\x1f\\x8b\\x08"

=== unpacked it is the same, a large one too
--- request eval
["GET /un/a.html", "GET /un/big.html", "GET /un/level", "GET /un/sub", "GET /un/px", "GET /un/unbuffered"]
--- response_body eval
(big => ["hello hello hello hello hello\n", big, big, "goodbye hello hello hello hello\n", "text", big])(Array.from({ length: 20000 }, (_, i) => `line ${i * 7919 % 10007}\n`).join(""))
--- response_headers eval
[1, 2, 3, 4, 5, 6].map(() => "! Content-Encoding")

=== the client does not say that it takes it: the answer depends on it all the same
--- request
GET /a.html
--- response_headers
! Content-Encoding
Vary: Accept-Encoding
Content-Length: 30
Accept-Ranges: bytes
--- response_body
hello hello hello hello hello

=== Accept-Encoding: which words count
--- request eval
["gzip", "GZIP", "deflate, gzip", "gzip;q=0.001", "gzip; q=1.000", "gzip ;q=1", "gzip;", "gzip;q=0", "gzip;q=0.000", "gzip;q=1.1", "gzip;q=", "x-gzip", "gzipped", "deflate", "*", "gzip;q=0, gzip"].map(() => "GET /a.html")
--- more_headers eval
["gzip", "GZIP", "deflate, gzip", "gzip;q=0.001", "gzip; q=1.000", "gzip ;q=1", "gzip;", "gzip;q=0", "gzip;q=0.000", "gzip;q=1.1", "gzip;q=", "x-gzip", "gzipped", "deflate", "*", "gzip;q=0, gzip"].map((word) => `Accept-Encoding: ${word}`)
--- response_headers eval
[1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0].map((packed) => packed ? "Content-Encoding: gzip" : "! Content-Encoding")

=== types, statuses, lengths, blocks
--- request eval
["GET /text", "GET /plain", "GET /all", "GET /403", "GET /404", "GET /500", "GET /19.html", "GET /20.html", "GET /min", "GET /if", "GET /if?z=1"]
--- more_headers eval
Array(11).fill("Accept-Encoding: gzip")
--- error_code eval
[200, 200, 200, 403, 404, 500, 200, 200, 200, 200, 200]
--- response_headers eval
[1, 0, 1, 1, 1, 0, 0, 1, 0, 0, 1].map((packed) => packed ? "Content-Encoding: gzip" : "! Content-Encoding")

=== HEAD: the head alone
--- request
HEAD /a.html
--- more_headers
Accept-Encoding: gzip
--- response_headers
Content-Encoding: gzip
! Content-Length
! Transfer-Encoding
! Accept-Ranges

=== a range is not given of what is compressed
--- request
GET /a.html
--- more_headers
Accept-Encoding: gzip
Range: bytes=0-4
--- response_headers
Content-Encoding: gzip
! Content-Range
! Accept-Ranges

=== 304 has no encoding, and keeps its strong tag
--- request
GET /a.html
--- more_headers
Accept-Encoding: gzip
If-None-Match: *
--- error_code: 304
--- response_headers
! Content-Encoding
--- raw_response_headers_like
ETag: "

=== HTTP/1.0: only where it is asked for
--- raw_request eval
["GET /a.html HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n"]
--- response_headers
! Content-Encoding
Content-Length: 30

=== HTTP/1.0 with gzip_http_version 1.0: the end of the connection is that of the body
--- raw_request eval
["GET /10 HTTP/1.0\r\nConnection: keep-alive\r\nAccept-Encoding: gzip\r\n\r\n"]
--- response_headers
Content-Encoding: gzip
! Content-Length
! Transfer-Encoding
Connection: close

=== gzip_ratio
--- config
location / { gzip on; root html; }
--- user_files eval
[["r.html", "0123456789".repeat(100)]]
--- http_config
log_format ratio "ratio $gzip_ratio.";
access_log logs/access.log ratio;
--- request eval
["GET /r.html", "GET /r.html"]
--- more_headers eval
["Accept-Encoding: gzip", ""]
--- access_log eval
[/^ratio \d+\.\d\d\.$/m, "ratio -."]

=== gzip_proxied
--- config
default_type text/html;
root html;
gzip on;
location /off { alias html/a.html; }
location /any { gzip_proxied any; alias html/a.html; }
location /expired { gzip_proxied expired; alias html/a.html; if ($arg_e = old) { expires epoch; } if ($arg_e = new) { expires 1h; } }
location /no { gzip_proxied no-cache no-store private; alias html/a.html; add_header Cache-Control $arg_c; }
location /lm { gzip_proxied no_last_modified; proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/a.html; }
location /etag { gzip_proxied no_etag; alias html/a.html; }
location /auth { gzip_proxied auth; alias html/a.html; add_header Cache-Control max-age=1; }
--- user_files
>>> a.html
hello hello hello hello hello
--- request eval
["GET /off", "GET /any", "GET /expired?e=old", "GET /expired?e=new", "GET /expired", "GET /no?c=No-Cache", "GET /no?c=x,no-store", "GET /no?c=private", "GET /no?c=private=x", "GET /no?c=public", "GET /lm", "GET /etag", "GET /auth", "GET /auth"]
--- more_headers eval
Array.from({ length: 14 }, (_, i) => `Via: 1.1 x\nAccept-Encoding: gzip${i === 13 ? "\nAuthorization: Basic eA==" : ""}`)
--- response_headers eval
[0, 1, 1, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 1].map((packed) => packed ? "Content-Encoding: gzip" : "! Content-Encoding")

=== gzip_disable: patterns and msie6
--- config
gzip on;
gzip_disable msie6;
location / { root html; gzip_disable "old.*browser" ^none$; }
location /in/ { alias html/; }
--- user_files
>>> a.html
hello hello hello hello hello
--- request eval
["GET /a.html", "GET /a.html", "GET /a.html", "GET /a.html", "GET /a.html", "GET /in/a.html", "GET /in/a.html"]
--- more_headers eval
["new", "an OLD browser", "none", "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)", "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; SV1)", "old browser", "Mozilla/4.0 (compatible; MSIE 5.5; x)"].map((agent) => `User-Agent: ${agent}\nAccept-Encoding: gzip`)
--- response_headers eval
[1, 0, 0, 0, 1, 1, 0].map((packed) => packed ? "Content-Encoding: gzip" : "! Content-Encoding")

=== what is encoded already stays as it is
--- config
location / { root html; add_header Content-Encoding br; }
location /un/ { gzip on; proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/; }
--- user_files
>>> a.html
hello hello hello hello hello
--- request
GET /un/a.html
--- more_headers
Accept-Encoding: gzip
--- response_headers
Content-Encoding: br
--- response_body
hello hello hello hello hello

=== a script's content; what it flushes can be unpacked at once
--- config
location / { gzip on; default_type text/html; content_by_ts_block {
    ngx.print("first ");
    await ngx.flush(true);
    ngx.say("second");
} }
location /un/ { gunzip on; proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/; proxy_set_header Accept-Encoding gzip; proxy_http_version 1.1; proxy_set_header Connection close; }
--- request eval
["GET /", "GET /un/"]
--- more_headers eval
["Accept-Encoding: gzip", ""]
--- response_body_like eval
["^\\x1f\\x8b[^]*\\x00\\x00\\xff\\xff", "^first second\n$"]

=== flushed through a script's body filter
--- config
location / { gzip on; default_type text/html; content_by_ts_block {
    ngx.print("first ");
    await ngx.flush(true);
    ngx.say("second");
} body_filter_by_ts_block { await null; ngx.arg[1] = ngx.arg[1].toUpperCase(); } }
location /un/ { gunzip on; proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/; proxy_set_header Accept-Encoding gzip; proxy_http_version 1.1; proxy_set_header Connection close; }
--- request eval
["GET /", "GET /un/"]
--- more_headers eval
["Accept-Encoding: gzip", ""]
--- response_body_like eval
["^\x1f\x8b[^]*\x00\x00\xff\xff", "^FIRST SECOND\n$"]

=== slices are compressed as one
--- http_config
proxy_cache_path slices keys_zone=s:1m;
--- config
location / { root html; gzip off; }
location /s/ { gzip on; slice 8; proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/; proxy_set_header Range $slice_range; proxy_set_header Accept-Encoding ""; proxy_cache s; proxy_cache_key $uri$slice_range; proxy_cache_valid 206 1m; }
location /un/ { gunzip on; proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/s/; proxy_set_header Accept-Encoding gzip; proxy_http_version 1.1; proxy_set_header Connection close; }
--- user_files
>>> a.html
hello hello hello hello hello
--- request eval
["GET /un/a.html", "GET /s/a.html"]
--- response_body eval
["hello hello hello hello hello\n", "hello hello hello hello hello\n"]

=== ssi: the whole is compressed as one
--- config
location / { gzip on; ssi on; root html; }
location /un/ { gunzip on; proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/; proxy_set_header Accept-Encoding gzip; proxy_http_version 1.1; proxy_set_header Connection close; }
--- user_files
>>> a.html
a <!--#include virtual="/b.html" --> c
>>> b.html
the part within, which is long enough
--- request
GET /un/a.html
--- response_body
a the part within, which is long enough
 c

=== gzip: neither on nor off
--- config
location / { gzip maybe; }
--- must_die
--- error_log
invalid value "maybe" in "gzip" directive, it must be "on" or "off" in

=== gzip_comp_level: out of bounds
--- config
location / { gzip_comp_level 10; }
--- must_die
--- error_log
value must be between 1 and 9 in

=== gzip_window: no power of two
--- config
location / { gzip_window 5k; }
--- must_die
--- error_log
"gzip_window" directive must be 512, 1k, 2k, 4k, 8k, 16k, or 32k in

=== gzip_hash: too large
--- config
location / { gzip_hash 256k; }
--- must_die
--- error_log
"gzip_hash" directive must be 512, 1k, 2k, 4k, 8k, 16k, 32k, 64k, or 128k in

=== gzip_buffers: no number
--- config
location / { gzip_buffers x 4k; }
--- must_die
--- error_log
"gzip_buffers" directive invalid value in

=== gzip_min_length: no size
--- config
location / { gzip_min_length -1; }
--- must_die
--- error_log
"gzip_min_length" directive invalid value in

=== gzip_http_version: another one
--- config
location / { gzip_http_version 2; }
--- must_die
--- error_log
invalid value "2" in

=== gzip_proxied: an unknown word
--- config
location / { gzip_proxied some; }
--- must_die
--- error_log
invalid value "some" in

=== gzip_disable: no pattern
--- config
location / { gzip_disable "("; }
--- must_die
--- error_log
"("
