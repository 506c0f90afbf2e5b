# What fastcgi_pass has in common with proxy_pass: one setting a location. The upstream's answer says what it was asked.

=== headers, errors, ranges, and what of a request goes on
--- config
fastcgi_param REQUEST_URI "$request_uri;";
location /hide { fastcgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; fastcgi_hide_header X-H; }
location /shown { fastcgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; fastcgi_pass_header X-Accel-Expires; }
location /ignore { fastcgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; fastcgi_ignore_headers X-Accel-Redirect; }
location /intercept { fastcgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; fastcgi_intercept_errors on; error_page 404 /page; }
location /ranges { fastcgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; fastcgi_force_ranges on; }
location /headless { fastcgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; fastcgi_pass_request_headers off; }
location /bodiless { fastcgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; fastcgi_pass_request_body off; }
location /rest {
    fastcgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; fastcgi_limit_rate 10m; fastcgi_bind 127.0.0.1; fastcgi_socket_keepalive on;
    fastcgi_ignore_client_abort on; fastcgi_send_timeout 5s;
    fastcgi_socket_rcvbuf 16k; fastcgi_socket_sndbuf 16k;
}
location /page { return 200 "page"; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
((heads) => (query) => {
  const [, where] = /REQUEST_URI[^\/]*\/(\w+);/.exec(query);
  const body = where + (query.includes('HTTP_X') ? ' head' : '') + (query.includes('hello') ? ' body' : '');
  return ((text) => [...text.match(/[^]{1,16000}/g), ''].map((part) => `\x01\x06\0\x01${String.fromCharCode(part.length >> 8, part.length & 255)}\0\0${part}`).join('') + '\x01\x03\0\x01\0\x08\0\0\0\0\0\0\0\0\0\0')(`Content-Length: ${body.length}\r\n${heads[where] ?? ''}\r\n${body}`);
})({ hide: 'X-H: 1\r\nX-I: 2\r\n', shown: 'X-Accel-Expires: 9\r\n', ignore: 'X-Accel-Redirect: /page\r\n', intercept: 'Status: 404 No\r\n' })
--- request eval
["GET /hide", "GET /shown", "GET /ignore", "GET /intercept", "GET /ranges", "GET /headless", "POST /bodiless\nhello", "POST /rest\nhello"]
--- more_headers eval
["X: y", "X: y", "X: y", "X: y", "Range: bytes=1-2", "X: y", "X: y", "X: y"]
--- error_code eval
[200, 200, 200, 404, 206, 200, 200, 200]
--- response_headers eval
["X-I: 2\n! X-H", "X-Accel-Expires: 9", "! X-Accel-Redirect", null, "Content-Range: bytes 1-2/6", null, null, null]
--- response_body eval
["hide head", "shown head", "ignore head", "page", "an", "headless", "bodiless head", "rest head body"]

=== the next peer, and time
--- http_config
upstream two { server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 backup; keepalive 0; }
--- config
fastcgi_param REQUEST_URI "$request_uri;";
fastcgi_connect_timeout 5s;
fastcgi_keep_conn on;
add_header X-Status $upstream_status always;
location /next { fastcgi_pass two; }
location /off { fastcgi_pass two; fastcgi_next_upstream off; }
location /tries { fastcgi_pass two; fastcgi_next_upstream_tries 1; }
location /time { fastcgi_pass two; fastcgi_next_upstream error http_500; fastcgi_next_upstream_timeout 1m; }
location /hung { fastcgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; fastcgi_read_timeout 50ms; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_no_close
--- tcp_reply eval
(query) => (query.includes('/hung;') ? '' : ((text) => [...text.match(/[^]{1,16000}/g), ''].map((part) => `\x01\x06\0\x01${String.fromCharCode(part.length >> 8, part.length & 255)}\0\0${part}`).join('') + '\x01\x03\0\x01\0\x08\0\0\0\0\0\0\0\0\0\0')("Content-Length: 2\r\n\r\nok"))
--- request eval
["GET /next", "GET /off", "GET /tries", "GET /time", "GET /hung"]
--- error_code eval
[200, 502, 502, 200, 504]
--- response_headers eval
["X-Status: 502, 200", "X-Status: 502", "X-Status: 502", "X-Status: 502, 200", "X-Status: 504"]
--- error_log
Connection refused
upstream timed out (110: Connection timed out) while reading response header from upstream

=== caching
--- http_config
fastcgi_cache_path cache keys_zone=one:1m;
--- config
fastcgi_param REQUEST_URI "$request_uri;";
fastcgi_cache one;
fastcgi_cache_key $uri$arg_u;
fastcgi_cache_valid 200 1m;
add_header X-Cache $upstream_cache_status;
location /bypass { fastcgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; fastcgi_cache_bypass $arg_b; }
location /no { fastcgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; fastcgi_no_cache $arg_b; }
location /uses { fastcgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; fastcgi_cache_min_uses 2; }
location /post { fastcgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; fastcgi_cache_methods POST; }
location /stale { fastcgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; fastcgi_cache_use_stale http_500; }
location /valid { fastcgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; fastcgi_cache_revalidate on; }
location /later { fastcgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; fastcgi_cache_use_stale updating; fastcgi_cache_background_update on; }
location /lock {
    fastcgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; fastcgi_cache_lock on; fastcgi_cache_lock_timeout 5s; fastcgi_cache_lock_age 5s;
}
location /far { fastcgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; fastcgi_cache_max_range_offset 3; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
(query) => {
  const [, where, n] = /REQUEST_URI[^\/]*\/(\w+)\?n=(\d+)/.exec(query);
  const old = ['stale', 'valid', 'later'].includes(where) ? 'X-Accel-Expires: @1\r\nETag: "e"\r\n' : '';
  const status = n === '5' ? 'Status: 500\r\n' : query.includes('HTTP_IF_NONE_MATCH') ? 'Status: 304\r\n' : '';
  return ((text) => [...text.match(/[^]{1,16000}/g), ''].map((part) => `\x01\x06\0\x01${String.fromCharCode(part.length >> 8, part.length & 255)}\0\0${part}`).join('') + '\x01\x03\0\x01\0\x08\0\0\0\0\0\0\0\0\0\0')(`${old}${status}Content-Length: 1\r\n\r\n${n}`);
}
--- request eval
(u => [
  `GET /bypass?n=1&u=${u}`, `GET /bypass?n=2&b=1&u=${u}`, `GET /bypass?n=3&u=${u}`,
  `GET /no?n=1&b=1&u=${u}`, `GET /no?n=2&u=${u}`, `GET /no?n=3&u=${u}`,
  `GET /uses?n=1&u=${u}`, `GET /uses?n=2&u=${u}`, `GET /uses?n=3&u=${u}`,
  `POST /post?n=1&u=${u}\na`, `POST /post?n=2&u=${u}\nb`,
  `GET /stale?n=1&u=${u}`, `GET /stale?n=5&u=${u}`,
  `GET /valid?n=1&u=${u}`, `GET /valid?n=2&u=${u}`,
  `GET /later?n=1&u=${u}`, `GET /later?n=2&u=${u}`,
  `GET /lock?n=1&u=${u}`, `GET /lock?n=2&u=${u}`,
  `GET /far?n=1&u=${u}`, `GET /far?n=2&u=${u}`,
])(Date.now())
--- more_headers eval
Array.from({ length: 21 }, (_, i) => (i === 19 ? 'Range: bytes=5-' : 'X: y'))
--- response_headers eval
['MISS', 'BYPASS', 'HIT', 'MISS', 'MISS', 'HIT', 'MISS', 'MISS', 'HIT', 'MISS', 'HIT', 'MISS', 'STALE', 'MISS', 'REVALIDATED', 'MISS', 'STALE', 'MISS', 'HIT', 'MISS', 'MISS'].map((status) => `X-Cache: ${status}`)
--- response_body eval
['1', '2', '2', '1', '2', '2', '1', '2', '2', '1', '1', '1', '1', '1', '1', '1', '1', '1', '1', '1', '2']

=== buffers, files and storing
--- config
fastcgi_param REQUEST_URI "$request_uri;";
location /head {
    fastcgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; fastcgi_buffer_size 1k; fastcgi_buffers 4 1k; fastcgi_busy_buffers_size 2k;
}
location /file {
    fastcgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; fastcgi_buffers 2 4k; fastcgi_busy_buffers_size 4k;
    fastcgi_max_temp_file_size 64k; fastcgi_temp_file_write_size 8k; fastcgi_temp_path fastcgi_files 1;
}
location /none { fastcgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; fastcgi_max_temp_file_size 0; }
location /flow { fastcgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; fastcgi_buffering off; }
location /kept { fastcgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; fastcgi_store on; fastcgi_store_access group:r all:r; root fastcgi_temp; }
location = /stored { alias fastcgi_temp/kept; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
(query) => {
  const [, where] = /REQUEST_URI[^\/]*\/(\w+);/.exec(query);
  const body = where === 'kept' ? 'kept' : 'z'.repeat(100000);
  return ((text) => [...text.match(/[^]{1,16000}/g), ''].map((part) => `\x01\x06\0\x01${String.fromCharCode(part.length >> 8, part.length & 255)}\0\0${part}`).join('') + '\x01\x03\0\x01\0\x08\0\0\0\0\0\0\0\0\0\0')(`X: ${'y'.repeat(where === 'head' ? 1500 : 5)}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
}
--- request eval
["GET /head", "GET /file", "GET /none", "GET /flow", "GET /kept", "GET /stored"]
--- error_code eval
[502, 200, 200, 200, 200, 200]
--- response_body eval
[null, 'z'.repeat(100000), 'z'.repeat(100000), 'z'.repeat(100000), 'kept', 'kept']
--- error_log
upstream sent too big header while reading response header from upstream
