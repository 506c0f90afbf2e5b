// Rewriting what an upstream says of itself: proxy_redirect, proxy_cookie_domain, proxy_cookie_path, proxy_cookie_flags.

import type { Args } from '../../conf/args.ts';
import type { ComplexValue } from '../../conf/complex.ts';
import { HttpRegex } from '../regex.ts';
import type { HttpRequest } from '../request.ts';

type Match = 'prefix' | 'domain';

/** One rule: what it replaces, and what by. */
export class RewriteRule {
  readonly #pattern: ComplexValue | HttpRegex;
  readonly #replacement: ComplexValue;
  readonly #match: Match;

  constructor(pattern: ComplexValue | HttpRegex, replacement: ComplexValue, match: Match = 'prefix') {
    this.#pattern = pattern;
    this.#replacement = replacement;
    this.#match = match;
  }

  /** `value` with what stands at `prefix` replaced; null: the rule does not match. */
  apply(r: HttpRequest, value: string, prefix: number): string | null {
    const pattern = this.#pattern;
    const rest = value.slice(prefix);
    const before = value.slice(0, prefix);
    if (pattern instanceof HttpRegex) {
      return pattern.exec(r, rest) ? before + this.#replacement.evaluate(r) : null;
    }
    const text = pattern.evaluate(r);
    if (this.#match === 'domain') {
      const dot = rest.startsWith('.') ? '.' : '';
      if (rest.slice(dot.length).toLowerCase() !== text.toLowerCase()) return null;
      return before + dot + this.#replacement.evaluate(r);
    }
    if (!rest.startsWith(text)) return null;
    return before + this.#replacement.evaluate(r) + rest.slice(text.length);
  }
}

export type RewriteRules = readonly RewriteRule[];

/** The first rule that matches decides. */
export function rewriteBy(rules: RewriteRules, r: HttpRequest, value: string, prefix: number): string | null {
  for (const rule of rules) {
    const rewritten = rule.apply(r, value, prefix);
    if (rewritten !== null) return rewritten;
  }
  return null;
}

/** `off`, or rules that add up; null: nothing was said. */
export type Rules = 'off' | RewriteRules;

/** Of the directives that take `off` or two words. */
export function parseRules(args: Args, seen: Rules | null | undefined, match: Match): Rules {
  if (seen === 'off') return args.fail('is duplicate');
  if (args.count === 1) {
    if (args.text(1) !== 'off') args.failWhole(`invalid parameter "${args.text(1)}"`);
    return seen ? args.fail('is duplicate') : 'off';
  }
  return [...(seen ?? []), parseRule(args, match)];
}

export function parseRule(args: Args, match: Match): RewriteRule {
  const pattern = args.text(1);
  if (pattern.startsWith('~')) {
    const marked = pattern.startsWith('~*') && match === 'prefix';
    const regex = pattern.slice(marked ? 2 : 1);
    const caseless = marked || match === 'domain';
    return new RewriteRule(new HttpRegex(args.cf, regex, caseless, args.place()), args.complex(2));
  }
  const bare = (text: string): ComplexValue =>
    args.cf.variables.compile(
      match === 'domain' && text.startsWith('.') ? text.slice(1) : text,
      args.place(),
    );
  return new RewriteRule(bare(pattern), bare(args.text(2)), match);
}

/** proxy_cookie_flags: the flags of the cookies that a name or an expression means. */
interface CookieFlags {
  readonly cookie: ComplexValue | HttpRegex;
  readonly flags: readonly ComplexValue[];
}

export type CookieFlagRules = 'off' | readonly CookieFlags[];

export function parseCookieFlags(args: Args, seen: CookieFlagRules | null | undefined): CookieFlagRules {
  if (seen === 'off') return args.fail('is duplicate');
  const text = args.text(1);
  if (args.count === 1) {
    if (text !== 'off') args.failWhole(`invalid parameter "${text}"`);
    return seen ? args.fail('is duplicate') : 'off';
  }
  const cookie = text.startsWith('~')
    ? new HttpRegex(args.cf, text.slice(1), true, args.place())
    : args.complex(1);
  const flags: ComplexValue[] = [];
  for (let i = 2; i <= args.count; i++) flags.push(args.complex(i));
  return [...(seen ?? []), { cookie, flags }];
}

