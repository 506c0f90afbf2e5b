# keepalive of an upstream and what goes with it.

=== by default: connections are kept, of each location its own
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 $connection:$connection_requests; }
--- config
location /one { proxy_pass http://u; }
location /two { proxy_pass http://u; }
location /check { return 200 x; }
--- request eval
["GET /one", "GET /one", "GET /two", "GET /two"]
--- response_body_like eval
["^\\d+:\\d+$", "^\\d+:([2-9]|\\d\\d)$", "^\\d+:\\d+$", "^\\d+:([2-9]|\\d\\d)$"]

=== keepalive N: all locations share
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; keepalive 2; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 $connection_requests; }
--- config
location /one { proxy_pass http://u; }
location /two { proxy_pass http://u; }
--- request eval
["GET /one", "GET /two", "GET /one"]
--- response_body_like eval
["^[14]$", "^[25]$", "^[36]$"]

=== keepalive N local: each its own again
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; keepalive 4 local; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 $connection_requests; }
--- config
location /one { proxy_pass http://u; }
location /two { proxy_pass http://u; }
--- request eval
["GET /one", "GET /two", "GET /one", "GET /two"]
--- response_body_like eval
["^[13]$", "^[13]$", "^[24]$", "^[24]$"]

=== keepalive 0: none
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; keepalive 0; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 $connection_requests; }
--- config
location / { proxy_pass http://u; }
--- request eval
["GET /", "GET /"]
--- response_body eval
["1", "1"]

=== keepalive_requests: after so many a new one
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; keepalive 1; keepalive_requests 2; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 $connection_requests; }
--- config
location / { proxy_pass http://u; }
--- request eval
["GET /", "GET /", "GET /", "GET /"]
--- response_body eval
["1", "2", "1", "2"]

=== keepalive_timeout: what has waited longer is closed
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; keepalive 1; keepalive_timeout 20ms; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 $connection_requests; }
--- config
location / { proxy_pass http://u; }
--- request eval
["GET /", [{ value: "GET / HTTP/1.1\r\n", delay_before: 0 }, { value: "Host: localhost\r\nConnection: close\r\n\r\n", delay_before: 0.2 }]]
--- response_body_like eval
["^[12]$", "^1$"]

=== keepalive_time: a connection that is older serves no more
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; keepalive 1; keepalive_time 1ms; }
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_2; add_header X-N $connection_requests; }
}
--- config
location / { proxy_pass http://u; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_2
--- tcp_reply_delay: 0.05
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
--- request eval
["GET /", "GET /"]
--- response_headers eval
["X-N: 1", "X-N: 1"]

=== a peer that closes
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; keepalive 1; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; keepalive_timeout 0; return 200 $connection_requests; }
--- config
location / { proxy_pass http://u; }
--- request eval
["GET /", "GET /"]
--- response_body eval
["1", "1"]

=== HTTP/1.0 keeps nothing
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; keepalive 1; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 $connection_requests; }
--- config
location / { proxy_pass http://u; proxy_http_version 1.0; }
--- request eval
["GET /", "GET /"]
--- response_body eval
["1", "1"]

=== keepalive: no number
--- http_config
upstream u { server 127.0.0.1:1; keepalive many; }
--- config
location / { return 200; }
--- must_die
--- error_log
invalid value "many" in "keepalive" directive in

=== keepalive: another parameter
--- http_config
upstream u { server 127.0.0.1:1; keepalive 1 global; }
--- config
location / { return 200; }
--- must_die
--- error_log
invalid parameter "global" in

=== keepalive: twice
--- http_config
upstream u { server 127.0.0.1:1; keepalive 1; keepalive 1; }
--- config
location / { return 200; }
--- must_die
--- error_log
"keepalive" directive is duplicate in

=== keepalive_requests: no number
--- http_config
upstream u { server 127.0.0.1:1; keepalive_requests many; }
--- config
location / { return 200; }
--- must_die
--- error_log
"keepalive_requests" directive invalid number in

=== keepalive_timeout: no time
--- http_config
upstream u { server 127.0.0.1:1; keepalive_timeout long; }
--- config
location / { return 200; }
--- must_die
--- error_log
"keepalive_timeout" directive invalid value in
