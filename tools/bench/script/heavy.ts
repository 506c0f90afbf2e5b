// What a script-heavy request does; heavy.lua is its twin, line for line as far as the languages allow.

import type { Ngx } from 'tsresty/ngx';

interface Item {
  id: number;
  name: string;
  description: string;
  price: number;
  stock: number;
  tags: string[];
}

interface Rewritten extends Omit<Item, 'price'> {
  price_cents: number;
  label: string;
}

interface Document {
  title: string;
  items: Item[];
}

interface Claims {
  sub: string;
  exp: number;
}

const secret = 'a secret of thirty-two bytes.....';
const text = new TextEncoder();
const key = crypto.subtle.importKey('raw', text.encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [
  'sign',
  'verify',
]);
const header = ngx.encode_base64url('{"alg":"HS256","typ":"JWT"}');

async function sign(claims: object): Promise<string> {
  const signed = `${header}.${ngx.encode_base64url(JSON.stringify(claims))}`;
  const signature = await crypto.subtle.sign('HMAC', await key, text.encode(signed));
  return `${signed}.${ngx.encode_base64url(new Uint8Array(signature))}`;
}

async function verify(token: string): Promise<Claims | undefined> {
  const [head = '', payload = '', signature = ''] = token.split('.');
  const given = bytes(atob(signature.replaceAll('-', '+').replaceAll('_', '/')));
  if (!(await crypto.subtle.verify('HMAC', await key, given, text.encode(`${head}.${payload}`))))
    return undefined;
  const claims: Claims = JSON.parse(ngx.decode_base64url(payload) ?? '');
  return claims.exp < ngx.time() ? undefined : claims;
}

function bytes(binary: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}

async function body(ngx: Ngx): Promise<Document> {
  await ngx.req.read_body();
  return JSON.parse(ngx.req.get_body_data() ?? '');
}

function rewrite(document: Document): string {
  let total = 0;
  const items: Rewritten[] = [];
  for (const { price, ...item } of document.items) {
    if (item.stock <= 0) continue;
    const price_cents = Math.floor(price * 100 + 0.5);
    total += price_cents * item.stock;
    items.push({ ...item, price_cents, label: `${item.name.toUpperCase()} (${item.tags.join(', ')})` });
  }
  return JSON.stringify({ ...document, items, total_cents: total });
}

async function token(): Promise<Claims | undefined> {
  const now = ngx.time();
  return verify(
    await sign({ sub: 'user-17', name: 'Ada', roles: ['admin', 'editor'], iat: now, exp: now + 60 }),
  );
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(raw: string): string {
  return raw.replace(/[&<>"']/g, (c) => entities[c] ?? c);
}

function render(document: Document): string {
  let out = `<!doctype html><title>${escapeHtml(document.title)}</title><table>`;
  let row = 0;
  for (const item of document.items) {
    row++;
    out += `<tr class="${row % 2 === 0 ? 'even' : 'odd'}"><td>${item.id}</td><td>${escapeHtml(item.name)}</td>`;
    out += `<td>${escapeHtml(item.description)}</td><td>`;
    for (const tag of item.tags) out += `<i>${escapeHtml(tag)}</i>`;
    out += '</td></tr>';
  }
  return `${out}</table>`;
}

export async function json(ngx: Ngx): Promise<void> {
  ngx.header['Content-Type'] = 'application/json';
  ngx.print(rewrite(await body(ngx)));
}

export async function jwt(ngx: Ngx): Promise<void> {
  ngx.print((await token())?.sub ?? '');
}

export async function template(ngx: Ngx): Promise<void> {
  ngx.header['Content-Type'] = 'text/html';
  ngx.print(render(await body(ngx)));
}

export async function all(ngx: Ngx): Promise<void> {
  const document = await body(ngx);
  ngx.header['X-User'] = (await token())?.sub;
  const page = render(document);
  ngx.header['Content-Type'] = 'application/json';
  ngx.header['X-Page-Length'] = page.length;
  ngx.print(rewrite(document));
}
