// Becomes dist/tsresty.js: checks Node's version, then runs the bundle beside it with V8's code cache.
// The cache is made at build time and only read here: Node's own (module.enableCompileCache) is per user, and
// workers often run as a user that may write nowhere. Without one, or with a stale one, all works, 15 ms later.
// An old Node must be able to parse this file.
'use strict';

var major = Number(process.versions.node.split('.')[0]);
if (major < 24 || major % 2 !== 0) {
  process.stderr.write(
    `tsresty: [emerg] Node.js ${process.version} cannot run tsresty, it needs 24 or 26 (even releases only)\n`,
  );
  process.exit(1);
}

const fs = require('node:fs');
const url = require('node:url');
const vm = require('node:vm');

const mode = process.execArgv.includes('--no-node-snapshot') ? '-no-node-snapshot' : '';
const filename = `${__dirname}/main.js`;
let cachedData;
try {
  cachedData = fs.readFileSync(`${__dirname}/cache/${process.version}-${process.arch}${mode}`);
} catch (error) {
  if (error.code !== 'ENOENT' && error.code !== 'EACCES') throw error;
}

// The bundle is plain ASCII: latin1 gives V8 one byte a character without a scan.
const script = new vm.Script(fs.readFileSync(filename, 'latin1'), {
  filename,
  cachedData,
});
script.runInThisContext()(
  exports,
  require,
  module,
  __filename,
  __dirname,
  url.pathToFileURL(__filename).href,
);
