# uwsgi_pass.

=== a request and its response
--- config
location / { uwsgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; uwsgi_param A b; uwsgi_param E ""; uwsgi_param F "" if_not_empty; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_query eval
"\0\x61\0\0\x01\0A\x01\0b\x01\0E\0\0\x09\0HTTP_HOST\x09\0localhost\x08\0HTTP_X_A\x04\x001, 2\x0f\0HTTP_CONNECTION\x05\0close\x13\0HTTP_CONTENT_LENGTH\x01\x002ab"
--- tcp_reply eval
"A: b\r\n\r\nok\n"
--- raw_request eval
"POST / HTTP/1.1\r\nHost: localhost\r\nX-A: 1\r\nX-A: 2\r\nConnection: close\r\nContent-Length: 2\r\n\r\nab"
--- response_headers
A: b
--- response_body
ok

=== modifiers and a string
--- config
uwsgi_modifier1 5;
uwsgi_modifier2 6;
uwsgi_string rest;
location / { uwsgi_pass uwsgi://127.0.0.1:$TEST_NGINX_RAND_PORT_1; uwsgi_param HTTP_HOST ""; uwsgi_pass_request_headers off; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_query eval
"\x05\x04\0\x06rest"
--- tcp_reply eval
"HTTP/1.1 404 Nothing\r\nStatus: 200\r\n\r\n"
--- request
GET /
--- error_code: 404
--- response_headers
Status: 200
--- response_body chomp

=== an address with variables, with a scheme and without
--- config
location / { uwsgi_pass $arg_scheme$arg_at; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"\r\nok\n"
--- request eval
["GET /?at=127.0.0.1:$TEST_NGINX_RAND_PORT_1", "GET /?scheme=uwsgi://&at=127.0.0.1:$TEST_NGINX_RAND_PORT_1"]
--- response_body eval
["ok\n", "ok\n"]

=== variables that lead nowhere
--- request
GET /?scheme=uwsgi://&at=127.0.0.1:x
--- error_code: 500
--- error_log
invalid port in upstream "127.0.0.1:x"

=== TLS, by name and by variables
--- http_config
map $uri $at { /variable suwsgi://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- config
uwsgi_ssl_verify on;
uwsgi_ssl_trusted_certificate $TEST_NGINX_HTML_DIR/ca.crt;
uwsgi_ssl_name a.test;
location / { uwsgi_pass suwsgi://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
location /variable { uwsgi_pass $at; }
--- certificates
ca ca
leaf by=ca name=a.test
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_tls: leaf
--- tcp_reply eval
"\r\nok\n"
--- request eval
["GET /", "GET /variable"]
--- response_body eval
["ok\n", "ok\n"]

=== a certificate of another name
--- config
uwsgi_ssl_verify on;
uwsgi_ssl_trusted_certificate $TEST_NGINX_HTML_DIR/ca.crt;
uwsgi_ssl_name b.test;
location / { uwsgi_pass suwsgi://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- certificates
ca ca
leaf by=ca name=a.test
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_tls: leaf
--- tcp_reply eval
"\r\nok\n"
--- request
GET /
--- error_code: 502
--- error_log
upstream SSL certificate does not match "b.test"

=== more than fits into a request
--- config
location / { uwsgi_pass 127.0.0.1:1; uwsgi_param A $arg_a$arg_a$arg_a$arg_a$arg_a$arg_a$arg_a$arg_a$arg_a$arg_a; }
--- request eval
"GET /?a=" + "x".repeat(7000)
--- error_code: 500
--- error_log
[alert]
uwsgi request is too big: 70

=== a modifier is a byte
--- config
uwsgi_modifier1 256;
--- must_die
--- error_log
value must be between 0 and 255

=== the length of a body in chunks is known when it has been read
--- config
set $early $content_length;
location / { uwsgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; uwsgi_pass_request_headers off; uwsgi_param HTTP_HOST ""; uwsgi_param L $content_length if_not_empty; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_query eval
"\0\x06\0\0\x01\0L\x01\x003abc"
--- tcp_reply eval
"\r\nok\n"
--- raw_request eval
["POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", "1\r\nc\r\n0\r\n\r\n"]
--- response_body
ok
