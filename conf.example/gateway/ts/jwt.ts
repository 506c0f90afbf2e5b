// JSON Web Tokens (RFC 7519) signed with HMAC-SHA256, and nothing else: a token that names another algorithm,
// "none" above all, is no token.

export interface Claims {
  readonly sub: string;
  readonly name?: string;
  readonly iat: number;
  readonly exp: number;
}

const text = new TextEncoder();
const header = base64url(text.encode('{"alg":"HS256","typ":"JWT"}'));
const keys = new Map<string, Promise<CryptoKey>>();

export async function sign(claims: Claims, secret: string): Promise<string> {
  const signed = `${header}.${base64url(text.encode(JSON.stringify(claims)))}`;
  const signature = await crypto.subtle.sign('HMAC', await keyOf(secret), text.encode(signed));
  return `${signed}.${base64url(new Uint8Array(signature))}`;
}

// The claims of a token that is ours and still valid at `now` (seconds since 1970).
export async function verify(token: string, secret: string, now: number): Promise<Claims | undefined> {
  const parts = token.split('.');
  const [head, payload, signature] = parts.map(fromBase64url);
  if (parts.length !== 3 || head === undefined || payload === undefined || signature === undefined)
    return undefined;
  if (parse(head)?.alg !== 'HS256') return undefined;
  const signed = text.encode(token.slice(0, token.lastIndexOf('.')));
  if (!(await crypto.subtle.verify('HMAC', await keyOf(secret), signature, signed))) return undefined;
  const claims = parse(payload);
  return isClaims(claims) && claims.exp > now ? claims : undefined;
}

function keyOf(secret: string): Promise<CryptoKey> {
  let key = keys.get(secret);
  if (key === undefined) {
    const algorithm = { name: 'HMAC', hash: 'SHA-256' };
    key = crypto.subtle.importKey('raw', text.encode(secret), algorithm, false, ['sign', 'verify']);
    keys.set(secret, key);
  }
  return key;
}

function parse(json: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(json));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // not JSON
  }
}

function isClaims(value: Record<string, unknown> | undefined): value is Record<string, unknown> & Claims {
  return typeof value?.sub === 'string' && typeof value.iat === 'number' && typeof value.exp === 'number';
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

function fromBase64url(encoded: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[\w-]+$/.test(encoded)) return undefined;
  try {
    return Uint8Array.from(atob(encoded.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
  } catch {
    return undefined; // a length that no bytes have
  }
}
