# set_by_ts: the value of a variable, in its place among the directives of the rewrite module.

=== the block's value is the variable's
--- config
location /a {
    set $a 32;
    set_by_ts_block $b { return Number(ngx.var.a) + 1; }
    set $c "$b!";
    return 200 "$a $b $c\n";
}
--- request
GET /a
--- response_body
32 33 33!

=== it runs in the order written, between set, if and rewrite
--- config
location /a {
    set $n 1;
    set_by_ts_block $n { return ngx.var.n + "2"; }
    if ($n = 12) { set $n "${n}3"; }
    set_by_ts_block $n { return ngx.var.n + "4"; }
    rewrite ^ /b/$n last;
}
location /b { return 200 "$uri\n"; }
--- request
GET /a
--- response_body
/b/1234

=== await in set
--- config
location /a {
    set_by_ts_block $x { await ngx.sleep(0.01); return (await ngx.location.capture("/s")).body; }
    set_by_ts_block $y { return ngx.var.x.length; }
    return 200 "$x $y\n";
}
location /s { return 200 "sub"; }
--- request
GET /a
--- response_body
sub 3

=== undefined and null are the empty string, other values text
--- config
location /a {
    set_by_ts_block $u { return undefined; }
    set_by_ts_block $n { return null; }
    set_by_ts_block $b { return true; }
    set_by_ts_block $e { return ["a", 1]; }
    set_by_ts_block $o { }
    return 200 "[$u] [$n] [$b] [$e] [$o]\n";
}
--- request
GET /a
--- response_body
[] [] [true] [a,1] []

=== in server, and in if
--- config
set_by_ts_block $host_name { return ngx.var.host.toUpperCase(); }
location /a {
    set $x none;
    if ($arg_x) { set_by_ts_block $x { return `given ${ngx.var.arg_x}`; } return 200 "$x\n"; }
    return 200 "$host_name $x\n";
}
--- request eval
["GET /a", "GET /a?x=1"]
--- response_body eval
["LOCALHOST none\n", "given 1\n"]

=== a file, with arguments
--- api: ngx.arg
--- user_files
>>> sum.ts
export default function (ngx: Ngx): string {
  return `${Number(ngx.arg[1]) + Number(ngx.arg[2])} ${ngx.get_phase()} ${ngx.arg[3]}`;
}
--- config
location /a {
    set $two 2;
    set_by_ts_file $sum html/sum.ts 1 $two;
    return 200 "$sum\n";
}
--- request
GET /a
--- response_body
3 set undefined

=== ngx.ctx and shared state are at hand, output is not
--- config
location /a {
    set_by_ts_block $x {
        ngx.ctx.n = 7;
        try { ngx.say("x"); } catch (e) { return e.message; }
    }
    content_by_ts_block { ngx.say(ngx.var.x, " ", ngx.ctx.n); }
}
--- request
GET /a
--- response_body
API disabled in the context of set_by_ts* 7

=== an error is a 500, with its place
--- config
location /a {
    set_by_ts_block $x { throw new Error("in set"); }
    return 200 "no";
}
--- request
GET /a
--- error_code: 500
--- error_log
set_by_ts(nginx.conf:5:32): in set

=== several blocks for several variables do not mix
--- config
location /a {
    set_by_ts_block $a { return 1; }
    set_by_ts_block $b { await null; return 2; }
    set_by_ts_block $c { return 3; }
    access_by_ts_block { ngx.ctx.sum = ngx.var.a + ngx.var.b + ngx.var.c; }
    content_by_ts_block { ngx.say(ngx.ctx.sum); }
}
--- request
GET /a
--- response_body
123

=== a variable without its dollar
--- config
location /a { set_by_ts_block x { return 1; } }
--- must_die
--- error_log
invalid variable name "x" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4
