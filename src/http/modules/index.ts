// The HTTP modules. Handlers of one phase run in this order (nginx runs them in the reverse of its own list); filters in
// the reverse one, as in nginx: the last filter of the list is the first to see a response.

import { core } from '../core.ts';
import type { AnyHttpModule } from '../module.ts';
import { access } from './access.ts';
import { geo } from './geo.ts';
import { log } from './log.ts';
import { map } from './map.ts';
import { rewrite } from './rewrite.ts';
import { splitClients } from './split_clients.ts';

export const httpModules: readonly AnyHttpModule[] = [
  core,
  // only variables
  map,
  geo,
  splitClients,
  // rewrite
  rewrite,
  // access
  access,
  // log
  log,
];
