# early_hints: what an upstream says before its answer goes to the client, where that is wanted.

=== they are kept from the client without early_hints
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"
--- request
GET /
--- raw_response_headers_unlike: Link
--- response_body
ok

=== they go before the answer
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; early_hints $http_x_hints; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\nServer: up\r\nX-Accel-Expires: 1\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-A: b\r\n\r\nok\n"
--- more_headers
X-Hints: 1
--- request
GET /
--- ignore_response
--- raw_response_headers_like: ^HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n

=== all of several
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; early_hints 0 $arg_none 1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 103 A\r\nLink: </a.css>\r\n\r\nHTTP/1.1 103 B\r\nLink: </b.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"
--- request
GET /
--- ignore_response
--- raw_response_headers_like: ^HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n

=== 0 and nothing are no
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; early_hints 0 $arg_none; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"
--- request
GET /
--- response_body
ok

=== HTTP/1.0 has none
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; early_hints 1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"
--- raw_request eval
"GET / HTTP/1.0\r\n\r\n"
--- response_body
ok

=== an upstream that speaks HTTP/1.0 may not send them
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; early_hints 1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.0 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"
--- request
GET /
--- error_code: 502
--- error_log
upstream sent HTTP/1.0 response with early hints

=== too many of them stay away
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_buffer_size 64; proxy_buffers 4 64; early_hints 1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 103 E\r\nX: 1234567890\r\n\r\n".repeat(3) + "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"
--- request
GET /
--- ignore_response
--- error_log
upstream sent too big early hints
