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
/** Everything but RFC 3986's unreserved characters. */
export const escapeComponent = escaper(`${ALNUM}-._~`);
