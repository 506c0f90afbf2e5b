# Headers of the response: hidden, passed, obeyed, refused.

=== Server and Date are the gateway's own
--- config
location = /without-x-a {
    proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    header_filter_by_ts_block { ngx.header["X-A"] = null; }
}
location = /plain { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;  }
location = /pass-header-server-pass-header-date { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_pass_header Server; proxy_pass_header date; }
location = /pass-header-server-pass-header-datex { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_pass_header Server; proxy_pass_header Date; }
location = /pass-header-server { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_pass_header Server; }
location = /hide-header-x-hidden-hide-header-etag { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_hide_header x-HIDDEN; proxy_hide_header Etag; }
location = /hide-header-x-a-add-header-x-b-upstream-http-x-a { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_hide_header X-A; add_header X-B "$upstream_http_x_a"; }
location = /hide-header-x-a-pass-header-x-a { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_hide_header X-A; proxy_pass_header X-A; }
location = /add-header-x-rate-limit-rate-charset-utf-8-charset-types { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; add_header X-Rate $limit_rate; charset utf-8; charset_types *; }
location = /ignore-headers-x-accel-limit-rate-x-accel-charset-pass-heade { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_ignore_headers X-Accel-Limit-Rate X-Accel-Charset; proxy_pass_header X-Accel-Charset; add_header X-Rate $limit_rate; }
location = /force-ranges-on { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_force_ranges on; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nServer: up\r\nDate: Tue, 02 Jan 2024 15:30:45 GMT\r\n\r\nok\n"
--- request
GET /plain
--- response_headers_like
Server: nginx.*
Date: (?!Tue, 02 Jan 2024).*

=== unless they are passed
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nServer: up\r\nDate: Tue, 02 Jan 2024 15:30:45 GMT\r\n\r\nok\n"
--- request
GET /pass-header-server-pass-header-date
--- response_headers
Server: up
Date: Tue, 02 Jan 2024 15:30:45 GMT

=== passed but not sent: there is none
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"
--- request
GET /pass-header-server-pass-header-datex
--- response_headers
! Server
! Date

=== each on its own
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"
--- request
GET /pass-header-server
--- response_headers
! Server
--- response_headers_like
Date: .* GMT

=== a second Server line is dropped
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nServer: one\r\nServer: two\r\n\r\nok\n"
--- request
GET /pass-header-server
--- response_headers
Server: one
--- error_log
upstream sent duplicate header line: "Server: two", previous value: "Server: one", ignored while reading response header from upstream

=== proxy_hide_header, whatever the case
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-Hidden: 1\r\nx-hidden: 2\r\nETag: \"a\"\r\nX-Seen: 3\r\n\r\nok\n"
--- request
GET /hide-header-x-hidden-hide-header-etag
--- response_headers
! X-Hidden
! ETag
X-Seen: 3

=== what is hidden stays in $upstream_http_
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-A: 1\r\nX-A: 2\r\n\r\nok\n"
--- request
GET /hide-header-x-a-add-header-x-b-upstream-http-x-a
--- response_headers
! X-A
X-B: 1, 2

=== hidden and passed: passed
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-A: 1\r\n\r\nok\n"
--- request
GET /hide-header-x-a-pass-header-x-a
--- response_headers
X-A: 1

=== several of a name stay several
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nVary: x\r\nVary: y\r\nLink: p\r\nLink: q\r\nWWW-Authenticate: Basic\r\nWWW-Authenticate: Digest\r\n\r\nok\n"
--- request
GET /plain
--- response_headers
Set-Cookie: a=1, b=2
Vary: x, y
Link: p, q
WWW-Authenticate: Basic, Digest

=== a second Content-Type, ETag, Location, Last-Modified is dropped
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Type: a/b\r\nContent-Type: c/d\r\nETag: \"1\"\r\nETag: \"2\"\r\nLocation: /x\r\nLocation: /y\r\nLast-Modified: Tue, 02 Jan 2024 15:30:45 GMT\r\nLast-Modified: Tue, 02 Jan 2024 15:30:46 GMT\r\n\r\nok\n"
--- request
GET /plain
--- response_headers
Content-Type: a/b
ETag: "1"
Location: /x
Last-Modified: Tue, 02 Jan 2024 15:30:45 GMT
--- error_log
upstream sent duplicate header line: "ETag: "2"", previous value: "ETag: "1"", ignored

=== an ETag keeps its place among the others
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nX-A: 1\r\nETag: \"1\"\r\nX-B: 2\r\nContent-Length: 3\r\n\r\nok\n"
--- request
GET /plain
--- raw_response_headers_like
\r\nX-A: 1\r\nETag: "1"\r\nX-B: 2\r\n
--- response_body
ok

=== also when one before it is taken away
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nX-A: 1\r\nETag: \"1\"\r\nX-B: 2\r\nContent-Length: 3\r\n\r\nok\n"
--- request
GET /without-x-a
--- raw_response_headers_like
close\r\nETag: "1"\r\nX-B: 2\r\n
--- response_body
ok

=== connection headers are not passed
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: keep-alive, x\r\nKeep-Alive: timeout=3\r\nX-A: 1\r\n\r\nok\n"
--- request
GET /plain
--- response_headers
Connection: close
! Keep-Alive
X-A: 1

=== Upgrade is passed
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nUpgrade: h2c\r\n\r\nok\n"
--- request
GET /plain
--- response_headers
Upgrade: h2c

=== a header without a value, and one with spaces around it
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-A:\r\nX-B:    b  \r\nX-C:c\r\n\r\nok\n"
--- request
GET /plain
--- response_headers
X-B: b
X-C: c

=== lines that end in LF alone
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\nContent-Length: 3\nX-A: 1\n\nok\n"
--- request
GET /plain
--- response_headers
X-A: 1
--- response_body
ok

=== a second status line is passed over
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nX-A: 1\r\nHTTP/1.1 404 Not Found\r\nX-B: 2\r\nContent-Length: 3\r\n\r\nok\n"
--- request
GET /plain
--- raw_response_headers_like
^HTTP/1\.1 200 OK\r\n(.*\r\n)*X-A: 1\r\nX-B: 2\r\n$
--- response_body
ok

=== a colon is missing
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nX-A 1\r\n\r\n"
--- request
GET /plain
--- error_code: 502
--- error_log
upstream sent invalid header: "X-A\x20..." while reading response header from upstream

=== a space before the colon
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nX-A : 1\r\n\r\n"
--- request
GET /plain
--- error_code: 502
--- error_log
upstream sent invalid header: "X-A\x20..."

=== a CR in a value
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nX-A: 1\rX-B: 2\r\n\r\n"
--- request
GET /plain
--- error_code: 502
--- error_log
upstream sent invalid header: "X-A: 1\x0d..."

=== a NUL
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nX-A: \0\r\n\r\n"
--- request
GET /plain
--- error_code: 502
--- error_log
upstream sent invalid header: "X-A: \x00..."

=== Content-Length twice
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nok\n"
--- request
GET /plain
--- error_code: 502
--- error_log
upstream sent duplicate header line: "Content-Length: 3", previous value: "Content-Length: 3"

=== no number in it
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3x\r\n\r\nok\n"
--- request
GET /plain
--- error_code: 502
--- error_log
upstream sent invalid "Content-Length" header: "Content-Length: 3x"

=== length and chunks
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
--- request
GET /plain
--- error_code: 502
--- error_log
upstream sent "Content-Length" and "Transfer-Encoding" headers at the same time

=== an unknown encoding
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"
--- request
GET /plain
--- error_code: 502
--- error_log
upstream sent unknown "Transfer-Encoding": "gzip"

=== X-Accel-Limit-Rate, X-Accel-Buffering and -Charset are obeyed and hidden
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Type: text/plain\r\nX-Accel-Limit-Rate: 5000\r\nX-Accel-Buffering: no\r\nX-Accel-Charset: koi8-r\r\n\r\nok\n"
--- request
GET /add-header-x-rate-limit-rate-charset-utf-8-charset-types
--- response_headers
! X-Accel-Limit-Rate
! X-Accel-Buffering
! X-Accel-Charset
Content-Type: text/plain

=== unless they are ignored
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Type: text/plain\r\nX-Accel-Limit-Rate: 5000\r\nX-Accel-Charset: koi8-r\r\n\r\nok\n"
--- request
GET /ignore-headers-x-accel-limit-rate-x-accel-charset-pass-heade
--- response_headers
X-Rate: 0
X-Accel-Charset: koi8-r
Content-Type: text/plain

=== 204 has the type that the upstream gives it
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 204 No Content\r\nContent-Type: a/b\r\nX-A: 1\r\n\r\n"
--- request
GET /plain
--- error_code: 204
--- response_headers
Content-Type: a/b
X-A: 1
! Content-Length

=== and the length
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\nLast-Modified: Tue, 02 Jan 2024 15:30:45 GMT\r\n\r\n"
--- request
GET /plain
--- error_code: 204
--- response_headers
Content-Length: 0
Last-Modified: Tue, 02 Jan 2024 15:30:45 GMT

=== 304 has what the upstream says
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nX-A: 1\r\n\r\n"
--- request
GET /plain
--- error_code: 304
--- response_headers
ETag: "a"
X-A: 1

=== the reason is the upstream's
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 299 Quite Fine Thank You\r\nContent-Length: 3\r\n\r\nok\n"
--- request
GET /plain
--- error_code: 299
--- raw_response_headers_like
^HTTP/1\.1 299 Quite Fine Thank You\r\n
--- response_body
ok

=== no reason at all
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 299\r\nContent-Length: 3\r\n\r\nok\n"
--- request
GET /plain
--- error_code: 299
--- raw_response_headers_like
^HTTP/1\.1 299\r\n
--- response_body
ok

=== an answer without a head is all body
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"plain words"
--- raw_request eval
"GET /plain HTTP/1.0\r\n\r\n"
--- ignore_response
--- error_log
upstream sent no valid HTTP/1.0 header while reading response header from upstream

=== proxy_force_ranges
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789"
--- more_headers
Range: bytes=2-4
--- request
GET /force-ranges-on
--- error_code: 206
--- response_headers
Content-Range: bytes 2-4/10
Content-Length: 3
--- response_body chomp
234

=== ranges are the upstream's business without it
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nAccept-Ranges: bytes\r\n\r\n0123456789"
--- more_headers
Range: bytes=2-4
--- request
GET /plain
--- response_headers
Accept-Ranges: bytes
Content-Length: 10

=== an inner proxy_hide_header takes the place of the outer one
--- config
proxy_hide_header X-A;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_hide_header X-B; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-A: 1\r\nX-B: 2\r\n\r\nok\n"
--- request
GET /
--- response_headers
X-A: 1
! X-B

=== an invalid header may be the next peer's turn
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 "second\n"; }
--- config
location / { proxy_pass http://u; proxy_next_upstream invalid_header; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nA b\r\n\r\n"
--- request
GET /
--- response_body
second
