import { describe, expect, test } from 'vitest';
import { IpHash } from './ip_hash.ts';
import { LeastConn } from './least_conn.ts';
import { LeastTime } from './least_time.ts';
import { OwnPeer, PEER_DOWN, PEER_FAILED, PEER_OK, type Peer, Peers, RoundRobin } from './peers.ts';
import { AttemptState } from './state.ts';

interface Given {
  readonly weight?: number;
  readonly maxConns?: number;
  readonly maxFails?: number;
  readonly down?: boolean;
}

function peer(name: string, given: Given = {}): Peer {
  const { weight = 1, maxConns = 0, maxFails = 1, down = false } = given;
  const server = { server: name, host: name, port: 80, path: null, failTimeout: 10 };
  const limits = { weight, maxConns, maxFails, slowStart: 0 };
  return new OwnPeer({ name, ...server, ...limits, down: down ? PEER_DOWN : 0, route: '' });
}

/** The peers of `count` requests, each of which its peer answers. */
function sequence(peers: Peers, count: number): string {
  let names = '';
  for (let i = 0; i < count; i++) {
    const choice = new RoundRobin(peers);
    names += choice.next()?.name ?? '-';
    choice.release(PEER_OK, new AttemptState());
  }
  return names;
}

describe('round robin', () => {
  // As nginx 1.31 chooses among servers of these weights.
  test.each([
    [[1], 'aaa'],
    [[1, 1], 'ababab'],
    [[1, 1, 1], 'abcabc'],
    [[5, 1, 1], 'aabacaaaabacaa'],
    [[3, 2, 1], 'abacbaabacba'],
    [[1, 4], 'bbabbbbabb'],
    [[2, 2], 'abab'],
  ])('by weights %j', (weights, expected) => {
    const primary = weights.map((weight, i) => peer('abcdef'[i] as string, { weight }));
    expect(sequence(new Peers('u', primary, []), expected.length)).toBe(expected);
  });

  test('leaves out what is down, and takes backups only when nothing else is left', () => {
    const backup = [peer('x'), peer('y')];
    expect(sequence(new Peers('u', [peer('a'), peer('b', { down: true })], backup), 3)).toBe('aaa');
    expect(sequence(new Peers('u', [peer('a', { down: true })], backup), 4)).toBe('xyxy');
    expect(sequence(new Peers('u', [peer('a', { down: true })], []), 2)).toBe('--');
  });

  test('asks each peer once, then backups, then none', () => {
    const peers = new Peers('u', [peer('a'), peer('b')], [peer('x')]);
    const choice = new RoundRobin(peers);
    expect(choice.tries).toBe(3);
    const names: string[] = [];
    for (let i = 0; i < 4; i++) {
      names.push(choice.next()?.name ?? '-');
      choice.release(PEER_FAILED, new AttemptState());
    }
    expect(names).toEqual(['a', 'b', 'x', '-']);
    expect(choice.tries).toBe(0);
  });

  test('leaves a failed peer alone, unless it is the only one', () => {
    const two = new Peers('u', [peer('a'), peer('b')], []);
    const choice = new RoundRobin(two);
    expect(choice.next()?.name).toBe('a');
    expect(choice.release(PEER_FAILED, new AttemptState())).toBe(true);
    expect(sequence(two, 4)).toBe('bbbb');
    const one = new Peers('u', [peer('a')], []);
    for (let i = 0; i < 3; i++) {
      const again = new RoundRobin(one);
      expect(again.next()?.name).toBe('a');
      expect(again.release(PEER_FAILED, new AttemptState())).toBe(false);
    }
  });

  test('counts failures up to max_fails; 0 never stops asking', () => {
    const a = peer('a', { maxFails: 2 });
    const peers = new Peers('u', [a, peer('b', { maxFails: 0 })], []);
    const fail = (): void => {
      const choice = new RoundRobin(peers);
      choice.next();
      choice.release(PEER_FAILED, new AttemptState());
    };
    fail();
    fail();
    expect(a.fails).toBe(1);
    fail();
    fail();
    fail();
    expect(sequence(peers, 2)).toBe('bb');
  });

  test('max_conns', () => {
    const peers = new Peers('u', [peer('a', { maxConns: 1 }), peer('b', { maxConns: 1 })], []);
    const choices = [1, 2, 3].map(() => new RoundRobin(peers));
    expect(choices.map((choice) => choice.next()?.name)).toEqual(['a', 'b', undefined]);
    choices[0]?.release(PEER_OK, new AttemptState());
    expect(new RoundRobin(peers).next()?.name).toBe('a');
  });
});

