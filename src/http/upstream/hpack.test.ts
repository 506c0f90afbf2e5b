import { describe, expect, test } from 'vitest';
import { encodeHeader, HeaderBlock } from './hpack.ts';

function decode(block: string): string[] | string {
  const headers: string[] = [];
  const error = new HeaderBlock(Buffer.from(block, 'latin1')).decode((name, value) => {
    headers.push(`${name}: ${value}`);
    return null;
  });
  return error ?? headers;
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
  });
});

describe('a block is refused', () => {
  test.each([
    ['dynamic table', 'be', 'upstream sent invalid http2 table index: 62'],
    ['index 0', '80', 'upstream sent invalid http2 table index: 0'],
    ['another size', '21', 'upstream sent invalid http2 dynamic table size update: 1'],
    ['no name', '4000 0161', 'upstream sent zero http2 header name length'],
    ['cut off', '400a 6375', 'upstream sent truncated http2 header'],
    ['no value', '48', 'upstream sent truncated http2 header'],
    ['bad padding', '4881 00', 'upstream sent invalid encoded header'],
    ['EOS', '4884 ffff ffff', 'upstream sent invalid encoded header'],
    ['an integer without end', 'ff ffff ffff ffff', 'upstream sent too large http2 header value length'],
  ])('%s', (_title, block, error) => {
    expect(decode(hex(block))).toBe(error);
  });
});

test('what is encoded is decoded', () => {
  const headers: [string, string][] = [
    [':method', 'GET'],
    [':method', 'PATCH'],
    [':path', `/${'x'.repeat(300)}`],
    ['content-length', ''],
    ['x-bytes', '\x80\xff\0'],
    [`x-${'n'.repeat(130)}`, 'v'.repeat(20_000)],
  ];
  const block = headers.map(([name, value]) => encodeHeader(name, value)).join('');
  expect(decode(block)).toEqual(headers.map(([name, value]) => `${name}: ${value}`));
});
