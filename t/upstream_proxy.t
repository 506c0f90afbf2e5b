# proxy_pass and upstream: the request that goes out, the answer that comes back, and what if it does not.

=== the URI: without one of its own the request's goes out untouched
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; merge_slashes off; return 200 "$request_uri\n"; }
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- request eval
["GET /a//b/%41%2f?c=%20", "GET /x/../y", "GET /"]
--- response_body eval
["/a//b/%41%2f?c=%20\n", "/x/../y\n", "/\n"]

=== the URI: the location's part is replaced, the rest is escaped again
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; merge_slashes off; return 200 "$request_uri\n"; }
--- config
location /a/ { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/b/; }
location /c { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/d; }
location /e/ { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/f; }
location /g { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/; }
location = /h { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/i?j=k; }
--- request eval
["GET /a/x?y", "GET /cx/y", "GET /e/x", "GET /g/x", "GET /gx", "GET /a//x/../%41%20%3f%25?%41", "GET /h?l"]
--- response_body eval
["/b/x?y\n", "/dx/y\n", "/fx\n", "//x\n", "/x\n", "/b/A%20%3F%25?%41\n", "/i?j=k?l\n"]

=== the URI: after a rewrite the new one goes out
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "$request_uri\n"; }
--- config
location /a/ { rewrite ^/a/(.*)$ "/new/$1 x" break; proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/ignored/; }
location /b/ { rewrite ^/b/(.*)$ /c/$1 last; }
location /c/ { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- request eval
["GET /a/1?y", "GET /b/1?y", "GET /c/1"]
--- response_body eval
["/new/1%20x?y\n", "/c/1?y\n", "/c/1\n"]

=== the URI: with variables it is what they say
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "$request_uri\n"; }
--- config
location /a { set $p $TEST_NGINX_RAND_PORT_1; proxy_pass http://127.0.0.1:$p; }
location /b { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1$request_uri; }
location ~ ^/c/(.*)$ { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/d/$1$is_args$args; }
location /e { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/fixed$arg_none; }
--- request eval
["GET /a/x?y", "GET /b/x%20y?z", "GET /c/x?y", "GET /e/x?y"]
--- response_body eval
["/a/x?y\n", "/b/x%20y?z\n", "/d/x?y\n", "/fixed\n"]

=== what goes out: the whole request
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_query eval
"POST /a?b HTTP/1.1\r\nHost: 127.0.0.1:$TEST_NGINX_RAND_PORT_1\r\nContent-Length: 4\r\nX-A: 1\r\nUser-Agent: u\r\nX-B: 2\r\n\r\nbody"
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"
--- raw_request eval
"POST /a?b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-A: 1\r\nKeep-Alive: timeout=1\r\nUpgrade: h2c\r\nUser-Agent: u\r\nX-B: 2\r\nContent-Length: 4\r\n\r\nbody"
--- response_body
ok

=== proxy_set_header: replaced, added, taken out, inherited as a whole
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "$http_host|$http_x_a|$http_x_b|$http_accept|\n"; }
proxy_set_header X-A http;
--- config
location /inherit { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
location /own { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_set_header X-B "own $uri"; proxy_set_header Host $host; }
location /out { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_set_header Accept ""; proxy_set_header Host $http_host; }
--- more_headers
Accept: a/b
Host: front.test
--- request eval
["GET /inherit", "GET /own", "GET /out"]
--- response_body eval
["127.0.0.1:$TEST_NGINX_RAND_PORT_1|http||a/b|\n", "front.test||own /own|a/b|\n", "front.test||||\n"]

=== $proxy_host, $proxy_port, $proxy_add_x_forwarded_for
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "$http_x_host|$http_x_port|$http_x_forwarded_for\n"; }
--- config
location / {
    proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    proxy_set_header X-Host $proxy_host;
    proxy_set_header X-Port $proxy_port;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
}
--- request eval
["GET /", "GET /"]
--- more_headers eval
["X: y", "X-Forwarded-For: 1.1.1.1"]
--- response_body eval
["127.0.0.1:$TEST_NGINX_RAND_PORT_1|$TEST_NGINX_RAND_PORT_1|127.0.0.1\n", "127.0.0.1:$TEST_NGINX_RAND_PORT_1|$TEST_NGINX_RAND_PORT_1|1.1.1.1, 127.0.0.1\n"]

=== proxy_http_version 1.0 and 1.1
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "$server_protocol [$http_connection]\n"; }
--- config
location /0 { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_http_version 1.0; }
location /1 { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_http_version 1.1; }
location /close { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_http_version 1.1; proxy_set_header Connection close; }
--- request eval
["GET /0", "GET /1", "GET /close"]
--- response_body eval
["HTTP/1.0 []\n", "HTTP/1.1 []\n", "HTTP/1.1 [close]\n"]

