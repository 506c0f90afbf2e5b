# map: a variable from a variable.

=== exact values in any case, a default, the empty string
--- http_config
map $arg_v $mapped {
    default none;
    "" empty;
    a one;
    B two;
    "with space" three;
}
--- config
location / { return 200 "$mapped\n"; }
--- request eval
["GET /", "GET /?v=", "GET /?v=a", "GET /?v=A", "GET /?v=b", "GET /?v=c"]
--- response_body eval
["empty\n", "empty\n", "one\n", "one\n", "two\n", "none\n"]

=== without a default it is empty
--- http_config
map $arg_v $mapped { a one; }
--- config
location / { return 200 "[$mapped]\n"; }
--- request
GET /?v=x
--- response_body
[]

=== regular expressions with captures, in the order written, after exact values
--- http_config
map $arg_v $mapped {
    default none;
    abc exact;
    ~^a(?<rest>.*)$ "a-$rest";
    ~*^B(.)$ "b-$1";
    ~^ab late;
    ~x$ $arg_w;
}
--- config
location / { return 200 "$mapped\n"; }
--- request eval
["GET /?v=abc", "GET /?v=abd", "GET /?v=bq", "GET /?v=Bq", "GET /?v=Abd", "GET /?v=zx&w=W"]
--- response_body eval
["exact\n", "a-bd\n", "b-q\n", "b-q\n", "none\n", "W\n"]

=== hostnames: wildcards as in server_name
--- http_config
map $http_host $mapped {
    hostnames;
    default none;
    example.test exact;
    *.example.test sub;
    .dot.test dot;
    www.* www;
    ~^re\.(.+)$ "re $1";
}
--- config
location / { return 200 "$mapped\n"; }
--- request eval
Array(7).fill("GET /")
--- more_headers eval
["example.test", "a.b.example.test", "dot.test", "x.dot.test", "www.anything.test", "re.x", "other"].map((h) => `Host: ${h}`)
--- response_body eval
["exact", "sub", "dot", "dot", "www", "re x", "none"].map((t) => `${t}\n`)

=== several variables as the source
--- http_config
map "$arg_a:$arg_b" $mapped { default none; "1:2" yes; "~^3:(.)$" "three $1"; }
--- config
location / { return 200 "$mapped\n"; }
--- request eval
["GET /?a=1&b=2", "GET /?a=3&b=x", "GET /?a=2&b=1"]
--- response_body eval
["yes\n", "three x\n", "none\n"]

=== values may be variables and text with variables
--- http_config
map $arg_v $mapped { default "$uri-$arg_w"; a $arg_w; }
--- config
location / { return 200 "$mapped\n"; }
--- request eval
["GET /x?w=1", "GET /x?v=a&w=2"]
--- response_body eval
["/x-1\n", "2\n"]

=== a backslash takes the meaning off a word
--- http_config
map $arg_v $mapped { default none; \default literal; \hostnames hn; \~a tilde; }
--- config
location / { return 200 "$mapped\n"; }
--- request eval
["GET /?v=default", "GET /?v=hostnames", "GET /?v=~a", "GET /?v=x"]
--- response_body eval
["literal\n", "hn\n", "tilde\n", "none\n"]

=== a map is computed once for a request, unless it is volatile
--- http_config
map $uri $cached { default $uri; }
map $uri $volatile_map { volatile; default $uri; }
--- config
location /a { set $first "$cached $volatile_map"; rewrite ^ /b last; }
location /b { return 200 "$first $cached $volatile_map\n"; }
--- request
GET /a
--- response_body
/a /a /a /b

=== include in a map
--- http_config
map $arg_v $mapped { default none; include $TEST_NGINX_HTML_DIR/values; b two; }
--- config
location / { return 200 "$mapped\n"; }
--- user_files
>>> values
a one;
"c d" three;
--- request eval
["GET /?v=a", "GET /?v=b", "GET /?v=c"]
--- response_body eval
["one\n", "two\n", "none\n"]

=== a map of a map
--- http_config
map $arg_v $one { default x; a b; }
map $one $two { default none; b second; x other; }
--- config
location / { return 200 "$two\n"; }
--- request eval
["GET /?v=a", "GET /"]
--- response_body eval
["second\n", "other\n"]

=== many values
--- http_config eval
"map_hash_max_size 4096;\nmap_hash_bucket_size 128;\nmap $arg_v $mapped {\n" + Array.from({ length: 1000 }, (_, i) => `key${i} value${i};\n`).join("") + "}\n"
--- config
location / { return 200 "$mapped\n"; }
--- request eval
["GET /?v=key0", "GET /?v=key999", "GET /?v=KEY500"]
--- response_body eval
["value0\n", "value999\n", "value500\n"]

=== the same value twice is refused
--- http_config
map $arg_v $mapped { a 1; a 2; }
--- config
location / { }
--- must_die
--- error_log
conflicting parameter "a" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:3

=== two defaults are refused
--- http_config
map $arg_v $mapped { default 1; default 2; }
--- config
location / { }
--- must_die
--- error_log
duplicate default map parameter in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:3

=== a name without $ is refused
--- http_config
map $arg_v mapped { default 1; }
--- config
location / { }
--- must_die
--- error_log
invalid variable name "mapped" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:3
