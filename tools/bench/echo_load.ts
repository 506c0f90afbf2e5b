// The load of the rows about upgraded connections: messages that go there and come back, so many at a time on each
// connection. Prints what wrk prints. `echo_load.ts PORT PATH CONNECTIONS SECONDS`

import net from 'node:net';

const [port = '', path = '/', connections = '1', seconds = '1'] = process.argv.slice(2);
const message = Buffer.alloc(1024, 'm');
const inFlight = 4;
let messages = 0;
let broken = 0;

function open(): net.Socket {
  const socket = net.connect(Number(port), '127.0.0.1');
  let upgraded = false;
  let bytes = 0;
  socket.setNoDelay();
  socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n`);
  socket.on('data', (data) => {
    if (!upgraded) {
      upgraded = true;
      if (!data.toString('latin1', 0, 12).endsWith('101')) broken++;
      for (let i = 0; i < inFlight; i++) socket.write(message);
      return;
    }
    bytes += data.length;
    for (; bytes >= message.length; bytes -= message.length) {
      messages++;
      socket.write(message);
    }
  });
  socket.on('error', () => broken++);
  return socket;
}

const sockets = Array.from({ length: Number(connections) }, open);
setTimeout(() => {
  process.stdout.write(`${messages} requests in ${seconds}s\n`);
  if (broken > 0) process.stdout.write(`Socket errors: connect 0, read ${broken}, write 0, timeout 0\n`);
  process.stdout.write(`Requests/sec: ${messages / Number(seconds)}\n`);
  for (const socket of sockets) socket.destroy();
}, Number(seconds) * 1000);
