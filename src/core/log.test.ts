import { execFileSync, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { strerror } from './errno.ts';
import { LEVELS, Log } from './log.ts';
import {
  beginLogFiles,
  dropLogFiles,
  flushLogFiles,
  keepLogFiles,
  logFile,
  openLogFiles,
  reopenLogFiles,
  reportLogFaults,
} from './log_file.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tsresty-log-'));
  beginLogFiles();
});

afterEach(() => {
  beginLogFiles();
  keepLogFiles(); // closes all
  rmSync(root, { recursive: true });
});

const path = (name: string): string => join(root, name);
const read = (name: string): string => readFileSync(path(name), 'latin1');

function useFiles(): void {
  openLogFiles();
  keepLogFiles();
}

describe('Log', () => {
  it('writes a line as nginx does', () => {
    const log = new Log();
    log.add({ kind: 'file', path: path('a'), level: 'info' });
    useFiles();
    log.write('error', '*5 message, client: 127.0.0.1');
    const start = `\\d{4}/\\d\\d/\\d\\d \\d\\d:\\d\\d:\\d\\d \\[error\\] ${process.pid}#${process.pid}: `;
    expect(read('a')).toMatch(new RegExp(`^${start}\\*5 message, client: 127\\.0\\.0\\.1\\n$`));
  });

  it('sends each level to the targets that take it', () => {
    const log = new Log();
    log.add({ kind: 'file', path: path('warn'), level: 'warn' });
    log.add({ kind: 'file', path: path('debug'), level: 'debug' });
    log.add({ kind: 'file', path: path('emerg'), level: 'emerg' });
    useFiles();
    for (const level of LEVELS) log.write(level, level);
    const levels = (name: string): string[] => [...read(name).matchAll(/\[(\w+)\]/g)].map((m) => m[1] ?? '');
    expect(levels('warn')).toEqual(['emerg', 'alert', 'crit', 'error', 'warn']);
    expect(levels('debug')).toEqual([...LEVELS]);
    expect(levels('emerg')).toEqual(['emerg']);
    expect([log.enabled('debug'), new Log().enabled('emerg')]).toEqual([true, false]);
  });

  it('keeps bytes as they are and writes other characters in UTF-8', () => {
    const log = new Log();
    log.add({ kind: 'file', path: path('a'), level: 'info' });
    useFiles();
    log.write('error', 'caf\xc3\xa9 \u20ac \ud83d\ude00');
    expect(Buffer.from(read('a'), 'latin1').toString('utf8')).toMatch(/: café € 😀\n$/);
  });

  it('cuts a line that is too long', () => {
    const log = new Log();
    log.add({ kind: 'file', path: path('a'), level: 'info' });
    useFiles();
    log.write('error', 'x'.repeat(10_000));
    expect(read('a')).toHaveLength(4096);
    expect(read('a').endsWith('x\n')).toBe(true);
  });
});

