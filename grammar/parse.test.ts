// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are nginx's variables
import { describe, expect, test } from 'vitest';
import type { Directive } from './ast.ts';
import { parse, parseParameter } from './parse.ts';

/** The words of all directives, blocks as nested arrays: enough to see how a text was cut. */
type Shape = (string | Shape)[];

function shape(directives: readonly Directive[]): Shape[] {
  return directives.map((directive) => {
    const words: Shape = [directive.name.text, ...directive.args.map((word) => word.text)];
    if (directive.block !== null) words.push(shape(directive.block));
    if (directive.source !== null) words.push(directive.source.text);
    return words;
  });
}

function fault(text: string): string {
  const { error } = parse(text, 'f');
  return error === null ? 'none' : `${error.line}:${error.column} ${error.message}`;
}

describe('words', () => {
  const rows: readonly (readonly [text: string, expected: Shape[]])[] = [
    ['', []],
    [' \t\r\n', []],
    ['a;', [['a']]],
    ['a b c;', [['a', 'b', 'c']]],
    ['a\tb\rc\nd ;', [['a', 'b', 'c', 'd']]],
    ['a;b;', [['a'], ['b']]],
    ['a\vb\fc;', [['a\vb\fc']]],
    ['a b\0c;', [['a', 'b\0c']]],
    ['caf\xc3\xa9 \xff;', [['caf\xc3\xa9', '\xff']]],
    ['\xef\xbb\xbfa;', [['\xef\xbb\xbfa']]],
    // quotes
    ['a "b c" \'d e\';', [['a', 'b c', 'd e']]],
    ['a "";', [['a', '']]],
    ['"" 1;', [['', '1']]],
    ['a "b\nc";', [['a', 'b\nc']]],
    ['a "{;}#";', [['a', '{;}#']]],
    ['a "it\'s" \'"\';', [['a', "it's", '"']]],
    ['a b"c d"e;', [['a', 'b"c', 'd"e']]],
    ["a don't;", [['a', "don't"]]],
    ["a b='c d';", [['a', "b='c", "d'"]]],
    // what may follow a closing quote
    ['a "b"\t"c"\r"d"\n;', [['a', 'b', 'c', 'd']]],
    ['if ("a" = "b") {}', [['if', '("a"', '=', 'b', ')', []]]],
    ['a "b")c;', [['a', 'b', ')c']]],
    ['a "b")"c";', [['a', 'b', ')"c"']]],
    ['a "b"{c;}', [['a', 'b', [['c']]]]],
    // escapes
    ['a b\\ c;', [['a', 'b\\ c']]],
    ['a b\\;c;', [['a', 'b\\;c']]],
    ['a b\\{c;', [['a', 'b\\{c']]],
    ['a b\\}c;', [['a', 'b\\}c']]],
    ['a \\#b;', [['a', '\\#b']]],
    ['a \\"b c\\";', [['a', '"b', 'c"']]],
    ["a \\'b;", [['a', "'b"]]],
    ['a "\\"";', [['a', '"']]],
    ["a '\\'';", [['a', "'"]]],
    ['a "\\\'";', [['a', "'"]]],
    ['a "\\\\";', [['a', '\\']]],
    ['a "\\\\\\"";', [['a', '\\"']]],
    ['a "\\t\\r\\n";', [['a', '\t\r\n']]],
    ['a b\\tc;', [['a', 'b\tc']]],
    ['a "\\d\\w\\.\\$";', [['a', '\\d\\w\\.\\$']]],
    ['a \\\nb;', [['a', '\\\nb']]],
    ['a ~ \\.php$ ;', [['a', '~', '\\.php$']]],
    // variables
    ['a ${b};', [['a', '${b}']]],
    ['a x${b}y{c;}', [['a', 'x${b}y', [['c']]]]],
    ['a $b{c;}', [['a', '$b', [['c']]]]],
    ['a ${{b;', [['a', '${{b']]],
    ['a $;', [['a', '$']]],
    ['a $ {b;}', [['a', '$', [['b']]]]],
    ['a $\\{b;', [['a', '$\\{b']]],
    ['a \\${b;}', [['a', '\\$', [['b']]]]],
    ['a "${b";', [['a', '${b']]],
    // braces and comments
    ['a{}', [['a', []]]],
    [
      'a{b;}c{d{e;}}',
      [
        ['a', [['b']]],
        ['c', [['d', [['e']]]]],
      ],
    ],
    ['a b}c;', [['a', 'b}c']]],
    ['a b};', [['a', 'b}']]],
    ['a{b;}#c{\nd;', [['a', [['b']]], ['d']]],
    ['#a;\n#b;', []],
    ['a #b;\n c;', [['a', 'c']]],
    ['a b#c;', [['a', 'b#c']]],
    ['a #"\n;', [['a']]],
    ['a;#\\\nb;', [['a'], ['b']]],
    ['# \r b;\nc;', [['c']]],
    // blocks whose entries are no directives
    [
      'map $h $b { default 1; "" 2; "~x;y" z; }',
      [
        [
          'map',
          '$h',
          '$b',
          [
            ['default', '1'],
            ['', '2'],
            ['~x;y', 'z'],
          ],
        ],
      ],
    ],
    [
      'map $u $v { "~^/foo{2}" 1; ~^/b$ 2; }',
      [
        [
          'map',
          '$u',
          '$v',
          [
            ['~^/foo{2}', '1'],
            ['~^/b$', '2'],
          ],
        ],
      ],
    ],
    ['types { text/html html htm; }', [['types', [['text/html', 'html', 'htm']]]]],
    [
      'split_clients $a $b { 0.5% .x; * ""; }',
      [
        [
          'split_clients',
          '$a',
          '$b',
          [
            ['0.5%', '.x'],
            ['*', ''],
          ],
        ],
      ],
    ],
    [
      'geo $g { 10.0.0.0/8 1; ::1 2; include x; }',
      [
        [
          'geo',
          '$g',
          [
            ['10.0.0.0/8', '1'],
            ['::1', '2'],
            ['include', 'x'],
          ],
        ],
      ],
    ],
    ['charset_map a b { 80 E282AC ; }', [['charset_map', 'a', 'b', [['80', 'E282AC']]]]],
    ['include conf.d/*.conf;', [['include', 'conf.d/*.conf']]],
  ];

  test.each(rows)('%j', (text, expected) => {
    const tree = parse(text, 'f');
    expect(tree.error).toBeNull();
    expect(shape(tree.directives)).toEqual(expected);
  });

  test('an unquoted { ends a word, so that a quantifier opens a block', () => {
    const tree = parse('location ~ ^/(\\d{2})$ {}', 'f');
    expect(shape(tree.directives)).toEqual([['location', '~', '^/(\\d', [['2})$', []]]]]);
    expect(tree.error?.message).toBe('unexpected end of file, expecting "}"');
  });

  test('a word knows whether it was quoted', () => {
    const [directive] = parse('a "b" \'c\' d e"f" \\"g;', 'f').directives;
    expect(directive?.args.map((word) => word.quoted)).toEqual([true, true, false, false, false]);
  });
});

