// geo: a variable whose value follows from an address, by networks or, with "ranges", by ranges of IPv4 addresses.

import type { Directive as Entry } from '../../../grammar/ast.ts';
import type { Args } from '../../conf/args.ts';
import type { Variable } from '../../conf/complex.ts';
import { HTTP } from '../../conf/directive.ts';
import { ConfError, type Place } from '../../conf/error.ts';
import { block } from '../../conf/kinds.ts';
import type { Reader } from '../../conf/reader.ts';
import { type Cidr, clientBytes, NetworkMap, parseCidr, unmapped } from '../../core/cidr.ts';
import { forwardedAddress } from '../forwarded.ts';
import { defineModule, variableSpec } from '../module.ts';
import { enterVariable, leaveVariable } from '../nested.ts';
import type { HttpRequest } from '../request.ts';
import { GeoRanges } from './geo_ranges.ts';

const directives = {
  geo: block<null>({ in: HTTP, args: [1, 2], default: null, parse: parseGeo }),
};

export const geo = defineModule({ name: 'geo', directives });

/** Where there is no address, nginx looks this one up. */
const NO_ADDRESS = '\xff\xff\xff\xff';
const ANY4 = '\0\0\0\0';
const ANY6 = '\0'.repeat(16);

class Geo {
  readonly name: string;
  /** What holds the address; null for the client's. */
  readonly source: Variable | null;
  ranges: GeoRanges | null = null;
  networks: NetworkMap<string> | null = null;
  networks6 = new NetworkMap<string>();
  readonly proxies: Cidr[] = [];
  proxyRecursive = false;
  volatile = false;

  constructor(name: string, source: Variable | null) {
    this.name = name;
    this.source = source;
  }

  value(r: HttpRequest): string | undefined {
    if (!enterVariable(r, this.name)) return undefined;
    const address = this.#address(r);
    leaveVariable();
    if (this.ranges !== null) return this.ranges.find(address?.length === 4 ? address : NO_ADDRESS);
    if (address?.length === 16) return this.networks6.find(address) ?? '';
    return this.networks?.find(address ?? NO_ADDRESS) ?? '';
  }

  #address(r: HttpRequest): string | null {
    const text = this.source === null ? r.connection.remoteAddr : this.source.read(r);
    const address = text === undefined ? null : clientBytes(text);
    if (this.proxies.length === 0 || text === undefined) return address;
    const values = r.headersIn.values('x-forwarded-for');
    const trusted = { networks: this.proxies, unix: false };
    const reported = forwardedAddress(values, address, trusted, this.proxyRecursive);
    return reported === null ? address : unmapped(reported.bytes);
  }
}

function parseGeo(args: Args): null {
  const variableName = (i: number): string => {
    const name = args.text(i);
    if (!name.startsWith('$')) args.failWhole(`invalid variable name "${name}"`);
    return name.slice(1);
  };
  const first = variableName(1);
  const source = args.count === 2 ? args.cf.variables.reference(first, args.place()) : null;
  const own = new Geo(args.count === 2 ? variableName(2) : first, source);
  for (const entry of args.entries()) addEntry(args.cf, own, entry);
  const spec = variableSpec({ get: (r) => own.value(r), changeable: true, volatile: own.volatile });
  args.cf.variables.add(own.name, spec, args.place());
  return null;
}

function addEntry(cf: Reader, own: Geo, entry: Entry): void {
  const place = { file: entry.file, line: entry.headLine, column: entry.name.column };
  const key = entry.name.text;
  if (entry.block !== null) throw new ConfError('unexpected "{"', place);
  if (entry.args.length === 0 && addSwitch(own, key, place)) return;
  const value = entry.args[0]?.text;
  if (entry.args.length !== 1 || value === undefined) {
    throw new ConfError('invalid number of the geo parameters', place);
  }
  if (key === 'proxy') own.proxies.push(parseNetwork(cf, value, place));
  else if (own.ranges !== null) own.ranges.addEntry(cf, key, value, place);
  else addNetwork(cf, own, key, value, place);
}

function addSwitch(own: Geo, key: string, place: Place): boolean {
  switch (key) {
    case 'ranges':
      if (own.networks !== null) {
        throw new ConfError('the "ranges" directive must be the first directive inside "geo" block', place);
      }
      own.ranges ??= new GeoRanges();
      return true;
    case 'proxy_recursive':
      own.proxyRecursive = true;
      return true;
    case 'volatile':
      own.volatile = true;
      return true;
    default:
      return false;
  }
}

function addNetwork(cf: Reader, own: Geo, key: string, value: string, place: Place): void {
  own.networks ??= new NetworkMap();
  if (key === 'default') {
    put(cf, own, { bytes: ANY4, prefix: 0, lowBits: false }, value, key, place);
    put(cf, own, { bytes: ANY6, prefix: 0, lowBits: false }, value, key, place);
    return;
  }
  if (key !== 'delete') {
    put(cf, own, parseNetwork(cf, key, place), value, key, place);
    return;
  }
  const { bytes, prefix } = parseNetwork(cf, value, place);
  const networks = bytes.length === 4 ? own.networks : own.networks6;
  if (!networks.delete(bytes, prefix)) cf.warn(`no network "${value}" to delete`, place);
}

function put(cf: Reader, own: Geo, cidr: Cidr, value: string, shown: string, place: Place): void {
  const networks = cidr.bytes.length === 4 ? own.networks : own.networks6;
  const old = networks?.set(cidr.bytes, cidr.prefix, value);
  if (old === undefined) return;
  cf.warn(`duplicate network "${shown}", value: "${value}", old value: "${old}"`, place);
}

function parseNetwork(cf: Reader, text: string, place: Place): Cidr {
  const cidr = parseCidr(text);
  if (cidr === null) throw new ConfError(`invalid network "${text}"`, place);
  if (cidr.lowBits) cf.warn(`low address bits of ${text} are meaningless`, place);
  return cidr;
}
