# ngx.re: PCRE's syntax on text.

=== match: the whole and the groups, and names
--- api: ngx.re.match
--- config
location = /match-the {
    content_by_ts_block {
        const m = ngx.re.match("hello, 1234", "(?<first>[0-9])(?<rest>[0-9]+)");
        ngx.say(m[0], "|", m[1], "|", m[2], "|", m.first, "|", m.rest, "|", Object.keys(m).join());
    }
}
location = /match-nothing {
    content_by_ts_block {
        ngx.say(ngx.re.match("hello", "[0-9]"));
    }
}
location = /match-a {
    content_by_ts_block {
        const m = ngx.re.match("abc", "(x)?(a)bc(y)?");
        ngx.say(m[1], " ", m[2], " ", m[3], " ", 1 in m, " ", 3 in m);
    }
}
location = /match-the-three {
    content_by_ts_block {
        const m = ngx.re.match("abc", "(?<x>a)(?P<y>b)(?'z'c)");
        ngx.say(m.x, m.y, m.z);
    }
}
location = /match-a-name {
    content_by_ts_block {
        const m = ngx.re.match("ab", "(?<constructor>a)(?<toString>b)");
        ngx.say(m.constructor, m.toString, " ", "hasOwnProperty" in m);
    }
}
location = /match-numbers {
    content_by_ts_block {
        ngx.say(ngx.re.match(1234, 23)[0]);
        for (const bad of [undefined, null, {}, true]) {
            try { ngx.re.match(bad, "x"); ngx.say("no"); } catch (e) { ngx.say(e.message); }
        }
    }
}
location = /match-ctx {
    content_by_ts_block {
        const ctx = { pos: 2 };
        ngx.say(ngx.re.match("ab12ab34", "[0-9]+", "", ctx)[0], " ", ctx.pos);
        ngx.say(ngx.re.match("ab12ab34", "[0-9]+", "jo", ctx)[0], " ", ctx.pos);
        ngx.say(ngx.re.match("ab12ab34", "[0-9]+", "", ctx), " ", ctx.pos);
    }
}
location = /match-with {
    content_by_ts_block {
        ngx.say(ngx.re.match("abab", "^a", "", { pos: 2 }));
        ngx.say(ngx.re.match("abab", "(?<=b)a", "", { pos: 2 })[0]);
        ngx.say(ngx.re.match("abab", "\\ba", "", { pos: 2 }));
    }
}
--- request
GET /match-the
--- response_body
1234|1|234|1|234|0,1,2,first,rest

=== match: nothing found
--- request
GET /match-nothing
--- response_body
undefined

=== match: a group that took no part is undefined, also at the end
--- request
GET /match-a
--- response_body
undefined a undefined true true

=== match: the three ways to name a group
--- request
GET /match-the-three
--- response_body
abc

=== match: a name of Object.prototype is like any other
--- request
GET /match-a-name
--- response_body
ab false

=== match: numbers count as text; what else is no subject is refused
--- request
GET /match-numbers
--- response_body
23
bad argument #1 to 'match' (string expected, got undefined)
bad argument #1 to 'match' (string expected, got null)
bad argument #1 to 'match' (string expected, got object)
bad argument #1 to 'match' (string expected, got boolean)

=== match: ctx.pos says where to begin and is moved behind the match
--- request
GET /match-ctx
--- response_body
12 4
34 8
undefined 8

=== match: with ctx.pos the beginning is still the beginning, and what lies before is seen
--- request
GET /match-with
--- response_body
undefined
a
undefined

