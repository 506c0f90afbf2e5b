import { once } from 'node:events';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ask, closeAll, eventually, gateway, get, onCloseAll, peer } from './testing.ts';
import { Certificates, type SecurePeer, securePeer } from './testing_ssl.ts';

const NAMES = ['root', 'good', 'client', 'other', 'middle', 'lower', 'deep'];
let certificates: Certificates;
let files: Record<string, string>;

beforeAll(() => {
  certificates = new Certificates()
    .sign('good', 'good.test')
    .sign('client', 'client.test')
    .sign('other', 'other.test')
    .sign('middle', 'middle', 'root', true)
    .sign('lower', 'lower', 'middle', true)
    .sign('deep', 'good.test', 'lower')
    .encrypt('client', 'secret')
    .revoke('other');
  files = {
    'client.enc.key': certificates.text('client.enc.key'),
    'root.crl': certificates.text('root.crl'),
  };
  for (const name of NAMES) {
    files[`${name}.crt`] = certificates.text(`${name}.crt`);
    files[`${name}.key`] = certificates.text(`${name}.key`);
  }
  files.passwords = 'wrong\nsecret\n';
  files.garbage = 'no certificate\n';
});
afterAll(() => certificates.remove());
afterEach(closeAll);

const WRONG_VERSION =
  'SSL_do_handshake() failed (SSL: error:0A00010B:SSL routines::wrong version number) while';
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

function whatIsSeen(socket: TLSSocket): string {
  const { servername } = socket as TLSSocket & { servername?: string | false };
  const { subject } = socket.getPeerCertificate();
  return [
    servername || '-',
    subject?.CN ?? '-',
    socket.getProtocol(),
    socket.isSessionReused() ? 'reused' : 'new',
  ].join(' ');
}

