# What is refused when the configuration is read, and what is only checked.

=== no scheme
--- config
location / { proxy_pass 127.0.0.1; }
--- must_die
--- error_log
invalid URL prefix

=== an unknown scheme
--- config
location / { proxy_pass ftp://127.0.0.1; }
--- must_die
--- error_log
invalid URL prefix

=== no host
--- config
location / { proxy_pass http:///x; }
--- must_die
--- error_log
no host in upstream "/x"

=== a port beyond all
--- config
location / { proxy_pass http://127.0.0.1:99999; }
--- must_die
--- error_log
invalid port in upstream "127.0.0.1:99999"

=== twice
--- config
location / { proxy_pass http://127.0.0.1; proxy_pass http://127.0.0.1; }
--- must_die
--- error_log
"proxy_pass" directive is duplicate

=== a URI in a location of an expression
--- config
location ~ / { proxy_pass http://127.0.0.1/x; }
--- must_die
--- error_log
"proxy_pass" cannot have URI part in location given by regular expression

=== a URI in a named location
--- config
location @a { proxy_pass http://127.0.0.1/x; }
--- must_die
--- error_log
"proxy_pass" cannot have URI part in location given by regular expression

=== an upstream with a port
--- http_config
upstream u { server 127.0.0.1; }
--- config
location / { proxy_pass http://u:80; }
--- must_die
--- error_log
upstream "u" may not have port 80

=== one buffer
--- config
location / { proxy_buffers 1 4k; }
--- must_die
--- error_log
there must be at least 2 "proxy_buffers" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:

=== busy buffers that are too small
--- config
location / { proxy_busy_buffers_size 1k; }
--- must_die
--- error_log
"proxy_busy_buffers_size" must be equal to or greater than the maximum of the value of "proxy_buffer_size" and one of the "proxy_buffers"

=== busy buffers that are too large
--- config
location / { proxy_busy_buffers_size 1m; }
--- must_die
--- error_log
"proxy_busy_buffers_size" must be less than the size of all "proxy_buffers" minus one buffer

=== temporary files that are too small
--- config
location / { proxy_max_temp_file_size 1k; }
--- must_die
--- error_log
"proxy_max_temp_file_size" must be equal to zero to disable temporary files usage or must be equal to or greater than

=== an unknown HTTP version
--- config
location / { proxy_http_version 3; }
--- must_die
--- error_log
invalid value "3"

=== an unknown reason for the next peer
--- config
location / { proxy_next_upstream http_418; }
--- must_die
--- error_log
invalid value "http_418"

=== an unknown header to ignore
--- config
location / { proxy_ignore_headers Server; }
--- must_die
--- error_log
invalid value "Server"

=== an address that is none
--- config
location / { proxy_bind nowhere; }
--- must_die
--- error_log
invalid address "nowhere"

=== a flag that is none
--- config
location / { proxy_buffering maybe; }
--- must_die
--- error_log
invalid value "maybe" in "proxy_buffering" directive, it must be "on" or "off"

=== a time that is none
--- config
location / { proxy_read_timeout soon; }
--- must_die
--- error_log
"proxy_read_timeout" directive invalid value

=== proxy_pass outside of locations
--- config
proxy_pass http://127.0.0.1;
--- must_die
--- error_log
"proxy_pass" directive is not allowed here

=== a protocol of TLS that is none
--- config
location / { proxy_ssl_protocols SSLv9; }
--- must_die
--- error_log
invalid value "SSLv9"

=== proxy_ssl_verify without authorities
--- config
location / { proxy_pass https://127.0.0.1; proxy_ssl_verify on; }
--- must_die
--- error_log
no proxy_ssl_trusted_certificate for proxy_ssl_verify

=== a certificate without its key
--- config
location / { proxy_pass https://127.0.0.1; proxy_ssl_certificate x.crt; }
--- must_die
--- error_log
no "proxy_ssl_certificate_key" is defined for certificate

=== a certificate that is not there
--- config
location / { proxy_pass https://127.0.0.1; proxy_ssl_certificate /none.crt; proxy_ssl_certificate_key /none.key; }
--- must_die
--- error_log
cannot load certificate "/none.crt": BIO_new_file() failed (SSL: error:80000002:system library::No such file or directory:calling fopen(/none.crt, r) error:10000080:BIO routines::no such file)

=== ciphers that are none
--- config
location / { proxy_pass https://127.0.0.1; proxy_ssl_ciphers NONE; }
--- must_die
--- error_log
SSL_CTX_set_cipher_list("NONE") failed (SSL: error:0A0000B9:SSL routines::no cipher match)

=== a password file that is not there
--- config
location / { proxy_ssl_password_file /none; }
--- must_die
--- error_log
open() "/none" failed (2: No such file or directory)

=== a cache of certificates without its size
--- config
location / { proxy_ssl_certificate_cache valid=1s; }
--- must_die
--- error_log
"proxy_ssl_certificate_cache" must have the "max" parameter

=== what tunes nginx's memory and sockets is accepted
--- config
proxy_headers_hash_max_size 1024; proxy_headers_hash_bucket_size 128; proxy_send_lowat 0; proxy_socket_rcvbuf 64k; proxy_socket_sndbuf 64k; proxy_temp_path x 1 2; proxy_temp_file_write_size 8k; proxy_busy_buffers_size 8k; proxy_socket_keepalive on;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;  }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"
--- request
GET /
--- response_body
ok

=== levels of a directory: not too long
--- config
location / { proxy_pass http://127.0.0.1:1; proxy_temp_path x 4 4 4; }
--- must_die
--- error_log
"proxy_temp_path" directive invalid value in

=== levels of a directory: numbers
--- config
location / { proxy_pass http://127.0.0.1:1; proxy_temp_path x 1 y; }
--- must_die
--- error_log
"proxy_temp_path" directive invalid value in

=== proxy_send_lowat and its like do nothing
--- config
location / { return 200 ok; proxy_send_lowat 1k; fastcgi_send_lowat 1k; tunnel_send_lowat 1k; send_lowat 1k; }
--- request
GET /
--- error_log
"proxy_send_lowat" is not supported, ignored in
"fastcgi_send_lowat" is not supported, ignored in
"tunnel_send_lowat" is not supported, ignored in
"send_lowat" is not supported, ignored in

=== an address to bind to is looked at before what follows
--- config
location / { proxy_pass http://127.0.0.1:1; proxy_bind x y; }
--- must_die
--- error_log
invalid address "x" in
