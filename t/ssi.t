=== a page is a text with commands
--- config
location / { ssi on; }
--- user_files
>>> a.html
<p><!--#set var="x" value="a<b" --><!--#echo var="x" -->, <!--#echo var="x" encoding="url" --></p>
<!--#echo var="none" -->/<!--#echo var="none" default="some" -->/<!--#echo var="none" default="" -->
<!-- a comment --><!--
--- request
GET /a.html
--- response_body
<p>a&lt;b, a%3Cb</p>
(none)/some/
<!-- a comment --><!--

=== without ssi, commands are text
--- config
location / { }
--- user_files
>>> a.html
<!--#echo var="uri" -->
--- request
GET /a.html
--- response_body
<!--#echo var="uri" -->

=== includes stand where they are, however long each takes
--- http_config
upstream slow { server 127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- config
location / { ssi on; }
location /slow { proxy_pass http://slow; }
--- user_files
>>> a.html
[<!--#include virtual="/slow" -->|<!--#include virtual="/b.html" -->|<!--#include file="c.txt" -->]
>>> b.html
b<!--#include virtual="c.txt" --><!--#include virtual="/slow" -->b
>>> c.txt
c
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.0 200 OK\r\n\r\nslow"
--- tcp_reply_delay: 0.1
--- request
GET /a.html
--- response_body
[slow|bc
slowb
|c
]

=== what a page includes is not deeper than 50
--- config
location / { ssi on; }
--- user_files
>>> a.html
.<!--#include virtual="/a.html" -->
--- request
GET /a.html
--- response_body eval
`${".".repeat(52)}[an error occurred while processing the directive]${"\n".repeat(52)}`
--- error_log
subrequests cycle while processing "/a.html"
