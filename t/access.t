# allow and deny.

=== the first rule that fits decides
--- config
location /a { deny 10.0.0.0/8; allow 127.0.0.1; deny all; }
location /b { deny 127.0.0.1; allow all; }
location /c { allow 127.0.0.0/8; deny all; }
location /d { deny 192.168.1.1; }
location /e { deny all; }
--- user_files
>>> a
ok
>>> b
ok
>>> c
ok
>>> d
ok
>>> e
ok
--- request eval
["GET /a", "GET /b", "GET /c", "GET /d", "GET /e"]
--- error_code eval
[200, 403, 200, 200, 403]
--- error_log eval
/\[error\] .* access forbidden by rule, client: 127\.0\.0\.1, server: localhost, request: "GET \/b HTTP\/1\.1", host: "localhost"/

=== rules of a location replace those around it
--- config
deny all;
location /open { allow all; }
location /closed { }
--- user_files
>>> open
ok
>>> closed
ok
--- request eval
["GET /open", "GET /closed"]
--- error_code eval
[200, 403]

=== rules stand before the content, not before return
--- config
location /a { deny all; return 200 "ok\n"; }
--- request
GET /a
--- response_body
ok

=== IPv6 rules do not touch an IPv4 client
--- config
location /a { deny ::1; deny 2001:db8::/32; }
location /b { allow 2001:db8::/32; deny all; }
--- user_files
>>> a
ok
>>> b
ok
--- request eval
["GET /a", "GET /b"]
--- error_code eval
[200, 403]

=== unix: fits a client of a unix socket
--- http_config
server { listen unix:$TEST_NGINX_SERVER_ROOT/logs/access.sock; location /a { allow unix:; deny all; } location /b { deny unix:; } }
--- config
location / { proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/logs/access.sock:; }
--- user_files
>>> a
ok
>>> b
ok
--- request eval
["GET /a", "GET /b"]
--- error_code eval
[200, 403]

=== the 403 of deny goes through error_page, whose location has its own rules
--- config
location / { deny all; error_page 403 /page; }
location = /page { allow all; return 200 "page\n"; }
--- request
GET /x
--- error_code: 403
--- response_body
page

=== an error page that is forbidden itself
--- config
deny all;
error_page 403 /page;
--- user_files
>>> page
page
--- request
GET /x
--- error_code: 403
--- response_body_like: 403 Forbidden

=== an address that is none
--- config
deny 300.0.0.1;
--- must_die
--- error_log
invalid parameter "300.0.0.1" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4
