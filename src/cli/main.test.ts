import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runBinary, TestPrefix } from '../process/testing.ts';
import { parseOptions } from './options.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

let prefix: TestPrefix;

beforeEach(() => {
  prefix = new TestPrefix();
});

afterEach(async () => {
  await prefix.clean();
});

describe('parseOptions', () => {
  it.each([
    [['-t'], { test: true }],
    [['-T'], { test: true, dump: true }],
    [['-tq'], { test: true, quiet: true }],
    [['-qtp/x'], { test: true, quiet: true, prefix: '/x' }],
    [['-p', '/x', '-cy', '-e', 'z'], { prefix: '/x', confFile: 'y', errorLog: 'z' }],
    [['-e', 'stderr'], { errorLog: '' }],
    [['-estderr'], { errorLog: '' }],
    [['-g', 'daemon off;'], { globalDirectives: 'daemon off;' }],
    [['-gpid x;'], { globalDirectives: 'pid x;' }],
    [['-s', 'stop'], { signal: 'stop' }],
    [['-sreload'], { signal: 'reload' }],
    [['-?'], { help: true, version: true }],
    [['-h'], { help: true, version: true }],
    [['-v'], { version: true }],
    [['-V'], { version: true, configure: true }],
    [['-vt'], { version: true, test: true }],
    [['-'], {}],
    [['-p', '-t'], { prefix: '-t' }],
  ] as const)('reads %j', (given, expected) => {
    expect(parseOptions(given)).toMatchObject(expected);
  });

  it.each([
    [['x'], 'invalid option: "x"'],
    [['-x'], 'invalid option: "x"'],
    [['-tx'], 'invalid option: "x"'],
    [['--help'], 'invalid option: "-"'],
    [['-s'], 'option "-s" requires parameter'],
    [['-g'], 'option "-g" requires parameter'],
    [['-c'], 'option "-c" requires file name'],
    [['-e'], 'option "-e" requires file name'],
    [['-tp'], 'option "-p" requires directory name'],
    [['-s', 'restart'], 'invalid option: "-s restart"'],
    [['-sx'], 'invalid option: "-s x"'],
  ] as const)('refuses %j', (given, fault) => {
    expect(parseOptions(given)).toBe(fault);
  });
});

describe('without a configuration', () => {
  it('-v', async () => {
    const versions = `nginx version: nginx/1.31.5\ntsresty version: tsresty/${version}\n`;
    expect(await runBinary('-v')).toEqual({ code: 0, stdout: '', stderr: versions });
  });

  it('-V', async () => {
    const { code, stdout, stderr } = await runBinary('-V');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(/^nginx version: nginx\/1\.31\.5\n/);
    expect(stderr).toMatch(/\nconfigure arguments: .*--with-http_realip_module .*\n$/);
    expect(stderr).not.toMatch(/--without-http_|--with-http_ssl_module/);
  });

  it('-h', async () => {
    const { code, stdout, stderr } = await runBinary('-h');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain(
      '\n  -s signal     : send signal to a master process: stop, quit, reopen, reload\n',
    );
  });

  it('an option that there is not', async () => {
    expect(await runBinary('-x')).toEqual({ code: 1, stdout: '', stderr: 'nginx: invalid option: "x"\n' });
  });
});

const GOOD = 'events {}\n';

describe('a configuration', () => {
  const file = (): string => `${prefix.root}/conf/nginx.conf`;
  const ok = (): string => `nginx: the configuration file ${file()} syntax is ok\n`;
  const successful = (): string => `nginx: configuration file ${file()} test is successful\n`;
  const failed = (): string => `nginx: configuration file ${file()} test failed\n`;

  it('is tested', async () => {
    prefix.writeConf(GOOD);
    expect(await prefix.run('-t')).toEqual({ code: 0, stdout: '', stderr: ok() + successful() });
    expect(await prefix.run('-tq')).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('is dumped, each file once and in the order read', async () => {
    prefix.writeConf('include more.conf;\ninclude more.conf;\nevents {}\n');
    const more = '# caf\xe9\n';
    prefix.write('conf/more.conf', more);
    const { code, stdout } = await prefix.run('-T');
    expect(code).toBe(0);
    const main = `# configuration file ${file()}:\ninclude more.conf;\ninclude more.conf;\nevents {}\n\n`;
    expect(stdout).toBe(`${main}# configuration file ${prefix.root}/conf/more.conf:\n${more}\n`);
  });

  it('with a wrong directive', async () => {
    prefix.writeConf('events {}\nfoo bar;\n');
    const { code, stdout, stderr } = await prefix.run('-t');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.split('\n')[0]).toBe(`nginx: [emerg] unknown directive "foo" in ${file()}:2`);
    expect(stderr.endsWith(failed())).toBe(true);
    expect(prefix.log).toMatch(/ \[emerg\] \d+#\d+: unknown directive "foo" in .*:2\n$/);
  });

  it('with good syntax only', async () => {
    prefix.writeConf('\n');
    const fault = 'nginx: [emerg] no "events" section in configuration\n';
    expect(await prefix.run('-t')).toEqual({ code: 1, stdout: '', stderr: ok() + fault + failed() });
    expect(await prefix.run('-tq')).toEqual({ code: 1, stdout: '', stderr: fault + failed() });
    expect(await prefix.run()).toEqual({ code: 1, stdout: '', stderr: fault });
  });

  it('that is not there', async () => {
    const fault = `nginx: [emerg] open() "${prefix.root}/none" failed (2: No such file or directory)\n`;
    expect(await prefix.run('-c', 'none')).toEqual({ code: 1, stdout: '', stderr: fault });
  });

  it('warns of what it ignores', async () => {
    prefix.writeConf('load_module modules/ngx_http_geoip_module.so;\nevents {}\n');
    const { code, stderr } = await prefix.run('-t');
    expect(code).toBe(0);
    expect(stderr).toContain('nginx: [warn] "ngx_http_geoip_module" is not loaded');
  });

  it('the first log may be the terminal', async () => {
    prefix.writeConf('\n');
    const { stderr } = await prefix.run('-t', '-e', 'stderr');
    expect(stderr).toMatch(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[emerg\] \d+#\d+: no "events" section/m);
    expect(stderr).not.toContain('nginx: [emerg]');
  });

  it('the first log may not be there', async () => {
    prefix.writeConf('error_log stderr;\nevents {}\n');
    const { code, stderr } = await prefix.run('-tq', '-e', 'none/log');
    const path = `${prefix.root}/none/log`;
    const why = `open() "${path}" failed (2: No such file or directory)`;
    expect(stderr).toBe(`nginx: [alert] could not open error log file: ${why}\n`);
    expect(code).toBe(0);
  });
});

describe('-s', () => {
  it.each([
    [null, /^nginx: \[error\] open\(\) ".*\/logs\/nginx\.pid" failed \(2: No such file or directory\)\n$/],
    ['\n', /^nginx: \[error\] invalid PID number "" in ".*\/logs\/nginx\.pid"\n$/],
    ['12ab\n', /^nginx: \[error\] invalid PID number "12ab" in ".*\/logs\/nginx\.pid"\n$/],
    ['99999999\n', /^nginx: \[alert\] kill\(99999999, 1\) failed \(3: No such process\)\n$/],
  ])('with the pid file %j', async (text, expected) => {
    prefix.writeConf(GOOD);
    if (text !== null) prefix.write('logs/nginx.pid', text);
    const { code, stdout, stderr } = await prefix.run('-s', 'reload');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(expected);
    expect(prefix.log).toContain('[notice]');
    prefix.write('logs/nginx.pid', ''); // not a process of ours
  });
});
