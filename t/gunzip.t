# gunzip: what came compressed, for clients that do not take it.

=== it is unpacked for who does not take gzip
--- config
gzip_vary on;
location / { gzip_static always; gunzip on; root html; }
location /off { gzip_static always; alias html/a.html; }
location /small { gzip_static always; gunzip on; gunzip_buffers 2 1k; alias html/big.html; }
location /px/ { gunzip on; proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/raw/; proxy_buffering off; }
location /raw/ { gzip_static always; alias html/; gzip_vary off; }
location /again { gzip_static always; gunzip on; gzip on; sub_filter unpacked other; alias html/a.html; }
location /ssi { ssi on; alias html/ssi; default_type text/html; }
--- user_files eval
((gzip) => [["a.html.gz", gzip("unpacked\n")], ["two.html.gz", gzip("one ") + gzip("two\n")], ["bad.html.gz", "not packed at all"],
 ["cut.html.gz", gzip("unpacked\n".repeat(1000)).slice(0, 30)], ["empty.html.gz", gzip("")], ["big.html.gz", gzip("0123456789\n".repeat(100000))],
 ["ssi", '[<!--#include virtual="/a.html" -->]']])
((text) => process.getBuiltinModule("node:zlib").gzipSync(text).toString("latin1"))
--- request
GET /a.html
--- response_headers
! Content-Encoding
! Content-Length
! Accept-Ranges
Transfer-Encoding: chunked
Vary: Accept-Encoding
--- raw_response_headers_like
ETag: W/"
--- response_body
unpacked

=== not for who does
--- request
GET /a.html
--- more_headers
Accept-Encoding: gzip
--- response_headers
Content-Encoding: gzip
Vary: Accept-Encoding
--- response_body_like eval
"^\\x1f\\x8b"

=== without it nothing is
--- request
GET /off
--- response_headers
Content-Encoding: gzip

=== members one behind the other, none at all, and many bytes
--- request eval
["GET /two.html", "GET /empty.html", "GET /big.html", "GET /small", "GET /px/big.html", "GET /ssi"]
--- response_body eval
["one two\n", "", "0123456789\n".repeat(100000), "0123456789\n".repeat(100000), "0123456789\n".repeat(100000), "[unpacked\n]"]

=== what is unpacked, changed and packed again is only packed for who takes it
--- request eval
["GET /again", "GET /again"]
--- more_headers eval
["", "Accept-Encoding: gzip"]
--- response_headers eval
["! Content-Encoding", "Content-Encoding: gzip"]

=== HEAD
--- request
HEAD /a.html
--- response_headers
! Content-Encoding
! Content-Length
--- no_error_log
inflate()

=== a range is not given of what is unpacked
--- request
GET /a.html
--- more_headers
Range: bytes=0-3
--- response_headers
! Content-Range
--- response_body
unpacked

=== what is no gzip breaks the response off
--- request
GET /bad.html
--- ignore_response
--- error_log
inflate() failed: 4, -3 while sending response to client

=== so does what ends early
--- request
GET /cut.html
--- ignore_response
--- error_log
inflate() returned -5 on response end

=== gunzip: neither on nor off
--- config
location / { gunzip 1; }
--- must_die
--- error_log
invalid value "1" in "gunzip" directive, it must be "on" or "off" in

=== gunzip_buffers: no size
--- config
location / { gunzip_buffers 4 0; }
--- must_die
--- error_log
"gunzip_buffers" directive invalid value in
