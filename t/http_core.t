# What the core module does beside finding a location: satisfy, limit_except, limits, chunked answers, Server and Date.

=== satisfy any: the password or the address
--- config
satisfy any;
auth_basic "closed";
auth_basic_user_file $TEST_NGINX_HTML_DIR/users;
location /a { allow 127.0.0.1; deny all; try_files /ok =404; }
location /b { deny all; try_files /ok =404; }
--- user_files
>>> users
joe:{PLAIN}secret
>>> ok
ok
--- request eval
["GET /a", "GET /b", "GET /b", "GET /b"]
--- more_headers eval
["X: y", "X: y", "Authorization: Basic am9lOnNlY3JldA==", "Authorization: Basic am9lOndyb25n"]
--- error_code eval
[200, 401, 200, 401]

=== satisfy all: both
--- config
satisfy all;
auth_basic "closed";
auth_basic_user_file $TEST_NGINX_HTML_DIR/users;
location /a { allow 127.0.0.1; deny all; try_files /ok =404; }
location /b { deny all; try_files /ok =404; }
--- user_files
>>> users
joe:{PLAIN}secret
>>> ok
ok
--- request eval
["GET /a", "GET /a", "GET /b"]
--- more_headers eval
["X: y", "Authorization: Basic am9lOnNlY3JldA==", "Authorization: Basic am9lOnNlY3JldA=="]
--- error_code eval
[401, 200, 403]

=== limit_except restricts the other methods
--- config
location / { limit_except GET POST { deny all; } try_files /ok =404; }
location /p { limit_except POST { deny all; } proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/echo; }
location /echo { return 200 "$request_method\n"; }
--- user_files
>>> ok
ok
--- request eval
["GET /", "HEAD /", "PUT /\nx", "DELETE /", "POST /p\nx", "GET /p"]
--- error_code eval
[200, 200, 403, 403, 200, 403]
--- error_log
access forbidden by rule

=== GET in limit_except means HEAD too, and no other way round
--- config
location / { limit_except HEAD { deny all; } try_files /ok =404; }
--- user_files
>>> ok
ok
--- request eval
["GET /", "HEAD /"]
--- error_code eval
[403, 200]

=== an unknown method in limit_except
--- config
location / { limit_except FOO { deny all; } }
--- must_die
--- error_log
invalid method "FOO" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== Server and Date of every answer
--- config
location / { return 200; }
--- request
GET /
--- response_headers_like
Server: nginx/\d+\.\d+\.\d+
Date: (Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT

=== server_tokens off
--- config
server_tokens off;
location / { return 200; }
location /on { server_tokens on; return 200; }
--- request eval
["GET /", "GET /on"]
--- raw_response_headers_like eval
["\r\nServer: nginx\r\n", "\r\nServer: nginx/\\d"]

=== the order of the headers that nginx itself writes
--- config
location / { add_header X-A 1; }
--- user_files
>>> a
hello
--- request
GET /a
--- raw_response_headers_like
^HTTP/1\.1 200 OK\r\nServer: .*\r\nDate: .*\r\nContent-Type: .*\r\nContent-Length: 6\r\nLast-Modified: .*\r\nConnection: close\r\nETag: .*\r\nX-A: 1\r\nAccept-Ranges: bytes\r\n$

=== an answer of unknown length is chunked for HTTP/1.1
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.0 200 OK\r\n\r\nhello"
--- request
GET /
--- response_headers
Transfer-Encoding: chunked
! Content-Length
--- response_body chomp
hello

=== and ended by the close of the connection for HTTP/1.0
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.0 200 OK\r\n\r\nhello"
--- request
GET / HTTP/1.0
--- more_headers
Connection: keep-alive
--- response_headers
! Transfer-Encoding
! Content-Length
Connection: close
--- response_body chomp
hello

=== chunked_transfer_encoding off
--- config
location / { chunked_transfer_encoding off; proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.0 200 OK\r\n\r\nhello"
--- request
GET /
--- response_headers
! Transfer-Encoding
Connection: close
--- response_body chomp
hello

=== root and alias in the same location are refused
--- config
location / { root a; alias b; }
--- must_die
--- error_log
"alias" directive is duplicate, "root" directive was specified earlier in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== settings go down from http to server to location, and a location's own win
--- http_config
default_type text/http;
keepalive_requests 7;
--- config
default_type text/server;
location /a { default_type text/location; return 200; location /a/b { return 200; } }
location /c { return 200; }
--- request eval
["GET /a", "GET /a/b", "GET /c"]
--- response_headers eval
["Content-Type: text/location", "Content-Type: text/location", "Content-Type: text/server"]

=== an internal redirect takes the settings of where it ends
--- config
location /a { default_type text/a; add_header X-L a; rewrite ^ /b last; }
location /b { default_type text/b; add_header X-L b; return 200; }
--- request
GET /a
--- response_headers
Content-Type: text/b
X-L: b

=== resolver-less host names of a configuration are looked up at the start
--- config
location / { proxy_pass http://no-such-host.invalid/; }
--- must_die
--- error_log
host not found in upstream "no-such-host.invalid" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== include takes several files in the order of their names
--- config
include $TEST_NGINX_HTML_DIR/conf.d/*.conf;
--- user_files
>>> conf.d/b.conf
location /b { return 200 "b $x\n"; }
>>> conf.d/a.conf
set $x "from a";
location /a { return 200 "a $x\n"; }
>>> conf.d/c.txt
this is no configuration;
--- request eval
["GET /a", "GET /b"]
--- response_body eval
["a from a\n", "b from a\n"]

=== include with a pattern that finds nothing is fine, a name is not
--- config
include $TEST_NGINX_HTML_DIR/none/*.conf;
include $TEST_NGINX_HTML_DIR/none.conf;
--- must_die
--- error_log eval
/open\(\) ".*\/html\/none\.conf" failed \(2: No such file or directory\) in .*\/conf\/nginx\.conf:5/

=== an error in an included file names that file
--- config
include $TEST_NGINX_HTML_DIR/bad.conf;
--- user_files
>>> bad.conf
location / { }
nonsense on;
--- must_die
--- error_log
unknown directive "nonsense" in $TEST_NGINX_HTML_DIR/bad.conf:2

=== post_action runs after the answer
--- config
location /a { post_action /after; return 200 "a\n"; }
location /b { try_files /ok =404; post_action /after; }
location /after { internal; access_log logs/access.log; return 200; }
--- user_files
>>> ok
ok
--- request
GET /b
--- response_body
ok
--- access_log
"GET /b HTTP/1.1" 200

=== lingering_close and lingering_time are accepted, and the answer comes
--- config
lingering_close always;
lingering_time 1s;
lingering_timeout 100ms;
location / { return 200 "ok\n"; }
--- request
GET /
--- response_body
ok

=== reset_timedout_connection and send_timeout are accepted
--- config
reset_timedout_connection on;
send_timeout 100ms;
location / { return 200 "ok\n"; }
--- request
GET /
--- response_body
ok

=== tcp_nodelay, tcp_nopush, postpone_output, aio and directio are accepted
--- config
tcp_nodelay off;
tcp_nopush on;
postpone_output 0;
directio 4m;
location / { }
--- user_files
>>> a
hello
--- request
GET /a
--- response_body
hello
