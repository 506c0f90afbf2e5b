import { describe, expect, it } from 'vitest';
import { addressText, parseAddress } from './addresses.ts';

const listen = { defaultPort: 80, listen: true };
const upstream = { defaultPort: 80, uriPart: true };
const server = { defaultPort: 514 };

describe('parseAddress', () => {
  it.each([
    ['80', listen, 'inet 0.0.0.0 80-80 wildcard'],
    ['8000-8010', listen, 'inet 0.0.0.0 8000-8010 wildcard'],
    ['*:81', listen, 'inet 0.0.0.0 81-81 wildcard'],
    ['*', listen, 'inet 0.0.0.0 80-80 wildcard noPort'],
    ['127.0.0.1', listen, 'inet 127.0.0.1 80-80 noPort'],
    ['127.0.0.1:8000-8010', listen, 'inet 127.0.0.1 8000-8010'],
    ['[::]:80', listen, 'inet6 :: 80-80 wildcard'],
    ['[0:0::0001]', listen, 'inet6 ::1 80-80 noPort'],
    ['unix:/tmp/a:b', listen, 'unix /tmp/a:b 0-0 noPort'],
    ['localhost:8080', listen, 'name localhost 8080-8080'],
    ['80', server, 'name 80 514-514 noPort'],
    ['a:81/x?y', upstream, 'name a 81-81 uri=/x?y'],
    ['a/x:1', upstream, 'name a 80-80 noPort uri=/x:1'],
    ['a?x/y', upstream, 'name a 80-80 noPort uri=?x/y'],
    ['[::1]:81/x', upstream, 'inet6 ::1 81-81 uri=/x'],
    ['unix:/s:/x', upstream, 'unix /s 0-0 noPort uri=/x'],
    ['127.1', server, 'name 127.1 514-514 noPort'],
  ])('reads %s', (text, rules, expected) => {
    const a = parseAddress(text, rules);
    if (typeof a === 'string') throw new Error(a);
    const extra = [a.wildcard && 'wildcard', a.noPort && 'noPort', a.uri && `uri=${a.uri}`].filter(Boolean);
    expect([a.kind, a.host, `${a.port}-${a.lastPort}`, ...extra].join(' ')).toBe(expected);
  });

  it.each([
    ['0', listen, 'invalid port'],
    ['65536', listen, 'invalid port'],
    ['90-80', listen, 'invalid port range'],
    ['*:90-80', listen, 'invalid port range'],
    ['127.0.0.1:', listen, 'invalid port'],
    ['127.0.0.1:x', listen, 'invalid port'],
    ['127.0.0.1:80-', listen, 'invalid port'],
    ['127.0.0.1:80-81', server, 'invalid port'],
    [':80', listen, 'no host'],
    ['', server, 'no host'],
    ['a/b', listen, 'invalid host'],
    ['a/b', server, 'invalid host'],
    ['[::1', listen, 'invalid host'],
    ['[]:80', listen, 'no host'],
    ['[::1]80', listen, 'invalid host'],
    ['[::g]', listen, 'invalid IPv6 address'],
    ['unix:', listen, 'no path in the unix domain socket'],
    [`unix:/${'x'.repeat(120)}`, listen, 'too long path in the unix domain socket'],
  ])('refuses %s', (text, rules, fault) => {
    expect(parseAddress(text, rules)).toBe(fault);
  });
});

describe('addressText', () => {
  it('writes addresses as nginx does', () => {
    expect(addressText('0.0.0.0', 80)).toBe('0.0.0.0:80');
    expect(addressText('::1', 80)).toBe('[::1]:80');
    expect(addressText('/run/a.sock', 0)).toBe('unix:/run/a.sock');
  });
});
