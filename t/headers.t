# add_header, add_trailer, expires: the headers module.

=== add_header with variables
--- config
location / { add_header X-Uri "$uri $arg_a"; add_header X-Two 2; return 200; }
--- request
GET /x?a=b
--- response_headers
X-Uri: /x b
X-Two: 2

=== an empty value adds nothing
--- config
location / { add_header X-Empty ""; add_header X-Arg $arg_a; return 200; }
--- request eval
["GET /", "GET /?a=1"]
--- response_headers eval
["! X-Empty\n! X-Arg", "! X-Empty\nX-Arg: 1"]

=== the same name twice is two headers
--- config
location / { add_header X-A 1; add_header X-A 2; return 200; }
--- request
GET /
--- raw_response_headers_like
\r\nX-A: 1\r\nX-A: 2\r\n

=== only with these statuses
--- config
add_header X-A 1;
location /200 { return 200; }
location /201 { return 201; }
location /204 { return 204; }
location /206 { return 206; }
location /301 { return 301 /; }
location /302 { return 302 /; }
location /303 { return 303 /; }
location /304 { return 304; }
location /307 { return 307 /; }
location /308 { return 308 /; }
location /202 { return 202; }
location /400 { return 400; }
location /404 { return 404; }
location /500 { return 500; }
--- request eval
[200, 201, 204, 206, 301, 302, 303, 304, 307, 308, 202, 400, 404, 500].map((s) => `GET /${s}`)
--- error_code eval
[200, 201, 204, 206, 301, 302, 303, 304, 307, 308, 202, 400, 404, 500]
--- response_headers eval
[...Array(10).fill("X-A: 1"), ...Array(4).fill("! X-A")]

=== always: with every status
--- config
add_header X-A 1 always;
location /202 { return 202; }
location /404 { return 404; }
location /500 { return 500; }
--- request eval
["GET /202", "GET /404", "GET /500"]
--- error_code eval
[202, 404, 500]
--- response_headers eval
["X-A: 1", "X-A: 1", "X-A: 1"]

=== headers are inherited as a whole, or not at all
--- config
add_header X-A server;
add_header X-B server;
location /none { return 200; }
location /own { add_header X-A location; return 200; }
location /own/in { add_header X-C inner; return 200; }
--- request eval
["GET /none", "GET /own", "GET /own/in"]
--- response_headers eval
["X-A: server\nX-B: server", "X-A: location\n! X-B", "! X-A\n! X-B\nX-C: inner"]

=== add_header_inherit merge adds to what is inherited
--- config
add_header X-A server;
location / { add_header_inherit merge; add_header X-B location; return 200; }
location /on { add_header_inherit on; add_header X-B location; return 200; }
location /off { add_header_inherit off; return 200; }
--- request eval
["GET /", "GET /on", "GET /off"]
--- response_headers eval
["X-A: server\nX-B: location", "! X-A\nX-B: location", "! X-A\n! X-B"]

=== an added Last-Modified, Cache-Control or Content-Type
--- config
location / { add_header Last-Modified "Tue, 02 Jan 2024 15:30:45 GMT"; }
location /empty { add_header Last-Modified ""; }
location /cc { add_header Cache-Control no-store; add_header Cache-Control private; }
location /type { add_header Content-Type x/y; }
--- user_files
>>> a
a
>>> empty
a
>>> cc
a
>>> type
a
--- request eval
["GET /a", "GET /empty", "GET /cc", "GET /type"]
--- raw_response_headers_like eval
["\r\nLast-Modified: Tue, 02 Jan 2024 15:30:45 GMT\r\n", "^(?!.*Last-Modified)",
 "\r\nCache-Control: no-store\r\nCache-Control: private\r\n", "\r\nContent-Type: text/plain\r\n.*\r\nContent-Type: x/y\r\n"]

=== expires: a time from now
--- config
location /s { expires 30s; return 200; }
location /h { expires 1h30m; return 200; }
location /d { expires 10d; return 200; }
location /neg { expires -1; return 200; }
location /neg2 { expires -1h; return 200; }
location /zero { expires 0; return 200; }
--- request eval
["GET /s", "GET /h", "GET /d", "GET /neg", "GET /neg2", "GET /zero"]
--- response_headers eval
["Cache-Control: max-age=30", "Cache-Control: max-age=5400", "Cache-Control: max-age=864000", "Cache-Control: no-cache",
 "Cache-Control: no-cache", "Cache-Control: max-age=0"]
--- raw_response_headers_like eval
Array(6).fill("\r\nExpires: \\w{3}, \\d\\d \\w{3} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT\r\n")

=== expires: epoch, max, off
--- config
location /epoch { expires epoch; return 200; }
location /max { expires max; return 200; }
location /off { expires off; return 200; }
--- request eval
["GET /epoch", "GET /max", "GET /off"]
--- response_headers eval
["Expires: Thu, 01 Jan 1970 00:00:01 GMT\nCache-Control: no-cache", "Expires: Thu, 31 Dec 2037 23:55:55 GMT\nCache-Control: max-age=315360000",
 "! Expires\n! Cache-Control"]

=== expires modified counts from the file's date
--- config
expires modified +1h;
--- user_files
>>> a 202401021530.45
a
--- request
GET /a
--- response_headers
Expires: Tue, 02 Jan 2024 16:30:45 GMT
Cache-Control: no-cache

=== expires at a time of the day
--- config
location / { expires @15h30m; return 200; }
--- request
GET /
--- response_headers_like
Expires: .* (15:30:00|\d\d:30:00) GMT
Cache-Control: max-age=\d+

=== expires by a variable
--- http_config
map $arg_t $exp { default off; long 1d; none epoch; m max; bad nonsense; }
--- config
location / { expires $exp; return 200; }
--- request eval
["GET /", "GET /?t=long", "GET /?t=none", "GET /?t=m", "GET /?t=bad"]
--- response_headers eval
["! Expires\n! Cache-Control", "Cache-Control: max-age=86400", "Cache-Control: no-cache", "Cache-Control: max-age=315360000",
 "! Expires"]

=== expires is not for errors
--- config
expires 1h;
location /404 { return 404; }
--- request
GET /404
--- error_code: 404
--- response_headers
! Expires
! Cache-Control

=== add_trailer comes after a chunked body
--- config
location / { add_trailer X-End "$arg_a"; proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.0 200 OK\r\n\r\nhello"
--- raw_request eval
"GET /?a=1 HTTP/1.1\r\nHost: localhost\r\nTE: trailers\r\nConnection: TE, close\r\n\r\n"
--- response_body chomp
hello
--- response_headers
Transfer-Encoding: chunked

=== add_trailer makes an answer of known length chunked
--- config
location / { add_trailer X-End 1; return 200 "hello"; }
location /none { return 200 "hello"; }
--- request eval
["GET /", "GET /none"]
--- response_headers eval
["Transfer-Encoding: chunked\n! Content-Length", "Content-Length: 5\n! Transfer-Encoding"]
--- response_body eval
["hello", "hello"]

=== a bad argument
--- config
location / { add_header X-A 1 often; }
--- must_die
--- error_log
invalid parameter "often" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== bad expires
--- config
expires sometimes;
--- must_die
--- error_log
"expires" directive invalid value in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4
