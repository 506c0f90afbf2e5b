# Header lines of a request: form, limits, and those that nginx itself looks at.

=== names in any case, values without the space around them
--- config
location / { return 200 "[$http_x_one] [$http_x_two] [$http_x_three]\n"; }
--- raw_request eval
"GET / HTTP/1.1\r\nhOST: localhost\r\nx-one:1\r\nX-TWO:   2 2   \r\nX-Three:\r\nConnection: close\r\n\r\n"
--- response_body
[1] [2 2] []

=== a header that comes twice is joined
--- config
location / { return 200 "$http_x|$http_cookie|$http_x_forwarded_for\n"; }
--- more_headers
X: a
Cookie: c=1
X: b
Cookie: d=2
X-Forwarded-For: 1.1.1.1
X-Forwarded-For: 2.2.2.2
--- request
GET /
--- response_body
a, b|c=1; d=2|1.1.1.1, 2.2.2.2

=== HTTP/1.1 needs a Host
--- config
location / { return 200 "ok\n"; }
--- raw_request eval
"GET / HTTP/1.1\r\nConnection: close\r\n\r\n"
--- error_code: 400
--- error_log
client sent HTTP/1.1 request without "Host" header while reading client request headers

=== an empty Host
--- config
location / { return 200 "[$host]\n"; }
--- raw_request eval
"GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n"
--- error_code: 400

=== Host twice
--- config
location / { return 200 "ok\n"; }
--- raw_request eval
"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n"
--- error_code: 400
--- error_log
client sent duplicate host header: "Host: localhost", previous value: "Host: localhost" while reading client request headers

=== hosts that are none
--- config
location / { return 200 "$host\n"; }
--- request eval
["GET /", "GET /", "GET /", "GET /", "GET /"]
--- more_headers eval
["Host: a/b", "Host: a..b", "Host: a b", "Host: [::1", "Host: \x01"]
--- error_code eval
[400, 400, 400, 400, 400]
--- error_log
client sent invalid host header while reading client request headers

=== hosts that are odd but allowed
--- config
location / { return 200 "$host\n"; }
--- request eval
["GET /", "GET /", "GET /", "GET /", "GET /"]
--- more_headers eval
["Host: A_b-C.test", "Host: [::1]:8080", "Host: x:", "Host: 127.0.0.1:1", "Host: a.test.:80"]
--- response_body eval
["a_b-c.test\n", "[::1]\n", "x\n", "127.0.0.1\n", "a.test\n"]

=== a name with an underscore is ignored
--- config
location / { return 200 "[$http_x_y]\n"; }
--- request
GET /
--- more_headers
X_Y: 1
--- response_body
[]
--- error_log
client sent invalid header line: "X_Y: 1" while reading client request headers

=== underscores_in_headers
--- http_config
underscores_in_headers on;
--- config
location / { return 200 "[$http_x_y]\n"; }
--- request
GET /
--- more_headers
X_Y: 1
--- response_body
[1]

=== invalid characters in a name: the line is ignored
--- config
location / { return 200 "[$http_good]\n"; }
--- raw_request eval
"GET / HTTP/1.1\r\nHost: localhost\r\nX.Y: 1\r\nX(Z: 2\r\nX\x80: 3\r\nGood: 4\r\nConnection: close\r\n\r\n"
--- response_body
[4]
--- error_log
client sent invalid header line: "X.Y: 1"

=== ignore_invalid_headers off: they are taken
--- http_config
ignore_invalid_headers off;
--- config
location / { return 200 "[$http_x_y]\n"; }
--- request eval
["GET /", "GET /"]
--- more_headers eval
["X.Y: 1", "X_Y: 1"]
--- response_body eval
["[]\n", "[1]\n"]
--- grep_error_log: client sent invalid header line: "X.Y: 1"
--- grep_error_log_out

=== a line without a colon
--- config
location / { return 200 "[$http_good]\n"; }
--- raw_request eval
"GET / HTTP/1.1\r\nHost: localhost\r\nBroken\r\nGood: 1\r\nConnection: close\r\n\r\n"
--- response_body
[1]
--- no_error_log
client sent invalid

