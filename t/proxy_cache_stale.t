# What is stale: answered when the upstream fails, renewed, revalidated.

=== proxy_cache_use_stale http_500
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    add_header Cache-Control $arg_cc always;
    add_header Expires $arg_ex always;
    add_header X-Accel-Expires $arg_xa always;
    add_header Set-Cookie $arg_sc always;
    add_header Vary $arg_v always;
    add_header X-Seen "$http_range|$http_if_none_match|$http_if_modified_since" always;
    if ($arg_e = 403) { return 403 "failed\n"; }
    if ($arg_e = 404) { return 404 "failed\n"; }
    if ($arg_e = 429) { return 429 "failed\n"; }
    if ($arg_e = 500) { return 500 "failed\n"; }
    if ($arg_e = 502) { return 502 "failed\n"; }
    if ($arg_e = 503) { return 503 "failed\n"; }
    if ($arg_e = 504) { return 504 "failed\n"; }
    location / { return 200 "$request_method $arg_b\n"; }
    location /file { alias html/; add_header Cache-Control $arg_cc; add_header Vary $arg_v; }
    location /redirected { add_header Cache-Control $arg_cc; add_header X-Accel-Redirect /inside; return 200 "not this\n"; }
    location /moved { return 301 /elsewhere; }
    location /missing { return 404 "no\n"; }
}
--- config
proxy_cache z;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
proxy_cache_use_stale http_500;
--- request eval
(u => [`GET /?xa=@1&b=1&u=${u}`, `GET /?b=2&e=500&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: STALE"]
--- response_body eval
["GET 1\n", "GET 1\n"]

=== proxy_cache_use_stale http_502
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    add_header Cache-Control $arg_cc always;
    add_header Expires $arg_ex always;
    add_header X-Accel-Expires $arg_xa always;
    add_header Set-Cookie $arg_sc always;
    add_header Vary $arg_v always;
    add_header X-Seen "$http_range|$http_if_none_match|$http_if_modified_since" always;
    if ($arg_e = 403) { return 403 "failed\n"; }
    if ($arg_e = 404) { return 404 "failed\n"; }
    if ($arg_e = 429) { return 429 "failed\n"; }
    if ($arg_e = 500) { return 500 "failed\n"; }
    if ($arg_e = 502) { return 502 "failed\n"; }
    if ($arg_e = 503) { return 503 "failed\n"; }
    if ($arg_e = 504) { return 504 "failed\n"; }
    location / { return 200 "$request_method $arg_b\n"; }
    location /file { alias html/; add_header Cache-Control $arg_cc; add_header Vary $arg_v; }
    location /redirected { add_header Cache-Control $arg_cc; add_header X-Accel-Redirect /inside; return 200 "not this\n"; }
    location /moved { return 301 /elsewhere; }
    location /missing { return 404 "no\n"; }
}
--- config
proxy_cache z;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
proxy_cache_use_stale http_502;
--- request eval
(u => [`GET /?xa=@1&b=1&u=${u}`, `GET /?b=2&e=502&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: STALE"]
--- response_body eval
["GET 1\n", "GET 1\n"]

=== proxy_cache_use_stale http_503
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    add_header Cache-Control $arg_cc always;
    add_header Expires $arg_ex always;
    add_header X-Accel-Expires $arg_xa always;
    add_header Set-Cookie $arg_sc always;
    add_header Vary $arg_v always;
    add_header X-Seen "$http_range|$http_if_none_match|$http_if_modified_since" always;
    if ($arg_e = 403) { return 403 "failed\n"; }
    if ($arg_e = 404) { return 404 "failed\n"; }
    if ($arg_e = 429) { return 429 "failed\n"; }
    if ($arg_e = 500) { return 500 "failed\n"; }
    if ($arg_e = 502) { return 502 "failed\n"; }
    if ($arg_e = 503) { return 503 "failed\n"; }
    if ($arg_e = 504) { return 504 "failed\n"; }
    location / { return 200 "$request_method $arg_b\n"; }
    location /file { alias html/; add_header Cache-Control $arg_cc; add_header Vary $arg_v; }
    location /redirected { add_header Cache-Control $arg_cc; add_header X-Accel-Redirect /inside; return 200 "not this\n"; }
    location /moved { return 301 /elsewhere; }
    location /missing { return 404 "no\n"; }
}
--- config
proxy_cache z;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
proxy_cache_use_stale http_503;
--- request eval
(u => [`GET /?xa=@1&b=1&u=${u}`, `GET /?b=2&e=503&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: STALE"]
--- response_body eval
["GET 1\n", "GET 1\n"]

=== proxy_cache_use_stale http_504
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    add_header Cache-Control $arg_cc always;
    add_header Expires $arg_ex always;
    add_header X-Accel-Expires $arg_xa always;
    add_header Set-Cookie $arg_sc always;
    add_header Vary $arg_v always;
    add_header X-Seen "$http_range|$http_if_none_match|$http_if_modified_since" always;
    if ($arg_e = 403) { return 403 "failed\n"; }
    if ($arg_e = 404) { return 404 "failed\n"; }
    if ($arg_e = 429) { return 429 "failed\n"; }
    if ($arg_e = 500) { return 500 "failed\n"; }
    if ($arg_e = 502) { return 502 "failed\n"; }
    if ($arg_e = 503) { return 503 "failed\n"; }
    if ($arg_e = 504) { return 504 "failed\n"; }
    location / { return 200 "$request_method $arg_b\n"; }
    location /file { alias html/; add_header Cache-Control $arg_cc; add_header Vary $arg_v; }
    location /redirected { add_header Cache-Control $arg_cc; add_header X-Accel-Redirect /inside; return 200 "not this\n"; }
    location /moved { return 301 /elsewhere; }
    location /missing { return 404 "no\n"; }
}
--- config
proxy_cache z;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
proxy_cache_use_stale http_504;
--- request eval
(u => [`GET /?xa=@1&b=1&u=${u}`, `GET /?b=2&e=504&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: STALE"]
--- response_body eval
["GET 1\n", "GET 1\n"]

=== proxy_cache_use_stale http_403
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    add_header Cache-Control $arg_cc always;
    add_header Expires $arg_ex always;
    add_header X-Accel-Expires $arg_xa always;
    add_header Set-Cookie $arg_sc always;
    add_header Vary $arg_v always;
    add_header X-Seen "$http_range|$http_if_none_match|$http_if_modified_since" always;
    if ($arg_e = 403) { return 403 "failed\n"; }
    if ($arg_e = 404) { return 404 "failed\n"; }
    if ($arg_e = 429) { return 429 "failed\n"; }
    if ($arg_e = 500) { return 500 "failed\n"; }
    if ($arg_e = 502) { return 502 "failed\n"; }
    if ($arg_e = 503) { return 503 "failed\n"; }
    if ($arg_e = 504) { return 504 "failed\n"; }
    location / { return 200 "$request_method $arg_b\n"; }
    location /file { alias html/; add_header Cache-Control $arg_cc; add_header Vary $arg_v; }
    location /redirected { add_header Cache-Control $arg_cc; add_header X-Accel-Redirect /inside; return 200 "not this\n"; }
    location /moved { return 301 /elsewhere; }
    location /missing { return 404 "no\n"; }
}
--- config
proxy_cache z;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
proxy_cache_use_stale http_403;
--- request eval
(u => [`GET /?xa=@1&b=1&u=${u}`, `GET /?b=2&e=403&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: STALE"]
--- response_body eval
["GET 1\n", "GET 1\n"]

=== proxy_cache_use_stale http_404
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    add_header Cache-Control $arg_cc always;
    add_header Expires $arg_ex always;
    add_header X-Accel-Expires $arg_xa always;
    add_header Set-Cookie $arg_sc always;
    add_header Vary $arg_v always;
    add_header X-Seen "$http_range|$http_if_none_match|$http_if_modified_since" always;
    if ($arg_e = 403) { return 403 "failed\n"; }
    if ($arg_e = 404) { return 404 "failed\n"; }
    if ($arg_e = 429) { return 429 "failed\n"; }
    if ($arg_e = 500) { return 500 "failed\n"; }
    if ($arg_e = 502) { return 502 "failed\n"; }
    if ($arg_e = 503) { return 503 "failed\n"; }
    if ($arg_e = 504) { return 504 "failed\n"; }
    location / { return 200 "$request_method $arg_b\n"; }
    location /file { alias html/; add_header Cache-Control $arg_cc; add_header Vary $arg_v; }
    location /redirected { add_header Cache-Control $arg_cc; add_header X-Accel-Redirect /inside; return 200 "not this\n"; }
    location /moved { return 301 /elsewhere; }
    location /missing { return 404 "no\n"; }
}
--- config
proxy_cache z;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
proxy_cache_use_stale http_404;
--- request eval
(u => [`GET /?xa=@1&b=1&u=${u}`, `GET /?b=2&e=404&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: STALE"]
--- response_body eval
["GET 1\n", "GET 1\n"]

=== proxy_cache_use_stale http_429
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    add_header Cache-Control $arg_cc always;
    add_header Expires $arg_ex always;
    add_header X-Accel-Expires $arg_xa always;
    add_header Set-Cookie $arg_sc always;
    add_header Vary $arg_v always;
    add_header X-Seen "$http_range|$http_if_none_match|$http_if_modified_since" always;
    if ($arg_e = 403) { return 403 "failed\n"; }
    if ($arg_e = 404) { return 404 "failed\n"; }
    if ($arg_e = 429) { return 429 "failed\n"; }
    if ($arg_e = 500) { return 500 "failed\n"; }
    if ($arg_e = 502) { return 502 "failed\n"; }
    if ($arg_e = 503) { return 503 "failed\n"; }
    if ($arg_e = 504) { return 504 "failed\n"; }
    location / { return 200 "$request_method $arg_b\n"; }
    location /file { alias html/; add_header Cache-Control $arg_cc; add_header Vary $arg_v; }
    location /redirected { add_header Cache-Control $arg_cc; add_header X-Accel-Redirect /inside; return 200 "not this\n"; }
    location /moved { return 301 /elsewhere; }
    location /missing { return 404 "no\n"; }
}
--- config
proxy_cache z;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
proxy_cache_use_stale http_429;
--- request eval
(u => [`GET /?xa=@1&b=1&u=${u}`, `GET /?b=2&e=429&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: STALE"]
--- response_body eval
["GET 1\n", "GET 1\n"]

=== without proxy_cache_use_stale a failure is a failure
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    add_header Cache-Control $arg_cc always;
    add_header Expires $arg_ex always;
    add_header X-Accel-Expires $arg_xa always;
    add_header Set-Cookie $arg_sc always;
    add_header Vary $arg_v always;
    add_header X-Seen "$http_range|$http_if_none_match|$http_if_modified_since" always;
    if ($arg_e = 403) { return 403 "failed\n"; }
    if ($arg_e = 404) { return 404 "failed\n"; }
    if ($arg_e = 429) { return 429 "failed\n"; }
    if ($arg_e = 500) { return 500 "failed\n"; }
    if ($arg_e = 502) { return 502 "failed\n"; }
    if ($arg_e = 503) { return 503 "failed\n"; }
    if ($arg_e = 504) { return 504 "failed\n"; }
    location / { return 200 "$request_method $arg_b\n"; }
    location /file { alias html/; add_header Cache-Control $arg_cc; add_header Vary $arg_v; }
    location /redirected { add_header Cache-Control $arg_cc; add_header X-Accel-Redirect /inside; return 200 "not this\n"; }
    location /moved { return 301 /elsewhere; }
    location /missing { return 404 "no\n"; }
}
--- config
proxy_cache z;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
proxy_cache_use_stale error timeout;
--- request eval
(u => [`GET /?xa=@1&b=1&u=${u}`, `GET /?b=2&e=500&u=${u}`])(Date.now())
--- error_code eval
[200, 500]
--- response_headers eval
["X-Cache: MISS", "X-Cache: EXPIRED"]

=== another failure than the one named
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    add_header Cache-Control $arg_cc always;
    add_header Expires $arg_ex always;
    add_header X-Accel-Expires $arg_xa always;
    add_header Set-Cookie $arg_sc always;
    add_header Vary $arg_v always;
    add_header X-Seen "$http_range|$http_if_none_match|$http_if_modified_since" always;
    if ($arg_e = 403) { return 403 "failed\n"; }
    if ($arg_e = 404) { return 404 "failed\n"; }
    if ($arg_e = 429) { return 429 "failed\n"; }
    if ($arg_e = 500) { return 500 "failed\n"; }
    if ($arg_e = 502) { return 502 "failed\n"; }
    if ($arg_e = 503) { return 503 "failed\n"; }
    if ($arg_e = 504) { return 504 "failed\n"; }
    location / { return 200 "$request_method $arg_b\n"; }
    location /file { alias html/; add_header Cache-Control $arg_cc; add_header Vary $arg_v; }
    location /redirected { add_header Cache-Control $arg_cc; add_header X-Accel-Redirect /inside; return 200 "not this\n"; }
    location /moved { return 301 /elsewhere; }
    location /missing { return 404 "no\n"; }
}
--- config
proxy_cache z;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
proxy_cache_use_stale http_500;
--- request eval
(u => [`GET /?xa=@1&b=1&u=${u}`, `GET /?b=2&e=503&u=${u}`])(Date.now())
--- error_code eval
[200, 503]
--- response_headers eval
["X-Cache: MISS", "X-Cache: EXPIRED"]

=== proxy_cache_use_stale error
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; add_header X-Accel-Expires $arg_xa; add_header Cache-Control $arg_cc; return 200 "GET $arg_b\n"; }
map $arg_down $port { default $TEST_NGINX_RAND_PORT_1; 1 $TEST_NGINX_RAND_PORT_2; }
--- config
proxy_cache z;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$port; proxy_cache_use_stale error; }
--- request eval
(u => [`GET /?xa=@1&b=1&u=${u}`, `GET /?b=2&down=1&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: STALE"]
--- response_body eval
["GET 1\n", "GET 1\n"]
--- error_log
Connection refused

=== a failure that is cached goes before what is stale
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; add_header X-Accel-Expires $arg_xa; return 200 "GET $arg_b\n"; }
map $arg_down $port { default $TEST_NGINX_RAND_PORT_1; 1 $TEST_NGINX_RAND_PORT_2; }
--- config
proxy_cache z;
proxy_cache_key $arg_u;
proxy_cache_valid 502 1m;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$port; }
--- request eval
(u => [`GET /?xa=@1&b=1&u=${u}`, `GET /?b=2&down=1&u=${u}`, `GET /?b=3&u=${u}`])(Date.now())
--- error_code eval
[200, 502, 502]
--- response_headers eval
["X-Cache: MISS", "X-Cache: EXPIRED", "X-Cache: HIT"]
--- error_log
Connection refused

=== proxy_cache_use_stale off
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; add_header X-Accel-Expires $arg_xa; add_header Cache-Control $arg_cc; return 200 "GET $arg_b\n"; }
map $arg_down $port { default $TEST_NGINX_RAND_PORT_1; 1 $TEST_NGINX_RAND_PORT_2; }
--- config
proxy_cache z;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$port; proxy_cache_use_stale off; }
--- request eval
(u => [`GET /?xa=@1&b=1&u=${u}`, `GET /?b=2&down=1&u=${u}`])(Date.now())
--- error_code eval
[200, 502]
--- response_headers eval
["X-Cache: MISS", "X-Cache: EXPIRED"]
--- error_log
Connection refused

=== stale-if-error
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; add_header X-Accel-Expires $arg_xa; add_header Cache-Control $arg_cc; return 200 "GET $arg_b\n"; }
map $arg_down $port { default $TEST_NGINX_RAND_PORT_1; 1 $TEST_NGINX_RAND_PORT_2; }
--- config
proxy_cache z;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$port;  }
--- request eval
((u, t) => [`GET /?xa=@${t}&cc=stale-if-error=60&b=1&u=${u}`, `GET /?down=1&u=${u}`])(Date.now(), Math.floor(Date.now() / 1000) - 5)
--- error_code eval
[200, 200]
--- response_headers eval
["X-Cache: MISS", "X-Cache: STALE"]
--- error_log
Connection refused

