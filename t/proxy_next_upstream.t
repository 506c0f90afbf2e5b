# When another peer is asked, and when not.

=== a peer that refuses
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup;  }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 "second $request_method $http_x_a\n"; }
--- config
location / { proxy_pass http://u;  add_header X-Status "$upstream_status"; }
--- request
GET /
--- response_headers
X-Status: 502, 200
--- response_body
second GET 

=== one that closes without an answer
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup;  }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 "second $request_method $http_x_a\n"; }
--- config
location / { proxy_pass http://u;  add_header X-Status "$upstream_status"; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
""
--- request
GET /
--- response_body
second GET 
--- error_log
upstream prematurely closed connection while reading response header from upstream

=== one that closes in the middle of its head
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup;  }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 "second $request_method $http_x_a\n"; }
--- config
location / { proxy_pass http://u;  add_header X-Status "$upstream_status"; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nX-A"
--- request
GET /
--- response_body
second GET 

=== one that does not answer in time
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup;  }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 "second $request_method $http_x_a\n"; }
--- config
location / { proxy_pass http://u; proxy_read_timeout 100ms; add_header X-Status "$upstream_status"; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"late"
--- request
GET /
--- response_headers
X-Status: 504, 200
--- response_body
second GET 
--- error_log
upstream timed out (110: Connection timed out) while reading response header from upstream
--- tcp_reply_delay: 0.4s

=== off
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup;  }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 "second $request_method $http_x_a\n"; }
--- config
location / { proxy_pass http://u; proxy_next_upstream off; add_header X-Status "$upstream_status"; }
--- request
GET /
--- error_code: 502

=== a timeout that is no reason
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup;  }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 "second $request_method $http_x_a\n"; }
--- config
location / { proxy_pass http://u; proxy_read_timeout 100ms; proxy_next_upstream error; add_header X-Status "$upstream_status"; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"late"
--- request
GET /
--- error_code: 504
--- tcp_reply_delay: 0.4s

=== an invalid header is no reason by itself
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup;  }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 "second $request_method $http_x_a\n"; }
--- config
location / { proxy_pass http://u;  add_header X-Status "$upstream_status"; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nA b\r\n\r\n"
--- request
GET /
--- error_code: 502

=== unless it is said to be
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup;  }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 "second $request_method $http_x_a\n"; }
--- config
location / { proxy_pass http://u; proxy_next_upstream invalid_header; add_header X-Status "$upstream_status"; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nA b\r\n\r\n"
--- request
GET /
--- response_body
second GET 

=== so is a head that is too large
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup;  }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 "second $request_method $http_x_a\n"; }
--- config
location / { proxy_pass http://u; proxy_next_upstream invalid_header; add_header X-Status "$upstream_status"; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nA: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n\r\n"
--- request
GET /
--- response_body
second GET 
--- error_log
upstream sent too big header while reading response header from upstream

=== http_500
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup;  }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 "second $request_method $http_x_a\n"; }
--- config
location / { proxy_pass http://u; proxy_next_upstream http_500; add_header X-Status "$upstream_status"; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 500 X\r\nContent-Length: 3\r\n\r\nno\n"
--- request
GET /
--- response_headers
X-Status: 500, 200
--- response_body
second GET 

=== http_502
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup;  }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 "second $request_method $http_x_a\n"; }
--- config
location / { proxy_pass http://u; proxy_next_upstream http_502; add_header X-Status "$upstream_status"; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 502 X\r\nContent-Length: 3\r\n\r\nno\n"
--- request
GET /
--- response_headers
X-Status: 502, 200
--- response_body
second GET 

=== http_503
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup;  }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 "second $request_method $http_x_a\n"; }
--- config
location / { proxy_pass http://u; proxy_next_upstream http_503; add_header X-Status "$upstream_status"; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 503 X\r\nContent-Length: 3\r\n\r\nno\n"
--- request
GET /
--- response_headers
X-Status: 503, 200
--- response_body
second GET 

=== http_504
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup;  }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 "second $request_method $http_x_a\n"; }
--- config
location / { proxy_pass http://u; proxy_next_upstream http_504; add_header X-Status "$upstream_status"; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 504 X\r\nContent-Length: 3\r\n\r\nno\n"
--- request
GET /
--- response_headers
X-Status: 504, 200
--- response_body
second GET 

=== http_403
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup;  }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 "second $request_method $http_x_a\n"; }
--- config
location / { proxy_pass http://u; proxy_next_upstream http_403; add_header X-Status "$upstream_status"; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 403 X\r\nContent-Length: 3\r\n\r\nno\n"
--- request
GET /
--- response_headers
X-Status: 403, 200
--- response_body
second GET 

=== http_404
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup;  }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 "second $request_method $http_x_a\n"; }
--- config
location / { proxy_pass http://u; proxy_next_upstream http_404; add_header X-Status "$upstream_status"; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 404 X\r\nContent-Length: 3\r\n\r\nno\n"
--- request
GET /
--- response_headers
X-Status: 404, 200
--- response_body
second GET 

=== http_429
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup;  }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 "second $request_method $http_x_a\n"; }
--- config
location / { proxy_pass http://u; proxy_next_upstream http_429; add_header X-Status "$upstream_status"; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 429 X\r\nContent-Length: 3\r\n\r\nno\n"
--- request
GET /
--- response_headers
X-Status: 429, 200
--- response_body
second GET 

=== another status is an answer
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup;  }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 "second $request_method $http_x_a\n"; }
--- config
location / { proxy_pass http://u; proxy_next_upstream http_503; add_header X-Status "$upstream_status"; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 500 X\r\nContent-Length: 3\r\n\r\nno\n"
--- request
GET /
--- error_code: 500
--- response_body
no

=== a POST that has been sent is not sent again
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup;  }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 "second $request_method $http_x_a\n"; }
--- config
location / { proxy_pass http://u;  add_header X-Status "$upstream_status"; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
""
--- request
POST /
abc
--- error_code: 502

=== unless it may be
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup;  }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 "second $request_method $http_x_a\n"; }
--- config
location / { proxy_pass http://u; proxy_next_upstream error non_idempotent; add_header X-Status "$upstream_status"; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
""
--- request
POST /
abc
--- response_body
second POST 

=== one that could not be sent may
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup;  }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 "second $request_method $http_x_a\n"; }
--- config
location / { proxy_pass http://u;  add_header X-Status "$upstream_status"; }
--- request
POST /
abc
--- response_body
second POST 

=== PUT is idempotent
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup;  }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 "second $request_method $http_x_a\n"; }
--- config
location / { proxy_pass http://u;  add_header X-Status "$upstream_status"; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
""
--- request
PUT /
abc
--- response_body
second PUT 

=== PATCH and LOCK are not
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup;  }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 "second $request_method $http_x_a\n"; }
--- config
location / { proxy_pass http://u;  add_header X-Status "$upstream_status"; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
""
--- request
PATCH /
abc
--- error_code: 502

=== tries
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup;  }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 "second $request_method $http_x_a\n"; }
--- config
location / { proxy_pass http://u; proxy_next_upstream_tries 1; add_header X-Status "$upstream_status"; }
--- request
GET /
--- error_code: 502

=== time
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup;  }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 "second $request_method $http_x_a\n"; }
--- config
location / { proxy_pass http://u; proxy_read_timeout 200ms; proxy_next_upstream_timeout 50ms; add_header X-Status "$upstream_status"; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"late"
--- request
GET /
--- error_code: 504
--- tcp_reply_delay: 0.4s

=== a body that is not buffered is sent once
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup;  }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 "second $request_method $http_x_a\n"; }
--- config
location / { proxy_pass http://u; proxy_request_buffering off; proxy_next_upstream error non_idempotent; add_header X-Status "$upstream_status"; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
""
--- raw_request eval
"PUT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc"
--- response_body_like
second PUT
