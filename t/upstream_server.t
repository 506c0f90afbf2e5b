# The parameters of server in an upstream, and how peers are chosen in turn.

=== weight: in turns, smoothly
--- http_config
upstream u {
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 weight=5;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_3 weight=1;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_3; return 200 c; }
--- config
location / { proxy_pass http://u; }
--- request eval
Array(7).fill("GET /")
--- response_body eval
[..."aabacaa"]

=== the same with a zone
--- http_config
upstream u {
    zone u 64k;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 weight=5;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_3 weight=1;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_3; return 200 c; }
--- config
location / { proxy_pass http://u; }
--- request eval
Array(7).fill("GET /")
--- response_body eval
[..."aabacaa"]

=== down: is not asked
--- http_config
upstream u {
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 down;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
--- config
location / { proxy_pass http://u; }
--- request eval
Array(3).fill("GET /")
--- response_body eval
[..."bbb"]

=== down: all of them
--- http_config
upstream u { server 127.0.0.1:1 down; server 127.0.0.1:2 down; }
--- config
location / { proxy_pass http://u; add_header X-Addr $upstream_addr always; }
--- request
GET /
--- error_code: 502
--- response_headers
X-Addr: u
--- error_log
no live upstreams while connecting to upstream

=== down: the only one
--- http_config
upstream u { server 127.0.0.1:1 down; }
--- config
location / { proxy_pass http://u; }
--- request
GET /
--- error_code: 502
--- error_log
no live upstreams

=== down with a zone: all of them
--- http_config
upstream u { zone u 64k; server 127.0.0.1:1 down; server 127.0.0.1:2 down; }
--- config
location / { proxy_pass http://u; add_header X-Addr $upstream_addr always; }
--- request
GET /
--- error_code: 502
--- response_headers
X-Addr: u
--- error_log
no live upstreams

=== backup: only where nobody else is left
--- http_config
upstream u {
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 backup;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_3 backup;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_3; return 200 c; }
--- config
location / { proxy_pass http://u; add_header X-Status $upstream_status; }
--- request eval
["GET /", "GET /"]
--- response_body_like eval
["^[ac]$", "^[ac]$"]

=== backup with a zone
--- http_config
upstream u {
    zone u 64k;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 backup;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 down;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_3 backup;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_3; return 200 c; }
--- config
location / { proxy_pass http://u; }
--- request eval
["GET /", "GET /", "GET /", "GET /"]
--- response_body eval
[..."acac"]

=== backup: least_conn has them too
--- http_config
upstream u {
    least_conn;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 backup;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 down;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_3 backup;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_3; return 200 c; }
--- config
location / { proxy_pass http://u; }
--- request eval
["GET /", "GET /", "GET /", "GET /"]
--- response_body eval
[..."acac"]

=== max_fails: a peer that failed is left alone
--- http_config
upstream u {
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=1 fail_timeout=100s;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
--- config
location / { proxy_pass http://u; add_header X-Tries $upstream_status; }
--- request eval
["GET /", "GET /", "GET /", "GET /"]
--- response_headers eval
["", "X-Tries: 200", "X-Tries: 200", "X-Tries: 200"]

=== max_fails=0: it is asked again and again
--- http_config
upstream u {
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
--- config
location / { proxy_pass http://u; add_header X-Tries $upstream_status; }
--- request eval
["GET /", "GET /", "GET /", "GET /"]
--- response_headers eval
["X-Tries: 502, 200", "X-Tries: 200", "X-Tries: 502, 200", "X-Tries: 200"]
--- no_error_log
temporarily disabled

=== max_fails with a zone
--- http_config
upstream u {
    zone u 64k;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=1 fail_timeout=100s;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
--- config
location / { proxy_pass http://u; }
--- request eval
["GET /", "GET /", "GET /", "GET /"]
--- response_body eval
[..."bbbb"]

=== max_fails by status: proxy_next_upstream says what is a failure
--- http_config
upstream u {
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 fail_timeout=100s;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 500; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
--- config
location / { proxy_pass http://u; proxy_next_upstream http_500; add_header X-Tries $upstream_status; }
--- request eval
["GET /", "GET /", "GET /"]
--- response_headers eval
["", "X-Tries: 200", "X-Tries: 200"]

=== 404 asks the next one, but is no failure
--- http_config
upstream u {
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 fail_timeout=100s;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 404; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
--- config
location / { proxy_pass http://u; proxy_next_upstream http_404; add_header X-Tries $upstream_status; }
--- request eval
["GET /", "GET /", "GET /", "GET /"]
--- response_headers eval
["X-Tries: 404, 200", "X-Tries: 200", "X-Tries: 404, 200", "X-Tries: 200"]
--- no_error_log
temporarily disabled

=== max_conns: no more than that at once
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_conns=1; }
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    location / { return 200 a; }
    location /again { proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/; proxy_set_header Host localhost; }
}
--- config
location / { proxy_pass http://u; }
--- request eval
["GET /x", "GET /again"]
--- error_code eval
[200, 502]
--- error_log
no live upstreams

=== max_conns with a zone
--- http_config
upstream u { zone u 64k; server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_conns=1; }
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    location / { return 200 a; }
    location /again { proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/; proxy_set_header Host localhost; }
}
--- config
location / { proxy_pass http://u; }
--- request eval
["GET /x", "GET /again", "GET /x"]
--- error_code eval
[200, 502, 200]
--- error_log
no live upstreams

=== a unix socket
--- http_config
upstream u { server unix:$TEST_NGINX_SERVER_ROOT/u.sock weight=2; }
server { listen unix:$TEST_NGINX_SERVER_ROOT/u.sock; return 200 a; }
--- config
location / { proxy_pass http://u; add_header X-Addr $upstream_addr; }
--- request
GET /
--- response_headers
X-Addr: unix:$TEST_NGINX_SERVER_ROOT/u.sock

=== the port is 80 where none is given
--- http_config
upstream u { server 127.0.0.9; }
--- config
location / { proxy_pass http://u; proxy_connect_timeout 100ms; add_header X-Addr $upstream_addr always; }
--- request
GET /
--- error_code_like: 50[24]
--- response_headers
X-Addr: 127.0.0.9:80
--- error_log
upstream

=== weight=0
--- http_config
upstream u { server 127.0.0.1:1 weight=0; }
--- config
location / { return 200; }
--- must_die
--- error_log
invalid parameter "weight=0" in

=== weight without a number
--- http_config
upstream u { server 127.0.0.1:1 weight=x; }
--- config
location / { return 200; }
--- must_die
--- error_log
invalid parameter "weight=x" in

=== max_conns without a number
--- http_config
upstream u { server 127.0.0.1:1 max_conns=; }
--- config
location / { return 200; }
--- must_die
--- error_log
invalid parameter "max_conns=" in

=== max_fails below zero
--- http_config
upstream u { server 127.0.0.1:1 max_fails=-1; }
--- config
location / { return 200; }
--- must_die
--- error_log
invalid parameter "max_fails=-1" in

=== fail_timeout in milliseconds
--- http_config
upstream u { server 127.0.0.1:1 fail_timeout=10ms; }
--- config
location / { return 200; }
--- must_die
--- error_log
invalid parameter "fail_timeout=10ms" in

=== an unknown parameter
--- http_config
upstream u { server 127.0.0.1:1 wait=1; }
--- config
location / { return 200; }
--- must_die
--- error_log
invalid parameter "wait=1" in

=== a parameter with no value of its own
--- http_config
upstream u { server 127.0.0.1:1 down=yes; }
--- config
location / { return 200; }
--- must_die
--- error_log
invalid parameter "down=yes" in

=== route: empty
--- http_config
upstream u { server 127.0.0.1:1 route=; }
--- config
location / { return 200; }
--- must_die
--- error_log
route is empty in

=== route: too long
--- http_config
upstream u { server 127.0.0.1:1 route=abcdefghijklmnopqrstuvwxyz0123456; }
--- config
location / { return 200; }
--- must_die
--- error_log
route is longer than 32 in

=== a URI does not belong to a server
--- http_config
upstream u { server 127.0.0.1:1/x; }
--- config
location / { return 200; }
--- must_die
--- error_log
in upstream "127.0.0.1:1/x"

=== no server
--- http_config
upstream u { least_conn; }
--- config
location / { return 200; }
--- must_die
--- error_log
no servers are inside upstream in

=== only backup servers
--- http_config
upstream u { server 127.0.0.1:1 backup; }
--- config
location / { return 200; }
--- must_die
--- error_log
no servers in upstream "u" in

=== two upstreams of one name
--- http_config
upstream u { server 127.0.0.1:1; }
upstream U { server 127.0.0.1:2; }
--- config
location / { return 200; }
--- must_die
--- error_log
duplicate upstream "U" in

=== an upstream has no port
--- http_config
upstream u { server 127.0.0.1:1; }
--- config
location / { proxy_pass http://u:8080; }
--- must_die
--- error_log
upstream "u" may not have port 8080 in

=== ip_hash: backup servers are not for it
--- http_config
upstream u { ip_hash; server 127.0.0.1:1; server 127.0.0.1:2 backup; }
--- config
location / { return 200; }
--- must_die
--- error_log
balancing method does not support parameter "backup" in

=== a directive that is not for upstreams
--- http_config
upstream u { server 127.0.0.1:1; root /; }
--- config
location / { return 200; }
--- must_die
--- error_log
"root" directive is not allowed here

=== ntlm
--- http_config
upstream u { server 127.0.0.1:1; ntlm; }
--- config
location / { return 200; }
--- must_die
--- error_log
"ntlm"