=== stale-if-error has passed
--- request eval
((u, t) => [`GET /?xa=@${t}&cc=stale-if-error=1&b=1&u=${u}`, `GET /?down=1&u=${u}`])(Date.now(), Math.floor(Date.now() / 1000) - 5)
--- error_code eval
[200, 502]
--- response_headers eval
["X-Cache: MISS", "X-Cache: EXPIRED"]
--- error_log
Connection refused

=== stale-while-revalidate is for errors too
--- request eval
((u, t) => [`GET /?xa=@${t}&cc=stale-while-revalidate=60&b=1&u=${u}`, `GET /?down=1&u=${u}`])(Date.now(), Math.floor(Date.now() / 1000) - 5)
--- error_code eval
[200, 200]
--- response_headers eval
["X-Cache: MISS", "X-Cache: STALE"]
--- error_log
Connection refused

=== stale-while-revalidate in the background
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; add_header X-Accel-Expires $arg_xa; add_header Cache-Control $arg_cc; return 200 "GET $arg_b\n"; }
map $arg_down $port { default $TEST_NGINX_RAND_PORT_1; 1 $TEST_NGINX_RAND_PORT_2; }
--- config
proxy_cache z;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$port; proxy_cache_background_update on; }
--- request eval
((u, t) => [`GET /?xa=@${t}&cc=stale-while-revalidate=60&b=1&u=${u}`, `GET /?down=1&u=${u}`])(Date.now(), Math.floor(Date.now() / 1000) - 5)
--- error_code eval
[200, 200]
--- response_headers eval
["X-Cache: MISS", "X-Cache: STALE"]
--- error_log
Connection refused

