// secure_link: whether a link is one that was made here, by an MD5 sum in it, and whether it has expired.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { ComplexValue } from '../../conf/complex.ts';
import { type ConfOf, HTTP_ANY } from '../../conf/directive.ts';
import { BlockFault } from '../../conf/error.ts';
import { value } from '../../conf/kinds.ts';
import { decodeBase64url } from '../../core/base64.ts';
import { parseNumber } from '../../core/sizes.ts';
import { second } from '../../core/times.ts';
import { defineModule } from '../module.ts';
import type { HttpRequest } from '../request.ts';

/** In an object, so that one of a block's own can be told from one that it inherits. */
interface Secret {
  readonly text: string;
}

const directives = {
  secure_link: value<ComplexValue | null>({
    in: HTTP_ANY,
    default: null,
    parse: (args) => args.complex(1),
  }),
  secure_link_md5: value<ComplexValue | null>({
    in: HTTP_ANY,
    default: null,
    parse: (args) => args.complex(1),
  }),
  secure_link_secret: value<Secret | null>({
    in: HTTP_ANY,
    default: null,
    parse: (args) => ({ text: args.text(1) }),
  }),
};

type Conf = ConfOf<typeof directives>;

export const secureLink = defineModule({
  name: 'secure_link',
  directives,
  newCtx: () => ({ expires: '' }),
  variables: {
    secure_link: { get: secureLinkValue },
    secure_link_expires: { get: expiresOf },
  },
  mergeConf: mergeWays,
});

function expiresOf(r: HttpRequest): string | undefined {
  return secureLink.ctx(r)?.expires;
}

/** The old way, by a secret, and the new one, by a sum of one's own, exclude each other. */
function mergeWays(outer: Conf | undefined, merged: Conf): Conf {
  const { secure_link: link, secure_link_md5: md5, secure_link_secret: secret } = merged;
  const isOwn = (own: unknown, inherited: unknown): boolean => own !== null && own !== (inherited ?? null);
  if (!isOwn(secret, outer?.secure_link_secret)) {
    return link === null && md5 === null ? merged : { ...merged, secure_link_secret: null };
  }
  if (isOwn(link, outer?.secure_link) || isOwn(md5, outer?.secure_link_md5)) {
    throw new BlockFault('"secure_link_secret" cannot be mixed with "secure_link" and "secure_link_md5"');
  }
  return { ...merged, secure_link: null, secure_link_md5: null };
}

function secureLinkValue(r: HttpRequest): string | undefined {
  const { secure_link: link, secure_link_md5: md5, secure_link_secret: secret } = secureLink.conf(r);
  if (secret !== null) return linkBehindSum(r.unparsedUri, secret.text);
  if (link === null || md5 === null) return undefined;
  const [sum = '', ...times] = link.evaluate(r).split(',');
  const time = times.join(',');
  let expires = 0;
  if (times.length > 0) {
    expires = parseNumber(time);
    if (expires <= 0) return undefined;
    secureLink.startCtx(r).expires = time;
  }
  const given = sum.length > LONGEST_SUM ? null : decodeBase64url(sum);
  if (given?.length !== SUM_BYTES || !timingSafeEqual(given, sumOf(md5.evaluate(r)))) return undefined;
  return expires !== 0 && expires < second().at ? '0' : '1';
}

const SUM_BYTES = 16;
const LONGEST_SUM = 24;

function sumOf(text: string): Buffer {
  return createHash('md5').update(text, 'latin1').digest();
}

const OLD = /^.[^/]*\/([\da-fA-F]{32})\/(.+)$/s;

/** Of "/prefix/SUM/link" the link, where the sum is that of link and secret. */
function linkBehindSum(uri: string, secret: string): string | undefined {
  const parts = OLD.exec(uri);
  if (parts === null) return undefined;
  const [, sum = '', link = ''] = parts;
  return timingSafeEqual(Buffer.from(sum, 'hex'), sumOf(link + secret)) ? link : undefined;
}
