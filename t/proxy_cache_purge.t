# proxy_cache_purge, which nginx has in its commercial version only.

=== proxy_cache_purge removes an entry
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; add_header Vary $arg_v; return 200 "GET $arg_b\n"; }
--- config
proxy_cache z;
proxy_cache_key $arg_u$arg_k;
proxy_cache_valid 200 1m;
proxy_cache_purge $arg_purge;
add_header X-Cache $upstream_cache_status;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- request eval
(u => [`GET /?b=1&u=${u}`, `GET /?b=2&u=${u}`, `GET /?purge=1&u=${u}`, `GET /?b=3&u=${u}`])(Date.now())
--- error_code eval
[200, 200, 204, 200]
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT", "! X-Cache", "X-Cache: MISS"]
--- response_body eval
["GET 1\n", "GET 1\n", null, "GET 3\n"]

=== nothing to remove
--- request eval
(u => [`GET /?purge=1&u=${u}`])(Date.now())
--- error_code eval
[404]

=== "0" is no wish
--- request eval
(u => [`GET /?b=1&u=${u}`, `GET /?purge=0&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT"]
--- response_body eval
["GET 1\n", "GET 1\n"]

=== a key with a wildcard removes all that begin so
--- request eval
(u => [`GET /?k=/a&b=1&u=${u}`, `GET /?k=/b&b=2&u=${u}`, `GET /?k=/a*&purge=1&u=${u}`, `GET /?k=/a&b=3&u=${u}`, `GET /?k=/b&b=4&u=${u}`])(Date.now())
--- error_code eval
[200, 200, 204, 200, 200]
--- response_headers eval
["X-Cache: MISS", "X-Cache: MISS", null, "X-Cache: MISS", "X-Cache: HIT"]

=== a wildcard for nothing
--- request eval
(u => [`GET /?k=/a*&purge=1&u=${u}`])(Date.now())
--- error_code eval
[204]

=== all variants of an entry go
--- request eval
(u => [`GET /?v=X-A&b=1&u=${u}`, `GET /?v=X-A&b=2&u=${u}`, `GET /?purge=1&u=${u}`, `GET /?v=X-A&b=3&u=${u}`, `GET /?v=X-A&b=4&u=${u}`])(Date.now())
--- more_headers eval
["X-A: 1", "X-A: 2", "X: y", "X-A: 1", "X-A: 2"]
--- error_code eval
[200, 200, 204, 200, 200]
--- response_headers eval
["X-Cache: MISS", "X-Cache: MISS", null, "X-Cache: MISS", "X-Cache: MISS"]

=== purger=on
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m purger=on purger_files=2 purger_sleep=5ms purger_threshold=10ms;
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; add_header Vary $arg_v; return 200 "GET $arg_b\n"; }
--- config
proxy_cache z;
proxy_cache_key $arg_u$arg_k;
proxy_cache_valid 200 1m;
proxy_cache_purge $arg_purge;
add_header X-Cache $upstream_cache_status;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- request eval
(u => [`GET /?k=/a&b=1&u=${u}`, `GET /?k=/*&purge=1&u=${u}`, `GET /?k=/a&b=3&u=${u}`])(Date.now())
--- error_code eval
[200, 204, 200]
--- response_headers eval
["X-Cache: MISS", null, "X-Cache: MISS"]

=== purger=
--- http_config
proxy_cache_path cache keys_zone=z:1m purger=yes;
--- config
location / { return 200; }
--- must_die
--- error_log
invalid purger value "purger=yes", it must be "on" or "off" in

=== purger_files=
--- http_config
proxy_cache_path cache keys_zone=z:1m purger_files=x;
--- config
location / { return 200; }
--- must_die
--- error_log
invalid purger_files value "purger_files=x" in

=== purger_sleep=
--- http_config
proxy_cache_path cache keys_zone=z:1m purger_sleep=x;
--- config
location / { return 200; }
--- must_die
--- error_log
invalid purger_sleep value "purger_sleep=x" in

=== purger_threshold=
--- http_config
proxy_cache_path cache keys_zone=z:1m purger_threshold=x;
--- config
location / { return 200; }
--- must_die
--- error_log
invalid purger_threshold value "purger_threshold=x" in