describe('faults', () => {
  const rows: readonly (readonly [text: string, expected: string])[] = [
    [';', '1:1 unexpected ";"'],
    ['a;;', '1:3 unexpected ";"'],
    ['{', '1:1 unexpected "{"'],
    ['a {\n {', '2:2 unexpected "{"'],
    ['}', '1:1 unexpected "}"'],
    ['a;\n}', '2:1 unexpected "}"'],
    ['a {} }', '1:6 unexpected "}"'],
    ['a }', '1:3 unexpected "}"'],
    ['a {\n b\n}', '3:1 unexpected "}"'],
    ['a "b" }', '1:7 unexpected "}"'],
    ['a "b"c;', '1:6 unexpected "c"'],
    ['a "b""c";', '1:6 unexpected """'],
    ["a 'b''c';", `1:6 unexpected "'"`],
    ['a "b"};', '1:6 unexpected "}"'],
    ['a "b"#c', '1:6 unexpected "#"'],
    ['a "b"$c;', '1:6 unexpected "$"'],
    ['a "b"\\;', '1:6 unexpected "\\"'],
    ['a "b"(;', '1:6 unexpected "("'],
    ['a "b"\xe9;', '1:6 unexpected "\xe9"'],
    ['a "b\n\nc"d;', '3:3 unexpected "d"'],
    ['a', '1:2 unexpected end of file, expecting ";" or "}"'],
    ['a\n', '2:1 unexpected end of file, expecting ";" or "}"'],
    ['a b #c', '1:7 unexpected end of file, expecting ";" or "}"'],
    ['a\\', '1:3 unexpected end of file, expecting ";" or "}"'],
    ['\\', '1:2 unexpected end of file, expecting ";" or "}"'],
    ['a "b;\nc;\n', '3:1 unexpected end of file, expecting ";" or "}"'],
    ["'", '1:2 unexpected end of file, expecting ";" or "}"'],
    ['a "b"', '1:6 unexpected end of file, expecting ";" or "}"'],
    ['a ${', '1:5 unexpected end of file, expecting ";" or "}"'],
    ['a {\n b; c', '2:6 unexpected end of file, expecting ";" or "}"'],
    ['a {', '1:4 unexpected end of file, expecting "}"'],
    ['a {\n b;\n', '3:1 unexpected end of file, expecting "}"'],
    ['a {\n # }\n', '3:1 unexpected end of file, expecting "}"'],
    ['a {\r b;\r', '1:9 unexpected end of file, expecting "}"'],
  ];

  test.each(rows)('%j', (text, expected) => {
    expect(fault(text)).toBe(expected);
  });

  test('what was read before a fault is in the tree, also in open blocks', () => {
    const tree = parse('a;\nb { c; d { e; f g "h"i; } j; }\n', 'f');
    expect(tree.error).toEqual({ message: 'unexpected "i"', line: 2, column: 22 });
    expect(shape(tree.directives)).toEqual([['a'], ['b', [['c'], ['d', [['e']]]]]]);
    const open = tree.directives[1];
    expect(open).toMatchObject({ headLine: 2, headColumn: 3, endLine: 2, endColumn: 3 });
  });

  test('a parser that met a fault starts afresh', () => {
    expect(fault('a { b "c"d')).toBe('1:10 unexpected "d"');
    expect(parse('a b;', 'g')).toMatchObject({ file: 'g', error: null, directives: [{ file: 'g' }] });
  });
});