=== proxy_method, proxy_pass_request_headers, proxy_pass_request_body, proxy_set_body
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "$request_method|$http_x_a|$http_content_length|\n"; }
--- config
location /method { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_method PUT; }
location /headers { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_pass_request_headers off; }
location /body { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_pass_request_body off; proxy_set_header Content-Length ""; }
location /set { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_set_body "123 $uri"; }
--- more_headers
X-A: 1
--- request eval
["POST /method\nabc", "POST /headers\nabc", "POST /body\nabc", "POST /set\nabc"]
--- response_body eval
["PUT|1|3|\n", "POST||3|\n", "POST|1||\n", "POST|1|8|\n"]

=== what comes back: headers of the upstream, some of them nginx's own
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 203 Custom Reason\r\nServer: up\r\nDate: Tue, 02 Jan 2024 15:30:45 GMT\r\nX-A: 1\r\nX-A: 2\r\nX-Pad: x\r\nX-Accel-Expires: 1\r\nX-Accel-Charset: utf-8\r\nX-Accel-Foo: 1\r\nContent-Type: a/b; charset=x\r\nETag: \"up\"\r\nConnection: x\r\nKeep-Alive: 1\r\nContent-Length: 3\r\n\r\nok\n"
--- request
GET /
--- error_code: 203
--- raw_response_headers_like
^HTTP/1\.1 203 Custom Reason\r\n
--- response_headers
X-A: 1, 2
! X-Pad
! X-Accel-Expires
! X-Accel-Charset
X-Accel-Foo: 1
! Keep-Alive
Content-Type: a/b; charset=x
ETag: "up"
Connection: close
Content-Length: 3
--- response_headers_like
Server: nginx.*
Date: (?!Tue, 02 Jan 2024).*
--- response_body
ok

=== proxy_hide_header, proxy_pass_header, proxy_ignore_headers
--- config
location / {
    proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    proxy_hide_header X-Hide;
    proxy_pass_header Server;
    proxy_pass_header X-Accel-Expires;
}
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nServer: up\r\nX-Hide: 1\r\nX-Accel-Expires: 2\r\nX-Accel-Charset: utf-8\r\nContent-Length: 3\r\n\r\nok\n"
--- request
GET /
--- response_headers
Server: up
! X-Hide
! X-Accel-Charset
X-Accel-Expires: 2

=== X-Accel-Redirect goes to a location, which keeps some headers of the upstream
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
location /inside/ { internal; alias html/; }
--- user_files
>>> file.txt
the file
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nX-Accel-Redirect: /inside/file.txt\r\nContent-Type: x/y\r\nSet-Cookie: a=1\r\nX-Other: 1\r\nContent-Length: 6\r\n\r\nunused"
--- request
GET /
--- response_body
the file
--- response_headers
Content-Type: x/y
Set-Cookie: a=1
! X-Other
! X-Accel-Redirect

=== X-Accel-Redirect ignored
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_ignore_headers X-Accel-Redirect; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nX-Accel-Redirect: /inside/file.txt\r\nContent-Length: 3\r\n\r\nok\n"
--- request
GET /
--- response_body
ok

