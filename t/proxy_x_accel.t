# X-Accel-Redirect, proxy_intercept_errors: another location answers in the upstream's place.

=== to a location that is internal
--- config
location /inner { internal; return 200 "inner $uri $args $request_method\n"; }
location @named { return 200 "named $uri\n"; }
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;  }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nX-Accel-Redirect: /inner/a?b\r\nContent-Length: 3\r\n\r\nno\n"
--- request
GET /
--- response_body
inner /inner/a b GET

=== a POST becomes a GET
--- config
location /inner { internal; return 200 "inner $uri $args $request_method\n"; }
location @named { return 200 "named $uri\n"; }
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;  }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nX-Accel-Redirect: /inner\r\nContent-Length: 3\r\n\r\nno\n"
--- request
POST /x
abc
--- response_body
inner /inner  GET

=== to a named location
--- config
location /inner { internal; return 200 "inner $uri $args $request_method\n"; }
location @named { return 200 "named $uri\n"; }
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;  }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nX-Accel-Redirect: @named\r\nContent-Length: 3\r\n\r\nno\n"
--- request
GET /x
--- response_body
named /x

=== to one that there is none of
--- config
location /inner { internal; return 200 "inner $uri $args $request_method\n"; }
location @named { return 200 "named $uri\n"; }
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;  }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nX-Accel-Redirect: @other\r\nContent-Length: 3\r\n\r\nno\n"
--- request
GET /
--- error_code: 500
--- error_log
could not find named location "@other"

=== an unsafe URI
--- config
location /inner { internal; return 200 "inner $uri $args $request_method\n"; }
location @named { return 200 "named $uri\n"; }
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;  }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nX-Accel-Redirect: /inner/../../x\r\nContent-Length: 3\r\n\r\nno\n"
--- request
GET /
--- error_code: 404
--- error_log
unsafe URI "/inner/../../x" was detected while reading response header from upstream

=== the escaped is decoded
--- config
location /inner { internal; return 200 "inner $uri $args $request_method\n"; }
location @named { return 200 "named $uri\n"; }
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;  }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nX-Accel-Redirect: /inner/%61%20b\r\nContent-Length: 3\r\n\r\nno\n"
--- request
GET /
--- response_body
inner /inner/a b  GET

=== what is kept over it
--- config
location /inner { internal; add_header X-Type "$sent_http_content_type"; return 200 ""; }
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;  }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nX-Accel-Redirect: /inner\r\nContent-Type: a/b\r\nSet-Cookie: c=d\r\nContent-Disposition: e\r\nCache-Control: f\r\nX-Other: g\r\nContent-Length: 3\r\n\r\nno\n"
--- request
GET /
--- response_headers
Set-Cookie: c=d
Content-Disposition: e
Cache-Control: f
! X-Other

=== the status of the upstream is not
--- config
location /inner { internal; return 200 "inner $uri $args $request_method\n"; }
location @named { return 200 "named $uri\n"; }
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;  }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 404 Nope\r\nX-Accel-Redirect: /inner\r\nContent-Length: 3\r\n\r\nno\n"
--- request
GET /
--- response_body
inner /inner  GET

=== a location that may be seen from outside is good too
--- config
location /open { return 200 "open\n"; }
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;  }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nX-Accel-Redirect: /open\r\nContent-Length: 3\r\n\r\nno\n"
--- request
GET /
--- response_body
open

=== proxy_intercept_errors without an error_page for it
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_intercept_errors on; error_page 500 /inner; }
location /inner { internal; return 200 "inner $uri $args $request_method\n"; }
location @named { return 200 "named $uri\n"; }

--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 404 Nope\r\nContent-Length: 3\r\n\r\nno\n"
--- request
GET /
--- error_code: 404
--- response_body
no

=== with one
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_intercept_errors on; error_page 404 /inner; }
location /inner { internal; return 200 "inner $uri $args $request_method\n"; }
location @named { return 200 "named $uri\n"; }

--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 404 Nope\r\nContent-Length: 3\r\n\r\nno\n"
--- request
GET /
--- error_code: 404
--- response_body
inner /inner  GET

=== a redirect is intercepted as well
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_intercept_errors on; error_page 301 =200 /inner; }
location /inner { internal; return 200 "inner $uri $args $request_method\n"; }
location @named { return 200 "named $uri\n"; }

--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 301 Moved\r\nLocation: /x\r\nContent-Length: 3\r\n\r\nno\n"
--- request
GET /
--- error_code: 200
--- response_body
inner /inner  GET

=== 401 keeps its challenge
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_intercept_errors on; error_page 401 /inner; }
location /inner { internal; return 200 "inner $uri $args $request_method\n"; }
location @named { return 200 "named $uri\n"; }

--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"up\"\r\nContent-Length: 3\r\n\r\nno\n"
--- request
GET /
--- error_code: 401
--- response_headers
WWW-Authenticate: Basic realm="up"

=== errors of the gateway are always its own
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; error_page 502 =200 /inner; }
location /inner { internal; return 200 "inner $uri $args $request_method\n"; }
location @named { return 200 "named $uri\n"; }

--- request
GET /
--- response_body
inner /inner  GET
