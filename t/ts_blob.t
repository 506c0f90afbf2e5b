# Blob and File.

=== what a Blob is made of
--- config
location /a {
    content_by_ts_block {
        const b = new Blob(["ä", new Uint8Array([66, 67]), new Uint16Array([0x4544]).buffer, new DataView(new ArrayBuffer(1)), new Blob(["in"]), 7, null], { type: "Text/Plain" });
        ngx.say(b.size, " ", b.type, " ", JSON.stringify(await b.text()), " ", String(b));
        ngx.say(new Blob().size, new Blob([], { type: "ä" }).type === "");
        for (const bad of ["text", 7, {}, null]) try { new Blob(bad as any); } catch (e) { ngx.print(e.name, " "); }
        ngx.say(await new Blob(["a\r\nb\rc\n"], { endings: "native" }).text() === "a\nb\nc\n");
        try { new Blob([], { endings: "other" as any }); } catch (e) { ngx.say(e.name); }
    }
}
--- request
GET /a
--- response_body
14 text/plain "äBCDE\u0000in7null" [object Blob]
0true
TypeError TypeError TypeError TypeError true
TypeError

=== slices
--- config
location /a {
    content_by_ts_block {
        const b = new Blob(["0123456789"], { type: "x/y" });
        const show = async (...a: any[]) => ngx.print(await b.slice(...a).text(), "|");
        await show(); await show(2); await show(2, 5); await show(-3); await show(-5, -2); await show(7, 3); await show(NaN, 2); await show(0, 99); ngx.say();
        ngx.say(JSON.stringify([b.slice(0, 1).type, b.slice(0, 1, "A/B").type, b.slice(3).slice(2).size]));
    }
}
--- request
GET /a
--- response_body
0123456789|23456789|234|789|567||01|0123456789|
["","a/b",5]

=== read as bytes, as a stream
--- config
location /a {
    content_by_ts_block {
        const b = new Blob([new Uint8Array([1, 255]), "€"]);
        ngx.say([...new Uint8Array(await b.arrayBuffer())].join(), " ", [...await b.bytes()].join());
        const large = new Blob([new Uint8Array(200000).fill(65)]);
        let size = 0, n = 0; for await (const c of large.stream()) { size += c.length; n++; }
        ngx.say(size, " ", n > 1, " ", (await large.stream().getReader({ mode: "byob" }).read(new Uint8Array(10))).value!.length);
        const bytes = await b.bytes(); bytes[0] = 9; ngx.say((await b.bytes())[0]);
    }
}
--- request
GET /a
--- response_body
1,255,226,130,172 1,255,226,130,172
200000 true 10
1

=== File
--- config
location /a {
    content_by_ts_block {
        const f = new File(["x"], "n/a\ud800me.txt", { type: "text/plain", lastModified: 5.9 });
        ngx.say(f.name, " ", f.lastModified, " ", f.type, " ", f.size, " ", f instanceof Blob, " ", String(f));
        ngx.say(Math.abs(new File([], "x").lastModified - Date.now()) < 1000);
        try { new (File as any)(["x"]); } catch (e) { ngx.say(e.name); }
    }
}
--- request
GET /a
--- response_body
n/a�me.txt 5 text/plain 1 true [object File]
true
TypeError

=== as bodies: Response, Request, fetch
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { content_by_ts_block { ngx.say(ngx.var.content_type, " ", await ngx.request.text()); } } }
--- config
location /a {
    content_by_ts_block {
        const blob = new Blob(["some"], { type: "a/b" });
        const r = new Response(blob); const back = await r.clone().blob();
        ngx.say(r.headers.get("content-type"), " ", back.type, " ", await back.text());
        ngx.print(await (await fetch("http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/", { method: "POST", body: blob })).text());
        ngx.say((await (await fetch("data:text/html;base64,PGI+")).blob()).type, " ", await (await fetch("data:,a%20b")).text());
    }
}
--- request
GET /a
--- response_body
a/b a/b some
a/b some
text/html a b
