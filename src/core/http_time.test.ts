import { expect, test } from 'vitest';
import { parseHttpTime } from './http_time.ts';

test.each([
  ['Sun, 06 Nov 1994 08:49:37 GMT', 784111777],
  ['Sun, 06 Nov 1994 08:49:37', 784111777],
  ['Sunday, 06-Nov-94 08:49:37 GMT', 784111777],
  ['Sun Nov  6 08:49:37 1994', 784111777],
  ['Sun Nov 06 08:49:37 1994', 784111777],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ['Tue, 29 Feb 2000 00:00:00 GMT', 951782400],
  ['Thu, 29 Feb 1900 00:00:00 GMT', -1],
  ['Thu, 29 Feb 2001 00:00:00 GMT', -1],
  ['Thu, 31 Apr 2001 00:00:00 GMT', -1],
  ['Thu, 01 Foo 2001 00:00:00 GMT', -1],
  ['Thu, 01 Jan 2001 24:00:00 GMT', -1],
  ['Thu, 01 Jan 2001 00:60:00 GMT', -1],
  ['Thu, 1 Jan 2001 00:00:00 GMT', -1],
  ['today', -1],
  ['', -1],
])('%j', (text, expected) => {
  expect(parseHttpTime(text)).toBe(expected);
});
