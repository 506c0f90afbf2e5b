# structuredClone.

=== values and their objects
--- config
location /a {
    content_by_ts_block {
        const same = (v: unknown) => Object.is(structuredClone(v), v); ngx.say([1, -0, NaN, "s", true, null, undefined, 10n].every(same));
        for (const v of [Object(1), Object("s"), Object(true), Object(2n), new Date(5), /a/gi]) { const c = structuredClone(v); ngx.print(c !== v, " ", Object.prototype.toString.call(c), " ", String(c.valueOf()), "; "); }
        const r = /a/g; r.lastIndex = 3; ngx.say(structuredClone(r).lastIndex, " ", structuredClone(new Date(NaN)).getTime());
    }
}
--- request
GET /a
--- response_body
true
true [object Number] 1; true [object String] s; true [object Boolean] true; true [object BigInt] 2; true [object Date] 5; true [object RegExp] /a/gi; 0 NaN

=== objects, arrays, collections; cycles and what is shared
--- config
location /a {
    content_by_ts_block {
        class Own { a = 1; get b() { return 2; } } const own: any = structuredClone(new Own()); ngx.say(own.constructor === Object, own.a, own.b);
        const sparse = structuredClone([1, , 3]); ngx.say(sparse.length, 1 in sparse); const arr: any = [1]; arr.extra = "x"; ngx.say(structuredClone(arr).extra);
        const shared = { n: 1 }; const o: any = { a: shared, b: shared, m: new Map<any, any>([[shared, [shared]]]), s: new Set([shared]) }; o.self = o; const c = structuredClone(o);
        ngx.say(c.self === c, c.a === c.b, c.a !== shared, c.m.get(c.a)[0] === c.a, c.s.has(c.a));
        const hidden = Object.defineProperty({ seen: 1, [Symbol("s")]: 1 }, "no", { value: 1 }); ngx.say(Object.keys(structuredClone(hidden)).join(), " ", Reflect.ownKeys(structuredClone(hidden)).length);
        ngx.say(Object.getPrototypeOf(structuredClone(Object.create(null))) === Object.prototype, " ", structuredClone({ get g() { return 7; } }).g);
    }
}
--- request
GET /a
--- response_body
true1undefined
3false
x
truetruetruetruetrue
seen 1
true 7

=== errors
--- config
location /a {
    content_by_ts_block {
        for (const e of [new RangeError("r", { cause: { why: 1 } }), Object.assign(new Error("own"), { name: "Own", extra: 1 }), new DOMException("d", "AbortError"), new AggregateError([new Error("in")], "agg")]) {
            const c: any = structuredClone(e); ngx.say(c.constructor.name, " ", c.name, " ", c.message, " ", c.cause?.why, " ", c.extra, " ", typeof c.stack, " ", c.code);
        }
    }
}
--- request
GET /a
--- response_body
RangeError RangeError r 1 undefined string undefined
Error Error own undefined undefined string undefined
DOMException AbortError d undefined undefined string 20
Error Error agg undefined undefined string undefined

=== bytes: views of one buffer, transfer
--- config
location /a {
    content_by_ts_block {
        const buffer = new ArrayBuffer(8); const c = structuredClone({ a: new Uint8Array(buffer, 2, 3), b: new Float32Array(buffer), d: new DataView(buffer, 1), buffer });
        ngx.say([c.a.byteOffset, c.a.length, c.a.buffer === c.b.buffer, c.buffer === c.a.buffer, c.d.byteOffset, c.buffer !== buffer, c.b.constructor.name].join());
        const bytes = new Uint8Array([1, 2]); const moved = structuredClone({ bytes }, { transfer: [bytes.buffer] }); ngx.say(moved.bytes.join(), " ", bytes.length, " ", bytes.buffer.detached);
        const grows = structuredClone(new ArrayBuffer(2, { maxByteLength: 9 })); ngx.say(grows.resizable, grows.maxByteLength);
        for (const bad of [() => structuredClone(bytes.buffer), () => structuredClone(1, { transfer: [bytes.buffer] }), () => structuredClone(1, { transfer: [{} as any] }), () => structuredClone(1, { transfer: [buffer, buffer] })]) try { bad(); ngx.print("done "); } catch (e) { ngx.print(e.name, " "); }
        ngx.say(buffer.byteLength);
    }
}
--- request
GET /a
--- response_body
2,3,true,true,1,true,Float32Array
1,2 0 true
true9
DataCloneError DataCloneError DataCloneError DataCloneError 8

=== blobs and files; what cannot be cloned
--- config
location /a {
    content_by_ts_block {
        const f = structuredClone(new File(["x"], "n", { type: "t/x", lastModified: 3 })); ngx.say(f.name, f.type, f.lastModified, await f.text(), f instanceof File, " ", (await structuredClone(new Blob(["b"])).text()));
        for (const bad of [() => {}, Symbol("s"), Object(Symbol("s")), new WeakMap(), Promise.resolve(), new Headers(), new Response(), new URL("http://h"), new AbortController().signal, new ReadableStream(), { deep: [() => 1] }]) try { structuredClone(bad); ngx.print("done "); } catch (e) { ngx.print(e.code, " "); }
        try { (structuredClone as any)(); } catch (e) { ngx.say(e.name); }
    }
}
--- request
GET /a
--- response_body
nt/x3xtrue b
25 25 25 25 25 25 25 25 25 25 25 TypeError