=== proxy_redirect default: the upstream's own URL becomes the location
--- config
location /a/ { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/b/; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/b/c\r\nContent-Length: 0\r\n\r\n"
--- request
GET /a/x
--- error_code: 302
--- response_headers
Location: http://localhost:$TEST_NGINX_SERVER_PORT/a/c

=== proxy_redirect: off, fixed, by pattern, Refresh
--- config
location /off { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_redirect off; }
location /fixed { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_redirect http://up.test/ http://$host/new/; }
location /re { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_redirect ~*^http://(\w+)\.TEST/(.*)$ /$1/$2; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 201 Created\r\nLocation: http://up.test/x\r\nRefresh: 5; url=http://up.test/y\r\nContent-Length: 0\r\n\r\n"
--- request eval
["GET /off", "GET /fixed", "GET /re"]
--- error_code eval
[201, 201, 201]
--- response_headers eval
["Location: http://up.test/x\nRefresh: 5; url=http://up.test/y",
 "Location: http://localhost/new/x\nRefresh: 5; url=http://localhost/new/y",
 "Location: http://localhost:$TEST_NGINX_SERVER_PORT/up/x"]

=== proxy_cookie_domain, proxy_cookie_path, proxy_cookie_flags
--- config
location /dp {
    proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    proxy_cookie_domain up.test $host;
    proxy_cookie_path /up/ /front/;
}
location /flags { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_cookie_flags ~. secure samesite=strict nohttponly; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Domain=up.test; Path=/up/x; HttpOnly\r\nContent-Length: 0\r\n\r\n"
--- request eval
["GET /dp", "GET /flags"]
--- response_headers eval
["Set-Cookie: a=1; Domain=localhost; Path=/front/x; HttpOnly", "Set-Cookie: a=1; Domain=up.test; Path=/up/x; Secure; SameSite=Strict"]

=== proxy_intercept_errors
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 404 "from upstream\n"; }
--- config
error_page 404 /page;
location /page { return 200 "page\n"; }
location /on { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_intercept_errors on; }
location /off { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- request eval
["GET /on", "GET /off"]
--- error_code eval
[404, 404]
--- response_body eval
["page\n", "from upstream\n"]

=== a chunked answer of the upstream, with trailers
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhel", "lo\r\n1\r\n\n\r\n0\r\nX-T: 1\r\n\r\n"]
--- request eval
["GET /", "HEAD /"]
--- response_body eval
["hello\n", ""]

=== an answer of HTTP/1.0 in chunks is no answer
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello"
--- request
GET /
--- error_code: 502
--- error_log
upstream sent unknown "Transfer-Encoding": "gzip"

=== 204 and 304 of the upstream have no body
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
(query) => query.startsWith("GET /204") ? "HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n" : "HTTP/1.1 304 Not Modified\r\nX-A: 1\r\nETag: \"x\"\r\n\r\n"
--- request eval
["GET /204", "GET /304"]
--- error_code eval
[204, 304]
--- response_headers eval
["X-A: 1\n! Content-Length", "X-A: 1\nETag: \"x\"\n! Content-Length"]

=== 103 Early Hints of the upstream are passed on where early_hints says so
--- config
location /on { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; early_hints 1; }
location /off { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"
--- raw_request eval
"GET /on HTTP/1.1\r\nHost: localhost\r\n\r\nGET /off HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
--- error_code eval
[103, 200, 200]
--- response_headers eval
["Link: </a.css>", "! Link", "! Link"]
--- response_body eval
["", "ok\n", "ok\n"]

=== no answer at all, no status line, a broken header
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
(query) => query.startsWith("GET /closed") ? "" : "HTTP/1.1 200 OK\r\nBad\x01Header: 1\r\n\r\n"
--- request eval
["GET /closed", "GET /header"]
--- error_code eval
[502, 502]
--- error_log
upstream prematurely closed connection while reading response header from upstream
upstream sent invalid header: "Bad\x01..." while reading response header from upstream

=== a body that ends early
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"
--- request
GET /
--- response_headers
Content-Length: 10
--- response_body chomp
hello
--- error_log
upstream prematurely closed connection while reading upstream

=== nobody listens
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- request
GET /
--- error_code: 502
--- response_body_like: 502 Bad Gateway
--- error_log
connect() failed (111: Connection refused) while connecting to upstream

=== proxy_read_timeout
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_read_timeout 100ms; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply_delay: 2
--- tcp_reply eval
"HTTP/1.1 200 OK\r\n\r\n"
--- request
GET /
--- error_code: 504
--- response_body_like: 504 Gateway Time-out
--- error_log
upstream timed out (110: Connection timed out) while reading response header from upstream

=== upstream: round robin by weight
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 weight=3; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 1; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 2; }
--- config
location / { proxy_pass http://u; }
--- pipelined_requests eval
Array(4).fill("GET /")
--- response_body eval
["1", "1", "2", "1"]

=== upstream: smooth weights
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 weight=2; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 weight=2; server 127.0.0.1:$TEST_NGINX_RAND_PORT_3; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 1; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 2; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_3; return 200 3; }
--- config
location / { proxy_pass http://u; }
--- pipelined_requests eval
Array(5).fill("GET /")
--- response_body eval
["1", "2", "3", "1", "2"]

=== upstream: down and backup
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 down; server 127.0.0.1:$TEST_NGINX_RAND_PORT_3 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 1; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 2; }
--- config
location / { proxy_pass http://u; add_header X-Addr $upstream_addr; add_header X-Status $upstream_status; }
--- pipelined_requests eval
["GET /", "GET /"]
--- response_body eval
["2", "2"]
--- response_headers eval
Array(2).fill("X-Addr: 127.0.0.1:$TEST_NGINX_RAND_PORT_3, 127.0.0.1:$TEST_NGINX_RAND_PORT_2\nX-Status: 502, 200")

=== upstream: the next one when the first refuses
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_3; server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 1; }
--- config
location / { proxy_pass http://u; }
--- pipelined_requests eval
["GET /", "GET /", "GET /"]
--- response_body eval
["1", "1", "1"]

=== upstream: all of them refuse
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_3; server 127.0.0.1:$TEST_NGINX_RAND_PORT_4; }
--- config
location / { proxy_pass http://u; add_header X-Addr $upstream_addr always; }
--- request eval
["GET /", "GET /"]
--- error_code eval
[502, 502]
--- error_log eval
/connect\(\) failed \(111: Connection refused\)|no live upstreams while connecting to upstream/

=== upstream: a server that failed is left alone for fail_timeout
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_3 max_fails=1 fail_timeout=1h; server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 1; }
--- config
location / { proxy_pass http://u; add_header X-Addr $upstream_addr; }
--- pipelined_requests eval
["GET /", "GET /", "GET /", "GET /"]
--- response_body eval
["1", "1", "1", "1"]
--- response_headers eval
[null, "X-Addr: 127.0.0.1:$TEST_NGINX_RAND_PORT_1", "X-Addr: 127.0.0.1:$TEST_NGINX_RAND_PORT_1", "X-Addr: 127.0.0.1:$TEST_NGINX_RAND_PORT_1"]

=== no live upstreams
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 down; }
--- config
location / { proxy_pass http://u; add_header X-Addr $upstream_addr always; add_header X-Status $upstream_status always; }
--- request
GET /
--- error_code: 502
--- response_headers
X-Addr: u
X-Status: 502
--- error_log
no live upstreams while connecting to upstream

=== proxy_next_upstream by status
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location /404 { return 404; } location /500 { return 500; } location /503 { return 503; } }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 2; }
--- config
location / { proxy_pass http://u; proxy_next_upstream http_404 http_503; }
location /off { proxy_pass http://u/503; proxy_next_upstream off; }
--- request eval
["GET /404", "GET /503", "GET /500", "GET /off"]
--- error_code eval
[200, 200, 500, 503]

=== a POST is not sent twice, unless non_idempotent is given
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 503; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 "$request_method $http_content_length"; }
--- config
location / { proxy_pass http://u; proxy_next_upstream http_503; }
location /non { proxy_pass http://u; proxy_next_upstream http_503 non_idempotent; }
--- request eval
["POST /\nabc", "POST /non\nabc", "PUT /\nabc"]
--- error_code eval
[503, 200, 200]
--- response_body_like eval
["503", "^POST 3$", "^PUT 3$"]

=== proxy_next_upstream_tries
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_3 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_4 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 backup; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 1; }
--- config
location / { proxy_pass http://u; proxy_next_upstream_tries 2; add_header X-Status $upstream_status always; }
location /3 { proxy_pass http://u; proxy_next_upstream_tries 3; add_header X-Status $upstream_status always; }
--- request eval
["GET /", "GET /3"]
--- error_code eval
[502, 200]
--- response_headers eval
["X-Status: 502, 502", "X-Status: 502, 502, 200"]

=== upstream keepalive: one connection for several requests
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; keepalive 1; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "$connection_requests"; }
--- config
location / { proxy_pass http://u; }
location /close { proxy_pass http://u; proxy_set_header Connection close; }
--- pipelined_requests eval
["GET /close", "GET /", "GET /", "GET /close"]
--- response_body_like eval
["^\\d+$", "^1$", "^2$", "^3$"]

=== keepalive 0: a connection for each request
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; keepalive 0; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "$connection_requests"; }
--- config
location / { proxy_pass http://u; }
--- pipelined_requests eval
["GET /", "GET /"]
--- response_body eval
["1", "1"]

=== a kept connection that the upstream closed is tried again on a new one
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; keepalive 4; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; keepalive_requests 1; location / { return 200 "$connection_requests"; } }
--- config
location / { proxy_pass http://u; }
--- pipelined_requests eval
["GET /", "GET /", "GET /"]
--- response_body eval
["1", "1", "1"]

=== ip_hash and hash keep to one server
--- http_config
upstream i { ip_hash; server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2; }
upstream h { hash $arg_k; server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2; }
upstream c { hash $arg_k consistent; server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 1; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 2; }
--- config
location /i { proxy_pass http://i; }
location /h { proxy_pass http://h; }
location /c { proxy_pass http://c; }
location /set { proxy_pass http://$arg_u; }
--- request eval
["GET /i", "GET /i", "GET /h?k=a", "GET /h?k=a", "GET /c?k=a", "GET /c?k=a", "GET /set?u=h&k=a"]
--- response_body_like eval
Array(7).fill("^[12]$")

=== least_conn and random choose among those that live
--- http_config
upstream l { least_conn; server 127.0.0.1:$TEST_NGINX_RAND_PORT_3; server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
upstream r { random two; server 127.0.0.1:$TEST_NGINX_RAND_PORT_3; server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 1; }
--- config
location /l { proxy_pass http://l; }
location /r { proxy_pass http://r; }
--- request eval
["GET /l", "GET /l", "GET /r", "GET /r"]
--- response_body eval
["1", "1", "1", "1"]

=== the $upstream_ variables
--- http_config
log_format own '$upstream_addr|$upstream_status|$upstream_response_length|$upstream_bytes_received|$upstream_response_time|$upstream_header_time|$upstream_connect_time|$upstream_http_x_a|$upstream_cookie_c|$upstream_trailer_none';
--- config
access_log logs/access.log own;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nX-A: up\r\nSet-Cookie: c=d; Path=/\r\nContent-Length: 5\r\n\r\nhello"
--- request
GET /
--- response_body chomp
hello
--- access_log eval
/^127\.0\.0\.1:$TEST_NGINX_RAND_PORT_1\|200\|5\|77\|0\.\d{3}\|0\.\d{3}\|0\.\d{3}\|up\|d\|-$/

=== buffering off sends each piece when it comes
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_buffering off; }
location /on { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_buffers 4 4k; proxy_buffer_size 4k; proxy_max_temp_file_size 0; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
["HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", "0123456789".repeat(5000), "0123456789".repeat(5000)]
--- request eval
["GET /", "GET /on"]
--- response_body eval
["0123456789".repeat(10000), "0123456789".repeat(10000)]

=== the head of the answer is larger than its buffer
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_buffer_size 1k; proxy_buffers 4 1k; proxy_busy_buffers_size 2k; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nX: " + "x".repeat(2000) + "\r\nContent-Length: 0\r\n\r\n"
--- request
GET /
--- error_code: 502
--- error_log
upstream sent too big header while reading response header from upstream

=== proxy_request_buffering off sends the body as it comes
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_request_buffering off; proxy_http_version 1.1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_query eval
/^POST \/ HTTP\/1\.1\r\nHost: [^\r]+\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n$/
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
--- raw_request eval
["POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n", { value: "3\r\ndef\r\n0\r\n\r\n", delay_before: 0.5 }]
--- response_body chomp
ok

=== an upgraded connection is a tunnel
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_query eval
/^GET \/ws HTTP\/1\.1\r\nHost: [^\r]+\r\nUpgrade: spec\r\nConnection: upgrade\r\n\r\n$/
--- tcp_reply eval
"HTTP/1.1 101 Switching Protocols\r\nUpgrade: spec\r\nConnection: upgrade\r\n\r\nraw \0 bytes"
--- raw_request eval
"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: spec\r\nConnection: upgrade\r\n\r\n"
--- error_code: 101
--- ignore_response
--- access_log
"GET /ws HTTP/1.1" 101 11

=== a unix socket as the upstream
--- http_config
server { listen unix:$TEST_NGINX_SERVER_ROOT/logs/up.sock; return 200 "$uri $http_host\n"; }
upstream u { server unix:$TEST_NGINX_SERVER_ROOT/logs/up.sock; }
--- config
location /a { proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/logs/up.sock; }
location /b { proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/logs/up.sock:/c; }
location /d { proxy_pass http://u; }
--- request eval
["GET /a", "GET /b", "GET /d"]
--- response_body eval
["/a localhost\n", "/c localhost\n", "/d u\n"]

=== proxy_bind, proxy_socket_keepalive, proxy_connect_timeout, proxy_send_timeout are accepted
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "$remote_addr\n"; }
--- config
location / {
    proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    proxy_bind 127.0.0.2;
    proxy_socket_keepalive on;
    proxy_connect_timeout 1s;
    proxy_send_timeout 1s;
}
--- request
GET /
--- response_body
127.0.0.2

=== proxy_bind: an address that is not there ends the request, and is named as it was found
--- http_config
upstream backend { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2; }
--- config
location / {
    set $from 203.0.113.9;
    proxy_pass http://backend;
    proxy_bind $from;
}
--- request
GET /
--- error_code: 500
--- error_log eval
/\[crit\] .* bind\(203\.0\.113\.9\) failed \(99: Cannot assign requested address\) while connecting to upstream/
--- no_error_log
bind($from)

=== the client leaves while the upstream works: 499
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
location /on { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_ignore_client_abort on; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply_delay: 500ms
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
--- request
GET /
--- timeout: 100ms
--- abort
--- ignore_response
--- access_log
"GET / HTTP/1.1" 499 0
