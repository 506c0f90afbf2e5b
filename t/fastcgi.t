# fastcgi_pass: configuration, and what needs the whole server. Requests and records are in
# src/http/upstream/fastcgi.test.ts.

=== a request and its response
--- config
location / { fastcgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; fastcgi_param A b; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_query eval
"\x01\x01\0\x01\0\x08\0\0\0\x01\0\0\0\0\0\0\x01\x04\0\x01\0\x2e\x02\0\x01\x01Ab\x09\x09HTTP_HOSTlocalhost\x0f\x05HTTP_CONNECTIONclose\0\0\x01\x04\0\x01\0\0\0\0\x01\x05\0\x01\0\0\0\0"
--- tcp_reply eval
"\x01\x06\0\x01\0\x09\0\0A: b\n\nok\n\x01\x03\0\x01\0\x08\0\0\0\0\0\0\0\0\0\0"
--- request
GET /
--- response_headers
A: b
--- response_body
ok

=== an address with variables
--- config
location / { fastcgi_pass 127.0.0.1:$arg_port; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"\x01\x06\0\x01\0\x09\0\0A: b\n\nok\n\x01\x03\0\x01\0\x08\0\0\0\0\0\0\0\0\0\0"
--- request
GET /?port=$TEST_NGINX_RAND_PORT_1
--- response_body
ok

=== variables that lead nowhere
--- request
GET /?port=x
--- error_code: 500
--- error_log
[error]
invalid port in upstream "127.0.0.1:x"

=== error_page answers where errors are intercepted
--- config
error_page 404 /other;
location / { fastcgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; fastcgi_intercept_errors on; }
location /other { return 200 "other\n"; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"\x01\x06\0\x01\0\x0d\0\0Status: 404\n\n\x01\x03\0\x01\0\x08\0\0\0\0\0\0\0\0\0\0"
--- request
GET /
--- response_body
other
--- error_code: 404

=== headers that are hidden, and that are not
--- config
location / { fastcgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; fastcgi_hide_header A; fastcgi_pass_header Status; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"\x01\x06\0\x01\0\x12\0\0A: b\nStatus: 200\n\n\x01\x03\0\x01\0\x08\0\0\0\0\0\0\0\0\0\0"
--- request
GET /
--- response_headers
! A
Status: 200
--- response_body chomp

=== params of an inner level are all there are
--- http_config
fastcgi_param A outer;
--- config
location / { fastcgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; fastcgi_param B inner; fastcgi_pass_request_headers off; fastcgi_param HTTP_HOST ""; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_query eval
"\x01\x01\0\x01\0\x08\0\0\0\x01\0\0\0\0\0\0\x01\x04\0\x01\0\x08\0\0\x01\x05Binner\x01\x04\0\x01\0\0\0\0\x01\x05\0\x01\0\0\0\0"
--- tcp_reply eval
"\x01\x06\0\x01\0\x09\0\0A: b\n\nok\n\x01\x03\0\x01\0\x08\0\0\0\0\0\0\0\0\0\0"
--- request
GET /
--- response_body
ok

=== params that are too long for a record
--- config
location / { fastcgi_pass 127.0.0.1:1; fastcgi_param A $arg_a$arg_a$arg_a$arg_a$arg_a$arg_a$arg_a$arg_a$arg_a$arg_a; }
--- request eval
"GET /?a=" + "x".repeat(7000)
--- error_code: 500
--- error_log
[alert]
fastcgi request record is too big: 70

=== a response from the cache is the same
--- http_config
fastcgi_cache_path $TEST_NGINX_SERVER_ROOT/cache keys_zone=one:1m;
--- config
location / {
    fastcgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    fastcgi_cache one; fastcgi_cache_key $uri; fastcgi_cache_valid 1m;
    add_header X-Cache $upstream_cache_status;
}
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"\x01\x07\0\x01\0\x01\0\0e\x01\x06\0\x01\0\x0e\0\0A: b\nC: d\n\nok\n\x01\x03\0\x01\0\x08\0\0\0\0\0\0\0\0\0\0"
--- request eval
["GET /a", "GET /a"]
--- response_headers_like eval
["A: b\nC: d\nX-Cache: (MISS|HIT)", "A: b\nC: d\nX-Cache: HIT"]
--- response_body eval
["ok\n", "ok\n"]

=== a response is stored
--- config
location / { fastcgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; root fastcgi_temp; fastcgi_store on; }
location = /stored/x { alias fastcgi_temp/x; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"\x01\x06\0\x01\0\x09\0\0A: b\n\nok\n\x01\x03\0\x01\0\x08\0\0\0\0\0\0\0\0\0\0"
--- request eval
["GET /x", "GET /stored/x"]
--- response_body eval
["ok\n", "ok\n"]

=== a third word of a param
--- config
location / { fastcgi_pass 127.0.0.1:1; fastcgi_param A b empty; }
--- must_die
--- error_log
invalid parameter "empty"

=== a pattern needs two captures
--- config
location / { fastcgi_pass 127.0.0.1:1; fastcgi_split_path_info ^(.+)$; }
--- must_die
--- error_log
pattern "^(.+)$" must have 2 captures

=== the sizes of buffers go together
--- config
fastcgi_buffers 1 4k;
--- must_die
--- error_log
there must be at least 2 "fastcgi_buffers"

=== two of them
--- config
location / { fastcgi_pass 127.0.0.1:1; fastcgi_pass 127.0.0.1:1; }
--- must_die
--- error_log
"fastcgi_pass" directive is duplicate

=== an address without a port
--- config
location / { fastcgi_pass 127.0.0.1; }
--- must_die
--- error_log
no port in upstream "127.0.0.1"

=== $fastcgi_script_name and $fastcgi_path_info
--- config
location / { return 200 "$fastcgi_script_name|$fastcgi_path_info"; }
location /i/ { fastcgi_index index.php; return 200 "$fastcgi_script_name|$fastcgi_path_info"; }
location /s { fastcgi_split_path_info ^(/s/.+?\.php)(.*)$; return 200 "$fastcgi_script_name|$fastcgi_path_info"; }
--- request eval
["GET /a.php", "GET /i/", "GET /i/x", "GET /s/a.php/b/c", "GET /s/a"]
--- response_body eval
["/a.php|", "/i/index.php|", "/i/x|", "/s/a.php|/b/c", "/s/a|"]

=== what a server says on its stderr may make it a failed one
--- http_config
upstream two { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 backup; }
--- config
location /a { fastcgi_pass two; fastcgi_catch_stderr fatal; fastcgi_next_upstream invalid_header; }
location /b { fastcgi_pass two; fastcgi_catch_stderr other; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"\x01\x07\0\x01\0\x08\0\0a fatal!\x01\x06\0\x01\0\x09\0\0A: b\n\nok\n\x01\x03\0\x01\0\x08\0\0\0\0\0\0\0\0\0\0"
--- request eval
["GET /a", "GET /b"]
--- error_code eval
[502, 200]
--- error_log
FastCGI sent in stderr: "a fatal!" while reading response header from upstream
