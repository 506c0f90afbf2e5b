# Responses that are buffered to files. The client is slow because of limit_rate.

=== what a slow client does not take goes to a file
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { root html; } }
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; limit_rate 3m;  }
--- user_files eval
[["big.txt", "0123456789abcdef".repeat(200000)]]
--- request
GET /big.txt
--- response_body eval
'0123456789abcdef'.repeat(200000)
--- error_log eval
[/\[warn\] \d+#\d+: \*\d+ an upstream response is buffered to a temporary file \S+\/proxy_temp\/\d\/\d\d\/\d{10} while reading upstream, client: 127\.0\.0\.1, /]

=== proxy_temp_path with levels
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { root html; } }
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; limit_rate 3m; proxy_temp_path my_temp 2 1; }
--- user_files eval
[["big.txt", "0123456789abcdef".repeat(200000)]]
--- request
GET /big.txt
--- response_body eval
'0123456789abcdef'.repeat(200000)
--- error_log eval
[/temporary file \S+\/my_temp\/\d\d\/\d\/\d{10} while/]

=== proxy_temp_path without levels
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { root html; } }
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; limit_rate 3m; proxy_temp_path flat_temp; }
--- user_files eval
[["big.txt", "0123456789abcdef".repeat(200000)]]
--- request
GET /big.txt
--- response_body eval
'0123456789abcdef'.repeat(200000)
--- error_log eval
[/temporary file \S+\/flat_temp\/\d{10} while/]

=== proxy_max_temp_file_size 0: the upstream waits
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { root html; } }
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; limit_rate 3m; proxy_max_temp_file_size 0; }
--- user_files eval
[["big.txt", "0123456789abcdef".repeat(200000)]]
--- request
GET /big.txt
--- response_body eval
'0123456789abcdef'.repeat(200000)
--- no_error_log
an upstream response is buffered to a temporary file

=== a small file, and then the upstream waits
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { root html; } }
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; limit_rate 3m; proxy_max_temp_file_size 64k; proxy_temp_file_write_size 16k; }
--- user_files eval
[["big.txt", "0123456789abcdef".repeat(200000)]]
--- request
GET /big.txt
--- response_body eval
'0123456789abcdef'.repeat(200000)
--- error_log
an upstream response is buffered to a temporary file

=== proxy_buffering off: no file
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { root html; } }
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; limit_rate 3m; proxy_buffering off; }
--- user_files eval
[["big.txt", "0123456789abcdef".repeat(200000)]]
--- request
GET /big.txt
--- response_body eval
'0123456789abcdef'.repeat(200000)
--- no_error_log
an upstream response is buffered to a temporary file

=== buffers that hold it all: no file
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { root html; } }
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; limit_rate 3m; proxy_buffers 1024 4k; }
--- user_files eval
[["big.txt", "0123456789abcdef".repeat(200000)]]
--- request
GET /big.txt
--- response_body eval
'0123456789abcdef'.repeat(200000)
--- no_error_log
an upstream response is buffered to a temporary file