// nginx reads through a buffer of 4096 bytes; each row was compared with nginx itself.
describe('the 4096 bytes', () => {
  const a = (count: number): string => 'a'.repeat(count);
  const unquoted = 'too long parameter "aaaaaaaaaa..." started';
  const rows: readonly (readonly [what: string, text: string, expected: string])[] = [
    ['an unquoted word of 4095 before ;', `x ${a(4095)};y;`, 'none'],
    ['an unquoted word of 4096 before ;', `x ${a(4096)};y;`, `1:3 ${unquoted}`],
    ['an unquoted word of 4094 before a blank', `x ${a(4094)} ;y;`, 'none'],
    ['an unquoted word of 4095 before a blank', `x ${a(4095)} ;y;`, `1:3 ${unquoted}`],
    [
      'the end of the file comes first',
      `x ${a(4096)}`,
      '1:4099 unexpected end of file, expecting ";" or "}"',
    ],
    ['a long unquoted word without an end', `x ${a(4097)}`, `1:3 ${unquoted}`],
    ['a quoted word of 4094', `x "${a(4094)}";y;`, 'none'],
    ['a quoted word of 4095', `x "${a(4095)}";y;`, `1:3 ${unquoted}`],
    ['a quoted word of 4093 before a blank', `x "${a(4093)}" ;y;`, 'none'],
    ['a quoted word of 4094 before a blank', `x "${a(4094)}" ;y;`, `1:3 ${unquoted}`],
    ['a quoted word of 4094 before )', `x "${a(4094)}") {}`, 'none'],
    [
      'a missing quote is suspected',
      `\n\nx\n "${a(4096)}\n\n;`,
      '4:2 too long parameter, probably missing terminating """ character',
    ],
    [
      'a missing single quote',
      `x '${a(5000)}';`,
      '1:3 too long parameter, probably missing terminating "\'" character',
    ],
    ['escapes count as written', `x "${'\\t'.repeat(2047)}";y;`, 'none'],
    [
      'too many escapes',
      `x "${'\\t'.repeat(2048)}";y;`,
      '1:3 too long parameter, probably missing terminating """ character',
    ],
    ['a comment of 4095', `#${a(4094)}\nx;`, 'none'],
    ['a comment of 4096', `\n  #${a(4095)}\nx;`, '2:3 too long parameter "#aaaaaaaaa..." started'],
    ['a long comment that ends the file', `#${a(4095)}`, 'none'],
    ['a longer comment that ends the file', `#${a(4096)}`, '1:1 too long parameter "#aaaaaaaaa..." started'],
    ['any amount of white space', `x${' \n'.repeat(5000)};`, 'none'],
    ['many words', `x ${'ab '.repeat(5000)};`, 'none'],
  ];

  test.each(rows)('%s', (_, text, expected) => {
    expect(fault(text)).toBe(expected);
  });
});

