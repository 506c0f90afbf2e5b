# The request as it goes out.

=== Connection, Keep-Alive, Upgrade, TE, Expect and Proxy-Connection are the gateway's own
--- config
location = /plain { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;  }
location = /http-version-1-0 { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_http_version 1.0; }
location = /http-version-1-0-set-header-host { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_http_version 1.0; proxy_set_header Host ""; }
location = /set-header-host { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_set_header Host ""; }
location = /set-header-x-a-1-set-header-x-a-2 { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_set_header X-A 1; proxy_set_header X-A 2; }
location = /pass-request-body-off-set-header-content-length { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_pass_request_body off; proxy_set_header Content-Length ""; }
location = /client-body-buffer-size-1k-client-body-in-file-only-clean { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; client_body_buffer_size 1k; client_body_in_file_only clean; }
location = /client-max-body-size-2-request-buffering-off { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; client_max_body_size 2; proxy_request_buffering off; }
location = /method-delete { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_method delete; }
location = /method-head { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_method HEAD; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"
--- tcp_query eval
"GET /plain HTTP/1.1\r\nHost: 127.0.0.1:$TEST_NGINX_RAND_PORT_1\r\nX-A: 1\r\n\r\n"
--- raw_request eval
"GET /plain HTTP/1.1\r\nHost: a\r\nConnection: close, X-A\r\nKeep-Alive: 1\r\nUpgrade: x\r\nTE: trailers\r\nProxy-Connection: y\r\nX-A: 1\r\n\r\n"
--- response_body
ok

=== HTTP/1.0 has Connection: close
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.0 200 OK\r\n\r\nok\n"
--- tcp_query eval
"GET /http-version-1-0 HTTP/1.0\r\nHost: 127.0.0.1:$TEST_NGINX_RAND_PORT_1\r\n\r\n"
--- raw_request eval
"GET /http-version-1-0 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
--- response_body
ok

=== an empty Host of HTTP/1.0 is none
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.0 200 OK\r\n\r\nok\n"
--- tcp_query eval
"GET /http-version-1-0-set-header-host HTTP/1.0\r\nX-A: 1\r\n\r\n"
--- raw_request eval
"GET /http-version-1-0-set-header-host HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-A: 1\r\n\r\n"
--- response_body
ok

=== an empty Host of HTTP/1.1 is the default
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"
--- tcp_query eval
"GET /set-header-host HTTP/1.1\r\nHost: 127.0.0.1:$TEST_NGINX_RAND_PORT_1\r\n\r\n"
--- raw_request eval
"GET /set-header-host HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
--- response_body
ok

=== two headers of one name are both set
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"
--- tcp_query eval
"GET /set-header-x-a-1-set-header-x-a-2 HTTP/1.1\r\nHost: 127.0.0.1:$TEST_NGINX_RAND_PORT_1\r\nX-A: 1\r\nX-A: 2\r\n\r\n"
--- raw_request eval
"GET /set-header-x-a-1-set-header-x-a-2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\nx-a: 0\r\n\r\n"
--- response_body
ok

=== headers of the client keep their order and case
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"
--- tcp_query eval
"GET /plain HTTP/1.1\r\nHost: 127.0.0.1:$TEST_NGINX_RAND_PORT_1\r\nx-B: 2\r\nX-a: 1\r\nx-b: 3\r\n\r\n"
--- raw_request eval
"GET /plain HTTP/1.1\r\nx-B: 2\r\nHost: a\r\nX-a: 1\r\nConnection: close\r\nx-b: 3\r\n\r\n"
--- response_body
ok

=== each has one space between its name and its value
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"
--- tcp_query eval
"GET /plain HTTP/1.1\r\nHost: 127.0.0.1:$TEST_NGINX_RAND_PORT_1\r\nX-A: 1\r\nX-B: 2 3\r\nX-C: \r\nX-D: \r\nX-E: e\r\n\r\n"
--- raw_request eval
"GET /plain HTTP/1.1\r\nHost: a\r\nX-A:1\r\nX-B:   2 3  \r\nConnection: close\r\nX-C:\r\nX-D:  \r\nX-E: e \r\n\r\n"
--- response_body
ok

=== Content-Length may be set
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"
--- tcp_query eval
"POST /pass-request-body-off-set-header-content-length HTTP/1.1\r\nHost: 127.0.0.1:$TEST_NGINX_RAND_PORT_1\r\n\r\n"
--- raw_request eval
"POST /pass-request-body-off-set-header-content-length HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc"
--- response_body
ok

=== a body in chunks has a length when it has been read
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"
--- tcp_query eval
"POST /plain HTTP/1.1\r\nHost: 127.0.0.1:$TEST_NGINX_RAND_PORT_1\r\nContent-Length: 5\r\n\r\nabcde"
--- raw_request eval
"POST /plain HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
--- response_body
ok

=== without a body there is no length
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"
--- tcp_query eval
"POST /plain HTTP/1.1\r\nHost: 127.0.0.1:$TEST_NGINX_RAND_PORT_1\r\n\r\n"
--- raw_request eval
"POST /plain HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
--- response_body
ok

=== a length of nothing is passed
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"
--- tcp_query eval
"POST /plain HTTP/1.1\r\nHost: 127.0.0.1:$TEST_NGINX_RAND_PORT_1\r\nContent-Length: 0\r\n\r\n"
--- raw_request eval
"POST /plain HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
--- response_body
ok

=== a body larger than its buffer comes from a file
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"
--- tcp_query eval
"POST /client-body-buffer-size-1k-client-body-in-file-only-clean HTTP/1.1\r\nHost: 127.0.0.1:$TEST_NGINX_RAND_PORT_1\r\nContent-Length: 3000\r\n\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
--- raw_request eval
"POST /client-body-buffer-size-1k-client-body-in-file-only-clean HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3000\r\n\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
--- response_body
ok

=== a body that is too large for the gateway never goes out
--- raw_request eval
"POST /client-max-body-size-2-request-buffering-off HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc"
--- error_code: 413

=== proxy_method in small letters
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"
--- tcp_query eval
"delete /method-delete HTTP/1.1\r\nHost: 127.0.0.1:$TEST_NGINX_RAND_PORT_1\r\n\r\n"
--- raw_request eval
"GET /method-delete HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
--- response_body
ok

=== HEAD has no body, whatever the upstream sends
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"
--- raw_request eval
"HEAD /plain HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
--- ignore_response
--- raw_response_headers_like
Content-Length: 3\r\n

=== GET asked as HEAD of the upstream
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
--- request
GET /method-head
--- response_headers
Content-Length: 0

=== proxy_set_body takes the place of the body and its length
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_set_body "<$request_body>"; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"
--- tcp_query eval
"POST / HTTP/1.1\r\nHost: 127.0.0.1:$TEST_NGINX_RAND_PORT_1\r\nContent-Length: 5\r\n\r\n<abc>"
--- raw_request eval
"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc"
--- response_body
ok

=== Expect is answered by the gateway
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "$http_expect|$request_body|\n"; }
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;  }
--- raw_request eval
"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc"
--- ignore_response
--- raw_response_headers_like
^HTTP/1\.1 100 Continue\r\n

