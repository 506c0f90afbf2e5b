# rewrite, if, set, break: the rewrite module's language.

=== rewrite goes on with the following directives, then looks for a location again
--- config
location /a { rewrite ^/a/(.*)$ /b/$1; set $x after; }
location /b { return 200 "$uri $x\n"; }
--- request
GET /a/1
--- response_body
/b/1 after

=== last ends the directives and starts the search again
--- config
location /a { rewrite ^/a/(.*)$ /b/$1 last; return 200 "not reached\n"; }
location /b { return 200 "b: $uri\n"; }
--- request
GET /a/1
--- response_body
b: /b/1

=== break stays in the location
--- config
location /a { rewrite ^/a/(.*)$ /b/$1 break; return 200 "not reached\n"; }
location /b { return 200 "other location\n"; }
--- user_files
>>> b/1
the file
--- request
GET /a/1
--- response_body
the file

=== several rewrites: each sees what the one before made
--- config
location / {
    rewrite ^/one$ /two;
    rewrite ^/two$ /three;
    rewrite ^/three$ /final last;
    return 200 "no: $uri\n";
}
location = /final { return 200 "final\n"; }
--- request eval
["GET /one", "GET /two", "GET /four"]
--- response_body eval
["final\n", "final\n", "no: /four\n"]

=== the arguments are appended, unless the replacement ends with a question mark
--- config
location /a { rewrite ^ /out?x=1 last; }
location /b { rewrite ^ /out?x=1? last; }
location /c { rewrite ^ /out last; }
location /d { rewrite ^ /out? last; }
location /out { return 200 "[$args]\n"; }
--- request eval
["GET /a?y=2", "GET /a", "GET /b?y=2", "GET /c?y=2", "GET /d?y=2"]
--- response_body eval
["[x=1&y=2]\n", "[x=1]\n", "[x=1]\n", "[y=2]\n", "[]\n"]

