// empty_gif: a transparent picture of one pixel.

import { type ConfOf, LOCATION } from '../../conf/directive.ts';
import { custom } from '../../conf/kinds.ts';
import { defineModule } from '../module.ts';
import { sendResponse } from '../output.ts';
import type { Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';

const directives = {
  empty_gif: custom<boolean>({ in: LOCATION, args: [0, 0], default: false, parse: () => true }),
};

type Conf = ConfOf<typeof directives>;

export const emptyGif = defineModule({
  name: 'empty_gif',
  directives,
  phases: { content: { when: (conf: Conf) => conf.empty_gif, run: sendGif, exclusive: true } },
});

const GIF = Buffer.from(
  [
    '474946383961', // GIF89a
    '01000100800100', // one by one pixel, two colours
    '000000ffffff', // black and white
    '21f904010000010', // the second one is transparent
    '02c0000000001000100000202', // one image
    '4c01003b',
  ].join(''),
  'hex',
);
const MODIFIED_MS = 23_349_600_000; // Mon, 28 Sep 1970 06:00:00 GMT, nginx's birthday joke

function sendGif(r: HttpRequest): Rc {
  if (r.method !== 'GET' && r.method !== 'HEAD') return 405;
  r.headersOut.lastModified = MODIFIED_MS;
  return sendResponse(r, 200, 'image/gif', GIF);
}
