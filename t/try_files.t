# try_files: which file, which directory, what if none.

=== the first file that exists
--- config
location / { try_files $uri $uri.html /fallback; }
--- user_files
>>> a
a
>>> b.html
b.html
>>> fallback
fallback
--- request eval
["GET /a", "GET /b", "GET /c"]
--- response_body eval
["a\n", "b.html\n", "fallback\n"]
--- response_headers eval
["Content-Type: text/plain", "Content-Type: text/html", "Content-Type: text/plain"]

=== a directory needs a slash at the end of its name
--- config
location /one { try_files $uri /fallback; }
location /two { try_files $uri $uri/ /fallback; }
--- user_files
>>> one/index.html
one
>>> two/index.html
two
>>> fallback
fallback
--- request eval
["GET /one", "GET /two/", "GET /two"]
--- response_body eval
["fallback\n", "two\n", /301 Moved/]
--- error_code eval
[200, 200, 301]

=== the last one is a URI: it is looked for as a location
--- config
location /a { try_files /none /b?x=$arg_y; }
location /b { return 200 "$uri [$args]\n"; }
--- request eval
["GET /a?y=1", "GET /a"]
--- response_body eval
["/b [x=1]\n", "/b [x=]\n"]

=== the last one is a status
--- config
location /a { try_files /none =404; }
location /b { try_files /none =410; }
location /c { error_page 418 = /page; try_files /none =418; }
location /page { return 200 "page\n"; }
--- request eval
["GET /a", "GET /b", "GET /c"]
--- error_code eval
[404, 410, 200]
--- response_body_like eval
["404 Not Found", "410 Gone", "^page$"]

=== the last one is a named location, which keeps URI and arguments
--- config
location /a { try_files /none @named; }
location @named { return 200 "$uri $args\n"; }
--- request
GET /a/b?c
--- response_body
/a/b c

=== in the server, before the location's own content
--- config
try_files /file $uri =404;
location /other { }
--- user_files
>>> file
the file
--- request
GET /x
--- response_body
the file

=== with alias the rest of the URI is looked for
--- config
location /al/ { alias html/real/; try_files $uri /fallback; }
location /fallback { return 200 "fallback\n"; }
--- user_files
>>> real/x
x
--- request eval
["GET /al/x", "GET /al/y"]
--- response_body eval
["x\n", "fallback\n"]

=== the missing files are looked for in silence
--- config
location / { try_files /no1 /no2 =404; }
--- request
GET /a
--- error_code: 404
--- no_error_log
[error]

=== POST to a static file that try_files finds
--- config
location / { try_files $uri =404; }
--- user_files
>>> a
a
--- request
POST /a
x=1
--- error_code: 405

=== a loop of try_files is cut
--- config
location / { try_files /none /none2; }
--- request
GET /a
--- error_code: 500
--- error_log
rewrite or internal redirection cycle while internally redirecting to "/none2"

=== at least one file and a fallback are needed
--- config
location / { try_files /a; }
--- must_die
--- error_log
invalid number of arguments in "try_files" directive in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== an invalid status
--- config
location / { try_files /a =1000; }
--- must_die
--- error_log
invalid code "=1000" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4
