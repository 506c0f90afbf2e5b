// nginx's ways to escape bytes in URIs (ngx_escape_uri), one table of characters to keep for each.

const ALNUM = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function escaper(kept: string): (text: string) => string {
  const table: string[] = [];
  for (let code = 0; code < 256; code++) {
    const char = String.fromCharCode(code);
    const hex = code.toString(16).toUpperCase().padStart(2, '0');
    table.push(kept.includes(char) ? char : `%${hex}`);
  }
  return (text) => {
    let from = 0;
    let out = '';
    for (let i = 0; i < text.length; i++) {
      const to = table[text.charCodeAt(i) & 255] as string;
      if (to.length === 1) continue;
      out += text.slice(from, i) + to;
      from = i + 1;
    }
    return from === 0 ? text : out + text.slice(from);
  };
}

/** A path: also keeps what separates its parts, but not "#", "%" and "?". */
export const escapeUri = escaper(`${ALNUM}!$&'()*+,-./:;=@[]_~`);
/** An argument of a query string. */
export const escapeArgs = escaper(`${ALNUM}!$'()*,-./:=@[]_~`);
/** What may stand in an attribute of HTML as it is, and what separates the parts of a URI. */
export const escapeHtmlUri = escaper(`${ALNUM}!$&()*+,-./:;=?@[]_~`);
/** The address in a Refresh. */
export const escapeRefresh = escaper(`${ALNUM}!#$%&()*+,-./:;=?@[]_}`);
/** Everything but RFC 3986's unreserved characters. */
export const escapeComponent = escaper(`${ALNUM}-._~`);

const QUOTED = /%(?:([0-9A-Fa-f][0-9A-Fa-f])|[0-9A-Fa-f](?:[\s\S]|$)|([\s\S]|$))/g;

/**
 * A Location made by rewrite: up to the first question mark, quoted characters that need not be quoted are not
 * (NGX_UNESCAPE_REDIRECT). What is quoted wrongly is dropped, as nginx drops it.
 */
export function unescapeRedirect(text: string): string {
  if (!text.includes('%')) return text;
  let out = '';
  let from = 0;
  QUOTED.lastIndex = 0;
  for (let found = QUOTED.exec(text); found !== null; found = QUOTED.exec(text)) {
    const before = text.slice(from, found.index);
    const question = before.indexOf('?');
    if (question !== -1) return out + text.slice(from);
    const [whole, hex, wrong] = found;
    from = QUOTED.lastIndex;
    out += before;
    if (wrong !== undefined) out += wrong;
    if (hex === undefined) continue;
    const code = Number.parseInt(hex, 16);
    if (code === 63 && /[A-Fa-f]/.test(hex[1] ?? '')) return `${out}?${text.slice(from)}`;
    out += code > 37 && code < 127 ? String.fromCharCode(code) : whole;
  }
  return out + text.slice(from);
}

const ESCAPED = /%(?:([0-9A-Fa-f]{2})|[0-9A-Fa-f](?:[^0-9A-Fa-f]|$)|([^0-9A-Fa-f])|$)/g;

/** What is quoted wrongly is dropped (ngx_unescape_uri). */
export function unescapeUri(text: string): string {
  return text.includes('%') ? text.replace(ESCAPED, unescaped) : text;
}

function unescaped(_all: string, hex: string | undefined, other: string | undefined): string {
  return hex === undefined ? (other ?? '') : String.fromCharCode(Number.parseInt(hex, 16));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: what JSON wants escaped
const UNSAFE_JSON = /[\x00-\x1f"\\]/g;
const JSON_ESCAPES: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
  '"': '\\"',
  '\\': '\\\\',
};

/** What may stand in a string of JSON (ngx_escape_json). */
export function escapeJson(text: string): string {
  return text.replace(
    UNSAFE_JSON,
    (char) => JSON_ESCAPES[char] ?? `\\u00${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

const HTML: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' };

export function escapeHtml(text: string): string {
  return text.replace(/[<>&"]/g, (char) => HTML[char] ?? char);
}