interface Attribute {
  name: string;
  value: string | null;
}

interface CookieRules {
  readonly domains: RewriteRules;
  readonly paths: RewriteRules;
  readonly flags: readonly CookieFlags[];
}

/** A Set-Cookie value, rewritten; null: it stays as it is. */
export function rewriteCookie(rules: CookieRules, r: HttpRequest, cookie: string): string | null {
  const attributes = cookie.split(';').map(parseAttribute);
  const [first] = attributes;
  if (first === undefined || first.value === null) return null;
  let changed = false;
  for (const attribute of attributes.slice(1)) {
    const name = attribute.name.toLowerCase();
    if (attribute.value === null || (name !== 'domain' && name !== 'path')) continue;
    const rewritten = rewriteBy(name === 'domain' ? rules.domains : rules.paths, r, attribute.value, 0);
    if (rewritten === null) continue;
    attribute.value = rewritten;
    changed = true;
  }
  const flags = flagsFor(rules.flags, r, first.name);
  if (flags.size > 0) changed = true;
  if (!changed) return null;
  const kept = flags.size > 0 ? withFlags(attributes, flags) : attributes;
  return kept.map(({ name, value }) => (value === null ? name : `${name}=${value}`)).join('; ');
}

function parseAttribute(text: string): Attribute {
  const equals = text.indexOf('=');
  if (equals === -1) return { name: text.trim(), value: null };
  return { name: text.slice(0, equals).trim(), value: text.slice(equals + 1).trim() };
}

const SAME_SITE: Readonly<Record<string, string>> = {
  'samesite=strict': 'Strict',
  'samesite=lax': 'Lax',
  'samesite=none': 'None',
};
const FLAGS = ['secure', 'nosecure', 'httponly', 'nohttponly', 'nosamesite', ...Object.keys(SAME_SITE)];

function flagsFor(rules: readonly CookieFlags[], r: HttpRequest, name: string): Set<string> {
  const rule = rules.find(({ cookie }) =>
    cookie instanceof HttpRegex
      ? cookie.exec(r, name)
      : cookie.evaluate(r).toLowerCase() === name.toLowerCase(),
  );
  const flags = new Set<string>();
  for (const value of rule?.flags ?? []) {
    const flag = value.evaluate(r).toLowerCase();
    if (FLAGS.includes(flag)) flags.add(flag);
  }
  return flags;
}

function withFlags(attributes: readonly Attribute[], flags: ReadonlySet<string>): Attribute[] {
  const site = Object.keys(SAME_SITE).find((flag) => flags.has(flag));
  const wanted = { secure: flags.has('secure'), httponly: flags.has('httponly') };
  let missingSite = site;
  const kept: Attribute[] = [];
  for (const [i, attribute] of attributes.entries()) {
    const name = i === 0 ? '' : attribute.name.toLowerCase();
    if (name === 'secure' || name === 'httponly') {
      if (wanted[name]) wanted[name] = false;
      else if (flags.has(`no${name}`)) continue;
    } else if (name === 'samesite') {
      const value = site === undefined ? null : (SAME_SITE[site] as string);
      if (value === null && flags.has('nosamesite')) continue;
      if (value !== null && missingSite !== undefined) {
        missingSite = undefined;
        if (attribute.value?.toLowerCase() !== value.toLowerCase()) {
          kept.push({ name: 'SameSite', value });
          continue;
        }
      }
    }
    kept.push(attribute);
  }
  if (wanted.secure) kept.push({ name: 'Secure', value: null });
  if (wanted.httponly) kept.push({ name: 'HttpOnly', value: null });
  if (missingSite !== undefined) kept.push({ name: 'SameSite', value: SAME_SITE[missingSite] as string });
  return kept;
}
