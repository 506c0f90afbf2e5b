# sub_filter: texts of responses are replaced.

=== once, whatever the case, in HTML only
--- config
sub_filter foo bar;
location / { }
--- user_files
>>> a.html
a foo, a Foo
>>> b.html
<P>FOO</P>
>>> a.txt
a foo
--- request eval
["GET /a.html", "GET /b.html", "GET /a.txt"]
--- response_body eval
["a bar, a Foo\n", "<P>bar</P>\n", "a foo\n"]
--- response_headers eval
["! Last-Modified", "! ETag", "Content-Length: 6"]

=== more than once, other types, with variables on both sides
--- config
sub_filter_once off;
sub_filter_types text/plain;
sub_filter '$arg_from' '[$arg_to]';
location / { return 200 "foo Foo bar"; }
--- request eval
["GET /?from=foo&to=x", "GET /?from=O&to=0", "GET /?to=x"]
--- response_body eval
["[x] [x] bar", "f[0][0] F[0][0] bar", "foo Foo bar"]
--- response_headers eval
["! Content-Length", "! Content-Length", "Content-Length: 11"]

=== several patterns: each is replaced once, the first in the configuration first
--- config
sub_filter_types *;
sub_filter abc 1;
sub_filter ab 2;
sub_filter d '';
location / { return 200 "$arg_x"; }
--- request eval
["GET /?x=abcabab", "GET /?x=ababcdd", "GET /?x=abx"]
--- response_body eval
["12ab", "21d", "2x"]

=== a block with patterns of its own has only these
--- config
sub_filter_types *;
sub_filter foo bar;
location /a { return 200 "foo baz"; }
location /b { sub_filter baz qux; return 200 "foo baz"; }
--- request eval
["GET /a", "GET /b"]
--- response_body eval
["bar baz", "foo qux"]

=== matches that come in pieces
--- config
location / {
    proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    proxy_buffering off;
    sub_filter_once off;
    sub_filter abcd 1;
    sub_filter bx 2;
}
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
["HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\na", "b", "cdab", "xabc"]
--- tcp_reply_delay: 0.01
--- request
GET /
--- response_body chomp
1a2abc

=== what cannot be the beginning of a match does not wait
--- config
location / {
    proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    proxy_buffering off;
    sub_filter za ZA;
}
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nContent-Type: text/html\r\n\r\nxyz"
--- raw_request eval
"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n"
--- response_body chomp
xy
--- error_log
upstream prematurely closed connection

=== HEAD, HTTP/1.0 and ranges
--- config
sub_filter foo bar;
location / { }
--- user_files
>>> a.html
a foo
--- raw_request eval
["HEAD /a.html HTTP/1.1\r\nHost: localhost\r\n\r\n" +
 "GET /a.html HTTP/1.1\r\nHost: localhost\r\nRange: bytes=2-3\r\n\r\n" +
 "GET /a.html HTTP/1.0\r\n\r\n"]
--- response_body eval
["", "a bar\n", "a bar\n"]
--- response_headers eval
["! Content-Length", "! Content-Range", "Connection: close"]

=== sub_filter_last_modified keeps the date, and a weak ETag
--- config
sub_filter foo bar;
sub_filter_last_modified on;
location / { }
--- user_files
>>> a.html 202601020304.05
a foo
--- request
GET /a.html
--- response_headers_like
Last-Modified: Fri, 02 Jan 2026 .*
ETag: W/"[0-9a-f]+-6"

=== with the condition of a client that has it already
--- config
sub_filter foo bar;
location / { }
--- user_files
>>> a.html 202601020304.05
a foo
--- request
GET /a.html
--- more_headers
If-Modified-Since: Sat, 03 Jan 2026 00:00:00 GMT
--- error_code: 200
--- response_body
a bar

=== an empty pattern is refused
--- config
sub_filter '' x;
--- must_die
--- error_log
empty search pattern in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== so are more than 255
--- config eval
Array.from({ length: 256 }, (_, i) => `sub_filter a${i} b;\n`).join("")
--- must_die
--- error_log
number of search patterns exceeds 255 in

=== sub_filter wants two words
--- config
sub_filter foo;
--- must_die
--- error_log
invalid number of arguments in "sub_filter" directive in
