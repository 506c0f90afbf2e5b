// browser: whether a client's browser is a modern one, by what its User-Agent header says of itself.

import type { Args } from '../../conf/args.ts';
import { type ConfOf, HTTP_ANY } from '../../conf/directive.ts';
import { custom } from '../../conf/kinds.ts';
import { defineModule } from '../module.ts';
import type { HttpRequest } from '../request.ts';
import { isMsie } from '../special_response.ts';

/** How a browser is known: its name from `skip` on, and the version behind it. In the order in which they are tried. */
interface Sign {
  readonly browser: string;
  readonly skip: number;
  readonly name: string;
  /** Where the version begins, from the start of the name. */
  readonly add: number;
}

const OPERA: Sign = { browser: 'opera', skip: 0, name: 'Opera', add: 6 };
const SIGNS: readonly Sign[] = [
  OPERA,
  { browser: 'msie', skip: 'Mozilla/4.0 (compatible; '.length, name: 'MSIE ', add: 5 },
  { browser: 'gecko', skip: 'Mozilla/5.0 ('.length, name: 'rv:', add: 3 },
  { browser: 'safari', skip: 'Mozilla/5.0 ('.length, name: 'Safari/', add: 7 },
  { browser: 'konqueror', skip: 'Mozilla/5.0 (compatible; '.length, name: 'Konqueror/', add: 10 },
];

interface Known {
  readonly sign: Sign;
  /** The first that is modern. */
  readonly version: number;
}

interface Modern {
  readonly given: readonly Known[];
  /** All that are known by it, in the order of their signs. */
  readonly all: readonly Known[];
  /** So are those that no directive names. */
  readonly unlisted: boolean;
}

interface Ancient {
  readonly texts: readonly string[];
  readonly netscape4: boolean;
}

/** Said again, the last one counts. */
const shown = custom<string>({
  in: HTTP_ANY,
  default: '1',
  inherit: true,
  parse: (args) => args.text(1),
});

const directives = {
  modern_browser: custom<Modern>({
    in: HTTP_ANY,
    args: [1, 2],
    default: { given: [], all: [], unlisted: false },
    inherit: true,
    parse: parseModern,
  }),
  ancient_browser: custom<Ancient>({
    in: HTTP_ANY,
    args: [1, Number.POSITIVE_INFINITY],
    default: { texts: [], netscape4: false },
    inherit: true,
    parse: parseAncient,
  }),
  modern_browser_value: shown,
  ancient_browser_value: shown,
};

type Conf = ConfOf<typeof directives>;

export const browser = defineModule({
  name: 'browser',
  directives,
  variables: {
    modern_browser: { get: modernValue, changeable: true },
    ancient_browser: { get: ancientValue, changeable: true },
    msie: { get: (r) => (isMsie(r) ? '1' : ''), changeable: true },
  },
});

function modernValue(r: HttpRequest): string {
  const conf = browser.conf(r);
  return isModern(r, conf) ? conf.modern_browser_value : '';
}

function ancientValue(r: HttpRequest): string {
  const conf = browser.conf(r);
  return isModern(r, conf) ? '' : conf.ancient_browser_value;
}

function isModern(r: HttpRequest, { modern_browser: modern, ancient_browser: ancient }: Conf): boolean {
  const agent = r.headersIn.get('user-agent');
  const { all, unlisted } = modern;
  if (agent === undefined) return unlisted;
  for (const { sign, version } of all) {
    const at = agent.indexOf(sign.name, sign.skip);
    if (at === -1 || at + sign.add >= agent.length) continue;
    return versionOf(/^[\d.]*/.exec(agent.slice(at + sign.add))?.[0] ?? '') >= version;
  }
  if (all.length > 0 && !unlisted) return false;
  if (ancient.netscape4 && agent.length > NETSCAPE4.length && /^Mozilla\/[1-4]/.test(agent)) return false;
  if (ancient.texts.some((text) => agent.includes(text))) return false;
  return unlisted;
}

const NETSCAPE4 = 'Mozilla/4.72 ';

/** Two digits for each part behind the first, as far as there are four. */
function versionOf(text: string): number {
  let version = 0;
  let scale = 1_000_000;
  for (const part of text.split('.')) {
    version += Number(part) * scale;
    scale = Math.floor(scale / 100);
  }
  return version;
}

function parseModern(args: Args, seen: Modern | undefined): Modern {
  const { given = [], all = [], unlisted = false } = seen ?? {};
  const name = args.text(1);
  if (args.count === 1) {
    if (name !== 'unlisted') args.failWhole(`invalid parameter "${name}"`);
    return { given, all, unlisted: true };
  }
  const sign = SIGNS.find((known) => known.browser === name.toLowerCase());
  if (sign === undefined) return args.failWhole(`unknown browser name "${name}"`);
  const version = args.text(2);
  if (!/^[\d.]*$/.test(version)) args.failWhole(`invalid browser version "${version}"`);
  const known = [...given, { sign, version: versionOf(version) }];
  return { given: known, all: inOrder(known), unlisted };
}

/** Opera may call itself MSIE: where it is not named it is known all the same, and never modern. */
function inOrder(given: readonly Known[]): readonly Known[] {
  const named = given.some(({ sign }) => sign === OPERA);
  const all = named ? [...given] : [...given, { sign: OPERA, version: Number.POSITIVE_INFINITY }];
  return all.sort((a, b) => SIGNS.indexOf(a.sign) - SIGNS.indexOf(b.sign));
}

function parseAncient(args: Args, seen: Ancient | undefined): Ancient {
  const texts = args.texts();
  return {
    texts: [...(seen?.texts ?? []), ...texts.filter((text) => text !== 'netscape4')],
    netscape4: seen?.netscape4 === true || texts.includes('netscape4'),
  };
}
