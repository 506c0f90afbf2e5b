// The HTTP modules. Handlers of one phase run in this order (nginx runs them in the reverse of its own list); filters in
// the reverse one, as in nginx: the last filter of the list is the first to see a response.

import { core } from '../core.ts';
import type { AnyHttpModule } from '../module.ts';
import { postpone } from '../postpone.ts';
import { access } from './access.ts';
import { addition } from './addition.ts';
import { authBasic } from './auth_basic.ts';
import { authRequest } from './auth_request.ts';
import { autoindex } from './autoindex.ts';
import { browser } from './browser.ts';
import { charset } from './charset.ts';
import { dav } from './dav.ts';
import { emptyGif } from './empty_gif.ts';
import { encryptedSession } from './encrypted_session.ts';
import { fastcgi } from './fastcgi.ts';
import { geo } from './geo.ts';
import { grpc } from './grpc.ts';
import { gunzip } from './gunzip.ts';
import { gzip } from './gzip.ts';
import { gzipStatic } from './gzip_static.ts';
import { headers } from './headers.ts';
import { index } from './index_files.ts';
import { limitConn } from './limit_conn.ts';
import { limitReq } from './limit_req.ts';
import { log } from './log.ts';
import { map } from './map.ts';
import { memcached } from './memcached.ts';
import { mirror } from './mirror.ts';
import { notModified } from './not_modified.ts';
import { proxy } from './proxy.ts';
import { randomIndex } from './random_index.ts';
import { rangeBody, rangeHeader } from './range.ts';
import { realip } from './realip.ts';
import { referer } from './referer.ts';
import { rewrite } from './rewrite.ts';
import { scgi } from './scgi.ts';
import { secureLink } from './secure_link.ts';
import { slice } from './slice.ts';
import { splitClients } from './split_clients.ts';
import { ssi } from './ssi.ts';
import { staticFiles } from './static.ts';
import { stubStatus } from './stub_status.ts';
import { sub } from './sub.ts';
import { tryFiles } from './try_files.ts';
import { tunnel } from './tunnel.ts';
import { upstream } from './upstream.ts';
import { upstreamConf } from './upstream_conf.ts';
import { upstreamHash } from './upstream_hash.ts';
import { upstreamHc } from './upstream_hc.ts';
import { upstreamIpHash } from './upstream_ip_hash.ts';
import { upstreamKeepalive } from './upstream_keepalive.ts';
import { upstreamLeastConn } from './upstream_least_conn.ts';
import { upstreamLeastTime } from './upstream_least_time.ts';
import { upstreamQueue } from './upstream_queue.ts';
import { upstreamRandom } from './upstream_random.ts';
import { upstreamSticky } from './upstream_sticky.ts';
import { upstreamZone } from './upstream_zone.ts';
import { userid } from './userid.ts';
import { uwsgi } from './uwsgi.ts';

export const httpModules: readonly AnyHttpModule[] = [
  core,
  // only variables
  map,
  geo,
  splitClients,
  browser,
  referer,
  secureLink,
  // rewrite
  rewrite,
  encryptedSession,
  // preaccess
  realip,
  limitReq,
  limitConn,
  // access
  access,
  authBasic,
  authRequest,
  // precontent
  tryFiles,
  mirror,
  // content
  randomIndex,
  index,
  autoindex,
  dav,
  emptyGif,
  stubStatus,
  gzipStatic,
  staticFiles,
  upstream,
  upstreamLeastConn,
  upstreamIpHash,
  upstreamHash,
  upstreamRandom,
  upstreamLeastTime,
  upstreamSticky,
  upstreamQueue,
  upstreamKeepalive,
  upstreamZone,
  upstreamHc,
  upstreamConf,
  proxy,
  fastcgi,
  scgi,
  uwsgi,
  grpc,
  memcached,
  tunnel,
  // filters: the first here is the last to see a response
  rangeHeader,
  gzip,
  postpone,
  ssi,
  charset,
  sub,
  addition,
  gunzip,
  userid,
  headers,
  rangeBody,
  notModified,
  slice,
  // log
  log,
];
