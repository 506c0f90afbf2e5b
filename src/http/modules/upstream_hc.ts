// health_check and match, as in NGINX Plus: see ../upstream/health_check.ts and match.ts.

import type { Directive as Entry } from '../../../grammar/ast.ts';
import type { Args } from '../../conf/args.ts';
import { HTTP, LOCATION } from '../../conf/directive.ts';
import { ConfError, type Place } from '../../conf/error.ts';
import { mainLog } from '../../conf/error_log.ts';
import { block, custom } from '../../conf/kinds.ts';
import type { Reader } from '../../conf/reader.ts';
import { parseNumber, parseTime } from '../../core/sizes.ts';
import type { Connection } from '../connection.ts';
import { Location } from '../location.ts';
import type { HttpMain } from '../main.ts';
import { defineModule, type WorkerProcess } from '../module.ts';
import { HttpRegex } from '../regex.ts';
import { HttpRequest } from '../request.ts';
import type { Sink } from '../sink.ts';
import { type HealthCheckSettings, HealthChecks } from '../upstream/health_check.ts';
import { DEFAULT_MATCH, type HeaderTest, Match, type StatusRange } from '../upstream/match.ts';
import type { UpstreamResponse } from '../upstream/response.ts';
import { AttemptState } from '../upstream/state.ts';
import { passedTo, type Upstream } from '../upstream/upstreams.ts';

const directives = {
  health_check: custom<boolean>({
    in: LOCATION,
    args: [0, Number.POSITIVE_INFINITY],
    default: false,
    parse: parseHealthCheck,
  }),
  match: block<null>({ in: HTTP, args: [1, 1], default: null, parse: parseMatch }),
};

export const upstreamHc = defineModule({
  name: 'upstream_hc',
  directives,
  postConf: findUpstreams,
  initWorker: startChecks,
  exitWorker: stopChecks,
});

/** A health_check as it was written. */
interface Declared {
  readonly location: Location;
  readonly place: Place;
  readonly matchName: string;
  readonly settings: Omit<HealthCheckSettings, 'match' | 'https'>;
}

/** What a configuration has of health checks. */
class Checks {
  readonly declared: Declared[] = [];
  readonly matches = new Map<string, Match>();
  readonly found: { readonly upstream: Upstream; readonly settings: HealthCheckSettings }[] = [];
  running: HealthChecks[] = [];
}

const CHECKS = {};

function checksOf(cf: Reader): Checks {
  return cf.state(CHECKS, () => new Checks());
}

function parseHealthCheck(args: Args): boolean {
  const location = args.scope.subject;
  if (!(location instanceof Location)) throw new TypeError('health_check outside of a location');
  const given = { interval: 5000, jitter: 0, fails: 1, passes: 1, port: 0, keepalive_time: 0 };
  let uri: string | null = null;
  let matchName = '';
  let mandatory = false;
  let persistent = false;
  let isGrpc = false;
  const grpc = { service: '', status: 0 };
  for (const word of args.texts()) {
    const invalid = (): never => args.failWhole(`invalid parameter "${word}"`);
    // As in NGINX Plus, type=grpc and what belongs to it come last.
    if (isGrpc && !word.startsWith('grpc_')) invalid();
    const [, name = '', value = ''] = /^([a-z_]+)=(.*)$/s.exec(word) ?? [];
    if (name === 'interval' || name === 'jitter' || name === 'keepalive_time') {
      given[name] = parseTime(value, false);
      if (given[name] < (name === 'interval' ? 1 : 0)) invalid();
    } else if (name === 'fails' || name === 'passes' || name === 'port') {
      given[name] = parseNumber(value);
      if (given[name] <= 0 || (name === 'port' && given[name] > 65535)) invalid();
    } else if (name === 'uri') {
      if (!value.startsWith('/') || /[\0-\x20\x7f-\xff]/.test(value)) invalid();
      uri = value;
    } else if (name === 'match') {
      matchName = value;
    } else if (word === 'mandatory') {
      mandatory = true;
    } else if (word === 'persistent' && mandatory) {
      persistent = true;
    } else if (word === 'type=grpc' && uri === null && matchName === '') {
      isGrpc = true;
    } else if (name === 'grpc_service' && isGrpc && value !== '') {
      grpc.service = value;
    } else if (name === 'grpc_status' && isGrpc) {
      grpc.status = parseNumber(value);
      if (grpc.status <= 0) invalid();
    } else {
      invalid();
    }
  }
  const { interval: intervalMs, jitter: jitterMs, keepalive_time: keepaliveMs, ...counts } = given;
  const settings = {
    ...{ intervalMs, jitterMs, keepaliveMs, ...counts, uri: uri ?? '/', mandatory, persistent },
    grpc: isGrpc ? grpc : null,
  };
  checksOf(args.cf).declared.push({ location, place: args.place(), matchName, settings });
  return true;
}