=== redirect and permanent
--- config
location /a { rewrite ^/a/(.*)$ /b/$1 redirect; }
location /c { rewrite ^/c/(.*)$ /d/$1 permanent; }
location /e { rewrite ^ http://example.test/x; }
location /f { rewrite ^ https://example.test/x permanent; }
location /g { rewrite ^ $scheme://example.test/y; }
--- request eval
["GET /a/1?q", "GET /c/2", "GET /e?q=1", "GET /f", "GET /g"]
--- error_code eval
[302, 301, 302, 301, 302]
--- response_headers eval
["Location: http://localhost:$TEST_NGINX_SERVER_PORT/b/1?q", "Location: http://localhost:$TEST_NGINX_SERVER_PORT/d/2",
 "Location: http://example.test/x?q=1", "Location: https://example.test/x", "Location: http://example.test/y"]

=== captures are escaped again in a redirect
--- config
location /a { rewrite ^/a/(.*)$ /b/$1 redirect; }
location /c { rewrite ^/c/(.*)$ /b?x=$1 redirect; }
--- request eval
["GET /a/b%20c%3fd", "GET /c/b%20c%26d"]
--- error_code eval
[302, 302]
--- response_headers eval
["Location: http://localhost:$TEST_NGINX_SERVER_PORT/b/b%20c?d",
 "Location: http://localhost:$TEST_NGINX_SERVER_PORT/b?x=b%20c%26d"]

=== the pattern sees the decoded URI, without arguments
--- config
location / { rewrite "^/a b$" /ok last; return 200 "no\n"; }
location /ok { return 200 "ok [$args] [$request_uri]\n"; }
--- request eval
["GET /a%20b?c=d", "GET /a+b"]
--- response_body eval
["ok [c=d] [/a%20b?c=d]\n", "no\n"]

=== rewrite in the server comes before the location is looked for
--- config
rewrite ^/old/(.*)$ /new/$1;
set $seen "server";
location /new { return 200 "new $uri $seen\n"; }
location /old { return 200 "old\n"; }
--- request
GET /old/x
--- response_body
new /new/x server

=== the server's directives run once, not after each change of the URI
--- config
set $n "$n.";
rewrite ^/once$ /a;
location /a { rewrite ^ /b last; }
location /b { return 200 "[$n]\n"; }
--- request
GET /once
--- response_body
[.]

=== eleven changes of the URI are too many
--- config
location / { rewrite ^(.*)$ $1x last; }
--- request
GET /a
--- error_code: 500
--- error_log
rewrite or internal redirection cycle while processing "/axxxxxxxxxxx"

=== ten changes are allowed
--- config
location ~ "x{10}$" { return 200 "$uri\n"; }
location / { rewrite ^(.*)$ $1x last; }
--- request
GET /a
--- response_body
/axxxxxxxxxx

=== set: from text, variables and captures
--- config
location ~ ^/a/(.*)$ {
    set $one $1;
    set $two "<$one> ${one}s";
    set $one changed;
    return 200 "$one|$two|\n";
}
--- request
GET /a/b
--- response_body
changed|<b> bs|

=== a variable that is never set is empty and warned of
--- config
location /a { if ($arg_never) { set $v 1; } return 200 "[$v]\n"; }
--- request
GET /a
--- response_body
[]
--- error_log
using uninitialized "v" variable

=== no warning with uninitialized_variable_warn off
--- config
uninitialized_variable_warn off;
location /a { if ($arg_never) { set $v 1; } return 200 "[$v]\n"; }
--- request
GET /a
--- response_body
[]
--- no_error_log
using uninitialized

=== break ends the rewrite directives, not the request
--- config
location /a { set $x 1; break; set $x 2; return 200 "not reached\n"; }
add_header X-Value $x always;
--- user_files
>>> a
file
--- request
GET /a
--- response_headers
X-Value: 1
--- response_body
file

=== if: a variable is true unless empty or "0"
--- config
location / { if ($arg_v) { return 200 "true\n"; } return 200 "false\n"; }
--- request eval
["GET /", "GET /?v=", "GET /?v=0", "GET /?v=00", "GET /?v=1", "GET /?v=no"]
--- response_body eval
["false\n", "false\n", "false\n", "true\n", "true\n", "true\n"]

=== if: = and !=
--- config
location /eq { if ($arg_v = "a b") { return 200 "yes\n"; } return 200 "no\n"; }
location /ne { if ($arg_v != x) { return 200 "yes\n"; } return 200 "no\n"; }
location /var { if ($arg_v = $arg_w) { return 200 "yes\n"; } return 200 "no\n"; }
--- request eval
["GET /eq?v=a%20b", "GET /eq?v=a b", "GET /ne?v=x", "GET /ne?v=X", "GET /var?v=1&w=1", "GET /var?v=1&w=2"]
--- error_code eval
[200, 400, 200, 200, 200, 200]
--- response_body eval
["no\n", /400/, "no\n", "yes\n", "yes\n", "no\n"]

=== if: ~, ~*, !~ and !~* with captures
--- config
location /m { if ($arg_v ~ ^(a+)(b*)$) { return 200 "[$1][$2]\n"; } return 200 "no\n"; }
location /i { if ($arg_v ~* ^(a+)$) { return 200 "[$1]\n"; } return 200 "no\n"; }
location /n { if ($arg_v !~ a) { return 200 "yes\n"; } return 200 "no\n"; }
location /ni { if ($arg_v !~* a) { return 200 "yes\n"; } return 200 "no\n"; }
location /named { if ($arg_v ~ "^(?<first>\w)") { return 200 "$first\n"; } return 200 "no\n"; }
--- request eval
["GET /m?v=aab", "GET /m?v=AAB", "GET /m?v=aa", "GET /i?v=AA", "GET /n?v=b", "GET /n?v=a", "GET /n?v=A", "GET /ni?v=A",
 "GET /named?v=xyz"]
--- response_body eval
["[aa][b]\n", "no\n", "[aa][]\n", "[AA]\n", "yes\n", "no\n", "yes\n", "no\n", "x\n"]

=== if: -f, -d, -e, -x and their negations
--- config
location /t {
    set $p $document_root/$arg_f;
    set $r "";
    if (-f $p) { set $r "${r}f"; }
    if (!-f $p) { set $r "${r}!f"; }
    if (-d $p) { set $r "${r}d"; }
    if (!-d $p) { set $r "${r}!d"; }
    if (-e $p) { set $r "${r}e"; }
    if (!-e $p) { set $r "${r}!e"; }
    if (-x $p) { set $r "${r}x"; }
    if (!-x $p) { set $r "${r}!x"; }
    return 200 "$r\n";
}
--- user_files
>>> file
text
>>> run
text
>>> dir/file
text
--- init
fs.chmodSync('$TEST_NGINX_HTML_DIR/run', 0o755)
--- request eval
["GET /t?f=file", "GET /t?f=run", "GET /t?f=dir", "GET /t?f=none"]
--- response_body eval
["f!de!x\n", "f!dex\n", "!fdex\n", "!f!d!e!x\n"]

=== if in a server
--- config
if ($http_user_agent ~ Bad) { return 403; }
if ($request_method = DELETE) { rewrite ^ /deleted; }
location / { return 200 "$uri\n"; }
--- request eval
["GET /x", "GET /x", "DELETE /x"]
--- more_headers eval
["User-Agent: Good", "User-Agent: Bad", "User-Agent: Good"]
--- error_code eval
[200, 403, 200]
--- response_body eval
["/x\n", /403 Forbidden/, "/deleted\n"]

=== if is a location: its settings replace those around it
--- config
location / {
    add_header X-Where outside;
    root html/outside;
    if ($arg_in) { add_header X-Where inside; root html/inside; }
}
--- user_files
>>> outside/f
outside
>>> inside/f
inside
--- request eval
["GET /f", "GET /f?in=1"]
--- response_headers eval
["X-Where: outside", "X-Where: inside"]
--- response_body eval
["outside\n", "inside\n"]

=== of several ifs that are true the last one's settings hold
--- config
location / {
    if ($arg_a) { add_header X-If a; }
    if ($arg_b) { add_header X-If b; }
}
--- request eval
["GET /index.html?a=1", "GET /index.html?b=1", "GET /index.html?a=1&b=1", "GET /index.html"]
--- response_headers eval
["X-If: a", "X-If: b", "X-If: b", "! X-If"]

=== an if that is true cuts nothing off: what follows it runs too
--- config
location / {
    set $r 1;
    if ($arg_a) { set $r "${r}2"; }
    set $r "${r}3";
    return 200 "$r\n";
}
--- request eval
["GET /?a=1", "GET /"]
--- response_body eval
["123\n", "13\n"]

=== break in an if ends the directives around it as well
--- config
location /f {
    set $r 1;
    if ($arg_a) { set $r 2; break; }
    set $r 3;
}
add_header X-R $r always;
--- user_files
>>> f
text
--- request eval
["GET /f?a=1", "GET /f"]
--- response_headers eval
["X-R: 2", "X-R: 3"]

=== the captures of an if's pattern belong to what stands inside of it
--- config
location ~ ^/(.*)$ {
    if ($arg_v ~ ^(.)(.)$) { set $x "$1-$2"; }
    return 200 "$x $1\n";
}
--- request
GET /uri?v=ab
--- response_body_like
^a-b 

=== rewrite_log says what is done
--- config
rewrite_log on;
location /a { rewrite ^/a(.*)$ /b$1?x=1 last; }
location /b { rewrite ^/nomatch /c; return 200 "ok\n"; }
--- request
GET /a1?y=2
--- response_body
ok
--- error_log
[notice]
"^/a(.*)$" matches "/a1"
rewritten data: "/b1", args: "x=1&y=2"
"^/nomatch" does not match "/b1"

=== without rewrite_log nothing is said
--- config
location /a { rewrite ^/a(.*)$ /b$1?x=1 last; }
location /b { return 200 "ok\n"; }
--- request
GET /a1
--- response_body
ok
--- no_error_log
matches "/a1"
rewritten data

=== a replacement that has no pattern match leaves the URI alone
--- config
location / { rewrite ^/(\d+)$ /number/$1 last; rewrite ^/([a-z]+)$ /word/$1 last; return 200 "none\n"; }
location /number { return 200 "number $uri\n"; }
location /word { return 200 "word $uri\n"; }
--- request eval
["GET /42", "GET /abc", "GET /A_1"]
--- response_body eval
["number /number/42\n", "word /word/abc\n", "none\n"]

=== up to nine captures
--- config
location / { rewrite ^/(.)(.)(.)(.)(.)(.)(.)(.)(.)$ /out/$9$8$7$6$5$4$3$2$1 last; return 200 "no\n"; }
location /out { return 200 "$uri\n"; }
--- request
GET /123456789
--- response_body
/out/987654321

=== case-insensitive patterns by (?i)
--- config
location / { rewrite (?i)^/ABC$ /ok last; return 200 "no\n"; }
location /ok { return 200 "ok\n"; }
--- request eval
["GET /abc", "GET /aBc", "GET /abd"]
--- response_body eval
["ok\n", "ok\n", "no\n"]

=== changing $args and $uri's arguments by set
--- config
location /a { set $args "x=1&$args"; rewrite ^ /b last; }
location /b { return 200 "$args $arg_x $arg_y $query_string $is_args\n"; }
--- request
GET /a?y=2
--- response_body
x=1&y=2 1 2 x=1&y=2 ?

=== an invalid pattern is refused
--- config
location /a { rewrite ^(a /b; }
--- must_die
--- error_log eval
/pcre2_compile\(\) failed: .* in "\^\(a" in .*nginx\.conf:4/

=== an unknown flag is refused
--- config
location /a { rewrite ^ /b next; }
--- must_die
--- error_log
invalid parameter "next" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== an unfinished condition is refused
--- config
location /a { if ($arg_a = ) { return 200; } }
--- must_die
--- error_log
invalid condition "$arg_a" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== an expression that would step back for ever ends, whatever a client sends
--- http_config
map $arg_x $mapped { default no; "~^(?=.*a)(a+)+$" yes; }
--- config
location ~ "^/(?=.*a)(a+)+$" { return 200 "match\n"; }
location /if { if ($arg_x ~ "^(?=.*a)(a+)+$") { return 200 "yes\n"; } return 200 "no\n"; }
location /rewrite { rewrite "^/rewrite/(?!b)(.*)*x$" /match last; return 200 "no\n"; }
location /reference { if ($arg_x ~ "^(a|b)(a*)(a*)(a*)(a*)\1c$") { return 200 "yes\n"; } return 200 "no\n"; }
location /map { return 200 "$mapped\n"; }
--- request eval
["/aaaa", "/*b", "/if?x=*", "/if?x=*b", "/rewrite/*", "/reference?x=*b", "/reference?x=*ac", "/map?x=*", "/map?x=*b"]
  .map((uri) => `GET ${uri.replace("*", "a".repeat(300))}`)
--- error_code eval
[200, 500, 200, 500, 500, 500, 200, 200, 200]
--- response_body_like eval
["match", "500", "yes", "500", "500", "500", "yes", "yes", "^\n$"]
--- error_log eval
[/\[alert\] .*: \*\d+ pcre2_match\(\) failed: -47 on "\/a{300}b" using "\^\/\(\?=\.\*a\)\(a\+\)\+\$"/]

=== an if keeps what makes the responses of its location
--- config
location /a { empty_gif; if ($arg_a) { add_header X-If yes; } }
location /b { stub_status; if ($arg_a) { add_header X-If yes; } }
--- request eval
["GET /a?a=1", "GET /a", "GET /b?a=1"]
--- error_code eval
[200, 200, 200]
--- response_headers eval
["Content-Type: image/gif\nX-If: yes", "Content-Type: image/gif\n!X-If", "Content-Type: text/plain\nX-If: yes"]
