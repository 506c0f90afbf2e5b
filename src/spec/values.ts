// Test::Nginx's placeholders: ports and directories that are known only when the server is about to run.

import { isPacket, type Value } from './parse.ts';

/** Replaces placeholders in text, and in all text that an array, a packet or a RegExp holds. */
export type Expand = (value: Value) => Value;

export interface Places {
  /** The server's prefix, without a slash at the end. */
  readonly root: string;
  readonly port: number;
  /** `$TEST_NGINX_RAND_PORT_n`: a free port, the same one wherever the block names it. */
  readonly randPort: (n: number) => number;
}

export function expanderFor(places: Places): Expand {
  const expandText = (text: string): string =>
    text
      .replace(/\$TEST_NGINX_RAND_PORT_(\d+)/g, (_, n: string) => String(places.randPort(Number(n))))
      .replace(/\$TEST_NGINX_(?:SERVER_|CLIENT_)?PORT\b|\$ServerPort(?:ForClient)?\b/g, String(places.port))
      .replace(/\$TEST_NGINX_HTML_DIR\b/g, `${places.root}/html`)
      .replace(/\$TEST_NGINX_SERVER_?ROOT\b/g, places.root)
      .replace(/\$TEST_NGINX_[A-Z0-9_]+/g, (name) => process.env[name.slice(1)] ?? name);
  const expand = (value: Value): Value => {
    if (typeof value === 'string') return expandText(value);
    if (value instanceof RegExp) return new RegExp(expandText(value.source), value.flags);
    if (Array.isArray(value)) return value.map(expand);
    if (isPacket(value)) return { ...value, value: expandText(value.value) };
    return value;
  };
  return expand;
}
