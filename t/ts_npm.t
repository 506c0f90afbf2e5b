# Packages from npm in handlers. `npm run packages` tries the popular ones; here are small ones, and forms of packages.

=== small packages, as they are: CommonJS, ES modules, for browsers
--- init eval
for (const name of ["he", "itty-router", "js-tokens", "ms", "mustache"]) {
    fs.mkdirSync("$TEST_NGINX_SERVER_ROOT/node_modules", { recursive: true });
    const at = "$TEST_NGINX_SERVER_ROOT/node_modules/" + name;
    fs.rmSync(at, { force: true, recursive: true });
    fs.symlinkSync(fs.realpathSync("node_modules/" + name), at);
}
--- config
location /he { content_by_ts_block { import he from "he"; ngx.say(he.decode("&eacute;&#x41;"), he.encode("ü")); } }
location /ms { content_by_ts_block { import ms from "ms"; ngx.say(ms("2 days"), " ", ms(60000, { long: true })); } }
location /mustache { content_by_ts_block { import Mustache from "mustache"; ngx.say(Mustache.render("{{#l}}{{.}};{{/l}}{{{raw}}}", { l: [1, 2], raw: "<" })); } }
location /tokens { content_by_ts_block { import jsTokens from "js-tokens"; ngx.say([...jsTokens("a + `b${c}`")].map((t) => t.type).join()); } }
location /itty/ {
    content_by_ts_block {
        import { AutoRouter } from "itty-router";
        const router = AutoRouter({ base: "/itty" });
        router.get("/item/:id", ({ id }) => ({ id })).post("/echo", async (q) => new Response(await q.text(), { status: 201 }));
        return router.fetch(ngx.request);
    }
}
--- request eval
["GET /he", "GET /ms", "GET /mustache", "GET /tokens", "GET /itty/item/7", "POST /itty/echo\nbody", "GET /itty/none"]
--- error_code eval
[200, 200, 200, 200, 200, 201, 404]
--- response_body eval
["\u00c3\u00a9A&#xFC;\n", "172800000 1 minute\n", "1;2;<\n", "IdentifierName,WhiteSpace,Punctuator,WhiteSpace,TemplateHead,IdentifierName,TemplateTail\n", '{"id":"7"}', "body", '{"status":404,"error":"Not Found"}']

=== exports by condition: worker before browser before default, in the package's order
--- init eval
const pack = (name, json, files) => {
    const at = "$TEST_NGINX_SERVER_ROOT/node_modules/" + name;
    fs.mkdirSync(at, { recursive: true });
    fs.writeFileSync(at + "/package.json", JSON.stringify({ name, version: "1.0.0", ...json }));
    for (const [file, text] of Object.entries(files)) fs.writeFileSync(at + "/" + file, text);
};
pack("by-worker", { type: "module", exports: { ".": { node: "./n.js", worker: "./w.js", browser: "./b.js", default: "./d.js" } } }, { "n.js": "export default 'node'", "w.js": "export default 'worker'", "b.js": "export default 'browser'", "d.js": "export default 'default'" });
pack("by-browser", { exports: { node: "./n.js", browser: "./b.mjs", default: "./n.js" } }, { "n.js": "require('fs')", "b.mjs": "export default 'browser'" });
pack("by-import", { exports: { require: "./c.cjs", import: "./m.mjs" } }, { "c.cjs": "module.exports = 'require'", "m.mjs": "export default 'import'" });
pack("by-fields", { main: "main.js", module: "module.mjs" }, { "main.js": "module.exports = 'main'", "module.mjs": "export default 'module'" });
pack("by-map", { main: "main.js", browser: { "./main.js": "./browser.js" } }, { "main.js": "require('fs')", "browser.js": "module.exports = 'mapped'" });
pack("for-browsers", { main: "main.js", browser: "browser.js" }, { "main.js": "require('fs')", "browser.js": "module.exports = 'browser'" });
--- config
location /a {
    content_by_ts_block {
        import a from "by-worker"; import b from "by-browser"; import c from "by-import"; import d from "by-fields"; import e from "for-browsers"; import f from "by-map";
        ngx.say([a, b, c, d, e, f].join());
    }
}
--- request
GET /a
--- response_body
worker,browser,import,module,browser,mapped

