# Which location takes a request, and what it sees of the URI.

=== the longest prefix wins, not the first
--- config
location / { return 200 "root\n"; }
location /a { return 200 "a\n"; }
location /a/b { return 200 "a/b\n"; }
location /a/b/c/ { return 200 "a/b/c/\n"; }
--- request eval
["GET /x", "GET /a", "GET /ab", "GET /a/b/x", "GET /a/b/c", "GET /a/b/c/d"]
--- response_body eval
["root\n", "a\n", "a\n", "a/b\n", "a/b\n", "a/b/c/\n"]

=== an exact location is the whole URI and ends the search
--- config
location = /x { return 200 "exact\n"; }
location /x { return 200 "prefix\n"; }
location ~ ^/x { return 200 "regex\n"; }
--- request eval
["GET /x", "GET /x?a", "GET /x/", "GET /xy"]
--- response_body eval
["exact\n", "exact\n", "regex\n", "regex\n"]

=== regular expressions go before prefixes, in the order written
--- config
location /img/ { return 200 "prefix\n"; }
location ~ \.gif$ { return 200 "gif\n"; }
location ~ ^/img/.*\.gif$ { return 200 "never\n"; }
location ~* \.jpg$ { return 200 "jpg\n"; }
--- request eval
["GET /img/a.gif", "GET /img/a.GIF", "GET /img/a.JPG", "GET /img/a.png"]
--- response_body eval
["gif\n", "prefix\n", "jpg\n", "prefix\n"]

=== ^~ keeps regular expressions away
--- config
location ^~ /static/ { return 200 "static\n"; }
location /static/deep/ { return 200 "deep\n"; }
location ~ \.gif$ { return 200 "gif\n"; }
--- request eval
["GET /static/a.gif", "GET /static/deep/a.gif", "GET /static/deep/a.txt"]
--- response_body eval
["static\n", "gif\n", "deep\n"]

=== no location fits: the settings of the server hold
--- config
root html/other;
location /x { return 200; }
--- user_files
>>> other/file.txt
from the server
--- request
GET /file.txt
--- response_body
from the server

=== captures of a location, by number and by name
--- config
location ~ ^/(?<kind>\w+)/(\d+)(?:/(\w+))?$ { return 200 "$kind|$1|$2|$3|\n"; }
--- request eval
["GET /item/42", "GET /item/42/edit"]
--- response_body eval
["item|item|42||\n", "item|item|42|edit|\n"]

=== a location in a location
--- config
location /outer/ {
    location /outer/inner/ { return 200 "inner\n"; }
    location = /outer/exact { return 200 "exact\n"; }
    location ~ \.(\w+)$ { return 200 "ext $1\n"; }
    return 200 "outer\n";
}
location ~ \.txt$ { return 200 "top\n"; }
--- request eval
["GET /outer/inner/x", "GET /outer/exact", "GET /outer/a.gif", "GET /outer/x", "GET /outer/a.txt", "GET /a.txt"]
--- response_body eval
["inner\n", "exact\n", "ext gif\n", "outer\n", "ext txt\n", "top\n"]

=== a regular expression inside of a regular expression
--- config
location ~ ^/a/ {
    location ~ \.x$ { return 200 "x\n"; }
    location ~ \.y$ { return 200 "y\n"; }
    return 200 "a\n";
}
--- request eval
["GET /a/1.x", "GET /a/1.y", "GET /a/1.z"]
--- response_body eval
["x\n", "y\n", "a\n"]

=== the location is found by the decoded, normalised URI
--- config
location /a/b { return 200 "$uri $request_uri\n"; }
location / { return 200 "no: $uri\n"; }
--- request eval
["GET /a%2Fb", "GET /a//b", "GET /x/../a/b", "GET /a/./b/c", "GET /%61/b", "GET /A/b"]
--- response_body eval
["/a/b /a%2Fb\n", "/a/b /a//b\n", "/a/b /x/../a/b\n", "/a/b/c /a/./b/c\n", "/a/b /%61/b\n", "no: /A/b\n"]

=== named locations: from error_page and try_files only
--- config
location /ep { error_page 404 = @name; return 404; }
location /tf { try_files /none @name; }
location @name { return 200 "named: $uri\n"; }
location / { return 200 "plain: $uri\n"; }
--- request eval
["GET /ep", "GET /tf", "GET /@name", "GET @name"]
--- response_body eval
["named: /ep\n", "named: /tf\n", "plain: /@name\n", /400 Bad Request/]
--- error_code eval
[200, 200, 200, 400]

=== a space, quotes and a brace in a location's pattern
--- config
location ~ "^/a{2}b c$" { return 200 "quoted\n"; }
location "/with space" { return 200 "prefix\n"; }
--- request eval
["GET /aab%20c", "GET /with%20space/x"]
--- response_body eval
["quoted\n", "prefix\n"]