=== an absolute URI goes out as a path
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;  }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"
--- tcp_query eval
"GET /x?y HTTP/1.1\r\nHost: 127.0.0.1:$TEST_NGINX_RAND_PORT_1\r\n\r\n"
--- raw_request eval
"GET http://front/x?y HTTP/1.1\r\nHost: front\r\nConnection: close\r\n\r\n"
--- response_body
ok

=== a path is escaped anew only where it came escaped; what is behind it does not count
--- config
location /from/ { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/to/; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
--- raw_request eval
"GET /from/a|b?c=%20 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
--- tcp_query eval
"GET /to/a|b?c=%20 HTTP/1.1\r\nHost: 127.0.0.1:$TEST_NGINX_RAND_PORT_1\r\n\r\n"
--- error_code: 200

=== an inner proxy_set_header takes the outer ones' place
--- config
proxy_set_header X-Outer 1;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_set_header X-Inner 2; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"
--- tcp_query eval
"GET / HTTP/1.1\r\nHost: 127.0.0.1:$TEST_NGINX_RAND_PORT_1\r\nX-Inner: 2\r\n\r\n"
--- raw_request eval
"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
--- response_body
ok

=== a resolver is needed for names that are made of variables
--- config
location / { proxy_pass http://$arg_h; }
--- request
GET /?h=name.test
--- error_code: 502
--- error_log
no resolver defined to resolve name.test

=== addresses need none
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "$host $uri\n"; }
--- config
location / { proxy_pass http://$arg_h; }
--- request
GET /a?h=127.0.0.1:$TEST_NGINX_RAND_PORT_1
--- response_body
127.0.0.1 /a

=== what they are made of may be no URL
--- config
location / { proxy_pass $arg_u; }
--- request
GET /?u=ftp://x
--- error_code: 500
--- error_log
invalid URL prefix in "ftp://x"
