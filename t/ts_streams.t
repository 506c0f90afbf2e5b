# ReadableStream, WritableStream, TransformStream and what is built on them.

=== a stream of a source that pulls
--- config
location /a {
    content_by_ts_block {
        let n = 0;
        const stream = new ReadableStream({ pull(c) { if (++n > 3) c.close(); else c.enqueue(n); } }, { highWaterMark: 0 });
        const seen = [];
        for await (const chunk of stream) seen.push(chunk);
        ngx.say(seen.join(), " ", stream.locked, " ", n);
    }
}
--- request
GET /a
--- response_body
1,2,3 false 4

=== the queue's size is what a source is asked for
--- config
location /a {
    content_by_ts_block {
        const sizes: (number | null)[] = [];
        const stream = new ReadableStream({ start(c) { for (const x of ["a", "bb", "ccc"]) { c.enqueue(x); sizes.push(c.desiredSize); } c.close(); } }, { highWaterMark: 5, size: (x) => x.length });
        const reader = stream.getReader();
        const first = await reader.read();
        ngx.say(sizes.join(), " ", JSON.stringify(first), " ", stream.locked);
        try { stream.getReader(); } catch (e) { ngx.say(e.name); }
        reader.releaseLock();
        ngx.say(stream.locked);
    }
}
--- request
GET /a
--- response_body
4,2,-1 {"value":"a","done":false} true
TypeError
false

=== a stream that fails
--- config
location /a {
    content_by_ts_block {
        const stream = new ReadableStream({ start(c) { c.enqueue(1); c.error(new RangeError("broken")); } });
        try { for await (const x of stream) ngx.say(x); } catch (e) { ngx.say(e.name, ": ", e.message); }
    }
}
--- request
GET /a
--- response_body
RangeError: broken

=== tee, from, cancel
--- config
location /a {
    content_by_ts_block {
        let why = "none";
        const [a, b] = ReadableStream.from(["x", "y"]).tee();
        const all = async (s: ReadableStream) => { const out = []; for await (const c of s) out.push(c); return out.join(""); };
        ngx.say((await Promise.all([all(a), all(b)])).join());
        const endless = new ReadableStream({ pull(c) { c.enqueue(1); }, cancel(reason) { why = reason; } });
        for await (const c of endless) break;
        await endless.cancel("again");
        ngx.say(why);
    }
}
--- request
GET /a
--- response_body
xy,xy
undefined

=== a writable stream: order, back-pressure, abort
--- config
location /a {
    content_by_ts_block {
        const seen: string[] = [];
        const sink = new WritableStream({ async write(c) { await null; seen.push(c); }, close() { seen.push("closed"); } }, new CountQueuingStrategy({ highWaterMark: 2 }));
        const writer = sink.getWriter();
        writer.write("a"); const before = writer.desiredSize; writer.write("b"); const full = writer.desiredSize;
        await writer.ready; await writer.close();
        ngx.say(seen.join(), " ", before, " ", full);
        const other = new WritableStream({ abort(reason) { ngx.say("aborted ", reason); } });
        await other.abort("why");
        try { await other.getWriter().write(1); } catch (e) { ngx.say("then ", e); }
    }
}
--- request
GET /a
--- response_body
a,b,closed 1 0
aborted why
then why

=== pipeThrough and pipeTo
--- config
location /a {
    content_by_ts_block {
        const upper = new TransformStream({ transform(c, to) { to.enqueue(c.toUpperCase()); }, flush(to) { to.enqueue("!"); } });
        let out = "";
        await ReadableStream.from(["a", "b"]).pipeThrough(upper).pipeTo(new WritableStream({ write(c) { out += c; } }));
        ngx.say(out);
    }
}
--- request
GET /a
--- response_body
AB!

=== a pipe is aborted by a signal
--- config
location /a {
    content_by_ts_block {
        const controller = new AbortController();
        let cancelled = "", aborted = "";
        const endless = new ReadableStream({ async pull(c) { await new Promise((r) => setTimeout(r, 1)); c.enqueue(1); }, cancel(r) { cancelled = r.name; } });
        let n = 0;
        const sink = new WritableStream({ write() { if (++n === 3) controller.abort(); }, abort(r) { aborted = r.name; } });
        try { await endless.pipeTo(sink, { signal: controller.signal }); } catch (e) { ngx.say(e.name, " ", cancelled, " ", aborted, " ", n); }
    }
}
--- request
GET /a
--- response_body
AbortError AbortError AbortError 3

=== a stream of bytes, read into buffers
--- config
location /a {
    content_by_ts_block {
        const stream = new ReadableStream({ type: "bytes", pull(c) {
            const view = c.byobRequest?.view as Uint8Array | undefined;
            if (view === undefined) return;
            view[0] = 65; view[1] = 66; c.byobRequest!.respond(2);
        } });
        const reader = stream.getReader({ mode: "byob" });
        const { value, done } = await reader.read(new Uint8Array(8));
        ngx.say(value!.length, " ", String.fromCharCode(...value!), " ", done, " ", value!.buffer.byteLength);
        await reader.cancel();
    }
}
--- request
GET /a
--- response_body
2 AB false 8

