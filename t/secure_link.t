# secure_link: links with a sum in them, and with an end.

=== by a sum of one's own, with and without an end
--- config
location / {
    secure_link $arg_s,$arg_e;
    secure_link_md5 "$uri$arg_e secret";
    return 200 "[$secure_link] [$secure_link_expires]";
}
location /forever {
    secure_link $arg_s;
    secure_link_md5 "$uri secret";
    return 200 "[$secure_link] [$secure_link_expires]";
}
--- request eval
(() => {
  const sum = (text) => process.getBuiltinModule("crypto").createHash("md5").update(text).digest("base64url");
  const good = sum("/forever secret");
  return [
    `/a?s=${sum("/a4000000000 secret")}&e=4000000000`,
    `/a?s=${sum("/a1000000000 secret")}&e=1000000000`,
    `/a?s=${sum("/a4000000000 secret")}&e=4000000001`,
    `/a?s=${sum("/ax secret")}&e=x`,
    `/a?s=${sum("/a secret")}`,
    `/forever?s=${good}`,
    `/forever?s=${good}==`,
    `/forever?s=${good}===`,
    `/forever?s=${good.slice(1)}`,
    `/forever?s=${good.slice(0, 20)}+/`,
    "/forever",
  ].map((uri) => `GET ${uri}`);
})()
--- response_body eval
["[1] [4000000000]", "[0] [1000000000]", "[] [4000000001]", "[] []", "[] []", "[1] []", "[1] []", "[] []", "[] []", "[] []", "[] []"]

=== by a secret: the link is what stands behind the sum, arguments too
--- config
location /p/ { secure_link_secret word; return 200 "[$secure_link]"; }
location /not/ { return 200 "[$secure_link]"; }
--- request eval
(() => {
  const sum = (text) => process.getBuiltinModule("crypto").createHash("md5").update(`${text}word`).digest("hex");
  return [
    `/p/${sum("a/b.txt")}/a/b.txt`,
    `/p/${sum("a?b=1").toUpperCase()}/a?b=1`,
    `/p/${sum("a")}/b`,
    `/p/${sum("")}/`,
    `/p/${sum("a")}0/a`,
    `/p/${"x".repeat(32)}/a`,
    "/p/a",
    `/not/${sum("a")}/a`,
  ].map((uri) => `GET ${uri}`);
})()
--- response_body eval
["[a/b.txt]", "[a?b=1]", "[]", "[]", "[]", "[]", "[]", "[]"]

=== inner blocks have one way or the other
--- config
secure_link $arg_s;
secure_link_md5 none;
location /old/ { secure_link_secret word; location /old/c4ca4238a0b923820dcc509a6f75849b/ { return 200 "[$secure_link]"; } return 200 "[$secure_link]"; }
location /new { return 200 "[$secure_link]"; }
--- request eval
["GET /old/c47d187067c6cf953245f128b5fde62a/x", "GET /new?s=M0OfpzU_UqVEYh9Bp1gydg"]
--- response_body_like eval
["^\\[x?\\]$", "^\\[1?\\]$"]

=== they cannot be mixed in one block
--- config
location / {
    secure_link_secret word;
    secure_link $arg_s;
}
--- must_die
--- error_log
"secure_link_secret" cannot be mixed with "secure_link" and "secure_link_md5" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:

=== a second one is refused
--- config
secure_link_md5 a;
secure_link_md5 b;
--- must_die
--- error_log
"secure_link_md5" directive is duplicate in
