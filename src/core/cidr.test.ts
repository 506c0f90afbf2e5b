import { describe, expect, test } from 'vitest';
import { addressBytes, bytesAddress, clientBytes, inCidr, NetworkMap, parseCidr } from './cidr.ts';

const hex = (bytes: string | null): string | null =>
  bytes === null ? null : Buffer.from(bytes, 'latin1').toString('hex');

test.each([
  ['127.0.0.1', '7f000001'],
  ['::', '00000000000000000000000000000000'],
  ['::1', '00000000000000000000000000000001'],
  ['2001:db8::ff00:42:8329', '20010db8000000000000ff0000428329'],
  ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
  ['::ffff:1.2.3.4', '00000000000000000000ffff01020304'],
  ['fe80::', 'fe800000000000000000000000000000'],
  ['1.2.3', null],
  ['1.2.3.256', null],
  ['1.2.3.4.5', null],
  [':::', null],
  ['fe80::1%lo', null],
  ['localhost', null],
  ['', null],
])('bytes of %j', (address, expected) => {
  expect(hex(addressBytes(address))).toBe(expected);
});

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['::', '::'],
  ['::1', '::1'],
  ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ['1:0:0:2:0:0:3:4', '1::2:0:0:3:4'],
  ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
  ['2001:DB8::FF00:0', '2001:db8::ff00:0'],
  ['fe80::', 'fe80::'],
  ['::ffff:1.2.3.4', '::ffff:1.2.3.4'],
  ['::1:2', '::0.1.0.2'], // as nginx has it
  ['::2:3:4', '::2:3:4'],
])('%s is written as %s', (address, expected) => {
  expect(bytesAddress(addressBytes(address) ?? '')).toBe(expected);
});

test('a mapped client is an IPv4 one', () => {
  expect(hex(clientBytes('::ffff:1.2.3.4'))).toBe('01020304');
  expect(hex(clientBytes('::1'))).toBe('00000000000000000000000000000001');
  expect(clientBytes('unix:')).toBeNull();
});

test.each([
  ['10.0.0.0/8', '0a000000', 8, false],
  ['10.1.2.3/8', '0a000000', 8, true],
  ['10.1.2.3', '0a010203', 32, false],
  ['0.0.0.0/0', '00000000', 0, false],
  ['10.128.0.0/9', '0a800000', 9, false],
  ['2001:db8::/32', '20010db8000000000000000000000000', 32, false],
  ['::1', '00000000000000000000000000000001', 128, false],
])('network %s', (text, bytes, prefix, lowBits) => {
  const cidr = parseCidr(text);
  expect(cidr).not.toBeNull();
  expect(hex(cidr?.bytes ?? '')).toBe(bytes);
  expect(cidr).toMatchObject({ prefix, lowBits });
});

test.each(['10.0.0.0/33', '::/129', '10.0.0.0/', '10.0.0.0/-1', '/8', '10.0.0/8', 'unix:'])(
  'no network: %j',
  (text) => {
    expect(parseCidr(text)).toBeNull();
  },
);

test.each([
  ['10.0.0.0/8', '10.255.1.1', true],
  ['10.0.0.0/8', '11.0.0.0', false],
  ['10.128.0.0/9', '10.127.255.255', false],
  ['10.128.0.0/9', '10.128.0.0', true],
  ['0.0.0.0/0', '255.255.255.255', true],
  ['0.0.0.0/0', '::1', false],
  ['::/0', '1.2.3.4', false],
  ['2001:db8::/33', '2001:db8:8000::', false],
])('%s holds %s: %j', (network, address, expected) => {
  const cidr = parseCidr(network);
  const bytes = addressBytes(address);
  expect(cidr !== null && bytes !== null && inCidr(cidr, bytes)).toBe(expected);
});

describe('NetworkMap', () => {
  const map = new NetworkMap<string>();
  const put = (text: string, value: string): string | undefined => {
    const cidr = parseCidr(text);
    return cidr === null ? 'no network' : map.set(cidr.bytes, cidr.prefix, value);
  };
  const find = (text: string): string | undefined => map.find(addressBytes(text) ?? '');

  test('the smallest network wins', () => {
    expect(put('0.0.0.0/0', 'all')).toBeUndefined();
    expect(put('10.0.0.0/8', 'ten')).toBeUndefined();
    expect(put('10.1.0.0/16', 'ten-one')).toBeUndefined();
    expect(put('10.1.2.3', 'host')).toBeUndefined();
    expect(find('10.1.2.3')).toBe('host');
    expect(find('10.1.2.4')).toBe('ten-one');
    expect(find('10.2.0.0')).toBe('ten');
    expect(find('9.255.255.255')).toBe('all');
    expect(put('10.0.0.0/8', 'new')).toBe('ten');
    expect(find('10.2.0.0')).toBe('new');
  });

  test('deleting gives the address back to the larger network', () => {
    expect(map.delete(addressBytes('10.1.0.0') ?? '', 16)).toBe(true);
    expect(map.delete(addressBytes('10.1.0.0') ?? '', 16)).toBe(false);
    expect(map.delete(addressBytes('77.0.0.0') ?? '', 8)).toBe(false);
    expect(find('10.1.2.4')).toBe('new');
  });

  test('as a list searched from the longest prefix', () => {
    const trie = new NetworkMap<number>();
    const list: { bytes: string; prefix: number; value: number }[] = [];
    let seed = 42;
    const random = (): number => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return seed;
    };
    for (let value = 0; value < 2000; value++) {
      const cidr = parseCidr(
        `${random() % 4}.${random() % 256}.${random() % 256}.${random() % 256}/${random() % 33}`,
      );
      if (cidr === null) throw new Error('no network');
      const known = list.find(({ bytes, prefix }) => bytes === cidr.bytes && prefix === cidr.prefix);
      expect(trie.set(cidr.bytes, cidr.prefix, value)).toBe(known?.value);
      if (known === undefined) list.push({ bytes: cidr.bytes, prefix: cidr.prefix, value });
      else known.value = value;
    }
    list.sort((a, b) => b.prefix - a.prefix);
    for (let i = 0; i < 2000; i++) {
      const bytes =
        addressBytes(`${random() % 5}.${random() % 256}.${random() % 256}.${random() % 256}`) ?? '';
      const expected = list.find((cidr) => inCidr({ ...cidr, lowBits: false }, bytes))?.value;
      expect(trie.find(bytes)).toBe(expected);
    }
  });
});
