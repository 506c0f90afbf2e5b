# ssi: server side includes.

=== a page is a text with commands
--- config
location / { ssi on; }
--- user_files
>>> a.html
<p><!--#set var="x" value="a<b" --><!--#echo var="x" -->, <!--#echo var="X" encoding="url" --> <!--#echo var="x" --></p>
<!--#echo var="none" -->/<!--#echo var="none" default="s&m" -->/<!--#echo var="none" default="" -->
<!--#echo var='x' encoding='none' --> <!--#echo var="x" encoding="entity" --> <!--#echo var="x" encoding="?" -->
<!-- a comment --><!--
--- request
GET /a.html
--- response_body
<p>a&lt;b, a%3Cb a%3Cb</p>
(none)/s&m/
a<b a&lt;b a&lt;b
<!-- a comment --><!--
--- error_log
unknown encoding "?" in the "echo" command

=== without ssi, and of other types, commands are text
--- config
location / { }
location /on/ { ssi on; alias html/; }
location /types/ { ssi on; ssi_types text/plain; alias html/; }
location /all/ { ssi on; ssi_types *; alias html/; }
location /if/ { if ($arg_ssi) { ssi on; } alias html/; }
--- user_files
>>> a.txt
<!--#echo var="uri" -->
>>> a.html
<!--#echo var="uri" -->
--- request eval
["GET /a.html", "GET /on/a.html", "GET /on/a.txt", "GET /types/a.txt", "GET /types/a.html", "GET /all/a.txt",
  "GET /if/a.html", "GET /if/a.html?ssi=1"]
--- response_body eval
['<!--#echo var="uri" -->\n', "/on/a.html\n", '<!--#echo var="uri" -->\n', "/types/a.txt\n", "/types/a.html\n",
  "/all/a.txt\n", '<!--#echo var="uri" -->\n', "/if/a.html\n"]

=== the head of a page does not tell its length, nor its date
--- config
location / { ssi on; }
location /dated/ { ssi on; ssi_last_modified on; alias html/; }
--- user_files
>>> a.html 200001010000.00
<!--#echo var="uri" -->
>>> empty.html
--- request eval
["GET /a.html", "GET /dated/a.html", "HEAD /a.html", "GET /dated/a.html", "GET /empty.html"]
--- more_headers eval
["Range: bytes=0-1", "X: y", "X: y", "If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT", "X: y"]
--- error_code eval
[200, 200, 200, 304, 200]
--- response_headers eval
["! Last-Modified\n! ETag\n! Content-Length\n! Accept-Ranges", 'Last-Modified: Sat, 01 Jan 2000 00:00:00 GMT\nETag: W/"386d4380-18"',
  "! Content-Length", null, "Content-Length: 0"]
--- response_body eval
["/a.html\n", "/dated/a.html\n", "", "", ""]

