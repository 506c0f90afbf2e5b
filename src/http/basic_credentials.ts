// What a client says of itself in `Authorization: Basic …`; for $remote_user and for auth_basic, which checks it.

import { decodeBase64 } from '../core/base64.ts';
import type { HttpRequest } from './request.ts';

interface BasicCredentials {
  readonly user: string;
  readonly password: string;
}

/** null where there is no such header, or one that is malformed. */
export function basicCredentials(r: HttpRequest): BasicCredentials | null {
  const header = r.headersIn.get(r.method === 'CONNECT' ? 'proxy-authorization' : 'authorization');
  if (header === undefined || header.slice(0, 6).toLowerCase() !== 'basic ') return null;
  const text = decodeBase64(header.slice(6).replace(/^ +/, ''))?.toString('latin1') ?? '';
  const colon = text.indexOf(':');
  if (colon <= 0) return null;
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

export function basicUser(r: HttpRequest): string | undefined {
  return basicCredentials(r)?.user;
}
