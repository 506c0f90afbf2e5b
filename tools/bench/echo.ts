// What the rows stand before that no file server answers: takes bodies and says so, and echoes what comes behind an
// upgrade. Started as `echo.ts PORT`.

import net from 'node:net';

const length = /\r\ncontent-length: (\d+)/i;

function serve(socket: net.Socket): void {
  let head = '';
  let left = 0;
  socket.setNoDelay();
  socket.on('error', () => socket.destroy());
  socket.on('data', (data) => {
    if (left > 0) {
      left -= data.length;
      if (left === 0) answer(socket);
      return;
    }
    const before = head.length;
    head += data.toString('latin1');
    const end = head.indexOf('\r\n\r\n');
    if (end === -1) return;
    if (/\r\nupgrade:/i.test(head)) {
      socket.removeAllListeners('data');
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n');
      socket.pipe(socket);
      return;
    }
    left = Number(length.exec(head)?.[1] ?? 0) - (data.length - (end + 4 - before));
    head = '';
    if (left === 0) answer(socket);
  });
}

function answer(socket: net.Socket): void {
  socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
}

net.createServer(serve).listen(Number(process.argv[2]), '127.0.0.1');
