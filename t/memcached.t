# memcached_pass.

=== a value of memcached is the response
--- config
types { text/x-test t; }
location / { set $memcached_key $uri; memcached_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"VALUE /a.t 0 3\r\nok\n\r\nEND\r\n"
--- tcp_query eval
"get /a.t\r\n"
--- request
GET /a.t
--- response_headers
Content-Type: text/x-test
Content-Length: 3
--- response_body
ok

=== of a HEAD only the head
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"VALUE /a.t 0 3\r\nok\n\r\nEND\r\n"
--- request
HEAD /a.t
--- response_headers
Content-Length: 3
--- response_body chomp

=== a range of a value
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"VALUE /a.t 0 6\r\n012345\r\nEND\r\n"
--- request
GET /a.t
--- more_headers
Range: bytes=2-3
--- error_code: 206
--- response_body chomp
23

=== a value that holds what looks like its end
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"VALUE /a.t 0 9\r\na\r\nEND\r\nb\r\nEND\r\n"
--- request
GET /a.t
--- response_body eval
"a\r\nEND\r\nb"

=== keys are escaped
--- config
location / { set $memcached_key "$arg_a %	b"; memcached_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"VALUE x%20%25%09b 0 0\r\n\r\nEND\r\n"
--- tcp_query eval
"get x%20%25%09b\r\n"
--- request
GET /?a=x
--- response_body chomp

=== what memcached does not have is a 404, which error_page may answer
--- config
error_page 404 = @other;
set $memcached_key k;
location / { memcached_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
location @other { return 200 "other\n"; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"END\r\n"
--- request
GET /
--- response_body
other
--- error_log
key: "k" was not found by memcached

=== without error_page it is the usual page
--- config
location / { set $memcached_key k; memcached_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"END\r\n"
--- request
GET /
--- error_code: 404
--- response_body_like: 404 Not Found

=== a bit of the flags says that a value is compressed
--- config
memcached_gzip_flag 2;
location / { set $memcached_key k; memcached_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"VALUE k 3 1\r\nz\r\nEND\r\n"
--- request
GET /
--- more_headers
Accept-Encoding: gzip
--- response_headers
Content-Encoding: gzip
--- response_body chomp
z

=== not so where the bit is not set
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"VALUE k 1 1\r\nz\r\nEND\r\n"
--- request
GET /
--- response_headers
! Content-Encoding
--- response_body chomp
z

=== no number for flags
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"VALUE k x 1\r\nz\r\nEND\r\n"
--- request
GET /
--- error_code: 502
--- error_log
memcached sent invalid flags in response "VALUE k x 1" for key "k"

=== another key than that which was asked for
--- config
location / { set $memcached_key k; memcached_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"VALUE j 0 1\r\nz\r\nEND\r\n"
--- request
GET /
--- error_code: 502
--- error_log
memcached sent invalid key in response "VALUE j 0 1" for key "k"

=== a length that is none
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"VALUE k 0 -1\r\nz\r\nEND\r\n"
--- request
GET /
--- error_code: 502
--- error_log
memcached sent invalid length in response "VALUE k 0 -1" for key "k"

=== an answer that is none
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"ERROR\r\n"
--- request
GET /
--- error_code: 502
--- error_log
memcached sent invalid response: "ERROR"

=== a line without a carriage return
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"END\n"
--- request
GET /
--- error_code: 502
--- error_log
memcached sent invalid response: "EN

=== too much behind a value
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"VALUE k 0 1\r\nz\r\nEND\r\nVALUE"
--- request
GET /
--- response_body chomp
z
--- error_log
memcached sent invalid trailer

=== the key must be set
--- config
location / { set $memcached_key ""; memcached_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- request
GET /
--- error_code: 500
--- error_log
the "$memcached_key" variable is not set

=== only GET and HEAD
--- request
POST /
x
--- error_code: 405

=== the next server is asked where one does not have it
--- http_config
upstream two { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup max_fails=0; }
--- config
memcached_next_upstream not_found;
location / { set $memcached_key k; memcached_pass two; add_header X-Status $upstream_status; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"END\r\n"
--- request
GET /
--- error_code: 502
--- error_log
connect() failed (111: Connection refused)

=== the variable has to be defined
--- config
location / { memcached_pass 127.0.0.1:1; }
--- must_die
--- error_log
unknown "memcached_key" variable

=== it is not to be said twice
--- config
location / { set $memcached_key k; memcached_pass 127.0.0.1:1; memcached_pass 127.0.0.1:1; }
--- must_die
--- error_log
"memcached_pass" directive is duplicate

=== connections and the next server
--- http_config
upstream two { server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 backup; keepalive 0; }
--- config
set $memcached_key k;
memcached_connect_timeout 5s; memcached_send_timeout 5s; memcached_bind 127.0.0.1; memcached_socket_keepalive on;
add_header X-Status $upstream_status always;
location /next { memcached_pass two; memcached_next_upstream_timeout 1m; }
location /tries { memcached_pass two; memcached_next_upstream_tries 1; }
location /hung { set $memcached_key hung; memcached_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; memcached_read_timeout 50ms; }
location /long { set $memcached_key long; memcached_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; memcached_buffer_size 1k; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_no_close
--- tcp_reply eval
(query) => (query.includes('hung') ? '' : query.includes('long') ? 'x'.repeat(2000) : 'VALUE k 0 2\r\nok\r\nEND\r\n')
--- request eval
["GET /next", "GET /tries", "GET /hung", "GET /long"]
--- error_code eval
[200, 502, 504, 502]
--- response_headers eval
["X-Status: 502, 200", "X-Status: 502", "X-Status: 504", "X-Status: 502"]
--- error_log
upstream timed out (110: Connection timed out) while reading response header from upstream
upstream sent too big header while reading response header from upstream
