# URL, URLSearchParams, URLPattern.

=== parts of a URL
--- config
location /a {
    content_by_ts_block {
        const u = new URL("HTTP://us%20er:p%40w@EXAMPLE.com:80/a/./b/../c d?q=ü#f g");
        ngx.say([u.href, u.origin, u.protocol, u.username, u.password, u.host, u.hostname, JSON.stringify(u.port), u.pathname, u.search, u.hash].join("\n"));
        ngx.say(JSON.stringify({ u }), " ", String(u) === u.href, " ", Object.prototype.toString.call(u));
    }
}
--- request
GET /a
--- response_body
http://us%20er:p%40w@example.com/a/c%20d?q=%C3%BC#f%20g
http://example.com
http:
us%20er
p%40w
example.com
example.com
""
/a/c%20d
?q=%C3%BC
#f%20g
{"u":"http://us%20er:p%40w@example.com/a/c%20d?q=%C3%BC#f%20g"} true [object URL]

=== parts that are set, and what cannot be
--- config
location /a {
    content_by_ts_block {
        const u = new URL("http://h/p");
        u.protocol = "https"; u.host = "other:8443"; u.pathname = "x y"; u.search = "a=b c"; u.hash = "z"; u.username = "me"; u.port = "99999"; u.hostname = "bad host";
        ngx.say(u.href);
        u.port = ""; u.search = ""; u.hash = ""; u.username = "";
        ngx.say(u.href);
        try { u.href = "nonsense"; } catch (e) { ngx.say(e.name, " ", e.message, " ", u.href); }
    }
}
--- request
GET /a
--- response_body
https://me@other:8443/x%20y?a=b%20c#z
https://other/x%20y
TypeError Invalid URL https://other/x%20y

=== bases, parse, canParse
--- config
location /a {
    content_by_ts_block {
        for (const [a, b] of [["../x", "http://h/a/b/c"], ["//other/y", "https://h"], ["?q", "http://h/p#f"], ["", "http://h/p?q#f"], ["data:,x", undefined], ["x", undefined], ["x", "mailto:a"]] as const)
            ngx.say(URL.parse(a, b)?.href, " ", URL.canParse(a, b));
        try { new (URL as any)(); } catch (e) { ngx.say(e.name); }
    }
}
--- request
GET /a
--- response_body
http://h/a/x true
https://other/y true
http://h/p?q true
http://h/p?q true
data:,x true
undefined false
undefined false
TypeError

=== searchParams and search are one
--- config
location /a {
    content_by_ts_block {
        const u = new URL("http://h/?a=1&b=2&a=3"); const p = u.searchParams;
        p.append("c", "ä&="); ngx.say(u.search);
        p.delete("a", "3"); p.set("b", "x y"); ngx.say(u.href);
        u.search = "?new=1"; ngx.say(p.get("new"), " ", p.has("a"), " ", p === u.searchParams);
        p.delete("new"); ngx.say(u.href);
    }
}
--- request
GET /a
--- response_body
?a=1&b=2&a=3&c=%C3%A4%26%3D
http://h/?a=1&b=x+y&c=%C3%A4%26%3D
1 false true
http://h/

=== URLSearchParams: what it is made of
--- config
location /a {
    content_by_ts_block {
        const show = (x?: any) => { try { ngx.say(new URLSearchParams(x).toString()); } catch (e) { ngx.say(e.name); } };
        show("?a=1&&b&=c&d=%zz%41+%2B"); show({ a: 1, b: "x y" }); show([["a", "1"], ["a", "2"]]); show(new Map([["k", "v"]])); show(new URLSearchParams("z=1")); show(null); show(); show([["one"]]); show([1]);
        show("a=%ff%E2%82%AC"); show("??a=b"); show({ "\ud800": "\udfff" });
    }
}
--- request
GET /a
--- response_body
a=1&b=&=c&d=%25zzA+%2B
a=1&b=x+y
a=1&a=2
k=v
z=1
null=

TypeError
TypeError
a=%EF%BF%BD%E2%82%AC
%3Fa=b
%EF%BF%BD=%EF%BF%BD

=== URLSearchParams: all of its methods
--- config
location /a {
    content_by_ts_block {
        const p = new URLSearchParams("b=2&a=1&b=3");
        ngx.say(p.get("b"), p.getAll("b").join(), p.get("x"), p.has("b", "3"), p.has("b", "4"), p.size);
        p.sort(); ngx.say([...p].join("|"), " ", [...p.keys()].join(), " ", [...p.values()].join(), " ", [...p.entries()].length);
        const seen: string[] = []; p.forEach((v, k, self) => seen.push(k + v + (self === p))); ngx.say(seen.join());
        p.set("b", "only"); p.delete("a"); ngx.say(`${p}`);
        try { (p as any).append("x"); } catch (e) { ngx.say(e.name); }
    }
}
--- request
GET /a
--- response_body
22,3nulltruefalse3
a,1|b,2|b,3 a,b,b 1,2,3 3
a1true,b2true,b3true
b=only
TypeError

=== URLPattern
--- config
location /a {
    content_by_ts_block {
        const p = new URLPattern({ pathname: "/users/:id(\\d+)/:rest*" });
        ngx.say(p.test("http://h/users/7/a/b"), p.test("http://h/users/x"), p.test({ pathname: "/users/7" }));
        const m = p.exec("http://h/users/7/a/b")!; ngx.say(m.pathname.groups.id, " ", m.pathname.groups.rest, " ", p.pathname, " ", p.hostname);
        const q = new URLPattern("/api/*\\?v=:v", "https://x.test"); ngx.say(q.exec("https://x.test/api/a?v=1")?.search.groups.v, " ", q.test("http://x.test/api/a?v=1"), " ", q.hasRegExpGroups, p.hasRegExpGroups);
        try { new URLPattern({ pathname: "/(" }); } catch (e) { ngx.say(e.name, " ", URLPattern.name); }
    }
}
--- request
GET /a
--- response_body
truefalsetrue
7 a/b /users/:id(\d+)/:rest* *
1 false falsetrue
TypeError URLPattern

=== a pattern's regular expression runs in the isolate, under its limit
--- http_config
ts_cpu_limit 200ms;
--- config
location /a { content_by_ts_block { new URLPattern({ pathname: "/((?:a+)+b)" }).test({ pathname: "/" + "a".repeat(40) }); ngx.say("not reached"); } }
--- request
GET /a
--- error_code: 500
--- error_log
cut off after 200 ms
