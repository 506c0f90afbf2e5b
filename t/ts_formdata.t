# FormData, and both of its forms on the wire.

=== entries
--- config
location /a {
    content_by_ts_block {
        const f = new FormData();
        f.append("a", "1"); f.append("b", "2"); f.append("a", 3 as any); f.append("f", new Blob(["x"], { type: "t/x" })); f.append("g", new Blob(["y"]), "named.txt");
        ngx.say(f.get("a"), f.getAll("a").join(), f.get("none"), f.has("b"), " ", [...f.keys()].join());
        const file = f.get("f") as File; ngx.say(file.name, " ", file.type, " ", (f.get("g") as File).name, " ", await (f.get("g") as File).text(), " ", file instanceof File);
        f.set("a", "only"); f.delete("b"); f.set("new", "n");
        ngx.say([...f].map(([k, v]) => k + (typeof v === "string" ? "=" + v : "")).join());
        try { f.append("x", "text" as any, "name"); } catch (e) { ngx.say(e.name); }
        try { new FormData({} as any); } catch (e) { ngx.say(e.name); }
    }
}
--- request
GET /a
--- response_body
11,3nulltrue a,b,a,f,g
blob t/x named.txt y true
a=only,f,g,new=n
TypeError
TypeError

=== as multipart/form-data
--- config
location /a {
    content_by_ts_block {
        const f = new FormData(); f.append('na"me\r\n', "a\nb\r"); f.append("f", new File(["\u0000ü"], 'q"ä.bin')); f.append("t", new File(["x"], "t.txt", { type: "text/plain" }));
        const r = new Response(f); const type = r.headers.get("content-type")!;
        const boundary = /^multipart\/form-data; boundary=(.+)$/.exec(type)![1]!;
        ngx.print((await r.text()).replaceAll(boundary, "B").replaceAll("\r\n", "$\n").replaceAll("\u0000", "NUL"));
    }
}
--- request
GET /a
--- response_body
--B$
Content-Disposition: form-data; name="na%22me%0D%0A"$
$
a$
b$
$
--B$
Content-Disposition: form-data; name="f"; filename="q%22ä.bin"$
Content-Type: application/octet-stream$
$
NULü$
--B$
Content-Disposition: form-data; name="t"; filename="t.txt"$
Content-Type: text/plain$
$
x$
--B--$

=== there and back
--- config
location /a {
    content_by_ts_block {
        const f = new FormData(); const bytes = new Uint8Array(256).map((_, i) => i);
        f.append("text", "grün\r\n--not a boundary"); f.append("", "empty name"); f.append("file", new File([bytes], "ä\".bin", { type: "a/b" })); f.append("none", new File([], ""));
        const g = await new Response(f).formData();
        ngx.say(JSON.stringify([...g.keys()]), " ", g.get("text") === "grün\r\n--not a boundary", " ", g.get(""));
        const file = g.get("file") as File; const back = await file.bytes();
        ngx.say(file.name, " ", file.type, " ", back.length === 256 && back.every((b, i) => b === i), " ", (g.get("none") as File).size);
    }
}
--- request
GET /a
--- response_body
["text","","file","none"] true empty name
ä".bin a/b true 0

=== what a browser sends
--- config
location /a {
    content_by_ts_block {
        const f = await ngx.request.formData();
        for (const [k, v] of f) ngx.say(k, ": ", typeof v === "string" ? v : `${v.name} ${v.type} ${await v.text()}`);
    }
}
--- more_headers
Content-Type: multipart/form-data; boundary="--x y"
--- request eval
"POST /a\npreamble\r\n----x y\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\n----x y\r\ncontent-disposition: form-data; name=\"f\"; filename=\"f.txt\"\r\nContent-Type: text/plain\r\nX-Other: y\r\n\r\nline\r\nline\r\n----x y \r\nContent-Disposition: form-data; name=plain\r\n\r\n\r\n----x y--\r\nepilogue"
--- response_body eval
"a: one\nf: f.txt text/plain line\r\nline\nplain: \n"

=== of a form that is url-encoded
--- config
location /a { content_by_ts_block { const f = await ngx.request.formData(); ngx.say([...f].join("|")); } }
--- more_headers
Content-Type: application/x-www-form-urlencoded; charset=UTF-8
--- request
POST /a
a=1&b=x+y%26&a=%C3%BC
--- response_body
a,1|b,x y&|a,ü

=== what is no form
--- config
location /a {
    content_by_ts_block {
        const parse = async (body: string, type?: string) => { try { await new Response(body, type === undefined ? {} : { headers: { "content-type": type } }).formData(); ngx.say("parsed"); } catch (e) { ngx.say(e.name, ": ", e.message); } };
        await parse("a=b"); await parse("x", "multipart/form-data"); await parse("x", "multipart/form-data; boundary=b"); await parse("--b\r\nX: y\r\n\r\nz\r\n--b--", "multipart/form-data; boundary=b");
        await parse('--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nz', "multipart/form-data; boundary=b"); await parse('--b\r\nContent-Disposition: attachment; name="a"\r\n\r\nz\r\n--b--', "multipart/form-data; boundary=b");
        await parse("--b--", "multipart/form-data; boundary=b"); await parse("", "application/x-www-form-urlencoded");
    }
}
--- request
GET /a
--- response_body
TypeError: Failed to parse body as FormData: the type is "text/plain;charset=UTF-8"
TypeError: Failed to parse body as FormData: the type has no boundary
TypeError: Failed to parse body as FormData: the boundary is not there
TypeError: Failed to parse body as FormData: a part has no name
TypeError: Failed to parse body as FormData: a part does not end
TypeError: Failed to parse body as FormData: a part is not form-data
parsed
parsed

=== sent by fetch, taken apart by the other side
--- http_config
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    location / { content_by_ts_block { const f = await ngx.request.formData(); ngx.say(f.get("t"), " ", (f.get("f") as File).size, " ", ngx.var.content_length > "100000"); } }
}
--- config
location /a {
    content_by_ts_block {
        const f = new FormData(); f.set("t", "ü"); f.set("f", new File([new Uint8Array(150000)], "big"));
        return fetch("http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/", { method: "POST", body: f });
    }
}
--- request
GET /a
--- response_body
ü 150000 true
