# TextEncoder, TextDecoder, atob, btoa; timers, microtasks, performance.

=== labels and their encodings
--- config
location /a {
    content_by_ts_block {
        const labels = ["UTF8", " utf-8\n", "unicode-1-1-utf-8", "latin1", "ascii", "iso-8859-2", "utf-16", "utf-16be", "sjis", "gbk", "big5", "euc-kr", "koi8-r", "windows-1251", "x-user-defined"];
        ngx.say(labels.map((l) => new TextDecoder(l).encoding).join());
        for (const bad of ["", "utf-7", "none", "utf-8\u00a0"]) try { new TextDecoder(bad); } catch (e) { ngx.print(e.name, " "); }
        ngx.say(new TextEncoder().encoding, " ", new TextDecoder("utf-8", { fatal: 1 as any }).fatal, new TextDecoder().ignoreBOM);
    }
}
--- request
GET /a
--- response_body
utf-8,utf-8,utf-8,windows-1252,windows-1252,iso-8859-2,utf-16le,utf-16be,shift_jis,gbk,big5,euc-kr,koi8-r,windows-1251,x-user-defined
RangeError RangeError RangeError RangeError utf-8 truefalse

=== UTF-8 that is none
--- config
location /a {
    content_by_ts_block {
        const show = (...b: number[]) => JSON.stringify(new TextDecoder().decode(new Uint8Array(b)));
        ngx.say([show(0xff), show(0xc0, 0x80), show(0xe2, 0x82), show(0xed, 0xa0, 0x80), show(0xf5, 0x80, 0x80, 0x80), show(0xf0, 0x90, 0x41), show(0xef, 0xbb, 0xbf, 0x41), show(0x41, 0xef, 0xbb, 0xbf)].join(" "));
        try { new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([0xc0])); } catch (e) { ngx.say(e.name); }
        ngx.say(new TextDecoder("utf-8", { ignoreBOM: true }).decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x41])).length, [...new TextEncoder().encode("\ud800x\udc00")].join());
        try { new TextDecoder().decode("text" as any); } catch (e) { ngx.say(e.name); }
    }
}
--- request
GET /a
--- response_body
"�" "��" "�" "���" "����" "�A" "A" "A﻿"
TypeError
2239,191,189,120,239,191,189
TypeError

=== piece by piece, in many encodings
--- config
location /a {
    content_by_ts_block {
        const cases: [string, number[]][] = [["utf-8", [0xef, 0xbb, 0xbf, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80]], ["utf-16le", [0xff, 0xfe, 0xac, 0x20, 0x3d, 0xd8, 0x00, 0xde]], ["utf-16be", [0x20, 0xac, 0xd8, 0x3d, 0xde, 0x00]], ["shift_jis", [0x82, 0xa0, 0x41, 0xb1]], ["gb18030", [0xd6, 0xd0, 0x94, 0x39, 0xda, 0x33, 0x41]], ["euc-jp", [0xa4, 0xa2, 0x8f, 0xb0, 0xa1]], ["big5", [0xa4, 0xa4]], ["iso-2022-jp", [0x1b, 0x24, 0x42, 0x24, 0x22, 0x24, 0x24, 0x1b, 0x28, 0x42, 0x41]], ["windows-1252", [0x80, 0xe4]]];
        for (const [label, bytes] of cases) {
            const whole = new TextDecoder(label).decode(new Uint8Array(bytes)); const d = new TextDecoder(label); let text = "";
            for (const b of bytes) text += d.decode(new Uint8Array([b]), { stream: true });
            text += d.decode(); ngx.say(label, " ", whole, " ", whole === text);
        }
        const d = new TextDecoder(); d.decode(new Uint8Array([0xe2]), { stream: true }); ngx.say(d.decode(), d.decode(new Uint8Array([0x41])));
        const f = new TextDecoder("utf-16le", { fatal: true }); f.decode(new Uint8Array([0x41]), { stream: true }); try { f.decode(); } catch (e) { ngx.say(e.name); }
    }
}
--- request
GET /a
--- response_body
utf-8 €😀 true
utf-16le €😀 true
utf-16be €😀 true
shift_jis あAｱ true
gb18030 中💩A true
euc-jp あ丂 true
big5 中 true
iso-2022-jp あいA true
windows-1252 €ä true
�A
TypeError

