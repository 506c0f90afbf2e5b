// web-platform-tests' data, where a checkout of it (or of ada, which carries the files of url/ and urlpattern/) is named
// by TSRESTY_WPT. What differs on purpose, or in what URLs are parsed with, stands in a list with its reason.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bench, FakeRequest } from './testing.ts';

const root = process.env.TSRESTY_WPT ?? '';
const FOLDERS = ['url/resources', 'urlpattern/resources', 'tests/wpt'];

function dataOf(name: string): string {
  for (const folder of FOLDERS) {
    const file = join(root, folder, name);
    if (existsSync(file)) return readFileSync(file, 'utf8');
  }
  throw new Error(`${name} is not in ${root}`);
}

/** Runs a block over a file; it says one line for each case that fails, and at the end how many there were. */
async function failures(name: string, code: string): Promise<{ cases: number; failed: string[] }> {
  const data = dataOf(name);
  const b = await bench([[['content', code]]], { cpuLimitMs: 20_000, memoryMb: 256 });
  const r = new FakeRequest({ vars: { data } });
  await b.run(r);
  await b.stop();
  expect(r.logs.map(({ message }) => message)).toEqual([]);
  const lines = r.body.trim().split('\n');
  return { cases: Number(lines.pop()), failed: lines.filter((line) => line !== '') };
}

const COMMON = `
  const data = JSON.parse(ngx.var.data!);
  let cases = 0;
  const fail = (test: unknown, why: string) => ngx.say((JSON.stringify(test) + ': ' + why).replaceAll('\\n', ' '));
`;

test.skipIf(root === '')('URLs are parsed as urltestdata.json says', { timeout: 60_000 }, async () => {
  const { cases, failed } = await failures(
    'urltestdata.json',
    `${COMMON}
    for (const one of data) {
      if (typeof one === 'string') continue;
      cases++;
      const base = one.base === null ? undefined : one.base;
      try {
        const url = new URL(one.input, base);
        if (one.failure) { fail([one.input, base], 'is parsed as ' + url.href); continue; }
        for (const part of ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash'] as const) {
          if (part in one && url[part] !== one[part]) fail([one.input, base], part + ' is ' + url[part] + ', not ' + one[part]);
        }
        if ('searchParams' in one && url.searchParams.toString() !== one.searchParams) fail(one.input, 'searchParams is ' + url.searchParams);
      } catch (e) {
        if (!one.failure) fail([one.input, base], String(e));
      }
    }
    ngx.say(cases);`,
  );
  console.log(`urltestdata.json: ${cases - failed.length} of ${cases}`);
  expect(cases).toBeGreaterThan(500);
  expect(failed).toEqual([]);
});

test.skipIf(root === '')(
  'parts of URLs are set as setters_tests.json says',
  { timeout: 60_000 },
  async () => {
    const { cases, failed } = await failures(
      'setters_tests.json',
      `${COMMON}
    for (const [part, list] of Object.entries(data) as [string, any[]][]) {
      if (part === 'comment') continue;
      for (const one of list) {
        cases++;
        const url: any = new URL(one.href);
        try { url[part] = one.new_value; } catch (e) { fail([part, one.href, one.new_value], String(e)); continue; }
        for (const [name, value] of Object.entries(one.expected)) {
          if (url[name] !== value) fail([part, one.href, one.new_value], name + ' is ' + url[name] + ', not ' + value);
        }
      }
    }
    ngx.say(cases);`,
    );
    console.log(`setters_tests.json: ${cases - failed.length} of ${cases}`);
    expect(cases).toBeGreaterThan(200);
    expect(failed).toEqual([]);
  },
);

test.skipIf(root === '')('hosts are encoded as toascii.json says', { timeout: 60_000 }, async () => {
  const { cases, failed } = await failures(
    'toascii.json',
    `${COMMON}
    for (const one of data) {
      if (typeof one === 'string') continue;
      cases++;
      let got: string | null = null;
      try { got = new URL('https://' + one.input + '/x').host; } catch {}
      if (got !== one.output) fail(one.input, got + ', not ' + one.output);
    }
    ngx.say(cases);`,
  );
  console.log(`toascii.json: ${cases - failed.length} of ${cases}`);
  expect(failed).toEqual([]);
});

test.skipIf(root === '')(
  'URLPattern does what urlpatterntestdata.json says',
  { timeout: 60_000 },
  async () => {
    const { cases, failed } = await failures(
      'urlpatterntestdata.json',
      `${COMMON}
    const PARTS = ['protocol', 'username', 'password', 'hostname', 'port', 'pathname', 'search', 'hash'] as const;
    for (const one of data) {
      cases++;
      let pattern: URLPattern;
      try {
        pattern = new URLPattern(...(one.pattern as [any]));
      } catch (e) {
        if (one.expected_obj !== 'error') fail(one.pattern, String(e));
        continue;
      }
      if (one.expected_obj === 'error') { fail(one.pattern, 'is accepted'); continue; }
      for (const part of PARTS) {
        const wanted = one.expected_obj?.[part];
        if (wanted !== undefined && pattern[part] !== wanted) fail(one.pattern, part + ' is ' + pattern[part] + ', not ' + wanted);
      }
      if (one.inputs === undefined || one.expected_match === 'error') continue;
      let match: any;
      try { match = pattern.exec(...(one.inputs as [any])); } catch (e) { fail([one.pattern, one.inputs], String(e)); continue; }
      if ((match !== null) !== (one.expected_match !== null)) { fail([one.pattern, one.inputs], match === null ? 'no match' : 'a match'); continue; }
      if (match === null) continue;
      for (const part of PARTS) {
        const wanted = one.expected_match[part];
        if (wanted === undefined) continue;
        const groups = Object.fromEntries(Object.entries(wanted.groups).map(([k, v]) => [k, v ?? undefined]));
        const got = JSON.stringify(match[part].groups), want = JSON.stringify(groups);
        if (match[part].input !== wanted.input || got !== want) fail([one.pattern, one.inputs], part + ' matches ' + match[part].input + got + ', not ' + wanted.input + want);
      }
    }
    ngx.say(cases);`,
    );
    console.log(`urlpatterntestdata.json: ${cases - failed.length} of ${cases}`, failed);
    // What the polyfill does not know: characters beyond the basic plane in names, sets in patterns, and errors that the
    // standard has come to ignore in hosts and ports.
    expect(failed.length).toBeLessThanOrEqual(23);
  },
);
