// What the API's functions answer: each row is an expression, run in an isolate, and its value as JSON.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bench, bench, FakeRequest } from './testing.ts';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: templates of ngx.re.sub
const rows: readonly (readonly [expression: string, value: unknown])[] = [
  // escaping
  ["ngx.escape_uri('a b&c/ä?')", 'a%20b%26c%2F%C3%A4%3F'],
  ["ngx.escape_uri('a b&c/ä?', 0)", 'a%20b&c/%C3%A4%3F'],
  ['ngx.escape_uri("-_.!~*\'()")', "-_.!~*'()"],
  ["ngx.escape_uri('\\u{1f600}')", '%F0%9F%98%80'],
  ["ngx.escape_uri('\\ud800')", '%EF%BF%BD'],
  ['ngx.escape_uri(new Uint8Array([97, 32]))', 'a%20'],
  ["error(() => ngx.escape_uri('a', 99))", '"type" 99 out of range'],
  ["error(() => ngx.escape_uri('a', 'x'))", '"type" is not a number'],
  ["ngx.unescape_uri('a%20b+c%C3%A4%zz%2')", 'a b cä%zz%2'],
  ["ngx.unescape_uri('%ff')", '\ufffd'],
  [
    "ngx.encode_args({ a: 'x y', b: [1, 'z'], c: true, d: false, e: undefined, 'ä&': '=' })",
    'a=x%20y&b=1&b=z&c&%C3%A4%26=%3D',
  ],
  ['error(() => ngx.encode_args({ a: {} }))', 'attempt to use object as query arg value'],
  ["ngx.decode_args('a=1&b=%20x&a=2&c&=lost&&d=')", { a: ['1', '2'], b: ' x', c: true, d: '' }],
  ["ngx.decode_args('a=1&b=2&c=3', 2, { truncate: true })", { a: '1', b: '2' }],
  ["error(() => ngx.decode_args('a=1&b=2&c=3', 2))", 'truncated'],
  [
    "Object.keys(ngx.decode_args('a&'.repeat(500).replaceAll('a', () => 'k' + Math.random()), 0)).length",
    500,
  ],
  ["ngx.decode_args('__proto__=1&constructor=2')['__proto__']", '1'],
  ["ngx.decode_args('a==b&a%3D=c')", { a: '=b', 'a=': 'c' }],
  // base64
  ["ngx.encode_base64('hällo')", 'aMOkbGxv'],
  [
    "[ngx.encode_base64(''), ngx.encode_base64('a'), ngx.encode_base64('ab'), ngx.encode_base64('abc')]",
    ['', 'YQ==', 'YWI=', 'YWJj'],
  ],
  ["ngx.encode_base64('a', true)", 'YQ'],
  ["error(() => ngx.encode_base64('a', 1))", 'bad no_padding: boolean expected, got number'],
  [
    "[ngx.decode_base64('aMOkbGxv'), ngx.decode_base64('YQ=='), ngx.decode_base64('YQ'), ngx.decode_base64('Y')]",
    ['hällo', 'a', 'a', null],
  ],
  ["ngx.decode_base64('a*b=') === undefined", true],
  ["ngx.decode_base64mime('YW\\r\\nI*=')", 'ab'],
  ['ngx.encode_base64url(new Uint8Array([251, 255, 254]))', '-__-'],
  ["[...ngx.decode_base64url_buffer('-__-')]", [251, 255, 254]],
  ["[...ngx.decode_base64_buffer('+//+')]", [251, 255, 254]],
  ['error(() => ngx.decode_base64(1))', 'string argument only'],
  [
    "(() => { const t = 'ä€'.repeat(100); return ngx.decode_base64(ngx.encode_base64(t)) === t && ngx.decode_base64url(ngx.encode_base64url(t)) === t && ngx.encode_base64(t, true).length })()",
    667,
  ],
  ["ngx.encode_base64url('x'.repeat(100)).slice(-3)", '4eA'],
  [
    "[ngx.decode_base64('YWJj'.repeat(50) + ' ') === undefined, ngx.decode_base64('YWJj'.repeat(50) + 'YQ==').length]",
    [true, 151],
  ],
  // hashes
  ["ngx.md5('hällo')", '38bbce5fb3d0aec801f9eab39182fa7a'],
  ["ngx.md5('')", 'd41d8cd98f00b204e9800998ecf8427e'],
  ["ngx.md5(['a', new Uint8Array([98]), ['c']])", '900150983cd24fb0d6963f7d28e17f72'],
  ["ngx.md5_bin('abc').length + ngx.sha1_bin('abc').length", 36],
  [
    "ngx.encode_base64(ngx.hmac_sha1('thisisverysecretstuff', 'some string we want to sign'))",
    'R/pvxzHC4NLtj7S+kXFg/NePTmk=',
  ],
  ["ngx.crc32_short('hello, world')", 4289425978],
  ["ngx.crc32_long('') + ngx.crc32_long('123456789')", 3421780262],
  ['ngx.quote_sql_str("a\'b\\\\c\\n\\0\\x1a\\"")', "'a\\'b\\\\c\\n\\0\\Z\\\"'"],
  // time
  ['ngx.http_time(1290079655)', 'Thu, 18 Nov 2010 11:27:35 GMT'],
  ['ngx.cookie_time(1547178847 + 86400)', 'Sat, 12-Jan-19 03:54:07 GMT'],
  ['ngx.cookie_time(4102444800)', 'Fri, 01-Jan-2100 00:00:00 GMT'],
  ["ngx.parse_http_time('Thu, 18 Nov 2010 11:27:35 GMT')", 1290079655],
  ["ngx.parse_http_time('Thursday, 18-Nov-10 11:27:35 GMT')", 1290079655],
  ["ngx.parse_http_time('Thu Nov 18 11:27:35 2010')", 1290079655],
  ["ngx.parse_http_time('Thu, 31 Feb 2010 11:27:35 GMT') === undefined", true],
  ["error(() => ngx.http_time('x'))", 'number argument only'],
  [
    '/^\\d{4}-\\d\\d-\\d\\d$/.test(ngx.today()) && /^\\d{4}(-\\d\\d){2} \\d\\d:\\d\\d:\\d\\d$/.test(ngx.localtime()) && ngx.utctime().length',
    19,
  ],
  ['Number.isInteger(ngx.time()) && ngx.now() - ngx.time() < 1.1 && ngx.update_time() === undefined', true],
  // regular expressions
  ["ngx.re.match('hello, 1234', '([0-9])[0-9]+')", { 0: '1234', 1: '1' }],
  ["ngx.re.match('hello', '(?<first>h)(x)?')", { 0: 'h', 1: 'h', first: 'h' }],
  ["ngx.re.match('hello', 'x') === undefined", true],
  ["ngx.re.match('HELLO', 'h(E)', 'i')[1]", 'E'],
  ["ngx.re.match('a\\nb', 'a.b', 's')[0]", 'a\nb'],
  ["ngx.re.match('a\\nb', '^b$', 'm')[0]", 'b'],
  ["ngx.re.match('ab', 'a b # c', 'x')[0]", 'ab'],
  ["ngx.re.match('xab', 'ab', 'a') === undefined", true],
  ["ngx.re.match('aab', 'a++b')[0]", 'aab'],
  ["ngx.re.find('hello', 'l+')", { from: 2, to: 4 }],
  ["ngx.re.find('häé', 'é')", { from: 2, to: 3 }],
  ["ngx.re.find('hello, 1234', '([0-9])([0-9]+)', 'jo', undefined, 2)", { from: 8, to: 11 }],
  ["ngx.re.find('hello', '(x)?h', '', undefined, 1) === undefined", true],
  [
    "(() => { const ctx = { pos: 2 }; const m = ngx.re.match('1234, hello', '[0-9]', '', ctx); return [m[0], ctx.pos] })()",
    ['3', 3],
  ],
  ["[...ngx.re.gmatch('a1b22', '[0-9]+')].map((m) => m[0])", ['1', '22']],
  ["[...ngx.re.gmatch('ab', '')].length", 3],
  ["ngx.re.sub('hello, 1234', '([0-9])[0-9]', '[$0][$1]')", { result: 'hello, [12][1]34', count: 1 }],
  [
    "ngx.re.gsub('hello, world', '([a-z])[a-z]+', '[$0,$1]', 'i')",
    { result: '[hello,h], [world,w]', count: 2 },
  ],
  ["ngx.re.gsub('ab', '(a)', '${1}1-$$').result", 'a1-$b'],
  ["ngx.re.gsub('abc', 'x', 'y')", { result: 'abc', count: 0 }],
  ["ngx.re.gsub('a.b', '\\\\.', () => '$1').result", 'a$1b'],
  ["error(() => ngx.re.sub('a', 'a', '${x}'))", 'failed to compile the replacement template'],
  ["ngx.re.split('a,b,c', ',')", ['a', 'b', 'c']],
  ["ngx.re.split('a,b,,', ',')", ['a', 'b']],
  ["ngx.re.split('a,b,c', '(,)', '', undefined, 2)", ['a', ',', 'b,c']],
  ["error(() => ngx.re.match('a', '('))", 'pcre2_compile() failed: missing closing parenthesis in "("'],
  ["error(() => ngx.re.match('a', 'a', 'd'))", 'unknown flag "d" (flags "d")'],
  // constants and facts
  ['[ngx.OK, ngx.ERROR, ngx.AGAIN, ngx.DONE, ngx.DECLINED, ngx.null]', [0, -1, -2, -4, -5, null]],
  [
    '[ngx.HTTP_GET, ngx.HTTP_TRACE, ngx.HTTP_OK, ngx.HTTP_CLOSE, ngx.STDERR, ngx.DEBUG]',
    [2, 32768, 200, 444, 0, 8],
  ],
  ['[ngx.get_phase(), ngx.is_subrequest, ngx.headers_sent]', ['content', false, false]],
  ['[ngx.worker.id(), ngx.worker.count(), ngx.worker.exiting(), ngx.worker.pid() > 0]', [0, 1, false, true]],
  ['[ngx.config.subsystem, ngx.config.prefix(), ngx.config.nginx_version]', ['http', '/prefix', 1031005]],
  // the global ngx has no request
  ['error(() => globalThis.ngx.var.uri)', 'no request found'],
  ["error(() => globalThis.ngx.say('x'))", 'no request found'],
  ['error(() => globalThis.ngx.req.get_method())', 'no request found'],
  ['typeof globalThis.ngx.now()', 'number'],
  // errors
  [
    "(() => { try { ngx.re.match('a', '(') } catch (e) { return [e.name, e instanceof Error, e.code] } })()",
    ['NgxError', true, 'PCRE2_COMPILE_FAILED_MISSING_CLOSING_PARENTHESIS_IN'],
  ],
  ["error(() => ngx.exit('x'))", "bad argument to 'exit' (number expected, got string)"],
  ['error(() => ngx.exit(ngx.AGAIN))', "bad argument to 'ngx.exit': does not accept NGX_AGAIN or NGX_DONE"],
  [
    "error(() => ngx.redirect('/x', 200))",
    'only ngx.HTTP_MOVED_TEMPORARILY, ngx.HTTP_MOVED_PERMANENTLY, ngx.HTTP_PERMANENT_REDIRECT, ngx.HTTP_SEE_OTHER, and ngx.HTTP_TEMPORARY_REDIRECT are allowed',
  ],
  ["error(() => ngx.redirect('/x\\r\\ny'))", 'unsafe byte "0x0d" in redirect uri "/x\\x0D\\x0Ay"'],
  ["error(() => ngx.exec('/a/../b'))", 'unsafe uri'],
  ["error(() => ngx.exec('/a%2f..%2fb'))", 'unsafe uri'],
  ["error(() => ngx.exec('?a'))", 'unsafe uri'],
  ["error(() => ngx.location.capture('../x'))", 'unsafe uri in argument #1: ../x'],
  ["error(() => ngx.location.capture('x'))", 'unsafe uri in argument #1: x'],
  ["error(() => ngx.exec(''))", 'The uri argument is empty'],
  [
    'error(() => ngx.print({}))',
    "bad argument #1 to 'print' (string, number, boolean, nil, ngx.null, or array table expected, but got object)",
  ],
  ['error(() => ngx.sleep(-1))', 'invalid sleep duration "-1"'],
  ['error(() => ngx.log(99, "x"))', 'bad log level: 99'],
  ['error(() => ngx.timer.at(1, 2))', 'function expected'],
  ['error(() => ngx.timer.every(0, () => {}))', 'delay cannot be zero'],
  ['error(() => ngx.arg[1])', 'API disabled in the context of content_by_ts*'],
  ['error(() => { ngx.ctx = 1 })', 'ctx should be a table while getting a number'],
  ['error(() => ngx.header.x = {})', 'invalid header value: object'],
  // the web's globals
  [
    "[new URL('../c?d=1#e', 'http://u:p@EXAMPLE.com:80/a/b').href, URL.canParse('x')]",
    ['http://u:p@example.com/c?d=1#e', false],
  ],
  [
    "(() => { const u = new URL('http://h/'); u.searchParams.append('a b', 'ä&'); u.port = '81'; u.hash = 'x'; return u.href })()",
    'http://h:81/?a+b=%C3%A4%26#x',
  ],
  ["(() => { try { new URL('x') } catch (e) { return e.name } })()", 'TypeError'],
  [
    "(() => { const p = new URLSearchParams('?b=2&a=1&a=3'); p.sort(); p.delete('b'); p.set('c', '%'); return [p.toString(), p.getAll('a'), p.get('x'), p.size] })()",
    ['a=1&a=3&c=%25', ['1', '3'], null, 3],
  ],
  ['new URLSearchParams({ a: "1\'()~!" }).toString()', 'a=1%27%28%29%7E%21'],
  ["[...new TextEncoder().encode('aä€😀')]", [97, 195, 164, 226, 130, 172, 240, 159, 152, 128]],
  [
    'new TextDecoder().decode(new Uint8Array([0xef, 0xbb, 0xbf, 97, 0xff, 0xe2, 0x82, 98]))',
    'a\ufffd\ufffdb',
  ],
  [
    '(() => { const d = new TextDecoder(); return [d.decode(new Uint8Array([0xe2, 0x82]), { stream: true }), d.decode(new Uint8Array([0xac]))] })()',
    ['', '€'],
  ],
  ["new TextDecoder('iso-8859-1').decode(new Uint8Array([0xe4, 0x80]))", 'ä€'],
  [
    "(() => { try { new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([255])) } catch (e) { return e.name } })()",
    'TypeError',
  ],
  ["[btoa('\\xff'), atob('/w==').charCodeAt(0), atob(' Y Q ')]", ['/w==', 255, 'a']],
  [
    "(() => { try { atob('*') } catch (e) { return [e.name, e.code, e instanceof DOMException] } })()",
    ['InvalidCharacterError', 5, true],
  ],
  [
    '(() => { const a = { d: new Date(0), m: new Map([[1, new Set([2])]]), b: new Uint8Array([1, 2]) }; a.self = a; const c = structuredClone(a); return [c !== a, c.self === c, c.d.getTime(), [...c.m.get(1)], [...c.b]] })()',
    [true, true, 0, [2], [1, 2]],
  ],
  ['(() => { try { structuredClone(() => {}) } catch (e) { return e.name } })()', 'DataCloneError'],
  [
    "(() => { const h = new Headers({ B: ' 2 ', a: '1' }); h.append('b', '3'); h.append('Set-Cookie', 'x'); h.append('set-cookie', 'y'); return [[...h], h.get('B'), h.getSetCookie(), h.has('c')] })()",
    [
      [
        ['a', '1'],
        ['b', '2, 3'],
        ['set-cookie', 'x'],
        ['set-cookie', 'y'],
      ],
      '2, 3',
      ['x', 'y'],
      false,
    ],
  ],
  ["(() => { try { new Headers([['a\\n', 'b']]) } catch (e) { return e.name } })()", 'TypeError'],
  ["await new Response('hä', { status: 201, headers: { a: 'b' } }).text()", 'hä'],
  [
    "(() => { const r = Response.json({ a: 1 }); return [r.status, r.ok, r.headers.get('content-type')] })()",
    [200, true, 'application/json'],
  ],
  [
    "await new Request('http://h/x', { method: 'post', body: new URLSearchParams({ a: '1' }) }).text()",
    'a=1',
  ],
  [
    "(() => { const c = new AbortController(); let seen = ''; c.signal.addEventListener('abort', (e) => { seen += e.type }, { once: true }); c.abort(); c.abort(); return [seen, c.signal.aborted, c.signal.reason.name] })()",
    ['abort', true, 'AbortError'],
  ],
  [
    "(() => { const t = new EventTarget(); let n = 0; const f = (e) => { n += e.detail; e.preventDefault() }; t.addEventListener('x', f); t.addEventListener('x', f); return [t.dispatchEvent(new CustomEvent('x', { detail: 2, cancelable: true })), n] })()",
    [false, 2],
  ],
  ['/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID())', true],
  [
    'new Set(crypto.getRandomValues(new Uint8Array(4000))).size > 200 && crypto.getRandomValues(new Uint32Array(2)).length',
    2,
  ],
  [
    "hex(await crypto.subtle.digest('SHA-256', new TextEncoder().encode('abc'))).slice(0, 16)",
    'ba7816bf8f01cfea',
  ],
  [
    "await (async () => { const k = await crypto.subtle.importKey('raw', new TextEncoder().encode('key'), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']); const s = await crypto.subtle.sign('HMAC', k, new TextEncoder().encode('x')); return [hex(s).slice(0, 16), await crypto.subtle.verify('HMAC', k, s, new TextEncoder().encode('x')), await crypto.subtle.verify('HMAC', k, s, new TextEncoder().encode('y'))] })()",
    ['4fc3b7eaf34d7e59', true, false],
  ],
  [
    "await (async () => { const k = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt', 'decrypt']); const iv = crypto.getRandomValues(new Uint8Array(12)); const c = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, k, new TextEncoder().encode('secret')); return new TextDecoder().decode(await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, k, c)) })()",
    'secret',
  ],
  [
    "await (async () => { const { privateKey, publicKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']); const a = { name: 'ECDSA', hash: 'SHA-256' }; const d = new Uint8Array([1]); return await crypto.subtle.verify(a, publicKey, await crypto.subtle.sign(a, privateKey, d), d) })()",
    true,
  ],
  [
    "await (async () => { try { await crypto.subtle.digest('MD5', new Uint8Array()) } catch (e) { return e.name } })()",
    'NotSupportedError',
  ],
  [
    "await (async () => { const k = await crypto.subtle.importKey('raw', new Uint8Array([1]), { name: 'HMAC', hash: 'SHA-1' }, false, ['sign']); try { await crypto.subtle.exportKey('raw', k) } catch (e) { return e.name } })()",
    'InvalidAccessError',
  ],
  [
    "await new Promise((resolve) => { const seen = []; setTimeout((x) => { seen.push(x); resolve(seen) }, 5, 'late'); queueMicrotask(() => seen.push('soon')); const i = setInterval(() => seen.push('never'), 1000); clearInterval(i); clearTimeout(setTimeout(() => seen.push('never'), 1)) })",
    ['soon', 'late'],
  ],
  ['typeof performance.now() + typeof performance.timeOrigin', 'numbernumber'],
];

// biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above

let b: Bench;

beforeAll(async () => {
  const helpers = `
    const error = (f) => { try { return f() } catch (e) { return e.message } };
    const hex = (buffer) => [...new Uint8Array(buffer)].map((x) => x.toString(16).padStart(2, '0')).join('');
  `;
  b = await bench(
    rows.map(([expression]) => [
      ['content', `${helpers}\n ngx.log(ngx.WARN, 'value:' + JSON.stringify(${expression}))`] as const,
    ]),
  );
});

afterAll(() => b.stop());

test.each(rows.map(([expression, value], i) => ({ expression, value, i })))(
  '$expression',
  async ({ value, i }) => {
    const r = new FakeRequest();
    await b.run(r, i);
    const line = r.logs.map(({ message }) => message).join('\n');
    expect(line.includes('value:') ? JSON.parse(line.slice(line.indexOf('value:') + 6)) : line).toEqual(
      value,
    );
  },
);
