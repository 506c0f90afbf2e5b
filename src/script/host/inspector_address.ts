// Where debuggers may attach: `ts_inspect`, `--inspect`.

export interface InspectorAddress {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

const LOOPBACK = '127.0.0.1';
const DEFAULT_PORT = 9229;

/** `on`, PORT, HOST:PORT; null for anything else. */
export function inspectorAddress(text: string): InspectorAddress | null {
  if (text === 'on' || text === '') return { host: LOOPBACK, port: DEFAULT_PORT };
  const [, bracketed, host, digits] = /^(?:(?:\[([^\]]+)\]|([^:]+)):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) return null;
  return { host: bracketed ?? host ?? LOOPBACK, port };
}
