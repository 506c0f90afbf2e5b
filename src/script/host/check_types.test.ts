import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { COMPILER_OPTIONS, findCompiler, TYPES_FILE } from './check_types.ts';

test('the types of scripts are sound, and need neither Node nor a DOM', { timeout: 60_000 }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'tsresty-sound-'));
  const options = { ...COMPILER_OPTIONS, skipLibCheck: false, exactOptionalPropertyTypes: true };
  writeFileSync(
    join(directory, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: options, files: [TYPES_FILE] }),
  );
  const tsc = findCompiler(directory);
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', directory, '--pretty', 'false'], {
    encoding: 'utf8',
  });
  rmSync(directory, { recursive: true });
  expect(stdout).toBe('');
});

/** What tsc says of a file that scripts could be. */
function said(code: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'tsresty-said-'));
  writeFileSync(join(directory, 'a.ts'), code);
  const compilerOptions = { ...COMPILER_OPTIONS, paths: { 'tsresty/ngx': [TYPES_FILE] } };
  writeFileSync(
    join(directory, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['a.ts', TYPES_FILE] }),
  );
  const tsc = findCompiler(directory);
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', directory, '--pretty', 'false'], {
    encoding: 'utf8',
  });
  rmSync(directory, { recursive: true });
  return stdout;
}

test('ngx.arg and ngx.arg_buffer: more may be assigned than is read', { timeout: 60_000 }, () => {
  const code = `
    export const filter = (ngx: NgxIn<'body_filter'>): void => {
      const text: string = ngx.arg[1];
      const bytes: Uint8Array = ngx.arg_buffer;
      ngx.arg[1] = undefined;
      ngx.arg[1] = [text, new Uint8Array(1)];
      ngx.arg_buffer = undefined;
      ngx.arg_buffer = text + bytes.length;
      if (ngx.arg[2]) ngx.arg[2] = true;
      // @ts-expect-error
      ngx.arg[1] = true;
      // @ts-expect-error
      ngx.arg[3];
      any(ngx);
    };
    export const any = (ngx: Ngx): void => {
      ngx.arg[1] = undefined;
      ngx.arg_buffer = undefined;
    };
    export const set = (ngx: NgxIn<'set'>): string => {
      // @ts-expect-error
      ngx.arg[1] = '';
      // @ts-expect-error
      ngx.arg_buffer.length;
      any(ngx);
      return ngx.arg[1] + ngx.arg[2].length + ngx.arg[3];
    };
    export const log = (ngx: NgxIn<'log'>): void => {
      // @ts-expect-error
      ngx.arg[1].length;
      // @ts-expect-error
      ngx.arg_buffer.length;
      any(ngx);
    };`;
  expect(said(code)).toBe('');
});

test("what gives bytes gives them as the web's interfaces take them", { timeout: 60_000 }, () => {
  const code = `
    export const all = async (ngx: Ngx): Promise<unknown> => [
      crypto.subtle.digest("SHA-256", ngx.req.get_body_buffer() ?? ngx.arg_buffer),
      new Response((await ngx.location.capture("/a")).body_buffer),
      new Blob([ngx.md5_bin("a"), ndk.set_var.set_encrypt_session("a")]),
      fetch("http://a", { body: await ngx.socket.tcp().receive_buffer(1) }),
    ];`;
  expect(said(code)).toBe('');
});

test('where there is no typescript, what to do is said', () => {
  const nowhere = join(tmpdir(), 'tsresty-nowhere');
  expect(() => findCompiler(nowhere, join(nowhere, 'x.js'))).toThrow(
    `types cannot be checked: the package "typescript" is not installed, run "npm install --prefix ${nowhere} typescript"`,
  );
});
