// What a handler does with each package, and what it must say then. Where a name stands for several forms of a package
// (ES module, CommonJS), the import says which.

export interface Check {
  /** A block: imports, then statements that say something. */
  readonly code: string;
  readonly says: string;
}

export const checks: Readonly<Record<string, Check>> = {
  ajv: {
    code: `import Ajv from "ajv"; const validate = new Ajv().compile({ type: "object", required: ["a"], properties: { a: { type: "integer" } } });
      ngx.say(validate({ a: 1 }), " ", validate({ a: "x" }), " ", validate.errors[0].message);`,
    says: 'true false must be integer',
  },
  'bignumber.js': {
    code: `import BigNumber from "bignumber.js"; ngx.say(new BigNumber("0.1").plus("0.2").toString());`,
    says: '0.3',
  },
  'change-case': {
    code: `import { camelCase, snakeCase } from "change-case"; ngx.say(camelCase("two words"), " ", snakeCase("twoWords"));`,
    says: 'twoWords two_words',
  },
  'date-fns': {
    code: `import { addDays, formatISO } from "date-fns"; ngx.say(formatISO(addDays(new Date(Date.UTC(2024, 1, 28, 12)), 2), { representation: "date" }));`,
    says: '2024-03-01',
  },
  dayjs: {
    code: `import dayjs from "dayjs"; import utc from "dayjs/plugin/utc"; dayjs.extend(utc); ngx.say(dayjs.utc(0).add(1, "month").format("YYYY-MM-DD"));`,
    says: '1970-02-01',
  },
  'decimal.js': {
    code: `import { Decimal } from "decimal.js"; ngx.say(new Decimal(2).sqrt().toFixed(20));`,
    says: '1.41421356237309504880',
  },
  'fast-xml-parser': {
    code: `import { XMLBuilder, XMLParser } from "fast-xml-parser"; const o = new XMLParser({ ignoreAttributes: false }).parse('<a x="1"><b>t</b></a>');
      ngx.say(o.a["@_x"], o.a.b, " ", new XMLBuilder().build({ c: { d: 2 } }));`,
    says: '1t <c><d>2</d></c>',
  },
  'fuse.js': {
    code: `import Fuse from "fuse.js"; ngx.say(new Fuse(["apple", "pear", "grape"], {}).search("aple")[0].item);`,
    says: 'apple',
  },
  graphql: {
    code: `import { buildSchema, graphql } from "graphql"; const r = await graphql({ schema: buildSchema("type Query { hi(n: String): String }"), source: '{ hi(n: "x") }', rootValue: { hi: ({ n }) => "hi " + n } });
      ngx.say(JSON.stringify(r));`,
    says: '{"data":{"hi":"hi x"}}',
  },
  handlebars: {
    code: `import Handlebars from "handlebars"; ngx.say(Handlebars.compile("{{#each l}}{{this}},{{/each}}{{e}}")({ l: [1, 2], e: "<" }));`,
    says: '1,2,&lt;',
  },
  he: {
    code: `import he from "he"; ngx.say(he.decode("&eacute;&#x41;"), he.encode("ü"));`,
    says: 'éA&#xFC;',
  },
  hono: {
    code: `import { Hono } from "hono"; const app = new Hono(); app.get("/hello/:name", (c) => c.json({ hello: c.req.param("name") }, 201));
      app.post("/echo", async (c) => c.text(await c.req.text())); const r = await app.fetch(new Request("http://x/hello/you"));
      ngx.say(r.status, " ", await r.text(), " ", await (await app.request("/echo", { method: "POST", body: "b" })).text());`,
    says: '201 {"hello":"you"} b',
  },
  immer: {
    code: `import { produce } from "immer"; const a = { l: [1] }; const b = produce(a, (d) => { d.l.push(2); }); ngx.say(a.l.length, b.l.join());`,
    says: '11,2',
  },
  ini: {
    code: `import { parse, stringify } from "ini"; const o = parse("a=1\\n[s]\\nb=x"); ngx.say(o.a, o.s.b, " ", JSON.stringify(stringify({ k: "v" })));`,
    says: '1x "k=v\\n"',
  },
  'itty-router': {
    code: `import { AutoRouter } from "itty-router"; const router = AutoRouter(); router.get("/a/:id", ({ id }) => ({ id })); const r = await router.fetch(new Request("http://x/a/7"));
      ngx.say(r.status, " ", r.headers.get("content-type"), " ", await r.text());`,
    says: '200 application/json; charset=utf-8 {"id":"7"}',
  },
  joi: {
    code: `import Joi from "joi"; const s = Joi.object({ a: Joi.number().min(3).required(), m: Joi.string().email() }); ngx.say(s.validate({ a: 5 }).error, " ", s.validate({ a: 1 }).error.message);`,
    says: 'undefined "a" must be greater than or equal to 3',
  },
  jose: {
    code: `import { SignJWT, generateKeyPair, importJWK, jwtVerify } from "jose"; const key = new TextEncoder().encode("secret-secret-secret-secret-secret");
      const t = await new SignJWT({ a: 1 }).setProtectedHeader({ alg: "HS256" }).setSubject("me").sign(key); const hs = (await jwtVerify(t, key)).payload;
      const pair = await generateKeyPair("ES256"); const e = await new SignJWT({ b: 2 }).setProtectedHeader({ alg: "ES256" }).setExpirationTime("2h").sign(pair.privateKey);
      const es = (await jwtVerify(e, pair.publicKey)).payload; const bad = await jwtVerify(t.slice(0, -3) + "AAA", key).catch((x) => x.code);
      ngx.say(hs.sub, hs.a, " ", es.b, " ", bad);`,
    says: 'me1 2 ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
  },
  'js-yaml': {
    code: `import * as yaml from "js-yaml"; ngx.say(JSON.stringify(yaml.load("a: [1, {b: c}]")), " ", JSON.stringify(yaml.dump({ x: [1] })));`,
    says: '{"a":[1,{"b":"c"}]} "x:\\n  - 1\\n"',
  },
  jsonata: {
    code: `import jsonata from "jsonata"; ngx.say(await jsonata("$sum(items.(price * n))").evaluate({ items: [{ price: 2, n: 3 }, { price: 1, n: 4 }] }));`,
    says: '10',
  },
  'jsonpath-plus': {
    code: `import { JSONPath } from "jsonpath-plus"; ngx.say(JSON.stringify(JSONPath({ path: "$..b", json: { a: { b: 1 }, c: [{ b: 2 }] } })));`,
    says: '[1,2]',
  },
  lodash: {
    code: `import _ from "lodash"; ngx.say(_.chunk([1, 2, 3], 2).length, " ", _.template("hi <%= n %>")({ n: "x" }), " ", _.cloneDeep({ d: new Date(0) }).d.getTime());`,
    says: '2 hi x 0',
  },
  'lodash-es': {
    code: `import { camelCase, groupBy, merge } from "lodash-es"; ngx.say(camelCase("a b"), " ", Object.keys(groupBy([1.2, 1.3, 2.1], Math.floor)).join(), " ", JSON.stringify(merge({ a: { b: 1 } }, { a: { c: 2 } })));`,
    says: 'aB 1,2 {"a":{"b":1,"c":2}}',
  },
  marked: {
    code: `import { marked } from "marked"; ngx.print(marked.parse("# t\\n\\n*e*"));`,
    says: '<h1>t</h1>\n<p><em>e</em></p>',
  },
  mathjs: {
    code: `import { evaluate, matrix, multiply } from "mathjs"; ngx.say(evaluate("sqrt(3^2 + 4^2)"), " ", multiply(matrix([[1, 2]]), matrix([[3], [4]])).toString());`,
    says: '5 [[11]]',
  },
  ms: {
    code: `import ms from "ms"; ngx.say(ms("2 days"), " ", ms(60000, { long: true }));`,
    says: '172800000 1 minute',
  },
  mustache: {
    code: `import Mustache from "mustache"; ngx.say(Mustache.render("{{#l}}{{.}};{{/l}}{{{raw}}}", { l: [1, 2], raw: "<" }));`,
    says: '1;2;<',
  },
  nanoid: {
    code: `import { customAlphabet, nanoid } from "nanoid"; ngx.say(nanoid().length, " ", /^[ab]{5}$/.test(customAlphabet("ab", 5)()));`,
    says: '21 true',
  },
  papaparse: {
    code: `import Papa from "papaparse"; ngx.say(JSON.stringify(Papa.parse('a,b\\n1,"x,y"', { header: true }).data), " ", Papa.unparse([[1, "a,b"]]));`,
    says: '[{"a":"1","b":"x,y"}] 1,"a,b"',
  },
  qs: {
    code: `import qs from "qs"; ngx.say(JSON.stringify(qs.parse("a[b]=1&c[]=2&c[]=3")), " ", qs.stringify({ a: { b: "x y" } }));`,
    says: '{"a":{"b":"1"},"c":["2","3"]} a%5Bb%5D=x%20y',
  },
  ramda: {
    code: `import * as R from "ramda"; ngx.say(R.pipe(R.filter((x) => x > 1), R.sum)([1, 2, 3]), " ", R.path(["a", "b"], { a: { b: 7 } }));`,
    says: '5 7',
  },
  rxjs: {
    code: `import { filter, from, lastValueFrom, map, timer, toArray } from "rxjs"; const l = await lastValueFrom(from([1, 2, 3]).pipe(filter((x) => x > 1), map((x) => x * 2), toArray()));
      ngx.say(l.join(), " ", await lastValueFrom(timer(1)));`,
    says: '4,6 0',
  },
  semver: {
    code: `import semver from "semver"; ngx.say(semver.satisfies("1.2.3", "^1.2"), " ", semver.inc("1.2.3", "minor"));`,
    says: 'true 1.3.0',
  },
  slugify: {
    code: `import slugify from "slugify"; ngx.say(slugify("Ünder the Sea!", { lower: true, strict: true }));`,
    says: 'under-the-sea',
  },
  superstruct: {
    code: `import { assert, is, number, object } from "superstruct"; const s = object({ a: number() }); ngx.say(is({ a: 1 }, s)); try { assert({ a: "x" }, s); } catch (e) { ngx.say(e.path.join(), " ", e.failures().length); }`,
    says: 'true\na 1',
  },
  toml: {
    code: `import { parse } from "toml"; ngx.say(JSON.stringify(parse('a = 1\\n[t]\\nb = ["x"]')));`,
    says: '{"a":1,"t":{"b":["x"]}}',
  },
  'ts-pattern': {
    code: `import { P, match } from "ts-pattern"; const f = (v) => match(v).with({ n: P.number }, ({ n }) => "n" + n).otherwise(() => "other"); ngx.say(f({ n: 1 }), " ", f({}));`,
    says: 'n1 other',
  },
  ulid: {
    code: `import { decodeTime, ulid } from "ulid"; const u = ulid(1234567890); ngx.say(u.length, " ", decodeTime(u));`,
    says: '26 1234567890',
  },
  uuid: {
    code: `import { v4, v5, validate } from "uuid"; ngx.say(validate(v4()), " ", v5("x", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"));`,
    says: 'true 05b16a01-46c6-56dd-bd6e-c6dfb4a1427a',
  },
  valibot: {
    code: `import * as v from "valibot"; const s = v.object({ e: v.pipe(v.string(), v.email()) }); ngx.say(v.safeParse(s, { e: "a@b.cd" }).success, " ", v.safeParse(s, { e: "no" }).issues[0].message);`,
    says: 'true Invalid email: Received "no"',
  },
  yaml: {
    code: `import YAML from "yaml"; ngx.say(JSON.stringify(YAML.parse("a: &x [1]\\nb: *x")), " ", JSON.stringify(YAML.stringify({ k: ["v"] })));`,
    says: '{"a":[1],"b":[1]} "k:\\n  - v\\n"',
  },
  zod: {
    code: `import { z } from "zod"; const s = z.object({ n: z.number().min(3), e: z.email().optional() }); const r = s.safeParse({ n: 1 }); ngx.say(s.parse({ n: 4 }).n, " ", r.success, " ", r.error.issues[0].code);`,
    says: '4 false too_small',
  },
};
