// proxy_read_timeout and fastcgi_read_timeout mean the same: code for both reads `read_timeout` of a view.

type View = new (conf: object) => object;

/** By module. */
const views = new Map<string, View>();

/**
 * What a module's merged configuration says, under the names without its prefix. Nothing is copied: a configuration of
 * ten thousand locations asks for many.
 */
export function unprefixed(conf: object, module: string): Record<string, unknown> {
  let Unprefixed = views.get(module);
  if (Unprefixed === undefined) {
    Unprefixed = viewOf(conf, `${module}_`);
    views.set(module, Unprefixed);
  }
  return new Unprefixed(conf) as Record<string, unknown>;
}

function viewOf(conf: object, prefix: string): View {
  class Unprefixed {
    readonly conf: Record<string, unknown>;

    constructor(of: object) {
      this.conf = of as Record<string, unknown>;
    }
  }
  for (const name of Object.keys(conf)) {
    if (!name.startsWith(prefix)) continue;
    Object.defineProperty(Unprefixed.prototype, name.slice(prefix.length), {
      get(this: Unprefixed) {
        return this.conf[name];
      },
    });
  }
  return Unprefixed;
}