=== match: ctx.pos beyond the end
--- config
location = /match-ctx {
    content_by_ts_block {
        try { ngx.re.match("ab", "a", "", { pos: 3 }); } catch (e) { ngx.say(e.message); }
        ngx.say(ngx.re.match("ab", "$", "", { pos: 2 })[0] === "");
    }
}
location = /option-a {
    content_by_ts_block {
        ngx.say(ngx.re.match("xab", "ab", "a"), " ", ngx.re.match("abx", "ab", "a")[0]);
        const ctx = { pos: 1 };
        ngx.say(ngx.re.match("xab", "ab", "a", ctx)[0], " ", ctx.pos);
        ngx.say(ngx.re.match("xabab", "\\Gab", "", { pos: 3 })[0], " ", ngx.re.match("xabab", "\\Gab", "", { pos: 2 }));
    }
}
location = /option-i {
    content_by_ts_block {
        ngx.say(ngx.re.match("HeLLo", "hello")," ", ngx.re.match("HeLLo", "hello", "i")[0], " ", ngx.re.match("HeLLo", "[e-l]+", "i")[0]);
        ngx.say(ngx.re.match("aB", "(?i)ab")[0], " ", ngx.re.match("aB", "a(?i)b")[0], " ", ngx.re.match("AB", "a(?i)b"), " ", ngx.re.match("aB", "(?i:A)B")[0]);
    }
}
location = /option-m {
    content_by_ts_block {
        const text = "one\ntwo\nthree";
        ngx.say(ngx.re.match(text, "^two$"), " ", ngx.re.match(text, "^two$", "m")[0]);
        ngx.say([...ngx.re.gmatch(text, "^t\\w+$", "m")].map((m) => m[0]).join());
    }
}
location = /option-s {
    content_by_ts_block {
        ngx.say(ngx.re.match("a\nb", "a.b"), " ", ngx.re.match("a\nb", "a.b", "s")[0].length);
    }
}
location = /option-x {
    content_by_ts_block {
        ngx.say(ngx.re.match("2026-11", "(\\d+)  # year\n - (\\d+) # month", "x")[2], " ", ngx.re.match("a b", "a\\ b", "x")[0]);
    }
}
location = /options-j {
    content_by_ts_block {
        ngx.say(ngx.re.match("abc", "b", "jo")[0], ngx.re.match("abc", "B", "joi")[0], ngx.re.match("abc", "b", "")[0]);
    }
}
location = /option-u {
    content_by_ts_block {
        ngx.say(ngx.re.match("ÄÖ", "ä", "i"), " ", ngx.re.match("ÄÖ", "ä", "iu")[0], " ", ngx.re.match("ПРИВЕТ", "привет", "iu")[0]);
        ngx.say(ngx.re.match("a😀b", "a.b"), " ", ngx.re.match("a😀b", "a.b", "u")[0]);
    }
}
--- request
GET /match-ctx
--- response_body
pcre_exec() failed: -33
true

=== option a, and \G: the match has to begin at the position
--- request
GET /option-a
--- response_body
undefined ab
ab 3
ab undefined

=== option i
--- request
GET /option-i
--- response_body
undefined HeLLo HeLL
aB aB undefined aB

=== option m: lines
--- request
GET /option-m
--- response_body
undefined two
two,three

=== option s: a dot matches line feeds
--- request
GET /option-s
--- response_body
undefined 3

=== option x: space and comments in the pattern
--- request
GET /option-x
--- response_body
11 a b

=== options j and o are taken, together too
--- request
GET /options-j
--- response_body
bbb

=== option u: letter case beyond ASCII, and a character is one
--- request
GET /option-u
--- response_body
undefined Ä ПРИВЕТ
undefined a😀b

