// What the types say that a phase refuses (`Disabled` in ngx.d.ts) is what it refuses when it is run, and nothing else is.

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bench, bench, FakeRequest } from './testing.ts';

const PHASES = [
  'set',
  'server_rewrite',
  'rewrite',
  'access',
  'precontent',
  'content',
  'header_filter',
  'body_filter',
  'log',
  'balancer',
] as const;

/** A use of each member that some phase refuses. */
const USES: Readonly<Record<string, string>> = {
  print: 'ngx.print("x")',
  say: 'ngx.say("x")',
  flush: 'ngx.flush()',
  eof: 'ngx.eof()',
  send_headers: 'ngx.send_headers()',
  exec: 'ngx.exec("/")',
  redirect: 'ngx.redirect("/")',
  on_abort: 'ngx.on_abort(() => {})',
  request: 'ngx.request',
  exit: 'ngx.exit(0)',
  header: 'ngx.header.a',
  location: 'ngx.location.capture("/")',
  balancer: 'ngx.balancer.get_last_failure()',
  arg: 'ngx.arg[1]',
  arg_buffer: 'ngx.arg_buffer',
  var: 'ngx.var.a',
  status: 'ngx.status',
};

/** The members that the types refuse, by phase. */
function refusedByTypes(): Map<string, Set<string>> {
  const text = readFileSync(new URL('../ngx.d.ts', import.meta.url), 'utf8');
  const members = (union: string): string[] =>
    union.split('|').flatMap((one) => {
      const word = one.trim();
      if (word.startsWith("'")) return [word.slice(1, -1)];
      const [, alias] = new RegExp(`^type ${word} =([^;]*);`, 'm').exec(text) ?? [];
      return word === '' || alias === undefined ? [] : members(alias);
    });
  const [, body = ''] = /^interface Disabled \{\n([^}]*)\}/m.exec(text) ?? [];
  return new Map(
    [...body.matchAll(/^\s+(\w+): ([^;]*);/gm)].map(([, phase = '', union = '']) => [
      phase,
      new Set(members(union)),
    ]),
  );
}

let b: Bench;

beforeAll(async () => {
  const code = (use: string): string =>
    `try { void ${use}; } catch (error) { if (error instanceof Error) ngx.ctx.said = error.message; else throw error; }
     ngx.log(ngx.ERR, "said: ", ngx.ctx.said ?? "");`;
  b = await bench(PHASES.flatMap((phase) => Object.values(USES).map((use) => [[phase, code(use)] as const])));
});

afterAll(() => b.stop());

test.each(PHASES)('%s', async (phase) => {
  const refused: string[] = [];
  for (const [i, name] of Object.keys(USES).entries()) {
    const r = new FakeRequest();
    await b.run(r, PHASES.indexOf(phase) * Object.keys(USES).length + i);
    if (r.logs.some(({ message }) => message.includes('said: API disabled'))) refused.push(name);
  }
  expect(refused.sort()).toEqual([...(refusedByTypes().get(phase) ?? [])].sort());
});
