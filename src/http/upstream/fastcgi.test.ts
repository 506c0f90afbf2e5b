// FastCGI against a server of our own: what it is told, and what becomes of its records, however they come.

import { afterEach, describe, expect, test } from 'vitest';
import { ask, closeAll, gateway, get } from './testing.ts';
import { END, type FastcgiRequest, fastcgiPeer, record, stderr, stdout } from './testing_fastcgi.ts';

afterEach(closeAll);

const HEAD = 'Content-Type: text/plain\r\n\r\n';

function conf(port: number, settings = '', http = ''): string {
  const location = `location / { fastcgi_pass 127.0.0.1:${port}; ${settings} }`;
  return `${http} server { listen 80; server_name a; server_tokens off; ${location} }`;
}

async function told(request: string, settings = ''): Promise<FastcgiRequest> {
  let seen: FastcgiRequest | undefined;
  const port = await fastcgiPeer((asked) => {
    seen = asked;
    return stdout(`${HEAD}ok`) + END;
  });
  const server = await gateway(conf(port, settings));
  expect(await ask(server.port, request)).toMatch(/^HTTP\/1.1 200 OK\r\n/);
  if (seen === undefined) throw new Error('the server was not asked');
  return seen;
}

function bodyOf(answer: string): string {
  return answer.slice(answer.indexOf('\r\n\r\n') + 4);
}

describe('what the server is told', () => {
  test('params, and headers as HTTP_…', async () => {
    const settings = 'fastcgi_param A "x$arg_y"; fastcgi_param E ""; fastcgi_param F "" if_not_empty;';
    const { params } = await told(
      get('/?y=1', 'X-A-b: 1\r\nX-A-B: 2\r\nCookie: a\r\ncookie: b\r\n'),
      settings,
    );
    expect([...params]).toEqual([
      ['A', 'x1'],
      ['E', ''],
      ['HTTP_HOST', 'a'],
      ['HTTP_CONNECTION', 'close'],
      ['HTTP_X_A_B', '1, 2'],
      ['HTTP_COOKIE', 'a; b'],
    ]);
  });

  test('a param takes the place of a header, or of none', async () => {
    const settings =
      'fastcgi_param HTTP_HOST h; fastcgi_param HTTP_X_A ""; fastcgi_param HTTP_CONNECTION $arg_n if_not_empty;';
    const { params } = await told(get('/', 'X-A: 1\r\nx_a: 1\r\n'), settings);
    expect([...params]).toEqual([['HTTP_HOST', 'h']]);
  });

  test('no headers', async () => {
    const { params } = await told(get('/', 'X-A: 1\r\n'), 'fastcgi_pass_request_headers off;');
    expect([...params]).toEqual([['HTTP_HOST', 'a']]);
  });

  test('long names and values', async () => {
    const long = 'v'.repeat(300);
    const { params } = await told(get('/'), `fastcgi_param ${'n'.repeat(200)} ${long};`);
    expect(params.get('n'.repeat(200))).toBe(long);
  });

  test.each([
    ['the script and what follows it', '/a.php/b/c', '/a.php', '/b/c'],
    ['a script alone', '/a.php', '/a.php', ''],
    ['a directory', '/d/', '/d/index.php', ''],
  ])('%s', async (_what, uri, script, info) => {
    const settings =
      'fastcgi_index index.php; fastcgi_split_path_info ^(.+?\\.php)(/.*)$;' +
      'fastcgi_param S $fastcgi_script_name; fastcgi_param P $fastcgi_path_info;';
    const { params } = await told(get(uri), settings);
    expect([params.get('S'), params.get('P')]).toEqual([script, info]);
  });

  const body = 'b'.repeat(70_000);
  const post = `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const chunked =
    'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n' +
    `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;

  test.each([
    ['from a file', post, 'client_body_buffer_size 1k;'],
    ['from memory', post, 'client_body_buffer_size 1m;'],
    ['as it comes', post, 'fastcgi_request_buffering off;'],
    ['in chunks', chunked, 'fastcgi_request_buffering off;'],
    ['in chunks, read before', chunked, ''],
  ])('a body: %s', async (_what, request, settings) => {
    const seen = await told(request, settings);
    expect(seen.body).toBe(body);
    expect(Math.max(...seen.pieces)).toBeLessThanOrEqual(32 * 1024);
  });

  test('a body that is not to be passed on', async () => {
    const seen = await told(post, 'fastcgi_pass_request_body off;');
    expect(seen.body).toBe('');
  });
});

