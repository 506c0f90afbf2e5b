# sticky of an upstream: by a cookie of ours, by a route, by sessions that are learnt.

=== cookie: set with the peer's sum, and obeyed
--- http_config
upstream u {
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
    sticky cookie srv;
}
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
    return 200 $server_port;
}
--- config
location / { proxy_pass http://u; }
--- request eval
["GET /", "GET /"]
--- response_headers_like eval
["Set-Cookie: srv=[0-9a-f]{32}", "Set-Cookie: srv=[0-9a-f]{32}"]
--- response_body eval
["$TEST_NGINX_RAND_PORT_1", "$TEST_NGINX_RAND_PORT_2"]

=== cookie: the request's says the peer
--- http_config
upstream u {
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 route=a;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 route=b;
    sticky cookie srv;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
--- config
location / { proxy_pass http://u; }
--- more_headers
Cookie: x=y; srv=b
--- request eval
Array(4).fill("GET /")
--- response_headers eval
Array(4).fill("Set-Cookie: srv=b")
--- response_body eval
[..."bbbb"]

=== cookie: one that names nobody is no wish
--- http_config
upstream u {
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 route=a;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 route=b;
    sticky cookie srv;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
--- config
location / { proxy_pass http://u; }
--- more_headers
Cookie: srv=z
--- request eval
Array(4).fill("GET /")
--- response_body_like eval
Array(4).fill("^[ab]$")
--- response_headers_like eval
Array(4).fill("Set-Cookie: srv=[ab]")

=== cookie: all that can be said of it
--- http_config
upstream u {
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 route=a;
    sticky cookie srv expires=max domain=.$arg_d path=/p httponly secure samesite=lax;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
--- config
location / { proxy_pass http://u; }
--- request
GET /?d=a.test
--- response_headers
Set-Cookie: srv=a; expires=Thu, 31-Dec-37 23:55:55 GMT; max-age=315360000; domain=.a.test; httponly; secure; samesite=lax; path=/p

=== cookie: expires in a time; samesite that is none becomes strict
--- http_config
upstream u {
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 route=a;
    sticky cookie srv expires=1h samesite=$arg_s;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
--- config
location / { proxy_pass http://u; }
--- request eval
["GET /?s=odd", "GET /?s=None", "GET /"]
--- response_headers_like eval
[
  "Set-Cookie: srv=a; expires=\\w{3}, \\d\\d-\\w{3}-\\d\\d \\d\\d:\\d\\d:\\d\\d GMT; max-age=3600; samesite=strict",
  "Set-Cookie: .*; samesite=None",
  "Set-Cookie: .*max-age=3600",
]

=== cookie: the next peer after a failure is the one it names
--- http_config
upstream u {
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 route=a max_fails=0;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 route=b max_fails=0;
    sticky cookie srv;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
--- config
location / { proxy_pass http://u; }
--- more_headers
Cookie: srv=a
--- request
GET /
--- response_headers
Set-Cookie: srv=b
--- error_log
Connection refused

=== cookie with least_conn and a zone
--- http_config
upstream u {
    zone u 64k;
    least_conn;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 route=a;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 route=b;
    sticky cookie srv;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
--- config
location / { proxy_pass http://u; }
--- more_headers
Cookie: srv=b
--- request eval
Array(3).fill("GET /")
--- response_body eval
[..."bbb"]

=== route: the first variable that has a value
--- http_config
upstream u {
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 route=a;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 route=b;
    sticky route $cookie_r $arg_r;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
--- config
location / { proxy_pass http://u; }
--- request eval
["GET /?r=b", "GET /?r=b", "GET /?r=a", "GET /?r=a"]
--- response_body eval
[..."bbaa"]
--- response_headers eval
Array(4).fill("! Set-Cookie")

=== drain: only for those who are bound to it
--- http_config
upstream u {
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 route=a drain;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 route=b;
    sticky route $arg_r;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
--- config
location / { proxy_pass http://u; }
--- request eval
["GET /", "GET /?r=a", "GET /", "GET /?r=a"]
--- response_body eval
[..."baba"]

=== drain: nobody else
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 route=a drain; sticky route $arg_r; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
--- config
location / { proxy_pass http://u; }
--- request eval
["GET /", "GET /?r=a"]
--- error_code eval
[502, 200]
--- error_log
no live upstreams

=== route with hash, random, ip_hash and least_time
--- http_config
upstream h { hash $uri; server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 route=a; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 route=b; sticky route $arg_r; }
upstream c { hash $uri consistent; server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 route=a; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 route=b; sticky route $arg_r; }
upstream r { random; server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 route=a; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 route=b; sticky route $arg_r; }
upstream t { random two; server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 route=a; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 route=b; sticky route $arg_r; }
upstream i { ip_hash; server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 route=a; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 route=b; sticky route $arg_r; }
upstream l { least_time header; server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 route=a; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 route=b; sticky route $arg_r; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
--- config
location /h { proxy_pass http://h; }
location /c { proxy_pass http://c; }
location /r { proxy_pass http://r; }
location /t { proxy_pass http://t; }
location /i { proxy_pass http://i; }
location /l { proxy_pass http://l; }
--- request eval
[..."hcrtil"].flatMap((u) => [`GET /${u}?r=a`, `GET /${u}?r=b`])
--- response_body eval
[..."abababababab"]

=== learn: a session that the upstream begins
--- http_config
upstream u {
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
    sticky learn create=$upstream_cookie_sid lookup=$cookie_sid zone=learn:64k;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; add_header Set-Cookie sid=$arg_sid; return 200 a; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; add_header Set-Cookie sid=$arg_sid; return 200 b; }
--- config
location / { proxy_pass http://u; proxy_set_header Cookie $http_cookie; }
location /in { proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/?sid=$arg_sid; proxy_set_header Host localhost; proxy_set_header Cookie sid=$arg_sid; }
--- request eval
["GET /?sid=one", "GET /in?sid=one", "GET /in?sid=one", "GET /in?sid=one"]
--- response_body_like eval
["^(a|b)$", "^(a|b)$", "^(a|b)$", "^(a|b)$"]

=== learn header: known before the response has ended
--- http_config
upstream u {
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
    sticky learn create=$arg_new lookup=$arg_sid zone=header:64k timeout=1h header;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
--- config
location / { proxy_pass http://u; add_header X-Was $upstream_addr; }
location = /other { return 200 x; }
--- request eval
["GET /?new=s", "GET /?sid=s&new=t", "GET /?sid=s", "GET /?sid=t", "GET /?sid=t"]
--- response_body_like eval
Array(5).fill("^(a|b)$")

=== twice
--- http_config
upstream u { server 127.0.0.1:1; sticky cookie a; sticky cookie b; }
--- config
location / { return 200; }
--- must_die
--- error_log
"sticky" directive is duplicate in

=== another way
--- http_config
upstream u { server 127.0.0.1:1; sticky header x; }
--- config
location / { return 200; }
--- must_die
--- error_log
unknown parameter "header" in

=== alone
--- http_config
upstream u { server 127.0.0.1:1; sticky cookie; }
--- config
location / { return 200; }
--- must_die
--- error_log
invalid number of arguments in "sticky" directive

=== cookie: no name
--- http_config
upstream u { server 127.0.0.1:1; sticky cookie ""; }
--- config
location / { return 200; }
--- must_die
--- error_log
"sticky" directive empty cookie name in

=== cookie: a parameter twice
--- http_config
upstream u { server 127.0.0.1:1; sticky cookie a path=/ path=/; }
--- config
location / { return 200; }
--- must_die
--- error_log
"sticky" directive parameter "path" is duplicate in

=== cookie: a flag twice
--- http_config
upstream u { server 127.0.0.1:1; sticky cookie a secure secure; }
--- config
location / { return 200; }
--- must_die
--- error_log
"sticky" directive parameter "secure" is duplicate in

=== cookie: no domain
--- http_config
upstream u { server 127.0.0.1:1; sticky cookie a domain=; }
--- config
location / { return 200; }
--- must_die
--- error_log
"sticky" directive no value for "domain" in

=== cookie: expires that is no time
--- http_config
upstream u { server 127.0.0.1:1; sticky cookie a expires=soon; }
--- config
location / { return 200; }
--- must_die
--- error_log
"sticky" directive invalid "expires" parameter value in

=== cookie: samesite that is none
--- http_config
upstream u { server 127.0.0.1:1; sticky cookie a samesite=odd; }
--- config
location / { return 200; }
--- must_die
--- error_log
"sticky" directive invalid "samesite" parameter value in

=== cookie: unknown
--- http_config
upstream u { server 127.0.0.1:1; sticky cookie a hidden; }
--- config
location / { return 200; }
--- must_die
--- error_log
unknown parameter "hidden" in

=== route: no variable
--- http_config
upstream u { server 127.0.0.1:1; sticky route a; }
--- config
location / { return 200; }
--- must_die
--- error_log
invalid variable name "a" in

=== learn: no lookup
--- http_config
upstream u { server 127.0.0.1:1; sticky learn create=$arg_a zone=z:64k; }
--- config
location / { return 200; }
--- must_die
--- error_log
"sticky" directive "lookup" parameter is not specified in

=== learn: no create
--- http_config
upstream u { server 127.0.0.1:1; sticky learn lookup=$arg_a zone=z:64k; }
--- config
location / { return 200; }
--- must_die
--- error_log
"sticky" directive "create" parameter is not specified in

=== learn: no zone
--- http_config
upstream u { server 127.0.0.1:1; sticky learn lookup=$arg_a create=$arg_a; }
--- config
location / { return 200; }
--- must_die
--- error_log
"sticky" directive "zone" parameter is not specified in

=== learn: a zone without a size
--- http_config
upstream u { server 127.0.0.1:1; sticky learn lookup=$arg_a create=$arg_a zone=z; }
--- config
location / { return 200; }
--- must_die
--- error_log
"sticky" directive zone size is not specified in

=== learn: a small zone
--- http_config
upstream u { server 127.0.0.1:1; sticky learn lookup=$arg_a create=$arg_a zone=z:1k; }
--- config
location / { return 200; }
--- must_die
--- error_log
"sticky" directive zone is too small in

=== learn: a timeout that is none
--- http_config
upstream u { server 127.0.0.1:1; sticky learn lookup=$arg_a create=$arg_a zone=z:64k timeout=0; }
--- config
location / { return 200; }
--- must_die
--- error_log
"sticky" directive invalid timeout in

=== learn: what is no variable
--- http_config
upstream u { server 127.0.0.1:1; sticky learn lookup=a create=$arg_a zone=z:64k; }
--- config
location / { return 200; }
--- must_die
--- error_log
"sticky" directive missing variable in the "lookup" parameter in

=== learn: one zone for two upstreams
--- http_config
upstream u { server 127.0.0.1:1; sticky learn lookup=$arg_a create=$arg_a zone=z:64k; }
upstream v { server 127.0.0.1:1; sticky learn lookup=$arg_a create=$arg_a zone=z:64k; }
--- config
location / { return 200; }
--- must_die
--- error_log
sticky zone "z" is already used in upstream "u" in
