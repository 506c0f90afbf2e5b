# listen … proxy_protocol: a header of PROXY protocol before the first request of a connection.

=== version 1 tells both addresses, for all requests of the connection
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT proxy_protocol; server_name other; }
--- config
location / { return 200 "$proxy_protocol_addr|$proxy_protocol_port|$proxy_protocol_server_addr|$proxy_protocol_server_port|$remote_addr"; }
--- raw_request eval
"PROXY TCP4 192.0.2.1 192.0.2.2 123 5678\r\nGET /a HTTP/1.1\r\nHost: localhost\r\n\r\nGET /b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
--- response_body eval
Array(2).fill("192.0.2.1|123|192.0.2.2|5678|127.0.0.1")

=== the first request may come later than the header
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT proxy_protocol; server_name other; }
--- config
location / { return 200 "$proxy_protocol_addr|$proxy_protocol_port"; }
--- raw_request eval
["PROXY TCP6 2001:DB8::1 2001:db8::2 65535 0\r\n", "GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"]
--- response_body chomp
2001:DB8::1|65535

=== UNKNOWN says nothing, whatever follows it
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT proxy_protocol; server_name other; }
--- config
location / { return 200 "$proxy_protocol_addr|$proxy_protocol_port|$proxy_protocol_tlv_alpn|$remote_addr"; }
--- raw_request eval
"PROXY UNKNOWN 1 2 3\r\nGET /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
--- response_body chomp
|||127.0.0.1
--- no_error_log
TLV

=== version 2, with fields of every kind
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT proxy_protocol; server_name other; }
--- config
location / {
    return 200 "$proxy_protocol_addr|$proxy_protocol_port|$proxy_protocol_server_addr|$proxy_protocol_server_port|
$proxy_protocol_tlv_alpn|$proxy_protocol_tlv_0x1|$proxy_protocol_tlv_0xae|$proxy_protocol_tlv_ssl_verify|
$proxy_protocol_tlv_ssl_cn|$proxy_protocol_tlv_ssl_0x22|$proxy_protocol_tlv_netns|$proxy_protocol_tlv_other|";
}
--- raw_request eval
"\r\n\r\n\0\r\nQUIT\n\x21\x21\0\x44" + "\x20\x01\x0d\xb8" + "\0".repeat(11) + "\x01" + "\0".repeat(15) + "\x02" + "\0\x7b\x16\x2e" +
"\x01\0\x02h2" + "\xae\0\x03xyz" + "\x20\0\x0b\x01\0\x01\0\x02\x22\0\x03a.b" +
"\x04\0\x04\0\0\0\0" +
"GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
--- response_body chomp
2001:db8::1|123|::2|5678|
h2|h2|xyz|65538|
a.b|a.b|||
--- error_log
unknown PROXY protocol TLV "other"

=== version 2: a check of the balancer's own, and a family that is none of ours
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT proxy_protocol; server_name other; }
--- config
location / { return 200 "[$proxy_protocol_addr]"; }
--- raw_request eval
"\r\n\r\n\0\r\nQUIT\n\x21\x31\0\x04abcdGET /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
--- response_body chomp
[]

=== fields that do not fit are told
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT proxy_protocol; server_name other; }
--- config
location / { return 200 "[$proxy_protocol_tlv_alpn][$proxy_protocol_tlv_0xzz]"; }
--- raw_request eval
"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x10\x01\x02\x03\x04\x05\x06\x07\x08\0\x01\0\x02\x05\0\x02XGET /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
--- response_body chomp
[][]
--- error_log
broken PROXY protocol TLV, client
invalid PROXY protocol TLV "0xzz", client

=== real_ip_header proxy_protocol
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT proxy_protocol; server_name other; }
log_format from $remote_addr:$remote_port;
--- config
set_real_ip_from 127.0.0.1;
real_ip_header proxy_protocol;
access_log logs/access.log from;
location / { return 200 "$remote_addr|$remote_port|$realip_remote_addr"; }
--- raw_request eval
"PROXY TCP4 192.0.2.1 192.0.2.2 123 5678\r\n" + "GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n" + "GET /b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
--- response_body eval
Array(2).fill("192.0.2.1|123|127.0.0.1")
--- access_log
192.0.2.1:123

=== without listen … proxy_protocol there is nothing to take
--- config
set_real_ip_from 127.0.0.1;
real_ip_header proxy_protocol;
location / { return 200 "$remote_addr|$proxy_protocol_addr|$proxy_protocol_port"; }
--- request
GET /
--- response_body chomp
127.0.0.1||

=== a request without the header is not answered
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT proxy_protocol; server_name other; }
--- config
location / { return 204; }
--- raw_request eval
"GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n"
--- ignore_response
--- error_log
broken header: "GET /a HTTP/1.1" while reading PROXY protocol, client: 127.0.0.1, server: 127.0.0.1:$TEST_NGINX_SERVER_PORT

=== nor is one behind a header with a fault
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT proxy_protocol; server_name other; }
--- config
location / { return 204; }
--- raw_request eval
"PROXY TCP4 192.0.2.1 192.0.2.2 123 65536\r\nGET /a HTTP/1.1\r\nHost: localhost\r\n\r\n"
--- ignore_response
--- error_log
broken header: "PROXY TCP4 192.0.2.1 192.0.2.2 123 65536" while reading PROXY protocol

=== the header has to fit in client_header_buffer_size
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT proxy_protocol; server_name other; }
--- config
location / { return 204; }
--- raw_request eval
"\r\n\r\n\0\r\nQUIT\n\x21\x11\x10\0" + "x".repeat(4096) + "GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n"
--- ignore_response
--- error_log
header is too large while reading PROXY protocol

=== other versions are refused
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT proxy_protocol; server_name other; }
--- config
location / { return 204; }
--- raw_request eval
"\r\n\r\n\0\r\nQUIT\n\x31\x11\0\0GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n"
--- ignore_response
--- error_log
unknown PROXY protocol version: 3 while reading PROXY protocol

=== a client that goes before it has said anything
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT proxy_protocol; server_name other; }
--- config
location / { return 204; }
--- raw_request eval
""
--- shutdown
--- ignore_response
--- error_log
client closed connection while reading PROXY protocol, client: 127.0.0.1

=== directives of one address that do not agree are told
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1 proxy_protocol; server_name a; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; server_name b; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1 proxy_protocol; server_name c; }
--- config
location / { return 204; }
--- request
GET /
--- error_code: 204
--- error_log
[warn]
protocol options redefined for 127.0.0.1:$TEST_NGINX_RAND_PORT_1 in
