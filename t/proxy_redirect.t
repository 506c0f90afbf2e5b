# proxy_redirect: what becomes of Location and Refresh.

=== default: the upstream's url becomes the location
--- config
location /a/ { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/b/; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 302 F\r\nLocation: http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/b/c?d\r\nContent-Length: 0\r\n\r\n"
--- request
GET /a/
--- error_code: 302
--- response_headers_like
Location: http://localhost:\d+/a/c\?d

=== another one does not
--- config
location /a/ { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/b/; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 302 F\r\nLocation: http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/x\r\nContent-Length: 0\r\n\r\n"
--- request
GET /a/
--- error_code: 302
--- response_headers
Location: http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/x

=== without a URI it is the root
--- config
server_name_in_redirect off; location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;  }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 302 F\r\nLocation: http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/c\r\nContent-Length: 0\r\n\r\n"
--- request
GET /
--- error_code: 302
--- response_headers_like
Location: http://localhost:\d+/c

=== off
--- config
server_name_in_redirect off; location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_redirect off; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 302 F\r\nLocation: http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/c\r\nContent-Length: 0\r\n\r\n"
--- request
GET /
--- error_code: 302
--- response_headers
Location: http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/c

=== two strings
--- config
server_name_in_redirect off; location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_redirect http://up.test/ http://down.test/x/; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 302 F\r\nLocation: http://up.test/c\r\nContent-Length: 0\r\n\r\n"
--- request
GET /
--- error_code: 302
--- response_headers
Location: http://down.test/x/c

=== variables
--- config
server_name_in_redirect off; location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_redirect http://$arg_u/ /$arg_d/; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 302 F\r\nLocation: http://up/c\r\nContent-Length: 0\r\n\r\n"
--- request
GET /?u=up&d=down
--- error_code: 302
--- response_headers_like
Location: http://localhost:\d+/down/c

=== an expression
--- config
server_name_in_redirect off; location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_redirect ~^http://([^/]+)/(.*)$ /$1/$2; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 302 F\r\nLocation: http://up/c\r\nContent-Length: 0\r\n\r\n"
--- request
GET /
--- error_code: 302
--- response_headers_like
Location: http://localhost:\d+/up/c

=== an expression, caseless, and absolute_redirect off
--- config
server_name_in_redirect off; location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; absolute_redirect off; proxy_redirect ~*HTTP://([^/]+)/ /$1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 302 F\r\nLocation: http://up/c\r\nContent-Length: 0\r\n\r\n"
--- request
GET /
--- error_code: 302
--- response_headers
Location: /up

=== the first that matches counts
--- config
server_name_in_redirect off; location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_redirect /a /1; proxy_redirect /ab /2; proxy_redirect default; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 302 F\r\nLocation: /abc\r\nContent-Length: 0\r\n\r\n"
--- request
GET /
--- error_code: 302
--- response_headers_like
Location: http://localhost:\d+/1bc

=== Refresh
--- config
server_name_in_redirect off; location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_redirect http://up/ /down/; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nRefresh: 5; URL=http://up/c\r\n\r\nok\n"
--- request
GET /
--- response_headers
Refresh: 5; URL=/down/c

=== a Refresh without a url
--- config
server_name_in_redirect off; location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_redirect http://up/ /down/; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nRefresh: 5\r\n\r\nok\n"
--- request
GET /
--- response_headers
Refresh: 5

=== an inner proxy_redirect takes the outer ones' place
--- config
proxy_redirect http://up/ /outer/;
server_name_in_redirect off; location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_redirect http://up2/ /inner/; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 302 F\r\nLocation: http://up/c\r\nContent-Length: 0\r\n\r\n"
--- request
GET /
--- error_code: 302
--- response_headers
Location: http://up/c

=== off after another
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_redirect a b; proxy_redirect off; }
--- must_die
--- error_log
"proxy_redirect" directive is duplicate

=== default before proxy_pass
--- config
location / { proxy_redirect default; proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- must_die
--- error_log
"proxy_redirect default" should be placed after the "proxy_pass" directive

=== default with variables
--- config
location / { proxy_pass http://$host; proxy_redirect default; }
--- must_die
--- error_log
"proxy_redirect default" cannot be used with "proxy_pass" directive with variables

=== a word alone
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_redirect x; }
--- must_die
--- error_log
invalid parameter "x"
