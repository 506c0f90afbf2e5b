// The upstream of the FastCGI row: answers 1 KB when a request is complete, and keeps the connection where it may.
// Started as `fastcgi.ts PORT`.

import net from 'node:net';

const BEGIN_REQUEST = 1;
const STDIN = 5;
const HEAD = 8;
const KEEP_CONNECTION = 1;

const body = 'The quick brown fox. '.repeat(50).slice(0, 1000);
const answer = Buffer.concat([
  record(6, Buffer.from(`Content-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`)),
  record(6, Buffer.alloc(0)),
  record(3, Buffer.alloc(8)),
]);

function record(type: number, content: Buffer): Buffer {
  const head = Buffer.from([1, type, 0, 1, content.length >> 8, content.length & 255, 0, 0]);
  return Buffer.concat([head, content]);
}

function serve(socket: net.Socket): void {
  let held: Buffer = Buffer.alloc(0);
  let keep = false;
  socket.setNoDelay();
  socket.on('error', () => socket.destroy());
  socket.on('data', (data: Buffer) => {
    held = held.length === 0 ? data : Buffer.concat([held, data]);
    while (held.length >= HEAD) {
      const length = held.readUInt16BE(4);
      const end = HEAD + length + held.readUInt8(6);
      if (held.length < end) return;
      const type = held.readUInt8(1);
      if (type === BEGIN_REQUEST) keep = (held.readUInt8(HEAD + 2) & KEEP_CONNECTION) !== 0;
      held = held.subarray(end);
      if (type !== STDIN || length > 0) continue;
      if (keep) socket.write(answer);
      else socket.end(answer);
    }
  });
}

net.createServer(serve).listen(Number(process.argv[2]), '127.0.0.1');
