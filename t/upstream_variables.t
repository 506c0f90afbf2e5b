# The $upstream_ variables, with their lists: commas between peers, colons at internal redirects.

=== one peer
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 abc; }
--- config
location / {
    proxy_pass http://u;
    add_header X-A "$upstream_addr|$upstream_status|$upstream_connect_time|$upstream_header_time";
}
--- request
GET /
--- response_headers_like
X-A: 127\.0\.0\.1:$TEST_NGINX_RAND_PORT_1\|200\|0\.\d{3}\|0\.\d{3}

=== no upstream: nothing
--- config
location / { return 200 "[$upstream_addr$upstream_status$upstream_response_time$upstream_http_x$upstream_cookie_x$upstream_trailer_x]"; }
--- request
GET /
--- response_body chomp
[]

=== two peers: a comma
--- http_config
upstream u {
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
--- config
location / {
    proxy_pass http://u;
    add_header X-A "$upstream_addr";
    add_header X-S "$upstream_status";
    add_header X-C "$upstream_connect_time";
    add_header X-H "$upstream_header_time";
}
--- request
GET /
--- response_headers_like
X-A: 127\.0\.0\.1:$TEST_NGINX_RAND_PORT_1, 127\.0\.0\.1:$TEST_NGINX_RAND_PORT_2
X-S: 502, 200
X-C: -, 0\.\d{3}
X-H: -, 0\.\d{3}

=== nobody: the upstream's name
--- http_config
upstream u { server 127.0.0.1:1 down; server 127.0.0.1:2 down; }
--- config
location / {
    proxy_pass http://u;
    add_header X-A "$upstream_addr|$upstream_status|$upstream_connect_time|$upstream_header_time" always;
}
--- request
GET /
--- error_code: 502
--- response_headers
X-A: u|502|-|-
--- error_log
no live upstreams

=== an internal redirect: a colon
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
upstream v { server 127.0.0.1:$TEST_NGINX_RAND_PORT_2; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; add_header X-Accel-Redirect /v; return 204; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
--- config
location / { proxy_pass http://u; }
location /v {
    internal;
    proxy_pass http://v;
    add_header X-A "$upstream_addr";
    add_header X-S "$upstream_status";
}
--- request
GET /
--- response_headers_like
X-A: 127\.0\.0\.1:$TEST_NGINX_RAND_PORT_1 : 127\.0\.0\.1:$TEST_NGINX_RAND_PORT_2
X-S: (-|204) : 200

=== error_page to another upstream: a colon
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
upstream v { server 127.0.0.1:$TEST_NGINX_RAND_PORT_2; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
--- config
location / { proxy_pass http://u; error_page 502 = /v; }
location /v { proxy_pass http://v; add_header X-S "$upstream_status" always; }
--- request
GET /
--- response_headers
X-S: 502 : 200
--- error_log
Connection refused

=== three peers and a redirect
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_3 max_fails=0; }
upstream v { server 127.0.0.1:$TEST_NGINX_RAND_PORT_2; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
--- config
location / { proxy_pass http://u; error_page 502 = /v; }
location /v { proxy_pass http://v; add_header X-S "$upstream_status" always; }
--- request
GET /
--- response_headers
X-S: 502, 502 : 200
--- error_log
Connection refused

=== headers, cookies and trailers of the response
--- config
location / {
    proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    add_header X-Out "$upstream_http_x_in|$upstream_http_server|$upstream_cookie_one|$upstream_cookie_two|$upstream_http_none|";
}
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nServer: s\r\nX-In: a\r\nX-In: b\r\nSet-Cookie: one=1; path=/\r\nSet-Cookie: two=2\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
--- request
GET /
--- response_headers
X-Out: a, b|s|1|2||

=== in the log: bytes and times of what was sent and received
--- http_config
log_format up "$upstream_response_length $upstream_bytes_received $upstream_bytes_sent $upstream_response_time $upstream_http_content_length";
--- config
access_log logs/access.log up;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_set_header Connection close; proxy_set_header Host h; proxy_pass_request_headers off; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"
--- request
GET /
--- response_body chomp
hello
--- access_log eval
[/^5 62 46 0\.\d{3} 5$/m]

=== trailers of the response, in the log
--- http_config
log_format trailer "<$upstream_trailer_x_sum|$upstream_trailer_none|$upstream_response_length>";
--- config
access_log logs/access.log trailer;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_pass_trailers on; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: a\r\nX-Sum: b\r\n\r\n"
--- request
GET /
--- response_body chomp
hello
--- access_log
<a, b|-|35>

=== a timeout, then the next peer
--- http_config
upstream u {
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
--- config
location / {
    proxy_pass http://u;
    proxy_read_timeout 100ms;
    add_header X-S "$upstream_status|$upstream_header_time|$upstream_bytes_received";
}
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply_delay: 1
--- tcp_reply eval
"late"
--- request
GET /
--- response_headers_like
X-S: 504, 200\|-, 0\.\d{3}\|0, \d+
--- error_log
upstream timed out (110: Connection timed out) while reading response header from upstream
--- timeout: 3

=== an invalid head, then the next peer
--- http_config
upstream u {
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
--- config
location / {
    proxy_pass http://u;
    proxy_next_upstream error invalid_header;
    add_header X-S "$upstream_status|$upstream_bytes_received|$upstream_response_length";
}
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nno header\r\n\r\n"
--- request
GET /
--- response_headers_like
X-S: 502, 200\|30, \d+\|0, 0
--- error_log
upstream sent invalid header
