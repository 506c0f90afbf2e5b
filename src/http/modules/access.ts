// allow and deny: the first rule that holds the client's address decides.

import type { Args } from '../../conf/args.ts';
import { type ConfOf, HTTP_ANY, LIMIT_EXCEPT } from '../../conf/directive.ts';
import { list } from '../../conf/kinds.ts';
import { type Cidr, clientBytes, inCidr, parseCidr } from '../../core/cidr.ts';
import { logError } from '../log.ts';
import { defineModule } from '../module.ts';
import { DECLINED, OK, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';

interface Rule {
  readonly deny: boolean;
  /** null: any address, or those of unix sockets. */
  readonly cidr: Cidr | null;
  readonly unix: boolean;
  readonly inet: boolean;
}

const directives = {
  allow: list<Rule, 'rules'>({ in: HTTP_ANY | LIMIT_EXCEPT, into: 'rules', item: parseRule }),
  deny: list<Rule, 'rules'>({ in: HTTP_ANY | LIMIT_EXCEPT, into: 'rules', item: parseRule }),
};

type Conf = ConfOf<typeof directives>;

export const access = defineModule({
  name: 'access',
  directives,
  phases: { access: { when: (conf) => conf.rules.length > 0, run: checkAddress } },
});

function checkAddress(r: HttpRequest, conf: Conf): Rc {
  const bytes = clientBytes(r.connection.remoteAddr);
  for (const rule of conf.rules) {
    const holds = bytes === null ? rule.unix : rule.inet && (rule.cidr === null || inCidr(rule.cidr, bytes));
    if (!holds) continue;
    if (!rule.deny) return OK;
    if (r.loc.core.satisfy === 'all') logError(r, 'error', 'access forbidden by rule');
    return 403;
  }
  return DECLINED;
}

function parseRule(args: Args): Rule {
  const deny = args.name === 'deny';
  const text = args.text(1);
  if (text === 'all') return { deny, cidr: null, unix: true, inet: true };
  if (text === 'unix:') return { deny, cidr: null, unix: true, inet: false };
  const cidr = parseCidr(text);
  if (cidr === null) return args.failWhole(`invalid parameter "${text}"`);
  if (cidr.lowBits) args.warn(`low address bits of ${text} are meaningless`);
  return { deny, cidr, unix: false, inet: true };
}