=== TextEncoderStream and TextDecoderStream: characters over the borders of chunks
--- config
location /a {
    content_by_ts_block {
        const bytes = new TextEncoder().encode("aä€😀z");
        const single = ReadableStream.from([...bytes].map((b) => new Uint8Array([b])));
        let text = "", chunks = 0;
        for await (const c of single.pipeThrough(new TextDecoderStream())) { text += c; chunks++; }
        ngx.say(text, " ", chunks);
        const halves = ReadableStream.from(["\ud83d", "\ude00", "\ud83d", "x"]);
        const out: number[] = [];
        for await (const c of halves.pipeThrough(new TextEncoderStream())) out.push(...c);
        ngx.say(new TextDecoder().decode(new Uint8Array(out)));
        const bad = ReadableStream.from([new Uint8Array([0xe2, 0x82])]).pipeThrough(new TextDecoderStream("utf-8", { fatal: true }));
        try { for await (const c of bad) ngx.say(c); } catch (e) { ngx.say(e.name); }
    }
}
--- request
GET /a
--- response_body
aä€😀z 5
😀�x
TypeError

=== compression, there and back
--- config
location /a {
    content_by_ts_block {
        const text = "hello ".repeat(5000);
        for (const format of ["gzip", "deflate", "deflate-raw", "brotli"]) {
            const packed = await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream(format as any))).bytes();
            const back = await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream(format as any))).text();
            ngx.say(format, " ", packed.length < 300, " ", back === text);
        }
        try { new CompressionStream("zip" as any); } catch (e) { ngx.say(e.name); }
    }
}
--- request
GET /a
--- response_body
gzip true true
deflate true true
deflate-raw true true
brotli true true
TypeError

=== what cannot be decompressed
--- config
location /a {
    content_by_ts_block {
        const gz = await new Response(new Blob(["hello"]).stream().pipeThrough(new CompressionStream("gzip"))).bytes();
        const unpack = (b: Uint8Array) => new Response(new Blob([b]).stream().pipeThrough(new DecompressionStream("gzip"))).text().catch((e) => e.name);
        ngx.say(await unpack(gz));
        ngx.say(await unpack(new Uint8Array([1, 2, 3])));
        ngx.say(await unpack(gz.slice(0, -4)));
        ngx.say(await unpack(new Uint8Array([...gz, 7, 7])));
        const damaged = gz.slice(); damaged[gz.length - 8]! ^= 255;
        ngx.say(await unpack(damaged));
    }
}
--- request
GET /a
--- response_body
hello
TypeError
TypeError
TypeError
TypeError

=== few bytes that unpack to many do not come all at once
--- config
location /a {
    content_by_ts_block {
        const zeros = new ReadableStream({ start(c) { for (let i = 0; i < 64; i++) c.enqueue(new Uint8Array(65536)); c.close(); } });
        const packed = await new Response(zeros.pipeThrough(new CompressionStream("gzip"))).bytes();
        let size = 0, most = 0;
        for await (const c of new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))) { size += c.length; most = Math.max(most, c.length); }
        ngx.say(packed.length < 100000, " ", size === 64 * 65536, " ", most <= 1048576);
    }
}
--- request
GET /a
--- response_body
true true true

=== a block may go on reading a stream over visits, and another one at the same time
--- config
location /a {
    content_by_ts_block {
        const ticks = (n: number, ms: number) => new ReadableStream({ async pull(c) { await new Promise((r) => setTimeout(r, ms)); c.enqueue(n); if (--n === 0) c.close(); } });
        const sum = async (s: ReadableStream) => { let t = 0; for await (const c of s) t += c; return t; };
        ngx.say((await Promise.all([sum(ticks(3, 2)), sum(ticks(4, 1))])).join());
    }
}
--- request
GET /a
--- response_body
6,10

=== ReadableStream is there before anybody has asked for it, and can be replaced
--- config
location /a {
    content_by_ts_block {
        ngx.say("CompressionStream" in globalThis, " ", typeof globalThis.WritableStream, " ", Object.keys(globalThis).includes("TransformStream"));
        const own = Object.getOwnPropertyDescriptor(globalThis, "WritableStream")!;
        ngx.say(own.writable, " ", own.enumerable, " ", own.configurable, " ", String(WritableStream.prototype));
    }
}
--- request
GET /a
--- response_body
true function false
true false true [object WritableStream]

=== so many compression streams that the oldest are given up
--- config
location /a {
    content_by_ts_block {
        const bytes = new Uint8Array(10); const writers = [];
        for (let i = 0; i < 300; i++) { const { readable, writable } = new CompressionStream("deflate"); const r = readable.getReader(); r.read().then(() => r.read()).catch(() => 0); const w = writable.getWriter(); w.closed.catch(() => 0); await w.write(bytes); writers.push(w); }
        const end = (w: WritableStreamDefaultWriter) => w.write(bytes).then(() => "fine", (e) => e.message);
        ngx.say(await end(writers[0]!), ", ", await end(writers[299]!));
    }
}
--- request
GET /a
--- response_body
the stream was given up: too many were open, fine
