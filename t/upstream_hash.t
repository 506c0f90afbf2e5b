# hash of an upstream: with and without consistent, the very peers that nginx chooses.

=== hash: a key belongs to a peer
--- http_config
upstream u {
    hash $arg_k;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_3;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_3; return 200 c; }
--- config
location / { proxy_pass http://u; }
--- request eval
["one", "two", "three", "four", "five", "one", "two", "three"].map((key) => `GET /?k=${key}`)
--- response_body eval
[..."caacbcaa"]

=== hash: shares of the keys are as the weights
--- http_config
upstream u {
    hash $arg_k;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 weight=5;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_3 weight=2;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_3; return 200 c; }
--- config
location / { proxy_pass http://u; }
--- request eval
Array.from({ length: 30 }, (_, n) => `GET /?k=${n * n}`)
--- response_body eval
[..."aacccaacaacccacbbaacacaaaaaacb"]

=== hash: the keys of a server that is down are taken over
--- http_config
upstream u {
    hash $arg_k;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 down;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_3;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_3; return 200 c; }
--- config
location / { proxy_pass http://u; }
--- request eval
Array.from({ length: 20 }, (_, n) => `GET /?k=${n * n}`)
--- response_body eval
[..."caaccacacaaacaaaacaa"]

=== hash: no key, so in turns
--- http_config
upstream u {
    hash $arg_none;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
--- config
location / { proxy_pass http://u; }
--- request eval
["GET /", "GET /", "GET /", "GET /"]
--- response_body eval
[..."abab"]

=== hash: a server alone
--- http_config
upstream u { hash $uri; server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
--- config
location / { proxy_pass http://u; }
--- request
GET /x
--- response_body chomp
a

=== hash: a dead server's keys go to others, and to its own again later
--- http_config
upstream u {
    hash $arg_k;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 max_fails=0;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
--- config
location / { proxy_pass http://u; add_header X-Tries "$upstream_status" always; }
--- request eval
["GET /?k=0", "GET /?k=4", "GET /?k=9", "GET /?k=25"]
--- response_body eval
["a", "a", "a", "a"]
--- error_log
Connection refused

=== consistent: a key belongs to a server, whatever its place in the list
--- http_config
upstream u {
    hash $arg_k consistent;
    server a.test:1 weight=1;
    server b.test:1 weight=1;
    server c.test:1 weight=1;
}
--- config
location / { proxy_pass http://u; }
--- must_die
--- error_log
host not found in upstream "a.test:1"

=== consistent: servers by name share their keys among their addresses
--- http_config
upstream u {
    hash $arg_k consistent;
    server unix:$TEST_NGINX_SERVER_ROOT/one.sock;
    server unix:$TEST_NGINX_SERVER_ROOT/two.sock weight=3;
}
server { listen unix:$TEST_NGINX_SERVER_ROOT/one.sock; return 200 a; }
server { listen unix:$TEST_NGINX_SERVER_ROOT/two.sock; return 200 b; }
--- config
location / { proxy_pass http://u; }
--- request eval
["GET /?k=x", "GET /?k=x", "GET /?k=x"]
--- response_body_like eval
["^[ab]$", "^[ab]$", "^[ab]$"]

=== consistent: the empty key, in turns
--- http_config
upstream u {
    hash $arg_none consistent;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
--- config
location / { proxy_pass http://u; }
--- request eval
["GET /", "GET /", "GET /", "GET /"]
--- response_body eval
[..."abab"]

=== consistent: what a server that is down had is spread
--- http_config
upstream u {
    hash $arg_k consistent;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 down;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
--- config
location / { proxy_pass http://u; }
--- request eval
["GET /?k=1", "GET /?k=2", "GET /?k=3", "GET /?k=4", "GET /?k=5"]
--- response_body eval
[..."aaaaa"]

=== consistent: with a peer that fails the next one is asked
--- http_config
upstream u {
    hash $arg_k consistent;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 max_fails=0;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
--- config
location / { proxy_pass http://u; }
--- request eval
["GET /?k=1", "GET /?k=2", "GET /?k=3", "GET /?k=4", "GET /?k=5", "GET /?k=6", "GET /?k=7", "GET /?k=8"]
--- response_body eval
[..."aaaaaaaa"]

=== hash: another parameter
--- http_config
upstream u { hash $uri evenly; server 127.0.0.1:1; }
--- config
location / { return 200; }
--- must_die
--- error_log
invalid parameter "evenly" in

=== hash: without a key
--- http_config
upstream u { hash; server 127.0.0.1:1; }
--- config
location / { return 200; }
--- must_die
--- error_log
invalid number of arguments in "hash" directive in

=== hash: an unknown variable
--- http_config
upstream u { hash $nothing; server 127.0.0.1:1; }
--- config
location / { return 200; }
--- must_die
--- error_log
unknown "nothing" variable

=== hash: backup servers are not for it
--- http_config
upstream u { hash $uri; server 127.0.0.1:1; server 127.0.0.1:2 backup; }
--- config
location / { return 200; }
--- must_die
--- error_log
balancing method does not support parameter "backup"

=== hash: another method before it is replaced
--- http_config
upstream u { least_conn; hash $uri; server 127.0.0.1:1; }
--- config
location / { return 200 ok; }
--- request
GET /
--- response_body chomp
ok
--- error_log
load balancing method redefined