/** Answers with what it sees of the client. */
function seeing(name = 'good', options = {}): Promise<SecurePeer> {
  const own = { cert: certificates.text(`${name}.crt`), key: certificates.text(`${name}.key`) };
  return securePeer({ ...own, requestCert: true, rejectUnauthorized: false, ...options }, (socket) => {
    const text = whatIsSeen(socket);
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`);
  });
}

function conf(port: number, directives: string): string {
  return `server { listen 80; location / { proxy_pass https://127.0.0.1:${port}; ${directives} } }`;
}

async function answered(
  port: number,
  directives: string,
  uri = '/',
): Promise<{ answer: string; lines: string[] }> {
  const front = await gateway(conf(port, directives), files);
  const answer = await ask(front.port, get(uri));
  return { answer: answer.slice(answer.indexOf('\r\n\r\n') + 4), lines: front.lines };
}

const trusting = 'proxy_ssl_verify on; proxy_ssl_trusted_certificate root.crt;';

describe('what the peer sees', () => {
  const rows: readonly (readonly [title: string, directives: string, seen: string])[] = [
    ['no name and no certificate', '', '- - TLSv1.3 new'],
    ['proxy_ssl_server_name: not an address', 'proxy_ssl_server_name on;', '- - TLSv1.3 new'],
    [
      'proxy_ssl_name, without its port',
      'proxy_ssl_server_name on; proxy_ssl_name "$arg_n:80";',
      'x.test - TLSv1.3 new',
    ],
    ['proxy_ssl_name alone', 'proxy_ssl_name x.test;', '- - TLSv1.3 new'],
    ['proxy_ssl_protocols', 'proxy_ssl_protocols TLSv1.2;', '- - TLSv1.2 new'],
    ['proxy_ssl_conf_command MaxProtocol', 'proxy_ssl_conf_command MaxProtocol TLSv1.2;', '- - TLSv1.2 new'],
    [
      'proxy_ssl_certificate',
      'proxy_ssl_certificate client.crt; proxy_ssl_certificate_key client.key;',
      '- client.test TLSv1.3 new',
    ],
    [
      'a key with a password',
      'proxy_ssl_certificate client.crt; proxy_ssl_certificate_key client.enc.key; proxy_ssl_password_file passwords;',
      '- client.test TLSv1.3 new',
    ],
    [
      'a certificate by proxy_ssl_conf_command',
      'proxy_ssl_conf_command Certificate client.crt; proxy_ssl_conf_command PrivateKey client.key;',
      '- client.test TLSv1.3 new',
    ],
    [
      'no certificate where it is empty',
      'proxy_ssl_certificate ""; proxy_ssl_certificate_key "";',
      '- - TLSv1.3 new',
    ],
  ];
  for (const [title, directives, seen] of rows) {
    test(title, async () => {
      const { port } = await seeing();
      expect((await answered(port, directives, '/?n=x.test')).answer).toBe(seen);
    });
  }

  test('the upstream’s name is the default one', async () => {
    const { port } = await seeing();
    const front = await gateway(
      `upstream good.test { server 127.0.0.1:${port}; }
       server { listen 80; location / { proxy_pass https://good.test; proxy_ssl_server_name on; ${trusting} } }`,
      files,
    );
    expect(await ask(front.port, get('/'))).toContain('good.test - TLSv1.3');
  });

  test('a certificate whose name holds variables is read for each connection', async () => {
    const { port } = await seeing();
    const { dir } = certificates;
    const front = await gateway(
      conf(
        port,
        `proxy_ssl_certificate ${dir}/$arg_c.crt; proxy_ssl_certificate_key ${dir}/$arg_c.key;
         proxy_ssl_session_reuse off; proxy_http_version 1.0;`,
      ),
      files,
    );
    expect(await ask(front.port, get('/?c=client'))).toContain('- client.test');
    expect(await ask(front.port, get('/?c=other'))).toContain('- other.test');
    expect(await ask(front.port, get('/?c=none'))).toContain('500 Internal');
    const path = `${dir}/none.crt`;
    expect(front.lines.at(-1)).toContain(
      `[error] *3 cannot load certificate "${path}": BIO_new_file() failed (SSL: error:80000002:system library::` +
        `No such file or directory:calling fopen(${path}, r) error:10000080:BIO routines::no such file)`,
    );
  });

  test('proxy_ssl_certificate_cache keeps them', async () => {
    const { port } = await seeing();
    const dir = join(certificates.dir, 'cached');
    mkdirSync(dir);
    for (const end of ['crt', 'key']) copyFileSync(certificates.path(`client.${end}`), join(dir, `c.${end}`));
    const front = await gateway(
      conf(
        port,
        `proxy_ssl_certificate ${dir}/$arg_c.crt; proxy_ssl_certificate_key ${dir}/$arg_c.key;
         proxy_ssl_certificate_cache max=1; proxy_ssl_session_reuse off; proxy_http_version 1.0;`,
      ),
      files,
    );
    expect(await ask(front.port, get('/?c=c'))).toContain('- client.test');
    rmSync(join(dir, 'c.crt'));
    expect(await ask(front.port, get('/?c=c'))).toContain('- client.test');
    for (const end of ['crt', 'key']) copyFileSync(certificates.path(`other.${end}`), join(dir, `d.${end}`));
    expect(await ask(front.port, get('/?c=d'))).toContain('- other.test');
    expect(await ask(front.port, get('/?c=c'))).toContain('500 Internal');
  });

  test('a session is resumed, unless proxy_ssl_session_reuse is off', async () => {
    const { port } = await seeing();
    for (const [directives, second] of [
      ['proxy_http_version 1.0;', 'reused'],
      ['proxy_http_version 1.0; proxy_ssl_session_reuse off;', 'new'],
    ]) {
      const front = await gateway(conf(port, directives as string), files);
      expect(await ask(front.port, get('/'))).toContain('TLSv1.3 new');
      expect(await ask(front.port, get('/'))).toContain(`TLSv1.3 ${second}`);
    }
  });
});

describe('what is asked of the peer', () => {
  const rows: readonly (readonly [title: string, server: string, directives: string, line: string | null])[] =
    [
      ['a certificate that is trusted, for the name', 'good', `${trusting} proxy_ssl_name good.test;`, null],
      [
        'another name',
        'good',
        `${trusting} proxy_ssl_name x.test;`,
        'upstream SSL certificate does not match "x.test" while SSL handshaking to upstream',
      ],
      [
        'no authority that is known',
        'good',
        'proxy_ssl_verify on; proxy_ssl_trusted_certificate other.crt; proxy_ssl_name good.test;',
        'upstream SSL certificate verify error: (21:unable to verify the first certificate)',
      ],
      ['nothing without proxy_ssl_verify', 'good', 'proxy_ssl_name x.test;', null],
      [
        'none that is revoked',
        'other',
        `${trusting} proxy_ssl_crl root.crl; proxy_ssl_name other.test;`,
        'upstream SSL certificate verify error: (23:certificate revoked)',
      ],
      ['one that is not', 'good', `${trusting} proxy_ssl_crl root.crl; proxy_ssl_name good.test;`, null],
      [
        'a chain not longer than proxy_ssl_verify_depth',
        'deep',
        `${trusting} proxy_ssl_name good.test;`,
        'upstream SSL certificate verify error: (22:certificate chain too long)',
      ],
      [
        'a chain as long as it',
        'deep',
        `${trusting} proxy_ssl_name good.test; proxy_ssl_verify_depth 2;`,
        null,
      ],
    ];
  for (const [title, server, directives, line] of rows) {
    test(title, async () => {
      const chain = server === 'deep' ? ['deep', 'lower', 'middle'] : [server];
      const cert = chain.map((name) => certificates.text(`${name}.crt`)).join('');
      const { port } = await seeing(server, { cert });
      const { answer, lines } = await answered(port, directives);
      if (line === null) {
        expect(lines).toEqual([]);
        expect(answer).toContain('TLSv1.3');
      } else {
        expect(answer).toContain('502 Bad Gateway');
        expect(lines.join('\n')).toContain(`[error] *1 ${line}`);
      }
    });
  }
});

test.each(['TLSv1.2', 'TLSv1.3'])('%s: a session of a refused connection is not resumed', async (version) => {
  const cert = ['deep', 'lower', 'middle'].map((name) => certificates.text(`${name}.crt`)).join('');
  const { port } = await seeing('deep', { cert });
  const directives = `${trusting} proxy_ssl_name good.test; proxy_ssl_protocols ${version};`;
  const front = await gateway(conf(port, directives), files);
  for (let i = 0; i < 3; i++) expect(await ask(front.port, get('/'))).toContain('502 Bad Gateway');
  expect(front.lines).toHaveLength(3);
});

describe('handshakes that fail', () => {
  test('a peer that does not speak TLS', async () => {
    const { port } = await peer(() => {});
    const front = await gateway(conf(port, 'proxy_connect_timeout 100ms;'), files);
    expect(await ask(front.port, get('/'))).toContain('504 Gateway');
    expect(front.lines[0]).toMatch(
      /^\[error\] \*1 upstream timed out \(110: Connection timed out\) while SSL handshaking to upstream, .*upstream: "https:/,
    );
  });

  test('a peer that has no certificate', async () => {
    const { port } = await securePeer({}, () => {});
    const { answer, lines } = await answered(port, '');
    expect(answer).toContain('502 Bad Gateway');
    expect(lines[0]).toMatch(
      /^\[error\] \*1 SSL_do_handshake\(\) failed \(SSL: error:0A000410:SSL routines::[^:]*handshake failure:SSL alert number 40\) while SSL handshaking/,
    );
  });

  test.each([
    ['answers in plain text', (socket: Socket) => socket.write('HTTP/1.1 400 Bad\r\n\r\n'), WRONG_VERSION],
    ['closes', (socket: Socket) => socket.end(), 'peer closed connection in SSL handshake while'],
    [
      'resets',
      (socket: Socket) => socket.resetAndDestroy(),
      'peer closed connection in SSL handshake (104: Connection reset by peer) while',
    ],
  ])('a peer that %s', async (_title, answer, line) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => answer(socket));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onCloseAll(() => server.close());
    const { answer: text, lines } = await answered((server.address() as AddressInfo).port, '');
    expect(text).toContain('502 Bad Gateway');
    expect(lines[0]).toContain(`[error] *1 ${line} SSL handshaking to upstream`);
  });

  test('protocols that do not meet', async () => {
    const { port } = await seeing('good', { minVersion: 'TLSv1.3' });
    const { answer, lines } = await answered(port, 'proxy_ssl_protocols TLSv1.2;');
    expect(answer).toContain('502 Bad Gateway');
    expect(lines[0]).toMatch(
      /SSL_do_handshake\(\) failed \(SSL: error:0A00042E:SSL routines::.*SSL alert number 70\)/,
    );
  });
});

describe('connections', () => {
  test('are kept, handshake and all', async () => {
    const { port, connections } = await seeing();
    const front = await gateway(
      `upstream u { server 127.0.0.1:${port}; } server { listen 80; location / { proxy_pass https://u; } }`,
      files,
    );
    await ask(front.port, get('/'));
    expect(await ask(front.port, get('/'))).toContain('new');
    expect(connections()).toBe(1);
  });

  test('are told of their end', async () => {
    let ended = false;
    const { port } = await securePeer(
      { cert: certificates.text('good.crt'), key: certificates.text('good.key') },
      (socket) => {
        socket.on('end', () => {
          ended = true;
        });
        socket.write(OK);
      },
    );
    await answered(port, 'proxy_http_version 1.0;');
    await eventually(() => ended);
  });

  test('carry large bodies both ways', async () => {
    const size = 1_500_000;
    const { port } = await securePeer(
      { cert: certificates.text('good.crt'), key: certificates.text('good.key') },
      (socket, text) => {
        if (text.length !== size) return; // the head
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n${'y'.repeat(size)}`);
      },
    );
    const front = await gateway(conf(port, 'proxy_request_buffering off; client_max_body_size 2m;'), files);
    const head = `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${size}\r\n\r\n`;
    const answer = await ask(front.port, `${head}${'x'.repeat(size - 4)}\r\n\r\n`);
    expect(answer.length - answer.indexOf('\r\n\r\n') - 4).toBe(size);
    expect(front.lines).toEqual([]);
  });
});

describe('configurations that are refused', () => {
  const rows: readonly (readonly [directives: string, message: string])[] = [
    ['proxy_ssl_verify on;', 'no proxy_ssl_trusted_certificate for proxy_ssl_verify'],
    [
      'proxy_ssl_certificate client.crt;',
      'no "proxy_ssl_certificate_key" is defined for certificate "client.crt"',
    ],
    [
      'proxy_ssl_certificate garbage; proxy_ssl_certificate_key client.key;',
      'cannot load certificate "/t/garbage": PEM_read_bio_X509_AUX() failed (SSL: error:0480006C:PEM routines::no start line:Expecting: TRUSTED CERTIFICATE)',
    ],
    [
      'proxy_ssl_certificate client.crt; proxy_ssl_certificate_key client.enc.key;',
      'cannot load certificate key "/t/client.enc.key": PEM_read_bio_PrivateKey() failed',
    ],
    [
      'proxy_ssl_certificate client.crt; proxy_ssl_certificate_key good.key;',
      'SSL_CTX_use_PrivateKey() failed (SSL: error:05800074:x509 certificate routines::key values mismatch)',
    ],
    [
      'proxy_ssl_ciphers none;',
      'SSL_CTX_set_cipher_list("none") failed (SSL: error:0A0000B9:SSL routines::no cipher match)',
    ],
    ['proxy_ssl_conf_command X y;', 'the "X" command of "proxy_ssl_conf_command" is not supported'],
    ['proxy_ssl_conf_command MinProtocol y;', 'SSL_CONF_cmd("minprotocol", "y") failed'],
    ['proxy_ssl_certificate_cache max=0;', 'invalid parameter "max=0"'],
    ['proxy_ssl_certificate_cache valid=1s;', '"proxy_ssl_certificate_cache" must have the "max" parameter'],
    ['proxy_ssl_protocols TLSv2;', 'invalid value "TLSv2"'],
  ];
  for (const [directives, message] of rows) {
    test(directives, async () => {
      await expect(gateway(conf(1, directives), files)).rejects.toThrow(message);
    });
  }
});
