// URLs that are written as the URL parser would write them: most that scripts give. These need not be parsed by the host.

import { exec } from '../builtins.ts';

const NAME = '(?:[a-z0-9-]+\\.)*[a-z][a-z0-9-]*'; // the last part is no number
const BYTE = '(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
const ADDRESS = `(?:${BYTE}\\.){3}${BYTE}`;
// A segment that begins with a dot, or one that is written as %2e, may have to go.
const PATH = "(?:/(?:[\\w~!$&'()*+,;=:@-][\\w~!$&'()*+,;=:@.%-]*)?)+";
const QUERY = '\\?[\\w~!$&()*+,;=:@.%/?-]*';
const PLAIN = new RegExp(`^http(s)?://(?:${NAME}|${ADDRESS})(?::([1-9][0-9]{0,4}))?${PATH}(?:${QUERY})?$`);
const PUNYCODE = /xn--/;

/** Whether new URL(text).href is sure to be `text`; without user, password and fragment. */
export function isPlainUrl(text: string): boolean {
  const found = exec(PLAIN, text);
  if (found === null) return false;
  const port = found[2];
  if (port !== undefined && (+port > 65535 || port === (found[1] === undefined ? '80' : '443'))) return false;
  return exec(PUNYCODE, text) === null;
}
