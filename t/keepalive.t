# One connection, several requests: when it stays and when it is closed.

=== HTTP/1.1 stays open, and says so
--- config
location / { return 200 "$connection_requests\n"; }
--- raw_request eval
"GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
--- response_body eval
["1\n", "2\n"]
--- response_headers eval
["Connection: keep-alive", "Connection: close"]

=== the close of the client ends what it pipelined
--- config
location / { return 200 "$uri\n"; }
--- raw_request eval
"GET /1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\nGET /2 HTTP/1.1\r\nHost: localhost\r\n\r\n"
--- response_body eval
["/1\n"]
--- no_access_log
GET /2

=== HTTP/1.0 closes unless keep-alive is asked for
--- config
location / { return 200 "$uri\n"; }
--- raw_request eval
"GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\nGET /3 HTTP/1.0\r\n\r\n"
--- response_body eval
["/1\n", "/2\n"]
--- response_headers eval
["Connection: keep-alive", "Connection: close"]

=== the Connection header in any case and among others
--- config
location / { return 200 "$uri\n"; }
--- raw_request eval
"GET /1 HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\nGET /2 HTTP/1.1\r\nHost: localhost\r\nConnection: foo, CLOSE\r\n\r\n"
--- response_body eval
["/1\n", "/2\n"]
--- response_headers eval
["Connection: keep-alive", "Connection: close"]

=== keepalive_requests is the number of requests of a connection
--- config
keepalive_requests 3;
location / { return 200 "$connection_requests\n"; }
--- raw_request eval
"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(5)
--- response_body eval
["1\n", "2\n", "3\n"]
--- response_headers eval
["Connection: keep-alive", "Connection: keep-alive", "Connection: close"]

=== keepalive_timeout 0 closes after each
--- config
keepalive_timeout 0;
location / { return 200 "ok\n"; }
--- raw_request eval
"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
--- response_headers
Connection: close

=== the second number of keepalive_timeout is told to the client
--- config
keepalive_timeout 60s 45s;
location / { return 200 "ok\n"; }
--- raw_request eval
"GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
--- error_code eval
[200, 200]
--- response_headers eval
["Connection: keep-alive\nKeep-Alive: timeout=45", "Connection: close\n! Keep-Alive"]

=== keepalive_timeout ends an idle connection
--- config
keepalive_timeout 100ms;
location / { return 200 "ok\n"; }
--- raw_request eval
"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
--- response_headers
Connection: keep-alive

=== keepalive_time closes a connection that has lived long enough
--- config
keepalive_time 50ms;
location / { return 200 "$connection_requests\n"; }
--- raw_request eval
["GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", { value: "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", delay_before: 0.15 }]
--- response_body eval
["1\n", "2\n"]
--- response_headers eval
["Connection: keep-alive", "Connection: close"]

=== keepalive_disable for a browser
--- config
keepalive_disable safari;
location / { return 200 "ok\n"; }
--- raw_request eval
"GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: Mozilla/5.0 (Macintosh; U; PPC Mac OS X; en) AppleWebKit/125.2 (KHTML, like Gecko) Safari/125.8\r\n\r\n"
--- response_headers
Connection: close

=== pipelined requests are answered in order
--- config
location / { return 200 "$uri\n"; }
location /file { }
--- user_files
>>> file
a file
--- pipelined_requests eval
["GET /1", "GET /file", "POST /3\nbody", "HEAD /4", "GET /5"]
--- error_code eval
[200, 200, 200, 200, 200]
--- response_body eval
["/1\n", "a file\n", "/3\n", "", "/5\n"]

=== a pipelined request that comes in pieces
--- config
location / { return 200 "$uri\n"; }
--- raw_request eval
["GET /1 HTTP/1.1\r\nHost: localhost\r\n\r\nGET /2 HT", { value: "TP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", delay_before: 0.02 }]
--- response_body eval
["/1\n", "/2\n"]

=== many pipelined requests, more than a buffer holds
--- config
location / { return 200 "$arg_n,"; }
--- raw_request eval
Array.from({ length: 120 }, (_, i) => `GET /?n=${i} HTTP/1.1\r\nHost: localhost\r\n${i === 119 ? 'Connection: close\r\n' : ''}\r\n`).join('')
--- response_body eval
Array.from({ length: 120 }, (_, i) => `${i},`)

=== an empty line between two requests
--- config
location / { return 200 "$uri\n"; }
--- raw_request eval
"GET /1 HTTP/1.1\r\nHost: localhost\r\n\r\n\r\n\r\nGET /2 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
--- response_body eval
["/1\n", "/2\n"]

=== errors keep the connection
--- config
location /403 { return 403; }
location / { return 200 "ok\n"; }
--- pipelined_requests eval
["GET /403", "GET /"]
--- error_code eval
[403, 200]

=== these errors close it: 400, 413, 500
--- config
client_max_body_size 1;
location /400 { return 400; }
location /413 { return 413; }
location /500 { return 500; }
location /503 { return 503; }
--- request eval
["GET /400", "GET /413", "GET /500", "GET /503"]
--- more_headers eval
["Connection: x", "Connection: x", "Connection: x", "Connection: close"]
--- error_code eval
[400, 413, 500, 503]
--- response_headers eval
["Connection: close", "Connection: close", "Connection: close", "Connection: close"]

=== a body that is not read: the connection lingers and is closed
--- config
location / { return 200 "$uri\n"; }
--- raw_request eval
["POST /1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n12345", { value: "67890GET /2 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", delay_before: 0.05 }]
--- response_body eval
["/1\n", "/2\n"]

=== two connections are counted apart
--- config
location / { return 200 "$connection_requests $connection\n"; }
--- request eval
["GET /", "GET /"]
--- response_body_like eval
["^1 \\d+$", "^1 \\d+$"]

=== a chunked answer keeps the connection too
--- config
location /chunked { proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/file; proxy_http_version 1.0; }
location /file { }
location /end { return 200 "end\n"; }
--- user_files
>>> file
a file
--- pipelined_requests eval
["GET /chunked", "GET /end"]
--- response_body eval
["a file\n", "end\n"]

=== keepalive_timeout 0 of a server that answers before any location
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; keepalive_timeout 0; return 200 whole; }
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_set_header Connection keep-alive; }
--- request
GET /
--- response_body chomp
whole