describe('positions', () => {
  test('of words, terminators and blocks', () => {
    const [server] = parse('\n  server "a b"\n\t\'c\n d\' {\n  listen\n   80 ;\n}\n', 'f').directives;
    expect(server).toMatchObject({
      name: { line: 2, column: 3 },
      args: [
        { text: 'a b', line: 2, column: 10 },
        { text: 'c\n d', line: 3, column: 2 },
      ],
      headLine: 4,
      headColumn: 5,
      endLine: 7,
      endColumn: 1,
      block: [{ name: { line: 5, column: 3 }, args: [{ line: 6, column: 4 }], endLine: 6, endColumn: 7 }],
    });
  });

  test('a carriage return does not end a line', () => {
    const [, b] = parse('a;\r\r\nb;', 'f').directives;
    expect(b?.name).toMatchObject({ line: 2, column: 1 });
  });

  test('after an escaped line feed', () => {
    const [a, b] = parse('a \\\n x;b;', 'f').directives;
    expect(a?.args[1]).toMatchObject({ text: 'x', line: 2, column: 2 });
    expect(b?.name).toMatchObject({ line: 2, column: 4 });
  });

  test('of a source block and of what follows it', () => {
    const [block, next] = parse('a_by_ts_block $x\n{\n  1;\n } b;', 'f').directives;
    expect(block).toMatchObject({
      args: [{ text: '$x' }],
      block: null,
      source: { text: '\n  1;\n ', line: 2, column: 2 },
      headLine: 2,
      headColumn: 1,
      endLine: 4,
      endColumn: 2,
    });
    expect(next?.name).toMatchObject({ line: 4, column: 4 });
  });

  test('the tree consists of plain objects', () => {
    const tree = parse('a "b"; c { d_by_ts_block { } } e', 'f');
    expect(structuredClone(tree)).toStrictEqual(tree);
  });
});

describe('*_by_ts_block', () => {
  test.each([
    ['content_by_ts_block{}', [['content_by_ts_block', '']]],
    ['"content_by_ts_block" { } a;', [['content_by_ts_block', ' '], ['a']]],
    ['set_by_ts_block $x { return {}; } a;', [['set_by_ts_block', '$x', ' return {}; '], ['a']]],
    [
      'server { a_by_ts_block { } b_by_ts_block { } }',
      [
        [
          'server',
          [
            ['a_by_ts_block', ' '],
            ['b_by_ts_block', ' '],
          ],
        ],
      ],
    ],
    ['content_by_ts_block x;', [['content_by_ts_block', 'x']]],
    ['content_by_ts_blocks { a; }', [['content_by_ts_blocks', [['a']]]]],
    ['x content_by_ts_block { a; }', [['x', 'content_by_ts_block', [['a']]]]],
    ['a_by_ts_block { `\xc3\xa9}` } b;', [['a_by_ts_block', ' `\xc3\xa9}` '], ['b']]],
  ])('%j', (text, expected) => {
    const tree = parse(text, 'f');
    expect(tree.error).toBeNull();
    expect(shape(tree.directives)).toEqual(expected);
  });

  test("is no word: nginx's buffer does not limit it", () => {
    const source = ` const a = "${'a'.repeat(10_000)}"; `;
    expect(parse(`a_by_ts_block {${source}} b;`, 'f')).toMatchObject({
      directives: [{ source: { text: source } }, { name: { text: 'b' } }],
      error: null,
    });
  });

  test.each([
    [
      'a_by_ts_block {\n if (x) {\n',
      '3:1 unexpected end of file, expecting terminating "}" of the "a_by_ts_block" block opened at line 1',
    ],
    [
      'http {\n a_by_ts_block { "}" } b_by_ts_block $x\n { `}',
      '3:4 unterminated template literal in the "b_by_ts_block" block opened at line 3',
    ],
    [
      'a_by_ts_block { const a = `\n`;\n  f(`${a}b);\n}\n',
      '3:5 unterminated template literal in the "a_by_ts_block" block opened at line 1',
    ],
    [
      'a_by_ts_block {\n "*/" /* } */ }\nb_by_ts_block {\n  /* }\n',
      '4:3 unterminated comment in the "b_by_ts_block" block opened at line 3',
    ],
    ['a_by_ts_block { } }', '1:19 unexpected "}"'],
    ['a_by_ts_block { } ;', '1:19 unexpected ";"'],
    ['{ a_by_ts_block { } ;', '1:1 unexpected "{"'],
  ])('%j', (text, expected) => {
    expect(fault(text)).toBe(expected);
  });

  test('stands in the tree without its source when it does not end', () => {
    const { directives } = parse('http { a_by_ts_block { x', 'f');
    expect(shape(directives)).toEqual([['http', [['a_by_ts_block', '']]]]);
  });
});

