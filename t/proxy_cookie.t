# proxy_cookie_domain, proxy_cookie_path, proxy_cookie_flags.

=== a domain
--- config
proxy_cookie_path /outer/ /x/;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_cookie_domain up.test down.test; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=b; domain=up.test; path=/\r\n\r\nok\n"
--- request
GET /?u=up&d=down&c=a&f=httponly
--- response_headers
Set-Cookie: a=b; domain=down.test; path=/

=== its dot stays, its case does not matter
--- config
proxy_cookie_path /outer/ /x/;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_cookie_domain up.test down.test; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=b; Domain=.UP.test\r\n\r\nok\n"
--- request
GET /?u=up&d=down&c=a&f=httponly
--- response_headers
Set-Cookie: a=b; Domain=.down.test

=== another domain
--- config
proxy_cookie_path /outer/ /x/;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_cookie_domain up.test down.test; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=b; domain=sub.up.test\r\n\r\nok\n"
--- request
GET /?u=up&d=down&c=a&f=httponly
--- response_headers
Set-Cookie: a=b; domain=sub.up.test

=== a domain by an expression
--- config
proxy_cookie_path /outer/ /x/;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_cookie_domain ~^(.+)\.up$ $1.down; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=b; domain=x.up\r\n\r\nok\n"
--- request
GET /?u=up&d=down&c=a&f=httponly
--- response_headers
Set-Cookie: a=b; domain=x.down

=== domains of variables
--- config
proxy_cookie_path /outer/ /x/;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_cookie_domain $arg_u $arg_d; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=b; domain=up\r\n\r\nok\n"
--- request
GET /?u=up&d=down&c=a&f=httponly
--- response_headers
Set-Cookie: a=b; domain=down

=== a path
--- config
proxy_cookie_path /outer/ /x/;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_cookie_path /up/ /down/; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=b; path=/up/x\r\n\r\nok\n"
--- request
GET /?u=up&d=down&c=a&f=httponly
--- response_headers
Set-Cookie: a=b; path=/down/x

=== a path by an expression, caseless
--- config
proxy_cookie_path /outer/ /x/;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_cookie_path ~*^/UP(.*)$ /down$1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=b; Path=/up/x; Secure\r\n\r\nok\n"
--- request
GET /?u=up&d=down&c=a&f=httponly
--- response_headers
Set-Cookie: a=b; Path=/down/x; Secure

=== both
--- config
proxy_cookie_path /outer/ /x/;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_cookie_domain up down; proxy_cookie_path / /p/; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=b; domain=up; path=/\r\n\r\nok\n"
--- request
GET /?u=up&d=down&c=a&f=httponly
--- response_headers
Set-Cookie: a=b; domain=down; path=/p/

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

=== flags are added
--- config
proxy_cookie_path /outer/ /x/;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_cookie_flags a secure httponly samesite=strict; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=b\r\n\r\nok\n"
--- request
GET /?u=up&d=down&c=a&f=httponly
--- response_headers
Set-Cookie: a=b; Secure; HttpOnly; SameSite=Strict

=== and taken away
--- config
proxy_cookie_path /outer/ /x/;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_cookie_flags ~ nosecure nohttponly nosamesite; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=b; Secure; HttpOnly; SameSite=Lax; path=/\r\n\r\nok\n"
--- request
GET /?u=up&d=down&c=a&f=httponly
--- response_headers
Set-Cookie: a=b; path=/

=== those that are there stay
--- config
proxy_cookie_path /outer/ /x/;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_cookie_flags a secure; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=b; secure; Path=/\r\n\r\nok\n"
--- request
GET /?u=up&d=down&c=a&f=httponly
--- response_headers
Set-Cookie: a=b; secure; Path=/

=== another SameSite
--- config
proxy_cookie_path /outer/ /x/;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_cookie_flags a samesite=none; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=b; SameSite=Lax\r\n\r\nok\n"
--- request
GET /?u=up&d=down&c=a&f=httponly
--- response_headers
Set-Cookie: a=b; SameSite=None

=== of other cookies none
--- config
proxy_cookie_path /outer/ /x/;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_cookie_flags z secure; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=b\r\n\r\nok\n"
--- request
GET /?u=up&d=down&c=a&f=httponly
--- response_headers
Set-Cookie: a=b

=== flags of variables
--- config
proxy_cookie_path /outer/ /x/;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_cookie_flags $arg_c $arg_f; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nSet-Cookie: a=b\r\n\r\nok\n"
--- request
GET /?u=up&d=down&c=a&f=httponly
--- response_headers
Set-Cookie: a=b; HttpOnly

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
