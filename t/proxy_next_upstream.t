# When another peer is asked, and when not.

=== a peer that refuses
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup;  }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 "second $request_method $http_x_a\n"; }
--- config
location = /plain { proxy_pass http://u;  add_header X-Status "$upstream_status"; }
location = /read-timeout-100ms { proxy_pass http://u; proxy_read_timeout 100ms; add_header X-Status "$upstream_status"; }
location = /next-upstream-off { proxy_pass http://u; proxy_next_upstream off; add_header X-Status "$upstream_status"; }
location = /read-timeout-100ms-next-upstream-error { proxy_pass http://u; proxy_read_timeout 100ms; proxy_next_upstream error; add_header X-Status "$upstream_status"; }
location = /next-upstream-invalid-header { proxy_pass http://u; proxy_next_upstream invalid_header; add_header X-Status "$upstream_status"; }
location = /next-upstream-http-500 { proxy_pass http://u; proxy_next_upstream http_500; add_header X-Status "$upstream_status"; }
location = /next-upstream-http-502 { proxy_pass http://u; proxy_next_upstream http_502; add_header X-Status "$upstream_status"; }
location = /next-upstream-http-503 { proxy_pass http://u; proxy_next_upstream http_503; add_header X-Status "$upstream_status"; }
location = /next-upstream-http-504 { proxy_pass http://u; proxy_next_upstream http_504; add_header X-Status "$upstream_status"; }
location = /next-upstream-http-403 { proxy_pass http://u; proxy_next_upstream http_403; add_header X-Status "$upstream_status"; }
location = /next-upstream-http-404 { proxy_pass http://u; proxy_next_upstream http_404; add_header X-Status "$upstream_status"; }
location = /next-upstream-http-429 { proxy_pass http://u; proxy_next_upstream http_429; add_header X-Status "$upstream_status"; }
location = /next-upstream-error-non-idempotent { proxy_pass http://u; proxy_next_upstream error non_idempotent; add_header X-Status "$upstream_status"; }
location = /next-upstream-tries-1 { proxy_pass http://u; proxy_next_upstream_tries 1; add_header X-Status "$upstream_status"; }
location = /read-timeout-200ms-next-upstream-timeout-50ms { proxy_pass http://u; proxy_read_timeout 200ms; proxy_next_upstream_timeout 50ms; add_header X-Status "$upstream_status"; }
location = /request-buffering-off-next-upstream-error-non-idempotent { proxy_pass http://u; proxy_request_buffering off; proxy_next_upstream error non_idempotent; add_header X-Status "$upstream_status"; }
--- request
GET /plain
--- response_headers
X-Status: 502, 200
--- response_body
second GET 

=== one that closes without an answer
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
""
--- request
GET /plain
--- response_body
second GET 
--- error_log
upstream prematurely closed connection while reading response header from upstream

=== one that closes in the middle of its head
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nX-A"
--- request
GET /plain
--- response_body
second GET 

=== one that does not answer in time
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"late"
--- request
GET /read-timeout-100ms
--- response_headers
X-Status: 504, 200
--- response_body
second GET 
--- error_log
upstream timed out (110: Connection timed out) while reading response header from upstream
--- tcp_reply_delay: 0.4s

=== off
--- request
GET /next-upstream-off
--- error_code: 502

=== a timeout that is no reason
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"late"
--- request
GET /read-timeout-100ms-next-upstream-error
--- error_code: 504
--- tcp_reply_delay: 0.4s

=== an invalid header is no reason by itself
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nA b\r\n\r\n"
--- request
GET /plain
--- error_code: 502

=== unless it is said to be
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nA b\r\n\r\n"
--- request
GET /next-upstream-invalid-header
--- response_body
second GET 

=== so is a head that is too large
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nA: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n\r\n"
--- request
GET /next-upstream-invalid-header
--- response_body
second GET 
--- error_log
upstream sent too big header while reading response header from upstream

=== http_500
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 500 X\r\nContent-Length: 3\r\n\r\nno\n"
--- request
GET /next-upstream-http-500
--- response_headers
X-Status: 500, 200
--- response_body
second GET 

=== http_502
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 502 X\r\nContent-Length: 3\r\n\r\nno\n"
--- request
GET /next-upstream-http-502
--- response_headers
X-Status: 502, 200
--- response_body
second GET 

=== http_503
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 503 X\r\nContent-Length: 3\r\n\r\nno\n"
--- request
GET /next-upstream-http-503
--- response_headers
X-Status: 503, 200
--- response_body
second GET 

=== http_504
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 504 X\r\nContent-Length: 3\r\n\r\nno\n"
--- request
GET /next-upstream-http-504
--- response_headers
X-Status: 504, 200
--- response_body
second GET 

=== http_403
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 403 X\r\nContent-Length: 3\r\n\r\nno\n"
--- request
GET /next-upstream-http-403
--- response_headers
X-Status: 403, 200
--- response_body
second GET 

=== http_404
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 404 X\r\nContent-Length: 3\r\n\r\nno\n"
--- request
GET /next-upstream-http-404
--- response_headers
X-Status: 404, 200
--- response_body
second GET 

=== http_429
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 429 X\r\nContent-Length: 3\r\n\r\nno\n"
--- request
GET /next-upstream-http-429
--- response_headers
X-Status: 429, 200
--- response_body
second GET 

=== another status is an answer
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 500 X\r\nContent-Length: 3\r\n\r\nno\n"
--- request
GET /next-upstream-http-503
--- error_code: 500
--- response_body
no

=== a POST that has been sent is not sent again
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
""
--- request
POST /plain
abc
--- error_code: 502

=== unless it may be
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
""
--- request
POST /next-upstream-error-non-idempotent
abc
--- response_body
second POST 

=== one that could not be sent may
--- request
POST /plain
abc
--- response_body
second POST 

=== PUT is idempotent
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
""
--- request
PUT /plain
abc
--- response_body
second PUT 

=== PATCH and LOCK are not
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
""
--- request
PATCH /plain
abc
--- error_code: 502

=== tries
--- request
GET /next-upstream-tries-1
--- error_code: 502

=== time
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"late"
--- request
GET /read-timeout-200ms-next-upstream-timeout-50ms
--- error_code: 504
--- tcp_reply_delay: 0.4s

=== a body that is not buffered is sent once
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
""
--- raw_request eval
"PUT /request-buffering-off-next-upstream-error-non-idempotent HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc"
--- response_body_like
second PUT
