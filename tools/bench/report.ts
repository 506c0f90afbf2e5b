// The table of the bench, for the terminal and for docs/performance.md.

export interface Result {
  readonly title: string;
  readonly against: string;
  readonly ours: string;
  readonly theirs: string;
  readonly ratio: string;
  readonly bar: string;
  readonly aim: string;
  readonly rates: string;
  readonly verdict: string;
}

export function table(results: readonly Result[]): string {
  const lines = [
    '| work | against | tsresty | peer | ratio | first bar | aim | requests/s | |',
    '|---|---|---:|---:|---:|---:|---:|---:|---|',
  ];
  for (const r of results) {
    const cells = [r.title, r.against, r.ours, r.theirs, r.ratio, r.bar, r.aim, r.rates, r.verdict];
    lines.push(`| ${cells.map((c) => c.replaceAll('|', '\\|')).join(' | ')} |`);
  }
  return lines.join('\n');
}

export function page(results: readonly Result[], machine: readonly string[], how: string): string {
  return `# Performance

What a request costs: processor time (user and system) of the worker, divided by the requests it answered, and its
ratio to a peer that did the same work on the same machine in the same run. Written by \`npm run bench\`; the ratios
travel between machines, the microseconds do not.

${machine.map((m) => `- ${m}`).join('\n')}

${how}

${table(results)}

The first bar is what a release has to meet, the aim is where we are going (requests/s: tsresty / peer). The Lua side of
the script rows uses cjson, HMAC-SHA256 of OpenSSL through FFI, and a template compiled to a Lua function
(\`tools/bench/script/heavy.lua\` beside \`heavy.ts\`).

How upstreams are asked was decided by such figures: 1 KB over kept connections cost 20.8 µs in a bare server in front of
undici's \`dispatch\`, 11.5 µs in front of plain sockets, and 10.8 µs in nginx, which does all that a proxy does. So there
is one HTTP/1 client of ours, which also keeps the case and order of headers and can upgrade. \`fetch\` in scripts took
77 µs by undici and takes 36 µs by a client on plain sockets: undici is left with https and bodies that are streams. With a connection for each request, \`net.Socket\` cost 92 µs and Node's own handles, which it is made of, 70 µs
(nginx 32 µs): \`src/core/raw_socket.ts\` uses those. TLS goes through \`node:tls\`.
`;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
