# Vary in what is cached.

=== Vary: each header its own entry
--- master
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
--- request eval
(u => [`GET /?cc=max-age=60&v=X-A&b=1&u=${u}`, `GET /?cc=max-age=60&v=X-A&b=2&u=${u}`, `GET /?cc=max-age=60&v=X-A&b=3&u=${u}`, `GET /?cc=max-age=60&v=X-A&b=4&u=${u}`])(Date.now())
--- more_headers eval
["X-A: 1", "X-A: 1", "X-A: 2", "X-A: 2"]
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT", "X-Cache: MISS", "X-Cache: HIT"]
--- response_body eval
["GET 1\n", "GET 1\n", "GET 3\n", "GET 3\n"]

=== Vary: back to the first
--- request eval
(u => [`GET /?cc=max-age=60&v=X-A&b=1&u=${u}`, `GET /?cc=max-age=60&v=X-A&b=2&u=${u}`, `GET /?cc=max-age=60&v=X-A&b=3&u=${u}`])(Date.now())
--- more_headers eval
["X-A: 1", "X-A: 2", "X-A: 1"]
--- response_headers eval
["X-Cache: MISS", "X-Cache: MISS", "X-Cache: HIT"]
--- response_body eval
["GET 1\n", "GET 2\n", "GET 1\n"]

=== Vary: none is a value too
--- request eval
(u => [`GET /?cc=max-age=60&v=X-A&b=1&u=${u}`, `GET /?cc=max-age=60&v=X-A&b=2&u=${u}`, `GET /?cc=max-age=60&v=X-A&b=3&u=${u}`])(Date.now())
--- more_headers eval
["X-B: 1", "X-A: 2", "X-B: 2"]
--- response_headers eval
["X-Cache: MISS", "X-Cache: MISS", "X-Cache: HIT"]

=== Vary: lists are compared without their spaces
--- request eval
(u => [`GET /?cc=max-age=60&v=accept-encoding&b=1&u=${u}`, `GET /?cc=max-age=60&v=accept-encoding&b=2&u=${u}`, `GET /?cc=max-age=60&v=accept-encoding&b=3&u=${u}`])(Date.now())
--- more_headers eval
["Accept-Encoding: a,  b", "Accept-Encoding: a, b", "Accept-Encoding: b, a"]
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT", "X-Cache: MISS"]

=== Vary: several headers
--- request eval
(u => [`GET /?cc=max-age=60&v=x-a,x-b&b=1&u=${u}`, `GET /?cc=max-age=60&v=x-a,x-b&b=2&u=${u}`, `GET /?cc=max-age=60&v=x-a,x-b&b=3&u=${u}`])(Date.now())
--- more_headers eval
["X-A: 1\nX-B: 1", "X-A: 1\nX-B: 2", "X-B: 1\nX-A: 1"]
--- response_headers eval
["X-Cache: MISS", "X-Cache: MISS", "X-Cache: HIT"]

=== Vary: a response without it replaces all
--- request eval
(u => [`GET /?cc=max-age=60&v=X-A&b=1&u=${u}`, `GET /?cc=max-age=60&b=2&u=${u}`, `GET /?b=3&u=${u}`])(Date.now())
--- more_headers eval
["X-A: 1", "X-A: 2", "X-A: 3"]
--- response_headers eval
["X-Cache: MISS", "X-Cache: MISS", "X-Cache: HIT"]
--- response_body eval
["GET 1\n", "GET 2\n", "GET 2\n"]