=== a space before the colon
--- config
location / { return 200 "[$http_good]\n"; }
--- raw_request eval
"GET / HTTP/1.1\r\nHost: localhost\r\nGood : 1\r\nConnection: close\r\n\r\n"
--- error_code: 400

=== a line that begins with a space is no continuation
--- config
location / { return 200 "[$http_good]\n"; }
--- raw_request eval
"GET / HTTP/1.1\r\nHost: localhost\r\nGood: 1\r\n 2\r\nConnection: close\r\n\r\n"
--- error_code: 400

=== an empty name
--- config
location / { return 200 "ok\n"; }
--- raw_request eval
"GET / HTTP/1.1\r\nHost: localhost\r\n: 1\r\nConnection: close\r\n\r\n"
--- error_code_like: ^(200|400)$

=== a NUL in a value
--- config
location / { return 200 "ok\n"; }
--- raw_request eval
"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n"
--- error_code: 400
--- error_log
client sent invalid header line: "X: a\x00..." while reading client request headers

=== a NUL in a name
--- config
location / { return 200 "ok\n"; }
--- raw_request eval
"GET / HTTP/1.1\r\nHost: localhost\r\nX\0Y: a\r\n\r\n"
--- error_code: 400

=== a CR within a value
--- config
location / { return 200 "[$http_x]\n"; }
--- raw_request eval
"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\rb\r\nConnection: close\r\n\r\n"
--- error_code: 400

=== control characters and high bytes in a value are passed on
--- config
location / { return 200 "[$http_x]\n"; }
--- raw_request eval
"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\tb\x01\xff\r\nConnection: close\r\n\r\n"
--- response_body eval
"[a\tb\x01\xff]\n"

=== one header line larger than a large buffer: 494 is answered as 400
--- config
location / { return 200 "ok\n"; }
--- raw_request eval
"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + "x".repeat(9000) + "\r\n\r\n"
--- error_code: 400
--- response_body_like: Request Header Or Cookie Too Large
--- error_log
client sent too long header line: "X-Long: xxx
--- access_log
"GET / HTTP/1.1" 400

=== more headers than all large buffers hold
--- config
location / { return 200 "ok\n"; }
--- raw_request eval
"GET / HTTP/1.1\r\nHost: localhost\r\n" + ("X: " + "x".repeat(7000) + "\r\n").repeat(6) + "\r\n"
--- error_code: 400
--- response_body_like: Request Header Or Cookie Too Large
--- error_log
client sent too long header line: "X: xxx

=== headers that fill several buffers and fit
--- config
location / { return 200 "$request_length [$http_last]\n"; }
--- raw_request eval
"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + ("X: " + "x".repeat(7000) + "\r\n").repeat(4) + "Last: 1\r\n\r\n"
--- response_body
28083 [1]

=== max_headers
--- config
max_headers 5;
location / { return 200 "ok\n"; }
--- request eval
["GET /", "GET /"]
--- more_headers eval
["A: 1\nB: 2\nC: 3", "A: 1\nB: 2\nC: 3\nD: 4"]
--- error_code eval
[200, 400]
--- error_log
client sent too many header lines while reading client request headers

=== Content-Length that is no number
--- config
location / { return 200 "ok\n"; }
--- request eval
["POST /", "POST /", "POST /", "POST /", "POST /"]
--- more_headers eval
["Content-Length: a", "Content-Length: -1", "Content-Length: 1a", "Content-Length: 99999999999999999999", "Content-Length: +1"]
--- error_code eval
[400, 400, 400, 400, 400]
--- error_log
client sent invalid "Content-Length" header

=== Content-Length twice
--- config
location / { return 200 "ok\n"; }
--- raw_request eval
"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na"
--- error_code: 400
--- error_log
client sent duplicate header line: "Content-Length: 1", previous value: "Content-Length: 1"

=== Content-Length as a list
--- config
location / { return 200 "ok\n"; }
--- request
POST /
--- more_headers
Content-Length: 1, 1
--- error_code: 400

