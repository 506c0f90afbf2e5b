// Functions of lua-nginx-module that scripts look for and that there will not be here: each says why.

import { NgxError } from './errors.ts';

const refused = (name: string, why: string) => (): never => {
  throw new NgxError(`${name} is not supported: ${why}`);
};

export const pipe = { spawn: refused('ngx.pipe', 'a script in a sandbox must not start processes') };

export const re_opt = refused('ngx.re.opt', 'there is no stack of a compiler whose size could be set');