=== CommonJS: default, named, __esModule, what require gives of an ES module
--- init eval
const pack = (name, json, files) => {
    const at = "$TEST_NGINX_SERVER_ROOT/node_modules/" + name;
    fs.mkdirSync(at, { recursive: true });
    fs.writeFileSync(at + "/package.json", JSON.stringify({ name, version: "1.0.0", ...json }));
    for (const [file, text] of Object.entries(files)) fs.writeFileSync(at + "/" + file, text);
};
pack("plain-cjs", {}, { "index.js": "exports.a = 1; exports.b = () => 2;" });
pack("function-cjs", {}, { "index.js": "module.exports = (x) => 'called ' + x; module.exports.part = 'part';" });
pack("transpiled", {}, { "index.js": "Object.defineProperty(exports, '__esModule', { value: true }); exports.default = 'default'; exports.named = 'named';" });
pack("needs-esm", {}, { "index.js": "const { x } = require('an-esm'); module.exports = x + require('an-esm').default;" });
pack("an-esm", { type: "module", exports: "./index.js" }, { "index.js": "export const x = 'x'; export default 'd';" });
pack("with-json", {}, { "index.js": "module.exports = require('./data.json').n + typeof __filename + typeof require.resolve;", "data.json": '{ "n": 7 }' });
pack("asks-the-mode", {}, { "index.js": "if (process.env.NODE_ENV !== 'production') throw new Error('slow'); module.exports = process.env.NODE_ENV;" });
--- config
location /a {
    content_by_ts_block {
        import plain, { b } from "plain-cjs"; import f, { part } from "function-cjs"; import t, { named } from "transpiled";
        import esm from "needs-esm"; import mode from "asks-the-mode"; import * as all from "plain-cjs";
        ngx.say([plain.a, b(), f("f"), part, t, named, esm, mode, Object.keys(all).sort()].join());
    }
}
--- request
GET /a
--- response_body
1,2,called f,part,default,named,xd,production,a,b,default

=== what a package leaves out for browsers, and what it only tries
--- init eval
const pack = (name, json, files) => {
    const at = "$TEST_NGINX_SERVER_ROOT/node_modules/" + name;
    fs.mkdirSync(at, { recursive: true });
    fs.writeFileSync(at + "/package.json", JSON.stringify({ name, version: "1.0.0", ...json }));
    for (const [file, text] of Object.entries(files)) fs.writeFileSync(at + "/" + file, text);
};
pack("leaves-out", { browser: { crypto: false, "./node.js": false, "./swapped.js": "./browser.js" } }, {
    "index.js": "const c = require('crypto'), n = require('./node'), s = require('./swapped'); module.exports = [Object.keys(c).length, Object.keys(n).length, s].join();",
    "node.js": "module.exports = require('fs')", "swapped.js": "module.exports = require('net')", "browser.js": "module.exports = 'swapped'" });
pack("only-tries", {}, { "index.js": "let fs; try { fs = require('fs'); } catch (e) { fs = 'none'; } let m; try { m = require('not-installed'); } catch { m = 'neither'; } module.exports = fs + ' ' + m;" });
--- config
location /a { content_by_ts_block { import a from "leaves-out"; import b from "only-tries"; ngx.say(a, " ", b); } }
--- request
GET /a
--- response_body
0,0,swapped none neither

=== a package that needs Node: who imports it is told, file by file
--- init eval
const pack = (name, json, files) => {
    const at = "$TEST_NGINX_SERVER_ROOT/node_modules/" + name;
    fs.mkdirSync(at + "/lib", { recursive: true });
    fs.writeFileSync(at + "/package.json", JSON.stringify({ name, version: "1.0.0", ...json }));
    for (const [file, text] of Object.entries(files)) fs.writeFileSync(at + "/" + file, text);
};
pack("outer", {}, { "index.js": "module.exports = require('./lib/deep');", "lib/deep.js": "module.exports = require('inner');" });
pack("inner", { type: "module", exports: "./main.js" }, { "main.js": "import { readFileSync } from 'node:fs'; export default readFileSync;" });
--- config
location /a { content_by_ts_block { import x from "outer"; ngx.say(x); } }
--- must_die
--- error_log eval
/\[emerg\].*inner\/main\.js:1:30: "node:fs" is a module of Node's own, which scripts cannot use: content_by_ts_block in .*nginx\.conf:\d+ → outer\/index\.js → outer\/lib\/deep\.js → inner\/main\.js → "node:fs"/

=== the same of a require
--- init eval
const at = "$TEST_NGINX_SERVER_ROOT/node_modules/listens";
fs.mkdirSync(at, { recursive: true });
fs.writeFileSync(at + "/package.json", '{ "name": "listens", "version": "1.0.0" }');
fs.writeFileSync(at + "/index.js", "const net = require('net');\nmodule.exports = () => net.createServer();");
--- config
location /a { content_by_ts_block { import listen from "listens"; listen(); } }
--- must_die
--- error_log eval
/\[emerg\].*listens\/index\.js:1:\d+: "net" is a module of Node's own, which scripts cannot use: content_by_ts_block in .*nginx\.conf:\d+ → listens\/index\.js → "net"/

=== a package that is not there
--- config
location /a { content_by_ts_block { import x from "no-such-package"; ngx.say(x); } }
--- must_die
--- error_log
could not resolve "no-such-package"

=== a package that uses globals of Node at run time is told what is not there
--- init eval
const at = "$TEST_NGINX_SERVER_ROOT/node_modules/uses-buffer";
fs.mkdirSync(at, { recursive: true });
fs.writeFileSync(at + "/package.json", '{ "name": "uses-buffer", "version": "1.0.0" }');
fs.writeFileSync(at + "/index.js", "module.exports = (x) => Buffer.from(x);");
--- config
location /a { content_by_ts_block { import f from "uses-buffer"; ngx.say(f("x")); } }
--- request
GET /a
--- error_code: 500
--- error_log
Buffer is not defined
