# tunnel_pass: CONNECT requests, and what is no CONNECT request, or none that may pass.

=== a tunnel to where the client says
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "inner $request_uri\n"; }
--- config
tunnel_pass;
--- raw_request eval
"CONNECT 127.0.0.1:$TEST_NGINX_RAND_PORT_1 HTTP/1.1\r\nHost: a\r\n\r\nGET /x HTTP/1.0\r\n\r\n"
--- raw_response_headers_like
^HTTP/1\.1 200 OK\r\nServer: nginx[^\r]*\r\nDate: [^\r]*\r\nConnection: close
--- response_body_like
^HTTP/1\.1 200 OK\r\n.*\r\n\r\ninner /x\n$

=== bytes that come later pass too
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "inner $request_uri\n"; }
--- config
tunnel_pass;
--- raw_request eval
["CONNECT 127.0.0.1:$TEST_NGINX_RAND_PORT_1 HTTP/1.1\r\nHost: a\r\n\r\n", {value: "GET /y HTTP/1.1\r\nHost: b\r\n", delay_before: 0.05}, {value: "Connection: close\r\n\r\n", delay_before: 0.05}]
--- response_body_like
inner /y\n$

=== a fixed upstream, by name and by address
--- http_config
upstream inner { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "inner\n"; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; tunnel_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- config
tunnel_pass inner;
--- raw_request eval
"CONNECT nowhere:1 HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.0\r\n\r\n"
--- response_body_like
inner\n$

=== variables say where
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "inner\n"; }
map $host $where { first.test 127.0.0.1:$TEST_NGINX_RAND_PORT_1; default ""; }
--- config
location / { tunnel_pass $where; }
--- raw_request eval
"CONNECT first.test:1 HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.0\r\n\r\n"
--- response_body_like
inner\n$

=== variables that say nothing of use
--- config
location / { tunnel_pass $arg_none; }
--- raw_request eval
"CONNECT first.test:1 HTTP/1.1\r\nHost: a\r\n\r\n"
--- error_code: 500
--- error_log
[info]
no host in upstream ""

=== inside an if
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "inner\n"; }
--- config
location / {
    if ($request_method = CONNECT) { tunnel_pass; break; }
    return 200 "outer\n";
}
--- raw_request eval
"CONNECT 127.0.0.1:$TEST_NGINX_RAND_PORT_1 HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.0\r\n\r\n"
--- response_body_like
inner\n$

=== other methods are not allowed where all is tunnelled
--- config
tunnel_pass;
--- request
GET /
--- error_code: 405

=== CONNECT is not allowed without tunnel_pass in the server
--- config
location / { return 200; }
--- raw_request eval
"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n"
--- error_code: 405
--- error_log
client sent CONNECT method

=== nor with HTTP/1.0
--- config
tunnel_pass;
--- raw_request eval
"CONNECT a:1 HTTP/1.0\r\nHost: a\r\n\r\n"
--- error_code: 405
--- error_log
client sent CONNECT method

=== nor with a body
--- config
tunnel_pass;
--- raw_request eval
"CONNECT a:1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab"
--- error_code: 400
--- error_log
client sent CONNECT request with body

=== a length of nothing is no body
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "inner\n"; }
--- config
tunnel_pass;
--- raw_request eval
"CONNECT 127.0.0.1:$TEST_NGINX_RAND_PORT_1 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\nGET / HTTP/1.0\r\n\r\n"
--- response_body_like
inner\n$

=== nobody listens there
--- config
tunnel_pass;
error_page 502 /failed;
location = /failed { internal; return 200 "failed: $upstream_addr\n"; }
--- raw_request eval
"CONNECT 127.0.0.1:$TEST_NGINX_RAND_PORT_5 HTTP/1.1\r\nHost: a\r\n\r\n"
--- error_code: 502
--- response_body
failed: 127.0.0.1:$TEST_NGINX_RAND_PORT_5
--- error_log
connect() failed (111: Connection refused) while connecting to upstream, client: 127.0.0.1, server: localhost, request: "CONNECT 127.0.0.1:

=== the next peer is asked
--- http_config
upstream inner { server 127.0.0.1:$TEST_NGINX_RAND_PORT_5; server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "inner\n"; }
--- config
tunnel_pass inner;
--- raw_request eval
"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.0\r\n\r\n"
--- response_body_like
inner\n$

=== unless tunnel_next_upstream is off
--- http_config
upstream inner { server 127.0.0.1:$TEST_NGINX_RAND_PORT_5; server 127.0.0.1:$TEST_NGINX_RAND_PORT_5 backup; }
--- config
tunnel_pass inner;
tunnel_next_upstream off;
--- raw_request eval
"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n"
--- error_code: 502

=== a password for the proxy
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "inner\n"; }
--- config
auth_basic closed;
auth_basic_user_file $TEST_NGINX_HTML_DIR/users;
tunnel_pass;
--- user_files
>>> users
me:{PLAIN}secret
--- raw_request eval
"CONNECT 127.0.0.1:$TEST_NGINX_RAND_PORT_1 HTTP/1.1\r\nHost: a\r\nAuthorization: Basic bWU6c2VjcmV0\r\n\r\n"
--- error_code: 407
--- response_headers
Proxy-Authenticate: Basic realm="closed"
! WWW-Authenticate

=== that is right
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "inner\n"; }
--- config
auth_basic closed;
auth_basic_user_file $TEST_NGINX_HTML_DIR/users;
tunnel_pass;
--- user_files
>>> users
me:{PLAIN}secret
--- raw_request eval
"CONNECT 127.0.0.1:$TEST_NGINX_RAND_PORT_1 HTTP/1.1\r\nHost: a\r\nProxy-Authorization: Basic bWU6c2VjcmV0\r\n\r\nGET / HTTP/1.0\r\n\r\n"
--- response_body_like
inner\n$

=== an upstream that says nothing for tunnel_read_timeout
--- config
tunnel_pass;
tunnel_read_timeout 50ms;
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_no_close
--- tcp_reply_delay: 5s
--- tcp_reply: late
--- raw_request eval
"CONNECT 127.0.0.1:$TEST_NGINX_RAND_PORT_1 HTTP/1.1\r\nHost: a\r\n\r\n"
--- response_body
--- error_log
upstream timed out (110: Connection timed out) while proxying upgraded connection

=== twice
--- config
tunnel_pass; tunnel_pass;
--- must_die
--- error_log
"tunnel_pass" directive is duplicate

=== a bad address
--- config
tunnel_pass 127.0.0.1:99999;
--- must_die
--- error_log
invalid port in upstream "127.0.0.1:99999"

=== a bad value of tunnel_next_upstream
--- config
tunnel_next_upstream http_500;
--- must_die
--- error_log
invalid value "http_500"

=== settings of connections
--- http_config
upstream two { server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 backup; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "inner $remote_addr\n"; }
--- config
tunnel_pass two;
tunnel_connect_timeout 5s; tunnel_send_timeout 5s; tunnel_next_upstream error; tunnel_next_upstream_timeout 1m;
tunnel_next_upstream_tries 2; tunnel_bind 127.0.0.2; tunnel_socket_keepalive on; tunnel_buffer_size 1k;
tunnel_socket_rcvbuf 16k; tunnel_socket_sndbuf 16k;
--- raw_request eval
"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\nGET /x HTTP/1.0\r\n\r\n"
--- response_body_like
^HTTP/1\.1 200 OK\r\n.*\r\n\r\ninner 127.0.0.2\n$
--- error_log
Connection refused

=== as many peers as tunnel_next_upstream_tries says
--- http_config
upstream two { server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 backup; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "inner\n"; }
--- config
tunnel_pass two;
tunnel_next_upstream_tries 1;
--- raw_request eval
"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\nGET /x HTTP/1.0\r\n\r\n"
--- error_code: 502
--- error_log
Connection refused
