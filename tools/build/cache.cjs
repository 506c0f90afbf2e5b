// cache.cjs DIST: runs the bundle once as `tsresty -v` and writes V8's code cache, which then also holds
// the functions that ran. Started by tools/build.ts once in each mode that boot.cjs knows.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const url = require('node:url');
const vm = require('node:vm');
const { createRequire } = require('node:module');

const dist = process.argv[2];
const mode = process.execArgv.includes('--no-node-snapshot') ? '-no-node-snapshot' : '';
const boot = path.join(dist, 'tsresty.js');
const filename = path.join(dist, 'main.js');
const script = new vm.Script(fs.readFileSync(filename, 'latin1'), {
  filename,
});

process.on('exit', () => {
  const file = path.join(dist, 'cache', `${process.version}-${process.arch}${mode}`);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(`${file}.${process.pid}`, script.createCachedData());
  fs.renameSync(`${file}.${process.pid}`, file);
});

process.argv = [process.execPath, boot, '-v'];
const module_ = { exports: {} };
script.runInThisContext()(
  module_.exports,
  createRequire(boot),
  module_,
  boot,
  dist,
  url.pathToFileURL(boot).href,
);