describe('parseParameter', () => {
  test('reads what -g gives', () => {
    const tree = parseParameter(`daemon off; env ${'x'.repeat(5000)};`);
    expect(tree.error).toBeNull();
    expect(tree.directives.map((directive) => directive.name.text)).toEqual(['daemon', 'env']);
  });

  test.each([
    ['daemon off', 'unexpected end of parameter, expecting ";"'],
    ['daemon "off', 'unexpected end of parameter, expecting ";"'],
    ['events {}', 'block directives are not supported in -g option'],
    ['a_by_ts_block { }', 'block directives are not supported in -g option'],
    ['daemon off; }', 'unexpected "}"'],
    ['{', 'unexpected "{"'],
  ])('%j', (text, expected) => {
    expect(parseParameter(text).error?.message).toBe(expected);
  });
});

describe('size', () => {
  const server = (i: number): string => `
    server {
        listen 127.0.0.${i % 256}:8080;
        server_name host${i}.example.com "~^www\\d{2}\\.host${i}\\.example\\.com$"; # number ${i}
        set $app app${i};
        location / {
            proxy_pass http://backend_${i % 50}/\${app}/;
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_read_timeout 60s;
            add_header Cache-Control 'public, max-age=2592000';
            error_page 500 502 503 504 /50x.html;
            if ($request_method !~ ^(GET|HEAD)$) { return 405; }
        }
        location /api {
            content_by_ts_block {
                const name: string = ngx.var.arg_name ?? 'world';
                if (/^[{}]+$/.test(name)) ngx.exit(400);
                ngx.say(\`hello \${name} }\`);
            }
        }
        access_log /var/log/nginx/host${i}.log combined buffer=32k flush=5s if=$loggable${i};
    }`;

  test('10 000 servers in at most three seconds', () => {
    const text = `http {${Array.from({ length: 10_000 }, (_, i) => server(i)).join('')}\n}\n`;
    expect(text.length).toBeGreaterThan(9_000_000);
    const start = process.cpuUsage();
    const tree = parse(text, 'f');
    const { user, system } = process.cpuUsage(start);
    expect(tree.error).toBeNull();
    expect(tree.directives[0]?.block).toHaveLength(10_000);
    expect((user + system) / 1e6).toBeLessThan(3);
  });

  // Each of these takes minutes where a block, a word or a line costs as much as the rest of the file.
  test.each([
    ['source blocks on one line', 'a_by_ts_block {`}`} '.repeat(40_000)],
    ['one large source block', `a_by_ts_block {${'f({ x! / 2 });\n'.repeat(200_000)}}`],
    ['one directive of many words', `a ${'b '.repeat(1_000_000)};`],
    ['comments without an end of line', `${'a;#b\n'.repeat(500_000)}`],
  ])('%s', (_, text) => {
    const start = process.cpuUsage();
    expect(parse(text, 'f').error).toBeNull();
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1e6).toBeLessThan(5);
  });

  test('nesting has a limit, not a stack overflow', () => {
    expect(parse('a {'.repeat(100) + '}'.repeat(100), 'f').error).toBeNull();
    expect(fault(`\n${'a {'.repeat(100_000)}`)).toBe('2:303 blocks are nested more than 100 deep');
  });
});
