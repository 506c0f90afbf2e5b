# browser: $modern_browser, $ancient_browser and $msie.

=== by names and versions
--- config
modern_browser msie 5.5;
modern_browser gecko 1.0.0;
modern_browser opera 9.0;
modern_browser Safari 413;
modern_browser konqueror 3.0;
location / { return 200 "[$modern_browser] [$ancient_browser] [$msie]"; }
--- request eval
Array(12).fill("GET /")
--- more_headers eval
[
  "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)", "Mozilla/4.0 (compatible; MSIE 5.0; Windows NT 5.1)",
  "Mozilla/4.0 (compatible; MSIE 5.50; Windows NT 5.1)", "Mozilla/4.0 (compatible; MSIE 6.0; X11; FreeBSD i386) Opera 7.50  [en]",
  "Opera/9.01 (X11; FreeBSD 6 i386; U; en)", "Opera/8.0 (Windows NT 5.1; U; ru)",
  "Mozilla/5.0 (X11; U; Linux i686; en-US; rv:1.8.0.5) Gecko/20060729 Firefox/1.5.0.5", "Mozilla/5.0 (X11; U; Linux i686; en-US; rv:0.9) Gecko",
  "Mozilla/5.0 (SymbianOS/9.1; U; en-us) AppleWebKit/413 (KHTML, like Gecko) Safari/413", "Mozilla/5.0 (compatible; Konqueror/3.5; FreeBSD)",
  "curl/8.0", "rv:",
].map((agent) => `User-Agent: ${agent}`)
--- response_body eval
["m1", "a1", "m1", "a", "m", "a", "m", "a", "m", "m", "a", "a"]
  .map((kind) => `[${kind[0] === "m" ? 1 : ""}] [${kind[0] === "a" ? 1 : ""}] [${kind[1] ?? ""}]`)

=== those that are not named, texts of ancient ones, and values
--- config
modern_browser unlisted;
ancient_browser Links Lynx netscape4;
modern_browser_value new.;
ancient_browser_value old.;
location / { return 200 "$modern_browser$ancient_browser"; }
location /own { ancient_browser curl; modern_browser_value fresh; return 200 "$modern_browser$ancient_browser"; }
location /named { modern_browser gecko 1.9; return 200 "$modern_browser$ancient_browser"; }
--- request eval
["/", "/", "/", "/", "/own", "/own", "/named", "/named"].map((uri) => `GET ${uri}`)
--- more_headers eval
["User-Agent: curl/8.0", "User-Agent: Lynx/2.8", "User-Agent: Mozilla/4.72 [en] (X11)", "X: 1", "User-Agent: Lynx/2.8", "User-Agent: curl", "User-Agent: x", "User-Agent: Mozilla/5.0 (X; rv:1.9)"]
--- response_body eval
["new.", "old.", "old.", "new.", "fresh", "old.", "old.", "new."]

=== without directives all are ancient
--- config
location / { return 200 "[$modern_browser] [$ancient_browser]"; }
--- request
GET /
--- response_body chomp
[] [1]

=== other names are refused
--- config
modern_browser netscape 4;
--- must_die
--- error_log
unknown browser name "netscape" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== so are versions that are none
--- config
modern_browser gecko 1.x;
--- must_die
--- error_log
invalid browser version "1.x" in
