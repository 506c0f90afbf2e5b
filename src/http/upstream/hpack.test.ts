import { describe, expect, test } from 'vitest';
import { encodeHeader, HeaderDecoder } from './hpack.ts';

/** Decodes a block that comes in pieces of `size` bytes. */
function decode(block: string, size = block.length, limit = 100_000): string[] | string {
  const decoder = new HeaderDecoder();
  const headers: string[] = [];
  const taker = {
    takeHeader(into: string[], name: string, value: string): boolean {
      into.push(`${name}: ${value}`);
      return true;
    },
  };
  decoder.start(limit);
  for (let at = 0; at < block.length; at += size) {
    const error = decoder.feed(Buffer.from(block.slice(at, at + size), 'latin1'), taker, headers);
    if (error !== null) return error;
  }
  return decoder.end() ?? headers;
}

function hex(text: string): string {
  return Buffer.from(text.replaceAll(' ', ''), 'hex').toString('latin1');
}

describe('a block is decoded', () => {
  test.each([
    ['of the static table', '82 86 84', [':method: GET', ':scheme: http', ':path: /']],
    [
      'a new name',
      '400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572',
      ['custom-key: custom-header'],
    ],
    ['a known name', '040c 2f73 616d 706c 652f 7061 7468', [':path: /sample/path']],
    ['never indexed', '1008 7061 7373 776f 7264 0673 6563 7265 74', ['password: secret']],
    ['coded', '418c f1e3 c2e5 f23a 6ba0 ab90 f4ff', [':authority: www.example.com']],
    ['coded digits', '4882 6402', [':status: 302']],
    [
      'coded, of all kinds',
      '6196 d07a be94 1054 d444 a820 0595 040b 8166 e082 a62d 1bff',
      ['date: Mon, 21 Oct 2013 20:13:21 GMT'],
    ],
    ['a table of no size', '2082', [':method: GET']],
  ])('%s', (_title, block, headers) => {
    expect(decode(hex(block))).toEqual(headers);
    expect(decode(hex(block), 1)).toEqual(headers);
  });
});

describe('a block is refused', () => {
  test.each([
    ['dynamic table', 'be', 'upstream sent invalid http2 table index: 62'],
    ['dynamic table, by name', '7e', 'upstream sent invalid http2 table index: 62'],
    ['dynamic table, in two bytes', '0f2f', 'upstream sent invalid http2 table index: 62'],
    ['index in three bytes', '0f80 01', 'upstream sent http2 table index with continuation flag'],
    ['index in many bytes', 'ffff ffff', 'upstream sent invalid http2 table index: 127'],
    ['index 0', '80', 'upstream sent invalid http2 table index: 0'],
    ['another size', '21', 'upstream sent invalid http2 dynamic table size update: 1'],
    ['a large size', '3fff 01', 'upstream sent invalid http2 dynamic table size update: 31'],
    ['no name', '4000 0161', 'upstream sent zero http2 header name length'],
    ['a name in capitals', '4001 4101 61', 'upstream sent invalid header: "A: a"'],
    ['a colon in a name', '4002 613a 0161', 'upstream sent invalid header: "a:: a"'],
    ['a line break', '4001 6101 0a', 'upstream sent invalid header: "a: \n"'],
    ['cut off', '400a 6375', 'upstream sent truncated http2 header'],
    ['no value', '48', 'upstream sent truncated http2 header'],
    ['bad padding', '4881 00', 'upstream sent invalid encoded header'],
    ['EOS', '4884 ffff ffff', 'upstream sent invalid encoded header'],
    ['a value without end', '487f ffff ffff', 'upstream sent too large http2 header value length'],
    ['a name without end', '407f ffff ffff', 'upstream sent too large http2 header name length'],
    ['a long value', '487f 8001', 'upstream sent too large http2 header value length: 255'],
    ['a long name', '40ff 01', 'upstream sent too large http2 header name length: 204'],
    ['much in all', '4803 3230 30'.repeat(20), 'upstream sent too large http2 header'],
  ])('%s', (_title, block, error) => {
    expect(decode(hex(block), undefined, 197)).toBe(error);
    expect(decode(hex(block), 1, 197)).toBe(error);
  });
});

test('what is encoded is decoded', () => {
  const headers: [string, string][] = [
    [':method', 'GET'],
    [':method', 'PATCH'],
    [':path', `/${'x'.repeat(300)}`],
    ['content-length', ''],
    ['x-bytes', '\x80\xff\x01'],
    [`x-${'n'.repeat(130)}`, 'v'.repeat(20_000)],
  ];
  const block = headers.map(([name, value]) => encodeHeader(name, value)).join('');
  for (const size of [block.length, 1, 7]) {
    expect(decode(block, size)).toEqual(headers.map(([name, value]) => `${name}: ${value}`));
  }
});