=== proxy_cache_background_update answers what is stale, and renews it
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; add_header X-Accel-Expires $arg_xa; add_header Cache-Control $arg_cc; return 200 "GET $arg_b\n"; }
map $arg_down $port { default $TEST_NGINX_RAND_PORT_1; 1 $TEST_NGINX_RAND_PORT_2; }
--- config
proxy_cache z;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$port; proxy_cache_use_stale updating; proxy_cache_background_update on; }
--- request eval
(u => [`GET /?xa=@1&b=1&u=${u}`, `GET /?b=2&cc=max-age=60&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: STALE"]
--- response_body eval
["GET 1\n", "GET 1\n"]

=== nothing to be stale: the failure
--- request eval
(u => [`GET /?down=1&u=${u}`])(Date.now())
--- error_code eval
[502]
--- response_headers eval
["X-Cache: MISS"]
--- error_log
Connection refused

=== the client's connection is busy until the entry has been renewed
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
limit_req_zone $arg_u zone=slow:1m rate=4r/s;
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    add_header X-Accel-Expires $arg_xa;
    add_header Cache-Control $arg_cc;
    location / { limit_req zone=slow burst=5; try_files /none @answer; }
    location @answer { return 200 "GET $arg_b\n"; }
}
--- config
proxy_cache z;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_cache_use_stale updating; proxy_cache_background_update on; }
--- pipelined_requests eval
(u => [`GET /?xa=@1&b=1&u=${u}`, `GET /?b=2&cc=max-age=60&u=${u}`, `GET /?b=3&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: STALE", "X-Cache: HIT"]
--- response_body eval
["GET 1\n", "GET 1\n", "GET 2\n"]
--- error_log
delaying request

=== proxy_cache_revalidate: not modified
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    add_header Cache-Control $arg_cc always;
    add_header Expires $arg_ex always;
    add_header X-Accel-Expires $arg_xa always;
    add_header Set-Cookie $arg_sc always;
    add_header Vary $arg_v always;
    add_header X-Seen "$http_range|$http_if_none_match|$http_if_modified_since" always;
    if ($arg_e = 403) { return 403 "failed\n"; }
    if ($arg_e = 404) { return 404 "failed\n"; }
    if ($arg_e = 429) { return 429 "failed\n"; }
    if ($arg_e = 500) { return 500 "failed\n"; }
    if ($arg_e = 502) { return 502 "failed\n"; }
    if ($arg_e = 503) { return 503 "failed\n"; }
    if ($arg_e = 504) { return 504 "failed\n"; }
    location / { return 200 "$request_method $arg_b\n"; }
    location /file { alias html/; add_header X-Accel-Expires $arg_xa; add_header Cache-Control $arg_cc; add_header Vary $arg_v; }
    location /redirected { add_header Cache-Control $arg_cc; add_header X-Accel-Redirect /inside; return 200 "not this\n"; }
    location /moved { return 301 /elsewhere; }
    location /missing { return 404 "no\n"; }
}
--- config
proxy_cache z;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
proxy_cache_revalidate on;
--- request eval
(u => [`GET /file/a.txt?xa=@1&u=${u}`, `GET /file/a.txt?cc=max-age=60&u=${u}`, `GET /file/a.txt?x&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: REVALIDATED", "X-Cache: HIT"]
--- response_body eval
["0123456789\n", "0123456789\n", "0123456789\n"]
--- user_files
>>> a.txt 202401021530.45
0123456789

=== proxy_cache_revalidate: a range of it
--- request eval
(u => [`GET /file/a.txt?xa=@1&u=${u}`, `GET /file/a.txt?cc=max-age=60&u=${u}`])(Date.now())
--- more_headers eval
["X: y", "Range: bytes=1-2"]
--- error_code eval
[200, 206]
--- response_headers eval
["X-Cache: MISS", "X-Cache: REVALIDATED"]
--- response_body eval
["0123456789\n", "12"]
--- user_files
>>> a.txt 202401021530.45
0123456789

=== proxy_cache_revalidate: for a HEAD
--- request eval
(u => [`GET /file/a.txt?xa=@1&u=${u}`, `HEAD /file/a.txt?cc=max-age=60&u=${u}`, `GET /file/a.txt?x&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: REVALIDATED", "X-Cache: HIT"]
--- user_files
>>> a.txt 202401021530.45
0123456789

=== proxy_cache_revalidate: another one has come
--- request eval
(u => [`GET /file/a.txt?xa=@1&u=${u}`, `GET /?cc=max-age=60&b=2&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: EXPIRED"]
--- response_body eval
["0123456789\n", "GET 2\n"]
--- user_files
>>> a.txt 202401021530.45
0123456789

=== proxy_cache_revalidate: not for what has no validator
--- request eval
(u => [`GET /?xa=@1&b=1&u=${u}`, `GET /?b=2&xa=@1&u=${u}`])(Date.now())
--- response_headers eval
["X-Seen: ||", "X-Seen: ||"]
--- response_body eval
["GET 1\n", "GET 2\n"]

=== without proxy_cache_revalidate it is asked for as a whole
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    add_header Cache-Control $arg_cc always;
    add_header Expires $arg_ex always;
    add_header X-Accel-Expires $arg_xa always;
    add_header Set-Cookie $arg_sc always;
    add_header Vary $arg_v always;
    add_header X-Seen "$http_range|$http_if_none_match|$http_if_modified_since" always;
    if ($arg_e = 403) { return 403 "failed\n"; }
    if ($arg_e = 404) { return 404 "failed\n"; }
    if ($arg_e = 429) { return 429 "failed\n"; }
    if ($arg_e = 500) { return 500 "failed\n"; }
    if ($arg_e = 502) { return 502 "failed\n"; }
    if ($arg_e = 503) { return 503 "failed\n"; }
    if ($arg_e = 504) { return 504 "failed\n"; }
    location / { return 200 "$request_method $arg_b\n"; }
    location /file { alias html/; add_header X-Accel-Expires $arg_xa; add_header Cache-Control $arg_cc; add_header Vary $arg_v; }
    location /redirected { add_header Cache-Control $arg_cc; add_header X-Accel-Redirect /inside; return 200 "not this\n"; }
    location /moved { return 301 /elsewhere; }
    location /missing { return 404 "no\n"; }
}
--- config
proxy_cache z;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- request eval
(u => [`GET /file/a.txt?xa=@1&u=${u}`, `GET /file/a.txt?cc=max-age=60&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: EXPIRED"]
--- response_body eval
["0123456789\n", "0123456789\n"]
--- user_files
>>> a.txt 202401021530.45
0123456789

=== proxy_cache_lock: those who come together are answered by one request
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; limit_rate 20k; location / { root html; } }
--- config
proxy_cache z;
proxy_cache_valid 200 1m;
add_header X-Cache $upstream_cache_status;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_cache_lock on; }
--- user_files eval
[["a.txt", "x".repeat(5000)]]
--- request eval
(u => [`GET /a.txt?u=${u}`, `GET /a.txt?u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT"]

=== $upstream_cache_etag and $upstream_cache_last_modified are for those who ask again
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    add_header X-Accel-Expires @1;
    add_header ETag '"a"';
    add_header Last-Modified "Thu, 01 Jan 1970 00:00:01 GMT";
    return 200 "$http_x_etag $http_x_modified\n";
}
--- config
proxy_cache z;
proxy_cache_key $uri$arg_u;
proxy_set_header If-None-Match "";
proxy_set_header If-Modified-Since "";
proxy_set_header X-Etag $upstream_cache_etag;
proxy_set_header X-Modified $upstream_cache_last_modified;
location /a { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_cache_revalidate on; }
location /b { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- request eval
(u => [`GET /a?u=${u}`, `GET /a?u=${u}`, `GET /b?u=${u}`, `GET /b?u=${u}`])(Date.now())
--- response_body eval
[" \n", "\"a\" Thu, 01 Jan 1970 00:00:01 GMT\n", " \n", " \n"]
