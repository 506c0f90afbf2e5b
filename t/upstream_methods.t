# least_conn, least_time, random, ip_hash, and what may follow them.

=== least_conn: equal ones in turns, by weights
--- http_config
upstream u {
    least_conn;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 weight=2;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
--- config
location / { proxy_pass http://u; }
--- request eval
Array(6).fill("GET /")
--- response_body eval
[..."babbab"]

=== least_conn: who has a connection is asked less
--- http_config
upstream u {
    least_conn;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
}
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
    location / { return 200 $server_port; add_header X-Port $server_port; }
    location /again {
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/;
        proxy_set_header Host localhost;
        add_header X-Both "$server_port $upstream_http_x_port";
    }
}
--- config
location / { proxy_pass http://u; }
--- request eval
["GET /again", "GET /again", "GET /again"]
--- response_headers_like eval
Array(3).fill("X-Both: (\\d+) (?!\\1)\\d+")

=== least_conn with a zone
--- http_config
upstream u {
    zone u 64k;
    least_conn;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 weight=2;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
--- config
location / { proxy_pass http://u; }
--- request eval
Array(6).fill("GET /")
--- response_body eval
[..."babbab"]

=== least_conn takes no argument
--- http_config
upstream u { least_conn now; server 127.0.0.1:1; }
--- config
location / { return 200; }
--- must_die
--- error_log
invalid number of arguments in "least_conn" directive

=== least_time header: who answered late is not asked again
--- http_config
upstream u {
    least_time header;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
--- config
location / { proxy_pass http://u; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply_delay: 0.1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\na"
--- request eval
Array(5).fill("GET /")
--- response_body_like eval
["^[ab]$", "^b$", "^b$", "^b$", "^b$"]

=== least_time last_byte inflight
--- http_config
upstream u {
    least_time last_byte inflight;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
--- config
location / { proxy_pass http://u; }
--- request eval
Array(4).fill("GET /")
--- response_body eval
[..."abab"]

=== least_time header inflight with a zone and a backup
--- http_config
upstream u {
    zone u 64k;
    least_time header inflight;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_3 backup;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_3; return 200 c; }
--- config
location / { proxy_pass http://u; }
--- request eval
["GET /", "GET /"]
--- response_body eval
["c", "c"]

=== least_time: another time
--- http_config
upstream u { least_time middle; server 127.0.0.1:1; }
--- config
location / { return 200; }
--- must_die
--- error_log
invalid value "middle" in

=== least_time: another parameter
--- http_config
upstream u { least_time header always; server 127.0.0.1:1; }
--- config
location / { return 200; }
--- must_die
--- error_log
invalid parameter "always" in

=== least_time: without a time
--- http_config
upstream u { least_time; server 127.0.0.1:1; }
--- config
location / { return 200; }
--- must_die
--- error_log
invalid number of arguments in "least_time" directive

=== random: all get their share
--- http_config
upstream u {
    random;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_3 down;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
--- config
location / { proxy_pass http://u; }
--- request eval
Array(6).fill("GET /")
--- response_body_like eval
Array(6).fill("^[ab]$")

=== random two: the one with fewer connections
--- http_config
upstream u {
    random two least_conn;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
}
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
    location / { return 200 $server_port; add_header X-Port $server_port; }
    location /again {
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/;
        proxy_set_header Host localhost;
        add_header X-Both "$server_port $upstream_http_x_port";
    }
}
--- config
location / { proxy_pass http://u; }
--- request eval
["GET /again", "GET /again", "GET /again", "GET /again"]
--- response_headers_like eval
Array(4).fill("X-Both: (\\d+) (?!\\1)\\d+")

=== random with one server
--- http_config
upstream u { random; server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
upstream v { random two; server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
--- config
location / { proxy_pass http://u; }
location /v { proxy_pass http://v; }
--- request eval
["GET /", "GET /v"]
--- response_body eval
["a", "a"]

=== random with a zone, all but one dead
--- http_config
upstream u {
    zone u 64k;
    random;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_fails=0;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
--- config
location / { proxy_pass http://u; }
--- request eval
Array(8).fill("GET /")
--- response_body eval
[..."bbbbbbbb"]
--- error_log eval
[/./]

=== random one
--- http_config
upstream u { random one; server 127.0.0.1:1; }
--- config
location / { return 200; }
--- must_die
--- error_log
invalid parameter "one" in

=== random two by another measure
--- http_config
upstream u { random two most_conn; server 127.0.0.1:1; }
--- config
location / { return 200; }
--- must_die
--- error_log
invalid parameter "most_conn" in

=== random: backup servers are not for it
--- http_config
upstream u { random; server 127.0.0.1:1; server 127.0.0.1:2 backup; }
--- config
location / { return 200; }
--- must_die
--- error_log
balancing method does not support parameter "backup" in

=== ip_hash: a client keeps its server
--- http_config
upstream u {
    ip_hash;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_3 down;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
--- config
location / { proxy_pass http://u; }
--- request eval
Array(4).fill("GET /")
--- response_body eval
[..."bbbb"]

=== ip_hash with a zone: the same one
--- http_config
upstream u {
    zone u 64k;
    ip_hash;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_3 down;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
--- config
location / { proxy_pass http://u; }
--- request eval
Array(4).fill("GET /")
--- response_body eval
[..."bbbb"]

=== a single process says once what there is to say of its configuration
--- main_config
worker_rlimit_nofile 4000;
--- http_config
upstream u { ip_hash; least_conn; server 127.0.0.1:1; }
--- config
location / { return 204; }
--- request
GET /
--- error_code: 204
--- grep_error_log eval: /load balancing method redefined/
--- grep_error_log_out
load balancing method redefined

=== the last method counts, with a warning
--- http_config
upstream u {
    ip_hash;
    least_conn;
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
--- error_log
load balancing method redefined
