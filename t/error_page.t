# error_page: another URI, another status, a redirect, a named location.

=== a page of our own with the status of the error
--- config
error_page 404 /404.html;
--- user_files
>>> 404.html
not here
--- request
GET /none
--- error_code: 404
--- response_body
not here
--- response_headers
Content-Type: text/html

=== several statuses, one page
--- config
error_page 403 404 410 /page;
location /page { return 200 "page for $status\n"; }
location /a { return 403; }
location /b { return 410; }
location /c { return 404; }
--- request eval
["GET /a", "GET /b", "GET /c"]
--- error_code eval
[403, 410, 404]
--- response_body eval
["page for 403\n", "page for 410\n", "page for 404\n"]

=== another status in its place
--- config
location /a { error_page 404 =200 /ok; return 404; }
location /b { error_page 404 =410 /ok; return 404; }
location /ok { return 200 "ok\n"; }
--- request eval
["GET /a", "GET /b"]
--- error_code eval
[200, 410]
--- response_body eval
["ok\n", "ok\n"]

=== = alone takes the status of what answers
--- config
location /a { error_page 404 = /other; return 404; }
location /b { error_page 404 = /redirect; return 404; }
location /other { return 201 "other\n"; }
location /redirect { return 302 http://example.test/; }
--- request eval
["GET /a", "GET /b"]
--- error_code eval
[201, 302]

=== a URL is a redirect
--- config
location /a { error_page 403 http://example.test/forbidden.html; return 403; }
location /b { error_page 403 =301 http://example.test/forbidden.html; return 403; }
location /c { error_page 403 =303 https://example.test$uri; return 403; }
location /d { error_page 403 =200 http://example.test/; return 403; }
--- request eval
["GET /a", "GET /b", "GET /c", "GET /d"]
--- error_code eval
[302, 301, 303, 302]
--- response_headers eval
["Location: http://example.test/forbidden.html", "Location: http://example.test/forbidden.html",
 "Location: https://example.test/c", "Location: http://example.test/"]

=== a named location keeps the method and the URI
--- config
location /a { error_page 405 = @named; return 405; }
location @named { return 200 "$request_method $uri\n"; }
--- request
POST /a
body
--- response_body
POST /a

=== a page by URI is fetched with GET
--- config
location /a { error_page 405 = /page; return 405; }
location /page { return 200 "$request_method $uri\n"; }
--- request eval
["POST /a\nbody", "HEAD /a", "PUT /a"]
--- response_body eval
["GET /page\n", "", "GET /page\n"]

=== variables in the URI
--- config
error_page 404 /page/$status$uri?from=$request_uri;
location /page { return 200 "$uri [$args]\n"; }
--- request
GET /none?x
--- error_code: 404
--- response_body
/page/404/none [from=/none?x]

=== the location's error_page replaces the server's
--- config
error_page 404 /server;
location /a { error_page 410 /location; }
location /b { }
location /server { return 200 "server\n"; }
location /location { return 200 "location\n"; }
--- request eval
["GET /a", "GET /b"]
--- error_code eval
[404, 404]
--- response_body eval
[/404 Not Found/, "server\n"]

=== an error while the error page is fetched has the built-in page
--- config
error_page 404 /missing;
--- request
GET /none
--- error_code: 404
--- response_body_like
<h1>404 Not Found</h1>

=== recursive_error_pages goes on
--- config
recursive_error_pages on;
error_page 404 /step;
location /step { error_page 410 /end; return 410; }
location /end { return 200 "end\n"; }
--- request
GET /none
--- error_code: 410
--- response_body
end

=== without recursive_error_pages the second page is built in
--- config
error_page 404 /step;
location /step { error_page 410 /end; return 410; }
location /end { return 200 "end\n"; }
--- request
GET /none
--- error_code: 410
--- response_body_like
<h1>410 Gone</h1>

=== headers that are added go with "always" only
--- config
add_header X-Plain plain;
add_header X-Always always always;
location /a { return 404; }
--- request
GET /a
--- error_code: 404
--- response_headers
! X-Plain
X-Always: always

=== 400 for a bad request goes through error_page too
--- config
error_page 400 =400 /bad;
location /bad { return 200 "bad: $request_method [$uri]\n"; }
--- raw_request eval
"GET / HTTP/1.1\r\nHost: localhost\r\nBroken Header: 1\r\n: x\r\nContent-Length: a\r\n\r\n"
--- error_code: 400
--- response_body
bad: GET [/bad]

=== the 494 of a header that is too large
--- config
error_page 494 =431 /large;
location /large { return 200 "too large\n"; }
--- raw_request eval
"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "x".repeat(40000) + "\r\n\r\n"
--- error_code: 431
--- response_body
too large

=== 413 through error_page
--- config
client_max_body_size 5;
error_page 413 /big;
location /big { return 200 "$request_method\n"; }
--- request
POST /
123456
--- error_code: 413
--- response_body
GET

=== error_page without a page, or with a bad status, is refused
--- config
error_page 200 /x;
--- must_die
--- error_log
value "200" must be between 300 and 599 in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== 499 cannot be answered
--- config
error_page 499 /x;
--- must_die
--- error_log
invalid value "499" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4