describe('log files', () => {
  it('hold lines until the end of the turn, then append them in order', async () => {
    const file = logFile(path('a'));
    useFiles();
    file.write('1\n');
    file.write('2\n');
    expect(read('a')).toBe('');
    await new Promise(setImmediate);
    expect(read('a')).toBe('1\n2\n');
    file.write('3\n');
    file.writeNow('4\n');
    expect(read('a')).toBe('1\n2\n3\n4\n');
  });

  it('lose nothing at exit', () => {
    const script = `import { beginLogFiles, keepLogFiles, logFile, openLogFiles } from '${import.meta.dirname}/log_file.ts';
      beginLogFiles(); const file = logFile(process.argv[1]); openLogFiles(); keepLogFiles();
      let held = 'held\\n'; file.beforeReopen(() => { file.write(held); held = ''; });
      beginLogFiles(); logFile(process.argv[1]).beforeReopen(() => { file.write(held); held = ''; }); keepLogFiles();
      held = 'held again\\n'; file.write('pending\\n'); process.exit();`;
    const made = spawnSync(process.execPath, ['--input-type=module', '-e', script, path('a')], {
      encoding: 'utf8',
    });
    expect(made.stderr).toBe('');
    expect(read('a').split('\n').sort()).toEqual(['', 'held', 'held again', 'pending']);
  });

  it('hold no more than a megabyte for a pipe that nobody reads', async () => {
    execFileSync('mkfifo', [path('pipe')]);
    const { O_RDONLY, O_WRONLY, O_NONBLOCK } = constants;
    const reader = openSync(path('pipe'), O_RDONLY | O_NONBLOCK);
    const file = logFile(path('pipe'));
    file.fd = openSync(path('pipe'), O_WRONLY | O_NONBLOCK);
    const line = `${'x'.repeat(1023)}\n`;
    for (let i = 0; i < 4096; i++) file.writeNow(line);
    const buffer = Buffer.alloc(1024 * 1024);
    const take = (): string => {
      try {
        return buffer.toString('latin1', 0, readSync(reader, buffer));
      } catch {
        return ''; // EAGAIN: it is empty
      }
    };
    let text = '';
    while (file.unwritten) {
      text += take();
      await sleep(1);
    }
    file.writeNow('after\n');
    while (!text.endsWith('x\nafter\n')) {
      text += take();
      await sleep(1);
    }
    expect(text.length).toBeGreaterThan(500_000);
    expect(text.length).toBeLessThan(2_000_000);
    closeSync(reader);
  });

  it('are reopened under the same name', () => {
    const file = logFile(path('a'));
    useFiles();
    file.write('old\n');
    renameSync(path('a'), path('b'));
    reopenLogFiles(null);
    file.writeNow('new\n');
    expect([read('a'), read('b')]).toEqual(['new\n', 'old\n']);
  });

  it.runIf(process.getuid?.() === 0)('are given to the user of the workers', () => {
    logFile(path('a'));
    useFiles();
    expect(statSync(path('a')).uid).toBe(0);
    chmodSync(path('a'), 0o444);
    reopenLogFiles(65534);
    const { uid, mode } = statSync(path('a'));
    expect([uid, mode & 0o777]).toEqual([65534, 0o644]);
  });

  it('stay open where the next configuration has them too', () => {
    const shared = logFile(path('a'));
    const old = logFile(path('b'));
    useFiles();
    const { fd } = shared;
    beginLogFiles();
    expect(logFile(path('a'))).toBe(shared);
    const fresh = logFile(path('c'));
    openLogFiles();
    expect(old.fd).not.toBe(-1);
    keepLogFiles();
    expect([shared.fd === fd, old.fd, fresh.fd > 2]).toEqual([true, -1, true]);
  });

  it('of a configuration that is not taken are closed', () => {
    const old = logFile(path('a'));
    useFiles();
    beginLogFiles();
    const fresh = logFile(path('b'));
    logFile(join(root, 'none/c'));
    expect(() => openLogFiles()).toThrow(`open() "${root}/none/c" failed (2: No such file or directory)`);
    dropLogFiles();
    expect([old.fd > 2, fresh.fd]).toEqual([true, -1]);
    old.writeNow('x\n');
    expect(read('a')).toBe('x\n');
  });

  it.runIf(existsSync('/dev/full'))('on a full disk complain once', () => {
    const faults: string[] = [];
    reportLogFaults((level, message) => faults.push(`[${level}] ${message}`));
    const file = logFile('/dev/full');
    useFiles();
    file.writeNow('1\n');
    file.writeNow('2\n');
    flushLogFiles();
    expect(faults).toEqual(['[alert] write() to "/dev/full" failed (28: No space left on device)']);
  });
});

describe('syslog', () => {
  it('gets a datagram for each line', async () => {
    const server = createSocket('udp4');
    await new Promise<void>((done) => server.bind(0, '127.0.0.1', done));
    const { port } = server.address();
    const received: string[] = [];
    const all = new Promise<void>((done) => {
      server.on('message', (data) => {
        received.push(data.toString('latin1'));
        if (received.length === 3) done();
      });
    });
    const log = new Log();
    const syslog = {
      server: `127.0.0.1:${port}`,
      host: '127.0.0.1',
      port,
      path: null,
      facility: 23,
      severity: 6,
      tag: 'nginx',
      nohostname: false,
    };
    log.add({ kind: 'syslog', level: 'info', syslog });
    log.add({
      kind: 'syslog',
      level: 'error',
      syslog: { ...syslog, facility: 1, tag: 'x', nohostname: true },
    });
    log.write('info', 'one'); // before the socket is connected
    log.write('error', 'two');
    await all;
    log.close();
    server.close();
    const time = '[A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d';
    const host = hostname().toLowerCase();
    const line = (level: string, text: string): string =>
      `\\d{4}/[/\\d]+ [:\\d]+ \\[${level}\\] \\d+#\\d+: ${text}`;
    const texts = received.sort().join('\n');
    expect(texts).toMatch(new RegExp(`^<11>${time} x: ${line('error', 'two')}$`, 'm'));
    expect(texts).toMatch(new RegExp(`^<190>${time} ${host} nginx: ${line('info', 'one')}$`, 'm'));
    expect(texts).toMatch(new RegExp(`^<187>${time} ${host} nginx: ${line('error', 'two')}$`, 'm'));
  });
});

describe('strerror', () => {
  it('has the words of the C library', () => {
    expect([strerror(2), strerror(-98), strerror(111)]).toEqual([
      'No such file or directory',
      'Address already in use',
      'Connection refused',
    ]);
    expect(strerror(9999)).toBe('Unknown error 9999');
  });
});
