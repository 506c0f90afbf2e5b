// Base64 as nginx reads it: up to the padding, whatever is behind that; what has any other character in it is none.

export function decodeBase64(text: string): Buffer | null {
  return decode(text, /^[A-Za-z0-9+/]*$/, 'base64');
}

export function decodeBase64url(text: string): Buffer | null {
  return decode(text, /^[\w-]*$/, 'base64url');
}

function decode(text: string, alphabet: RegExp, encoding: BufferEncoding): Buffer | null {
  const padding = text.indexOf('=');
  const digits = padding === -1 ? text : text.slice(0, padding);
  return alphabet.test(digits) && digits.length % 4 !== 1 ? Buffer.from(digits, encoding) : null;
}
