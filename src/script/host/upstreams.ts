// What ngx.upstream asks of the worker: the upstreams of its configuration and how their peers are doing.

import type { Reader } from '../../conf/reader.ts';
import { addressText } from '../../core/addresses.ts';
import { toLatin1 } from '../../core/text.ts';
import { PEER_DOWN, type Peer } from '../../http/upstream/peers.ts';
import { type Upstream, type UpstreamServer, upstreamsOf } from '../../http/upstream/upstreams.ts';
import type { Plain } from './isolate.ts';
import { Refusal } from './request.ts';

/** The answer as JSON; undefined where there is none. Throws Refusal. */
export function upstreamCall(cf: Reader, args: readonly Plain[]): string | undefined {
  const [what, nameAndId, backup, down] = args;
  const [name, id] = String(nameAndId).split('\0');
  if (what === 'upstreams') return JSON.stringify(upstreamsOf(cf).map(nameOf));
  const wanted = toLatin1(String(name));
  const upstream = upstreamsOf(cf).find((one) => nameOf(one) === wanted || one.host === wanted);
  if (upstream === undefined) throw new Refusal('upstream not found');
  if (what === 'servers') return JSON.stringify(upstream.servers.map(describeServer));
  const peers = backup === true ? upstream.peers.backup : upstream.peers.primary;
  if (what === 'peers') return JSON.stringify(peers.map(describePeer));
  if (backup === true && peers.length === 0) throw new Refusal('no backup peers');
  const peer = peers[Number(id)];
  if (peer === undefined) throw new Refusal('bad peer id');
  peer.down = down === true ? peer.down | PEER_DOWN : peer.down & ~PEER_DOWN;
  if (down !== true) peer.fails = 0;
  return undefined;
}

/** As proxy_pass has it: with its port where one was written. */
export function nameOf({ host, port }: Upstream): string {
  return port === 0 ? host : `${host}:${port}`;
}

function describeServer(server: UpstreamServer): object {
  const addresses = server.hosts.map((host) => addressText(host, server.port));
  return {
    name: server.server,
    addr: addresses.length === 1 ? addresses[0] : addresses,
    weight: server.weight,
    max_fails: server.maxFails,
    fail_timeout: server.failTimeout,
    ...(server.backup ? { backup: true } : {}),
    ...(server.down !== 0 ? { down: true } : {}),
  };
}

function describePeer(peer: Peer, id: number): object {
  return {
    id,
    name: peer.name,
    weight: peer.weight,
    current_weight: peer.currentWeight,
    effective_weight: peer.effectiveWeight,
    conns: peer.conns,
    fails: peer.fails,
    max_fails: peer.maxFails,
    fail_timeout: peer.failTimeout,
    ...(peer.accessed === 0 ? {} : { accessed: peer.accessed }),
    ...(peer.checked === 0 ? {} : { checked: peer.checked }),
    ...(peer.down !== 0 ? { down: true } : {}),
  };
}
