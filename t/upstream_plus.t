# What nginx has only in its commercial edition: queue, slow_start, health checks, changes at run time.

=== queue: a request waits until a peer is free
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_conns=1; queue 5 timeout=2s; }
--- config
location / { proxy_pass http://u; add_header X-Queue $upstream_queue_time; }
location = /both { mirror /mirrored; proxy_pass http://u/first; }
location = /mirrored { internal; proxy_pass http://u/second; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply_delay: 0.1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
--- request
GET /both
--- response_body chomp
ok
--- no_error_log
no live upstreams

=== queue: backup servers that are no help do not hide the others
--- http_config
upstream u {
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 max_conns=1;
    server 127.0.0.1:1 backup down;
    queue 5 timeout=2s;
}
--- config
location = /both { mirror /mirrored; proxy_pass http://u/first; }
location = /mirrored { internal; proxy_pass http://u/second; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply_delay: 0.1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
--- request
GET /both
--- response_body chomp
ok
--- no_error_log
no live upstreams

=== queue: nobody waits for those that will not come
--- http_config
upstream u { server 127.0.0.1:1 down; queue 5 timeout=100ms; }
--- config
location / { proxy_pass http://u; add_header X-Queue $upstream_queue_time always; }
--- request
GET /
--- error_code: 502
--- response_headers_like
X-Queue: 0\.[12]\d\d
--- error_log
upstream queue timed out while waiting in upstream queue
no live upstreams

=== queue: no time where nobody waited
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; queue 5; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
--- config
location / { proxy_pass http://u; add_header X-Queue $upstream_queue_time; }
--- request
GET /
--- response_headers
X-Queue: -

=== queue: full
--- http_config
upstream u { server 127.0.0.1:1 down; queue 1 timeout=300ms; }
--- config
location / { proxy_pass http://u; }
location = /both { mirror /mirrored; proxy_pass http://u; }
location = /mirrored { internal; proxy_pass http://u; }
--- request
GET /both
--- error_code: 502
--- error_log
upstream queue is full

=== queue 0
--- http_config
upstream u { server 127.0.0.1:1; queue 0; }
--- config
location / { return 200; }
--- must_die
--- error_log
invalid value "0" in "queue" directive in

=== queue: a timeout that is none
--- http_config
upstream u { server 127.0.0.1:1; queue 10 timeout=x; }
--- config
location / { return 200; }
--- must_die
--- error_log
invalid parameter "timeout=x" in

=== queue: twice
--- http_config
upstream u { server 127.0.0.1:1; queue 10; queue 10; }
--- config
location / { return 200; }
--- must_die
--- error_log
"queue" directive is duplicate in

=== slow_start: those that never failed are asked as usual
--- http_config
upstream u {
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 slow_start=30s;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 slow_start=1s;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
--- config
location / { proxy_pass http://u; }
--- request eval
["GET /", "GET /", "GET /", "GET /"]
--- response_body eval
[..."abab"]

=== slow_start does not go with ip_hash
--- http_config
upstream u { ip_hash; server 127.0.0.1:1 slow_start=5s; }
--- config
location / { return 200; }
--- must_die
--- error_log
balancing method does not support parameter "slow_start=5s" in

=== slow_start that is no time
--- http_config
upstream u { server 127.0.0.1:1 slow_start=fast; }
--- config
location / { return 200; }
--- must_die
--- error_log
invalid parameter "slow_start=fast" in

=== random two by time
--- http_config
upstream u {
    random two least_time=header;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
}
upstream v {
    random two least_time=last_byte;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
}
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
--- config
location / { proxy_pass http://u; }
location /v { proxy_pass http://v; }
--- request eval
["GET /", "GET /v", "GET /", "GET /v"]
--- response_body_like eval
Array(4).fill("^[ab]$")

=== $upstream_last_server_name
--- http_config
upstream u { server localhost:$TEST_NGINX_RAND_PORT_1; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; listen [::1]:$TEST_NGINX_RAND_PORT_1; return 200 a; }
--- config
location / { proxy_pass http://u; add_header X-Name $upstream_last_server_name; }
--- request
GET /
--- response_headers
X-Name: localhost

=== health_check: what cannot be
--- http_config
upstream u { server 127.0.0.1:1; }
--- config
location / { proxy_pass http://u; health_check; }
--- must_die
--- error_log
upstream "u" of "health_check" must be in shared memory in

=== health_check: nothing is passed on
--- config
location / { return 200; health_check; }
--- must_die
--- error_log
"health_check" requires a location that is passed to an upstream block in

=== health_check: no such match
--- http_config
upstream u { zone u 64k; server 127.0.0.1:1; }
--- config
location / { proxy_pass http://u; health_check match=good; }
--- must_die
--- error_log
match "good" not found in

=== health_check: parameters that are none
--- http_config
upstream u { zone u 64k; server 127.0.0.1:1; }
--- config
location / { proxy_pass http://u; health_check interval=0; }
--- must_die
--- error_log
invalid parameter "interval=0" in

=== health_check: a uri must be one
--- http_config
upstream u { zone u 64k; server 127.0.0.1:1; }
--- config
location / { proxy_pass http://u; health_check uri=health; }
--- must_die
--- error_log
invalid parameter "uri=health" in

=== health_check: a port must be one
--- http_config
upstream u { zone u 64k; server 127.0.0.1:1; }
--- config
location / { proxy_pass http://u; health_check port=70000; }
--- must_die
--- error_log
invalid parameter "port=70000" in

=== health_check: persistent only with mandatory
--- http_config
upstream u { zone u 64k; server 127.0.0.1:1; }
--- config
location / { proxy_pass http://u; health_check persistent; }
--- must_die
--- error_log
invalid parameter "persistent" in

=== health_check of gRPC, which comes last
--- http_config
upstream u { zone u 64k; server 127.0.0.1:1; }
--- config
location / { grpc_pass grpc://u; health_check type=grpc fails=2; }
--- must_die
--- error_log
invalid parameter "fails=2" in

=== health_check of gRPC, which has no uri
--- http_config
upstream u { zone u 64k; server 127.0.0.1:1; }
--- config
location / { grpc_pass grpc://u; health_check uri=/ type=grpc; }
--- must_die
--- error_log
invalid parameter "type=grpc" in

=== health_check: what is gRPC's
--- http_config
upstream u { zone u 64k; server 127.0.0.1:1; }
--- config
location / { proxy_pass http://u; health_check grpc_status=12; }
--- must_die
--- error_log
invalid parameter "grpc_status=12" in

=== health_check of gRPC: a status must be one
--- http_config
upstream u { zone u 64k; server 127.0.0.1:1; }
--- config
location / { grpc_pass grpc://u; health_check type=grpc grpc_status=0; }
--- must_die
--- error_log
invalid parameter "grpc_status=0" in

=== match: twice
--- http_config
match good { status 200; }
match good { status 200; }
--- config
location / { return 200; }
--- must_die
--- error_log
duplicate match "good" in

=== match: a status that is none
--- http_config
match good { status 99; }
--- config
location / { return 200; }
--- must_die
--- error_log
invalid "status" condition in match "good" in

=== match: a header without an operator
--- http_config
match good { header X-A is b; }
--- config
location / { return 200; }
--- must_die
--- error_log
invalid "header" condition in match "good" in

=== match: a body is matched by a pattern
--- http_config
match good { body = ok; }
--- config
location / { return 200; }
--- must_die
--- error_log
invalid "body" condition in match "good" in

=== match: what is required is a variable
--- http_config
match good { require yes; }
--- config
location / { return 200; }
--- must_die
--- error_log
invalid "require" condition in match "good" in

=== match: unknown
--- http_config
match good { size 10; }
--- config
location / { return 200; }
--- must_die
--- error_log
unknown condition "size" in match "good" in

=== upstream_conf: nobody is allowed
--- config
location /conf { upstream_conf; }
--- must_die
--- error_log
"upstream_conf" requires "allow" and, last, "deny all" in its location in

=== upstream_conf: all others must be denied
--- config
location /conf { upstream_conf; allow 127.0.0.1; }
--- must_die
--- error_log
"upstream_conf" requires "allow" and, last, "deny all" in its location in

=== upstream_conf: only those that are allowed
--- http_config
upstream u { zone u 64k; server 127.0.0.1:1; }
--- config
location /conf { upstream_conf; allow 192.0.2.1; deny all; }
--- request
GET /conf?upstream=u
--- error_code: 403
--- error_log
access forbidden by rule

=== upstream_conf: lists, all of it or one
--- http_config
upstream u {
    zone u 64k;
    server 127.0.0.1:1 weight=2 max_conns=3 max_fails=4 fail_timeout=5 slow_start=6s route=r;
    server 127.0.0.1:2 down;
    server 127.0.0.1:3 drain;
    server 127.0.0.1:4 backup;
}
--- config
location /conf { upstream_conf; allow 127.0.0.1; deny all; }
--- request eval
["GET /conf?upstream=u", "GET /conf?upstream=u&backup=", "GET /conf?upstream=u&id=1", "GET /conf?upstream=u&id=1&verbose="]
--- response_body eval
[
  "server 127.0.0.1:1 weight=2 max_conns=3 max_fails=4 fail_timeout=5s slow_start=6s route=r; # id=0\n" +
    "server 127.0.0.1:2 down; # id=1\nserver 127.0.0.1:3 drain; # id=2\n",
  "server 127.0.0.1:4 backup; # id=3\n",
  "server 127.0.0.1:2 down; # id=1\n",
  "server 127.0.0.1:2 weight=1 max_conns=0 max_fails=1 fail_timeout=10s slow_start=0s down; # id=1\n",
]

=== upstream_conf: what it refuses
--- http_config
upstream u { zone u 64k; server 127.0.0.1:1; }
upstream v { server 127.0.0.1:1; }
upstream w { zone w 64k; ip_hash; server 127.0.0.1:1; }
--- config
location /conf { upstream_conf; allow 127.0.0.1; deny all; }
--- request eval
[
  "GET /conf", "GET /conf?upstream=x", "GET /conf?upstream=v", "GET /conf?upstream=u&id=7", "GET /conf?upstream=u&id=x",
  "GET /conf?upstream=u&add=", "GET /conf?upstream=u&add=&server=a.test", "GET /conf?upstream=u&add=&server=127.0.0.1:1",
  "GET /conf?upstream=u&remove=", "GET /conf?upstream=u&id=0&weight=0", "GET /conf?upstream=u&id=0&down=&up=",
  "GET /conf?upstream=u&id=0&fail_timeout=x", "GET /conf?upstream=u&what=1", "GET /conf?upstream=w&add=&server=127.0.0.1:2&backup=",
  "GET /conf?upstream=u&id=0&max_fails=-1", "DELETE /conf?upstream=u&id=0",
]
--- error_code eval
[400, 404, 400, 404, 404, 400, 400, 409, 400, 400, 400, 400, 400, 400, 400, 405]
--- error_log eval
[/upstream_conf: /]
