# What fastcgi_pass, scgi_pass and uwsgi_pass have in common with proxy_pass: one setting a location. The upstream's answer
# says what it was asked; that of FastCGI comes in records.

=== headers, errors, ranges, and what of a request goes on
--- each: fastcgi scgi uwsgi
--- config
$EACH_param REQUEST_URI "$request_uri;";
location /hide { $EACH_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; $EACH_hide_header X-H; }
location /shown { $EACH_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; $EACH_pass_header X-Accel-Expires; }
location /ignore { $EACH_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; $EACH_ignore_headers X-Accel-Redirect; }
location /intercept { $EACH_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; $EACH_intercept_errors on; error_page 404 /page; }
location /ranges { $EACH_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; $EACH_force_ranges on; }
location /headless { $EACH_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; $EACH_pass_request_headers off; }
location /bodiless { $EACH_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; $EACH_pass_request_body off; }
location /rest {
    $EACH_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; $EACH_limit_rate 10m; $EACH_bind 127.0.0.1; $EACH_socket_keepalive on;
    $EACH_ignore_client_abort on; $EACH_send_timeout 5s;
    $EACH_socket_rcvbuf 16k; $EACH_socket_sndbuf 16k;
}
location /page { return 200 "page"; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
((heads) => (query) => {
  const [, where] = /REQUEST_URI[^\/]*\/(\w+);/.exec(query);
  const body = where + (query.includes('HTTP_X') ? ' head' : '') + (query.includes('hello') ? ' body' : '');
  return ('$EACH' === 'fastcgi' ? (text) => [...text.match(/[^]{1,16000}/g), ''].map((part) => `\x01\x06\0\x01${String.fromCharCode(part.length >> 8, part.length & 255)}\0\0${part}`).join('') + '\x01\x03\0\x01\0\x08\0\0\0\0\0\0\0\0\0\0' : String)(`Content-Length: ${body.length}\r\n${heads[where] ?? ''}\r\n${body}`);
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
--- each: fastcgi scgi uwsgi
--- http_config
upstream two { server 127.0.0.1:$TEST_NGINX_RAND_PORT_2 max_fails=0; server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 backup; keepalive 0; }
--- config
$EACH_param REQUEST_URI "$request_uri;";
$EACH_connect_timeout 5s;
add_header X-Status $upstream_status always;
location /next { $EACH_pass two; }
location /off { $EACH_pass two; $EACH_next_upstream off; }
location /tries { $EACH_pass two; $EACH_next_upstream_tries 1; }
location /time { $EACH_pass two; $EACH_next_upstream error http_500; $EACH_next_upstream_timeout 1m; }
location /hung { $EACH_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; $EACH_read_timeout 50ms; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_no_close
--- tcp_reply eval
(query) => (query.includes('/hung;') ? '' : ('$EACH' === 'fastcgi' ? (text) => [...text.match(/[^]{1,16000}/g), ''].map((part) => `\x01\x06\0\x01${String.fromCharCode(part.length >> 8, part.length & 255)}\0\0${part}`).join('') + '\x01\x03\0\x01\0\x08\0\0\0\0\0\0\0\0\0\0' : String)("Content-Length: 2\r\n\r\nok"))
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
--- each: fastcgi scgi uwsgi
--- http_config
$EACH_cache_path cache keys_zone=one:1m;
--- config
$EACH_param REQUEST_URI "$request_uri;";
$EACH_cache one;
$EACH_cache_key $uri$arg_u;
$EACH_cache_valid 200 1m;
add_header X-Cache $upstream_cache_status;
location /bypass { $EACH_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; $EACH_cache_bypass $arg_b; }
location /no { $EACH_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; $EACH_no_cache $arg_b; }
location /uses { $EACH_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; $EACH_cache_min_uses 2; }
location /post { $EACH_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; $EACH_cache_methods POST; }
location /stale { $EACH_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; $EACH_cache_use_stale http_500; }
location /valid { $EACH_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; $EACH_cache_revalidate on; }
location /later { $EACH_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; $EACH_cache_use_stale updating; $EACH_cache_background_update on; }
location /lock {
    $EACH_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; $EACH_cache_lock on; $EACH_cache_lock_timeout 5s; $EACH_cache_lock_age 5s;
}
location /far { $EACH_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; $EACH_cache_max_range_offset 3; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
(query) => {
  const [, where, n] = /REQUEST_URI[^\/]*\/(\w+)\?n=(\d+)/.exec(query);
  const old = ['stale', 'valid', 'later'].includes(where) ? 'X-Accel-Expires: @1\r\nETag: "e"\r\n' : '';
  const status = n === '5' ? 'Status: 500\r\n' : query.includes('HTTP_IF_NONE_MATCH') ? 'Status: 304\r\n' : '';
  return ('$EACH' === 'fastcgi' ? (text) => [...text.match(/[^]{1,16000}/g), ''].map((part) => `\x01\x06\0\x01${String.fromCharCode(part.length >> 8, part.length & 255)}\0\0${part}`).join('') + '\x01\x03\0\x01\0\x08\0\0\0\0\0\0\0\0\0\0' : String)(`${old}${status}Content-Length: 1\r\n\r\n${n}`);
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
--- each: fastcgi scgi uwsgi
--- config
$EACH_param REQUEST_URI "$request_uri;";
location /head {
    $EACH_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; $EACH_buffer_size 1k; $EACH_buffers 4 1k; $EACH_busy_buffers_size 2k;
}
location /file {
    $EACH_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; $EACH_buffers 2 4k; $EACH_busy_buffers_size 4k;
    $EACH_max_temp_file_size 64k; $EACH_temp_file_write_size 8k; $EACH_temp_path $EACH_files 1;
}
location /none { $EACH_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; $EACH_max_temp_file_size 0; }
location /flow { $EACH_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; $EACH_buffering off; }
location /kept { $EACH_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; $EACH_store on; $EACH_store_access group:r all:r; root $EACH_temp; }
location = /stored { alias $EACH_temp/kept; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
(query) => {
  const [, where] = /REQUEST_URI[^\/]*\/(\w+);/.exec(query);
  const body = where === 'kept' ? 'kept' : 'z'.repeat(100000);
  return ('$EACH' === 'fastcgi' ? (text) => [...text.match(/[^]{1,16000}/g), ''].map((part) => `\x01\x06\0\x01${String.fromCharCode(part.length >> 8, part.length & 255)}\0\0${part}`).join('') + '\x01\x03\0\x01\0\x08\0\0\0\0\0\0\0\0\0\0' : String)(`X: ${'y'.repeat(where === 'head' ? 1500 : 5)}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
}
--- request eval
["GET /head", "GET /file", "GET /none", "GET /flow", "GET /kept", "GET /stored"]
--- error_code eval
[502, 200, 200, 200, 200, 200]
--- response_body eval
[null, 'z'.repeat(100000), 'z'.repeat(100000), 'z'.repeat(100000), 'kept', 'kept']
--- error_log
upstream sent too big header while reading response header from upstream