=== the modifier may be written without a space
--- config
location =/one { return 200 "one\n"; }
location ~^/two$ { return 200 "two\n"; }
location ~*^/three$ { return 200 "three\n"; }
location ^~/four { return 200 "four\n"; }
--- request eval
["GET /one", "GET /two", "GET /THREE", "GET /four/x"]
--- response_body eval
["one\n", "two\n", "three\n", "four\n"]

=== a location that ends with a slash and proxies redirects the name without it
--- config
location /dir/ { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- request
GET /dir?a=b
--- error_code: 301
--- response_headers
Location: http://localhost:$TEST_NGINX_SERVER_PORT/dir/?a=b

=== an exact location beside it stops that redirect
--- config
location /dir/ { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
location = /dir { return 200 "own\n"; }
--- request
GET /dir
--- response_body
own

=== of two with one name that ends with a slash, exact and not, it is enough that one proxies
--- config
location = /a/ { return 200 exact; }
location /a/ { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- request
GET /a?b=c
--- error_code: 301
--- response_headers
Location: http://localhost:$TEST_NGINX_SERVER_PORT/a/?b=c

=== among many names, too
--- config
location = /x0 { return 200 0; }
location = /x1 { return 200 1; }
location = /x2 { return 200 2; }
location = /x3 { return 200 3; }
location = /x4 { return 200 4; }
location = /x5 { return 200 5; }
location = /x6 { return 200 6; }
location = /x7 { return 200 7; }
location = /x8 { return 200 8; }
location = /x9 { return 200 9; }
location = /x10 { return 200 10; }
location = /x11 { return 200 11; }
location = /x12 { return 200 12; }
location = /x13 { return 200 13; }
location /p0/ { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
location /p1/ { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
location /p2/ { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
location /p3/ { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
location /p4/ { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
location /p5/ { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
location /p6/ { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
location /p7/ { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
location /p8/ { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
location /p9/ { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
location /p10/ { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
location /p11/ { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
location /p12/ { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
location /p13/ { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- request eval
["GET /x13", "GET /x14", "GET /p13", "GET /p14"]
--- error_code eval
[200, 404, 301, 404]

=== a location that ends with a slash and does not proxy redirects nothing
--- config
location /dir/ { return 200 "dir\n"; }
--- request
GET /dir
--- error_code: 404

=== a prefix is compared byte by byte, also beyond ASCII
--- config
location /ü { return 200 "ue\n"; }
location ~ ^/((?:ö)+)$ { return 200 "[$1]\n"; }
--- request eval
["GET /%c3%bc/x", "GET /\xc3\xbc", "GET /%C3%B6%C3%B6"]
--- response_body eval
["ue\n", "ue\n", "[\xc3\xb6\xc3\xb6]\n"]

=== many locations: each finds its own
--- config eval
Array.from({ length: 300 }, (_, i) => `location /p${i} { return 200 "p${i}\\n"; }\nlocation = /e${i} { return 200 "e${i}\\n"; }\n`).join('')
--- request eval
["GET /p0", "GET /p7", "GET /p77", "GET /p299/x", "GET /p300", "GET /e150", "GET /e1500"]
--- response_body eval
["p0\n", "p7\n", "p77\n", "p299\n", "p30\n", "e150\n", /404 Not Found/]
--- error_code eval
[200, 200, 200, 200, 200, 200, 404]

=== internal: not from outside
--- config
location /secret { internal; return 200 "secret $uri\n"; }
location /rewrite { rewrite ^ /secret/a last; }
location /page { error_page 410 /secret/b; return 410; }
location /try { try_files /none /secret/c; }
--- request eval
["GET /secret", "GET /rewrite", "GET /page", "GET /try"]
--- error_code eval
[404, 200, 410, 200]
--- response_body eval
[/404 Not Found/, "secret /secret/a\n", "secret /secret/b\n", "secret /secret/c\n"]

=== internal: what is nested in it is so too
--- config
location /secret { internal; location /secret/b { return 200 "nested $uri\n"; } }
location /try { try_files /none /secret/b; }
--- request eval
["GET /secret/b", "GET /try"]
--- error_code eval
[404, 200]

=== internal twice
--- config
location /a { internal; internal; }
--- must_die
--- error_log
"internal" directive is duplicate in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== of named locations of one name the first is meant
--- config
location /a { try_files /none @a; }
location @a { return 200 "first\n"; }
location @a { return 200 "second\n"; }
--- request
GET /a
--- response_body
first

=== duplicate locations are refused
--- config
location /a { }
location /a { }
--- must_die
--- error_log
duplicate location "/a" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:5

=== a nested location outside of its parent is refused
--- config
location /a { location /b { } }
--- must_die
--- error_log
location "/b" is outside location "/a" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== nothing can be inside of an exact location
--- config
location = /a { location /a/b { } }
--- must_die
--- error_log
location "/a/b" cannot be inside the exact location "/a" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== a named location stands in the server
--- config
location /a { location @b { } }
--- must_die
--- error_log
named location "@b" can be on the server level only in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4