=== Content-Length beside Transfer-Encoding
--- config
location / { return 200 "ok\n"; }
--- raw_request eval
"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" +
"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
--- error_code: 400
--- error_log
client sent "Content-Length" and "Transfer-Encoding" headers at the same time while reading client request headers
--- no_access_log
smuggled

=== a Transfer-Encoding that is not chunked
--- config
location / { return 200 "ok\n"; }
--- request eval
["POST /", "POST /", "POST /"]
--- more_headers eval
["Transfer-Encoding: gzip", "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: identity"]
--- error_code eval
[501, 501, 501]
--- error_log
client sent unknown "Transfer-Encoding": "gzip" while reading client request headers

=== Transfer-Encoding in HTTP/1.0
--- config
location / { return 200 "ok\n"; }
--- raw_request eval
"POST / HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
--- error_code: 400
--- error_log
client sent HTTP/1.0 request with "Transfer-Encoding" header while reading client request headers

=== Transfer-Encoding twice
--- config
location / { return 200 "ok\n"; }
--- raw_request eval
"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
--- error_code: 400
--- error_log
client sent duplicate header line: "Transfer-Encoding: chunked"

=== headers that may come once only
--- config
location / { return 200 "ok\n"; }
--- request eval
Array(8).fill("GET /")
--- more_headers eval
["Authorization", "If-Modified-Since", "If-Unmodified-Since", "If-Match", "If-None-Match", "If-Range", "Expect",
 "Content-Range"].map((name) => `${name}: a\n${name}: b`)
--- error_code eval
Array(8).fill(400)
--- error_log
client sent duplicate header line: "Authorization: b", previous value: "Authorization: a" while reading client request headers

=== headers that may come more than once
--- config
location / { return 200 "$http_range|$http_accept|$http_referer|$http_user_agent\n"; }
--- request eval
["GET /", "GET /", "GET /", "GET /"]
--- more_headers eval
["Range", "Accept", "Referer", "User-Agent"].map((name) => `${name}: a\n${name}: b`)
--- response_body eval
["a, b|||\n", "|a, b||\n", "||a, b|\n", "|||a, b\n"]

=== Expect: 100-continue is answered when the body is read
--- config
location /read { proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/echo; }
location /echo { return 200 "ok\n"; }
--- raw_request eval
["POST /read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n",
 { value: "body", delay_before: 0.05 }]
--- error_code eval
[100, 200]
--- response_body eval
["", "ok\n"]
--- raw_response_headers_like eval
["^HTTP/1.1 100 Continue\r\n$", "^HTTP/1.1 200 OK\r\n"]

=== Expect: 100-continue in another case
--- config
location /read { proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/echo; }
location /echo { return 200 "ok\n"; }
--- raw_request eval
["POST /read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-Continue\r\nConnection: close\r\n\r\n",
 { value: "body", delay_before: 0.05 }]
--- error_code eval
[100, 200]

=== no 100 for HTTP/1.0, nor when nothing is expected
--- config
location /read { proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/echo; }
location /echo { return 200 "ok\n"; }
--- raw_request eval
"POST /read HTTP/1.0\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\nbody"
--- error_code eval
[200]

=== headers that arrive split at every byte
--- config
location / { return 200 "$http_x $http_y\n"; }
--- raw_request eval
[..."GET / HTTP/1.1\r\nHost: localhost\r\nX: one\r\nY: two\r\nConnection: close\r\n\r\n"].map((value, i) => ({ value, delay_before: i % 25 === 0 ? 0.01 : 0 }))
--- response_body
one two

=== the client leaves in the middle of the headers
--- config
location / { return 200 "ok\n"; }
--- raw_request eval
"GET / HTTP/1.1\r\nHost: loc"
--- shutdown
--- ignore_response
--- error_log
client prematurely closed connection while reading client request headers
--- access_log
"GET / HTTP/1.1" 400 0

=== a chosen connection_pool_size and request_pool_size are accepted
--- http_config
connection_pool_size 1024;
request_pool_size 8k;
client_header_buffer_size 2k;
large_client_header_buffers 8 16k;
--- config
location / { return 200 "$request_length\n"; }
--- raw_request eval
"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX: " + "x".repeat(15000) + "\r\n\r\n"
--- response_body
15059