=== option D: a name may be of several groups
--- config
location = /option-d {
    content_by_ts_block {
        const m = ngx.re.match("hello, 1234", "(?<part>\\w+), (?<part>\\d+)", "D");
        ngx.say(m.part.join("|"), " ", ngx.re.match("1234", "(?<a>x)?(?<a>\\d+)", "D").a.join("|"), " ", ngx.re.match("1234", "(?<a>x)?\\d+", "D").a);
        try { ngx.re.match("a", "(?<a>x)|(?<a>a)"); } catch (e) { ngx.say(e.message.replace(/ in .*/, "")); }
    }
}
location = /an-option {
    content_by_ts_block {
        for (const flags of ["H", "jod", "i-"]) {
            try { ngx.re.match("hello", "h", flags); ngx.say("no"); } catch (e) { ngx.say(e.message); }
        }
    }
}
location = /what-pcre {
    content_by_ts_block {
        const { re } = ngx;
        for (const call of [() => re.match("a", "(a"), () => re.find("a", "[z-a]"), () => re.gmatch("a", "*a"), () => re.sub("a", "a\\", ""), () => re.gsub("a", "(?<n", ""), () => re.split("a", "a{2,1}")]) {
            try { call(); ngx.say("no"); } catch (e) { ngx.say(e.name, ": ", e.message); }
        }
    }
}
location = /restart {
    content_by_ts_block {
        const { re } = ngx;
        const m = re.match("user=anna", "user=\\K(\\w)\\w+");
        ngx.say(m[0], " ", m[1], " ", JSON.stringify(re.find("user=anna", "user=\\K\\w+")), " ", re.match("a:b", "x|a\\K:")[0]);
        ngx.say(re.gsub("a1 b2 c3", "[a-z]\\K\\d", "#").result, " ", re.split("a1b2c", "[a-z]\\K\\d").join());
        const ctx = {};
        re.match("k=v;k=w", "k=\\K.", "", ctx);
        ngx.say(ctx.pos, " ", re.match("k=v;k=w", "k=\\K.", "", ctx)[0], " ", [...re.gmatch("k=v;k=w", "k=\\K.")].map((found) => found[0]).join());
    }
}
location = /no-part {
    content_by_ts_block {
        const quoted = "^(['\"])?\\w+\\1$";
        for (const text of ["word", "'word'", "'word\""]) ngx.say(ngx.re.match(text, quoted)?.[0] ?? "-");
        ngx.say(ngx.re.gsub("aa b-b bb", "(?:(a)|(b))(?:\\1|-\\2)", "<$1$2>").result, " ", ngx.re.match("", "(a)?\\1") === undefined);
    }
}
location = /clusters {
    content_by_ts_block {
        const clusters = (text) => [...ngx.re.gmatch(text, "\\X", "u")].map((m) => m[0].length).join();
        ngx.say(clusters("e\u0301a\r\n"), " ", clusters("👩🏽\u200d🔬🇩🇪🇫🇷"), " ", clusters("\u1100\u1161\u11a8x"));
    }
}
location = /what-has {
    content_by_ts_block {
        for (const pattern of ["\\((?R)*\\)", "(foo\\Kbar)", "a\\Gb", "\\X"]) {
            try { ngx.re.match("foobar", pattern); ngx.say("no"); } catch (e) { ngx.say(e.message.replace(/ in ".*/, "")); }
        }
    }
}
location = /pcre-possessive {
    content_by_ts_block {
        const m = (s, r) => { const found = ngx.re.match(s, r); return found === undefined ? "-" : `${found[0]}/${found[1] ?? ""}`; };
        ngx.say(m("aaa", "a++a"), " ", m("aaa", "(?>a+)a"), " ", m("aab", "(?>a+)b"));
        ngx.say(m("bc", "(?|(a)b|(b)c)"), " ", m("a.b", "\\Qa.b\\E"), " ", m("hello", "hel(?#no)lo"));
        ngx.say(m("x1y", "[[:digit:]]"), " ", m("x_y", "[[:^alnum:]]"), " ", m("abab", "(ab)\\1"), " ", m("abab", "(?<n>ab)\\k<n>"));
        ngx.say(m("a\r\nb", "a\\Rb").length, " ", m("a\tb", "\\h"), " ", m("foo", "\\Afo{2}\\z"), " ", m("foo\n", "foo\\Z"));
    }
}
location = /text-beyond {
    content_by_ts_block {
        const m = (s, r) => ngx.re.match(s, r)?.[0];
        ngx.say(m("日本語", "本"), " ", m("日本語", "[本x]"), " ", m("日本語", "[^日]+"), " ", m("日本語x", "[日-本a]+"));
        ngx.say(m("Привет мир", "\\p{Cyrillic}+"), " ", m("Привет мир", "[\\p{Lu}x]"), " [", m("Привет мир", "[^\\p{L}]"), "] ", m("x日", "\\x{65e5}"));
        ngx.say(m("a😀😀b", "a😀+b"), " ", m("a😀b", "[😀x]"), " ", m("naïve", "\\w+"), " ", m("ä日", "\\W+"));
    }
}
location = /find-where {
    content_by_ts_block {
        const show = (place) => place === undefined ? "-" : `${place.from},${place.to}`;
        const { re } = ngx;
        ngx.say(show(re.find("hello, 1234", "([0-9])([0-9]+)")), " ", show(re.find("hello", "x")), " ", show(re.find("hello", "")));
        const s = "日本語 text";
        const { from, to } = re.find(s, "te");
        ngx.say(s.slice(from, to));
    }
}
location = /find-a {
    content_by_ts_block {
        const show = (place) => place === undefined ? "-" : `${place.from},${place.to}`;
        const find = (nth) => show(ngx.re.find("hello, 1234", "([0-9])([0-9]+)", "jo", undefined, nth));
        ngx.say(find(0), " ", find(1), " ", find(2));
        ngx.say(show(ngx.re.find("a1", "(x)?1", "", undefined, 1)));
        for (const nth of [3, -1, "1"]) try { find(nth); ngx.say("no"); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /option-d
--- response_body
hello|1234 1234 undefined
pcre2_compile() failed: two named subpatterns have the same name (PCRE2_DUPNAMES not set)

=== an option that there is none of, and d
--- request
GET /an-option
--- response_body
unknown flag "H" (flags "H")
unknown flag "d" (flags "jod")
unknown flag "-" (flags "i-")

=== what PCRE refuses is refused in its words, by each function
--- request
GET /what-pcre
--- response_body
NgxError: pcre2_compile() failed: missing closing parenthesis in "(a"
NgxError: pcre2_compile() failed: range out of order in character class in "[z-a]" at "a]"
NgxError: pcre2_compile() failed: quantifier does not follow a repeatable item in "*a" at "*a"
NgxError: pcre2_compile() failed: \ at end of pattern in "a\"
NgxError: pcre2_compile() failed: syntax error in subpattern name (missing terminator?) in "(?<n"
NgxError: pcre2_compile() failed: numbers out of order in {} quantifier in "a{2,1}" at "}"

=== what has no equivalent is refused, not matched otherwise
--- request
GET /what-has
--- response_body
pcre2_compile() failed: recursion and subroutine calls have no equivalent in JavaScript
pcre2_compile() failed: \K within a group has no equivalent in JavaScript
pcre2_compile() failed: \G has no equivalent in JavaScript
pcre2_compile() failed: \X has no equivalent in JavaScript without option u

=== \K: the match begins there
--- request
GET /restart
--- response_body
anna a {"from":5,"to":9} :
a# b# c# a,b,c
3 w v,w

=== a reference to a group that took no part does not match
--- request
GET /no-part
--- response_body
-
'word'
-
<a> <b> bb true

=== \X: what is drawn as one
--- request
GET /clusters
--- response_body
2,1,2 7,4,4 3,1

=== pcre: possessive, atomic, branch reset, quoting, comments, classes, references
--- request
GET /pcre-possessive
--- response_body
- - aab/
bc/b a.b/ hello/
1/ _/ abab/ab abab/ab
5 	/ foo/ foo/

=== text beyond ASCII: literals, classes, ranges, properties
--- request
GET /text-beyond
--- response_body
本 本 本語 日本
Привет П [ ] 日
a😀😀b 😀 na ä日

=== find: where it begins and ends
--- api: ngx.re.find
--- request
GET /find-where
--- response_body
7,11 - 0,0
te

=== find: a group instead of the whole
--- request
GET /find-a
--- response_body
7,11 7,8 8,11
-
nth out of bound
nth out of bound
nth out of bound

=== find: ctx.pos
--- config
location = /find-ctx {
    content_by_ts_block {
        const ctx = { pos: 1 };
        const places = [];
        for (let place = ngx.re.find("a1b2c3", "[0-9]", "", ctx); place !== undefined; place = ngx.re.find("a1b2c3", "[0-9]", "", ctx)) places.push(`${place.from}>${ctx.pos}`);
        ngx.say(places.join(" "));
        const second = ngx.re.find("a1b2", "([a-z])([0-9])", "", { pos: 2 }, 2);
        ngx.say(second.from, ",", second.to);
    }
}
location = /gmatch-one {
    content_by_ts_block {
        const words = [];
        for (const m of ngx.re.gmatch("hello, world! 42", "([a-z])([a-z]+)", "i")) words.push(`${m[0]}:${m[1]}`);
        ngx.say(words.join(" "));
        ngx.say([...ngx.re.gmatch("none", "[0-9]")].length);
    }
}
location = /gmatch-as {
    content_by_ts_block {
        const it = ngx.re.gmatch("a1b2", "[0-9]");
        ngx.say(it.next().value[0], " ", it.next().value[0], " ", it.next().done, " ", it.next().done);
    }
}
location = /gmatch-empty {
    content_by_ts_block {
        ngx.say([...ngx.re.gmatch("hello", "x*")].length, " ", [...ngx.re.gmatch("", "x*")].length, " ", [...ngx.re.gmatch("a😀b", "", "u")].length);
    }
}
location = /two-gmatch {
    content_by_ts_block {
        const a = ngx.re.gmatch("a1a2", "[0-9]");
        const b = ngx.re.gmatch("b3b4", "[0-9]");
        ngx.say(a.next().value[0], b.next().value[0], a.next().value[0], ngx.re.match("9", "[0-9]")[0], b.next().value[0]);
    }
}
location = /sub-the {
    content_by_ts_block {
        const { result, count } = ngx.re.sub("hello, 1234", "([0-9])[0-9]", "[$0][$1]");
        ngx.say(result, " ", count);
        ngx.say(JSON.stringify(ngx.re.sub("hello", "x", "y")));
    }
}
location = /gsub-all {
    content_by_ts_block {
        const { result, count } = ngx.re.gsub("hello, world", "([a-z])[a-z]+", "[$0,$1]", "i");
        ngx.say(result, " ", count);
        ngx.say(JSON.stringify(ngx.re.gsub("hello", "x", "y")));
    }
}
location = /sub-and {
    content_by_ts_block {
        const r = (template, pattern = "(l)(x)?") => ngx.re.gsub("hello", pattern, template).result;
        ngx.say(r("${1}0"), " ", r("$$1"), " ", r("$1$2$3"), " ", r("$00"), " ", r("\\n"), " ", r(7));
        for (const bad of ["$", "${1", "$x", "${x}", "a$-"]) try { r(bad); ngx.say("no"); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /find-ctx
--- response_body
1>2 3>4 5>6
3,4

=== gmatch: one match after the other
--- api: ngx.re.gmatch
--- request
GET /gmatch-one
--- response_body
hello:h world:w
0

=== gmatch: as an iterator that is asked
--- request
GET /gmatch-as
--- response_body
1 2 true true

=== gmatch: empty matches go on
--- request
GET /gmatch-empty
--- response_body
6 1 4

=== two gmatch of one pattern do not disturb each other
--- request
GET /two-gmatch
--- response_body
13294

=== sub: the first match alone
--- api: ngx.re.sub
--- request
GET /sub-the
--- response_body
hello, [12][1]34 1
{"result":"hello","count":0}

=== gsub: all matches
--- api: ngx.re.gsub
--- request
GET /gsub-all
--- response_body
[hello,h], [world,w] 2
{"result":"hello","count":0}

=== sub and gsub: what the template may say
--- request
GET /sub-and
--- response_body
hel0l0o he$1$1o hello hello he\n\no he77o
failed to compile the replacement template
failed to compile the replacement template
failed to compile the replacement template
failed to compile the replacement template
failed to compile the replacement template

=== sub and gsub: a function gets the captures, and what it gives is taken as it is
--- config
location = /sub-and {
    content_by_ts_block {
        ngx.say(ngx.re.gsub("hello, world", "(?<first>[a-z])([a-z]+)", (m) => m.first.toUpperCase() + m[2]).result);
        ngx.say(ngx.re.sub("abc", "b", () => "$0${1}").result, " ", ngx.re.gsub("abc", "[ac]", () => 12).result);
    }
}
location = /gsub-an {
    content_by_ts_block {
        try { ngx.re.gsub("abc", "b", () => { throw new TypeError("mine"); }); } catch (e) { ngx.say(e.name, " ", e.message); }
        for (const bad of [undefined, {}, true]) try { ngx.re.sub("abc", "b", bad); ngx.say("no"); } catch (e) { ngx.say(e.message); }
    }
}
location = /gsub-empty {
    content_by_ts_block {
        const r = (s, p, t) => { const { result, count } = ngx.re.gsub(s, p, t); return `${result} ${count}`; };
        ngx.say(r("hello", "", "-"), "; ", r("hello", "x*", "-"), "; ", r("a b", "(?=b)", "|"), "; ", r("hello", "$", "!"), "; ", r("", "^", "x"));
    }
}
location = /gsub-within {
    content_by_ts_block {
        ngx.say(ngx.re.gsub("a-b c-d", "\\w-\\w", (m) => ngx.re.gsub(m[0], "\\w", "<$0>").result).result);
    }
}
location = /split-pieces {
    content_by_ts_block {
        const { re } = ngx;
        const show = (list) => JSON.stringify(list);
        ngx.say(show(re.split("a,b,c,d", ",")), show(re.split("a1b2c", "([0-9])")), show(re.split("a1b2c", "([a-z])?[0-9]")), show(re.split("abc", "x")), show(re.split("", ",")));
    }
}
location = /split-into {
    content_by_ts_block {
        const { re } = ngx;
        const show = (list) => JSON.stringify(list);
        ngx.say(show(re.split("abc", "")), show(re.split("abcd", "(?=c)")), show(re.split("1ab", "(x)?")), show(re.split("a😀b", "", "u")));
    }
}
location = /split-empty {
    content_by_ts_block {
        const { re } = ngx;
        const show = (list) => JSON.stringify(list);
        ngx.say(show(re.split("a,b,c,", ",")), show(re.split(",a,,b", ",")), show(re.split("a,,", ",")), show(re.split(",,", ",")), show(re.split("a,b,", "(,)")));
        ngx.say(show(re.split("a,b,c,", ",", "", undefined, 4)));
    }
}
location = /split-at {
    content_by_ts_block {
        const show = (max) => JSON.stringify(ngx.re.split("a,b,c", ",", "jo", undefined, max));
        ngx.say(show(1), show(2), show(3), show(9), show(0), show(-1));
        ngx.say(JSON.stringify(ngx.re.split("a,b,c,d", "(,)", undefined, undefined, 2)));
    }
}
--- request
GET /sub-and
--- response_body
Hello, World
a$0${1}c 12b12

=== gsub: an error of the function goes to the caller
--- request
GET /gsub-an
--- response_body
TypeError mine
bad argument #3 to 'sub' (string, number, or function expected, got undefined)
bad argument #3 to 'sub' (string, number, or function expected, got object)
bad argument #3 to 'sub' (string, number, or function expected, got boolean)

=== gsub: empty matches, and look-around
--- request
GET /gsub-empty
--- response_body
-h-e-l-l-o- 6; -h-e-l-l-o- 6; a |b 1; hello! 1; x 1

=== gsub within the function of a gsub
--- request
GET /gsub-within
--- response_body
<a>-<b> <c>-<d>

=== split: pieces, and a separator's first group between them
--- api: ngx.re.split
--- request
GET /split-pieces
--- response_body
["a","b","c","d"]["a","1","b","2","c"]["","a","","b","c"]["abc"][]

=== split: into characters, and at empty matches
--- request
GET /split-into
--- response_body
["a","b","c"]["ab","cd"]["1","a","b"]["a","😀","b"]

=== split: empty pieces at the end are left out unless there is a limit
--- request
GET /split-empty
--- response_body
["a","b","c"]["","a","","b"]["a"][]["a",",","b",","]
["a","b","c",""]

=== split: at most so many
--- request
GET /split-at
--- response_body
["a,b,c"]["a","b,c"]["a","b","c"]["a","b","c"]["a","b","c"]["a","b","c"]
["a",",","b,c,d"]

=== split: from ctx.pos on
--- config
location = /split-from {
    content_by_ts_block {
        ngx.say(JSON.stringify(ngx.re.split("a,b,c,d", ",", undefined, { pos: 2 })), JSON.stringify(ngx.re.split("ab", "b", undefined, { pos: 2 })));
    }
}
--- request
GET /split-from
--- response_body
["b","c","d"][]

=== a pattern that would take for ever is cut off with its request; others go on
--- http_config
ts_cpu_limit 200ms;
--- config
location /a { content_by_ts_block { ngx.say(ngx.re.match("a".repeat(60) + "b", "^(?!b)(a|a)*c$")); } }
location /b { content_by_ts_block { ngx.say(ngx.re.match("aab", "^(a|a)*b$")[0]); } }
--- request eval
["GET /a", "GET /b"]
--- error_code eval
[500, 200]
--- response_body_like eval
["500 Internal", "aab"]
--- error_log
cut off after 200 ms

=== more patterns than are kept
--- config
location = /more-patterns {
    content_by_ts_block {
        let wrong = 0;
        for (let i = 0; i < 1500; i++) if (ngx.re.match(`x${i}y`, `x(${i})y`)[1] !== String(i)) wrong++;
        for (let i = 0; i < 1500; i++) if (ngx.re.match(`x${i}y`, `x(${i})y`)[1] !== String(i)) wrong++;
        ngx.say(wrong);
    }
}
--- request
GET /more-patterns
--- response_body
0

=== in every phase
--- config
location /a {
    set_by_ts_block $s { return ngx.re.gsub("set", "s", "S").result; }
    rewrite_by_ts_block { ngx.ctx.said = ngx.re.match("rewrite", "r.")[0]; }
    access_by_ts_block { ngx.ctx.said += ngx.re.match("access", "c+")[0]; }
    content_by_ts_block { ngx.print(ngx.var.s, " ", ngx.ctx.said, " x1y2"); }
    header_filter_by_ts_block { ngx.header["X-A"] = ngx.re.split("a,b", ",").join("|"); }
    body_filter_by_ts_block { ngx.arg[1] = ngx.re.gsub(ngx.arg[1], "[0-9]", "#").result; }
    log_by_ts_block { ngx.log(ngx.WARN, `log: ${ngx.re.find("log", "g").from}`); }
}
--- request
GET /a
--- response_headers
X-A: a|b
--- response_body chomp
Set recc x#y#
--- error_log
log: 2

=== groups keep their numbers beside atomic ones
--- config
location = /groups-keep {
    content_by_ts_block {
        const m = ngx.re.match("xaabc", "(?>a+)(b)(?<last>c)");
        const { from, to } = ngx.re.find("xaabc", "(?>a+)(b)(c)", "", undefined, 2);
        ngx.say(m[1], m[2], m.last, " ", from, ",", to, " ", ngx.re.gsub("aab", "(?>a+)(b)", "[$1]").result, " ", ngx.re.split("1aab2", "a++(b)").join("|"));
        try { ngx.re.find("xaabc", "(?>a+)(b)", "", undefined, 2); } catch (e) { ngx.say(e.message); }
    }
}
location = /a-match {
    content_by_ts_block {
        const ctx = Object.freeze({});
        try { ngx.re.match("abc", "b", "", ctx); ngx.say("no"); } catch (e) { ngx.say(e.name); }
        ngx.say(ngx.re.match("abc", "b", "", null)[0], ngx.re.match("abc", "b", undefined, undefined)[0], ngx.re.match("abc", "b", "", { pos: -5 })[0], ngx.re.match("abc", "b", "", { pos: "x" })[0]);
    }
}
--- request
GET /groups-keep
--- response_body
bcc 4,5 [b] 1|b|2
nth out of bound

=== a match does not change what it is given
--- request
GET /a-match
--- response_body
TypeError
bbbb

=== what steps back again and again is matched in linear time
--- config
location = /linear {
    content_by_ts_block {
        const s = "a".repeat(40) + "b";
        const say = (...found) => ngx.say(JSON.stringify(found));
        say(ngx.re.match(s, "^(a+)+$"), ngx.re.find(s, "(?:a|a)*$", "jo").from, ngx.re.match(s, "^(A+)+$", "i"));
        say(ngx.re.gsub(s, "(a*)*c", "").count, /^(\w+\s?)*$/.test(s + "!"), ngx.re.match(s + "!", "(x+x+)+y|b(.)$")[2]);
    }
}
--- request
GET /linear
--- response_body
[null,41,null]
[0,false,"!"]

=== ts_regex_match_limit: how often it may step back before
--- http_config
ts_regex_match_limit 2000000000;
ts_cpu_limit 200ms;
--- config
location = /linear { content_by_ts_block { ngx.say(ngx.re.match("a".repeat(40) + "b", "^(a+)+$")); } }
--- request
GET /linear
--- error_code: 500
--- error_log
cut off after 200 ms

=== opt: nothing but the size of a stack that there is not, and only before patterns are kept
--- api: ngx.re.opt
--- http_config
init_by_ts_block {
    const said: unknown[] = [];
    const opt = (...args) => { try { said.push(ngx.re.opt(...args)); } catch (e) { said.push(e.message); } };
    opt("jit_stack_size", 128 * 1024);
    opt("jit_stack", 1);
    opt("jit_stack_size", "x");
    opt("jit_stack_size");
    ngx.re.match("a", "a");
    opt("jit_stack_size", 1);
    ngx.re.match("a", "a", "jo");
    opt("jit_stack_size", 1);
    globalThis.said = said;
}
--- config
location /t { content_by_ts_block { ngx.say(globalThis.said.map(String).join("\n")); } }
--- request
GET /t
--- response_body
undefined
unrecognized option name
bad argument #2 to 'opt' (number expected, got string)
bad argument #2 to 'opt' (number expected, got undefined)
undefined
changing jit stack size is not allowed when some regexs have already been compiled and cached

=== sub: all digits behind a dollar sign are the group's number
--- config
location = /t {
    content_by_ts_block {
        const letters = "(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)";
        ngx.say(ngx.re.sub("abcdefghijk", letters, "$11-$1-${1}1").result, " ", ngx.re.sub("hello", "(l)", "[$11]").result);
        ngx.say(JSON.stringify(ngx.re.split("a,b", ",", undefined, { pos: 9 })));
    }
}
--- request
GET /t
--- response_body
k-a-a1 he[]lo
[]

=== expressions of the configuration hold nobody up, whatever a client sends
--- http_config
ts_regex_match_limit 1000;
map $arg_m $mapped { default no; "~*^(?:A|a|aa)+$" yes; }
--- config
location ~ ^/(a+)+$ { return 200 "match\n"; }
location ~* ^/i(.*)*\.php$ { return 200 "php\n"; }
location / { return 200 "$mapped\n"; }
--- request eval
["/aaaa", "/" + "a".repeat(40) + "b", "/" + "a".repeat(40) + "b%0A", "/" + "a".repeat(40) + "%0D%0Ab%0A", "/I" + "x".repeat(60) + ".PHP", "/i" + "x".repeat(60) + ".phpx", "/?m=" + "a".repeat(60) + "b"].map((uri) => `GET ${uri}`)
--- response_body eval
["match\n", "no\n", "no\n", "no\n", "php\n", "no\n", "no\n"]

=== sub: why a replacement is refused is in the error log
--- config
location = /t {
    content_by_ts_block {
        for (const to of ["$name", "${name}", "${1", "a$", "$-"])
            try { ngx.re.sub("a", "(a)", to); } catch (e) { ngx.say(e.message); }
        for (const value of [{}, [], () => 1])
            try { ngx.re.gsub("a", "a", () => value as any); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /t
--- response_body
failed to compile the replacement template
failed to compile the replacement template
failed to compile the replacement template
failed to compile the replacement template
failed to compile the replacement template
bad argument #3 to 'gsub' (string or number expected to be returned by the replace function, got object)
bad argument #3 to 'gsub' (string or number expected to be returned by the replace function, got array)
bad argument #3 to 'gsub' (string or number expected to be returned by the replace function, got function)
--- error_log eval
[
"attempt to use named capturing variable \"name\" (named captures not supported yet)",
"the closing bracket in \"1\" variable is missing",
"invalid capturing variable name found in \"a$\"",
"invalid capturing variable name found in \"$-\"",
]

=== a pattern may begin with (*UTF8)
--- config
location = /t {
    content_by_ts_block {
        ngx.say(ngx.re.match("日本", "(*UTF8)\\p{Han}+")?.[0], " ", ngx.re.match("Ã", "(*UTF)^.$")?.[0]);
    }
}
--- request
GET /t
--- response_body
日本 Ã

=== option J: \uXXXX as JavaScript has it, and only with it
--- config
location = /t {
    content_by_ts_block {
        ngx.say(ngx.re.match("a€b", "\\u20AC(.)", "uJ")?.[1], " ", ngx.re.match("\\u20AC", "^\\\\u20AC$", "J")?.[0]);
        try { ngx.re.match("€", "\\u20AC", "u"); } catch (e) { ngx.say(e.message.slice(0, 23)); }
    }
}
--- request
GET /t
--- response_body
b \u20AC
pcre2_compile() failed:
