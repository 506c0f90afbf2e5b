# proxy_cookie_domain, proxy_cookie_path, proxy_cookie_flags.

=== a domain
--- config
location = /cookie-domain-up-test-down-test { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_cookie_domain up.test down.test; }
location = /cookie-domain-up-1-down { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_cookie_domain ~^(.+)\.up$ $1.down; }
location = /cookie-domain-arg-u-arg-d { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_cookie_domain $arg_u $arg_d; }
location = /cookie-path-up-down { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_cookie_path /up/ /down/; }
location = /cookie-path-up-down-1 { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_cookie_path ~*^/UP(.*)$ /down$1; }
location = /cookie-domain-up-down-cookie-path-p { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_cookie_domain up down; proxy_cookie_path / /p/; }
location = /cookie-flags-a-secure-httponly-samesite-strict { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_cookie_flags a secure httponly samesite=strict; }
location = /cookie-flags-nosecure-nohttponly-nosamesite { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_cookie_flags ~ nosecure nohttponly nosamesite; }
location = /cookie-flags-a-secure { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_cookie_flags a secure; }
location = /cookie-flags-a-samesite-none { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_cookie_flags a samesite=none; }
location = /cookie-flags-z-secure { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_cookie_flags z secure; }
location = /cookie-flags-arg-c-arg-f { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_cookie_flags $arg_c $arg_f; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=b; domain=up.test; path=/\r\n\r\nok\n"
--- request
GET /cookie-domain-up-test-down-test?u=up&d=down&c=a&f=httponly
--- response_headers
Set-Cookie: a=b; domain=down.test; path=/

=== its dot stays, its case does not matter
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=b; Domain=.UP.test\r\n\r\nok\n"
--- request
GET /cookie-domain-up-test-down-test?u=up&d=down&c=a&f=httponly
--- response_headers
Set-Cookie: a=b; Domain=.down.test

=== another domain
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=b; domain=sub.up.test\r\n\r\nok\n"
--- request
GET /cookie-domain-up-test-down-test?u=up&d=down&c=a&f=httponly
--- response_headers
Set-Cookie: a=b; domain=sub.up.test

=== a domain by an expression
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=b; domain=x.up\r\n\r\nok\n"
--- request
GET /cookie-domain-up-1-down?u=up&d=down&c=a&f=httponly
--- response_headers
Set-Cookie: a=b; domain=x.down

=== domains of variables
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=b; domain=up\r\n\r\nok\n"
--- request
GET /cookie-domain-arg-u-arg-d?u=up&d=down&c=a&f=httponly
--- response_headers
Set-Cookie: a=b; domain=down

=== a path
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=b; path=/up/x\r\n\r\nok\n"
--- request
GET /cookie-path-up-down?u=up&d=down&c=a&f=httponly
--- response_headers
Set-Cookie: a=b; path=/down/x

=== a path by an expression, caseless
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=b; Path=/up/x; Secure\r\n\r\nok\n"
--- request
GET /cookie-path-up-down-1?u=up&d=down&c=a&f=httponly
--- response_headers
Set-Cookie: a=b; Path=/down/x; Secure

=== both
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=b; domain=up; path=/\r\n\r\nok\n"
--- request
GET /cookie-domain-up-down-cookie-path-p?u=up&d=down&c=a&f=httponly
--- response_headers
Set-Cookie: a=b; domain=down; path=/p/

=== flags are added
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=b\r\n\r\nok\n"
--- request
GET /cookie-flags-a-secure-httponly-samesite-strict?u=up&d=down&c=a&f=httponly
--- response_headers
Set-Cookie: a=b; Secure; HttpOnly; SameSite=Strict

=== and taken away
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=b; Secure; HttpOnly; SameSite=Lax; path=/\r\n\r\nok\n"
--- request
GET /cookie-flags-nosecure-nohttponly-nosamesite?u=up&d=down&c=a&f=httponly
--- response_headers
Set-Cookie: a=b; path=/

=== those that are there stay
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=b; secure; Path=/\r\n\r\nok\n"
--- request
GET /cookie-flags-a-secure?u=up&d=down&c=a&f=httponly
--- response_headers
Set-Cookie: a=b; secure; Path=/

=== another SameSite
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=b; SameSite=Lax\r\n\r\nok\n"
--- request
GET /cookie-flags-a-samesite-none?u=up&d=down&c=a&f=httponly
--- response_headers
Set-Cookie: a=b; SameSite=None

=== of other cookies none
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=b\r\n\r\nok\n"
--- request
GET /cookie-flags-z-secure?u=up&d=down&c=a&f=httponly
--- response_headers
Set-Cookie: a=b

=== flags of variables
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=b\r\n\r\nok\n"
--- request
GET /cookie-flags-arg-c-arg-f?u=up&d=down&c=a&f=httponly
--- response_headers
Set-Cookie: a=b; HttpOnly

=== off keeps what an outer level says away
--- config
proxy_cookie_path /outer/ /x/;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_cookie_path off; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=b; path=/outer/\r\n\r\nok\n"
--- request
GET /?u=up&d=down&c=a&f=httponly
--- response_headers
Set-Cookie: a=b; path=/outer/

=== off twice
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_cookie_flags off; proxy_cookie_flags off; }
--- must_die
--- error_log
"proxy_cookie_flags" directive is duplicate

=== a flag that is none
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_cookie_domain x; }
--- must_die
--- error_log
invalid parameter "x"
