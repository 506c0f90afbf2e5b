// What a script costs beside the engine: requests that exist only here go through a real isolate, a batch a turn.
// Prints microseconds of CPU a request. `tools/run tools/bench/script.ts [requests] [batch]`

import type { Cancel, Home, ScriptRequest } from '../../src/script/host/request.ts';
import { bench, type PhaseBlock } from '../../src/script/host/testing.ts';

const ROWS: Record<string, readonly PhaseBlock[]> = {
  hello: [['content', `ngx.say('hello world');`]],
  'hello, with a header and a variable': [
    ['content', `ngx.header['Content-Type'] = 'text/plain'; ngx.say('hello ' + ngx.var.remote_addr);`],
  ],
  'access + content, JSON of arguments': [
    ['access', `ngx.ctx.n = 1;`],
    [
      'content',
      `ngx.header['Content-Type'] = 'application/json';
       ngx.say(JSON.stringify({ n: ngx.ctx.n, uri: ngx.var.uri, args: ngx.req.get_uri_args() }));`,
    ],
  ],
  'await of nothing': [['content', `await null; ngx.say('hello world');`]],
};

class Row implements ScriptRequest {
  slot = 0;
  readonly method = 'GET';
  readonly uri = '/lua2';
  readonly args = 'a=1&b=two&c=%20x';
  readonly remoteAddr = '127.0.0.1';
  readonly isSubrequest = false;
  readonly headSent = false;
  readonly keepsUnderscores = false;
  readonly lent = 0;
  readonly home: Home = { actor: null, common: true };
  call(): undefined {}
  enter(): void {}
  startOver(): boolean {
    return false;
  }
  setStatus(): void {}
  setHeader(): void {}
  respond(_flags: number, body: string): void {
    bytes += body.length;
  }
  ended(): void {
    if (--left === 0) next();
  }
  piece(): string {
    return '';
  }
  filtered(): void {}
  operate(): Cancel | null {
    return null;
  }
  readonly socketConf = null;
  openSocket(): never {
    throw new Error('there is none');
  }
  logEnabled(): boolean {
    return true;
  }
  log(_level: number, message: string): void {
    console.error(message);
  }
}

let left = 0;
let bytes = 0;
let next: () => void = () => {};

const requests = Number(process.argv[2] ?? 200_000);
const batch = Number(process.argv[3] ?? 32);

for (const [name, blocks] of Object.entries(ROWS)) {
  const b = await bench([blocks]);
  const { actor } = b.keeper;
  if (actor === null) throw new Error('no isolate');
  for (const warm of [true, false]) {
    const rounds = Math.ceil((warm ? requests / 4 : requests) / batch);
    const before = process.cpuUsage();
    for (let i = 0; i < rounds; i++) {
      left = batch;
      const round = new Promise<void>((resolve) => {
        next = resolve;
      });
      for (let k = 0; k < batch; k++) actor.start(new Row(), 0, true);
      await round;
    }
    const { user, system } = process.cpuUsage(before);
    if (!warm) console.log(`${((user + system) / (rounds * batch)).toFixed(2)} µs  ${name} (batch ${batch})`);
  }
  await b.stop();
}
console.error(`${bytes} bytes`);
