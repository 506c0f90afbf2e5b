# add_before_body and add_after_body: what subrequests answer stands before and behind a response.

=== both, around a file and a text
--- config
location / { add_before_body /before; add_after_body /after; }
location /text { default_type text/html; add_before_body /before; add_after_body /after; return 200 "body"; }
location /only { default_type text/html; add_before_body ''; add_after_body /after; return 200 "body"; }
location /before { return 200 "[$uri $request_uri]"; }
location /after { return 200 "[$uri]"; }
--- user_files
>>> a.html
body
>>> none.html
--- request eval
["GET /a.html", "GET /text", "GET /none.html", "GET /only"]
--- response_body eval
["[/before /a.html]body\n[/after]", "[/before /text]body[/after]", "[/before /none.html][/after]", "body[/after]"]
--- response_headers eval
Array(4).fill("! Content-Length")

=== only what is complete and of these types
--- config
add_before_body /before;
addition_types text/x-own;
location / { }
location /x { default_type text/x-own; return 200 "x"; }
location /y { default_type text/y; return 200 "y"; }
location /201 { default_type text/html; return 201 "z"; }
location /before { return 200 "before "; }
--- user_files
>>> a.html
body
--- request eval
["GET /x", "GET /y", "GET /a.html", "GET /201", "GET /none"]
--- error_code eval
[200, 200, 200, 201, 404]
--- response_body eval
["before x", "y", "before body\n", "z", null]
--- response_headers eval
["! Content-Length", "Content-Length: 1", "! Content-Length", "Content-Length: 1", "Content-Type: text/html"]

=== in order, however long each takes
--- http_config
server {
    listen unix:$TEST_NGINX_SERVER_ROOT/slow.sock;
    default_type text/html;
    location / { return 200 "[$uri]"; }
}
--- config
location / {
    add_before_body /slow/before;
    add_after_body /quick;
    proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/slow.sock;
}
location /slow/ {
    add_before_body /not/there; # of a subrequest: without effect
    proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;
}
location /quick { return 200 "quick"; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
["HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n", "slow ", "before "]
--- tcp_reply_delay: 0.02
--- request eval
["GET /a", "GET /b"]
--- response_body eval
["slow before [/a]quick", "slow before [/b]quick"]

=== what other filters hold comes before the end
--- config
location / {
    sub_filter foobar x;
    add_after_body /after;
}
location /after { return 200 "after"; }
--- user_files eval
[["a.html", "foobar foo"]]
--- request
GET /a.html
--- response_body chomp
x fooafter

=== together with server side includes
--- config
location / { ssi on; add_before_body /before; add_after_body /after.html; }
location /before { return 200 "before "; }
location /inc { return 200 "included"; }
--- user_files eval
[["a.html", 'a <!--#include virtual="/inc" --> b '], ["after.html", 'after <!--#echo var="uri" -->']]
--- request
GET /a.html
--- response_body chomp
before a included b after /after.html

=== what fails is shown as its error page
--- config
location / { add_before_body /none; add_after_body /denied; }
location /denied { return 403 "denied"; }
--- user_files
>>> a.html
body
--- request
GET /a.html
--- response_body_like
404 Not Found[\s\S]*body\ndenied
--- error_log
html/none" failed (2: No such file or directory), client: 127.0.0.1, server: localhost, request: "GET /a.html HTTP/1.1", subrequest: "/none"

=== HEAD, conditions, ranges, HTTP/1.0, and one request after the other
--- config
location / { add_before_body /before; add_after_body /after; }
location /before { return 200 "before "; }
location /after { return 200 "after"; }
--- user_files
>>> a.html
body
--- raw_request eval
"HEAD /a.html HTTP/1.1\r\nHost: localhost\r\n\r\n" +
"GET /a.html HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: *\r\n\r\n" +
"GET /a.html HTTP/1.1\r\nHost: localhost\r\nRange: bytes=0-1\r\n\r\n" +
"GET /a.html HTTP/1.0\r\n\r\n"
--- error_code eval
[200, 304, 200, 200]
--- response_body eval
["", "", "before body\nafter", "before body\nafter"]
--- response_headers_like eval
["ETag: W/.*", 'ETag: ".*', "ETag: W/.*", "Connection: close"]

=== an upstream's response that breaks off has nothing behind it
--- config
location / { add_after_body /after; proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
location /after { return 200 "after"; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100\r\n\r\nbody"
--- raw_request eval
"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n"
--- response_body chomp
body
--- error_log
upstream prematurely closed connection

=== a second one is refused
--- config
add_after_body /a;
add_after_body /b;
--- must_die
--- error_log
"add_after_body" directive is duplicate in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:5

=== a type twice is told
--- config
addition_types text/css text/css;
location / { return 204; }
--- request
GET /
--- error_code: 204
--- error_log
[warn]
duplicate MIME type "text/css" in
