// `--- certificates`: keys and certificates for the blocks about TLS, made by the openssl command when a block asks for
// them, so that none has to lie around and none expires.
//
//     root ca                         signs itself, and may sign others
//     inner ca by=root
//     server by=inner name=a.example  server.crt (with the chain up to, but not with, the root) and server.key
//     root.crl revokes=server         what a ca has taken back

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface MadeFile {
  readonly name: string;
  readonly text: string;
}

const made = new Map<string, readonly MadeFile[]>();

/** The files that `spec` describes: NAME.crt, NAME.key, NAME.crl. */
export function certificateFiles(spec: string): readonly MadeFile[] {
  const known = made.get(spec);
  if (known !== undefined) return known;
  const dir = mkdtempSync(join(tmpdir(), 'tsresty-certificates-'));
  try {
    for (const line of spec.split('\n')) if (line.trim() !== '') make(dir, line.trim().split(/\s+/));
    const files = readdirSync(dir)
      .filter((name) => /\.(?:crt|key|crl)$/.test(name))
      .map((name) => ({ name, text: readFileSync(join(dir, name), 'latin1') }));
    made.set(spec, files);
    return files;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function make(dir: string, [name = '', ...words]: readonly string[]): void {
  const option = (key: string): string | undefined =>
    words.find((word) => word.startsWith(`${key}=`))?.slice(key.length + 1);
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] });
  };
  const write = (file: string, text: string): void => writeFileSync(join(dir, file), text);
  if (name.endsWith('.crl')) {
    revoke(name.slice(0, -4), (option('revokes') ?? '').split(','), openssl, write);
    return;
  }
  const cn = option('name') ?? name;
  const ca = words.includes('ca');
  write(`${name}.ext`, ca ? 'basicConstraints=critical,CA:TRUE\n' : `subjectAltName=DNS:${cn}\n`);
  openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', `${name}.key`);
  openssl('req', '-new', '-key', `${name}.key`, '-subj', `/CN=${cn}`, '-out', `${name}.csr`);
  const by = option('by');
  const signer =
    by === undefined
      ? ['-signkey', `${name}.key`]
      : ['-CA', `${by}.crt`, '-CAkey', `${by}.key`, '-CAcreateserial'];
  const to = ['-days', '30', '-extfile', `${name}.ext`, '-out', `${name}.crt`];
  openssl('x509', '-req', '-in', `${name}.csr`, ...signer, ...to);
  // A peer sends its chain, but for the root, which who trusts it has anyway.
  const text = (file: string): string => readFileSync(join(dir, file), 'latin1');
  const above = by === undefined ? '' : text(`${by}.chain`);
  const own = text(`${name}.crt`);
  write(`${name}.chain`, by === undefined ? '' : own + above);
  write(`${name}.crt`, own + above);
}

function revoke(
  ca: string,
  names: readonly string[],
  openssl: (...args: string[]) => void,
  write: (file: string, text: string) => void,
): void {
  write('index.txt', '');
  write('crlnumber', '01\n');
  write(
    'ca.conf',
    '[ca]\ndefault_ca=a\n[a]\ndatabase=index.txt\ncrlnumber=crlnumber\ndefault_md=sha256\ndefault_crl_days=30\n',
  );
  const signer = ['-config', 'ca.conf', '-keyfile', `${ca}.key`, '-cert', `${ca}.crt`];
  for (const name of names) openssl('ca', ...signer, '-revoke', `${name}.crt`);
  openssl('ca', ...signer, '-gencrl', '-out', `${ca}.crl`);
}
