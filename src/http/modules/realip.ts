// realip: the client's address is the one that a trusted proxy reports, until the request ends.

import type { Args } from '../../conf/args.ts';
import { type ConfOf, HTTP_ANY } from '../../conf/directive.ts';
import { flag, list, value } from '../../conf/kinds.ts';
import { bytesAddress, clientBytes, parseCidr } from '../../core/cidr.ts';
import type { ClientAddress } from '../connection.ts';
import { forwardedAddress, type Trusted } from '../forwarded.ts';
import { defineModule } from '../module.ts';
import { DECLINED, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import { portText } from '../variables.ts';

/** Who reports: a header of that name (of `X-Forwarded-For` all are read, of others the first), or PROXY protocol. */
interface Source {
  readonly kind: 'header' | 'forwarded' | 'proxy_protocol';
  /** In lower case. */
  readonly header: string;
}

const directives = {
  set_real_ip_from: list<Trusted>({ in: HTTP_ANY, item: parseTrusted }),
  real_ip_header: value<Source>({
    in: HTTP_ANY,
    default: { kind: 'header', header: 'x-real-ip' },
    parse: parseSource,
  }),
  real_ip_recursive: flag({ in: HTTP_ANY, default: false }),
};

type Merged = ConfOf<typeof directives>;
/** All that is trusted, in one. */
type Conf = Merged & { readonly trusted: Trusted };

export const realip = defineModule({
  name: 'realip',
  directives,
  variables: {
    realip_remote_addr: { get: (r) => ownAddress(r).addr },
    realip_remote_port: { get: (r) => portText(ownAddress(r).port) },
  },
  mergeConf: (_outer, merged): Conf => ({
    ...merged,
    trusted: {
      networks: merged.set_real_ip_from.flatMap(({ networks }) => networks),
      unix: merged.set_real_ip_from.some(({ unix }) => unix),
    },
  }),
  phases: {
    // As in nginx, an internal redirect and a subrequest begin after this phase.
    postRead: { when: trustsAny, run: (r, conf) => (r.internal ? DECLINED : replaceAddress(r, conf)) },
    preaccess: { when: trustsAny, run: replaceAddress },
  },
});

function trustsAny(conf: Merged): boolean {
  return conf.set_real_ip_from.length > 0;
}

// Runs twice: the location may have settings of its own. What has been replaced once stays so.
function replaceAddress(r: HttpRequest, merged: Merged): Rc {
  const { connection: c } = r;
  if (c.replaced !== null) return DECLINED;
  const conf = merged as Conf;
  const { kind, header } = conf.real_ip_header;
  const proxied = kind === 'proxy_protocol' ? c.proxyProtocol : null;
  const values = proxied === null ? r.headersIn.values(header) : [proxied.sourceAddr];
  if (values.length === 0) return DECLINED;
  if (kind === 'header') values.length = 1;
  const reported = forwardedAddress(values, clientBytes(c.remoteAddr), conf.trusted, conf.real_ip_recursive);
  if (reported === null) return DECLINED;
  c.replaced = { addr: c.remoteAddr, port: c.remotePort };
  c.remoteAddr = bytesAddress(reported.bytes);
  c.remotePort = proxied?.sourcePort ?? reported.port;
  return DECLINED;
}

function ownAddress({ connection: c }: HttpRequest): ClientAddress {
  return c.replaced ?? { addr: c.remoteAddr, port: c.remotePort };
}

function parseTrusted(args: Args): Trusted {
  const text = args.text(1);
  if (text === 'unix:') return { networks: [], unix: true };
  const cidr = parseCidr(text);
  if (cidr !== null) {
    if (cidr.lowBits) args.warn(`low address bits of ${text} are meaningless`);
    return { networks: [cidr], unix: false };
  }
  const hosts = args.cf.sources.resolve(text);
  if (hosts?.length === 0) args.failWhole(`host not found in set_real_ip_from "${text}"`);
  const networks = (hosts ?? []).map(parseCidr).filter((network) => network !== null);
  return { networks, unix: false };
}

function parseSource(args: Args): Source {
  const name = args.text(1);
  if (name === 'proxy_protocol') return { kind: 'proxy_protocol', header: '' };
  if (name === 'X-Forwarded-For') return { kind: 'forwarded', header: 'x-forwarded-for' };
  return { kind: 'header', header: name.toLowerCase() };
}
