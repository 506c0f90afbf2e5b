# geo: a variable from an address.

=== networks, the most specific wins
--- http_config
geo $arg_ip $g {
    default none;
    10.0.0.0/8 ten;
    10.1.0.0/16 ten-one;
    10.1.2.3/32 host;
    192.168.1.1 single;
    2001:db8::/32 six;
    2001:db8::1 six-host;
}
--- config
location / { return 200 "$g\n"; }
--- request eval
["10.9.9.9", "10.1.9.9", "10.1.2.3", "192.168.1.1", "192.168.1.2", "2001:db8:1::", "2001:db8::1", "nonsense", ""].map((ip) => `GET /?ip=${ip}`)
--- response_body eval
["ten", "ten-one", "host", "single", "none", "six", "six-host", "none", "none"].map((t) => `${t}\n`)

=== without a source it is the client's address
--- http_config
geo $g { default other; 127.0.0.0/8 local; }
--- config
location / { return 200 "$g\n"; }
--- request
GET /
--- response_body
local

=== without a default it is empty
--- http_config
geo $arg_ip $g { 10.0.0.0/8 ten; }
--- config
location / { return 200 "[$g]\n"; }
--- request
GET /?ip=1.1.1.1
--- response_body
[]

=== delete takes a network out
--- http_config
geo $arg_ip $g { default none; 10.0.0.0/8 ten; 10.1.0.0/16 one; delete 10.1.0.0/16; }
--- config
location / { return 200 "$g\n"; }
--- request
GET /?ip=10.1.1.1
--- response_body
ten

=== ranges
--- http_config
geo $arg_ip $g {
    ranges;
    default none;
    10.0.0.0-10.0.0.255 a;
    10.0.0.100-10.0.0.110 b;
    10.0.1.0-10.0.1.0 c;
}
--- config
location / { return 200 "$g\n"; }
--- request eval
["10.0.0.0", "10.0.0.99", "10.0.0.100", "10.0.0.110", "10.0.0.111", "10.0.0.255", "10.0.1.0", "10.0.1.1"].map((ip) => `GET /?ip=${ip}`)
--- response_body eval
["a", "a", "b", "b", "a", "a", "c", "none"].map((t) => `${t}\n`)

=== proxy: the address is the one a trusted proxy reports
--- http_config
geo $g { default none; proxy 127.0.0.1; 10.0.0.0/8 ten; 127.0.0.1 local; }
--- config
location / { return 200 "$g\n"; }
--- request eval
["GET /", "GET /", "GET /"]
--- more_headers eval
["X: y", "X-Forwarded-For: 10.1.1.1", "X-Forwarded-For: 10.1.1.1, 8.8.8.8"]
--- response_body eval
["local\n", "ten\n", "none\n"]

=== proxy_recursive goes back to the first that is not trusted
--- http_config
geo $g { default none; proxy 127.0.0.1; proxy 8.8.8.8; proxy_recursive; 10.0.0.0/8 ten; }
--- config
location / { return 200 "$g\n"; }
--- request
GET /
--- more_headers
X-Forwarded-For: 10.1.1.1, 8.8.8.8
--- response_body
ten

=== include, and values in quotes
--- http_config
geo $arg_ip $g { include $TEST_NGINX_HTML_DIR/geo.conf; 11.0.0.0/8 "e lev"; }
--- config
location / { return 200 "$g\n"; }
--- user_files
>>> geo.conf
10.0.0.0/8 ten;
--- request eval
["GET /?ip=10.0.0.1", "GET /?ip=11.0.0.1"]
--- response_body eval
["ten\n", "e lev\n"]

=== volatile is computed each time
--- http_config
geo $arg_ip $cached { default none; 10.0.0.0/8 ten; }
geo $arg_ip $fresh { volatile; default none; 10.0.0.0/8 ten; }
--- config
location /a { set $first "$cached $fresh"; set $args ip=1.1.1.1; rewrite ^ /b last; }
location /b { return 200 "$first $cached $fresh\n"; }
--- request
GET /a?ip=10.0.0.1
--- response_body
ten ten ten none

=== low bits of a network are meaningless, with a warning
--- http_config
geo $arg_ip $g { default none; 10.1.2.3/8 ten; }
--- config
location / { return 200 "$g\n"; }
--- request
GET /?ip=10.200.0.1
--- response_body
ten
--- error_log
low address bits of 10.1.2.3/8 are meaningless in

=== a network that is none
--- http_config
geo $g { 10.0.0.0/33 x; }
--- config
location / { }
--- must_die
--- error_log
invalid network "10.0.0.0/33" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:3

=== the same network twice is a warning
--- http_config
geo $arg_ip $g { default none; 10.0.0.0/8 a; 10.0.0.0/8 b; }
--- config
location / { return 200 "$g\n"; }
--- request
GET /?ip=10.0.0.1
--- response_body
b
--- error_log
duplicate network "10.0.0.0/8", value: "b", old value: "a" in