=== encodeInto
--- config
location /a {
    content_by_ts_block {
        const into = new Uint8Array(6); const show = (r: any) => ngx.say(r.read, " ", r.written, " ", into.join());
        show(new TextEncoder().encodeInto("a€b", into)); into.fill(0); show(new TextEncoder().encodeInto("€€€", into)); into.fill(0); show(new TextEncoder().encodeInto("abc😀x", into)); into.fill(0); show(new TextEncoder().encodeInto("\ud83dx", into));
        try { new TextEncoder().encodeInto("a", new Uint16Array(1) as any); } catch (e) { ngx.say(e.name); }
    }
}
--- request
GET /a
--- response_body
3 5 97,226,130,172,98,0
2 6 226,130,172,226,130,172
3 3 97,98,99,0,0,0
2 4 239,191,189,120,0,0
TypeError

=== atob and btoa
--- config
location /a {
    content_by_ts_block {
        ngx.say([btoa(""), btoa("a"), btoa("ab"), btoa("abc"), btoa("\xff"), btoa(null as any)].join());
        ngx.say([atob(""), atob("YQ=="), atob("YQ"), atob(" Y W\nI= "), atob("/w==").charCodeAt(0)].join());
        for (const bad of ["Y", "YQ=", "Y===", "Y_==", "YQ==x", "="]) try { ngx.print(atob(bad), " "); } catch (e) { ngx.print(e.name, " "); }
        try { btoa("€"); } catch (e) { ngx.say(e.name, " ", e.code); }
    }
}
--- request
GET /a
--- response_body
,YQ==,YWI=,YWJj,/w==,bnVsbA==
,a,a,ab,255
InvalidCharacterError InvalidCharacterError InvalidCharacterError InvalidCharacterError InvalidCharacterError InvalidCharacterError InvalidCharacterError 5

=== timers: order, arguments, clearing
--- config
location /a {
    content_by_ts_block {
        const seen: unknown[] = []; let n = 0;
        setTimeout((...a) => seen.push("later", ...a), 15, 1, 2); setTimeout(() => seen.push("sooner"), 1); const never = setTimeout(() => seen.push("never"), 1); clearTimeout(never); clearTimeout(undefined); clearTimeout(12345 as any);
        const every = setInterval(() => { if (++n === 3) clearInterval(every); }, 1); queueMicrotask(() => seen.push("microtask")); seen.push("block");
        while (n < 3 || !seen.includes("later")) await new Promise((r) => setTimeout(r, 1)); ngx.say(seen.join(), " ", n, " ", typeof every);
        for (const bad of [() => setTimeout("code" as any), () => queueMicrotask(1 as any)]) try { bad(); } catch (e) { ngx.print(e.name, " "); }
    }
}
--- request
GET /a
--- response_body chomp
block,microtask,sooner,later,1,2 3 number
TypeError TypeError 

=== performance, navigator, self; names of classes
--- config
location /a {
    content_by_ts_block {
        const a = performance.now(); await ngx.sleep(0.02); const b = performance.now();
        ngx.say(b - a >= 19 && b - a < 1000, " ", Math.abs(performance.timeOrigin + b - Date.now()) < 1000, " ", a % 1 !== 0 || b % 1 !== 0, " ", "timeOrigin" in performance.toJSON());
        ngx.say(navigator.userAgent, " ", self === globalThis, " ", typeof globalThis.window, typeof globalThis.document);
        const names = Object.getOwnPropertyNames(globalThis).filter((n) => /^[A-Z]/.test(n) && typeof (globalThis as any)[n] === "function");
        ngx.say(names.filter((n) => (globalThis as any)[n].name !== n).join(), "|", names.filter((n) => /Stream|Blob|Form|URL|Event|Crypto|Abort|Text/.test(n) && Object.prototype.toString.call((globalThis as any)[n].prototype) !== `[object ${n}]`).join());
    }
}
--- request
GET /a
--- response_body
true true true true
tsresty true undefinedundefined
|
