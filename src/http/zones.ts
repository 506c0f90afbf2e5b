// The zones that a configuration's modules ask for. The master makes them, workers find them in WorkerProcess.zones.

import { ConfError, type Place } from '../conf/error.ts';
import type { Reader } from '../conf/reader.ts';
import type { ZoneSpec } from '../zone/zones.ts';

const ZONES = {}; // the key under which a Reader keeps them

/** Asks for a zone; its name is the only one, whatever it is for. */
export function declareZone(cf: Reader, spec: ZoneSpec, place: Place): void {
  const { name, kind, size } = spec;
  const other = zonesOf(cf).find((known) => known.name === name);
  if (other !== undefined && other.kind !== kind) {
    throw new ConfError(`the shared memory zone "${name}" is already declared for a different use`, place);
  }
  if (other !== undefined && other.size !== size) {
    const conflict = `conflicts with already declared size ${other.size}`;
    throw new ConfError(`the size ${size} of shared memory zone "${name}" ${conflict}`, place);
  }
  zonesOf(cf).push(spec);
}

export function declaredZones(cf: Reader): readonly ZoneSpec[] {
  return zonesOf(cf);
}

function zonesOf(cf: Reader): ZoneSpec[] {
  return cf.state<ZoneSpec[]>(ZONES, () => []);
}