function findUpstreams(cf: Reader): void {
  const checks = checksOf(cf);
  for (const { location, place, matchName, settings } of checks.declared) {
    const passed = passedTo(location);
    if (passed === undefined || !passed.upstream.declared) {
      throw new ConfError('"health_check" requires a location that is passed to an upstream block', place);
    }
    const { upstream, https } = passed;
    if (upstream.zone === '') {
      throw new ConfError(`upstream "${upstream.host}" of "health_check" must be in shared memory`, place);
    }
    const match = matchName === '' ? DEFAULT_MATCH : checks.matches.get(matchName);
    if (match === undefined) throw new ConfError(`match "${matchName}" not found`, place);
    if (settings.mandatory) upstream.mandatory = settings.persistent ? 'persistent' : 'yes';
    checks.found.push({ upstream, settings: { ...settings, match, https } });
  }
}

function startChecks(main: HttpMain, worker: WorkerProcess): void {
  if (worker.id !== 0) return;
  const checks = checksOf(main.cf);
  const context = {
    log: mainLog(main.cf),
    requestWith: (response: UpstreamResponse) => stand(main, response),
  };
  const byUpstream = new Map<Upstream, HealthChecks>();
  for (const { upstream, settings } of checks.found) {
    const { shared } = upstream;
    if (shared === null) continue;
    const all = byUpstream.get(upstream) ?? new HealthChecks(shared);
    byUpstream.set(upstream, all);
    all.add(settings, context);
  }
  checks.running = [...byUpstream.values()];
  for (const all of checks.running) all.start();
}

function stopChecks(main: HttpMain): void {
  for (const all of checksOf(main.cf).running) all.stop();
}

const NOBODY: Sink = {
  head: () => 0,
  body: () => 0,
  flush() {},
  pending: () => false,
  interim() {},
  end() {},
  terminate() {},
};

/** Stands for the request that the variables of a match block are evaluated for. */
function stand(main: HttpMain, response: UpstreamResponse): HttpRequest {
  const [listen] = main.addresses;
  const [server] = main.servers;
  if (listen === undefined || server === undefined) throw new Error('no server listens');
  const connection: Connection = {
    ...{ id: 0, remoteAddr: '', remotePort: 0, localAddr: '', localPort: 0 },
    ...{ listen, https: '', requests: 0, startTime: Date.now(), serverName: null },
    ...{ replaced: null, proxyProtocol: null },
    crash() {}, // no subrequest is made of it
  };
  const r = new HttpRequest(connection, NOBODY, server, null, null);
  const state = new AttemptState();
  state.peer = '';
  state.status = response.status;
  r.upstream = { response, states: [state], lastServer: '' };
  return r;
}

function parseMatch(args: Args): null {
  const { matches } = checksOf(args.cf);
  const name = args.text(1);
  if (matches.has(name)) args.failWhole(`duplicate match "${name}"`);
  const match = new Match(name);
  matches.set(name, match);
  for (const entry of args.entries()) parseCondition(args, match, entry);
  return null;
}

function parseCondition(args: Args, match: Match, entry: Entry): void {
  const place = { file: entry.file, line: entry.headLine, column: entry.name.column };
  const words = entry.args.map(({ text }) => text);
  const what = entry.name.text;
  const invalid = (): never => {
    throw new ConfError(`invalid "${what}" condition in match "${match.name}"`, place);
  };
  if (entry.block !== null || words.length === 0) invalid();
  const regex = (pattern: string): HttpRegex => new HttpRegex(args.cf, pattern, false, place);
  if (what === 'status') {
    const negated = words[0] === '!';
    const ranges = words.slice(negated ? 1 : 0).map((word) => parseRange(word) ?? invalid());
    if (match.status !== null || ranges.length === 0) invalid();
    match.status = { negated, ranges };
  } else if (what === 'header') {
    match.headers.push(parseHeader(words, regex) ?? invalid());
  } else if (what === 'body') {
    const [operator, pattern] = words;
    if (match.body !== null || words.length !== 2 || (operator !== '~' && operator !== '!~')) invalid();
    match.body = { negated: operator === '!~', regex: regex(pattern as string) };
  } else if (what === 'require') {
    if (words.some((word) => !word.startsWith('$'))) invalid();
    match.required.push(...words.map((word) => args.cf.variables.compile(word, place)));
  } else {
    throw new ConfError(`unknown condition "${what}" in match "${match.name}"`, place);
  }
}

function parseRange(word: string): StatusRange | null {
  const [, from, to] = /^([1-9]\d\d)(?:-([1-9]\d\d))?$/.exec(word) ?? [];
  return from === undefined ? null : { from: Number(from), to: Number(to ?? from) };
}

function parseHeader(words: readonly string[], regex: (pattern: string) => HttpRegex): HeaderTest | null {
  const [first = '', second = '', third = ''] = words;
  if (words.length === 1) return { kind: 'present', name: first };
  if (words.length === 2) return first === '!' ? { kind: 'absent', name: second } : null;
  if (words.length !== 3) return null;
  if (second === '=' || second === '!=') return { kind: second, name: first, value: third };
  if (second === '~' || second === '!~') return { kind: second, name: first, regex: regex(third) };
  return null;
}
