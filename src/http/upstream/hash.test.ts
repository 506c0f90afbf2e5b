import { describe, expect, test } from 'vitest';
import { ConsistentHash } from './consistent_hash.ts';
import { Hash } from './hash.ts';
import { OwnPeer, PEER_DOWN, Peers } from './peers.ts';

/** Servers 127.0.0.1:18481 and so on. */
function peersOf(weights: readonly number[], down = -1): Peers {
  const primary = weights.map((weight, i) => {
    const server = `127.0.0.1:${18481 + i}`;
    const limits = { maxConns: 0, maxFails: 1, failTimeout: 10, slowStart: 0, route: '' };
    const address = { name: server, server, host: '127.0.0.1', port: 18481 + i, path: null };
    return new OwnPeer({ ...address, ...limits, weight, down: i === down ? PEER_DOWN : 0 });
  });
  return new Peers('u', primary, []);
}

/** The peers of 300 keys. */
function chosen(balancer: typeof Hash | typeof ConsistentHash, peers: Peers): string {
  let names = '';
  for (let n = 0; n < 300; n++) {
    const peer = new balancer(peers, String(n * n * 7)).next();
    names += peer === null ? '-' : 'abcdef'[peer.port - 18481];
  }
  return names;
}

const EQUAL = [1, 1, 1, 1, 1, 1];
const WEIGHTED = [4, 1, 2, 1, 1, 3];

// As nginx 1.31.5 chose with the same servers and keys.
describe('hash', () => {
  test.each([
    [
      EQUAL,
      'fdbfcacadeecedafeddfbdeeaadacbaddedbaaddebedffeeceeacaebefdacbbeaabeadeffcfdaeefffadeaccbfecfecaeccd' +
        'affdeacfcbbfdcebcafcbfcabddbdfaaebbfaeaedefebcfbedcdafcbfdacedbfbecdbddadaadbdfdeeaaaccdfecefabecceb' +
        'ececddccdfddaacbccbddefffbdeecacdbfdaddbcfddccebfbfbdcbabddeeffbeddeebbcbbdaffebefefcfefbcefefeefada',
    ],
    [
      WEIGHTED,
      'fadcaaecabfabfcfbfafaafbcafcadcfafadaaffbabfffbbebbaecbabffcadabcaafcfbfcecfcfbccccafaeeafbeffaabaaf' +
        'acffbcefaaafaafaecfeafeadaadacacfdacabcbfffbdefabfaaafedcfaafadcafeadffaaaafafffffacaaaaffebcadbaeba' +
        'febeffeaacfaccadaedffbfccafbfeaaaaffcffaacffaafdcafdaedaafaffffdbafbbaaeaafccfbdbfbcafffaebfbfbfccac',
    ],
  ])('weights %j', (weights, expected) => {
    expect(chosen(Hash, peersOf(weights))).toBe(expected);
  });
});

describe('hash consistent', () => {
  test.each([
    [
      EQUAL,
      'bbbcffaefdcadeeffccddcfaabfeadfaaceaeccefbdeaedcaeaedbefafaebdadfeddcfadddaffdfabdabadfbbccadbaadcca' +
        'feedbfdaafaebbafffffeeeffaddadeaccdeffbbcdfadbfbcbfaaffcefafcfbbdfeeebeaadbefbbfacadcccdaffcbbbafaff' +
        'cbbceafbafedecaeeeaceafecceddeaaebadeaecadefebeadbbeffdabeefdbacaebafeaedabfadcfcfaabcaafcabadedfcae',
    ],
    [
      WEIGHTED,
      'fabcffacfdfaaaeaaaaaacafabfeadfaaceaaacefbdeaeafafaefaefafacbdafacdaafadaaaffaaabafbaffcacaaabaaaaca' +
        'fefaafaaafaabaacffaaeeefaaadffeccaafffbccaffdaabcbfaacfcafffcacbdaaeeceaadcefbbcccaafcadaffccfaafaaf' +
        'cbccaafbaffdecfeefffcafecceadeaaebafaaefaaeaffeadabfaffaffffaaacfaaffaaeaabfadafffaabcaaffafcceafcaa',
    ],
  ])('weights %j', (weights, expected) => {
    expect(chosen(ConsistentHash, peersOf(weights))).toBe(expected);
  });

  test('only the keys of a server that is down move', () => {
    const before = chosen(ConsistentHash, peersOf(EQUAL));
    const after = chosen(ConsistentHash, peersOf(EQUAL, 2));
    for (const [n, name] of [...before].entries()) {
      if (name === 'c') expect(after[n]).not.toBe('c');
      else expect(after[n]).toBe(name);
    }
  });
});