describe('the response', () => {
  async function answered(answer: string, settings = ''): Promise<{ answer: string; lines: string[] }> {
    const port = await fastcgiPeer(() => answer);
    const server = await gateway(conf(port, settings));
    return { answer: await ask(server.port, get('/')), lines: server.lines };
  }

  test.each([
    ['Status', 'Status: 404 Nothing\r\n\r\n', 'HTTP/1.1 404 Nothing'],
    ['Status without a reason', 'Status: 403\r\n\r\n', 'HTTP/1.1 403 Forbidden'],
    ['Location', 'Location: /x\r\n\r\n', 'HTTP/1.1 302 Moved Temporarily'],
    ['neither', 'A: b\r\n\r\n', 'HTTP/1.1 200 OK'],
  ])('its status by %s', async (_what, head, line) => {
    const { answer } = await answered(stdout(head) + END);
    expect(answer.slice(0, answer.indexOf('\r\n'))).toBe(line);
    expect(answer).not.toContain('Status:');
  });

  test('in records that end anywhere, with stderr between them', async () => {
    const whole = `A: b\r\n${HEAD}body`;
    let records = stderr('before');
    for (let i = 0; i < whole.length; i++) records += stdout(whole[i] ?? '', i % 9);
    for (const settings of ['', 'fastcgi_keep_conn on;', 'fastcgi_buffering off;']) {
      const { answer, lines } = await answered(records + stderr('after. \r\n') + END, settings);
      expect(answer).toContain('A: b\r\n');
      expect(bodyOf(answer)).toContain('body');
      expect(lines[0]).toContain(
        'FastCGI sent in stderr: "before" while reading response header from upstream',
      );
      // What has come with the head is said to be so where nothing is buffered, as nginx does.
      const action = settings === 'fastcgi_buffering off;' ? 'response header from upstream' : 'upstream';
      expect(lines[1]).toContain(`FastCGI sent in stderr: "after" while reading ${action},`);
    }
  });

  test('split by the network at every byte', async () => {
    const bytes = stdout(`${HEAD}bo`, 3) + stderr('e') + stdout('dy', 1) + END;
    const port = await fastcgiPeer((_request, socket) => {
      socket.setNoDelay(true);
      const write = (i: number): void => {
        if (i === bytes.length) socket.end();
        else socket.write(bytes[i] ?? '', 'latin1', () => setImmediate(write, i + 1));
      };
      write(0);
      return '';
    });
    const server = await gateway(conf(port, 'fastcgi_keep_conn on;'));
    const chunks = bodyOf(await ask(server.port, get('/')));
    expect(chunks.replace(/[^bdoy]/g, '')).toBe('body');
  });

  test('more stderr than the buffer holds', async () => {
    const { answer, lines } = await answered(
      stderr('e'.repeat(30_000)) + stderr('f'.repeat(30_000)) + stdout(`${HEAD}ok`) + END,
    );
    expect(bodyOf(answer)).toContain('ok');
    expect(lines.join('').match(/[ef]/g)?.length).toBeGreaterThan(60_000);
  });

  test('stderr that is caught', async () => {
    const { answer, lines } = await answered(
      stderr('PHP Fatal error: x') + stdout(`${HEAD}ok`) + END,
      'fastcgi_catch_stderr "Fatal error";',
    );
    expect(answer).toContain('502 Bad Gateway');
    expect(lines[0]).toContain('FastCGI sent in stderr: "PHP Fatal error: x"');
  });

  const long = 'Content-Length: 5\r\n\r\n';
  test.each([
    ['another version', '\x02\x06\0\x01', 'unsupported FastCGI protocol version: 2'],
    ['another type', '\x01\x09\0\x01', 'invalid FastCGI record type: 9'],
    ['another request', '\x01\x06\0\x02', 'unexpected FastCGI request id low byte: 2'],
    ['a high request', '\x01\x06\x01\x01', 'unexpected FastCGI request id high byte: 1'],
    ['an end before a head', record(3, '\0'.repeat(8)), 'unexpected FastCGI record: 3'],
    ['an empty stdout', stdout(''), 'upstream prematurely closed FastCGI stdout'],
    ['a bad header', stdout('A b\r\n\r\n'), 'upstream sent invalid header: "A\\x20..."'],
    ['a bad status', stdout('Status: x\r\n\r\n'), 'upstream sent invalid status "x"'],
    ['nothing', '', 'upstream prematurely closed connection'],
  ])('%s is no response', async (_what, bytes, message) => {
    const { answer, lines } = await answered(bytes);
    expect(answer).toContain('502 Bad Gateway');
    expect(lines[0]).toContain(message);
  });

  test.each([
    ['stdout', END, 'upstream prematurely closed FastCGI stdout'],
    ['the request', record(3, '\0'.repeat(8)), 'upstream prematurely closed FastCGI request'],
    ['the connection', '', 'upstream prematurely closed connection'],
  ])('%s ends before the body does', async (_what, ending, message) => {
    const { answer, lines } = await answered(stdout(`${long}abc`) + ending);
    expect(bodyOf(answer)).toBe('abc');
    expect(lines[0]).toContain(message);
  });

  test('more than its length', async () => {
    const { answer, lines } = await answered(stdout(`${long}abcdef`) + END);
    expect(bodyOf(answer)).toBe('abcde');
    expect(lines[0]).toContain('upstream sent more data than specified in "Content-Length" header');
  });
});

describe('connections', () => {
  async function connectionsOf(settings: string): Promise<string> {
    const port = await fastcgiPeer(({ connection }) => stdout(`${HEAD}on ${connection}`) + END);
    const http = `upstream u { server 127.0.0.1:${port}; keepalive 1; }`;
    const location = `location / { fastcgi_pass u; ${settings} }`;
    const server = await gateway(`${http} server { listen 80; ${location} }`);
    let all = '';
    for (let i = 0; i < 3; i++) all += /on [0-9]/.exec(await ask(server.port, get('/')));
    return all;
  }

  test('are kept, if that is wanted', async () => {
    expect(await connectionsOf('fastcgi_keep_conn on;')).toBe('on 1on 1on 1');
  });

  test('are closed otherwise', async () => {
    expect(await connectionsOf('')).toBe('on 1on 2on 3');
  });
});
