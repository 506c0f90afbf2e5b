// The zones that a configuration's modules ask for. The master makes them, workers find them in WorkerProcess.zones.

import type { Reader } from '../conf/reader.ts';
import type { ZoneSpec } from '../zone/zones.ts';

const ZONES = {}; // the key under which a Reader keeps them

/** Asks for a zone; its name is the only one of its kind. */
export function declareZone(cf: Reader, spec: ZoneSpec): void {
  zonesOf(cf).push(spec);
}

export function declaredZones(cf: Reader): readonly ZoneSpec[] {
  return zonesOf(cf);
}

function zonesOf(cf: Reader): ZoneSpec[] {
  return cf.state<ZoneSpec[]>(ZONES, () => []);
}
