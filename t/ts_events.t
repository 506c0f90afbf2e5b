# Event, EventTarget, AbortController, AbortSignal.

=== events and what they carry
--- config
location /a {
    content_by_ts_block {
        const e = new CustomEvent("x", { detail: { a: 1 }, cancelable: true, bubbles: true });
        ngx.say([e.type, e.detail.a, e.cancelable, e.bubbles, e.composed, e.defaultPrevented, e.eventPhase, e.target, e.isTrusted, e.timeStamp > 0, String(e)].join());
        const err = new ErrorEvent("error", { message: "m", filename: "f", lineno: 3, colno: 4, error: new Error("inner") }); ngx.say([err.message, err.filename, err.lineno, err.colno, err.error.message].join());
        ngx.say(new Event("y").cancelable, Event.AT_TARGET, Event.prototype.BUBBLING_PHASE, " ", new CustomEvent("z").detail);
        try { new (Event as any)(); } catch (t) { ngx.say(t.name); }
    }
}
--- request
GET /a
--- response_body
x,1,true,true,false,false,0,,false,true,[object CustomEvent]
m,f,3,4,inner
false23 null
TypeError

=== listeners: order, once, capture, objects, removal
--- config
location /a {
    content_by_ts_block {
        const t = new EventTarget(); const seen: string[] = [];
        const twice = () => seen.push("twice"); t.addEventListener("x", twice); t.addEventListener("x", twice); t.addEventListener("x", twice, true);
        t.addEventListener("x", () => seen.push("once"), { once: true });
        t.addEventListener("x", { handleEvent(e: Event) { seen.push("object" + (this !== undefined) + (e.currentTarget === t) + e.eventPhase); } });
        t.addEventListener("x", function (this: any) { seen.push("this" + (this === t)); });
        t.addEventListener("x", null); t.dispatchEvent(new Event("x")); ngx.say(seen.join()); seen.length = 0;
        t.removeEventListener("x", twice, true); t.dispatchEvent(new Event("x")); ngx.say(seen.join()); seen.length = 0;
        const c = new AbortController(); t.addEventListener("y", () => seen.push("y"), { signal: c.signal }); t.dispatchEvent(new Event("y")); c.abort(); t.dispatchEvent(new Event("y")); ngx.say(seen.join());
    }
}
--- request
GET /a
--- response_body
twice,twice,once,objecttruetrue2,thistrue
twice,objecttruetrue2,thistrue
y

=== what listeners decide
--- config
location /a {
    content_by_ts_block {
        const t = new EventTarget(); const seen: string[] = [];
        t.addEventListener("x", (e) => { e.preventDefault(); e.stopImmediatePropagation(); }); t.addEventListener("x", () => seen.push("not reached"));
        const e = new Event("x", { cancelable: true }); ngx.say(t.dispatchEvent(e), e.defaultPrevented, t.dispatchEvent(new Event("x")), seen.length, e.target === t, e.currentTarget);
        t.addEventListener("p", (e) => e.preventDefault(), { passive: true }); ngx.say(t.dispatchEvent(new Event("p", { cancelable: true })));
        t.addEventListener("r", (e) => { try { t.dispatchEvent(e); } catch (x) { ngx.say(x.name); } }); t.dispatchEvent(new Event("r"));
        try { t.dispatchEvent({} as any); } catch (x) { ngx.say(x.name); }
        try { t.addEventListener("x", "text" as any); } catch (x) { ngx.say(x.name); }
        t.addEventListener("added", () => t.addEventListener("added", () => seen.push("late"))); t.dispatchEvent(new Event("added")); ngx.say(seen.length);
    }
}
--- request
GET /a
--- response_body
falsetruetrue0truenull
true
InvalidStateError
TypeError
TypeError
0

=== a listener that throws is reported, the others are told
--- config
location /a {
    content_by_ts_block {
        const t = new EventTarget(); t.addEventListener("x", () => { throw new RangeError("from a listener"); }); t.addEventListener("x", () => ngx.say("told"));
        ngx.say(t.dispatchEvent(new Event("x")));
    }
}
--- request
GET /a
--- response_body
told
true
--- error_log
RangeError: from a listener

=== targets of one's own
--- config
location /a {
    content_by_ts_block {
        class Door extends EventTarget { open() { this.dispatchEvent(new CustomEvent("open", { detail: this })); } }
        const door = new Door(); door.addEventListener("open", (e) => ngx.say((e as CustomEvent).detail === door, " ", String(door))); door.open();
    }
}
--- request
GET /a
--- response_body
true [object EventTarget]

=== abort: reasons, listeners, onabort
--- config
location /a {
    content_by_ts_block {
        const c = new AbortController(); const seen: string[] = [];
        c.signal.onabort = (e) => seen.push("on" + e.type); c.signal.addEventListener("abort", () => seen.push("listener")); c.signal.throwIfAborted();
        c.abort(); c.abort("again"); ngx.say(seen.join(), " ", c.signal.aborted, " ", c.signal.reason.name, " ", c.signal.reason.code, " ", c.signal === c.signal);
        try { c.signal.throwIfAborted(); } catch (e) { ngx.say(e === c.signal.reason); }
        ngx.say(AbortSignal.abort("why").reason, " ", AbortSignal.abort(null as any).reason);
        try { new AbortSignal(); } catch (e) { ngx.say(e.name, ": ", e.message); }
        const d = new AbortController(); d.signal.onabort = () => seen.push("never"); d.signal.onabort = null; d.abort(); ngx.say(seen.length);
    }
}
--- request
GET /a
--- response_body
onabort,listener true AbortError 20 true
true
why null
TypeError: Illegal constructor
2

=== AbortSignal.timeout and any
--- config
location /a {
    content_by_ts_block {
        const t = AbortSignal.timeout(10); ngx.say(t.aborted); await new Promise((r) => t.addEventListener("abort", r)); ngx.say(t.reason.name, " ", t.reason instanceof DOMException);
        const a = new AbortController(), b = new AbortController(); const any = AbortSignal.any([a.signal, b.signal]); const nested = AbortSignal.any([any, AbortSignal.timeout(60000)]);
        const order: string[] = []; nested.addEventListener("abort", () => order.push("nested" + any.aborted)); a.signal.addEventListener("abort", () => order.push("a" + nested.aborted));
        b.abort("b"); a.abort("a"); ngx.say(any.reason, nested.reason, " ", order.join());
        ngx.say(AbortSignal.any([]).aborted, " ", AbortSignal.any([AbortSignal.abort("first"), a.signal]).reason);
        for (const bad of [() => AbortSignal.any([{} as any]), () => AbortSignal.timeout(-1), () => AbortSignal.timeout(NaN)]) try { bad(); } catch (e) { ngx.print(e.name, " "); }
    }
}
--- request
GET /a
--- response_body chomp
false
TimeoutError true
bb nestedtrue,atrue
false first
TypeError TypeError TypeError 

=== DOMException: codes, and their constants
--- config
location /a {
    content_by_ts_block {
        const e = new DOMException("m", "SecurityError");
        ngx.say([e.code, DOMException.SECURITY_ERR, e.DATA_CLONE_ERR, DOMException.INDEX_SIZE_ERR, new DOMException("", "").code, new DOMException("", "Own").code, Object.keys(DOMException).length].join());
    }
}
--- request
GET /a
--- response_body
18,18,25,1,0,0,25