=== includes stand where they are, however long each takes
--- config
location / { ssi on; }
location /slow { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- user_files
>>> a.html
[<!--#include virtual="/slow" -->|<!--#include virtual="/b.html?x=y" -->|<!--#include file="c.txt" -->]
>>> b.html
b<!--#echo var="args" --><!--#include virtual="c.txt" --><!--#include virtual="/slow" -->b
>>> c.txt
c
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.0 200 OK\r\n\r\nslow"
--- tcp_reply_delay: 0.1
--- request
GET /a.html
--- response_body
[slow|bx=yc
slowb
|c
]

=== errors are included as they are; what climbs out of the root is not
--- config
location / { ssi on; }
location /page/ { error_page 404 = @page; }
location @page { return 200 "page of $uri"; }
location /deny/ { deny all; }
location /silent/ { ssi on; ssi_silent_errors on; alias html/; }
--- user_files
>>> a.html
[<!--#include virtual="/none.html" -->|<!--#include virtual="/page/none" -->|<!--#include virtual="/../etc/passwd" -->|<!--#include virtual="/%2e%2e/etc" -->]
>>> b.html
[<!--#include virtual="/../a" --><!--#no -->|<!--#include virtual="/deny/c.txt" -->]
>>> deny/c.txt
access is not asked for
--- request eval
["GET /a.html", "GET /silent/b.html"]
--- response_body_like eval
[/^\[<html>\r\n<head><title>404 Not Found[^|]*\|page of \/page\/none\|\[an error occurred while processing the directive\]\|\[an error [^\]]*\]\]\n$/,
  /^\[\|access is not asked for\n\]\n$/]
--- error_log
unsafe URI "/../etc/passwd" was detected
unsafe URI "/../etc" was detected
invalid SSI command: "no"

=== an include that breaks off is cut, one that says nothing is an error page
--- config
location / { ssi on; }
location /cut { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
location /dead { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_2; error_page 502 = /c.txt; }
--- user_files
>>> a.html
[<!--#include virtual="/cut" -->|<!--#include virtual="/dead" -->]
>>> c.txt
c
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.0 200 OK\r\nContent-Length: 10\r\n\r\ncut"
--- request
GET /a.html
--- response_body
[cut|c
]
--- error_log
upstream prematurely closed connection

=== wait and set: the page stands still until the response is there
--- config
location / { ssi on; }
location /slow { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- user_files
>>> a.html
-<!--#set var="v" value="before" --><!--#include virtual="/b.html" -->[<!--#echo var="v" -->]
<!--#include virtual="/b.html" wait="yes" -->[<!--#echo var="v" -->]
<!--#include virtual="/slow" set="v" -->[<!--#echo var="v" -->]
<!--#include virtual="/none" set="v" -->[<!--#echo var="v" -->]
<!--#include virtual="/none" set="w" -->[<!--#echo var="w" -->]
>>> b.html
<!--#set var="v" value="by b" -->
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.0 200 OK\r\n\r\nslow"
--- tcp_reply_delay: 0.1
--- request
GET /a.html
--- response_body
-
[before]

[by b]
[slow]
[slow]
[]

=== a response for a variable is small, and includes nothing
--- config
location / { ssi on; }
location /big { return 200 "$request_id$request_id$request_id"; subrequest_output_buffer_size 64; }
location /unknown { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; subrequest_output_buffer_size 64; }
--- user_files
>>> a.html
<!--#include virtual="/b.html" set="v" -->[<!--#echo var="v" -->]
>>> b.html
<!--#include virtual="/a.html" --> and enough to have room for the message
>>> c.html
<!--#include virtual="/big" set="v" -->[<!--#echo var="v" -->]
>>> d.html
<!--#include virtual="/unknown" set="v" -->[<!--#echo var="v" -->]
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
`HTTP/1.0 200 OK\r\n\r\n${"x".repeat(65)}`
--- request eval
["GET /a.html", "GET /c.html", "GET /d.html"]
--- response_body eval
["[[an error occurred while processing the directive] and enough to have room for the message\n]\n", null, null]
--- error_code eval
[200, null, null]
--- ignore_response
--- error_log eval
["nested in-memory subrequest \"/a.html\"", "too big subrequest response: 96", /too big subrequest response while/]

=== stub: a block stands for what is empty or an error
--- config
location / { ssi on; }
--- user_files
>>> a.html
-<!--#block name="s" -->stub of <!--#echo var="uri" --><!--#if expr="1" -->!<!--#endif --><!--#endblock -->
[<!--#include virtual="/none.html" stub="s" -->|<!--#include virtual="/b.html" stub="s" -->|<!--#include virtual="/c.html" stub="s" -->]
<!--#include virtual="/none.html" stub="t" -->
>>> b.html
b
>>> c.html
<!--#set var="x" value="nothing is said" -->
--- request
GET /a.html
--- response_body
-
[stub of /none.html!|b
|
]
[an error occurred while processing the directive]
--- error_log
"stub"="t" for "include" not found

=== what a page includes is not deeper than 51
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

=== if: words, variables, regular expressions and what they capture
--- config
location / { ssi on; default_type text/html; }
--- user_files
>>> a.html
<!--#if expr="$arg_a" -->a<!--#elif expr="$arg_b = x" -->b is x<!--#elif expr="$arg_b != /^(?<first>.)(.)?(.*)\$/" -->no b<!--#else -->b: <!--#echo var="0" --> <!--#echo var="first" --> <!--#echo var="2" --> <!--#echo var="3" --><!--#endif -->.
>>> b.html
<!--#if expr="$x = /(a)|(b)/" --><!--#endif -->
<!--#if expr="b = /(a)|(b)|(c)/" -->[<!--#echo var="1" -->|<!--#echo var="2" -->|<!--#echo var="3" -->]<!--#endif -->
<!--#if expr="A = a" -->left is lower case<!--#endif -->
<!--#if expr="a = \/b" -->no<!--#else -->none<!--#if expr="1" -->no<!--#endif -->
<!--#if expr="" -->no<!--#endif --><!--#if expr="$none = " -->empty<!--#endif -->
--- request eval
["GET /a.html?a=1", "GET /a.html?b=x", "GET /a.html", "GET /a.html?b=Yz0", "GET /b.html"]
--- response_body eval
["a.\n", "b is x.\n", "no b.\n", "b: Yz0 Y z 0.\n",
  "\n[|b|(none)]\nleft is lower case\nnone[an error occurred while processing the directive]no\nempty\n"]
--- error_log
the "if" command inside the "if" command

=== wrong commands
--- config
location / { ssi on; ssi_value_length 20; }
--- user_files
>>> a.html
<!--#config errmsg="!" --><!--#if expr="a ? b" --><!--#if expr="a = /(/" --><!--#if expr="a = /b" --><!--#else --><!--#endif -->
<!--#echo --><!--#echo var="a" var="b" --><!--#echo var="a" vax="b" --><!--#set var="a" value="${b" --><!--#set var="a" value="$" -->
<!--#include --><!--#include virtual="/a" file="b" --><!--#include file="b" wait="yes" --><!--#include virtual="/b" wait="?" --><!--#include virtual="/b" set="a" stub="b" -->
<!--#echo var="123456789012345678901" --><!--#echo var="a"b --><!--#echo -x-->
--- request
GET /a.html
--- response_body
!!!!!
!!!!!
!!!!!
!!!
--- error_log
invalid expression in "a ? b"
pcre2_compile() failed: missing closing parenthesis in "("
invalid expression in "a = /b"
invalid context of SSI command: "else"
invalid context of SSI command: "endif"
mandatory "var" parameter is absent in "echo" SSI command
duplicate "var" parameter in "echo" SSI command
invalid parameter name: "vax" in "echo" SSI command
the closing bracket in "b" variable is missing
invalid variable name in "$"
no parameter in "include" SSI command
inclusion may be either virtual="/a" or file="b"
"wait" cannot be used with file="b"
invalid value "?" in the "wait" parameter
"set" and "stub" cannot be used together in "include" SSI command
too long "123456789012345678901..." value of "var" parameter in "echo" SSI command
unexpected "b" symbol after "a" value of "var" parameter in "echo" SSI command
unexpected "x" symbol in "echo" SSI command

=== dates in formats of the page
--- config
location / { ssi on; }
--- user_files
>>> a.html
<!--#echo var="date_gmt" -->
<!--#config timefmt="%Y-%m-%dT%H:%M:%SZ" --><!--#echo var="date_gmt" -->
<!--#config timefmt="%s" --><!--#echo var="date_local" -->
--- request
GET /a.html
--- response_body_like: ^(Sun|Mon|Tues|Wednes|Thurs|Fri|Satur)day, \d\d-[A-Z][a-z]{2}-20\d\d \d\d:\d\d:\d\d GMT\n20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ\n\d{10}\n$

=== commands are split anywhere
--- config
location / { ssi on; proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_http_version 1.1; }
location /inc { return 200 "inc $arg_x"; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
`HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n${[...'<p><!--#set var="x" value="1" --><!- <!--#include virtual="/inc?x=$x" --><'].map((c) => `1\r\n${c}\r\n`).join("")}0\r\n\r\n`
--- request
GET /
--- response_body chomp
<p><!- inc 1

=== an answer before a page does not wait for it
--- config
location / { ssi on; }
location /slow { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- user_files
>>> a.html
<!--#include virtual="/slow" set="v" -->
>>> b.html
b
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_no_close
--- raw_request eval
"GET /b.html HTTP/1.1\r\nHost: x\r\n\r\nGET /a.html HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
--- timeout: 0.3
--- abort
--- response_body eval
["b\n"]

=== the log: subrequests where it asks for them
--- http_config
log_format sub '$uri $status';
--- config
location / { ssi on; access_log logs/access.log sub; log_subrequest on; }
--- user_files
>>> a.html
<!--#include virtual="/b.html" --><!--#include virtual="/none.html" -->
>>> b.html
b
--- request
GET /a.html
--- response_body_like: ^b\n<html>
--- access_log
/b.html 200
/none.html 404
/a.html 200

=== what is included gets the page's charset
--- http_config
charset_map koi8-r utf-8 { C1 D0B0; }
--- config
location / { ssi on; charset utf-8; source_charset utf-8; }
location /koi { source_charset koi8-r; }
location /own { charset koi8-r; source_charset koi8-r; }
location /none { }
--- user_files eval
[["a.html", '\xd0\xb0<!--#include virtual="/koi/b.html" --><!--#include virtual="/own/b.html" --><!--#include virtual="/none/b.html" -->'],
  ["koi/b.html", "\xc1\xc1."], ["own/b.html", "\xc1\xc1!"], ["none/b.html", "\xc1"]]
--- request
GET /a.html
--- response_headers
Content-Type: text/html; charset=utf-8
--- response_body eval
"\xd0\xb0\xd0\xb0\xd0\xb0.\xd0\xb0\xd0\xb0!\xc1"

=== filters of scripts see pages, and what is included, each on its own
--- config
location / {
    ssi on;
    header_filter_by_ts_block { await ngx.sleep(0.01); ngx.header["X-Page"] = ngx.var.uri; }
    body_filter_by_ts_block { ngx.arg[1] = String(ngx.arg[1] ?? "").replaceAll("UP", ngx.var.uri); }
}
location /up { return 200 "UP"; body_filter_by_ts_block { await ngx.sleep(0.01); ngx.arg[1] = String(ngx.arg[1] ?? "").toLowerCase(); } }
--- user_files
>>> a.html
UP[<!--#include virtual="/b.html" -->|<!--#include virtual="/up" -->|<!--#include virtual="/b.html" wait="yes" -->]UP
>>> b.html
(UP<!--#include virtual="/up" -->)
--- request
GET /a.html
--- response_headers
X-Page: /a.html
--- response_body
/a.html[(/b.htmlup)
|up|(/b.htmlup)
]/a.html

=== a page comes packed, and leaves packed
--- config
location / { ssi on; gunzip on; proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/raw/; proxy_set_header Accept-Encoding gzip; }
location /raw/ { gzip on; gzip_http_version 1.0; gzip_proxied any; alias html/; }
location /packed/ { ssi on; gzip on; gzip_min_length 0; alias html/; }
location /slow { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- user_files eval
[["a.html", `[<!--#include virtual="/slow" -->]${"-".repeat(1000000)}<!--#include virtual="/slow" -->`],
  ["b.html", '[<!--#include virtual="/slow" -->]']]
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.0 200 OK\r\n\r\nslow"
--- tcp_reply_delay: 0.1
--- request eval
["GET /a.html", "GET /packed/b.html"]
--- more_headers eval
["X: y", "Accept-Encoding: gzip"]
--- response_headers eval
["! Content-Encoding", "Content-Encoding: gzip"]
--- response_body_like eval
[/^\[slow\]-{1000000}slow$/, /^\x1f\x8b[^]*$/]

=== scripts get pages as they are written, and may write pages
--- config
location / { ssi on; }
location /captured {
    content_by_ts_block { ngx.print((await ngx.location.capture("/a.html")).body); }
}
location /page {
    ssi on;
    default_type text/html;
    content_by_ts_block {
        ngx.print('[<!--#include virtual="/a.html" -->');
        await ngx.sleep(0.01);
        ngx.print('<!--#include virtual="/captured" -->]');
    }
}
--- user_files
>>> a.html
<!--#echo var="uri" -->
--- request eval
["GET /captured", "GET /page"]
--- response_body eval
['<!--#echo var="uri" -->\n', '[/a.html\n<!--#echo var="uri" -->\n]']

=== bad directives
--- config
location / { ssi maybe; }
--- must_die
--- error_log
invalid value "maybe" in "ssi" directive, it must be "on" or "off"
