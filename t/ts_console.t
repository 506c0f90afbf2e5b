# console: lines of the error log.

=== levels, and what they are written at
--- log_level: debug
--- config
location /a {
    content_by_ts_block { console.log("l"); console.info("i"); console.debug("d"); console.warn("w"); console.error("e"); ngx.say(String(console)); }
}
--- request
GET /a
--- response_body
[object console]
--- error_log eval
[/\[notice\].*: l,/, /\[info\].*: i,/, /\[debug\].*: d,/, /\[warn\].*: w,/, /\[error\].*: e,/]

=== formats
--- config
location /a {
    content_by_ts_block {
        console.log("%s|%d|%i|%f|%j|%o|%%|%c|%s", "text", "42.9", 42.9, "1.5x", { a: 1 }, [1], "css", { b: 2 }, "rest", 7);
        console.log("%s %d");
        console.log({ a: "%s" }, "x");
    }
}
--- request
GET /a
--- error_log
: text|42|42|1.5|{"a":1}|[ 1 ]|%||{ b: 2 } rest 7
: %s %d
: { a: "%s" } x

=== values
--- config
location /a {
    content_by_ts_block {
        console.log(new Map([["k", [1]]]), new Set(["x"]), new Uint8Array([1, 2]), null, undefined, 10n, Symbol("s"), () => 1, new Date(0).getTime());
        console.log({ a: { b: { c: { d: 1 } } } }, [[[[1]]]]);
        class Point { x = 1; } console.log(new Point(), Object.create(null));
        const loop: any = {}; loop.self = loop; console.log(loop);
    }
}
--- request
GET /a
--- error_log
: Map(1) { "k" => [ 1 ] } Set(1) { "x" } Uint8Array(2) [ 1, 2 ] null undefined 10n Symbol(s) [Function: (anonymous)] 0
: { a: { b: { c: [Object] } } } [ [ [ [Array] ] ] ]
: Point { x: 1 } {}
: { self: { self: { self: [Object] } } }

=== a table
--- config
location /a {
    content_by_ts_block {
        console.table([{ a: 1, b: "x" }, { a: 2 }]);
        console.table(new Map([["k", 7]]));
        console.table([{ a: 1, b: 2 }], ["b"]);
        console.table("no table");
    }
}
--- request
GET /a
--- error_log eval
["┌─────────┬───┬───┐", "│ (index) │ a │ b │", "├─────────┼───┼───┤", "│ 0       │ 1 │ x │", "│ 1       │ 2 │   │", "│ k       │ 7      │", "│ (index) │ b │", "│ 0       │ 2 │", ": no table"]

=== groups indent what is in them, of one request only
--- config
location /a {
    content_by_ts_block {
        console.group("outer"); console.log("one"); console.groupCollapsed("inner"); console.log("two\nlines"); console.groupEnd(); console.log("three"); console.groupEnd(); console.log("four"); console.groupEnd(); console.log("five");
        console.group("left open");
    }
}
location /b { content_by_ts_block { console.log("of another"); } }
--- request eval
["GET /a", "GET /b"]
--- response_body eval
["", ""]
--- error_log eval
[/: outer,/, /:   one,/, /:   inner,/, /:     two/, /^    lines,/, /:   three,/, /: four,/, /: five,/, /: of another,/]

=== counts
--- config
location /a {
    content_by_ts_block {
        console.countReset("t"); console.count("t"); console.count("t"); console.count(); console.countReset("t"); console.count("t"); console.countReset("t"); console.countReset("default");
    }
}
--- request
GET /a
--- error_log
: t: 1
: t: 2
: default: 1

=== timers
--- config
location /a {
    content_by_ts_block {
        console.time("t"); console.time("t"); await ngx.sleep(0.02); console.timeLog("t", "so", "far"); console.timeEnd("t"); console.timeEnd("t"); console.timeLog("never");
    }
}
--- request
GET /a
--- error_log eval
[/\[warn\].*: Timer 't' already exists/, /: t: \d\d(?:\.\d+)?ms so far/, /: t: \d\d(?:\.\d+)?ms,/, /\[warn\].*: Timer 't' does not exist/, /\[warn\].*: Timer 'never' does not exist/]

=== assert, dir, trace
--- config
location /a {
    content_by_ts_block {
        console.assert(true, "not said"); console.assert(false); console.assert(false, "why %s", "x"); console.assert(0, { a: 1 });
        console.dir({ a: "%s" }, { depth: 1 });
        function inner() { console.trace("here %d", 1); }
        inner();
    }
}
--- request
GET /a
--- error_log eval
[/\[error\].*: Assertion failed,/, /\[error\].*: Assertion failed: why x/, /\[error\].*: Assertion failed \{ a: 1 \}/, /: \{ a: "%s" \}/, /: Trace: here 1/, /at inner/]
--- no_error_log
not said

=== methods need no console, and can be replaced
--- config
location /a {
    content_by_ts_block {
        const { log } = console; log("taken away");
        const seen: unknown[] = []; const old = console.warn;
        console.warn = (...args) => { seen.push(...args); }; console.warn("mine", 1); console.warn = old;
        ngx.say(seen.join(), " ", Object.keys(console).includes("table"));
    }
}
--- request
GET /a
--- response_body
mine,1 true
--- error_log
: taken away

=== reportError writes an error where it is
--- config
location /a {
    content_by_ts_block { reportError(new TypeError("reported")); ngx.say("on"); }
}
--- request
GET /a
--- response_body
on
--- error_log eval
/\[error\].*content_by_ts\(.*nginx\.conf:\d+:\d+\): TypeError: reported/
