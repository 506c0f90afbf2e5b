import { expect, test } from 'vitest';
import { crypt } from './crypt.ts';

// The hashes are libxcrypt's and openssl's.
test.each([
  ['foo', 'rl', 'rlLPBBsku1.w2'],
  ['', 'rl', 'rlFROk.yJKhMM'],
  ['rasmuslerdorf', 'rl', 'rl.3StKT.4T8M'],
  ['\xe9\xff', 'zZ', 'zZK7cykWqpPVY'],
  ['foo', '$1$rasmusle$', '$1$rasmusle$VeAa344lehw1wM59giu7z.'],
  ['', '$1$$', '$1$$qRPK7m23GJusamGpoGLby/'],
  ['foo', '$1$toolongsalt$', '$1$toolongs$ATdmoBnHdrccLJnHxqmAl1'],
  ['foo', '$apr1$abcdefgh$', '$apr1$abcdefgh$awk9jawvrNMt/NFJ.cswm.'],
  ['', '$apr1$xx$', '$apr1$xx$aGHxR9NsG1buO7l/rFJjm1'],
  ['foo', '$5$saltstring$', '$5$saltstring$cr2CvCFIKoWzPbNE/zwPZlK4pWt7ZmE.Khxbgywiq0A'],
  ['a', '$5$rounds=1000$salt$', '$5$rounds=1000$salt$6r/iIvTVE34hgPJ5hHjCXJ/O.cBunKM7LE5EeVggYb6'],
  ['x'.repeat(40), '$5$rounds=1000$salt$', '$5$rounds=1000$salt$ktWTCe/rBJQ258akGbpzK837lyyFR04Qf0UrkLgw/U.'],
  [
    'foo',
    '$6$saltstring$',
    '$6$saltstring$7QOlAA0qKRn7UjliEGGSRjrRsGy91bpyX.t72lQr.zpHC73myUJQOnyzstet1CBSbWZGVA5l0mEmI/WPqi28K/',
  ],
  [
    'foo',
    '$6$rounds=1400$anotherlongsaltstring$',
    '$6$rounds=1400$anotherlongsalts$u3YEdg9TwnBiXmx9EZ0d7rdkM2bXzdySNNyVd7hdrEezMaBnJvOo7JjK6NGe0EAeeFKSpCWsRYSdDsVEDSAZO1',
  ],
  ['foo', '{PLAIN}bar', '{PLAIN}foo'],
  ['foo', '{SHA}', '{SHA}C+7Hteo/D9vJXQ3UfzxbwnXaijM='],
])('crypt(%j, %j)', (password, salt, expected) => {
  expect(crypt(password, salt)).toBe(expected);
  if (!salt.startsWith('{PLAIN}')) expect(crypt(password, expected)).toBe(expected);
});

test('{SSHA} takes its salt from behind the hash', () => {
  const known = '{SSHA}MpJNrOjJiUIzqnSsZAtPVniXV49zYWx0';
  expect(crypt('foo', known)).toBe(known);
  expect(crypt('bar', known)).not.toBe(known);
});

test('what follows a zero byte is no part of a password', () => {
  expect(crypt('foo\0bar', 'rl')).toBe(crypt('foo', 'rl'));
});

test('other methods are unknown', () => {
  expect(crypt('foo', '$2y$05$abcdefghijklmnopqrstuv')).toBeNull();
  expect(crypt('foo', '!')).toBe('*0');
});
