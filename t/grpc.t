# grpc_pass: configuration, and what needs the whole server. Requests and responses are in src/http/upstream/grpc.test.ts,
# frames in http2.test.ts beside it.

=== a response with trailers
--- config
location / { grpc_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; add_header X-Status "$upstream_status"; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_query_len: 100
--- tcp_reply eval
// SETTINGS; HEADERS with ":status: 200"; DATA; HEADERS with "grpc-status: 0"
"\0\0\0\x04\0\0\0\0\0" + "\0\0\x01\x01\x04\0\0\0\x01\x88" + "\0\0\x03\0\0\0\0\0\x01ok\n" +
  "\0\0\x0f\x01\x05\0\0\0\x01\0\x0bgrpc-status\x010"
--- raw_request eval
"GET /some/path HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTE: trailers\r\n\r\n"
--- response_headers
X-Status: 200
Transfer-Encoding: chunked
--- response_body_like eval
"^ok\n$|^3\r\nok\n\r\n0\r\ngrpc-status: 0\r\n\r\n$"

=== an upstream that rejects the request
--- config
location / { grpc_pass grpc://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"\0\0\x04\x03\0\0\0\0\x01\0\0\0\x07"
--- request
GET /
--- error_code: 502
--- error_log eval
[/upstream rejected request with error 7 while reading response header from upstream, .* upstream: "grpc:\/\/127\.0\.0\.1:\d+", host/]

=== an address with variables
--- config
location / { grpc_pass grpc://127.0.0.1:$arg_port; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"\0\0\x01\x01\x05\0\0\0\x01\x88"
--- request
GET /?port=$TEST_NGINX_RAND_PORT_1
--- response_headers
Content-Length: 0

=== variables that lead nowhere
--- request
GET /?port=x
--- error_code: 500
--- error_log
[error]
invalid port in upstream "127.0.0.1:x"

=== the scheme may be a variable's too
--- config
location / { grpc_pass $arg_scheme://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"\0\0\x01\x01\x05\0\0\0\x01\x88"
--- request
GET /?scheme=GRPC

=== one that nobody knows
--- request
GET /?scheme=http
--- error_code: 500
--- error_log eval
[/invalid host in upstream "http:\/\/127\.0\.0\.1:\d+"/]

=== nobody listens
--- config
location / { grpc_pass grpc://unix:$TEST_NGINX_HTML_DIR/none.sock; }
--- request
GET /
--- error_code: 502
--- error_log eval
[/\[crit\].* connect\(\) to unix:\S+none\.sock failed \(2: No such file or directory\).* upstream: "grpc:\/\/unix:\S+none\.sock:", host/]

=== grpc_pass in if, and in limit_except
--- config
location /if { if ($arg_a) { grpc_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; } empty_gif; }
location /limit { limit_except GET { deny all; } grpc_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"\0\0\x01\x01\x05\0\0\0\x01\x8d"
--- request eval
["GET /if", "GET /if?a=1", "GET /limit", "POST /limit\n"]
--- error_code eval
[200, 404, 404, 403]

=== all directives are known
--- config
location / {
  grpc_pass grpcs://127.0.0.1:$TEST_NGINX_RAND_PORT_1;
  grpc_bind off; grpc_buffer_size 8k; grpc_connect_timeout 1s; grpc_send_timeout 1s; grpc_read_timeout 1s;
  grpc_set_header A b; grpc_pass_header Server; grpc_hide_header B; grpc_ignore_headers Vary;
  grpc_intercept_errors on; grpc_socket_keepalive on; grpc_socket_rcvbuf 8k; grpc_socket_sndbuf 8k;
  grpc_next_upstream error timeout invalid_header http_500 http_502 http_503 http_504 http_403 http_404 http_429 non_idempotent;
  grpc_next_upstream_tries 2; grpc_next_upstream_timeout 1s;
  grpc_ssl_session_reuse off; grpc_ssl_protocols TLSv1.2 TLSv1.3; grpc_ssl_ciphers HIGH; grpc_ssl_name a.test;
  grpc_ssl_server_name on; grpc_ssl_verify off; grpc_ssl_verify_depth 2; grpc_ssl_certificate_cache off;
  grpc_ssl_certificate ""; grpc_ssl_certificate_key ""; grpc_ssl_conf_command MinProtocol TLSv1.2;
}
--- request
GET /
--- error_code: 502

=== twice
--- config
location / { grpc_pass 127.0.0.1:1; grpc_pass 127.0.0.1:2; }
--- must_die
--- error_log
"grpc_pass" directive is duplicate in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== without an address
--- config
location / { grpc_pass grpc://; }
--- must_die
--- error_log
no host in upstream "" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== without a port
--- config
location / { grpc_pass localhost; }
--- must_die
--- error_log
no port in upstream "localhost" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== outside of a location
--- config
grpc_pass 127.0.0.1:1;
--- must_die
--- error_log
"grpc_pass" directive is not allowed here in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== a fault that only a cache can help
--- config
grpc_next_upstream updating;
--- must_die
--- error_log
invalid value "updating" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== a certificate without a key
--- config
location / { grpc_pass grpcs://127.0.0.1:1; grpc_ssl_certificate a.crt; }
--- must_die
--- error_log
no "grpc_ssl_certificate_key" is defined for certificate "a.crt"

=== verification without trust
--- config
location / { grpc_pass grpcs://127.0.0.1:1; grpc_ssl_verify on; }
--- must_die
--- error_log
no grpc_ssl_trusted_certificate for grpc_ssl_verify
