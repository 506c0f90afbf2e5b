# proxy_store.

=== proxy_store on: where root leads
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { root html/up; } location /e { return 404 "no"; } }
--- config
location / { root proxy_temp; proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_store on; }
location /stored/ { alias proxy_temp/; }
--- user_files
>>> up/a.txt 202401021530.45
kept
--- request eval
["GET /a.txt", "GET /stored/a.txt"]
--- response_body eval
["kept\n", "kept\n"]

=== proxy_store with a path of variables
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { root html/up; } location /e { return 404 "no"; } }
--- config
location / { root proxy_temp; proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_store $document_root/s$uri; }
location /stored/ { alias proxy_temp/s/; }
--- user_files
>>> up/a.txt 202401021530.45
kept
--- request eval
["GET /a.txt", "GET /stored/a.txt"]
--- response_body eval
["kept\n", "kept\n"]

=== the time of Last-Modified is kept
--- user_files
>>> up/a.txt 202401021530.45
kept
--- request eval
["GET /a.txt", "GET /stored/a.txt"]
--- response_headers eval
[null, "Last-Modified: Tue, 02 Jan 2024 15:30:45 GMT"]

=== only what is 200 is stored
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { root html/up; } location /e { return 404 "no"; } }
--- config
location / { root proxy_temp; proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_store $document_root/t$uri; }
location /stored/ { alias proxy_temp/t/; }
--- request eval
["GET /e", "GET /stored/e"]
--- error_code eval
[404, 404]
--- error_log
"$TEST_NGINX_SERVER_ROOT/proxy_temp/t/e" failed

=== a HEAD stores nothing
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { root html/up; } location /e { return 404 "no"; } }
--- config
location / { root proxy_temp; proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_store $document_root/h$uri; }
location /stored/ { alias proxy_temp/h/; }
--- user_files
>>> up/a.txt 202401021530.45
kept
--- request eval
["HEAD /a.txt", "GET /stored/a.txt"]
--- error_code eval
[200, 404]
--- error_log
failed (2: No such file or directory)

=== a range of what is stored does not shorten it
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { root html/up; } location /e { return 404 "no"; } }
--- config
location / { root proxy_temp; proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_store $document_root/r$uri; }
location /stored/ { alias proxy_temp/r/; }
--- user_files
>>> up/a.txt 202401021530.45
kept
--- request eval
["GET /a.txt", "GET /stored/a.txt"]
--- response_body eval
[null, "kept\n"]

=== proxy_buffering off stores nothing
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { root html/up; } location /e { return 404 "no"; } }
--- config
location / { root proxy_temp; proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_store $document_root/n$uri; proxy_buffering off; }
location /stored/ { alias proxy_temp/n/; }
--- user_files
>>> up/a.txt 202401021530.45
kept
--- request eval
["GET /a.txt", "GET /stored/a.txt"]
--- error_code eval
[200, 404]
--- error_log
failed (2: No such file or directory)
