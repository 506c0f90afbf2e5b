# zone, resolver and resolve of an upstream: how they are written. What workers share is tested with processes.

=== zone: the smallest
--- master
--- http_config
upstream u { zone u 32k; server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
--- config
location / { proxy_pass http://u; add_header X-Addr $upstream_addr; }
--- request
GET /
--- response_headers
X-Addr: 127.0.0.1:$TEST_NGINX_RAND_PORT_1

=== zone: two upstreams in one
--- http_config
upstream u { zone z 64k; server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
upstream v { zone z; server 127.0.0.1:$TEST_NGINX_RAND_PORT_2; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; return 200 b; }
--- config
location / { proxy_pass http://u; }
location /v { proxy_pass http://v; }
--- request eval
["GET /", "GET /v"]
--- response_body eval
["a", "b"]

=== zone with keepalive
--- http_config
upstream u { zone z 64k; server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; keepalive 4; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 $connection_requests; }
--- config
location / { proxy_pass http://u; proxy_http_version 1.1; proxy_set_header Connection ""; }
--- request eval
["GET /", "GET /", "GET /"]
--- response_body_like eval
["^\\d+$", "^[2-9]$", "^[3-9]$"]

=== zone: no name
--- http_config
upstream u { zone "" 64k; server 127.0.0.1:1; }
--- config
location / { return 200; }
--- must_die
--- error_log
invalid zone name "" in

=== zone: a size that is none
--- http_config
upstream u { zone z big; server 127.0.0.1:1; }
--- config
location / { return 200; }
--- must_die
--- error_log
invalid zone size "big" in

=== zone: too small
--- http_config
upstream u { zone z 16k; server 127.0.0.1:1; }
--- config
location / { return 200; }
--- must_die
--- error_log
zone "z" is too small in

=== zone: no size at all
--- http_config
upstream u { zone z; server 127.0.0.1:1; }
--- config
location / { return 200; }
--- must_die
--- error_log
zero size shared memory zone "z"

=== zone: two sizes
--- http_config
upstream u { zone z 64k; server 127.0.0.1:1; }
upstream v { zone z 128k; server 127.0.0.1:1; }
--- config
location / { return 200; }
--- must_die
--- error_log
the size 131072 of shared memory zone "z" conflicts with already declared size 65536 in

=== resolve: nothing is found, nothing is asked
--- http_config
upstream u { zone z 64k; server u.test:80 resolve; resolver 127.0.0.1:$TEST_NGINX_RAND_PORT_3; resolver_timeout 1s; }
--- config
location / { proxy_pass http://u; add_header X-Addr $upstream_addr always; }
--- request
GET /
--- error_code: 502
--- response_headers
X-Addr: u
--- error_log
no live upstreams while connecting to upstream

=== resolve: an address needs no looking up
--- http_config
upstream u { zone z 64k; server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 resolve; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
--- config
location / { proxy_pass http://u; }
--- request
GET /
--- response_body chomp
a

=== resolve: the http block's resolver serves too
--- http_config
resolver 127.0.0.1:$TEST_NGINX_RAND_PORT_3;
upstream u { zone z 64k; server u.test resolve; server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 a; }
--- config
location / { proxy_pass http://u; }
--- request
GET /
--- response_body chomp
a

=== resolve: without a zone
--- http_config
upstream u { server u.test resolve; resolver 127.0.0.1; }
--- config
location / { return 200; }
--- must_die
--- error_log eval
/resolving names at run time requires upstream "u" in [^ ]+:3 to be in shared memory/

=== resolve: without a resolver
--- http_config
upstream u { zone z 64k; server u.test resolve; }
--- config
location / { return 200; }
--- must_die
--- error_log eval
/no resolver defined to resolve names at run time in upstream "u" in [^ ]+:3/

=== service: only with resolve
--- http_config
upstream u { zone z 64k; server u.test service=http; }
--- config
location / { return 200; }
--- must_die
--- error_log
service upstream "u.test" requires "resolve" parameter in

=== service: no port
--- http_config
upstream u { zone z 64k; server u.test:80 service=http resolve; }
--- config
location / { return 200; }
--- must_die
--- error_log
service upstream "u.test:80" may not have port in

=== service: a name
--- http_config
upstream u { zone z 64k; server 127.0.0.1 service=http resolve; }
--- config
location / { return 200; }
--- must_die
--- error_log
service upstream "127.0.0.1" requires domain name in

=== service: empty
--- http_config
upstream u { zone z 64k; server u.test service= resolve; }
--- config
location / { return 200; }
--- must_die
--- error_log
service is empty in

=== resolver: twice
--- http_config
upstream u { zone z 64k; server 127.0.0.1:1; resolver 127.0.0.1; resolver 127.0.0.1; }
--- config
location / { return 200; }
--- must_die
--- error_log
"resolver" directive is duplicate in

=== resolver_timeout that is no time
--- http_config
upstream u { zone z 64k; server 127.0.0.1:1; resolver_timeout soon; }
--- config
location / { return 200; }
--- must_die
--- error_log
"resolver_timeout" directive invalid value in

=== said twice, the last one counts
--- http_config
upstream u { zone a 64k; zone b 64k; server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "answered"; }
--- config
location / { proxy_pass http://u; }
--- request
GET /
--- response_body chomp
answered
