// The nginx.conf that is made from a block.

/** The parts of a block that make its configuration, placeholders replaced. */
export interface ServerConf {
  /** A master and a worker, not one process that serves itself. */
  readonly master: boolean;
  readonly main: string;
  readonly postMain: string;
  readonly http: string;
  readonly server: string;
  readonly serverName: string;
  readonly logLevel: string;
}

/** Directives of the generated first line that a main_config may give itself. */
const MAIN_DEFAULTS: readonly (readonly [
  name: string,
  text: (conf: ServerConf, workers: number) => string,
])[] = [
  ['daemon', () => 'daemon off;'],
  ['master_process', (_, workers) => `master_process ${workers > 0 ? 'on' : 'off'};`],
  ['worker_processes', (_, workers) => `worker_processes ${Math.max(1, workers)};`],
  ['error_log', (conf) => `error_log logs/error.log ${conf.logLevel};`],
  ['pid', () => 'pid logs/nginx.pid;'],
  ['events', () => 'events { worker_connections 256; }'],
];

/**
 * Everything generated stands on lines of its own, so that the numbers in configuration errors are known:
 * main_config begins on line 2; without it http_config begins on line 3; without both config on line 4.
 */
export function renderConf(
  conf: ServerConf,
  own: { port: number; controlPort: number; workers: number; generation: number },
): string {
  const defaults = MAIN_DEFAULTS.filter(([name]) => !new RegExp(`^\\s*${name}\\s`, 'm').test(conf.main));
  const control =
    `server { listen 127.0.0.1:${own.controlPort}; access_log off;` +
    ` location / { return 200 "generation=${own.generation} pid=$pid\\n"; } }`;
  return [
    `${defaults.map(([, text]) => text(conf, own.workers)).join(' ')}\n`,
    conf.main,
    'http {\n',
    conf.http,
    `server { listen 127.0.0.1:${own.port}; server_name ${quote(conf.serverName)};\n`,
    conf.server,
    `}\n${control}\n}\n`,
    conf.postMain,
  ].join('');
}

function quote(word: string): string {
  return `'${word.replace(/[\\']/g, '\\$&')}'`;
}