describe('slow_start', () => {
  const share = (peers: Peers): number =>
    [...sequence(peers, 2000)].filter((name) => name === 'a').length / 2000;
  const slow = (name: string): Peer => Object.assign(peer(name), { slowStart: 60_000 });

  test('a peer that has come back gets its share little by little', () => {
    const a = slow('a');
    const peers = new Peers('u', [a, peer('b')], []);
    expect(share(peers)).toBeCloseTo(0.5, 2);
    a.startedMs = Date.now() - 6000; // a tenth of its time
    const early = share(peers);
    expect(early).toBeGreaterThan(0.02);
    expect(early).toBeLessThan(0.2);
    a.startedMs = Date.now() - 60_000;
    expect(share(peers)).toBeCloseTo(0.5, 1);
  });

  test('it is asked where nobody else is', () => {
    const a = slow('a');
    a.startedMs = Date.now();
    expect(share(new Peers('u', [a, peer('b', { down: true })], []))).toBe(1);
  });

  test('begins when a peer that was out of use answers', () => {
    const a = slow('a');
    const peers = new Peers('u', [a, peer('b')], []);
    const choice = new RoundRobin(peers);
    choice.next();
    choice.release(PEER_FAILED, new AttemptState());
    expect(a.startedMs).toBe(0);
    a.checked -= 20;
    a.accessed -= 30;
    expect(sequence(peers, 6)).toContain('a');
    expect(a.fails).toBe(0);
    expect(a.startedMs).toBeGreaterThan(0);
  });
});

describe('least_conn', () => {
  const held = (peers: Peers, count: number): string => {
    let names = '';
    for (let i = 0; i < count; i++) names += new LeastConn(peers).next()?.name ?? '-';
    return names;
  };

  test('takes the least loaded for its weight, equals in turns', () => {
    expect(held(new Peers('u', [peer('a'), peer('b'), peer('c')], []), 6)).toBe('abccba');
    const weighted = new Peers('u', [peer('a', { weight: 3 }), peer('b')], []);
    expect([...held(weighted, 8)].filter((name) => name === 'a')).toHaveLength(6);
  });

  test('does not care how often a peer was asked before', () => {
    const [a, b] = [peer('a'), peer('b')];
    const peers = new Peers('u', [a, b], []);
    a.conns = 5;
    expect(held(peers, 5)).toBe('bbbbb');
  });
});

describe('least_time', () => {
  /** The peers of four requests, each of which its peer answers in the time that it always takes. */
  const asked = (milliseconds: Readonly<Record<string, number>>): string => {
    const peers = new Peers(
      'u',
      Object.keys(milliseconds).map((name) => peer(name)),
      [],
    );
    let names = '';
    for (let i = 0; i < 4; i++) {
      const choice = new LeastTime(peers, { header: true, inflight: false });
      const name = choice.next()?.name ?? '-';
      names += name;
      const attempt = new AttemptState();
      attempt.headerTime = milliseconds[name] ?? -1;
      choice.release(PEER_OK, attempt);
    }
    return names;
  };

  test('takes those that are about as fast in turns', () => {
    expect(asked({ a: 1, b: 19 })).toBe('abab');
    expect(asked({ a: 40, b: 59 })).toBe('abba');
  });

  test('asks who is slower once', () => {
    expect(asked({ a: 1, b: 20 })).toBe('abaa');
    expect(asked({ a: 60, b: 59 })).toBe('abbb');
  });
});

describe('ip_hash', () => {
  const first = (peers: Peers, address: string): string => new IpHash(peers, address).next()?.name ?? '-';

  // As nginx 1.31 chooses for clients 127.n.((3n + 1)n mod 256).1.
  test('chooses as nginx does', () => {
    const peers = new Peers('u', [peer('a', { weight: 3 }), peer('b', { weight: 2 }), peer('c')], []);
    let names = '';
    for (let n = 1; n <= 12; n++) names += first(peers, `127.${n}.${(n * n * 3 + n) % 256}.1`);
    expect(names).toBe('cacacacacbab');
  });

  test('knows a client by its network', () => {
    const peers = new Peers(
      'u',
      'abcdefgh'.split('').map((name) => peer(name)),
      [],
    );
    expect(first(peers, '10.1.2.3')).toBe(first(peers, '10.1.2.200'));
    const names = Array.from({ length: 30 }, (_, i) => first(peers, `10.${i}.${i * i}.3`));
    expect(new Set(names).size).toBeGreaterThan(3);
  });

  test('takes another peer when its own is down', () => {
    const all = [peer('a'), peer('b'), peer('c')];
    const own = first(new Peers('u', all, []), '10.1.2.3');
    const rest = all.map(({ name }) => peer(name, { down: name === own }));
    expect(first(new Peers('u', rest, []), '10.1.2.3')).not.toBe(own);
  });
});
